/*
 * zone - time zones of the system's tz database
 */
#include "zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "when.h"

#define ROOT "/usr/share/zoneinfo/"

enum { NAME_MAX_SIZE = 64, FILE_MAX_SIZE = 65536, HEADER = 44 /* RFC 8536 §3.1 */, NZONES = 96 };

struct zone {
	char           name[NAME_MAX_SIZE]; /* "": free */
	unsigned char *data;                /* the file */
	const unsigned char *times;         /* in it: ntimes of 8 bytes, as many kinds of 1, ntypes of 6 */
	size_t         ntimes;
	size_t         ntypes;
	uint64_t       used;
};

static struct zone zones[NZONES];
static uint64_t clock_now;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool name_ok(struct td_view name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t i;

	/* A capital comes first, so that "posix/…" and "right/…" (with leap seconds) are none. */
	if (!name.n || name.n >= NAME_MAX_SIZE || name.p[0] < 'A' || name.p[0] > 'Z' ||
		name.p[name.n - 1] == '/')
		return false;
	for (i = 0; i < name.n; i++)
		if (!name.p[i] || !strchr(allowed, name.p[i]) || (name.p[i] == '/' && name.p[i - 1] == '/'))
			return false;
	return true;
}

static uint64_t big(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* Bytes of the block at p with times of that size, 0 for one that is none or longer than n. */
static size_t block(const unsigned char *p, size_t n, size_t time_size)
{
	size_t count[6]; /* isutc, isstd, leap, time, type, char */
	size_t size;
	size_t i;

	if (n < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return 0;
	for (i = 0; i < 6; i++) {
		count[i] = (size_t)big(p + 20 + 4 * i, 4);
		if (count[i] > 10000)
			return 0;
	}
	size = HEADER + count[3] * (time_size + 1) + count[4] * 6 + count[5] + count[2] * (time_size + 4) + count[1] +
		count[0];
	return size <= n ? size : 0;
}

/* False when the file is no zone. */
static bool parse(struct zone *zone, size_t size)
{
	size_t first = block(zone->data, size, 4);
	size_t second = first ? block(zone->data + first, size - first, 8) : 0;
	const unsigned char *header = zone->data + first;
	size_t i;

	if (!second)
		return false;
	zone->ntimes = (size_t)big(header + 32, 4);
	zone->ntypes = (size_t)big(header + 36, 4);
	zone->times = header + HEADER;
	for (i = 0; i < zone->ntimes; i++)
		if (zone->times[8 * zone->ntimes + i] >= zone->ntypes)
			return false;
	return zone->ntypes > 0;
}

static bool load(struct zone *zone, struct td_view name)
{
	char path[sizeof(ROOT) + NAME_MAX_SIZE];
	unsigned char *small;
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), ROOT "%.*s", TD_VARG(name));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	zone->data = malloc(FILE_MAX_SIZE);
	if (zone->data)
		n = read(fd, zone->data, FILE_MAX_SIZE);
	close(fd);
	small = n > 0 ? realloc(zone->data, (size_t)n) : NULL;
	if (small)
		zone->data = small;
	if (n > 0 && parse(zone, (size_t)n)) {
		memcpy(zone->name, name.p, name.n);
		zone->name[name.n] = '\0';
		return true;
	}
	free(zone->data);
	zone->data = NULL;
	return false;
}

static struct zone *find(struct td_view name)
{
	struct zone *oldest = &zones[0];
	size_t i;

	for (i = 0; i < NZONES; i++) {
		if (td_view_eq(td_view_str(zones[i].name), name))
			return &zones[i];
		if (zones[i].used < oldest->used)
			oldest = &zones[i];
	}
	free(oldest->data);
	*oldest = (struct zone){ .data = NULL };
	return load(oldest, name) ? oldest : NULL;
}

/* With the lock held. */
static bool offset_of(struct td_view name, int64_t seconds, int *out, int64_t *until)
{
	struct zone *zone = name_ok(name) ? find(name) : NULL;
	const unsigned char *kinds;
	size_t low = 0; /* transitions at or before that time */
	size_t high;

	if (!zone)
		return false;
	zone->used = ++clock_now;
	high = zone->ntimes;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((int64_t)big(zone->times + 8 * middle, 8) <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	kinds = zone->times + 8 * zone->ntimes;
	/* Before the first transition, type 0 (RFC 8536 §3.2). */
	*out = (int)(int32_t)big(kinds + zone->ntimes + 6 * (low ? (size_t)kinds[low - 1] : 0), 4);
	*until = low < zone->ntimes ? (int64_t)big(zone->times + 8 * low, 8) * 1000 : INT64_MAX;
	return true;
}

enum td_status td_zone_span(struct td_view name, int64_t ms, int *seconds, int64_t *until_ms, struct td_err *err)
{
	bool good;

	pthread_mutex_lock(&lock);
	good = offset_of(name, ms >= 0 ? ms / 1000 : (ms - 999) / 1000, seconds, until_ms);
	pthread_mutex_unlock(&lock);
	if (!good)
		return td_err_dsn(err, TD_BADINPUT, "5.6.0", "\"%.*s\": no such time zone (want a name such as Europe/Berlin)",
			name.n < NAME_MAX_SIZE ? (int)name.n : NAME_MAX_SIZE, name.p ? name.p : "");
	return TD_OK;
}

enum td_status td_zone_offset(struct td_view name, int64_t ms, int *seconds, struct td_err *err)
{
	int64_t until;

	return td_zone_span(name, ms, seconds, &until, err);
}

bool td_zone_valid(struct td_view name)
{
	int seconds;

	return td_zone_offset(name, 0, &seconds, NULL) == TD_OK;
}

enum td_status td_zone_local(struct td_view name, int64_t ms, char out[TD_ZONE_TIME_SIZE], struct td_err *err)
{
	char iso[TD_TIME_SIZE];
	int seconds, minutes;

	if (td_zone_offset(name, ms, &seconds, err))
		return TD_BADINPUT;
	minutes = abs(seconds) / 60 % (24 * 60);
	td_when_iso(iso, ms + seconds * 1000LL);
	snprintf(out, TD_ZONE_TIME_SIZE, "%.23s%c%02d:%02d", iso, seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
	return TD_OK;
}
