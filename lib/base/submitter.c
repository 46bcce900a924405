/*
 * submitter - who hands in a message, and what the configuration lets him do
 */
#include "cidr.h"
#include "submitter.h"

static bool same(const char *want, struct td_view have)
{
	return have.n > 0 && td_view_eq(td_view_str(want), have);
}

static bool in_networks(const struct td_strings *networks, struct td_view addr)
{
	for (size_t i = 0; i < networks->n; i++) {
		struct td_cidr net;
		if (td_cidr_parse(td_view_str(networks->v[i]), &net, NULL) == TD_OK && td_cidr_match(&net, addr))
			return true;
	}
	return false;
}

static bool in_list(const struct td_strings *list, struct td_view v)
{
	for (size_t i = 0; i < list->n; i++)
		if (td_view_eq(td_view_str(list->v[i]), v))
			return true;
	return false;
}

static bool matches(const struct td_conf_submitter *entry, const struct td_submitter_facts *facts)
{
	/* Guards against an entry that says nothing; the loader refuses those. */
	bool criterion = entry->local || entry->login != NULL || entry->network.n > 0 || entry->cert_subject != NULL;
	if (!criterion || entry->local != facts->local)
		return false;
	if (entry->login != NULL && !same(entry->login, facts->login))
		return false;
	if (entry->network.n > 0 && !in_networks(&entry->network, facts->client_addr))
		return false;
	if (entry->cert_subject != NULL && (entry->cert_issuer == NULL || !same(entry->cert_subject, facts->cert_subject) ||
			!same(entry->cert_issuer, facts->cert_issuer)))
		return false;
	return entry->daemon == NULL || same(entry->daemon, facts->daemon);
}

const struct td_conf_submitter *td_submitter_match(const struct td_conf *conf, const struct td_submitter_facts *facts,
	const struct td_conf_submitter **denied)
{
	const struct td_conf_submitter *found = NULL, *refused = NULL;
	for (size_t i = 0; i < conf->nsubmitters && refused == NULL; i++) {
		const struct td_conf_submitter *entry = &conf->submitters[i];
		if (!matches(entry, facts))
			continue;
		if (entry->deny)
			refused = entry;
		else if (found == NULL)
			found = entry;
	}
	if (denied != NULL)
		*denied = refused;
	return refused == NULL ? found : NULL;
}

bool td_submitter_category(const struct td_conf_submitter *submitter, struct td_view category)
{
	return submitter->categories.n == 0 || in_list(&submitter->categories, category);
}

bool td_submitter_from(const struct td_conf_submitter *submitter, struct td_view from)
{
	return in_list(&submitter->from, from);
}
