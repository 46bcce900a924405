/*
 * lmtp_data - the text of a mail on the wire: where it ends, and without the dots that were put before others
 */
#include "lmtp_data.h"

enum { AT_START, IN_LINE, AFTER_CR, AFTER_DOT, AFTER_DOT_CR };

struct sink {
	struct lmtp_data *data;
	struct td_buf    *keep;
	size_t            most;
};

static void put(const struct sink *sink, const char *p, size_t n)
{
	size_t room = sink->keep && sink->keep->n < sink->most ? sink->most - sink->keep->n : 0;

	sink->data->total += n;
	if (room)
		td_buf_add(sink->keep, td_view_mem(p, n < room ? n : room));
}

/* A run within a line, up to and with its next CR or to the end of what is there. */
static size_t run(const struct sink *sink, struct td_view in)
{
	size_t cr = td_view_chr(in, '\r');
	size_t n = cr == (size_t)-1 ? in.n : cr + 1;

	put(sink, in.p, n);
	sink->data->state = cr == (size_t)-1 ? IN_LINE : AFTER_CR;
	return n;
}

size_t lmtp_data_feed(struct lmtp_data *data, struct td_view in, struct td_buf *keep, size_t most, bool *ended)
{
	struct sink sink = { data, keep, most };
	size_t i = 0;

	*ended = false;
	while (i < in.n) {
		char c = in.p[i];

		switch (data->state) {
		case AFTER_CR:
			if (c == '\n') {
				put(&sink, &c, 1);
				data->state = AT_START;
				i++;
				continue;
			}
			break;
		case AT_START:
			if (c == '.') {
				data->state = AFTER_DOT;
				i++;
				continue;
			}
			break;
		case AFTER_DOT: /* the dot is gone whatever follows it */
			if (c == '\r') {
				data->state = AFTER_DOT_CR;
				i++;
				continue;
			}
			break;
		case AFTER_DOT_CR:
			if (c == '\n') {
				*ended = true;
				data->state = AT_START;
				return i + 1;
			}
			put(&sink, "\r", 1);
			break;
		default:
			break;
		}
		i += run(&sink, td_view_skip(in, i));
	}
	return i;
}
