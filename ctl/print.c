/*
 * print - a JSON document for a person or for a program
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

void ctl_print_json(const json_t *doc)
{
	json_dumpf(doc, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
	putchar('\n');
}

void ctl_show(const struct ctl_call *call, const json_t *doc)
{
	size_t i;
	json_t *item;

	if (!call->json) {
		(call->command->print ? call->command->print : ctl_print)(doc);
		return;
	}
	if (!json_is_array(doc)) {
		ctl_print_json(doc);
		return;
	}
	json_array_foreach(doc, i, item)
		ctl_print_json(item);
}

/* A scalar as words; the caller frees. */
static char *scalar_text(const json_t *value)
{
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_null(value))
		return strdup("-");
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* Columns a UTF-8 text takes, near enough for aligning: scalars, not bytes. */
static size_t columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static void pad(const char *text, size_t width)
{
	fputs(text, stdout);
	for (size_t n = columns(text); n < width; n++)
		putchar(' ');
}

/* The keys of all rows, in the order they first come. */
static json_t *all_keys(const json_t *list)
{
	json_t *keys = json_object(), *row, *value;
	const char *key;
	size_t i;

	json_array_foreach(list, i, row) {
		json_object_foreach(row, key, value) {
			if (!json_object_get(keys, key))
				json_object_set_new(keys, key, json_null());
		}
	}
	return keys;
}

/* A list of objects as a table; what a row does not have stays blank. */
static void print_table(const json_t *list)
{
	json_t *keys = all_keys(list);
	const char *key;
	json_t *value, *row;
	size_t width[64] = { 0 }, col, i;

	col = 0;
	json_object_foreach(keys, key, value) {
		if (col < 64)
			width[col++] = columns(key);
	}
	for (int pass = 0; pass < 2; pass++) {
		if (pass) {
			col = 0;
			json_object_foreach(keys, key, value)
				pad(key, col < 64 ? width[col++] + 2 : 0);
			putchar('\n');
		}
		json_array_foreach(list, i, row) {
			col = 0;
			json_object_foreach(keys, key, value) {
				char *text = scalar_text(json_object_get(row, key));

				if (!pass && col < 64 && text && columns(text) > width[col])
					width[col] = columns(text);
				if (pass)
					pad(text ? text : "", col < 64 ? width[col] + 2 : 0);
				free(text);
				col++;
			}
			if (pass)
				putchar('\n');
		}
	}
	json_decref(keys);
}

static void print_value(const json_t *value, int depth);

static void print_object(const json_t *object, int depth)
{
	const char *key;
	json_t *value;
	size_t width = 0;

	json_object_foreach((json_t *)object, key, value) {
		if (columns(key) > width)
			width = columns(key);
	}
	json_object_foreach((json_t *)object, key, value) {
		printf("%*s", depth * 2, "");
		if (json_is_object(value) || (json_is_array(value) && json_is_object(json_array_get(value, 0)))) {
			printf("%s:\n", key);
			print_value(value, depth + 1);
			continue;
		}
		pad(key, width + 2);
		print_value(value, depth);
	}
}

static void print_value(const json_t *value, int depth)
{
	char *text;
	size_t i;
	json_t *item;

	if (json_is_object(value)) {
		print_object(value, depth);
	} else if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
		if (depth == 0) {
			print_table(value);
			return;
		}
		json_array_foreach(value, i, item) {
			print_object(item, depth);
			if (i + 1 < json_array_size(value))
				putchar('\n');
		}
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) {
			text = scalar_text(item);
			printf("%s%s", i ? ", " : "", text ? text : "");
			free(text);
		}
		puts(json_array_size(value) ? "" : "-");
	} else {
		text = scalar_text(value);
		puts(text ? text : "");
		free(text);
	}
}

void ctl_print(const json_t *doc)
{
	if (json_is_array(doc) && json_array_size(doc) == 0) {
		puts("(none)");
		return;
	}
	print_value(doc, 0);
}

static const char *member(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

void ctl_print_why(const json_t *doc)
{
	size_t i;
	json_t *item;

	if (!json_array_size(doc))
		puts("(no decision on record)");
	json_array_foreach(doc, i, item) {
		printf("%s  %s %s\n", member(item, "at"), member(item, "verdict"), member(item, "reason"));
		printf("  %s\n", member(item, "words"));
	}
}

void ctl_print_jobs(const json_t *doc)
{
	size_t i;
	json_t *item;

	if (!json_array_size(doc))
		puts("(no job)");
	json_array_foreach(doc, i, item)
		printf("%-26s  %-11s %-16s %-13s %-20s %s\n", member(item, "id"), member(item, "state"), member(item, "to"),
			member(item, "class"), member(item, "category"), member(item, "reason"));
}
