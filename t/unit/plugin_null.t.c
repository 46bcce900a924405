/*
 * plugin_null - the provider null: accepts all, asks for nothing
 */
#include "plugin_rig.h"

int main(void)
{
	const struct td_conf_setting none[] = { { 0 } };
	const struct td_conf_setting some[] = { SET("path", "/tmp/x"), { 0 } };
	struct tandem_sms sms = rig_sms("Hello.");
	struct tandem_step step;

	rig_load("null");
	rig_refuses(NULL, some, "path");
	is_int(rig_init(NULL, none), TANDEM_OK, "init");
	is_int(files.n, 0, "no files");
	is_int(hosts.n, 0, "no hosts");
	step = rig_request(&sms);
	is_int(step.outcome.kind, TANDEM_ACCEPTED, "accepted at once");
	is_int(step.outcome.nids, 1, "with an id");
	is_view(step.outcome.ids[0], "01REF", "our reference");
	rig_begin();
	step = (struct tandem_step){ .token = 0 };
	is_int(plugin->query(&call.pub, state, &sms, &step), TANDEM_OK, "query");
	is_int(step.outcome.kind, TANDEM_ACCEPTED, "what it took it would take");
	rig_end();
	return done_testing();
}
