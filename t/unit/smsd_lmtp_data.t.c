/*
 * smsd_lmtp_data - where a mail ends, wherever the network cuts it; and paths and parameters of commands
 */
#include "lmtp_command.h"
#include "lmtp_data.h"
#include "tap.h"

/* Feeds text in two pieces; the bytes used before the end, and what was kept. */
static size_t feed(struct td_view text, size_t cut, struct td_buf *keep, size_t most)
{
	struct lmtp_data data = { .total = 0 };
	bool ended;
	size_t used = lmtp_data_feed(&data, td_view_mem(text.p, cut), keep, most, &ended);

	if (!ended)
		used += lmtp_data_feed(&data, td_view_skip(text, used), keep, most, &ended);
	return ended ? used : (size_t)-1;
}

static void test_end(const char *what, struct td_view text, struct td_view want, size_t end)
{
	size_t bad = 0;

	for (size_t cut = 0; cut <= text.n; cut++) {
		struct td_buf keep;

		td_buf_init(&keep, 1000);
		if (feed(text, cut, &keep, 1000) != end || !td_view_eq(td_buf_view(&keep), want))
			bad++;
		td_buf_free(&keep);
	}
	is_int(bad, 0, "%s, cut anywhere", what);
}

static void test_commands(void)
{
	struct td_view args;
	struct lmtp_mail mail;
	struct lmtp_to to;
	struct lmtp_client client = { .address = { NULL, 0 } };
	struct td_arena arena;

	td_arena_init(&arena, 4096);
	is_int(lmtp_verb(TD_VLIT("mAiL from:<a@b>"), &args), LMTP_MAIL, "verbs in any case");
	ok(!lmtp_read_mail(args, &arena, &mail) && td_view_eq(mail.sender, TD_VLIT("a@b")), "a sender");
	ok(!lmtp_read_mail(TD_VLIT("FROM:<> SIZE=12 ENVID=a+2Bb"), &arena, &mail) && !mail.sender.n && mail.size == 12 &&
		td_view_eq(mail.envid, TD_VLIT("a+b")), "the null sender, with parameters");
	ok(lmtp_read_mail(TD_VLIT("FROM:<a@b"), &arena, &mail) != NULL, "no end of the path");
	ok(lmtp_read_mail(TD_VLIT("FROM:<a@b>SIZE=1"), &arena, &mail) != NULL, "no space after it");
	ok(lmtp_read_mail(TD_VLIT("FROM:<a@b> SIZE=x"), &arena, &mail) != NULL, "a size that is none");
	ok(!lmtp_read_rcpt(TD_VLIT("TO:<\"a>b\"@c> NOTIFY=NEVER"), &to) && td_view_eq(to.address, TD_VLIT("\"a>b\"@c")) &&
		td_view_eq(to.notify, TD_VLIT("NEVER")), "a quoted bracket");
	ok(!lmtp_read_rcpt(TD_VLIT("TO:<@x,@y:a@b>"), &to) && td_view_eq(to.address, TD_VLIT("a@b")), "a source route");
	ok(lmtp_read_rcpt(TD_VLIT("TO:<>"), &to) != NULL, "nobody is no recipient");
	ok(!lmtp_read_xforward(TD_VLIT("ADDR=IPV6:2001:db8::1 NAME=[UNAVAILABLE] IDENT=4Xq"), &arena, &client) &&
		td_view_eq(client.address, TD_VLIT("2001:db8::1")) && td_view_eq(client.queue_id, TD_VLIT("4Xq")), "XFORWARD");
	ok(!lmtp_read_xforward(TD_VLIT("ADDR=[UNAVAILABLE]"), &arena, &client) && !client.address.n, "which may not know");
	ok(lmtp_read_xforward(TD_VLIT("LOGIN=root"), &arena, &client) != NULL, "an attribute we do not take");
	td_arena_free(&arena);
}

int main(void)
{
	test_end("a mail", TD_VLIT("a\r\nb\r\n.\r\nQUIT"), TD_VLIT("a\r\nb\r\n"), 9);
	test_end("an empty one", TD_VLIT(".\r\n"), TD_VLIT(""), 3);
	test_end("stuffed dots", TD_VLIT("..\r\n.x\r\n.\r\n"), TD_VLIT(".\r\nx\r\n"), 11);
	test_end("bare LF", TD_VLIT("a\n.\nb\r\n.\n\r\n.\r\n"), TD_VLIT("a\n.\nb\r\n\n\r\n"), 14);
	test_end("bare CR", TD_VLIT("a\r.\r\n.\r\r\n.\r\n"), TD_VLIT("a\r.\r\n\r\r\n"), 12);
	test_end("no end", TD_VLIT("a\r\n."), TD_VLIT("a\r\n"), (size_t)-1);
	test_commands();
	return done_testing();
}
