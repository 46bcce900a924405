/*
 * mail_token - the tokens that stand for a mail (t-TOKEN), for a mail of our own (X-Tandem-Self), and for the no of
 * whom a mail was for (List-Unsubscribe)
 *
 * A mail's token carries the mail's id, which is time-ordered: the row is found, and was inserted, at the end of its
 * index. Half of the id is random, and without the MAC an id is worth nothing.
 */
#include "codec.h"
#include "job.h"
#include "token.h"

#define SELF_MAX_MS (60 * 60 * 1000) /* our own mail reaches the milter within this, or not at all */

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* 26 characters of five bits are 130 bits: the first two are zero. */
static bool id_bytes(struct td_view id, unsigned char out[TD_TOKEN_ID])
{
	unsigned acc = 0, bits = 0;
	size_t   n = 0;

	if (id.n != TD_ID_SIZE - 1)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		const char *at = memchr(alphabet, id.p[i], sizeof alphabet - 1);

		if (!at || (i == 0 && at - alphabet > 7))
			return false;
		acc = acc << 5 | (unsigned)(at - alphabet);
		bits += i == 0 ? 3 : 5;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (unsigned char)(acc >> bits);
			acc &= (1u << bits) - 1;
		}
	}
	return n == TD_TOKEN_ID;
}

static void id_text(const unsigned char bytes[TD_TOKEN_ID], char out[TD_ID_SIZE])
{
	unsigned acc = 0, bits = 2;
	size_t   n = 0;

	for (size_t i = 0; i < TD_TOKEN_ID; i++) {
		acc = (acc << 8 | bytes[i]) & 0xffff;
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			out[n++] = alphabet[acc >> bits & 31];
		}
	}
	out[n] = '\0';
}

/* Empty when id is none. */
static struct td_view token_of(struct td_store *store, struct td_op *op, const char *purpose, struct td_view id)
{
	unsigned char bytes[TD_TOKEN_ID];
	char          token[TD_TOKEN_SIZE];

	if (!id_bytes(id, bytes))
		return td_view_str("");
	td_token_make(token, store->secret, purpose, bytes);
	return td_arena_dup(op->arena, td_view_str(token));
}

struct td_view td_mail_token(struct td_store *store, struct td_op *op, struct td_view mail)
{
	return token_of(store, op, TD_TOKEN_SMS, mail);
}

bool td_mail_of_token(const struct td_store *store, struct td_op *op, struct td_view token, struct td_view *mail)
{
	unsigned char id[TD_TOKEN_ID];
	char          text[TD_ID_SIZE];

	if (!td_token_verify(token, store->secret, TD_TOKEN_SMS, id))
		return false;
	id_text(id, text);
	*mail = td_arena_dup(op->arena, td_view_str(text));
	return true;
}

enum td_status td_self_use(struct td_store *store, struct td_op *op, struct td_view token, bool *ok)
{
	unsigned char  id[TD_TOKEN_ID];
	char           hex[2 * TD_TOKEN_ID + 1];
	struct td_rows rows;

	*ok = false;
	if (!td_token_verify(token, store->secret, TD_TOKEN_SELF, id))
		return TD_OK;
	td_hex_encode(hex, id, sizeof id);
	if (td_run(store, op, TD_SQL_SELF_TAKE, &rows, td_str(hex), td_int(op->now_ms - SELF_MAX_MS)) || td_sync(store, op))
		return op->err.status;
	*ok = rows.changed == 1;
	return TD_OK;
}

enum td_status td_unsubscribe_token(struct td_store *store, struct td_op *op, struct td_view addr,
	struct td_view category, struct td_view *token)
{
	char           since[TD_ID_SIZE];
	struct td_rows rows;
	struct td_view id;

	td_id_new(since, op->now_ms > TD_UNSUBSCRIBE_REUSE_MS ? op->now_ms - TD_UNSUBSCRIBE_REUSE_MS : 0);
	if (td_run(store, op, TD_SQL_UNSUBSCRIBE_OF, &rows, td_text(addr), td_text(category), td_str(since)) ||
		td_sync(store, op))
		return op->err.status;
	id = td_col_view(&rows, 0, 0);
	if (!id.n) {
		id = td_op_id(op);
		if (td_run(store, op, TD_SQL_UNSUBSCRIBE_INSERT, NULL, td_text(id), td_text(addr), td_text(category)))
			return op->err.status;
	}
	*token = token_of(store, op, TD_TOKEN_UNSUBSCRIBE, id);
	return TD_OK;
}
