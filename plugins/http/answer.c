/*
 * answer - what an answer to a submission means: rules of setting errors first, then ok, then its status alone
 */
#include "http.h"

static const struct {
	const char              *name;
	enum tandem_outcome_kind kind;
} outcomes[] = {
	{ "accepted", TANDEM_ACCEPTED },
	{ "permanent-number", TANDEM_PERMANENT_NUMBER },
	{ "permanent-optout", TANDEM_PERMANENT_OPTOUT },
	{ "permanent-other", TANDEM_PERMANENT_OTHER },
	{ "temporary", TANDEM_TEMPORARY },
	{ "throttled", TANDEM_THROTTLED },
	{ "auth", TANDEM_AUTH },
	{ "funds", TANDEM_FUNDS },
	{ "uncertain", TANDEM_UNCERTAIN },
};

/* ---- settings ---- */

static bool read_rule(struct tandem_call *call, struct tandem_view text, struct state *state, struct rule *out)
{
	struct tandem_view when, then;

	if (!http_split(text, "->", &when, &then)) {
		call->host->error(call, "errors: \"%.*s\": want \"CONDITION -> OUTCOME\"", (int)text.n, text.p);
		return false;
	}
	if (!http_condition_read(call, "errors", when, &state->patterns, &out->when))
		return false;
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(*outcomes); i++) {
		if (http_is(then, outcomes[i].name)) {
			out->kind = outcomes[i].kind;
			return true;
		}
	}
	call->host->error(call, "errors: \"%.*s\" is no outcome (try: permanent-number, permanent-optout, permanent-other, "
		"temporary, throttled, auth, funds, uncertain, accepted)", (int)then.n, then.p);
	return false;
}

bool http_answer_init(struct tandem_call *call, struct state *state)
{
	static const struct tandem_view all_good = { "2xx", 3 };
	const struct tandem_host *host = call->host;
	const struct tandem_view *ok = host->setting_list(call, "ok", &state->nok);
	const struct tandem_view *errors = host->setting_list(call, "errors", &state->nerrors);
	struct tandem_view id = host->setting_text(call, "id", "");
	struct tandem_view reason = host->setting_text(call, "reason", "");
	bool good = true;

	if (!ok || !state->nok) {
		ok = &all_good;
		state->nok = 1;
	}
	state->ok = host->alloc(call, state->nok * sizeof(*state->ok));
	state->errors = host->alloc(call, state->nerrors * sizeof(*state->errors) + 1);
	if (!state->ok || !state->errors)
		return false;
	for (size_t i = 0; good && i < state->nok; i++)
		good = http_condition_read(call, "ok", ok[i], &state->patterns, &state->ok[i]);
	for (size_t i = 0; good && i < state->nerrors; i++)
		good = read_rule(call, errors[i], state, &state->errors[i]);
	return good && http_pick_read(call, "id", id, &state->patterns, &state->id) &&
		http_pick_read(call, "reason", reason, &state->patterns, &state->reason);
}

/* ---- answers ---- */

/* A status of the list, and something of the rest of it where that has anything; 2xx stands for no status. */
static bool is_ok(struct tandem_call *call, const struct state *state, const struct answer *answer)
{
	bool wanted[2] = { false, false }, held[2] = { false, false };

	for (size_t i = 0; i < state->nok; i++) {
		bool content = state->ok[i].match != MATCH_STATUS;

		wanted[content] = true;
		held[content] = held[content] || http_condition_holds(call, &state->ok[i], answer);
	}
	if (!wanted[0])
		held[0] = answer->raw->status >= 200 && answer->raw->status <= 299;
	return held[0] && (!wanted[1] || held[1]);
}

/*
 * A status that no setting speaks of. Whether an SMS was sent is known where the provider says that it did not take the
 * request; an answer of a proxy, a redirection or a mishap may have come after it was sent.
 */
static enum tandem_outcome_kind kind_of_status(uint32_t status)
{
	if (status == 401 || status == 403)
		return TANDEM_AUTH;
	if (status == 402)
		return TANDEM_FUNDS;
	if (status == 429)
		return TANDEM_THROTTLED;
	if (status == 404 || status == 405 || status == 503) /* a wrong path is no fault of the SMS */
		return TANDEM_TEMPORARY;
	return status >= 400 && status <= 499 && status != 408 ? TANDEM_PERMANENT_OTHER : TANDEM_UNCERTAIN;
}

/* "Retry-After", in seconds or as a date. */
static int64_t retry_after(const struct tandem_call *call, const struct tandem_answer *answer)
{
	int64_t ms = 0, at;

	for (size_t i = 0; i < answer->nheaders; i++) {
		struct tandem_view v = answer->headers[i].value;
		size_t k = 0;

		if (!http_is(answer->headers[i].name, "retry-after"))
			continue;
		for (; k < v.n && k < 6 && v.p[k] >= '0' && v.p[k] <= '9'; k++)
			ms = ms * 10 + (v.p[k] - '0') * 1000;
		if (k && k == v.n)
			return ms;
		return call->host->date(v, &at) && at > call->now_ms ? at - call->now_ms : 0;
	}
	return 0;
}

/* Words of the provider go into the log: no more than a line of them. */
static struct tandem_view words(struct tandem_call *call, const struct state *state, const struct answer *answer)
{
	struct tandem_view v = http_pick(call, &state->reason, answer);

	if (v.n > 200)
		v.n = 200;
	while (v.n && v.n == 200 && ((unsigned char)v.p[v.n - 1] & 0xc0) == 0x80)
		v.n--;
	return v;
}

static int accepted(struct tandem_call *call, const struct state *state, const struct answer *answer, bool must,
	struct tandem_outcome *out)
{
	struct tandem_view *id = call->host->alloc(call, sizeof(*id));
	bool wanted = must && (state->id.pointer || state->id.pattern);

	if (!id)
		return TANDEM_FAIL;
	*id = http_pick(call, &state->id, answer);
	if (wanted && !id->n) {
		out->kind = TANDEM_UNCERTAIN;
		out->detail = TANDEM_LIT("a success without an id (setting id)");
		return TANDEM_OK;
	}
	out->kind = TANDEM_ACCEPTED;
	out->ids = id;
	out->nids = id->n ? 1 : 0;
	return TANDEM_OK;
}

int http_response(struct tandem_call *call, void *arg, const struct tandem_answer *raw, struct tandem_step *out)
{
	const struct state *state = arg;
	struct answer answer = { raw, call->host->json_read(call, raw->body) };
	struct tandem_outcome *outcome = &out->outcome;

	for (size_t i = 0; i < state->nerrors && !outcome->kind; i++) {
		if (http_condition_holds(call, &state->errors[i].when, &answer))
			outcome->kind = state->errors[i].kind;
	}
	if (outcome->kind == TANDEM_ACCEPTED)
		return accepted(call, state, &answer, false, outcome);
	if (!outcome->kind && is_ok(call, state, &answer))
		return accepted(call, state, &answer, true, outcome);
	if (!outcome->kind)
		outcome->kind = kind_of_status(raw->status);
	outcome->retry_after_ms = retry_after(call, raw);
	outcome->code = call->host->print(call, "HTTP %u", raw->status);
	outcome->detail = words(call, state, &answer);
	return call->failed ? TANDEM_FAIL : TANDEM_OK;
}
