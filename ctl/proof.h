/*
 * proof - does a template do? Rendered with its sample variables, as it would be sent
 *
 * Behind `tandem template check` and `list`, and `tandem check`. Threads: one. Lifetime: what a proof points to lives
 * as long as the arena of the call.
 */
#ifndef CTL_PROOF_H
#define CTL_PROOF_H

#include "ctl.h"
#include "sms.h"

struct ctl_proof { /* of one file */
	struct td_view file;   /* NAME.LOCALE.sms; empty: a category names a template that is not there */
	struct td_view name;
	struct td_view locale; /* empty: for every language */
	bool           good;
	struct td_sms  sms;    /* when good: of the category whose opt-out hint makes it the longest */
	char           text[600]; /* when not good: "FILE:LINE: what" */
};

struct ctl_proofs {
	struct ctl_proof *v;
	size_t            n;
	size_t            bad;
};

/*
 * Proves each template of template_dir, or that by the name `only`, in every locale: the syntax of every branch, a
 * sample for every variable, and what becomes of the samples: within text.max_segments, with the opt-out hint of each
 * marketing category that uses it. A category whose template is not there at all counts as a bad proof. The errors of
 * td_template_list, TD_NOTFOUND when there is no template by the name `only`, TD_NOMEM.
 */
enum td_status ctl_prove_templates(struct ctl_call *call, struct td_view only, struct ctl_proofs *out);

/* The opt-out hint that texts of this category carry (NULL: none): a marketing category's. */
struct td_view ctl_hint_of(const struct td_conf_category *category);

#endif
