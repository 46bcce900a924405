/*
 * event - consent events: the append-only log with its hash chain, its projection, and the revoke journal (policy §3,
 * §4)
 */
#ifndef TD_EVENT_H
#define TD_EVENT_H

#include "op.h"

struct td_consent_event {
	struct td_view addr;     /* keyed address */
	struct td_view channel;  /* email | sms | * */
	struct td_view category; /* name or * */
	/* grant revoke request_doi confirm_doi expire suppress unsuppress pause erase link unlink prefer */
	struct td_view action;
	struct td_view reach;    /* revoke: marketing | all */
	struct td_view basis;
	struct td_view source;
	struct td_view actor;    /* submitter's name, "uid:0", provider's name */
	bool           by_subject; /* authored by the subject */
	struct td_view evidence; /* JSON object or empty */
	struct td_view note;     /* of an admin */
	int64_t        occurred_at; /* 0 = now */
	int64_t        expires_at;  /* 0 = never; a pause: until when */
	struct td_view kind;     /* suppress, unsuppress: undeliverable | dnc | paused */
};

/*
 * Appends the event: row, chain, projection (consent or suppression), and for a revoke the journal line, which is on
 * disk before the commit. id (may be NULL) is its id. TD_TEMPFAIL when the journal cannot be written: no revoke is
 * acknowledged then. TD_BADINPUT for an unknown action. A grant by source keyword (START) lifts what STOP wrote and
 * grants nothing.
 */
enum td_status td_event_append(struct td_store *store, struct td_op *op, const struct td_consent_event *event,
	struct td_view *id);

/* The commitment to an address used in chain, journal and tombstones: HMAC under the secret. */
void td_event_address_mac(const struct td_store *store, struct td_view addr, unsigned char out[32]);

/* Reads the end of the chain; at start and after a rollback. */
enum td_status td_chain_load(struct td_store *store, struct td_op *op);

#endif
