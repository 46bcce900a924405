/*
 * submitter - who hands in a message, and what the configuration lets him do (spec/mail "Trust")
 *
 * One rule for the milter and for smsd. Owns: nothing. Threads: pure. Errors: none.
 */
#ifndef TD_SUBMITTER_H
#define TD_SUBMITTER_H

#include "conf.h"

/* What Postfix says about the one who submits. Empty views: not said. */
struct td_submitter_facts {
	struct td_view login;        /* SASL login ({auth_authen}, ${sasl_username}) */
	struct td_view client_addr;  /* address of the SMTP client, "10.1.2.3", "2001:db8::1" or "IPv6:…" */
	struct td_view cert_subject; /* CN of a client certificate that was VERIFIED; else leave both empty */
	struct td_view cert_issuer;
	struct td_view daemon;       /* milter_macro_daemon_name of the listener ({daemon_name}) */
	bool           local;        /* sendmail(1): `i` present, {mail_mailer} absent at MAIL */
};

/*
 * The submitter these facts belong to, or NULL: not one. An entry matches when all its criteria do; login and
 * certificate are compared byte by byte. local = true matches local submission only, and local submission matches
 * nothing else, whatever client address Postfix shows for it. A matching entry with deny = true beats every other: then
 * NULL, and *denied (which may be NULL) is that entry. Else the first that matches. Lives as long as conf.
 */
const struct td_conf_submitter *td_submitter_match(const struct td_conf *conf, const struct td_submitter_facts *facts,
	const struct td_conf_submitter **denied);
/* May he claim this category? An empty list allows all. */
bool td_submitter_category(const struct td_conf_submitter *submitter, struct td_view category);
/* May he claim this sender id? An empty list allows none. */
bool td_submitter_from(const struct td_conf_submitter *submitter, struct td_view from);

#endif
