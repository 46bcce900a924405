/*
 * outscan - looks for lines in a file that lines are appended to, slice by slice, for many askers in one pass
 *
 * The keys of a pass stand in a hash table. `before` and `after` are those of the first asker of the pass; askers with
 * others wait for a pass of their own (a plugin has one kind of question).
 */
#include "outscan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smsd.h"

#define SLICE (4u << 20)  /* bytes of one iteration of the loop */
#define LINE_MAX_BYTES (1u << 20)
#define BUCKETS 1024

struct asker {
	struct job   *job;
	uint64_t      token;
	struct td_view before, key, after; /* in bytes */
	TAILQ_ENTRY(asker) link;
	struct asker *same; /* in its bucket */
	char          bytes[];
};
TAILQ_HEAD(asker_queue, asker);

struct outscan {
	struct asker_queue waiting; /* for the next pass */
	struct asker_queue now;
	struct asker      *bucket[BUCKETS];
	off_t              at; /* of the first byte in buf */
	char              *buf;
	size_t             n;
	dev_t              dev; /* of the file this pass reads */
	ino_t              ino;
};

struct outscan *outscan_new(void)
{
	struct outscan *scan = calloc(1, sizeof(*scan));

	if (!scan)
		return NULL;
	TAILQ_INIT(&scan->waiting);
	TAILQ_INIT(&scan->now);
	return scan;
}

static void drop(struct asker_queue *queue)
{
	struct asker *asker;

	while ((asker = TAILQ_FIRST(queue))) {
		TAILQ_REMOVE(queue, asker, link);
		free(asker);
	}
}

void outscan_free(struct outscan *scan)
{
	if (!scan)
		return;
	drop(&scan->waiting);
	drop(&scan->now);
	free(scan->buf);
	free(scan);
}

bool outscan_pending(const struct outscan *scan)
{
	return !TAILQ_EMPTY(&scan->waiting) || !TAILQ_EMPTY(&scan->now);
}

struct instance *outscan_instance(const struct outscan *scan)
{
	const struct asker *asker = TAILQ_FIRST(&scan->now);

	return (asker ? asker : TAILQ_FIRST(&scan->waiting))->job->via;
}

bool outscan_add(struct outscan *scan, struct job *job, uint64_t token, struct td_view before, struct td_view key,
	struct td_view after)
{
	struct asker *asker = calloc(1, sizeof(*asker) + before.n + key.n + after.n + 1);
	char *p;

	if (!asker)
		return false;
	p = asker->bytes;
	asker->job = job;
	asker->token = token;
	asker->before = td_view_mem(memcpy(p, before.n ? before.p : "", before.n), before.n);
	p += before.n;
	asker->key = td_view_mem(memcpy(p, key.n ? key.p : "", key.n), key.n);
	p += key.n;
	asker->after = td_view_mem(memcpy(p, after.n ? after.p : "", after.n), after.n);
	TAILQ_INSERT_TAIL(&scan->waiting, asker, link);
	return true;
}

static struct asker **bucket(struct outscan *scan, struct td_view key)
{
	uint64_t h = 14695981039346656037ull;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 1099511628211ull;
	return &scan->bucket[(h ^ h >> 32) % BUCKETS];
}

/* Begins a pass with all that wait and ask in the same way. False: out of memory. */
static bool start(struct outscan *scan)
{
	struct asker *first = TAILQ_FIRST(&scan->waiting), *asker, *next;

	if (!scan->buf)
		scan->buf = malloc(SLICE);
	if (!scan->buf)
		return false;
	scan->at = 0;
	scan->n = 0;
	memset(scan->bucket, 0, sizeof(scan->bucket));
	for (asker = first; asker; asker = next) {
		struct asker **at;

		next = TAILQ_NEXT(asker, link);
		if (!td_view_eq(asker->before, first->before) || !td_view_eq(asker->after, first->after))
			continue;
		TAILQ_REMOVE(&scan->waiting, asker, link);
		TAILQ_INSERT_TAIL(&scan->now, asker, link);
		at = bucket(scan, asker->key);
		asker->same = *at;
		*at = asker;
	}
	return true;
}

