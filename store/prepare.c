/*
 * prepare - one mail: whom its SMS go to, what is decided, and the jobs it leaves
 *
 * A prepared job holds no key and no slot: a mail that Postfix refuses after all leaves nothing but rows that are swept
 * away later.
 */
#include "prepare.h"

#include "event.h"
#include "number.h"
#include "person.h"
#include "quiet.h"

#define DESTS_MAX 5000 /* what fits into a request's arena */
#define CONTENT_MAX (2u << 20) /* bytes: a claim must always be able to carry one */
#define MINUTE (60 * 1000)
#define HOUR (60 * MINUTE)

static enum td_status no_room(struct td_op *op)
{
	return td_err_set(&op->err, TD_NOMEM, "request too large");
}

static enum td_status set_up(struct td_op *op, struct td_prep *p)
{
	struct td_verdict *verdicts;

	p->ntargets = p->in->dests.n;
	if (p->ntargets + p->in->emails.n > DESTS_MAX)
		return td_err_set(&op->err, TD_TOOBIG, "more than %d recipients in one mail", DESTS_MAX);
	p->targets = TD_NEWN(op->arena, p->ntargets, struct td_target);
	p->emails = TD_NEWN(op->arena, p->in->emails.n, struct td_gather);
	p->out->dests.v = TD_NEWN(op->arena, p->ntargets, struct td_prepared_dest);
	p->out->emails.v = verdicts = TD_NEWN(op->arena, p->in->emails.n, struct td_verdict);
	if (!p->targets || !p->emails || !p->out->dests.v || !verdicts)
		return no_room(op);
	p->out->dests.n = p->ntargets;
	p->out->emails.n = p->in->emails.n;
	for (size_t i = 0; i < p->ntargets; i++) {
		p->targets[i].in = (const struct td_dest *)p->in->dests.v + i;
		p->targets[i].out = (struct td_prepared_dest *)p->out->dests.v + i;
	}
	return TD_OK;
}

static int64_t default_ttl(enum td_class cls)
{
	if (cls == TD_CLASS_SOLICITED)
		return 10 * MINUTE;
	return cls == TD_CLASS_MARKETING ? 24 * HOUR : 72 * HOUR;
}

/* Earliest and latest time. A default runs from the earliest time: a mail for next month is not late this week. */
static void set_times(const struct td_store *store, const struct td_op *op, struct td_prep *p)
{
	const struct td_conf_category *category = td_conf_category(store->conf, p->in->category);
	int64_t                        start;

	p->due = p->in->send_at;
	if (p->in->delay && op->now_ms + p->in->delay > p->due)
		p->due = op->now_ms + p->in->delay;
	start = p->due > op->now_ms ? p->due : op->now_ms;
	if (!p->in->delay && !p->in->send_at && category)
		start += category->delay_ms;
	if (p->in->expires)
		p->expires = p->in->expires;
	else
		p->expires = start + (category && category->ttl_ms >= 0 ? category->ttl_ms : default_ttl(p->cls));
}

/*
 * The key is X-Tandem-Key, else the Message-ID. A Message-ID used again with other content is another message, so its
 * second key names the content as well.
 */
static enum td_status set_content(struct td_op *op, struct td_prep *p)
{
	struct td_buf out;
	char          hex[33];

	td_buf_init(&out, TD_MSG_MAX);
	td_shape_encode(&td_content_shape, &p->in->content, &out);
	if (!td_buf_ok(&out) || out.n > CONTENT_MAX) {
		td_buf_free(&out);
		return td_err_dsn(&op->err, TD_TOOBIG, "5.3.4", "the SMS's text and variables are over %u bytes", CONTENT_MAX);
	}
	td_sha256(p->digest, td_buf_view(&out));
	p->content = td_arena_dup(op->arena, td_buf_view(&out));
	td_buf_free(&out);
	if (p->content.n == 0) /* nothing but defaults: still a content, not an erased one */
		p->content = TD_VLIT("");
	if (p->content.n && !p->content.p)
		return no_room(op);
	p->key = p->in->key.n ? p->in->key : p->in->message_id;
	if (!p->in->key.n && p->key.n) {
		td_hex_encode(hex, p->digest, 16);
		p->alt_key = td_op_text(op, "%.*s#%s", TD_VARG(p->key), hex);
	}
	p->mail = td_op_id(op);
	p->note = td_caps_note(op, p->key, p->in->key.n > 0, td_view_mem(p->digest, sizeof p->digest), p->mail);
	return TD_OK;
}

