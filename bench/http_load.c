/*
 * http_load - asks a loopback HTTP server for one path after the other, over kept connections: what feeds Kannel in B5
 *
 * usage: http_load [-c CONNECTIONS] [-n REQUESTS] [-f FIRST] PORT PATH
 *
 * "%d" in PATH becomes FIRST + 0, 1, 2 … in seven digits. Each connection has one request under way. Prints "REQUESTS
 * SECONDS PER_SECOND". Exit 1 if any answer was not 2xx.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define ANSWER 8192

struct conn {
	int    fd;
	size_t n;
	char   bytes[ANSWER];
};

static struct conn conns[CONNECTIONS_MAX];
static long total = 1000, first, next, done, failed;
static const char *path;
static struct sockaddr_in to = { .sin_family = AF_INET };
static int loop;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void ask(struct conn *c)
{
	const char *at = strstr(path, "%d");
	char text[2048];
	int n;

	if (next >= total)
		return;
	n = snprintf(text, sizeof(text), "GET %.*s%07ld%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", at ? (int)(at - path) : 0,
		path,
		first + next, at ? at + 2 : path);
	next++;
	c->n = 0;
	if (send(c->fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		die("send");
}

static void open_one(struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) || epoll_ctl(loop, EPOLL_CTL_ADD, c->fd, &ev))
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	ask(c);
}

/* A whole answer has come. The peers' have a length. */
static bool whole(const struct conn *c)
{
	const char *end = memmem(c->bytes, c->n, "\r\n\r\n", 4);
	const char *length = end ? strcasestr(c->bytes, "\r\ncontent-length:") : NULL;

	return length && c->n >= (size_t)(end - c->bytes) + 4 + strtoul(length + 17, NULL, 10);
}

static void hear(struct conn *c)
{
	ssize_t got = recv(c->fd, c->bytes + c->n, ANSWER - 1 - c->n, 0);

	if (got > 0) {
		c->n += (size_t)got;
		c->bytes[c->n] = '\0';
		if (!whole(c))
			return;
		done++;
		if (strncmp(c->bytes + 8, " 2", 2) && failed++ == 0)
			fprintf(stderr, "http_load: %s\n", c->bytes);
		ask(c);
		return;
	}
	close(c->fd);
	if (next < total || c->n == 0)
		open_one(c);
}

int main(int argc, char **argv)
{
	long connections = 64;
	struct epoll_event events[64];
	double start;
	int c;

	while ((c = getopt(argc, argv, "c:n:f:")) != -1) {
		switch (c) {
		case 'c': connections = strtol(optarg, NULL, 10); break;
		case 'n': total = strtol(optarg, NULL, 10); break;
		case 'f': first = strtol(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	if (optind + 2 != argc || connections < 1 || connections > CONNECTIONS_MAX)
		return 2;
	to.sin_port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	path = argv[optind + 1];
	loop = epoll_create1(0);
	start = now();
	for (long i = 0; i < connections; i++)
		open_one(&conns[i]);
	while (done < total) {
		int n = epoll_wait(loop, events, 64, 10000);

		if (n <= 0)
			die("no answer");
		for (int i = 0; i < n; i++)
			hear(events[i].data.ptr);
	}
	printf("%ld %.4f %.1f\n", done - failed, now() - start, (double)(done - failed) / (now() - start));
	return failed ? 1 : 0;
}
