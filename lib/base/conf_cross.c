/*
 * conf_cross - what no single key can say: names that refer to one another, keys that exclude one another
 *
 * An entry's line is found in the tree: element i of a list is child i of its node.
 */
#include <stdio.h>

#include "cidr.h"
#include "conf_load.h"

struct entry { /* one entry of a list, and its place for errors */
	struct td_conf_loader *loader;
	const struct td_node  *node;
	char                   key[TD_CONF_KEY_SIZE]; /* "routes[#1]" */
};

#define bad(e, ...) td_conf_problem((e)->loader, (e)->node, (e)->key, __VA_ARGS__)
#define doubt(e, ...) td_conf_doubt((e)->loader, (e)->node, (e)->key, __VA_ARGS__)

static void entry_first(struct entry *entry, struct td_conf_loader *loader, const struct td_node *root,
	const char *list)
{
	const struct td_node *node = td_node_child(root, list);
	entry->loader = loader;
	entry->node = node != NULL ? node->child : NULL;
}

static void entry_name(struct entry *entry, const char *list, const char *name)
{
	snprintf(entry->key, sizeof(entry->key), "%s[%.100s]", list, name != NULL ? name : "?");
}

static bool has(const struct td_strings *list, const char *s)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], s) == 0)
			return true;
	return false;
}

static bool category_exists(const struct td_conf *conf, const char *name)
{
	return td_conf_category(conf, td_view_str(name)) != NULL;
}

static bool provider_exists(const struct td_conf *conf, const char *name)
{
	return td_conf_provider(conf, td_view_str(name)) != NULL;
}

static bool submitter_exists(const struct td_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->nsubmitters; i++)
		if (conf->submitters[i].name != NULL && strcmp(conf->submitters[i].name, name) == 0)
			return true;
	return false;
}

/*
 * A list that names nothing that exists can only be a mistake. Of one that names something, the rest may come with
 * another file of conf.d (a back-up provider, the shipped categories), and misses nothing meanwhile but itself: a
 * doubt.
 */
static void check_names(struct entry *entry, const char *what, const struct td_strings *names,
	bool (*exists)(const struct td_conf *conf, const char *name))
{
	const struct td_conf *conf = entry->loader->conf;
	size_t known = 0;
	for (size_t i = 0; i < names->n; i++)
		known += exists(conf, names->v[i]);
	for (size_t i = 0; i < names->n; i++) {
		if (exists(conf, names->v[i]))
			continue;
		if (known == 0)
			bad(entry, "there is no %s \"%s\"", what, names->v[i]);
		else
			doubt(entry, "there is no %s \"%s\"", what, names->v[i]);
	}
}

static void check_open(struct entry *entry, const struct td_conf_submitter *submitter)
{
	for (size_t i = 0; i < submitter->network.n; i++) {
		struct td_cidr net;
		if (td_cidr_parse(td_view_str(submitter->network.v[i]), &net, NULL) == TD_OK && td_cidr_everybody(&net))
			doubt(entry, "network %s lets every client in", submitter->network.v[i]);
	}
}

static void cross_submitter(struct entry *entry, const struct td_conf_submitter *submitter)
{
	if (submitter->login == NULL && submitter->network.n == 0 && submitter->cert_subject == NULL && !submitter->local)
		bad(entry, "says not who it is (want one of login, network, cert_subject, local)");
	if (submitter->cert_subject != NULL && submitter->cert_issuer == NULL)
		bad(entry, "cert_subject without cert_issuer (anybody can issue a certificate for that name)");
	if (submitter->cert_issuer != NULL && submitter->cert_subject == NULL)
		bad(entry, "cert_issuer without cert_subject");
	if (submitter->local && submitter->network.n > 0)
		bad(entry, "network and local exclude one another (make two entries)");
	if (submitter->local && (submitter->login != NULL || submitter->cert_subject != NULL))
		bad(entry, "local submission has neither login nor certificate (make two entries)");
	if (submitter->max_class == TD_CLASS_NONE && !submitter->deny && td_node_child(entry->node, "max_class") == NULL)
		bad(entry, "max_class is missing");
	if (!submitter->deny)
		check_open(entry, submitter);
	check_names(entry, "category", &submitter->categories, category_exists);
}

