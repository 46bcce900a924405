/*
 * listen - the milter's socket: made anew over a stale one, never over a live one, and for Postfix alone
 */
#ifndef TD_LISTEN_H
#define TD_LISTEN_H

#include "conf.h"

/*
 * Opens conf->milter.listen through libmilter, after smfi_register. A Unix socket gets mode 0660 and the group of
 * users.postfix. TD_REFUSED when somebody listens there already or the group cannot be given, TD_NOTFOUND for an
 * unknown user, TD_TEMPFAIL else.
 */
enum td_status td_listen_open(const struct td_conf *conf, struct td_err *err);

#endif
