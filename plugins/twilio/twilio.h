/*
 * twilio - what the files of plugin twilio share
 */
#ifndef TWILIO_PLUGIN_H
#define TWILIO_PLUGIN_H

#include <tandem/provider.h>

#include <string.h>

struct state {
	struct tandem_view base;
	struct tandem_view account;
	struct tandem_view token;
	struct tandem_view service;
};

/* What an error code means; 0 for one that is not known. */
enum tandem_outcome_kind twilio_kind_of_code(int64_t code);
/* The operation `webhook`. */
int twilio_webhook(struct tandem_call *call, void *state, const struct tandem_webhook *in, struct tandem_events *out);

/* ---- views ---- */

static inline struct tandem_view view(const char *s)
{
	return (struct tandem_view){ s, s ? strlen(s) : 0 };
}

static inline bool same(struct tandem_view a, struct tandem_view b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static inline bool is(struct tandem_view v, const char *s)
{
	return same(v, view(s));
}

static inline struct tandem_view find(const struct tandem_pair *pairs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (is(pairs[i].name, name))
			return pairs[i].value;
	}
	return (struct tandem_view){ NULL, 0 };
}

/* Digits as a number; -1 for anything else. */
static inline int64_t number_of(struct tandem_view v)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9' || n > 99999999)
			return -1;
		n = n * 10 + (v.p[i] - '0');
	}
	return v.n ? n : -1;
}

#endif