static void cross_submitters(struct td_conf_loader *loader, const struct td_node *root)
{
	struct entry entry;
	entry_first(&entry, loader, root, "submitters");
	for (size_t i = 0; i < loader->conf->nsubmitters; i++, entry.node = entry.node->next) {
		if (entry.node->type != TD_NODE_GROUP)
			continue;
		entry_name(&entry, "submitters", loader->conf->submitters[i].name);
		cross_submitter(&entry, &loader->conf->submitters[i]);
	}
}

static void cross_route(struct entry *entry, const struct td_conf_route *route)
{
	bool weight = route->policy != NULL && strcmp(route->policy, "weight") == 0;
	if (route->providers.n == 0 && td_node_child(entry->node, "providers") != NULL)
		bad(entry, "providers is empty");
	if (weight && route->weights.n != route->providers.n)
		bad(entry, "%zu weights for %zu providers", route->weights.n, route->providers.n);
	if (!weight && route->weights.n > 0)
		doubt(entry, "weights count only with policy = \"weight\"");
	if (route->prefix.n == 0)
		bad(entry, "prefix is empty (\"+\" matches every number)");
	check_names(entry, "provider", &route->providers, provider_exists);
	check_names(entry, "category", &route->categories, category_exists);
	check_names(entry, "submitter", &route->submitters, submitter_exists);
}

static void cross_routes(struct td_conf_loader *loader, const struct td_node *root)
{
	const struct td_conf *conf = loader->conf;
	const struct td_node *providers = td_node_child(root, "providers");
	struct entry entry;
	entry_first(&entry, loader, root, "routes");
	for (size_t i = 0; i < conf->nroutes; i++, entry.node = entry.node->next) {
		if (entry.node->type != TD_NODE_GROUP)
			continue;
		entry_name(&entry, "routes", conf->routes[i].name);
		cross_route(&entry, &conf->routes[i]);
	}
	if (conf->nroutes == 0 && conf->nproviders > 1)
		td_conf_problem(loader, providers, "routes",
			"missing: there are %zu providers, and nothing says which serves what",
			conf->nproviders);
}

static void cross_words(struct entry *entry, const struct td_conf *conf, size_t at)
{
	const struct td_conf_category *category = &conf->categories[at];
	for (size_t i = 0; i < category->words.n; i++)
		for (size_t k = 0; k < at; k++)
			for (size_t w = 0; w < conf->categories[k].words.n; w++)
				if (td_view_caseeq(td_view_str(category->words.v[i]), td_view_str(conf->categories[k].words.v[w])))
					bad(entry, "the word \"%s\" already names %s", category->words.v[i], conf->categories[k].name);
}

static void cross_categories(struct td_conf_loader *loader, const struct td_node *root)
{
	const struct td_conf *conf = loader->conf;
	struct entry entry;
	entry_first(&entry, loader, root, "categories");
	for (size_t i = 0; i < conf->ncategories; i++, entry.node = entry.node->next) {
		const struct td_conf_category *category = &conf->categories[i];
		entry_name(&entry, "categories", category->name);
		if (category->class != TD_CLASS_TRANSACTIONAL && (category->required || category->quiet))
			doubt(&entry, "%s counts only for transactional categories", category->required ? "required" : "quiet");
		cross_words(&entry, conf, i);
	}
}

static bool any_prices(const struct td_conf *conf)
{
	for (size_t i = 0; i < conf->nproviders; i++)
		if (conf->providers[i].prices != NULL)
			return true;
	return false;
}

/* Does the rule let an SMS wait for room? */
static bool holds(const struct td_conf_rule *rule)
{
	bool other = false;
	if (rule->channels.n > 0 && !has(&rule->channels, "sms"))
		return false;
	if (rule->on_full != NULL)
		return strcmp(rule->on_full, "hold") == 0;
	for (size_t i = 0; i < rule->enforce.n; i++)
		other = other || strcmp(rule->enforce.v[i], "marketing") != 0;
	return other;
}

