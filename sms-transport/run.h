/*
 * run - the life of tandem-smsd: start, signals, reload, a bounded end
 */
#ifndef TD_RUN_H
#define TD_RUN_H

#include "conf.h"

/* The daemon's run (daemon.h). */
int smsd_run(struct td_conf *conf, const char *conf_path);

#endif
