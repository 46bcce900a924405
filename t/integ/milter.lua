-- Dialogues of an MTA with tandem-milter (stage by outcome). Run by milter.t, which sets SOCK. Prints TAP lines without a plan.
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
	for i = 1, #headers, 2 do
		mt.header(conn, headers[i], headers[i + 1])
	end
	mt.eoh(conn)
	if mt.getreply(conn) ~= SMFIR_CONTINUE then
		return false
	end
	mt.bodystring(conn, body or "The text\r\n")
	mt.macro(conn, SMFIC_BODYEOB, "i", "4XyZ")
	mt.eom(conn)
	return true
end

local function edits(conn)
	return mt.eom_check(conn, MT_RCPTADD) or mt.eom_check(conn, MT_RCPTDELETE) or mt.eom_check(conn, MT_HDRDELETE)
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
ok(mt.eom_check(conn, MT_RCPTADD, "<t-faketoken@tandem.invalid>"), "the token is added")
ok(not mt.eom_check(conn, MT_RCPTDELETE), "nobody is deleted")
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
ok(mt.eom_check(conn, MT_RCPTADD, "<t-faketoken@tandem.invalid>"), "the token stands for it")

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
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1"), "an automatic reply: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<+14155550123@sms.example.com>")
content(conn, {}, "\r\n")
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.6.0"), "no text: refused")
ok(not edits(conn), "before any edit")

-- Bad headers ----------------------------------------
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Send-At", "100% tomorrow" })
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.6.0", "X-Tandem-Send-At: not a date: \"100%% tomorrow\""),
	"a malformed header: refused, % doubled")
ok(not edits(conn), "before any edit")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
local many = {}
for i = 1, 65 do
	many[#many + 1] = "X-Tandem-Var"
	many[#many + 1] = "v" .. i .. "=1"
end
content(conn, many)
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.6.0"), "65 headers of ours: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "+14155550123", "X-Tandem-Max-Segments", "1", "X-Tandem-Text", string.rep("long text ", 20) })
ok(mt.eom_check(conn, MT_SMTPREPLY, "552", "5.2.3"), "too long: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-Key", "conflict" })
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.0"), "one key, other content: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Template", "hello" })
reply_is(conn, SMFIR_CONTINUE, "a template with the person's name")
ok(mt.eom_check(conn, MT_RCPTADD), "goes")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<ana@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Template", "undefined" })
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.6.0"), "a template with an undefined variable: refused")
ok(not edits(conn), "before any edit")

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
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.7.1"), "all denied: refused")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<deny@example.com>")
content(conn, { "X-Tandem-Category", "offer" })
reply_is(conn, SMFIR_DISCARD, "all denied, marketing: discarded")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<deny@example.com>")
content(conn, { "X-Tandem-SMS", "+14155550123", "X-Tandem-Text", "x" })
ok(mt.eom_check(conn, MT_RCPTDELETE, "<deny@example.com>") and mt.eom_check(conn, MT_RCPTADD),
	"mail denied, SMS not: the mail carries the SMS")
mail(conn, "<shop@example.com>")
mt.rcptto(conn, "<nobody@example.com>")
content(conn, { "X-Tandem-SMS", "yes", "X-Tandem-Text", "x" })
reply_is(conn, SMFIR_CONTINUE, "no number on file: the mail passes")
ok(not mt.eom_check(conn, MT_RCPTADD), "without SMS")
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
ok(not mt.eom_check(conn, MT_RCPTADD), "and nothing comes of them")
mt.disconnect(conn)

-- sendmail(1) ----------------------------------------
conn = open("127.0.0.1")
local_mail(conn, "shop@example.com")
mt.rcptto(conn, "123@sms.example.com")
reply_is(conn, SMFIR_CONTINUE, "sendmail(1): nothing is refused at RCPT")
content(conn, {})
ok(mt.eom_check(conn, MT_SMTPREPLY, "550", "5.1.3"), "but at the end, which bounces")
mt.disconnect(conn)
conn = open("127.0.0.1")
local_mail(conn, "shop@example.com")
mt.rcptto(conn, "+14155550123@sms.example.com")
content(conn, {})
ok(mt.eom_check(conn, MT_RCPTDELETE, "+14155550123@sms.example.com") and mt.eom_check(conn, MT_RCPTADD), "a good number goes")
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
