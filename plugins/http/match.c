/*
 * match - what an answer is looked through with: status, regular expressions, JSON pointers
 *
 * Regular expressions are those of POSIX, extended; one sees the first 64 KiB of a body. References back (\1) are
 * refused: they can take for ever.
 */
#include "http.h"

#include <stdlib.h>

#define SEEN_MAX 65536

/* A copy that ends with a NUL. */
static const char *string(struct tandem_call *call, struct tandem_view v)
{
	return call->host->print(call, "%.*s", (int)v.n, v.n ? v.p : "").p;
}

static bool refers_back(struct tandem_view v)
{
	for (size_t i = 0; i + 1 < v.n; i++) {
		if (v.p[i] != '\\')
			continue;
		i++;
		if (v.p[i] >= '1' && v.p[i] <= '9')
			return true;
	}
	return false;
}

static struct pattern *compile(struct tandem_call *call, const char *setting, struct tandem_view text,
	struct pattern **patterns)
{
	struct pattern *pattern = call->host->alloc(call, sizeof(*pattern));
	const char *s = string(call, text);
	char why[100];
	int bad;

	if (!pattern || !s)
		return NULL;
	if (refers_back(text)) {
		call->host->error(call, "%s: \"%s\": references back are not taken", setting, s);
		return NULL;
	}
	bad = regcomp(&pattern->regex, s, REG_EXTENDED);
	if (bad) {
		regerror(bad, &pattern->regex, why, sizeof(why));
		call->host->error(call, "%s: \"%s\" is no regular expression: %s", setting, s, why);
		return NULL;
	}
	pattern->next = *patterns;
	*patterns = pattern;
	return pattern;
}

void http_match_free(struct pattern *patterns)
{
	for (; patterns; patterns = patterns->next)
		regfree(&patterns->regex);
}

/* m: nm places, of the whole and of groups. */
static bool found(const struct pattern *pattern, struct tandem_view body, regmatch_t *m, size_t nm)
{
	m[0] = (regmatch_t){ 0, (regoff_t)(body.n < SEEN_MAX ? body.n : SEEN_MAX) };
	return !regexec(&pattern->regex, body.n ? body.p : "", nm, m, REG_STARTEND);
}

static bool is_pointer(struct tandem_view v)
{
	return v.n > 0 && v.p[0] == '/';
}

/* ---- conditions ---- */

/* "404" or "4xx". */
static bool read_status(struct tandem_view v, struct condition *out)
{
	uint32_t low = 0, high = 0;

	if (v.n != 3 || v.p[0] < '1' || v.p[0] > '5')
		return false;
	for (size_t i = 0; i < 3; i++) {
		bool any = i > 0 && (v.p[i] == 'x' || v.p[i] == 'X');

		if (!any && (v.p[i] < '0' || v.p[i] > '9'))
			return false;
		low = low * 10 + (any ? 0 : (uint32_t)(v.p[i] - '0'));
		high = high * 10 + (any ? 9 : (uint32_t)(v.p[i] - '0'));
	}
	*out = (struct condition){ .match = MATCH_STATUS, .low = low, .high = high };
	return true;
}

bool http_condition_read(struct tandem_call *call, const char *setting, struct tandem_view text,
	struct pattern **patterns, struct condition *out)
{
	struct tandem_view rest, value;

	if (read_status(text, out))
		return true;
	if (http_begins(text, "body:", &rest)) {
		*out = (struct condition){ .match = MATCH_BODY, .pattern = compile(call, setting, rest, patterns) };
		return out->pattern != NULL;
	}
	if (http_begins(text, "json:", &rest) && http_split(rest, "=", &rest, &value) && is_pointer(rest)) {
		*out = (struct condition){ .match = MATCH_JSON, .pointer = string(call, rest), .value = value };
		return out->pointer != NULL;
	}
	call->host->error(call, "%s: \"%.*s\": want a status (\"404\", \"4xx\"), \"body:REGEX\" or \"json:/pointer=VALUE\"",
		setting, (int)text.n, text.p ? text.p : "");
	return false;
}

bool http_condition_holds(struct tandem_call *call, const struct condition *condition, const struct answer *answer)
{
	const struct tandem_host *host = call->host;
	struct tandem_view value;
	regmatch_t m[1];

	switch (condition->match) {
	case MATCH_STATUS:
		return answer->raw->status >= condition->low && answer->raw->status <= condition->high;
	case MATCH_BODY:
		return found(condition->pattern, answer->raw->body, m, 1);
	case MATCH_JSON:
		value = host->json_scalar(call, host->json_pointer(answer->json, condition->pointer));
		if (http_is(condition->value, "*"))
			return value.n > 0;
		return value.n == condition->value.n && !memcmp(value.p, condition->value.p, value.n);
	}
	return false;
}

/* ---- picks ---- */

bool http_pick_read(struct tandem_call *call, const char *setting, struct tandem_view text, struct pattern **patterns,
	struct pick *out)
{
	struct tandem_view rest;

	*out = (struct pick){ .pointer = NULL };
	if (!text.n)
		return true;
	if (is_pointer(text)) {
		out->pointer = string(call, text);
		return out->pointer != NULL;
	}
	if (!http_begins(text, "regex:", &rest)) {
		call->host->error(call, "%s: \"%.*s\": want a JSON pointer (\"/id\") or \"regex:…(…)\"", setting, (int)text.n,
			text.p);
		return false;
	}
	out->pattern = compile(call, setting, rest, patterns);
	if (out->pattern && !out->pattern->regex.re_nsub) {
		call->host->error(call, "%s: \"%.*s\": put brackets around what is meant", setting, (int)text.n, text.p);
		return false;
	}
	return out->pattern != NULL;
}

struct tandem_view http_pick(struct tandem_call *call, const struct pick *pick, const struct answer *answer)
{
	const struct tandem_host *host = call->host;
	regmatch_t m[2];

	if (pick->pointer)
		return host->json_scalar(call, host->json_pointer(answer->json, pick->pointer));
	if (pick->pattern && found(pick->pattern, answer->raw->body, m, 2) && m[1].rm_so >= 0)
		return (struct tandem_view){ answer->raw->body.p + m[1].rm_so, (size_t)(m[1].rm_eo - m[1].rm_so) };
	return (struct tandem_view){ NULL, 0 };
}
