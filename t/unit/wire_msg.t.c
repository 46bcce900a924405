/*
 * wire_msg - frames and fields: every type there and back, and everything that can be wrong with them
 */
#include "msg.h"

#include <stdlib.h>

#include "msg_shapes.h"
#include "tap.h"

static struct td_arena arena;
static struct td_buf   buf;
static struct td_err   err;

static enum td_status decode(struct td_view body, struct root *root)
{
	td_arena_reset(&arena);
	td_err_clear(&err);
	return td_shape_decode(&root_shape, body, root, &arena, &err);
}

static void field(uint16_t tag, uint32_t n, const char *bytes, size_t nbytes)
{
	td_buf_u16(&buf, tag);
	td_buf_u32(&buf, n);
	td_buf_add(&buf, td_view_mem(bytes, nbytes));
}

static struct td_view    letters[] = { { "a", 1 }, { "", 0 }, { "ccc", 3 } };
static struct leaf       some_leaves[] = { { 1, { "one", 3 }, { letters, 3 } }, { 0, { NULL, 0 }, { NULL, 0 } },
	    { -3, { "three", 5 }, { NULL, 0 } } };
static struct branch     some_branches[] = { { true, { 0, { NULL, 0 }, { NULL, 0 } }, { some_leaves, 3 } },
	    { false, { 7, { "seven", 5 }, { letters, 1 } }, { NULL, 0 } } };
static const struct root full = { true, INT64_MIN, { "caf\xc3\xa9\0x", 7 }, { letters, 3 },
	{ true, { 42, { "leaf", 4 }, { letters, 2 } }, { some_leaves, 1 } }, { some_branches, 2 } };

static void check_leaf(const struct leaf *got, const struct leaf *want, const char *name)
{
	is_int(got->n, want->n, "%s: integer", name);
	is_mem(got->text.p, got->text.n, want->text.p, want->text.n, "%s: text", name);
	if (!is_int(got->more.n, want->more.n, "%s: length of its list", name))
		return;
	for (size_t i = 0; i < want->more.n; i++)
		is_mem(got->more.v[i].p, got->more.v[i].n, want->more.v[i].p, want->more.v[i].n, "%s: list item %zu", name, i);
}

static void check_branch(const struct branch *got, const struct branch *want, const char *name)
{
	is_int(got->flag, want->flag, "%s: flag", name);
	check_leaf(&got->leaf, &want->leaf, name);
	if (!is_int(got->leaves.n, want->leaves.n, "%s: number of structs in its list", name))
		return;
	for (size_t i = 0; i < want->leaves.n; i++)
		check_leaf((struct leaf *)got->leaves.v + i, (struct leaf *)want->leaves.v + i, name);
}

static void test_round_trip(void)
{
	struct root got;

	td_buf_reset(&buf);
	td_shape_encode(&root_shape, &full, &buf);
	ok(td_buf_ok(&buf), "a struct with every type encodes");
	is_int(decode(td_buf_view(&buf), &got), TD_OK, "and decodes");
	is_int(got.flag, true, "bool");
	is_int(got.n, INT64_MIN, "the smallest integer");
	is_mem(got.text.p, got.text.n, full.text.p, full.text.n, "text with NUL and UTF-8");
	if (is_int(got.texts.n, 3, "list of texts")) {
		is_view(got.texts.v[0], "a", "first");
		is_view(got.texts.v[1], "", "an empty item keeps its place");
		is_view(got.texts.v[2], "ccc", "third");
	}
	check_branch(&got.branch, &full.branch, "embedded struct");
	if (is_int(got.branches.n, 2, "list of structs")) {
		check_branch((struct branch *)got.branches.v, some_branches, "first struct");
		check_branch((struct branch *)got.branches.v + 1, some_branches + 1, "second struct");
	}
}

static void test_empty(void)
{
	static const struct root empty;
	struct root              got = full;

	td_buf_reset(&buf);
	td_shape_encode(&root_shape, &empty, &buf);
	is_int(buf.n, 0, "false, zero and empty members take no bytes");
	is_int(decode(td_buf_view(&buf), &got), TD_OK, "no fields decode");
	ok(!got.flag && got.n == 0 && got.text.n == 0 && got.texts.n == 0 && got.branch.leaf.n == 0 && got.branches.n == 0,
		"to false, zero and empty");
}

