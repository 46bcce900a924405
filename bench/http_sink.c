/*
 * http_sink - a loopback HTTP server that answers every request at once, for the script peers of B3
 *
 * usage: http_sink PORT     prints "ready", then serves until killed. One thread, poll(2), keep-alive.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CLIENTS 1024

static const char answer[] =
	"HTTP/1.1 200 OK\r\nContent-Length: 16\r\nContent-Type: application/json\r\n\r\n{\"id\": \"SM0123\"}";

/* Enough for what the peers send: a small POST that arrives in one piece. False when the client has gone. */
static int serve(int fd)
{
	char request[16384];
	ssize_t n = recv(fd, request, sizeof(request), 0);

	return n > 0 && send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) > 0;
}

int main(int argc, char **argv)
{
	struct pollfd fds[MAX_CLIENTS];
	struct sockaddr_in at = { .sin_family = AF_INET };
	int one = 1;
	nfds_t n = 1;

	if (argc != 2)
		return 2;
	at.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = (struct pollfd){ .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN };
	setsockopt(fds[0].fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fds[0].fd, (struct sockaddr *)&at, sizeof(at)) || listen(fds[0].fd, 256)) {
		perror("http_sink");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		poll(fds, n, -1);
		for (nfds_t i = n - 1; i >= 1; i--) {
			if (fds[i].revents && !serve(fds[i].fd)) {
				close(fds[i].fd);
				fds[i] = fds[--n];
			}
		}
		if (fds[0].revents && n < MAX_CLIENTS) {
			fds[n] = (struct pollfd){ .fd = accept(fds[0].fd, NULL, NULL), .events = POLLIN };
			if (fds[n].fd >= 0)
				n++;
		}
	}
}
