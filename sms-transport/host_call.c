/*
 * host_call - the call context of a plugin's operation and the table of services
 */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>

static void *service_alloc(struct tandem_call *call, size_t n)
{
	void *p = td_arena_alloc(host_of(call)->arena, n);

	if (!p)
		host_nomem(call);
	return p;
}

static struct tandem_view service_print(struct tandem_call *call, const char *fmt, ...)
{
	struct host_call *host = host_of(call);
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		call->host->error(call, "a text cannot be formatted");
		return (struct tandem_view){ NULL, 0 };
	}
	p = td_arena_alloc(host->arena, (size_t)n + 1);
	if (!p)
		return host_nomem(call);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct tandem_view){ p, (size_t)n };
}

static int service_error(struct tandem_call *call, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	if (call->failed)
		return TANDEM_FAIL;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	call->failed = true;
	td_err_set(host_of(call)->err, TD_BADINPUT, "%s", text);
	return TANDEM_FAIL;
}

struct tandem_view host_nomem(struct tandem_call *call)
{
	if (!call->failed) {
		call->failed = true;
		td_err_set(host_of(call)->err, TD_NOMEM, "a call's memory is used up (%zu bytes)", host_of(call)->arena->cap);
	}
	return (struct tandem_view){ NULL, 0 };
}

const struct tandem_host *host_services(void)
{
	static struct tandem_host table;

	if (table.struct_size)
		return &table;
	table.struct_size = sizeof(table);
	table.abi_major = TANDEM_ABI_MAJOR;
	table.abi_minor = TANDEM_ABI_MINOR;
	table.alloc = service_alloc;
	table.print = service_print;
	table.error = service_error;
	host_fill_text(&table);
	host_fill_crypto(&table);
	host_fill_json(&table);
	host_fill_settings(&table);
	host_fill_memory(&table);
	host_fill_charset(&table);
	return &table;
}

void host_call_begin(struct host_call *call, struct td_clock *clock, struct td_arena *arena, struct td_err *err)
{
	*call = (struct host_call){
		.pub = { .struct_size = sizeof(struct tandem_call), .now_ms = td_now_ms(clock), .host = host_services() },
		.arena = arena,
		.err = err,
	};
	td_random(call->pub.random, sizeof(call->pub.random));
	td_err_clear(err);
}
