/*
 * base_conf - loading: defaults, types, ranges, the words of every refusal
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf_dir.h"
#include "tap.h"

static void defaults(void)
{
	struct td_conf *conf = conf_text("");
	if (!ok(conf != NULL, "sms_domain alone is a configuration"))
		bail_out("%s", conf_error());
	is_str(conf->brand, "Tandem", "brand");
	is_str(conf->sms_domain, "sms.example.com", "sms_domain");
	is_str(conf->token_domain, "tandem.invalid", "token_domain");
	ok(conf->return_domain == NULL && conf->home_country == NULL, "what is not said is NULL");
	is_int(conf->countries.n, 0, "no countries");
	is_str(conf->run_dir, "/run/tandem", "run_dir");
	is_str(conf->store.engine, "sqlite", "store.engine");
	is_int(conf->store.prepared_max_ms, 6 * 86400000LL, "store.prepared_max: 6d");
	is_int(conf->store.key_max_ms, 14 * 86400000LL, "store.key_max: 14d");
	is_str(conf->users.admin_group, "tandem", "users.admin_group");
	is_str(conf->milter.commit, "queue", "milter.commit");
	is_int(conf->milter.store_wait_ms, 5000, "milter.store_wait");
	is_int(conf->milter.max_text_source, 1048576, "milter.max_text_source");
	is_int(conf->smsd.inflight, 200, "smsd.inflight");
	is_int(conf->smsd.sendmail.n, 2, "smsd.sendmail");
	is_str(conf->smsd.sendmail.v[1], "-i", "… with -i");
	is_int(conf->smsd.flush.n, 3, "smsd.flush");
	is_str(conf->smsd.flush.v[2], "tandem.invalid", "… flushes the token domain");
	is_int(conf->retry.ntemporary, 5, "retry.temporary has five");
	is_int(conf->retry.temporary_ms[4], 1800000, "… the last 30m");
	is_int(conf->retry.nthrottled, 3, "retry.throttled has three");
	is_int(conf->text.max_segments, 3, "text.max_segments");
	ok(conf->text.smart && conf->policy.email_optin && conf->policy.share_optout && !conf->policy.after_stop,
		"switches as documented");
	is_int(conf->inbound.match_days, 30, "inbound.match_days");
	is_int(conf->retention.text_ms, 30 * 86400000LL, "retention.text: 30d");
	ok(conf->nsubmitters == 0 && conf->nroutes == 0 && conf->nproviders == 0, "no submitter, provider, route");
	like(conf->path, "/tandem.conf", "path is known");
	td_conf_unref(conf);
	conf = conf_text("token_domain = \"Tokens.INVALID\";");
	is_str(conf->smsd.flush.v[2], "tokens.invalid", "the flush default follows token_domain, domains are lower-cased");
	td_conf_unref(conf);
	conf = conf_text("smsd = { flush = [ ]; };");
	is_int(conf->smsd.flush.n, 0, "an empty flush means none");
	td_conf_unref(conf);
}

static void required(void)
{
	conf_file("tandem.conf", "brand = \"X\";\n");
	ok(conf_load() == NULL, "without sms_domain there is no configuration");
	is_str(conf_error(), "tandem.conf:1: sms_domain: missing (mail to NUMBER@ this domain becomes an SMS)",
		"… and says so");
	conf_file("tandem.conf", NULL);
	ok(conf_load() == NULL, "no file, no configuration");
	like(conf_error(), "tandem.conf: No such file", "… and says so");
	ok(conf_refused("config_version = 2;"), "another version is refused");
	is_str(conf_error(), "tandem.conf:1: config_version: 2 is out of range (1 to 1)", "… with its number");
}

struct refusal {
	const char *text, *error;
};

static const struct refusal refusals[] = {
	/* unknown keys */
	{ "\nbrnad = \"X\";", "tandem.conf:2: brnad: unknown key (did you mean \"brand\"?)" },
	{ "\n\nmilter = {\n comit = \"eom\"; };", "tandem.conf:4: milter.comit: unknown key (did you mean \"commit\"?)" },
	{ "commit = \"eom\";", "tandem.conf:1: commit: unknown key (did you mean \"milter.commit\"?)" },
	{ "zzz = 1;", "tandem.conf:1: zzz: unknown key" },
	{ "submitters = (\n{ login = \"a\"; max_clas = \"service\"; max_class = \"service\"; } );",
		"tandem.conf:2: submitters[#1].max_clas: unknown key (did you mean \"max_class\"?)" },
	/* types */
	{ "brand = 3;", "tandem.conf:1: brand: is an integer, want a string (put it into quotes)" },
	{ "policy = { after_stop = \"no\"; };",
		"tandem.conf:1: policy.after_stop: is a string, want true or false (without quotes)" },
	{ "policy = 1;", "tandem.conf:1: policy: is an integer, want group { }" },
	{ "text = { max_segments = \"3\"; };", "tandem.conf:1: text.max_segments: is a string, want integer, 1 to 10" },
	{ "text = { max_segments = 2.5; };", "tandem.conf:1: text.max_segments: is a number, want integer, 1 to 10" },
	{ "milter = { store_wait = 5; };",
		"tandem.conf:1: milter.store_wait: is an integer, want duration (in quotes and with its unit, like \"30s\")" },
	{ "countries = [1, 2];", "tandem.conf:1: countries: is an integer, want a string (put it into quotes)" },
	{ "countries = { a = \"US\"; };", "tandem.conf:1: countries: is a group, want list of country codes" },
	{ "providers = \"main\";",
		"tandem.conf:1: providers: is a string, want a list of groups ( { … }, { … } ) or keyed groups" },
	{ "providers = (\"main\");", "tandem.conf:1: providers[#1]: is a string, want a group { }" },
	/* ranges and choices */
	{ "text = {\nmax_segments = 12; };", "tandem.conf:2: text.max_segments: 12 is out of range (1 to 10)" },
	{ "text = { max_segments = 99999999999L; };",
	"tandem.conf:1: text.max_segments: 99999999999 is out of range (1 to 10)" },
	{ "milter = { store_wait = \"2m\"; };", "tandem.conf:1: milter.store_wait: \"2m\" is out of range (0s to 1m)" },
	{ "milter = { store_wait = \"soon\"; };",
		"tandem.conf:1: milter.store_wait: \"soon\" is no duration like \"30m\" or \"24h\"" },
	{ "milter = { commit = \"queu\"; };",
		"tandem.conf:1: milter.commit: \"queu\" is none of queue|eom (did you mean \"queue\"?)" },
	{ "milter = { commit = \"never\"; };", "tandem.conf:1: milter.commit: \"never\" is none of queue|eom" },
	{ "retry = { temporary = \"10s, , 30s\"; };",
		"tandem.conf:1: retry.temporary: \"\" is no duration like \"30m\" or \"24h\"" },
	{ "retry = { temporary = \"1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s\"; };",
		"tandem.conf:1: retry.temporary: more than 16 durations" },
	/* values */
	{ "brand = \"a\\nb\";", "tandem.conf:1: brand: holds a control character" },
	{ "brand = \"\";", "tandem.conf:1: brand: is empty" },
	{ "countries = [\"US\", \"UK\"];",
		"tandem.conf:1: countries: \"UK\" is no country code (ISO 3166, like US; the United Kingdom is GB)" },
	{ "home_country = \"us\";",
		"tandem.conf:1: home_country: \"us\" is no country code (ISO 3166, like US; the United Kingdom is GB)" },
	{ "return_domain = \"-x.example\";", "tandem.conf:1: return_domain: \"-x.example\" is no domain name" },
	{ "return_domain = \"sms.example.com\";", "tandem.conf:1: return_domain: is the sms_domain or token_domain too" },
	{ "token_domain = \"SMS.example.com\";", "tandem.conf:1: sms_domain: is the token_domain too" },
	{ "default_locale = \"en_US\";",
		"tandem.conf:1: default_locale: \"en_US\" is no language tag (want en or pt-BR)" },
	{ "milter = { listen = \"/x\"; };",
		"tandem.conf:1: milter.listen: \"/x\" is no socket (want unix:/path or inet:PORT@HOST)" },
	{ "web = { listen = \"8025\"; };", "tandem.conf:1: web.listen: \"8025\" is no HOST:PORT" },
	{ "web = { public_url = \"notify.example.com\"; };",
		"tandem.conf:1: web.public_url: \"notify.example.com\" is no URL (want https://HOST)" },
	{ "web = { trusted_proxies = \"10.0.0.1/8\"; };",
	"tandem.conf:1: web.trusted_proxies: \"10.0.0.1/8\" is no network "
		"(want 10.1.2.0/24, without bits behind the prefix)" },
	{ "inbound = { default = \"nobody\"; };", "tandem.conf:1: inbound.default: \"nobody\" is no e-mail address" },
	{ "log = { target = \"file:log\"; };",
		"tandem.conf:1: log.target: \"file:log\" is no log target (want syslog, stderr or file:/path)" },
	{ "smsd = { sendmail = \"sendmail\"; };",
		"tandem.conf:1: smsd.sendmail: does not begin with the absolute path of a program" },
	{ "smsd = { sendmail = [ ]; };",
		"tandem.conf:1: smsd.sendmail: does not begin with the absolute path of a program" },
	{ "store = { engine = \"pgsql\"; };", "tandem.conf:1: store.conninfo: missing: the engine pgsql needs it" },
	{ "milter = { verp = true; };", "tandem.conf:1: milter.verp: needs return_domain" },
	{ "milter = { split = true; };", "tandem.conf:1: milter.split: not in this version: marketing "
		"mail to several recipients is refused (try: split = false)" },
	/* syntax */
	{ "\ncountries = [\"US\",\n \"CA\", # both\n];", "tandem.conf:3: trailing comma before \"]\" (remove the comma)" },
	{ "providers = ( { name = \"a,)\"; },\n\n );", "tandem.conf:1: trailing comma before \")\" (remove the comma)" },
	{ "\nbrand = \"X\n\n", "tandem.conf:4: syntax error, here or just before (a missing \";\" or quote?)" },
	{ "brand = \"a\"; brand = \"b\";", "tandem.conf:1: duplicate setting name" },
	{ "weights = [1, \"a\"];", "tandem.conf:1: mismatched element type in array" },
	{ "\n@include \"/etc/passwd\"", "tandem.conf:2: @include is not supported (put the file into conf.d)" },
	{ "\n\nbrand = \"\xff\";", "tandem.conf:3: the line is not UTF-8" },
	{ "brand = \"\\xff\";", "tandem.conf:1: the string is not UTF-8" },
};

