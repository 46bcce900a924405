/*
 * format - dates, times, numbers and money as people of a locale write them
 */
#include "format.h"

#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <unicode/ucurr.h>
#include <unicode/udat.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "when.h"
#include "zone.h"

#define DAY_MS INT64_C(86400000)

enum { NKEPT = 32, KEY_SIZE = 96, LOCALE_MAX = 35, VALUE_MAX = 64, NUMBER_MAX = 30, TEXT_MAX = 256 };

struct kept { /* an open formatter */
	char     key[KEY_SIZE]; /* "": free */
	bool     is_date;
	void    *formatter; /* UDateFormat or UNumberFormat */
	uint64_t used;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* over everything below */
static struct kept kept[NKEPT];
static uint64_t clock_now;

struct moment {
	int64_t wall_ms; /* what a clock on the wall shows, as if it were UTC */
	int     east;    /* seconds of its offset */
	bool    instant; /* the offset is known */
	bool    timed;   /* has a time of day */
};

static enum td_status refuse(struct td_err *err, const char *what, struct td_view value)
{
	return td_err_dsn(err, TD_BADINPUT, "5.6.0", "%s: \"%.*s\"", what,
		(int)(value.n < VALUE_MAX ? value.n : VALUE_MAX), value.p ? value.p : "");
}

static bool digits_only(struct td_view v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	return v.n > 0;
}

/* ---- reading dates ----------------------------------------------------------------------------------------------- */

/* The date in the first n bytes of text, read with that in place of a zone. */
static bool read_with(struct td_view text, size_t n, const char *zone, int64_t *ms)
{
	char copy[VALUE_MAX + 16];
	int size;

	if (n > VALUE_MAX)
		return false;
	size = snprintf(copy, sizeof(copy), "%.*s%s", (int)n, text.p, zone);
	return td_when_date(td_view_mem(copy, (size_t)size), ms, NULL) == TD_OK;
}

/* Bytes of text before its zone: the date, and what can belong to a time. */
static size_t before_zone(struct td_view text)
{
	size_t i = 0;

	if (digits_only(td_view_mem(text.p, text.n < 4 ? text.n : 4)))
		i = text.n > 8 && text.p[4] == '-' ? 11 : 9; /* past the T of ISO 8601 */
	else
		i = td_view_chr(text, ':');
	while (i < text.n && strchr("0123456789:., \t", text.p[i]) && text.p[i])
		i++;
	return i < text.n ? i : text.n;
}

static bool read_moment(struct td_view value, struct moment *out)
{
	struct td_view text = td_view_trim(value);
	int64_t seconds;
	int64_t utc;

	*out = (struct moment){ .timed = true };
	if (text.n == 0 || text.n > VALUE_MAX)
		return false;
	if (text.n == 10 && digits_only(text)) {
		out->instant = td_view_i64(text, &seconds);
		out->wall_ms = seconds * 1000;
		return out->instant;
	}
	if ((text.n == 10 && read_with(text, 10, "T00:00Z", &out->wall_ms)) ||
		(text.n == 8 && read_with(text, 8, "T0000Z", &out->wall_ms))) {
		out->timed = false;
		return true;
	}
	if (td_when_date(text, &utc, NULL) != TD_OK)
		return read_with(text, text.n, "Z", &out->wall_ms);
	if (!read_with(text, before_zone(text), "Z", &out->wall_ms) || llabs(out->wall_ms - utc) >= DAY_MS)
		return false;
	out->east = (int)((out->wall_ms - utc) / 1000);
	out->instant = true;
	return true;
}

/* ---- formatters: all under the lock ------------------------------------------------------------------------------ */

static bool has_data(const char *locale)
{
	int32_t n = uloc_countAvailable();
	int32_t i;

	for (i = 0; i < n && strcmp(uloc_getAvailable(i), locale) != 0; i++)
		;
	return i < n;
}

/*
 * The nearest locale that ICU has data of, else English (ICU itself would take the locale of the process), with what
 * it is told about digits, calendar and hours. ICU remembers every name it is ever asked for, and tags come from
 * outside.
 */
static void nearest(const char *full, char out[ULOC_FULLNAME_CAPACITY], UErrorCode *code)
{
	static const char *const keywords[] = { "numbers", "calendar", "hours" };
	char value[ULOC_KEYWORDS_CAPACITY];
	char parent[ULOC_FULLNAME_CAPACITY];
	size_t i;

	uloc_getBaseName(full, out, ULOC_FULLNAME_CAPACITY, code);
	while (U_SUCCESS(*code) && out[0] && !has_data(out)) {
		uloc_getParent(out, parent, sizeof(parent), code);
		memcpy(out, parent, sizeof(parent));
	}
	if (!out[0])
		memcpy(out, "en", sizeof("en"));
	for (i = 0; i < sizeof(keywords) / sizeof(*keywords) && U_SUCCESS(*code); i++)
		if (uloc_getKeywordValue(full, keywords[i], value, sizeof(value), code) > 0 && U_SUCCESS(*code))
			uloc_setKeywordValue(keywords[i], value, out, ULOC_FULLNAME_CAPACITY, code);
}

/* ICU's name of a language tag. */
static enum td_status icu_locale(struct td_view tag, char out[ULOC_FULLNAME_CAPACITY], struct td_err *err)
{
	char full[ULOC_FULLNAME_CAPACITY];
	UErrorCode code = U_ZERO_ERROR;
	char copy[LOCALE_MAX + 1];
	int32_t parsed = 0;
	size_t i;

