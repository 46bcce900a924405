/*
 * base_conf_quiet - the file of quiet hours: what is refused, where, and in which words
 */
#include "conf_dir.h"
#include "quiet_rules.h"

static void refused_text(const char *text, const char *want)
{
	struct table out;

	ok(!parse(text, &out), "refused: %s", want);
	is_str(problems, want, "… with line and words");
}

static void refused_rows(const char *rows, const char *want)
{
	refused_text(td_arena_printf(&arena, HEAD "%s", rows), want);
}

static void bad_files(void)
{
	refused_text("", "1: no rules\n");
	refused_text("# nothing\n", "1: no rules\n");
	refused_text("*,mon-sun,09:00,21:00,,,,\n",
		"1: the columns are not named (want region,days,open,close,classes,holidays,source,reviewed)\n");
	refused_rows("*,mon-sun,9:00,21:00,,,,\n",
		"2: open: \"9:00\" (want 00:00 to 23:59; open and close both empty: closed all day)\n");
	refused_rows("*,mon-sun,24:00,21:00,,,,\n",
		"2: open: \"24:00\" (want 00:00 to 23:59; open and close both empty: closed all day)\n");
	refused_rows("*,mon-sun,09:00,24:01,,,,\n",
		"2: close: \"24:01\" (want 00:00 to 24:00; open and close both empty: closed all day)\n");
	refused_rows("*,,09:00,,,,,\n",
		"2: close: \"\" (want 00:00 to 24:00; open and close both empty: closed all day)\n");
	refused_rows("*,,09:-1,21:00,,,,\n",
		"2: open: \"09:-1\" (want 00:00 to 23:59; open and close both empty: closed all day)\n");
	refused_rows("*,,09:00,09:00,,,,\n", "2: open and close are both 09:00 (00:00 and 24:00 are the whole day)\n");
	refused_rows("*,mo,09:00,21:00,,,,\n", "2: days: \"mo\" (want mon, mon-sat or mon;wed)\n");
	refused_rows("usa,mon,09:00,21:00,,,,\n", "2: region: \"usa\" (want *, US or US-FL)\n");
	refused_rows("US-,mon,09:00,21:00,,,,\n", "2: region: \"US-\" (want *, US or US-FL)\n");
	refused_rows("*,mon,09:00,21:00,critical,,,\n",
		"2: classes: \"critical\" (want service, marketing or transactional: no other class has quiet hours)\n");
	refused_rows("*,mon,09:00,21:00,,13-01,,\n",
		"2: holidays: \"13-01\" (want 12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05)\n");
	refused_rows("*,mon,09:00,21:00,,02-30;mon6/01,,\n",
		"2: holidays: \"02-30\" (want 12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05)\n"
		"2: holidays: \"mon6/01\" (want 12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05)\n");
	refused_rows("*,mon,,,,12-25,,\n", "2: holidays of a row that is closed all day\n");
	refused_rows("*,mon,09:00,21:00,,,law,2026-13-01\n", "2: reviewed: \"2026-13-01\" (want YYYY-MM-DD)\n");
	refused_rows("*,mon,09:00,21:00,,,law, of 2026,\n", "2: 9 fields (want 8: quote one that holds a comma)\n");
	refused_rows("*,mon,09:00,21:00,,,\n", "2: 7 fields (want 8: quote one that holds a comma)\n");
	refused_rows("*,mon,09:00,21:00,,,\"law,\n",
		"2: field 7: wrong quotes (want \"…\" around it, \"\" for one inside)\n");
	refused_rows("\xff,mon,09:00,21:00,,,,\n", "2: not UTF-8\n");
	refused_rows("*,mon-fri,09:00,21:00,,,,\n*,fri;sat,,,,,,\n", "3: * fri;sat closed contradicts line 2\n");
}

/* A rule that can never be met is an error of the file. */
static void never_open(void)
{
	struct table out;

	refused_rows("*,,09:00,21:00,marketing,,,\n", "2: no service SMS could ever go to *: no row opens a day for it\n");
	refused_rows("GB,,09:00,21:00,,,,\n", "1: no marketing SMS could ever go to US: no row opens a day for it\n"
		"1: no service SMS could ever go to US: no row opens a day for it\n");
	refused_rows("*,,09:00,21:00,,,,\nFR,,,,marketing,,,\n",
		"3: no marketing SMS could ever go to FR: no row opens a day for it\n");
	ok(parse(HEAD "US,,09:00,21:00,,,,\n", &out), "a file for the only country is enough");
	ok(parse("\xef\xbb\xbf" HEAD "\r\n# x\r\n \"*\" ,\"sat-mon;WED\",09:00,21:00,\"service;Marketing\",,"
		" \"a, \"\"b\"\"\" ,2026-01-01", &out), "quotes, a byte order mark, CRLF, no last newline");
	is_int(out.n, 1, "one rule");
	is_str(out.v[0].source, "a, \"b\"", "quotes are taken off");
	is_str(out.v[0].name, "* mon;wed;sat;sun 09:00-21:00", "days in order");
	is_int(out.v[0].line, 4, "its line");
}

/* Read with the configuration: a wrong file refuses it, and says where. */
static void in_the_configuration(void)
{
	const char *setting = "home_country = \"US\"; quiet_hours = { file = \"hours.csv\"; };";
	struct td_conf *conf;
	size_t n;

	conf_file("hours.csv", NULL);
	ok(conf_refused(setting), "a file that is not there");
	like(conf_error(), "tandem.conf:1: quiet_hours.file: ", "is named with the setting");
	like(conf_error(), "hours.csv: No such file", "… and the reason");
	conf_file("hours.csv", HEAD "*,,09:00,21:00,,,,\n*,sun,9:00,21:00,,,,\nGB,,,,,,,\n");
	ok(conf_refused(setting), "a row that is wrong");
	like(conf_error(), "hours.csv:3: quiet_hours.file: open: \"9:00\"", "is named by file and line");
	conf_file("hours.csv", HEAD "GB,,09:00,21:00,,,,\n");
	ok(conf_refused(setting), "rules that leave no hour to the home country");
	like(conf_error(), "hours.csv:1: quiet_hours.file: no marketing SMS could ever go to US", "are refused");
	conf_file("hours.csv", HEAD "*,,10:00,20:00,,,law,2026-01-01\n");
	conf = conf_text(setting);
	if (!ok(conf != NULL, "a good one is read"))
		bail_out("%s", conf_error());
	is_str(td_quiet_rules(conf, &n)->name, "* mon-sun 10:00-20:00", "its rule is in force");
	is_int(n, 1, "alone");
	td_conf_unref(conf);
	conf = conf_text("home_country = \"US\";");
	if (!ok(conf != NULL, "without a file"))
		bail_out("%s", conf_error());
	is_str(td_quiet_rules(conf, &n)->name, "* mon-sun 09:00-21:00", "it is 09:00 to 21:00");
	td_conf_unref(conf);
}

int main(void)
{
	td_arena_init(&arena, 64u << 20);
	bad_files();
	never_open();
	in_the_configuration();
	td_arena_free(&arena);
	return done_testing();
}
