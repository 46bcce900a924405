/*
 * conf_value - tests of single configuration values: domains, numbers, addresses to listen on …
 *
 * Strict where a slip would be silent later (a domain, a network), liberal where only the provider knows (sender ids).
 * Every value has passed the general test of conf_read.c before: UTF-8 without control characters.
 */
#include <regex.h>

#include "cidr.h"
#include "conf_schema.h"
#include "zone.h"

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_alpha(char c) { return is_lower(c) || is_upper(c); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alnum(char c) { return is_alpha(c) || is_digit(c); }

static bool all_in(struct td_view v, bool (*kind)(char), const char *others)
{
	for (size_t i = 0; i < v.n; i++)
		if (!kind(v.p[i]) && strchr(others, v.p[i]) == NULL)
			return false;
	return v.n > 0;
}

/* RFC 1035 §2.3.4 sizes, letters, digits and hyphens; IDNA as A-labels. */
static bool domain_view(struct td_view v)
{
	struct td_view label;
	if (v.n == 0 || v.n > 253 || v.p[v.n - 1] == '.')
		return false;
	while (td_view_next(&v, '.', &label))
		if (label.n > 63 || !all_in(label, is_alnum, "-") || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
	return true;
}

static bool domain(const char *s)
{
	return domain_view(td_view_str(s));
}
const struct td_conf_check td_conf_is_domain = { domain, "domain name", "domain names", "" };

/* ISO 3166 codes that have a numbering plan (libphonenumber metadata, Apache-2.0, as of 2026). */
static bool country(const char *s)
{
	static const char known[] =
		"AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ "
		"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM "
		"FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
		"JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN "
		"MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT "
		"PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK "
		"TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";
	return strlen(s) == 2 && is_upper(s[0]) && is_upper(s[1]) && strstr(known, s) != NULL;
}
const struct td_conf_check td_conf_is_country = { country, "country code", "country codes",
	" (ISO 3166, like US; the United Kingdom is GB)" };

static bool email(const char *s)
{
	const char *at = strrchr(s, '@');
	if (at == NULL || at == s || strpbrk(s, " <>\",;") != NULL)
		return false;
	return at - s <= 64 && memchr(s, '@', (size_t)(at - s)) == NULL && domain(at + 1);
}
const struct td_conf_check td_conf_is_email = { email, "e-mail address", "e-mail addresses", "" };

static bool digits_between(const char *s, size_t min, size_t max)
{
	size_t n = strlen(s);
	return n >= min && n <= max && all_in(td_view_str(s), is_digit, "");
}

static bool e164(const char *s)
{
	return s[0] == '+' && s[1] != '0' && digits_between(s + 1, 7, 15);
}
const struct td_conf_check td_conf_is_e164 = { e164, "phone number", "phone numbers", " (want +15550001111)" };

static bool prefix(const char *s)
{
	return s[0] == '+' && (s[1] == '\0' || (s[1] != '0' && digits_between(s + 1, 1, 15)));
}
const struct td_conf_check td_conf_is_prefix = { prefix, "prefix", "prefixes", " (want + and digits)" };

/* An E.164 number, a short code of 3 to 8 digits, or up to 11 characters with a letter among them (3GPP TS 23.040). */
static bool sender(const char *s)
{
	size_t n = strlen(s);
	bool letter = false;
	for (size_t i = 0; i < n; i++)
		letter = letter || is_alpha(s[i]);
	if (!letter)
		return e164(s) || digits_between(s, 3, 15);
	return n <= 11 && all_in(td_view_str(s), is_alnum, " -_.&+!'/");
}
const struct td_conf_check td_conf_is_sender = { sender, "sender id", "sender ids",
	" (want +NUMBER, a short code, or up to 11 letters and digits)" };

static bool cidr(const char *s)
{
	struct td_cidr net;
	return td_cidr_parse(td_view_str(s), &net, NULL) == TD_OK;
}
const struct td_conf_check td_conf_is_cidr = { cidr, "network", "networks",
	" (want 10.1.2.0/24, without bits behind the prefix)" };

static bool locale(const char *s)
{
	struct td_view rest = td_view_str(s), part;
	bool first = true;
	while (td_view_next(&rest, '-', &part)) {
		if (part.n > 8 || !all_in(part, first ? is_alpha : is_alnum, "") || (first && part.n < 2))
			return false;
		first = false;
	}
	return !first;
}
const struct td_conf_check td_conf_is_locale = { locale, "language tag", "language tags",
	" (want en or pt-BR)" };

static bool zone(const char *s)
{
	return td_zone_valid(td_view_str(s));
}
const struct td_conf_check td_conf_is_zone = { zone, "time zone", "time zones", " (want America/New_York)" };

static bool port(const char *s, size_t n)
{
	int64_t v;
	return n <= 5 && td_view_i64(td_view_mem(s, n), &v) && v >= 0 && v <= 65535;
}

static bool unix_path(const char *s)
{
	return s[0] == '/' && s[1] != '\0' && strlen(s) < 108; /* sun_path */
}

/* As libmilter and Postfix write it: unix:/path, inet:PORT@HOST. */
static bool milter_addr(const char *s)
{
	const char *at;
	if (strncmp(s, "unix:", 5) == 0)
		return unix_path(s + 5);
	if (strncmp(s, "inet:", 5) != 0 && strncmp(s, "inet6:", 6) != 0)
		return false;
	s = strchr(s, ':') + 1;
	at = strchr(s, '@');
	return at != NULL && at[1] != '\0' && at > s && port(s, (size_t)(at - s));
}
const struct td_conf_check td_conf_is_milter_addr = { milter_addr, "socket", "sockets",
	" (want unix:/path or inet:PORT@HOST)" };

static bool tcp_addr(const char *s)
{
	const char *colon = strrchr(s, ':');
	size_t host;
	if (colon == NULL || colon == s || !port(colon + 1, strlen(colon + 1)))
		return false;
	host = (size_t)(colon - s);
	if (s[0] == '[')
		return host > 3 && s[host - 1] == ']' && all_in(td_view_mem(s + 1, host - 2), is_alnum, ":.");
	return all_in(td_view_mem(s, host), is_alnum, ".-");
}
const struct td_conf_check td_conf_is_tcp_addr = { tcp_addr, "HOST:PORT", "HOST:PORT", "" };

static bool url(const char *s)
{
	const char *host = strstr(s, "://");
	if (host == NULL || (strncmp(s, "https://", 8) != 0 && strncmp(s, "http://", 7) != 0))
		return false;
	host += 3;
	return *host != '\0' && *host != '/' && strpbrk(host, " \"<>\\^`{|}@?#") == NULL;
}
const struct td_conf_check td_conf_is_url = { url, "URL", "URLs", " (want https://HOST)" };

static bool log_target(const char *s)
{
	return strcmp(s, "syslog") == 0 || strcmp(s, "stderr") == 0 || (strncmp(s, "file:/", 6) == 0 && s[6] != '\0');
}
const struct td_conf_check td_conf_is_log_target = { log_target, "log target", "log targets",
	" (want syslog, stderr or file:/path)" };

/* Names travel in headers, reason codes, file names and URLs. */
static bool name(const char *s)
{
	struct td_view v = td_view_str(s);
	return v.n <= 64 && all_in(v, is_alnum, "-_.") && is_alnum(s[0]);
}
const struct td_conf_check td_conf_is_name = { name, "name", "names",
	" (letters, digits, \"-\", \"_\" and \".\")" };

static bool word(const char *s)
{
	return s[0] != '\0' && strlen(s) <= 64 && strpbrk(s, " \t") == NULL;
}
const struct td_conf_check td_conf_is_word = { word, "single word", "single words", "" };

static bool command(const char *s)
{
	return s[0] != '\0' && strlen(s) < 4096;
}
const struct td_conf_check td_conf_is_command = { command, "word of a command", "words", "" };

/* Without back-references, whose matching takes time without bound. */
static bool regex(const char *s)
{
	regex_t compiled;

	if (s[0] == '\0' || regcomp(&compiled, s, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0)
		return false;
	regfree(&compiled);
	for (; *s != '\0'; s++)
		if (*s == '\\' && *++s >= '1' && *s <= '9')
			return false;
	return true;
}
const struct td_conf_check td_conf_is_regex = { regex, "regular expression", "regular expressions",
	" (POSIX extended, without back-references)" };
