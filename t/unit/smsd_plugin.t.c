/*
 * smsd_plugin - a zoo of broken plugins: each is refused, and the error names the file and what differs
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin.h"
#include "tap.h"
#include "version.h"

static int init(struct tandem_call *call, void **state)
{
	return TANDEM_OK;
}

static int request(struct tandem_call *call, void *state, const struct tandem_sms *sms, struct tandem_step *out)
{
	return TANDEM_OK;
}

static int response(struct tandem_call *call, void *state, const struct tandem_answer *answer, struct tandem_step *out)
{
	return TANDEM_OK;
}

static const struct tandem_provider good = {
	.magic = TANDEM_PROVIDER_MAGIC,
	.abi_major = TANDEM_ABI_MAJOR,
	.abi_minor = TANDEM_ABI_MINOR,
	.struct_size = sizeof(struct tandem_provider),
	.transport = TANDEM_FILE,
	.name = "zoo",
	.version = "9.8",
	.init = init,
	.request = request,
	.response = response,
};

static char dir[] = "/tmp/tandem-plugin-XXXXXX";

static void refused(const struct tandem_provider *p, const char *what, const char *says)
{
	struct tandem_provider copy;
	struct td_err err;

	ok(plugin_check(p, "/lib/zoo.so", "zoo", &copy, &err) != TD_OK, "refused: %s", what);
	like(err.text, "/lib/zoo.so", "%s: names the file", what);
	like(err.text, says, "%s: says \"%s\"", what, says);
}

static void test_descriptions(void)
{
	struct tandem_provider p = good, copy;
	struct td_err err;
	char version[32];

	ok(plugin_check(&p, "/lib/zoo.so", "zoo", &copy, &err) == TD_OK, "a good description is taken");
	snprintf(version, sizeof(version), "%d.%d", TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR);
	p.magic = 0x12345678;
	refused(&p, "wrong magic", "12345678");
	p = good;
	p.abi_major = 7;
	refused(&p, "other major number", "7.");
	refused(&p, "other major number", version);
	p = good;
	p.abi_minor = 99;
	refused(&p, "later minor number", ".99");
	refused(&p, "later minor number", TD_VERSION);
	p = good;
	p.struct_size = 24;
	refused(&p, "shorter struct", "24 bytes");
	p = good;
	p.name = "lion";
	refused(&p, "another name", "\"lion\"");
	p = good;
	p.name = NULL;
	refused(&p, "no name", "calls itself");
	p = good;
	p.version = "";
	refused(&p, "no version", "no version");
	p = good;
	p.transport = TANDEM_STREAM;
	refused(&p, "a STREAM plugin without its operations", "\"stream_target\"");
	p.capabilities = TANDEM_CAN_QUERY;
	refused(&p, "a question by STREAM", "cannot have");
	p = good;
	p.capabilities = 1ull << 63 | TANDEM_CAN_LONG;
	refused(&p, "capabilities that there are not", "8000000000000080");
	p.capabilities = 0;
	p.transport = 42;
	refused(&p, "unknown transport", "42");
	p = good;
	p.request = NULL;
	refused(&p, "a missing operation", "\"request\"");
	p = good;
	p.capabilities = TANDEM_CAN_QUERY;
	refused(&p, "a capability without its operation", "\"query\"");
}

static void copy(const char *from, const char *name, mode_t mode)
{
	char to[256], bytes[65536];
	int in = open(from, O_RDONLY), out;
	ssize_t n;

	snprintf(to, sizeof(to), "%s/%s.so", dir, name);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while (in >= 0 && (n = read(in, bytes, sizeof(bytes))) > 0) {
		if (write(out, bytes, (size_t)n) != n)
			bail_out("%s: cannot write", to);
	}
	fchmod(out, mode);
	close(in);
	close(out);
}

static void load_fails(const char *name, enum td_status status, const char *says)
{
	const struct tandem_provider *p = NULL;
	struct td_err err;

	is_int(plugin_load(dir, name, &p, &err), status, "%s.so is refused", name);
	like(err.text, says, "%s.so: \"%s\"", name, says);
	ok(!p, "%s.so: nothing came out", name);
}

static void test_settings(void)
{
	static const char *languages[] = { "tr" };
	struct td_conf_provider set = { .name = "zoo", .plugin = "zoo" };
	struct tandem_provider p = good;
	struct td_err err;

	ok(plugin_check_settings(&p, &set, &err) == TD_OK, "a plugin without national tables, none asked for");
	set.national = (struct td_strings){ languages, 1 };
	is_int(plugin_check_settings(&p, &set, &err), TD_PERMFAIL, "asked for");
	like(err.text, "national: plugin zoo", "the error names setting and plugin");
	p.capabilities |= TANDEM_CAN_NATIONAL;
	ok(plugin_check_settings(&p, &set, &err) == TD_OK, "a plugin with them");
}

static void test_files(const char *build)
{
	const struct tandem_provider *p = NULL;
	char file_so[512], path[256];
	struct td_err err;

	snprintf(file_so, sizeof(file_so), "%s/plugins/file.so", build);
	copy(file_so, "file", 0644);
	ok(plugin_load(dir, "file", &p, &err) == TD_OK, "the file plugin is loaded");
	ok(p && !strcmp(p->name, "file"), "and describes itself");
	load_fails("missing", TD_NOTFOUND, "missing.so");
	copy(file_so, "writable", 0664);
	load_fails("writable", TD_REFUSED, "chmod go-w");
	copy(file_so, "renamed", 0644);
	load_fails("renamed", TD_PERMFAIL, "calls itself \"file\"");
	copy("/etc/passwd", "garbage", 0644);
	load_fails("garbage", TD_PERMFAIL, "cannot be loaded");
	copy("/lib/x86_64-linux-gnu/libm.so.6", "libm", 0644);
	load_fails("libm", TD_PERMFAIL, access("/lib/x86_64-linux-gnu/libm.so.6", R_OK) ? "cannot be loaded" : "no symbol");
	snprintf(path, sizeof(path), "%s/folder.so", dir);
	mkdir(path, 0755);
	load_fails("folder", TD_REFUSED, "not a regular file");
	load_fails("../file", TD_BADINPUT, "not a name");
	load_fails("", TD_BADINPUT, "not a name");
	if (geteuid() == 0) {
		copy(file_so, "theirs", 0644);
		snprintf(path, sizeof(path), "%s/theirs.so", dir);
		ok(!chown(path, 65534, 65534), "chown");
		load_fails("theirs", TD_REFUSED, "65534");
	} else {
		skip(4, "only root can give a file away");
	}
}

/* Whole plugins that are broken: each is refused, and the error names its file and what differs. */
static void test_zoo(const char *build)
{
	static const struct {
		const char *name, *says;
	} zoo[] = {
		{ "magic", "magic is 21212121" },
		{ "major", "made for plugin ABI 2.0, but tandem-smsd " TD_VERSION " has 1.0" },
		{ "minor", "made for plugin ABI 1.1, but tandem-smsd " TD_VERSION " has 1.0" },
		{ "short", "has 40 bytes" },
		{ "name", "calls itself \"elephant\" (6.6), its file \"name\"" },
		{ "version", "no version" },
		{ "capable", "does not know deadbeef00000000" },
		{ "noresponse", "noresponse 6.6 (plugin ABI 1.0) lacks the operation \"response\"" },
		{ "http", "lacks the operation \"request\"" },
		{ "stream", "lacks the operation \"stream_target\"" },
		{ "transport", "transport 77" },
		{ "nothing", "describes nothing" },
		{ "silent", "no symbol tandem_provider_describe" },
		{ "unresolved", "nobody_has_this" },
	};
	const struct tandem_provider *p = NULL;
	char path[512];
	struct td_err err;

	for (size_t i = 0; i < sizeof(zoo) / sizeof(*zoo); i++) {
		snprintf(path, sizeof(path), "%s/t/abi/zoo/%s.so", build, zoo[i].name);
		copy(path, zoo[i].name, 0644);
		load_fails(zoo[i].name, TD_PERMFAIL, zoo[i].says);
		snprintf(path, sizeof(path), "%s/%s.so", dir, zoo[i].name);
		plugin_load(dir, zoo[i].name, &p, &err);
		like(err.text, path, "%s: the error names the file", zoo[i].name);
	}
	snprintf(path, sizeof(path), "%s/t/abi/zoo/newer.so", build);
	copy(path, "newer", 0644);
	is_int(plugin_load(dir, "newer", &p, &err), TD_OK, "a longer description of the same minor number is taken");
	ok(p && p->struct_size == sizeof(*p) && !p->webhook && p->request, "as far as this host knows it");
}

/* With two arguments it only loads DIR/NAME.so, for tests of other plugins. */
static int load_one(const char *from, const char *name)
{
	const struct tandem_provider *p;
	struct td_err err;

	if (plugin_load(from, name, &p, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%s %s\n", p->name, p->version);
	return 0;
}

int main(int argc, char **argv)
{
	const char *build = getenv("TANDEM_BUILD");
	char command[300];

	if (argc == 3)
		return load_one(argv[1], argv[2]);

	test_descriptions();
	test_settings();
	if (!mkdtemp(dir))
		bail_out("no temporary folder");
	if (build)
		test_zoo(build);
	if (build)
		test_files(build);
	else
		skip(1, "TANDEM_BUILD is not set");
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		diag("%s stays", dir);
	return done_testing();
}
