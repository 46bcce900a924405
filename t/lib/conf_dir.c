/*
 * conf_dir - a temporary folder with a tandem.conf to load, for tests
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_dir.h"
#include "tap.h"

#define NAMES_MAX 32

static char dir[256];
static char *names[NAMES_MAX];
static size_t nnames;
static char error[600], reports[65536];
static pid_t owner;

static void remove_all(void)
{
	if (getpid() != owner)
		return;
	for (size_t i = 0; i < nnames; i++) {
		unlink(names[i]);
		free(names[i]);
	}
	snprintf(error, sizeof(error), "%s/conf.d", dir);
	rmdir(error);
	rmdir(dir);
}

const char *conf_dir(void)
{
	const char *tmp = getenv("TMPDIR");
	if (*dir != '\0')
		return dir;
	snprintf(dir, sizeof(dir), "%.200s/tandem-conf-XXXXXX", tmp != NULL && *tmp == '/' ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		bail_out("cannot make %s", dir);
	owner = getpid();
	atexit(remove_all);
	return dir;
}

static void remember(const char *path)
{
	for (size_t i = 0; i < nnames; i++)
		if (strcmp(names[i], path) == 0)
			return;
	if (nnames == NAMES_MAX || (names[nnames++] = strdup(path)) == NULL)
		bail_out("too many files");
}

void conf_bytes(const char *name, const void *p, size_t n)
{
	char path[512];
	FILE *out;
	snprintf(path, sizeof(path), "%s/conf.d", conf_dir());
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s", conf_dir(), name);
	out = fopen(path, "w");
	if (out == NULL || fwrite(p, 1, n, out) != n || fclose(out) != 0)
		bail_out("cannot write %s", path);
	remember(path);
}

void conf_file(const char *name, const char *text)
{
	char path[512];
	if (text != NULL) {
		conf_bytes(name, text, strlen(text));
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", conf_dir(), name);
	unlink(path);
}

/* Drops the folder's name wherever it stands. */
static void strip(char *text)
{
	size_t n = strlen(dir);
	char *at = text;
	while ((at = strstr(at, dir)) != NULL)
		memmove(at, at + n + 1, strlen(at + n + 1) + 1);
}

static void collect(void *arg, const char *problem)
{
	size_t n = strlen(reports);
	(void)arg;
	snprintf(reports + n, sizeof(reports) - n, "%s\n", problem);
}

struct td_conf *conf_load(void)
{
	struct td_conf *conf = NULL;
	struct td_err err = { .status = TD_OK };
	char path[512];
	snprintf(path, sizeof(path), "%s/tandem.conf", conf_dir());
	reports[0] = '\0';
	if (td_conf_load(path, &conf, &err, collect, NULL) == TD_OK)
		err.text[0] = '\0';
	snprintf(error, sizeof(error), "%s", err.text);
	strip(error);
	strip(reports);
	return conf;
}

struct td_conf *conf_text(const char *text)
{
	char *whole;
	struct td_conf *conf;
	if (asprintf(&whole, "sms_domain = \"sms.example.com\"; %s", text) < 0)
		bail_out("out of memory");
	conf_file("tandem.conf", whole);
	free(whole);
	conf = conf_load();
	return conf;
}

bool conf_refused(const char *text)
{
	struct td_conf *conf = conf_text(text);
	td_conf_unref(conf);
	return conf == NULL;
}

const char *conf_error(void)
{
	return error;
}

const char *conf_reports(void)
{
	return reports;
}
