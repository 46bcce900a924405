/*
 * tags - the headers of a mail that concern Tandem: collected from a trusted or untrusted mail, and bounded
 *
 * Used by tandem-milter and, for a mail that did not pass it, by tandem-smsd. What the collected headers mean is in
 * wish.h.
 *
 * Owns: nothing; copies are in the arena. Threads: one at a time. Errors: sticky: memory shows in `nomem`, excess in
 * `nours`.
 */
#ifndef TD_TAGS_H
#define TD_TAGS_H

#include "arena.h"
#include "view.h"

#define TD_TAGS_MAX 64         /* headers of ours in one mail */
#define TD_TAG_VALUE_MAX 8192  /* bytes of one of them */
#define TD_TAG_ALIASES_MAX 16  /* headers of other systems that name a category; more are not looked at */

struct td_tag {
	struct td_view name;  /* after "X-Tandem-", as it was written; of an alias the whole name */
	struct td_view value; /* unfolded, trimmed; empty when too big */
	bool           toobig;
};

struct td_tags {
	struct td_arena *arena;
	struct td_tag    tag[TD_TAGS_MAX];
	size_t           ntags;
	size_t           nours; /* X-Tandem-* seen, also those over TD_TAGS_MAX */
	struct td_tag    alias[TD_TAG_ALIASES_MAX];
	size_t           naliases;
	/* Of the mail itself; raw but unfolded, the first of each. */
	struct td_view   message_id;
	struct td_view   subject;
	struct td_view   from;
	struct td_view   reply_to;
	struct td_view   auto_submitted;
	struct td_view   precedence;
	struct td_view   mime_version;
	struct td_view   content_type;
	struct td_view   content_transfer_encoding;
	bool             nomem;
};

/* True for X-Tandem-* (any case). */
bool td_tag_is_ours(struct td_view name);

void td_tags_init(struct td_tags *tags, struct td_arena *arena);
/*
 * Looks at one header, in the order of the mail; value raw, as it stands after the colon. Copies what matters, forgets
 * the rest.
 */
void td_tags_add(struct td_tags *tags, struct td_view name, struct td_view value);
/* The first header of ours by that name (after "X-Tandem-", any case); empty when there is none. */
struct td_view td_tags_find(const struct td_tags *tags, struct td_view name);
/* The headers that say what the body is made of, as a header block for td_mime_text; p == NULL when out of memory. */
struct td_view td_tags_mime_head(const struct td_tags *tags, struct td_arena *arena);
/*
 * True for an answer that a machine gave to a mail (RFC 3834: Auto-Submitted: auto-replied; Precedence bulk, junk, list
 * or auto_reply). A mail that a machine sends of its own accord (auto-generated) is no answer.
 */
bool td_tags_auto_replied(const struct td_tags *tags);
/*
 * Where answers go: the first mailbox of Reply-To, else of From, plain (ana@example.com); empty when there is none.
 * TD_NOMEM shows as empty with the arena full.
 */
struct td_view td_tags_reply_to(const struct td_tags *tags, struct td_arena *arena);
#endif
