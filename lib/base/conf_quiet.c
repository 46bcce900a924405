/*
 * conf_quiet - the rules of quiet hours: when service and marketing SMS may go, by region and day (policy §7)
 */
#include "conf_quiet.h"

#include <stdarg.h>
#include <stdio.h>

#define EVERY_DAY 0x7fu
#define BOTH (1u << TD_CLASS_SERVICE | 1u << TD_CLASS_MARKETING)
#define ROWS_MAX 5000

/* Without a file, and the last line of the shipped one. */
static const struct td_quiet_rule builtin[] = {
	{ .region = "*", .days = EVERY_DAY, .open = 9 * 60, .close = 21 * 60, .classes = BOTH, .source = "default",
		.reviewed = "", .name = "* mon-sun 09:00-21:00" },
};

static const char day_names[7][4] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

enum column { REGION, DAYS, OPEN, CLOSE, CLASSES, HOLIDAYS, SOURCE, REVIEWED, NCOLUMNS };
static const char *const column_names[NCOLUMNS] = { "region", "days", "open", "close", "classes", "holidays",
	"source", "reviewed" };

struct reader {
	struct td_arena         *arena;
	td_quiet_problem        *problem;
	void                    *arg;
	int                      line;
	bool                     good;
	bool                     headed; /* the line of column names was there */
	struct td_quiet_rule    *rules;
	size_t                   n, room;
};

