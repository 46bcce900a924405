/*
 * http - the HTTP transport: libcurl's multi interface in the event loop
 */
#include "http.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "http_transfer.h"

struct http {
	struct event_base *base;
	CURLM             *multi;
	struct event      *timer;
	LIST_HEAD(, transfer) all;
	size_t             n;
};


/* ---- the end of a transfer ---- */

static void transfer_free(struct transfer *t)
{
	LIST_REMOVE(t, link);
	t->http->n--;
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->headers);
	td_buf_free(&t->sent);
	td_buf_free(&t->head);
	td_buf_free(&t->body);
	free(t);
}

/* Header lines → pairs, in an arena. */
static size_t read_headers(struct td_view head, struct td_arena *arena, struct tandem_pair **out)
{
	struct tandem_pair *pairs;
	struct td_view line;
	size_t room = 0;
	size_t n = 0;

	for (size_t i = 0; i < head.n; i++)
		room += head.p[i] == '\n';
	pairs = TD_NEWN(arena, room, struct tandem_pair);
	while (pairs && td_view_next(&head, '\n', &line)) {
		size_t colon = td_view_chr(line, ':');
		struct td_view value;

		if (colon == (size_t)-1 || n == room)
			continue;
		value = td_view_trim(td_view_skip(line, colon + 1));
		pairs[n++] = (struct tandem_pair){ { line.p, colon }, { value.p, value.n } };
	}
	*out = pairs;
	return n;
}

static bool anything_left(CURL *curl)
{
	curl_off_t started = 0;

	/* Set when the connection stands and the request is about to be written. */
	return curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &started) != CURLE_OK || started > 0;
}

static const char *why(const struct transfer *t, CURLcode code)
{
	if (t->torn)
		return "the answer's headers are too long";
	/* It would have been sent once more: see no_rewind. */
	if (code == CURLE_SEND_FAIL_REWIND)
		return "the connection ended before an answer";
	return t->error[0] ? t->error : curl_easy_strerror(code);
}

static void finish(struct transfer *t, CURLcode code)
{
	struct http_result result = { .fate = HTTP_UNKNOWN };
	struct tandem_pair *headers = NULL;
	struct td_arena arena;
	long status = 0;

	td_arena_init(&arena, 4 * HTTP_HEAD_MAX);
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && !t->torn && (code == CURLE_OK || (code == CURLE_WRITE_ERROR && t->cut))) {
		result.fate = HTTP_ANSWERED;
		result.status = (uint32_t)status;
		result.nheaders = read_headers(td_buf_view(&t->head), &arena, &headers);
		result.headers = headers;
		result.body = td_buf_view(&t->body);
	} else {
		result.fate = anything_left(t->curl) ? HTTP_UNKNOWN : HTTP_UNSENT;
		result.why = why(t, code);
	}
	t->done(t->arg, &result);
	td_arena_free(&arena);
	transfer_free(t);
}

static void collect(struct http *http)
{
	struct CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		CURLcode code = msg->data.result;
		CURL *curl = msg->easy_handle;
		struct transfer *t = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&t);
		curl_multi_remove_handle(http->multi, curl);
		finish(t, code);
	}
}

/* ---- libcurl in the loop ---- */

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;
	int running;
	int mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(http->multi, fd, mask, &running);
	collect(http);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http *http = arg;
	int running;

	(void)fd, (void)what;
	curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	collect(http);
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	(void)multi;
	if (ms < 0)
		event_del(http->timer);
	else
		event_add(http->timer, &tv);
	return 0;
}

static int want_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *known)
{
	struct http *http = arg;
	struct event *ev = known;
	short kind = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));

	(void)curl;
	if (ev)
		event_free(ev);
	ev = what == CURL_POLL_REMOVE ? NULL : event_new(http->base, fd, kind, on_socket, http);
	if (ev)
		event_add(ev, NULL);
	curl_multi_assign(http->multi, fd, ev);
	return 0;
}

/* ---- starting one ---- */

static struct transfer *transfer_new(struct http *http)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->http = http;
	t->curl = curl_easy_init();
	if (!t->curl) {
		free(t);
		return NULL;
	}
	td_buf_init(&t->sent, SIZE_MAX / 2);
	td_buf_init(&t->head, HTTP_HEAD_MAX);
	td_buf_init(&t->body, HTTP_BODY_MAX);
	LIST_INSERT_HEAD(&http->all, t, link);
	http->n++;
	return t;
}

enum td_status http_send(struct http *http, const struct http_ask *ask, http_done *done, void *arg, struct td_err *err)
{
	struct transfer *t = transfer_new(http);
	enum td_status status;

	if (!t)
		return td_err_set(err, TD_NOMEM, "out of memory");
	t->done = done;
	t->arg = arg;
	status = http_transfer_prepare(t, ask, err);
	/* It starts at the timer that libcurl sets now. */
	if (!status && curl_multi_add_handle(http->multi, t->curl))
		status = td_err_set(err, TD_NOMEM, "out of memory");
	if (status)
		transfer_free(t);
	return status;
}

size_t http_pending(const struct http *http)
{
	return http->n;
}

/* ---- the transport ---- */

struct http *http_new(struct event_base *base)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(http);
		return NULL;
	}
	http->base = base;
	LIST_INIT(&http->all);
	http->multi = curl_multi_init();
	http->timer = event_new(base, -1, 0, on_timer, http);
	if (!http->multi || !http->timer) {
		http_free(http);
		return NULL;
	}
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	/* By default four times the requests under way: at the end of each burst most connections would be closed. */
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)HTTP_KEPT);
	return http;
}

void http_free(struct http *http)
{
	struct transfer *t;

	if (!http)
		return;
	while ((t = LIST_FIRST(&http->all))) {
		struct http_result end = { .fate = HTTP_UNKNOWN, .why = "tandem-smsd is stopping" };

		curl_multi_remove_handle(http->multi, t->curl);
		t->done(t->arg, &end);
		transfer_free(t);
	}
	curl_multi_cleanup(http->multi); /* closes kept connections: their events end in want_socket */
	if (http->timer)
		event_free(http->timer);
	curl_global_cleanup();
	free(http);
}
