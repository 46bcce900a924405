/*
 * base_conf_secret - which secret files are read, and which are refused
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_dir.h"
#include "tap.h"

static char path[512];
static struct td_arena arena;
static struct td_err err;

static enum td_status read_it(mode_t mode, struct td_view *out)
{
	td_arena_reset(&arena);
	td_err_clear(&err);
	if (chmod(path, mode) != 0)
		bail_out("cannot chmod %s", path);
	return td_conf_secret(path, &arena, out, &err);
}

static void read_well(void)
{
	struct td_view v = { 0 };
	conf_bytes("secret", "geheim\n", 7);
	is_int(read_it(0600, &v), TD_OK, "mode 0600");
	is_view(v, "geheim", "without its newline");
	is_int(read_it(0640, &v), TD_OK, "mode 0640");
	is_int(read_it(0400, &v), TD_OK, "mode 0400");
	conf_bytes("secret", "a\n\r\n", 4);
	is_int(read_it(0600, &v), TD_OK, "several lines");
	is_view(v, "a\n", "lose one line end");
	conf_bytes("secret", "a\0b", 3);
	is_int(read_it(0600, &v), TD_OK, "bytes");
	is_int(v.n, 3, "stay as they are");
}

static void refused(void)
{
	struct td_view v = TD_VLIT("untouched");
	char want[1200];
	conf_bytes("secret", "geheim\n", 7);
	is_int(read_it(0644, &v), TD_REFUSED, "readable by others");
	snprintf(want, sizeof(want), "%s: mode 0644 lets others in (try: chmod 0640 %s)", path, path);
	is_str(err.text, want, "says what to type");
	is_int(read_it(0660, &v), TD_REFUSED, "writable by the group");
	is_int(read_it(0602, &v), TD_REFUSED, "writable by others");
	conf_bytes("secret", "\n", 1);
	is_int(read_it(0600, &v), TD_BADINPUT, "an empty one");
	like(err.text, "is empty", "says so");
	is_view(v, "untouched", "a refusal leaves the output alone");
	is_int(td_conf_secret(conf_dir(), &arena, &v, &err), TD_REFUSED, "a folder");
	is_int(td_conf_secret("/nonexistent", &arena, &v, &err), TD_NOTFOUND, "none");
	is_str(err.text, "/nonexistent: No such file or directory", "names it");
}

static void foreign(void)
{
	struct td_view v;
	if (geteuid() != 0) {
		skip(2, "only root can give a file away");
		return;
	}
	conf_bytes("secret", "geheim\n", 7);
	if (chown(path, 12345, 0) != 0) {
		skip(2, "cannot chown");
		return;
	}
	is_int(read_it(0600, &v), TD_REFUSED, "owned by somebody else");
	like(err.text, "owned by uid 12345, neither root nor this program's user (try: chown root ", "says what to type");
}

static void too_large(void)
{
	struct td_view v;
	char *big = calloc(1, 70000);
	conf_bytes("secret", big, 70000);
	is_int(read_it(0600, &v), TD_TOOBIG, "70,000 bytes are no secret");
	free(big);
}

int main(void)
{
	snprintf(path, sizeof(path), "%s/secret", conf_dir());
	td_arena_init(&arena, 1 << 20);
	read_well();
	refused();
	too_large();
	foreign();
	td_arena_free(&arena);
	return done_testing();
}
