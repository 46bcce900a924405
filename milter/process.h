/*
 * process - what all sessions share: the current configuration, the connections to the store, how much is under way
 *
 * Owns: one reference to the current snapshot, the pool. Threads: safe after td_process_open. Lifetime: the process's.
 */
#ifndef TD_PROCESS_H
#define TD_PROCESS_H

#include "conf.h"

struct td_client_pool;

/* Before the first session. Takes over one reference of conf. TD_NOMEM. */
enum td_status td_process_open(struct td_conf *conf, struct td_err *err);
/*
 * Loads the configuration anew; false: it is not good (logged), and the old one stays. Sessions keep the one they began
 * with.
 */
bool td_process_reload(const char *conf_path);
/* The current snapshot, with a reference for the caller. */
struct td_conf *td_process_conf(void);
struct td_client_pool *td_process_pool(void);
/* A callback that may take long begins (+1) or has ended (-1): a clean stop waits for these. */
void td_process_busy(int change);
/* Waits until none is under way, at most timeout_ms. */
void td_process_drain(int64_t timeout_ms);

#endif
