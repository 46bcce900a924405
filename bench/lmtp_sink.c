/*
 * lmtp_sink - the floor of B4: an LMTP server that takes every mail and forgets it
 *
 * usage: lmtp_sink SOCKET     prints "ready", then serves until killed. One thread, epoll(7); says what ours says.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS 1024
#define INPUT 65536
#define EVENTS 64

struct session {
	size_t n;
	int    recipients;
	bool   data;
	char   bytes[INPUT];
	char   out[8192]; /* answers to what came in one piece go out in one */
	size_t nout;
};

static struct session *sessions[CLIENTS]; /* by descriptor */

static void say(struct session *s, const char *text)
{
	size_t n = strlen(text);

	if (s->nout + n <= sizeof(s->out)) {
		memcpy(s->out + s->nout, text, n);
		s->nout += n;
	}
}

static void command(struct session *s, const char *line)
{
	if (!strncasecmp(line, "LHLO", 4)) {
		say(s, "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
			"250 XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\r\n");
	} else if (!strncasecmp(line, "RCPT", 4)) {
		s->recipients++;
		say(s, "250 2.1.5 Ok\r\n");
	} else if (!strncasecmp(line, "DATA", 4)) {
		s->data = true;
		say(s, "354 Go\r\n");
	} else if (!strncasecmp(line, "QUIT", 4)) {
		say(s, "221 2.0.0 Bye\r\n");
	} else {
		if (!strncasecmp(line, "RSET", 4) || !strncasecmp(line, "MAIL", 4))
			s->recipients = 0;
		say(s, "250 2.0.0 Ok\r\n");
	}
}

/* A line of a mail, or a command. */
static void line_of(struct session *s, const char *line, size_t n)
{
	if (!s->data) {
		command(s, line);
	} else if (n == 1 && line[0] == '.') {
		s->data = false;
		for (; s->recipients > 0; s->recipients--)
			say(s, "250 2.0.0 accepted\r\n");
	}
}

/* False when the client has gone. */
static bool serve(int fd, struct session *s)
{
	ssize_t got = recv(fd, s->bytes + s->n, INPUT - s->n, 0);
	char *from = s->bytes, *end;

	if (got <= 0)
		return false;
	s->n += (size_t)got;
	while ((end = memchr(from, '\n', s->n - (size_t)(from - s->bytes)))) {
		size_t n = (size_t)(end - from);

		if (n && end[-1] == '\r')
			n--;
		from[n] = '\0';
		line_of(s, from, n);
		from = end + 1;
	}
	s->n -= (size_t)(from - s->bytes);
	memmove(s->bytes, from, s->n);
	got = s->nout ? send(fd, s->out, s->nout, MSG_NOSIGNAL) : 1;
	s->nout = 0;
	return got > 0 && s->n < INPUT;
}

static void welcome(int loop, int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (fd < 0)
		return;
	if (fd >= CLIENTS || !(sessions[fd] = calloc(1, sizeof(struct session))) ||
		epoll_ctl(loop, EPOLL_CTL_ADD, fd, &ev) ||
		send(fd, "220 sink\r\n", 10, MSG_NOSIGNAL) < 0) {
		perror("lmtp_sink");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct epoll_event events[EVENTS], ev = { .events = EPOLLIN };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), loop = epoll_create1(0);

	if (argc != 2 || (size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[1]) >= sizeof(at.sun_path))
		return 2;
	unlink(argv[1]);
	umask(0); /* Postfix's processes are another user */
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 256)) {
		perror("lmtp_sink");
		return 1;
	}
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
			} else if (!serve(fd, sessions[fd])) {
				free(sessions[fd]);
				sessions[fd] = NULL;
				close(fd);
			}
		}
	}
}
