/*
 * zoo - what the broken plugins have in common; ZOO_INIT and so on say which operations one uses
 */
#ifndef ZOO_H
#define ZOO_H

#include <tandem/provider.h>

#ifdef ZOO_INIT
static int zoo_init(struct tandem_call *call, void **state)
{
	*state = call->host->alloc(call, 1);
	return *state ? TANDEM_OK : TANDEM_FAIL;
}
#endif

#ifdef ZOO_REQUEST
static int zoo_request(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out)
{
	(void)call, (void)state, (void)sms;
	out->outcome.kind = TANDEM_TEMPORARY;
	return TANDEM_OK;
}
#endif

#ifdef ZOO_RESPONSE
static int zoo_response(struct tandem_call *call, void *state, const struct tandem_answer *answer,
	struct tandem_step *out)
{
	(void)call, (void)state, (void)answer;
	out->outcome.kind = TANDEM_UNCERTAIN;
	return TANDEM_OK;
}
#endif

/* The one symbol, with these members of the description. */
#define ZOO_ANIMAL(...) \
	TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void) \
	{ \
		static const struct tandem_provider provider = { __VA_ARGS__ }; \
		return &provider; \
	}

#endif
