/*
 * host_charset - services for plugins: text in the charsets of SMS protocols, an SMS in parts, time as text
 *
 * Sources: 3GPP TS 23.038, TS 23.040 §9.2.3.24 (user data header).
 */
#include "host.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "gsm.h"
#include "septet.h"

#define TIME_MAX 128

static const struct tandem_view nothing = { NULL, 0 };

/* What a buffer holds, in the memory of the call; never p == NULL but on failure. */
static struct tandem_view take(struct tandem_call *call, struct td_buf *buf)
{
	char *copy = td_buf_ok(buf) ? td_arena_alloc(host_of(call)->arena, buf->n + 1) : NULL;
	size_t n = buf->n;

	if (copy && n)
		memcpy(copy, buf->p, n);
	td_buf_free(buf);
	return copy ? (struct tandem_view){ copy, n } : host_nomem(call);
}

/* ---- charsets ---- */

/*
 * Converts in; false at a character without a code, unless it is to be marked and skipped. *known: is there a charset?
 */
static bool convert(const char *to, const char *from, struct td_view in, bool mark, struct td_buf *out, bool *known)
{
	char *p = (char *)(uintptr_t)in.p;
	iconv_t cd = iconv_open(to, from);
	size_t left = in.n;
	bool good = true;

	*known = cd != (iconv_t)-1;
	if (!*known)
		return false;
	while (left && good) {
		char bytes[512];
		char *at = bytes;
		size_t room = sizeof(bytes);
		size_t done = iconv(cd, &p, &left, &at, &room);
		bool lost = done == (size_t)-1 && errno != E2BIG;

		td_buf_add(out, td_view_mem(bytes, sizeof(bytes) - room));
		/* Another character in its place is none. */
		good = mark || !(lost || (done != (size_t)-1 && done > 0));
		if (lost && mark) {
			td_buf_utf8(out, 0xFFFD);
			p++;
			left--;
		}
	}
	iconv_close(cd);
	return good;
}

/* No transliteration, no options, no names that mean a file. */
static bool is_charset(const char *name)
{
	size_t n = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

	return n && !name[n] && n < 40;
}

static struct tandem_view service_encode(struct tandem_call *call, const char *charset, struct tandem_view text)
{
	struct td_buf out;
	bool known = true, good;

	if (!td_view_utf8(host_td(text)))
		return nothing;
	td_buf_init(&out, HOST_ARENA);
	if (!strcmp(charset, "GSM-7"))
		good = td_septet_encode(&td_alphabets[0], host_td(text), &out);
	else
		good = is_charset(charset) && convert(charset, "UTF-8", host_td(text), false, &out, &known);
	if (good)
		return take(call, &out);
	td_buf_free(&out);
	return nothing;
}

static struct tandem_view service_decode(struct tandem_call *call, const char *charset, struct tandem_view bytes)
{
	struct td_buf out;
	bool known = true;

	td_buf_init(&out, HOST_ARENA);
	if (!strcmp(charset, "GSM-7"))
		td_septet_decode(&td_alphabets[0], host_td(bytes), &out);
	else if (is_charset(charset))
		convert("UTF-8", charset, host_td(bytes), true, &out, &known);
	else
		known = false;
	if (known)
		return take(call, &out);
	td_buf_free(&out);
	return nothing;
}

/* ---- parts ---- */

/* The user data header of a part; empty when it needs none. */
static struct tandem_view header(struct tandem_call *call, const struct tandem_sms *sms, uint8_t reference, size_t part,
	size_t parts)
{
	unsigned char *h = td_arena_alloc(host_of(call)->arena, 16);
	size_t n = 1;

	if (!h)
		return host_nomem(call);
	if (parts > 1) {
		memcpy(h + n, (unsigned char[]){ 0x00, 3, reference, (unsigned char)parts, (unsigned char)(part + 1) }, 5);
		n += 5;
	}
	if (sms->shift_single) {
		memcpy(h + n, (unsigned char[]){ 0x24, 1, sms->shift_single }, 3);
		n += 3;
	}
	if (sms->shift_locking) {
		memcpy(h + n, (unsigned char[]){ 0x25, 1, sms->shift_locking }, 3);
		n += 3;
	}
	h[0] = (unsigned char)(n - 1);
	return n > 1 ? (struct tandem_view){ (const char *)h, n } : (struct tandem_view){ "", 0 };
}

