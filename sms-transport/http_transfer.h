/*
 * http_transfer - one request of the HTTP transport; private to http*.c
 */
#ifndef TD_HTTP_TRANSFER_H
#define TD_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <sys/queue.h>

#include "buf.h"
#include "http.h"

struct transfer {
	struct http       *http;
	CURL              *curl;
	struct curl_slist *headers;
	struct td_buf      sent;   /* the request's body */
	size_t             sent_at;
	struct td_buf      head;   /* of the last response: "name: value\n" …, names in lower case */
	struct td_buf      body;
	bool               cut;    /* the body was longer than is read */
	bool               torn;   /* the headers were */
	http_done         *done;
	void              *arg;
	char               error[CURL_ERROR_SIZE];
	LIST_ENTRY(transfer) link;
};

/* Checks a request against what is allowed and readies t->curl for it. Errors as http_send. */
enum td_status http_transfer_prepare(struct transfer *t, const struct http_ask *ask, struct td_err *err);

#endif
