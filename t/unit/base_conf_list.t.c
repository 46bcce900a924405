/*
 * base_conf_list - submitters, providers, routes, categories, caps: keyed or not, and what refers to what
 */
#include <stdio.h>

#include "conf_dir.h"
#include "tap.h"

#define SUBMITTER "submitters = ( { max_class = \"service\"; "
#define PROVIDER "providers = ( { name = \"main\"; plugin = \"file\"; } ); "
#define CATEGORY "categories = { offer = { class = \"marketing\"; }; }; "

#define LONG "b123456789b123456789b123456789b123456789b123456789b123456789b123456789b123456789b123456789b123456789"

struct refusal {
	const char *text, *error;
};

static const struct refusal refusals[] = {
	/* submitters */
	{ SUBMITTER "} );", "submitters[#1]: says not who it is (want one of login, network, cert_subject, local)" },
	{ SUBMITTER "daemon = \"x\"; } );",
		"submitters[#1]: says not who it is (want one of login, network, cert_subject, local)" },
	{ SUBMITTER "cert_subject = \"a\"; } );",
		"submitters[#1]: cert_subject without cert_issuer (anybody can issue a certificate for that name)" },
	{ SUBMITTER "login = \"a\"; cert_issuer = \"CA\"; } );", "submitters[#1]: cert_issuer without cert_subject" },
	{ SUBMITTER "local = true; network = \"10.0.0.0/8\"; } );",
		"submitters[#1]: network and local exclude one another (make two entries)" },
	{ SUBMITTER "local = true; login = \"a\"; } );",
		"submitters[#1]: local submission has neither login nor certificate (make two entries)" },
	{ "submitters = ( { login = \"a\"; } );", "submitters[#1]: max_class is missing" },
	{ "submitters = ( { login = \"a\"; max_class = \"compliance\"; } );",
		"submitters[#1].max_class: \"compliance\" is none of "
		"marketing|service|transactional|solicited|critical" },
	{ "submitters = ( { login = \"a\"; max_class = \"transactionl\"; } );",
		"submitters[#1].max_class: \"transactionl\" is none "
		"of marketing|service|transactional|solicited|critical (did you mean \"transactional\"?)" },
	{ SUBMITTER "network = [\"10.1.2.3/24\"]; } );", "submitters[#1].network: \"10.1.2.3/24\" is no network "
		"(want 10.1.2.0/24, without bits behind the prefix)" },
	{ SUBMITTER "login = \"a\"; categories = [\"ofer\"]; } ); " CATEGORY,
		"submitters[#1]: there is no category \"ofer\"" },
	{ SUBMITTER "login = \"a\"; from = [\"a sender id too long\"]; } );",
		"submitters[#1].from: \"a sender id too long\" is no "
		"sender id (want +NUMBER, a short code, or up to 11 letters and digits)" },
	{ "submitters = { shop = { max_class = \"service\"; name = \"x\"; login = \"a\"; }; };",
		"submitters[shop].name: differs from the group's key \"shop\" (leave it out)" },
	/* providers and routes */
	{ "providers = ( { plugin = \"file\"; } );", "providers[#1].name: missing" },
	{ "providers = { a = { }; };", "providers[a].plugin: missing" },
	{ "providers = ( { name = \"a\"; plugin = \"file\"; }, { name = \"a\"; plugin = \"file\"; } ); "
		"routes = ( { providers = \"a\"; } );", "providers: \"a\" is there already (tandem.conf:1)" },
	{ "providers = ( { name = \"a/b\"; plugin = \"file\"; } );",
		"providers[a/b].name: \"a/b\" is no name (letters, digits, \"-\", \"_\" and \".\")" },
	{ "providers = { a = { plugin = \"file\"; }; b = { plugin = \"file\"; }; };",
		"routes: missing: there are 2 providers, and nothing says which serves what" },
	{ "providers = { a = { plugin = \"file\"; rate = -1.0; }; };",
		"providers[a].rate: -1 is out of range (0 to 100000)" },
	{ PROVIDER "routes = ( { providers = [ ]; } );", "routes[#1]: providers is empty" },
	{ PROVIDER "routes = ( { prefix = \"+1\"; } );", "routes[#1].providers: missing" },
	{ PROVIDER "routes = ( { prefix = \"1\"; providers = \"main\"; } );",
		"routes[#1].prefix: \"1\" is no prefix (want + and digits)" },
	{ PROVIDER "routes = ( { prefix = [ ]; providers = \"main\"; } );",
		"routes[#1]: prefix is empty (\"+\" matches every number)" },
	{ PROVIDER "routes = ( { providers = \"mian\"; } );", "routes[#1]: there is no provider \"mian\"" },
	{ PROVIDER "routes = ( { providers = \"main\"; policy = \"weight\"; weights = [3, 1]; } );",
		"routes[#1]: 2 weights for 1 providers" },
	{ PROVIDER "routes = ( { providers = \"main\"; policy = \"weight\"; weights = [-3]; } );",
		"routes[#1].weights: -3 is out of range (0 to 1000000)" },
	{ PROVIDER "routes = ( { providers = \"main\"; submitter = [\"shop\"]; } );",
		"routes[#1]: there is no submitter \"shop\"" },
	{ PROVIDER "routes = ( { providers = \"main\"; class = [\"offer\"]; } );",
		"routes[#1].class: \"offer\" is none of marketing|service|transactional|solicited|critical" },
	{ "providers = { a = { plugin = \"x\"; " LONG "longer = 1; }; };", LONG "longer: the name is longer than 99" },
	/* categories, aliases, rules */
	{ "categories = { offer = { }; };", "categories[offer].class: missing" },
	{ "categories = { a = { class = \"service\"; words = \"GO\"; }; b = { class = \"service\"; words = \"go\"; }; };",
		"categories[b]: the word \"go\" already names a" },
	{ "categories = { a = { class = \"service\"; expires = \"0s\"; }; };",
		"categories[a].expires: \"0s\" is out of range (1s to 31d)" },
	{ "aliases = { x = \"15550001111\"; };",
		"aliases[x].number: \"15550001111\" is no phone number (want +15550001111)" },
	{ "caps = ( { name = \"a\"; limit = 4; } );", "caps[a].window: missing" },
	{ "caps = { a = { limit = 4; window = \"40d\"; }; };", "caps[a].window: \"40d\" is out of range (1s to 31d)" },
	{ "caps = { a = { limit = 4; window = \"year\"; }; };",
		"caps[a].window: \"year\" is no duration like \"30m\" or \"24h\"" },
	{ "caps = { a = { limit = 4; window = \"1d\"; subject = \"sender\"; }; };",
		"caps[a].subject: \"sender\" is none of person|address" },
	{ "caps = { a = { limit = 4; window = \"1d\"; headroom = 5; }; };", "caps[a]: headroom is larger than limit" },
	{ "caps = { a = { limit = 4; window = \"1d\"; channels = \"sms\"; on_full = \"downgrade:sms\"; }; };",
		"caps[a]: on_full = \"downgrade:sms\" leads to the channel that is full" },
	{ "caps = { a = { limit = 0; window = \"1d\"; }; };",
		"caps[a]: limit 0 never has room, and what is held waits for it (want on_full = \"drop\")" },
	{ "caps = { a = { limit = 0; window = \"1d\"; on_full = \"hold\"; }; };",
		"caps[a]: limit 0 never has room, and what is held waits for it (want on_full = \"drop\")" },
	{ "caps = { a = { limit = 3; headroom = 3; window = \"1d\"; enforce = [\"marketing\"]; on_full = \"hold\"; }; };",
		"caps[a]: headroom leaves marketing, all that the rule binds, no room (want on_full = \"drop\")" },
	{ "caps = { a = { limit = 2.5; window = \"1d\"; }; };", "caps[a]: limit 2.5 is no whole number of notifications" },
	{ "budgets = { a = { limit = 2.5; window = \"1h\"; unit = \"cost\"; }; };",
		"budgets[a]: unit \"cost\" needs the prices of a provider (providers[].prices)" },
	{ "budgets = { a = { limit = 5; window = \"1h\"; channels = [\"email\"]; }; };",
		"budgets[a]: counts SMS (unit segment, subject sender), and channels has none" },
	{ "caps = { a = { limit = 4; window = \"1d\"; abroad = true; }; };",
		"caps[a].abroad: unknown key (did you mean \"budgets[].abroad\"?)" },
	{ "budgets = { a = { limit = 4; window = \"1d\"; categories = [\"x\"]; }; };",
		"budgets[a]: there is no category \"x\"" },
};