static struct tandem_view user_data(struct tandem_call *call, const struct td_segments *count, struct td_view text)
{
	struct td_buf out;
	bool known, good;

	td_buf_init(&out, HOST_ARENA);
	good = count->encoding == TD_ENC_GSM7 ? td_septet_encode(&count->alphabet, text, &out)
		: convert("UTF-16BE", "UTF-8", text, false, &out, &known);
	if (good)
		return take(call, &out);
	td_buf_free(&out);
	return nothing;
}

/* How the text was counted: with the tables that the SMS names, or as UCS-2. */
static bool recount(const struct tandem_sms *sms, struct td_segments *count)
{
	unsigned national = TD_NATIONAL(sms->shift_single) | TD_NATIONAL(sms->shift_locking);

	if (sms->shift_single > TD_LANG_PT || sms->shift_locking > TD_LANG_PT || !td_view_utf8(host_td(sms->text)))
		return false;
	td_segments_count(host_td(sms->text), sms->shift_single || sms->shift_locking ? national : 0, count);
	return count->segments > 0 && count->segments <= UINT8_MAX &&
		(count->encoding == TD_ENC_UCS2) == (sms->encoding == TANDEM_UCS2) &&
		count->alphabet.single == sms->shift_single && count->alphabet.locking == sms->shift_locking;
}

static const struct tandem_part *service_parts(struct tandem_call *call, const struct tandem_sms *sms,
	uint8_t reference, size_t *n)
{
	struct td_view rest = host_td(sms->text);
	struct tandem_part *parts;
	struct td_segments count;

	*n = 0;
	if (!recount(sms, &count)) {
		call->host->error(call, "the text cannot be divided: it is not what was counted");
		return NULL;
	}
	parts = td_arena_array(host_of(call)->arena, (size_t)count.segments, sizeof(*parts));
	if (!parts) {
		host_nomem(call);
		return NULL;
	}
	for (size_t i = 0; i < (size_t)count.segments; i++) {
		struct td_view piece = { rest.p, td_segments_next(rest, &count) };

		parts[i].text = host_view(piece);
		parts[i].udh = header(call, sms, reference, i, (size_t)count.segments);
		parts[i].data = user_data(call, &count, piece);
		rest = td_view_skip(rest, piece.n);
		if (call->failed)
			return NULL;
	}
	*n = (size_t)count.segments;
	return parts;
}

/* ---- time ---- */

/* The civil date of a count of days since 1970, proleptic Gregorian: unlike gmtime, it reads no time zone file. */
static void civil(int64_t days, struct tm *tm)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t year = yoe + era * 400 + (mp >= 10);

	tm->tm_mday = (int)(doy - (153 * mp + 2) / 5) + 1;
	tm->tm_mon = (int)(mp < 10 ? mp + 2 : mp - 10);
	tm->tm_year = (int)(year - 1900);
	tm->tm_wday = (int)(((days % 7) + 11) % 7);
	tm->tm_yday = before[tm->tm_mon] + tm->tm_mday - 1 +
		(tm->tm_mon > 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

static struct tandem_view service_utc(struct tandem_call *call, int64_t ms, const char *format)
{
	int64_t s = ms / 1000 - (ms % 1000 < 0);
	int64_t days = s / 86400 - (s % 86400 < 0);
	struct tm tm = { .tm_zone = "UTC" };
	char text[TIME_MAX];
	size_t n;

	if (days < -100000 || days > 2900000) { /* years 1696 to 9909 */
		call->host->error(call, "a time that is no time");
		return nothing;
	}
	civil(days, &tm);
	s -= days * 86400;
	tm.tm_hour = (int)(s / 3600);
	tm.tm_min = (int)(s % 3600 / 60);
	tm.tm_sec = (int)(s % 60);
	n = strftime(text, sizeof(text), format, &tm);
	if (!n) {
		call->host->error(call, "a time cannot be written as \"%s\"", format);
		return nothing;
	}
	return call->host->print(call, "%s", text);
}

void host_fill_charset(struct tandem_host *host)
{
	host->utc = service_utc;
	host->encode = service_encode;
	host->decode = service_decode;
	host->parts = service_parts;
}
