/*
 * local - subcommands answered without a daemon: config show, number
 */
#include <stdio.h>

#include "ctl.h"
#include "number.h"
#include "number_zone.h"

struct show {
	bool    only_changed;
	json_t *doc; /* NULL: print as it goes */
};

static void show_item(void *arg, const struct td_conf_item *item)
{
	struct show *show = arg;

	if (!item->value || (show->only_changed && item->is_default))
		return;
	if (show->doc) {
		/*
		 * libconfig text of scalars and arrays is JSON too, but for an L behind long integers and lists in parentheses
		 */
		json_t *value = json_loads(item->value, JSON_DECODE_ANY, NULL);

		json_object_set_new(show->doc, item->key, value ? value : json_string(item->value));
	}
	if (!show->doc)
		printf("%s = %s%s\n", item->key, item->value, item->is_default && !show->only_changed ? "    # default" : "");
}

int ctl_run_config_show(struct ctl_call *call)
{
	struct show show = { ctl_has(call, "n"), call->json ? json_object() : NULL };

	td_conf_walk(call->conf, show_item, &show);
	if (show.doc)
		ctl_print_json(show.doc);
	json_decref(show.doc);
	return CTL_DONE;
}

static json_t *number_doc(struct ctl_call *call, struct td_view input)
{
	const struct td_conf *conf = call->conf;
	struct td_number number;
	const char *reason = NULL;
	struct td_err err = { 0 };
	struct td_views zones;
	json_t *list;
	json_t *doc = json_object();

	json_object_set_new(doc, "input", json_stringn_nocheck(input.p ? input.p : "", input.n));
	if (td_number_parse(input, conf->home_country, &number, &err) != TD_OK) {
		json_object_set_new(doc, "e164", json_null());
		json_object_set_new(doc, "allowed", json_false());
		json_object_set_new(doc, "reason", json_string("invalid-number"));
		json_object_set_new(doc, "error", json_string(err.text));
		return doc;
	}
	json_object_set_new(doc, "e164", json_string(number.e164));
	json_object_set_new(doc, "region", *number.region ? json_string(number.region) : json_null());
	json_object_set_new(doc, "kind", json_string(number.kind));
	list = json_array();
	json_object_set_new(doc, "zones", list);
	if (td_number_zones(&number, &call->arena, &zones, &err) == TD_OK)
		for (size_t i = 0; i < zones.n; i++)
			json_array_append_new(list, json_stringn(zones.v[i].p, zones.v[i].n));
	json_object_set_new(doc, "allowed", json_boolean(td_number_allowed(&number, conf, &reason, &err) == TD_OK));
	json_object_set_new(doc, "reason", reason ? json_string(reason) : json_null());
	return doc;
}

static json_t *number_line(struct ctl_call *call, const json_t *line)
{
	const char *text = json_string_value(json_object_get(line, "number"));

	return text ? number_doc(call, td_view_str(text)) : json_pack("{s:s}", "error", "no key \"number\"");
}

int ctl_run_number(struct ctl_call *call)
{
	json_t *list;
	int status = CTL_DONE;

	if (ctl_has(call, "batch"))
		return ctl_batch(call, number_line);
	list = json_array();
	for (size_t i = 0; i < call->nargs; i++) {
		json_t *doc = number_doc(call, call->args[i].value);

		if (!json_is_true(json_object_get(doc, "allowed")))
			status = CTL_REFUSED;
		json_array_append_new(list, doc);
	}
	if (json_array_size(list) == 1)
		ctl_show(call, json_array_get(list, 0));
	else
		ctl_show(call, list);
	json_decref(list);
	return status;
}
