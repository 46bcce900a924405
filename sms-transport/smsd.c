/*
 * smsd - small things that all parts of tandem-smsd need of the context
 */
#include "smsd.h"

#include <stdio.h>
#include <string.h>

void smsd_flush_soon(struct smsd *smsd)
{
	event_active(smsd->flush, EV_TIMEOUT, 0);
}

struct instance *smsd_provider(const struct smsd *smsd, const char *name)
{
	for (size_t i = 0; i < smsd->nproviders; i++) {
		if (!strcmp(smsd->providers[i]->set->name, name))
			return smsd->providers[i];
	}
	return NULL;
}

void smsd_trouble(struct smsd *smsd, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(smsd->last_error, sizeof(smsd->last_error), fmt, ap);
	va_end(ap);
	smsd->last_error_at = td_now_ms(smsd->clock);
	td_warning("%s", smsd->last_error);
}
