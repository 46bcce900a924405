/*
 * reply - plain text of a mail as its writer meant it: flowed lines joined, signature and quoted reply gone
 */
#include "reply.h"

#include <stdlib.h>

#include "attribution.h"
#include "reply_words.h"

enum {
	MARK_LINES = 10,  /* a "--" that has lost its space marks a signature in so many lines at the end */
	MOBILE_LINES = 3, /* signatures of telephones that may follow one another */
	MAX_MOBILE = 100  /* bytes of such a line */
};

static bool is_signature_mark(struct td_view line)
{
	return td_view_eq(line, TD_VLIT("-- "));
}

void td_reply_unflow(struct td_view text, bool delsp, struct td_buf *out)
{
	struct td_view line;
	size_t open = (size_t)-1; /* quote depth of the paragraph that goes on, or -1 */
	size_t depth;
	size_t i;

	while (td_view_line(&text, &line)) {
		bool flowed;

		for (depth = 0; depth < line.n && line.p[depth] == '>'; depth++)
			;
		line = td_view_skip(line, depth);
		if (line.n && line.p[0] == ' ')
			line = td_view_skip(line, 1);
		flowed = line.n && line.p[line.n - 1] == ' ' && !is_signature_mark(line);
		if (open != (size_t)-1 && (open != depth || is_signature_mark(line))) {
			td_buf_byte(out, '\n');
			open = (size_t)-1;
		}
		if (open == (size_t)-1)
			for (i = 0; i < depth; i++)
				td_buf_byte(out, '>');
		/* A ">" that was stuffed is text and must not look like a quote now. */
		if (open == (size_t)-1 && depth == 0 && td_view_starts(line, TD_VLIT(">")))
			td_buf_byte(out, ' ');
		td_buf_add(out, td_view_mem(line.p, flowed && delsp ? line.n - 1 : line.n));
		if (!flowed)
			td_buf_byte(out, '\n');
		open = flowed ? depth : (size_t)-1;
	}
}

static bool is_quoted(struct td_view line)
{
	struct td_view v = line;

	/* Bidirectional marks stand before it in Arabic and Hebrew; spaces before it are somebody's list. */
	if (td_view_starts(v, TD_VLIT("\xE2\x80")))
		v = td_reply_words_bare(v);
	/* ">From" is how a mailbox file writes a line of text that begins with From. */
	return td_view_starts(v, TD_VLIT(">")) && !td_view_starts(v, TD_VLIT(">From "));
}

struct strip {
	struct td_lines lines;
	struct td_arena *arena;
	struct td_cuts *cuts;
	bool rendered; /* from HTML, where ">" alone says nothing */
};

/* Takes out lines from to end, and says so. */
static void cut(struct strip *strip, const char *what, size_t from, size_t end)
{
	const char *start = NULL;
	const char *stop = NULL;
	size_t i;

	for (i = from; i < end; i++) {
		struct td_view *line = &strip->lines.v[i];

		if (!line->p)
			continue;
		start = start ? start : line->p;
		stop = line->p + line->n;
		*line = (struct td_view){ NULL, 0 };
	}
	if (start)
		td_cuts_add(strip->cuts, what, td_view_mem(start, (size_t)(stop - start)), strip->arena);
}

/*
 * The signature and what stands below a mark that says "somebody else's mail from here on". With nothing of one's own
 * above it a forwarded mail is the text, without its mark; and what only looks like a header block or an introduction
 * is text.
 */
static void cut_below_marks(struct strip *strip)
{
	struct td_lines *lines = &strip->lines;
	bool own = false;
	size_t next;
	size_t i;

	for (i = 0; i < lines->n; i++) {
		struct td_view line = lines->v[i];
		enum td_foreign foreign;

		if (is_signature_mark(line)) {
			cut(strip, "signature", i, lines->n);
			return;
		}
		if (td_attribution_blank(line) || is_quoted(line))
			continue;
		foreign = td_attribution_at(lines, i, &next);
		if (foreign == TD_FOREIGN_FORWARD && !own) {
			cut(strip, "quote", i, next);
			i = next - 1;
		} else if (foreign && (own || td_view_starts(td_reply_words_bare(line), TD_VLIT("--")))) {
			cut(strip, "quote", i, lines->n);
			return;
		} else {
			own = true;
		}
	}
}

/* ">" and a number, as a price list writes "over". */
static bool is_comparison(struct td_view line)
{
	struct td_view v = td_view_trim(td_view_skip(line, 1));

	return v.n && ((v.p[0] >= '0' && v.p[0] <= '9') || v.p[0] == '=' || v.p[0] == '$');
}

