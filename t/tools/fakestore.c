/*
 * fakestore - a tandem-stored for tests of the milter: it decides by what an address looks like, and keeps nothing
 *
 * usage: fakestore SOCKET
 * A number ending in 99 has opted out, one ending in 98 is in a full budget; an e-mail address beginning with "deny" is
 * denied, one beginning with "nobody" has no number on file; key "conflict" is a conflict; X-Tandem-Self "good" is
 * ours; an e-mail address beginning with "gone" is undeliverable, one beginning with "late" is deferred by a cap;
 * marketing mail to one address has the token "unsubtoken".
 * Every person has the attribute name=Ana. Each PREPARE is told on stdout as one line: "prepare dests=2 emails=1
 * class=3 …".
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto.h"
#include "server.h"

static void reply_denied(struct td_verdict *verdict, struct td_view address)
{
	*verdict = (struct td_verdict){ .verdict = TD_SEND, .reason = TD_VLIT("ok") };
	if (td_view_ends(address, TD_VLIT("99")) || td_view_starts(address, TD_VLIT("deny"))) {
		verdict->verdict = TD_DENY;
		verdict->reason = TD_VLIT("optout");
		verdict->text = TD_VLIT("+1415***0199 opted out of SMS on 2026-11-02 (reply STOP)");
	} else if (td_view_starts(address, TD_VLIT("gone"))) {
		verdict->verdict = TD_DENY;
		verdict->reason = TD_VLIT("undeliverable");
		verdict->text = TD_VLIT("g***@example.com cannot be reached (undeliverable)");
	} else if (td_view_starts(address, TD_VLIT("late"))) {
		verdict->verdict = TD_CAPPED;
		verdict->reason = TD_VLIT("cap:pressure");
		verdict->until = 1793613600000;
		verdict->action = TD_MAIL_DEFER;
	} else if (td_view_ends(address, TD_VLIT("98"))) {
		verdict->verdict = TD_CAPPED;
		verdict->reason = TD_VLIT("budget:abroad");
		verdict->until = 1793613600000;
	}
}

static bool has_no_number(struct td_view email)
{
	return td_view_starts(email, TD_VLIT("nobody"));
}

static enum td_status decide(struct td_request *request, struct td_err *err)
{
	struct td_query query;
	struct td_verdict verdict;
	struct td_view address;

	if (td_shape_decode(&td_query_shape, request->msg.body, &query, request->arena, err) != TD_OK)
		return err->status;
	address = td_view_skip(query.address, td_view_chr(query.address, ':') + 1);
	if (query.by_email && has_no_number(address))
		return td_err_set(err, TD_NOTFOUND, "no number on file");
	reply_denied(&verdict, address);
	td_request_reply(request, &td_verdict_shape, &verdict);
	return TD_OK;
}

static void prepare_dests(const struct td_prepare *in, struct td_prepared *out, struct td_arena *arena)
{
	static struct td_pair name = { { "name", 4 }, { "Ana", 3 } };
	struct td_prepared_dest *dests = TD_NEWN(arena, in->dests.n, struct td_prepared_dest);

	for (size_t i = 0; i < in->dests.n; i++) {
		const struct td_dest *dest = &((const struct td_dest *)in->dests.v)[i];

		reply_denied(&dests[i].verdict, dest->to);
		if (dest->to.n == 0 && has_no_number(dest->email)) {
			dests[i].verdict.verdict = TD_DENY;
			dests[i].verdict.reason = TD_VLIT("no-number");
		}
		dests[i].to = dest->to.n ? dest->to : TD_VLIT("+14155550123");
		dests[i].attrs = (struct td_structs){ &name, 1 };
		if (dests[i].verdict.verdict != TD_SEND || in->dry_run)
			continue;
		dests[i].job = TD_VLIT("01JTESTJOB");
		if (!in->activate)
			out->token = TD_VLIT("faketoken");
	}
	out->dests = (struct td_structs){ dests, in->dests.n };
}

static enum td_status prepare(struct td_request *request, struct td_err *err)
{
	struct td_prepare in;
	struct td_prepared out = { .cancelled = 0 };
	struct td_verdict *emails;

	if (td_shape_decode(&td_prepare_shape, request->msg.body, &in, request->arena, err) != TD_OK)
		return err->status;
	if (td_view_eq(in.key, TD_VLIT("conflict")))
		return td_err_dsn(err, TD_CONFLICT, "5.7.0", "key \"conflict\" was used for another message");
	emails = TD_NEWN(request->arena, in.emails.n, struct td_verdict);
	for (size_t i = 0; i < in.emails.n; i++)
		reply_denied(&emails[i], in.emails.v[i]);
	out.emails = (struct td_structs){ emails, in.emails.n };
	prepare_dests(&in, &out, request->arena);
	out.self_ok = td_view_eq(in.self, TD_VLIT("good"));
	if (in.cls == 1 && in.emails.n == 1 && emails[0].verdict == TD_SEND && !in.dry_run)
		out.unsubscribe = TD_VLIT("unsubtoken");
	printf("prepare submitter=%.*s dests=%zu emails=%zu class=%d category=%.*s activate=%d dry=%d link=%d "
		"body=%zu text=%zu queue=%.*s envid=%.*s\n",
		TD_VARG(in.submitter), in.dests.n, in.emails.n, (int)in.cls, TD_VARG(in.category), in.activate,
			in.dry_run, in.link,
		in.content.body.n, in.content.text.n, TD_VARG(in.queue_id), TD_VARG(in.envid));
	fflush(stdout);
	td_request_reply(request, &td_prepared_shape, &out);
	return TD_OK;
}

static void batch(void *arg, struct td_request *first)
{
	struct td_request *next;

	for (; first; first = next) {
		struct td_err err;

		next = first->next;
		if ((first->msg.verb == TD_V_DECIDE ? decide(first, &err) : prepare(first, &err)) != TD_OK)
			td_request_fail(first, &err);
	}
}

static bool allow(void *arg, int role, uint32_t uid, int32_t pid)
{
	return true;
}

static bool permits(void *arg, int role, uint16_t verb)
{
	return verb == TD_V_DECIDE || verb == TD_V_PREPARE;
}

int main(int argc, char **argv)
{
	static const struct td_server_ops ops = { .batch = batch, .allow = allow, .permits = permits };
	struct event_base *base = event_base_new();
	struct td_server *server = td_server_new(base, &ops, NULL);
	struct td_err err;

	if (argc != 2 || td_server_listen(server, argv[1], TD_ROLE_MILTER, -1, -1, &err) != TD_OK) {
		fprintf(stderr, "fakestore: %s\n", argc == 2 ? err.text : "usage: fakestore SOCKET");
		return 1;
	}
	event_base_dispatch(base);
	return 0;
}
