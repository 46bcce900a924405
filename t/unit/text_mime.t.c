/*
 * text_mime - the text of whole mails (t/data/mime: NAME.eml and the NAME.txt it holds), and header values
 */
#include "mime.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "tap.h"

static struct td_arena arena;

static struct td_view slurp(const char *path)
{
	char chunk[4096];
	struct td_view all;
	struct td_buf buf;
	FILE *in = fopen(path, "rb");
	size_t n;

	if (!in)
		bail_out("%s: cannot be read", path);
	td_buf_init(&buf, 1u << 20);
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		td_buf_add(&buf, td_view_mem(chunk, n));
	fclose(in);
	all = td_arena_dup(&arena, td_buf_view(&buf));
	td_buf_free(&buf);
	return all;
}

/* Head and body of a mail; with the empty line that divides them left out. */
static void split(struct td_view mail, struct td_view *head, struct td_view *body)
{
	const char *gap = memmem(mail.p, mail.n, "\r\n\r\n", 4);
	size_t n = gap ? (size_t)(gap - mail.p) + 2 : mail.n;

	*head = td_view_mem(mail.p, n);
	*body = td_view_skip(mail, n + 2);
}

static const char *extract(struct td_view head, struct td_view body, struct td_view *text)
{
	const char *source = NULL;
	struct td_err err;

	*text = TD_VLIT("untouched");
	td_err_clear(&err);
	if (!is_int(td_mime_text(head, body, &arena, NULL, text, &source, &err), TD_OK, "read"))
		diag("%s", err.text);
	return source;
}

static void one(const char *name)
{
	struct td_view head;
	struct td_view body;
	struct td_view want;
	struct td_view text;
	char path[300];

	snprintf(path, sizeof(path), "t/data/mime/%s.eml", name);
	split(slurp(path), &head, &body);
	snprintf(path, sizeof(path), "t/data/mime/%s.txt", name);
	want = slurp(path);
	if (want.n)
		want.n--; /* the newline at the end of the file */
	extract(head, body, &text);
	is_mem(text.p, text.n, want.p, want.n, "%s: text", name);
	ok(td_view_utf8(text), "%s: is UTF-8", name);
}

static int is_mail(const struct dirent *entry)
{
	return td_view_ends(td_view_str(entry->d_name), TD_VLIT(".eml"));
}

static void corpus(void)
{
	struct dirent **names;
	int n = scandir("t/data/mime", &names, is_mail, alphasort);
	int i;

	ok(n >= 150, "the mails are there");
	for (i = 0; i < n; i++) {
		names[i]->d_name[strlen(names[i]->d_name) - 4] = '\0';
		one(names[i]->d_name);
		td_arena_reset(&arena);
		free(names[i]);
	}
	free(names);
}

/* A head with and without its line ends, and nothing at all. */
static void edges(void)
{
	struct td_view text;

	extract(TD_VLIT(""), TD_VLIT("only a body\r\n"), &text);
	is_view(text, "only a body", "no head");
	extract(TD_VLIT("Content-Type: text/plain"), TD_VLIT("body"), &text);
	is_view(text, "body", "a head without its line end");
	extract(TD_VLIT("Content-Type: text/plain\n"), TD_VLIT("a\nb\n"), &text);
	is_view(text, "a\nb", "bare LF");
	extract(TD_VLIT("Content-Type: text/plain\r\n"), TD_VLIT(""), &text);
	is_view(text, "", "no body");
	extract(TD_VLIT(""), TD_VLIT(""), &text);
	is_view(text, "", "nothing");
}

static void is_text(const char *head, const char *body, const char *want, const char *source)
{
	struct td_view text;

	is_str(extract(td_view_str(head), td_view_str(body), &text), source, "%s: source", body);
	is_view(text, want, "%s: text", body);
}

#define PLAIN "Content-Type: text/plain\r\n"
#define HTML "Content-Type: text/html\r\n"
#define ALTERNATIVE "Content-Type: multipart/alternative; boundary=b\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n"

