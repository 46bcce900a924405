/*
 * load - submits mails over SMTP as fast as the server takes them, or at a steady rate
 *
 * usage: load [-c CONNECTIONS] [-n MAILS] [-f FIRST] [-r RCPT]… [-R FILE] [-H HEADER]… [-s BODY_BYTES] [-p PER_SECOND]
 * [-t FILE] HOST:PORT
 *
 * "%d" in a recipient or header becomes the mail's number, FIRST + 0, 1, 2 …; -R takes the recipient of each mail from
 * a line of FILE instead. -t writes "NUMBER MICROSECONDS" (Unix time of the 250 after the data) a line. Prints "MAILS
 * SECONDS PER_SECOND". Exit 1 if any mail was not taken with 250. Connections are kept and used again, one mail after
 * the other.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_LIST 256
#define LINE 4096

static struct {
	struct sockaddr_in to;
	long connections, mails, first;
	double per_second;
	const char *rcpt[MAX_LIST], *head[MAX_LIST];
	size_t nrcpt, nhead, body_bytes;
	char **lines;
	FILE *times;
	pthread_mutex_t lock;
	double start;
	char *body;
} load = { .connections = 20, .mails = 1000, .body_bytes = 2000, .lock = PTHREAD_MUTEX_INITIALIZER };

static atomic_long next_mail, refused;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* text with the first "%d" replaced by number. */
static size_t fill(char *out, size_t size, const char *text, long number)
{
	const char *at = strstr(text, "%d");
	int n = at ? snprintf(out, size, "%.*s%ld%s", (int)(at - text), text, number, at + 2) : snprintf(out, size, "%s",
		text);

	if (n < 0 || (size_t)n >= size) {
		fprintf(stderr, "load: line too long: %s\n", text);
		exit(1);
	}
	return (size_t)n;
}

static void put(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t m = send(fd, p, n, MSG_NOSIGNAL);

		if (m < 0 && errno != EINTR)
			die("send");
		if (m > 0) {
			p += m;
			n -= (size_t)m;
		}
	}
}

