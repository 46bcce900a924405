/*
 * idn - an e-mail address as it is looked up
 */
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "buf.h"
#include "idn.h"

#define LABEL_MAX 63
#define ADDRESS_MAX 320

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, INITIAL_BIAS = 72, INITIAL_N = 128 };

static unsigned adapt(unsigned delta, unsigned points, bool first)
{
	unsigned k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	while (delta > (BASE - TMIN) * TMAX / 2) {
		delta /= BASE - TMIN;
		k += BASE;
	}
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static char digit(unsigned d)
{
	return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

/* One delta as a generalised variable-length integer. */
static void put_delta(struct td_buf *out, unsigned delta, unsigned bias)
{
	unsigned q = delta;

	for (unsigned k = BASE;; k += BASE) {
		unsigned t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;

		if (q < t)
			break;
		td_buf_byte(out, digit(t + (q - t) % (BASE - t)));
		q = (q - t) / (BASE - t);
	}
	td_buf_byte(out, digit(q));
}

/* RFC 3492 §6.3. A label has at most 63 code points, so nothing overflows. */
static void punycode(struct td_buf *out, const uint32_t *label, size_t n)
{
	unsigned least = INITIAL_N, delta = 0, bias = INITIAL_BIAS, basic = 0, done;

	for (size_t i = 0; i < n; i++) {
		if (label[i] < 0x80) {
			td_buf_byte(out, (char)label[i]);
			basic++;
		}
	}
	done = basic;
	if (basic > 0)
		td_buf_byte(out, '-');
	while (done < n) {
		unsigned next = UINT32_MAX;

		for (size_t i = 0; i < n; i++) {
			if (label[i] >= least && label[i] < next)
				next = label[i];
		}
		delta += (next - least) * (done + 1);
		least = next;
		for (size_t i = 0; i < n; i++) {
			if (label[i] < least)
				delta++;
			if (label[i] == least) {
				put_delta(out, delta, bias);
				bias = adapt(delta, done + 1, done == basic);
				delta = 0;
				done++;
			}
		}
		delta++;
		least++;
	}
}

static void add_label(struct td_buf *out, struct td_view label)
{
	uint32_t points[LABEL_MAX], *got;
	size_t   n = LABEL_MAX, start = out->n;
	bool     ascii = true;

	for (size_t i = 0; i < label.n; i++)
		ascii = ascii && (unsigned char)label.p[i] < 0x80;
	if (ascii) {
		td_buf_add(out, label);
	} else {
		got = u8_to_u32((const uint8_t *)label.p, label.n, points, &n);
		td_buf_str(out, "xn--");
		if (got == points)
			punycode(out, points, n);
		else
			out->bad = true; /* more code points than a label has bytes, or no memory */
		if (got != points)
			free(got);
	}
	if (label.n == 0 || out->n - start > LABEL_MAX)
		out->bad = true;
}

/* Lower case in the normal form asked for; NULL when there is no memory. The caller frees it. */
static uint8_t *lower(struct td_view v, uninorm_t form, size_t *n)
{
	return u8_tolower((const uint8_t *)v.p, v.n, NULL, form, NULL, n);
}

static void add_domain(struct td_buf *out, struct td_view domain)
{
	struct td_view rest = domain;

	for (;;) {
		size_t dot = td_view_chr(rest, '.');

		add_label(out, td_view_mem(rest.p, dot == (size_t)-1 ? rest.n : dot));
		if (dot == (size_t)-1)
			return;
		td_buf_byte(out, '.');
		rest = td_view_skip(rest, dot + 1);
	}
}

enum td_status td_idn_email(struct td_view input, size_t at, struct td_arena *arena, struct td_view *out,
	struct td_err *err)
{
	struct td_view local = td_view_mem(input.p, at), domain = td_view_skip(input, at + 1);
	struct td_buf  buf;
	uint8_t       *l, *d;
	size_t         nl = 0, nd = 0;
	enum td_status status = TD_OK;

	td_buf_init(&buf, ADDRESS_MAX);
	l = lower(local, UNINORM_NFC, &nl);
	d = lower(domain, UNINORM_NFKC, &nd);
	if (!l || !d) {
		status = td_err_set(err, TD_NOMEM, "out of memory");
		goto out;
	}
	td_buf_add(&buf, td_view_mem(l, nl));
	td_buf_byte(&buf, '@');
	if (nd > 0 && d[0] == '[')
		td_buf_add(&buf, td_view_mem(d, nd)); /* an address literal */
	else
		add_domain(&buf, td_view_mem(d, nd));
	if (!td_buf_ok(&buf))
		status = td_err_set(err, TD_BADINPUT, "\"%.*s\": not an e-mail address", (int)(input.n < 80 ? input.n : 80),
			input.p);
	else if (!(*out = td_arena_dup(arena, td_buf_view(&buf))).p)
		status = td_err_set(err, TD_NOMEM, "request too large");
out:
	free(l);
	free(d);
	td_buf_free(&buf);
	return status;
}
