/*
 * remedy - an event in plain words, and what would have to change for a message that was stopped
 *
 * For operators (`tandem why`, `tandem decide`); SMTP replies and logs have the shorter words of verdict.c.
 * Threads: the loop's. Owns: nothing; texts are in the op's arena. Errors: memory shows in the arena.
 */
#ifndef TD_REMEDY_H
#define TD_REMEDY_H

#include "op.h"

/* "+1555***4567 replied STOP on 2026-11-02 09:14 UTC". addr: keyed, of the event; may be empty. */
struct td_event_told {
	struct td_view action, source, actor, addr;
	int64_t        occurred_at;
};
struct td_view td_event_words(struct td_op *op, const struct td_event_told *event);

struct td_stopped { /* a decision that was no SEND */
	struct td_view reason, rule; /* of the verdict */
	struct td_view channel;      /* "email" | "sms" */
	struct td_view category;     /* may be empty */
	struct td_view addr;         /* keyed */
	struct td_view source;       /* of the event that decided; may be empty */
	int64_t        cls;
};
/* One sentence without its full stop; empty when nothing can be said. */
struct td_view td_remedy(struct td_op *op, const struct td_stopped *stopped);

#endif
