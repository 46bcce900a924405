/*
 * text_gsm - alphabets, segment counts, smart encoding and truncation
 *
 * t/data/gsm_vectors.tsv: counts on which three independent libraries agree (its script says which).
 */
#include "gsm.h"

#include <stdio.h>
#include <stdlib.h>
#include <uninorm.h>

#include "buf.h"
#include "codec.h"
#include "tap.h"

static struct td_arena arena;

/* Text of n times s. */
static struct td_view times(int n, const char *s)
{
	char *p = td_arena_alloc(&arena, (size_t)n * strlen(s) + 1);
	int i;

	for (i = 0; i < n; i++)
		memcpy(p + (size_t)i * strlen(s), s, strlen(s));
	return td_view_mem(p, (size_t)n * strlen(s));
}

static struct td_view plus(struct td_view a, struct td_view b)
{
	char *p = td_arena_alloc(&arena, a.n + b.n + 1);

	memcpy(p, a.p, a.n);
	memcpy(p + a.n, b.p, b.n);
	return td_view_mem(p, a.n + b.n);
}

static void counts(struct td_view text, const char *encoding, int segments, int units, const char *name)
{
	struct td_segments got;

	td_segments_count(text, 0, &got);
	is_str(td_encoding_name(got.encoding), encoding, "%s: encoding", name);
	is_int(got.segments, segments, "%s: segments", name);
	is_int(got.units, units, "%s: units", name);
}

static void vectors(void)
{
	FILE *in = fopen("t/data/gsm_vectors.tsv", "r");
	char *line = NULL;
	size_t room = 0;
	int rows = 0;

	if (!in)
		bail_out("t/data/gsm_vectors.tsv: run from the top of the tree");
	while (getline(&line, &room, in) > 0) {
		struct td_view rest = td_view_trim(td_view_str(line));
		struct td_view col[5];
		char *bytes;
		size_t n = 0;

		if (line[0] == '#')
			continue;
		col[4] = td_view_mem("", 0);
		while (n < 5 && td_view_next(&rest, '\t', &col[n]))
			n++;
		bytes = td_arena_alloc(&arena, col[4].n);
		n = td_hex_decode(bytes, col[4].n, col[4]);
		counts(td_view_mem(bytes, n), td_arena_str(&arena, col[1]), (int)strtol(col[3].p, NULL, 10),
			(int)strtol(col[2].p, NULL, 10), td_arena_str(&arena, col[0]));
		td_arena_reset(&arena);
		rows++;
	}
	free(line);
	fclose(in);
	is_int(rows, 85, "all vectors were read");
}

/* A grapheme that would lie across the end of the first segment: the text takes one more than its units say. */
static void graphemes(void)
{
	static const struct {
		const char *what, *grapheme;
		int         units;
	} of[] = {
		{ "a flag", "\xF0\x9F\x87\xAA\xF0\x9F\x87\xAC", 4 },
		{ "a skin tone", "👍🏽", 4 },
		{ "a keycap", "1\xEF\xB8\x8F\xE2\x83\xA3", 3 },
		{ "a family", "👨\xE2\x80\x8D👩\xE2\x80\x8D👧\xE2\x80\x8D👦", 11 },
		{ "a heart in colour", "❤\xEF\xB8\x8F", 2 },
		{ "a rainbow flag", "🏳\xEF\xB8\x8F\xE2\x80\x8D🌈", 6 },
		{ "the flag of Wales",
			"🏴\xF3\xA0\x81\xA7\xF3\xA0\x81\xA2\xF3\xA0\x81\xB7\xF3\xA0\x81\xAC\xF3\xA0\x81\xB3\xF3\xA0\x81\xBF", 14 },
		{ "shadda and fatha", "م\xD9\x91\xD9\x8E", 3 },
		{ "jamo", "\xE1\x84\x92\xE1\x85\xA1\xE1\x87\x80", 3 },
		{ "a Devanagari syllable", "कि", 2 },
		{ "a Tamil syllable", "நி", 2 },
		{ "Thai with a tone", "กิ่", 3 },
		{ "accents", "q\xCC\x88\xCC\xA3", 3 },
	};
	size_t i;
	int before;

	for (i = 0; i < sizeof(of) / sizeof(*of); i++)
		for (before = 67 - of[i].units; before <= 67; before++) {
			int whole = before == 67 - of[i].units || before == 67;
			struct td_view front = plus(times(before, "م"), times(1, of[i].grapheme));

			counts(plus(front, times(134 - before - of[i].units, "م")), "ucs2", whole ? 2 : 3, 134, of[i].what);
		}
}