	for (i = 0; i < tag.n; i++)
		copy[i] = tag.p[i] == '_' ? '-' : tag.p[i];
	copy[i] = '\0';
	uloc_forLanguageTag(copy, full, ULOC_FULLNAME_CAPACITY, &parsed, &code);
	if (U_FAILURE(code) || code == U_STRING_NOT_TERMINATED_WARNING || (size_t)parsed != tag.n || full[0] == '\0')
		return refuse(err, "not a language tag", tag);
	nearest(full, out, &code);
	return U_SUCCESS(code) ? TD_OK : refuse(err, "not a language tag", tag);
}

static UDateFormatStyle icu_style(enum td_format_style style)
{
	static const UDateFormatStyle styles[] = { UDAT_MEDIUM, UDAT_SHORT, UDAT_MEDIUM, UDAT_LONG, UDAT_FULL };

	return styles[style];
}

static UDateFormat *open_date(const struct td_format *how, const char *zone, const char *locale, UErrorCode *code)
{
	static const UChar weekday[] = u"EEEE";
	UDateFormatStyle date = icu_style(how->style);
	UDateFormatStyle time = UDAT_SHORT;
	UChar id[16];

	u_uastrncpy(id, zone, 15);
	id[15] = 0;
	if (how->kind == TD_FORMAT_WEEKDAY)
		return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, id, -1, weekday, -1, code);
	if (how->kind == TD_FORMAT_DATE)
		time = UDAT_NONE;
	if (how->kind == TD_FORMAT_TIME) {
		time = how->style == TD_STYLE_DEFAULT ? UDAT_SHORT : date;
		date = UDAT_NONE;
	}
	return udat_open(time, date, locale, id, -1, NULL, 0, code);
}

static UNumberFormat *open_number(const struct td_format *how, const char *locale, UErrorCode *code)
{
	static const UNumberFormatStyle styles[] = { [TD_FORMAT_NUMBER] = UNUM_DECIMAL, [TD_FORMAT_PERCENT] = UNUM_PERCENT,
		[TD_FORMAT_MONEY] = UNUM_CURRENCY };
	UNumberFormat *format = unum_open(styles[how->kind], NULL, 0, locale, NULL, code);
	UChar currency[4];

	if (U_FAILURE(*code))
		return format;
	unum_setAttribute(format, UNUM_ROUNDING_MODE, UNUM_ROUND_HALFUP);
	if (how->kind == TD_FORMAT_PERCENT) {
		unum_setAttribute(format, UNUM_MULTIPLIER, 1);
		unum_setAttribute(format, UNUM_MAX_FRACTION_DIGITS, 2);
	}
	if (how->kind == TD_FORMAT_MONEY) {
		u_charsToUChars(how->currency.p, currency, 3);
		currency[3] = 0;
		unum_setTextAttribute(format, UNUM_CURRENCY_CODE, currency, 3, code);
	}
	if (how->digits >= 0)
		unum_setAttribute(format, UNUM_FRACTION_DIGITS, how->digits);
	return format;
}

