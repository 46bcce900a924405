/*
 * store - opening and closing what tandem-stored works on
 */
#include <stdlib.h>

#include "batch.h"
#include "caps.h"
#include "claim.h"
#include "crypto.h"
#include "event.h"
#include "journal.h"
#include "lease.h"
#include "store.h"
#include "token.h"

#define SECRET_MIN 32

static enum td_status read_secret(const struct td_conf *conf, struct td_view *out, struct td_err *err)
{
	struct td_arena arena;
	struct td_view  secret, rest, line = { NULL, 0 };
	enum td_status  status;
	char           *copy;

	td_arena_init(&arena, 65536);
	status = td_conf_secret(conf->secret_file, &arena, &secret, err);
	if (status == TD_NOTFOUND)
		td_err_set(err, TD_NOTFOUND,
			"secret_file: %s does not exist (try: umask 077; head -c 32 /dev/urandom | base64 >%s)",
			conf->secret_file, conf->secret_file);
	if (!status)
		status = td_token_secret_check(secret, err);
	if (status)
		goto out;
	rest = secret;
	td_view_next(&rest, '\n', &line);
	if (line.n < SECRET_MIN) {
		status = td_err_set(err, TD_BADINPUT, "secret_file: %s: %zu characters, wants %d or more", conf->secret_file,
			line.n, SECRET_MIN);
		goto out;
	}
	copy = malloc(secret.n);
	if (!copy) {
		status = td_err_set(err, TD_NOMEM, "out of memory");
		goto out;
	}
	memcpy(copy, secret.p, secret.n);
	td_secret_wipe((char *)(uintptr_t)secret.p, secret.n);
	*out = td_view_mem(copy, secret.n);
out:
	td_arena_free(&arena);
	return status;
}

static void drop_secret(struct td_view secret)
{
	char *p = (char *)(uintptr_t)secret.p;

	if (!p)
		return;
	td_secret_wipe(p, secret.n);
	free(p);
}

static enum td_status recover(struct td_store *store, struct td_op *op)
{
	if (td_chain_load(store, op))
		return op->err.status;
	return td_claims_recover(store, op);
}

enum td_status td_store_open(struct td_conf *conf, struct td_clock *clock, struct td_store **out, struct td_err *err)
{
	struct td_store *store = calloc(1, sizeof *store);
	enum td_status   status;

	if (!store || !(store->leases = td_leases_new())) {
		free(store);
		return td_err_set(err, TD_NOMEM, "out of memory");
	}
	store->conf = td_conf_ref(conf);
	store->clock = clock;
	store->instance = "main";
	store->started_ms = td_now_ms(clock);
	store->ops = td_engine_find(conf->store.engine, err);
	status = store->ops ? read_secret(conf, &store->secret, err) : TD_PERMFAIL;
	if (!status)
		status = td_caps_prices_load(conf, &store->prices, err);
	if (!status)
		status = store->ops->open(conf, &store->engine, err);
	if (!status)
		status = td_journal_open(conf->store.journal, &store->journal, err);
	if (!status && td_store_do(store, recover))
		status = td_err_set(err, TD_TEMPFAIL, "store: %s", store->last_error[0] ? store->last_error : "cannot be read");
	if (status)
		td_store_close(store);
	else
		*out = store;
	return status;
}

enum td_status td_store_reload(struct td_store *store, struct td_conf *conf, struct td_err *err)
{
	struct td_caps_prices *prices;
	struct td_view         secret;
	enum td_status         status = td_caps_prices_load(conf, &prices, err);

	if (status)
		return status;
	status = read_secret(conf, &secret, err);
	if (status) {
		td_caps_prices_free(prices);
		return status;
	}
	td_caps_prices_free(store->prices);
	store->prices = prices;
	drop_secret(store->secret);
	store->secret = secret;
	td_conf_unref(store->conf);
	store->conf = conf;
	return TD_OK;
}

void td_store_close(struct td_store *store)
{
	if (!store)
		return;
	if (store->engine)
		store->ops->close(store->engine);
	td_journal_close(store->journal);
	td_leases_free(store->leases);
	drop_secret(store->secret);
	td_caps_prices_free(store->prices);
	td_conf_unref(store->conf);
	free(store);
}
