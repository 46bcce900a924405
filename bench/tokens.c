/*
 * tokens - prepares mails as tandem-milter would and prints the recipients that activate them
 *
 * usage: tokens RUN_DIR COUNT FIRST_NUMBER     one SMS each, to +1555 and FIRST_NUMBER + 0, 1, 2 … in seven digits
 */
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "conf.h"
#include "proto.h"

#define ARENA (1u << 20)

static int prepare(struct td_client *client, struct td_arena *arena, long number, long i)
{
	char to[32], id[64];
	struct td_dest dest = { .direct = true, .named = true };
	struct td_prepare mail = { .submitter = TD_VLIT("bench"), .sender = TD_VLIT("shop@example.com"),
		.cls = TD_CLASS_TRANSACTIONAL,
		.content = { .text = TD_VLIT("Your parcel is on its way.") }, .dests = { &dest, 1 } };
	struct td_prepared out = { 0 };
	struct td_err err = { 0 };

	snprintf(to, sizeof(to), "+1555%07ld", number);
	snprintf(id, sizeof(id), "<%ld.%ld@bench.example.com>", number, i);
	dest.to = td_view_str(to);
	mail.message_id = td_view_str(id);
	if (td_client_call(client, TD_V_PREPARE, &td_prepare_shape, &mail, &td_prepared_shape, &out, arena, 10000, true,
		&err)) {
		fprintf(stderr, "tokens: %s\n", err.text);
		return 1;
	}
	if (!out.token.n) {
		fprintf(stderr, "tokens: no token for %s\n", to);
		return 1;
	}
	printf("t-%.*s@tandem.invalid\n", TD_VARG(out.token));
	td_arena_reset(arena);
	return 0;
}

int main(int argc, char **argv)
{
	char path[256];
	struct td_arena arena;
	struct td_client *client;
	long count, first;
	int status = 0;

	if (argc != 4)
		return 2;
	count = strtol(argv[2], NULL, 10);
	first = strtol(argv[3], NULL, 10);
	snprintf(path, sizeof(path), "%s/stored.milter.sock", argv[1]);
	client = td_client_new(path);
	if (!client)
		return 1;
	td_arena_init(&arena, ARENA);
	for (long i = 0; i < count && !status; i++)
		status = prepare(client, &arena, first + i, i);
	td_arena_free(&arena);
	td_client_free(client);
	return status;
}