static void refused(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (ok(conf_refused(refusals[i].text), "refused: %.50s", refusals[i].text))
			is_str(conf_error(), refusals[i].error, "… saying why");
	}
}

static void accepted(void)
{
	struct td_conf *conf = conf_text("providers = ( { name = \"a\"; plugin = \"file\"; rate = 10; } ); "
		"countries = \"EG\"; policy = { after_stop = true, email_optin = false }; // commas do in groups\n"
		"/* ], ) */ brand = \"@include ,)\"; inbound = { default = \"\"; };");
	if (!ok(conf != NULL, "unusual but right"))
		bail_out("%s", conf_error());
	ok(conf->providers[0].rate == 10.0, "an integer where a float is meant");
	is_int(conf->countries.n, 1, "a lone string for a list of one");
	is_str(conf->countries.v[0], "EG", "… that string");
	ok(conf->policy.after_stop && !conf->policy.email_optin, "commas between settings");
	is_str(conf->brand, "@include ,)", "what stands in quotes or comments is no syntax");
	ok(conf->inbound.default_to == NULL, "an empty string takes a key back");
	td_conf_unref(conf);
	conf = conf_text("providers = ( { name = \"a\"; plugin = \"file\"; rate = 0.5; window = 1L; } );");
	ok(conf != NULL && conf->providers[0].rate == 0.5 && conf->providers[0].window == 1, "a float, a long integer");
	td_conf_unref(conf);
}

