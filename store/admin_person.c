/*
 * admin_person - persons for the operator: show, link, unlink, attributes
 */
#include "admin.h"
#include "admin_consent.h"
#include "event.h"
#include "person.h"
#include "zone.h"

#define VALUE_MAX 1024

enum { L_ADDR, L_RANK, L_LINKED_AT, L_PERSON, L_SOURCE, L_ORIGINAL };

/* ---- PERSON_SHOW ---- */

static json_t *addresses_json(const struct td_rows *linked)
{
	json_t *list = json_array();

	for (size_t i = 0; i < linked->nrows; i++) {
		json_t *item = json_object();

		td_admin_set(item, "address", td_admin_text(td_address_plain(td_col_view(linked, i, L_ADDR))));
		td_admin_set(item, "original", td_admin_text(td_col_view(linked, i, L_ORIGINAL)));
		td_admin_set(item, "source", td_admin_text(td_col_view(linked, i, L_SOURCE)));
		td_admin_set(item, "linked_at", td_admin_iso(td_col_int(linked, i, L_LINKED_AT)));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *attributes_json(const struct td_rows *attrs)
{
	json_t *object = json_object();
	char name[65];

	for (size_t i = 0; i < attrs->nrows; i++) {
		td_view_clean(name, sizeof(name), td_col_view(attrs, i, 0));
		td_admin_set(object, name, td_admin_text(td_col_view(attrs, i, 1)));
	}
	return object;
}

/* The consent of each address of the person, in one list. */
static enum td_status add_states(
	struct td_store *store, struct td_op *op, struct td_view addr, const struct td_rows *linked, json_t *list)
{
	if (!linked->nrows)
		return td_admin_states(store, op, addr, TD_VLIT(""), TD_VLIT(""), list);
	for (size_t i = 0; i < linked->nrows; i++) {
		if (td_admin_states(store, op, td_col_view(linked, i, L_ADDR), TD_VLIT(""), TD_VLIT(""), list))
			return op->err.status;
	}
	return TD_OK;
}

static enum td_status show(struct td_store *store, struct td_op *op, struct td_view addr)
{
	struct td_rows linked, attrs, scopes;
	json_t *doc, *states;

	if (td_run(store, op, TD_SQL_LINKED_OF, &linked, td_text(addr)) ||
		td_run(store, op, TD_SQL_ATTRS_OF_ADDR, &attrs, td_text(addr)) ||
		td_run(store, op, TD_SQL_CONSENT_SCOPES, &scopes, td_text(addr)) || td_sync(store, op))
		return op->err.status;
	if (!linked.nrows && !scopes.nrows)
		return td_err_set(
			&op->err, TD_NOTFOUND, "%.*s: nothing is known of this address", TD_VARG(td_address_plain(addr)));
	states = json_array();
	if (add_states(store, op, addr, &linked, states)) {
		json_decref(states);
		return op->err.status;
	}
	doc = json_object();
	td_admin_set(doc, "person", td_admin_text(td_col_view(&linked, 0, L_PERSON)));
	td_admin_set(doc, "addresses", addresses_json(&linked));
	td_admin_set(doc, "attributes", attributes_json(&attrs));
	td_admin_set(doc, "states", states);
	return td_admin_reply(op, doc);
}

enum td_status td_admin_person_show(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", NULL };
	struct td_view value, addr;

	if (td_admin_args(op, names, &value) || td_admin_address(store, op, "address", value, &addr))
		return op->err.status;
	return show(store, op, addr);
}

/* ---- PERSON_LINK, PERSON_UNLINK ---- */

enum td_status td_admin_person_link(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "a!", "b!", "source", NULL };
	static const char *const sources[] = { "verified", "app", "import", NULL };
	struct td_view args[3], a, b, source, person;

	if (td_admin_args(op, names, args) || td_admin_address(store, op, "a", args[0], &a) ||
		td_admin_address(store, op, "b", args[1], &b) ||
		td_admin_word(op, "source", args[2], sources, "verified", &source))
		return op->err.status;
	if (td_view_eq(a, b))
		return td_admin_bad(op, "b", args[1], "another address than a");
	/* made here first, so that they are shown as they were spelled */
	if (td_person_of(store, op, a, td_address_plain(td_view_trim(args[0])), true, &person) ||
		td_person_of(store, op, b, td_address_plain(td_view_trim(args[1])), true, &person) ||
		td_person_link(store, op, a, b, source, td_admin_actor(op)))
		return op->err.status;
	return show(store, op, a);
}

enum td_status td_admin_person_unlink(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", NULL };
	struct td_view value, addr;

	if (td_admin_args(op, names, &value) || td_admin_address(store, op, "address", value, &addr) ||
		td_person_unlink(store, op, addr, td_admin_actor(op)))
		return op->err.status;
	return show(store, op, addr);
}

/* ---- PERSON_SET ---- */

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9');
}