static void boundaries(void)
{
	struct td_segments count;
	/* man, ZWJ, woman, ZWJ, girl, ZWJ, boy: 11 units, one grapheme */
	const char *family =
		"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\xE2\x80\x8D\xF0\x9F\x91\xA6";
	const char *flag = "\xF0\x9F\x87\xAA\xF0\x9F\x87\xAC"; /* Egypt: two regional indicators, 4 units */

	counts(td_view_str(""), "gsm7", 0, 0, "empty");
	counts(times(160, "a"), "gsm7", 1, 160, "160 a");
	counts(times(161, "a"), "gsm7", 2, 161, "161 a");
	counts(times(306, "a"), "gsm7", 2, 306, "306 a");
	counts(times(307, "a"), "gsm7", 3, 307, "307 a");
	counts(plus(times(152, "a"), plus(times(1, "€"), times(152, "a"))), "gsm7", 3, 306, "an escape pair is not split");
	counts(
		plus(times(151, "a"), plus(times(1, "€"), times(153, "a"))), "gsm7", 2, 306, "an escape pair that just fits");
	counts(plus(times(159, "a"), times(1, "€")), "gsm7", 2, 161, "the Euro sign costs two");
	counts(times(70, "م"), "ucs2", 1, 70, "70 Arabic letters");
	counts(times(71, "م"), "ucs2", 2, 71, "71 Arabic letters");
	counts(times(134, "م"), "ucs2", 2, 134, "134 Arabic letters");
	counts(times(135, "م"), "ucs2", 3, 135, "135 Arabic letters");
	counts(plus(times(66, "م"), plus(times(1, "😀"), times(66, "م"))), "ucs2", 3, 134, "a surrogate pair is not split");
	counts(plus(times(60, "م"), plus(times(1, family), times(63, "م"))), "ucs2", 3, 134, "a family is not split");
	counts(plus(times(65, "م"), plus(times(1, flag), times(65, "م"))), "ucs2", 3, 134, "a flag is not split");
	counts(
		plus(times(64, "م"), plus(times(1, flag), times(66, "م"))), "ucs2", 3, 134, "nor when it ends a unit too late");
	counts(plus(times(63, "م"), plus(times(1, flag), times(67, "م"))), "ucs2", 2, 134, "a flag that just fits");
	counts(plus(times(67, "م"), plus(times(1, "\xD9\x8E"), times(66, "م"))), "ucs2", 3, 134,
		"a fatha stays with its letter");
	counts(plus(times(1, "م"), times(133, "\xD9\x8E")), "ucs2", 2, 134, "a letter under 133 marks is cut all the same");
	graphemes();
	td_segments_count(times(71, "م"), 0, &count);
	is_int(count.per_segment, 67, "capacity of a part");
	td_segments_count(times(160, "a"), 0, &count);
	is_int(count.per_segment, 160, "capacity of a text alone");
}

static void alphabet(void)
{
	int ones = 0;
	int twos = 0;
	uint32_t c;

	for (c = 0; c < 0x110000; c++) {
		ones += td_gsm_septets(c) == 1;
		twos += td_gsm_septets(c) == 2;
	}
	is_int(ones, 127, "127 characters of one septet");
	is_int(twos, 10, "10 of two");
	is_int(td_gsm_septets(0xC7), 1, "capital C with cedilla is one");
	is_int(td_gsm_septets(0xE7), 0, "small c with cedilla is not");
	is_int(td_gsm_septets(0x391), 0, "Greek Alpha is not");
	is_int(td_gsm_septets('`'), 0, "the backtick is not");
	is_int(td_gsm_septets(0x1B), 0, "escape itself is not");
	is_int(td_gsm_septets(0), 0, "NUL is not");
}

