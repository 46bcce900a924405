/*
 * stored_roles - who may do what: every verb from every role over the real sockets, and which users may come to them
 *
 * What is expected stands here once more, in letters (m milter, s smsd, w web, a admin), so that a slip in the daemon's
 * table shows.
 */
#include <grp.h>
#include <pwd.h>

#include "stored_box.h"

static struct box b;

static const struct {
	uint16_t    verb;
	const char *name, *roles;
} expected[] = {
	{ TD_V_PING, "ping", "mswa" }, { TD_V_DECIDE, "decide", "ma" }, { TD_V_PREPARE, "prepare", "ma" },
		{ TD_V_LINK, "link", "ma" },
	{ TD_V_EVENT, "event", "ma" }, { TD_V_ACTIVATE, "activate", "sa" }, { TD_V_CLAIM, "claim", "sa" },
	{ TD_V_BEGIN, "begin", "sa" },
	{ TD_V_SETTLE, "settle", "sa" }, { TD_V_RECEIPT, "receipt", "sa" }, { TD_V_INBOUND, "inbound", "sa" },
	{ TD_V_SUBMIT, "submit", "sa" }, { TD_V_SELF, "self", "sa" }, { TD_V_MARK, "mark", "sa" },
	{ TD_V_MARK_PUT, "mark-put", "sa" },
	{ TD_V_STATUS, "status", "a" },
	{ TD_V_PERSON_SHOW, "person-show", "a" }, { TD_V_PERSON_LINK, "person-link", "a" },
	{ TD_V_PERSON_UNLINK, "person-unlink", "a" },
	{ TD_V_PERSON_SET, "person-set", "a" }, { TD_V_CONSENT_IN, "consent-in", "a" },
	{ TD_V_CONSENT_OUT, "consent-out", "a" },
	{ TD_V_CONSENT_SHOW, "consent-show", "a" }, { TD_V_CONSENT_LOG, "consent-log", "a" },
	{ TD_V_SUPPRESS_ADD, "suppress-add", "a" },
	{ TD_V_SUPPRESS_REMOVE, "suppress-remove", "a" }, { TD_V_SUPPRESS_LIST, "suppress-list", "a" },
	{ TD_V_JOBS, "jobs", "a" },
	{ TD_V_JOB_SHOW, "job-show", "a" }, { TD_V_JOB_CANCEL, "job-cancel", "a" }, { TD_V_JOB_RETRY, "job-retry", "a" },
	{ TD_V_JOB_HOLD, "job-hold", "a" }, { TD_V_WHY, "why", "a" }, { TD_V_EXPLAIN, "explain", "a" },
	{ TD_V_SEND, "send", "a" },
	{ TD_V_CANCEL, "cancel", "a" }, { TD_V_PIPE_ACTIVATE, "pipe-activate", "" },
	{ TD_V_PIPE_SUBMIT, "pipe-submit", "" },
	{ TD_V_SMSD_STATUS, "smsd-status", "" }, { TD_V_PROVIDERS, "providers", "" },
	{ TD_V_WEBHOOK, "webhook", "" }, { TD_V_PROVIDER_SUSPEND, "provider-suspend", "" },
	{ TD_V_PROVIDER_RESUME, "provider-resume", "" }, { TD_V_PROVIDER_DRAIN, "provider-drain", "" },
	{ TD_V_PROVIDER_TEST, "provider-test", "" }, { 9999, "a verb nobody knows", "" },
};

static void matrix(void)
{
	const struct td_none none = { 0 };

	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		for (int role = 0; role < 4; role++) {
			enum td_status status = box_call(&b, role, expected[i].verb, &td_none_shape, &none, &td_none_shape,
				&(struct td_none){ 0 });
			bool           refused = status == TD_REFUSED && strstr(b.err.text, "not for this socket");
			bool           may = strchr(expected[i].roles, "mswa"[role]) != NULL;

			ok(refused == !may, "%s may%s %s", box_roles[role], may ? "" : " not", expected[i].name);
			/* An empty request may be bad input, yet a handler must be there. */
			if (may)
				unlike(b.err.text, "does not know", "%s has a handler", expected[i].name);
		}
	}
	for (const struct td_verb_row *row = td_verbs; row->name; row++) {
		bool known = false;

		for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
			known = known || expected[i].verb == row->verb;
		ok(known, "%s is in this test's table", row->name);
	}
}

