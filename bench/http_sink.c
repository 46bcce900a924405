/*
 * http_sink - a loopback HTTP server that answers every request at once: the provider of B5 and B11, and of B3's
 * scripts
 *
 * usage: http_sink PORT [-t FILE]     prints "ready", then serves until killed. One thread, epoll(7), keep-alive.
 *
 * The path decides the answer: /send is a gateway of Kannel's kind, /2010-04-01/… is Twilio's, /count says how many
 * of the others there were, all else is a JSON object with an id. Ids are as random as providers' are. -t writes
 * "NUMBER MICROSECONDS" (the digits after 1555 in the request; Unix time of its arrival) a line.
 */
#include <arpa/inet.h>
#include <inttypes.h>
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

#define CLIENTS 4096
#define REQUEST 16384
#define EVENTS 64

struct client {
	int    fd;
	size_t n;
	char   bytes[REQUEST];
};

static struct client *clients[CLIENTS]; /* by descriptor */
static uint64_t count;
static FILE *times;

/* splitmix64: the count, made to look random. */
static uint64_t scatter(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

/* Where a whole request ends, 0 while it has not come. The sink's clients send a length, never chunks. */
static size_t request_end(const struct client *c)
{
	const char *end = memmem(c->bytes, c->n, "\r\n\r\n", 4);
	const char *length = end ? strcasestr(c->bytes, "\r\ncontent-length:") : NULL;
	size_t n;

	if (!end)
		return 0;
	n = (size_t)(end - c->bytes) + 4;
	if (length && length < end)
		n += strtoul(length + 17, NULL, 10);
	return n <= c->n ? n : 0;
}

static void note_time(const char *request)
{
	const char *number = strstr(request, "1555");
	struct timespec ts;

	if (!number)
		return;
	clock_gettime(CLOCK_REALTIME, &ts);
	fprintf(times, "%lu %" PRId64 "\n", strtoul(number + 4, NULL, 10),
		(int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	fflush(times);
}

static bool answer(int fd, const char *request)
{
	char body[256], text[512];
	const char *path = strchr(request, ' '), *status = "200 OK";
	int n;

	if (path && !strncmp(path, " /count", 7)) {
		n = snprintf(body, sizeof(body), "%" PRIu64, count);
	} else {
		count++;
		if (times)
			note_time(request);
		if (path && !strncmp(path, " /send", 6)) {
			n = snprintf(body, sizeof(body), "0: Accepted for delivery");
		} else if (path && !strncmp(path, " /2010-04-01/", 13)) {
			status = "201 CREATED";
			n = snprintf(body, sizeof(body), "{\"sid\": \"SM%016" PRIx64 "%016" PRIx64 "\", \"status\": \"queued\", "
				"\"num_segments\": \"1\", \"error_code\": null, \"price\": null}", scatter(count), scatter(~count));
		} else {
			n = snprintf(body, sizeof(body), "{\"id\": \"%016" PRIx64 "\"}", scatter(count));
		}
	}
	n = snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		status, n,
		body);
	return send(fd, text, (size_t)n, MSG_NOSIGNAL) == n;
}

/* False when the client has gone. */
static bool serve(struct client *c)
{
	ssize_t got = recv(c->fd, c->bytes + c->n, REQUEST - 1 - c->n, 0);
	size_t end;

	if (got <= 0)
		return false;
	c->n += (size_t)got;
	c->bytes[c->n] = '\0';
	while ((end = request_end(c))) {
		if (!answer(c->fd, c->bytes))
			return false;
		memmove(c->bytes, c->bytes + end, c->n - end + 1);
		c->n -= end;
	}
	return c->n < REQUEST - 1;
}

static void welcome(int loop, int listener)
{
	int fd = accept(listener, NULL, NULL), one = 1;
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	clients[fd % CLIENTS] = calloc(1, sizeof(struct client));
	if (fd >= CLIENTS || !clients[fd] || epoll_ctl(loop, EPOLL_CTL_ADD, fd, &ev)) {
		perror("http_sink");
		exit(1);
	}
	clients[fd]->fd = fd;
}

static int listen_at(const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 512)) {
		perror("http_sink");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS], ev = { .events = EPOLLIN };
	int listener, loop = epoll_create1(0);

	if (argc != 2 && (argc != 4 || strcmp(argv[2], "-t")))
		return 2;
	times = argc == 4 ? fopen(argv[3], "w") : NULL;
	listener = listen_at(argv[1]);
	ev.data.fd = listener;
	epoll_ctl(loop, EPOLL_CTL_ADD, listener, &ev);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(loop, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				welcome(loop, listener);
			} else if (!serve(clients[fd])) {
				free(clients[fd]);
				clients[fd] = NULL;
				close(fd);
			}
		}
	}
}
