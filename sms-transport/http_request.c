/*
 * http_request - what the HTTP transport checks and sets before a request, and what is read and written during it
 */
#include <stdlib.h>
#include <string.h>

#include "http_transfer.h"
#include "version.h"

/* ---- what is read and written ---- */

static size_t give_body(char *to, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	struct td_view rest = td_view_skip(td_buf_view(&t->sent), t->sent_at);
	size_t n = rest.n < size * count ? rest.n : size * count;

	if (n)
		memcpy(to, rest.p, n);
	t->sent_at += n;
	return n;
}

/* A body that has begun to leave must not be sent once more: see http.h. */
static int no_rewind(void *arg, curl_off_t offset, int origin)
{
	const struct transfer *t = arg;

	return t->sent_at == 0 && offset == 0 && origin == SEEK_SET ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

static size_t take_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;
	struct td_view v = td_view_mem(line, n);
	size_t colon = td_view_chr(v, ':');

	/* The status line of another response: the one after "100 Continue", say. */
	if (td_view_starts(v, TD_VLIT("HTTP/"))) {
		td_buf_reset(&t->head);
		return n;
	}
	if (colon == (size_t)-1)
		return n;
	for (size_t i = 0; i < colon; i++)
		if (line[i] >= 'A' && line[i] <= 'Z')
			line[i] = (char)(line[i] + ('a' - 'A'));
	td_buf_add(&t->head, td_view_trim(v));
	td_buf_byte(&t->head, '\n');
	t->torn = !td_buf_ok(&t->head);
	return t->torn ? 0 : n;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *t = arg;
	size_t n = size * count;
	size_t room = HTTP_BODY_MAX - t->body.n;

	if (n > room) {
		td_buf_add(&t->body, td_view_mem(bytes, room));
		t->cut = true;
		return 0;
	}
	td_buf_add(&t->body, td_view_mem(bytes, n));
	return td_buf_ok(&t->body) ? n : 0;
}

/* ---- checking and setting ---- */

static bool listed(const struct td_strings *hosts, const char *host, const char *port)
{
	for (size_t i = 0; hosts && i < hosts->n; i++) {
		struct td_view item = td_view_str(hosts->v[i]);
		size_t n = strlen(host);

		if (td_view_caseeq(item, td_view_str(host)))
			return true;
		if (item.n > n && td_view_caseeq(td_view_mem(item.p, n), td_view_str(host)) && item.p[n] == ':' &&
			td_view_eq(td_view_skip(item, n + 1), td_view_str(port)))
			return true;
	}
	return false;
}

static bool is_loopback(const char *host)
{
	return !strcmp(host, "localhost") || !strncmp(host, "127.", 4) || !strcmp(host, "[::1]");
}

/* Scheme and host of a URL, against what is allowed. The URL itself is in no error: it may hold a password. */
static enum td_status check_url(CURLU *url, const struct http_ask *ask, struct td_err *err)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	enum td_status status = TD_OK;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) || curl_url_get(url, CURLUPART_HOST, &host, 0) ||
		curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT))
		status = td_err_set(err, TD_REFUSED, "the plugin's URL has no scheme or no host");
	else if (strcmp(scheme, "https") && strcmp(scheme, "http"))
		status = td_err_set(err, TD_REFUSED, "scheme \"%s\": want https", scheme);
	else if (!strcmp(scheme, "http") && !ask->plain && !is_loopback(host))
		status = td_err_set(err, TD_REFUSED, "%s: want https (or plain_http = true)", host);
	else if (!listed(ask->hosts, host, port))
		status = td_err_set(err, TD_REFUSED, "%s:%s is not among the hosts of this provider", host, port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	return status;
}

static bool clean(struct tandem_view v)
{
	return !v.n || (!memchr(v.p, '\r', v.n) && !memchr(v.p, '\n', v.n) && !memchr(v.p, '\0', v.n));
}

static enum td_status add_header(struct transfer *t, struct tandem_view name, struct tandem_view value,
	struct td_err *err)
{
	struct td_buf line;
	struct curl_slist *more;

	if (!name.n || !clean(name) || !clean(value) || memchr(name.p, ':', name.n))
		return td_err_set(err, TD_REFUSED, "a header of the plugin has a line end or no name");
	td_buf_init(&line, HTTP_HEAD_MAX);
	/* libcurl drops a header with an empty value unless it ends with a semicolon. */
	td_buf_printf(&line, "%.*s%s%.*s", (int)name.n, name.p, value.n ? ": " : ";", (int)value.n, value.n ? value.p : "");
	more = td_buf_ok(&line) ? curl_slist_append(t->headers, td_buf_cstr(&line)) : NULL;
	td_buf_free(&line);
	if (!more)
		return td_err_set(err, TD_NOMEM, "request headers: out of memory, or over %u bytes", HTTP_HEAD_MAX);
	t->headers = more;
	return TD_OK;
}

