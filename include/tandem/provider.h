/*
 * tandem/provider.h - what an SMS provider plugin for Tandem needs to know, all of it
 *
 * A provider is a shared object NAME.so with ONE exported symbol:
 *
 *	const struct tandem_provider *tandem_provider_describe(void);
 *
 * It returns a static, constant description: who the provider is, what it can do, and a table of operations. Everything
 * else in the file is static (or hidden). A plugin turns data into data: it does NO I/O, starts no thread, reads no
 * clock, opens no file, keeps no global state. The host (tandem-smsd) connects, writes, waits and repeats, and calls
 * the plugin to say what to send and what an answer means. So a plugin cannot block, can be tested with recorded
 * answers, and links nothing but the C library: HMAC, JSON and the like are services of the host.
 *
 * Rules
 *  - Memory: what an operation returns is allocated with host->alloc and belongs to the call; it ends when the call's
 *    work is done. In `init`, it lives until after `destroy`. Views that the host passes in live as long.
 *  - Strings are views (pointer and length), UTF-8, not NUL-terminated. An empty view means "not given".
 *  - Operations return TANDEM_OK or the value of host->error(…). Output structs are zeroed by the host before the call.
 *  - The host calls operations from one thread at a time; state may be changed by operations of that state only.
 *  - Settings and secrets are never written into errors, URLs that get logged, or details of outcomes.
 *  - An answer that says success but cannot be understood is TANDEM_UNCERTAIN, never accepted and never failed.
 *
 * Versions. This is ABI 1.0, and frozen: a plugin compiled against it runs with every host of major number 1.
 *  - The host refuses a plugin whose major number differs from its own, or whose minor number is greater.
 *  - Nothing is ever removed, renamed, moved or given another meaning within a major number. New members stand at
 *    the end of structs that have a struct_size, which tells how many of them there are. A struct without struct_size
 *    never changes its size: new members take the place of its `reserved` ones, which are zero until then. New
 *    enumerators and capability bits are given to a plugin, and taken from one, only as far as its own minor number
 *    knows them.
 *  - The host copies what a plugin's struct_size says it has into a zeroed struct of its own: what an older plugin does
 *    not have is NULL or 0, which always means "as before it existed".
 *  - abi_minor is what a plugin needs at least. TANDEM_ABI_MINOR is right for all that use what their header has. One
 *    that declares an older number than its header's, to run on older hosts as well, must ask TANDEM_HAS before it uses
 *    a service or reads a member that came later, and must leave newer members of what it writes alone.
 */
#ifndef TANDEM_PROVIDER_H
#define TANDEM_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TANDEM_PROVIDER_MAGIC 0x54444d50u /* "TDMP" */
#define TANDEM_ABI_MAJOR 1
#define TANDEM_ABI_MINOR 0

/* Does the struct that p points to, which has a struct_size, have this member? TANDEM_HAS(call->host, utc) */
#define TANDEM_HAS(p, member) \
	((size_t)((const char *)&(p)->member - (const char *)(p)) + sizeof((p)->member) <= (p)->struct_size)

/* Results of operations and services. */
#define TANDEM_OK 0
#define TANDEM_FAIL (-1)

struct tandem_view {
	const char *p;
	size_t      n; /* bytes */
};
#define TANDEM_LIT(s) ((struct tandem_view){ (s), sizeof(s) - 1 })

struct tandem_pair {
	struct tandem_view name;
	struct tandem_view value;
};

/* ---- the call and the host's services ---------------------------------------------------------------------------- */

struct tandem_host;
struct tandem_sms;
struct tandem_part;

/* Comes with every operation. The host may put members of its own behind these. */
struct tandem_call {
	uint32_t                  struct_size;
	bool                      failed;     /* host->error was called, or a setting was wrong */
	int64_t                   now_ms;     /* Unix time: the only clock a plugin has */
	unsigned char             random[32]; /* fresh for each call */
	const struct tandem_host *host;
};

enum tandem_digest { TANDEM_MD5 = 1, TANDEM_SHA1, TANDEM_SHA256, TANDEM_SHA512 };
#define TANDEM_DIGEST_MAX 64

