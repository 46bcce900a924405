/*
 * msg - frames and fields of the local protocol
 *
 * A frame is a big-endian header of 12 bytes {u32 length of the rest after this word, u32 id, u16 verb, u8 status, u8
 * flags} and a run of fields {u16 tag, u32 length, bytes}. A reply carries the id and verb of its request; replies
 * may come in any order. Integers in fields are 8 bytes big-endian; strings are raw bytes; a struct is a field whose
 * bytes are fields; a list is a repeated tag. Unknown tags are skipped, so that programs of neighbouring versions
 * talk to each other.
 *
 * Threads: pure. Errors: a malformed frame is TD_BADINPUT and ends the connection.
 */
#ifndef TD_MSG_H
#define TD_MSG_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "view.h"

#define TD_MSG_MAX (8u << 20) /* bytes of one frame */
#define TD_MSG_HEAD 12

struct td_msg {
	uint32_t       id;
	uint16_t       verb;
	enum td_status status; /* replies; TD_OK in requests */
	struct td_view body;   /* the fields */
};

/* Appends a whole frame to out. A frame over TD_MSG_MAX is a sticky failure of out. */
void td_msg_write(struct td_buf *out, const struct td_msg *msg);
/*
 * Takes one frame off the front of in. Returns the bytes it used, 0 when more are needed, (size_t)-1 when malformed
 * (err). msg->body points into in. A status this program does not know is read as TD_PERMFAIL.
 */
size_t td_msg_read(struct td_view in, struct td_msg *msg, struct td_err *err);

/* Table-driven encoding of C structs: one row a member. */
enum td_field_type { TD_F_BOOL, TD_F_I64, TD_F_VIEW, TD_F_VIEWS, TD_F_STRUCT, TD_F_STRUCTS };

struct td_views { /* a list of views, in the arena of the decoder or borrowed by the encoder */
	struct td_view *v;
	size_t          n;
};
struct td_structs { /* a list of structs of one shape */
	void  *v;
	size_t n;
};
struct td_shape;
struct td_field {
	uint16_t               tag; /* never re-used */
	enum td_field_type     type;
	size_t                 offset; /* of a bool, int64_t, td_view, td_views, embedded struct, td_structs */
	const struct td_shape *shape; /* of STRUCT and STRUCTS */
	const char            *name;  /* for errors and traces */
};
struct td_shape {
	const char            *name;
	size_t                 size; /* sizeof the C struct */
	const struct td_field *fields;
	size_t                 nfields;
};

/*
 * Writes the fields of *value. False, zero and empty members are left out, an embedded struct of such members too;
 * elements of lists never are. A failure is sticky in out.
 */
void td_shape_encode(const struct td_shape *shape, const void *value, struct td_buf *out);
/*
 * Fills *value (zeroed first). Views point into body; lists live in arena (NULL allowed if shape has none).
 * TD_BADINPUT on truncated or wrongly sized fields, TD_NOMEM over the arena's cap; nesting is bounded by the shapes
 * (which must not contain themselves). A field that is no list and comes twice counts as it came last. On failure
 * *value is not to be used.
 */
enum td_status td_shape_decode(const struct td_shape *shape, struct td_view body, void *value, struct td_arena *arena,
	struct td_err *err);
/*
 * Appends a whole frame with the fields of *value (shape NULL: none). False, with out as it was, when the frame is
 * over TD_MSG_MAX or does not fit into out.
 */
bool td_msg_put(struct td_buf *out, uint32_t id, uint16_t verb, enum td_status status, const struct td_shape *shape,
	const void *value);

/* The fields of a reply whose status is not TD_OK. */
struct td_fault {
	struct td_view text; /* tag 1 */
	struct td_view dsn;  /* tag 2; RFC 3463, empty = the default of the status */
};
extern const struct td_shape td_fault_shape;

/*
 * A reply with this id, which no request has, concerns the connection as a whole: why the server is about to close
 * it. TD_TEMPFAIL: it will not talk to this peer, and has read nothing; TD_BADINPUT: it could not understand it.
 */
#define TD_MSG_NO_ID 0

/* Appends the reply that carries *err. False as td_msg_put. */
bool td_fault_put(struct td_buf *out, uint32_t id, uint16_t verb, const struct td_err *err);
/* Fills err from a reply whose status is not TD_OK, and returns that status. */
enum td_status td_fault_read(const struct td_msg *reply, struct td_err *err);

#endif
