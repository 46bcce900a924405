/*
 * words - what an inbound text asks for: STOP, START, HELP, or nothing we act on
 *
 * Text and words are compared as scalar values in one normal form, so that the data may be written as people write it.
 */
#include "words.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#define MAX_TEXT 1024 /* scalar values of an inbound text that are looked at */
#define MAX_WORD 48   /* of a normalised word or phrase of the list */
#define FUZZY_WORDS 4
#define FUZZY_LETTERS 5

static const struct {
	enum td_word_action action;
	bool anywhere; /* a phrase that counts wherever it stands */
	const char *language;
	const char *phrase;
	const char *countries;
} rows[] = {
#define TD_ROW(...) { __VA_ARGS__ },
#include "words.inc"
#undef TD_ROW
};
#define NROWS (sizeof(rows) / sizeof(*rows))

struct text { /* normalised */
	uint32_t *p;
	size_t n;
};

static struct {
	pthread_mutex_t lock;
	bool ready;
	uint32_t words[NROWS][MAX_WORD];
	struct text row[NROWS];
} list = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Letters that are written for one another, and those that are left out. */
static ucs4_t fold(ucs4_t c)
{
	switch (c) {
	case 0x0131: return 'i';    /* dotless i, from a Turkish keyboard or lower-casing */
	case 0x0671: return 0x0627; /* alef wasla → alef */
	case 0x0649:                /* alef maqsura, */
	case 0x06CC: return 0x064A; /* Farsi yeh → yeh */
	case 0x06A9: return 0x0643; /* keheh → kaf */
	case 0x0629: return 0x0647; /* teh marbuta → heh */
	case 0x0621:                /* hamza: often not typed */
	case 0x0640: return 0;      /* tatweel: only stretches a word */
	}
	return c;
}

/* Apostrophes join ("don't" is "dont"); the acute accent is one too, but would fall apart into a space and a mark. */
static bool joins(ucs4_t c)
{
	return c == '\'' || c == '`' || c == 0xB4 || c == 0x2018 || c == 0x2019 || c == 0x2032 || c == 0x02BC ||
		   c == 0x02B9;
}

/* One scalar value of the decomposed, folded text into the normal form at out (n are there); returns the new n. */
static size_t put(uint32_t *out, size_t n, size_t max, ucs4_t c)
{
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me | UC_CATEGORY_MASK_Cf) ||
		joins(c))
		return n;
	if (!uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_Mc))
		c = ' ';
	else
		c = fold(c);
	if (!c || n == max || (c == ' ' && (!n || out[n - 1] == ' ')))
		return n;
	out[n] = c;
	return n + 1;
}

/* "s t o p" is one word: letters set apart by dots or spaces, three at least. */
static size_t join_letters(uint32_t *p, size_t n)
{
	if (n < 5 || n % 2 == 0)
		return n;
	for (size_t i = 0; i < n; i++) {
		if ((p[i] == ' ') != (i % 2 == 1))
			return n;
	}
	for (size_t i = 1; i <= n / 2; i++)
		p[i] = p[2 * i];
	return n / 2 + 1;
}

/* The normal form of UTF-8 (what is invalid counts as a space) into text->p, of max. False: out of memory. */
static bool normalise(struct td_view utf8, struct text *text, size_t max)
{
	uint32_t plain[MAX_TEXT], *folded;
	size_t n = 0, nfolded = 0;

	while (utf8.n && n < MAX_TEXT) {
		ucs4_t c;
		int used = u8_mbtouc(&c, (const uint8_t *)utf8.p, utf8.n);

		plain[n++] = c == 0xB4 ? '\'' : c;
		utf8 = td_view_skip(utf8, (size_t)used);
	}
	text->n = 0;
	folded = u32_casefold(plain, n, NULL, UNINORM_NFKD, NULL, &nfolded);
	if (!folded)
		return n == 0;
	for (size_t i = 0; i < nfolded; i++)
		text->n = put(text->p, text->n, max, folded[i]);
	free(folded);
	if (text->n && text->p[text->n - 1] == ' ')
		text->n--;
	text->n = join_letters(text->p, text->n);
	return true;
}

