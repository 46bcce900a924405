/*
 * stored_spine - the main road over real sockets: prepare, activate, claim, begin, settle; races, kills, restarts,
 * STOP, receipts
 */
#include <time.h>

#include "stored_box.h"

static struct box b;

static void road(void)
{
	struct td_activated activated;
	struct td_job      *jobs;
	struct td_view      id, token = box_prepare(&b, "+12025550101", "hello", "road", &id);

	is_int(token.n, 42, "prepared: %s", b.err.text);
	is_int(box_claim(&b, 10, 0, &jobs), 0, "nothing is due before activation");
	is_int(box_activate(&b, token, &activated), TD_OK, "activated");
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "one job is due");
	is_mem(jobs[0].id.p, jobs[0].id.n, id.p, id.n, "this one");
	is_view(jobs[0].to, "+12025550101", "with its number");
	is_view(jobs[0].content.text, "hello", "and its text");
	is_int(jobs[0].state, TD_READY, "READY");
	is_int(box_claim(&b, 10, 0, &jobs), 0, "it is out: not handed out twice");
	is_int(box_begin(&b, id, false, NULL), TD_SEND, "begun");
	is_int(box_settle(&b, id, TD_OUT_ACCEPTED, "SM-road"), TD_ACCEPTED, "settled");
}

/* Many at once, over one connection's worth of pipelining each: none lost, none doubled. */
static void long_poll(void)
{
	struct td_activated activated;
	struct td_job      *jobs;
	struct td_view      id, token = box_prepare(&b, "+12025550102", "wait", "poll", &id);
	pid_t               child;
	int                 status;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		struct box mine = b;
		char       socket[160];

		snprintf(socket, sizeof socket, "%s/run/stored.smsd.sock", b.dir);
		mine.client[BOX_SMSD] = td_client_new(socket);
		/* The claim is under way when the job becomes due; the answer comes with it and not with the deadline. */
		if (box_claim(&mine, 10, 15000, &jobs) != 1)
			_exit(1);
		_exit(td_view_eq(jobs[0].id, id) ? 0 : 2);
	}
	usleep(100000);
	is_int(box_activate(&b, token, &activated), TD_OK, "activated while somebody waits");
	waitpid(child, &status, 0);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0, "who waited got it");
	/* The child has gone without beginning it: its lease has ended. */
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "what it did not begin is claimable again");
	is_int(box_begin(&b, id, false, NULL), TD_SEND, "begun by another");
	is_int(box_settle(&b, id, TD_OUT_ACCEPTED, "SM-poll"), TD_ACCEPTED, "and settled");
}

/* A sender that dies after begin: the job comes back as SUBMITTING, its outcome unknown. */
static void dead_sender(void)
{
	struct td_activated activated;
	struct td_job      *jobs;
	struct td_view      id, token = box_prepare(&b, "+12025550103", "die", "dead", &id);
	int                 status;

	box_activate(&b, token, &activated);
	fflush(stdout);
	if (fork() == 0) {
		struct box mine = b;
		char       socket[160];

		snprintf(socket, sizeof socket, "%s/run/stored.smsd.sock", b.dir);
		mine.client[BOX_SMSD] = td_client_new(socket);
		if (box_claim(&mine, 1, 5000, &jobs) == 1 && box_begin(&mine, jobs[0].id, false, NULL) == TD_SEND)
			raise(SIGKILL);
		_exit(1);
	}
	wait(&status);
	ok(WIFSIGNALED(status), "killed between begin and settle");
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "its job is claimable");
	is_int(jobs[0].state, TD_SUBMITTING, "as SUBMITTING");
	is_int(jobs[0].attempt, 1, "begun once");
	is_view(jobs[0].reference, td_arena_str(&b.arena, id), "under its reference");
	is_int(box_begin(&b, id, false, NULL), TD_DROP, "it cannot be begun as if nothing had been");
	is_int(box_begin(&b, id, true, NULL), TD_SEND, "but resumed");
	is_int(box_settle(&b, id, TD_OUT_ACCEPTED, "SM-dead"), TD_ACCEPTED, "and settled");
}