static void smart(const char *in, int level, const char *want, int replaced, const char *name)
{
	struct td_view out = { NULL, 0 };
	struct td_err err;
	int got = -1;

	is_int(td_text_smart(td_view_str(in), level, 0, &arena, &out, &got, &err), TD_OK, "%s", name);
	is_view(out, want, "%s: text", name);
	is_int(got, replaced, "%s: replaced", name);
}

static void smart_encoding(void)
{
	smart("plain", 1, "plain", 0, "nothing to do");
	smart("“It’s” – 5…", 1, "\"It's\" - 5...", 5, "typography");
	smart("a\xC2\xA0" "b\xE2\x80\x8B" "c\xEF\xBB\xBF", 1, "a bc", 3, "NBSP, zero width, BOM");
	smart("“It’s”", 0, "“It’s”", 0, "switched off");
	smart("“سلام” – ok", 1, "“سلام” – ok", 0, "not when the text stays Unicode");
	smart("\xE2\x80\x8Fسلام\xE2\x80\x8E", 1, "\xE2\x80\x8Fسلام\xE2\x80\x8E", 0, "bidi marks survive in Arabic");
	smart("👨\xE2\x80\x8D👩\xE2\x80\x8D👧 ❤\xEF\xB8\x8F", 1, "👨\xE2\x80\x8D👩\xE2\x80\x8D👧 ❤\xEF\xB8\x8F", 0,
		"ZWJ and VS16 survive");
	smart("cafe\xCC\x81", 1, "café", 0, "NFC makes é of e and accent");
	smart("a\r\nb\rc\td\x07" "e\x7F\xC2\x85" "f", 1, "a\nb\nc de\nf", 0, "line ends and controls");
	smart("a\r\nb", 0, "a\nb", 0, "line ends, switched off");
	smart("©", 1, "©", 0, "lossy levels are not applied");
	smart("Ｓａｌｅ ½", 1, "Ｓａｌｅ ½", 0, "look-alikes stay at level 1");
	smart("Ｓａｌｅ “½”", 2, "Sale \"1/2\"", 7, "and go at level 2");
	smart("© Ångström, Dvořák", 2, "© Ångström, Dvořák", 0, "accents stay at level 2");
	smart("© Ångström, Dvořák", 3, "(C) Ångström, Dvorak", 3, "and go at level 3, but those GSM 03.38 has");
	smart("© سلام", 3, "© سلام", 0, "no level touches a text that stays Unicode");
	smart("👨\xE2\x80\x8D👩 Ｓａｌｅ", 3, "👨\xE2\x80\x8D👩 Ｓａｌｅ", 0, "nor its joiners");
	smart("", 1, "", 0, "empty");
}

static void smart_national(
	const char *in, int level, enum td_language language, const char *want, int replaced, const char *name)
{
	struct td_view out = { NULL, 0 };
	int got = -1;

	is_int(td_text_smart(td_view_str(in), level, TD_NATIONAL(language), &arena, &out, &got, NULL), TD_OK, "%s", name);
	is_view(out, want, "%s: text", name);
	is_int(got, replaced, "%s: replaced", name);
}

/* Typography goes as well when the rest fits a national table; letters of the language stay. */
static void national_smart(void)
{
	smart_national("“Işık”", 1, TD_LANG_TR, "\"Işık\"", 2, "Turkish in quotes");
	smart_national("“Işık”", 1, TD_LANG_ES, "“Işık”", 0, "no use in Spanish");
	smart_national("“Işık”", 0, TD_LANG_TR, "“Işık”", 0, "switched off");
	smart_national("“Işık” şçž", 1, TD_LANG_TR, "“Işık” şçž", 0, "a letter of another language");
	smart_national("“Não” – São…", 1, TD_LANG_PT, "\"Não\" - São...", 4, "Portuguese");
	smart_national("“Así”", 1, TD_LANG_ES, "\"Así\"", 2, "Spanish");
	smart_national("“Işık”", 3, TD_LANG_TR, "\"Isik\"", 4, "plain GSM 03.38 goes first, where accents may go");
	smart_national("Ｉşık", 2, TD_LANG_TR, "Işık", 1, "a look-alike beside it");
}

