/*
 * wire_proto - members that were added to the structs of the protocol: they arrive, and older peers do without
 */
#include "proto.h"
#include "tap.h"

static struct td_arena arena;

static struct td_view encoded(const struct td_shape *shape, const void *value)
{
	struct td_view bytes;
	struct td_buf buf;

	td_buf_init(&buf, TD_MSG_MAX);
	td_shape_encode(shape, value, &buf);
	bytes = td_arena_dup(&arena, td_buf_view(&buf));
	td_buf_free(&buf);
	return bytes;
}

static void job(void)
{
	struct td_job sent = { .id = TD_VLIT("J"), .dsn = TD_VLIT("5.1.1"), .tz = TD_VLIT("Asia/Amman") }, got;
	struct td_field before[32];
	struct td_shape older = td_job_shape;
	size_t n = 0;

	is_int(td_shape_decode(&td_job_shape, encoded(&td_job_shape, &sent), &got, &arena, NULL), TD_OK, "a job");
	is_view(got.tz, "Asia/Amman", "brings its time zone");
	for (size_t i = 0; i < td_job_shape.nfields && n < 32; i++)
		if (td_job_shape.fields[i].offset != offsetof(struct td_job, tz))
			before[n++] = td_job_shape.fields[i];
	older.fields = before;
	older.nfields = n;
	is_int(td_shape_decode(&older, encoded(&td_job_shape, &sent), &got, &arena, NULL), TD_OK,
		"who does not know of it reads the rest");
	is_view(got.dsn, "5.1.1", "whole");
	is_int(td_shape_decode(&td_job_shape, encoded(&older, &sent), &got, &arena, NULL), TD_OK,
		"from whom does not know of it");
	is_view(got.tz, "", "comes none");
}

static void attrs(void)
{
	struct td_pair pairs[] = { { TD_VLIT("name"), TD_VLIT("Ana") }, { TD_VLIT("tz"), TD_VLIT("") } };
	struct td_attrs sent = { { pairs, 2 } }, got;
	const struct td_pair *pair;

	is_int(td_shape_decode(&td_attrs_shape, encoded(&td_attrs_shape, &sent), &got, &arena, NULL), TD_OK, "attributes");
	if (!is_int(got.pairs.n, 2, "all of them"))
		return;
	pair = got.pairs.v;
	is_view(pair[0].name, "name", "in order");
	is_view(pair[0].value, "Ana", "with their values");
	is_view(pair[1].value, "", "the empty one too");
}

int main(void)
{
	td_arena_init(&arena, 1u << 20);
	job();
	attrs();
	td_arena_free(&arena);
	return done_testing();
}
