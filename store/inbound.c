/*
 * inbound - a text from a handset: STOP, START, HELP are acted on here, in one transaction with the provider's mark
 *
 * Policy §4 says what a word does, §9 which words there are. One confirmation, only when something changed; HELP
 * answers everyone.
 */
#include <jansson.h>
#include <stdlib.h>

#include "event.h"
#include "job.h"
#include "number.h"
#include "verbs.h"
#include "words.h"

struct message {
	const struct td_inbound *in;
	struct td_view           addr; /* keyed; empty: no number anybody could be answered at */
	struct td_number         number;
	struct td_word           word;
	const struct td_conf_category *category; /* STOP OFFERS: of this one only */
	struct td_view           evidence;
};

static struct td_view evidence_of(struct td_op *op, const struct td_inbound *in)
{
	struct td_view text = td_view_utf8(in->text) ? in->text : TD_VLIT("(not UTF-8)");
	json_t        *object = json_pack("{s:s%, s:s%, s:s%, s:s%}", "inbound_text", text.p, text.n, "to",
		in->to.p ? in->to.p : "",
		in->to.n, "provider", in->provider.p ? in->provider.p : "", in->provider.n, "id", in->id.p ? in->id.p : "",
		in->id.n);
	char          *dump = object ? json_dumps(object, JSON_COMPACT) : NULL;
	struct td_view out = td_arena_dup(op->arena, td_view_str(dump));

	free(dump);
	json_decref(object);
	return out;
}

/*
 * "STOP OFFERS", "offers stop": a STOP word and one of a category's words, and nothing else. The rest of the text
 * without that word; empty = no.
 */
static struct td_view without_word(struct td_view text, struct td_view word)
{
	size_t n = word.n + 1;

	if (text.n <= n)
		return td_view_str("");
	if (td_view_starts(text, word) && text.p[word.n] == ' ')
		return td_view_skip(text, n);
	if (td_view_ends(text, word) && text.p[text.n - n] == ' ')
		return td_view_mem(text.p, text.n - n);
	return td_view_str("");
}

static const struct td_conf_category *category_stop(const struct td_conf *conf, struct td_view text, const char *region,
	struct td_word *out)
{
	char           plain[TD_WORDS_TEXT], word[TD_WORDS_TEXT];
	struct td_view whole = { plain, td_words_normalise(text, plain) };

	for (size_t i = 0; i < conf->ncategories; i++) {
		for (size_t k = 0; k < conf->categories[i].words.n; k++) {
			struct td_view name = { word, td_words_normalise(td_view_str(conf->categories[i].words.v[k]), word) };
			struct td_view rest = name.n ? without_word(whole, name) : td_view_str("");
			struct td_word found;

			if (!rest.n)
				continue;
			td_words_classify(rest, region, &found);
			if (found.action == TD_WORD_STOP && !found.fuzzy) {
				*out = found;
				return &conf->categories[i];
			}
		}
	}
	return NULL;
}

static enum td_status revoke(struct td_store *store, struct td_op *op, const struct message *m, const char *channel,
	const char *category, const char *reach)
{
	struct td_consent_event event = { .addr = m->addr, .channel = td_view_str(channel),
		.category = td_view_str(category),
		.action = TD_VLIT("revoke"), .reach = td_view_str(reach), .actor = m->in->provider, .by_subject = true,
		.source = m->word.fuzzy ? TD_VLIT("keyword_fuzzy") : TD_VLIT("keyword"), .evidence = m->evidence };

	return td_event_append(store, op, &event, NULL);
}

/* What the person has said so far, for this category (NULL: in general). */
static enum td_status look(struct td_store *store, struct td_op *op, const struct message *m, const char *category,
	struct td_gather *g)
{
	*g = (struct td_gather){ .addr = m->addr, .channel = TD_SMS, .cls = TD_CLASS_TRANSACTIONAL,
		.category = td_view_str(category) };
	return td_facts_now(store, op, g);
}

static bool revoked(const struct td_op *op, const struct td_gather *g, enum td_class cls)
{
	return strcmp(td_consent_state(g->facts.scope, cls, op->now_ms), "revoked") == 0;
}

static enum td_status stop(struct td_store *store, struct td_op *op, const struct message *m, bool *changed)
{
	struct td_gather g;

	if (look(store, op, m, m->category ? m->category->name : NULL, &g))
		return op->err.status;
	*changed = !revoked(op, &g, TD_CLASS_TRANSACTIONAL);
	if (m->category)
		return revoke(store, op, m, "sms", m->category->name, "all");
	if (revoke(store, op, m, "sms", "*", "all"))
		return op->err.status;
	return store->conf->policy.share_optout ? revoke(store, op, m, "*", "*", "marketing") : TD_OK;
}

/* Is there something that a STOP wrote and no START has lifted since? */
static bool stop_stands(const struct td_gather *g)
{
	for (size_t i = 0; i < g->consent[0].nrows; i++) {
		int64_t kind = td_col_int(&g->consent[0], i, 2);
		bool    broad = td_view_eq(td_col_view(&g->consent[0], i, 1), TD_VLIT("*"));

		if (broad && (kind == TD_CK_STOP_ALL || kind == TD_CK_STOP_MARKETING) &&
			td_col_int(&g->consent[0], i, 3) > 0 && td_col_int(&g->consent[0], i, 8) <= td_col_int(&g->consent[0], i,
			3))
			return true;
	}
	return false;
}

static enum td_status start(struct td_store *store, struct td_op *op, const struct message *m, bool *changed)
{
	struct td_consent_event event = { .addr = m->addr, .channel = TD_VLIT("sms"), .action = TD_VLIT("grant"),
		.basis = TD_VLIT("express"), .source = TD_VLIT("keyword"), .actor = m->in->provider, .by_subject = true,
		.evidence = m->evidence };
	struct td_gather        g;

