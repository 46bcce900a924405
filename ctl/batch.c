/*
 * batch - JSON lines in, JSON lines out, in order
 */
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"

int ctl_batch(struct ctl_call *call, json_t *(*each)(struct ctl_call *call, const json_t *line))
{
	char *line = NULL;
	size_t room = 0, number = 0;
	int status = CTL_DONE;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		json_error_t bad;
		json_t *in, *out;

		number++;
		if (td_view_trim(td_view_mem(line, (size_t)n)).n == 0)
			continue;
		in = json_loadb(line, (size_t)n, 0, &bad);
		out = json_is_object(in) ? each(call, in)
					 : json_pack("{s:s, s:I}", "error", "not a JSON object", "line", (json_int_t)number);
		if (json_object_get(out, "error"))
			status = CTL_REFUSED;
		ctl_print_json(out);
		json_decref(in);
		json_decref(out);
		td_arena_reset(&call->arena);
	}
	free(line);
	return status;
}
