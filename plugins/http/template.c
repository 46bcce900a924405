/*
 * template - texts with placeholders, whose values are escaped by where they stand
 */
#include "http.h"

static const char *const names[FIELDS] = { "", "to", "from", "text", "reference", "segments", "encoding", "callback",
	"to_digits", "from_digits", "text_hex", "validity_s", "token", "user", "password" };

/* ---- reading ---- */

/*
 * The length of the placeholder at the beginning of rest, braces included; 0 when there is none. Braces around anything
 * but a name are text, so that JSON needs no escapes.
 */
static size_t placeholder(struct tandem_view rest)
{
	size_t n = 1;

	if (!rest.n || rest.p[0] != '{')
		return 0;
	while (n < rest.n && ((rest.p[n] >= 'a' && rest.p[n] <= 'z') || rest.p[n] == '_' ||
		(n > 1 && rest.p[n] >= '0' && rest.p[n] <= '9')))
		n++;
	return n > 1 && n < rest.n && rest.p[n] == '}' ? n + 1 : 0;
}

static enum field field_of(struct tandem_view name)
{
	for (size_t i = FIELD_LITERAL + 1; i < FIELDS; i++) {
		if (http_is(name, names[i]))
			return (enum field)i;
	}
	return FIELD_LITERAL;
}

static void add(struct template *t, enum field field, struct tandem_view literal)
{
	if (field == FIELD_LITERAL && !literal.n)
		return;
	t->pieces[t->n++] = (struct piece){ field, literal };
	if (field)
		t->uses |= 1u << field;
}

bool http_template_read(struct tandem_call *call, const char *setting, struct tandem_view text, enum place place,
	struct template *out)
{
	size_t begin = 0, most = 1;

	for (size_t i = 0; i < text.n; i++)
		most += 2 * (text.p[i] == '{');
	*out = (struct template){ .place = place, .pieces = call->host->alloc(call, most * sizeof(*out->pieces)) };
	if (!out->pieces)
		return false;
	for (size_t i = 0; i < text.n;) {
		size_t n = placeholder((struct tandem_view){ text.p + i, text.n - i });
		struct tandem_view name = { text.p + i + 1, n ? n - 2 : 0 };
		enum field field = n ? field_of(name) : FIELD_LITERAL;

		if (n && !field) {
			call->host->error(call, "%s: there is no {%.*s} (try: {to}, {from}, {text}, {reference} …; tandem-http(5) "
				"has all)", setting, (int)name.n, name.p);
			return false;
		}
		if (!n) {
			i++;
			continue;
		}
		add(out, FIELD_LITERAL, (struct tandem_view){ text.p + begin, i - begin });
		add(out, field, name);
		i += n;
		begin = i;
	}
	add(out, FIELD_LITERAL, (struct tandem_view){ text.p + begin, text.n - begin });
	return true;
}

/* ---- filling ---- */

/* What stands between the quotes of a JSON string. */
static struct tandem_view json_text(struct tandem_call *call, struct tandem_view v)
{
	const struct tandem_host *host = call->host;
	struct tandem_json_writer *w = host->json_writer(call);
	struct tandem_view text;

	host->json_put_text(w, NULL, v);
	text = host->json_done(w);
	if (!text.p) {
		host->error(call, "a value is no UTF-8");
		return text;
	}
	return (struct tandem_view){ text.p + 1, text.n - 2 };
}

static const char *entity(char c)
{
	return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" :
		NULL;
}

static struct tandem_view xml_text(struct tandem_call *call, struct tandem_view v)
{
	char *p = call->host->alloc(call, v.n * 6 + 1);
	size_t n = 0;

	for (size_t i = 0; p && i < v.n; i++) {
		const char *name = entity(v.p[i]);

		if (name) {
			memcpy(p + n, name, strlen(name));
			n += strlen(name);
		} else {
			p[n++] = v.p[i];
		}
	}
	return (struct tandem_view){ p, n };
}

/* Without line ends, which would begin another header. */
static struct tandem_view header_text(struct tandem_call *call, struct tandem_view v)
{
	char *p = call->host->alloc(call, v.n + 1);

	for (size_t i = 0; p && i < v.n; i++)
		p[i] = (unsigned char)v.p[i] < ' ' ? ' ' : v.p[i];
	return (struct tandem_view){ p, v.n };
}

static struct tandem_view escape(struct tandem_call *call, enum place place, struct tandem_view v)
{
	switch (place) {
	case PLACE_URL:
		return call->host->percent_encode(call, v, false);
	case PLACE_FORM:
		return call->host->percent_encode(call, v, true);
	case PLACE_JSON:
		return json_text(call, v);
	case PLACE_XML:
		return xml_text(call, v);
	case PLACE_HEADER:
		return header_text(call, v);
	case PLACE_PLAIN:
		break;
	}
	return v;
}

struct tandem_view http_template_fill(struct tandem_call *call, const struct template *t,
	const struct tandem_view values[FIELDS])
{
	struct tandem_view *parts = call->host->alloc(call, t->n * sizeof(*parts) + 1);
	size_t room = 0, at = 0;
	char *p;

	for (size_t i = 0; parts && i < t->n; i++) {
		const struct piece *piece = &t->pieces[i];

		parts[i] = piece->field ? escape(call, t->place, values[piece->field]) : piece->literal;
		room += parts[i].n;
	}
	p = call->failed ? NULL : call->host->alloc(call, room + 1);
	for (size_t i = 0; p && i < t->n; i++) {
		if (parts[i].n)
			memcpy(p + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	return (struct tandem_view){ p, at };
}