/* Every scalar after letters that marks, vowels and jamo compose with. */
static void normal_form(void)
{
	static const char *const before[] = { "", "e", "ا", "ᄀ", "가", "か", "க", "И" };
	struct td_view out;
	int bad = 0;
	size_t i;
	uint32_t c;

	for (c = 0xA0; c < 0x20000; c++) {
		if (c == 0xD800)
			c = 0xE000;
		for (i = 0; i < sizeof(before) / sizeof(*before); i++) {
			struct td_buf buf;
			uint8_t nfc[64];
			size_t n = sizeof(nfc);

			td_buf_init(&buf, sizeof(nfc));
			td_buf_str(&buf, before[i]);
			td_buf_utf8(&buf, c);
			if (!u8_normalize(UNINORM_NFC, (const uint8_t *)buf.p, buf.n, nfc, &n) ||
				td_text_smart(td_buf_view(&buf), 0, 0, &arena, &out, NULL, NULL) != TD_OK)
				bail_out("no memory");
			bad += !td_view_eq(out, td_view_mem(nfc, n));
			td_buf_free(&buf);
		}
		td_arena_reset(&arena);
	}
	is_int(bad, 0, "every scalar becomes NFC, after letters it may compose with");
}

static void visible(void)
{
	static const char *const blank[] = { "", " ", "\n\t \r", "\xC2\xA0", "\xE2\x80\x8B\xE2\x80\x8B",
		"\xE2\x80\x8F\xE2\x80\xAB", "\xC2\xAD", "\xEF\xB8\x8F", "\xE2\xA0\x80", "\xE3\x85\xA4", "\xEF\xBE\xA0",
		"\xE1\x85\x9F\xE1\x85\xA0", "\xCC\x81 \xD9\x8E", "\xE2\x81\xA6\xE2\x81\xA9", "\xEF\xBB\xBF", "\xE3\x80\x80",
		"\xF3\xA0\x81\xA1", "\x01\x7F\xC2\x85" };
	static const char *const seen[] = { "a", ".", "م", "€", "😀", "1\xEF\xB8\x8F\xE2\x83\xA3", "x\xE2\x80\x8B",
		"\xF0\x9F\xAB\xA8", "\xEF\xBF\xBD", "a\xCC\x81" };
	size_t i;

	for (i = 0; i < sizeof(blank) / sizeof(*blank); i++)
		ok(!td_text_visible(td_view_str(blank[i])), "nothing to see (%zu)", i);
	for (i = 0; i < sizeof(seen) / sizeof(*seen); i++)
		ok(td_text_visible(td_view_str(seen[i])), "something to see (%zu)", i);
}

/* A replacement that is no GSM 03.38 itself would be refused, and the row would never do anything. */
static void every_row(void)
{
	FILE *in = fopen("lib/text/data/smart_encoding.tsv", "r");
	int rows[4] = { 0 };
	int bad = 0;
	char *line = NULL;
	size_t room = 0;

	if (!in)
		bail_out("lib/text/data/smart_encoding.tsv: run from the top of the tree");
	while (getline(&line, &room, in) > 0) {
		uint32_t c = (uint32_t)strtoul(line, NULL, 16);
		struct td_view rest = td_view_str(line);
		struct td_view col[4];
		struct td_view out;
		struct td_buf buf;
		size_t n = 0;
		int level, replaced;

		if (line[0] == '#' || line[0] == 'c' || c < 0xA0) /* controls go anyway */
			continue;
		while (n < 4 && td_view_next(&rest, '\t', &col[n]))
			n++;
		level = col[3].p[0] == '-' ? 0 : col[3].p[0] - '0';
		rows[level]++;
		td_buf_init(&buf, 8);
		td_buf_utf8(&buf, c);
		for (n = 0; n <= 3; n++) {
			struct td_segments count;

			if (td_text_smart(td_buf_view(&buf), (int)n, 0, &arena, &out, &replaced, NULL) != TD_OK)
				bail_out("no memory");
			td_segments_count(out, 0, &count);
			/* A row whose character NFC turns into another one is that one's. */
			if (count.encoding == TD_ENC_UCS2 ? level && (int)n >= level : replaced && (!level || (int)n < level))
				bad++;
		}
		td_buf_free(&buf);
		td_arena_reset(&arena);
	}
	free(line);
	fclose(in);
	is_int(bad, 0, "each row works from its level on");
	note("%d typography, %d look-alikes, %d lossy, %d not to be mapped", rows[1], rows[2], rows[3], rows[0]);
	ok(rows[1] > 50 && rows[2] > 300 && rows[3] > 500, "all of them were read");
}

