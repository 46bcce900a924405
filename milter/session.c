/*
 * session - one connection of the MTA
 */
#include "session.h"

#include <stdlib.h>

#include "process.h"
#include "submitter.h"

struct td_session *td_session_new(void)
{
	struct td_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->conf = td_process_conf();
	td_store_asker_init(&session->store, td_process_pool(), session->conf->milter.store_wait_ms);
	return session;
}

void td_session_free(struct td_session *session)
{
	if (!session)
		return;
	td_mail_end(&session->mail);
	td_store_asker_rest(&session->store);
	td_conf_unref(session->conf);
	free(session);
}

void td_session_mail(struct td_session *session, const struct td_session_facts *facts, const char *sender,
	char *const *args)
{
	/* cleanup(8) has a queue id at MAIL and knows no mailer; smtpd(8) the other way round (spec mail, Trust). */
	bool local = facts->queue_id && !facts->mail_mailer;
	struct td_submitter_facts peer = {
		.login = td_view_str(facts->login),
		.client_addr = td_view_str(session->peer),
		.cert_subject = td_view_str(facts->cert_subject),
		.cert_issuer = td_view_str(facts->cert_issuer),
		.daemon = td_view_str(facts->daemon),
		.local = local,
	};

	td_mail_begin(&session->mail, session->conf, td_submitter_match(session->conf, &peer, NULL), local, sender,
		args);
}