static void killed_store(void)
{
	struct td_activated activated;
	struct td_job      *jobs;
	struct td_view      prepared_id, ready_id, begun_id;
	struct td_view      prepared = box_prepare(&b, "+12025550110", "p", "kill-p", &prepared_id);
	struct td_view      ready = box_prepare(&b, "+12025550111", "r", "kill-r", &ready_id);
	struct td_view      begun = box_prepare(&b, "+12025550112", "b", "kill-b", &begun_id);
	bool                saw_ready = false, saw_begun = false;
	long                n;

	box_activate(&b, begun, &activated);
	box_claim(&b, 1, 5000, &jobs);
	box_begin(&b, begun_id, false, NULL);
	box_activate(&b, ready, &activated);
	is_int(box_stop(&b, SIGKILL), 128 + SIGKILL, "kill -9 of the store");
	box_start(&b);
	is_int(box_activate(&b, prepared, &activated), TD_OK, "what was prepared before can be activated after");
	is_int(box_activate(&b, ready, &activated), TD_OK, "what was activated");
	ok(activated.repeat, "is known as such");
	n = box_claim(&b, 10, 5000, &jobs);
	is_int(n, 3, "all three are there");
	for (long i = 0; i < n; i++) {
		saw_ready = saw_ready || (td_view_eq(jobs[i].id, ready_id) && jobs[i].state == TD_READY);
		saw_begun = saw_begun || (td_view_eq(jobs[i].id, begun_id) && jobs[i].state == TD_SUBMITTING);
	}
	ok(saw_ready, "the ready one READY");
	ok(saw_begun, "the begun one SUBMITTING");
	is_int(box_settle(&b, begun_id, TD_OUT_ACCEPTED, "SM-kill"), TD_ACCEPTED, "whose outcome is taken");
	is_int(box_begin(&b, ready_id, false, NULL), TD_SEND, "begun");
	box_settle(&b, ready_id, TD_OUT_ACCEPTED, "SM-kill-2");
	is_int(box_begin(&b, prepared_id, false, NULL), TD_SEND, "begun");
	box_settle(&b, prepared_id, TD_OUT_ACCEPTED, "SM-kill-3");
}

/* Children that activate the same key at once. */
static void key_race(void)
{
	enum { N = 8 };
	struct td_view ids[N], tokens[N];
	struct td_job *jobs;
	int            status, good = 0;

	for (int i = 0; i < N; i++)
		tokens[i] = box_prepare(&b, "+12025550120", "race", "race", &ids[i]);
	fflush(stdout);
	for (int i = 0; i < N; i++) {
		if (fork() == 0) {
			struct td_activated activated;
			struct box          mine = b;
			char                socket[160];

			snprintf(socket, sizeof socket, "%s/run/stored.smsd.sock", b.dir);
			mine.client[BOX_SMSD] = td_client_new(socket);
			_exit(box_activate(&mine, tokens[i], &activated) ? 1 : activated.duplicate ? 2 : 0);
		}
	}
	for (int i = 0; i < N; i++) {
		wait(&status);
		good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	is_int(good, 1, "of %d activations of one key, one wins", N);
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "and one job is due");
	box_settle(&b, jobs[0].id, TD_OUT_REFUSED, "");
}