/* Well-formed by the general shape of RFC 5646 §2.1: a language of 2 to 8 letters, then subtags of 1 to 8 letters and
 * digits. */
static bool is_locale(struct td_view v)
{
	size_t run = 0, part = 0;

	for (size_t i = 0; i <= v.n; i++) {
		if (i < v.n && v.p[i] != '-') {
			if (!(part ? is_alnum(v.p[i]) : is_alpha(v.p[i])))
				return false;
			run++;
			continue;
		}
		if (run > 8 || run < (part ? 1u : 2u))
			return false;
		part++;
		run = 0;
	}
	return true;
}

static bool is_channel(struct td_view v)
{
	return td_view_eq(v, TD_VLIT("email")) || td_view_eq(v, TD_VLIT("sms"));
}

/* "vip,beta-tester": words with commas between. */
static bool is_tags(struct td_view v)
{
	struct td_view rest = v, tag;

	while (td_view_next(&rest, ',', &tag)) {
		if (!tag.n)
			return false;
		for (size_t i = 0; i < tag.n; i++) {
			if (!is_alnum(tag.p[i]) && !strchr("_-.:", tag.p[i]))
				return false;
		}
	}
	return v.n > 0 && v.p[v.n - 1] != ',';
}

static bool is_name(struct td_view v)
{
	if (!v.n || v.n > 64 || !is_alpha(v.p[0]))
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (!is_alnum(v.p[i]) && v.p[i] != '_' && v.p[i] != '-' && v.p[i] != '.')
			return false;
	}
	return true;
}

/* One line: attributes become template variables, and a text must not get lines from them. */
static bool is_line(struct td_view v)
{
	for (size_t i = 0; i < v.n; i++) {
		if ((unsigned char)v.p[i] < 0x20 || v.p[i] == 0x7f)
			return false;
	}
	return v.n <= VALUE_MAX && td_view_utf8(v);
}

static enum td_status check(struct td_op *op, struct td_view name, struct td_view value)
{
	static const struct {
		const char *name;
		bool (*valid)(struct td_view);
		const char *want;
	} known[] = {
		{ "tz", td_zone_valid, "a zone of the tz database, such as Asia/Amman" },
		{ "locale", is_locale, "a BCP 47 tag, such as ar or en-GB" },
		{ "prefer", is_channel, "email or sms" },
		{ "tags", is_tags, "words with commas between" },
	};

	if (!is_name(name))
		return td_admin_bad(op, "attribute", name, "a name of letters, digits, _ - and ., beginning with a letter");
	if (!value.n)
		return TD_OK;
	if (!is_line(value))
		return td_err_set(
			&op->err, TD_BADINPUT, "attribute %.*s: want one line of at most %d bytes", TD_VARG(name), VALUE_MAX);
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (td_view_eq(name, td_view_str(known[i].name)) && !known[i].valid(value))
			return td_admin_bad(op, known[i].name, value, known[i].want);
	}
	return TD_OK;
}

static enum td_status set_one(struct td_store *store, struct td_op *op, struct td_view addr, struct td_view pair)
{
	size_t eq = td_view_chr(pair, '=');
	struct td_view name = td_view_mem(pair.p, eq == (size_t)-1 ? 0 : eq), value;
	struct td_consent_event prefer = { .addr = addr, .action = TD_VLIT("prefer"), .source = TD_VLIT("admin") };

	if (eq == (size_t)-1)
		return td_admin_bad(op, "set", pair, "name=value");
	value = td_view_trim(td_view_skip(pair, eq + 1));
	if (check(op, name, value) || td_person_set(store, op, addr, name, value))
		return op->err.status;
	if (!td_view_eq(name, TD_VLIT("prefer")))
		return TD_OK;
	/* who wants which channel is a wish like a consent: it is on record when it changed */
	prefer.channel = value.n ? value : TD_VLIT("*");
	prefer.actor = td_admin_actor(op);
	return td_event_append(store, op, &prefer, NULL);
}

enum td_status td_admin_person_set(struct td_store *store, struct td_op *op)
{
	static const char *const names[] = { "address!", "set*", NULL };
	struct td_view args[2], addr, pair, person;
	size_t at = 0;

	if (td_admin_args(op, names, args) || td_admin_address(store, op, "address", args[0], &addr))
		return op->err.status;
	if (!args[1].n)
		return td_err_set(&op->err, TD_BADINPUT, "set: is missing (try: name=Ana)");
	if (td_person_of(store, op, addr, td_address_plain(td_view_trim(args[0])), true, &person))
		return op->err.status;
	while (td_admin_each(op, "set", &at, &pair)) {
		if (set_one(store, op, addr, pair))
			return op->err.status;
	}
	return show(store, op, addr);
}
