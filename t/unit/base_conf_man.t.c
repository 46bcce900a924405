/*
 * base_conf_man - tandem.conf(5) has every key of the schema, with its type and default, and no other
 */
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "conf.h"
#include "tap.h"

#define KEYS_MAX 400

static char *page;
static char *keys[KEYS_MAX];
static size_t nkeys;

static void load_page(void)
{
	size_t n;
	FILE *in = fopen("doc/man/tandem.conf.5", "r");
	page = malloc(1 << 20);
	if (in == NULL || page == NULL)
		bail_out("cannot read doc/man/tandem.conf.5");
	n = fread(page, 1, (1 << 20) - 1, in);
	page[n] = '\0';
	fclose(in);
}

/* The entry of a key, from after its ".It Va KEY" to the next entry or the list's end, lines joined. */
static char *entry_of(const char *key)
{
	char tag[256], *at, *text, *out;
	snprintf(tag, sizeof(tag), "\n.It Va %s\n", key);
	at = strstr(page, tag);
	if (at == NULL)
		return NULL;
	text = out = strdup(at + strlen(tag));
	for (char *p = text; *p != '\0' && strncmp(p, "\n.It ", 5) != 0 && strncmp(p, "\n.El", 4) != 0; p++)
		*out++ = *p == '\n' ? ' ' : *p;
	*out = '\0';
	return text;
}

static void check_key(void *arg, const struct td_conf_item *item)
{
	struct td_buf kind;
	char *entry = entry_of(item->key);
	(void)arg;
	if (nkeys < KEYS_MAX)
		keys[nkeys++] = strdup(item->key);
	if (!ok(entry != NULL, "%s is documented", item->key))
		return;
	td_buf_init(&kind, 4096);
	td_buf_printf(&kind, "(%s", item->type);
	if (item->required)
		td_buf_str(&kind, ", required");
	else if (item->deflt != NULL)
		td_buf_printf(&kind, ", default %s", item->deflt);
	td_buf_str(&kind, ")");
	like(entry, td_buf_cstr(&kind), "… with type and default");
	ok(strlen(entry) > kind.n + 10, "… and words");
	ok(item->doc != NULL && *item->doc != '\0', "… in the schema too");
	td_buf_free(&kind);
	free(entry);
}

static bool known(const char *key)
{
	for (size_t i = 0; i < nkeys; i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static void check_page(void)
{
	size_t n = 0;
	for (char *at = strstr(page, "\n.It Va "); at != NULL; at = strstr(at + 1, "\n.It Va ")) {
		char key[256] = "";
		sscanf(at + 8, "%255[^\n]", key);
		ok(known(key), "%s, which is documented, exists", key);
		n++;
	}
	is_int(n, nkeys, "as many entries as keys");
}

int main(void)
{
	load_page();
	ok(td_conf_walk(NULL, check_key, NULL), "the schema is walked to its end");
	ok(nkeys > 100, "it has keys");
	check_page();
	for (size_t i = 0; i < nkeys; i++)
		free(keys[i]);
	free(page);
	return done_testing();
}
