/*
 * verbs - one table of handlers from the arrays of the files that have them
 */
#include "verbs.h"

#include "admin.h"

static const struct td_verb_impl *const tables[] = {
	td_verbs_mail, td_verbs_claim, td_verbs_begin, td_verbs_settle, td_verbs_receipt, td_verbs_inbound, td_verbs_query,
	td_verbs_admin,
};

const struct td_verb_impl *td_verb_find(uint16_t verb)
{
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		for (const struct td_verb_impl *impl = tables[i]; impl->verb; impl++) {
			if (impl->verb == verb)
				return impl;
		}
	}
	return NULL;
}
