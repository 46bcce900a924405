/*
 * session - one connection of the MTA: who submits, under which configuration, and the mail that is under way
 *
 * Owns: a reference to the configuration snapshot that was current when the connection was made, the connection to the
 * store while a question is open, the mail. Threads: libmilter calls one session's callbacks one after another, but on
 * changing threads, so everything is here and nothing in thread-local or static variables. Lifetime: td_session_new at
 * negotiation, td_session_free at close (which may come alone); td_mail_end after each mail.
 */
#ifndef TD_SESSION_H
#define TD_SESSION_H

#include <netinet/in.h>

#include "asker.h"
#include "mail.h"

struct td_session {
	struct td_conf       *conf;
	struct td_store_asker store;
	char                  peer[INET6_ADDRSTRLEN]; /* address of the TCP peer; "": unknown */
	bool                  can_skip; /* the MTA knows SMFIS_SKIP */
	struct td_mail        mail;
};

/* What the MTA says at MAIL; NULL: not said. Views are not kept. */
struct td_session_facts {
	const char *queue_id;     /* i */
	const char *mail_mailer;  /* {mail_mailer} */
	const char *login;        /* {auth_authen} */
	const char *cert_subject; /* {cert_subject} */
	const char *cert_issuer;  /* {cert_issuer} */
	const char *daemon;       /* {daemon_name} */
};

/* NULL when out of memory. */
struct td_session *td_session_new(void);
void td_session_free(struct td_session *session); /* NULL allowed */
/* Begins a mail: matches the submitter. */
void td_session_mail(struct td_session *session, const struct td_session_facts *facts, const char *sender,
	char *const *args);

#endif
