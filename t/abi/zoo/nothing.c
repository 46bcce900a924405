/*
 * nothing - describes nothing
 */
#include "zoo.h"

TANDEM_EXPORT const struct tandem_provider *tandem_provider_describe(void)
{
	return NULL;
}
