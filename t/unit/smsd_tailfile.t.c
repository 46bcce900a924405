/*
 * smsd_tailfile - each line once, through growth, restart, truncation, rotation and torn writes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tailfile.h"
#include "tap.h"

static char dir[] = "/tmp/tandem-tail-XXXXXX", path[128], old[128];

static void put(const char *to, const char *mode, const char *text)
{
	FILE *f = fopen(to, mode);

	if (!f || fputs(text, f) < 0 || fclose(f))
		bail_out("%s: cannot write", to);
}

/* The next line as a string; "-" when there is none. */
static const char *next(struct tailfile *file, uint64_t *number)
{
	static char text[128];
	struct tailfile_line line;
	const char *note;
	struct td_err err;

	if (tailfile_peek(file, &line, &note, &err))
		return "-";
	snprintf(text, sizeof(text), "%.*s%s", line.text.n > 100 ? 8 : (int)line.text.n, line.text.p,
		line.toolong ? " (too long)" : "");
	if (number)
		*number = line.number;
	return text;
}

/* Takes the line that is there, keeps the mark as the store would. */
static const char *take(struct tailfile *file, char mark[TAILFILE_MARK_SIZE])
{
	const char *text = next(file, NULL);

	if (strcmp(text, "-")) {
		tailfile_mark(file, mark);
		tailfile_next(file);
	}
	return text;
}

static struct tailfile *reopen(struct tailfile *file, const char *mark)
{
	struct td_err err;

	tailfile_free(file);
	file = tailfile_new(path);
	if (tailfile_seek(file, td_view_str(mark), &err))
		diag("%s", err.text);
	return file;
}

static void test_growth(void)
{
	struct tailfile *file = tailfile_new(path);
	char mark[TAILFILE_MARK_SIZE] = "", id1[64], id2[64];
	struct tailfile_line line;
	const char *note;
	struct td_err err;
	uint64_t number = 0;

	is_str(take(file, mark), "-", "a file that is not there is waited for");
	put(path, "w", "one\ntwo\r\nthr");
	is_str(take(file, mark), "one", "first line");
	is_str(next(file, &number), "two", "second, without CR");
	is_int(number, 2, "and its number");
	is_str(next(file, NULL), "two", "the same again until it is done with");
	is_str(take(file, mark), "two", "taken");
	is_str(take(file, mark), "-", "a line without its end is waited for");
	put(path, "a", "ee\n");
	is_str(take(file, mark), "three", "and comes whole");
	put(path, "a", "four\nfive\n");
	file = reopen(file, mark);
	tailfile_peek(file, &line, &note, &err);
	snprintf(id1, sizeof(id1), "%s", line.id);
	is_str(take(file, mark), "four", "after a restart it goes on at the mark");
	is_str(next(file, &number), "five", "and on");
	is_int(number, 5, "with the right number");
	file = reopen(file, mark);
	tailfile_peek(file, &line, &note, &err);
	snprintf(id2, sizeof(id2), "%s", line.id);
	is_str(take(file, mark), "five", "a line whose mark was not kept comes again");
	ok(strcmp(id1, id2) != 0, "ids tell lines apart");
	tailfile_free(file);
}

static void test_cut_and_moved(void)
{
	struct tailfile *file;
	char mark[TAILFILE_MARK_SIZE] = "";

	put(path, "w", "a1\na2\n");
	file = tailfile_new(path);
	take(file, mark);
	take(file, mark);
	put(path, "w", "b1\n");
	is_str(take(file, mark), "b1", "a file that was cut is read from its start");
	put(path, "a", "b2\n");
	rename(path, old);
	put(path, "w", "c1\n");
	is_str(take(file, mark), "b2", "a file that was moved away is read to its end");
	is_str(take(file, mark), "c1", "then the new one");
	put(path, "a", "c2\n");
	rename(path, old);
	put(path, "w", "d1\n");
	file = reopen(file, mark);
	is_str(take(file, mark), "c2", "moved away while nobody looked: found by its inode");
	is_str(take(file, mark), "d1", "then the new one");
	put(path, "w", "E1 which is longer\nE2\n");
	file = reopen(file, mark);
	is_str(take(file, mark), "E1 which is longer", "overwritten while nobody looked: another file, from its start");
	unlink(path);
	unlink(old);
	is_str(take(file, mark), "E2", "a file that is unlinked is read to its end");
	is_str(take(file, mark), "-", "and then waited for");
	put(path, "w", "f1\n");
	is_str(take(file, mark), "f1", "until there is one again");
	file = reopen(file, "no mark at all");
	is_str(take(file, mark), "f1", "a mark that is none: from the start");
	tailfile_free(file);
}

static void test_long(void)
{
	struct tailfile *file;
	char mark[TAILFILE_MARK_SIZE] = "", *big = malloc(200001);

	memset(big, 'x', 200000);
	big[200000] = '\0';
	put(path, "w", big);
	put(path, "a", "\nafter\n");
	file = tailfile_new(path);
	is_str(take(file, mark), "xxxxxxxx (too long)", "a line that is too long is given as such");
	is_str(take(file, mark), "after", "its rest is passed over");
	is_str(take(file, mark), "-", "and that was all");
	tailfile_free(file);
	free(big);
}

int main(void)
{
	if (!mkdtemp(dir))
		bail_out("no temporary folder");
	snprintf(path, sizeof(path), "%s/in.jsonl", dir);
	snprintf(old, sizeof(old), "%s/in.jsonl.1", dir);
	test_growth();
	test_cut_and_moved();
	test_long();
	unlink(path);
	unlink(old);
	rmdir(dir);
	return done_testing();
}
