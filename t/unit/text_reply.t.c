/*
 * text_reply - what is taken out of plain text, and what only looks like it
 */
#include "reply.h"

#include <stdio.h>

#include "tap.h"

static struct td_arena arena;
static struct td_cuts cuts;
static bool rendered;

/* The text that remains, trimmed; cuts tells what went. */
static struct td_view strip(const char *text)
{
	struct td_view out;
	struct td_buf buf;

	td_arena_reset(&arena);
	memset(&cuts, 0, sizeof(cuts));
	td_buf_init(&buf, 1u << 20);
	ok(td_reply_strip(td_view_str(text), rendered, &arena, &cuts, &buf) && td_buf_ok(&buf), "stripped");
	out = td_arena_dup(&arena, td_view_trim(td_buf_view(&buf)));
	td_buf_free(&buf);
	return out;
}

static void goes(const char *text, const char *want, const char *what)
{
	struct td_view left = strip(text);

	is_view(left, want, "%s", text);
	ok(cuts.n >= 1 && td_view_eq(td_view_str(cuts.cut[0].what), td_view_str(what)), "noted as a %s", what);
}

static void stays(const char *text)
{
	is_view(strip(text), text, "stays: %s", text);
	is_int((long long)cuts.n, 0, "nothing was cut");
}

static void signatures(void)
{
	goes("Yes.\n-- \nBob\nAcme", "Yes.", "signature");
	goes("Yes.\n\n-- \nBob\n\n\n\nmore", "Yes.", "signature");
	goes("Yes.\n\n--\nBob\nAcme\n", "Yes.", "signature");
	stays("Yes.\n--\nBob");
	stays("Prices:\n\n--\nTea 5\n\n--\nCoffee 7");
	stays("A\n\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
	stays("One\n\n\n\nTwo");
	stays("-- x");
	stays("--");
	is_view(strip("-- \nBob"), "", "nothing but a signature");
}

static void telephones(void)
{
	static const char *const lines[] = { "Sent from my iPhone", "Get Outlook for iOS",
		"Get Outlook for Android<https://aka.ms/x>", "Sent from my Samsung Galaxy smartphone.",
		"Sent from Yahoo Mail on Android", "Sent from Mail for Windows 10", "أرسلت من الـ iPhone",
		"تم الإرسال من iPhone الخاص بي", "Envoyé de mon iPhone", "Télécharger Outlook pour iOS",
		"Von meinem iPhone gesendet", "Gesendet von Outlook für Android", "Enviado desde mi iPhone",
		"Enviado do meu iPhone", "Inviato da iPhone", "iPhone'umdan gönderildi", "Verstuurd vanaf mijn iPhone",
		"sent from my iPad" };
	char text[200];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), "Yes.\n\n%s\n", lines[i]);
		goes(text, "Yes.", "signature");
	}
	goes("Yes.\n\nSent from my iPhone\n\nOn 24 Nov 2026, at 10:00, Bob <bob@example.com> wrote:\n\n> OK?\n", "Yes.",
		"quote");
	stays("Sent from my iPhone\nis what it says below my mails.");
	stays("Your parcel was\nSent from our warehouse");
	stays("Sent from my iPhone is what it says below every mail that he has written since the summer of last year, he "
		  "says.");
}

static void introductions(void)
{
	static const char *const lines[] = {
		"On Tue, Nov 24, 2026 at 10:00 AM Bob <bob@example.com> wrote:",
		"On 24 Nov 2026, at 10:00, Bob Smith wrote:",
		"On 11/24/26 10:00, Bob wrote:",
		"في الثلاثاء، 24 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Bob <bob@example.com>:",
		"\xE2\x80\xABفي 24 نوفمبر 2026، الساعة 10:00، كتب Bob:\xE2\x80\xAC",
		"Le mar. 24 nov. 2026 à 10:00, Bob <bob@example.com> a écrit\xC2\xA0:",
		"Am Di., 24. Nov. 2026 um 10:00 Uhr schrieb Bob <bob@example.com>:",
		"El mar, 24 nov 2026 a las 10:00, Bob (<bob@example.com>) escribió:",
		"Em ter., 24 de nov. de 2026 às 10:00, Bob <bob@example.com> escreveu:",
		"Il giorno mar 24 nov 2026 alle ore 10:00 Bob <bob@example.com> ha scritto:",
		"Bob <bob@example.com>, 24 Kas 2026 Sal, 10:00 tarihinde şunu yazdı:",
		"Op di 24 nov 2026 om 10:00 schreef Bob <bob@example.com>:",
		"Bob wrote:",
		"On Tue, Nov 24, 2026\nat 10:00 AM Bob Somebody of a long name\n<bob@a-very-long-name.example.com>\nwrote:",
		"Bob Somebody <bob@example.com>, 24 Kas 2026\nSal, 10:00 tarihinde şunu yazdı:",
	};
	char text[500];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), "Yes.\n\n%s\n\n> 10:30?\n> OK?\n", lines[i]);
		goes(text, "Yes.", "quote");
		snprintf(text, sizeof(text), "%s\n> 10:30?\n\nYes.\n", lines[i]);
		goes(text, "Yes.", "quote");
	}
	goes("Yes please.\nOn 24 Nov 2026, at 10:00, Bob wrote:\n> OK?", "Yes please.", "quote");
	goes("Yes.\n\nOn Tue, 24 Nov 2026 at 10:00, Bob <bob@example.com> wrote:\nShall I\ncome?", "Yes.", "quote");
}

