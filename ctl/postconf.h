/*
 * postconf - reads a Postfix configuration through Postfix's own commands
 *
 * The directory is the one our own sendmail command uses (smsd.sendmail with "-C DIR"), else the system's. Threads:
 * one.
 */
#ifndef CTL_POSTCONF_H
#define CTL_POSTCONF_H

#include "conf.h"
#include "err.h"

struct ctl_postconf {
	const char      *dir; /* NULL: the system's /etc/postfix */
	struct td_arena *arena;
};

void ctl_postconf_open(struct ctl_postconf *pc, const struct td_conf *conf, struct td_arena *arena);
/*
 * Effective value of a main.cf parameter, expanded (postconf -hx); TD_NOTFOUND when Postfix is not installed or the
 * name unknown.
 */
enum td_status ctl_postconf_get(const struct ctl_postconf *pc, const char *name, struct td_view *out,
	struct td_err *err);
/* master.cf, one service a line with its options folded in (postconf -Mf unfolded). */
enum td_status ctl_postconf_master(const struct ctl_postconf *pc, struct td_view *out, struct td_err *err);
/*
 * What the maps in a parameter (transport_maps …) say for key, as Postfix asks them one after the other; TD_NOTFOUND
 * when none knows it. Maps that are no lookup tables (regexp: and pcre: are) or cannot be opened are TD_TEMPFAIL with
 * their name.
 */
enum td_status ctl_postconf_lookup(const struct ctl_postconf *pc, const char *parameter, const char *key,
	struct td_view *out,
	struct td_err *err);
/* True if word stands in a list value (separated by commas or white space), ignoring case. */
bool ctl_postconf_lists(struct td_view list, struct td_view word);

#endif