/* The single-use token that Tandem's own mails carry. */
static enum td_status take_self(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	bool ok = false;

	if (!p->in->self.n)
		return TD_OK;
	if (td_self_use(store, op, p->in->self, &ok))
		return op->err.status;
	p->out->self_ok = ok;
	return TD_OK;
}

/* Is the SMS not for now? Then what was sent until now does not matter yet (policy §6). */
static bool is_later(const struct td_store *store, const struct td_op *op, const struct td_prep *p)
{
	const struct td_conf_category *category = td_conf_category(store->conf, p->in->category);

	return p->due > op->now_ms || (!p->due && category && category->delay_ms > 0);
}

static enum td_status resolve(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	for (size_t i = 0; i < p->ntargets; i++) {
		struct td_target *t = &p->targets[i];

		if (t->in->email.n && td_address(op, t->in->email, NULL, &t->email))
			return op->err.status;
		if (t->email.n && (td_run(store, op, TD_SQL_LINKED_OF, &t->linked, td_text(t->email)) ||
			td_run(store, op, TD_SQL_ATTRS_OF_ADDR, &t->attrs, td_text(t->email))))
			return op->err.status;
	}
	if (td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < p->ntargets; i++) {
		struct td_target *t = &p->targets[i];

		t->g = (struct td_gather){ .channel = TD_SMS, .cls = p->cls, .category = p->in->category, .key = p->key,
			.alt_key = p->alt_key, .digest = td_view_mem(p->digest, sizeof p->digest), .key_explicit = p->in->key.n > 0,
			.want_attrs = true, .expires = p->expires, .tz = p->in->tz, .tz_stored = td_quiet_zone_of(&t->attrs),
			.sender = p->in->submitter, .provider = p->provider, .note = p->note, .email = t->email,
			.later = is_later(store, op, p) };
		if (t->in->to.n == 0)
			t->g.addr = td_person_number(&t->linked);
		else if (td_address(op, t->in->to, store->conf->home_country, &t->g.addr))
			return op->err.status;
	}
	return TD_OK;
}

/*
 * One recipient and one number, named by a submitter who may link them. What stands against it is logged and stops
 * nothing.
 */
static enum td_status link_pair(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	struct td_target *t = p->targets;
	struct td_view email;
	enum td_status status;

	if (!p->in->link || p->in->dry_run || p->ntargets != 1 || !t->in->to.n || !t->in->named)
		return TD_OK;
	email = t->email;
	if (!email.n && (p->in->emails.n != 1 || td_address(op, p->in->emails.v[0], NULL, &email)))
		return TD_OK;
	status = td_person_link(store, op, email, t->g.addr, TD_VLIT("app"), p->in->submitter);
	if (status != TD_REFUSED && status != TD_TOOBIG)
		return status;
	td_after_log(op, TD_LOG_WARNING, "%.*s: not linked: %s", TD_VARG(p->in->queue_id), op->err.text);
	td_err_clear(&op->err);
	return TD_OK;
}

/* What the mail says besides: jobs it cancels, events it reports. Before its own jobs exist. */
static enum td_status side_effects(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	struct td_view addr;

	if (p->in->dry_run)
		return TD_OK;
	if (p->in->cancel.n && td_cancel_key(store, op, p->in->cancel, &p->out->cancelled))
		return op->err.status;
	for (size_t i = 0; p->in->event.n && i < p->in->emails.n; i++) {
		if (td_address(op, p->in->emails.v[i], NULL, &addr) || td_happening_record(store, op, addr, p->in->event))
			return op->err.status;
	}
	for (size_t i = 0; p->in->event.n && i < p->ntargets; i++) {
		addr = p->targets[i].email.n ? p->targets[i].email : p->targets[i].g.addr;
		if (addr.n && td_happening_record(store, op, addr, p->in->event))
			return op->err.status;
	}
	return TD_OK;
}

