/*
 * roles - which system user may come to which socket
 *
 * A role's socket belongs to the group of its user, and its peer must be that very user: root is let in where root is
 * the configured user, and as operator. Operators are root and the members of users.admin_group.
 */
#ifndef TD_ROLES_H
#define TD_ROLES_H

#include "conf.h"
#include "err.h"

struct td_role_user {
	int         role;  /* enum td_role */
	const char *socket; /* file name in run_dir */
	int64_t     uid;   /* -1: operators, by group */
	int64_t     gid;
};
#define TD_STORED_ROLES 4

/* Looks the users and the group up. TD_NOTFOUND names the setting and the way out. */
enum td_status td_roles_resolve(const struct td_conf *conf, struct td_role_user out[TD_STORED_ROLES],
	struct td_err *err);
/* May a peer of this uid speak in this role? */
bool td_role_allows(const struct td_role_user users[TD_STORED_ROLES], int role, uint32_t uid);

#endif
