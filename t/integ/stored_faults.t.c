/*
 * stored_faults - what tandem-stored does when the disk is full, the secret is bad, another one runs, its configuration
 * breaks
 */
#include "stored_box.h"

static struct box b;

/* RLIMIT_FSIZE stands for the disk: files cannot grow beyond it. Set from outside, so that it can be lifted again. */
static void limit(long bytes)
{
	struct rlimit limit = { bytes ? (rlim_t)bytes : RLIM_INFINITY, RLIM_INFINITY };

	if (prlimit(b.pid, RLIMIT_FSIZE, &limit, NULL))
		bail_out("prlimit failed");
}

static void full_disk(void)
{
	struct td_activated activated;
	struct td_answered  answered;
	struct td_query     query = { .address = TD_VLIT("+12025550101"), .channel = TD_VLIT("sms"),
		.cls = TD_CLASS_TRANSACTIONAL };
	struct td_verdict   verdict;
	struct td_view      id, token, kept = box_prepare(&b, "+12025550101", "before", "full-0", &id);
	struct stat         st;
	char                key[32];
	int                 failed = 0, n;

	stat(box_path(&b, "tandem.db-wal"), &st);
	limit(st.st_size + 20000);
	for (n = 1; n < 100 && !failed; n++) {
		snprintf(key, sizeof key, "full-%d", n);
		token = box_prepare(&b, "+12025550101", "filling", key, &id);
		failed = token.n == 0;
	}
	ok(failed, "at last the disk is full");
	is_int(b.err.status, TD_TEMPFAIL, "which is a temporary failure: %s", b.err.text);
	is_int(box_activate(&b, kept, &activated), TD_TEMPFAIL, "of activation too");
	is_int(box_inbound(&b, "+12025550102", "STOP", "full-stop", &answered), TD_TEMPFAIL,
		"and of a STOP, which is not acknowledged");
	is_int(box_call(&b, BOX_MILTER, TD_V_DECIDE, &td_query_shape, &query, &td_verdict_shape, &verdict), TD_OK,
		"what only reads works");
	limit(0);
	is_int(box_inbound(&b, "+12025550102", "STOP", "full-stop", &answered), TD_OK,
		"with room again, the STOP is taken");
	ok(answered.changed, "as if for the first time");
	is_int(box_activate(&b, kept, &activated), TD_OK, "and the mail of before");
	ok(!activated.repeat, "which had not been");
	snprintf(key, sizeof key, "full-%d", n - 1);
	token = box_prepare(&b, "+12025550101", "other words", key, &id);
	is_int(token.n, 42, "nothing of the failed one was kept");
}

static void second_one(void)
{
	struct box other = b;

	snprintf(other.conf, sizeof other.conf, "%s/second.conf", b.dir);
	box_configure(&other);
	is_int(box_try(&other), 78, "a second one on the same store does not start");
	like(box_log(&b), "another tandem-stored (process ", "and says who has it");
	is_int(other.pid, 0, "it has ended");
}

static void reload(void)
{
	struct td_query   query = { .address = TD_VLIT("+442071838750"), .channel = TD_VLIT("sms"),
		.cls = TD_CLASS_TRANSACTIONAL };
	struct td_verdict verdict;
	char              text[2400] = "";
	FILE             *f;
	size_t            n;

	box_call(&b, BOX_MILTER, TD_V_DECIDE, &td_query_shape, &query, &td_verdict_shape, &verdict);
	is_view(verdict.reason, "blocked-country", "a country that is not configured");
	f = fopen(b.conf, "r");
	n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	box_write(b.conf, "countries = [\"US\", \"GB\"; nonsense", 0644);
	kill(b.pid, SIGHUP);
	/* The ping comes after the signal; the loop has seen both when another is answered. */
	for (int i = 0; i < 100 && !strstr(box_log(&b), "tandem.conf:"); i++)
		usleep(20000);
	box_call(&b, BOX_MILTER, TD_V_DECIDE, &td_query_shape, &query, &td_verdict_shape, &verdict);
	is_view(verdict.reason, "blocked-country", "a broken configuration is not taken over");
	like(box_log(&b), "tandem.conf:", "and the log says where it breaks");
	text[n] = '\0';
	{
		char *us = strstr(text, "[\"US\"]");

		ok(us != NULL, "the configuration names its country");
		if (us)
			memcpy(us, "[\"GB\"]", 6);
	}
	box_write(b.conf, text, 0644);
	kill(b.pid, SIGHUP);
	for (int i = 0; i < 100; i++) {
		box_call(&b, BOX_MILTER, TD_V_DECIDE, &td_query_shape, &query, &td_verdict_shape, &verdict);
		if (td_view_eq(verdict.reason, TD_VLIT("ok")))
			break;
		usleep(20000);
	}
	is_view(verdict.reason, "ok", "a good one is");
}

static void secrets(void)
{
	box_write(box_path(&b, "secret"), "0123456789abcdef0123456789abcdef\n", 0644);
	is_int(box_try(&b), 78, "a secret others can read is refused");
	like(box_log(&b), "secret", "by name");
	box_write(box_path(&b, "secret"), "short\n", 0600);
	is_int(box_try(&b), 78, "a short one too");
	unlink(box_path(&b, "secret"));
	is_int(box_try(&b), 78, "and a missing one");
	like(box_log(&b), "/dev/urandom", "with the command that makes one");
	box_write(box_path(&b, "secret"), "0123456789abcdef0123456789abcdef\n", 0600);
}

static void bad_store(void)
{
	char command[256];

	snprintf(command, sizeof command, "rm -f %s/tandem.db*; mkdir %s/tandem.db", b.dir, b.dir);
	is_int(system(command), 0, "a folder in the place of the store");
	ok(box_try(&b) > 0, "is an error");
	snprintf(command, sizeof command, "rmdir %s/tandem.db; echo hello >%s/tandem.db", b.dir, b.dir);
	is_int(system(command), 0, "a text in the place of the store");
	is_int(box_try(&b), 78, "is one that needs a person");
}

/* Peers that misbehave end their own connection only. */
static void garbage(void)
{
	struct td_none none = { 0 };
	struct td_pong pong;
	int            status;

	fflush(stdout);
	if (fork() == 0) {
		char command[300];

		snprintf(command, sizeof command,
			"for i in 1 2 3; do head -c 70000 /dev/urandom | python3 -c 'import socket,sys;"
			" s=socket.socket(socket.AF_UNIX); s.connect(\"%s/run/stored.smsd.sock\");"
			" s.sendall(sys.stdin.buffer.read())' 2>/dev/null; done", b.dir);
		_exit(system(command) == -1);
	}
	wait(&status);
	is_int(box_call(&b, BOX_SMSD, TD_V_PING, &td_none_shape, &none, &td_pong_shape, &pong), TD_OK,
		"garbage hurts nobody else");
	is_view(pong.program, "tandem-stored", "ping");
}

int main(int argc, char **argv)
{
	if (geteuid() != 0)
		skip_all("must run as root: it is the user of every role here");
	box_init(&b, argv[0]);
	box_start(&b);
	full_disk();
	second_one();
	garbage();
	reload();
	is_int(box_stop(&b, SIGTERM), 0, "ends well");
	secrets();
	bad_store();
	box_end(&b);
	return done_testing();
}
