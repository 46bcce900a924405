/*
 * store_engine - the contract every engine must keep, whatever database is behind it (store/engine.h)
 *
 * One list of checks, run for each engine this build has. Statements are those of the store itself.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "store_bench.h"

struct side {
	const struct td_engine_ops *ops;
	struct td_engine           *engine;
	struct td_conf              conf;
	struct td_arena             arena;
	struct td_err               err;
};

static enum td_status run(struct side *s, int stmt, struct td_rows *rows, const struct td_value *params, size_t n)
{
	enum td_status status = s->ops->run(s->engine, stmt, params, n, rows, &s->arena, &s->err);

	return status ? status : s->ops->sync(s->engine, &s->err);
}

static enum td_status put(struct side *s, const char *name, const char *value)
{
	struct td_value p[] = { td_str(name), td_str(value) };

	return run(s, TD_SQL_META_SET, NULL, p, 2);
}

/* The value of a name, "" when there is none. */
static const char *get(struct side *s, const char *name)
{
	struct td_value p[] = { td_str(name) };
	struct td_rows  rows;
	char           *text;

	if (run(s, TD_SQL_META_GET, &rows, p, 1))
		return s->err.text;
	text = td_arena_str(&s->arena, td_col_view(&rows, 0, 0));
	return text ? text : "";
}

static void values(struct side *s)
{
	static const char  bytes[] = "a\0b\xff'\";--";
	struct td_value    in[] = { td_str("main"), td_str("id"), td_str("from"), td_str("to"),
		td_text(td_view_mem(bytes, 3)),
		td_str("none"), td_str(""), td_int(INT64_MIN) };
	struct td_value    mail[] = { td_str("m1"), td_str("'; DROP TABLE mail; --"), td_str("\xd8\xa7"), td_str(""),
		td_str(""), td_str(""),
		td_str(""), td_int(3), td_str(""), td_str(""), td_int(0), td_str(""), td_str(""), td_str(""),
			td_blob(bytes, sizeof bytes - 1),
		td_blob("", 0), td_int(1) };
	struct td_value    id[] = { td_str("m1") }, key[] = { td_str("main"), td_str("id") };
	struct td_rows     rows;

	is_int(s->ops->begin(s->engine, &s->err), TD_OK, "begin");
	is_int(run(s, TD_SQL_INBOUND_INSERT, &rows, in, 8), TD_OK, "a row is inserted");
	is_int(rows.changed, 1, "one row changed");
	is_int(run(s, TD_SQL_INBOUND_INSERT, &rows, in, 8), TD_OK,
		"the same key again, ON CONFLICT DO NOTHING, is no error");
	is_int(rows.changed, 0, "and changes no row");
	is_int(run(s, TD_SQL_MAIL_INSERT, NULL, mail, 17), TD_OK, "a mail");
	is_int(run(s, TD_SQL_MAIL_INSERT, NULL, mail, 17), TD_CONFLICT, "the same primary key is a conflict");
	s->ops->rollback(s->engine);
	is_int(s->ops->begin(s->engine, &s->err), TD_OK, "begin");
	run(s, TD_SQL_INBOUND_INSERT, NULL, in, 8);
	run(s, TD_SQL_MAIL_INSERT, NULL, mail, 17);
	is_int(s->ops->commit(s->engine, &s->err), TD_OK, "commit");
	is_int(run(s, TD_SQL_MAIL_GET, &rows, id, 1), TD_OK, "read back");
	is_int(rows.nrows, 1, "one row");
	is_int(td_col_int(&rows, 0, 6), 3, "an integer");
	is_mem(td_col_view(&rows, 0, 3).p, td_col_view(&rows, 0, 3).n, "", 0, "the empty blob");
	is_int(run(s, TD_SQL_INBOUND_GET, &rows, key, 2), TD_OK, "another");
	is_view(td_col_view(&rows, 0, 0), "none", "a text");
	is_int(td_col_int(&rows, 5, 5), 0, "beyond the rows there is nothing");
	is_int(run(s, TD_SQL_MAIL_GET, &rows, id, 0), TD_PERMFAIL, "too few parameters are refused");
}

