/*
 * control - what an operator does with a provider: suspend, resume, drain, test
 *
 * A suspension is the operator's word, so it outlives this process: the store keeps it as a mark named
 * "suspended/PROVIDER". While the store has not been asked, nothing is claimed either. Jobs of a suspended provider go
 * by the others of their route, or wait. Threads: the loop's.
 */
#ifndef TD_CONTROL_H
#define TD_CONTROL_H

#include "smsd.h"

/* Serves TD_V_PROVIDER_SUSPEND, _RESUME, _DRAIN or _TEST; answered then or later. */
void control_serve(struct smsd *smsd, struct td_request *request);
/* Asks the store which providers are suspended; before the first claim of a connection. */
void control_ask(struct smsd *smsd);
/* Once a second: answers drains that have ended, or waited long enough. */
void control_tick(struct smsd *smsd);
/* Ends all that waits, unanswered. */
void control_free(struct smsd *smsd);

#endif