static void order(void)
{
	struct td_dest      dest = { .to = TD_VLIT("+12025550130"), .named = true };
	struct td_prepare   mail = { .submitter = TD_VLIT("shop"), .content = { .text = TD_VLIT("x") },
		.dests = { &dest, 1 } };
	static const int    classes[] = { TD_CLASS_TRANSACTIONAL, TD_CLASS_SERVICE, TD_CLASS_CRITICAL, TD_CLASS_SOLICITED };
	static const int    wanted[] = { TD_CLASS_CRITICAL, TD_CLASS_SOLICITED, TD_CLASS_TRANSACTIONAL, TD_CLASS_SERVICE };
	struct td_activated activated;
	struct td_prepared  out;
	struct td_job      *jobs;
	long                n;

	for (int i = 0; i < 4; i++) {
		struct td_view token;

		mail.cls = classes[i];
		box_call(&b, BOX_MILTER, TD_V_PREPARE, &td_prepare_shape, &mail, &td_prepared_shape, &out);
		token = box_keep(&b, out.token);
		box_activate(&b, token, &activated);
	}
	n = box_claim(&b, 10, 5000, &jobs);
	is_int(n, 4, "four classes");
	for (int i = 0; i < 4 && n == 4; i++)
		is_int(jobs[i].cls, wanted[i], "%s comes in place %d", td_class_name((enum td_class)wanted[i]), i + 1);
	for (long i = 0; i < n; i++)
		box_settle(&b, jobs[i].id, TD_OUT_REFUSED, "");
}

/* What is held becomes due while somebody waits for it, with nothing else going on. */
static void held(void)
{
	struct timespec     now;
	struct td_dest      dest = { .to = TD_VLIT("+12025550150"), .named = true };
	struct td_prepare   mail = { .submitter = TD_VLIT("shop"), .cls = TD_CLASS_TRANSACTIONAL,
		.content = { .text = TD_VLIT("x") }, .dests = { &dest, 1 } };
	struct td_activated activated;
	struct td_prepared  out;
	struct td_job      *jobs;
	struct td_view      token;

	clock_gettime(CLOCK_REALTIME, &now);
	mail.send_at = (int64_t)now.tv_sec * 1000 + 1500;
	box_call(&b, BOX_MILTER, TD_V_PREPARE, &td_prepare_shape, &mail, &td_prepared_shape, &out);
	token = box_keep(&b, out.token);
	box_activate(&b, token, &activated);
	is_int(box_claim(&b, 10, 15000, &jobs), 1, "the clock brings it");
	is_int(jobs[0].state, TD_HELD, "HELD, and due");
	clock_gettime(CLOCK_REALTIME, &now);
	ok((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 >= mail.send_at, "not before its time");
	box_settle(&b, box_keep(&b, jobs[0].id), TD_OUT_REFUSED, "");
}

/* Who asked to hear of a failure: the report is a claim of its own. */
static void reports(void)
{
	struct td_dest      dest = { .to = TD_VLIT("+12025550151"), .named = true, .notify = TD_NOTIFY_FAILURE };
	struct td_prepare   mail = { .submitter = TD_VLIT("shop"), .sender = TD_VLIT("shop@example.com"),
		.message_id = TD_VLIT("<r1@shop>"), .envid = TD_VLIT("env"), .cls = TD_CLASS_TRANSACTIONAL,
		.content = { .text = TD_VLIT("x") }, .dests = { &dest, 1 }, .activate = true };
	struct td_prepared  out;
	struct td_job      *jobs;
	struct td_view      id;

	is_int(box_call(&b, BOX_SMSD, TD_V_SUBMIT, &td_prepare_shape, &mail, &td_prepared_shape, &out), TD_OK, "submitted");
	is_int(out.token.n, 0, "activated at once: no token");
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "due");
	id = box_keep(&b, jobs[0].id);
	is_int(jobs[0].report, 0, "to send");
	box_begin(&b, id, false, NULL);
	is_int(box_settle(&b, id, TD_OUT_OTHER, ""), TD_FAILED, "refused by the provider");
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "a report is due");
	is_int(jobs[0].report, 1, "of a failure");
	is_view(jobs[0].sender, "shop@example.com", "to the sender");
	is_view(jobs[0].envid, "env", "with the envelope id");
	is_view(jobs[0].reason, "provider-rejected", "and the reason");
	is_int(box_begin(&b, id, false, NULL), TD_DROP, "which cannot be begun");
	is_int(box_settle(&b, id, TD_OUT_REPORTED, ""), TD_FAILED, "reported");
	is_int(box_claim(&b, 10, 0, &jobs), 0, "once");
}

