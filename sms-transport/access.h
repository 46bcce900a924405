/*
 * access - who may connect to smsd's own sockets
 *
 * Owns: nothing. Threads: the loop's (the user database is asked, which may read files).
 */
#ifndef TD_ACCESS_H
#define TD_ACCESS_H

#include "conf.h"

/*
 * True if a process of this uid may have this role: root always; pipe: the user `users.pipe`; admin: members of
 * `users.admin_group`.
 */
bool access_allowed(const struct td_conf *conf, int role, uint32_t uid);
/* The group a socket of this role is given; -1: leave it as it is. */
int64_t access_group(const struct td_conf *conf, int role);
/* True for root and users.postfix. */
bool access_postfix(const struct td_conf *conf, uint32_t uid);
/* The group of users.postfix; -1: no such user. */
int64_t access_postfix_group(const struct td_conf *conf);

#endif
