/*
 * base_submitter - who may submit (spec/mail "Trust")
 */
#include <stdio.h>

#include "conf_dir.h"
#include "submitter.h"
#include "tap.h"

static struct td_conf *conf;

#define FACTS(...) (&(struct td_submitter_facts){ __VA_ARGS__ })
#define IP .client_addr = TD_VLIT("10.1.2.3")

static void use(const char *submitters)
{
	char text[2000];
	td_conf_unref(conf);
	snprintf(text, sizeof(text), "submitters = ( %s );", submitters);
	conf = conf_text(text);
	if (conf == NULL)
		bail_out("%s", conf_error());
}

static const char *who(const struct td_submitter_facts *facts)
{
	const struct td_conf_submitter *found = td_submitter_match(conf, facts, NULL);
	return found != NULL ? found->name : "nobody";
}

static const char *denied_by(const struct td_submitter_facts *facts)
{
	const struct td_conf_submitter *denied = (const struct td_conf_submitter *)&denied;
	ok(td_submitter_match(conf, facts, &denied) == NULL, "nobody submits");
	return denied != NULL ? denied->name : "no one";
}

static void criteria(void)
{
	use("");
	is_str(who(FACTS(.login = TD_VLIT("shop"), IP)), "nobody", "as installed: nobody");
	use("{ name = \"l\"; login = \"shop\"; max_class = \"service\"; }");
	is_str(who(FACTS(.login = TD_VLIT("shop"))), "l", "a login");
	is_str(who(FACTS(.login = TD_VLIT("Shop"))), "nobody", "… byte by byte");
	is_str(who(FACTS(.login = TD_VLIT("shop2"))), "nobody", "… whole");
	is_str(who(FACTS(IP)), "nobody", "no login");
	use("{ name = \"n\"; network = [\"192.0.2.0/24\", \"10.1.2.0/24\"]; max_class = \"service\"; }");
	is_str(who(FACTS(IP)), "n", "a network");
	is_str(who(FACTS(.client_addr = TD_VLIT("10.1.3.3"))), "nobody", "another network");
	is_str(who(FACTS(.client_addr = TD_VLIT("unknown"))), "nobody", "no address");
	is_str(who(FACTS(.login = TD_VLIT("any"))), "nobody", "no address at all");
	use("{ name = \"c\"; cert_subject = \"app1\"; cert_issuer = \"Example CA\"; max_class = \"service\"; }");
	is_str(who(FACTS(.cert_subject = TD_VLIT("app1"), .cert_issuer = TD_VLIT("Example CA"))), "c", "a certificate");
	is_str(who(FACTS(.cert_subject = TD_VLIT("app1"), .cert_issuer = TD_VLIT("Other CA"))), "nobody",
		"… of another issuer");
	is_str(who(FACTS(.cert_subject = TD_VLIT("app1"))), "nobody", "… of no issuer");
	is_str(who(FACTS(.cert_subject = TD_VLIT("app2"), .cert_issuer = TD_VLIT("Example CA"))), "nobody",
		"another subject");
}

static void all_must_match(void)
{
	use("{ name = \"x\"; login = \"shop\"; network = \"10.1.2.0/24\"; daemon = \"submission\"; cert_subject = \"a\"; "
		"cert_issuer = \"CA\"; max_class = \"service\"; }");
	is_str(who(FACTS(.login = TD_VLIT("shop"), IP, .daemon = TD_VLIT("submission"), .cert_subject = TD_VLIT("a"),
		.cert_issuer = TD_VLIT("CA"))), "x", "all criteria of an entry");
	is_str(who(FACTS(IP, .daemon = TD_VLIT("submission"), .cert_subject = TD_VLIT("a"), .cert_issuer = TD_VLIT("CA"))),
		"nobody",
		"without the login");
	is_str(who(FACTS(.login = TD_VLIT("shop"), .daemon = TD_VLIT("submission"), .cert_subject = TD_VLIT("a"),
		.cert_issuer = TD_VLIT("CA"))), "nobody", "without the network");
	is_str(who(FACTS(.login = TD_VLIT("shop"), IP, .cert_subject = TD_VLIT("a"), .cert_issuer = TD_VLIT("CA"))),
		"nobody",
		"without the daemon");
	is_str(who(FACTS(.login = TD_VLIT("shop"), IP, .daemon = TD_VLIT("smtp"), .cert_subject = TD_VLIT("a"),
		.cert_issuer = TD_VLIT("CA"))), "nobody", "on another daemon");
	is_str(who(FACTS(.login = TD_VLIT("shop"), IP, .daemon = TD_VLIT("submission"))), "nobody",
		"without the certificate");
}

