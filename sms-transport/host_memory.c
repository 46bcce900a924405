/*
 * host_memory - what a plugin wants remembered from one call to another
 */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "host.h"

struct host_note {
	struct host_note *next;
	int64_t           until;
	size_t            n;
	char              name[64];
	char              value[];
};

static void note_free(struct host_memory *memory, struct host_note *note)
{
	memory->bytes -= note->n;
	memory->count--;
	td_secret_wipe(note->value, note->n); /* it may be an access token */
	free(note);
}

void host_memory_free(struct host_memory *memory)
{
	struct host_note *note;

	while ((note = memory->first)) {
		memory->first = note->next;
		note_free(memory, note);
	}
}

/* Takes out what is called name, what has had its time, and the oldest until there is room for n bytes more. */
static void make_room(struct host_memory *memory, const char *name, size_t n, int64_t now)
{
	struct host_note **at = &memory->first;

	while (*at) {
		struct host_note *note = *at;
		bool crowded = memory->count >= HOST_NOTES || memory->bytes + n > HOST_NOTES_BYTES;

		/* The newest stand first: what is crowded out is what no newer one leaves room for. */
		if (!strcmp(note->name, name) || note->until <= now || (crowded && !note->next)) {
			*at = note->next;
			note_free(memory, note);
			if (crowded)
				at = &memory->first;
			continue;
		}
		at = &note->next;
	}
}

static bool service_remember(struct tandem_call *call, const char *name, struct tandem_view value, int64_t ttl_ms)
{
	struct host_memory *memory = host_of(call)->memory;
	struct host_note *note;

	if (!memory || !name || strlen(name) >= sizeof(note->name) || value.n > HOST_NOTES_BYTES || ttl_ms <= 0)
		return false;
	make_room(memory, name, value.n, call->now_ms);
	note = malloc(sizeof(*note) + value.n);
	if (!note)
		return false;
	note->until = call->now_ms + ttl_ms;
	note->n = value.n;
	memcpy(note->name, name, strlen(name) + 1);
	if (value.n)
		memcpy(note->value, value.p, value.n);
	note->next = memory->first;
	memory->first = note;
	memory->bytes += value.n;
	memory->count++;
	return true;
}

static struct tandem_view service_recall(struct tandem_call *call, const char *name)
{
	const struct host_memory *memory = host_of(call)->memory;

	for (const struct host_note *note = memory && name ? memory->first : NULL; note; note = note->next) {
		if (!strcmp(note->name, name) && note->until > call->now_ms)
			return (struct tandem_view){ note->value, note->n };
	}
	return (struct tandem_view){ NULL, 0 };
}

void host_fill_memory(struct tandem_host *host)
{
	host->remember = service_remember;
	host->recall = service_recall;
}
