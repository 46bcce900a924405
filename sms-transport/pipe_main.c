/*
 * pipe_main - main() of tandem-pipe
 */
#include "pipe.h"

int main(int argc, char **argv)
{
	return pipe_run(argc, argv);
}