/* Which part it is. */
static void parts(void)
{
	is_text(HTML, "<p>x</p>", "x", "text/html");
	is_text(PLAIN, "x\r\n", "x", "text/plain");
	is_text(PLAIN, "", "", "");
	is_text(HTML "Content-Disposition: attachment\r\n", "<p>x</p>", "", "");
	is_text(ALTERNATIVE, "--b\r\n" PLAIN "\r\n \r\n--b\r\n" HTML "\r\n<p>x</p>\r\n--b--\r\n", "x", "text/html");
	is_text(ALTERNATIVE, "--b\r\n" PLAIN "\r\ny\r\n--b\r\n" HTML "\r\n<p>x</p>\r\n--b--\r\n", "y", "text/plain");
	is_text(ALTERNATIVE,
		"--b\r\n" PLAIN "\r\nYour mail client does not support HTML.\r\n--b\r\n" HTML "\r\n<p>x</p>\r\n--b--\r\n", "x",
		"text/html");
	is_text(ALTERNATIVE,
		"--b\r\n" PLAIN "\r\nTo view this message, please use an HTML compatible e-mail viewer.\r\n--b\r\n" HTML
		"\r\n<img>\r\n--b--\r\n",
		"", "");
	is_text(ALTERNATIVE, "--b\r\n" PLAIN "\r\nYour mail client does not support HTML.\r\n--b--\r\n",
		"Your mail client does not support HTML.", "text/plain");
	is_text(MIXED,
		"--b\r\n" HTML "\r\n<p>x</p>\r\n--b\r\n" PLAIN
		"Content-Disposition: inline; filename=log.txt\r\n\r\nlog\r\n--b--\r\n",
		"x", "text/html");
	is_text(MIXED,
		"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b\r\n" PLAIN
		"Content-Disposition: inline; filename=log.txt\r\n\r\nlog\r\n--b--\r\n",
		"log", "text/plain");
	is_text(MIXED,
		"--b\r\n" PLAIN "\r\n> all\r\n> quoted\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" PLAIN
		"\r\ninner\r\n--b--\r\n",
		"inner", "text/plain");
	is_text(MIXED,
		"--b\r\n" PLAIN "\r\nsee below\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" PLAIN "\r\ninner\r\n--b--\r\n",
		"see below", "text/plain");
}

/* The source of a mail is never its text. */
static void broken_structure(void)
{
	static const char parts_of_b[] = "--b\r\n" PLAIN "\r\nx\r\n--b\r\n" HTML "\r\n<p>y</p>\r\n--b--\r\n";

	is_text("Content-Type: multipart/alternative\r\n", parts_of_b, "x", "text/plain");
	is_text("Content-Type: multipart/alternative; boundary=other\r\n", parts_of_b, "x", "text/plain");
	is_text("Content-Type: multipart/alternative; boundary=\r\n", parts_of_b, "x", "text/plain");
	is_text("Subject: no word of MIME\r\n", parts_of_b, "x", "text/plain");
	is_text(PLAIN, parts_of_b, "x", "text/plain");
	is_text("Content-Type: multipart\r\n", parts_of_b, "x", "text/plain");
	is_text(PLAIN,
		"This is a multi-part message in MIME format.\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
		"x", "text/plain");
	is_text(PLAIN, "--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n", "", "");
	is_text(MIXED, "--b\r\n" PLAIN "\r\n--c\r\nContent-Type: image/png\r\n\r\nx\r\n--c--\r\n--b--\r\n", "", "");
	is_text(PLAIN, "A part begins with\r\n--b\r\nContent-Type: text/plain\r\n",
		"A part begins with\n--b\nContent-Type: text/plain", "text/plain");
}

#define CHARSET(name) "Content-Type: text/plain; charset=" name "\r\n"

#define BASE64_OF(name) CHARSET(name) "Content-Transfer-Encoding: base64\r\n"