static void refused(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		char want[300];
		snprintf(want, sizeof(want), "tandem.conf:1: %s", refusals[i].error);
		if (ok(conf_refused(refusals[i].text), "refused: %.60s", refusals[i].text))
			is_str(conf_error(), want, "… saying why");
	}
}

static void submitters(void)
{
	struct td_conf *conf = conf_text(CATEGORY "submitters = ( { login = \"a\"; max_class = \"solicited\"; link = true; "
		"categories = [\"offer\"]; from = [\"Ex Shop\", \"+15550001111\", \"12345\"]; }, { network = \"10.0.0.0/8\"; "
		"deny = true; }, "
		"{ name = \"here\"; local = true; max_class = \"critical\"; daemon = \"x\"; } );");
	const struct td_conf_submitter *s;
	if (!ok(conf != NULL, "submitters"))
		bail_out("%s", conf_error());
	is_str(conf_reports(), "", "no doubt");
	is_int(conf->nsubmitters, 3, "three");
	s = conf->submitters;
	is_str(s[0].name, "#1", "one without a name is called by its position");
	is_int(s[0].max_class, TD_CLASS_SOLICITED, "max_class");
	ok(s[0].link && !s[0].deny && !s[0].local, "switches");
	is_int(s[0].from.n, 3, "three sender ids");
	is_str(s[0].from.v[0], "Ex Shop", "… an alphanumeric one with a space");
	ok(s[1].deny && s[1].max_class == TD_CLASS_NONE, "one that denies needs no class");
	is_str(s[2].name, "here", "a name of its own");
	is_str(s[2].daemon, "x", "daemon");
	td_conf_unref(conf);
}

