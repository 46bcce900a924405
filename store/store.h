/*
 * store - opening and closing what tandem-stored works on
 */
#ifndef TD_STORE_H
#define TD_STORE_H

#include "op.h"

/*
 * Opens engine, journal and secret of the configuration, which the store keeps a reference of; reads the chain's end
 * and puts back into the queue what was being submitted. Errors: all, with the way out.
 */
enum td_status td_store_open(struct td_conf *conf, struct td_clock *clock, struct td_store **out, struct td_err *err);
/* A new snapshot: takes over the reference, reads the secret again. On failure the old one stays. */
enum td_status td_store_reload(struct td_store *store, struct td_conf *conf, struct td_err *err);
void td_store_close(struct td_store *store); /* NULL allowed */

/*
 * One small step of each clean-up (what was prepared and never activated, old keys, old texts …); true when there is
 * more to do at once.
 */
bool td_store_sweep(struct td_store *store);
/* Of its steps: rows of a statement that removes 500 at most, after td_sync. True when it has. */
bool td_store_swept(struct td_store *store, const struct td_rows *rows);

#endif