static void test_truncation(void)
{
	struct td_view whole, part;
	struct root    got;
	struct td_msg  msg;
	size_t         more = 0, bad = 0, good = 0;
	char          *copy;

	td_buf_reset(&buf);
	td_msg_put(&buf, 5, 6, TD_OK, &root_shape, &full);
	whole = td_buf_view(&buf);
	for (size_t n = 0; n < whole.n; n++)
		more += td_msg_read(td_view_mem(whole.p, n), &msg, NULL) == 0;
	is_int(more, whole.n, "every beginning of a frame asks for more");
	is_int(td_msg_read(whole, &msg, NULL), whole.n, "and the whole frame is read");
	ok(msg.id == 5 && msg.verb == 6 && msg.status == TD_OK && msg.body.n == whole.n - TD_MSG_HEAD,
		"with its id, verb, status, body");
	for (size_t n = 0; n < msg.body.n; n++) {
		enum td_status status;

		/* A copy of the exact size: under a sanitizer one byte too many is an error. */
		copy = malloc(n ? n : 1);
		memcpy(copy, msg.body.p, n);
		part = td_view_mem(copy, n);
		status = decode(part, &got);
		bad += status == TD_BADINPUT && err.text[0];
		good += status == TD_OK;
		free(copy);
	}
	is_int(bad + good, msg.body.n, "a body cut anywhere is bad input, or ends between two fields");
	ok(good >= 6 && good < 12, "the latter only there (%zu)", good);
}

static void test_unknown(void)
{
	struct root got;

	td_buf_reset(&buf);
	field(900, 3, "???", 3);
	field(3, 4, "text", 4);
	field(65535, 0, "", 0);
	field(4, 1, "x", 1);
	field(901, 1, "?", 1);
	field(4, 1, "y", 1);
	is_int(decode(td_buf_view(&buf), &got), TD_OK, "unknown tags are skipped");
	is_view(got.text, "text", "a field after one is read");
	ok(got.texts.n == 2 && td_view_eq(got.texts.v[1], TD_VLIT("y")), "and a list around one is whole");
}

static void bad_field(uint16_t tag, uint32_t n, const char *bytes, size_t nbytes, const char *member, const char *name)
{
	struct root got;

	td_buf_reset(&buf);
	field(tag, n, bytes, nbytes);
	is_int(decode(td_buf_view(&buf), &got), TD_BADINPUT, "%s is bad input", name);
	like(err.text, member, "%s: the error names it", name);
}

static void test_hostile_fields(void)
{
	struct root got;

	bad_field(2, 7, "1234567", 7, "root.n", "an integer of 7 bytes");
	bad_field(2, 9, "123456789", 9, "root.n", "an integer of 9 bytes");
	bad_field(2, 0, "", 0, "root.n", "an integer of none");
	bad_field(1, 0, "", 0, "root.flag", "a bool of no byte");
	bad_field(1, 1, "\2", 1, "root.flag", "a bool that is 2");
	bad_field(3, 0xffffffff, "abc", 3, "root", "a length of 4 GiB");
	bad_field(3, 4, "abc", 3, "root", "a length one too long");
	bad_field(5, 6, "\0\2\0\0\0\1", 6, "branch", "a struct whose field ends outside it");
	bad_field(6, 6, "\0\2\0\0\0\1", 6, "branch", "such a struct in a list");
	bad_field(3, 0, "\0", 1, "root", "one byte behind the last field");

	td_buf_reset(&buf);
	for (int i = 0; i < 100000; i++)
		field(6, 0, "", 0);
	is_int(decode(td_buf_view(&buf), &got), TD_NOMEM, "a list that takes more than the arena's cap is refused");
	ok(arena.used <= arena.cap, "before it is allocated");
}

static void test_hostile_frames(void)
{
	static const unsigned char huge[16] = { 0xff, 0xff, 0xff, 0xff }, small[16] = { 0, 0, 0, 7 },
				   over[16] = { 0, 0x7f, 0xff, 0xfd };
	struct td_msg msg;

	is_int(td_msg_read(td_view_mem(huge, 4), &msg, &err), -1, "a frame of 4 GiB is malformed at once");
	is_int(err.status, TD_BADINPUT, "bad input");
	like(err.text, "malformed frame", "and says so");
	is_int(td_msg_read(td_view_mem(small, 16), &msg, &err), -1, "so is one too short for its head");
	is_int(td_msg_read(td_view_mem(over, 16), &msg, &err), -1, "and one of a byte over the limit");
}

