/*
 * base_conf_print - the sample and the shipped configuration load; what is printed loads again; secrets are not shown
 */
#include <stdio.h>
#include <stdlib.h>

#include "conf_dir.h"
#include "tap.h"

static char *slurp(const char *path)
{
	static char text[65536];
	FILE *in = fopen(path, "r");
	size_t n = in != NULL ? fread(text, 1, sizeof(text) - 1, in) : 0;
	if (in == NULL || n == 0)
		bail_out("cannot read %s", path);
	fclose(in);
	text[n] = '\0';
	return text;
}

static char *printed(const struct td_conf *conf, bool changed_only)
{
	struct td_buf out;
	char *text;
	td_buf_init(&out, 1 << 20);
	td_conf_print(conf, changed_only, &out);
	ok(td_buf_ok(&out), "it prints");
	text = strdup(td_buf_cstr(&out));
	td_buf_free(&out);
	return text;
}

static void sample(void)
{
	struct td_conf *conf;
	conf_file("tandem.conf", slurp("t/data/sample.conf"));
	conf_file("quiet-hours.csv", slurp("conf/quiet-hours.csv"));
	conf = conf_load();
	if (!ok(conf != NULL, "the sample of the contract loads as it stands"))
		bail_out("%s", conf_error());
	is_str(conf_reports(), "tandem.conf:15: warning: submitters[#4]: there is no category \"offer\"\n"
		"tandem.conf:19: warning: routes[#1]: there is no provider \"backup\"\n", "two names come with conf.d");
	is_int(conf->nsubmitters, 4, "submitters");
	is_str(conf->submitters[0].daemon, "submission", "daemon");
	is_str(conf->submitters[1].cert_issuer, "Example CA", "certificate");
	is_str(conf->providers[0].settings[0].text, "AC…", "a setting of the provider");
	is_int(conf->categories[1].delay_ms, 1800000, "a category's delay");
	is_str(conf->inbound.default_to, "sms-inbox@example.com", "inbound.default");
	ok(conf->caps[0].limit == 4 && conf->caps[0].window_ms == 7 * 86400000LL, "a cap");
	ok(conf->budgets[0].abroad && conf->budgets[0].limit == 200, "a budget");
	is_str(conf->quiet_hours.default_tz, "America/New_York", "quiet hours");
	is_str(conf->smsd.lmtp, "unix:/var/spool/postfix/tandem/lmtp.sock", "smsd.lmtp");
	is_str(conf->web.public_url, "https://notify.example.com", "web");
	td_conf_unref(conf);
	conf_file("conf.d/10-categories.conf", slurp("conf/conf.d/10-categories.conf"));
	conf_file("conf.d/50-backup.conf", "providers = { backup = { plugin = \"file\"; path = \"/x\"; }; };");
	conf = conf_load();
	is_str(conf_reports(), "", "with the shipped categories and that provider nothing is left to say");
	is_int(conf != NULL ? conf->ncategories : 0, 12, "twelve categories, two of them in both files");
	td_conf_unref(conf);
	conf_file("conf.d/10-categories.conf", NULL);
	conf_file("conf.d/50-backup.conf", NULL);
}

static void round_trip(void)
{
	struct td_conf *conf;
	char *full, *again, *changed;
	conf_file("tandem.conf", slurp("t/data/sample.conf"));
	conf_file("conf.d/50-x.conf",
		"smsd = { flush = [ ]; }; brand = \"a \\\"b\\\" \\\\ ü\"; aliases = { x = \"+15550001111\"; }; "
		"providers = { main = { receipt = { to = \"a\"; from = \"b\"; deep = { x = 1; }; }; codes = ( { c = 1; d = "
		"2; }, { c = 3; } ); "
		"last = true; }; };");
	conf = conf_load();
	if (!ok(conf != NULL, "a configuration with everything"))
		bail_out("%s", conf_error());
	full = printed(conf, false);
	changed = printed(conf, true);
	td_conf_unref(conf);
	conf_file("conf.d/50-x.conf", NULL);
	conf_file("tandem.conf", full);
	conf = conf_load();
	if (!ok(conf != NULL, "what is printed loads"))
		bail_out("%s in\n%s", conf_error(), full);
	again = printed(conf, false);
	is_str(again, full, "… as the same configuration");
	free(again);
	td_conf_unref(conf);
	conf_file("tandem.conf", changed);
	conf = conf_load();
	if (!ok(conf != NULL, "what differs from the defaults loads"))
		bail_out("%s in\n%s", conf_error(), changed);
	again = printed(conf, false);
	is_str(again, full, "… as the same configuration");
	free(again);
	like(changed, "brand = \"a \\\"b\\\" \\\\ ü\";", "quotes are escaped, other scripts stay");
	unlike(changed, "max_segments", "a default is not among what differs, even when it is written down");
	like(changed, "flush = [ ];", "an emptied list is");
	td_conf_unref(conf);
	free(full);
	free(changed);
}