static void all_problems(void)
{
	ok(conf_refused("brnad = 1;\ntext = { max_segments = 0; too_long = \"maybe\"; };\n"
		"routes = ( { providers = [\"x\"]; } );"), "several problems");
	is_str(conf_reports(), "tandem.conf:1: brnad: unknown key (did you mean \"brand\"?)\n"
		"tandem.conf:2: text.max_segments: 0 is out of range (1 to 10)\n"
		"tandem.conf:2: text.too_long: \"maybe\" is none of reject|truncate\n"
		"tandem.conf:3: routes[#1]: there is no provider \"x\"\n", "all are reported, in order");
	is_str(conf_error(), "tandem.conf:1: brnad: unknown key (did you mean \"brand\"?)", "the first is the error");
}

static void untouched(void)
{
	struct td_conf *conf = (struct td_conf *)&conf, *was = conf;
	struct td_err err;
	is_int(td_conf_load("/nonexistent/tandem.conf", &conf, &err, NULL, NULL), TD_NOTFOUND, "no file: not found");
	ok(conf == was, "the output is untouched");
	is_str(err.text, "/nonexistent/tandem.conf: No such file or directory", "the error names the file");
	is_int(td_conf_load("/nonexistent/tandem.conf", &conf, NULL, NULL, NULL), TD_NOTFOUND, "err may be NULL");
	is_int(td_conf_load("/", &conf, &err, NULL, NULL), TD_BADINPUT, "a folder is no configuration");
}

