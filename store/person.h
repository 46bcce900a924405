/*
 * person - who belongs to an address: links, attributes, the number on file (policy §1)
 */
#ifndef TD_PERSON_H
#define TD_PERSON_H

#include "op.h"

#define TD_PERSON_MAX_ADDRESSES 16

/* 3 verified, 2 app, 1 import; 0 for anything else. An operator's link counts as verified. */
int td_link_rank(struct td_view source);

/*
 * Id of the person behind addr; made when there is none and create is true; empty otherwise. original: spelling as
 * given.
 */
enum td_status td_person_of(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view original,
	bool create,
	struct td_view *person);
/*
 * Makes a and b one person. Source verified merges their two persons (attributes of b's person fill gaps); a weaker one
 * takes b alone out of the person it was with. Answers TD_REFUSED when a stronger source put it there, TD_TOOBIG over
 * 16 addresses. Writes a link event. Already linked: TD_OK, a stronger source is noted.
 */
enum td_status td_person_link(struct td_store *store, struct td_op *op, struct td_view a, struct td_view b,
	struct td_view source,
	struct td_view actor);
/*
 * Takes addr out into a person of its own; person-level revokes and pauses are copied to both sides first. TD_NOTFOUND
 * when it is linked to nothing.
 */
enum td_status td_person_unlink(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view actor);
/* Sets an attribute of the person of addr (made if need be); the empty value removes it. */
enum td_status td_person_set(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view name,
	struct td_view value);
/*
 * The best number on file ("tel:+…") among rows of statement linked_of: highest rank, then newest; empty when there is
 * none.
 */
struct td_view td_person_number(const struct td_rows *linked);

#endif
