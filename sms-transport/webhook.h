/*
 * webhook - a provider's HTTP call, raw as tandem-web got it: plugin, events, store, answer
 *
 * The plugin checks the signature (TANDEM_CAN_VERIFY). For one that cannot, the instance needs `webhook_secret_file`,
 * whose content comes as "k" in the query of the addresses we hand out, or `webhook_networks`; with neither the call is
 * refused. 2xx is answered only once all events are durable, 5xx when the provider shall try again.
 *
 * Owns: calls under way. Threads: the loop's. Source: spec interfaces, HTTP.
 */
#ifndef TD_WEBHOOK_H
#define TD_WEBHOOK_H

#include "smsd.h"

/* Serves one TD_V_WEBHOOK request; the request is answered then or later. */
void webhook_serve(struct smsd *smsd, struct td_request *request);
/*
 * The address a provider is to call for this instance, in the arena; p == NULL where web.public_url is not set or the
 * plugin takes no calls.
 */
struct td_view webhook_url(const struct instance *instance, struct td_arena *arena);

#endif