static enum td_status set_headers(struct transfer *t, const struct tandem_http *request, struct td_err *err)
{
	enum td_status status = TD_OK;

	for (size_t i = 0; i < request->nheaders && !status; i++)
		status = add_header(t, request->headers[i].name, request->headers[i].value, err);
	if (!status) {
		/* No waiting for "100 Continue": it only costs a round trip. */
		struct curl_slist *more = curl_slist_append(t->headers, "Expect:");

		if (!more)
			return td_err_set(err, TD_NOMEM, "out of memory");
		t->headers = more;
		curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers);
	}
	return status;
}

static enum td_status set_method(struct transfer *t, const struct tandem_http *request, struct td_err *err)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "PATCH" };
	const char *method = request->method ? request->method : "POST";
	bool known = false;

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		known = known || !strcmp(method, methods[i]);
	if (!known)
		return td_err_set(err, TD_REFUSED, "method \"%s\" is not known", method);
	if (request->body.n) {
		curl_easy_setopt(t->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
		curl_easy_setopt(t->curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(t->curl, CURLOPT_READDATA, t);
		curl_easy_setopt(t->curl, CURLOPT_SEEKFUNCTION, no_rewind);
		curl_easy_setopt(t->curl, CURLOPT_SEEKDATA, t);
	} else {
		curl_easy_setopt(t->curl, CURLOPT_HTTPGET, 1L);
		curl_easy_setopt(t->curl, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(t->curl, CURLOPT_FORBID_REUSE, 1L);
		if (strcmp(method, "GET")) {
			struct curl_slist *more = curl_slist_append(t->headers, "Content-Length: 0");

			if (!more)
				return td_err_set(err, TD_NOMEM, "out of memory");
			t->headers = more;
		}
	}
	curl_easy_setopt(t->curl, CURLOPT_CUSTOMREQUEST, method);
	return TD_OK;
}

/* libcurl wants C strings for these. */
static enum td_status set_login(struct transfer *t, const struct tandem_http *request, struct td_err *err)
{
	char *user, *password;
	enum td_status status = TD_OK;

	if (!request->user.n)
		return TD_OK;
	if (!clean(request->user) || !clean(request->password))
		return td_err_set(err, TD_REFUSED, "user or password of the plugin has a line end");
	user = strndup(request->user.p, request->user.n);
	password = strndup(request->password.n ? request->password.p : "", request->password.n);
	if (user && password) {
		curl_easy_setopt(t->curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(t->curl, CURLOPT_USERNAME, user);
		curl_easy_setopt(t->curl, CURLOPT_PASSWORD, password);
	} else {
		status = td_err_set(err, TD_NOMEM, "out of memory");
	}
	free(user);
	if (password)
		explicit_bzero(password, request->password.n);
	free(password);
	return status;
}

static void set_rules(struct transfer *t, const struct http_ask *ask)
{
	int64_t timeout = ask->request->timeout_ms > 0 ? ask->request->timeout_ms :
		ask->timeout_ms > 0 ? ask->timeout_ms : HTTP_TIMEOUT_MS;
	CURL *curl = t->curl;

	if (timeout > HTTP_TIMEOUT_MAX_MS)
		timeout = HTTP_TIMEOUT_MAX_MS;
	curl_easy_setopt(curl, CURLOPT_PRIVATE, t);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_PROXY, ask->proxy ? ask->proxy : "");
	if (ask->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, ask->ca_file);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "tandem-smsd/" TD_VERSION);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
}

enum td_status http_transfer_prepare(struct transfer *t, const struct http_ask *ask, struct td_err *err)
{
	CURLU *url = curl_url();
	char *text = strndup(ask->request->url.n ? ask->request->url.p : "", ask->request->url.n);
	enum td_status status = url && text ? TD_OK : td_err_set(err, TD_NOMEM, "out of memory");

	if (!status && (!clean(ask->request->url) || curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER)))
		status = td_err_set(err, TD_REFUSED, "the plugin's URL is none");
	if (!status)
		status = check_url(url, ask, err);
	if (!status && curl_easy_setopt(t->curl, CURLOPT_URL, text))
		status = td_err_set(err, TD_NOMEM, "out of memory");
	set_rules(t, ask);
	if (!status)
		status = set_method(t, ask->request, err);
	if (!status)
		status = set_login(t, ask->request, err);
	if (!status)
		status = set_headers(t, ask->request, err);
	td_buf_add(&t->sent, (struct td_view){ ask->request->body.p, ask->request->body.n });
	if (!status && !td_buf_ok(&t->sent))
		status = td_err_set(err, TD_NOMEM, "out of memory");
	if (text)
		explicit_bzero(text, strlen(text)); /* it ends at the first NUL of the URL */
	free(text);
	curl_url_cleanup(url);
	return status;
}
