/*
 * mime_front - of a mail, what may safely be given to GMime
 */
#include "mime_front.h"

enum {
	MAX_HEAD = 65536,
	MAX_BODY = 4194304,
	MAX_LINES = 20000,
	MAX_FIELDS = 4000,     /* lines that look like header fields: each may become an object of half a KiB */
	MAX_BOUNDARIES = 1000, /* each may become a part */
	MAX_CONTENT = 8192,    /* bytes of a field that begins with Content-, folded lines included */
	MAX_OTHER = 2048,      /* of another one that GMime takes apart; an SMS is shorter, should it be text */
	MAX_COLONS = 32,       /* of that: each may begin a group of addresses inside the one before */
	ALL_CONTENT = 262144,  /* bytes of all fields of the one kind */
	ALL_OTHER = 32768      /* and of the other */
};

/* Fields that GMime takes apart when it sees them: addresses, dates, parameters. */
static const char *const taken_apart[] = { "content-", "from", "sender", "reply-to", "to", "cc", "bcc", "date",
	"message-id", "resent-" };

/* How many bytes of a field that begins with this line GMime may see; 0 when it is none that matters. */
static size_t limit_of(struct td_view line)
{
	for (size_t i = 0; i < sizeof(taken_apart) / sizeof(*taken_apart); i++) {
		struct td_view name = td_view_str(taken_apart[i]);
		size_t n = name.n;

		if (!td_view_casestarts(line, name))
			continue;
		while (td_view_ends(name, TD_VLIT("-")) && n < line.n && (g_ascii_isalnum(line.p[n]) || line.p[n] == '-'))
			n++;
		while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
			n++;
		if (n < line.n && line.p[n] == ':')
			return i == 0 ? MAX_CONTENT : MAX_OTHER;
	}
	return 0;
}

/* Does a header field begin with this line, as GMime sees it? */
static bool is_field(struct td_view line)
{
	size_t n = 0;

	while (n < line.n && (unsigned char)line.p[n] > ' ' && line.p[n] != ':')
		n++;
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n < line.n && line.p[n] == ':';
}

struct front {
	GByteArray *bytes;
	size_t limit;   /* of the field that goes on; 0 outside one */
	size_t used;    /* of it */
	size_t colons;  /* in it */
	size_t content; /* bytes of all fields of the one kind */
	size_t other;   /* and of the other */
};

static void append(struct front *front, struct td_view v)
{
	if (v.n)
		g_byte_array_append(front->bytes, (const guint8 *)v.p, (guint)v.n);
}

/* A line of a field, with its newline: what is within the limits of it. */
static void append_field(struct front *front, struct td_view line)
{
	size_t room = front->limit - front->used;
	size_t n;

	for (n = 0; n < line.n && n < room; n++)
		if (line.p[n] == ':' && front->limit == MAX_OTHER && ++front->colons > MAX_COLONS)
			break;
	append(front, td_view_mem(line.p, n));
	*(front->limit == MAX_CONTENT ? &front->content : &front->other) += n;
	front->used += n;
	if (n == line.n || room == 0)
		return;
	append(front, TD_VLIT("\r\n"));
	front->used = front->limit;
}

/* Appends line after line while that is bounded. */
static void append_lines(struct front *front, struct td_view v)
{
	size_t lines = 0;
	size_t boundaries = 0;
	size_t fields = 0;

	front->limit = 0;
	while (v.n && lines < MAX_LINES && fields < MAX_FIELDS && boundaries < MAX_BOUNDARIES &&
		   front->content < ALL_CONTENT && front->other < ALL_OTHER) {
		size_t n = td_view_chr(v, '\n');
		struct td_view line = td_view_mem(v.p, n == (size_t)-1 ? v.n : n + 1);

		if (line.p[0] != ' ' && line.p[0] != '\t') {
			front->limit = limit_of(line);
			front->used = 0;
			front->colons = 0;
		}
		if (front->limit)
			append_field(front, line);
		else
			append(front, line);
		boundaries += td_view_starts(line, TD_VLIT("--"));
		fields += is_field(line);
		lines++;
		v = td_view_skip(v, line.n);
	}
}

/* Without a boundary that was cut in two at the end of the body: it would stand below the text. */
static struct td_view without_cut_boundary(struct td_view head, struct td_view body)
{
	const char *newline = body.n ? memrchr(body.p, '\n', body.n) : NULL;
	size_t last = newline ? (size_t)(newline - body.p) + 1 : 0;

	if (td_view_starts(td_view_skip(body, last), TD_VLIT("--")) && memmem(head.p, head.n, "oundary", 7))
		body.n = last;
	return body;
}

GByteArray *td_mime_front(struct td_view head, struct td_view body)
{
	struct front front = { .bytes = NULL };

	head.n = head.n > MAX_HEAD ? MAX_HEAD : head.n;
	body.n = body.n > MAX_BODY ? MAX_BODY : body.n;
	body = without_cut_boundary(head, body);
	front.bytes = g_byte_array_sized_new((guint)(head.n + body.n + 4));
	append_lines(&front, head);
	if (front.bytes->len && front.bytes->data[front.bytes->len - 1] != '\n')
		append(&front, TD_VLIT("\r\n"));
	if (!td_view_ends(head, TD_VLIT("\n\r\n")) && !td_view_ends(head, TD_VLIT("\n\n")))
		append(&front, TD_VLIT("\r\n"));
	append_lines(&front, body);
	return front.bytes;
}
