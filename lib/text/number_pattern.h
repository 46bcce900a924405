/*
 * number_pattern - the small regular expressions of numbering plans
 *
 * What scripts/tsv2c makes of libphonenumber's patterns: digits, '.' (any digit), [2-46], (…), '|', '?', {3}, {2,5};
 * nothing else, and no check: the tables are ours. Read as they stand, in one pass over the pattern whatever the
 * number, so there is nothing to compile, to keep or to lock. Owns: nothing. Threads: pure. Errors: none.
 */
#ifndef TD_NUMBER_PATTERN_H
#define TD_NUMBER_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where a match that begins at the front of digits (at most 31, ASCII) can end: bit i for "after i digits". 0 for no
 * match; NULL matches nothing.
 */
uint32_t td_pattern_ends(const char *pattern, const char *digits);
/* True if pattern takes all the digits, no fewer. */
bool td_pattern_whole(const char *pattern, const char *digits);
/* Most digits pattern can take from the front; 0 for none. */
size_t td_pattern_front(const char *pattern, const char *digits);

#endif