static void transactions(struct side *s)
{
	is_int(s->ops->begin(s->engine, &s->err), TD_OK, "begin");
	put(s, "a", "1");
	s->ops->rollback(s->engine);
	is_str(get(s, "a"), "", "what was rolled back is not there");
	s->ops->begin(s->engine, &s->err);
	is_int(s->ops->mark(s->engine, &s->err), TD_OK, "mark");
	put(s, "a", "1");
	is_int(s->ops->keep(s->engine, &s->err), TD_OK, "keep");
	is_int(s->ops->mark(s->engine, &s->err), TD_OK, "mark again");
	put(s, "a", "2");
	put(s, "b", "2");
	is_str(get(s, "a"), "2", "one's own writes are seen");
	s->ops->undo(s->engine);
	is_str(get(s, "a"), "1", "undo goes back to the mark");
	is_int(s->ops->mark(s->engine, &s->err), TD_OK, "and the next may follow");
	put(s, "c", "3");
	is_int(s->ops->keep(s->engine, &s->err), TD_OK, "keep");
	is_int(s->ops->commit(s->engine, &s->err), TD_OK, "commit");
	is_str(get(s, "a"), "1", "kept before");
	is_str(get(s, "b"), "", "undone");
	is_str(get(s, "c"), "3", "kept after");
	s->ops->rollback(s->engine);
	is_str(get(s, "c"), "3", "a rollback outside of a transaction does nothing");
}

static void many_rows(struct side *s)
{
	struct td_value p[] = { td_str("tel:+15551234567") };
	struct td_rows  rows;
	char            category[32];

	s->ops->begin(s->engine, &s->err);
	for (int i = 0; i < 1000; i++) {
		struct td_value c[] = { p[0], td_str("sms"), td_str(category), td_int(1), td_int(i + 1), td_str("e"),
			td_str("api"), td_int(0),
			td_int(0) };

		snprintf(category, sizeof category, "c%03d", i);
		if (run(s, TD_SQL_CONSENT_PUT, NULL, c, 9))
			fail("row %d: %s", i, s->err.text);
	}
	is_int(s->ops->commit(s->engine, &s->err), TD_OK, "a thousand rows");
	is_int(run(s, TD_SQL_CONSENT_OF, &rows, p, 1), TD_OK, "are read");
	is_int(rows.nrows, 1000, "all");
	is_view(td_col_view(&rows, 999, 1), "c999", "in the order of the key");
	is_int(td_col_int(&rows, 999, 3), 1000, "with their values");
}

/* The arena's cap is the limit of a request: an error, and the connection is good afterwards. */
static void little_room(struct side *s)
{
	struct td_value p[] = { td_str("tel:+15551234567") };
	struct td_arena small, kept = s->arena;
	struct td_rows  rows;

	td_arena_init(&small, 4096);
	s->arena = small;
	is_int(run(s, TD_SQL_CONSENT_OF, &rows, p, 1), TD_NOMEM, "more rows than the arena holds");
	td_arena_free(&s->arena);
	s->arena = kept;
	is_int(run(s, TD_SQL_CONSENT_OF, &rows, p, 1), TD_OK, "the next statement works");
}

static void exclusive(struct side *s)
{
	struct td_engine *second = NULL;

	is_int(s->ops->open(&s->conf, &second, &s->err), TD_REFUSED, "the same store is not opened twice");
	like(s->err.text, "another tandem-stored", "with a word about why");
	like(s->err.text, s->conf.store.path, "and which store");
}

static void durable(struct side *s)
{
	s->ops->close(s->engine);
	is_int(s->ops->open(&s->conf, &s->engine, &s->err), TD_OK, "opened again");
	is_str(get(s, "c"), "3", "what was committed is there");
	is_int(atoi(get(s, "schema")), td_schema_version(), "the schema's version is noted");
}

/* A child commits and is killed; another dies within a transaction. */
static void killed(struct side *s)
{
	int status;

	s->ops->close(s->engine);
	if (fork() == 0) {
		if (s->ops->open(&s->conf, &s->engine, &s->err))
			_exit(1);
		s->ops->begin(s->engine, &s->err);
		put(s, "killed", "committed");
		s->ops->commit(s->engine, &s->err);
		s->ops->begin(s->engine, &s->err);
		put(s, "killed", "not committed");
		raise(SIGKILL);
	}
	wait(&status);
	ok(WIFSIGNALED(status), "killed within a transaction");
	is_int(s->ops->open(&s->conf, &s->engine, &s->err), TD_OK, "opened after a kill");
	is_str(get(s, "killed"), "committed", "the commit is there, the rest is not");
}

