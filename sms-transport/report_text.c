/*
 * report_text - what a report says: multipart/report by RFC 6522, delivery-status by RFC 3464
 */
#include <openssl/evp.h>
#include <string.h>

#include "report.h"
#include "when.h"

/* One line of text from anywhere: no control character survives. */
static void put(struct td_buf *out, struct td_view v)
{
	for (size_t i = 0; i < v.n; i++)
		td_buf_byte(out, (unsigned char)v.p[i] < ' ' || v.p[i] == 127 ? ' ' : v.p[i]);
}

/* The same for places where only ASCII may stand. */
static void put_ascii(struct td_buf *out, struct td_view v)
{
	for (size_t i = 0; i < v.n; i++)
		td_buf_byte(out, v.p[i] < ' ' || v.p[i] > '~' ? '?' : v.p[i]);
}

static bool ascii(struct td_view v)
{
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < ' ' || v.p[i] > '~')
			return false;
	}
	return true;
}

/* A header's text: RFC 2047 words of at most 45 bytes, cut between characters, where it is not ASCII. */
static void put_header(struct td_buf *out, struct td_view v)
{
	unsigned char word[64];

	if (ascii(v)) {
		put(out, v);
		return;
	}
	while (v.n) {
		size_t n = v.n < 45 ? v.n : 45;

		while (n < v.n && n > 1 && ((unsigned char)v.p[n] & 0xc0) == 0x80)
			n--;
		EVP_EncodeBlock(word, (const unsigned char *)v.p, (int)n);
		td_buf_printf(out, "=?utf-8?B?%s?=", (const char *)word);
		v = td_view_skip(v, n);
		if (v.n)
			td_buf_str(out, "\n ");
	}
}

static const char *subject_of(int64_t kind)
{
	return kind == REPORT_DELIVERED ? "SMS delivered" : kind == REPORT_RELAYED ? "SMS accepted by the provider" :
		"SMS not delivered";
}

static const char *action_of(int64_t kind)
{
	return kind == REPORT_DELIVERED ? "delivered" : kind == REPORT_RELAYED ? "relayed" : "failed";
}

/* Reason codes in words (spec interfaces, "Reason codes"). */
static const char *words_of(struct td_view reason)
{
	static const struct {
		const char *code, *words;
	} table[] = {
		{ "expired", "It could not be sent in the time it was good for." },
		{ "invalid-number", "The number does not exist or cannot receive SMS." },
		{ "blocked-country", "SMS to that country are not allowed here." },
		{ "blocked-type", "SMS to that kind of number are not allowed here." },
		{ "undeliverable", "Earlier SMS to this number failed for good; it is not tried any more." },
		{ "optout", "The recipient has opted out of SMS." },
		{ "dnc", "The number is on a do-not-contact list." },
		{ "no-consent", "There is no consent on record that covers this SMS." },
		{ "preference", "The recipient prefers to be reached by e-mail." },
		{ "no-number", "There is no telephone number on file for the recipient." },
		{ "quiet-hours", "It would have come at a time when the recipient must not be disturbed." },
		{ "cancelled", "It was cancelled." },
		{ "too-long", "The text is longer than an SMS may be here." },
		{ "no-text", "There is no text to send." },
		{ "idem-conflict", "The same key was used before for another text." },
		{ "provider-rejected", "The SMS provider refused it." },
		{ "provider-unreachable", "The SMS provider could not be reached." },
		{ "provider-uncertain", "The SMS provider's answer was lost: it may or may not have been sent." },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (td_view_eq(reason, td_view_str(table[i].code)))
			return table[i].words;
	}
	if (td_view_starts(reason, TD_VLIT("cap:")) || td_view_starts(reason, TD_VLIT("budget:")))
		return "A limit on how many messages may be sent was reached.";
	return "It could not be sent.";
}

static void put_head(const struct td_conf *conf, const struct td_job *job, struct td_view self, int64_t now_ms,
	struct td_buf *out)
{
	char date[TD_TIME_SIZE + 8];

	td_when_rfc5322(date, now_ms);
	td_buf_printf(out, "X-Tandem-Self: ");
	put_ascii(out, self);
	td_buf_printf(out, "\nDate: %s\nFrom: ", date);
	if (conf->smsd.postmaster)
		put(out, td_view_str(conf->smsd.postmaster));
	else
		td_buf_printf(out, "SMS Delivery System <MAILER-DAEMON@%s>", conf->sms_domain);
	td_buf_str(out, "\nTo: <");
	put(out, job->sender);
	td_buf_printf(out, ">\nSubject: %s: ", subject_of(job->report));
	put_ascii(out, job->to);
	td_buf_str(out, "\nMessage-ID: <report-");
	put_ascii(out, job->id);
	td_buf_printf(out, "-%d@%s>\n", (int)job->report, conf->sms_domain);
	if (job->message_id.n) {
		td_buf_str(out, "In-Reply-To: ");
		put_ascii(out, job->message_id);
		td_buf_str(out, "\nReferences: ");
		put_ascii(out, job->message_id);
		td_buf_str(out, "\n");
	}
	td_buf_str(out, "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
		"Content-Type: multipart/report; report-type=delivery-status;\n"
		"\tboundary=\"=_tandem_");
	put_ascii(out, job->id);
	td_buf_str(out, "\"\n\n");
}