enum tandem_signature {
	TANDEM_RSA_SHA1 = 1, /* PKCS #1 v1.5 */
	TANDEM_RSA_SHA256,
	TANDEM_ED25519
};

enum tandem_json_type { TANDEM_JSON_NONE, TANDEM_JSON_NULL, TANDEM_JSON_BOOL, TANDEM_JSON_NUMBER, TANDEM_JSON_STRING,
	TANDEM_JSON_ARRAY, TANDEM_JSON_OBJECT };
struct tandem_json; /* a value in a document that was read */
struct tandem_json_writer;

/* What `use_file` opens; see "FILE" below. */
enum tandem_file_use {
	TANDEM_FILE_APPEND = 1,  /* a file that whole lines are appended to */
	TANDEM_FILE_FOLDER,      /* a folder that whole new files are put into */
	TANDEM_FILE_TAIL,        /* a file that others append lines to; each comes to inbound_file once */
	/* a folder that others put files into; each comes to inbound_file, then is moved or removed */
	TANDEM_FILE_WATCH
};

/*
 * Services. Those that return a view give an empty one with p == NULL on failure, and set the call's error. Only `init`
 * may use the settings, use_file, egress and lacks.
 */
struct tandem_host {
	uint32_t struct_size;
	uint16_t abi_major, abi_minor;