size_t td_words_normalise(struct td_view utf8, char out[TD_WORDS_TEXT])
{
	uint32_t scalars[MAX_TEXT];
	struct text text = { scalars, 0 };
	size_t n = 0;

	out[0] = 0;
	if (!normalise(utf8, &text, MAX_TEXT))
		return (size_t)-1;
	for (size_t i = 0; i < text.n; i++) {
		int used = u8_uctomb((uint8_t *)out + n, text.p[i], TD_WORDS_TEXT - 1 - n);

		if (used < 0)
			break;
		n += (size_t)used;
	}
	out[n] = 0;
	return n;
}

/* The list in normal form, made once. */
static bool list_ready(void)
{
	pthread_mutex_lock(&list.lock);
	for (size_t i = 0; !list.ready; i++) {
		list.row[i].p = list.words[i];
		if (!normalise(td_view_str(rows[i].phrase), &list.row[i], MAX_WORD))
			break;
		list.ready = i + 1 == NROWS;
	}
	pthread_mutex_unlock(&list.lock);
	return list.ready;
}

static bool same(struct text a, struct text b)
{
	return a.n == b.n && u32_cmp(a.p, b.p, a.n) == 0;
}

static size_t count_words(struct text t)
{
	size_t n = t.n != 0;

	for (size_t i = 0; i < t.n; i++)
		n += t.p[i] == ' ';
	return n;
}

static bool for_region(size_t row, const char *region)
{
	struct td_view rest = td_view_str(rows[row].countries), item;

	if (!rest.n)
		return true;
	while (td_view_next(&rest, ';', &item)) {
		if (td_view_eq(item, td_view_str(region)))
			return true;
	}
	return false;
}

/* Is phrase a run of whole words of t? */
static bool contains(struct text t, struct text phrase)
{
	for (size_t i = 0; i + phrase.n <= t.n; i++) {
		bool starts = i == 0 || t.p[i - 1] == ' ', ends = i + phrase.n == t.n || t.p[i + phrase.n] == ' ';

		if (starts && ends && u32_cmp(t.p + i, phrase.p, phrase.n) == 0)
			return true;
	}
	return false;
}

/* Does t begin or end with the word? */
static bool at_an_end(struct text t, struct text word)
{
	if (t.n <= word.n)
		return false;
	return (t.p[word.n] == ' ' && u32_cmp(t.p, word.p, word.n) == 0) ||
		   (t.p[t.n - word.n - 1] == ' ' && u32_cmp(t.p + t.n - word.n, word.p, word.n) == 0);
}

/* At most one letter changed, added, left out, or two neighbours swapped. */
static bool one_edit(struct text a, struct text b)
{
	size_t head = 0, tail = 0, least = a.n < b.n ? a.n : b.n;

	while (head < least && a.p[head] == b.p[head])
		head++;
	while (tail < least - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
		tail++;
	a = (struct text){ a.p + head, a.n - head - tail };
	b = (struct text){ b.p + head, b.n - head - tail };
	if (a.n <= 1 && b.n <= 1)
		return true;
	return a.n == 2 && b.n == 2 && a.p[0] == b.p[1] && a.p[1] == b.p[0];
}

/* Does the text match a row by this rule of policy §9? */
static bool matches(int rule, struct text t, size_t nwords, size_t row)
{
	struct text word = list.row[row];
	bool stop_word = rows[row].action == TD_WORD_STOP && !rows[row].anywhere && count_words(word) == 1;

	switch (rule) {
	case 1: return !rows[row].anywhere && same(t, word);
	case 2: return stop_word && nwords <= FUZZY_WORDS && at_an_end(t, word);
	case 3: return rows[row].anywhere && contains(t, word);
	default: return stop_word && nwords == 1 && word.n >= FUZZY_LETTERS && one_edit(t, word);
	}
}

bool td_words_classify(struct td_view utf8, const char *region, struct td_word *out)
{
	uint32_t scalars[MAX_TEXT];
	struct text text = { scalars, 0 };
	size_t nwords;

	*out = (struct td_word){ .action = TD_WORD_NONE, .language = "" };
	if (!list_ready() || !normalise(utf8, &text, MAX_TEXT))
		return false;
	nwords = count_words(text);
	for (int rule = 1; nwords && rule <= 4; rule++) {
		for (size_t i = 0; i < NROWS; i++) {
			if (!for_region(i, region) || !matches(rule, text, nwords, i))
				continue;
			*out = (struct td_word){ rows[i].action, rule > 1, rows[i].language };
			return true;
		}
	}
	return true;
}

const char *td_word_action_name(enum td_word_action action)
{
	static const char *const names[] = { "none", "stop", "start", "help" };

	return action <= TD_WORD_HELP ? names[action] : "none";
}
