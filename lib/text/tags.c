/*
 * tags - the headers of a mail that concern Tandem: collected from a trusted or untrusted mail, and bounded
 */
#include "tags.h"

#include <gmime/gmime.h>
#include <stddef.h>

#define PREFIX "X-Tandem-"

struct keep_row {
	const char *name;
	size_t      offset; /* of a struct td_view in struct td_tags */
};

#define KEEP(name, member) { name, offsetof(struct td_tags, member) }
static const struct keep_row keep_rows[] = {
	KEEP("Message-ID", message_id),
	KEEP("Subject", subject),
	KEEP("From", from),
	KEEP("Reply-To", reply_to),
	KEEP("Auto-Submitted", auto_submitted),
	KEEP("Precedence", precedence),
	KEEP("MIME-Version", mime_version),
	KEEP("Content-Type", content_type),
	KEEP("Content-Transfer-Encoding", content_transfer_encoding),
};

static const char *const alias_names[] = { "X-PM-Tag", "X-Mailgun-Tag", "X-MC-Tags", "X-SMTPAPI" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

bool td_tag_is_ours(struct td_view name)
{
	return td_view_casestarts(name, TD_VLIT(PREFIX));
}

void td_tags_init(struct td_tags *tags, struct td_arena *arena)
{
	*tags = (struct td_tags){ .arena = arena };
}

/* A copy without the line ends of folding, trimmed. Folding keeps its white space (RFC 5322 §2.2.3). */
static struct td_view unfold(struct td_tags *tags, struct td_view raw)
{
	struct td_view v = td_view_trim(raw);
	char *copy = td_arena_alloc(tags->arena, v.n);
	size_t n = 0;

	if (!copy) {
		tags->nomem = true;
		return TD_VLIT("");
	}
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] != '\r' && v.p[i] != '\n')
			copy[n++] = v.p[i];
	return (struct td_view){ copy, n };
}

static void keep(struct td_tags *tags, struct td_tag *tag, struct td_view name, struct td_view value)
{
	tag->name = td_arena_dup(tags->arena, name);
	if (!tag->name.p)
		tags->nomem = true;
	tag->toobig = value.n > TD_TAG_VALUE_MAX;
	if (!tag->toobig)
		tag->value = unfold(tags, value);
}

static bool is_alias(struct td_view name)
{
	for (size_t i = 0; i < COUNT(alias_names); i++)
		if (td_view_caseeq(name, td_view_str(alias_names[i])))
			return true;
	return false;
}

void td_tags_add(struct td_tags *tags, struct td_view name, struct td_view value)
{
	if (td_tag_is_ours(name)) {
		if (tags->nours++ < TD_TAGS_MAX)
			keep(tags, &tags->tag[tags->ntags++], td_view_skip(name, sizeof(PREFIX) - 1), value);
		return;
	}
	for (size_t i = 0; i < COUNT(keep_rows); i++) {
		struct td_view *slot = (struct td_view *)((char *)tags + keep_rows[i].offset);

		if (td_view_caseeq(name, td_view_str(keep_rows[i].name))) {
			if (!slot->p)
				*slot = unfold(tags, value);
			return;
		}
	}
	if (tags->naliases < TD_TAG_ALIASES_MAX && is_alias(name))
		keep(tags, &tags->alias[tags->naliases++], name, value);
}

struct td_view td_tags_find(const struct td_tags *tags, struct td_view name)
{
	for (size_t i = 0; i < tags->ntags; i++)
		if (td_view_caseeq(tags->tag[i].name, name))
			return tags->tag[i].value;
	return TD_VLIT("");
}

struct td_view td_tags_mime_head(const struct td_tags *tags, struct td_arena *arena)
{
	static const char *const names[] = { "MIME-Version", "Content-Type", "Content-Transfer-Encoding" };
	const struct td_view values[] = { tags->mime_version, tags->content_type, tags->content_transfer_encoding };
	struct td_view block = TD_VLIT("");

	for (size_t i = 0; i < COUNT(names); i++) {
		char *p;

		if (!values[i].p)
			continue;
		p = td_arena_printf(arena, "%.*s%s: %.*s\r\n", TD_VARG(block), names[i], TD_VARG(values[i]));
		if (!p)
			return (struct td_view){ NULL, 0 };
		block = td_view_str(p);
	}
	return block;
}

bool td_tags_auto_replied(const struct td_tags *tags)
{
	static const char *const precedences[] = { "bulk", "junk", "list", "auto_reply" };
	struct td_view rest = tags->auto_submitted;
	struct td_view keyword;

	if (td_view_next(&rest, ';', &keyword)) {
		rest = keyword; /* a comment may follow the keyword */
		if (td_view_next(&rest, '(', &keyword) && td_view_caseeq(keyword, TD_VLIT("auto-replied")))
			return true;
	}
	for (size_t i = 0; i < COUNT(precedences); i++)
		if (td_view_caseeq(tags->precedence, td_view_str(precedences[i])))
			return true;
	return false;
}

/* The first mailbox of an address list; a group is passed over. Empty: none. */
static struct td_view first_mailbox(struct td_view raw, struct td_arena *arena)
{
	struct td_view found = TD_VLIT("");
	InternetAddressList *list;
	char *text;

	if (raw.n == 0)
		return found;
	text = td_arena_str(arena, raw);
	if (!text)
		return found;
	list = internet_address_list_parse(NULL, text);
	if (!list)
		return found;
	for (int i = 0; i < internet_address_list_length(list) && found.n == 0; i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);

		if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
			const char *plain = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(address));

			if (plain && strchr(plain, '@'))
				found = td_arena_dup(arena, td_view_str(plain));
		}
	}
	g_object_unref(list);
	return found;
}

struct td_view td_tags_reply_to(const struct td_tags *tags, struct td_arena *arena)
{
	struct td_view found = first_mailbox(tags->reply_to, arena);

	return found.n ? found : first_mailbox(tags->from, arena);
}
