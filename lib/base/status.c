/*
 * status - the one table from a result to what mail, shell and HTTP call it
 */
#include "status.h"

/*
 * pipe_exit is 75 for every failure: Postfix takes an exit code it does not know, even 1, for a bounce, while exit 75
 * with a text beginning 5.x.x is a considered one.
 */
static const struct td_status_map map[TD_STATUS_MAX] = {
	[TD_OK] = { "ok", 250, "2.0.0", 0, 0, 200 },
	[TD_TEMPFAIL] = { "tempfail", 451, "4.3.0", 75, 75, 503 },
	[TD_PERMFAIL] = { "permfail", 550, "5.0.0", 75, 1, 422 },
	[TD_UNCERTAIN] = { "uncertain", 451, "4.4.2", 75, 75, 503 },
	[TD_BADINPUT] = { "badinput", 550, "5.6.0", 75, 2, 400 },
	[TD_TOOBIG] = { "toobig", 552, "5.3.4", 75, 1, 413 },
	[TD_REFUSED] = { "refused", 550, "5.7.1", 75, 1, 403 },
	[TD_NOTFOUND] = { "notfound", 550, "5.1.1", 75, 1, 404 },
	[TD_CONFLICT] = { "conflict", 550, "5.7.0", 75, 1, 409 },
	[TD_NOMEM] = { "nomem", 452, "4.3.1", 75, 75, 503 },
};

const struct td_status_map *td_status_map(enum td_status status)
{
	if ((unsigned int)status >= TD_STATUS_MAX)
		status = TD_PERMFAIL;
	return &map[status];
}
