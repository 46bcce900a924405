/*
 * stored_snapshot - a person who changes between prepare and claim: the text is the one whose trial was good
 */
#include "stored_box.h"

static struct box  b;
static const char ana[] = "+12025550101";

static void set(const char *what)
{
	struct td_pair pairs[] = { { TD_VLIT("address"), td_view_str(ana) }, { TD_VLIT("set"), td_view_str(what) } };
	struct td_args in = { { pairs, 2 } };
	struct td_doc  out;

	if (box_call(&b, BOX_ADMIN, TD_V_PERSON_SET, &td_args_shape, &in, &td_doc_shape, &out))
		bail_out("%s: %s", what, b.err.text);
}

/* A mail of a template, prepared; its token. attrs: what the milter is told of the person. */
static struct td_view prepare(const char *key, struct td_content content, struct td_structs *attrs)
{
	struct td_dest     dest = { .to = td_view_str(ana), .named = true };
	struct td_prepare  mail = { .submitter = TD_VLIT("shop"), .sender = TD_VLIT("shop@example.com"),
		.cls = TD_CLASS_TRANSACTIONAL, .key = td_view_str(key), .tz = TD_VLIT("Asia/Amman"), .content = content,
		.dests = { &dest, 1 } };
	struct td_prepared out;

	if (box_call(&b, BOX_MILTER, TD_V_PREPARE, &td_prepare_shape, &mail, &td_prepared_shape, &out) || out.dests.n != 1)
		bail_out("prepare: %s", b.err.text);
	*attrs = ((const struct td_prepared_dest *)out.dests.v)->attrs;
	return box_keep(&b, out.token);
}

static struct td_job *claim(void)
{
	struct td_job *jobs = NULL;

	if (box_claim(&b, 10, 5000, &jobs) != 1)
		bail_out("one job should be due: %s", b.err.text);
	return jobs;
}

static void done(const struct td_job *job)
{
	struct td_view id = box_keep(&b, job->id);

	box_begin(&b, id, false, NULL);
	is_int(box_settle(&b, id, TD_OUT_ACCEPTED, ""), TD_ACCEPTED, "settled");
}

static const char *value(const struct td_structs *attrs, const char *name)
{
	const struct td_pair *pair = attrs->v;

	for (size_t i = 0; i < attrs->n; i++) {
		if (td_view_eq(pair[i].name, td_view_str(name)))
			return td_arena_str(&b.arena, pair[i].value);
	}
	return "(none)";
}

static void changed(void)
{
	struct td_activated activated;
	struct td_structs   attrs;
	struct td_job      *job;
	struct td_view      token;

	set("name=Ana");
	set("locale=ar");
	token = prepare("changed", (struct td_content){ .template = TD_VLIT("shipped") }, &attrs);
	is_str(value(&attrs, "name"), "Ana", "the milter's trial says Ana");
	set("name=Bob");
	set("locale=");
	set("city=Amman");
	box_activate(&b, token, &activated);
	job = claim();
	is_str(value(&job->attrs, "name"), "Ana", "and so does the SMS");
	is_str(value(&job->attrs, "locale"), "ar", "what was removed meanwhile is there");
	is_str(value(&job->attrs, "city"), "(none)", "what came meanwhile is not");
	is_view(job->tz, "Asia/Amman", "the mail's time zone comes with it");
	done(job);
}

/* Nothing was on file: nothing is read later either. */
static void none(void)
{
	struct td_activated activated;
	struct td_structs   attrs;
	struct td_job      *job;
	struct td_view      token;

	set("name=");
	set("city=");
	token = prepare("none", (struct td_content){ .template = TD_VLIT("shipped") }, &attrs);
	set("name=Bob");
	box_activate(&b, token, &activated);
	job = claim();
	is_int(job->attrs.n, 0, "an empty snapshot is one");
	done(job);
	set("tz=Europe/Paris");
	token = prepare("text", (struct td_content){ .text = TD_VLIT("hello") }, &attrs);
	box_activate(&b, token, &activated);
	job = claim();
	is_int(job->attrs.n, 1, "a text without variables takes along what tells how things are written");
	is_str(value(&job->attrs, "tz"), "Europe/Paris", "the time zone");
	done(job);
}

/* The store as the release before this one left it, with a job that waits. */
static void older(void)
{
	struct td_activated activated;
	struct td_structs   attrs;
	struct td_job      *job;
	char                command[512];
	struct td_view      token = prepare("older", (struct td_content){ .template = TD_VLIT("shipped") }, &attrs);

	box_activate(&b, token, &activated);
	is_int(box_stop(&b, SIGTERM), 0, "stopped");
	snprintf(command, sizeof command, "sqlite3 '%s' \"ALTER TABLE job DROP COLUMN attrs;"
		" ALTER TABLE job DROP COLUMN slot_at; DROP TABLE usage; DROP TABLE tally; DROP TABLE unsubscribe;"
		" UPDATE meta SET value = '1' WHERE name = 'schema'\"", box_path(&b, "tandem.db"));
	if (system(command))
		bail_out("sqlite3 failed");
	box_start(&b);
	set("name=Carl");
	job = claim();
	is_str(value(&job->attrs, "name"), "Carl", "a job of before the snapshots gets the attributes of now");
	done(job);
	token = prepare("newer", (struct td_content){ .template = TD_VLIT("shipped") }, &attrs);
	set("name=Dora");
	box_activate(&b, token, &activated);
	job = claim();
	is_str(value(&job->attrs, "name"), "Carl", "one of after has its own");
	done(job);
}

int main(int argc, char **argv)
{
	if (geteuid() != 0)
		skip_all("must run as root: it is the user of every role here");
	box_init(&b, argv[0]);
	box_start(&b);
	changed();
	none();
	older();
	box_end(&b);
	return done_testing();
}
