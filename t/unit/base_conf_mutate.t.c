/*
 * base_conf_mutate - the sample, damaged at random: loads or is refused with words, never more
 *
 * The seed stands in the name of each failing check, so that it can be repeated.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf_dir.h"
#include "tap.h"

#define ROUNDS 400

/* libconfig 1.5 itself loses the token at hand when it gives up; LeakSanitizer asks for this. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig\n";
}

static char sample[65536];
static size_t sample_n;
static uint32_t state;

static uint32_t next(uint32_t below)
{
	state = state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)(state >> 8) * below) >> 24);
}

static const char *const words[] = { "{", "}", "(", ")", "[", "]", ";", ",", "=", "\"", "\\", "/*", "*/", "#",
	"@include ", "1",
	"-1", "1e999", "0x7fffffffffffffffL", "true", "\"\"", "\"9999999999999d\"", "( )", "[ ]", "{ }", "\xff", "\\xff",
	"ü", "\n",
	"name", "( ( ( (", "providers = ", "[\"a\", 1]" };

static size_t mutate(char *text, size_t n, size_t room)
{
	const char *word = words[next(sizeof(words) / sizeof(words[0]))];
	size_t len = strlen(word), at = next((uint32_t)n), cut;
	switch (next(4)) {
	case 0: /* put in */
		if (n + len >= room)
			return n;
		memmove(text + at + len, text + at, n - at);
		memcpy(text + at, word, len);
		return n + len;
	case 1: /* take out */
		cut = 1 + next(20);
		cut = cut < n - at ? cut : n - at - 1;
		memmove(text + at, text + at + cut, n - at - cut);
		return n - cut;
	case 2: /* change a byte, or a bit of it */
		text[at] = (char)(next(2) ? next(256) : (unsigned char)text[at] ^ (1u << next(8)));
		return n;
	default: /* swap two pieces */
		cut = next((uint32_t)n);
		for (size_t i = 0; i < 10 && at + i < n && cut + i < n; i++) {
			char c = text[at + i];
			text[at + i] = text[cut + i];
			text[cut + i] = c;
		}
		return n;
	}
}

static bool round_ok(uint32_t seed)
{
	static char text[2 * sizeof(sample)];
	size_t n = sample_n, times;
	struct td_conf *conf;
	struct td_buf out;
	bool good;
	state = seed;
	memcpy(text, sample, n);
	times = 1 + next(4);
	while (times-- > 0)
		n = mutate(text, n, sizeof(text));
	conf_bytes("tandem.conf", text, n);
	conf = conf_load();
	if (conf == NULL)
		return strncmp(conf_error(), "tandem.conf:", 12) == 0 && strlen(conf_error()) > 14;
	td_buf_init(&out, 1 << 20);
	td_conf_print(conf, false, &out);
	good = td_buf_ok(&out) && conf->sms_domain != NULL && conf->smsd.sendmail.n > 0;
	td_buf_free(&out);
	td_conf_unref(conf);
	return good;
}

int main(void)
{
	FILE *in = fopen("t/data/sample.conf", "r");
	if (in == NULL || (sample_n = fread(sample, 1, sizeof(sample), in)) == 0)
		bail_out("cannot read t/data/sample.conf");
	fclose(in);
	conf_bytes("tandem.conf", sample, sample_n);
	conf_file("quiet-hours.csv", "region,days,open,close,classes,holidays,source,reviewed\n*,,09:00,21:00,,,,\n");
	for (uint32_t seed = 1; seed <= ROUNDS; seed++)
		if (!round_ok(seed))
			fail("seed %u: \"%s\"", seed, conf_error());
	pass("%d damaged configurations", ROUNDS);
	return done_testing();
}
