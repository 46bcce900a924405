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

#define CTL_POSTCONF_WORDS 64 /* of a command line at most */

struct ctl_postconf {
	const char      *dir; /* NULL: the system's /etc/postfix */
	struct td_arena *arena;
};

/* Also sees to it that Postfix's commands are found when PATH does not hold the folders of root's commands. */
void ctl_postconf_open(struct ctl_postconf *pc, const struct td_conf *conf, struct td_arena *arena);
/* Runs `PROGRAM -c DIR WORD…`; words ends with NULL. TD_TEMPFAIL with what it said when it fails. */
enum td_status ctl_postconf_run(const struct ctl_postconf *pc, const char *program, const char *const *words,
	struct td_err *err);
/*
 * Effective value of a main.cf parameter, expanded (postconf -hx); TD_NOTFOUND when Postfix is not installed or the
 * name unknown.
 */
enum td_status ctl_postconf_get(const struct ctl_postconf *pc, const char *name, struct td_view *out,
	struct td_err *err);
/* The same as it is written, not expanded: "$smtpd_milters"; the default when main.cf does not set it. */
enum td_status ctl_postconf_raw(const struct ctl_postconf *pc, const char *name, struct td_view *out,
	struct td_err *err);
/*
 * Value of `-o PARAMETER=` of a master.cf service, as it is written, or expanded; false when the service does not
 * override it. service is "smtp/inet" as postconf -P writes it.
 */
bool ctl_postconf_override(const struct ctl_postconf *pc, const char *service, const char *parameter, bool expand,
	struct td_view *out);
/*
 * The next service of a master.cf that ctl_postconf_master gave: *rest loses its line. name is "smtp/inet", command its
 * program, chroot whether it runs in the queue directory. False at the end.
 */
struct ctl_service {
	const char    *name;
	struct td_view line;
	struct td_view command;
	bool           chroot;
};
bool ctl_postconf_next(const struct ctl_postconf *pc, struct td_view *rest, struct ctl_service *service);
/* The line of one service of it, "sms/unix"; empty: there is none. */
struct td_view ctl_postconf_service(const struct ctl_postconf *pc, const char *name);
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
/* The next item of a list value, separated by commas or white space, braces kept together; false at the end. */
bool ctl_postconf_item(struct td_view *rest, struct td_view *item);
/* Absolute path of one of the configuration's files, "main.cf" or "master.cf"; NULL: out of memory, or no Postfix. */
const char *ctl_postconf_file(const struct ctl_postconf *pc, const char *name);
/* True if word stands in a list value (separated by commas or white space), ignoring case. */
bool ctl_postconf_lists(struct td_view list, struct td_view word);

#endif
