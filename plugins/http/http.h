/*
 * http - what the files of plugin http share; http.c tells the settings
 *
 * Owns: all memory is the instance's but for compiled patterns, which http_match_free frees. Errors: host->error.
 */
#ifndef HTTP_PLUGIN_H
#define HTTP_PLUGIN_H

#include <tandem/provider.h>

#include <regex.h>

/* ---- template.c: texts with placeholders ---- */

enum field { FIELD_LITERAL, FIELD_TO, FIELD_FROM, FIELD_TEXT, FIELD_REFERENCE, FIELD_SEGMENTS, FIELD_ENCODING,
	FIELD_CALLBACK, FIELD_TO_DIGITS, FIELD_FROM_DIGITS, FIELD_TEXT_HEX, FIELD_VALIDITY_S, FIELD_TOKEN, FIELD_USER,
	FIELD_PASSWORD, FIELDS };

/* Where a template stands, and so how values are escaped in it. */
enum place { PLACE_PLAIN, PLACE_URL, PLACE_FORM, PLACE_JSON, PLACE_XML, PLACE_HEADER };

struct piece {
	enum field         field;
	struct tandem_view literal; /* FIELD_LITERAL */
};

struct template {
	struct piece *pieces;
	size_t        n;
	enum place    place;
	uint32_t      uses; /* bits 1 << field */
};

/* Reads a template; false (with the call's error) when it has a placeholder that does not exist. */
bool http_template_read(struct tandem_call *call, const char *setting, struct tandem_view text, enum place place,
	struct template *out);
/* The text with values in it; p == NULL when that failed (with the call's error). */
struct tandem_view http_template_fill(struct tandem_call *call, const struct template *t,
	const struct tandem_view values[FIELDS]);

/* ---- match.c: patterns ---- */

struct pattern { /* a POSIX extended regular expression; one of a list */
	regex_t         regex;
	struct pattern *next;
};

enum match { MATCH_STATUS, MATCH_BODY, MATCH_JSON };

struct condition {
	enum match         match;
	uint32_t           low, high;  /* STATUS */
	struct pattern    *pattern;    /* BODY */
	const char        *pointer;    /* JSON */
	struct tandem_view value;      /* JSON; "*": any */
};

struct pick { /* where something stands in an answer */
	const char     *pointer; /* JSON pointer; NULL */
	struct pattern *pattern; /* its first group; NULL */
};

struct answer { /* an answer, read once */
	const struct tandem_answer *raw;
	const struct tandem_json   *json; /* NULL: none */
};

/* "404", "4xx", "body:REGEX" or "json:/pointer=VALUE". False with the call's error. */
bool http_condition_read(struct tandem_call *call, const char *setting, struct tandem_view text,
	struct pattern **patterns, struct condition *out);
bool http_condition_holds(struct tandem_call *call, const struct condition *condition, const struct answer *answer);
/* "/pointer" or "regex:…(…)". An empty text is a pick that finds nothing. False with the call's error. */
bool http_pick_read(struct tandem_call *call, const char *setting, struct tandem_view text, struct pattern **patterns,
	struct pick *out);
struct tandem_view http_pick(struct tandem_call *call, const struct pick *pick, const struct answer *answer);
void http_match_free(struct pattern *patterns);

/* ---- the state ---- */

struct rule { /* of setting errors */
	struct condition         when;
	enum tandem_outcome_kind kind;
};

struct word { /* of setting receipt.states */
	struct tandem_view        word;
	enum tandem_receipt_state state;
	bool                      bad_number;
};

struct fields { /* of a webhook: names of form fields, or JSON pointers */
	const char *list; /* a pointer to an array, to whose elements the others then are relative */
	const char *id, *state, *code, *to, *from, *text;
};

struct state {
	struct tandem_view base;
	struct tandem_view user, password, token, secret;
	const char        *method;
	struct tandem_view content_type;
	struct template    path, body;
	struct tandem_view *header_names;
	struct template   *headers;
	size_t             nheaders;
	struct tandem_view gsm7, ucs2; /* what {encoding} says */
	struct pattern    *patterns;   /* all there are */
	struct condition  *ok;
	size_t             nok;
	struct rule       *errors;
	size_t             nerrors;
	struct pick        id, reason;
	/* webhooks */
	struct fields      receipt, inbound;
	struct template    receipt_query;
	struct word       *words;
	size_t             nwords;
	enum tandem_digest digest;      /* of the signature; 0: none */
	bool               base64;      /* the signature is, else hex */
	struct tandem_view signature;   /* name of its header, in lower case */
	struct tandem_view secret_header, secret_query; /* name that shared_secret stands under; empty */
	struct tandem_view answer, answer_type;
};

/* ---- answer.c, hook.c ---- */

/* The settings of answers (ok, errors, id, reason) and of webhooks. False with the call's error. */
bool http_answer_init(struct tandem_call *call, struct state *state);
bool http_hook_init(struct tandem_call *call, struct state *state);
int http_response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out);
int http_webhook(struct tandem_call *call, void *state, const struct tandem_webhook *in, struct tandem_events *out);

/* ---- views ---- */

#include <string.h>

static inline struct tandem_view http_view(const char *s)
{
	return (struct tandem_view){ s, s ? strlen(s) : 0 };
}

static inline bool http_is(struct tandem_view v, const char *s)
{
	return v.n == strlen(s) && (!v.n || !memcmp(v.p, s, v.n));
}

static inline char http_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool http_same_word(struct tandem_view a, struct tandem_view b) /* but for ASCII case */
{
	size_t i = 0;

	while (a.n == b.n && i < a.n && http_lower(a.p[i]) == http_lower(b.p[i]))
		i++;
	return a.n == b.n && i == a.n;
}

/* What stands behind a prefix, in *rest; false when it is not there. */
static inline bool http_begins(struct tandem_view v, const char *prefix, struct tandem_view *rest)
{
	size_t n = strlen(prefix);

	if (v.n < n || memcmp(v.p, prefix, n))
		return false;
	*rest = (struct tandem_view){ v.p + n, v.n - n };
	return true;
}

static inline struct tandem_view http_trim(struct tandem_view v)
{
	while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
		v.p++, v.n--;
	while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
		v.n--;
	return v;
}

/* "LEFT sep RIGHT", trimmed, at the last sep; false when there is none or a side is empty. */
static inline bool http_split(struct tandem_view v, const char *sep, struct tandem_view *left,
	struct tandem_view *right)
{
	size_t n = strlen(sep);

	for (size_t i = v.n; i-- > 0;) {
		if (v.n - i < n || memcmp(v.p + i, sep, n))
			continue;
		*left = http_trim((struct tandem_view){ v.p, i });
		*right = http_trim((struct tandem_view){ v.p + i + n, v.n - i - n });
		return left->n && right->n;
	}
	return false;
}

#endif
