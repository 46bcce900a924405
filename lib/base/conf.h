/*
 * conf - the effective configuration: one immutable, reference-counted snapshot
 *
 * tandem.conf is read first, then conf.d/NAME.conf beside it in name order, each parsed by itself with libconfig;
 * groups merge key by key, lists, arrays and scalars replace; a keyed group over a list of groups merges entry by
 * entry, by name. One schema table (conf_schema.c) drives loading, defaults, range errors with file:line, `tandem
 * config show`, tandem.conf(5) and the test that every key is documented.
 *
 * Owns: everything a snapshot points to. Threads: a snapshot is read-only; td_conf_ref/td_conf_unref are atomic.
 * Lifetime: until the last unref; callers that keep a pointer into it keep a reference. Errors: TD_BADINPUT with
 * "FILE:LINE: KEY: what (did you mean …?)"; TD_REFUSED for a secret with wrong mode or owner.
 */
#ifndef TD_CONF_H
#define TD_CONF_H

#include <regex.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "view.h"

/* A message class, in order of privilege: how much protection it passes (policy §2). */
enum td_class {
	TD_CLASS_NONE = 0,
	TD_CLASS_MARKETING,
	TD_CLASS_SERVICE,
	TD_CLASS_TRANSACTIONAL,
	TD_CLASS_SOLICITED,
	TD_CLASS_CRITICAL,
	TD_CLASS_COMPLIANCE, /* Tandem's own: STOP confirmation, HELP answer */
	TD_CLASS_MAX
};

/* "marketing" …; NULL for a value out of range ("" for NONE). */
const char *td_class_name(enum td_class c);
/* TD_CLASS_NONE if v is no class name (case-insensitive). */
enum td_class td_class_parse(struct td_view v);

struct td_strings { /* a list of C strings */
	const char **v;
	size_t       n;
};

struct td_conf_submitter {
	const char       *name; /* key of the group, or "#1" … by position: for logs and budgets */
	const char       *login;
	struct td_strings network; /* CIDR, parsed and checked at load */
	const char       *cert_subject;
	const char       *cert_issuer;
	bool              local;
	bool              deny; /* deny = true: a match refuses, whatever else permits */
	const char       *daemon;
	enum td_class     max_class;
	struct td_strings categories; /* empty: all */
	struct td_strings from;       /* sender ids allowed; empty: the routes' defaults only */
	bool              link;
};

struct td_conf_setting { /* one provider-specific setting, for the plugin's typed getters */
	const char *name;
	const char *text; /* as text, whatever its type in the file; lists joined by "\n" */
	int         line;
	const char *file;
};

struct td_conf_provider {
	const char             *name;
	const char             *plugin;
	const char             *from;
	const char             *base_url;
	double                  rate;   /* messages per second, 0 = no limit */
	int                     window; /* requests in flight at most */
	const char             *prices; /* price table (CSV), absolute, or NULL */
	struct td_strings       national; /* "tr", "es", "pt" */
	struct td_strings       webhook_networks; /* CIDR, checked at load */
	const char             *proxy;   /* URL, or NULL */
	const char             *ca_file; /* absolute, or NULL */
	int64_t                 timeout_ms; /* of an HTTP request that says nothing itself */
	bool                    plain_http; /* http:// beyond loopback allowed; logged at every start */
	struct td_conf_setting *settings; /* everything else in the group */
	size_t                  nsettings;
	const char             *file; /* where it is configured, for errors */
	int                     line;
};

struct td_conf_route {
	/* key of the group, or "#1" … by position; "#auto" for the route made for a lone provider */
	const char       *name;
	struct td_strings prefix; /* "+" matches every number */
	struct td_strings providers; /* may name one that does not exist (a warning at load) as long as another does */
	const char       *policy; /* failover | cost | weight */
	struct td_strings weights; /* decimal integers, as many as providers, for policy weight */
	struct td_strings classes;
	struct td_strings categories;
	struct td_strings submitters;
	struct td_strings from;
};

struct td_conf_category {
	const char       *name;
	enum td_class     class;
	struct td_strings channels; /* empty: both */
	const char       *template;
	const char       *from;
	int64_t           ttl_ms; /* expires: latest time after acceptance; -1 = the class's default */
	int64_t           delay_ms; /* held this long after activation; 0 = at once */
	bool              required;
	bool              quiet;        /* transactional only: obey quiet hours */
	const char       *deny_action;  /* "reject" | "discard" | NULL = by class */
	const char       *survey;       /* "nps" | "csat" | NULL: a bare number in answer is a rating */
	const char       *optout_hint;  /* appended to marketing text, within the count */
	struct td_strings cancel_on;
	struct td_strings words;
};

