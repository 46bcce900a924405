/*
 * smsc - a small SMSC that a test scripts: SMPP 3.4 on a port of 127.0.0.1, in a thread
 *
 * Owns: its socket and connections. The test sets `smsc.how` and reads the counts; both under smsc.lock.
 */
#ifndef SMSC_H
#define SMSC_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SMSC_PEERS 8

enum smsc_how {
	SMSC_ANSWER,        /* at once */
	SMSC_HOLD,          /* not at all; released when the way changes */
	SMSC_THROTTLE,      /* the next one with ESME_RTHROTTLED, then as ANSWER */
	SMSC_DROP,          /* ends the connection when `held` SMS have come */
	SMSC_RECEIPT_FIRST, /* the receipt, then the answer */
	SMSC_GARBAGE,       /* bytes that are no PDU; then as ANSWER */
	SMSC_SLOW,          /* a byte at a time */
	SMSC_DEAF,          /* answers no enquire_link */
	SMSC_REFUSE         /* refuses to bind */
};

struct smsc_peer {
	int           fd;
	unsigned char in[1 << 16];
	size_t        n;
	uint32_t      held[64];
	size_t        nheld;
};

static struct {
	pthread_mutex_t  lock;
	enum smsc_how    how;
	int              listener;
	unsigned         port;
	struct smsc_peer peers[SMSC_PEERS];
	unsigned         binds, submits, unbinds, enquiries, most, dropped;
	unsigned         deliver_ok, deliver_failed; /* deliver_sm_resp */
	unsigned         next_id;
	char             text[1 << 16]; /* "to|octets\n" of each SMS; NUL as '0' */
	bool             end;
} smsc = { .lock = PTHREAD_MUTEX_INITIALIZER };

static inline uint32_t smsc_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void smsc_write(struct smsc_peer *peer, const void *bytes, size_t n)
{
	const char *p = bytes;

	for (size_t i = 0; i < n; i++) {
		size_t step = smsc.how == SMSC_SLOW ? 1 : n - i;

		if (send(peer->fd, p + i, step, MSG_NOSIGNAL) < 0)
			return;
		i += step - 1;
		if (smsc.how == SMSC_SLOW)
			usleep(500);
	}
}

static inline void smsc_pdu(struct smsc_peer *peer, uint32_t command, uint32_t status, uint32_t sequence,
	const void *body, size_t n)
{
	unsigned char pdu[512];
	const uint32_t head[4] = { (uint32_t)(16 + n), command, status, sequence };

	for (size_t i = 0; i < 16; i++)
		pdu[i] = (unsigned char)(head[i / 4] >> (24 - 8 * (i % 4)));
	if (n)
		memcpy(pdu + 16, body, n);
	smsc_write(peer, pdu, 16 + n);
}

/* A deliver_sm from a number with + to "15550001111". */
static inline void smsc_deliver(struct smsc_peer *peer, const char *from, unsigned char esm, const char *text)
{
	unsigned char body[300];
	size_t n = 0, length = strlen(text);

	body[n++] = 0;
	body[n++] = 1;
	body[n++] = 1;
	n += (size_t)snprintf((char *)body + n, 30, "%s", from + 1) + 1;
	body[n++] = 1;
	body[n++] = 1;
	n += (size_t)snprintf((char *)body + n, 30, "15550001111") + 1;
	body[n++] = esm;
	memset(body + n, 0, 8); /* protocol … sm_default_msg_id */
	n += 8;
	body[n++] = (unsigned char)length;
	memcpy(body + n, text, length);
	smsc_pdu(peer, 5, 0, 7000 + ++smsc.next_id, body, n + length);
}

static inline void smsc_receipt(struct smsc_peer *peer, unsigned id, const char *to)
{
	char text[160], plus[40];

	snprintf(text, sizeof(text), "id:%08x sub:001 dlvrd:001 submit date:2601021504 done date:2601021505 stat:DELIVRD "
		"err:000 text:Hello", id);
	snprintf(plus, sizeof(plus), "+%s", to);
	smsc_deliver(peer, plus, 4, text);
}

static inline void smsc_drop(struct smsc_peer *peer)
{
	close(peer->fd);
	peer->fd = -1;
	peer->n = peer->nheld = 0;
	smsc.dropped++;
}

static inline void smsc_accept_sms(struct smsc_peer *peer, uint32_t sequence, unsigned id)
{
	char text[16];

	smsc_pdu(peer, 0x80000004, 0, sequence, text, (size_t)snprintf(text, sizeof(text), "%08x", id) + 1);
}

static inline void smsc_submitted(struct smsc_peer *peer, uint32_t sequence, const unsigned char *body, size_t n)
{
	const unsigned char *p = body, *to;
	size_t used = strlen(smsc.text);
	unsigned id = ++smsc.next_id;

	(void)n;
	p += strlen((const char *)p) + 3;        /* service_type, type and plan */
	p += strlen((const char *)p) + 3;        /* source_addr, type and plan */
	to = p;
	p += strlen((const char *)p) + 4;        /* destination_addr, esm_class … priority_flag */
	p += strlen((const char *)p) + 1;        /* schedule_delivery_time */
	p += strlen((const char *)p) + 5;        /* validity_period … sm_default_msg_id */
	used += (size_t)snprintf(smsc.text + used, sizeof(smsc.text) - used - 260, "%s|", (const char *)to);
	for (size_t i = 0; i < p[0]; i++)
		smsc.text[used++] = p[1 + i] ? (char)p[1 + i] : '0';
	smsc.text[used++] = '\n';
	smsc.submits++;
	switch (smsc.how) {
	case SMSC_HOLD:
	case SMSC_DROP:
		peer->held[peer->nheld++] = sequence;
		smsc.most = peer->nheld > smsc.most ? (unsigned)peer->nheld : smsc.most;
		if (smsc.how == SMSC_DROP)
			smsc_drop(peer);
		break;
	case SMSC_THROTTLE:
		smsc.how = SMSC_ANSWER;
		smsc_pdu(peer, 0x80000004, 0x58, sequence, NULL, 0);
		break;
	case SMSC_RECEIPT_FIRST:
		smsc_receipt(peer, id, (const char *)to);
		smsc_accept_sms(peer, sequence, id);
		break;
	case SMSC_GARBAGE:
		smsc.how = SMSC_ANSWER;
		smsc_write(peer, "GET / HTTP/1.0\r\n\r\n", 18);
		break;
	default:
		smsc_accept_sms(peer, sequence, id);
		smsc_receipt(peer, id, (const char *)to);
	}
}

