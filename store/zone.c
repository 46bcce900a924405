/*
 * zone - time zones of the system's tz database
 */
#include "zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "when.h"

#define ROOT "/usr/share/zoneinfo/"
#define NAME_MAX_SIZE 64
#define FILE_MAX_SIZE 65536
#define HEADER 44 /* RFC 8536 §3.1 */

struct counts {
	size_t isutc, isstd, leap, time, type, chars;
};

/* Letters, digits, _ + - and / between; begins with a capital, so that "posix/…" and "right/…" are none. */
static bool name_ok(struct td_view name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

	if (!name.n || name.n >= NAME_MAX_SIZE || name.p[0] < 'A' || name.p[0] > 'Z' || name.p[name.n - 1] == '/')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!name.p[i] || !strchr(allowed, name.p[i]) || (name.p[i] == '/' && name.p[i - 1] == '/'))
			return false;
	}
	return true;
}

/* The file's bytes, malloc'd; NULL when there is none or it is no zone. */
static unsigned char *load(struct td_view name, size_t *size)
{
	char path[sizeof(ROOT) + NAME_MAX_SIZE];
	unsigned char *data;
	ssize_t n = -1;
	int fd;

	if (!name_ok(name))
		return NULL;
	snprintf(path, sizeof(path), ROOT "%.*s", TD_VARG(name));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	data = malloc(FILE_MAX_SIZE);
	if (data)
		n = read(fd, data, FILE_MAX_SIZE);
	close(fd);
	if (n < HEADER || memcmp(data, "TZif", 4) != 0 || data[4] < '2') {
		free(data);
		return NULL;
	}
	*size = (size_t)n;
	return data;
}

static uint64_t big(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

static struct counts read_counts(const unsigned char *header)
{
	struct counts c = { big(header + 20, 4), big(header + 24, 4), big(header + 28, 4), big(header + 32, 4),
		big(header + 36, 4), big(header + 40, 4) };

	return c;
}

static size_t body_size(struct counts c, size_t time_size)
{
	return c.time * (time_size + 1) + c.type * 6 + c.chars + c.leap * (time_size + 4) + c.isstd + c.isutc;
}

static bool counts_ok(struct counts c)
{
	return c.time < 10000 && c.type > 0 && c.type < 256 && c.chars < 10000 && c.leap < 10000 && c.isstd < 10000 &&
		   c.isutc < 10000;
}

/* The offset in the version 2 block at p (n bytes). */
static bool offset_at(const unsigned char *p, size_t n, int64_t seconds, int *out)
{
	struct counts c;
	const unsigned char *times, *kinds, *types;
	size_t kind = 0;

	if (n < HEADER)
		return false;
	c = read_counts(p);
	if (!counts_ok(c) || n - HEADER < body_size(c, 8))
		return false;
	times = p + HEADER;
	kinds = times + 8 * c.time;
	types = kinds + c.time;
	/* before the first transition, type 0 (RFC 8536 §3.2) */
	for (size_t i = 0; i < c.time && (int64_t)big(times + 8 * i, 8) <= seconds; i++)
		kind = kinds[i];
	if (kind >= c.type)
		return false;
	*out = (int)(int32_t)big(types + 6 * kind, 4);
	return true;
}

enum td_status td_zone_offset(struct td_view name, int64_t ms, int *seconds, struct td_err *err)
{
	size_t size = 0, skip;
	unsigned char *data = load(name, &size);
	struct counts first;
	bool good = false;

	if (data) {
		first = read_counts(data);
		skip = counts_ok(first) ? HEADER + body_size(first, 4) : size;
		good = skip < size && offset_at(data + skip, size - skip, ms >= 0 ? ms / 1000 : (ms - 999) / 1000, seconds);
	}
	free(data);
	if (!good)
		return td_err_set(err, TD_BADINPUT, "\"%.*s\": no such time zone (want a name such as Europe/Berlin)",
			name.n < NAME_MAX_SIZE ? (int)name.n : NAME_MAX_SIZE, name.p ? name.p : "");
	return TD_OK;
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