/* Does a sentence end there, so that what follows is not its rest? */
static bool is_closed(struct td_view line)
{
	static const char *const ends[] = { ".", "!", "?", ":", ",", ")", "…", "؟", "。", "！", "？", "：" };
	struct td_view v = td_reply_words_bare(line);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (td_view_ends(v, td_view_str(ends[i])))
			return true;
	return v.n == 0;
}

/*
 * Lines from to end begin with ">" and nothing says who wrote them: are they a quote all the same? Not a list of
 * prices (all are comparisons), nor the rest of a sentence ("Menu\n> Settings") where the mail has no other quote; nor
 * "> Shop now" of HTML, which has marks of its own for quotes.
 */
static bool is_plain_quote(const struct strip *strip, size_t from, size_t end, bool others)
{
	const struct td_lines *lines = &strip->lines;
	size_t i;

	if (others || strip->rendered)
		return others;
	for (i = from; i < end && is_comparison(lines->v[i]); i++)
		;
	if (i == end)
		return false;
	return from == 0 || !lines->v[from - 1].p || is_closed(lines->v[from - 1]);
}

static void cut_quotes(struct strip *strip)
{
	struct td_lines *lines = &strip->lines;
	bool others = false;
	size_t first;
	size_t end;
	size_t i;

	for (i = 0; i < lines->n; i = end + 1) {
		for (end = i; end < lines->n && is_quoted(lines->v[end]); end++)
			;
		if (end == i)
			continue;
		first = td_attribution_before(lines, i);
		if (first == i && !is_plain_quote(strip, i, end, others))
			continue;
		cut(strip, "quote", first, end);
		others = true;
	}
}

/*
 * "--" alone: a signature mark whose space was lost on the way (quoted-printable, trailing space cut), if it is the
 * only such line, opens a paragraph and stands near the end. Elsewhere it is a rule somebody drew.
 */
static void cut_bare_mark(struct strip *strip)
{
	struct td_lines *lines = &strip->lines;
	size_t end = lines->n;
	size_t marks = 0;
	size_t mark = 0;
	size_t i;

	while (end > 0 && td_attribution_blank(lines->v[end - 1]))
		end--;
	for (i = 0; i < end; i++)
		if (td_view_eq(lines->v[i], TD_VLIT("--"))) {
			marks++;
			mark = i;
		}
	if (marks == 1 && mark > 0 && end - mark <= MARK_LINES && td_attribution_blank(lines->v[mark - 1]))
		cut(strip, "signature", mark, end);
}

static bool is_mobile_signature(struct td_view line)
{
	struct td_view v = td_reply_words_bare(line);
	const char *link = memmem(v.p, v.n, "<http", 5);

	if (link && td_view_ends(v, TD_VLIT(">")))
		v = td_reply_words_bare(td_view_mem(v.p, (size_t)(link - v.p)));
	while (v.n && strchr("-_*.,<>[]", v.p[v.n - 1]))
		v.n--;
	return v.n <= MAX_MOBILE &&
		   (td_reply_words_at(TD_REPLY_MOBILE_BEGIN, v) || td_reply_words_end(TD_REPLY_MOBILE_END, v)) &&
		   td_reply_words_in(TD_REPLY_DEVICE, v);
}

static void cut_mobile_signature(struct strip *strip)
{
	size_t end = strip->lines.n;

	for (int i = 0; i < MOBILE_LINES; i++) {
		while (end > 0 && td_attribution_blank(strip->lines.v[end - 1]))
			end--;
		if (end == 0 || !is_mobile_signature(strip->lines.v[end - 1]))
			return;
		cut(strip, "signature", end - 1, end);
	}
}

bool td_reply_strip(
	struct td_view text, bool rendered, struct td_arena *arena, struct td_cuts *cuts, struct td_buf *out)
{
	struct strip strip = { .arena = arena, .cuts = cuts, .rendered = rendered };
	struct td_view rest = text;
	size_t room = 1;
	size_t i;

	for (i = 0; i < text.n; i++)
		room += text.p[i] == '\n';
	strip.lines.v = calloc(room, sizeof(*strip.lines.v));
	if (!strip.lines.v)
		return false;
	while (td_view_line(&rest, &strip.lines.v[strip.lines.n]))
		strip.lines.n++;
	cut_below_marks(&strip);
	cut_quotes(&strip);
	cut_bare_mark(&strip);
	cut_mobile_signature(&strip);
	for (i = 0; i < strip.lines.n; i++) {
		struct td_view line = strip.lines.v[i];

		if (!line.p)
			continue;
		td_buf_add(out, td_view_starts(line, TD_VLIT(">From ")) ? td_view_skip(line, 1) : line);
		td_buf_byte(out, '\n');
	}
	free(strip.lines.v);
	return true;
}