/* Pings a role's socket as that user; true when answered. */
static bool reaches(const char *user, int role)
{
	const struct passwd *pw = getpwnam(user);
	int                  status;

	if (!pw)
		bail_out("no user %s", user);
	fflush(stdout);
	if (fork() == 0) {
		struct box      mine = b;
		struct td_none  none = { 0 };
		struct td_pong  pong;
		struct td_err   err;
		char            socket[160];

		if (initgroups(user, pw->pw_gid) || setgid(pw->pw_gid) || setuid(pw->pw_uid))
			_exit(2);
		snprintf(socket, sizeof socket, "%s/run/stored.%s.sock", b.dir, box_roles[role]);
		mine.client[0] = td_client_new(socket);
		/* A socket that may not even be connected to is waited for, as if it were not there yet. */
		_exit(td_client_call(mine.client[0], TD_V_PING, &td_none_shape, &none, &td_pong_shape, &pong, &mine.arena, 300,
			false, &err) ? 1 : 0);
	}
	wait(&status);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		bail_out("could not become %s", user);
	return WEXITSTATUS(status) == 0;
}

static void users(void)
{
	static const char *const names[] = { "root", "daemon", "nobody", "games" };
	static const char *const may[] = { "a", "m", "s", "w" };

	snprintf(b.users, sizeof b.users,
		"milter = \"daemon\"; smsd = \"nobody\"; web = \"games\"; stored = \"root\"; pipe = \"nobody\";"
		" admin_group = \"root\"; postfix = \"root\";");
	box_configure(&b);
	box_start(&b);
	for (int u = 0; u < 4; u++) {
		for (int role = 0; role < 4; role++) {
			bool wanted = strchr(may[u], "mswa"[role]) != NULL;

			ok(reaches(names[u], role) == wanted, "user %s %s the %s socket", names[u],
				wanted ? "reaches" : "does not reach", box_roles[role]);
		}
	}
	box_stop(&b, SIGTERM);
}

static void modes(void)
{
	struct stat st;
	char        path[160];

	for (int role = 0; role < 4; role++) {
		snprintf(path, sizeof path, "%s/run/stored.%s.sock", b.dir, box_roles[role]);
		is_int(stat(path, &st) ? 0 : st.st_mode & 07777, 0660, "the %s socket has mode 0660", box_roles[role]);
	}
	stat(box_path(&b, "tandem.db"), &st);
	is_int(st.st_mode & 0007, 0, "the store is not for others to read");
	stat(box_path(&b, "journal"), &st);
	is_int(st.st_mode & 0007, 0, "nor is the journal");
}

static void unknown_users(void)
{
	snprintf(b.users, sizeof b.users,
		"milter = \"no-such-user\"; smsd = \"root\"; web = \"root\"; admin_group = \"root\";");
	box_configure(&b);
	is_int(box_try(&b), 78, "an unknown user ends it at start");
	like(box_log(&b), "users.milter: no system user \"no-such-user\"", "with the setting and the name");
	snprintf(b.users, sizeof b.users,
		"milter = \"root\"; smsd = \"root\"; web = \"root\"; admin_group = \"no-such-group\";");
	box_configure(&b);
	is_int(box_try(&b), 78, "so does an unknown group");
	like(box_log(&b), "users.admin_group: no system group \"no-such-group\"", "likewise");
}

int main(int argc, char **argv)
{
	if (geteuid() != 0)
		skip_all("must run as root: it changes users");
	box_init(&b, argv[0]);
	box_start(&b);
	matrix();
	modes();
	box_stop(&b, SIGTERM);
	users();
	unknown_users();
	box_end(&b);
	return done_testing();
}
