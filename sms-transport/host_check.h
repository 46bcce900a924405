/*
 * host_check - is what a plugin returned something that can be believed?
 *
 * A plugin is code of strangers: what it hands over is checked before anything is done with it. Threads: pure.
 */
#ifndef TD_HOST_CHECK_H
#define TD_HOST_CHECK_H

#include <tandem/provider.h>

#define HOST_ID_MAX 255       /* bytes of a message id */
#define HOST_PARTS_MAX 255    /* ids of an SMS */
#define HOST_EVENTS_MAX 10000 /* events of one call */
#define HOST_EVENT_TEXT_MAX 65536
#define HOST_HEADERS_MAX 1000
#define HOST_WAIT_MAX_MS (7 * 86400000LL)

struct host_words { /* where the words of an outcome are kept */
	char why[120]; /* "" when the outcome is good */
	char detail[280];
	char code[64];
	char price[32];
	char currency[8];
};

/*
 * Makes an outcome one that can be settled: what makes no sense becomes TANDEM_UNCERTAIN if something may have left,
 * else TANDEM_PERMANENT_OTHER, with the reason as detail; words are made printable and cut. Its views then point into
 * words. False: it made no sense, words->why says why.
 */
bool host_check_outcome(struct tandem_outcome *outcome, bool left, struct host_words *words);
/* NULL when all texts of a request are there, else why not. */
const char *host_check_http(const struct tandem_http *http);
const char *host_check_file(const struct tandem_file_request *file);
/* NULL when all events make sense, else why not. */
const char *host_check_events(const struct tandem_event *events, size_t n);
/* The same for what is said and sent beside the events, webhooks and streams. */
const char *host_check_hook(const struct tandem_events *out);
const char *host_check_stream(const struct tandem_stream_out *out);

#endif