/* RLIMIT_FSIZE is a disk that is full: every file of this process is limited, so a child does it. */
static void full_disk(struct side *s)
{
	struct rlimit limit = { 200 * 1024, 200 * 1024 };
	int           status;

	s->ops->close(s->engine);
	fflush(stdout);
	if (fork() == 0) {
		char           big[2000];
		enum td_status seen = TD_OK;
		bool           nothing_alone = true;

		memset(big, 'x', sizeof big - 1);
		big[sizeof big - 1] = '\0';
		signal(SIGXFSZ, SIG_IGN);
		if (s->ops->open(&s->conf, &s->engine, &s->err))
			_exit(1);
		limit.rlim_max = RLIM_INFINITY;
		setrlimit(RLIMIT_FSIZE, &limit);
		for (int i = 0; i < 1000 && !seen; i++) {
			char name[32];

			snprintf(name, sizeof name, "full%d", i);
			seen = s->ops->begin(s->engine, &s->err);
			if (!seen && s->ops->mark(s->engine, &s->err) == TD_OK) {
				put(s, name, big);
				s->ops->keep(s->engine, &s->err);
			}
			seen = s->ops->commit(s->engine, &s->err);
			if (seen && *get(s, name))
				nothing_alone = false;
		}
		if (seen != TD_TEMPFAIL || !nothing_alone)
			_exit(2);
		limit.rlim_cur = RLIM_INFINITY;
		setrlimit(RLIMIT_FSIZE, &limit);
		if (s->ops->begin(s->engine, &s->err) || put(s, "after", "full") || s->ops->commit(s->engine, &s->err))
			_exit(3);
		_exit(0);
	}
	wait(&status);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0,
		"full disk: commits fail with tempfail (2), and work again when there is room (3)");
	is_int(s->ops->open(&s->conf, &s->engine, &s->err), TD_OK, "opened after that");
	is_str(get(s, "after"), "full", "and what was committed then is there");
}

static void newer_schema(struct side *s)
{
	char ours[32];

	s->ops->begin(s->engine, &s->err);
	put(s, "schema", "999");
	s->ops->commit(s->engine, &s->err);
	s->ops->close(s->engine);
	s->engine = NULL;
	is_int(s->ops->open(&s->conf, &s->engine, &s->err), TD_PERMFAIL, "a schema newer than the program is refused");
	like(s->err.text, "999", "with its version");
	snprintf(ours, sizeof ours, "up to %d", td_schema_version());
	like(s->err.text, ours, "and ours");
}

static void other_file(struct side *s)
{
	static char path[128];
	FILE       *f;

	snprintf(path, sizeof path, "%s.other", s->conf.store.path);
	f = fopen(path, "w");
	if (!f)
		bail_out("cannot write %s", path);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "this is no database\n");
	fclose(f);
	s->conf.store.path = path;
	is_int(s->ops->open(&s->conf, &s->engine, &s->err), TD_PERMFAIL, "a file that is no database is refused");
	s->conf.store.path = "/nonexistent/folder/db";
	ok(s->ops->open(&s->conf, &s->engine, &s->err) != TD_OK, "a folder that is not there is an error");
	like(s->err.text, "/nonexistent/folder", "that names it");
}

static void contract(const char *name, const char *dir)
{
	struct side s = { .conf = { .store = { .engine = name } } };
	char        path[128];

	snprintf(path, sizeof path, "%s/contract.db", dir);
	s.conf.store.path = path;
	td_arena_init(&s.arena, 64u << 20);
	s.ops = td_engine_find(name, &s.err);
	if (!ok(s.ops != NULL, "engine %s", name))
		return;
	is_int(s.ops->open(&s.conf, &s.engine, &s.err), TD_OK, "%s: opened, made and migrated", name);
	transactions(&s);
	values(&s);
	many_rows(&s);
	little_room(&s);
	exclusive(&s);
	durable(&s);
	killed(&s);
	full_disk(&s);
	s.ops->idle(s.engine);
	newer_schema(&s);
	other_file(&s);
	td_arena_free(&s.arena);
}

int main(void)
{
	char          dir[] = "/tmp/tandem-engine-XXXXXX", command[128];
	struct td_err err;

	if (!mkdtemp(dir))
		bail_out("mkdtemp failed");
	contract("sqlite", dir);
	ok(td_engine_find("oracle", &err) == NULL, "an engine this build has not");
	like(err.text, "oracle", "is named");
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	is_int(system(command), 0, "cleaned up");
	return done_testing();
}