/* What can be read from the file again, of ICU's libraries, of its data, and of what it alone needs. */
static int give_back_one(struct dl_phdr_info *library, size_t size, void *arg)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	size_t i;

	(void)size;
	(void)arg;
	if (!strstr(library->dlpi_name, "/libicu") && !strstr(library->dlpi_name, "/libstdc++."))
		return 0;
	for (i = 0; i < library->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &library->dlpi_phdr[i];
		uintptr_t from = library->dlpi_addr + part->p_vaddr;
		uintptr_t to = from + part->p_memsz;

		if (part->p_type == PT_LOAD && !(part->p_flags & PF_W))
			madvise((void *)(from - from % page), to - from + from % page, MADV_DONTNEED);
	}
	return 0;
}

/*
 * Opening a formatter reads some 4 MB of ICU that using it does not need; they would stay in the memory of the process
 * for good. Nothing is lost: what is needed after all comes from the page cache.
 */
static void give_back(void)
{
	dl_iterate_phdr(give_back_one, NULL);
}

static void close_kept(struct kept *k)
{
	if (k->is_date)
		udat_close(k->formatter);
	else if (k->formatter)
		unum_close(k->formatter);
	*k = (struct kept){ .used = 0 };
}

/* zone: what ICU is to call it, "GMT" unless it is shown. */
static enum td_status formatter(const struct td_format *how, const char *zone, void **out, struct td_err *err)
{
	char locale[ULOC_FULLNAME_CAPACITY];
	struct td_view tag = how->locale.n ? how->locale : TD_VLIT("en");
	UErrorCode code = U_ZERO_ERROR;
	struct kept *oldest = &kept[0];
	enum td_status status;
	char key[KEY_SIZE];
	size_t i;

	if (tag.n > LOCALE_MAX)
		return refuse(err, "not a language tag", tag);
	snprintf(key, sizeof(key), "%d %d %d %.*s %s %.*s", how->kind, how->style, how->digits, TD_VARG(how->currency),
		zone, TD_VARG(tag));
	for (i = 0; i < NKEPT; i++) {
		if (strcmp(kept[i].key, key) == 0) {
			kept[i].used = ++clock_now;
			*out = kept[i].formatter;
			return TD_OK;
		}
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	}
	status = icu_locale(tag, locale, err);
	if (status)
		return status;
	close_kept(oldest);
	oldest->is_date = how->kind <= TD_FORMAT_WEEKDAY;
	if (oldest->is_date)
		oldest->formatter = open_date(how, zone, locale, &code);
	else
		oldest->formatter = open_number(how, locale, &code);
	if (U_FAILURE(code)) {
		close_kept(oldest);
		return td_err_dsn(err, TD_TEMPFAIL, "4.3.0", "formats of locale %.*s: %s", TD_VARG(tag), u_errorName(code));
	}
	give_back();
	memcpy(oldest->key, key, sizeof(key));
	oldest->used = ++clock_now;
	*out = oldest->formatter;
	return TD_OK;
}

static enum td_status written(
	const UChar *text, int32_t n, UErrorCode code, struct td_buf *out, struct td_err *err)
{
	char utf8[TEXT_MAX * 3];
	int32_t bytes = 0;

	if (U_SUCCESS(code) && n <= TEXT_MAX)
		u_strToUTF8(utf8, sizeof(utf8), &bytes, text, n, &code);
	if (U_FAILURE(code))
		return td_err_dsn(err, TD_TEMPFAIL, "4.3.0", "formatting: %s", u_errorName(code));
	td_buf_add(out, td_view_mem(utf8, (size_t)bytes));
	return TD_OK;
}

