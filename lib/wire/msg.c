/*
 * msg - frames and fields of the local protocol
 *
 * Decoding walks a body twice: first for everything that is no list, counting the lists; then, if there are any, to
 * fill them. So a list is one allocation of its exact size, and what a peer can make us allocate is bounded by the
 * arena's cap before it happens.
 */
#include "msg.h"

#define FIELD_HEAD 6

static uint32_t get_u32(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint16_t get_u16(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint16_t)(b[0] << 8 | b[1]);
}

static uint64_t get_u64(const char *p)
{
	return (uint64_t)get_u32(p) << 32 | get_u32(p + 4);
}

static void set_u16(char *p, uint16_t v)
{
	p[0] = (char)(v >> 8);
	p[1] = (char)v;
}

static void set_u32(char *p, uint32_t v)
{
	set_u16(p, (uint16_t)(v >> 16));
	set_u16(p + 2, (uint16_t)v);
}

static void set_u64(char *p, uint64_t v)
{
	set_u32(p, (uint32_t)(v >> 32));
	set_u32(p + 4, (uint32_t)v);
}

static void put_head(struct td_buf *out, size_t body, uint32_t id, uint16_t verb, enum td_status status)
{
	char head[TD_MSG_HEAD];

	set_u32(head, (uint32_t)(body + TD_MSG_HEAD - 4));
	set_u32(head + 4, id);
	set_u16(head + 8, verb);
	head[10] = (char)status;
	head[11] = 0;
	td_buf_add(out, td_view_mem(head, sizeof head));
}

void td_msg_write(struct td_buf *out, const struct td_msg *msg)
{
	if (msg->body.n > TD_MSG_MAX - TD_MSG_HEAD) {
		out->bad = true;
		return;
	}
	put_head(out, msg->body.n, msg->id, msg->verb, msg->status);
	td_buf_add(out, msg->body);
}

size_t td_msg_read(struct td_view in, struct td_msg *msg, struct td_err *err)
{
	size_t  total;
	uint8_t status;

	if (in.n < 4)
		return 0;
	total = (size_t)get_u32(in.p) + 4;
	if (total < TD_MSG_HEAD || total > TD_MSG_MAX) {
		td_err_set(err, TD_BADINPUT, "malformed frame: length %zu is not in %d to %u", total, TD_MSG_HEAD, TD_MSG_MAX);
		return (size_t)-1;
	}
	if (in.n < total)
		return 0;
	status = (uint8_t)in.p[10];
	msg->id = get_u32(in.p + 4);
	msg->verb = get_u16(in.p + 8);
	msg->status = status < TD_STATUS_MAX ? (enum td_status)status : TD_PERMFAIL;
	msg->body = td_view_mem(in.p + TD_MSG_HEAD, total - TD_MSG_HEAD);
	return total;
}

static void put_field(struct td_buf *out, uint16_t tag, struct td_view bytes)
{
	char head[FIELD_HEAD];

	if (bytes.n > TD_MSG_MAX) {
		out->bad = true;
		return;
	}
	set_u16(head, tag);
	set_u32(head + 2, (uint32_t)bytes.n);
	td_buf_add(out, td_view_mem(head, sizeof head));
	td_buf_add(out, bytes);
}

static void put_struct(struct td_buf *out, const struct td_field *field, const void *value, bool even_empty)
{
	size_t start = out->n, n;

	put_field(out, field->tag, td_view_mem(NULL, 0));
	td_shape_encode(field->shape, value, out);
	if (!td_buf_ok(out))
		return;
	n = out->n - start - FIELD_HEAD;
	if (n == 0 && !even_empty)
		out->n = start;
	else if (n > TD_MSG_MAX)
		out->bad = true;
	else
		set_u32(out->p + start + 2, (uint32_t)n);
}

