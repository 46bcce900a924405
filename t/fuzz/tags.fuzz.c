/*
 * tags - fuzz the headers of a submitter's mail and the recipients of the SMS domain
 *
 * One line of input is one header, "Name: value"; a line without a colon is a recipient address.
 */
#include <stdlib.h>

#include "mime.h"
#include "rcpt.h"
#include "wish.h"

static const char *from_list[] = { "ExShop", "+15550001111" };
static struct td_conf_category categories[] = {
	{ .name = "order", .class = TD_CLASS_TRANSACTIONAL },
	{ .name = "offer", .class = TD_CLASS_MARKETING },
};
static struct td_conf_alias aliases[] = { { "oncall", "+15550009999" } };
static const struct td_conf conf = {
	.home_country = "US", .sms_domain = "sms.example.com", .token_domain = "tandem.invalid",
		.notify_default = "never",
	.categories = categories, .ncategories = 2, .aliases = aliases, .naliases = 1,
};
static const struct td_conf_submitter app = { .name = "app", .max_class = TD_CLASS_SERVICE, .from = { from_list, 2 } };

/* What is said to a client must not end its line. */
static void check_text(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			abort();
}

static void read_recipient(struct td_view line, struct td_arena *arena)
{
	struct td_rcpt rcpt;
	struct td_err err;

	if (td_rcpt_read(&conf, line, arena, &rcpt, &err) != TD_OK)
		check_text(err.text);
}

static void read_headers(const struct td_tags *tags, struct td_arena *arena)
{
	struct td_prepare prepare = { .cls = 0 };
	struct td_grade grade = { .cls = TD_CLASS_SERVICE };
	struct td_wish wish;
	struct td_err err;

	if (td_wish_read(tags, &conf, &app, 1764028800000, arena, &wish, &err) != TD_OK)
		check_text(err.text);
	if (td_wish_grade(&wish, &app, arena, &grade, &err) == TD_OK && grade.cls > app.max_class)
		abort();
	td_wish_prepare(&wish, &grade, &app, tags, arena, &prepare, &err);
	td_tags_mime_head(tags, arena);
	td_tags_auto_replied(tags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct td_view rest = td_view_mem(data, size);
	struct td_arena arena;
	struct td_tags tags;
	struct td_view line;

	if (!ready)
		td_mime_init();
	ready = true;
	td_arena_init(&arena, 1 << 20);
	td_tags_init(&tags, &arena);
	while (td_view_next(&rest, '\n', &line)) {
		size_t colon = td_view_chr(line, ':');

		if (colon == (size_t)-1)
			read_recipient(line, &arena);
		else
			td_tags_add(&tags, (struct td_view){ line.p, colon }, td_view_skip(line, colon + 1));
	}
	read_headers(&tags, &arena);
	td_arena_free(&arena);
	return 0;
}
