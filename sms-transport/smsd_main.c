/*
 * smsd_main - main() of tandem-smsd
 */
#include "daemon.h"
#include "run.h"

int main(int argc, char **argv)
{
	static const struct td_daemon smsd = { "tandem-smsd", "submits SMS to providers and hears from them", smsd_run };

	return td_daemon_main(argc, argv, &smsd);
}