/* What is held under a rule that never has room waits until it expires, and nobody is told: dropped it may be. */
static void check_room(struct entry *entry, const struct td_conf_rule *rule)
{
	bool money = strcmp(rule->unit, "cost") == 0;
	bool marketing_only = rule->enforce.n == 1 && strcmp(rule->enforce.v[0], "marketing") == 0;
	double least = money ? 0.000001 : 1;
	if (rule->limit < least && holds(rule))
		bad(entry, "limit %g never has room, and what is held waits for it (want on_full = \"drop\")", rule->limit);
	else if (marketing_only && rule->limit - rule->headroom < least && rule->headroom <= rule->limit && holds(rule))
		bad(entry, "headroom leaves marketing, all that the rule binds, no room (want on_full = \"drop\")");
	if (!money && rule->limit != (double)(int64_t)rule->limit)
		bad(entry, "limit %g is no whole number of %ss", rule->limit, rule->unit);
	if (!money && rule->headroom != (double)(int64_t)rule->headroom)
		bad(entry, "headroom %g is no whole number of %ss", rule->headroom, rule->unit);
	if (money && !any_prices(entry->loader->conf))
		bad(entry, "unit \"cost\" needs the prices of a provider (providers[].prices)");
	if (rule->enforce.n == 0)
		doubt(entry, "enforce is empty: the rule binds nothing");
	if (rule->count.n == 0)
		doubt(entry, "count is empty: the rule is never full");
}

/* Segments, money, countries and what is abroad are of SMS alone. */
static void check_channels(struct entry *entry, const struct td_conf_rule *rule)
{
	bool sms_only = strcmp(rule->unit, "segment") == 0 || strcmp(rule->unit, "cost") == 0 || rule->abroad ||
		strcmp(rule->subject, "country") == 0;
	if (sms_only && rule->channels.n > 0 && !has(&rule->channels, "sms"))
		bad(entry, "counts SMS (unit %s, subject %s), and channels has none", rule->unit, rule->subject);
}

static void cross_rule(struct entry *entry, const struct td_conf_rule *rule)
{
	const char *other = rule->on_full != NULL ? strchr(rule->on_full, ':') : NULL;
	check_names(entry, "category", &rule->categories, category_exists);
	if (rule->name == NULL || rule->unit == NULL || rule->window == NULL)
		return;
	check_room(entry, rule);
	check_channels(entry, rule);
	if (rule->headroom > rule->limit)
		bad(entry, "headroom is larger than limit");
	if (other != NULL && rule->channels.n > 0 && !has(&rule->channels, strcmp(other, ":sms") == 0 ? "email" : "sms"))
		bad(entry, "on_full = \"%s\" leads to the channel that is full", rule->on_full);
}

static void cross_rules(struct td_conf_loader *loader, const struct td_node *root, const char *list,
	const struct td_conf_rule *rules, size_t n)
{
	struct entry entry;
	entry_first(&entry, loader, root, list);
	for (size_t i = 0; i < n; i++, entry.node = entry.node->next) {
		entry_name(&entry, list, rules[i].name);
		cross_rule(&entry, &rules[i]);
	}
}

static void cross_budgets(struct td_conf_loader *loader, const struct td_node *root)
{
	const struct td_conf *conf = loader->conf;
	struct entry entry;
	entry_first(&entry, loader, root, "budgets");
	for (size_t i = 0; i < conf->nbudgets; i++, entry.node = entry.node->next) {
		entry_name(&entry, "budgets", conf->budgets[i].name);
		if (conf->budgets[i].abroad && conf->home_country == NULL)
			doubt(&entry, "abroad without home_country: every number is abroad");
	}
}