void td_shape_encode(const struct td_shape *shape, const void *value, struct td_buf *out)
{
	for (size_t i = 0; i < shape->nfields && !out->bad; i++) {
		const struct td_field   *field = &shape->fields[i];
		const void              *member = (const char *)value + field->offset;
		const struct td_views   *views;
		const struct td_structs *structs;
		char                     number[8];

		switch (field->type) {
		case TD_F_BOOL:
			if (*(const bool *)member)
				put_field(out, field->tag, TD_VLIT("\1"));
			break;
		case TD_F_I64:
			set_u64(number, (uint64_t)*(const int64_t *)member);
			if (*(const int64_t *)member != 0)
				put_field(out, field->tag, td_view_mem(number, sizeof number));
			break;
		case TD_F_VIEW:
			if (((const struct td_view *)member)->n > 0)
				put_field(out, field->tag, *(const struct td_view *)member);
			break;
		case TD_F_VIEWS:
			views = member;
			for (size_t k = 0; k < views->n; k++)
				put_field(out, field->tag, views->v[k]);
			break;
		case TD_F_STRUCT:
			put_struct(out, field, member, false);
			break;
		case TD_F_STRUCTS:
			structs = member;
			for (size_t k = 0; k < structs->n; k++)
				put_struct(out, field, (const char *)structs->v + k * field->shape->size, true);
			break;
		}
	}
}

struct decoder {
	struct td_arena *arena;
	struct td_err   *err;
};

static enum td_status decode(const struct decoder *d, const struct td_shape *shape, struct td_view body, void *value);

/* Takes the next field off *body. False at the end; *bad when there is none but bytes are left. */
static bool next_field(struct td_view *body, uint16_t *tag, struct td_view *bytes, bool *bad)
{
	uint32_t n;

	if (body->n == 0)
		return false;
	n = body->n >= FIELD_HEAD ? get_u32(body->p + 2) : 0;
	if (body->n < FIELD_HEAD || n > body->n - FIELD_HEAD) {
		*bad = true;
		return false;
	}
	*tag = get_u16(body->p);
	*bytes = td_view_mem(body->p + FIELD_HEAD, n);
	*body = td_view_mem(body->p + FIELD_HEAD + n, body->n - FIELD_HEAD - n);
	return true;
}

/*
 * The row of tag; *at is where to begin, as fields come in the order of their rows. NULL if this program does not
 * know it.
 */
static const struct td_field *find_field(const struct td_shape *shape, uint16_t tag, size_t *at)
{
	for (size_t i = 0; i < shape->nfields; i++) {
		size_t k = *at + i < shape->nfields ? *at + i : *at + i - shape->nfields;

		if (shape->fields[k].tag == tag) {
			*at = k;
			return &shape->fields[k];
		}
	}
	return NULL;
}

static enum td_status wrong_size(const struct decoder *d, const struct td_shape *shape, const struct td_field *field,
	size_t n)
{
	return td_err_set(d->err, TD_BADINPUT, "malformed message: %s.%s has %zu bytes", shape->name, field->name, n);
}

/* Everything but lists, which are counted. */
static enum td_status take_single(const struct decoder *d, const struct td_shape *shape, const struct td_field *field,
	struct td_view bytes, void *member)
{
	switch (field->type) {
	case TD_F_BOOL:
		if (bytes.n != 1 || (unsigned char)bytes.p[0] > 1)
			return wrong_size(d, shape, field, bytes.n);
		*(bool *)member = bytes.p[0] != 0;
		break;
	case TD_F_I64:
		if (bytes.n != 8)
			return wrong_size(d, shape, field, bytes.n);
		*(int64_t *)member = (int64_t)get_u64(bytes.p);
		break;
	case TD_F_VIEW:
		*(struct td_view *)member = bytes;
		break;
	case TD_F_VIEWS:
		((struct td_views *)member)->n++;
		break;
	case TD_F_STRUCT:
		return decode(d, field->shape, bytes, member);
	case TD_F_STRUCTS:
		((struct td_structs *)member)->n++;
		break;
	}
	return TD_OK;
}

/* One element of a list that has been allocated; n counts up again. */
static enum td_status take_element(const struct decoder *d, const struct td_field *field, struct td_view bytes,
	void *member)
{
	struct td_views   *views;
	struct td_structs *structs;

	switch (field->type) {
	case TD_F_VIEWS:
		views = member;
		views->v[views->n++] = bytes;
		break;
	case TD_F_STRUCTS:
		structs = member;
		return decode(d, field->shape, bytes, (char *)structs->v + structs->n++ * field->shape->size);
	default:
		break;
	}
	return TD_OK;
}

