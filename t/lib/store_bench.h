/*
 * store_bench - a store in a temporary folder, driven without sockets, for t/unit/store_*.t.c
 *
 * Header only, so that t/lib needs nothing of store/. Every call is a batch of its own unless bench_batch is used. The
 * clock stands still at bench.clock.value_ms; connections are numbers.
 */
#ifndef TD_STORE_BENCH_H
#define TD_STORE_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "conf.h"
#include "job.h"
#include "lease.h"
#include "store.h"
#include "tap.h"

struct bench {
	char                    dir[64], db[96], journal[96], secret[96];
	struct td_conf          conf;
	struct td_conf_category categories[4];
	const char             *countries[2];
	const char             *offer_words[1], *cart_cancel[1];
	struct td_clock         clock;
	struct td_store        *store;
	struct td_arena         arena;
};

static inline void bench_open(struct bench *b)
{
	struct td_err err;

	if (td_store_open(&b->conf, &b->clock, &b->store, &err))
		bail_out("td_store_open: %s", err.text);
}

static inline void bench_start(struct bench *b)
{
	FILE *f;

	memset(b, 0, sizeof *b);
	snprintf(b->dir, sizeof b->dir, "/tmp/tandem-unit-XXXXXX");
	if (!mkdtemp(b->dir))
		bail_out("mkdtemp failed");
	snprintf(b->db, sizeof b->db, "%s/tandem.db", b->dir);
	snprintf(b->journal, sizeof b->journal, "%s/revokes.journal", b->dir);
	snprintf(b->secret, sizeof b->secret, "%s/secret", b->dir);
	f = fopen(b->secret, "w");
	if (!f)
		bail_out("cannot write %s", b->secret);
	fprintf(f, "0123456789abcdef0123456789abcdef\n");
	fclose(f);
	chmod(b->secret, 0600);
	b->countries[0] = "US";
	b->offer_words[0] = "offers";
	b->cart_cancel[0] = "purchase";
	b->categories[0] = (struct td_conf_category){ .name = "order-confirmation", .class = TD_CLASS_TRANSACTIONAL,
		.ttl_ms = -1 };
	b->categories[1] = (struct td_conf_category){ .name = "offer", .class = TD_CLASS_MARKETING, .ttl_ms = -1,
		.words = { b->offer_words, 1 } };
	b->categories[2] = (struct td_conf_category){ .name = "cart-reminder", .class = TD_CLASS_MARKETING, .ttl_ms = -1,
		.delay_ms = 1800000, .cancel_on = { b->cart_cancel, 1 } };
	b->categories[3] = (struct td_conf_category){ .name = "otp", .class = TD_CLASS_SOLICITED, .ttl_ms = -1 };
	b->conf = (struct td_conf){ .brand = "Example Shop", .home_country = "US", .countries = { b->countries, 1 },
		.secret_file = b->secret, .default_locale = "en",
		.store = { .engine = "sqlite", .path = b->db, .journal = b->journal, .prepared_max_ms = 6 * 86400000ll,
			.key_max_ms = 14 * 86400000ll },
		.policy = { .email_optin = true, .share_optout = true }, .retention = { .text_ms = 30 * 86400000ll },
		.categories = b->categories, .ncategories = 4, .refs = 1000 };
	td_clock_fixed(&b->clock, 1700000000000);
	td_arena_init(&b->arena, 64u << 20);
	bench_open(b);
}

static inline void bench_restart(struct bench *b)
{
	td_store_close(b->store);
	bench_open(b);
}

static inline void bench_end(struct bench *b)
{
	char command[128];

	td_store_close(b->store);
	td_arena_free(&b->arena);
	snprintf(command, sizeof command, "rm -rf '%s'", b->dir);
	if (system(command))
		diag("could not remove %s", b->dir);
}

/* An operation as td_batch makes it from a request. conn: number of the connection. */
static inline struct td_op *bench_op(struct bench *b, uint16_t verb, const void *in, int conn)
{
	const struct td_verb_impl *impl = td_verb_find(verb);
	struct td_op              *op = TD_NEW(&b->arena, struct td_op);

	if (!impl || !op)
		bail_out("no handler for verb %d", verb);
	op->impl = impl;
	op->in = in;
	op->out = td_arena_alloc(&b->arena, impl->out ? impl->out->size : 1);
	op->arena = &b->arena;
	op->now_ms = b->clock.value_ms;
	op->serial = (uint64_t)conn;
	op->role = TD_ROLE_ADMIN;
	op->writes = td_verb_row(verb)->writes;
	return op;
}

/* Runs one verb; its operation holds err and out. */
static inline struct td_op *bench_call(struct bench *b, uint16_t verb, const void *in, int conn)
{
	struct td_op *op = bench_op(b, verb, in, conn);

	td_batch_run(b->store, op);
	return op;
}