static void cross_top(struct td_conf_loader *loader, const struct td_node *root)
{
	const struct td_conf *conf = loader->conf;
	const struct td_node *store = td_node_child(root, "store");
	const struct td_node *milter = td_node_child(root, "milter");
	if (conf->sms_domain == NULL && td_node_child(root, "sms_domain") == NULL)
		td_conf_problem(loader, root, "sms_domain", "missing (mail to NUMBER@ this domain becomes an SMS)");
	if (conf->sms_domain != NULL && conf->token_domain != NULL && strcmp(conf->sms_domain, conf->token_domain) == 0)
		td_conf_problem(loader, td_node_child(root, "sms_domain"), "sms_domain", "is the token_domain too");
	if (conf->return_domain != NULL &&
		((conf->sms_domain != NULL && strcmp(conf->return_domain, conf->sms_domain) == 0) ||
			strcmp(conf->return_domain, conf->token_domain) == 0))
		td_conf_problem(loader, td_node_child(root, "return_domain"), "return_domain",
			"is the sms_domain or token_domain too");
	if (strcmp(conf->store.engine, "pgsql") == 0 && conf->store.conninfo == NULL)
		td_conf_problem(loader, store, "store.conninfo", "missing: the engine pgsql needs it");
	if (conf->milter.verp && conf->return_domain == NULL)
		td_conf_problem(loader, milter, "milter.verp", "needs return_domain");
	if (conf->milter.split)
		td_conf_problem(loader, milter, "milter.split",
			"not in this version: marketing mail to several recipients is refused (try: split = false)");
}

static void cross_commands(struct td_conf_loader *loader, const struct td_node *root)
{
	const struct td_node *smsd = td_node_child(root, "smsd");
	const struct td_strings *sendmail = &loader->conf->smsd.sendmail, *flush = &loader->conf->smsd.flush;
	if (sendmail->n == 0 || sendmail->v[0][0] != '/')
		td_conf_problem(loader, smsd, "smsd.sendmail", "does not begin with the absolute path of a program");
	if (flush->n > 0 && flush->v[0][0] != '/')
		td_conf_problem(loader, smsd, "smsd.flush", "does not begin with the absolute path of a program");
}

bool td_conf_default_flush(struct td_conf *conf, const char *token_domain)
{
	const char **words = TD_NEWN(&conf->arena, 3, const char *);
	if (words == NULL)
		return false;
	words[0] = "/usr/sbin/postqueue";
	words[1] = "-s";
	words[2] = token_domain;
	conf->smsd.flush = (struct td_strings){ words, 3 };
	return true;
}

/* A lone provider without a route serves every number. */
static bool default_route(struct td_conf *conf)
{
	const char **words = TD_NEWN(&conf->arena, 2, const char *);
	conf->routes = TD_NEW(&conf->arena, struct td_conf_route);
	if (words == NULL || conf->routes == NULL)
		return false;
	words[0] = "+";
	words[1] = conf->providers[0].name;
	*conf->routes = (struct td_conf_route){ .name = "#auto", .prefix = { words, 1 }, .providers = { words + 1, 1 },
		.policy = "failover" };
	conf->nroutes = 1;
	return true;
}

/* Defaults that depend on other keys. */
static void computed_defaults(struct td_conf_loader *loader, const struct td_node *root)
{
	struct td_conf *conf = loader->conf;
	const struct td_node *smsd = td_node_child(root, "smsd");
	if ((smsd == NULL || td_node_child(smsd, "flush") == NULL) && !td_conf_default_flush(conf, conf->token_domain))
		td_conf_nomem(loader, root);
	if (conf->nroutes == 0 && conf->nproviders == 1 && !default_route(conf))
		td_conf_nomem(loader, root);
}

void td_conf_cross(struct td_conf_loader *loader, const struct td_node *root)
{
	struct td_conf *conf = loader->conf;
	cross_top(loader, root);
	cross_submitters(loader, root);
	cross_routes(loader, root);
	cross_categories(loader, root);
	cross_rules(loader, root, "caps", conf->caps, conf->ncaps);
	cross_rules(loader, root, "budgets", conf->budgets, conf->nbudgets);
	cross_budgets(loader, root);
	if (loader->problems == 0)
		computed_defaults(loader, root);
	if (loader->problems == 0)
		cross_commands(loader, root);
}
