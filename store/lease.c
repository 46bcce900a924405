/*
 * lease - a hash table of jobs by id, chained
 */
#include <stdlib.h>

#include "lease.h"

struct td_leases {
	struct td_lease **bucket;
	size_t            nbuckets; /* a power of two */
	size_t            n, begun;
	struct td_lease  *spare;
};

struct td_leases *td_leases_new(void)
{
	struct td_leases *leases = calloc(1, sizeof *leases);

	if (!leases)
		return NULL;
	leases->nbuckets = 256;
	leases->bucket = calloc(leases->nbuckets, sizeof *leases->bucket);
	if (leases->bucket)
		return leases;
	free(leases);
	return NULL;
}

static void free_chain(struct td_lease *lease)
{
	while (lease) {
		struct td_lease *next = lease->next;

		free(lease);
		lease = next;
	}
}

void td_leases_free(struct td_leases *leases)
{
	if (!leases)
		return;
	for (size_t i = 0; i < leases->nbuckets; i++)
		free_chain(leases->bucket[i]);
	free_chain(leases->spare);
	free(leases->bucket);
	free(leases);
}

/* FNV-1a; ids are ours, and their last characters are random. */
static size_t slot(const struct td_leases *leases, struct td_view job)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < job.n; i++)
		h = (h ^ (unsigned char)job.p[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32) & (leases->nbuckets - 1);
}

/* When it fails for lack of memory, chains are longer and nothing else. */
static void grow(struct td_leases *leases)
{
	struct td_lease **old = leases->bucket, **bucket = calloc(leases->nbuckets * 2, sizeof *bucket);
	size_t            nold = leases->nbuckets;

	if (!bucket)
		return;
	leases->bucket = bucket;
	leases->nbuckets *= 2;
	for (size_t i = 0; i < nold; i++) {
		for (struct td_lease *lease = old[i], *next; lease; lease = next) {
			size_t to = slot(leases, td_view_str(lease->id));

			next = lease->next;
			lease->next = bucket[to];
			bucket[to] = lease;
		}
	}
	free(old);
}

struct td_lease *td_lease_of(const struct td_leases *leases, struct td_view job)
{
	for (struct td_lease *lease = leases->bucket[slot(leases, job)]; lease; lease = lease->next) {
		if (td_view_eq(td_view_str(lease->id), job))
			return lease;
	}
	return NULL;
}

bool td_lease_take(struct td_leases *leases, struct td_view job, uint64_t serial, int report)
{
	struct td_lease *lease = leases->spare;
	size_t           at;

	if (job.n >= TD_ID_SIZE || td_lease_of(leases, job))
		return false;
	if (leases->n >= leases->nbuckets)
		grow(leases);
	if (lease)
		leases->spare = lease->next;
	else if (!(lease = malloc(sizeof *lease)))
		return false;
	memset(lease, 0, sizeof *lease);
	memcpy(lease->id, job.p, job.n);
	lease->serial = serial;
	lease->report = report;
	at = slot(leases, job);
	lease->next = leases->bucket[at];
	leases->bucket[at] = lease;
	leases->n++;
	return true;
}

/* Unlinks *at and keeps its memory. */
static void end(struct td_leases *leases, struct td_lease **at)
{
	struct td_lease *lease = *at;

	*at = lease->next;
	lease->next = leases->spare;
	leases->spare = lease;
	leases->n--;
	leases->begun -= lease->begun;
}

void td_lease_end(struct td_leases *leases, struct td_view job)
{
	for (struct td_lease **at = &leases->bucket[slot(leases, job)]; *at; at = &(*at)->next) {
		if (td_view_eq(td_view_str((*at)->id), job)) {
			end(leases, at);
			return;
		}
	}
}

size_t td_lease_drop(struct td_leases *leases, uint64_t serial)
{
	size_t dropped = 0;

	for (size_t i = 0; i < leases->nbuckets; i++) {
		struct td_lease **at = &leases->bucket[i];

		while (*at) {
			if ((*at)->serial != serial) {
				at = &(*at)->next;
				continue;
			}
			dropped++;
			if ((*at)->begun) {
				(*at)->serial = 0;
				at = &(*at)->next;
			} else {
				end(leases, at);
			}
		}
	}
	return dropped;
}

size_t td_lease_orphans(const struct td_leases *leases, void (*fn)(void *arg, const struct td_lease *lease), void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < leases->nbuckets && leases->begun > 0; i++) {
		for (const struct td_lease *lease = leases->bucket[i]; lease; lease = lease->next) {
			if (lease->serial == 0) {
				fn(arg, lease);
				n++;
			}
		}
	}
	return n;
}

size_t td_lease_count(const struct td_leases *leases)
{
	return leases->n;
}

size_t td_lease_waiting(const struct td_leases *leases)
{
	return leases->n - leases->begun;
}

void td_lease_set_begun(struct td_leases *leases, struct td_lease *lease, bool begun)
{
	leases->begun = leases->begun - lease->begun + begun;
	lease->begun = begun;
}