static void paths(void)
{
	struct td_conf *conf;
	char want[512], cwd[512];
	conf_file("quiet.csv", "region,days,open,close,classes,holidays,source,reviewed\n*,,09:00,21:00,,,,\n");
	conf_file("conf.d/50-x.conf", "quiet_hours = { file = \"quiet.csv\"; };");
	conf = conf_text("secret_file = \"secret\"; store = { path = \"/abs/t.db\"; }; providers = ( { name = \"a\"; "
		"plugin = \"file\"; prices = \"prices/a.csv\"; auth_token_file = \"a.token\"; path = \"out\"; } );");
	if (!ok(conf != NULL, "relative paths"))
		bail_out("%s", conf_error());
	snprintf(want, sizeof(want), "%s/secret", conf_dir());
	is_str(conf->secret_file, want, "a relative path is taken from the folder of tandem.conf");
	snprintf(want, sizeof(want), "%s/quiet.csv", conf_dir());
	is_str(conf->quiet_hours.file, want, "… in conf.d too");
	snprintf(want, sizeof(want), "%s/prices/a.csv", conf_dir());
	is_str(conf->providers[0].prices, want, "… in a list");
	is_str(conf->store.path, "/abs/t.db", "an absolute one stays");
	snprintf(want, sizeof(want), "%s/a.token", conf_dir());
	is_str(conf->providers[0].settings[0].text, want, "a setting named …_file is a path");
	is_str(conf->providers[0].settings[1].text, "out", "another is the plugin's");
	td_conf_unref(conf);
	conf_file("conf.d/50-x.conf", NULL);
	if (getcwd(cwd, sizeof(cwd)) == NULL || chdir(conf_dir()) != 0)
		bail_out("cannot change the folder");
	is_int(td_conf_load("tandem.conf", &conf, NULL, NULL, NULL), TD_OK, "tandem.conf may be given relative");
	snprintf(want, sizeof(want), "%s/tandem.conf", conf_dir());
	is_str(conf->path, want, "… and is known absolute");
	td_conf_unref(conf);
	if (chdir(cwd) != 0)
		bail_out("cannot change the folder back");
}

static void references(void)
{
	struct td_conf *conf = conf_text("brand = \"One\";");
	struct td_conf *same = td_conf_ref(conf);
	ok(same == conf, "ref returns the snapshot");
	td_conf_unref(conf);
	is_str(same->brand, "One", "it lives until the last reference goes");
	td_conf_unref(same);
	td_conf_unref(NULL);
	pass("unref takes NULL");
}

static void classes(void)
{
	is_str(td_class_name(TD_CLASS_SOLICITED), "solicited", "class name");
	is_str(td_class_name(TD_CLASS_NONE), "", "none has an empty name");
	ok(td_class_name(TD_CLASS_MAX) == NULL, "out of range has none");
	is_int(td_class_parse(TD_VLIT("Critical")), TD_CLASS_CRITICAL, "classes are read in any case");
	is_int(td_class_parse(TD_VLIT("critica")), TD_CLASS_NONE, "no part of a class is one");
	is_int(td_class_parse(TD_VLIT("")), TD_CLASS_NONE, "nothing is no class");
}

int main(void)
{
	defaults();
	required();
	refused();
	accepted();
	all_problems();
	untouched();
	paths();
	references();
	classes();
	return done_testing();
}
