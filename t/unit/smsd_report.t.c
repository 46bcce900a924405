/*
 * smsd_report - the mail that tells a sender what became of an SMS
 */
#include <string.h>

#include "report.h"
#include "tap.h"

static const struct td_conf conf = { .sms_domain = "sms.example.com", .brand = "Example Shop" };

static struct td_job job_failed(void)
{
	return (struct td_job){ .id = TD_VLIT("01JOB"), .to = TD_VLIT("+15551234567"), .report = REPORT_FAILED,
		.sender = TD_VLIT("shop@example.com"), .message_id = TD_VLIT("<a1001@shop.example.com>"),
		.envid = TD_VLIT("E1"),
		.reason = TD_VLIT("invalid-number"), .detail = TD_VLIT("21211: not a mobile"), .dsn = TD_VLIT("5.1.1"),
		.accepted_at = 1795563769000, .content = { .subject = TD_VLIT("Your order"), .text = TD_VLIT("secret text") } };
}

static const char *write_report(const struct td_job *job, struct td_buf *buf)
{
	td_buf_reset(buf);
	report_write(&conf, job, TD_VLIT("selftoken"), 1795563770000, buf);
	return td_buf_cstr(buf);
}

static void test_failed(struct td_buf *buf)
{
	struct td_job job = job_failed();
	const char *mail = write_report(&job, buf);

	like(mail, "X-Tandem-Self: selftoken\n", "carries the token the milter checks");
	like(mail, "From: SMS Delivery System <MAILER-DAEMON@sms.example.com>\n", "From");
	like(mail, "To: <shop@example.com>\n", "To");
	like(mail, "Subject: SMS not delivered: +15551234567\n", "Subject");
	like(mail, "Message-ID: <report-01JOB-1@sms.example.com>\n", "a Message-ID that a repeat has as well");
	like(mail, "In-Reply-To: <a1001@shop.example.com>\n", "In-Reply-To");
	like(mail, "Auto-Submitted: auto-replied\n", "Auto-Submitted");
	like(mail, "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"=_tandem_01JOB\"\n",
		"RFC 6522");
	like(mail, "\n--=_tandem_01JOB\nContent-Type: message/delivery-status\n", "RFC 3464 part");
	like(mail, "Reporting-MTA: dns; sms.example.com\nOriginal-Envelope-Id: E1\n", "per-message fields");
	like(mail, "\n\nFinal-Recipient: rfc822; +15551234567@sms.example.com\nAction: failed\nStatus: 5.1.1\n",
		"per-recipient fields");
	like(mail, "Diagnostic-Code: x-tandem; invalid-number: 21211: not a mobile\n",
		"the reason and the provider's words");
	like(mail, "The number does not exist", "a reason for people");
	like(mail, "Subject: Your order\nMessage-ID: <a1001@shop.example.com>\n", "the headers of the original");
	like(mail, "\n--=_tandem_01JOB--\n", "and an end");
	unlike(mail, "secret text", "the text of the SMS is not repeated");
}

static void test_others(struct td_buf *buf)
{
	struct td_job job = job_failed();
	const char *mail;

	job.report = REPORT_RELAYED;
	mail = write_report(&job, buf);
	like(mail, "Action: relayed\nStatus: 2.0.0\n", "accepted by the provider");
	unlike(mail, "Diagnostic-Code", "without a reason for failure");
	job.report = REPORT_DELIVERED;
	mail = write_report(&job, buf);
	like(mail, "Action: delivered\n", "delivered");
	like(mail, "Message-ID: <report-01JOB-3@", "each kind of report has its own Message-ID");
}

static void test_hostile(struct td_buf *buf)
{
	struct td_job job = job_failed();
	const char *mail;

	job.content.subject =
		TD_VLIT("\xd8\xb7\xd9\x84\xd8\xa8\xd9\x83 \xd8\xb7\xd9\x84\xd8\xa8\xd9\x83 \xd8\xb7\xd9\x84\xd8\xa8\xd9\x83"
		" \xd8\xb7\xd9\x84\xd8\xa8\xd9\x83 \xd8\xb7\xd9\x84\xd8\xa8\xd9\x83"
		" \xd8\xb7\xd9\x84\xd8\xa8\xd9\x83 \xd8\xb7\xd9\x84\xd8\xa8\xd9\x83");
	job.detail = TD_VLIT("evil\r\nBcc: victim@example.com\n\n--=_tandem_01JOB--");
	job.sender = TD_VLIT("a@b.c>\nBcc: v@example.com");
	job.envid = TD_VLIT("x\ny: z");
	job.message_id = TD_VLIT("<m@x>\nEvil: 1");
	mail = write_report(&job, buf);
	unlike(mail, "\nBcc:", "no header can be added");
	unlike(mail, "\nEvil:", "nor by the Message-ID");
	unlike(mail, "\ny: z", "nor a field by the envelope id");
	like(mail, "Subject: =?utf-8?B?", "a subject that is not ASCII is encoded");
	like(mail, "?=\n =?utf-8?B?", "in words that are not too long");
	job = job_failed();
	job.reason = TD_VLIT("cap:pressure");
	job.dsn = TD_VLIT("");
	mail = write_report(&job, buf);
	like(mail, "Status: 5.0.0\n", "without a status there is one");
	like(mail, "A limit on how many", "caps in words");
}

int main(void)
{
	struct td_buf buf;

	td_buf_init(&buf, 65536);
	test_failed(&buf);
	test_others(&buf);
	test_hostile(&buf);
	td_buf_free(&buf);
	return done_testing();
}
