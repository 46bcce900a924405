/*
 * store_words.fuzz - inbound texts of any bytes: the normal form is one, and says the same as the text it is made of
 */
#include <stdint.h>
#include <stdlib.h>

#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_view text = td_view_mem(data, size);
	char once[TD_WORDS_TEXT], twice[TD_WORDS_TEXT];
	struct td_word word, again;
	size_t n = td_words_normalise(text, once);

	check(n < sizeof(once) && strlen(once) == n);
	check(n == 0 || td_view_utf8(td_view_mem(once, n)));
	check(n == 0 || (once[0] != ' ' && once[n - 1] != ' ' && !strstr(once, "  ")));
	check(td_words_classify(text, "US", &word));
	check(word.language && word.action <= TD_WORD_HELP);
	if (size > 1000) /* what is cut is another text */
		return 0;
	td_words_normalise(td_view_mem(once, n), twice);
	check(td_words_classify(td_view_mem(once, n), "US", &again));
	check(strcmp(once, twice) != 0 || word.action == again.action);
	return 0;
}
