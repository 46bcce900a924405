/*
 * host_check - is what a plugin returned something that can be believed?
 */
#include "host_check.h"

#include <stdio.h>

#include "host.h"

static bool is_view(struct tandem_view v)
{
	return v.p || !v.n;
}

static struct tandem_view clean(char *out, size_t size, struct tandem_view v)
{
	struct td_view in = is_view(v) ? host_td(v) : td_view_str("");

	return (struct tandem_view){ out, td_view_clean(out, size, in) };
}

/* NULL when the outcome makes sense. */
static const char *nonsense(const struct tandem_outcome *o)
{
	if (o->kind < TANDEM_ACCEPTED || o->kind >= TANDEM_NOT_THERE)
		return "an outcome of a kind that there is not";
	if (o->kind != TANDEM_ACCEPTED)
		return NULL;
	if ((!o->ids && o->nids) || o->nids > HOST_PARTS_MAX)
		return "message ids that are not there";
	for (size_t i = 0; i < o->nids; i++) {
		if (!is_view(o->ids[i]) || o->ids[i].n > HOST_ID_MAX || !td_view_utf8(host_td(o->ids[i])))
			return "a message id that is none";
	}
	return NULL;
}

bool host_check_outcome(struct tandem_outcome *outcome, bool left, struct host_words *words)
{
	const char *why = nonsense(outcome);

	words->why[0] = '\0';
	outcome->code = clean(words->code, sizeof(words->code), outcome->code);
	outcome->detail = clean(words->detail, sizeof(words->detail), outcome->detail);
	outcome->price = clean(words->price, sizeof(words->price), outcome->price);
	outcome->currency = clean(words->currency, sizeof(words->currency), outcome->currency);
	if (outcome->retry_after_ms < 0 || outcome->retry_after_ms > HOST_WAIT_MAX_MS)
		outcome->retry_after_ms = 0;
	if (outcome->segments > HOST_PARTS_MAX)
		outcome->segments = 0;
	if (!why)
		return true;
	snprintf(words->why, sizeof(words->why), "the plugin gives %s (%d)", why, (int)outcome->kind);
	*outcome = (struct tandem_outcome){ .kind = left ? TANDEM_UNCERTAIN : TANDEM_PERMANENT_OTHER,
		.detail = { words->why, strlen(words->why) } };
	return false;
}

#define NO_TEXT "a request with a text that is none"

const char *host_check_http(const struct tandem_http *http)
{
	if (!is_view(http->url) || !is_view(http->body) || !is_view(http->user) || !is_view(http->password) ||
		(!http->headers && http->nheaders) || http->nheaders > HOST_HEADERS_MAX)
		return NO_TEXT;
	for (size_t i = 0; i < http->nheaders; i++) {
		if (!is_view(http->headers[i].name) || !is_view(http->headers[i].value))
			return NO_TEXT;
	}
	return NULL;
}

const char *host_check_file(const struct tandem_file_request *file)
{
	return is_view(file->bytes) && is_view(file->name) && is_view(file->before) && is_view(file->key) &&
		is_view(file->after) ? NULL : NO_TEXT;
}

const char *host_check_hook(const struct tandem_events *out)
{
	const char *why = is_view(out->type) && is_view(out->body) ? NULL : "an answer with a text that is none";

	if (out->nfollow > sizeof(out->follow) / sizeof(*out->follow))
		return "more requests than there is room for";
	if (out->status && (out->status < 200 || out->status > 599))
		return "an answer with a status that there is not";
	for (size_t i = 0; i < out->nfollow && !why; i++)
		why = host_check_http(&out->follow[i].http);
	return why;
}

const char *host_check_stream(const struct tandem_stream_out *out)
{
	if (!is_view(out->bytes) || !is_view(out->stored) || !is_view(out->unstored))
		return "bytes that are not there";
	return !out->results && out->nresults ? "results that are not there" : NULL;
}

static bool is_text(struct tandem_view v, size_t max)
{
	return is_view(v) && v.n <= max && td_view_utf8(host_td(v));
}

const char *host_check_events(const struct tandem_event *events, size_t n)
{
	if ((!events && n) || n > HOST_EVENTS_MAX)
		return "events that are not there";
	for (size_t i = 0; i < n; i++) {
		const struct tandem_event *e = &events[i];

		if (e->kind != TANDEM_RECEIPT && e->kind != TANDEM_INBOUND)
			return "an event of a kind that there is not";
		if (!is_text(e->id, HOST_ID_MAX) || !is_text(e->code, HOST_ID_MAX) || !is_text(e->price, HOST_ID_MAX) ||
			!is_text(e->currency, HOST_ID_MAX) || !is_text(e->from, HOST_ID_MAX) || !is_text(e->to, HOST_ID_MAX) ||
			!is_text(e->text, HOST_EVENT_TEXT_MAX))
			return "an event with a text that is none";
		if (e->kind == TANDEM_RECEIPT && (e->state < TANDEM_ON_ITS_WAY || e->state > TANDEM_LOST || !e->id.n))
			return "a receipt without id or state";
	}
	return NULL;
}
