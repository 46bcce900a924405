/*
 * null - accepts every SMS and sends none: for measurements, and for trying a configuration without a provider
 *
 * Settings: none. tandem-smsd says at start that nothing leaves through it.
 */
#include <tandem/provider.h>

static int init(struct tandem_call *call, void **state)
{
	*state = call->host->alloc(call, 1);
	return *state ? TANDEM_OK : TANDEM_FAIL;
}

static int request(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out)
{
	struct tandem_view *id = call->host->alloc(call, sizeof(*id));

	(void)state;
	if (!id)
		return TANDEM_FAIL;
	*id = sms->reference;
	out->outcome = (struct tandem_outcome){ .kind = TANDEM_ACCEPTED, .ids = id, .nids = 1 };
	return TANDEM_OK;
}

/* Nothing was asked, so nothing is answered; the host wants the operation all the same. */
static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	(void)state, (void)answer, (void)out;
	return call->host->error(call, "an answer to no request");
}

/* What it accepted it would accept again. */
static int query(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out)
{
	return request(call, state, sms, out);
}

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	static const struct tandem_provider provider = {
		.magic = TANDEM_PROVIDER_MAGIC,
		.abi_major = TANDEM_ABI_MAJOR,
		.abi_minor = TANDEM_ABI_MINOR,
		.struct_size = sizeof(struct tandem_provider),
		.transport = TANDEM_FILE,
		.name = "null",
		.version = "1.0",
		.capabilities = TANDEM_CAN_REPEAT | TANDEM_CAN_QUERY | TANDEM_CAN_LONG | TANDEM_CAN_ALPHA,
		.init = init,
		.request = request,
		.response = response,
		.query = query,
	};

	return &provider;
}
