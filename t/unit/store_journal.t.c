/*
 * store_journal - the file of revokes: whole lines, on disk, none of what was taken back, nothing torn
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "tap.h"

static char path[64];

static const char *content(void)
{
	static char text[65536];
	FILE       *f = fopen(path, "r");
	size_t      n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

static struct td_journal_line line(const char *category)
{
	struct td_journal_line l = { .at_ms = 1700000000123, .channel = TD_VLIT("sms"), .category = td_view_str(category),
		.reach = TD_VLIT("all"), .source = TD_VLIT("keyword") };

	memset(l.address_mac, 0xab, sizeof l.address_mac);
	memset(l.head, 0xcd, sizeof l.head);
	return l;
}

static enum td_status add(struct td_journal *journal, const char *category)
{
	struct td_journal_line l = line(category);

	return td_journal_add(journal, &l, NULL);
}

int main(void)
{
	struct td_journal *journal = NULL;
	struct td_err      err;
	char               dir[] = "/tmp/tandem-journal-XXXXXX";
	size_t             mark;
	FILE              *f;

	if (!mkdtemp(dir))
		bail_out("mkdtemp failed");
	snprintf(path, sizeof path, "%s/journal", dir);
	is_int(td_journal_open(path, &journal, &err), TD_OK, "made");
	is_int(add(journal, "*"), TD_OK, "a line");
	is_str(content(), "", "is not written before the flush");
	is_int(td_journal_flush(journal, &err), TD_OK, "flush");
	is_str(content(), "v1 2023-11-14T22:13:20.123Z "
		"abababababababababababababababababababababababababababababababab sms * all keyword "
		"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd\n",
			"then it is, in the format of the header");
	mark = td_journal_mark(journal);
	add(journal, "taken-back");
	td_journal_cut(journal, mark);
	add(journal, "a b\nc%");
	is_int(td_journal_flush(journal, &err), TD_OK, "flush");
	unlike(content(), "taken-back", "what was taken back is not in it");
	like(content(), " a%20b%0ac%25 ", "no name can forge a line");
	is_int(td_journal_flush(journal, &err), TD_OK, "a flush of nothing");
	td_journal_close(journal);

	f = fopen(path, "a");
	if (!f)
		bail_out("cannot append");
	fprintf(f, "v1 2023-11-14T22:13:20.123Z torn by a cra");
	fclose(f);
	is_int(td_journal_open(path, &journal, &err), TD_OK, "opened after a crash");
	add(journal, "after");
	td_journal_flush(journal, &err);
	like(content(), "torn by a cra\nv1 ", "a torn line is ended, and the next stands by itself");
	td_journal_close(journal);

	is_int(td_journal_open("/dev/full", &journal, &err), TD_OK, "a device that is always full");
	is_int(add(journal, "full"), TD_OK, "takes a line");
	is_int(td_journal_flush(journal, &err), TD_TEMPFAIL, "but does not write it");
	like(err.text, "/dev/full", "and the error names it");
	is_int(add(journal, "full"), TD_TEMPFAIL, "from then on it takes none");
	td_journal_retry(journal);
	is_int(add(journal, "full"), TD_OK, "until the next try");
	td_journal_close(journal);
	ok(td_journal_open("/nonexistent/journal", &journal, &err) != TD_OK, "a folder that is not there");
	like(err.text, "store.journal", "is an error that names the setting");
	unlink(path);
	rmdir(dir);
	return done_testing();
}
