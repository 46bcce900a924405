/*
 * text_number_zone - in which time zones the owner of a number may be
 */
#include "number_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

static struct td_arena arena;

/* The zones of number, separated by commas. */
static const char *joined(const struct td_number *number)
{
	struct td_views zones;
	const char *out = "";
	size_t i;

	if (td_number_zones(number, &arena, &zones, NULL) != TD_OK)
		return "no memory";
	for (i = 0; i < zones.n; i++)
		out = td_arena_printf(&arena, "%s%s%.*s", out, i ? "," : "", TD_VARG(zones.v[i]));
	return out;
}

static void in_zones(const char *in, const char *want)
{
	struct td_number number;
	struct td_err err;

	td_err_clear(&err);
	if (td_number_parse(td_view_str(in), NULL, &number, &err))
		fail("%s: %s", in, err.text);
	else
		is_str(joined(&number), want, "%s", in);
	td_arena_reset(&arena);
}

static void north_america(void)
{
	in_zones("+12125550123", "America/New_York");
	in_zones("+13105550123", "America/Los_Angeles");
	in_zones("+18085550123", "Pacific/Honolulu");
	in_zones("+16025550123", "America/Phoenix");
	in_zones("+14165550123", "America/Toronto");
	in_zones("+15145550123", "America/Toronto");
	in_zones("+17875550123", "America/Puerto_Rico");
	in_zones("+18765550123", "America/Jamaica");
	/* Several zones in one area, and an area that exchanges divide. */
	in_zones("+19075550123", "America/Adak,America/Anchorage");
	in_zones("+18505550123", "America/New_York");
	in_zones("+18504330123", "America/Chicago");
	/* An area code in no table: any zone of the country, which is no answer. */
	in_zones("+12735550123", "");
	in_zones("+17115550123", "");
}

static void world(void)
{
	in_zones("+447400123456", "Europe/London");
	in_zones("+442079460958", "Europe/London");
	in_zones("+447781123456", "Europe/Guernsey");
	in_zones("+447797123456", "Europe/Jersey");
	in_zones("+353851234567", "Europe/Dublin");
	in_zones("+35316712345", "Europe/Dublin");
	in_zones("+201001234567", "Africa/Cairo");
	in_zones("+966512345678", "Asia/Riyadh");
	in_zones("+971501234567", "Asia/Dubai");
	in_zones("+37251234567", "Europe/Tallinn");
	in_zones("+212650123456", "Africa/Casablanca");
	in_zones("+77012345678", "Asia/Almaty,Asia/Aqtobe");
	in_zones("+34612345678", "Atlantic/Canary,Europe/Madrid");
	in_zones("+34912345678", "Europe/Madrid");
	in_zones("+34922123456", "Atlantic/Canary");
	in_zones("+351912345678", "Atlantic/Azores,Europe/Lisbon");
	in_zones("+919876543210", "Asia/Kolkata");
	in_zones("+9779841234567", "Asia/Kathmandu");
	in_zones("+95921234567", "Asia/Yangon");
	in_zones("+299221234", "America/Nuuk,America/Scoresbysund,America/Thule");
	in_zones("+4740612345", "Europe/Oslo");
	in_zones("+262692123456", "Indian/Reunion");
	in_zones("+262639001234", "Indian/Mayotte");
	in_zones("+38343201234", "Europe/Belgrade");
	/* Mobiles tell a place in Brazil; in Australia only a fixed line does, in Russia neither is enough for a mobile. */
	in_zones("+5511961234567", "America/Sao_Paulo");
	in_zones("+5592961234567", "America/Manaus");
	in_zones("+61894123456", "Australia/Adelaide,Australia/Perth");
	in_zones("+61412345678",
		"Australia/Adelaide,Australia/Brisbane,Australia/Eucla,Australia/Lord_Howe,Australia/Perth,Australia/Sydney");
	in_zones("+74951234567", "Europe/Moscow");
	in_zones("+79123456789", "");
	/* Of no country. */
	in_zones("+881612345678", "");
	in_zones("+80012345678", "");
	in_zones("+18002345678", "");
}

/* The two columns of a row; NULL for comments and the names of the columns. */
static char *columns(char *line)
{
	char *tab = strchr(line, '\t');

	line[strcspn(line, "\n")] = '\0';
	if (line[0] == '#' || !tab || strcmp(tab, "\tzones") == 0)
		return NULL;
	*tab = '\0';
	return tab + 1;
}

