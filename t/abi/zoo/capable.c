/*
 * capable - capabilities that there are not
 */
#define ZOO_INIT
#define ZOO_REQUEST
#define ZOO_RESPONSE
#include "zoo.h"

ZOO_ANIMAL(.magic = TANDEM_PROVIDER_MAGIC,
	.abi_major = TANDEM_ABI_MAJOR,
	.abi_minor = TANDEM_ABI_MINOR,
	.struct_size = sizeof(struct tandem_provider),
	.transport = TANDEM_FILE,
	.name = "capable",
	.version = "6.6",
	.capabilities = 0xdeadbeef00000000,
	.init = zoo_init,
	.request = zoo_request,
	.response = zoo_response)