static void providers(void)
{
	struct td_conf *conf =
		conf_text("\nproviders = {\n main = { plugin = \"http\"; from = \"ExShop\"; method = \"POST\";\n"
		" ok = [200, 202]; rate = 2.5; big = 5000000000L; ratio = 0.25; on = true;\n receipt = { to = \"msisdn\"; "
		"states = [\"a\", "
		"\"b\"]; };\n errors = ( { code = 1; }, { code = 2; } ); }; };");
	static const char *const want[][2] = { { "method", "POST" }, { "ok", "200\n202" }, { "big", "5000000000" },
		{ "ratio", "0.25" }, { "on", "true" }, { "receipt.to", "msisdn" }, { "receipt.states", "a\nb" },
		{ "errors.0.code", "1" }, { "errors.1.code", "2" } };
	const struct td_conf_provider *p;
	if (!ok(conf != NULL, "a keyed provider"))
		bail_out("%s", conf_error());
	p = td_conf_provider(conf, TD_VLIT("main"));
	if (!ok(p != NULL && td_conf_provider(conf, TD_VLIT("mai")) == NULL, "found by its whole name"))
		bail_out("no provider");
	is_str(p->name, "main", "the key is the name");
	is_str(p->plugin, "http", "plugin");
	is_int(p->line, 3, "its line");
	like(p->file, "/tandem.conf", "its file");
	is_int(p->window, 20, "window by default");
	if (is_int(p->nsettings, 9, "what the schema does not know are settings"))
		for (size_t i = 0; i < 9; i++) {
			is_str(p->settings[i].name, want[i][0], "setting %s", want[i][0]);
			is_str(p->settings[i].text, want[i][1], "… its text");
		}
	is_int(p->settings[5].line, 5, "a setting knows its line");
	if (is_int(conf->nroutes, 1, "a lone provider has a route")) {
		is_str(conf->routes[0].name, "#auto", "… made by us");
		is_str(conf->routes[0].prefix.v[0], "+", "… for every number");
		is_str(conf->routes[0].providers.v[0], "main", "… to it");
	}
	td_conf_unref(conf);
}

static void routes(void)
{
	struct td_conf *conf = conf_text(SUBMITTER "name = \"shop\"; login = \"a\"; } ); " CATEGORY
		"providers = { a = { plugin = \"file\"; }; b = { plugin = \"file\"; }; };\nroutes = (\n{ prefix = [\"+1\", "
		"\"+44\"]; providers = "
		"[\"a\", \"b\"]; policy = \"weight\"; weights = [3, 1]; class = \"marketing\"; category = \"offer\"; "
		"submitter = \"shop\"; "
		"from = \"ExShop\"; },\n{ providers = [\"a\", \"c\"]; } );");
	const struct td_conf_route *r;
	if (!ok(conf != NULL, "routes"))
		bail_out("%s", conf_error());
	is_str(conf_reports(), "tandem.conf:4: warning: routes[#2]: there is no provider \"c\"\n",
		"a provider that is missing beside one that exists is a doubt");
	r = conf->routes;
	is_int(conf->nroutes, 2, "two");
	is_int(r[0].prefix.n, 2, "prefixes");
	is_str(r[0].weights.v[0], "3", "weights");
	is_str(r[0].classes.v[0], "marketing", "class");
	is_str(r[0].categories.v[0], "offer", "category");
	is_str(r[0].submitters.v[0], "shop", "submitter");
	is_str(r[0].from.v[0], "ExShop", "from");
	is_str(r[1].policy, "failover", "failover by default");
	is_str(r[1].prefix.v[0], "+", "every number by default");
	td_conf_unref(conf);
}

