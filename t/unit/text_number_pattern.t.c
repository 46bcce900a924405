/*
 * text_number_pattern - the regular expressions of numbering plans
 */
#include "number_pattern.h"

#include <stdio.h>

#include "tap.h"

static void takes(const char *pattern, const char *digits, size_t most, bool whole)
{
	is_int(td_pattern_front(pattern, digits), most, "%s takes of %s", pattern ? pattern : "nothing", digits);
	is_int(td_pattern_whole(pattern, digits), whole, "%s takes all of %s", pattern ? pattern : "nothing", digits);
}

/* Each string of four digits, against what the pattern means, spelt out. */
static void every(const char *pattern, bool (*means)(int number))
{
	size_t wrong = 0;
	int i;

	for (i = 0; i < 10000; i++) {
		char digits[12];

		snprintf(digits, sizeof(digits), "%04d", i);
		wrong += td_pattern_whole(pattern, digits) != means(i);
	}
	is_int(wrong, 0, "%s: all of 0000 to 9999", pattern);
}

static bool bounds(int n)
{
	return n / 1000 == 1 || n / 1000 == 3 || n / 1000 == 4 || n / 1000 == 5 || n / 1000 == 9;
}

static bool twins(int n)
{
	return n / 100 == 12 || n / 100 == 21 || n / 1000 == 7;
}

static bool nested(int n)
{
	return (n / 100 == 80 && n % 10 != 0) || n / 10 == 811 || n / 10 == 812;
}

static bool twice(int n)
{
	int high = n / 100;
	int low = n % 100;

	return (high == 12 || high == 34) && (low == 12 || low == 34);
}

int main(void)
{
	takes("0|180020", "0123", 1, false);
	takes("0|180020", "180020123", 6, false);
	takes("0|180020", "123", 0, false);
	takes("0|80?", "802912", 2, false);
	takes("0|80?", "8291", 1, false);
	takes("12{3}", "1222", 4, true);
	takes("12{3}", "122", 0, false);
	takes("1.{2,4}", "12345678", 5, false);
	takes("1.{2,4}", "12345", 5, true);
	takes("1.{2,4}", "123", 3, true);
	takes("1.{2,4}", "12", 0, false);
	takes("1(23){0,2}4", "14", 2, true);
	takes("1(23){0,2}4", "1234", 4, true);
	takes("1(23){0,2}4", "123234", 6, true);
	takes("1(23){0,2}4", "12323234", 0, false);
	takes("1(2|34?)?5", "15", 2, true);
	takes("1(2|34?)?5", "1345", 4, true);
	takes("1(2|34?)?5", "1335", 0, false);
	takes("(0|00)0", "00", 2, true);
	takes("(0|00)0", "000", 3, true);
	takes("1(2(3(4|5)|6)|7)8", "12358", 5, true);
	takes("1(2(3(4|5)|6)|7)8", "178", 3, true);
	takes("1(2(3(4|5)|6)|7)8", "12378", 0, false);
	takes("", "1", 0, false);
	takes("[0-9]{15}", "123456789012345", 15, true);
	takes("..", "", 0, false);
	takes(NULL, "1", 0, false);
	is_int(td_pattern_ends("1|12|.{4}", "1234"), 1 << 1 | 1 << 2 | 1 << 4, "all ends");
	is_int(td_pattern_ends("|12", "1234"), 1 | 1 << 2, "an empty alternative ends where it begins");

	every("[13-59].{3}", bounds);
	every("(1[2]|21)..|7[0-9]{3}", twins);
	every("8(0.[1-9]|1[12].)", nested);
	every("(12|34){2}", twice);
	return done_testing();
}
