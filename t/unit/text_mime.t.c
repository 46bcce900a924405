/*
 * text_mime - the text of whole mails (t/data/mime: NAME.eml and the NAME.txt it holds), and header values
 */
#include "mime.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "tap.h"

static struct td_arena arena;

static struct td_view slurp(const char *path)
{
	char chunk[4096];
	struct td_view all;
	struct td_buf buf;
	FILE *in = fopen(path, "rb");
	size_t n;

	if (!in)
		bail_out("%s: cannot be read", path);
	td_buf_init(&buf, 1u << 20);
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		td_buf_add(&buf, td_view_mem(chunk, n));
	fclose(in);
	all = td_arena_dup(&arena, td_buf_view(&buf));
	td_buf_free(&buf);
	return all;
}

/* Head and body of a mail; with the empty line that divides them left out. */
static void split(struct td_view mail, struct td_view *head, struct td_view *body)
{
	const char *gap = memmem(mail.p, mail.n, "\r\n\r\n", 4);
	size_t n = gap ? (size_t)(gap - mail.p) + 2 : mail.n;

	*head = td_view_mem(mail.p, n);
	*body = td_view_skip(mail, n + 2);
}

static const char *extract(struct td_view head, struct td_view body, struct td_view *text)
{
	const char *source = NULL;
	struct td_err err;

	*text = TD_VLIT("untouched");
	td_err_clear(&err);
	if (!is_int(td_mime_text(head, body, &arena, NULL, text, &source, &err), TD_OK, "read"))
		diag("%s", err.text);
	return source;
}

static void one(const char *name)
{
	struct td_view head;
	struct td_view body;
	struct td_view want;
	struct td_view text;
	char path[300];

	snprintf(path, sizeof(path), "t/data/mime/%s.eml", name);
	split(slurp(path), &head, &body);
	snprintf(path, sizeof(path), "t/data/mime/%s.txt", name);
	want = slurp(path);
	if (want.n)
		want.n--; /* the newline at the end of the file */
	extract(head, body, &text);
	is_mem(text.p, text.n, want.p, want.n, "%s: text", name);
	ok(td_view_utf8(text), "%s: is UTF-8", name);
}

static int is_mail(const struct dirent *entry)
{
	return td_view_ends(td_view_str(entry->d_name), TD_VLIT(".eml"));
}

static void corpus(void)
{
	struct dirent **names;
	int n = scandir("t/data/mime", &names, is_mail, alphasort);
	int i;

	ok(n >= 40, "the mails are there");
	for (i = 0; i < n; i++) {
		names[i]->d_name[strlen(names[i]->d_name) - 4] = '\0';
		one(names[i]->d_name);
		td_arena_reset(&arena);
		free(names[i]);
	}
	free(names);
}

/* A head with and without its line ends, and nothing at all. */
static void edges(void)
{
	struct td_view text;

	extract(TD_VLIT(""), TD_VLIT("only a body\r\n"), &text);
	is_view(text, "only a body", "no head");
	extract(TD_VLIT("Content-Type: text/plain"), TD_VLIT("body"), &text);
	is_view(text, "body", "a head without its line end");
	extract(TD_VLIT("Content-Type: text/plain\n"), TD_VLIT("a\nb\n"), &text);
	is_view(text, "a\nb", "bare LF");
	extract(TD_VLIT("Content-Type: text/plain\r\n"), TD_VLIT(""), &text);
	is_view(text, "", "no body");
	extract(TD_VLIT(""), TD_VLIT(""), &text);
	is_view(text, "", "nothing");
}

static void bounds(void)
{
	const size_t n = 1u << 20;
	char *big = malloc(n);
	struct td_view text = TD_VLIT("untouched");
	struct td_arena small;
	struct td_err err;
	size_t i;

	if (!big)
		bail_out("out of memory");
	memset(big, 'a', n);
	extract(TD_VLIT("Content-Type: text/plain\r\n"), td_view_mem(big, n), &text);
	is_int(text.n, 65536, "64 KiB of a megabyte of text");
	td_arena_reset(&arena);
	td_arena_init(&small, 1000);
	text = TD_VLIT("untouched");
	is_int(td_mime_text(TD_VLIT(""), td_view_mem(big, n), &small, NULL, &text, NULL, &err), TD_NOMEM, "over the arena");
	is_view(text, "untouched", "output left alone");
	td_arena_free(&small);
	for (i = 0; i + 6 <= n; i += 6)
		memcpy(big + i, "--b\r\n\n", 6);
	extract(TD_VLIT("Content-Type: multipart/mixed; boundary=b\r\n"), td_view_mem(big, i), &text);
	is_view(text, "", "170,000 empty parts");
	for (i = 0; i + 4 <= n; i += 4)
		memcpy(big + i, "a:\r\n", 4);
	extract(TD_VLIT("Content-Type: message/rfc822\r\n"), td_view_mem(big, i), &text);
	is_view(text, "", "260,000 header lines");
	free(big);
}

static void header(const char *raw, const char *want)
{
	struct td_view out = { NULL, 0 };
	struct td_err err;

	is_int(td_mime_header(td_view_str(raw), &arena, &out, &err), TD_OK, "%s", raw);
	is_view(out, want, "%s: decoded", raw);
}

static void headers(void)
{
	struct td_view out = TD_VLIT("untouched");
	struct td_arena small;
	struct td_err err;

	header("", "");
	header(" plain ", "plain");
	header("caf\xC3\xA9", "café");
	header("caf\xE9 au lait", "caf\xEF\xBF\xBD au lait");
	header("=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait");
	header("=?UTF-8?B?2LfZhNio2YM=?= 10045", "طلبك 10045");
	header("=?utf-8?q?a?= =?utf-8?q?b?=", "ab");
	header("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c");
	header("=?utf-8?B?4pw=?= =?utf-8?B?kw==?=", "✓");
	header("=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé");
	header("=?windows-1256?B?48jR5s8=?=", "مبرود");
	header("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本");
	header("=?utf-8*ar?q?x?=", "x");
	header("=?utf-8?q?bad=FF?=", "bad\xEF\xBF\xBD");
	header("=?utf-8?q?nul=00?=x", "nulx");
	header("=?x-unknown?q?caf=E9?=", "café");
	header("=?utf-8?q?one=0D=0Atwo=0Athree=0D?=", "one\ntwo\nthree");
	header("=?utf-8?q?tab=09bell=07esc=1B?=", "tab bell esc");
	header("=?utf-8?q?c1=C2=85?=x", "c1 x");
	header("folded\r\n value\r\n\tagain", "folded value again");
	header("smuggled\r\nBcc: x", "smuggled Bcc: x");
	header("=?utf-8?q?unfinished", "=?utf-8?q?unfinished");
	header("=?utf-8?x?what?=", "=?utf-8?x?what?=");
	header("=?=?utf-8?q?a?=", "=?a");
	header("=??q?a?=", "=??q?a?=");
	header("a=?utf-8?q?b?=c", "abc");
	header("=?utf-8?q?100=25_=zz?=", "100% =zz");
	header("=?utf-8?b?!!!?=x", "x");
	td_arena_init(&small, 4);
	is_int(td_mime_header(TD_VLIT("more than four"), &small, &out, &err), TD_NOMEM, "over the arena");
	is_view(out, "untouched", "output left alone");
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 8u << 20);
	td_mime_init();
	corpus();
	edges();
	bounds();
	headers();
	td_arena_free(&arena);
	return done_testing();
}