static void put_boundary(const struct td_job *job, const char *end, struct td_buf *out)
{
	td_buf_str(out, "\n--=_tandem_");
	put_ascii(out, job->id);
	td_buf_printf(out, "%s\n", end);
}

static void put_human(const struct td_conf *conf, const struct td_job *job, struct td_buf *out)
{
	char when[TD_TIME_SIZE + 8];
	struct td_view subject = job->content.subject;

	td_when_rfc5322(when, job->accepted_at);
	td_buf_str(out, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
		"This is the SMS gateway of ");
	put(out, td_view_str(conf->brand));
	td_buf_str(out, ".\n\nYour SMS to ");
	put_ascii(out, job->to);
	td_buf_printf(out, " of %s\n", when);
	if (job->report == REPORT_DELIVERED)
		td_buf_str(out, "has been delivered.\n");
	else if (job->report == REPORT_RELAYED)
		td_buf_str(out, "has been accepted by the SMS provider. Whether it arrives is not known yet.\n");
	else
		td_buf_printf(out, "was not delivered, and is not tried again.\n\n%s\n", words_of(job->reason));
	if (job->detail.n && job->report == REPORT_FAILED) {
		td_buf_str(out, "What was said: ");
		put(out, job->detail);
		td_buf_str(out, "\n");
	}
	if (subject.n) {
		td_buf_str(out, "\nSubject of your mail: ");
		put(out, subject);
		td_buf_str(out, "\n");
	}
	td_buf_str(out, "\nJob: ");
	put_ascii(out, job->id);
	td_buf_str(out, "\n");
}

static void put_status(const struct td_conf *conf, const struct td_job *job, struct td_buf *out)
{
	char when[TD_TIME_SIZE + 8];

	td_when_rfc5322(when, job->accepted_at);
	td_buf_printf(out, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; %s\n", conf->sms_domain);
	if (job->envid.n) {
		td_buf_str(out, "Original-Envelope-Id: ");
		put_ascii(out, job->envid);
		td_buf_str(out, "\n");
	}
	td_buf_printf(out, "Arrival-Date: %s\n\nFinal-Recipient: rfc822; ", when);
	put_ascii(out, job->to);
	td_buf_printf(out, "@%s\nAction: %s\nStatus: ", conf->sms_domain, action_of(job->report));
	if (job->report != REPORT_FAILED)
		td_buf_str(out, "2.0.0");
	else if (job->dsn.n)
		put_ascii(out, job->dsn);
	else
		td_buf_str(out, "5.0.0");
	if (job->report == REPORT_FAILED) {
		td_buf_str(out, "\nDiagnostic-Code: x-tandem; ");
		put_ascii(out, job->reason);
		if (job->detail.n) {
			td_buf_str(out, ": ");
			put_ascii(out, job->detail);
		}
	}
	td_buf_str(out, "\nX-SMS-Job: ");
	put_ascii(out, job->id);
	td_buf_str(out, "\n");
}

/* What the sender needs to find his mail again; not its text. */
static void put_original(const struct td_job *job, struct td_buf *out)
{
	td_buf_str(out, "Content-Type: text/rfc822-headers\n\n");
	if (job->content.subject.n) {
		td_buf_str(out, "Subject: ");
		put_header(out, job->content.subject);
		td_buf_str(out, "\n");
	}
	if (job->message_id.n) {
		td_buf_str(out, "Message-ID: ");
		put_ascii(out, job->message_id);
		td_buf_str(out, "\n");
	}
}

void report_write(const struct td_conf *conf, const struct td_job *job, struct td_view self, int64_t now_ms,
	struct td_buf *out)
{
	put_head(conf, job, self, now_ms, out);
	td_buf_str(out, "This is a delivery report in MIME format (RFC 3464).\n");
	put_boundary(job, "", out);
	put_human(conf, job, out);
	put_boundary(job, "", out);
	put_status(conf, job, out);
	put_boundary(job, "", out);
	put_original(job, out);
	put_boundary(job, "--", out);
}