static enum td_status gather(struct td_store *store, struct td_op *op, struct td_prep *p)
{
	if (td_prep_emails_ask(store, op, p))
		return op->err.status;
	for (size_t i = 0; i < p->ntargets; i++) {
		if (p->targets[i].g.addr.n && td_facts_ask(store, op, &p->targets[i].g))
			return op->err.status;
	}
	if (td_sync(store, op))
		return op->err.status;
	for (size_t i = 0; i < p->in->emails.n; i++) {
		if (td_facts_more(store, op, &p->emails[i]))
			return op->err.status;
	}
	for (size_t i = 0; i < p->ntargets; i++) {
		if (p->targets[i].g.addr.n && td_facts_more(store, op, &p->targets[i].g))
			return op->err.status;
	}
	return td_sync(store, op);
}

/* A submitter who names a number says that it was given to him: `provided`, when nothing is on record (policy §5). */
static enum td_status note_provided(struct td_store *store, struct td_op *op, const struct td_prep *p,
	struct td_target *t)
{
	struct td_consent_event event = { .addr = t->g.addr, .channel = TD_VLIT("sms"), .action = TD_VLIT("grant"),
		.basis = TD_VLIT("provided"), .source = TD_VLIT("api"), .actor = p->in->submitter };
	struct td_mark_fact    *grant = &t->g.facts.scope[TD_SCOPE_CHANNEL].grant;
	struct td_view          id = TD_VLIT("");

	if (!t->in->named || !t->g.nothing || t->g.facts.blocked)
		return TD_OK;
	if (!p->in->dry_run && td_event_append(store, op, &event, &id))
		return op->err.status;
	grant->at = op->now_ms;
	grant->provided = true;
	grant->source = "api";
	grant->event = td_arena_str(op->arena, id);
	return grant->event ? TD_OK : no_room(op);
}

static bool is_twice(const struct td_prep *p, const struct td_target *t)
{
	for (const struct td_target *other = p->targets; other < t; other++) {
		if (td_view_eq(other->g.addr, t->g.addr))
			return true;
	}
	return false;
}

/* For a decision that td_decide is not asked for. */
static void decided(struct td_gather *g, enum td_verdict_kind verdict, const char *reason)
{
	g->decision = (struct td_decision){ .verdict = verdict, .reason = reason };
}

enum td_status td_prep_conflict(struct td_op *op, const struct td_prep *p)
{
	return td_err_dsn(&op->err, TD_CONFLICT, "5.7.0", "X-Tandem-Key: \"%.*s\" was used before with other content",
		(int)(p->key.n < 64 ? p->key.n : 64), p->key.p);
}

static enum td_status judge_target(struct td_store *store, struct td_op *op, const struct td_prep *p,
	struct td_target *t)
{
	if (!t->g.addr.n) {
		t->g.addr = t->email;
		decided(&t->g, TD_K_DENY, "no-number");
		return TD_OK;
	}
	if (td_facts_fill(store, op, &t->g) || note_provided(store, op, p, t))
		return op->err.status;
	if (t->g.conflict)
		return td_prep_conflict(op, p);
	td_facts_judge(store, op, &t->g);
	if (t->g.decision.verdict == TD_K_SEND && is_twice(p, t))
		decided(&t->g, TD_K_DUPLICATE, "duplicate");
	return TD_OK;
}

