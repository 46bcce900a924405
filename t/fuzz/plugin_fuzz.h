/*
 * plugin_fuzz - what fuzz targets of plugins have in common: the rig, in the build that the target stands in
 */
#ifndef PLUGIN_FUZZ_H
#define PLUGIN_FUZZ_H

#include "host_check.h"
#include "plugin_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check(bool cond)
{
	if (!cond)
		abort();
}

/* Loads it once: from BUILD/FOLDER, the target being BUILD/t/fuzz/NAME.t. */
static inline void fuzz_load(const char *folder, const char *name)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (plugin)
		return;
	path[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(path, '/');

		if (slash)
			*slash = '\0';
	}
	setenv("TANDEM_BUILD", path, 0);
	rig_load_from(folder, name);
}

/* A secret's file, made once and removed again at once after init. */
static inline void fuzz_forget_secrets(void)
{
	for (size_t i = 0; i < nsecret_files; i++)
		unlink(secret_files[i]);
	nsecret_files = 0;
}

/* The next piece of the input, up to a NUL. */
static inline struct tandem_view fuzz_piece(struct td_view *rest)
{
	size_t nul = td_view_chr(*rest, '\0');
	struct td_view piece = nul == (size_t)-1 ? *rest : td_view_mem(rest->p, nul);

	*rest = nul == (size_t)-1 ? td_view_mem("", 0) : td_view_skip(*rest, nul + 1);
	return (struct tandem_view){ piece.p, piece.n };
}

/* Lines "Name: value" as pairs; how many of at most max. */
static inline size_t fuzz_headers(struct tandem_view text, struct tandem_pair *out, size_t max)
{
	struct td_view rest = { text.p, text.n };
	size_t n = 0;

	while (rest.n && n < max) {
		size_t end = td_view_chr(rest, '\n');
		struct td_view line = end == (size_t)-1 ? rest : td_view_mem(rest.p, end);
		size_t colon = td_view_chr(line, ':');

		if (colon != (size_t)-1)
			out[n++] = (struct tandem_pair){ { line.p, colon }, { line.p + colon + 1, line.n - colon - 1 } };
		rest = end == (size_t)-1 ? td_view_mem("", 0) : td_view_skip(rest, end + 1);
	}
	return n;
}

static inline char *fuzz_copy(const uint8_t *data, size_t n)
{
	char *copy = calloc(1, n + 1);

	check(copy != NULL);
	if (n)
		memcpy(copy, data, n);
	return copy;
}

/*
 * One answer and one webhook of an HTTP plugin: status (two bytes), headers, body, URL's query; what comes out must be
 * what the host takes. HOOK is the URL without a query.
 */
static inline void fuzz_http(const uint8_t *data, size_t size, const char *hook)
{
	/* With a NUL behind it: a sanitizer takes the text of a regexec for a C string, REG_STARTEND or not. */
	char *copy = fuzz_copy(data + 2, size - 2);
	struct td_view rest = { copy, size - 2 };
	struct tandem_pair headers[16];
	struct tandem_view head = fuzz_piece(&rest), body = fuzz_piece(&rest), query = fuzz_piece(&rest);
	struct tandem_sms sms = rig_sms("Hello");
	struct tandem_answer answer = { .struct_size = sizeof(answer), .status = 200u + data[0] + data[1], .sms = &sms,
		.headers = headers, .nheaders = fuzz_headers(head, headers, 16), .body = body };
	struct tandem_webhook in = { .struct_size = sizeof(in), .method = data[0] & 1 ? "GET" : "POST", .headers = headers,
		.nheaders = answer.nheaders, .body = body, .query = query, .path = v("/hook/p"), .peer = v("192.0.2.1") };
	struct tandem_step step = { .token = 0 };
	struct tandem_events out = { .refused = false };
	struct host_words words;

	rig_begin();
	if (plugin->response(&call.pub, state, &answer, &step) == TANDEM_OK && !call.pub.failed && step.outcome.kind) {
		bool good = host_check_outcome(&step.outcome, true, &words);

		check(good && td_view_utf8(td_view_str(words.detail)));
	}
	rig_begin();
	in.url = call.pub.host->print(&call.pub, "%s%s%.*s", hook, query.n ? "?" : "", (int)query.n,
		query.n ? query.p : "");
	if (plugin->webhook(&call.pub, state, &in, &out) == TANDEM_OK && !call.pub.failed && !out.refused) {
		/* A form may hold what is no UTF-8: such events the host refuses. */
		host_check_events(out.events, out.nevents);
		check(!host_check_hook(&out));
	}
	free(copy);
}

#endif
