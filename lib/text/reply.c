/*
 * reply - plain text of a mail as its writer meant it: flowed lines joined, signature and quoted reply gone
 */
#include "reply.h"

/* How the last line of "On DATE, NAME wrote:" says it, where the quote follows. English first, then by code. */
static const char *const wrote[] = {
	"wrote", "writes", "كتب", "napsal", "skrev", "schrieb", "έγραψε", "escribi", "kirjoitti", "écrit", "ecrit",
	"כתב", "írta", "scritto", "書きました", "のメール", "작성", "schreef", "napisał", "pisze", "escreve", "a scris",
	"написал", "пишет", "писал", "yazdı", "yazmış", "написав", "пише", "写道", "寫道",
};

/* How such a line begins when it goes over several. */
static const char *const begins[] = {
	"On ", "في ", "Dne ", "Den ", "Am ", "Στις ", "El ", "Le ", "ב", "Il ", "Op ", "W dniu ", "Dnia ", "Em ",
	"În ", "Pe ",
};

/* Whatever stands below these is someone else's mail. */
static const char *const original[] = {
	"Original Message", "Original message", "الرسالة الأصلية", "Původní zpráva", "Oprindelig meddelelse",
	"Ursprüngliche Nachricht", "Mensaje original", "Message d'origine", "Messaggio originale",
	"Oorspronkelijk bericht", "Wiadomość oryginalna", "Mensagem original", "Исходное сообщение",
	"Ursprungligt meddelande", "Orijinal Mesaj",
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Takes a line, without its newline, off *rest; false at the end. */
static bool next_line(struct td_view *rest, struct td_view *line)
{
	size_t n;

	if (rest->n == 0)
		return false;
	n = td_view_chr(*rest, '\n');
	*line = td_view_mem(rest->p, n == (size_t)-1 ? rest->n : n);
	*rest = td_view_skip(*rest, line->n + 1);
	return true;
}

static bool is_signature_mark(struct td_view line)
{
	return td_view_eq(line, TD_VLIT("-- "));
}

void td_reply_unflow(struct td_view text, bool delsp, struct td_buf *out)
{
	struct td_view line;
	size_t open = (size_t)-1; /* quote depth of the paragraph that goes on, or -1 */
	size_t depth;
	size_t i;

	while (next_line(&text, &line)) {
		bool flowed;

		for (depth = 0; depth < line.n && line.p[depth] == '>'; depth++)
			;
		line = td_view_skip(line, depth);
		if (line.n && line.p[0] == ' ')
			line = td_view_skip(line, 1);
		flowed = line.n && line.p[line.n - 1] == ' ' && !is_signature_mark(line);
		if (open != (size_t)-1 && (open != depth || is_signature_mark(line))) {
			td_buf_byte(out, '\n');
			open = (size_t)-1;
		}
		if (open == (size_t)-1)
			for (i = 0; i < depth; i++)
				td_buf_byte(out, '>');
		/* A ">" that was stuffed is text and must not look like a quote now. */
		if (open == (size_t)-1 && depth == 0 && td_view_starts(line, TD_VLIT(">")))
			td_buf_byte(out, ' ');
		td_buf_add(out, td_view_mem(line.p, flowed && delsp ? line.n - 1 : line.n));
		if (!flowed)
			td_buf_byte(out, '\n');
		open = flowed ? depth : (size_t)-1;
	}
}

static bool is_quoted(struct td_view line)
{
	/* ">From" is how a mailbox file writes a line of text that begins with From. */
	return td_view_starts(line, TD_VLIT(">")) && !td_view_starts(line, TD_VLIT(">From "));
}

static bool is_blank(struct td_view line)
{
	return td_view_trim(line).n == 0;
}

static bool is_original_mark(struct td_view line)
{
	struct td_view v = td_view_trim(line);
	size_t i;

	if (!td_view_starts(v, TD_VLIT("--")) || !td_view_ends(v, TD_VLIT("--")))
		return false;
	for (i = 0; i < COUNT(original); i++)
		if (memmem(v.p, v.n, original[i], strlen(original[i])))
			return true;
	return false;
}

/* The last line of an attribution: "… wrote:", or "NAME <a@example.com>:" as mailers in East Asia write. */
static bool attributes(struct td_view line)
{
	struct td_view v = td_view_trim(line);
	size_t i;

	if (!td_view_ends(v, TD_VLIT(":")) && !td_view_ends(v, TD_VLIT("：")))
		return false;
	for (i = 0; i < COUNT(wrote); i++)
		if (memmem(v.p, v.n, wrote[i], strlen(wrote[i])))
			return true;
	return td_view_ends(v, TD_VLIT(">:")) && memchr(v.p, '@', v.n);
}

static bool begins_attribution(struct td_view line)
{
	size_t i;

	for (i = 0; i < COUNT(begins); i++)
		if (td_view_starts(line, td_view_str(begins[i])))
			return true;
	return false;
}

/* A line that is no longer there; an empty line has a pointer. */
static const struct td_view dropped;

/* lines[quote] is the first of a quote: drops the attribution before it. */
static void drop_attribution(struct td_view *lines, size_t quote)
{
	size_t last = quote;
	size_t first;
	size_t back;

	while (last > 0 && lines[last - 1].p && is_blank(lines[last - 1]))
		last--;
	if (last == 0 || !attributes(lines[last - 1]))
		return;
	first = last - 1;
	for (back = 0; back < 3 && back < last && !is_blank(lines[last - 1 - back]); back++)
		if (begins_attribution(lines[last - 1 - back])) {
			first = last - 1 - back;
			break;
		}
	while (first < last)
		lines[first++] = dropped;
}

bool td_reply_strip(struct td_view text, struct td_arena *arena, struct td_buf *out)
{
	struct td_view rest = text;
	struct td_view line;
	struct td_view *lines;
	size_t room = 1;
	size_t n = 0;
	size_t i;

	for (i = 0; i < text.n; i++)
		room += text.p[i] == '\n';
	lines = TD_NEWN(arena, room, struct td_view);
	if (!lines)
		return false;
	while (next_line(&rest, &line) && !is_signature_mark(line) && !is_original_mark(line))
		lines[n++] = line;
	for (i = 0; i < n; i++)
		if (is_quoted(lines[i])) {
			drop_attribution(lines, i);
			while (i < n && is_quoted(lines[i]))
				lines[i++] = dropped;
		}
	for (i = 0; i < n; i++)
		if (lines[i].p) {
			td_buf_add(out, td_view_starts(lines[i], TD_VLIT(">From ")) ? td_view_skip(lines[i], 1) : lines[i]);
			td_buf_byte(out, '\n');
		}
	return true;
}
