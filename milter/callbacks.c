/*
 * callbacks - libmilter's calls, translated
 *
 * Postfix 3.7, by its source (src/milter/milter8.c, milter.c) and facts/postfix:
 * - a stage whose reply we waive (SMFIP_NR_*) costs no round trip; libmilter sends the reply by itself where the MTA
 * does not know the flag;
 * - an empty macro list means "the defaults", and the macros of end-of-header are sent with EVERY header: so each stage
 * gets the shortest
 *   list that is not empty;
 * - {mail_mailer} is known to smtpd(8) only, i at MAIL to cleanup(8) only: that tells sendmail(1) submission;
 * - after our own ACCEPT or refusal there is no abort.
 */
#include "callbacks.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "clock.h"
#include "edit.h"
#include "log.h"
#include "process.h"
#include "report.h"
#include "session.h"
#include "stage_end.h"
#include "stage_rcpt.h"

/* What we do to mails, and what we need not be told or asked. */
#define ACTIONS (SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT)
#define UNWANTED (SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN)
#define ONE_WAY (SMFIP_NR_CONN | SMFIP_NR_MAIL | SMFIP_NR_HDR)

/* A reply, '%' doubled; libmilter takes lines of up to 980 bytes. */
#define REPLY_MAX 900

static const struct {
	int         stage;
	const char *macros;
} symlists[] = {
	{ SMFIM_CONNECT, "{daemon_name}" },
	{ SMFIM_HELO, "i" },
	{ SMFIM_ENVFROM, "i {mail_mailer} {auth_authen} {cert_subject} {cert_issuer} {daemon_name}" },
	{ SMFIM_ENVRCPT, "i" },
	{ SMFIM_DATA, "i" },
	{ SMFIM_EOH, "i" },
	{ SMFIM_EOM, "i" },
};

static struct td_view queue_id(SMFICTX *ctx)
{
	return td_view_str(smfi_getsymval(ctx, (char *)"i"));
}