struct td_conf_alias {
	const char *name;
	const char *number; /* E.164 */
};

struct td_conf_rule { /* one cap or one budget (policy §6) */
	const char       *name;
	const char       *subject;    /* caps: person | address; budgets: sender | country | all */
	struct td_strings channels;   /* email, sms; empty: both */
	struct td_strings enforce;    /* classes it binds */
	struct td_strings count;      /* classes it counts */
	struct td_strings categories; /* binds and counts only these; empty: all */
	const char       *unit;       /* notification | message | segment | cost */
	double            limit;      /* in that unit */
	double            headroom;   /* of the limit, kept back from marketing; 0 = none */
	const char       *window;     /* a duration, or "day" | "week" | "month" in the recipient's zone */
	int64_t           window_ms;  /* of a rolling window; 0 for a calendar one */
	const char       *on_full;    /* drop | hold | downgrade:email | downgrade:sms | NULL = by class */
	const char       *mail_on_full; /* pass | drop | defer | NULL = by class */
	bool              abroad;     /* budgets: only what leaves the home country */
};

struct td_quiet_rule;

struct td_conf {
	int         config_version;
	const char *brand;
	const char *sms_domain;
	const char *token_domain;
	const char *return_domain; /* NULL: not in use */
	const char *home_country;  /* ISO 3166 alpha-2, or NULL */
	struct td_strings countries;
	struct td_strings blocked_kinds; /* as td_number names them: "premium" … */
	const char *run_dir;
	const char *secret_file;
	const char *plugin_dir;
	const char *template_dir;
	const char *default_locale;
	const char *help_text;        /* HELP answer; NULL = built from brand */
	const char *notify_default;   /* never | failure | success */

	struct {
		const char *engine; /* sqlite | pgsql */
		const char *path;
		const char *journal;
		const char *conninfo;
		int64_t     prepared_max_ms; /* a prepared job is ABANDONED after this */
		int64_t     key_max_ms;      /* idempotency keys are kept this long */
	} store;
	struct {
		const char *target; /* syslog | stderr | file:/path */
		const char *level;
		bool        full;
	} log;
	struct { /* names of system users; SO_PEERCRED of a role's socket must match */
		const char *milter;
		const char *smsd;
		const char *stored;
		const char *web;
		const char *pipe;
		const char *admin_group;
		const char *postfix;
	} users;
	struct {
		const char *listen;    /* unix:/path or inet:port@host */
		const char *commit;    /* queue | eom */
		const char *on_store_down; /* tempfail | pass */
		const char *on_bad_header; /* reject | ignore */
		bool        verp;
		bool        split;
		const char *scope; /* tagged | all */
		int64_t     store_wait_ms; /* how long to wait for a store that is down */
		int64_t     max_text_source; /* bytes of body kept when the text must come from it */
	} milter;
	struct {
		const char *lmtp;
		const char *unprepared; /* reject | submitters */
		int         inflight;   /* SMS submitted at once, all providers */
		int64_t     peer_wait_ms; /* how long tandem-pipe's request waits for the store */
		struct td_strings sendmail; /* argv prefix of the command that submits our own mail */
		struct td_strings flush;    /* argv that makes Postfix flush the token domain at start; empty: none */
		const char *postmaster;     /* From: of reports; NULL = MAILER-DAEMON@sms_domain */
	} smsd;
	struct {
		const char *listen;
		const char *admin;
		const char *public_url;
		struct td_strings trusted_proxies; /* CIDR: their X-Forwarded-For is believed */
	} web;
	struct {
		int64_t temporary_ms[16];
		size_t  ntemporary;
		int64_t throttled_ms[16];
		size_t  nthrottled;
	} retry;
	struct {
		int         max_segments;
		const char *too_long; /* reject | truncate */
		const char *subject;  /* if-empty | prefix | only | ignore */
		bool        smart;    /* smart encoding on */
		int         smart_level; /* 1 to 3 */
		struct td_strings end_tags;
		struct td_strings remove; /* POSIX extended expressions */
		regex_t    *removes;      /* the same compiled, removes_n of them: regexec is safe from all threads */
		size_t      removes_n;
	} text;
	struct {
		bool after_stop;
		bool email_optin;
		bool share_optout;
	} policy;
	struct {
		const char *default_to;
		int         match_days;
		bool        forward_keywords;
		int         loop_limit;
	} inbound;
	struct {
		const char *file;       /* CSV of rules, absolute; NULL: as shipped */
		const char *default_tz; /* IANA zone, or NULL */
		const struct td_quiet_rule *rules; /* of the file (conf_quiet.h); NULL: the built-in ones */
		size_t      nrules;
	} quiet_hours;
	struct {
		struct td_strings shorten; /* classes whose URLs become short links */
	} links;
	struct {
		int64_t text_ms; /* texts and variables are erased this long after the final state */
	} retention;
	struct td_conf_submitter *submitters;
	size_t                    nsubmitters;
	struct td_conf_provider  *providers;
	size_t                    nproviders;
	struct td_conf_route     *routes;
	size_t                    nroutes;
	struct td_conf_category  *categories;
	size_t                    ncategories;
	struct td_conf_alias     *aliases;
	size_t                    naliases;
	struct td_conf_rule      *caps;
	size_t                    ncaps;
	struct td_conf_rule      *budgets;
	size_t                    nbudgets;