/* May a job wait for its time? A full budget refuses a direct SMS, whose sender hears it at once. */
static bool may_go(const struct td_target *t)
{
	const struct td_decision *d = &t->g.decision;
	bool                      told = t->in->direct && d->reason && strcmp(d->reason, "budget") == 0;

	return d->verdict == TD_K_SEND || d->verdict == TD_K_HOLD ||
		(d->verdict == TD_K_CAPPED && d->action == TD_FULL_HOLD && !told);
}

/* Does the mail live on for anybody? Else the session says why not, and nobody is left to be told later. */
static bool goes_on(const struct td_prep *p)
{
	for (size_t i = 0; i < p->in->emails.n; i++) {
		if (td_prep_mail_goes(&p->emails[i].decision))
			return true;
	}
	for (size_t i = 0; i < p->ntargets; i++) {
		if (may_go(&p->targets[i]))
			return true;
	}
	return false;
}

/*
 * A direct SMS that is stopped while the mail goes on for others gets a job all the same: once activated, BEGIN stops
 * it again, or holds it until its budget has room, and its sender gets the report that no SMTP reply could carry.
 */
static bool wants_job(const struct td_prep *p, const struct td_target *t)
{
	bool stopped = t->g.decision.verdict == TD_K_DENY || t->g.decision.verdict == TD_K_CAPPED;
	bool told_later = p->goes_on && t->in->direct && stopped && td_address_is_tel(t->g.addr);

	return !p->in->dry_run && !p->comes_back && (may_go(t) || told_later);
}

static enum td_status decide_target(struct td_store *store, struct td_op *op, struct td_prep *p, struct td_target *t)
{
	struct td_prepared_dest *out = t->out;

	out->verdict = td_facts_verdict(op, &t->g);
	if (td_address_is_tel(t->g.addr))
		out->to = td_address_plain(t->g.addr);
	if (t->g.attrs.nrows == 0)
		t->g.attrs = t->attrs;
	out->attrs = td_facts_attrs(op, &t->g);
	t->made = wants_job(p, t);
	if (t->made) {
		out->job = td_op_id(op);
		p->nmade++;
	}
	if (t->g.decision.verdict == TD_K_SEND && !p->in->dry_run)
		return TD_OK;
	td_decision_log(op, &t->g, &out->verdict, p->in->dry_run ? "dry-run" : "prepare", out->job, p->in->message_id);
	/* What was only tried is not on record: `why` tells of messages. */
	if (p->in->dry_run)
		return TD_OK;
	td_after_count(op, &store->count.refused);
	return td_decision_record(store, op, &t->g, &out->verdict, out->job, p->in->message_id);
}

/*
 * What the trial and smsd both render a template with, whatever becomes of the person in between. For any other text
 * the attributes are kept that say how things are written, and no more.
 */
static enum td_status snapshot(struct td_op *op, const struct td_prep *p, const struct td_target *t,
	struct td_view *out)
{
	const struct td_content *content = &p->in->content;
	const struct td_pair    *pair = t->out->attrs.v;
	bool                     all = content->template.n && !content->text.n;
	struct td_pair          *kept = TD_NEWN(op->arena, t->out->attrs.n, struct td_pair);
	struct td_attrs          attrs = { { kept, 0 } };
	struct td_buf            bytes;

	*out = TD_VLIT("");
	for (size_t i = 0; kept && i < t->out->attrs.n; i++) {
		if (all || td_view_eq(pair[i].name, TD_VLIT("locale")) || td_view_eq(pair[i].name, TD_VLIT("tz")))
			kept[attrs.pairs.n++] = pair[i];
	}
	if (attrs.pairs.n == 0)
		return kept ? TD_OK : no_room(op);
	td_buf_init(&bytes, TD_MSG_MAX);
	td_shape_encode(&td_attrs_shape, &attrs, &bytes);
	*out = td_buf_ok(&bytes) ? td_arena_dup(op->arena, td_buf_view(&bytes)) : *out;
	td_buf_free(&bytes);
	return out->n && out->p ? TD_OK : no_room(op);
}

