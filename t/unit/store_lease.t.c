/*
 * store_lease - leases of jobs by connections: taken once, dropped with the connection, orphans kept out of reach
 */
#include <stdio.h>
#include <stdlib.h>

#include "lease.h"
#include "tap.h"

static void name(char id[TD_ID_SIZE], int i)
{
	snprintf(id, TD_ID_SIZE, "JOB%023d", i);
}

static void count_one(void *arg, const struct td_lease *lease)
{
	int *n = arg;

	if (lease->begun)
		++*n;
}

int main(void)
{
	struct td_leases *leases = td_leases_new();
	struct td_lease  *lease;
	char              id[TD_ID_SIZE];
	int               begun = 0, held = 0;

	ok(td_lease_take(leases, td_view_str("A"), 1, 0), "taken");
	ok(!td_lease_take(leases, td_view_str("A"), 1, 0), "not twice by the same");
	ok(!td_lease_take(leases, td_view_str("A"), 2, 0), "nor by another");
	is_int(td_lease_of(leases, td_view_str("A"))->serial, 1, "the first has it");
	ok(td_lease_of(leases, td_view_str("B")) == NULL, "nobody has another");
	td_lease_end(leases, td_view_str("A"));
	td_lease_end(leases, td_view_str("A"));
	ok(td_lease_take(leases, td_view_str("A"), 2, 3), "ended, it can be taken by another");
	is_int(td_lease_of(leases, td_view_str("A"))->report, 3, "for a report");
	td_lease_end(leases, td_view_str("A"));

	for (int i = 0; i < 5000; i++) {
		name(id, i);
		if (!td_lease_take(leases, td_view_str(id), (uint64_t)(1 + i % 2), 0))
			fail("lease %d", i);
	}
	is_int(td_lease_count(leases), 5000, "thousands");
	for (int i = 0; i < 100; i++) {
		name(id, i);
		lease = td_lease_of(leases, td_view_str(id));
		td_lease_set_begun(leases, lease, true);
		td_lease_set_begun(leases, lease, true);
	}
	is_int(td_lease_waiting(leases), 4900, "those begun do not stand in the way of a claim");
	is_int(td_lease_drop(leases, 1), 2500, "a connection goes: all its leases are touched");
	is_int(td_lease_count(leases), 2550, "what it had not begun is free");
	is_int(td_lease_orphans(leases, count_one, &begun), 50, "what it had begun is an orphan");
	is_int(begun, 50, "each of them begun");
	name(id, 0);
	is_int(td_lease_of(leases, td_view_str(id))->serial, 0, "of nobody");
	ok(!td_lease_take(leases, td_view_str(id), 2, 0), "and nobody can take it");
	td_lease_end(leases, td_view_str(id));
	ok(td_lease_take(leases, td_view_str(id), 2, 0), "until it is ended");
	for (int i = 0; i < 5000; i++) {
		name(id, i);
		lease = td_lease_of(leases, td_view_str(id));
		held += lease != NULL && lease->serial == 2;
	}
	is_int(held, 2501, "the other connection keeps its own");
	is_int(td_lease_drop(leases, 77), 0, "a connection without leases");
	td_leases_free(leases);
	td_leases_free(NULL);
	return done_testing();
}
