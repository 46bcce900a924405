/*
 * verbs - the arrays of handlers, one a file; verbs.c puts them into one table
 */
#ifndef TD_VERBS_H
#define TD_VERBS_H

#include "op.h"

extern const struct td_verb_impl td_verbs_mail[];    /* activate.c: prepare, submit, activate, self */
extern const struct td_verb_impl td_verbs_claim[];   /* claim.c */
extern const struct td_verb_impl td_verbs_begin[];   /* begin.c */
extern const struct td_verb_impl td_verbs_settle[];  /* settle.c */
extern const struct td_verb_impl td_verbs_receipt[]; /* receipt.c: receipt, mark */
extern const struct td_verb_impl td_verbs_inbound[]; /* inbound.c */
extern const struct td_verb_impl td_verbs_query[];   /* query.c: ping, decide, link, event */

#endif
