/*
 * noresponse - no operation "response"
 */
#define ZOO_INIT
#define ZOO_REQUEST
#include "zoo.h"

ZOO_ANIMAL(.magic = TANDEM_PROVIDER_MAGIC,
	.abi_major = TANDEM_ABI_MAJOR,
	.abi_minor = TANDEM_ABI_MINOR,
	.struct_size = sizeof(struct tandem_provider),
	.transport = TANDEM_FILE,
	.name = "noresponse",
	.version = "6.6",
	.init = zoo_init,
	.request = zoo_request)
