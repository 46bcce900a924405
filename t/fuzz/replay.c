/*
 * replay - runs a fuzz target over its corpus, as a test
 *
 * Linked with a NAME.fuzz.c in the place of libFuzzer. Arguments are directories or files; without any it is
 * t/fuzz/corpus/NAME, where NAME is the program's without ".t". An input that ends the process is named on the line
 * before.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path)
{
	FILE       *file = fopen(path, "rb");
	struct stat st;
	uint8_t    *data;
	size_t      size;

	note("%s", path);
	if (!file || fstat(fileno(file), &st) != 0)
		bail_out("%s: cannot read", path);
	size = (size_t)st.st_size;
	/* Of the exact size, so that a sanitizer sees a read beyond it. */
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != size)
		bail_out("%s: cannot read", path);
	is_int(LLVMFuzzerTestOneInput(data, size), 0, "%s", path);
	free(data);
	fclose(file);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *path)
{
	struct dirent **entries;
	int             n = scandir(path, &entries, visible, alphasort);

	if (n < 0) {
		replay_file(path);
		return;
	}
	ok(n > 0, "%s has inputs", path);
	for (int i = 0; i < n; i++) {
		char *file;

		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) < 0)
			bail_out("out of memory");
		replay_file(file);
		free(file);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	char       *corpus;

	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1) {
		if (asprintf(&corpus, "t/fuzz/corpus/%.*s", (int)strcspn(name, "."), name) < 0)
			bail_out("out of memory");
		replay(corpus);
		free(corpus);
	}
	return done_testing();
}
