/*
 * stored_caps_race - 32 senders at once on one person with room for N: exactly N go, however often it is tried
 *
 * Each of 32 processes with a connection of its own submits an SMS, claims one (whosever it is), begins and settles it.
 * Every few rounds the store is killed meanwhile: then never more than N have gone, those whose answer was lost
 * included.
 */
#include <time.h>

#include "stored_box.h"

#define SENDERS 32
#define LIMIT 5
#define SECONDS 20
#define KILL_EVERY 25

static struct box b;

struct sender {
	pid_t pid;
	int   order[2], answer[2]; /* pipes: number of the round; what became of it */
};

static struct sender senders[SENDERS];

/* Numbers of one person in a round: one, or, in every fourth, four that are linked. */
static const char *number(int round, int k)
{
	static char text[20];
	int         which = round % 4 == 0 ? k % 4 : 0;

	snprintf(text, sizeof text, "+1202555%04d", (round * 4 + which) % 10000);
	return text;
}

static bool submit(struct box *mine, int round, int k)
{
	char               key[64];
	struct td_dest     dest = { .to = td_view_str(number(round, k)), .named = true };
	struct td_prepare  mail = { .submitter = TD_VLIT("shop"), .sender = TD_VLIT("shop@example.com"),
		.cls = TD_CLASS_TRANSACTIONAL, .content = { .text = TD_VLIT("race") }, .dests = { &dest, 1 } };
	struct td_prepared out;

	snprintf(key, sizeof key, "race-%d-%d", round, k);
	mail.key = td_view_str(key);
	return box_call(mine, BOX_SMSD, TD_V_SUBMIT, &td_prepare_shape, &mail, &td_prepared_shape, &out) == TD_OK;
}

/* 'S' sent, 'C' capped, 'E' the store went away, '?' anything else. */
static char race(struct box *mine, int round, int k)
{
	struct td_job *jobs;
	struct td_view id;
	int64_t        verdict;
	long           n;

	td_arena_reset(&mine->arena);
	if (!submit(mine, round, k))
		return 'E';
	n = box_claim(mine, 1, 5000, &jobs);
	if (n != 1)
		return n < 0 ? 'E' : '?';
	id = box_keep(mine, jobs[0].id);
	verdict = box_begin(mine, id, false, NULL);
	if (verdict == TD_CAPPED)
		return 'C';
	if (verdict != TD_SEND)
		return verdict ? '?' : 'E';
	/* the answer may get lost with the store: it was sent all the same */
	box_settle(mine, id, TD_OUT_ACCEPTED, td_arena_str(&mine->arena, id));
	return 'S';
}

static void be_sender(struct sender *s, int k)
{
	struct box mine = b;
	char       socket[160], c;
	int        round;

	td_arena_init(&mine.arena, 64u << 20);
	snprintf(socket, sizeof socket, "%s/run/stored.smsd.sock", b.dir);
	mine.client[BOX_SMSD] = td_client_new(socket);
	while (read(s->order[0], &round, sizeof round) == sizeof round) {
		c = race(&mine, round, k);
		if (write(s->answer[1], &c, 1) != 1)
			break;
	}
	_exit(0);
}

static void start_senders(void)
{
	fflush(stdout);
	for (int k = 0; k < SENDERS; k++) {
		struct sender *s = &senders[k];

		if (pipe2(s->order, O_CLOEXEC) || pipe2(s->answer, O_CLOEXEC))
			bail_out("pipe failed");
		s->pid = fork();
		if (s->pid == 0) {
			for (int i = 0; i <= k; i++) {
				close(senders[i].order[1]);
				close(senders[i].answer[0]);
			}
			be_sender(s, k);
		}
		close(s->order[0]);
		close(s->answer[1]);
	}
}

static void end_senders(void)
{
	for (int k = 0; k < SENDERS; k++)
		close(senders[k].order[1]);
	for (int k = 0; k < SENDERS; k++)
		waitpid(senders[k].pid, NULL, 0);
}

static void link_numbers(int round)
{
	char           first[24], other[24];
	struct td_link link = { .source = TD_VLIT("app") };

	if (round % 4 != 0)
		return;
	snprintf(first, sizeof first, "tel:%s", number(round, 0));
	for (int k = 1; k < 4; k++) {
		snprintf(other, sizeof other, "tel:%s", number(round, k));
		link.a = td_view_str(first);
		link.b = td_view_str(other);
		if (box_call(&b, BOX_MILTER, TD_V_LINK, &td_link_shape, &link, &td_none_shape, &(struct td_none){ 0 }))
			bail_out("link: %s", b.err.text);
	}
}

