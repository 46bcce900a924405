/*
 * lmtp_command - the grammar of LMTP command lines: verbs, paths, parameters, XFORWARD
 */
#include "lmtp_command.h"

#include "dsn.h"

#define BAD_SYNTAX "501 5.5.4 syntax error in the arguments"
#define NO_MEMORY "452 4.3.1 out of memory"

enum lmtp_verb lmtp_verb(struct td_view line, struct td_view *args)
{
	static const struct {
		const char    *name;
		enum lmtp_verb verb;
	} verbs[] = {
		{ "LHLO", LMTP_LHLO }, { "MAIL", LMTP_MAIL }, { "RCPT", LMTP_RCPT }, { "DATA", LMTP_DATA },
		{ "RSET", LMTP_RSET }, { "NOOP", LMTP_NOOP }, { "VRFY", LMTP_VRFY }, { "QUIT", LMTP_QUIT },
		{ "XFORWARD", LMTP_XFORWARD },
		/* RFC 2033 §4.1: HELO and EHLO must not be taken */
		{ "HELO", LMTP_ABSENT }, { "EHLO", LMTP_ABSENT }, { "BDAT", LMTP_ABSENT }, { "AUTH", LMTP_ABSENT },
		{ "STARTTLS", LMTP_ABSENT }, { "EXPN", LMTP_ABSENT }, { "HELP", LMTP_ABSENT }, { "XCLIENT", LMTP_ABSENT },
	};
	size_t n = 0;

	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	*args = td_view_trim(td_view_skip(line, n));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (td_view_caseeq(td_view_mem(line.p, n), td_view_str(verbs[i].name)))
			return verbs[i].verb;
	}
	return LMTP_UNKNOWN;
}

/* Takes "<path>" off the front, as it stands between the brackets; a quoted string may hold anything. */
static bool take_path(struct td_view *rest, struct td_view *out)
{
	bool quoted = false;
	size_t i;

	if (!rest->n || rest->p[0] != '<')
		return false;
	for (i = 1; i < rest->n && (quoted || rest->p[i] != '>'); i++) {
		unsigned char c = (unsigned char)rest->p[i];

		if (c < ' ' || c == 0x7f)
			return false;
		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\' && i + 1 < rest->n)
			i++;
	}
	if (i >= rest->n)
		return false;
	*out = td_view_mem(rest->p + 1, i - 1);
	*rest = td_view_skip(*rest, i + 1);
	if (rest->n && rest->p[0] != ' ')
		return false;
	/* RFC 5321 appendix C: a source route is to be ignored */
	if (out->n && out->p[0] == '@') {
		size_t colon = td_view_chr(*out, ':');

		if (colon == (size_t)-1)
			return false;
		*out = td_view_skip(*out, colon + 1);
	}
	return td_view_utf8(*out);
}

/* "FROM:<path>" or "TO:<path>". */
static bool take_argument(struct td_view *rest, struct td_view keyword, struct td_view *path)
{
	if (!td_view_casestarts(*rest, keyword))
		return false;
	*rest = td_view_trim(td_view_skip(*rest, keyword.n));
	return take_path(rest, path);
}

struct param {
	struct td_view name, value;
};

/* Takes the next KEYWORD[=VALUE]. False at the end; *bad when it is malformed. */
static bool take_param(struct td_view *rest, struct param *out, bool *bad)
{
	struct td_view word = { NULL, 0 };
	size_t equals;

	while (td_view_next(rest, ' ', &word) && !word.n)
		;
	if (!word.n)
		return false;
	for (size_t i = 0; i < word.n; i++)
		*bad = *bad || (unsigned char)word.p[i] <= ' ' || word.p[i] == 0x7f;
	equals = td_view_chr(word, '=');
	out->name = equals == (size_t)-1 ? word : td_view_mem(word.p, equals);
	out->value = equals == (size_t)-1 ? TD_VLIT("") : td_view_skip(word, equals + 1);
	*bad = *bad || !out->name.n || (equals != (size_t)-1 && !out->value.n);
	return !*bad;
}

