/*
 * edit - applies a plan to the mail: deletions, our headers, then the one addition
 */
#include "edit.h"

#include <strings.h>

static bool strip(SMFICTX *ctx, const struct td_mail *mail, bool keep_keyword)
{
	for (size_t i = 0; i < mail->nstrip; i++) {
		if (keep_keyword && strcasecmp(mail->strip[i].name, "X-Tandem-Keyword") == 0)
			continue;
		/* From the highest number down: whoever counts anew after a deletion, and whoever does not, agree. */
		for (int n = mail->strip[i].count; n > 0; n--)
			if (smfi_chgheader(ctx, (char *)mail->strip[i].name, n, NULL) != MI_SUCCESS)
				return false;
	}
	return true;
}

/* In place of what the application brought: two such headers, and clients take either. */
static bool set_unsubscribe(SMFICTX *ctx, const struct td_mail *mail, const struct td_plan *plan)
{
	for (size_t i = 0; i < 2 && plan->unsubscribe[0]; i++) {
		for (int n = mail->nunsubscribe[i]; n > 0; n--)
			if (smfi_chgheader(ctx, (char *)td_unsubscribe_names[i], n, NULL) != MI_SUCCESS)
				return false;
		if (plan->unsubscribe[i] && smfi_addheader(ctx, (char *)td_unsubscribe_names[i],
			(char *)plan->unsubscribe[i]) != MI_SUCCESS)
			return false;
	}
	return true;
}

bool td_edit_apply(SMFICTX *ctx, const struct td_mail *mail, const struct td_plan *plan)
{
	for (size_t i = 0; i < plan->ndrop; i++)
		if (smfi_delrcpt(ctx, (char *)plan->drop[i]) != MI_SUCCESS)
			return false;
	if (plan->strip && !strip(ctx, mail, plan->keep_keyword))
		return false;
	if (!set_unsubscribe(ctx, mail, plan))
		return false;
	/* Tandem reports by itself, so the token asks for no DSN. */
	return !plan->add || smfi_addrcpt_par(ctx, (char *)plan->add, (char *)"NOTIFY=NEVER") == MI_SUCCESS;
}