static void charsets(void)
{
	is_text(CHARSET("utf-8"), "caf\xE9 und \xE4\xF6", "café und äö", "text/plain");
	is_text(CHARSET("utf-8"), "caf\xE9 \xC3\xA9", "caf\xEF\xBF\xBD é", "text/plain");
	is_text(CHARSET("us-ascii"), "caf\xC3\xA9", "café", "text/plain");
	is_text(CHARSET("iso-8859-1"), "caf\xC3\xA9", "café", "text/plain");
	is_text(CHARSET("\"utf8\""), "caf\xC3\xA9", "café", "text/plain");
	is_text(CHARSET("'utf-8'"), "caf\xC3\xA9", "café", "text/plain");
	is_text(CHARSET("cp-1256"), "\xE3\xD1\xCD\xC8\xC7", "مرحبا", "text/plain");
	is_text(CHARSET("utf-8"), "\xE3\xD1\xCD\xC8\xC7 \xE3\xD1\xCD\xC8\xC7", "", "");
	is_text(CHARSET("x-sjis"), "\x93\xFA\x96\x7B \x87\x40", "日本 ①", "text/plain");
	is_text(CHARSET("iso-2022-jp"), "\x1b$BF|K\\-!\x1b(B!", "日本①!", "text/plain");
	is_text(CHARSET("iso-2022-jp"), "\x1b$BF|K\\", "日本", "text/plain");
	is_text(CHARSET("iso-2022-jp"), "\x1b$BF|K", "日", "text/plain");
	is_text(PLAIN, "\x1b$BF|K\\\x1b(B", "日本", "text/plain");
	is_text(CHARSET("iso-2022-kr"), "\x1b$)C\x0eGQ1[\x0f!", "한글!", "text/plain");
	is_text(CHARSET("hz-gb-2312"), "~{VPND~} ~~ ok", "中文 ~ ok", "text/plain");
	is_text(CHARSET("utf-7"), "1 +AD0- 1 +ZeVnLIqe-", "1 = 1 日本語", "text/plain");
	is_text(CHARSET("unicode-1-1-utf-7"), "+ZeVnLIqe", "日本語", "text/plain");
	is_text(CHARSET("ks_c_5601-1987"), "\xC7\xD1\xB1\xDB", "한글", "text/plain");
	is_text(CHARSET("gb2312"), "\xD6\xD0\xCE\xC4\x81\x40", "中文丂", "text/plain");
	is_text(CHARSET("iso-8859-8-i"), "\xF9\xEC\xE5\xED", "שלום", "text/plain");
	is_text(CHARSET("x-mac-roman"), "caf\x8E", "café", "text/plain");
	is_text(CHARSET("cp-850"), "caf\x82", "café", "text/plain");
	is_text(CHARSET("big5"), "\xA4\xA4\xA4\xE5", "中文", "text/plain");
	is_text(CHARSET("gb18030"), "\xD6\xD0\xCE", "中", "text/plain");
	is_text(CHARSET("utf-8"), "caf\xC3\xA9 caf\xC3", "café caf", "text/plain");
	is_text(BASE64_OF("utf-16le"), "1VxjACEA", "峕c!", "text/plain");
	is_text(BASE64_OF("utf-16le"), "XNUArg==", "한글", "text/plain");
	is_text(BASE64_OF("utf-16be"), "1VyuAA==", "한글", "text/plain");
	is_text(BASE64_OF("utf-16le"), "AGgAaQ==", "hi", "text/plain");
	is_text(BASE64_OF("utf-16"), "AGgAaQ==", "hi", "text/plain");
	is_text(BASE64_OF("utf-32"), "//4AAGgAAABpAAAA", "hi", "text/plain");
	is_text(CHARSET("windows-1252"),
		"a\x81"
		"b",
		"a\xEF\xBF\xBD"
		"b",
		"text/plain");
	is_text(HTML, "<meta charset=windows-1256><p>\xE3\xD1\xCD\xC8\xC7", "مرحبا", "text/html");
	is_text(HTML, "<meta http-equiv=Content-Type content='text/html; charset=koi8-r'><p>\xD0\xD2\xC9\xD7\xC5\xD4",
		"привет", "text/html");
	is_text(
		"Content-Type: text/html; charset=utf-8\r\n", "<meta charset=koi8-r><p>\xD0\xBF\xD1\x80", "пр", "text/html");
}

#define BASE64 PLAIN "Content-Transfer-Encoding: base64\r\n"
#define QP CHARSET("utf-8") "Content-Transfer-Encoding: quoted-printable\r\n"

static void encodings(void)
{
	is_text(BASE64, "SGVsbG8gdGhlcmU=", "Hello there", "text/plain");
	is_text(BASE64, "SGVsbG8gdGhlcmU", "Hello there", "text/plain");
	is_text(BASE64, "SGVsbG8gd", "Hello", "text/plain");
	is_text(BASE64, "SGVs bG8*g\r\ndGhl\r\ncmU=\r\n", "Hello there", "text/plain");
	is_text(BASE64, "SGVsbG8=\r\nIHRoZXJl\r\n", "Hello there", "text/plain");
	is_text(QP, "caf=C3=A9 a=\r\nb", "café ab", "text/plain");
	is_text(QP, "a=  \r\nb", "ab", "text/plain");
	is_text(QP, "a=\nb", "ab", "text/plain");
	is_text(QP, "1 = 1 and =XY", "1 = 1 and =XY", "text/plain");
	is_text(QP, "caf=c3=a9", "café", "text/plain");
	is_text(QP, "caf=C3=A9 caf=C3=", "café caf", "text/plain");
	is_text(QP, "caf=C3=A9 caf=C3=A", "café caf", "text/plain");
	is_text(PLAIN "Content-Transfer-Encoding: binary\r\n", "a\r\nb", "a\nb", "text/plain");
	is_text(PLAIN "Content-Transfer-Encoding: nonsense\r\n", "a=20b", "a=20b", "text/plain");
	is_text(PLAIN "Content-Transfer-Encoding: \"BASE64\" \r\n", "SGVsbG8=", "Hello", "text/plain");
	is_text(PLAIN "Content-Transfer-Encoding: uuencode\r\n", "begin 644 x\r\n%2&5L;&\\\r\n`\r\nend\r\n", "Hello",
		"text/plain");
}