/* One value of a query of the test's own, as text; "" for no row. */
static inline const char *bench_ask(struct bench *b, const char *sql)
{
	static char out[4096];
	char        command[8192];
	FILE       *p;

	snprintf(command, sizeof command, "sqlite3 '%s' \"%s\"", b->db, sql);
	p = popen(command, "r");
	out[0] = '\0';
	if (p) {
		size_t n = fread(out, 1, sizeof out - 1, p);

		while (n > 0 && out[n - 1] == '\n')
			n--;
		out[n] = '\0';
		pclose(p);
	}
	return out;
}

#define V(s) td_view_str(s)

/* A mail with one SMS to a named number. */
static inline struct td_prepare *bench_mail(struct bench *b, const char *to, const char *text, const char *key,
	enum td_class cls,
	const char *category)
{
	struct td_prepare *p = TD_NEW(&b->arena, struct td_prepare);
	struct td_dest    *dest = TD_NEW(&b->arena, struct td_dest);

	dest->to = V(to);
	dest->named = true;
	p->submitter = TD_VLIT("shop");
	p->sender = TD_VLIT("shop@example.com");
	p->cls = cls;
	p->category = V(category);
	p->key = V(key);
	p->content.text = V(text);
	p->dests = (struct td_structs){ dest, 1 };
	return p;
}

static inline const struct td_prepared_dest *bench_dest(const struct td_op *op, size_t i)
{
	const struct td_prepared *out = op->out;

	return (const struct td_prepared_dest *)out->dests.v + i;
}

/* The job's lease as a claim would have taken it. */
static inline void bench_lease(struct bench *b, struct td_view job, int conn)
{
	td_lease_take(b->store->leases, job, (uint64_t)conn, 0);
}

static inline const struct td_begun_item *bench_begin(struct bench *b, struct td_view job, int conn, bool resume)
{
	struct td_begin_item *item = TD_NEW(&b->arena, struct td_begin_item);
	struct td_begin      *begin = TD_NEW(&b->arena, struct td_begin);
	struct td_op         *op;

	*item = (struct td_begin_item){ .job = job, .provider = TD_VLIT("main"), .encoding = TD_VLIT("gsm7"),
		.segments = 1, .resume = resume };
	begin->items = (struct td_structs){ item, 1 };
	op = bench_call(b, TD_V_BEGIN, begin, conn);
	return ((const struct td_begun *)op->out)->items.v;
}

/* The verdict's reason alone. */
static inline const char *bench_begin_reason(struct bench *b, struct td_view job, int conn, bool resume)
{
	return td_arena_str(&b->arena, bench_begin(b, job, conn, resume)->verdict.reason);
}

/* State after it. */
static inline int64_t bench_settle(struct bench *b, struct td_view job, int conn, enum td_outcome outcome,
	const char *provider_id,
	int64_t due)
{
	struct td_settle_item *item = TD_NEW(&b->arena, struct td_settle_item);
	struct td_settle      *settle = TD_NEW(&b->arena, struct td_settle);
	struct td_op          *op;

	*item = (struct td_settle_item){ .job = job, .outcome = outcome, .provider_id = V(provider_id), .due = due };
	settle->items = (struct td_structs){ item, 1 };
	op = bench_call(b, TD_V_SETTLE, settle, conn);
	if (op->err.status || ((const struct td_settled *)op->out)->items.n != 1)
		return -1;
	return ((const struct td_settled_item *)((const struct td_settled *)op->out)->items.v)->state;
}

/* prepare and activate; the job's id. */
static inline struct td_view bench_job(struct bench *b, const struct td_prepare *mail)
{
	struct td_op          *op = bench_call(b, TD_V_PREPARE, mail, 1);
	const struct td_prepared *out = op->out;
	struct td_token       *token = TD_NEW(&b->arena, struct td_token);

	if (op->err.status || !out->token.n)
		return td_view_str("");
	token->token = out->token;
	if (bench_call(b, TD_V_ACTIVATE, token, 2)->err.status)
		return td_view_str("");
	return bench_dest(op, 0)->job;
}

static inline const struct td_answered *bench_inbound(struct bench *b, const char *from, const char *text,
	const char *id)
{
	struct td_inbound *in = TD_NEW(&b->arena, struct td_inbound);

	*in = (struct td_inbound){ .provider = TD_VLIT("main"), .id = V(id), .from = V(from),
		.to = TD_VLIT("+15550001111"), .text = V(text),
		.at = b->clock.value_ms };
	return bench_call(b, TD_V_INBOUND, in, 2)->out;
}

#endif
