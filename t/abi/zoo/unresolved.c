/*
 * unresolved - needs a function that nobody has: RTLD_NOW finds out
 */
#define ZOO_INIT
#define ZOO_RESPONSE
#include "zoo.h"

int nobody_has_this(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out);

ZOO_ANIMAL(.magic = TANDEM_PROVIDER_MAGIC, .abi_major = TANDEM_ABI_MAJOR, .abi_minor = TANDEM_ABI_MINOR,
	.struct_size = sizeof(struct tandem_provider), .transport = TANDEM_FILE, .name = "unresolved", .version = "6.6",
	.init = zoo_init, .request = nobody_has_this, .response = zoo_response)
