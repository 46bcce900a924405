/*
 * log - the process's one log
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2048

enum kind { TO_STDERR, TO_SYSLOG, TO_FILE };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the three below */
static enum kind kind = TO_STDERR;
static int fd = STDERR_FILENO;
static const char *tag = "tandem";

static atomic_int level_min = TD_LOG_INFO;
static atomic_bool unmasked;

/* Opens what a target names, without touching the log. */
static enum td_status target_open(const char *target, enum kind *to, int *to_fd, struct td_err *err)
{
	*to_fd = STDERR_FILENO;
	if (strcmp(target, "stderr") == 0) {
		*to = TO_STDERR;
		return TD_OK;
	}
	if (strcmp(target, "syslog") == 0) {
		*to = TO_SYSLOG;
		return TD_OK;
	}
	if (strncmp(target, "file:/", 6) != 0)
		return td_err_set(err, TD_BADINPUT, "log target \"%s\": none of syslog, stderr, file:/path", target);
	*to = TO_FILE;
	*to_fd = open(target + 5, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
	if (*to_fd < 0)
		return td_err_errno(err, errno, "log file %s", target + 5);
	return TD_OK;
}

enum td_status td_log_open(const char *program, const char *target, enum td_log_level level, bool full,
	struct td_err *err)
{
	enum kind to;
	int to_fd;
	enum td_status status = target_open(target, &to, &to_fd, err);

	if (status != TD_OK)
		return status;
	pthread_mutex_lock(&lock);
	if (kind == TO_FILE)
		close(fd);
	if (kind == TO_SYSLOG)
		closelog();
	kind = to;
	fd = to_fd;
	tag = program;
	if (to == TO_SYSLOG)
		openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL);
	pthread_mutex_unlock(&lock);
	atomic_store(&level_min, (int)level);
	atomic_store(&unmasked, full);
	return TD_OK;
}

/* "Nov 24 23:42:49 HOSTNAME " as syslog writes it: local time, the host without its domain. Returns the length. */
static size_t stamp(char *out, size_t size)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char host[256] = "";
	time_t now = time(NULL);
	struct tm tm;
	int n;

	if (!localtime_r(&now, &tm) || gethostname(host, sizeof(host) - 1) != 0)
		return 0;
	host[strcspn(host, ".")] = '\0';
	n = snprintf(out, size, "%.3s %2d %02d:%02d:%02d %s ", months + (size_t)tm.tm_mon * 3, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, host);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

/* One write(2): with O_APPEND, lines of several processes stay whole. */
static void write_line(const char *text)
{
	char line[LINE_MAX_BYTES];
	size_t n = kind == TO_FILE ? stamp(line, sizeof(line) / 2) : 0;
	int more = snprintf(line + n, sizeof(line) - n, "%s[%d]: %s", tag, (int)getpid(), text);

	if (more < 0)
		return;
	n += (size_t)more < sizeof(line) - n ? (size_t)more : sizeof(line) - n - 1;
	/* Cut in the middle of a character, its first bytes become "?". */
	n = td_view_clean(line, sizeof(line) - 1, td_view_mem(line, n));
	line[n++] = '\n';
	if (write(fd, line, n) < 0) {
		/* There is nowhere left to say so. */
	}
}

void td_log(enum td_log_level level, const char *fmt, ...)
{
	static const int priorities[] = { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR };
	char raw[LINE_MAX_BYTES], text[LINE_MAX_BYTES];
	int saved = errno;
	va_list args;

	if ((int)level < atomic_load(&level_min))
		return;
	va_start(args, fmt);
	vsnprintf(raw, sizeof(raw), fmt, args);
	va_end(args);
	td_view_clean(text, sizeof(text), td_view_str(raw));
	pthread_mutex_lock(&lock);
	if (kind == TO_SYSLOG)
		syslog(LOG_MAIL | priorities[level], "%s", text);
	else
		write_line(text);
	pthread_mutex_unlock(&lock);
	errno = saved;
}

/* ---- masking ----------------------------------------------------------------------------------------------------- */

static bool is_number(struct td_view v)
{
	v = td_view_skip(v, v.n > 0 && v.p[0] == '+');
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	return v.n > 0;
}

/*
 * Four digits at each end stay, fewer in front so that three at least are hidden; of a short code only the last two, of
 * even fewer none.
 */
static struct td_view number_head(struct td_view v, size_t *tail)
{
	size_t plus = v.p[0] == '+', digits = v.n - plus;

	*tail = digits >= 8 ? 4 : digits >= 5 ? 2 : 0;
	return td_view_mem(v.p, plus + (digits >= 11 ? 4 : digits >= 8 ? digits - 7 : 0));
}

const char *td_mask(char out[TD_MASK_SIZE], struct td_view address)
{
	size_t at = td_view_chr(address, '@'), tail = 0;
	struct td_view local = td_view_mem(address.p, at < address.n ? at : address.n);
	struct td_view domain = td_view_skip(address, local.n), head;
	char raw[TD_MASK_SIZE];

	if (is_number(local))
		head = number_head(local, &tail);
	else
		head = td_view_mem(local.p, td_view_utf8_first(local));
	snprintf(raw, sizeof(raw), "%.*s***%.*s%.*s", TD_VARG(head), (int)tail, tail ? local.p + local.n - tail : "",
		(int)(domain.n < sizeof(raw) ? domain.n : sizeof(raw)), domain.p ? domain.p : "");
	td_view_clean(out, TD_MASK_SIZE, td_view_str(raw));
	return out;
}

const char *td_log_mask(char out[TD_MASK_SIZE], struct td_view address)
{
	if (!atomic_load(&unmasked))
		return td_mask(out, address);
	td_view_clean(out, TD_MASK_SIZE, address);
	return out;
}