static void blocks(void)
{
	static const char *const blocks[] = {
		"From: Bob <bob@example.com>\nSent: Tuesday, November 24, 2026 10:00 AM\nTo: Ana\nSubject: RE: x\n\nShall I?",
		"*From:* Bob\n*Sent:* Tuesday\n*To:* Ana\n*Cc:* Eve\n*Subject:* RE: x\n\nShall I?",
		"Von: Bob\nGesendet: Dienstag, 24. November 2026 10:00\nAn: Ana\nBetreff: x\n\nSoll ich?",
		"De : Bob\nEnvoyé : mardi 24 novembre 2026 10:00\nÀ : Ana\nObjet : x\n\nOn y va ?",
		"De: Bob\nEnviado: martes\nPara: Ana\nAsunto: x\n\n¿Vamos?",
		"De: Bob\nEnviada em: terça-feira\nPara: Ana\nAssunto: x\n\nVamos?",
		"Da: Bob\nInviato: martedì\nA: Ana\nOggetto: x\n\nAndiamo?",
		"Van: Bob\nVerzonden: dinsdag\nAan: Ana\nOnderwerp: x\n\nGaan we?",
		"Kimden: Bob\nGönderildi: Salı\nKime: Ana\nKonu: x\n\nGelelim mi?",
		"من: بوب\nتم الإرسال: الثلاثاء\nإلى: آنا\nالموضوع: موعد\n\nهل نأتي؟",
	};
	char text[600];

	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		snprintf(text, sizeof(text), "Yes.\n\n%s\n", blocks[i]);
		goes(text, "Yes.", "quote");
		snprintf(text, sizeof(text), "Yes.\n________________________________\n%s\n", blocks[i]);
		goes(text, "Yes.", "quote");
	}
	goes("Yes.\n-----Ursprüngliche Nachricht-----\nVon: Bob\n\nSoll ich?", "Yes.", "quote");
	stays("From: Bob\nSent: today\nTo: Ana\nSubject: x\n\nShall I?");
	stays("New question:\n\nFrom: Bob\nSubject: Opening hours\n\nWhen are you open?");
	stays("From: Cairo\nTo: Giza\nTrain 12");
	stays("Sign here:\n________________________________\nName: Ana");
}

static void forwards(void)
{
	goes("FYI\n\n---------- Forwarded message ---------\nFrom: Bob <bob@example.com>\nDate: Tue\nSubject: x\nTo: "
		 "Ana\n\nHello",
		"FYI", "quote");
	goes("---------- Forwarded message ---------\nFrom: Bob <bob@example.com>\nDate: Tue\nSubject: x\nTo: Ana\n\nHello",
		"Hello", "quote");
	goes("Begin forwarded message:\n\nFrom: Bob\nSubject: x\nDate: Tue\nTo: Ana\n\nHello", "Hello", "quote");
	goes("Bitte lesen\n\n-------- Weitergeleitete Nachricht --------\nBetreff: x\nVon: Bob\n\nHallo", "Bitte lesen",
		"quote");
}

static void stay(void)
{
	stays("He wrote: come tomorrow.");
	stays("As my brother wrote:\nall is well.");
	stays("On 24 Nov 2026 at 10:00 Dr Bob wrote:\n\nPlease take two.");
	stays("Prices\n> 10 pieces: 5\n> 100 pieces: 4\n\nCall us.");
	stays("Go to Settings\n> Privacy\n> Location and allow it.");
	stays("5 > 3");
	is_view(strip(">From tomorrow on"), "From tomorrow on", "a mailbox's From");
	is_view(strip("> all\n> of it"), "", "nothing but a quote");
	is_view(strip("> a\nyes\n> 10?\nno"), "yes\nno", "answers between the lines");
}

/* In HTML a ">" is a bullet somebody drew, unless somebody is said to have written it. */
static void html(void)
{
	rendered = true;
	stays("> Shop now\n> Our stores");
	stays("News.\n> Shop now");
	goes("Yes.\nBob wrote:\n> OK?\n\nAnd\n> more\n", "Yes.\n\nAnd", "quote");
	rendered = false;
}

static void unflow(const char *text, bool delsp, const char *want)
{
	struct td_buf buf;

	td_buf_init(&buf, 1000);
	td_reply_unflow(td_view_str(text), delsp, &buf);
	is_view(td_buf_view(&buf), want, "%s", text);
	td_buf_free(&buf);
}

/* RFC 3676. */
static void flowed(void)
{
	unflow("a \nb\n", false, "a b\n");
	unflow("a \nb\n", true, "ab\n");
	unflow("  stuffed\n", false, " stuffed\n");
	unflow(" From here\n", false, "From here\n");
	unflow(" > no quote\n", false, " > no quote\n");
	unflow("> q \n> r\nown\n", false, ">q r\nown\n");
	unflow("> q \n>> r\n", false, ">q \n>>r\n");
	unflow("text \n-- \nBob \nAcme\n", false, "text \n-- \nBob Acme\n");
	unflow(" -- \n", false, "-- \n");
	unflow("end ", false, "end ");
}

static void bounds(void)
{
	struct td_arena small;
	struct td_buf buf;

	td_arena_init(&small, 10);
	td_buf_init(&buf, 1000);
	ok(td_reply_strip(TD_VLIT("a\n> b\nc\n"), false, &small, NULL, &buf), "an arena without room");
	is_view(td_buf_view(&buf), "a\n> b\nc\n", "is not used for the text");
	td_buf_free(&buf);
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 1u << 20);
	signatures();
	telephones();
	introductions();
	blocks();
	forwards();
	stay();
	html();
	flowed();
	bounds();
	td_arena_free(&arena);
	return done_testing();
}
