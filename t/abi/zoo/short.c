/*
 * short - a description that is too short
 */
#define ZOO_INIT
#define ZOO_REQUEST
#define ZOO_RESPONSE
#include "zoo.h"

ZOO_ANIMAL(.magic = TANDEM_PROVIDER_MAGIC,
	.abi_major = TANDEM_ABI_MAJOR,
	.abi_minor = TANDEM_ABI_MINOR,
	.struct_size = 40,
	.transport = TANDEM_FILE,
	.name = "short",
	.version = "6.6",
	.init = zoo_init,
	.request = zoo_request,
	.response = zoo_response)