static void only_required(void)
{
	struct td_conf *conf = conf_text("providers = ( { name = \"main\"; plugin = \"file\"; } );");
	char *text = printed(conf, true);
	is_str(text, "sms_domain = \"sms.example.com\";\nproviders = (\n\t{\n\t\tname = \"main\";\n\t\tplugin = "
		"\"file\";\n\t}\n);\n",
		"of a small configuration nothing else differs; the route made for it is none of the operator's");
	free(text);
	text = printed(conf, false);
	like(text, "routes = (\n\t{\n\t\tprefix = [ \"+\" ];", "the whole configuration shows it");
	free(text);
	td_conf_unref(conf);
}

static void secrets(void)
{
	struct td_conf *conf =
		conf_text("store = { conninfo = \"host=db password=GEHEIM\"; }; secret_file = \"/etc/secret\"; "
		"categories = { password-reset = { class = \"solicited\"; template = \"password-reset\"; }; };"
		"providers = { main = { plugin = \"http\"; auth_token = \"GEHEIM\"; api_key = \"GEHEIM\"; Password = "
		"\"GEHEIM\"; "
		"hmac_secret = \"GEHEIM\"; auth_token_file = \"/etc/token\"; headers = [\"Authorization: Bearer GEHEIM\"]; "
		"receipt = { token = \"GEHEIM\"; }; account_sid = \"AC1\"; }; };");
	char *text;
	if (!ok(conf != NULL, "secrets in the wrong place"))
		bail_out("%s", conf_error());
	text = printed(conf, false);
	unlike(text, "GEHEIM", "none is shown");
	like(text, "auth_token = \"(hidden)\";", "a masked one says so");
	like(text, "secret_file = \"/etc/secret\";", "the path of a secret is none");
	like(text, "auth_token_file = \"/etc/token\";", "… of a provider neither");
	like(text, "account_sid = \"AC1\";", "other settings are shown");
	like(text, "template = \"password-reset\";", "a name with a suspicious word is shown");
	free(text);
	td_conf_unref(conf);
}

static void shipped(void)
{
	static const char *const names[] = { "order-confirmation", "account-alert", "delivery-update", "password-reset",
		"booking",
		"appointment-reminder", "fraud-alert", "account-verification", "otp", "survey", "cart-reminder", "offer" };
	struct td_conf *conf = NULL;
	struct td_err err;
	if (!ok(td_conf_load("conf/tandem.conf", &conf, &err, NULL, NULL) == TD_OK, "the shipped configuration loads"))
		bail_out("%s", err.text);
	is_int(conf->nsubmitters, 0, "it has no submitter");
	is_int(conf->nproviders, 0, "and no provider");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ok(td_conf_category(conf, td_view_str(names[i])) != NULL, "it has the category %s", names[i]);
	is_int(conf->nbudgets, 1, "and a budget");
	is_int(conf->ncaps, 2, "and the caps on codes");
	td_conf_unref(conf);
}

/* Takes the comment signs of examples ("#key", "#\tkey") away: what the file shows must be right. */
static void examples(void)
{
	char *text = slurp("conf/tandem.conf"), *out = text;
	struct td_conf *conf;
	bool start = true, skip = false;
	for (const char *p = text; *p != '\0'; p++) {
		if (start)
			skip = strncmp(p, "#store = { engine = \"pgsql\"", 26) == 0; /* the other of two */
		if (!(start && *p == '#' && p[1] != ' ' && p[1] != '\n' && !skip))
			*out++ = *p;
		start = *p == '\n';
	}
	*out = '\0';
	conf_file("tandem.conf", text);
	conf_file("conf.d/10-categories.conf", slurp("conf/conf.d/10-categories.conf"));
	conf = conf_load();
	is_str(conf_reports(), "", "the examples of the shipped configuration are right");
	ok(conf != NULL && conf->nsubmitters == 5 && conf->nproviders == 3 && conf->nroutes == 2, "… all of them");
	td_conf_unref(conf);
	conf_file("conf.d/10-categories.conf", NULL);
}

int main(void)
{
	sample();
	round_trip();
	only_required();
	secrets();
	shipped();
	examples();
	return done_testing();
}
