/*
 * msg.fuzz - frames and fields from a hostile peer
 *
 * Whatever decodes must encode to something that decodes to the same: encoding it once more gives the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "msg_shapes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool cond)
{
	if (!cond)
		abort();
}

/* Decodes body and encodes it into out. False if it does not decode. */
static bool recode(struct td_view body, struct td_buf *out)
{
	struct td_arena arena;
	struct td_err   err;
	struct root     root;
	enum td_status  status;

	td_arena_init(&arena, 1 << 20);
	td_err_clear(&err);
	status = td_shape_decode(&root_shape, body, &root, &arena, &err);
	check(status == TD_OK || ((status == TD_BADINPUT || status == TD_NOMEM) && err.status == status && err.text[0]));
	if (status == TD_OK)
		td_shape_encode(&root_shape, &root, out);
	td_arena_free(&arena);
	return status == TD_OK;
}

static void round_trip(struct td_view body)
{
	struct td_buf once, twice;

	td_buf_init(&once, TD_MSG_MAX);
	td_buf_init(&twice, TD_MSG_MAX);
	if (recode(body, &once) && td_buf_ok(&once)) {
		check(recode(td_buf_view(&once), &twice) && td_buf_ok(&twice));
		check(td_view_eq(td_buf_view(&once), td_buf_view(&twice)));
	}
	td_buf_free(&once);
	td_buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_view rest = td_view_mem(data, size);
	struct td_msg  msg;
	struct td_err  err;
	size_t         n;

	while ((n = td_msg_read(rest, &msg, &err)) > 0 && n != (size_t)-1) {
		check(n >= TD_MSG_HEAD && n <= rest.n && msg.body.n == n - TD_MSG_HEAD);
		if (msg.status != TD_OK)
			check(td_fault_read(&msg, &err) == msg.status && err.text[0]);
		round_trip(msg.body);
		rest = td_view_skip(rest, n);
	}
	round_trip(td_view_mem(data, size));
	return 0;
}
