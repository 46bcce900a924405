/*
 * tls_peer - a TLS server on a port of 127.0.0.1 for tests, with certificates of a CA of its own
 *
 * tls_make_ca, then tls_start: each connection is one to a plain port, or (to == 0) is answered over HTTP with
 * tls.body. With tls.proxy it is an HTTP proxy that takes every CONNECT for itself. Needs the openssl command.
 */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
	char     dir[40]; /* ca.pem, other.pem, cert.pem, key.pem */
	SSL_CTX *ctx;
	int      listener;
	unsigned port, to;
	bool     proxy;
	char     asked[4096]; /* requests: CONNECT, and those inside */
	char     body[8192];
} tls = { .dir = "/tmp/td-tls-XXXXXX" };

/* A CA, another one, and a certificate of the first for 127.0.0.1 and name. */
static inline void tls_make_ca(const char *name)
{
	char command[1600];

	if (!mkdtemp(tls.dir))
		bail_out("no folder");
	snprintf(command, sizeof(command), "cd %s && exec >log 2>&1 && "
		"for ca in ca other; do openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj \"/CN=Test $ca\" "
		"-keyout $ca.key -out $ca.pem || exit 1; done; "
		"openssl req -newkey rsa:2048 -nodes -subj /CN=peer -addext 'subjectAltName=IP:127.0.0.1,DNS:%s' "
		"-keyout key.pem -out csr.pem && "
		"openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copyall -days 2 "
		"-out cert.pem", tls.dir, name);
	if (system(command))
		bail_out("openssl makes no certificate: %s/log", tls.dir);
}

/* What one side has, to the other; false at the end. */
static inline bool tls_pump(SSL *ssl, int plain, bool from_tls)
{
	char bytes[4096];
	int n = from_tls ? SSL_read(ssl, bytes, sizeof(bytes)) : (int)read(plain, bytes, sizeof(bytes));

	if (n <= 0)
		return false;
	return (from_tls ? (int)send(plain, bytes, (size_t)n, MSG_NOSIGNAL) : SSL_write(ssl, bytes, n)) == n;
}

static inline void tls_relay(SSL *ssl, int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)tls.to) };
	int plain = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool on = connect(plain, (struct sockaddr *)&address, sizeof(address)) == 0;

	while (on) {
		struct pollfd fds[2] = { { .fd = fd, .events = POLLIN }, { .fd = plain, .events = POLLIN } };

		if (!SSL_pending(ssl) && poll(fds, 2, -1) < 0)
			break;
		if (SSL_pending(ssl) || fds[0].revents)
			on = tls_pump(ssl, plain, true);
		if (on && fds[1].revents)
			on = tls_pump(ssl, plain, false);
	}
	close(plain);
}

static inline void tls_note(const char *request)
{
	size_t n = strlen(tls.asked);

	snprintf(tls.asked + n, sizeof(tls.asked) - n, "%s", request);
}

static inline void tls_http(SSL *ssl)
{
	char request[2048], head[160];
	int n = SSL_read(ssl, request, sizeof(request) - 1);

	if (n <= 0)
		return;
	request[n] = '\0';
	tls_note(request);
	n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		strlen(tls.body));
	SSL_write(ssl, head, n);
	SSL_write(ssl, tls.body, (int)strlen(tls.body));
	SSL_shutdown(ssl);
}

static inline void *tls_serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	SSL *ssl = SSL_new(tls.ctx);
	char line[512];
	ssize_t n = tls.proxy ? read(fd, line, sizeof(line) - 1) : 0;

	if (n > 0) {
		line[n] = '\0';
		tls_note(line);
		send(fd, "HTTP/1.1 200 OK\r\n\r\n", 19, MSG_NOSIGNAL);
	}
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		if (tls.to)
			tls_relay(ssl, fd);
		else
			tls_http(ssl);
	}
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static inline void *tls_serve(void *arg)
{
	int fd;

	while ((fd = accept(tls.listener, NULL, NULL)) >= 0) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, tls_serve_one, (void *)(intptr_t)fd))
			bail_out("no thread");
		pthread_detach(thread);
	}
	return arg;
}

/* Serves until the process ends; the port is in tls.port. */
static inline void tls_start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	char cert[80], key[80];
	pthread_t thread;

	snprintf(cert, sizeof(cert), "%s/cert.pem", tls.dir);
	snprintf(key, sizeof(key), "%s/key.pem", tls.dir);
	signal(SIGPIPE, SIG_IGN);
	tls.ctx = SSL_CTX_new(TLS_server_method());
	if (!tls.ctx || SSL_CTX_use_certificate_file(tls.ctx, cert, SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_use_PrivateKey_file(tls.ctx, key, SSL_FILETYPE_PEM) != 1)
		bail_out("no TLS");
	tls.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(tls.listener, (struct sockaddr *)&address, size) || listen(tls.listener, 16) ||
		getsockname(tls.listener, (struct sockaddr *)&address, &size) ||
		pthread_create(&thread, NULL, tls_serve, NULL))
		bail_out("no TLS peer");
	pthread_detach(thread);
	tls.port = ntohs(address.sin_port);
}

static inline void tls_end(void)
{
	char command[80];

	snprintf(command, sizeof(command), "rm -rf %s", tls.dir);
	if (system(command))
		diag("%s stays", tls.dir);
}

#endif
