/*
 * admin_why - decisions in words
 */
#ifndef TD_ADMIN_WHY_H
#define TD_ADMIN_WHY_H

#include "admin_util.h"

/* Every decision on a job, newest first, as a JSON array that is the caller's. */
enum td_status td_admin_history(struct td_store *store, struct td_op *op, struct td_view job, json_t **out);

#endif
