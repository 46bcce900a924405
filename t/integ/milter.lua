-- Dialogues of an MTA with tandem-milter (stage by outcome). Run by milter.t, which sets SOCK. Prints TAP lines without a plan.
-- miltertest knows neither added recipients with parameters nor reply codes without their text: milter.t looks at those itself.
-- The store behind it is t/tools/fakestore: 99 opted out, 98 full budget, deny* denied, nobody* no number.

local function ok(cond, name)
	mt.echo((cond and "ok - " or "not ok - ") .. name)
end

local function reply_is(conn, want, name)
	ok(mt.getreply(conn) == want, name)
end

-- A connection with the macros Postfix sends; from outside unless trusted.
local function open(ip)
	local conn = mt.connect(SOCK, 50, 0.1)
	if conn == nil then
		error("cannot connect to " .. SOCK)
	end
	mt.conninfo(conn, "client.example", ip or "192.0.2.1")
	return conn
end

local function mail(conn, from, ...)
	mt.macro(conn, SMFIC_MAIL, "{mail_mailer}", "smtp", "{daemon_name}", "smtpd")
	mt.mailfrom(conn, from, ...)
end

-- sendmail(1): i at MAIL, no {mail_mailer}; addresses without brackets
local function local_mail(conn, from)
	mt.macro(conn, SMFIC_MAIL, "i", "LOCAL1", "{daemon_name}", "smtpd")
	mt.mailfrom(conn, from)
end

-- Sends headers (a list of name, value), the body and the end. Returns false when the mail was accepted at the end of its headers.
local function content(conn, headers, body)
	mt.macro(conn, SMFIC_RCPT, "i", "4XyZ") -- Postfix sends it from the second RCPT on
	for i = 1, #headers, 2 do
		mt.header(conn, headers[i], headers[i + 1])
	end
	mt.eoh(conn)
	if mt.getreply(conn) ~= SMFIR_CONTINUE then
		return false
	end
	mt.bodystring(conn, body or "The text\r\n")
	mt.eom(conn)
	return true
end

local TRUSTED = "10.1.2.3"
local conn

-- Negotiation ----------------------------------------
conn = mt.connect(SOCK, 50, 0.1)
mt.negotiate(conn, nil, nil, nil)
ok(mt.test_option(conn, SMFIP_NOHELO), "HELO is not sent to us")
ok(mt.test_option(conn, SMFIP_NODATA), "nor DATA")
ok(mt.test_option(conn, SMFIP_NOUNKNOWN), "nor unknown commands")
ok(mt.test_option(conn, SMFIP_NR_HDR), "headers are one way")
ok(mt.test_option(conn, SMFIP_NR_CONN), "connect too")
ok(mt.test_option(conn, SMFIP_NR_MAIL), "MAIL too")
ok(not mt.test_option(conn, SMFIP_NR_RCPT), "RCPT has a reply")
ok(mt.test_action(conn, SMFIF_DELRCPT) and mt.test_action(conn, SMFIF_ADDRCPT_PAR) and mt.test_action(conn, SMFIF_CHGHDRS),
	"recipients and headers are changed")
ok(not mt.test_action(conn, SMFIF_CHGBODY) and not mt.test_action(conn, SMFIF_QUARANTINE), "and nothing else")
mt.disconnect(conn)

-- Untagged mail ----------------------------------------
conn = open(TRUSTED)
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
reply_is(conn, SMFIR_CONTINUE, "an ordinary recipient")
ok(not content(conn, { "Subject", "hello" }), "untagged mail is accepted")
reply_is(conn, SMFIR_ACCEPT, "at the end of its headers")

-- Several mails in one connection ----------------------------------------
mail(conn, "<shop@example.com>", "ENVID=abc+2B1")
mt.rcptto(conn, "<ana@example.com>")
ok(content(conn, { "Subject", "hello", "X-Tandem-SMS", "+14155550123", "X-Tandem-Text", "Your order", "X-Tandem-Var", "a=1",
	"X-Tandem-Var", "b=2" }), "tagged mail goes to its end")
