/*
 * serve - smsd's own sockets: pipe (tokens and unprepared mails) and admin (status, providers)
 *
 * Requests of one batch go to the store in one write, so that their activations share a commit. Owns: the server in the
 * context. Threads: the loop's.
 */
#ifndef TD_SERVE_H
#define TD_SERVE_H

#include "smsd.h"

/* Creates the server and listens. Errors name the socket. */
enum td_status serve_start(struct smsd *smsd, struct td_err *err);

/* ---- admin.c: documents in the arena, p == NULL when out of memory ---- */

struct td_view admin_status(struct smsd *smsd, struct td_arena *arena);
/* All providers as an array, or the one named (TD_NOTFOUND). */
enum td_status admin_providers(struct smsd *smsd, struct td_view name, struct td_arena *arena, struct td_view *out,
	struct td_err *err);

#endif
