/*
 * hook - one webhook call to tandem-smsd, as tandem-web passes it on: for tests
 *
 * usage: hook SOCKET PROVIDER METHOD URL [NAME: VALUE]... <BODY
 * URL is absolute. Prints the status on the first line, the content type on the second, and then the body.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "proto.h"

#define HEADERS_MAX 32

/* "Name: value", the name in lower case; false if it is none. */
static bool read_header(char *line, struct td_pair *out)
{
	char *colon = strchr(line, ':');

	if (!colon)
		return false;
	for (char *p = line; p < colon; p++)
		*p = (char)tolower((unsigned char)*p);
	out->name = td_view_mem(line, (size_t)(colon - line));
	out->value = td_view_trim(td_view_str(colon + 1));
	return true;
}

/* Path and query of an absolute URL. */
static void cut_url(const char *url, struct td_webhook *ask)
{
	const char *host = strstr(url, "://");
	const char *path = strchr(host ? host + 3 : url, '/');
	const char *query = strchr(url, '?');

	ask->url = td_view_str(url);
	ask->path = td_view_str(path ? path : "/");
	if (!query)
		return;
	ask->query = td_view_str(query + 1);
	if (path && path < query)
		ask->path = td_view_mem(path, (size_t)(query - path));
}

int main(int argc, char **argv)
{
	static char body[1 << 20];
	struct td_pair headers[HEADERS_MAX];
	struct td_webhook ask = { .peer = TD_VLIT("127.0.0.1") };
	struct td_web_answer answer;
	struct td_client *client;
	struct td_arena arena;
	struct td_err err;
	enum td_status status;
	size_t n = 0;

	if (argc < 5 || argc - 5 > HEADERS_MAX) {
		fprintf(stderr, "usage: hook SOCKET PROVIDER METHOD URL [NAME: VALUE]... <BODY\n");
		return 2;
	}
	for (int i = 5; i < argc; i++) {
		if (!read_header(argv[i], &headers[n++]))
			return 2;
	}
	ask.provider = td_view_str(argv[2]);
	ask.method = td_view_str(argv[3]);
	cut_url(argv[4], &ask);
	ask.headers = (struct td_structs){ headers, n };
	ask.body = td_view_mem(body, fread(body, 1, sizeof(body), stdin));
	td_arena_init(&arena, 1u << 22);
	client = td_client_new(argv[1]);
	status = !client ? TD_NOMEM : td_client_call(client, TD_V_WEBHOOK, &td_webhook_shape, &ask, &td_web_answer_shape,
		&answer, &arena, 20000, false, &err);
	if (status)
		fprintf(stderr, "hook: %s\n", client ? err.text : "out of memory");
	else
		printf("%d\n%.*s\n%.*s", (int)answer.status, TD_VARG(answer.type), TD_VARG(answer.body));
	td_client_free(client);
	td_arena_free(&arena);
	return status ? 1 : 0;
}
