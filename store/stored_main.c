/*
 * stored_main - tandem-stored: the only writer of the store
 */
#include "daemon.h"
#include "stored.h"

static const struct td_daemon stored = { "tandem-stored", "keeps consent, jobs and history, and decides",
	td_stored_run };

int main(int argc, char **argv)
{
	return td_daemon_main(argc, argv, &stored);
}
