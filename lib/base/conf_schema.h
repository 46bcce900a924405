/*
 * conf_schema - the one table of what may stand in the configuration
 *
 * A row is a key: its dotted name, kind, place in the snapshot, default, range, one line of documentation. Everything
 * else (loading, errors, suggestions, printing, tandem.conf(5)) is driven by it. Private to conf*.c and their tests.
 * Owns: nothing, all is static. Threads: pure.
 */
#ifndef TD_CONF_SCHEMA_H
#define TD_CONF_SCHEMA_H

#include "conf.h"

enum td_conf_kind {
	TD_CONF_GROUP,     /* { } of keys whose names begin with this one */
	TD_CONF_ITEMS,     /* list of groups, or keyed groups */
	TD_CONF_STRING,    /* const char * */
	TD_CONF_PATH,      /* const char *, made absolute */
	TD_CONF_ENUM,      /* const char *, one of choices */
	TD_CONF_CLASS,     /* enum td_class; compliance is not for the configuration */
	TD_CONF_INT,       /* int */
	TD_CONF_INT64,     /* int64_t */
	TD_CONF_FLOAT,     /* double; an integer is taken too */
	TD_CONF_BOOL,      /* bool */
	TD_CONF_DURATION,  /* int64_t, milliseconds; default "" stands for -1, not set */
	TD_CONF_STRINGS,   /* struct td_strings; a lone string is taken as a list of one */
	TD_CONF_INTEGERS,  /* struct td_strings of decimal integers */
	TD_CONF_DURATIONS, /* "10s, 30s" → int64_t[16] at offset, size_t at offset2 */
	TD_CONF_WINDOW     /* const char * at offset, int64_t milliseconds at offset2 (0: calendar) */
};

#define TD_CONF_DURATIONS_MAX 16

/* A test of one value, and how to ask for a right one: "domain name", "domain names", "(the form it has)" or "". */
struct td_conf_check {
	bool (*valid)(const char *value);
	const char *one, *many, *hint;
};

extern const struct td_conf_check td_conf_is_domain, td_conf_is_country, td_conf_is_email, td_conf_is_e164,
	td_conf_is_sender, td_conf_is_cidr, td_conf_is_locale, td_conf_is_zone, td_conf_is_milter_addr,
	td_conf_is_tcp_addr, td_conf_is_url, td_conf_is_log_target, td_conf_is_name, td_conf_is_prefix, td_conf_is_word,
	td_conf_is_command, td_conf_is_regex;

struct td_conf_key {
	const char *key; /* "milter.commit", "submitters[].login" */
	enum td_conf_kind kind;
	size_t offset;   /* in struct td_conf, or in the element of a list */
	size_t offset2;
	const char *deflt;   /* as plain text, lists separated by "|"; NULL: none (0, false, NULL, empty) */
	double min, max;     /* of a number, or of a duration in seconds; both 0: any ≥ 0 */
	const char *choices; /* "queue|eom", also for each string of a list */
	const struct td_conf_check *check;
	bool required;
	const char *doc;
};

/* The rows, in the order of the manual page; the end has key == NULL. */
extern const struct td_conf_key td_conf_keys[];

/* A list of groups: where its array and count are in struct td_conf, and what an element is. */
struct td_conf_list {
	const char *key;    /* "submitters" */
	size_t      offset; /* of the pointer to the array */
	size_t      offset_n;
	size_t      size;   /* of an element */
	bool        named;  /* an entry must have a name */
	const char *scalar; /* key meant when an entry of a keyed group is no group (aliases = { x = "+1…"; }), or NULL */
};

extern const struct td_conf_list td_conf_lists[]; /* the end has key == NULL */

/* The list of that key, or NULL. */
const struct td_conf_list *td_conf_list_find(const char *key);
/* The row `name` of a level: "" (top), "milter.", "submitters[]."; NULL if there is none. */
const struct td_conf_key *td_conf_key_find(const char *level, const char *name);
/* True if row is directly on that level. */
bool td_conf_key_on(const struct td_conf_key *row, const char *level);
/* The name of a row within its level: "commit". */
const char *td_conf_key_leaf(const struct td_conf_key *row);
/* The row's type as words, into out. */
#define TD_CONF_TYPE_SIZE 128
void td_conf_key_type(const struct td_conf_key *row, char out[TD_CONF_TYPE_SIZE]);
/* True for names whose value is never shown: …password, …secret, …token, …key, but no …_file. */
bool td_conf_name_secret(const char *name);
/* The name on that level nearest to `name` (edit distance), or NULL if none is near. */
const char *td_conf_key_suggest(const char *level, const char *name);
/* The one of "a|b|c" nearest to `value`, copied into out (size n); false if none is near. */
bool td_conf_choice_suggest(const char *choices, const char *value, char *out, size_t n);
/* True if value is one of "a|b|c". */
bool td_conf_choice_has(const char *choices, const char *value);

#endif