static void stop(void)
{
	struct td_activated activated;
	struct td_answered  answered;
	struct td_job      *jobs;
	struct td_view      id, reason = TD_VLIT(""), token = box_prepare(&b, "+12025550140", "before", "stop", &id);

	box_activate(&b, token, &activated);
	is_int(box_claim(&b, 1, 5000, &jobs), 1, "claimed");
	is_int(box_inbound(&b, "+12025550140", "STOP", "stop-1", &answered), TD_OK, "STOP");
	is_int(box_begin(&b, id, false, &reason), TD_DENY, "begin after STOP is refused");
	is_view(reason, "optout", "for that reason");
	is_int(box_claim(&b, 10, 5000, &jobs), 1, "the confirmation is due");
	is_int(jobs[0].cls, TD_CLASS_COMPLIANCE, "class compliance");
	is_view(jobs[0].content.template, "stop-confirmation", "by its template");
	is_view(jobs[0].provider, "main", "through the provider it came by");
	is_view(jobs[0].from, "+15550001111", "from the number it was sent to");
	id = box_keep(&b, jobs[0].id);
	is_int(box_begin(&b, id, false, NULL), TD_SEND, "and goes");
	box_settle(&b, id, TD_OUT_ACCEPTED, "SM-stop");
	is_int(box_stop(&b, SIGKILL), 128 + SIGKILL, "kill -9");
	box_start(&b);
	box_prepare(&b, "+12025550140", "after", "stop-2", &id);
	is_int(id.n, 0, "still out: no job is made");
}

static void marks(void)
{
	struct td_receipt receipt = { .provider = TD_VLIT("main"), .id = TD_VLIT("SM-road"), .state = TD_DELIVERED,
		.mark = TD_VLIT("1234") };
	struct td_mark    in = { .provider = TD_VLIT("main") }, out;
	struct td_none    none;

	is_int(box_call(&b, BOX_SMSD, TD_V_RECEIPT, &td_receipt_shape, &receipt, &td_none_shape, &none), TD_OK,
		"a receipt");
	is_int(box_call(&b, BOX_SMSD, TD_V_MARK, &td_mark_shape, &in, &td_mark_shape, &out), TD_OK, "its mark");
	is_view(out.mark, "1234", "was committed with it");
	in.provider = TD_VLIT("other");
	box_call(&b, BOX_SMSD, TD_V_MARK, &td_mark_shape, &in, &td_mark_shape, &out);
	is_int(out.mark.n, 0, "another provider has none");
}

static void ending(void)
{
	struct td_job *jobs;
	struct stat    st;
	int            status;

	fflush(stdout);
	if (fork() == 0) {
		struct box mine = b;
		char       socket[160];

		snprintf(socket, sizeof socket, "%s/run/stored.smsd.sock", b.dir);
		mine.client[BOX_SMSD] = td_client_new(socket);
		_exit(box_claim(&mine, 10, 60000, &jobs) == 0 ? 0 : 1);
	}
	usleep(100000);
	is_int(box_stop(&b, SIGTERM), 0, "SIGTERM ends it well");
	wait(&status);
	is_int(WEXITSTATUS(status), 0, "who was waiting is answered");
	ok(stat(box_path(&b, "run/stored.smsd.sock"), &st) != 0, "its sockets are gone");
	ok(stat(box_path(&b, "tandem.db-wal"), &st) != 0 || st.st_size == 0, "and the WAL is copied back");
}

int main(int argc, char **argv)
{
	if (geteuid() != 0)
		skip_all("must run as root: it is the user of every role here");
	box_init(&b, argv[0]);
	box_start(&b);
	road();
	long_poll();
	dead_sender();
	killed_store();
	key_race();
	order();
	held();
	reports();
	stop();
	marks();
	ending();
	box_end(&b);
	return done_testing();
}
