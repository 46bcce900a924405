/*
 * cidr - IP networks, and whether an address is in one
 */
#include <arpa/inet.h>

#include "cidr.h"

#define V4_BITS 96 /* length of ::ffff:0:0/96 */

static struct td_view unbracket(struct td_view v)
{
	if (v.n >= 2 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		return td_view_mem(v.p + 1, v.n - 2);
	return v;
}

/* Text → 16 bytes; *v4 says whether it was written as IPv4. */
static bool addr_parse(struct td_view v, unsigned char out[16], bool *v4)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char got[16] = { 0 };
	v = unbracket(v);
	if (v.n == 0 || v.n >= sizeof(text) || memchr(v.p, '\0', v.n) != NULL)
		return false;
	memcpy(text, v.p, v.n);
	text[v.n] = '\0';
	*v4 = memchr(v.p, ':', v.n) == NULL;
	if (*v4) {
		got[10] = got[11] = 0xff;
		if (inet_pton(AF_INET, text, got + 12) != 1)
			return false;
	} else if (inet_pton(AF_INET6, text, got) != 1) {
		return false;
	}
	memcpy(out, got, sizeof(got));
	return true;
}

static void mask_addr(unsigned char addr[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = bits >= (i + 1) * 8 ? 8 : bits > i * 8 ? bits - i * 8 : 0;
		addr[i] &= (unsigned char)(0xff00u >> keep);
	}
}

static enum td_status host_bits(const struct td_cidr *net, bool v4, struct td_view v, struct td_err *err)
{
	char text[INET6_ADDRSTRLEN];
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? net->addr + 12 : net->addr, text, sizeof(text));
	return td_err_set(err, TD_BADINPUT, "\"%.*s\": bits set behind the prefix (did you mean \"%s/%u\"?)", TD_VARG(v),
		text, v4 ? net->bits - V4_BITS : net->bits);
}

enum td_status td_cidr_parse(struct td_view v, struct td_cidr *out, struct td_err *err)
{
	struct td_cidr net;
	unsigned char whole[16];
	size_t slash = td_view_chr(v, '/');
	struct td_view addr = slash == (size_t)-1 ? v : td_view_mem(v.p, slash);
	int64_t length;
	bool v4;
	if (!addr_parse(addr, net.addr, &v4))
		return td_err_set(err, TD_BADINPUT, "\"%.*s\": not a network (want 10.1.2.0/24 or 2001:db8::/32)", TD_VARG(v));
	length = v4 ? 32 : 128;
	if (slash != (size_t)-1) {
		struct td_view digits = td_view_skip(v, slash + 1);
		int64_t max = length;
		if (digits.n > 3 || !td_view_i64(digits, &length) || length < 0 || length > max)
			return td_err_set(err, TD_BADINPUT, "\"%.*s\": prefix length is not 0 to %d", TD_VARG(v), (int)max);
	}
	net.bits = (unsigned)length + (v4 ? V4_BITS : 0);
	memcpy(whole, net.addr, sizeof(whole));
	mask_addr(net.addr, net.bits);
	if (memcmp(whole, net.addr, sizeof(whole)) != 0)
		return host_bits(&net, v4, v, err);
	*out = net;
	return TD_OK;
}

bool td_cidr_addr(struct td_view v, unsigned char out[16])
{
	bool v4;
	v = unbracket(v);
	if (td_view_casestarts(v, TD_VLIT("IPv6:")))
		v = td_view_skip(v, 5);
	return addr_parse(v, out, &v4);
}

bool td_cidr_match(const struct td_cidr *net, struct td_view addr)
{
	unsigned char bytes[16];
	if (!td_cidr_addr(addr, bytes))
		return false;
	mask_addr(bytes, net->bits);
	return memcmp(bytes, net->addr, sizeof(bytes)) == 0;
}

bool td_cidr_everybody(const struct td_cidr *net)
{
	static const unsigned char v4_any[16] = { [10] = 0xff, [11] = 0xff };
	if (net->bits == V4_BITS)
		return memcmp(net->addr, v4_any, sizeof(v4_any)) == 0;
	return net->bits < 8; /* no registry gives out more; ::/0, and halves of it put together */
}
