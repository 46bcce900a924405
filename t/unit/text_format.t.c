/*
 * text_format - dates, times, numbers and money by locale
 */
#include "format.h"

#include <pthread.h>
#include <stdio.h>

#include "tap.h"

#define NBSP "\xC2\xA0"
#define NNBSP "\xE2\x80\xAF"
#define RLM "\xE2\x80\x8F"

static void shows(struct td_format how, const char *value, const char *want)
{
	struct td_err err = { 0 };
	struct td_buf out;

	td_buf_init(&out, 4096);
	if (!is_int(td_format_value(&how, td_view_str(value), &out, &err), TD_OK, "%s in %.*s", value, TD_VARG(how.locale)))
		diag("%s", err.text);
	is_view(td_buf_view(&out), want, "%s in %.*s: kind %d, style %d", value, TD_VARG(how.locale), how.kind, how.style);
	td_buf_free(&out);
}

static void refuses(struct td_format how, const char *value, const char *text)
{
	struct td_err err = { 0 };
	struct td_buf out;

	td_buf_init(&out, 4096);
	is_int(td_format_value(&how, td_view_str(value), &out, &err), TD_BADINPUT, "%s is refused", value);
	is_str(err.text, text, "%s: why", value);
	is_str(td_err_code(&err), "5.6.0", "%s: code", value);
	ok(out.n == 0, "%s: nothing written", value);
	td_buf_free(&out);
}

static struct td_format in(const char *locale, enum td_format_kind kind, enum td_format_style style)
{
	return (struct td_format){ kind, style, -1, { NULL, 0 }, td_view_str(locale), { NULL, 0 } };
}

static struct td_format zoned(const char *zone, enum td_format_kind kind, enum td_format_style style)
{
	struct td_format how = in("en-GB", kind, style);

	how.tz = td_view_str(zone);
	return how;
}

static struct td_format digits(const char *locale, enum td_format_kind kind, int n)
{
	struct td_format how = in(locale, kind, TD_STYLE_DEFAULT);

	how.digits = n;
	return how;
}

static struct td_format money(const char *locale, const char *currency)
{
	struct td_format how = in(locale, TD_FORMAT_MONEY, TD_STYLE_DEFAULT);

	how.currency = td_view_str(currency);
	return how;
}

static void values(void)
{
	static const char *const same[] = { "2026-11-29T10:30+02:00", "2026-11-29T10:30:00.000+02:00",
		"2026-11-29 10:30+02", "20261129T1030+0200", "Sun, 29 Nov 2026 10:30:00 +0200",
		"29 Nov 2026 10:30 +0200 (EET)", "2026-11-29T10:30", "2026-11-29 10:30:59", "Sun, 29 Nov 2026 10:30:00",
		"  2026-11-29T10:30Z ", "1795948200" };
	static const char *const none[] = { "", "tomorrow", "29.11.2026", "2026-11-31", "2026-02-29T10:00Z",
		"2026-11-29T25:00", "2026-11-29T10:30+2", "2026-11-29T10:30Zebra", "Mon, 29 Nov 2026 10:30:00 +0200", "10:30",
		"179594820", "-1795948200", "17959482000", "2026-11-29T10:30Z\n2026", "1969-12-31", "20261129T", "2026-11-29T",
		"00000000000000000000000000000000000000000000000000000000000000000000000000000000000",
		"\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA6-11-29" };
	char text[160];
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(*same); i++)
		shows(in("en-GB", TD_FORMAT_DATETIME, TD_STYLE_SHORT), same[i], "29/11/2026, 10:30");
	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		struct td_view clean = td_view_mem(none[i], strlen(none[i]) < 64 ? strlen(none[i]) : 64);
		char cleaned[80];

		td_view_clean(cleaned, sizeof(cleaned), clean);
		snprintf(text, sizeof(text), "not a date: \"%s\"", cleaned);
		refuses(in("en-GB", TD_FORMAT_DATE, TD_STYLE_DEFAULT), none[i], text);
	}
	shows(in("en-GB", TD_FORMAT_DATE, TD_STYLE_SHORT), "20261129", "29/11/2026");
	refuses(in("en-GB", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-11-29", "a date without a time: \"2026-11-29\"");
	refuses(in("en-GB", TD_FORMAT_DATETIME, TD_STYLE_DEFAULT), "20261129", "a date without a time: \"20261129\"");
}