static void local(void)
{
	use("{ name = \"net\"; network = \"127.0.0.0/8\"; max_class = \"service\"; }, { name = \"l\"; login = \"root\"; "
		"max_class = \"service\"; }");
	is_str(who(FACTS(.local = true, .client_addr = TD_VLIT("127.0.0.1"))), "nobody",
		"local submission never matches a network, whatever address Postfix shows");
	is_str(who(FACTS(.local = true, .login = TD_VLIT("root"))), "nobody", "nor a login");
	use("{ name = \"here\"; local = true; max_class = \"service\"; }");
	is_str(who(FACTS(.local = true, .client_addr = TD_VLIT("127.0.0.1"))), "here", "local = true matches it");
	is_str(who(FACTS(.client_addr = TD_VLIT("127.0.0.1"))), "nobody", "and nothing that came by SMTP");
	use("{ name = \"here\"; local = true; daemon = \"LOCAL\"; max_class = \"service\"; }");
	is_str(who(FACTS(.local = true)), "nobody", "a daemon restricts it");
	is_str(who(FACTS(.local = true, .daemon = TD_VLIT("LOCAL"))), "here", "… to that daemon");
}

static void deny(void)
{
	use("{ name = \"net\"; network = \"10.0.0.0/8\"; max_class = \"critical\"; }, { name = \"shop\"; login = \"shop\"; "
		"max_class = \"service\"; }, { name = \"bad\"; network = \"10.1.2.0/24\"; deny = true; }, "
		"{ name = \"gone\"; login = \"old\"; deny = true; }");
	is_str(who(FACTS(.client_addr = TD_VLIT("10.9.9.9"))), "net", "permitted");
	is_str(who(FACTS(.client_addr = TD_VLIT("10.9.9.9"), .login = TD_VLIT("shop"))), "net", "the first that permits");
	is_str(denied_by(FACTS(IP)), "bad", "a later entry that denies beats it");
	is_str(denied_by(FACTS(IP, .login = TD_VLIT("shop"))), "bad", "… and the login");
	is_str(denied_by(FACTS(.client_addr = TD_VLIT("10.9.9.9"), .login = TD_VLIT("old"))), "gone",
		"a login that is denied");
	is_str(denied_by(FACTS(.client_addr = TD_VLIT("192.0.2.1"))), "no one", "a stranger is not denied, only unknown");
	is_str(denied_by(FACTS(.local = true)), "no one", "entries without local say nothing of local submission");
	use("{ name = \"all\"; local = true; deny = true; }, { name = \"here\"; local = true; max_class = \"service\"; }");
	is_str(denied_by(FACTS(.local = true)), "all", "local submission can be denied");
}

static void claims(void)
{
	td_conf_unref(conf);
	conf = conf_text("categories = { offer = { class = \"marketing\"; }; }; submitters = ( { login = \"a\"; "
		"max_class = \"service\"; }, "
		"{ login = \"b\"; max_class = \"service\"; from = [\"ExShop\"]; categories = [\"offer\"]; } );");
	ok(td_submitter_category(&conf->submitters[0], TD_VLIT("anything")), "no list: every category");
	ok(!td_submitter_from(&conf->submitters[0], TD_VLIT("ExShop")), "no list: no sender id");
	ok(td_submitter_category(&conf->submitters[1], TD_VLIT("offer")), "a category on the list");
	ok(!td_submitter_category(&conf->submitters[1], TD_VLIT("otp")), "one that is not");
	ok(td_submitter_from(&conf->submitters[1], TD_VLIT("ExShop")), "a sender id on the list");
	ok(!td_submitter_from(&conf->submitters[1], TD_VLIT("ExSho")), "one that is not");
}

int main(void)
{
	criteria();
	all_must_match();
	local();
	deny();
	claims();
	td_conf_unref(conf);
	return done_testing();
}