	const char *path; /* of tandem.conf, absolute; relative paths in any of the files are taken from its folder */
	struct td_arena arena;
	int refs;
};

/*
 * Loads a whole new snapshot with one reference. On failure *out is untouched and err names file:line and the way out.
 * Unknown keys, wrong types, out-of-range values, unknown names referred to (a route's provider, a submitter's
 * category) are errors. The first error is in err; all of them go through `report` when it is not NULL (for `tandem
 * check`), and so do doubts that stop nothing, as "FILE:LINE: warning: KEY: …": a route or a submitter that names one
 * thing that exists and one that does not, a submitter that lets every client in.
 */
enum td_status td_conf_load(const char *path, struct td_conf **out, struct td_err *err,
	void (*report)(void *arg, const char *problem), void *arg);
/* Calls each for every setting that is made but not acted on by this version: "caps: read, but not enforced …". */
void td_conf_unserved(const struct td_conf *conf, void (*each)(void *arg, const char *text), void *arg);
struct td_conf *td_conf_ref(struct td_conf *conf);
void td_conf_unref(struct td_conf *conf); /* NULL allowed */

/* The category of that name, or NULL. */
const struct td_conf_category *td_conf_category(const struct td_conf *conf, struct td_view name);
const struct td_conf_provider *td_conf_provider(const struct td_conf *conf, struct td_view name);

/*
 * Reads a secret file whole, trailing newline removed. Refuses (TD_REFUSED, with the chmod to type) a file that is
 * readable by others, or not owned by root or the calling user.
 */
enum td_status td_conf_secret(const char *path, struct td_arena *arena, struct td_view *out, struct td_err *err);

/*
 * Walks the schema in its order. Without a snapshot: each key once, with its dotted name, type, default and one-line
 * documentation; keys in lists of groups as "submitters[].login", and the list itself as "submitters". With a snapshot:
 * the same with the effective value as libconfig text, secrets masked; keys in lists once an entry, as
 * "submitters[newsletter].login", a provider's own settings among them. Strings of an item are valid during the call
 * back only. Used by `tandem config show`, the man page and its test. False: out of memory (the walk is cut short).
 */
struct td_conf_item {
	const char *key;   /* "milter.commit", "submitters[].login", "submitters[#1].login" */
	const char *type;  /* "string", "integer 1 to 10", "duration" … or the alternatives "queue|eom" */
	const char *deflt; /* as libconfig text; NULL: none */
	const char *doc;
	const char *value; /* effective; NULL: not set, or without snapshot */
	bool        required;   /* the key must be given */
	bool        is_default; /* value equals the default (both may be absent) */
};
bool td_conf_walk(const struct td_conf *conf, void (*each)(void *arg, const struct td_conf_item *item), void *arg);
/*
 * The effective configuration as libconfig text that loads again (but for masked secrets) into out; changed_only leaves
 * out what equals the default. Failures are out's (td_buf_ok).
 */
void td_conf_print(const struct td_conf *conf, bool changed_only, struct td_buf *out);

#endif