static enum td_status write_job(struct td_store *store, struct td_op *op, const struct td_prep *p,
	const struct td_target *t)
{
	struct td_view attrs;

	if (snapshot(op, p, t, &attrs))
		return op->err.status;
	return td_run(store, op, TD_SQL_JOB_INSERT, NULL, td_text(t->out->job), td_text(p->mail), td_text(t->g.addr),
		td_text(td_address_plain(t->email)), td_int(p->cls), td_text(p->in->category), td_int(p->due),
		td_int(p->expires), td_text(p->provider), td_int(t->in->notify), td_int(t->in->direct), td_int(t->in->named),
		td_int(op->now_ms), td_blob(attrs.p, attrs.n));
}

static enum td_status write_mail(struct td_store *store, struct td_op *op, const struct td_prep *p)
{
	const struct td_prepare *in = p->in;

	if (td_run(store, op, TD_SQL_MAIL_INSERT, NULL, td_text(p->mail), td_text(in->submitter), td_text(in->sender),
		td_text(in->reply_to), td_text(in->message_id), td_text(in->envid), td_text(in->queue_id), td_int(p->cls),
		td_text(in->category), td_text(p->key), td_int(in->key.n > 0), td_text(in->from), td_text(in->route),
			td_text(in->tz),
		td_blob(p->content.p, p->content.n), td_blob(p->digest, sizeof p->digest), td_int(op->now_ms)))
		return op->err.status;
	for (size_t i = 0; i < p->ntargets; i++) {
		if (p->targets[i].made && write_job(store, op, p, &p->targets[i]))
			return op->err.status;
	}
	td_after_count(op, &store->count.prepared);
	return TD_OK;
}

enum td_status td_prepare_mail(struct td_store *store, struct td_op *op, const struct td_prepare *prepare,
	struct td_view provider,
	struct td_prepared *out)
{
	struct td_activated activated = { .repeat = false };
	struct td_prep         p = { .in = prepare, .out = out, .provider = provider,
		.cls = prepare->cls > TD_CLASS_NONE &&
		prepare->cls < TD_CLASS_MAX ? (enum td_class)prepare->cls : TD_CLASS_TRANSACTIONAL };

	if (take_self(store, op, &p) || set_up(op, &p) || set_content(op, &p))
		return op->err.status;
	set_times(store, op, &p);
	if (resolve(store, op, &p) || link_pair(store, op, &p) || side_effects(store, op, &p) || gather(store, op, &p))
		return op->err.status;
	for (size_t i = 0; i < p.ntargets; i++) {
		if (judge_target(store, op, &p, &p.targets[i]))
			return op->err.status;
	}
	if (td_prep_emails_decide(store, op, &p))
		return op->err.status;
	p.goes_on = goes_on(&p);
	for (size_t i = 0; i < p.ntargets; i++) {
		if (decide_target(store, op, &p, &p.targets[i]))
			return op->err.status;
	}
	if (p.nmade == 0)
		return TD_OK;
	if (write_mail(store, op, &p))
		return op->err.status;
	if (prepare->activate)
		return td_activate_mail(store, op, p.mail, prepare->queue_id, &activated);
	out->token = td_mail_token(store, op, p.mail);
	return TD_OK;
}

enum td_status td_prepare_own(struct td_store *store, struct td_op *op, const struct td_own *own, struct td_view *job)
{
	struct td_pair     brand = { TD_VLIT("brand"), td_view_str(store->conf->brand) };
	struct td_dest     dest = { .to = own->to };
	struct td_prepare  prepare = { .submitter = TD_VLIT("tandem"), .cls = TD_CLASS_COMPLIANCE, .from = own->from,
		.activate = true,
		.content = { .text = own->text, .template = own->template, .locale = own->locale, .vars = { &brand, 1 } },
		.dests = { &dest, 1 } };
	struct td_prepared out = { .self_ok = false };
	enum td_status     status = td_prepare_mail(store, op, &prepare, own->provider, &out);

	*job = status || out.dests.n == 0 ? TD_VLIT("") : ((const struct td_prepared_dest *)out.dests.v)->job;
	return status;
}
