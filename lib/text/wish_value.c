/*
 * wish_value - one reader for each header's value: who, when, how
 */
#include "wish_value.h"

#include <stdio.h>

#include "quote.h"
#include "when.h"
#include "zone.h"

#define KEY_MAX 128
#define NAME_MAX_BYTES 64

enum td_status td_wish_bad(const struct td_wish_ctx *ctx, const char *what, struct td_view value, struct td_err *err)
{
	char quoted[TD_QUOTE_SIZE];

	return td_err_dsn(err, TD_BADINPUT, "5.6.0", "X-Tandem-%s: %s: %s", ctx->name, what, td_quote(quoted, value));
}

enum td_status td_wish_nomem(const struct td_wish_ctx *ctx, struct td_err *err)
{
	return td_err_set(err, TD_NOMEM, "X-Tandem-%s: over the memory limit of one mail", ctx->name);
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* 1 to 64 letters, digits, and characters of `more`. */
static bool is_name(struct td_view v, const char *more)
{
	if (v.n == 0 || v.n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!is_alnum(v.p[i]) && (v.p[i] == '\0' || !strchr(more, v.p[i])))
			return false;
	return true;
}

static bool seen(const struct td_number *numbers, size_t n, const char *e164)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(numbers[i].e164, e164) == 0)
			return true;
	return false;
}

static enum td_status read_numbers(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	struct td_view rest = value;
	struct td_view item;
	struct td_number *numbers;
	size_t room = 1;
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++)
		room += value.p[i] == ',';
	numbers = TD_NEWN(ctx->arena, room, struct td_number);
	if (!numbers)
		return td_wish_nomem(ctx, err);
	while (td_view_next(&rest, ',', &item)) {
		enum td_status status = td_number_parse(item, ctx->conf->home_country, &numbers[n], err);

		if (status != TD_OK) {
			td_err_prefix(err, "X-Tandem-%s", ctx->name);
			if (err)
				snprintf(err->dsn, sizeof(err->dsn), "5.6.0");
			return status;
		}
		if (!seen(numbers, n, numbers[n].e164))
			n++;
	}
	if (n == 0)
		return td_wish_bad(ctx, "neither yes, no nor a phone number", value, err);
	ctx->out->sms = TD_WISH_NUMBERS;
	ctx->out->numbers = numbers;
	ctx->out->nnumbers = n;
	return TD_OK;
}

enum td_status td_wish_read_sms(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	if (td_view_caseeq(value, TD_VLIT("yes")))
		ctx->out->sms = TD_WISH_ONFILE;
	else if (td_view_caseeq(value, TD_VLIT("no")))
		ctx->out->sms = TD_WISH_NO;
	else
		return read_numbers(ctx, value, err);
	return TD_OK;
}

enum td_status td_wish_read_class(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	enum td_class cls = td_class_parse(value);

	/* compliance is Tandem's own */
	if (cls == TD_CLASS_NONE || cls == TD_CLASS_COMPLIANCE)
		return td_wish_bad(ctx, "none of critical, solicited, transactional, service, marketing", value, err);
	ctx->out->cls = cls;
	return TD_OK;
}

enum td_status td_wish_read_category(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	const struct td_conf_category *category = td_conf_category(ctx->conf, value);

	if (!category)
		return td_wish_bad(ctx, "not a configured category", value, err);
	ctx->out->category = category;
	return TD_OK;
}

/* A sender id: a number, or 1 to 11 characters with a letter among them (3GPP TS 23.040 §9.1.2.5). */
static bool is_sender_name(struct td_view v)
{
	bool letter = false;

	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < ' ' || v.p[i] > '~')
			return false;
		letter |= is_alnum(v.p[i]) && (v.p[i] < '0' || v.p[i] > '9');
	}
	return v.n > 0 && v.n <= 11 && letter;
}

static bool is_short_code(struct td_view v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	return v.n >= 3 && v.n <= 6;
}

/* The form in which sender ids are compared: E.164 for a number, else as it is. False: no sender id. */
static bool sender_canonical(const struct td_conf *conf, struct td_view v, struct td_number *number,
	struct td_view *out)
{
	*out = v;
	if (is_sender_name(v) || is_short_code(v))
		return true;
	if (td_number_parse(v, conf->home_country, number, NULL) != TD_OK)
		return false;
	*out = td_view_str(number->e164);
	return true;
}