/* The code of one whole reply; its last line stays in line. */
static int reply(FILE *in, char line[LINE])
{
	do {
		if (!fgets(line, LINE, in))
			die("the server closed the connection");
	} while (line[3] == '-');
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static int ask(int fd, FILE *in, const char *command, char line[LINE])
{
	put(fd, command, strlen(command));
	return reply(in, line);
}

static void one_rcpt(char *command, long number, size_t i)
{
	char address[LINE / 2];

	if (load.lines)
		fill(address, sizeof(address), load.lines[number - load.first], number);
	else
		fill(address, sizeof(address), load.rcpt[i], number);
	snprintf(command, LINE, "RCPT TO:<%s>\r\n", address);
}

static size_t message(char *out, size_t size, long number)
{
	size_t n = (size_t)snprintf(out, size, "From: shop@example.com\r\nTo: ana@example.net\r\nSubject: order %ld\r\n"
		"Message-ID: <%ld.%ld@load.example.com>\r\n", number, (long)getpid(), number);

	for (size_t i = 0; i < load.nhead; i++) {
		n += fill(out + n, size - n, load.head[i], number);
		n += (size_t)snprintf(out + n, size - n, "\r\n");
	}
	n += (size_t)snprintf(out + n, size - n, "\r\n%s.\r\n", load.body);
	return n;
}

static void one_mail(int fd, FILE *in, char *text, size_t size, long number)
{
	char line[LINE], command[LINE];
	size_t nrcpt = load.lines ? 1 : load.nrcpt;
	int code = ask(fd, in, "MAIL FROM:<shop@example.com>\r\n", line);

	for (size_t i = 0; i < nrcpt && code == 250; i++) {
		one_rcpt(command, number, i);
		code = ask(fd, in, command, line);
	}
	if (code == 250 && ask(fd, in, "DATA\r\n", line) == 354) {
		put(fd, text, message(text, size, number));
		code = reply(in, line);
	} else {
		code = 0;
	}
	if (code != 250) {
		if (atomic_fetch_add(&refused, 1) == 0)
			fprintf(stderr, "load: mail %ld: %s", number, line);
		ask(fd, in, "RSET\r\n", command);
	} else if (load.times) {
		double at = now();

		pthread_mutex_lock(&load.lock);
		fprintf(load.times, "%ld %.0f\n", number, at * 1e6);
		pthread_mutex_unlock(&load.lock);
	}
}

static void *client(void *arg)
{
	char line[LINE], *text;
	size_t size = load.body_bytes + 65536;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	FILE *in;

	(void)arg;
	if (fd < 0 || connect(fd, (struct sockaddr *)&load.to, sizeof(load.to)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	in = fdopen(fd, "r");
	text = malloc(size);
	if (!in || !text || reply(in, line) != 220 || ask(fd, in, "EHLO load.example.com\r\n", line) != 250)
		die("greeting");
	for (;;) {
		long i = atomic_fetch_add(&next_mail, 1);

		if (i >= load.mails)
			break;
		if (load.per_second > 0) {
			double wait = load.start + (double)i / load.per_second - now();

			if (wait > 0)
				usleep((useconds_t)(wait * 1e6));
		}
		one_mail(fd, in, text, size, load.first + i);
	}
	ask(fd, in, "QUIT\r\n", line);
	fclose(in);
	free(text);
	return NULL;
}

static void read_lines(const char *path)
{
	FILE *in = fopen(path, "r");
	char line[LINE];
	long n = 0;

	if (!in)
		die(path);
	load.lines = calloc((size_t)load.mails, sizeof(*load.lines));
	while (load.lines && n < load.mails && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\r\n")] = 0;
		load.lines[n++] = strdup(line);
	}
	load.mails = n;
	fclose(in);
}

static void parse_address(const char *text)
{
	char host[64];
	const char *colon = strchr(text, ':');

	if (!colon || (size_t)(colon - text) >= sizeof(host)) {
		fprintf(stderr, "load: %s: not HOST:PORT\n", text);
		exit(2);
	}
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	load.to.sin_family = AF_INET;
	load.to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &load.to.sin_addr) != 1 || (ntohl(load.to.sin_addr.s_addr) >> 24) != 127) {
		fprintf(stderr, "load: %s: only loopback addresses are loaded\n", host);
		exit(2);
	}
}

static void parse(int argc, char **argv)
{
	const char *lines = NULL;
	int c;

	while ((c = getopt(argc, argv, "c:n:f:r:R:H:s:p:t:")) != -1) {
		switch (c) {
		case 'c': load.connections = strtol(optarg, NULL, 10); break;
		case 'n': load.mails = strtol(optarg, NULL, 10); break;
		case 'f': load.first = strtol(optarg, NULL, 10); break;
		case 's': load.body_bytes = strtoul(optarg, NULL, 10); break;
		case 'p': load.per_second = strtod(optarg, NULL); break;
		case 'R': lines = optarg; break;
		case 'r': if (load.nrcpt < MAX_LIST) load.rcpt[load.nrcpt++] = optarg; break;
		case 'H': if (load.nhead < MAX_LIST) load.head[load.nhead++] = optarg; break;
		case 't':
			load.times = fopen(optarg, "w");
			if (!load.times)
				die(optarg);
			break;
		default: exit(2);
		}
	}
	if (optind + 1 != argc || (!load.nrcpt && !lines)) {
		fprintf(stderr, "usage: load [options] -r RCPT HOST:PORT (see the head of load.c)\n");
		exit(2);
	}
	parse_address(argv[optind]);
	if (lines)
		read_lines(lines);
}

int main(int argc, char **argv)
{
	pthread_t threads[256];
	double took;

	parse(argc, argv);
	load.body = calloc(1, load.body_bytes + 128);
	if (!load.body)
		die("body");
	for (size_t i = 0; i < load.body_bytes; i += 64)
		memcpy(load.body + i, "Dear customer, thank you for your order, it leaves us today...\r\n", 64);
	if (load.connections > 256)
		load.connections = 256;
	load.start = now();
	for (long i = 0; i < load.connections; i++) {
		if (pthread_create(&threads[i], NULL, client, NULL))
			die("pthread_create");
	}
	for (long i = 0; i < load.connections; i++)
		pthread_join(threads[i], NULL);
	took = now() - load.start;
	if (load.times)
		fclose(load.times);
	printf("%ld %.4f %.1f\n", load.mails - atomic_load(&refused), took,
		(double)(load.mails - atomic_load(&refused)) / took);
	return atomic_load(&refused) ? 1 : 0;
}
