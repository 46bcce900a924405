/*
 * roles - which system user may come to which socket
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "proto.h"
#include "roles.h"

#define GROUPS_MAX 256

static enum td_status find_user(const char *key, const char *name, struct td_role_user *out, struct td_err *err)
{
	struct passwd *pw;

	errno = 0;
	pw = getpwnam(name);
	if (!pw)
		return td_err_set(err, TD_NOTFOUND, "%s: no system user \"%s\" (try: useradd --system --no-create-home %s)",
			key, name, name);
	out->uid = pw->pw_uid;
	out->gid = pw->pw_gid;
	return TD_OK;
}

enum td_status td_roles_resolve(const struct td_conf *conf, struct td_role_user out[TD_STORED_ROLES],
	struct td_err *err)
{
	const struct group *group;

	out[0] = (struct td_role_user){ .role = TD_ROLE_MILTER, .socket = "stored.milter.sock" };
	out[1] = (struct td_role_user){ .role = TD_ROLE_SMSD, .socket = "stored.smsd.sock" };
	out[2] = (struct td_role_user){ .role = TD_ROLE_WEB, .socket = "stored.web.sock" };
	out[3] = (struct td_role_user){ .role = TD_ROLE_ADMIN, .socket = "stored.admin.sock", .uid = -1 };
	if (find_user("users.milter", conf->users.milter, &out[0], err) ||
		find_user("users.smsd", conf->users.smsd, &out[1], err) ||
		find_user("users.web", conf->users.web, &out[2], err))
		return err->status;
	group = getgrnam(conf->users.admin_group);
	if (!group)
		return td_err_set(err, TD_NOTFOUND, "users.admin_group: no system group \"%s\" (try: groupadd --system %s)",
			conf->users.admin_group, conf->users.admin_group);
	out[3].gid = group->gr_gid;
	return TD_OK;
}

static bool is_member(uint32_t uid, int64_t gid)
{
	const struct passwd *pw = getpwuid(uid);
	gid_t                groups[GROUPS_MAX];
	int                  n = GROUPS_MAX;

	if (!pw || getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		return false;
	for (int i = 0; i < n; i++) {
		if (groups[i] == (gid_t)gid)
			return true;
	}
	return false;
}

bool td_role_allows(const struct td_role_user users[TD_STORED_ROLES], int role, uint32_t uid)
{
	for (int i = 0; i < TD_STORED_ROLES; i++) {
		if (users[i].role != role)
			continue;
		if (users[i].uid >= 0)
			return users[i].uid == (int64_t)uid;
		return uid == 0 || is_member(uid, users[i].gid);
	}
	return false;
}
