/*
 * milter_scene - a mail on its way through the milter's stages, before a store that the test answers for
 *
 * For one test program each: everything is static. mail_from, rcpt, header and end say the mail; `store` says what the
 * store answers and shows what it was asked; `the_plan` is what came of it.
 */
#ifndef TD_MILTER_SCENE_H
#define TD_MILTER_SCENE_H

#include <stdio.h>

#include "mime.h"
#include "stage_end.h"
#include "stage_rcpt.h"
#include "tap.h"

static struct td_conf_category categories[] = {
	{ .name = "order", .class = TD_CLASS_TRANSACTIONAL },
	{ .name = "offer", .class = TD_CLASS_MARKETING },
	{ .name = "strict", .class = TD_CLASS_MARKETING, .deny_action = "reject" },
	{ .name = "lenient", .class = TD_CLASS_TRANSACTIONAL, .deny_action = "discard" },
};
static const char *us[] = { "US" };
static struct td_conf conf;
static struct td_conf_submitter app = { .name = "app", .max_class = TD_CLASS_CRITICAL, .link = true };

/* The store: what it is asked, and what it says. */
static struct {
	struct td_asker   asker;
	int               ndecide, nprepare;
	enum td_status    status;       /* of every question */
	struct td_verdict at_rcpt;
	struct td_verdict email;        /* for every e-mail recipient … */
	struct td_verdict email_first;  /* … but the first, when set */
	struct td_verdict sms;          /* likewise */
	struct td_verdict sms_first;
	bool              self_ok;
	struct td_prepare asked; /* the last one */
	char              query[80];
	struct td_view    unsubscribe; /* token for it */
	bool              repeatable;
} store;

static const struct td_verdict SEND = { .verdict = TD_SEND, .reason = { "ok", 2 } };
static const struct td_verdict DENY = { .verdict = TD_DENY, .reason = { "optout", 6 }, .text = { "ana opted out 100%",
	18 } };

static enum td_status decide(struct td_asker *asker, const struct td_query *query, struct td_arena *arena,
	struct td_verdict *out,
	struct td_err *err)
{
	store.ndecide++;
	snprintf(store.query, sizeof(store.query), "%.*s %d", TD_VARG(query->address), (int)query->cls);
	*out = store.at_rcpt;
	return store.status == TD_OK ? TD_OK : td_err_set(err, store.status,
		"/run/tandem/stored.milter.sock: cannot connect");
}

static enum td_status prepare(struct td_asker *asker, const struct td_prepare *request, bool repeatable,
	struct td_arena *arena,
	struct td_prepared *out, struct td_err *err)
{
	struct td_prepared_dest *dests = TD_NEWN(arena, request->dests.n, struct td_prepared_dest);
	struct td_verdict *emails = TD_NEWN(arena, request->emails.n, struct td_verdict);
	bool job = false;

	store.nprepare++;
	store.asked = *request;
	store.repeatable = repeatable;
	if (store.status != TD_OK)
		return td_err_set(err, store.status, "/run/tandem/stored.milter.sock: cannot connect");
	for (size_t i = 0; i < request->emails.n; i++)
		emails[i] = i == 0 && store.email_first.verdict ? store.email_first : store.email;
	for (size_t i = 0; i < request->dests.n; i++) {
		dests[i].verdict = i == 0 && store.sms_first.verdict ? store.sms_first : store.sms;
		if (dests[i].verdict.verdict == TD_SEND && !request->dry_run) {
			dests[i].job = TD_VLIT("01JOB");
			job = true;
		}
	}
	*out = (struct td_prepared){ .dests = { dests, request->dests.n }, .emails = { emails, request->emails.n },
		.self_ok = store.self_ok, .unsubscribe = store.unsubscribe };
	if (job && !request->activate)
		out->token = TD_VLIT("abcd");
	return TD_OK;
}

static const struct td_verdict GONE = { .verdict = TD_DENY, .reason = { "undeliverable", 13 },
	.text = { "gone*** cannot be reached", 25 } };

static struct td_mail mail;
static struct td_plan the_plan;

static void reset(void)
{
	td_mail_end(&mail);
	memset(&store, 0, sizeof(store));
	store.asker = (struct td_asker){ decide, prepare };
	store.at_rcpt = store.email = store.sms = SEND;
	conf = (struct td_conf){ .sms_domain = "sms.example.com", .token_domain = "tandem.invalid",
		.home_country = "US",
		.countries = { us, 1 }, .categories = categories, .ncategories = 4,
			.notify_default = "never" };
	conf.milter.commit = "queue";
	conf.milter.on_store_down = "tempfail";
	conf.milter.on_bad_header = "reject";
	conf.milter.scope = "tagged";
	conf.milter.max_text_source = 65536;
	conf.text.max_segments = 3;
	conf.text.too_long = "reject";
	conf.text.subject = "if-empty";
	conf.text.smart = true;
}

static void mail_from(const char *sender)
{
	static char *const none[] = { NULL };

	reset();
	td_mail_begin(&mail, &conf, &app, false, sender, none);
}

/* sendmail(1); by: the submitter, or NULL. */
static inline void local_mail_from(const char *sender, const struct td_conf_submitter *by)
{
	static char *const none[] = { NULL };

	reset();
	td_mail_begin(&mail, &conf, by, true, sender, none);
}

static struct td_answer rcpt(const char *to)
{
	static char *const none[] = { NULL };

	return td_stage_rcpt(&mail, &store.asker, to, none);
}

static void header(const char *name, const char *value)
{
	td_mail_header(&mail, td_view_str(name), td_view_str(value));
}

/* True if the mail needs its end. */
static bool end(const char *body)
{
	bool needed = td_mail_headers_end(&mail, 1764028800000);

	td_mail_body(&mail, td_view_str(body));
	if (needed)
		td_stage_end(&mail, &store.asker, TD_VLIT("4XyZ"), &the_plan);
	return needed;
}

static bool drops(const char *raw)
{
	for (size_t i = 0; i < the_plan.ndrop; i++)
		if (strcmp(the_plan.drop[i], raw) == 0)
			return true;
	return false;
}

#endif
