/*
 * admin_consent - where an address stands, scope by scope, as the operator sees it
 */
#ifndef TD_ADMIN_CONSENT_H
#define TD_ADMIN_CONSENT_H

#include "admin_util.h"
#include "policy.h"

/*
 * Appends the states of addr to list: its own channel as a whole, and every scope something is on record for; only
 * those of channel and category when these are not empty. A state is what the whole path (policy §4) comes to at that
 * scope, person-level opt-outs included.
 */
enum td_status td_admin_states(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view channel,
	struct td_view category, json_t *list);

struct td_admin_scope {                      /* one scope of one address, resolved */
	struct td_view channel, category;        /* may be "*" */
	struct td_scope_facts scope[TD_NSCOPES]; /* the path down to it; empty below */
	int at;                                  /* which of scope it is */
	enum td_class cls;                       /* of the category; marketing, which every opt-out binds, for "*" */
};
enum td_status td_admin_scope_load(
	struct td_store *store, struct td_op *op, struct td_view addr, struct td_admin_scope *scope);
/* Row i of statement event_get or events_of as CONSENT_LOG shows it. */
json_t *td_admin_event_json(struct td_op *op, const struct td_rows *rows, size_t i);
/* email, sms, *; ended by NULL. */
extern const char *const td_admin_channels[];
/* "email" or "sms": the channel an address is for. */
struct td_view td_admin_own_channel(struct td_view addr);

#endif