static void styles(void)
{
	static const char at[] = "2026-11-29T10:30:05+02:00";

	shows(in("", TD_FORMAT_DATE, TD_STYLE_DEFAULT), at, "Nov 29, 2026");
	shows(in("en-GB", TD_FORMAT_DATE, TD_STYLE_SHORT), at, "29/11/2026");
	shows(in("en-GB", TD_FORMAT_DATE, TD_STYLE_MEDIUM), at, "29 Nov 2026");
	shows(in("en-GB", TD_FORMAT_DATE, TD_STYLE_LONG), at, "29 November 2026");
	shows(in("en_gb", TD_FORMAT_DATE, TD_STYLE_FULL), at, "Sunday, 29 November 2026");
	shows(in("en-GB", TD_FORMAT_TIME, TD_STYLE_DEFAULT), at, "10:30");
	shows(in("en-GB", TD_FORMAT_TIME, TD_STYLE_SHORT), at, "10:30");
	shows(in("en-GB", TD_FORMAT_TIME, TD_STYLE_MEDIUM), at, "10:30:05");
	shows(in("en-GB", TD_FORMAT_TIME, TD_STYLE_LONG), at, "10:30:05 GMT+2");
	shows(in("en-GB", TD_FORMAT_TIME, TD_STYLE_FULL), "2026-11-29T10:30:05-05:30", "10:30:05 GMT-05:30");
	shows(in("en-GB", TD_FORMAT_TIME, TD_STYLE_LONG), "2026-11-29T10:30:05", "10:30:05");
	shows(in("en-GB", TD_FORMAT_DATETIME, TD_STYLE_DEFAULT), at, "29 Nov 2026, 10:30");
	shows(in("en-GB", TD_FORMAT_DATETIME, TD_STYLE_FULL), at, "Sunday, 29 November 2026 at 10:30");
	shows(in("en-GB", TD_FORMAT_WEEKDAY, TD_STYLE_DEFAULT), "2026-11-29", "Sunday");
	shows(in("de", TD_FORMAT_WEEKDAY, TD_STYLE_DEFAULT), "2026-11-29", "Sonntag");
	shows(in("ar", TD_FORMAT_WEEKDAY, TD_STYLE_DEFAULT), "2026-11-29", "الأحد");
	shows(in("fr-CA", TD_FORMAT_DATE, TD_STYLE_LONG), at, "29 novembre 2026");
	shows(in("en-US", TD_FORMAT_TIME, TD_STYLE_DEFAULT), at, "10:30" NNBSP "AM");
	shows(in("xx", TD_FORMAT_DATE, TD_STYLE_DEFAULT), at, "Nov 29, 2026");
	shows(in("de-Latn-XX-1996-x-any", TD_FORMAT_DATE, TD_STYLE_LONG), at, "29. November 2026");
}

static void arabic(void)
{
	static const char at[] = "2026-11-29T10:30+02:00";

	shows(in("ar-EG", TD_FORMAT_DATE, TD_STYLE_LONG), at, "٢٩ نوفمبر ٢٠٢٦");
	shows(in("ar-EG", TD_FORMAT_TIME, TD_STYLE_DEFAULT), at, "١٠:٣٠ ص");
	shows(in("ar-EG-u-nu-latn", TD_FORMAT_DATE, TD_STYLE_LONG), at, "29 نوفمبر 2026");
	shows(in("ar-AE", TD_FORMAT_DATE, TD_STYLE_LONG), at, "29 نوفمبر 2026");
	shows(in("ar-MA", TD_FORMAT_DATE, TD_STYLE_LONG), at, "29 نونبر 2026");
	shows(money("ar-EG", "EGP"), "1249.5", RLM "١٬٢٤٩٫٥٠" NBSP "ج.م." RLM);
	shows(money("ar-AE", "EGP"), "1249.5", RLM "1,249.50" NBSP "ج.م." RLM);
}