static void cut(
	struct td_view text, const char *suffix, int max, enum td_status status, struct td_view want, const char *name)
{
	struct td_view out = { NULL, 0 };
	struct td_segments count;
	struct td_err err;

	td_err_clear(&err);
	is_int(td_text_truncate(text, td_view_str(suffix), max, 0, &arena, &out, &err), status, "%s", name);
	if (status) {
		is_str(td_err_code(&err), "5.2.3", "%s: code", name);
		return;
	}
	is_mem(out.p, out.n, want.p, want.n, "%s: text", name);
	td_segments_count(out, 0, &count);
	ok(count.segments <= max, "%s: fits", name);
}

static void truncation(void)
{
	const char *flag = "\xF0\x9F\x87\xAA\xF0\x9F\x87\xAC";

	cut(times(160, "a"), "", 1, TD_OK, times(160, "a"), "a text that fits");
	cut(times(150, "a"), " STOP", 1, TD_OK, plus(times(150, "a"), td_view_str(" STOP")), "with its suffix");
	cut(times(161, "a"), "", 1, TD_OK, plus(times(157, "a"), td_view_str("...")), "GSM text stays GSM");
	cut(times(200, "a"), " STOP", 1, TD_OK, plus(times(152, "a"), td_view_str("... STOP")), "suffix within the count");
	cut(times(400, "a"), "", 2, TD_OK, plus(times(303, "a"), td_view_str("...")), "two segments");
	cut(times(80, "م"), "", 1, TD_OK, plus(times(69, "م"), td_view_str("…")), "Arabic");
	cut(plus(times(67, "م"), times(2, flag)), "", 1, TD_OK, plus(times(67, "م"), td_view_str("…")), "at a grapheme");
	cut(plus(times(100, "a"), times(20, "م")), "", 1, TD_OK, plus(times(100, "a"), td_view_str("...")),
		"what is cut may make it GSM");
	cut(plus(times(156, "a"), td_view_str("e\xCC\x81"
										  "bcdef")),
		"", 1, TD_OK, plus(times(156, "a"), td_view_str("...")), "not between a letter and its accent");
	cut(plus(times(150, "a"), td_view_str("       bbbbbbbbbb")), "", 1, TD_OK,
		plus(times(150, "a"), td_view_str("...")), "no space before the cut");
	cut(times(80, "م"), "سsuffix", 1, TD_OK, plus(times(62, "م"), td_view_str("…سsuffix")), "Unicode suffix");
	cut(times(10, "a"), td_arena_str(&arena, times(170, "b")), 1, TD_TOOBIG, times(0, ""),
		"a suffix too long for any text");
	cut(times(161, "a"), "", 0, TD_TOOBIG, times(0, ""), "no segment at all");
	cut(times(200, "\xE2\x80\x8B"), "", 1, TD_TOOBIG, times(0, ""), "nothing that stays can be seen");
	cut(plus(times(60, "م"), times(9, "👨\xE2\x80\x8D👩")), "", 1, TD_OK,
		plus(times(60, "م"), td_view_str("👨\xE2\x80\x8D👩…")), "not within a family");
}