enum td_status td_wish_read_from(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	const struct td_strings *allowed = &ctx->submitter->from;
	struct td_number asked_number, number;
	struct td_view asked, one;
	char quoted[TD_QUOTE_SIZE];

	if (!sender_canonical(ctx->conf, value, &asked_number, &asked))
		return td_wish_bad(ctx, "not a sender id", value, err);
	for (size_t i = 0; i < allowed->n; i++) {
		if (!sender_canonical(ctx->conf, td_view_str(allowed->v[i]), &number, &one) || !td_view_eq(one, asked))
			continue;
		ctx->out->from = td_arena_dup(ctx->arena, asked);
		return ctx->out->from.p ? TD_OK : td_wish_nomem(ctx, err);
	}
	return td_err_dsn(err, TD_REFUSED, "5.7.1", "X-Tandem-From: submitter %s may not send as %s",
		ctx->submitter->name,
		td_quote(quoted, value));
}

enum td_status td_wish_read_send_at(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	if (td_when_date(value, &ctx->out->send_at, NULL) != TD_OK)
		return td_wish_bad(ctx, "not a date", value, err);
	return TD_OK;
}

enum td_status td_wish_read_delay(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	if (td_when_duration(value, &ctx->out->delay, NULL) != TD_OK)
		return td_wish_bad(ctx, "not a duration", value, err);
	return TD_OK;
}

enum td_status td_wish_read_expires(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	int64_t span;

	if (td_when_duration(value, &span, NULL) == TD_OK)
		ctx->out->expires = ctx->now_ms + span;
	else if (td_when_date(value, &ctx->out->expires, NULL) != TD_OK)
		return td_wish_bad(ctx, "neither a date nor a duration", value, err);
	return TD_OK;
}

static enum td_status read_key(struct td_wish_ctx *ctx, struct td_view value, struct td_view *out, struct td_err *err)
{
	if (value.n == 0)
		return td_wish_bad(ctx, "empty", value, err);
	if (value.n > KEY_MAX)
		return td_wish_bad(ctx, "longer than 128 bytes", value, err);
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return td_wish_bad(ctx, "control character", value, err);
	*out = value;
	return TD_OK;
}

enum td_status td_wish_read_key(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	return read_key(ctx, value, &ctx->out->key, err);
}

enum td_status td_wish_read_cancel(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	return read_key(ctx, value, &ctx->out->cancel, err);
}

enum td_status td_wish_read_event(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	if (!is_name(value, "-_."))
		return td_wish_bad(ctx, "not an event name", value, err);
	ctx->out->event = value;
	return TD_OK;
}

enum td_status td_wish_read_tz(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	if (!td_zone_valid(value))
		return td_wish_bad(ctx, "not a time zone", value, err);
	ctx->out->tz = value;
	return TD_OK;
}

/* BCP 47 in outline: subtags of 1 to 8 letters and digits, the first one 2 to 8 letters. */
enum td_status td_wish_read_locale(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	struct td_view rest = value;
	struct td_view subtag;
	bool first = true;
	bool good = is_name(value, "-") && value.p[value.n - 1] != '-';

	while (good && td_view_next(&rest, '-', &subtag)) {
		good = subtag.n >= (first ? 2 : 1) && subtag.n <= 8;
		for (size_t i = 0; first && i < subtag.n; i++)
			good = good && (subtag.p[i] < '0' || subtag.p[i] > '9');
		first = false;
	}
	if (!good)
		return td_wish_bad(ctx, "not a language tag", value, err);
	ctx->out->locale = value;
	return TD_OK;
}

enum td_status td_wish_read_max_segments(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	int64_t n;

	if (!td_view_i64(value, &n) || n < 1 || n > 10)
		return td_wish_bad(ctx, "not a number from 1 to 10", value, err);
	ctx->out->max_segments = (int)n;
	return TD_OK;
}

enum td_status td_wish_read_notify(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	/* Who wants to hear of success wants to hear that there is none. */
	if (td_view_caseeq(value, TD_VLIT("never")))
		ctx->out->notify = TD_NOTIFY_NEVER;
	else if (td_view_caseeq(value, TD_VLIT("failure")))
		ctx->out->notify = TD_NOTIFY_FAILURE;
	else if (td_view_caseeq(value, TD_VLIT("success")))
		ctx->out->notify = TD_NOTIFY_FAILURE | TD_NOTIFY_SUCCESS;
	else
		return td_wish_bad(ctx, "none of never, failure, success", value, err);
	return TD_OK;
}

enum td_status td_wish_read_dry_run(struct td_wish_ctx *ctx, struct td_view value, struct td_err *err)
{
	if (td_view_caseeq(value, TD_VLIT("yes")))
		ctx->out->dry_run = true;
	else if (!td_view_caseeq(value, TD_VLIT("no")))
		return td_wish_bad(ctx, "neither yes nor no", value, err);
	return TD_OK;
}
