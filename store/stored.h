/*
 * stored - the loop of tandem-stored: sockets, roles, signals
 */
#ifndef TD_STORED_H
#define TD_STORED_H

#include "conf.h"

/* Serves until SIGTERM; the exit status of the process. For td_daemon. */
int td_stored_run(struct td_conf *conf, const char *conf_path);

#endif