static inline void smsc_take(struct smsc_peer *peer, const unsigned char *pdu, size_t n)
{
	uint32_t sequence = smsc_u32(pdu + 12), status = smsc_u32(pdu + 8);

	switch (smsc_u32(pdu + 4)) {
	case 0x09:
		smsc.binds++;
		smsc_pdu(peer, 0x80000009, smsc.how == SMSC_REFUSE ? 0x0E : 0, sequence, "SMSC", 5);
		break;
	case 0x04:
		smsc_submitted(peer, sequence, pdu + 16, n - 16);
		break;
	case 0x15:
		smsc.enquiries++;
		if (smsc.how != SMSC_DEAF)
			smsc_pdu(peer, 0x80000015, 0, sequence, NULL, 0);
		break;
	case 0x06:
		smsc.unbinds++;
		smsc_pdu(peer, 0x80000006, 0, sequence, NULL, 0);
		break;
	case 0x80000005:
		smsc.deliver_ok += status == 0;
		smsc.deliver_failed += status != 0;
		break;
	}
}

static inline void smsc_read(struct smsc_peer *peer)
{
	ssize_t got = read(peer->fd, peer->in + peer->n, sizeof(peer->in) - peer->n);
	size_t at = 0, length;

	if (got <= 0) {
		close(peer->fd);
		peer->fd = -1;
		peer->n = peer->nheld = 0;
		return;
	}
	peer->n += (size_t)got;
	while (peer->fd >= 0 && peer->n - at >= 16 && (length = smsc_u32(peer->in + at)) <= peer->n - at && length >= 16) {
		smsc_take(peer, peer->in + at, length);
		at += length;
	}
	if (peer->fd >= 0) {
		memmove(peer->in, peer->in + at, peer->n - at);
		peer->n -= at;
	}
}

static inline void smsc_release(struct smsc_peer *peer)
{
	for (size_t i = 0; i < peer->nheld; i++)
		smsc_accept_sms(peer, peer->held[i], ++smsc.next_id);
	peer->nheld = 0;
}

static inline void *smsc_serve(void *arg)
{
	bool end = false;

	(void)arg;
	while (!end) {
		struct pollfd fds[SMSC_PEERS + 1] = { { .fd = smsc.listener, .events = POLLIN } };

		for (size_t i = 0; i < SMSC_PEERS; i++)
			fds[i + 1] = (struct pollfd){ .fd = smsc.peers[i].fd, .events = POLLIN };
		poll(fds, SMSC_PEERS + 1, 20);
		pthread_mutex_lock(&smsc.lock);
		for (size_t i = 0; i < SMSC_PEERS; i++) {
			struct smsc_peer *peer = &smsc.peers[i];

			if (peer->fd >= 0 && fds[i + 1].fd == peer->fd && fds[i + 1].revents)
				smsc_read(peer);
			if (peer->fd >= 0 && smsc.how != SMSC_HOLD && smsc.how != SMSC_DROP)
				smsc_release(peer);
		}
		for (size_t i = 0; (fds[0].revents & POLLIN) && i < SMSC_PEERS; i++) {
			if (smsc.peers[i].fd < 0) {
				smsc.peers[i].fd = accept(smsc.listener, NULL, NULL);
				break;
			}
		}
		end = smsc.end;
		pthread_mutex_unlock(&smsc.lock);
	}
	return NULL;
}

/* Listens; the port is in smsc.port. */
static inline pthread_t smsc_start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	pthread_t thread;

	for (size_t i = 0; i < SMSC_PEERS; i++)
		smsc.peers[i].fd = -1;
	smsc.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(smsc.listener, (struct sockaddr *)&address, size) || listen(smsc.listener, 8) ||
		getsockname(smsc.listener, (struct sockaddr *)&address, &size))
		bail_out("no port for the SMSC");
	smsc.port = ntohs(address.sin_port);
	if (pthread_create(&thread, NULL, smsc_serve, NULL))
		bail_out("no thread for the SMSC");
	return thread;
}

static inline void smsc_set(enum smsc_how how)
{
	pthread_mutex_lock(&smsc.lock);
	smsc.how = how;
	pthread_mutex_unlock(&smsc.lock);
}

static inline unsigned smsc_get(const unsigned *count)
{
	unsigned n;

	pthread_mutex_lock(&smsc.lock);
	n = *count;
	pthread_mutex_unlock(&smsc.lock);
	return n;
}

/* How often the SMSC was sent an SMS with this in its octets. */
static inline unsigned smsc_saw(const char *what)
{
	unsigned n = 0;

	pthread_mutex_lock(&smsc.lock);
	for (const char *p = smsc.text; (p = strstr(p, what)); p++)
		n++;
	pthread_mutex_unlock(&smsc.lock);
	return n;
}

#endif
