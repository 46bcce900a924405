/*
 * http - the HTTP transport: libcurl's multi interface in the event loop
 *
 * All requests of the process share one multi handle, so connections are kept and used again, and HTTP/2 carries many
 * requests on one of them. No redirect is followed, no proxy of the environment is used, TLS is 1.2 or later and always
 * verified, and a request goes to no other host than the caller allows.
 *
 * What there was no answer to is HTTP_UNSENT only when no byte of the request can have left; everything after that is
 * HTTP_UNKNOWN. libcurl repeats a request by itself when a kept connection turns out to be closed; that could send an
 * SMS twice, so it is prevented: a body cannot be rewound, and a request without one gets a connection of its own.
 *
 * Owns: connections, requests under way. Threads: the loop's. Times are milliseconds.
 */
#ifndef TD_HTTP_H
#define TD_HTTP_H

#include <tandem/provider.h>

#include "conf.h"
#include "err.h"

struct event_base;
struct http;

#define HTTP_HEAD_MAX (64u << 10) /* bytes of response headers; more: HTTP_UNKNOWN */
#define HTTP_BODY_MAX (1u << 20)  /* bytes of a response that are read; then it is ended and taken as it is */
#define HTTP_TIMEOUT_MS 30000     /* of a request, when the plugin says nothing */
#define HTTP_TIMEOUT_MAX_MS 120000
#define HTTP_CONNECT_MS 10000
#define HTTP_KEPT 1024           /* connections without a request that stay open for the next */

enum http_fate {
	HTTP_ANSWERED = 1,
	HTTP_UNSENT,  /* surely nothing has left */
	HTTP_UNKNOWN  /* something has left, and there is no whole answer */
};

struct http_result {
	enum http_fate            fate;
	uint32_t                  status;  /* ANSWERED */
	const struct tandem_pair *headers; /* names in lower case */
	size_t                    nheaders;
	struct td_view            body;
	const char               *why;     /* not ANSWERED: for people, without URL */
};

/* Called once a request, never from within http_send. The result ends with the call. */
typedef void http_done(void *arg, const struct http_result *result);

struct http_ask {
	const struct tandem_http *request;  /* copied */
	const struct td_strings  *hosts;    /* "host" or "host:port" it may go to */
	bool                      plain;    /* http:// beyond loopback is allowed */
	const char               *proxy;    /* URL; NULL: none */
	const char               *ca_file;  /* instead of the system's; NULL */
	int64_t                   timeout_ms; /* when the request says nothing; 0 = HTTP_TIMEOUT_MS */
	size_t                    connections; /* to one host at most; 0 = no limit but the window's */
};

/* NULL when out of memory. */
struct http *http_new(struct event_base *base);
/* Ends everything; requests under way end as HTTP_UNKNOWN. NULL allowed. */
void http_free(struct http *http);
/*
 * Starts a request. TD_REFUSED (a host, scheme or method that is not allowed, a header with a line end), TD_NOMEM: then
 * nothing has left, and done is not called.
 */
enum td_status http_send(struct http *http, const struct http_ask *ask, http_done *done, void *arg, struct td_err *err);
/* Requests under way. */
size_t http_pending(const struct http *http);

#endif
