/*
 * events - what a plugin made of something that arrived → the store, one event after another
 */
#include "events.h"

#include <stdio.h>

#include "host_check.h"
#include "smsd.h"

bool events_keep(struct tandem_events *events, struct td_arena *arena)
{
	const char *nonsense = host_check_events(events->events, events->nevents);
	struct tandem_event *copy = nonsense ? NULL : TD_NEWN(arena, events->nevents, struct tandem_event);

	if (nonsense)
		td_warning("the plugin gives %s", nonsense);
	if (!copy)
		return false;
	for (size_t i = 0; i < events->nevents; i++) {
		struct tandem_event *event = &copy[i];
		struct tandem_view *views[] = { &event->id, &event->code, &event->price, &event->currency, &event->from,
			&event->to, &event->text };

		*event = events->events[i];
		for (size_t k = 0; k < sizeof(views) / sizeof(*views); k++)
			*views[k] = host_view(td_arena_dup(arena, host_td(*views[k])));
	}
	events->events = copy;
	return !td_arena_full(arena);
}

static void delivered(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct delivery *delivery = arg;
	struct instance *instance = delivery->instance;

	if (!msg && (err->status == TD_TEMPFAIL || err->status == TD_UNCERTAIN || err->status == TD_NOMEM)) {
		smsd_trouble(instance->smsd, "%.*s: %s", TD_VARG(delivery->what), err->text);
		delivery->done(delivery, err);
	} else {
		if (!msg)
			smsd_trouble(instance->smsd, "%.*s is skipped: %s", TD_VARG(delivery->what), err->text);
		delivery->next++;
		events_deliver(delivery);
	}
	instance_unref(instance);
}

static int64_t patience(const struct delivery *delivery)
{
	return delivery->timeout_ms ? delivery->timeout_ms : -1;
}

static int64_t receipt_state(enum tandem_receipt_state state)
{
	switch (state) {
	case TANDEM_DELIVERED:
		return TD_DELIVERED;
	case TANDEM_UNDELIVERED:
		return TD_UNDELIVERED;
	case TANDEM_ON_ITS_WAY:
		return TD_ACCEPTED;
	case TANDEM_LOST:
		break;
	}
	return TD_UNKNOWN;
}

static void receipt(struct delivery *delivery, const struct tandem_event *event, int64_t at, struct td_view mark)
{
	struct smsd *smsd = delivery->instance->smsd;
	struct td_receipt msg = { .provider = td_view_str(delivery->instance->set->name), .id = host_td(event->id),
		.state = receipt_state(event->state), .code = host_td(event->code), .at = at, .mark = mark,
		.bad_number = event->bad_number };

	smsd->count.receipts++;
	td_peer_call(smsd->store, TD_V_RECEIPT, &td_receipt_shape, &msg, patience(delivery), true, delivered, delivery);
}

static void inbound(struct delivery *delivery, const struct tandem_event *event, int64_t at, struct td_view mark)
{
	const struct td_conf_provider *set = delivery->instance->set;
	struct smsd *smsd = delivery->instance->smsd;
	struct td_inbound msg = { .provider = td_view_str(set->name), .id = host_td(event->id),
		.from = host_td(event->from), .to = host_td(event->to), .text = host_td(event->text), .at = at, .mark = mark };
	char id[120];

	if (!msg.id.n) {
		snprintf(id, sizeof(id), "%.*s-%zu", TD_VARG(delivery->id), delivery->next);
		msg.id = td_view_str(id);
	}
	if (!msg.to.n && set->from)
		msg.to = td_view_str(set->from);
	smsd->count.inbound++;
	td_peer_call(smsd->store, TD_V_INBOUND, &td_inbound_shape, &msg, patience(delivery), true, delivered, delivery);
}

void events_deliver(struct delivery *delivery)
{
	const struct tandem_event *event = &delivery->events[delivery->next];
	bool last = delivery->next + 1 == delivery->n;
	int64_t at;

	if (delivery->next >= delivery->n) {
		delivery->done(delivery, NULL);
		return;
	}
	at = event->at_ms ? event->at_ms : td_now_ms(delivery->instance->smsd->clock);
	instance_ref(delivery->instance);
	if (event->kind == TANDEM_RECEIPT)
		receipt(delivery, event, at, last ? delivery->mark : TD_VLIT(""));
	else
		inbound(delivery, event, at, last ? delivery->mark : TD_VLIT(""));
}