#define FSI "\xE2\x81\xA8"
#define RLI "\xE2\x81\xA7"
#define PDI "\xE2\x81\xA9"
#define RLE "\xE2\x80\xAB"
#define PDF "\xE2\x80\xAC"
#define RLM "\xE2\x80\x8F"

/* What the cut leaves open would turn the hint around, and what stands behind the SMS in a list of them. */
static void direction(void)
{
	cut(plus(td_view_str(RLI), times(80, "م")), "", 1, TD_OK,
		plus(td_view_str(RLI), plus(times(67, "م"), td_view_str("…" PDI))), "an open isolate is closed");
	cut(plus(td_view_str(RLE), times(80, "م")), " STOP", 1, TD_OK,
		plus(td_view_str(RLE), plus(times(62, "م"), td_view_str("…" PDF " STOP"))),
		"an open embedding, before the hint");
	cut(plus(td_view_str(FSI RLE), times(80, "م")), "", 1, TD_OK,
		plus(td_view_str(FSI RLE), plus(times(65, "م"), td_view_str("…" PDF PDI))), "both, the inner one first");
	cut(plus(td_view_str(FSI RLE "م" PDI), times(80, "م")), "", 1, TD_OK,
		plus(td_view_str(FSI RLE "م" PDI), plus(times(65, "م"), td_view_str("…"))), "an isolate ends what is within");
	cut(plus(td_view_str(FSI PDF "م"), times(80, "م")), "", 1, TD_OK,
		plus(td_view_str(FSI PDF "م"), plus(times(65, "م"), td_view_str("…" PDI))),
		"an embedding's end does not end it");
	cut(plus(td_view_str(RLI "م\n"), times(80, "م")), "", 1, TD_OK,
		plus(td_view_str(RLI "م\n"), plus(times(66, "م"), td_view_str("…"))), "the end of the line does");
	cut(plus(td_view_str(RLM PDI PDF), times(80, "م")), "", 1, TD_OK,
		plus(td_view_str(RLM PDI PDF), plus(times(66, "م"), td_view_str("…"))),
		"marks stay, ends without a beginning too");
	cut(plus(times(40, RLI), times(120, "م")), "", 2, TD_OK,
		plus(times(40, RLI), plus(times(61, "م"), plus(td_view_str("…"), times(32, PDI)))), "of many, 32 are closed");
}

static void national_cut(void)
{
	struct td_view out = { NULL, 0 };
	struct td_segments count;

	is_int(td_text_truncate(times(200, "aş"), TD_VLIT(" STOP"), 1, TD_NATIONAL(TD_LANG_TR), &arena, &out, NULL), TD_OK,
		"Turkish, cut");
	td_segments_count(out, TD_NATIONAL(TD_LANG_TR), &count);
	is_str(td_encoding_name(count.encoding), "gsm7", "stays in its table");
	is_int(count.segments, 1, "in one segment");
	is_int(count.units, 155, "a full one");
	is_int(td_text_truncate(times(200, "aş"), TD_VLIT(" STOP"), 1, 0, &arena, &out, NULL), TD_OK, "without the table");
	td_segments_count(out, 0, &count);
	is_int(count.units, 70, "70 characters");
}

static void memory(void)
{
	struct td_arena small;
	struct td_view out = TD_VLIT("untouched");
	struct td_err err;

	td_arena_init(&small, 16);
	is_int(td_text_smart(times(400, "“"), 1, 0, &small, &out, NULL, &err), TD_NOMEM, "smart encoding over the arena");
	is_int(
		td_text_truncate(times(400, "“"), TD_VLIT(""), 1, 0, &small, &out, &err), TD_NOMEM,
		"truncation over the arena");
	is_view(out, "untouched", "the output is left alone");
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 8u << 20);
	alphabet();
	boundaries();
	vectors();
	smart_encoding();
	national_smart();
	normal_form();
	visible();
	every_row();
	truncation();
	direction();
	national_cut();
	memory();
	td_arena_free(&arena);
	return done_testing();
}