reply_is(conn, SMFIR_CONTINUE, "and passes")
ok(not mt.eom_check(conn, MT_RCPTDELETE, "<ana@example.com>"), "nobody is deleted")
ok(mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-SMS"), "X-Tandem-SMS is removed")
ok(mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Text"), "X-Tandem-Text is removed")
ok(mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Var"), "X-Tandem-Var is removed")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
ok(not content(conn, { "Subject", "hello" }), "the next mail of the connection is an ordinary one")

-- Abort in the middle ----------------------------------------
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<+14155550123@sms.example.com>")
mt.header(conn, "X-Tandem-SMS", "yes")
mt.abort(conn)
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
ok(not content(conn, { "Subject", "hello" }), "an aborted mail leaves nothing behind")
mt.disconnect(conn)

-- Direct ----------------------------------------
conn = open(TRUSTED)
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<+14155550123@sms.example.com>", "NOTIFY=NEVER")
reply_is(conn, SMFIR_CONTINUE, "a number")
ok(content(conn, { "Subject", "hello" }, "Direct text\r\n"), "needs its end")
reply_is(conn, SMFIR_CONTINUE, "and goes")
ok(mt.eom_check(conn, MT_RCPTDELETE, "<+14155550123@sms.example.com>"), "the number leaves the envelope, as it was written")

mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<123@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "no number: refused at RCPT")
mt.rcptto(conn, "<+14155550199@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "opted out: refused at RCPT")
mt.rcptto(conn, "<+14155550198@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "a full budget: deferred at RCPT")
mt.rcptto(conn, "<+4915112345678@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "a country not allowed: refused at RCPT")
mt.rcptto(conn, "<nobody=example.com@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "no number on file: refused at RCPT")
mt.rcptto(conn, "<t-faketoken@tandem.invalid>")
reply_is(conn, SMFIR_REPLYCODE, "the token domain: refused at RCPT")
mt.rcptto(conn, "<ana=example.com@sms.example.com>")
reply_is(conn, SMFIR_CONTINUE, "the mail goes on for the others")
mt.rcptto(conn, "<bob@example.com>")
ok(content(conn, { "Subject", "hello" }), "with them")
ok(mt.eom_check(conn, MT_RCPTDELETE, "<ana=example.com@sms.example.com>"), "the SMS recipient is replaced")
ok(not mt.eom_check(conn, MT_RCPTDELETE, "<bob@example.com>"), "the ordinary one stays")

mail(conn, "<>")
mt.rcptto(conn, "<+14155550123@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "the null sender: refused at RCPT")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<+14155550123@sms.example.com>")
content(conn, { "Auto-Submitted", "auto-replied" })
reply_is(conn, SMFIR_REPLYCODE, "an automatic reply: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<+14155550123@sms.example.com>")
content(conn, {}, "\r\n")
reply_is(conn, SMFIR_REPLYCODE, "no text: refused")

-- Bad headers ----------------------------------------
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Send-At", "100% tomorrow" })
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.6.0", "X-Tandem-Send-At: not a date: \"100%% tomorrow\""),
	"a malformed header: refused, % doubled")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
local many = {}
for i = 1, 65 do
	many[#many + 1] = "X-Tandem-Var"
	many[#many + 1] = "v" .. i .. "=1"
end
content(conn, many)
reply_is(conn, SMFIR_REPLYCODE, "65 headers of ours: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "+14155550123", "X-Tandem-Max-Segments", "1", "X-Tandem-Text", string.rep("long text ", 20) })
reply_is(conn, SMFIR_REPLYCODE, "too long: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-Key", "conflict" })
reply_is(conn, SMFIR_REPLYCODE, "one key, other content: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Template", "hello" })
reply_is(conn, SMFIR_CONTINUE, "a template with the person's name goes")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Template", "undefined" })
reply_is(conn, SMFIR_REPLYCODE, "a template with an undefined variable: refused")

-- Denied ----------------------------------------
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<deny@example.com>")
mt.rcptto(conn, "<bob@example.com>")
content(conn, { "X-Tandem-Class", "transactional" })
reply_is(conn, SMFIR_CONTINUE, "some denied: the mail goes on")
ok(mt.eom_check(conn, MT_RCPTDELETE, "<deny@example.com>"), "without them")
ok(not mt.eom_check(conn, MT_RCPTDELETE, "<bob@example.com>"), "to the others")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<deny@example.com>")
content(conn, { "X-Tandem-Class", "transactional" })
reply_is(conn, SMFIR_REPLYCODE, "all denied: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<deny@example.com>")
content(conn, { "X-Tandem-Category", "offer" })
reply_is(conn, SMFIR_DISCARD, "all denied, marketing: discarded")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<deny@example.com>")
content(conn, { "X-Tandem-SMS", "+14155550123", "X-Tandem-Text", "x" })
ok(mt.eom_check(conn, MT_RCPTDELETE, "<deny@example.com>"), "mail denied, SMS not: the mail carries the SMS")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<late@example.com>")
content(conn, { "X-Tandem-Class", "service" })
ok(mt.eom_check(conn, MT_SMTPREPLY, "450", "4.7.1", "cap:pressure, try again at 2026-11-02T10:00:00.000Z"),
	"a full cap that defers: 450 with the time")

-- List-Unsubscribe ----------------------------------------
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-Category", "offer", "List-Unsubscribe", "<https://app.example.com/leave>", "Subject", "x" })
reply_is(conn, SMFIR_CONTINUE, "marketing to one passes")
ok(mt.eom_check(conn, MT_HDRDELETE, "List-Unsubscribe"), "without the application's List-Unsubscribe")
ok(mt.eom_check(conn, MT_HDRADD, "List-Unsubscribe", "<https://notify.example.com/u/unsubtoken>,\n\t<mailto:u-unsubtoken@r.example.com>"),
	"with ours")
ok(mt.eom_check(conn, MT_HDRADD, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"), "and List-Unsubscribe-Post")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-Class", "transactional", "List-Unsubscribe", "<https://app.example.com/leave>" })
ok(not mt.eom_check(conn, MT_HDRADD, "List-Unsubscribe") and not mt.eom_check(conn, MT_HDRDELETE, "List-Unsubscribe"),
	"another class keeps what it brought")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
mt.rcptto(conn, "<bob@example.com>")
content(conn, { "X-Tandem-Category", "offer" })
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1", "marketing mail needs one recipient each"), "marketing to two: refused")

mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<gone@example.com>")
reply_is(conn, SMFIR_CONTINUE, "scope = tagged: no ordinary recipient is asked for at RCPT")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<nobody@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Text", "x" })
reply_is(conn, SMFIR_CONTINUE, "no number on file: the mail passes")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Text", "x", "X-Tandem-Dry-Run", "yes" })
reply_is(conn, SMFIR_DISCARD, "a dry run goes nowhere")
mt.disconnect(conn)

-- Somebody unknown ----------------------------------------
conn = open("192.0.2.1")
mail(conn, "<evil@example.net>")
mt.rcptto(conn, "<+14155550123@sms.example.com>")
reply_is(conn, SMFIR_REPLYCODE, "no submitter: no SMS")
mt.rcptto(conn, "<ana@example.com>")
ok(content(conn, { "X-Tandem-SMS", "garbage", "x-tandem-keyword", "stop", "X-Tandem-Self", "good" }), "headers of ours")
reply_is(conn, SMFIR_CONTINUE, "do not stop the mail")
ok(mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-SMS") and mt.eom_check(conn, MT_HDRDELETE, "x-tandem-keyword") and
	mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Self"), "but are removed")
mt.disconnect(conn)

-- sendmail(1) ----------------------------------------
conn = open("127.0.0.1")
local_mail(conn, "shop@example.com")
mt.rcptto(conn, "123@sms.example.com")
reply_is(conn, SMFIR_CONTINUE, "sendmail(1): nothing is refused at RCPT")
content(conn, {})
reply_is(conn, SMFIR_REPLYCODE, "but at the end, which bounces")
mt.disconnect(conn)
conn = open("127.0.0.1")
local_mail(conn, "shop@example.com")
mt.rcptto(conn, "+14155550123@sms.example.com")
content(conn, {})
ok(mt.eom_check(conn, MT_RCPTDELETE, "+14155550123@sms.example.com"), "a good number goes")
mt.disconnect(conn)
conn = open("127.0.0.1")
local_mail(conn, "tandem@example.com")
mt.rcptto(conn, "ana@example.com")
content(conn, { "X-Tandem-Self", "good", "X-Tandem-Keyword", "stop" })
reply_is(conn, SMFIR_CONTINUE, "our own mail passes")
ok(mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Self"), "without the token")
ok(not mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Keyword"), "with the keyword")
mt.disconnect(conn)
conn = open("127.0.0.1")
local_mail(conn, "user@example.com")
mt.rcptto(conn, "ana@example.com")
content(conn, { "X-Tandem-Self", "forged", "X-Tandem-Keyword", "stop" })
ok(mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Self") and mt.eom_check(conn, MT_HDRDELETE, "X-Tandem-Keyword"),
	"a forged token: both are removed")
mt.disconnect(conn)
