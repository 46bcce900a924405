/*
 * attribution - the lines by which a mail program introduces somebody else's text
 *
 * As Gmail, Apple Mail, Thunderbird and Outlook write them: "On DATE, NAME wrote:" over up to four lines, the block
 * From:, Sent:, To:, Subject:, "-----Original Message-----", "Forwarded message". The languages are in
 * data/reply_words.tsv.
 *
 * Lines are without their newline. Threads: pure. Errors: none.
 */
#ifndef TD_ATTRIBUTION_H
#define TD_ATTRIBUTION_H

#include "view.h"

struct td_lines {
	struct td_view *v; /* p == NULL: taken out; an empty line has a pointer */
	size_t n;
};

enum td_foreign {
	TD_FOREIGN_NONE,
	TD_FOREIGN_ORIGINAL, /* the mail that is answered: all from here on */
	TD_FOREIGN_FORWARD   /* a mail that is forwarded */
};

/* lines.v[quote] is the first of a quote: the first line of what introduces it, or quote when nothing does. */
size_t td_attribution_before(const struct td_lines *lines, size_t quote);
/*
 * Does somebody else's mail begin with line `at`, unmistakably and without ">"? *next: the first line of its text
 * (behind marks and header lines).
 */
enum td_foreign td_attribution_at(const struct td_lines *lines, size_t at, size_t *next);
/* Nothing to be seen on the line. */
bool td_attribution_blank(struct td_view line);

#endif