static void zones(void)
{
	/* Egypt has summer time again since 2023. */
	shows(zoned("Africa/Cairo", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-07-01T09:00Z", "12:00");
	shows(zoned("Africa/Cairo", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-12-01T09:00Z", "11:00");
	shows(zoned("Africa/Cairo", TD_FORMAT_TIME, TD_STYLE_LONG), "2026-07-01T09:00Z", "12:00:00 GMT+3");
	shows(zoned("America/New_York", TD_FORMAT_DATETIME, TD_STYLE_SHORT), "2026-11-29T02:30+02:00", "28/11/2026, 19:30");
	shows(zoned("America/New_York", TD_FORMAT_DATETIME, TD_STYLE_SHORT), "1795948200", "29/11/2026, 05:30");
	shows(zoned("Asia/Kolkata", TD_FORMAT_TIME, TD_STYLE_FULL), "2026-11-29T10:00Z", "15:30:00 GMT+05:30");
	/* The last second before, and the first of, summer time. */
	shows(zoned("Europe/Berlin", TD_FORMAT_TIME, TD_STYLE_MEDIUM), "2026-03-29T00:59:59Z", "01:59:59");
	shows(zoned("Europe/Berlin", TD_FORMAT_TIME, TD_STYLE_MEDIUM), "2026-03-29T01:00:00Z", "03:00:00");
	/* What says no offset is not moved. */
	shows(zoned("Asia/Tokyo", TD_FORMAT_DATE, TD_STYLE_SHORT), "2026-11-29", "29/11/2026");
	shows(zoned("Asia/Tokyo", TD_FORMAT_DATETIME, TD_STYLE_SHORT), "2026-11-29T23:30", "29/11/2026, 23:30");
	shows(zoned("UTC", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-11-29T10:30+02:00", "08:30");
	shows(zoned("nowhere at all", TD_FORMAT_DATE, TD_STYLE_SHORT), "2026-11-29", "29/11/2026");
	refuses(zoned("Mars/Olympus", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-11-29T10:30Z",
		"\"Mars/Olympus\": no such time zone (want a name such as Europe/Berlin)");
	refuses(zoned("../../../etc/passwd", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-11-29T10:30Z",
		"\"../../../etc/passwd\": no such time zone (want a name such as Europe/Berlin)");
	refuses(zoned("Europe", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-11-29T10:30Z",
		"\"Europe\": no such time zone (want a name such as Europe/Berlin)");
	refuses(zoned("GMT+2", TD_FORMAT_TIME, TD_STYLE_DEFAULT), "2026-11-29T10:30Z",
		"\"GMT+2\": no such time zone (want a name such as Europe/Berlin)");
}

static void numbers(void)
{
	static const char *const none[] = { "", "-", ".", "1.", ".5", "1,249.00", "1 249", "1e3", "+5", "0x10", "NaN",
		"12-", "--1", "1.2.3", "249 EGP", "\xD9\xA1\xD9\xA2", "1234567890123456789012345678901" };
	char text[80];
	size_t i;

	shows(digits("en", TD_FORMAT_NUMBER, -1), "1234567", "1,234,567");
	shows(digits("de", TD_FORMAT_NUMBER, -1), "-1234.5", "-1.234,5");
	shows(digits("en", TD_FORMAT_NUMBER, 2), "1234.5", "1,234.50");
	shows(digits("en", TD_FORMAT_NUMBER, 0), "2.5", "3");
	shows(digits("en", TD_FORMAT_NUMBER, -1), "0.1235", "0.124");
	shows(digits("en", TD_FORMAT_NUMBER, 9), "12345678901234567890.123456789", "12,345,678,901,234,567,890.123456789");
	shows(digits("en-IN", TD_FORMAT_NUMBER, -1), "1234567", "12,34,567");
	shows(digits("en", TD_FORMAT_PERCENT, -1), "20", "20%");
	shows(digits("en", TD_FORMAT_PERCENT, -1), "7.25", "7.25%");
	shows(digits("fr", TD_FORMAT_PERCENT, 1), "20", "20,0" NBSP "%");
	for (i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(text, sizeof(text), "not a number: \"%s\"", none[i]);
		refuses(digits("en", TD_FORMAT_NUMBER, -1), none[i], text);
	}
}

static void currencies(void)
{
	shows(money("en", "EGP"), "1249.5", "EGP" NBSP "1,249.50");
	shows(money("en", "USD"), "-1249.005", "-$1,249.01");
	shows(money("en-GB", "GBP"), "0.1", "£0.10");
	shows(money("de", "EUR"), "1249.5", "1.249,50" NBSP "€");
	shows(money("en", "JPY"), "1249.5", "¥1,250");
	shows(money("en", "KWD"), "1.5", "KWD" NBSP "1.500");
	refuses(money("en", "egp"), "1", "not a currency: \"egp\"");
	refuses(money("en", "ABC"), "1", "not a currency: \"ABC\"");
	refuses(money("en", ""), "1", "not a currency: \"\"");
	refuses(money("en", "EGPX"), "1", "not a currency: \"EGPX\"");
	ok(td_format_is_currency(TD_VLIT("EGP")) && !td_format_is_currency(TD_VLIT("E\0P")), "codes of currencies");
}

static void locales(void)
{
	refuses(digits("e", TD_FORMAT_NUMBER, -1), "1", "not a language tag: \"e\"");
	refuses(digits("en-", TD_FORMAT_NUMBER, -1), "1", "not a language tag: \"en-\"");
	refuses(digits("en/../x", TD_FORMAT_NUMBER, -1), "1", "not a language tag: \"en/../x\"");
	refuses(digits("en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa", TD_FORMAT_NUMBER, -1), "1",
		"not a language tag: \"en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa\"");
}

/* More formatters than are kept, from many threads: each answer is still the right one. */
static void *many(void *arg)
{
	static const char *const tags[] = { "en", "de", "en-GB", "en-IN", "en-US", "en-AU", "de-AT", "fr", "it", "es" };
	size_t *wrong = arg;
	size_t i;

	for (i = 0; i < 2000; i++) {
		struct td_format how = digits(tags[i % 10], TD_FORMAT_NUMBER, (int)(i / 10 % 9));
		struct td_buf out;

		td_buf_init(&out, 256);
		if (td_format_value(&how, TD_VLIT("12.000000000"), &out, NULL) != TD_OK || out.n < 2 ||
			out.n != (how.digits ? 3u + (size_t)how.digits : 2u) || memcmp(out.p, "12", 2) != 0)
			++*wrong;
		td_buf_free(&out);
	}
	return NULL;
}

static void threads(void)
{
	pthread_t thread[4];
	size_t wrong[4] = { 0 };
	size_t i;

	for (i = 0; i < 4; i++)
		if (pthread_create(&thread[i], NULL, many, &wrong[i]))
			bail_out("no thread");
	for (i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		is_int((long long)wrong[i], 0, "thread %zu", i);
	}
}

int main(void)
{
	values();
	styles();
	arabic();
	zones();
	numbers();
	currencies();
	locales();
	threads();
	return done_testing();
}
