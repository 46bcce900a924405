/*
 * base_conf.fuzz - any bytes as tandem.conf: loaded or refused with words; what is printed of a loaded one loads again
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libconfig 1.5 itself loses the token at hand when it gives up; LeakSanitizer asks for this. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig\n";
}

static void check(bool cond)
{
	if (!cond)
		abort();
}

static struct td_conf *load(const void *data, size_t size)
{
	struct td_conf *conf = NULL;
	struct td_err err;
	char path[64];
	int fd = memfd_create("tandem.conf", MFD_CLOEXEC);
	check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (td_conf_load(path, &conf, &err, NULL, NULL) != TD_OK) {
		check(conf == NULL && err.status != TD_OK && err.text[0] != '\0');
		check(td_view_utf8(td_view_str(err.text)));
	}
	close(fd);
	return conf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct td_conf *conf = load(data, size), *again;
	struct td_buf text;
	if (conf == NULL)
		return 0;
	td_buf_init(&text, 4 << 20);
	td_conf_print(conf, size % 2 == 0, &text);
	td_conf_unref(conf);
	check(td_buf_ok(&text));
	again = load(text.p, text.n);
	check(again != NULL);
	td_conf_unref(again);
	td_buf_free(&text);
	return 0;
}