static bool one_of(struct td_view v, const char *a, const char *b)
{
	return td_view_caseeq(v, td_view_str(a)) || td_view_caseeq(v, td_view_str(b));
}

static const char *mail_param(const struct param *param, struct td_arena *arena, struct lmtp_mail *out)
{
	struct td_view name = param->name, value = param->value;

	if (td_view_caseeq(name, TD_VLIT("SIZE")))
		return td_view_i64(value, &out->size) && out->size >= 0 ? NULL : BAD_SYNTAX;
	if (td_view_caseeq(name, TD_VLIT("BODY")))
		return one_of(value, "7BIT", "8BITMIME") ? NULL : BAD_SYNTAX;
	if (td_view_caseeq(name, TD_VLIT("SMTPUTF8")))
		return value.n ? BAD_SYNTAX : NULL;
	if (td_view_caseeq(name, TD_VLIT("RET")))
		return one_of(value, "FULL", "HDRS") ? NULL : BAD_SYNTAX;
	if (td_view_caseeq(name, TD_VLIT("ENVID"))) {
		out->envid = td_dsn_xtext(value, arena);
		return out->envid.p ? NULL : NO_MEMORY;
	}
	return "555 5.5.4 unsupported parameter of MAIL";
}

const char *lmtp_read_mail(struct td_view args, struct td_arena *arena, struct lmtp_mail *out)
{
	const char *trouble = NULL;
	struct param param;
	bool bad = false;

	*out = (struct lmtp_mail){ .size = 0 };
	if (!take_argument(&args, TD_VLIT("FROM:"), &out->sender))
		return "501 5.5.4 syntax: MAIL FROM:<address>";
	while (!trouble && take_param(&args, &param, &bad))
		trouble = mail_param(&param, arena, out);
	return bad ? BAD_SYNTAX : trouble;
}

const char *lmtp_read_rcpt(struct td_view args, struct lmtp_to *out)
{
	struct param param;
	bool bad = false;

	*out = (struct lmtp_to){ .address = { NULL, 0 } };
	if (!take_argument(&args, TD_VLIT("TO:"), &out->address) || !out->address.n)
		return "501 5.5.4 syntax: RCPT TO:<address>";
	while (take_param(&args, &param, &bad)) {
		if (td_view_caseeq(param.name, TD_VLIT("NOTIFY")))
			out->notify = param.value;
		else if (!td_view_caseeq(param.name, TD_VLIT("ORCPT")))
			return "555 5.5.4 unsupported parameter of RCPT";
	}
	return bad ? BAD_SYNTAX : NULL;
}

const char *lmtp_read_xforward(struct td_view args, struct td_arena *arena, struct lmtp_client *io)
{
	static const char *const others[] = { "NAME", "PORT", "PROTO", "HELO", "SOURCE", NULL };
	struct param param;
	bool bad = false;

	if (!args.n)
		return "501 5.5.4 syntax: XFORWARD attribute=value...";
	while (take_param(&args, &param, &bad)) {
		struct td_view value = td_dsn_xtext(param.value, arena);
		size_t i = 0;

		if (!value.p)
			return NO_MEMORY;
		if (one_of(value, "[UNAVAILABLE]", "[TEMPUNAVAIL]"))
			value = TD_VLIT("");
		if (td_view_caseeq(param.name, TD_VLIT("ADDR"))) {
			io->address = td_view_casestarts(value, TD_VLIT("IPV6:")) ? td_view_skip(value, 5) : value;
			continue;
		}
		if (td_view_caseeq(param.name, TD_VLIT("IDENT"))) {
			io->queue_id = value;
			continue;
		}
		while (others[i] && !td_view_caseeq(param.name, td_view_str(others[i])))
			i++;
		if (!others[i])
			return "501 5.5.4 unknown attribute of XFORWARD";
	}
	return bad ? BAD_SYNTAX : NULL;
}