static void cuts(void)
{
	static struct td_cuts noted;
	struct td_view text;
	struct td_err err;

	is_int(td_mime_text(TD_VLIT(PLAIN), TD_VLIT("Yes.\r\n\r\nBob wrote:\r\n> OK?\r\n\r\n-- \r\nAna\r\n"), &arena,
			   &noted, &text, NULL, &err),
		TD_OK, "read");
	is_int((long long)noted.n, 2, "a signature and a quote are noted");
	is_str(noted.cut[0].what, "signature", "the signature");
	is_view(noted.cut[0].text, "-- \nAna", "its text");
	is_str(noted.cut[1].what, "quote", "the quote");
	is_view(noted.cut[1].text, "Bob wrote:\n> OK?", "its text");
}

/* n times unit between front and back, as a body under head. */
static void repeated(
	const char *head, const char *front, const char *unit, size_t times, const char *back, const char *want)
{
	size_t n = strlen(unit);
	struct td_view text;
	struct td_buf body;

	td_buf_init(&body, 32u << 20);
	td_buf_str(&body, front);
	for (size_t i = 0; i < times; i++)
		td_buf_add(&body, td_view_mem(unit, n));
	td_buf_str(&body, back);
	ok(td_buf_ok(&body), "a body of %zu bytes", body.n);
	extract(td_view_str(head), td_buf_view(&body), &text);
	is_view(text, want, "%zu times %s", times, unit);
	td_buf_free(&body);
	td_arena_reset(&arena);
}

static void bounds(void)
{
	static const char inner[] = "Content-Type: message/rfc822\r\n";
	const size_t n = 20u << 20;
	char *big = malloc(n);
	struct td_view text = TD_VLIT("untouched");
	struct td_arena small;
	struct td_err err;

	if (!big)
		bail_out("out of memory");
	memset(big, 'a', n);
	extract(TD_VLIT(PLAIN), td_view_mem(big, n), &text);
	is_int(text.n, 65536, "64 KiB of a line of 20 MB");
	td_arena_reset(&arena);
	td_arena_init(&small, 1000);
	text = TD_VLIT("untouched");
	is_int(td_mime_text(TD_VLIT(""), td_view_mem(big, n), &small, NULL, &text, NULL, &err), TD_NOMEM, "over the arena");
	is_view(text, "untouched", "output left alone");
	td_arena_free(&small);
	memset(big, '\xC3', n);
	extract(TD_VLIT(CHARSET("utf-8")), td_view_mem(big, n), &text);
	is_view(text, "", "20 MB of no UTF-8");
	free(big);
	repeated(MIXED, "", "--b\r\n\n", 170000, "", "");
	repeated(inner, "", "a:\r\n", 260000, "", "");
	repeated(inner, "", "\xC3\xA4 :\r\n", 260000, "", "");
	repeated(inner, "", "Content-Type: message/rfc822\r\n\r\n", 1000, "\r\nx", "");
	repeated(PLAIN, "", "\r\n", 300000, "x", "");
	/* What GMime would take apart by recursion, or into an object for every two bytes. */
	repeated(inner, "To: ", "a:", 2000000, "\r\n\r\nx", "x");
	repeated(inner, "Cc\t: ", "a:\r\n ", 10000, "\r\n\r\nx", "x");
	repeated(inner, "To: ", "a@b,", 1000000, "\r\n\r\nx", "x");
	repeated(inner, "Date: ", "1 ", 2000000, "\r\n\r\nx", "x");
	repeated(MIXED, "--b\r\nContent-Type: text/plain", "; a=b", 700000, "\r\n\r\nx\r\n--b--\r\n", "x");
}