/* Says an answer to the MTA. go: what TD_GO_ON is at this stage. */
static sfsistat say(SMFICTX *ctx, const struct td_answer *answer, sfsistat go)
{
	char escaped[REPLY_MAX];
	char code[16];

	switch (answer->kind) {
	case TD_GO_ON:
		return go;
	case TD_ACCEPT:
		return SMFIS_ACCEPT;
	case TD_DISCARD:
		return SMFIS_DISCARD;
	case TD_REFUSE:
	case TD_DEFER:
		break;
	}
	snprintf(code, sizeof(code), "%d", answer->code);
	if (smfi_setreply(ctx, code, (char *)answer->dsn, (char *)td_answer_escape(answer->text, escaped,
		sizeof(escaped))) != MI_SUCCESS)
		td_warning("libmilter does not take the reply %d %s %s", answer->code, answer->dsn, answer->text);
	return answer->kind == TD_REFUSE ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long f2,
	unsigned long f3,
	unsigned long *want_actions, unsigned long *want_steps, unsigned long *want2, unsigned long *want3)
{
	struct td_session *session;

	(void)f2;
	(void)f3;
	if ((actions & ACTIONS) != ACTIONS) {
		td_error("the MTA does not let us change recipients (main.cf: milter_protocol = 6)");
		return SMFIS_REJECT;
	}
	session = td_session_new();
	if (!session)
		return SMFIS_REJECT;
	smfi_setpriv(ctx, session);
	session->can_skip = (steps & SMFIP_SKIP) != 0;
	*want_actions = ACTIONS;
	/* The NR flags are libmilter's to fake; the others only where they are offered. */
	*want_steps = (steps & (UNWANTED | SMFIP_SKIP)) | ONE_WAY;
	*want2 = 0;
	*want3 = 0;
	if (actions & SMFIF_SETSYMLIST) {
		*want_actions |= SMFIF_SETSYMLIST;
		for (size_t i = 0; i < sizeof(symlists) / sizeof(*symlists); i++)
			smfi_setsymlist(ctx, symlists[i].stage, (char *)symlists[i].macros);
	}
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct td_session *session = smfi_getpriv(ctx);
	const union {
		struct sockaddr_in  v4;
		struct sockaddr_in6 v6;
	} *peer = (const void *)address;

	(void)host;
	if (session && peer && peer->v4.sin_family == AF_INET)
		inet_ntop(AF_INET, &peer->v4.sin_addr, session->peer, sizeof(session->peer));
	else if (session && peer && peer->v4.sin_family == AF_INET6)
		inet_ntop(AF_INET6, &peer->v6.sin6_addr, session->peer, sizeof(session->peer));
	return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *ctx, char **argv)
{
	struct td_session *session = smfi_getpriv(ctx);
	struct td_session_facts facts = {
		.queue_id = smfi_getsymval(ctx, (char *)"i"),
		.mail_mailer = smfi_getsymval(ctx, (char *)"{mail_mailer}"),
		.login = smfi_getsymval(ctx, (char *)"{auth_authen}"),
		.cert_subject = smfi_getsymval(ctx, (char *)"{cert_subject}"),
		.cert_issuer = smfi_getsymval(ctx, (char *)"{cert_issuer}"),
		.daemon = smfi_getsymval(ctx, (char *)"{daemon_name}"),
	};

	if (session)
		td_session_mail(session, &facts, argv[0], argv + 1);
	return SMFIS_NOREPLY;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **argv)
{
	struct td_session *session = smfi_getpriv(ctx);
	struct td_answer answer;
	sfsistat said;

	if (!session || !session->mail.begun)
		return SMFIS_TEMPFAIL;
	td_process_busy(1);
	answer = td_stage_rcpt(&session->mail, &session->store.asker, argv[0], argv + 1);
	td_store_asker_rest(&session->store);
	if (answer.kind != TD_GO_ON)
		td_report_rcpt(&session->mail, queue_id(ctx), argv[0], &answer);
	said = say(ctx, &answer, SMFIS_CONTINUE);
	td_process_busy(-1);
	return said;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct td_session *session = smfi_getpriv(ctx);

	if (session && session->mail.begun)
		td_mail_header(&session->mail, td_view_str(name), td_view_str(value));
	return SMFIS_NOREPLY;
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	struct td_session *session = smfi_getpriv(ctx);

	if (!session || !session->mail.begun)
		return SMFIS_TEMPFAIL;
	if (td_mail_headers_end(&session->mail, td_now_ms(td_clock_system())))
		return SMFIS_CONTINUE;
	td_mail_end(&session->mail);
	return SMFIS_ACCEPT;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *chunk, size_t n)
{
	struct td_session *session = smfi_getpriv(ctx);

	if (session && session->mail.begun && td_mail_body(&session->mail, td_view_mem(chunk, n)))
		return SMFIS_CONTINUE;
	return session && session->can_skip ? SMFIS_SKIP : SMFIS_CONTINUE;
}

static sfsistat on_eom(SMFICTX *ctx)
{
	struct td_session *session = smfi_getpriv(ctx);
	struct td_plan plan;
	sfsistat said;

	if (!session || !session->mail.begun)
		return SMFIS_TEMPFAIL;
	td_process_busy(1);
	td_stage_end(&session->mail, &session->store.asker, queue_id(ctx), &plan);
	if (plan.answer.kind == TD_GO_ON && !td_edit_apply(ctx, &session->mail, &plan)) {
		plan.answer = td_answer_away();
		plan.status = "deferred";
		plan.detail = "the MTA did not take the edits";
	}
	td_report_mail(&session->mail, queue_id(ctx), &plan);
	said = say(ctx, &plan.answer, SMFIS_CONTINUE);
	td_store_asker_rest(&session->store);
	td_mail_end(&session->mail);
	td_process_busy(-1);
	return said;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct td_session *session = smfi_getpriv(ctx);

	if (session)
		td_mail_end(&session->mail);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct td_session *session = smfi_getpriv(ctx);

	smfi_setpriv(ctx, NULL);
	td_session_free(session);
	return SMFIS_CONTINUE;
}

struct smfiDesc *td_callbacks(void)
{
	static struct smfiDesc desc = {
		.xxfi_name = (char *)"tandem-milter",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS | SMFIF_SETSYMLIST,
		.xxfi_connect = on_connect,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};

	return &desc;
}