/* Jobs that were handed over in a round, settled or not. */
static int handed_over(int round)
{
	char  command[512], line[32] = "";
	FILE *p;

	snprintf(command, sizeof command,
		"sqlite3 '%s' \"PRAGMA busy_timeout=5000; SELECT count(*) FROM job j JOIN mail m ON m.id = j.mail"
		" WHERE m.key LIKE 'race-%d-%%' AND j.state IN (4, 5, 8)\" | tail -1", box_path(&b, "tandem.db"), round);
	p = popen(command, "r");
	if (!p || !fgets(line, sizeof line, p))
		bail_out("sqlite3 failed");
	pclose(p);
	return atoi(line);
}

/* What a killed round has left is brought to an end. */
static void drain(void)
{
	struct td_job *jobs;
	long           n;

	while ((n = box_claim(&b, 16, 50, &jobs)) > 0) {
		for (long i = 0; i < n; i++) {
			struct td_view id = box_keep(&b, jobs[i].id);

			if (jobs[i].state == TD_SUBMITTING)
				box_settle(&b, id, TD_OUT_UNCERTAIN, "");
			else if (box_begin(&b, id, false, NULL) == TD_SEND)
				box_settle(&b, id, TD_OUT_ACCEPTED, td_arena_str(&b.arena, id));
		}
	}
}

/* How many were sent and capped, as the senders saw it. */
static void collect(int *sent, int *stopped, int *odd)
{
	char c;

	*sent = *stopped = *odd = 0;
	for (int k = 0; k < SENDERS; k++) {
		if (read(senders[k].answer[0], &c, 1) != 1)
			bail_out("a sender has died");
		*sent += c == 'S';
		*stopped += c == 'C';
		*odd += c == '?';
	}
}

static void give_order(int round)
{
	for (int k = 0; k < SENDERS; k++) {
		if (write(senders[k].order[1], &round, sizeof round) != sizeof round)
			bail_out("a sender has died");
	}
}

static void add_caps(void)
{
	FILE *f = fopen(b.conf, "a");

	if (!f)
		bail_out("cannot write %s", b.conf);
	fprintf(f, "caps = { race = { subject = \"person\"; unit = \"message\"; limit = %d; window = \"1h\";\n"
		"channels = [\"sms\"]; enforce = [\"transactional\"]; on_full = \"hold\"; }; };\n", LIMIT);
	fclose(f);
}

int main(int argc, char **argv)
{
	struct timespec begin, now;
	int             round, sent, stopped, odd, wrong = 0, killed = 0, over = 0, odds = 0, incomplete = 0;

	(void)argc;
	box_init(&b, argv[0]);
	add_caps();
	box_start(&b);
	start_senders();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	now = begin;
	for (round = 1; round < 2400 && now.tv_sec - begin.tv_sec < SECONDS; round++) {
		bool kill_it = round % KILL_EVERY == 0;

		link_numbers(round);
		give_order(round);
		if (kill_it) {
			usleep((useconds_t)(round * 7919 % 30000));
			box_stop(&b, SIGKILL);
			box_start(&b);
		}
		collect(&sent, &stopped, &odd);
		odds += kill_it ? 0 : odd;
		if (kill_it) {
			killed++;
			over += handed_over(round) > LIMIT || sent > handed_over(round);
			drain();
			over += handed_over(round) > LIMIT;
		} else {
			wrong += sent != LIMIT;
			incomplete += sent + stopped != SENDERS;
		}
		td_arena_reset(&b.arena);
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	end_senders();
	is_int(wrong, 0, "%d rounds of %d senders on one person: exactly %d sent in each", round - 1 - killed, SENDERS,
		LIMIT);
	is_int(incomplete, 0, "… and all others held");
	is_int(odds, 0, "… with no other answer");
	is_int(over, 0, "%d rounds in which the store was killed: never more than %d, and none that was answered is lost",
		killed, LIMIT);
	ok(round > 20, "rounds enough to say so");
	box_end(&b);
	return done_testing();
}
