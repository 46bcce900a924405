/*
 * store_snapshot - the attributes kept with a job: what is kept, that they go with the text, and older stores
 */
#include "person.h"
#include "store_bench.h"

static struct bench b;
static const char   ana[] = "+12025550101";
static const char  *name, *value;

static enum td_status do_set(struct td_store *store, struct td_op *op)
{
	return td_person_set(store, op, TD_VLIT("tel:+12025550101"), V(name), V(value));
}

static void set(const char *what, const char *to)
{
	name = what;
	value = to;
	is_int(td_store_do(b.store, do_set), TD_OK, "%s=%s", what, to);
}

static struct td_prepare *mail_of(const char *key, const char *text, const char *template, enum td_class cls)
{
	struct td_prepare *mail = bench_mail(&b, ana, text, key, cls, "");

	mail->content.template = V(template);
	return mail;
}

/* Column attrs of the job under a key: "none" for NULL, else how many bytes. */
static const char *kept(const char *key)
{
	static char sql[256];

	snprintf(sql, sizeof sql, "SELECT coalesce(length(j.attrs), 'none') FROM job j JOIN mail m ON m.id = j.mail"
		" WHERE m.key = '%s'", key);
	return bench_ask(&b, sql);
}

static bool holds(const char *key, const char *word)
{
	static char sql[256];

	snprintf(sql, sizeof sql, "SELECT instr(j.attrs, CAST('%s' AS BLOB)) > 0 FROM job j JOIN mail m ON m.id = j.mail"
		" WHERE m.key = '%s'", word, key);
	return strcmp(bench_ask(&b, sql), "1") == 0;
}

static void what_is_kept(void)
{
	set("name", "Ana");
	set("locale", "ar");
	bench_job(&b, mail_of("k-template", "", "shipped", TD_CLASS_TRANSACTIONAL));
	ok(holds("k-template", "Ana"), "a template's job keeps the name");
	ok(holds("k-template", "locale"), "and the locale");
	bench_job(&b, mail_of("k-text", "hello", "", TD_CLASS_TRANSACTIONAL));
	ok(!holds("k-text", "Ana"), "a text has no use for a name");
	ok(holds("k-text", "locale"), "but keeps the locale");
	bench_job(&b, mail_of("k-both", "hello", "shipped", TD_CLASS_TRANSACTIONAL));
	ok(!holds("k-both", "Ana"), "a text that wins over the template keeps as little");
	set("name", "");
	set("locale", "");
	bench_job(&b, mail_of("k-nothing", "", "shipped", TD_CLASS_TRANSACTIONAL));
	is_str(kept("k-nothing"), "0", "nothing to keep is kept as that");
}

static struct td_view activated(const struct td_prepare *mail)
{
	struct td_view job = bench_job(&b, mail);

	bench_lease(&b, job, 7);
	bench_begin(&b, job, 7, false);
	return job;
}

static void erased(void)
{
	struct td_view otp, waiting;

	set("name", "Ana");
	otp = activated(mail_of("k-otp", "", "code", TD_CLASS_SOLICITED));
	ok(holds("k-otp", "Ana"), "there while the code is under way");
	is_int(bench_settle(&b, otp, 7, TD_OUT_DELIVERED, "SM-otp", 0), TD_DELIVERED, "delivered");
	is_str(kept("k-otp"), "none", "erased with the text of the code");
	is_int(bench_settle(&b, activated(mail_of("k-old", "", "shipped", TD_CLASS_TRANSACTIONAL)), 7, TD_OUT_DELIVERED,
		"SM-old", 0), TD_DELIVERED, "another");
	td_store_sweep(b.store);
	ok(holds("k-old", "Ana"), "other texts are kept for thirty days");
	b.clock.value_ms += 25 * 86400000ll;
	waiting = activated(mail_of("k-young", "", "shipped", TD_CLASS_TRANSACTIONAL));
	is_int(bench_settle(&b, waiting, 7, TD_OUT_ACCEPTED, "SM-young", 0), TD_ACCEPTED, "one of later");
	b.clock.value_ms += 6 * 86400000ll;
	td_store_sweep(b.store);
	is_str(kept("k-old"), "none", "and then forgotten with them");
	is_str(bench_ask(&b, "SELECT count(*) FROM mail WHERE key = 'k-old' AND content IS NOT NULL"), "0",
		"text and attributes");
	ok(holds("k-young", "Ana"), "a younger one's stay");
	is_str(bench_ask(&b, "SELECT count(*) FROM mail WHERE key = 'k-young' AND content IS NOT NULL"), "1",
		"as does its text");
}

/* A store that was made before jobs had attributes, with jobs in it. */
static void migrated(void)
{
	static const char names[] = "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema ORDER BY name)";
	char              version[16];
	const char       *fresh = td_arena_str(&b.arena, V(bench_ask(&b, names)));

	td_store_close(b.store);
	bench_ask(&b, "ALTER TABLE job DROP COLUMN attrs; ALTER TABLE job DROP COLUMN slot_at; DROP TABLE usage;"
		" DROP TABLE tally; DROP TABLE unsubscribe; DROP INDEX job_email;"
		" UPDATE meta SET value = '1' WHERE name = 'schema'");
	ok(strcmp(bench_ask(&b, names), fresh) != 0, "a store of the first version has less");
	bench_open(&b);
	is_str(bench_ask(&b, names), fresh, "all that a new one has is there");
	bench_restart(&b);
	snprintf(version, sizeof version, "%d", td_schema_version());
	is_str(bench_ask(&b, "SELECT value FROM meta WHERE name = 'schema'"), version, "brought up to date when opened");
	is_str(kept("k-young"), "none", "its jobs have none");
	b.clock.value_ms += 31 * 86400000ll;
	td_store_sweep(b.store);
	is_str(bench_ask(&b, "SELECT count(*) FROM mail WHERE key = 'k-young' AND content IS NOT NULL"), "0",
		"their texts are forgotten all the same");
	bench_job(&b, mail_of("k-after", "", "shipped", TD_CLASS_TRANSACTIONAL));
	ok(holds("k-after", "Ana"), "new ones have");
}

int main(void)
{
	td_log_open("store_snapshot", "file:/dev/null", TD_LOG_INFO, false, NULL);
	bench_start(&b);
	what_is_kept();
	erased();
	migrated();
	bench_end(&b);
	return done_testing();
}
