/*
 * conf_unserved - settings that this version reads and checks but does not act on yet
 *
 * Said at every start and by `tandem check`, so that nobody relies on a cap that does not cap. A row goes when its
 * feature comes.
 */
#include "conf.h"

void td_conf_unserved(const struct td_conf *conf, void (*each)(void *arg, const char *text), void *arg)
{
	const struct {
		bool        set;
		const char *text;
	} rows[] = {
		{ conf->milter.verp, "milter.verp: this version sets no bounce addresses" },
		{ conf->links.shorten.n > 0, "links.shorten: this version makes no short links" },
		{ conf->inbound.default_to != NULL, "inbound.default: this version keeps inbound SMS, but forwards none" },
		{ conf->web.public_url != NULL,
			"web.public_url: this version has no web program, so that nothing answers the links in List-Unsubscribe" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].set)
			each(arg, rows[i].text);
	}
}
