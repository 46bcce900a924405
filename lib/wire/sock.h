/*
 * sock - the few things client, peer and server all do with a Unix socket's path
 *
 * Owns: nothing. Threads: safe.
 */
#ifndef TD_SOCK_H
#define TD_SOCK_H

#include <sys/un.h>

#include "err.h"
#include "view.h"

#define TD_SOCK_PROGRAM_SIZE 48

/* Fills *address. False when path is too long for one (107 bytes, unix(7)). */
bool td_sock_address(struct sockaddr_un *address, const char *path);
/*
 * A connected, non-blocking, close-on-exec descriptor, or -errno (-EAGAIN: the server's backlog is full). Does not
 * wait.
 */
int td_sock_connect(const char *path);
struct stat;
/*
 * A listening, non-blocking, close-on-exec descriptor in *fd, and what lstat(2) says of its file in *st (to remove that
 * file later and no other). A stale file is replaced, a live one is TD_REFUSED; mode 0660, owned by uid:gid (-1 =
 * leave). The file appears under its name only when all of that is so. TD_BADINPUT for a path over 107 bytes.
 */
enum td_status td_sock_listen(const char *path, int64_t uid, int64_t gid, int *fd, struct stat *st, struct td_err *err);
/* The program that serves a path: "/run/tandem/stored.milter.sock" → "tandem-stored". Returns out. */
const char *td_sock_program(char out[TD_SOCK_PROGRAM_SIZE], const char *path);
/*
 * Fills err with "PATH: cannot connect: reason (way out)" for an errno value of td_sock_connect; returns TD_TEMPFAIL.
 */
enum td_status td_sock_away(struct td_err *err, const char *path, int no);
/* True for reasons that pass by themselves: the server is down, not yet up, or busy. */
bool td_sock_may_return(int no);

#endif
