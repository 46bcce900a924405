/*
 * smpp - what the files of the plugin share: PDUs, an instance, a connection
 */
#ifndef SMPP_H
#define SMPP_H

#include <tandem/provider.h>

#include <string.h>

enum { BIND = 0x09, SUBMIT = 0x04, DELIVER = 0x05, UNBIND = 0x06, ENQUIRE = 0x15 };
#define RESPONSE 0x80000000u
#define GENERIC_NACK 0x80000000u
#define PDU_MAX 70000
#define SLOTS 64 /* SMS without an answer, of one connection */
#define PARTS 16 /* of one SMS in parts; longer ones go as message_payload */
#define ID_SIZE 65
#define WORD_MAX 64    /* octets of an id or address that are looked at */
#define TEXT_MAX 16000 /* likewise of a text */
#define TICK_MS 1000

struct state {
	struct tandem_view host, system_id, password, system_type;
	uint32_t           port, binds;
	bool               tls, latin1, payload;
	int                ton, npi; /* -1: by the kind of sender */
	int64_t            enquire_ms, patience_ms;
};

struct slot { /* an SMS */
	uint64_t                 token;
	int64_t                  since;
	uint32_t                 first;  /* sequence number of its first part; 0: the slot is free */
	uint8_t                  parts, accepted, failed;
	uint16_t                 answered; /* a bit a part: an answer counts once */
	enum tandem_outcome_kind kind;   /* of a failed part */
	uint32_t                 status;
	char                     ids[PARTS][ID_SIZE];
};

struct conn {
	uint32_t    sequence;
	bool        bound, leaving;
	int64_t     heard;   /* when the peer last said something */
	int64_t     asked;   /* when it was asked; 0 = is not */
	int64_t     paused;  /* until then nothing is submitted */
	uint8_t     reference;
	struct slot slots[SLOTS];
};

/* ---- writing ---- */

struct pdu {
	unsigned char *p;
	size_t         n;
};

static inline void put(struct pdu *pdu, const void *bytes, size_t n)
{
	if (n)
		memcpy(pdu->p + pdu->n, bytes, n);
	pdu->n += n;
}

static inline void put_int(struct pdu *pdu, uint32_t value, int octets)
{
	while (octets--)
		pdu->p[pdu->n++] = (unsigned char)(value >> 8 * octets);
}

/* A C-string of at most max octets with its NUL. */
static inline void put_text(struct pdu *pdu, struct tandem_view v, size_t max)
{
	put(pdu, v.p, v.n < max ? v.n : max - 1);
	pdu->p[pdu->n++] = 0;
}

static inline size_t head(struct pdu *pdu, uint32_t command, uint32_t status, uint32_t sequence)
{
	size_t start = pdu->n;

	put_int(pdu, 16, 4);
	put_int(pdu, command, 4);
	put_int(pdu, status, 4);
	put_int(pdu, sequence, 4);
	return start;
}

/* Writes the length of what began at start. */
static inline void finish(struct pdu *pdu, size_t start)
{
	struct pdu length = { pdu->p + start, 0 };

	put_int(&length, (uint32_t)(pdu->n - start), 4);
}

static inline uint32_t next_sequence(struct conn *conn)
{
	conn->sequence = conn->sequence % 0x7FFFFFFF + 1;
	return conn->sequence;
}

static inline struct tandem_view sent(const struct pdu *pdu)
{
	return (struct tandem_view){ (const char *)pdu->p, pdu->n };
}


/* ---- smpp.c ---- */

/* What a command_status means for an SMS, or for us. */
enum tandem_outcome_kind smpp_kind(uint32_t status);
/* The result of an SMS all parts of which are answered, or (late) one whose time is over. Frees its slot. */
bool smpp_result(struct tandem_call *call, struct slot *slot, bool late, struct tandem_stream_result *out);
/* What every operation ends with: how much room there is. */
int smpp_settled(struct tandem_call *call, const struct conn *conn, struct tandem_stream_out *out);

/* ---- receive.c ---- */

int smpp_input(struct tandem_call *call, void *state, void *conn, struct tandem_view bytes,
	struct tandem_stream_out *out);

#endif
