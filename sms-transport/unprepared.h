/*
 * unprepared - a mail for the SMS domain that did not pass tandem-milter, as pipe(8) or LMTP hand it over
 *
 * With smsd.unprepared = "reject" it is refused. With "submitters", smsd applies `submitters` itself to the client
 * address and login that it is told (LMTP: no login), and reads headers and text with the milter's own code. Everything
 * the milter would refuse in the session is refused here.
 *
 * Owns: nothing; everything is in the arena. Threads: the loop's.
 */
#ifndef TD_UNPREPARED_H
#define TD_UNPREPARED_H

#include "arena.h"
#include "conf.h"
#include "proto.h"

/* TD_REFUSED 5.7.1 where the configuration wants no such mail at all. */
enum td_status unprepared_allowed(const struct td_conf *conf, struct td_err *err);
/* One recipient, without its notify. TD_BADINPUT 5.1.3, TD_REFUSED 5.1.2 or a country's 5.7.1, TD_NOMEM. */
enum td_status unprepared_dest(const struct td_conf *conf, struct td_view address, struct td_arena *arena,
	struct td_dest *out, struct td_err *err);
/*
 * Fills the request to the store, activated. TD_REFUSED 5.7.1 (not allowed), TD_BADINPUT 5.1.3, 5.6.0 or TD_TOOBIG
 * 5.2.3 (unusable), TD_NOMEM.
 */
enum td_status unprepared_read(const struct td_conf *conf, const struct td_raw_mail *mail, int64_t now_ms,
	struct td_arena *arena,
	struct td_prepare *out, struct td_err *err);
/* What the store's answer means to pipe(8): accepted if any SMS was, else the first refusal. */
enum td_status unprepared_answer(const struct td_prepared *prepared, struct td_activated *out, struct td_err *err);

#endif
