/*
 * conf_schema - the one table of what may stand in the configuration
 *
 * To add a key: a member in conf.h, a row here, an entry in doc/man/tandem.conf.5. Nothing else.
 */
#include "conf_schema.h"

#define AT(member) offsetof(struct td_conf, member)
#define IN(type, member) offsetof(struct td_conf_##type, member)
#define CLASSES "marketing|service|transactional|solicited|critical"
#define GROUP(name, text) { name, TD_CONF_GROUP, .doc = text }

const struct td_conf_key td_conf_keys[] = {
	{ "config_version", TD_CONF_INT, AT(config_version), .deflt = "1", .min = 1, .max = 1,
		.doc = "Version of this format." },
	{ "brand", TD_CONF_STRING, AT(brand), .deflt = "Tandem",
		.doc = "Who is writing, as confirmations and help answers name it." },
	{ "sms_domain", TD_CONF_STRING, AT(sms_domain), .check = &td_conf_is_domain, .required = true,
		.doc = "Mail to NUMBER@ this domain becomes an SMS." },
	{ "token_domain", TD_CONF_STRING, AT(token_domain), .deflt = "tandem.invalid", .check = &td_conf_is_domain,
		.doc = "Private domain in which prepared jobs travel inside Postfix; never addressable from outside." },
	{ "return_domain", TD_CONF_STRING, AT(return_domain), .check = &td_conf_is_domain,
		.doc = "Domain of bounces, complaints and unsubscribe mail." },
	{ "home_country", TD_CONF_STRING, AT(home_country), .check = &td_conf_is_country,
		.doc = "Country of numbers written in national form." },
	{ "countries", TD_CONF_STRINGS, AT(countries), .check = &td_conf_is_country,
		.doc = "Where SMS may go at all; empty: the home country only." },
	{ "blocked_kinds", TD_CONF_STRINGS, AT(blocked_kinds), .deflt = "premium|satellite|shared-cost",
		.choices = "premium|satellite|shared-cost|toll-free|personal|pager|uan|voicemail|voip|fixed",
		.doc = "Kinds of numbers that get no SMS." },
	{ "run_dir", TD_CONF_PATH, AT(run_dir), .deflt = "/run/tandem",
		.doc = "Folder of the local sockets." },
	{ "secret_file", TD_CONF_PATH, AT(secret_file), .deflt = "/etc/tandem/secret",
		.doc = "Key of tokens and tombstones; read by tandem-stored alone." },
	{ "plugin_dir", TD_CONF_PATH, AT(plugin_dir), .deflt = "/usr/lib/tandem/plugins",
		.doc = "Folder of the provider plugins." },
	{ "template_dir", TD_CONF_PATH, AT(template_dir), .deflt = "/etc/tandem/templates",
		.doc = "Folder of the SMS templates." },
	{ "default_locale", TD_CONF_STRING, AT(default_locale), .deflt = "en", .check = &td_conf_is_locale,
		.doc = "Language of people whose language is unknown." },
	{ "help_text", TD_CONF_STRING, AT(help_text),
		.doc = "Answer to HELP; not set: built from the brand." },
	{ "notify_default", TD_CONF_ENUM, AT(notify_default), .deflt = "never", .choices = "never|failure|success",
		.doc = "Whether the sender of a mail hears about its companion SMS." },

	GROUP("store", "Where everything durable is kept."),
	{ "store.engine", TD_CONF_ENUM, AT(store.engine), .deflt = "sqlite", .choices = "sqlite|pgsql",
		.doc = "Engine of the store: embedded, or PostgreSQL for many hosts." },
	{ "store.path", TD_CONF_PATH, AT(store.path), .deflt = "/var/lib/tandem/tandem.db",
		.doc = "Database file of the sqlite engine." },
	{ "store.journal", TD_CONF_PATH, AT(store.journal), .deflt = "/var/lib/tandem/revokes.journal",
		.doc = "Append-only journal of revokes, outside the database." },
	{ "store.conninfo", TD_CONF_STRING, AT(store.conninfo),
		.doc = "Connection string of the pgsql engine; put passwords into ~/.pgpass or a service file." },
	{ "store.prepared_max", TD_CONF_DURATION, AT(store.prepared_max_ms), .deflt = "6d", .min = 60, .max = 2678400,
		.doc = "A prepared job is abandoned after this: Postfix's maximal_queue_lifetime and a day." },
	{ "store.key_max", TD_CONF_DURATION, AT(store.key_max_ms), .deflt = "14d", .min = 3600, .max = 31536000,
		.doc = "How long idempotency keys are remembered." },

	GROUP("log", "Where log lines go and what they hold."),
	{ "log.target", TD_CONF_STRING, AT(log.target), .deflt = "syslog", .check = &td_conf_is_log_target,
		.doc = "syslog (facility mail), stderr, or file:/path." },
	{ "log.level", TD_CONF_ENUM, AT(log.level), .deflt = "info", .choices = "debug|info|warning|error",
		.doc = "Least important lines to log." },
	{ "log.full", TD_CONF_BOOL, AT(log.full), .deflt = "false",
		.doc = "Log addresses unmasked." },

	GROUP("users", "System users of the programs; the peer of a local socket must be the one of its role."),
	{ "users.milter", TD_CONF_STRING, AT(users.milter), .deflt = "tandem-milter", .check = &td_conf_is_name,
		.doc = "User of tandem-milter." },
	{ "users.smsd", TD_CONF_STRING, AT(users.smsd), .deflt = "tandem-smsd", .check = &td_conf_is_name,
		.doc = "User of tandem-smsd." },
	{ "users.stored", TD_CONF_STRING, AT(users.stored), .deflt = "tandem-stored", .check = &td_conf_is_name,
		.doc = "User of tandem-stored." },
	{ "users.web", TD_CONF_STRING, AT(users.web), .deflt = "tandem-web", .check = &td_conf_is_name,
		.doc = "User of tandem-web." },
	{ "users.pipe", TD_CONF_STRING, AT(users.pipe), .deflt = "tandem-pipe", .check = &td_conf_is_name,
		.doc = "User that pipe(8) runs tandem-pipe as." },
	{ "users.admin_group", TD_CONF_STRING, AT(users.admin_group), .deflt = "tandem", .check = &td_conf_is_name,
		.doc = "Group whose members may use the tandem command, beside root." },
	{ "users.postfix", TD_CONF_STRING, AT(users.postfix), .deflt = "postfix", .check = &td_conf_is_name,
		.doc = "User of Postfix, the only peer of the milter and LMTP sockets." },

	GROUP("milter", "tandem-milter."),
	{ "milter.listen", TD_CONF_STRING, AT(milter.listen), .deflt = "unix:/var/spool/postfix/tandem/milter.sock",
		.check = &td_conf_is_milter_addr, .doc = "Where Postfix finds the milter." },
	{ "milter.commit", TD_CONF_ENUM, AT(milter.commit), .deflt = "queue", .choices = "queue|eom",
		.doc = "When a prepared SMS counts: when Postfix delivers its token, or already at end of data." },
	{ "milter.on_store_down", TD_CONF_ENUM, AT(milter.on_store_down), .deflt = "tempfail", .choices = "tempfail|pass",
		.doc = "Tagged mail while the store does not answer: deferred, or let go without its SMS (never marketing)." },
	{ "milter.on_bad_header", TD_CONF_ENUM, AT(milter.on_bad_header), .deflt = "reject", .choices = "reject|ignore",
		.doc = "A malformed X-Tandem header of a submitter: refuse the mail, or skip the SMS." },
	{ "milter.verp", TD_CONF_BOOL, AT(milter.verp), .deflt = "false",
		.doc = "Set a bounce address under return_domain as envelope sender of tagged mail." },
	{ "milter.split", TD_CONF_BOOL, AT(milter.split), .deflt = "false",
		.doc = "Split marketing mail with several recipients; not in this version, which refuses such mail." },
	{ "milter.scope", TD_CONF_ENUM, AT(milter.scope), .deflt = "tagged", .choices = "tagged|all",
		.doc = "Which mail is checked for suppressed recipients: tagged mail, or all." },
	{ "milter.store_wait", TD_CONF_DURATION, AT(milter.store_wait_ms), .deflt = "5s", .max = 60,
		.doc = "How long a mail waits for a store that is down." },
	{ "milter.max_text_source", TD_CONF_INT64, AT(milter.max_text_source), .deflt = "1048576", .min = 1024,
		.max = 67108864, .doc = "Bytes of a body kept when the text must come from it." },

	GROUP("smsd", "tandem-smsd."),
	{ "smsd.lmtp", TD_CONF_STRING, AT(smsd.lmtp), .check = &td_conf_is_milter_addr,
		.doc = "LMTP listener for Postfix; not set: none." },
	{ "smsd.unprepared", TD_CONF_ENUM, AT(smsd.unprepared), .deflt = "reject", .choices = "reject|submitters",
		.doc = "Mail for sms_domain that did not pass the milter: refuse it, or apply submitters here." },
	{ "smsd.inflight", TD_CONF_INT, AT(smsd.inflight), .deflt = "200", .min = 1, .max = 10000,
		.doc = "SMS being submitted at once, over all providers." },
	{ "smsd.peer_wait", TD_CONF_DURATION, AT(smsd.peer_wait_ms), .deflt = "25s", .max = 300,
		.doc = "How long a delivery waits for the store; keep it under tandem-pipe's 30 seconds." },
	{ "smsd.sendmail", TD_CONF_STRINGS, AT(smsd.sendmail), .deflt = "/usr/sbin/sendmail|-i",
		.check = &td_conf_is_command, .doc = "Command that submits our own mail, with its first arguments." },
	{ "smsd.flush", TD_CONF_STRINGS, AT(smsd.flush), .check = &td_conf_is_command,
		.doc = "Command that makes Postfix flush the token domain at start; not set: "
			"/usr/sbin/postqueue -s TOKEN_DOMAIN, empty: none." },
	{ "smsd.postmaster", TD_CONF_STRING, AT(smsd.postmaster), .check = &td_conf_is_email,
		.doc = "From: of reports; not set: MAILER-DAEMON at sms_domain." },

	GROUP("web", "tandem-web."),
	{ "web.listen", TD_CONF_STRING, AT(web.listen), .deflt = "127.0.0.1:8025", .check = &td_conf_is_tcp_addr,
		.doc = "Listener for people and providers, behind a proxy." },
	{ "web.admin", TD_CONF_STRING, AT(web.admin), .deflt = "127.0.0.1:8026", .check = &td_conf_is_tcp_addr,
		.doc = "Listener of dashboard and metrics; keep it local." },
	{ "web.public_url", TD_CONF_STRING, AT(web.public_url), .check = &td_conf_is_url,
		.doc = "How the world reaches web.listen; begins every link and callback that Tandem hands out." },
	{ "web.trusted_proxies", TD_CONF_STRINGS, AT(web.trusted_proxies), .check = &td_conf_is_cidr,
		.doc = "Proxies whose X-Forwarded-For is believed." },

	GROUP("retry", "Waiting times between attempts; the last one repeats."),
	{ "retry.temporary", TD_CONF_DURATIONS, AT(retry.temporary_ms), AT(retry.ntemporary),
		.deflt = "10s, 30s, 2m, 10m, 30m", .min = 0.1, .max = 86400, .doc = "After a temporary failure." },
	{ "retry.throttled", TD_CONF_DURATIONS, AT(retry.throttled_ms), AT(retry.nthrottled),
		.deflt = "5s, 15s, 60s", .min = 0.1, .max = 86400,
		.doc = "After a provider said too fast, unless it said how long." },

	GROUP("text", "From mail to the text of an SMS."),
	{ "text.max_segments", TD_CONF_INT, AT(text.max_segments), .deflt = "3", .min = 1, .max = 10,
		.doc = "Segments an SMS may have." },
	{ "text.too_long", TD_CONF_ENUM, AT(text.too_long), .deflt = "reject", .choices = "reject|truncate",
		.doc = "A text over the limit." },
	{ "text.subject", TD_CONF_ENUM, AT(text.subject), .deflt = "if-empty", .choices = "if-empty|prefix|only|ignore",
		.doc = "When the subject becomes part of the text." },
	{ "text.smart", TD_CONF_BOOL, AT(text.smart), .deflt = "true",
		.doc = "Replace typography (quotes, dashes, odd spaces) where that fits the text into GSM 03.38." },
	{ "text.smart_level", TD_CONF_INT, AT(text.smart_level), .deflt = "1", .min = 1, .max = 3,
		.doc = "How much that may replace: 1 typography, 2 also full-width and other look-alikes, "
			   "3 also accents, (c)." },
	{ "text.end_tags", TD_CONF_STRINGS, AT(text.end_tags),
		.doc = "The text ends before a line that begins with one of these." },
	{ "text.remove", TD_CONF_STRINGS, AT(text.remove), .check = &td_conf_is_regex,
		.doc = "POSIX extended regular expressions; what one matches in the text of a mail is taken out." },

	GROUP("policy", "Switches of the decision."),
	{ "policy.after_stop", TD_CONF_BOOL, AT(policy.after_stop), .deflt = "false",
		.doc = "Send critical and solicited SMS even after STOP." },
	{ "policy.email_optin", TD_CONF_BOOL, AT(policy.email_optin), .deflt = "true",
		.doc = "Marketing mail needs a grant." },
	{ "policy.share_optout", TD_CONF_BOOL, AT(policy.share_optout), .deflt = "true",
		.doc = "STOP also ends marketing by mail, and unsubscribing also ends that category by SMS." },

	GROUP("inbound", "SMS that arrive."),
	{ "inbound.default", TD_CONF_STRING, AT(inbound.default_to), .check = &td_conf_is_email,
		.doc = "Mailbox of SMS that answer nothing we sent." },
	{ "inbound.match_days", TD_CONF_INT, AT(inbound.match_days), .deflt = "30", .min = 1, .max = 365,
		.doc = "Days in which an SMS is taken as the answer to our newest message." },
	{ "inbound.forward_keywords", TD_CONF_BOOL, AT(inbound.forward_keywords), .deflt = "true",
		.doc = "Forward STOP, START and HELP to the application too, after acting on them." },
	{ "inbound.loop_limit", TD_CONF_INT, AT(inbound.loop_limit), .deflt = "5", .min = 1, .max = 1000,
		.doc = "Equal texts of one pair of numbers in an hour before they are taken for a loop." },

	GROUP("quiet_hours", "When service and marketing SMS may go."),
	{ "quiet_hours.file", TD_CONF_PATH, AT(quiet_hours.file),
		.doc = "Rules (CSV); not set: the shipped 09:00 to 21:00, local time." },
	{ "quiet_hours.default_tz", TD_CONF_STRING, AT(quiet_hours.default_tz), .check = &td_conf_is_zone,
		.doc = "Time zone of people whose zone is unknown." },

	GROUP("links", "Short links."),
	{ "links.shorten", TD_CONF_STRINGS, AT(links.shorten), .choices = "marketing|service|transactional",
		.doc = "Classes in whose texts every URL becomes a short link." },

	GROUP("retention", "How long personal data stays."),
	{ "retention.text", TD_CONF_DURATION, AT(retention.text_ms), .deflt = "30d", .max = 31536000,
		.doc = "Texts and variables are erased this long after the final state (solicited: at once)." },

	{ "submitters", TD_CONF_ITEMS, .doc = "Who may send SMS: all criteria of an entry must match; deny beats permit." },
	{ "submitters[].name", TD_CONF_STRING, IN(submitter, name), .check = &td_conf_is_name,
		.doc = "Name for logs and budgets; not set: its position, #1." },
	{ "submitters[].login", TD_CONF_STRING, IN(submitter, login), .doc = "SASL login name." },
	{ "submitters[].network", TD_CONF_STRINGS, IN(submitter, network), .check = &td_conf_is_cidr,
		.doc = "Networks of the SMTP client." },
	{ "submitters[].cert_subject", TD_CONF_STRING, IN(submitter, cert_subject),
		.doc = "Subject (CN) of the TLS client certificate; needs cert_issuer." },
	{ "submitters[].cert_issuer", TD_CONF_STRING, IN(submitter, cert_issuer),
		.doc = "Issuer (CN) of the TLS client certificate." },
	{ "submitters[].local", TD_CONF_BOOL, IN(submitter, local), .deflt = "false",
		.doc = "Local submission by sendmail(1); not together with network." },
	{ "submitters[].daemon", TD_CONF_STRING, IN(submitter, daemon),
		.doc = "Only on the Postfix listener with this milter_macro_daemon_name." },
	{ "submitters[].deny", TD_CONF_BOOL, IN(submitter, deny), .deflt = "false",
		.doc = "A match refuses, whatever else permits." },
	{ "submitters[].max_class", TD_CONF_CLASS, IN(submitter, max_class), .choices = CLASSES,
		.doc = "Highest class; a claim above it is lowered. Must be given unless deny is true." },
	{ "submitters[].categories", TD_CONF_STRINGS, IN(submitter, categories), .check = &td_conf_is_name,
		.doc = "Categories allowed; empty: all." },
	{ "submitters[].from", TD_CONF_STRINGS, IN(submitter, from), .check = &td_conf_is_sender,
		.doc = "Sender ids allowed in X-Tandem-From; empty: none but the routes' own." },
	{ "submitters[].link", TD_CONF_BOOL, IN(submitter, link), .deflt = "false",
		.doc = "Its headers may link an e-mail address with a number." },

	{ "providers", TD_CONF_ITEMS, .doc = "Providers of SMS; further keys are settings of the plugin." },
	{ "providers[].name", TD_CONF_STRING, IN(provider, name), .check = &td_conf_is_name, .required = true,
		.doc = "Name of this instance, also in its webhook's address." },
	{ "providers[].plugin", TD_CONF_STRING, IN(provider, plugin), .check = &td_conf_is_name, .required = true,
		.doc = "Plugin that speaks the provider's protocol." },
	{ "providers[].from", TD_CONF_STRING, IN(provider, from), .check = &td_conf_is_sender,
		.doc = "Sender id or number used when nothing else says." },
	{ "providers[].base_url", TD_CONF_STRING, IN(provider, base_url), .check = &td_conf_is_url,
		.doc = "Scheme, host, port and prefix of the provider's interface; not set: the plugin's." },
	{ "providers[].rate", TD_CONF_FLOAT, IN(provider, rate), .deflt = "0", .max = 100000,
		.doc = "Messages a second; 0: no limit." },
	{ "providers[].window", TD_CONF_INT, IN(provider, window), .deflt = "20", .min = 1, .max = 10000,
		.doc = "Requests in flight at once." },
	{ "providers[].prices", TD_CONF_PATH, IN(provider, prices),
		.doc = "Price table (CSV: prefix, currency, price_per_segment)." },
	{ "providers[].national", TD_CONF_STRINGS, IN(provider, national), .choices = "tr|es|pt",
		.doc = "Languages whose shift tables (3GPP TS 23.038, annex A) this provider can send; "
			   "used where all have them." },
	{ "providers[].webhook_networks", TD_CONF_STRINGS, IN(provider, webhook_networks), .check = &td_conf_is_cidr,
		.doc = "Networks that calls of this provider come from; others are refused. Empty: any." },
	{ "providers[].proxy", TD_CONF_STRING, IN(provider, proxy), .check = &td_conf_is_url,
		.doc = "HTTP proxy to go through (http://HOST:PORT); the environment is not looked at." },
	{ "providers[].ca_file", TD_CONF_PATH, IN(provider, ca_file),
		.doc = "Certificates (PEM) to trust for this provider instead of the system's." },
	{ "providers[].timeout", TD_CONF_DURATION, IN(provider, timeout_ms), .deflt = "30s", .min = 1, .max = 120,
		.doc = "How long an answer may take; an SMS without one may have been sent, and is uncertain." },
	{ "providers[].plain_http", TD_CONF_BOOL, IN(provider, plain_http), .deflt = "false",
		.doc = "Allow http:// beyond this machine; logged at every start." },

	{ "routes", TD_CONF_ITEMS, .doc = "Which providers serve which SMS; the most specific route wins." },
	{ "routes[].name", TD_CONF_STRING, IN(route, name), .check = &td_conf_is_name,
		.doc = "Name for logs; not set: its position, #1." },
	{ "routes[].prefix", TD_CONF_STRINGS, IN(route, prefix), .deflt = "+", .check = &td_conf_is_prefix,
		.doc = "First digits of the number; + matches every number, the longest match wins." },
	{ "routes[].providers", TD_CONF_STRINGS, IN(route, providers), .check = &td_conf_is_name, .required = true,
		.doc = "Providers, in order of preference." },
	{ "routes[].policy", TD_CONF_ENUM, IN(route, policy), .deflt = "failover", .choices = "failover|cost|weight",
		.doc = "How one of them is chosen." },
	{ "routes[].weights", TD_CONF_INTEGERS, IN(route, weights), .max = 1000000,
		.doc = "Shares of the providers under policy weight." },
	{ "routes[].class", TD_CONF_STRINGS, IN(route, classes), .choices = CLASSES,
		.doc = "Only these classes." },
	{ "routes[].category", TD_CONF_STRINGS, IN(route, categories), .check = &td_conf_is_name,
		.doc = "Only these categories." },
	{ "routes[].submitter", TD_CONF_STRINGS, IN(route, submitters), .doc = "Only these submitters, by name." },
	{ "routes[].from", TD_CONF_STRINGS, IN(route, from), .check = &td_conf_is_sender,
		.doc = "Only these sender ids." },

	{ "categories", TD_CONF_ITEMS, .doc = "Topics of consent." },
	{ "categories[].name", TD_CONF_STRING, IN(category, name), .check = &td_conf_is_name, .required = true,
		.doc = "Name in X-Tandem-Category." },
	{ "categories[].class", TD_CONF_CLASS, IN(category, class), .choices = CLASSES, .required = true,
		.doc = "Class of its messages." },
	{ "categories[].channels", TD_CONF_STRINGS, IN(category, channels), .choices = "email|sms",
		.doc = "Channels it uses; empty: both." },
	{ "categories[].template", TD_CONF_STRING, IN(category, template), .check = &td_conf_is_name,
		.doc = "Template of its SMS." },
	{ "categories[].from", TD_CONF_STRING, IN(category, from), .check = &td_conf_is_sender,
		.doc = "Sender id of its SMS." },
	{ "categories[].expires", TD_CONF_DURATION, IN(category, ttl_ms), .deflt = "", .min = 1, .max = 2678400,
		.doc = "Not sent later than this; not set: solicited 10m, marketing 24h, others 72h." },
	{ "categories[].delay", TD_CONF_DURATION, IN(category, delay_ms), .deflt = "0s", .max = 2678400,
		.doc = "Not sent earlier than this." },
	{ "categories[].required", TD_CONF_BOOL, IN(category, required), .deflt = "false",
		.doc = "Transactional only: sent despite an opt-out of the category (mail: of the channel and of "
			"everything)." },
	{ "categories[].quiet", TD_CONF_BOOL, IN(category, quiet), .deflt = "false",
		.doc = "Transactional only: keep to the quiet hours." },
	{ "categories[].deny_action", TD_CONF_ENUM, IN(category, deny_action), .choices = "reject|discard",
		.doc = "A mail whose recipients are all denied; not set: discard for marketing, else reject." },
	{ "categories[].survey", TD_CONF_ENUM, IN(category, survey), .choices = "nps|csat",
		.doc = "A bare number in answer is a rating: 0 to 10, or 1 to 5." },
	{ "categories[].optout_hint", TD_CONF_STRING, IN(category, optout_hint),
		.doc = "Appended to marketing texts, within the count." },
	{ "categories[].cancel_on", TD_CONF_STRINGS, IN(category, cancel_on), .check = &td_conf_is_name,
		.doc = "Events that remove what is still held." },
	{ "categories[].words", TD_CONF_STRINGS, IN(category, words), .check = &td_conf_is_word,
		.doc = "Words that name it in STOP WORD." },

	{ "aliases", TD_CONF_ITEMS, .doc = "Names for numbers under sms_domain: name = \"+NUMBER\"." },
	{ "aliases[].name", TD_CONF_STRING, IN(alias, name), .check = &td_conf_is_name, .required = true,
		.doc = "Local part." },
	{ "aliases[].number", TD_CONF_STRING, IN(alias, number), .check = &td_conf_is_e164, .required = true,
		.doc = "Its number." },

	{ "caps", TD_CONF_ITEMS, .doc = "How often a person may be contacted; all matching caps must have room." },
#define RULE(list, subjects, def_subject, def_enforce, def_count, def_unit) \
	{ list "[].name", TD_CONF_STRING, IN(rule, name), .check = &td_conf_is_name, .required = true, \
		.doc = "Name in the reason code." }, \
	{ list "[].subject", TD_CONF_ENUM, IN(rule, subject), .deflt = def_subject, .choices = subjects, \
		.doc = "Whose messages are counted together." }, \
	{ list "[].limit", TD_CONF_FLOAT, IN(rule, limit), .max = 1000000000, .required = true, \
		.doc = "How many in the window." }, \
	{ list "[].window", TD_CONF_WINDOW, IN(rule, window), IN(rule, window_ms), .min = 1, .max = 2678400, \
		.required = true, .doc = "A rolling duration up to 31d, or a calendar unit in the recipient's zone." }, \
	{ list "[].unit", TD_CONF_ENUM, IN(rule, unit), .deflt = def_unit, .choices = "notification|message|segment|cost", \
		.doc = "What is counted; a mail and its SMS are one notification." }, \
	{ list "[].channels", TD_CONF_STRINGS, IN(rule, channels), .choices = "email|sms", \
		.doc = "Channels it binds and counts; empty: both." }, \
	{ list "[].enforce", TD_CONF_STRINGS, IN(rule, enforce), .deflt = def_enforce, .choices = CLASSES, \
		.doc = "Classes it binds." }, \
	{ list "[].count", TD_CONF_STRINGS, IN(rule, count), .deflt = def_count, .choices = CLASSES, \
		.doc = "Classes it counts." }, \
	{ list "[].categories", TD_CONF_STRINGS, IN(rule, categories), .check = &td_conf_is_name, \
		.doc = "Only these categories; empty: all." }, \
	{ list "[].on_full", TD_CONF_ENUM, IN(rule, on_full), .choices = "drop|hold|downgrade:email|downgrade:sms", \
		.doc = "What happens when it is full; not set: drop for marketing, else hold." }, \
	{ list "[].mail_on_full", TD_CONF_ENUM, IN(rule, mail_on_full), .choices = "pass|drop|defer", \
		.doc = "The same for mail, which cannot be held; not set: drop for marketing, else pass." }, \
	{ list "[].headroom", TD_CONF_FLOAT, IN(rule, headroom), .deflt = "0", .max = 1000000000, \
		.doc = "Part of the limit kept back from marketing." }
	RULE("caps", "person|address", "person", "service|marketing", "transactional|service|marketing", "notification"),

	{ "budgets", TD_CONF_ITEMS, .doc = "How much may be sent in all: the guard against toll fraud." },
	RULE("budgets", "sender|country|all", "sender", CLASSES, CLASSES, "segment"),
	{ "budgets[].abroad", TD_CONF_BOOL, IN(rule, abroad), .deflt = "false",
		.doc = "Only what leaves the home country." },
	{ 0 }
};

const struct td_conf_list td_conf_lists[] = {
	{ "submitters", AT(submitters), AT(nsubmitters), sizeof(struct td_conf_submitter), false, NULL },
	{ "providers", AT(providers), AT(nproviders), sizeof(struct td_conf_provider), true, NULL },
	{ "routes", AT(routes), AT(nroutes), sizeof(struct td_conf_route), false, NULL },
	{ "categories", AT(categories), AT(ncategories), sizeof(struct td_conf_category), true, NULL },
	{ "aliases", AT(aliases), AT(naliases), sizeof(struct td_conf_alias), true, "number" },
	{ "caps", AT(caps), AT(ncaps), sizeof(struct td_conf_rule), true, NULL },
	{ "budgets", AT(budgets), AT(nbudgets), sizeof(struct td_conf_rule), true, NULL },
	{ 0 }
};
