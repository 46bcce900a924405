/*
 * access - who may connect to smsd's own sockets
 */
#include "access.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto.h"

#define GROUPS_MAX 256

static bool in_group(uint32_t uid, const char *name)
{
	const struct passwd *user = getpwuid(uid);
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;
	const struct group *group;

	if (!user || !name || getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
		return false;
	group = getgrnam(name);
	for (int i = 0; group && i < n; i++) {
		if (groups[i] == group->gr_gid)
			return true;
	}
	return false;
}

/* The user a role runs as. */
static const char *user_of(const struct td_conf *conf, int role)
{
	return role == TD_ROLE_PIPE ? conf->users.pipe : role == TD_ROLE_WEB ? conf->users.web : NULL;
}

bool access_allowed(const struct td_conf *conf, int role, uint32_t uid)
{
	const struct passwd *user;

	if (uid == 0)
		return true;
	if (role == TD_ROLE_ADMIN)
		return in_group(uid, conf->users.admin_group);
	user = user_of(conf, role) ? getpwnam(user_of(conf, role)) : NULL;
	return user && user->pw_uid == uid;
}

int64_t access_group(const struct td_conf *conf, int role)
{
	const struct passwd *user;
	const struct group *group;

	if (role == TD_ROLE_ADMIN) {
		group = conf->users.admin_group ? getgrnam(conf->users.admin_group) : NULL;
		return group ? (int64_t)group->gr_gid : -1;
	}
	user = user_of(conf, role) ? getpwnam(user_of(conf, role)) : NULL;
	return user ? (int64_t)user->pw_gid : -1;
}

bool access_postfix(const struct td_conf *conf, uint32_t uid)
{
	const struct passwd *user = uid ? getpwnam(conf->users.postfix) : NULL;

	return !uid || (user && user->pw_uid == uid);
}

int64_t access_postfix_group(const struct td_conf *conf)
{
	const struct passwd *user = getpwnam(conf->users.postfix);

	return user ? (int64_t)user->pw_gid : -1;
}