	if (look(store, op, m, NULL, &g))
		return op->err.status;
	*changed = stop_stands(&g);
	return *changed ? td_event_append(store, op, &event, NULL) : TD_OK;
}

static struct td_view locale_of(struct td_store *store, struct td_op *op, const struct message *m)
{
	struct td_rows attrs;

	if (m->word.language && *m->word.language)
		return td_view_str(m->word.language);
	if (td_run(store, op, TD_SQL_ATTRS_OF_ADDR, &attrs, td_text(m->addr)) || td_sync(store, op))
		return td_view_str("");
	for (size_t i = 0; i < attrs.nrows; i++) {
		if (td_view_eq(td_col_view(&attrs, i, 0), TD_VLIT("locale")))
			return td_col_view(&attrs, i, 1);
	}
	return td_view_str(store->conf->default_locale);
}

static enum td_status confirm(struct td_store *store, struct td_op *op, const struct message *m, const char *template,
	struct td_view *job)
{
	struct td_own own = { .template = td_view_str(template), .locale = locale_of(store, op, m),
		.to = td_view_str(m->number.e164),
		.from = m->in->to, .provider = m->in->provider };

	if (op->err.status)
		return op->err.status;
	if (m->word.action == TD_WORD_HELP && store->conf->help_text) {
		own.template = td_view_str("");
		own.text = td_view_str(store->conf->help_text);
	}
	return td_prepare_own(store, op, &own, job);
}

static enum td_status act(struct td_store *store, struct td_op *op, const struct message *m, struct td_answered *out)
{
	const char *template = "help";

	switch (m->word.action) {
	case TD_WORD_STOP:
		template = "stop-confirmation";
		if (stop(store, op, m, &out->changed))
			return op->err.status;
		break;
	case TD_WORD_START:
		template = "start-confirmation";
		if (start(store, op, m, &out->changed))
			return op->err.status;
		break;
	case TD_WORD_HELP:
		break;
	default:
		return TD_OK;
	}
	if (out->changed || m->word.action == TD_WORD_HELP)
		return confirm(store, op, m, template, &out->job);
	return TD_OK;
}

static void understand(const struct td_store *store, struct td_op *op, struct message *m)
{
	/* An alphanumeric or short sender cannot be written to, and no consent is kept for it. */
	if (td_number_parse(m->in->from, NULL, &m->number, NULL))
		return;
	m->addr = td_op_text(op, "tel:%s", m->number.e164);
	m->category = category_stop(store->conf, m->in->text, m->number.region, &m->word);
	if (!m->category)
		td_words_classify(m->in->text, m->number.region, &m->word);
	if (m->word.action != TD_WORD_NONE)
		m->evidence = evidence_of(op, m->in);
}

static enum td_status repeated(struct td_store *store, struct td_op *op, const struct td_inbound *in,
	struct td_answered *out)
{
	struct td_rows rows;

	if (td_run(store, op, TD_SQL_INBOUND_GET, &rows, td_text(in->provider), td_text(in->id)) || td_sync(store, op))
		return op->err.status;
	out->action = TD_VLIT("repeat");
	out->job = td_col_view(&rows, 0, 1);
	return TD_OK;
}

static enum td_status inbound(struct td_store *store, struct td_op *op)
{
	const struct td_inbound *in = op->in;
	struct td_answered      *out = op->out;
	struct message           m = { .in = in };
	struct td_rows           rows;
	char                     from[TD_MASK_SIZE];

	if (!in->provider.n || !in->id.n)
		return td_err_set(&op->err, TD_BADINPUT, "inbound SMS without provider or id");
	understand(store, op, &m);
	out->action = td_view_str(td_word_action_name(m.word.action));
	if (td_run(store, op, TD_SQL_INBOUND_INSERT, &rows, td_text(in->provider), td_text(in->id),
		td_text(m.addr.n ? m.addr : in->from),
		td_text(in->to), td_text(td_view_utf8(in->text) ? in->text : TD_VLIT("")), td_text(out->action), td_str(""),
		td_int(in->at ? in->at : op->now_ms)))
		return op->err.status;
	if (in->mark.n && td_run(store, op, TD_SQL_MARK_PUT, NULL, td_text(in->provider), td_text(in->mark),
		td_int(op->now_ms)))
		return op->err.status;
	if (td_sync(store, op))
		return op->err.status;
	if (rows.changed == 0)
		return repeated(store, op, in, out);
	if (act(store, op, &m, out))
		return op->err.status;
	if (m.word.action == TD_WORD_NONE)
		return TD_OK;
	td_after_log(op, TD_LOG_INFO,
		"inbound: from=<%s>, provider=%.*s, keyword=%.*s%s, category=%s, changed=%s, confirmation=%.*s",
		td_log_mask(from, td_address_plain(m.addr)), TD_VARG(in->provider), TD_VARG(out->action),
		m.word.fuzzy ? " (fuzzy)" : "",
		m.category ? m.category->name : "*", out->changed ? "yes" : "no",
		TD_VARG(out->job.n ? out->job : TD_VLIT("-")));
	return td_run(store, op, TD_SQL_INBOUND_DONE, NULL, td_text(in->provider), td_text(in->id), td_text(out->action),
		td_text(out->job));
}

const struct td_verb_impl td_verbs_inbound[] = {
	{ TD_V_INBOUND, &td_inbound_shape, &td_answered_shape, inbound },
	{ 0, NULL, NULL, NULL },
};
