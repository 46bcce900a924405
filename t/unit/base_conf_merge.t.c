/*
 * base_conf_merge - tandem.conf, then conf.d in name order
 */
#include <stdio.h>
#include <sys/stat.h>

#include "conf_dir.h"
#include "tap.h"

static void order(void)
{
	struct td_conf *conf;
	conf_file("conf.d/20-b.conf", "brand = \"from 20\"; text = { subject = \"only\"; };");
	conf_file("conf.d/10-a.conf", "brand = \"from 10\"; text = { max_segments = 5; }; countries = [\"EG\"];");
	conf_file("conf.d/30-c.txt", "brand = \"not read\";");
	conf_file("conf.d/.40-d.conf", "brand = \"hidden\";");
	conf = conf_text("brand = \"first\"; countries = [\"US\", \"CA\"]; text = { max_segments = 2; too_long = "
		"\"truncate\"; };");
	if (!ok(conf != NULL, "tandem.conf and two more"))
		bail_out("%s", conf_error());
	is_str(conf->brand, "from 20", "the last in name order wins; other names are not read");
	is_int(conf->text.max_segments, 5, "a group merges: one key of the second");
	is_str(conf->text.subject, "only", "… one of the third");
	is_str(conf->text.too_long, "truncate", "… one of the first stays");
	is_int(conf->countries.n, 1, "an array replaces");
	is_str(conf->countries.v[0], "EG", "… whole");
	td_conf_unref(conf);
	conf_file("conf.d/30-c.txt", NULL);
	conf_file("conf.d/.40-d.conf", NULL);
	conf_file("conf.d/20-b.conf", NULL);
	conf_file("conf.d/10-a.conf", NULL);
}

static void keyed(void)
{
	struct td_conf *conf;
	const struct td_conf_provider *p;
	conf_file("conf.d/10-a.conf",
		"providers = { second = { plugin = \"file\"; };\n main = { rate = 5; path = \"/b\"; }; };");
	conf = conf_text("providers = { main = { plugin = \"file\"; rate = 1; path = \"/a\"; window = 7; }; }; "
		"routes = ( { providers = [\"main\", \"second\"]; } );");
	if (!ok(conf != NULL, "keyed groups"))
		bail_out("%s", conf_error());
	is_int(conf->nproviders, 2, "conf.d adds one");
	p = td_conf_provider(conf, TD_VLIT("main"));
	ok(p->rate == 5, "and changes a key of the other");
	is_int(p->window, 7, "… whose other keys stay");
	is_str(p->settings[0].text, "/b", "… a setting too");
	is_int(p->settings[0].line, 2, "… with its own line");
	like(p->settings[0].file, "/10-a.conf", "… and file");
	td_conf_unref(conf);
	conf = conf_text("providers = ( { name = \"main\"; plugin = \"file\"; window = 7; } ); "
		"routes = ( { providers = [\"main\", \"second\"]; } );");
	if (!ok(conf != NULL, "keyed groups over a list"))
		bail_out("%s", conf_error());
	is_int(conf->nproviders, 2, "conf.d adds one there too");
	p = td_conf_provider(conf, TD_VLIT("main"));
	ok(p->rate == 5 && p->window == 7, "and merges by name");
	td_conf_unref(conf);
	conf_file("conf.d/10-a.conf", "providers = ( { name = \"only\"; plugin = \"file\"; } );");
	conf = conf_text("providers = { main = { plugin = \"file\"; }; };");
	if (!ok(conf != NULL, "a list over keyed groups"))
		bail_out("%s", conf_error());
	is_int(conf->nproviders, 1, "replaces them");
	is_str(conf->providers[0].name, "only", "… all");
	td_conf_unref(conf);
	conf_file("conf.d/10-a.conf", "submitters = { extra = { login = \"b\"; max_class = \"service\"; }; };");
	conf = conf_text("submitters = ( { login = \"a\"; max_class = \"service\"; } );");
	is_int(conf != NULL ? conf->nsubmitters : 0, 2, "entries without a name stay beside keyed ones");
	is_str(conf->submitters[0].name, "#1", "… under their position");
	is_str(conf->submitters[1].name, "extra", "… before them");
	td_conf_unref(conf);
}

static void places(void)
{
	conf_file("conf.d/10-a.conf", "\ntext = {\n max_segments = 11; };");
	ok(conf_refused(""), "a problem in conf.d");
	is_str(conf_error(), "conf.d/10-a.conf:3: text.max_segments: 11 is out of range (1 to 10)",
		"is named by its own file and line");
	conf_file("conf.d/10-a.conf", "text = 3;");
	ok(conf_refused("text = { max_segments = 2; };"), "a scalar over a group");
	is_str(conf_error(), "conf.d/10-a.conf:1: text: is an integer, want group { }", "is refused where it stands");
	conf_file("conf.d/10-a.conf", "sms_domain = ;");
	conf_file("conf.d/20-b.conf", "countries = [1,];");
	ok(conf_refused("oops"), "syntax errors in three files");
	is_str(conf_reports(), "tandem.conf:1: syntax error, here or just before (a missing \";\" or quote?)\n"
		"conf.d/10-a.conf:1: syntax error, here or just before (a missing \";\" or quote?)\n"
		"conf.d/20-b.conf:1: trailing comma before \"]\" (remove the comma)\n",
			"each is reported, and nothing that follows from them");
	conf_file("conf.d/10-a.conf", "");
	conf_file("conf.d/20-b.conf", NULL);
	ok(!conf_refused(""), "an empty file is one");
	conf_bytes("conf.d/10-a.conf", "brand = \"a\0b\";", 14);
	ok(conf_refused(""), "a NUL byte");
	is_str(conf_error(), "conf.d/10-a.conf: holds NUL bytes (is it a text file?)", "is no text");
	conf_file("conf.d/10-a.conf", NULL);
}

static void fifo(void)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/conf.d/10-a.conf", conf_dir());
	if (mkfifo(path, 0600) != 0)
		bail_out("cannot make %s", path);
	ok(conf_refused(""), "a FIFO in conf.d is refused, not waited for");
	is_str(conf_error(), "conf.d/10-a.conf: not a regular file", "… by name");
	conf_file("conf.d/10-a.conf", NULL);
}

int main(void)
{
	order();
	keyed();
	places();
	fifo();
	return done_testing();
}