static void categories(void)
{
	struct td_conf *conf =
		conf_text("categories = ( { name = \"a\"; class = \"marketing\"; expires = \"24h\"; delay = \"30m\"; "
		"cancel_on = [\"purchase\"]; words = [\"CART\", \"عربة\"]; channels = [\"sms\"]; deny_action = \"reject\"; "
		"survey = \"nps\"; }, "
		"{ name = \"b\"; class = \"Transactional\"; } );");
	ok(conf == NULL, "a class is written in lower case");
	conf = conf_text("categories = ( { name = \"a\"; class = \"marketing\"; expires = \"24h\"; delay = \"30m\"; "
		"quiet = true; "
		"cancel_on = [\"purchase\"]; words = [\"CART\", \"عربة\"]; channels = [\"sms\"]; deny_action = \"reject\"; "
		"survey = \"nps\"; }, "
		"{ name = \"b\"; class = \"transactional\"; required = true; } ); aliases = ( { name = \"x\"; number = "
		"\"+15550001111\"; } );");
	const struct td_conf_category *c;
	if (!ok(conf != NULL, "categories"))
		bail_out("%s", conf_error());
	is_str(conf_reports(), "tandem.conf:1: warning: categories[a]: quiet counts only for transactional categories\n",
		"a doubt");
	c = td_conf_category(conf, TD_VLIT("a"));
	is_int(c->ttl_ms, 86400000, "expires");
	is_int(c->delay_ms, 1800000, "delay");
	is_str(c->words.v[1], "عربة", "words in any script");
	is_str(c->deny_action, "reject", "deny_action");
	is_str(c->survey, "nps", "survey");
	c = td_conf_category(conf, TD_VLIT("b"));
	is_int(c->ttl_ms, -1, "no expiry of its own");
	ok(c->required && c->delay_ms == 0 && c->deny_action == NULL, "required; the rest by default");
	ok(td_conf_category(conf, TD_VLIT("A")) == NULL, "names are compared exactly");
	is_str(conf->aliases[0].number, "+15550001111", "an alias as a group");
	td_conf_unref(conf);
	conf = conf_text("aliases = { oncall = \"+15550001111\"; desk = { number = \"+15550002222\"; }; };");
	if (is_int(conf != NULL ? conf->naliases : 0, 2, "aliases as keys")) {
		is_str(conf->aliases[0].name, "oncall", "the key is the name");
		is_str(conf->aliases[0].number, "+15550001111", "the value the number");
		is_str(conf->aliases[1].number, "+15550002222", "or a group");
	}
	td_conf_unref(conf);
}

static void rules(void)
{
	struct td_conf *conf = conf_text("home_country = \"US\"; providers = { main = { plugin = \"file\"; "
		"prices = \"main.csv\"; }; }; caps = { p = { limit = 4; window = \"week\"; }; }; "
		"budgets = ( { name = \"b\"; limit = 12.5; window = \"1h\"; unit = \"cost\"; abroad = true; on_full = "
		"\"hold\"; } );");
	if (!ok(conf != NULL, "caps and budgets"))
		bail_out("%s", conf_error());
	is_str(conf->caps[0].subject, "person", "a cap is a person's");
	is_str(conf->caps[0].window, "week", "a calendar window");
	is_int(conf->caps[0].window_ms, 0, "… has no length");
	is_int(conf->caps[0].enforce.n, 2, "binds service and marketing");
	is_int(conf->caps[0].count.n, 3, "counts transactional too");
	ok(conf->caps[0].on_full == NULL && conf->caps[0].mail_on_full == NULL, "full: by class");
	is_str(conf->budgets[0].subject, "sender", "a budget is a sender's");
	ok(conf->budgets[0].limit == 12.5 && conf->budgets[0].abroad, "a limit in money, abroad");
	is_int(conf->budgets[0].window_ms, 3600000, "a rolling window");
	is_int(conf->budgets[0].enforce.n, 5, "binds every class");
	is_str(conf->budgets[0].on_full, "hold", "on_full");
	td_conf_unref(conf);
}

static void doubts(void)
{
	struct td_conf *conf = conf_text("submitters = ( { network = \"0.0.0.0/0\"; max_class = \"service\"; } );");
	ok(conf != NULL, "a network of everybody loads");
	is_str(conf_reports(), "tandem.conf:1: warning: submitters[#1]: network 0.0.0.0/0 lets every client in\n",
		"… with a warning");
	is_str(conf_error(), "", "… which is no error");
	td_conf_unref(conf);
	conf = conf_text("submitters = ( { network = \"::/0\"; deny = true; } );");
	is_str(conf_reports(), "", "denying everybody is fine");
	td_conf_unref(conf);
}

int main(void)
{
	refused();
	submitters();
	providers();
	routes();
	categories();
	rules();
	doubts();
	return done_testing();
}
