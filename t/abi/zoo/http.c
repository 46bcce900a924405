/*
 * http - HTTP without "request"
 */
#define ZOO_INIT
#define ZOO_RESPONSE
#include "zoo.h"

ZOO_ANIMAL(.magic = TANDEM_PROVIDER_MAGIC,
	.abi_major = TANDEM_ABI_MAJOR,
	.abi_minor = TANDEM_ABI_MINOR,
	.struct_size = sizeof(struct tandem_provider),
	.transport = TANDEM_HTTP,
	.name = "http",
	.version = "6.6",
	.init = zoo_init,
	.response = zoo_response)
