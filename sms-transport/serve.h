/*
 * serve - smsd's own sockets: pipe (tokens and unprepared mails) and admin (status, providers)
 *
 * Requests of one batch go to the store in one write, so that their activations share a commit. Owns: the server in the
 * context. Threads: the loop's.
 */
#ifndef TD_SERVE_H
#define TD_SERVE_H

#include <jansson.h>

#include "smsd.h"

/* Creates the server and listens. Errors name the socket. */
enum td_status serve_start(struct smsd *smsd, struct td_err *err);

/* ---- admin.c: documents for operators; json_t are new references, NULL when out of memory ---- */

json_t *admin_status(const struct smsd *smsd);
json_t *admin_provider(const struct instance *instance);
/* Answers TD_V_PROVIDERS: all of them as an array, or the one named (TD_NOTFOUND). */
void admin_providers(struct smsd *smsd, struct td_request *request);
/* The instance that the arguments of a request name (required). TD_BADINPUT, TD_NOTFOUND. */
enum td_status admin_named(const struct smsd *smsd, struct td_request *request, struct instance **out,
	struct td_err *err);
/* Answers with a document, which is taken over. */
void admin_reply(struct td_request *request, json_t *doc);

#endif
