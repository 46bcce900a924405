/*
 * text_alphabet - national language shift tables: which letter is where, and what they cost
 *
 * t/data/national_vectors.tsv: segment counts reckoned by hand from the sizes of TS 23.040.
 */
#include "alphabet.h"

#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "gsm.h"
#include "tap.h"

static struct td_arena arena;

/* Reads the lines of a table, without comments; each(columns) for each. */
static int each_row(const char *path, size_t columns, void (*each)(const struct td_view *column))
{
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	int rows = 0;

	if (!in)
		bail_out("%s: run from the top of the tree", path);
	while (getline(&line, &room, in) > 0) {
		struct td_view rest = td_view_str(line);
		struct td_view column[9];
		size_t n = 0;

		if (line[0] == '#' || strncmp(line, "lang_id", 7) == 0)
			continue;
		while (n < columns && td_view_next(&rest, '\t', &column[n]))
			n++;
		if (n < columns)
			bail_out("%s: a row of %zu columns", path, n);
		each(column);
		td_arena_reset(&arena);
		rows++;
	}
	free(line);
	fclose(in);
	return rows;
}

static int number(struct td_view v)
{
	int64_t n = -1;

	td_view_i64(v, &n);
	return (int)n;
}

/* ---- tables ---- */

static int wrong;
static int letters[2][4]; /* of single shift and locking tables, by language */

/* lang_id, lang, kind, code, unicode */
static void cell(const struct td_view *column)
{
	bool locking = td_view_eq(column[2], TD_VLIT("locking"));
	int language = number(column[0]);
	struct td_alphabet alphabet = { (uint8_t)(locking ? 0 : language), (uint8_t)(locking ? language : 0) };
	uint32_t c = (uint32_t)strtoul(td_arena_str(&arena, column[4]), NULL, 16);
	int got = td_alphabet_septets(&alphabet, c);

	if (td_view_eq(column[3], TD_VLIT("1B")))
		return;
	letters[locking][language]++;
	/* A letter of a single shift table can be one of the basic table as well. */
	if (locking ? got != 1 : got == 0)
		wrong++;
}

static int size_of(const struct td_alphabet *alphabet, int septets)
{
	int n = 0;
	uint32_t c;

	for (c = 0; c < 0x110000; c++)
		n += td_alphabet_septets(alphabet, c) == septets;
	return n;
}

static void tables(void)
{
	static const struct td_alphabet turkish = { TD_LANG_TR, TD_LANG_NONE };
	int i;

	each_row("lib/text/data/national_shift_tables.tsv", 5, cell);
	is_int(wrong, 0, "every letter of every table is one of its alphabet");
	is_int(letters[1][TD_LANG_ES], 0, "Spanish has no locking table");
	for (i = 0; i < TD_ALPHABETS; i++) {
		const struct td_alphabet *a = &td_alphabets[i];

		is_int(size_of(a, 1), a->locking ? letters[1][a->locking] : 127, "alphabet %d: characters of one septet", i);
		ok(td_alphabet_septets(a, 'a') == 1 && td_alphabet_septets(a, '.') == 1 && td_alphabet_septets(a, ' ') == 1 &&
				td_alphabet_septets(a, '\n') == 1,
			"alphabet %d: a, full stop, space and newline are of one septet", i);
		is_int(td_alphabet_septets(a, 0x1B), 0, "alphabet %d: escape itself is none", i);
	}
	is_int(td_alphabet_septets(&turkish, 0x15F), 2, "s with cedilla takes an escape");
	is_int(td_alphabet_septets(&turkish, 0xF6), 1, "o with diaeresis does not");
	is_int(td_alphabet_septets(&turkish, 0x11B), 0, "e with caron is not there");
}

static void sizes(void)
{
	static const struct {
		struct td_alphabet alphabet;
		int                one, part;
	} want[] = { { { 0, 0 }, 160, 153 }, { { 1, 0 }, 155, 149 }, { { 0, 1 }, 155, 149 }, { { 3, 3 }, 152, 146 } };
	size_t i;

	for (i = 0; i < 4; i++) {
		is_int(td_alphabet_one(&want[i].alphabet), want[i].one, "a text alone (%zu)", i);
		is_int(td_alphabet_part(&want[i].alphabet), want[i].part, "a part (%zu)", i);
	}
}

static void languages(void)
{
	is_int(td_alphabet_language(TD_VLIT("tr")), TD_LANG_TR, "tr");
	is_int(td_alphabet_language(TD_VLIT("es")), TD_LANG_ES, "es");
	is_int(td_alphabet_language(TD_VLIT("pt")), TD_LANG_PT, "pt");
	is_int(td_alphabet_language(TD_VLIT("hi")), TD_LANG_NONE, "a language without tables here");
	ok(td_alphabet_allowed(&td_alphabets[0], 0), "the default alphabet is always allowed");
	ok(!td_alphabet_allowed(&td_alphabets[1], 0), "Turkish is not");
	ok(td_alphabet_allowed(&td_alphabets[1], TD_NATIONAL(TD_LANG_TR)), "but where it is said");
	ok(!td_alphabet_allowed(&td_alphabets[1], TD_NATIONAL(TD_LANG_ES) | TD_NATIONAL(TD_LANG_PT)), "and not elsewhere");
}

/* ---- segments ---- */

/* "2*a 1*ş" → "aaş" */
static struct td_view text_of(struct td_view pieces)
{
	char *text = td_arena_alloc(&arena, 4096);
	struct td_view piece;
	size_t n = 0;

	while (td_view_next(&pieces, ' ', &piece)) {
		size_t star = td_view_chr(piece, '*');
		int times = number(td_view_mem(piece.p, star));

		piece = td_view_skip(piece, star + 1);
		for (; times > 0 && n + piece.n <= 4096; times--, n += piece.n)
			memcpy(text + n, piece.p, piece.n);
	}
	return td_view_mem(text, n);
}

/* name, allowed, encoding, single, locking, units, segments, per_segment, text */
static void vector(const struct td_view *column)
{
	struct td_view allowed = column[1];
	struct td_segments got;
	struct td_view code;
	unsigned national = 0;

	while (td_view_next(&allowed, ',', &code))
		if (!td_view_eq(code, TD_VLIT("-")))
			national |= TD_NATIONAL(td_alphabet_language(code));
	td_segments_count(text_of(column[8]), national, &got);
	is_view(column[2], td_encoding_name(got.encoding), "%.*s: encoding", TD_VARG(column[0]));
	is_int(got.alphabet.single, number(column[3]), "%.*s: single shift table", TD_VARG(column[0]));
	is_int(got.alphabet.locking, number(column[4]), "%.*s: locking shift table", TD_VARG(column[0]));
	is_int(got.units, number(column[5]), "%.*s: units", TD_VARG(column[0]));
	is_int(got.segments, number(column[6]), "%.*s: segments", TD_VARG(column[0]));
	is_int(got.per_segment, number(column[7]), "%.*s: per segment", TD_VARG(column[0]));
}

int main(void)
{
	td_arena_init(&arena, 1u << 20);
	tables();
	sizes();
	languages();
	is_int(each_row("t/data/national_vectors.tsv", 9, vector), 30, "all vectors were read");
	td_arena_free(&arena);
	return done_testing();
}
