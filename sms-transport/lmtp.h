/*
 * lmtp - takes mail from Postfix by LMTP (RFC 2033): tokens to activate, and mail that did not pass the milter
 *
 * The same as tandem-pipe without a process for each mail. Only Postfix is heard: on a Unix socket root and
 * users.postfix (SO_PEERCRED), on TCP the loopback, where nobody can tell who speaks and mail without a token is
 * therefore refused. A restart is needed to listen elsewhere.
 *
 * Owns: the listener and its sessions. Threads: the loop's. Errors: all that happens in a session is an answer in it.
 */
#ifndef TD_LMTP_H
#define TD_LMTP_H

#include "smsd.h"

struct lmtp;

/*
 * Listens at smsd.lmtp; *out is NULL when that is not set. TD_BADINPUT for a TCP address that is not on the loopback,
 * TD_NOTFOUND for an unknown users.postfix, else as td_sock_listen.
 */
enum td_status lmtp_start(struct smsd *smsd, struct lmtp **out, struct td_err *err);
/* Once a second: listens again after it ran out of descriptors. NULL allowed. */
void lmtp_tick(struct lmtp *lmtp);
/* Listens no more and takes no more mail; what was taken is answered. NULL allowed. */
void lmtp_drain(struct lmtp *lmtp);
/* Sessions that are left. NULL: none. */
size_t lmtp_sessions(const struct lmtp *lmtp);
/* Ends all sessions. After td_peer_free, whose callbacks answer in them. NULL allowed. */
void lmtp_free(struct lmtp *lmtp);

#endif