static void answer(struct outscan *scan, struct asker *asker, struct td_view line)
{
	struct asker **at = bucket(scan, asker->key);
	struct job *job = asker->job;
	uint64_t token = asker->token;

	while (*at != asker)
		at = &(*at)->same;
	*at = asker->same;
	TAILQ_REMOVE(&scan->now, asker, link);
	free(asker);
	submit_answer(job, token, line);
}

/* Position of needle in v, or -1. */
static size_t find(struct td_view v, struct td_view needle)
{
	const char *p = v.n && needle.n ? memmem(v.p, v.n, needle.p, needle.n) : NULL;

	return p ? (size_t)(p - v.p) : needle.n ? (size_t)-1 : 0;
}

static void look(struct outscan *scan, struct td_view line)
{
	struct asker *first = TAILQ_FIRST(&scan->now), *asker;
	struct td_view rest, key;
	size_t at = find(line, first->before);

	if (at == (size_t)-1)
		return;
	rest = td_view_skip(line, at + first->before.n);
	at = find(rest, first->after);
	if (at == (size_t)-1)
		return;
	key = td_view_mem(rest.p, at);
	for (asker = *bucket(scan, key); asker; asker = asker->same) {
		if (td_view_eq(asker->key, key)) {
			answer(scan, asker, line);
			return;
		}
	}
}

void outscan_fail(struct outscan *scan, const struct td_err *err)
{
	struct asker *asker;

	TAILQ_CONCAT(&scan->now, &scan->waiting, link);
	while ((asker = TAILQ_FIRST(&scan->now))) {
		struct job *job = asker->job;

		TAILQ_REMOVE(&scan->now, asker, link);
		free(asker);
		submit_no_answer(job, TANDEM_UNCERTAIN, err);
	}
}

/* The whole lines in the buffer; what is left of it moves to its front. */
static void look_at_lines(struct outscan *scan)
{
	size_t from = 0;
	char *end;

	while (!TAILQ_EMPTY(&scan->now) && (end = memchr(scan->buf + from, '\n', scan->n - from))) {
		size_t to = (size_t)(end - scan->buf);

		look(scan, td_view_mem(scan->buf + from, to - from));
		from = to + 1;
	}
	if (!from && scan->n > LINE_MAX_BYTES)
		from = scan->n; /* no line of ours is that long */
	memmove(scan->buf, scan->buf + from, scan->n - from);
	scan->at += (off_t)from;
	scan->n -= from;
}

/* Readies the buffer for the next slice; begins anew when it is another file. */
static bool same_file(struct outscan *scan, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (st.st_dev != scan->dev || st.st_ino != scan->ino) {
		scan->at = 0;
		scan->n = 0;
		scan->dev = st.st_dev;
		scan->ino = st.st_ino;
	}
	return true;
}

void outscan_slice(struct outscan *scan, int fd, const char *path)
{
	struct asker *asker;
	struct td_err err;
	ssize_t n;

	/* What was found must be as durable as what is acknowledged in the usual way. */
	if ((TAILQ_EMPTY(&scan->now) && (!start(scan) || fdatasync(fd))) || !same_file(scan, fd)) {
		td_err_errno(&err, errno, "%s: cannot be searched", path);
		outscan_fail(scan, &err);
		return;
	}
	n = pread(fd, scan->buf + scan->n, SLICE - scan->n, scan->at + (off_t)scan->n);
	if (n < 0) {
		td_err_errno(&err, errno, "%s: cannot read", path);
		outscan_fail(scan, &err);
		return;
	}
	scan->n += (size_t)n;
	look_at_lines(scan);
	while (n == 0 && (asker = TAILQ_FIRST(&scan->now)))
		answer(scan, asker, (struct td_view){ NULL, 0 });
}
