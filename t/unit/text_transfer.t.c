/*
 * text_transfer - quoted-printable and base64, whole and damaged
 */
#include "transfer.h"

#include <stdlib.h>

#include "tap.h"

typedef void decode_fn(struct td_view v, struct td_buf *out);

static void check(decode_fn *decode, const char *in, const char *want, const char *name)
{
	struct td_buf out;

	td_buf_init(&out, 4096);
	decode(td_view_str(in), &out);
	is_mem(out.p ? out.p : "", out.n, want, strlen(want), "%s", name);
	td_buf_free(&out);
}

static void quoted_printable(void)
{
	decode_fn *qp = td_transfer_qp;

	check(qp, "", "", "nothing");
	check(qp, "plain\r\ntext", "plain\r\ntext", "lines stay as they are");
	check(qp, "caf=C3=A9 =c3=a9", "café é", "digits of either case");
	check(qp, "one =\r\nline =\nhere", "one line here", "soft line breaks");
	check(qp, "one = \t\r\nline", "one line", "with white space that was added after them");
	check(qp, "=D8=\r\n=B7", "ط", "in the middle of a character");
	check(qp, "100% = 1, a=b, =zz, =4.", "100% = 1, a=b, =zz, =4.", "what is no escape is text");
	check(qp, "cut =", "cut ", "an escape that is cut off");
	check(qp, "cut =E", "cut ", "one with half of its digits");
	check(qp, "a=3D\r\n=3D=\r\n=3D", "a=\r\n==", "equals signs");
	check(qp, "=\r\n\r\nx", "\r\nx", "an empty line after a soft break");
	check(qp, "x =\rstill here", "x =\rstill here", "a lone CR ends no line");
}

static void base64(void)
{
	decode_fn *b64 = td_transfer_base64;

	check(b64, "", "", "nothing");
	check(b64, "SGVsbG8=", "Hello", "padding");
	check(b64, "SGVsbG8", "Hello", "none");
	check(b64, "SGVsbA==", "Hell", "two of it");
	check(b64, "SGVsbA", "Hell", "none of two");
	check(b64, " SG!Vs\r\nb*G8= \r\n", "Hello", "noise");
	check(b64, "SGVsbG8=\r\nIHRoZXJl\r\n", "Hello there", "pieces, each encoded alone");
	check(b64, "SGVsbA==IHRoZXJl", "Hell there", "without a line end between");
	check(b64, "SGVsbG8sIHRoZXJlS", "Hello, there", "cut off where no byte is whole");
	check(b64, "====", "", "padding of nothing");
	check(b64, "+/+/", "\xFB\xFF\xBF", "the last two of the alphabet");
}

/* Every length comes back, whatever its padding. */
static void lengths(void)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct td_buf text, out;

	td_buf_init(&text, 4096);
	td_buf_init(&out, 4096);
	for (size_t n = 0; n < 100; n++) {
		unsigned char bytes[100];
		size_t wrong;

		td_buf_reset(&text);
		td_buf_reset(&out);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (unsigned char)(i * 37 + n);
		for (size_t bit = 0; bit < n * 8; bit += 6) {
			unsigned v = (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < n ? bytes[bit / 8 + 1] : 0u);

			td_buf_byte(&text, alphabet[v >> (10 - bit % 8) & 63]);
		}
		td_transfer_base64(td_buf_view(&text), &out);
		wrong = out.n != n || (n && memcmp(out.p, bytes, n));
		if (wrong)
			fail("%zu bytes come back", n);
	}
	pass("0 to 99 bytes come back");
	td_buf_free(&out);
	td_buf_free(&text);
}

static void bounded(void)
{
	struct td_buf out;

	td_buf_init(&out, 3);
	td_transfer_base64(TD_VLIT("SGVsbG8sIHRoZXJl"), &out);
	ok(!td_buf_ok(&out), "a buffer that is too small says so");
	td_buf_free(&out);
}

int main(void)
{
	quoted_printable();
	base64();
	lengths();
	bounded();
	return done_testing();
}