static void test_limit(void)
{
	char         *bytes = calloc(1, TD_MSG_MAX);
	struct root   root = { .text = { bytes, TD_MSG_MAX - TD_MSG_HEAD - 6 } };
	struct td_buf big;
	struct td_msg msg = { 1, 2, TD_OK, { bytes, TD_MSG_MAX - TD_MSG_HEAD + 1 } };

	td_buf_init(&big, 4 * (size_t)TD_MSG_MAX);
	ok(td_msg_put(&big, 1, 2, TD_OK, &root_shape, &root), "a frame of exactly the limit is written");
	is_int(td_msg_read(td_buf_view(&big), &msg, &err), TD_MSG_MAX, "and read");
	td_buf_reset(&big);
	td_buf_str(&big, "before");
	root.text.n++;
	ok(!td_msg_put(&big, 1, 2, TD_OK, &root_shape, &root), "one byte more is not");
	ok(td_buf_ok(&big) && td_view_eq(td_buf_view(&big), TD_VLIT("before")), "and leaves the buffer as it was");
	msg = (struct td_msg){ 1, 2, TD_OK, { bytes, TD_MSG_MAX - TD_MSG_HEAD + 1 } };
	td_msg_write(&big, &msg);
	ok(!td_buf_ok(&big), "a raw frame over the limit is a failure of the buffer");
	td_buf_free(&big);
	td_buf_init(&big, 10);
	ok(!td_msg_put(&big, 1, 2, TD_OK, NULL, NULL), "a frame that does not fit the buffer's cap is not written");
	ok(td_buf_ok(&big) && big.n == 0, "not even in part");
	td_buf_free(&big);
	free(bytes);
}

static void test_repeated(void)
{
	struct root got;

	td_buf_reset(&buf);
	field(3, 1, "a", 1);
	field(3, 1, "b", 1);
	field(5, 7, "\0\1\0\0\0\1\1", 7);
	field(5, 0, "", 0);
	is_int(decode(td_buf_view(&buf), &got), TD_OK, "a field may be repeated");
	is_view(got.text, "b", "the last one counts");
	ok(!got.branch.flag, "also of structs, as a whole");
}

static void test_faults(void)
{
	struct td_err why, got;
	struct td_msg msg;

	td_err_dsn(&why, TD_REFUSED, "5.7.1", "+1555***4567: 100%% no");
	td_buf_reset(&buf);
	ok(td_fault_put(&buf, 3, 4, &why), "an error is a reply");
	td_msg_read(td_buf_view(&buf), &msg, NULL);
	is_int(td_fault_read(&msg, &got), TD_REFUSED, "whose status comes back");
	is_str(got.text, "+1555***4567: 100% no", "with its text");
	is_str(td_err_code(&got), "5.7.1", "and code");

	td_buf_reset(&buf);
	td_buf_add(&buf, TD_VLIT("\0\0\0\x19\0\0\0\1\0\2\xc8\0\0\1\0\0\0\5a\nb\x1b" "c\0\2\0\0\0\0"));
	is_int(td_msg_read(td_buf_view(&buf), &msg, NULL), 29, "a reply with a status from the future is read");
	is_int(td_fault_read(&msg, &got), TD_PERMFAIL, "as a permanent failure");
	is_str(got.text, "a?b?c", "control characters of a peer's text are replaced");

	msg = (struct td_msg){ 1, 2, TD_TEMPFAIL, TD_VLIT("\0\2\0\0\0\5" "7.1.1") };
	is_int(td_fault_read(&msg, &got), TD_TEMPFAIL, "a failure without text keeps its status");
	ok(got.text[0], "gets one");
	is_str(got.dsn, "", "and a code that is none is dropped");
	msg.body = TD_VLIT("\0\2\0\0\0\5");
	is_int(td_fault_read(&msg, &got), TD_TEMPFAIL, "a malformed one keeps it too");
}

int main(void)
{
	td_arena_init(&arena, 1 << 20);
	td_buf_init(&buf, 2 * (size_t)TD_MSG_MAX);
	test_round_trip();
	test_empty();
	test_truncation();
	test_unknown();
	test_hostile_fields();
	test_hostile_frames();
	test_limit();
	test_repeated();
	test_faults();
	td_buf_free(&buf);
	td_arena_free(&arena);
	return done_testing();
}
