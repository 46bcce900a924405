/*
 * cidr - IP networks, and whether an address is in one
 *
 * IPv4 is kept as its IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), so that ::ffff:10.1.2.3 and 10.1.2.3 are the same.
 * Owns: nothing. Threads: pure. Errors: TD_BADINPUT with the quoted input and, for stray host bits, the network meant.
 */
#ifndef TD_CIDR_H
#define TD_CIDR_H

#include "err.h"
#include "view.h"

struct td_cidr {
	unsigned char addr[16]; /* network order; bits behind the prefix are 0 */
	unsigned      bits;     /* 0 … 128; of an IPv4 network 96 + its length */
};

/* "10.1.2.0/24", "2001:db8::/32", "[::1]/128", or a lone address. Bits set behind the prefix are an error. */
enum td_status td_cidr_parse(struct td_view v, struct td_cidr *out, struct td_err *err);
/*
 * A lone address as Postfix writes it: "10.1.2.3", "2001:db8::1", "IPv6:2001:db8::1", "[10.1.2.3]". False for anything
 * else ("unknown").
 */
bool td_cidr_addr(struct td_view v, unsigned char out[16]);
/* True if the address is in the network; false if v is no address. */
bool td_cidr_match(const struct td_cidr *net, struct td_view addr);
/* True for 0.0.0.0/0 and ::/0 and wider than any IPv4 network: everybody. */
bool td_cidr_everybody(const struct td_cidr *net);

#endif