/* Many parts take no more of the caller's memory than their text. */
static void many_parts(void)
{
	static const char head[] = "--b\r\nContent-Type: text/plain\r\n";
	const char *const empty[] = { "CgoK", "Pgo+Cj4K" }; /* newlines; lines with ">" */
	struct td_view text;
	struct td_buf body;
	size_t used;

	td_buf_init(&body, 4u << 20);
	for (size_t i = 0; i < 2; i++) {
		for (int k = 0; k < 10; k++) {
			td_buf_printf(&body, "%sContent-Transfer-Encoding: base64\r\n\r\n", head);
			for (int quad = 0; quad < 10000; quad++)
				td_buf_str(&body, empty[i]);
			td_buf_str(&body, "\r\n");
		}
		used = arena.used;
		extract(TD_VLIT(MIXED), td_buf_view(&body), &text);
		is_view(text, "", "parts of 30,000 lines with nothing in them");
		ok(arena.used - used < 1000, "they leave nothing behind");
		td_buf_reset(&body);
	}
	for (int k = 0; k < 900; k++)
		td_buf_printf(&body, "%s\r\nforty letters are on the line of each part\r\n", head);
	used = arena.used;
	extract(TD_VLIT(MIXED), td_buf_view(&body), &text);
	is_int((long long)text.n, 900 * 43 - 1, "900 parts go on with one another");
	ok(arena.used - used < 3 * text.n, "in the memory of their text");
	td_buf_free(&body);
	td_arena_reset(&arena);
}

/* Parts in parts; 32 levels are walked. */
static void nested(int depth, const char *want)
{
	struct td_view text;
	struct td_buf body;

	td_buf_init(&body, 1u << 20);
	for (int i = 0; i < depth; i++)
		td_buf_printf(&body, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i + 1);
	td_buf_printf(&body, "--b%d\r\nContent-Type: text/plain\r\n\r\nx\r\n", depth);
	extract(TD_VLIT("Content-Type: multipart/mixed; boundary=b0\r\n"), td_buf_view(&body), &text);
	is_view(text, want, "multipart %d deep", depth);
	td_buf_free(&body);
}

static void header(const char *raw, const char *want)
{
	struct td_view out = { NULL, 0 };
	struct td_err err;

	is_int(td_mime_header(td_view_str(raw), &arena, &out, &err), TD_OK, "%s", raw);
	is_view(out, want, "%s: decoded", raw);
}

static void headers(void)
{
	struct td_view out = TD_VLIT("untouched");
	struct td_arena small;
	struct td_err err;

	header("", "");
	header(" plain ", "plain");
	header("caf\xC3\xA9", "café");
	header("caf\xE9 au lait", "café au lait");
	header("=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait");
	header("=?UTF-8?B?2LfZhNio2YM=?= 10045", "طلبك 10045");
	header("=?utf-8?q?a?= =?utf-8?q?b?=", "ab");
	header("=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c");
	header("=?utf-8?B?4pw=?= =?utf-8?B?kw==?=", "✓");
	header("=?utf-8?q?a?= =?iso-8859-1?q?=E9?=", "aé");
	header("=?windows-1256?B?48jR5s8=?=", "مبرود");
	header("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本");
	header("=?utf-8*ar?q?x?=", "x");
	header("=?utf-8?q?bad=FF?=", "bad\xEF\xBF\xBD");
	header("=?utf-8?q?nul=00?=x", "nulx");
	header("=?x-unknown?q?caf=E9?=", "café");
	header("=?utf-8?q?one=0D=0Atwo=0Athree=0D?=", "one\ntwo\nthree");
	header("=?utf-8?q?tab=09bell=07esc=1B?=", "tab bell esc");
	header("=?utf-8?q?c1=C2=85?=x", "c1 x");
	header("folded\r\n value\r\n\tagain", "folded value again");
	header("smuggled\r\nBcc: x", "smuggled Bcc: x");
	header("=?utf-8?q?unfinished", "=?utf-8?q?unfinished");
	header("=?utf-8?x?what?=", "=?utf-8?x?what?=");
	header("=?=?utf-8?q?a?=", "=?a");
	header("=??q?a?=", "=??q?a?=");
	header("a=?utf-8?q?b?=c", "abc");
	header("=?utf-8?q?100=25_=zz?=", "100% =zz");
	header("=?utf-8?b?!!!?=x", "x");
	td_arena_init(&small, 4);
	is_int(td_mime_header(TD_VLIT("more than four"), &small, &out, &err), TD_NOMEM, "over the arena");
	is_view(out, "untouched", "output left alone");
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 8u << 20);
	td_mime_init();
	corpus();
	edges();
	parts();
	broken_structure();
	charsets();
	encodings();
	cuts();
	bounds();
	many_parts();
	nested(20, "x");
	nested(1000, "");
	nested(10000, "");
	headers();
	td_arena_free(&arena);
	return done_testing();
}
