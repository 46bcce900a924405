/*
 * slow_fsync - LD_PRELOAD library that adds SLOW_FSYNC_MS milliseconds to every fsync and fdatasync
 *
 * For B9: what a disk slower than this machine's does to latency.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void delay(void)
{
	const char *ms = getenv("SLOW_FSYNC_MS");

	usleep((useconds_t)(ms ? strtoul(ms, NULL, 10) : 5) * 1000);
}

int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");

	delay();
	return real(fd);
}

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

	delay();
	return real(fd);
}
