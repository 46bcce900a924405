/*
 * number_pattern - the small regular expressions of numbering plans
 *
 * A set of positions in the number goes through the pattern from left to right: each piece turns the positions where
 * it may begin into those where it may end. Positions are bits, so a piece costs a few instructions.
 */
#include "number_pattern.h"

#include <string.h>

enum { MOST_DIGITS = 31 };

struct scan {
	const char *p;      /* the rest of the pattern */
	uint32_t    at[10]; /* positions of each digit */
};

static uint32_t alternatives(struct scan *scan, uint32_t from);

/* "[2-46]": p stands behind the bracket. */
static uint32_t set(struct scan *scan)
{
	uint32_t found = 0;

	while (*scan->p != ']') {
		int last = *scan->p - '0';
		int digit = last;

		if (scan->p[1] == '-') {
			last = scan->p[2] - '0';
			scan->p += 2;
		}
		for (; digit <= last; digit++)
			found |= scan->at[digit];
		scan->p++;
	}
	scan->p++;
	return found;
}

static uint32_t atom(struct scan *scan, uint32_t from)
{
	uint32_t ends;
	char c = *scan->p++;

	if (c == '(') {
		ends = alternatives(scan, from);
		scan->p++;
		return ends;
	}
	if (c == '.')
		ends = scan->at[0] | scan->at[1] | scan->at[2] | scan->at[3] | scan->at[4] | scan->at[5] | scan->at[6] |
			scan->at[7] | scan->at[8] | scan->at[9];
	else
		ends = c == '[' ? set(scan) : scan->at[c - '0'];
	return (from & ends) << 1;
}

static int count(struct scan *scan)
{
	int n = 0;

	while (*scan->p >= '0' && *scan->p <= '9')
		n = n * 10 + (*scan->p++ - '0');
	return n;
}

/* An atom, and how often. */
static uint32_t piece(struct scan *scan, uint32_t from)
{
	const char *begin = scan->p;
	const char *end;
	uint32_t once = atom(scan, from);
	uint32_t ends;
	int least;
	int most;
	int i;

	if (*scan->p == '?') {
		scan->p++;
		return from | once;
	}
	if (*scan->p != '{')
		return once;
	scan->p++;
	least = count(scan);
	most = least;
	if (*scan->p == ',') {
		scan->p++;
		most = count(scan);
	}
	end = scan->p + 1;
	ends = least == 0 ? from : 0;
	for (i = 1; i <= most && once; i++) {
		if (i >= least)
			ends |= once;
		scan->p = begin;
		if (i < most)
			once = atom(scan, once);
	}
	scan->p = end;
	return ends;
}

/* To the end of this alternative. */
static void skip(struct scan *scan)
{
	int depth = 0;

	for (; *scan->p && (depth > 0 || (*scan->p != '|' && *scan->p != ')')); scan->p++)
		depth += (*scan->p == '(') - (*scan->p == ')');
}

static uint32_t alternatives(struct scan *scan, uint32_t from)
{
	uint32_t ends = 0;

	for (;;) {
		uint32_t here = from;

		while (here && *scan->p && *scan->p != '|' && *scan->p != ')')
			here = piece(scan, here);
		skip(scan);
		ends |= here;
		if (*scan->p != '|')
			return ends;
		scan->p++;
	}
}

uint32_t td_pattern_ends(const char *pattern, const char *digits)
{
	struct scan scan = { .p = pattern };
	size_t i;

	for (i = 0; i < MOST_DIGITS && digits[i]; i++)
		scan.at[digits[i] - '0'] |= (uint32_t)1 << i;
	return pattern ? alternatives(&scan, 1) : 0;
}

bool td_pattern_whole(const char *pattern, const char *digits)
{
	return td_pattern_ends(pattern, digits) >> strlen(digits) & 1;
}

size_t td_pattern_front(const char *pattern, const char *digits)
{
	uint32_t ends = td_pattern_ends(pattern, digits);
	size_t n = 0;

	while (ends >> 1) {
		ends >>= 1;
		n++;
	}
	return n;
}
