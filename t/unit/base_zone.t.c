/*
 * base_zone - time zones of the system's tz database
 */
#include "tap.h"
#include "zone.h"

static void test_zone(void)
{
	static const struct {
		const char *zone;
		int64_t ms;
		int offset;
	} rows[] = {
		{ "UTC", 0, 0 },
		{ "America/New_York", 1720000000000, -4 * 3600 },
		{ "America/New_York", 1730613599999, -4 * 3600 },
		{ "America/New_York", 1730613600000, -5 * 3600 },
		{ "Asia/Kathmandu", 1720000000000, 20700 },
		{ "Australia/Lord_Howe", 1720000000000, 37800 },
		{ "Europe/London", -1, 3600 },
		{ "Asia/Amman", 1900000000000, 3 * 3600 },
	};
	char out[TD_ZONE_TIME_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int got = -1;

		is_int(td_zone_offset(td_view_str(rows[i].zone), rows[i].ms, &got, NULL), TD_OK, "%s", rows[i].zone);
		is_int(got, rows[i].offset, "… its offset");
	}
	td_zone_local(TD_VLIT("America/St_Johns"), 1720000000000, out, NULL);
	is_str(out, "2024-07-03T07:16:40.000-02:30", "half hours west");
	ok(!td_zone_valid(TD_VLIT("")) && !td_zone_valid(TD_VLIT("Europe")) && !td_zone_valid(TD_VLIT("Europe/")),
		"no zones");
	ok(!td_zone_valid(TD_VLIT("America/../UTC")) && !td_zone_valid(TD_VLIT("zone.tab")), "nor paths and other files");
}

int main(void)
{
	test_zone();
	return done_testing();
}