/* Every row of a table is found again, and names zones that there are. */
static void all_of(const char *table, bool by_prefix)
{
	const char *src = getenv("TANDEM_SRC");
	FILE *in;
	char path[512];
	char line[1024];
	size_t rows = 0;
	size_t lost = 0;
	size_t unknown = 0;
	bool tzdata = access("/usr/share/zoneinfo/Europe/London", R_OK) == 0;

	snprintf(path, sizeof(path), "%s/lib/text/data/%s.tsv", src ? src : ".", table);
	in = fopen(path, "r");
	if (!in)
		bail_out("%s: cannot be read", path);
	while (fgets(line, sizeof(line), in)) {
		char *zones = columns(line);
		struct td_number number = { .region = "ZZ", .kind = "fixed" };
		struct td_view rest;
		struct td_view zone;

		if (!zones)
			continue;
		rows++;
		if (by_prefix)
			snprintf(number.e164, sizeof(number.e164), "+%.15s", line);
		else
			snprintf(number.region, sizeof(number.region), "%.2s", line);
		lost += strcmp(joined(&number), zones) != 0;
		for (rest = td_view_str(zones); tzdata && td_view_next(&rest, ',', &zone);) {
			char *name = td_arena_printf(&arena, "/usr/share/zoneinfo/%.*s", TD_VARG(zone));

			if (access(name, R_OK) != 0) {
				diag("%s: no such zone", name);
				unknown++;
			}
		}
		td_arena_reset(&arena);
	}
	fclose(in);
	ok(rows > 200, "%s: %zu rows", table, rows);
	is_int(lost, 0, "%s: each is found", table);
	if (tzdata)
		is_int(unknown, 0, "%s: each zone is in tzdata", table);
	else
		skip(1, "no tzdata in /usr/share/zoneinfo");
}

static const char *views_joined(const struct td_views *list)
{
	const char *out = "";
	size_t i;

	for (i = 0; i < list->n; i++)
		out = td_arena_printf(&arena, "%s%s%.*s", out, i ? "," : "", TD_VARG(list->v[i]));
	return out;
}

static void of_part(const char *in, const char *want)
{
	struct td_number number;
	struct td_views parts;

	if (td_number_parse(td_view_str(in), NULL, &number, NULL) != TD_OK ||
		td_number_parts(&number, &arena, &parts, NULL) != TD_OK)
		fail("%s", in);
	else
		is_str(views_joined(&parts), want, "%s: part of its country", in);
	td_arena_reset(&arena);
}

static void parts(void)
{
	of_part("+13055550123", "US-FL");
	of_part("+18505550123", "US-FL");
	of_part("+15125550123", "US-TX");
	of_part("+12025550123", "US-DC");
	of_part("+12035550123", "US-CT");
	of_part("+12065550123", "US-WA");
	of_part("+12015550123", "US-NJ");
	of_part("+14165550123", "CA-ON");
	of_part("+19025550123", "CA-NS,CA-PE");
	of_part("+18675550123", "CA-NT,CA-NU,CA-YT");
	/* Islands are countries of their own; no area code; one that is not given out; nobody's. */
	of_part("+17875550123", "");
	of_part("+33612345678", "");
	of_part("+12005550123", "");
	of_part("+18005550123", "");
}

/* Zones of a region, wide ones too. */
static void of_regions(void)
{
	static const struct {
		const char *region;
		size_t n;
		const char *first;
	} cases[] = { { "US", 29, "America/Adak" }, { "CA", 23, "America/Atikokan" }, { "RU", 26, "Asia/Anadyr" },
		{ "FR", 1, "Europe/Paris" }, { "ES", 2, "Atlantic/Canary" }, { "ZZ", 0, NULL }, { "", 0, NULL } };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct td_views zones;

		is_int(td_region_zones(cases[i].region, &arena, &zones, NULL), TD_OK, "\"%s\"", cases[i].region);
		is_int(zones.n, cases[i].n, "its zones");
		if (zones.n)
			is_view(zones.v[0], cases[i].first, "the first");
		td_arena_reset(&arena);
	}
}

static void no_room(void)
{
	struct td_arena small;
	struct td_number number;
	struct td_view one;
	struct td_views zones = { &one, 1 };
	struct td_err err;

	td_err_clear(&err);
	td_arena_init(&small, 8);
	is_int(td_number_parse(TD_VLIT("+12125550123"), NULL, &number, NULL), TD_OK, "a number");
	is_int(td_number_zones(&number, &small, &zones, &err), TD_NOMEM, "no room for its zones");
	ok(zones.n == 0 && !zones.v, "and none are given");
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 1 << 20);
	north_america();
	world();
	all_of("phone_tz_prefix", true);
	all_of("phone_tz_region", false);
	parts();
	of_regions();
	no_room();
	td_arena_free(&arena);
	return done_testing();
}