/* Makes room for the lists that were counted, and sets their counts to 0 for take_element. */
static enum td_status allocate_lists(const struct decoder *d, const struct td_shape *shape, void *value, bool *any)
{
	for (size_t i = 0; i < shape->nfields; i++) {
		const struct td_field *field = &shape->fields[i];
		void                  *member = (char *)value + field->offset;
		struct td_views       *views = member;
		struct td_structs     *structs = member;
		bool                   failed = false;

		if (field->type == TD_F_VIEWS && views->n > 0) {
			views->v = TD_NEWN(d->arena, views->n, struct td_view);
			failed = !views->v;
			views->n = 0;
			*any = true;
		} else if (field->type == TD_F_STRUCTS && structs->n > 0) {
			structs->v = td_arena_array(d->arena, structs->n, field->shape->size);
			failed = !structs->v;
			structs->n = 0;
			*any = true;
		}
		if (failed)
			return td_err_set(d->err, TD_NOMEM, "message too large: no room for %s.%s", shape->name, field->name);
	}
	return TD_OK;
}

static enum td_status decode(const struct decoder *d, const struct td_shape *shape, struct td_view body, void *value)
{
	struct td_view rest = body, bytes;
	size_t         at = 0;
	uint16_t       tag;
	bool           bad = false, lists = false;
	enum td_status status;

	memset(value, 0, shape->size);
	while (next_field(&rest, &tag, &bytes, &bad)) {
		const struct td_field *field = find_field(shape, tag, &at);

		status = field ? take_single(d, shape, field, bytes, (char *)value + field->offset) : TD_OK;
		if (status)
			return status;
	}
	if (bad)
		return td_err_set(d->err, TD_BADINPUT, "malformed message: %s ends within a field", shape->name);
	status = allocate_lists(d, shape, value, &lists);
	if (status || !lists)
		return status;
	rest = body;
	at = 0;
	while (next_field(&rest, &tag, &bytes, &bad)) {
		const struct td_field *field = find_field(shape, tag, &at);

		status = field ? take_element(d, field, bytes, (char *)value + field->offset) : TD_OK;
		if (status)
			return status;
	}
	return TD_OK;
}

enum td_status td_shape_decode(const struct td_shape *shape, struct td_view body, void *value, struct td_arena *arena,
	struct td_err *err)
{
	struct decoder d = { arena, err };

	return decode(&d, shape, body, value);
}

bool td_msg_put(struct td_buf *out, uint32_t id, uint16_t verb, enum td_status status, const struct td_shape *shape,
	const void *value)
{
	size_t start = out->n, n;

	if (out->bad)
		return false;
	put_head(out, 0, id, verb, status);
	if (shape)
		td_shape_encode(shape, value, out);
	n = out->n - start;
	if (out->bad || n > TD_MSG_MAX) {
		/* A whole frame or nothing: what comes before it is still good. */
		out->n = start;
		out->bad = false;
		return false;
	}
	set_u32(out->p + start, (uint32_t)(n - 4));
	return true;
}

static const struct td_field fault_fields[] = {
	{ 1, TD_F_VIEW, offsetof(struct td_fault, text), NULL, "text" },
	{ 2, TD_F_VIEW, offsetof(struct td_fault, dsn), NULL, "dsn" },
};
const struct td_shape td_fault_shape = { "td_fault", sizeof(struct td_fault), fault_fields,
	sizeof fault_fields / sizeof *fault_fields };

bool td_fault_put(struct td_buf *out, uint32_t id, uint16_t verb, const struct td_err *err)
{
	struct td_fault fault = { td_view_str(err->text), td_view_str(err->dsn) };
	enum td_status  status = err->status != TD_OK ? err->status : TD_PERMFAIL;

	return td_msg_put(out, id, verb, status, &td_fault_shape, &fault);
}

/* RFC 3463: class 2, 4 or 5, then numbers and dots. */
static bool is_dsn(struct td_view v)
{
	if (v.n < 5 || v.n >= sizeof ((struct td_err *)NULL)->dsn || !memchr("245", v.p[0], 3) || v.p[1] != '.')
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] != '.' && (v.p[i] < '0' || v.p[i] > '9'))
			return false;
	}
	return true;
}

enum td_status td_fault_read(const struct td_msg *reply, struct td_err *err)
{
	struct td_fault fault;
	char            dsn[sizeof ((struct td_err *)NULL)->dsn] = "";

	/* Whatever the text: the peer said no, and its status is what counts. */
	if (td_shape_decode(&td_fault_shape, reply->body, &fault, NULL, NULL) || fault.text.n == 0 ||
		fault.text.p[0] == '\0')
		fault.text = td_view_str("refused without a reason");
	if (is_dsn(fault.dsn))
		memcpy(dsn, fault.dsn.p, fault.dsn.n);
	return td_err_dsn(err, reply->status, dsn, "%.*s", TD_VARG(fault.text));
}