/* ---- the two kinds ----------------------------------------------------------------------------------------------- */

static enum td_status number(const struct td_format *how, struct td_view value, struct td_buf *out, struct td_err *err)
{
	struct td_view text = td_view_trim(value);
	struct td_view whole = td_view_skip(text, text.n > 0 && text.p[0] == '-');
	size_t point = td_view_chr(whole, '.');
	UErrorCode code = U_ZERO_ERROR;
	UChar shown[TEXT_MAX];
	enum td_status status;
	void *format;
	int32_t n;

	if (text.n > NUMBER_MAX || !digits_only(td_view_mem(whole.p, point == (size_t)-1 ? whole.n : point)) ||
		(point != (size_t)-1 && !digits_only(td_view_skip(whole, point + 1))))
		return refuse(err, "not a number", value);
	if (how->kind == TD_FORMAT_MONEY && !td_format_is_currency(how->currency))
		return refuse(err, "not a currency", how->currency);
	status = formatter(how, "", &format, err);
	if (status)
		return status;
	n = unum_formatDecimal(format, text.p, (int32_t)text.n, shown, TEXT_MAX, NULL, &code);
	return written(shown, n, code, out, err);
}

/* Only the longer styles of a time name the zone; without one there is nothing to name. */
static bool shows_zone(struct td_format *how, const struct moment *m)
{
	if (how->kind != TD_FORMAT_TIME || how->style < TD_STYLE_LONG)
		return false;
	if (!m->instant)
		how->style = TD_STYLE_MEDIUM;
	return m->instant;
}

static enum td_status date(struct td_format how, struct td_view value, struct td_buf *out, struct td_err *err)
{
	char zone[sizeof("GMT+00:00")] = "GMT";
	UErrorCode code = U_ZERO_ERROR;
	UChar shown[TEXT_MAX];
	enum td_status status;
	struct moment m;
	void *format;
	int64_t ms;
	int32_t n;

	if (!read_moment(value, &m))
		return refuse(err, "not a date", value);
	if (!m.timed && (how.kind == TD_FORMAT_TIME || how.kind == TD_FORMAT_DATETIME))
		return refuse(err, "a date without a time", value);
	if (m.instant && how.tz.n) {
		int east;

		status = td_zone_offset(how.tz, m.wall_ms - m.east * INT64_C(1000), &east, err);
		if (status)
			return status;
		m.wall_ms += (east - m.east) * INT64_C(1000);
		m.east = east;
	}
	ms = m.wall_ms;
	if (shows_zone(&how, &m)) {
		int minutes = abs(m.east) / 60 % (24 * 60);

		snprintf(zone, sizeof(zone), "GMT%c%02d:%02d", m.east < 0 ? '-' : '+', minutes / 60, minutes % 60);
		ms -= (m.east < 0 ? -1 : 1) * minutes * INT64_C(60000);
	}
	status = formatter(&how, zone, &format, err);
	if (status)
		return status;
	n = udat_format(format, (UDate)ms, shown, TEXT_MAX, NULL, &code);
	return written(shown, n, code, out, err);
}

bool td_format_is_currency(struct td_view code)
{
	UChar wide[4];
	size_t i;

	if (code.n != 3)
		return false;
	for (i = 0; i < 3; i++)
		if (code.p[i] < 'A' || code.p[i] > 'Z')
			return false;
	u_charsToUChars(code.p, wide, 3);
	wide[3] = 0;
	return ucurr_getNumericCode(wide) > 0;
}

enum td_status td_format_value(
	const struct td_format *how, struct td_view value, struct td_buf *out, struct td_err *err)
{
	enum td_status status;

	pthread_mutex_lock(&lock);
	if (how->kind <= TD_FORMAT_WEEKDAY)
		status = date(*how, value, out, err);
	else
		status = number(how, value, out, err);
	pthread_mutex_unlock(&lock);
	return status;
}
