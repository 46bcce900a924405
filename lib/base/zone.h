/*
 * zone - time zones of the system's tz database
 *
 * Reads /usr/share/zoneinfo (RFC 8536, version 2 data, the explicit transitions; Debian's files have them until 2037).
 * Owns: a table of 96 zones (all of the United States and Canada are 52), the least recently used goes; a zone that is
 * changed on disk is seen after a restart.
 * Threads: safe; no localtime(3), whose zone is the process's. Errors: as told.
 */
#ifndef TD_ZONE_H
#define TD_ZONE_H

#include "err.h"
#include "view.h"

#define TD_ZONE_TIME_SIZE 40

/* Is it the name of a zone ("Asia/Amman")? Never a path out of the database. */
bool td_zone_valid(struct td_view name);
/* Seconds east of UTC at that time (Unix milliseconds). TD_BADINPUT 5.6.0: no such zone. */
enum td_status td_zone_offset(struct td_view name, int64_t ms, int *seconds, struct td_err *err);
/*
 * The same, and until when it holds (Unix milliseconds, the first of the next offset; INT64_MAX: for good, as far as
 * the database tells).
 */
enum td_status td_zone_span(struct td_view name, int64_t ms, int *seconds, int64_t *until_ms, struct td_err *err);
/* Local time with its offset: 2026-11-24T18:42:49.123-05:00. */
enum td_status td_zone_local(struct td_view name, int64_t ms, char out[TD_ZONE_TIME_SIZE], struct td_err *err);

#endif