	/* n zeroed bytes of the call's memory; NULL over its limit (4 MB). */
	void *(*alloc)(struct tandem_call *call, size_t n);
	/* Formatted text in the call's memory; printf conversions of C11. */
	struct tandem_view (*print)(struct tandem_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
	/*
	 * Sets the error of this call, for people: what is wrong and what to do. The first one stays. Returns TANDEM_FAIL.
	 */
	int (*error)(struct tandem_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

	/*
	 * Settings of this instance. A missing one gives the default; where the default is not acceptable (text: NULL), or
	 * the value is of the wrong kind or out of range, the call fails with an error that names the setting, file and
	 * line. A plugin asks for all it knows and then looks at call->failed once. A configured setting nobody asked for
	 * is an error of the host's.
	 */
	struct tandem_view (*setting_text)(struct tandem_call *call, const char *name, const char *deflt);
	int64_t (*setting_int)(struct tandem_call *call, const char *name, int64_t deflt, int64_t min, int64_t max);
	double (*setting_number)(struct tandem_call *call, const char *name, double deflt, double min, double max);
	bool (*setting_bool)(struct tandem_call *call, const char *name, bool deflt);
	/* "90s", "30m" … in milliseconds. */
	int64_t (*setting_duration)(struct tandem_call *call, const char *name, int64_t deflt_ms);
	/* Elements of a list (or the one of a scalar); *n of them, 0 when missing. */
	const struct tandem_view *(*setting_list)(struct tandem_call *call, const char *name, size_t *n);
	/*
	 * The content of the file that setting "NAME_file" names, without the newline at its end: name "auth_token" reads
	 * auth_token_file. The host checks owner and mode, and wipes the bytes after `destroy`. Missing and required:
	 * fails.
	 */
	struct tandem_view (*setting_secret)(struct tandem_call *call, const char *name, bool required);
	/* A relative path of the configuration made absolute, as the host resolves its own. */
	struct tandem_view (*setting_path)(struct tandem_call *call, const char *name, const char *deflt);
	/* base_url without a slash at its end, checked by the host (https, or plain http where that is allowed). */
	struct tandem_view (*setting_base_url)(struct tandem_call *call, const char *deflt);
	/* Another "host" or "host:port" this instance will talk to, beside the one of base_url. */
	int (*egress)(struct tandem_call *call, struct tandem_view host);
	/*
	 * A file or folder this instance works with. Returns a number ≥ 0 that stands for it, or TANDEM_FAIL. done is the
	 * folder that files of TANDEM_FILE_WATCH are moved to (empty: they are removed).
	 */
	int (*use_file)(struct tandem_call *call, enum tandem_file_use use, struct tandem_view path,
		struct tandem_view done);

	/* Writes the MAC or digest (at most TANDEM_DIGEST_MAX bytes); returns its length, 0 for an unknown algorithm. */
	size_t (*hmac)(enum tandem_digest digest, struct tandem_view key, struct tandem_view data, unsigned char *out);
	size_t (*digest)(enum tandem_digest digest, struct tandem_view data, unsigned char *out);
	/* Signature of data with a PEM private key (RSA, Ed25519). */
	struct tandem_view (*sign)(struct tandem_call *call, enum tandem_signature alg, struct tandem_view key,
		struct tandem_view data);
	/*
	 * True if the signature is good. key: a PEM public key, a PEM X.509 certificate (its key is used; that it is the
	 * right certificate is the plugin's business), or for Ed25519 the 32 raw bytes.
	 */
	bool (*verify)(enum tandem_signature alg, struct tandem_view key, struct tandem_view data,
		struct tandem_view signature);
	/* Equality in a time that depends on the lengths only. */
	bool (*secret_eq)(struct tandem_view a, struct tandem_view b);

	/*
	 * RFC 4648; url: its alphabet of §5, without padding. Decoding takes padding or none, and fails on anything else.
	 */
	struct tandem_view (*base64_encode)(struct tandem_call *call, struct tandem_view bytes, bool url);
	struct tandem_view (*base64_decode)(struct tandem_call *call, struct tandem_view text, bool url);
	struct tandem_view (*hex_encode)(struct tandem_call *call, struct tandem_view bytes); /* lower case */
	struct tandem_view (*hex_decode)(struct tandem_call *call, struct tandem_view text);
	/* RFC 3986: all but unreserved characters. form: a space becomes '+' (application/x-www-form-urlencoded). */
	struct tandem_view (*percent_encode)(struct tandem_call *call, struct tandem_view text, bool form);
	struct tandem_view (*percent_decode)(struct tandem_call *call, struct tandem_view text, bool form);
	/* "name=value&…" of all pairs, form-encoded; and the other way round (*n pairs). */
	struct tandem_view (*form_encode)(struct tandem_call *call, const struct tandem_pair *pairs, size_t n);
	const struct tandem_pair *(*form_decode)(struct tandem_call *call, struct tandem_view text, size_t *n);
	/* Version 4 (RFC 9562) of 16 random bytes, 36 characters. */
	struct tandem_view (*uuid)(struct tandem_call *call, const unsigned char bytes[16]);
	/* ISO 8601 or RFC 5322 date with zone → Unix milliseconds; false if it is none. */
	bool (*date)(struct tandem_view text, int64_t *out_ms);

	/*
	 * Reading JSON: NULL if it is none (the call's error is NOT set: the plugin decides what that means). Values live
	 * as long as the call. All readers take NULL and values of another type: they then answer NONE, NULL, empty, 0 or
	 * false.
	 */
	const struct tandem_json *(*json_read)(struct tandem_call *call, struct tandem_view text);
	enum tandem_json_type (*json_type)(const struct tandem_json *value);
	const struct tandem_json *(*json_member)(const struct tandem_json *object, const char *name);
	const struct tandem_json *(*json_element)(const struct tandem_json *array, size_t i);
	size_t (*json_count)(const struct tandem_json *value); /* members or elements */
	/* RFC 6901: "/messages/0/id". */
	const struct tandem_json *(*json_pointer)(const struct tandem_json *value, const char *pointer);
	struct tandem_view (*json_text)(const struct tandem_json *value);
	/* A string as it is, a number or bool as text; for ids that a provider writes now as string, now as number. */
	struct tandem_view (*json_scalar)(struct tandem_call *call, const struct tandem_json *value);
	int64_t (*json_int)(const struct tandem_json *value);
	double (*json_number)(const struct tandem_json *value);
	bool (*json_bool)(const struct tandem_json *value);

	/*
	 * Writing JSON, in the order of the calls, without white space. name is NULL inside an array and for the outermost
	 * value. json_done gives the text (empty with p == NULL if it was not well nested or not UTF-8).
	 */
	struct tandem_json_writer *(*json_writer)(struct tandem_call *call);
	void (*json_open)(struct tandem_json_writer *w, const char *name, enum tandem_json_type object_or_array);
	void (*json_close)(struct tandem_json_writer *w);
	void (*json_put_text)(struct tandem_json_writer *w, const char *name, struct tandem_view text);
	void (*json_put_int)(struct tandem_json_writer *w, const char *name, int64_t n);
	void (*json_put_number)(struct tandem_json_writer *w, const char *name, double n);
	void (*json_put_bool)(struct tandem_json_writer *w, const char *name, bool b);
	void (*json_put_null)(struct tandem_json_writer *w, const char *name);
	struct tandem_view (*json_done)(struct tandem_json_writer *w);

	/*
	 * A small memory of the instance, for what was expensive to get: an access token, a certificate. At most 1,000
	 * values, names of 63 characters, 256 KiB together; after ttl_ms, for want of room, or when it starts again, the
	 * host forgets one, so a plugin must be able to do without. A value recalled (p == NULL: not known) is valid until
	 * the next `remember` of any call.
	 */
	bool (*remember)(struct tandem_call *call, const char *name, struct tandem_view value, int64_t ttl_ms);
	struct tandem_view (*recall)(struct tandem_call *call, const char *name);

	/* Unix time as text in UTC; conversions of strftime that name no locale: "%Y%m%dT%H%M%SZ". */
	struct tandem_view (*utc)(struct tandem_call *call, int64_t ms, const char *format);
	/*
	 * UTF-8 → bytes in a charset; p == NULL when a character has no code there (the call's error is NOT set). Names:
	 * "GSM-7" is the default alphabet of 3GPP TS 23.038 with its extension, one septet an octet; all others as iconv
	 * knows them: "UTF-16BE", "ISO-8859-1" …
	 */
	struct tandem_view (*encode)(struct tandem_call *call, const char *charset, struct tandem_view text);
	/* Back; what is no code there becomes U+FFFD. An unknown charset gives p == NULL, error not set. */
	struct tandem_view (*decode)(struct tandem_call *call, const char *charset, struct tandem_view bytes);
	/*
	 * The *n short messages that this SMS is, divided as its segments were counted: between characters that people see
	 * as one. NULL on failure. reference: of the parts of a long one, which should differ from those of other SMS to
	 * the same number.
	 */
	const struct tandem_part *(*parts)(struct tandem_call *call, const struct tandem_sms *sms, uint8_t reference,
		size_t *n);
	/*
	 * In `init` only: this instance, as it is configured, lacks these of the capabilities in the plugin's description.
	 */
	void (*lacks)(struct tandem_call *call, uint64_t capabilities);
};

/* ---- what is sent ------------------------------------------------------------------------------------------------ */

enum tandem_encoding { TANDEM_GSM7 = 1, TANDEM_UCS2 };

struct tandem_sms {
	uint32_t           struct_size;
	uint32_t           attempt;   /* 1 for the first */
	struct tandem_view job;       /* Tandem's id, for people */
	/* idempotency key or client reference: the same whenever this one SMS is repeated after doubt; ASCII */
	struct tandem_view reference;
	struct tandem_view to;        /* E.164 with '+' */
	struct tandem_view from;      /* number, short code or alphanumeric sender id */
	struct tandem_view text;      /* UTF-8 */
	enum tandem_encoding encoding;
	uint32_t           segments;
	int64_t            created_ms; /* when the SMS was accepted from its sender */
	int64_t            expires_ms; /* not worth delivering after this; 0 = no limit */
	struct tandem_view cls;        /* "critical" … "marketing", "compliance" */
	struct tandem_view category;
	struct tandem_view callback_url; /* where receipts of this SMS are to go; empty: none */
	const struct tandem_pair *options; /* for this SMS: "dlt_entity", "dlt_template" … */
	size_t             noptions;
	/*
	 * TANDEM_GSM7 only: the national language shift tables that the text needs and segments were counted with, as
	 * language identifiers of 3GPP TS 23.038 §6.2.1.2.4: 1 Turkish, 2 Spanish (single shift only), 3 Portuguese; 0 the
	 * default table. Other than 0 only for a plugin with TANDEM_CAN_NATIONAL, which then makes sure that every part is
	 * sent with these tables (information elements 24 and 25 of its user data header), by itself or by telling the
	 * provider. Without them the text would arrive with wrong letters: a plugin that cannot must fail the SMS.
	 */
	uint8_t            shift_single, shift_locking;
};

/* One short message, of a long SMS or all of a short one; from host->parts. */
struct tandem_part {
	struct tandem_view text; /* UTF-8 */
	/*
	 * User data header with its length octet: 8-bit concatenation (00 03), national tables (24, 25). Empty when it
	 * needs none; it then needs no UDH indicator either.
	 */
	struct tandem_view udh;
	struct tandem_view data; /* what follows: one septet an octet (TANDEM_GSM7), or UTF-16BE (TANDEM_UCS2) */
	uint64_t           reserved[2];
};

enum tandem_outcome_kind {
	TANDEM_ACCEPTED = 1,
	TANDEM_PERMANENT_NUMBER, /* this number will never do */
	TANDEM_PERMANENT_OPTOUT, /* the recipient has opted out at the provider */
	TANDEM_PERMANENT_OTHER,
	TANDEM_TEMPORARY,        /* surely not sent; try later, or elsewhere */
	TANDEM_THROTTLED,        /* the same; wait retry_after_ms */
	TANDEM_AUTH,             /* our credentials are refused */
	TANDEM_FUNDS,            /* our account is empty */
	TANDEM_UNCERTAIN,        /* may have been sent */
	TANDEM_NOT_THERE         /* answer to `query`: surely never received, may be sent (again) */
};

struct tandem_outcome {
	enum tandem_outcome_kind  kind;
	uint32_t                  segments; /* as the provider counts; 0 = not said */
	const struct tandem_view *ids;      /* provider's message id, one a part or one for all */
	size_t                    nids;
	int64_t                   retry_after_ms; /* THROTTLED, TEMPORARY; 0 = not said */
	struct tandem_view        code;   /* the provider's own error code */
	struct tandem_view        detail; /* and words; goes into logs, never holds texts or secrets */
	struct tandem_view        price;  /* decimal number; empty = not said */
	struct tandem_view        currency; /* ISO 4217 */
	bool                      delivered; /* ACCEPTED, and already known to have arrived */
	uint64_t                  reserved[4];
};

enum tandem_transport { TANDEM_HTTP = 1, TANDEM_STREAM, TANDEM_FILE };

/*
 * HTTP: one request. The host adds Host, Content-Length, User-Agent; follows no redirect; talks to the host of base_url
 * and those of `egress` only; never logs a URL marked secret.
 */
struct tandem_http {
	const char               *method; /* "POST" */
	struct tandem_view        url;    /* absolute */
	bool                      url_secret;
	const struct tandem_pair *headers;
	size_t                    nheaders;
	struct tandem_view        body;
	struct tandem_view        user, password; /* HTTP Basic, when user is not empty */
	int64_t                   timeout_ms; /* 0 = the host's */
	uint64_t                  reserved[4];
};

/*
 * FILE. file is a number from use_file.
 *  append: bytes must be one whole line with its newline. The host writes whole lines only, syncs them, and cuts off a
 *          line that a crash left torn, so that readers see each line whole or not at all.
 *  find:   looks in an APPEND file for the line in which `key` stands right between `before` and `after`.
 *  create: puts a new file `name` into a FOLDER, whole: it is written as ".NAME.LOCK", synced, and renamed. A file of
 *          that name that stands there is replaced. The answer has no body.
 */
enum tandem_file_what { TANDEM_FILE_DO_APPEND = 1, TANDEM_FILE_DO_FIND, TANDEM_FILE_DO_CREATE };
struct tandem_file_request {
	enum tandem_file_what what;
	int                   file;
	struct tandem_view    bytes; /* append, create */
	struct tandem_view    name;  /* create; no slash */
	struct tandem_view    before, key, after; /* find */
	uint64_t              reserved[4];
};

/*
 * What an operation wants next: an outcome (kind ≠ 0), or else a request of the plugin's transport whose answer comes
 * to `response`. At most 4 requests follow one another.
 */
struct tandem_step {
	struct tandem_outcome      outcome;
	uint64_t                   token; /* given back with the answer: which request of the plugin's this was */
	struct tandem_http         http;
	struct tandem_file_request file;
	uint64_t                   reserved[4];
};

/*
 * The answer to a request. That there was none is the host's to judge and does not come here: nothing left is
 * TEMPORARY, something left is UNCERTAIN.
 */
struct tandem_answer {
	uint32_t                  struct_size;
	uint32_t                  status;  /* HTTP status; 0 for FILE */
	uint64_t                  token;
	const struct tandem_sms  *sms;     /* what it is about; NULL for probe and follow-ups */
	const struct tandem_pair *headers; /* names in lower case */
	size_t                    nheaders;
	struct tandem_view        body;    /* HTTP body, or the line found (empty: no such line) */
};

/* ---- what comes back --------------------------------------------------------------------------------------------- */

enum tandem_event_kind { TANDEM_RECEIPT = 1, TANDEM_INBOUND };
enum tandem_receipt_state { TANDEM_ON_ITS_WAY = 1, TANDEM_DELIVERED, TANDEM_UNDELIVERED, TANDEM_LOST };
enum tandem_hint { TANDEM_HINT_NONE, TANDEM_HINT_STOP, TANDEM_HINT_START, TANDEM_HINT_HELP };

struct tandem_event {
	enum tandem_event_kind    kind;
	/* receipt: the message's id or our reference; inbound: the provider's id of this message, or empty */
	struct tandem_view        id;
	int64_t                   at_ms;  /* 0 = now */
	/* receipt */
	enum tandem_receipt_state state;
	bool                      bad_number; /* UNDELIVERED because no such subscriber exists */
	struct tandem_view        code;
	struct tandem_view        price, currency;
	/* inbound */
	struct tandem_view        from, to, text;
	enum tandem_hint          hint;     /* the provider has understood a keyword by itself … */
	bool                      answered; /* … and has answered it: send no confirmation */
	uint64_t                  reserved[4];
};

struct tandem_webhook { /* an HTTP call that arrived, raw */
	uint32_t                  struct_size;
	const char               *method;
	struct tandem_view        url;   /* as the provider called it: scheme, public host, path and query */
	struct tandem_view        path, query;
	const struct tandem_pair *headers; /* names in lower case */
	size_t                    nheaders;
	struct tandem_view        body;
	struct tandem_view        peer;  /* client address */
};

struct tandem_inbound_file {
	uint32_t           struct_size;
	int                file;  /* number from use_file */
	struct tandem_view name;  /* WATCH: the file's name */
	uint64_t           line;  /* TAIL: number of the line, from 1 */
	struct tandem_view bytes; /* TAIL: the line without its newline; WATCH: the whole file, at most 1 MiB */
	int64_t            at_ms; /* WATCH: when the file was last written; TAIL: 0 */
};

/*
 * What arrived means this. The host makes all events durable before it answers. refused (with host->error saying why)
 * means: signature wrong or nonsense; nothing is done.
 */
struct tandem_events {
	bool                       refused;
	const struct tandem_event *events;
	size_t                     nevents;
	/* webhook only */
	uint32_t                   status; /* of our HTTP answer; 0 = 200, or 403 when refused */
	struct tandem_view         type, body;
	/*
	 * HTTP requests to make first. Their answers come to `response` (which keeps what matters with host->remember, and
	 * leaves its step empty), then `webhook` is called again with the same call. At most two rounds of two.
	 */
	struct tandem_step         follow[2];
	size_t                     nfollow;
	uint64_t                   reserved[4];
};

/* ---- STREAM ------------------------------------------------------------------------------------------------------ */

/*
 * Connections that the host holds open (SMPP). It connects to the address of stream_target, with the TLS policy of its
 * HTTP requests and the setting ca_file of its own, calls stream_open, passes what it reads to stream_input, and does
 * what the operations put into their struct tandem_stream_out.
 *
 * Room: an SMS is submitted to a connection while the last answer of the plugin about it left room > 0. As long as no
 * connection has room (before the bind, say), SMS wait, or go by other providers of their route.
 *
 * An SMS taken by stream_submit is the plugin's until its result is given. When the connection ends, every one without
 * a result becomes UNCERTAIN. After a connection ended, the host connects again, after 1 s at first, doubling to 60 s,
 * less up to a quarter by chance; it begins anew with 1 s once a connection has had room.
 */
struct tandem_stream_target {
	struct tandem_view host; /* name or address */
	uint32_t           port;
	bool               tls;  /* from the first byte on; the certificate must be of `host` */
	uint32_t           connections; /* how many such connections to hold; 0 = 1, at most 16 */
	uint64_t           reserved[4];
};

struct tandem_stream_result { /* about an SMS */
	uint64_t              token; /* from stream_submit */
	struct tandem_outcome outcome;
};

/* What the host is to do now: in the order of the members. */
struct tandem_stream_out {
	struct tandem_view                 bytes; /* to send */
	const struct tandem_stream_result *results;
	size_t                             nresults;
	const struct tandem_event         *events;
	size_t                             nevents;
	/*
	 * What to send once all events are durable, and what to send if they cannot be made so now: the acknowledgement of
	 * what arrived, so that the provider repeats what we do not have. Nothing is sent when the connection has ended by
	 * then.
	 */
	struct tandem_view                 stored, unstored;
	size_t                             consumed;  /* stream_input: bytes used; the rest comes again with more */
	uint32_t                           room;      /* how many more SMS it would take now */
	int64_t                            timer_ms;  /* call stream_timer after this, not when set before; 0: as set */
	bool                               close;     /* end the connection (why: host->error) */
	/*
	 * With close: TANDEM_AUTH or TANDEM_FUNDS when the provider said that; the next attempt is then made after 60 s.
	 * 0 for anything else.
	 */
	enum tandem_outcome_kind           trouble;
	uint64_t                           reserved[4];
};

/* ---- the provider ------------------------------------------------------------------------------------------------ */

/* Capability bits. */
#define TANDEM_CAN_REPEAT (1ull << 0)   /* the provider sends once, however often the same reference is submitted */
#define TANDEM_CAN_QUERY (1ull << 1)    /* `query` finds out whether a reference was received */
#define TANDEM_CAN_RECEIPT (1ull << 2)
#define TANDEM_CAN_INBOUND (1ull << 3)
#define TANDEM_CAN_VERIFY (1ull << 4)   /* `webhook` checks a signature; else the host must protect the hook */
#define TANDEM_CAN_CALLBACK (1ull << 5) /* takes a callback URL with each SMS */
#define TANDEM_CAN_OPTOUT (1ull << 6)   /* `optout_push` tells the provider of an opt-out */
#define TANDEM_CAN_LONG (1ull << 7)     /* splits long texts itself */
#define TANDEM_CAN_ALPHA (1ull << 8)    /* takes alphanumeric sender ids */
#define TANDEM_CAN_ANSWER (1ull << 9)   /* answers STOP and HELP itself */
#define TANDEM_CAN_PROBE (1ull << 10)   /* `probe` checks credentials without sending */
#define TANDEM_CAN_NATIONAL (1ull << 11) /* sends with shift_single and shift_locking */
#define TANDEM_CAN_KNOWN ((1ull << 12) - 1) /* all there are in this version; a plugin with others is refused */

struct tandem_provider {
	uint32_t magic; /* TANDEM_PROVIDER_MAGIC */
	uint16_t abi_major, abi_minor; /* TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR; see "Versions" */
	uint32_t struct_size; /* sizeof(struct tandem_provider) it was compiled with */
	uint32_t transport;   /* enum tandem_transport */
	const char *name;     /* equals the file name without ".so" */
	const char *version;  /* the plugin's own */
	uint64_t capabilities;
	/*
	 * What is to stand behind our address when it is entered at the provider by hand, as a query with the provider's
	 * own placeholders ("id=%I&state=%d"); NULL where the provider adds what it has by itself.
	 */
	const char *callback_query; /* receipts */
	const char *inbound_query;  /* inbound SMS */

	/* Reads the settings of one instance into *state (allocated with host->alloc). Required. */
	int (*init)(struct tandem_call *call, void **state);
	/* Ends a state; its memory is the host's. Optional. */
	void (*destroy)(void *state);
	/* HTTP, FILE: one SMS → a request, or an outcome at once. Required there. */
	int (*request)(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out);
	/* HTTP, FILE: an answer → an outcome, or the next request. Required there. */
	int (*response)(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out);
	/* HTTP: a call that arrived → events and our answer. Optional. */
	int (*webhook)(struct tandem_call *call, void *state, const struct tandem_webhook *in, struct tandem_events *out);
	/* FILE: a line or file that arrived → events. Required when `init` uses TAIL or WATCH. */
	int (*inbound_file)(struct tandem_call *call, void *state, const struct tandem_inbound_file *in,
		struct tandem_events *out);
	/*
	 * HTTP, FILE, as the next two. Was this SMS (by its reference) received? A request whose `response` is ACCEPTED,
	 * another outcome, or NOT_THERE. Optional.
	 */
	int (*query)(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out);
	/* Tells the provider that this number has opted out (of messages from `from`; empty: all). Optional. */
	int (*optout_push)(struct tandem_call *call, void *state, struct tandem_view number, struct tandem_view from,
		struct tandem_step *out);
	/* A harmless request that shows whether credentials work. Optional. */
	int (*probe)(struct tandem_call *call, void *state, struct tandem_step *out);

	/*
	 * STREAM: the next six, all required there. An operation that does not return TANDEM_OK ends the connection.
	 *
	 * Where to connect; asked before each connection.
	 */
	int (*stream_target)(struct tandem_call *call, void *state, struct tandem_stream_target *out);
	/* A connection stands. *conn is the plugin's state of it; what this call allocates lives as long as it. */
	int (*stream_open)(struct tandem_call *call, void *state, void **conn, struct tandem_stream_out *out);
	/*
	 * Bytes that arrived, from the first one not yet consumed on. When 1 MiB has gathered and nothing of it is
	 * consumed, the host ends the connection.
	 */
	int (*stream_input)(struct tandem_call *call, void *state, void *conn, struct tandem_view bytes,
		struct tandem_stream_out *out);
	int (*stream_timer)(struct tandem_call *call, void *state, void *conn, struct tandem_stream_out *out);
	/* One SMS to send; its result comes, now or later, with this token. Called only while there is room. */
	int (*stream_submit)(struct tandem_call *call, void *state, void *conn, const struct tandem_sms *sms,
		uint64_t token, struct tandem_stream_out *out);
	/*
	 * gone: the connection has ended, this is the last call about it. Otherwise the host wants to end: out->bytes are
	 * the protocol's farewell; input, timer and results go on until the plugin closes or 5 s have passed.
	 */
	void (*stream_close)(struct tandem_call *call, void *state, void *conn, bool gone, struct tandem_stream_out *out);
};

/* The one exported symbol. Pure: it always returns the same static description. */
const struct tandem_provider *tandem_provider_describe(void);
typedef const struct tandem_provider *tandem_provider_describe_fn(void);
#define TANDEM_PROVIDER_SYMBOL "tandem_provider_describe"
/* Before its definition: __attribute__((visibility("default"))) where the compiler knows it. */
#if defined(__GNUC__)
#define TANDEM_EXPORT __attribute__((visibility("default")))
#else
#define TANDEM_EXPORT
#endif

#ifdef __cplusplus
}
#endif

#endif
