/*
 * format_zone - offsets of the system's tz database, remembered
 *
 * Reads /usr/share/zoneinfo (RFC 8536, version 2 data, the explicit transitions: Debian's files have them until 2037).
 * Owns: a table of 16 zones, the least recently used goes. Threads: the caller's lock. Errors: as told.
 */
#ifndef TD_FORMAT_ZONE_H
#define TD_FORMAT_ZONE_H

#include "err.h"
#include "view.h"

/* Seconds east of UTC at that time (Unix milliseconds). TD_BADINPUT 5.6.0: no such zone. */
enum td_status td_format_zone(struct td_view name, int64_t ms, int *seconds, struct td_err *err);

#endif
