/*
 * transfer - quoted-printable and base64 as they arrive, damaged or made by hand
 */
#include "transfer.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of white space at v and the end of the line after it; 0 when something else comes first. */
static size_t line_end(struct td_view v)
{
	size_t n = 0;

	while (n < v.n && (v.p[n] == ' ' || v.p[n] == '\t' || v.p[n] == '\r'))
		n++;
	if (n == v.n)
		return n;
	return v.p[n] == '\n' ? n + 1 : 0;
}

void td_transfer_qp(struct td_view v, struct td_buf *out)
{
	while (v.n) {
		size_t plain = td_view_chr(v, '=');
		struct td_view rest;
		size_t end;

		plain = plain == (size_t)-1 ? v.n : plain;
		td_buf_add(out, td_view_mem(v.p, plain));
		v = td_view_skip(v, plain);
		if (v.n == 0)
			return;
		rest = td_view_skip(v, 1);
		end = line_end(rest);
		if (rest.n >= 2 && hex(rest.p[0]) >= 0 && hex(rest.p[1]) >= 0) {
			td_buf_byte(out, (char)(hex(rest.p[0]) << 4 | hex(rest.p[1])));
			v = td_view_skip(rest, 2);
		} else if (end || rest.n == 0) {
			v = td_view_skip(rest, end);
		} else if (rest.n == 1 && hex(rest.p[0]) >= 0) {
			return; /* cut off */
		} else {
			td_buf_byte(out, '=');
			v = rest;
		}
	}
}

/* The value of a character of the alphabet, -1 for any other. */
static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

struct group { /* up to three bytes of four characters */
	uint32_t bits;
	int n; /* characters so far */
};

/* The bytes that are whole, of a group that is or of one that was cut off. */
static void put(struct group *group, struct td_buf *out)
{
	int bytes = group->n * 6 / 8;
	uint32_t bits = group->n ? group->bits << (4 - group->n) * 6 : 0;

	for (int i = 0; i < bytes; i++)
		td_buf_byte(out, (char)(bits >> (16 - 8 * i) & 0xFF));
	*group = (struct group){ 0, 0 };
}

void td_transfer_base64(struct td_view v, struct td_buf *out)
{
	struct group group = { 0, 0 };
	size_t i;

	for (i = 0; i < v.n; i++) {
		int value = sextet(v.p[i]);

		if (value >= 0) {
			group.bits = group.bits << 6 | (uint32_t)value;
			group.n++;
		}
		if (group.n == 4 || v.p[i] == '=')
			put(&group, out);
	}
	put(&group, out);
}