static void bad(struct reader *r, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void bad(struct reader *r, int line, const char *fmt, ...)
{
	char what[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	r->good = false;
	r->problem(r->arg, line, what);
}

/* A field as it was written, no longer than fits into a line. */
#define SHOWN(v) (int)((v).n > 60 ? 60 : (v).n), (v).p ? (v).p : ""

static void bad_field(struct reader *r, enum column column, struct td_view v, const char *want)
{
	bad(r, r->line, "%s: \"%.*s\" (want %s)", column_names[column], SHOWN(v), want);
}

/* ---- fields ------------------------------------------------------------------------------------------------------ */

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

static bool region_ok(struct td_view v)
{
	if (td_view_eq(v, TD_VLIT("*")))
		return true;
	if (v.n < 2 || !is_upper(v.p[0]) || !is_upper(v.p[1]))
		return false;
	if (v.n == 2)
		return true;
	if (v.n < 4 || v.n > 6 || v.p[2] != '-')
		return false;
	for (size_t i = 3; i < v.n; i++)
		if (!is_upper(v.p[i]) && !(v.p[i] >= '0' && v.p[i] <= '9'))
			return false;
	return true;
}

static int day_of(struct td_view v)
{
	for (int i = 0; i < 7; i++)
		if (td_view_caseeq(v, td_view_mem(day_names[i], 3)))
			return i;
	return -1;
}

/* "mon", "mon-sat", "sat-mon"; 0 for anything else. */
static unsigned days_of_item(struct td_view v)
{
	size_t dash = td_view_chr(v, '-');
	int first = day_of(dash == (size_t)-1 ? v : td_view_trim(td_view_mem(v.p, dash)));
	int last = dash == (size_t)-1 ? first : day_of(td_view_trim(td_view_skip(v, dash + 1)));
	unsigned days = 0;

	if (first < 0 || last < 0)
		return 0;
	for (int i = first;; i = (i + 1) % 7) {
		days |= 1u << i;
		if (i == last)
			return days;
	}
}

static void read_days(struct reader *r, struct td_view v, struct td_quiet_rule *rule)
{
	struct td_view rest = v, item;

	if (!v.n || td_view_eq(v, TD_VLIT("*")))
		rule->days = EVERY_DAY;
	while (rule->days != EVERY_DAY && td_view_next(&rest, ';', &item)) {
		unsigned days = days_of_item(item);

		if (!days)
			bad_field(r, DAYS, item, "mon, mon-sat or mon;wed");
		rule->days |= days;
	}
}

/* "09:00" → minutes; -1 for anything else. */
static int minutes_of(struct td_view v)
{
	int64_t hours, minutes;

	if (v.n != 5 || v.p[2] != ':' || v.p[0] == '-' || v.p[3] == '-' || !td_view_i64(td_view_mem(v.p, 2), &hours) ||
		!td_view_i64(td_view_skip(v, 3), &minutes))
		return -1;
	if (minutes > 59 || hours > 24 || (hours == 24 && minutes > 0))
		return -1;
	return (int)(hours * 60 + minutes);
}

static void read_times(struct reader *r, struct td_view open, struct td_view close, struct td_quiet_rule *rule)
{
	rule->closed = !open.n && !close.n;
	if (rule->closed)
		return;
	rule->open = minutes_of(open);
	rule->close = minutes_of(close);
	if (rule->open < 0 || rule->open >= TD_QUIET_DAY_MINUTES)
		bad_field(r, OPEN, open, "00:00 to 23:59; open and close both empty: closed all day");
	else if (rule->close < 0)
		bad_field(r, CLOSE, close, "00:00 to 24:00; open and close both empty: closed all day");
	else if (rule->open == rule->close)
		bad(r, r->line, "open and close are both %.*s (00:00 and 24:00 are the whole day)", SHOWN(open));
}

static void read_classes(struct reader *r, struct td_view v, struct td_quiet_rule *rule)
{
	struct td_view rest = v, item;

	while (td_view_next(&rest, ';', &item)) {
		enum td_class c = td_class_parse(item);

		if (c != TD_CLASS_SERVICE && c != TD_CLASS_MARKETING && c != TD_CLASS_TRANSACTIONAL)
			bad_field(r, CLASSES, item, "service, marketing or transactional: no other class has quiet hours");
		rule->classes |= 1u << c;
	}
	if (!rule->classes)
		rule->classes = BOTH;
}

static bool digits(struct td_view v, size_t at, size_t n, int *out)
{
	int64_t number;

	if (at + n > v.n || v.p[at] == '-' || !td_view_i64(td_view_mem(v.p + at, n), &number))
		return false;
	*out = (int)number;
	return true;
}

/* 2026-12-25 and 12-25. */
static bool date_holiday(struct td_view v, struct td_quiet_holiday *out)
{
	size_t at = v.n == 10 ? 5 : 0;

	*out = (struct td_quiet_holiday){ .kind = TD_HOLIDAY_DATE };
	if ((v.n != 5 && v.n != 10) || v.p[at + 2] != '-' || !digits(v, at, 2, &out->month) ||
		!digits(v, at + 3, 2, &out->day))
		return false;
	if (at && (v.p[4] != '-' || !digits(v, 0, 4, &out->year)))
		return false;
	return td_day_exists(at ? out->year : 2000, out->month, out->day);
}

/* "easter", "easter+39", "easter-2" */
static bool easter_holiday(struct td_view v, struct td_quiet_holiday *out)
{
	struct td_view rest = td_view_skip(v, 6);
	int64_t days = 0;

	if (!td_view_casestarts(v, TD_VLIT("easter")))
		return false;
	if (rest.n && rest.p[0] == '+')
		rest = td_view_skip(rest, 1);
	else if (rest.n && rest.p[0] != '-')
		return false;
	if (v.n > 6 && (!td_view_i64(rest, &days) || days < -100 || days > 100))
		return false;
	*out = (struct td_quiet_holiday){ .kind = TD_HOLIDAY_EASTER, .day = (int)days };
	return true;
}

/* "mon3/01", "mon-1/05" */
static bool weekday_holiday(struct td_view v, struct td_quiet_holiday *out)
{
	size_t slash = td_view_chr(v, '/');
	int64_t nth;

	*out = (struct td_quiet_holiday){ .kind = TD_HOLIDAY_WEEKDAY };
	if (v.n < 7 || slash == (size_t)-1 || slash + 3 != v.n || !digits(v, slash + 1, 2, &out->month) ||
		!td_view_i64(td_view_mem(v.p + 3, slash - 3), &nth))
		return false;
	out->weekday = day_of(td_view_mem(v.p, 3));
	out->nth = (int)nth;
	return out->weekday >= 0 && (nth == -1 || (nth >= 1 && nth <= 5)) && out->month >= 1 && out->month <= 12;
}

static void read_holidays(struct reader *r, struct td_view v, struct td_quiet_rule *rule)
{
	struct td_quiet_holiday *list;
	struct td_view rest = v, item;
	size_t n = 1;

	for (size_t i = 0; i < v.n; i++)
		n += v.p[i] == ';';
	list = TD_NEWN(r->arena, v.n ? n : 0, struct td_quiet_holiday);
	rule->holidays = list;
	while (list && td_view_next(&rest, ';', &item)) {
		struct td_quiet_holiday *h = &list[rule->nholidays];

		if (!item.n)
			continue;
		if (!date_holiday(item, h) && !easter_holiday(item, h) && !weekday_holiday(item, h))
			bad_field(r, HOLIDAYS, item, "12-25, 2026-12-25, easter+1, mon3/01 or mon-1/05");
		rule->nholidays++;
	}
	if (rule->closed && rule->nholidays)
		bad(r, r->line, "holidays of a row that is closed all day");
}

static void read_reviewed(struct reader *r, struct td_view v)
{
	struct td_quiet_holiday date;

	if (v.n && (v.n != 10 || !date_holiday(v, &date)))
		bad_field(r, REVIEWED, v, "YYYY-MM-DD");
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* "mon-sat", "sat;sun": the shortest way to say a set of days, from Monday on. */
static void say_days(unsigned days, char out[32])
{
	size_t n = 0;

	for (int i = 1; i <= 7; i++) {
		int last = i;

		if (!(days >> i % 7 & 1))
			continue;
		while (last < 7 && days >> (last + 1) % 7 & 1)
			last++;
		n += (size_t)snprintf(out + n, 32 - n, "%s%s", n ? ";" : "", day_names[i % 7]);
		if (last > i)
			n += (size_t)snprintf(out + n, 32 - n, "%c%s", last > i + 1 ? '-' : ';', day_names[last % 7]);
		i = last;
	}
}

static const char *name_of(struct reader *r, const struct td_quiet_rule *rule)
{
	char days[32] = "";

	say_days(rule->days, days);
	if (rule->closed)
		return td_arena_printf(r->arena, "%s %s closed", rule->region, days);
	return td_arena_printf(r->arena, "%s %s %02d:%02d-%02d:%02d", rule->region, days, rule->open / 60, rule->open % 60,
		rule->close / 60, rule->close % 60);
}

/* Do two rows speak of the same day and class of one region, one open and one closed? */
static bool contradict(const struct td_quiet_rule *a, const struct td_quiet_rule *b)
{
	return a->closed != b->closed && a->days & b->days && a->classes & b->classes && strcmp(a->region, b->region) == 0;
}

static void read_row(struct reader *r, const struct td_view fields[NCOLUMNS])
{
	struct td_quiet_rule *rule = &r->rules[r->n];

	*rule = (struct td_quiet_rule){ .line = r->line };
	if (!region_ok(fields[REGION]))
		bad_field(r, REGION, fields[REGION], "*, US or US-FL");
	rule->region = td_arena_str(r->arena, fields[REGION]);
	read_days(r, fields[DAYS], rule);
	read_times(r, fields[OPEN], fields[CLOSE], rule);
	read_classes(r, fields[CLASSES], rule);
	read_holidays(r, fields[HOLIDAYS], rule);
	read_reviewed(r, fields[REVIEWED]);
	rule->source = td_arena_str(r->arena, fields[SOURCE]);
	rule->reviewed = td_arena_str(r->arena, fields[REVIEWED]);
	if (!r->good || td_arena_full(r->arena))
		return;
	rule->name = name_of(r, rule);
	for (size_t i = 0; i < r->n; i++)
		if (contradict(rule, &r->rules[i]))
			bad(r, r->line, "%s contradicts line %d", rule->name, r->rules[i].line);
	r->n++;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

/* The next field off *rest; false when its quotes are wrong. `more`: a comma followed. */
static bool take_field(struct reader *r, struct td_view *rest, struct td_view *out, bool *more)
{
	struct td_view text = td_view_trim(*rest);
	char *copy;
	size_t n = 0, i = 1, comma;

	if (!text.n || text.p[0] != '"') {
		comma = td_view_chr(*rest, ',');
		*more = comma != (size_t)-1;
		*out = td_view_trim(td_view_mem(rest->p, *more ? comma : rest->n));
		*rest = td_view_skip(*rest, *more ? comma + 1 : rest->n);
		return td_view_chr(*out, '"') == (size_t)-1;
	}
	copy = td_arena_alloc(r->arena, text.n);
	for (; copy && i < text.n && (text.p[i] != '"' || (i + 1 < text.n && text.p[i + 1] == '"')); i++) {
		i += text.p[i] == '"';
		copy[n++] = text.p[i];
	}
	*rest = td_view_trim(td_view_skip(text, i + 1));
	*out = td_view_trim(td_view_mem(copy, n));
	*more = rest->n > 0;
	if (!copy || i >= text.n || (rest->n && rest->p[0] != ','))
		return false;
	*rest = td_view_skip(*rest, 1);
	return true;
}

static void read_line(struct reader *r, struct td_view line)
{
	struct td_view fields[NCOLUMNS] = { { NULL, 0 } }, rest = line;
	bool more = true, head = true;
	size_t n = 0;

	for (; more; n++) {
		struct td_view field;

		if (!take_field(r, &rest, &field, &more)) {
			bad(r, r->line, "field %zu: wrong quotes (want \"…\" around it, \"\" for one inside)", n + 1);
			return;
		}
		if (n < NCOLUMNS)
			fields[n] = field;
	}
	for (size_t i = 0; i < NCOLUMNS; i++)
		head = head && td_view_caseeq(fields[i], td_view_str(column_names[i]));
	if (!r->headed && (!head || n != NCOLUMNS)) {
		bad(r, r->line, "the columns are not named (want region,days,open,close,classes,holidays,source,reviewed)");
		r->headed = true;
		return;
	}
	if (!r->headed)
		r->headed = true;
	else if (n != NCOLUMNS)
		bad(r, r->line, "%zu fields (want %d: quote one that holds a comma)", n, NCOLUMNS);
	else if (r->n < r->room)
		read_row(r, fields);
}

/* Is there a day of the week on which a message of the class may go to the region at some time? */
static bool opens(const struct reader *r, const char *region, enum td_class class)
{
	for (int day = 0; day < 7; day++) {
		int best = 3;
		bool open = false;

		for (size_t i = 0; i < r->n; i++) {
			const struct td_quiet_rule *rule = &r->rules[i];
			int level = td_quiet_level(rule->region, region);

			if (level < 0 || level > best || !(rule->classes >> class & 1) || !(rule->days >> day & 1))
				continue;
			open = (level == best && open) || !rule->closed;
			best = level;
		}
		if (open)
			return true;
	}
	return false;
}

static void check_region(struct reader *r, const char *region, int line)
{
	for (enum td_class c = TD_CLASS_MARKETING; c <= TD_CLASS_SERVICE; c++)
		if (!opens(r, region, c))
			bad(r, line, "no %s SMS could ever go to %s: no row opens a day for it", td_class_name(c), region);
}

static bool seen(const struct reader *r, size_t before, const char *region)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(r->rules[i].region, region) == 0)
			return true;
	return false;
}

bool td_quiet_parse(struct td_view text, const struct td_strings *countries, struct td_arena *arena,
	struct td_quiet_rule **out, size_t *nout, td_quiet_problem *problem, void *arg)
{
	struct reader r = { .arena = arena, .problem = problem, .arg = arg, .good = true };
	struct td_view rest = text, line;
	size_t lines = 1;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	r.room = lines < ROWS_MAX ? lines : ROWS_MAX;
	r.rules = TD_NEWN(arena, r.room, struct td_quiet_rule);
	if (lines > ROWS_MAX)
		bad(&r, 1, "over %d lines", ROWS_MAX);
	if (td_view_starts(rest, TD_VLIT("\xef\xbb\xbf")))
		rest = td_view_skip(rest, 3);
	while (r.rules && lines <= ROWS_MAX && td_view_next(&rest, '\n', &line)) {
		r.line++;
		if (line.n && !td_view_utf8(line))
			bad(&r, r.line, "not UTF-8");
		else if (line.n && line.p[0] != '#')
			read_line(&r, line);
	}
	if (r.good && !r.n && !td_arena_full(arena))
		bad(&r, r.line ? r.line : 1, "no rules");
	for (size_t i = 0; r.good && i < r.n; i++)
		if (!seen(&r, i, r.rules[i].region))
			check_region(&r, r.rules[i].region, r.rules[i].line);
	for (size_t i = 0; r.good && i < countries->n; i++)
		check_region(&r, countries->v[i], 1);
	if (td_arena_full(arena))
		bad(&r, 1, "too large, or out of memory");
	*out = r.rules;
	*nout = r.n;
	return r.good;
}

/* ---- using them -------------------------------------------------------------------------------------------------- */

const struct td_quiet_rule *td_quiet_rules(const struct td_conf *conf, size_t *n)
{
	*n = conf->quiet_hours.rules ? conf->quiet_hours.nrules : sizeof(builtin) / sizeof(*builtin);
	return conf->quiet_hours.rules ? conf->quiet_hours.rules : builtin;
}

int td_quiet_level(const char *rule, const char *region)
{
	if (strcmp(rule, "*") == 0)
		return 2;
	if (strcmp(rule, region) == 0)
		return rule[2] ? 0 : 1;
	return !rule[2] && strncmp(rule, region, 2) == 0 && region[2] == '-' ? 1 : -1;
}

/* Easter Sunday of the western churches: the anonymous Gregorian computus. */
static int64_t easter(int year)
{
	int a = year % 19, b = year / 100, c = year % 100;
	int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
	int m = (a + 11 * h + 22 * l) / 451;
	int month = (h + l - 7 * m + 114) / 31, day = (h + l - 7 * m + 114) % 31 + 1;

	return td_day_number(year, month, day);
}

static bool is_holiday(const struct td_quiet_holiday *h, int64_t number, const struct td_day *day)
{
	switch (h->kind) {
	case TD_HOLIDAY_DATE:
		return day->day == h->day && day->month == h->month && (!h->year || h->year == day->year);
	case TD_HOLIDAY_EASTER: return number == easter(day->year) + h->day;
	case TD_HOLIDAY_WEEKDAY:
		if (day->month != h->month || day->weekday != h->weekday)
			return false;
		return h->nth > 0 ? (day->day - 1) / 7 + 1 == h->nth : !td_day_exists(day->year, day->month, day->day + 7);
	}
	return false;
}

bool td_quiet_is_holiday(const struct td_quiet_rule *rule, int64_t day)
{
	struct td_day date;

	if (!rule->nholidays)
		return false;
	td_day_of(day, &date);
	for (size_t i = 0; i < rule->nholidays; i++)
		if (is_holiday(&rule->holidays[i], day, &date))
			return true;
	return false;
}
