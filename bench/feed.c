/*
 * feed - hands tagged mails to Tandem over its local sockets, without Postfix, so that SMTP does not bound what is
 * measured
 *
 * usage: feed [-m queue|eom] [-c CALLERS] [-n MAILS] [-f FIRST] [-C CLASS] [-g CATEGORY] [-p PER_SECOND] [-t FILE]
 * RUN_DIR
 *
 * As tandem-milter does, prepares one SMS a mail to +1555 and FIRST + 0, 1, 2 … in seven digits; in mode "queue" then
 * activates its token as tandem-pipe does, in mode "eom" it is activated with the preparation. Each caller has a
 * connection of its own and one mail under way. -p keeps a steady rate. -t writes "NUMBER MICROSECONDS" (Unix time of
 * the answer after which the mail is Tandem's) a line. Prints "MAILS SECONDS PER_SECOND". Exit 1 if any mail was not
 * taken.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "conf.h"
#include "peer.h"
#include "proto.h"

#define CALLERS_MAX 1024
#define ARENA (1u << 16)

struct caller {
	struct td_peer *milter, *pipe;
	struct event   *timer;
	long            number;
};

static struct {
	struct event_base *base;
	bool eom;
	long callers, mails, first, next, done, refused;
	int64_t cls;
	const char *category;
	double per_second, start;
	FILE *times;
	struct td_arena arena;
} feed = { .callers = 64, .mails = 1000, .first = 1000000, .cls = TD_CLASS_TRANSACTIONAL, .category = "" };

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void usage(void)
{
	fprintf(stderr, "usage: feed [options] RUN_DIR (see the head of feed.c)\n");
	exit(2);
}

static void next_mail(struct caller *caller);

static void finished(struct caller *caller, const char *trouble)
{
	if (trouble && feed.refused++ == 0)
		fprintf(stderr, "feed: mail %ld: %s\n", caller->number, trouble);
	if (!trouble && feed.times)
		fprintf(feed.times, "%ld %.0f\n", caller->number, now() * 1e6);
	if (++feed.done == feed.mails)
		event_base_loopbreak(feed.base);
	else
		next_mail(caller);
}

static void activated(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	finished(arg, msg ? NULL : err->text);
}

static void prepared(void *arg, const struct td_msg *msg, const struct td_err *err)
{
	struct caller *caller = arg;
	struct td_prepared answer;
	struct td_token token = { .queue_id = TD_VLIT("4Xbench") };
	struct td_err bad;

	if (!msg) {
		finished(caller, err->text);
		return;
	}
	td_arena_reset(&feed.arena);
	if (td_shape_decode(&td_prepared_shape, msg->body, &answer, &feed.arena, &bad)) {
		finished(caller, bad.text);
	} else if (feed.eom) {
		const struct td_prepared_dest *dest = answer.dests.v;

		finished(caller, answer.dests.n && dest->job.n ? NULL : "no job was made");
	} else if (!answer.token.n) {
		finished(caller, "no token");
	} else {
		token.token = answer.token;
		td_peer_call(caller->pipe, TD_V_PIPE_ACTIVATE, &td_token_shape, &token, 60000, true, activated, caller);
	}
}

static void send_one(struct caller *caller)
{
	char to[32], id[80];
	struct td_dest dest = { .direct = true, .named = true };
	struct td_prepare mail = { .submitter = TD_VLIT("bench"), .sender = TD_VLIT("shop@example.com"), .cls = feed.cls,
		.category = td_view_str(feed.category), .activate = feed.eom,
		.content = { .text = TD_VLIT("Your order 10045 is on its way and arrives on Thursday.") },
		.dests = { &dest, 1 } };

	snprintf(to, sizeof(to), "+1555%07ld", caller->number);
	snprintf(id, sizeof(id), "<%ld.%.0f.%ld@bench.example.com>", (long)getpid(), feed.start, caller->number);
	dest.to = td_view_str(to);
	mail.message_id = td_view_str(id);
	td_peer_call(caller->milter, TD_V_PREPARE, &td_prepare_shape, &mail, 60000, true, prepared, caller);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	send_one(arg);
}

static void next_mail(struct caller *caller)
{
	long i = feed.next++;
	double wait;
	struct timeval tv;

	if (i >= feed.mails)
		return;
	caller->number = feed.first + i;
	wait = feed.per_second > 0 ? feed.start + (double)i / feed.per_second - now() : 0;
	if (wait <= 0) {
		send_one(caller);
		return;
	}
	tv = (struct timeval){ .tv_sec = (time_t)wait, .tv_usec = (suseconds_t)((wait - (double)(time_t)wait) * 1e6) };
	event_add(caller->timer, &tv);
}

static const char *parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "m:c:n:f:C:g:p:t:")) != -1) {
		switch (c) {
		case 'm': feed.eom = !strcmp(optarg, "eom"); break;
		case 'c': feed.callers = strtol(optarg, NULL, 10); break;
		case 'n': feed.mails = strtol(optarg, NULL, 10); break;
		case 'f': feed.first = strtol(optarg, NULL, 10); break;
		case 'C': feed.cls = td_class_parse(td_view_str(optarg)); break;
		case 'g': feed.category = optarg; break;
		case 'p': feed.per_second = strtod(optarg, NULL); break;
		case 't': feed.times = fopen(optarg, "w"); break;
		default: usage();
		}
	}
	if (optind + 1 != argc || feed.callers < 1 || feed.callers > CALLERS_MAX)
		usage();
	return argv[optind];
}

int main(int argc, char **argv)
{
	static struct caller callers[CALLERS_MAX];
	const char *run = parse(argc, argv);
	char milter[200], pipe[200];
	double took;

	snprintf(milter, sizeof(milter), "%s/stored.milter.sock", run);
	snprintf(pipe, sizeof(pipe), "%s/smsd.pipe.sock", run);
	feed.base = event_base_new();
	td_arena_init(&feed.arena, ARENA);
	feed.start = now();
	for (long i = 0; i < feed.callers; i++) {
		callers[i].milter = td_peer_new(feed.base, milter);
		callers[i].pipe = feed.eom ? NULL : td_peer_new(feed.base, pipe);
		callers[i].timer = event_new(feed.base, -1, 0, on_time, &callers[i]);
		next_mail(&callers[i]);
	}
	event_base_dispatch(feed.base);
	took = now() - feed.start;
	if (feed.times)
		fclose(feed.times);
	printf("%ld %.4f %.1f\n", feed.done - feed.refused, took, (double)(feed.done - feed.refused) / took);
	return feed.refused ? 1 : 0;
}
