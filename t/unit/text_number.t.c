/*
 * text_number - what people type as a phone number
 */
#include "number.h"

#include "tap.h"

static void reads(const char *in, const char *home, const char *e164, const char *region, const char *kind)
{
	struct td_number got = { .kind = "" };
	struct td_err err;

	td_err_clear(&err);
	if (!is_int(
			td_number_parse(td_view_str(in), home, &got, &err), TD_OK, "\"%s\" in %s", in, home ? home : "no country"))
		diag("%s", err.text);
	is_str(got.e164, e164, "\"%s\" in %s: number", in, home ? home : "no country");
	is_str(got.region, region, "\"%s\": region", in);
	if (kind)
		is_str(got.kind, kind, "\"%s\": kind", in);
}

static void refuses(const char *in, const char *home, const char *text)
{
	struct td_number got = { .e164 = "untouched" };
	struct td_err err;

	td_err_clear(&err);
	is_int(td_number_parse(td_view_str(in), home, &got, &err), TD_BADINPUT, "\"%s\" in %s is refused", in,
		home ? home : "no country");
	is_str(err.text, text, "\"%s\": why", in);
	is_str(td_err_code(&err), "5.1.3", "\"%s\": code", in);
	is_str(got.e164, "untouched", "\"%s\": output left alone", in);
}

static void international(void)
{
	reads("+15551234567", NULL, "+15551234567", "US", "possible");
	reads("0015551234567", NULL, "+15551234567", "US", NULL);
	reads("01115551234567", "US", "+15551234567", "US", NULL);
	reads("011447400123456", "US", "+447400123456", "GB", "mobile");
	reads("0011447700900123", "AU", "+447700900123", "GB", NULL);
	reads("0015551234567", "AU", "+15551234567", "US", NULL);
	reads("0015551234567", "BR", "+15551234567", "US", NULL);
	reads("8108615551234567", "RU", "+8615551234567", "CN", "mobile");
	reads("+201001234567", NULL, "+201001234567", "EG", "mobile");
	reads("+966512345678", NULL, "+966512345678", "SA", "mobile");
	reads("+493012345678", NULL, "+493012345678", "DE", "fixed");
	reads("+390612345678", NULL, "+390612345678", "IT", "fixed");
	reads("+393331234567", NULL, "+393331234567", "IT", "mobile");
	reads("+390669812345", NULL, "+390669812345", "VA", NULL);
	reads("+6831234", NULL, "+6831234", "NU", NULL);
	reads("+5215512345678", NULL, "+525512345678", "MX", NULL);
	reads("+525512345678", NULL, "+525512345678", "MX", NULL);
	reads("+5491123456789", NULL, "+5491123456789", "AR", NULL);
	reads("0049 151 23456789", "US", "+4915123456789", "DE", NULL);
	reads("tel:+1-800-140-4493", "DO", "+18001404493", "", "toll-free");
}

static void written(void)
{
	reads("+1 (555) 123-4567", NULL, "+15551234567", "US", NULL);
	reads("+1.555.123.4567", NULL, "+15551234567", "US", NULL);
	reads("+1/555/123/4567", NULL, "+15551234567", "US", NULL);
	reads("  +1\xC2\xA0" "555\xE2\x80\x91" "123\xE2\x80\x93" "4567 ", NULL, "+15551234567", "US", NULL);
	reads("\xE2\x80\xAA+15551234567\xE2\x80\xAC", NULL, "+15551234567", "US", NULL);
	reads("tel:+1-555-123-4567", NULL, "+15551234567", "US", NULL);
	reads("TEL:+15551234567", NULL, "+15551234567", "US", NULL);
	reads("＋１５５５１２３４５６７", NULL, "+15551234567", "US", NULL);
	reads("+٢٠١٠٠١٢٣٤٥٦٧", NULL, "+201001234567", "EG", NULL);
	reads("۰۹۱۲۳۴۵۶۷۸۹", "IR", "+989123456789", "IR", "mobile");
	reads("+44 (0)20 7946 0958", NULL, "+442079460958", "GB", NULL);
	reads("0044 (0)20 7946 0958", NULL, "+442079460958", "GB", NULL);
	reads("+39 (0)6 1234 5678", NULL, "+390612345678", "IT", NULL);
	reads("(+44) 7700 900123", NULL, "+447700900123", "GB", NULL);
}

static void at_home(void)
{
	reads("5551234567", "US", "+15551234567", "US", NULL);
	reads("1 555 123 4567", "us", "+15551234567", "US", NULL);
	reads("07700 900123", "GB", "+447700900123", "GB", NULL);
	reads("7400123456", "GB", "+447400123456", "GB", NULL);
	reads("020 7946 0958", "GB", "+442079460958", "GB", NULL);
	reads("07781 123456", "GG", "+447781123456", "GG", NULL);
	reads("01001234567", "EG", "+201001234567", "EG", NULL);
	reads("06 1234 5678", "IT", "+390612345678", "IT", NULL);
	reads("333 123 4567", "IT", "+393331234567", "IT", NULL);
	reads("8 912 345-67-89", "RU", "+79123456789", "RU", "mobile");
	reads("06 20 123 4567", "HU", "+36201234567", "HU", "mobile");
	reads("0151 12345678", "DE", "+4915112345678", "DE", "mobile");
	reads("15112345678", "DE", "+4915112345678", "DE", "mobile");
	reads("6 12 34 56 78", "FR", "+33612345678", "FR", "mobile");
	reads("416 555 0123", "CA", "+14165550123", "CA", NULL);
	reads("0701234567", "CI", "+2250701234567", "CI", "mobile");
}

/* As people write them at home: each country's own way. */
static const struct {
	const char *in;
	const char *home;
	const char *e164;
	const char *region;
	const char *kind;
} ways[] = {
	{ "07400 123456", "GB", "+447400123456", "GB", "mobile" },
	{ "(0)20 7946 0958", "GB", "+442079460958", "GB", "fixed" },
	{ "8 (912) 345-67-89", "RU", "+79123456789", "RU", "mobile" },
	{ "8 701 234 5678", "KZ", "+77012345678", "KZ", "mobile" },
	{ "06 20 123 4567", "HU", "+36201234567", "HU", "mobile" },
	{ "06 1234 5678", "IT", "+390612345678", "IT", "fixed" },
	{ "312 345 6789", "IT", "+393123456789", "IT", "mobile" },
	{ "011 15 2345-6789", "AR", "+5491123456789", "AR", "mobile" },
	{ "11 15-2345-6789", "AR", "+5491123456789", "AR", "mobile" },
	{ "0223 15 510-1234", "AR", "+5492235101234", "AR", "mobile" },
	{ "9 11 2345-6789", "AR", "+5491123456789", "AR", "mobile" },
	{ "55 1234 5678", "MX", "+525512345678", "MX", "fixed-or-mobile" },
	{ "0011 44 7400 123456", "AU", "+447400123456", "GB", "mobile" },
	{ "0412 345 678", "AU", "+61412345678", "AU", "mobile" },
	{ "1300 123 456", "AU", "+611300123456", "AU", "shared-cost" },
	{ "010 1 212 555 0123", "JP", "+12125550123", "US", "fixed-or-mobile" },
	{ "090-1234-5678", "JP", "+819012345678", "JP", "mobile" },
	{ "(212) 555-0123", "US", "+12125550123", "US", "fixed-or-mobile" },
	{ "1-212-555-0123", "US", "+12125550123", "US", "fixed-or-mobile" },
	{ "011 20 100 123 4567", "US", "+201001234567", "EG", "mobile" },
	{ "052-234-5678", "IL", "+972522345678", "IL", "mobile" },
	{ "0100 123 4567", "EG", "+201001234567", "EG", "mobile" },
	{ "050 123 4567", "SA", "+966501234567", "SA", "mobile" },
	{ "050 123 4567", "AE", "+971501234567", "AE", "mobile" },
	{ "07 9012 3456", "JO", "+962790123456", "JO", "mobile" },
	{ "0532 123 45 67", "TR", "+905321234567", "TR", "mobile" },
	{ "06 12 34 56 78", "FR", "+33612345678", "FR", "mobile" },
	{ "0151 23456789", "DE", "+4915123456789", "DE", "mobile" },
	{ "030 123456", "DE", "+4930123456", "DE", "fixed" },
	{ "612 34 56 78", "ES", "+34612345678", "ES", "mobile" },
	{ "912 345 678", "PT", "+351912345678", "PT", "mobile" },
	{ "06 12345678", "NL", "+31612345678", "NL", "mobile" },
	{ "0803 123 4567", "NG", "+2348031234567", "NG", "mobile" },
	{ "082 123 4567", "ZA", "+27821234567", "ZA", "mobile" },
	{ "098765 43210", "IN", "+919876543210", "IN", "mobile" },
	{ "0301 2345678", "PK", "+923012345678", "PK", "mobile" },
	{ "0812-345-678", "ID", "+62812345678", "ID", "mobile" },
	{ "0139 1234 5678", "CN", "+8613912345678", "CN", "mobile" },
	{ "139 1234 5678", "CN", "+8613912345678", "CN", "mobile" },
	{ "(11) 96123-4567", "BR", "+5511961234567", "BR", "mobile" },
	{ "011 96123-4567", "BR", "+5511961234567", "BR", "mobile" },
	{ "010-2000-0000", "KR", "+821020000000", "KR", "mobile" },
	{ "512 345 678", "PL", "+48512345678", "PL", "mobile" },
	{ "070-123 45 67", "SE", "+46701234567", "SE", "mobile" },
	{ "406 12 345", "NO", "+4740612345", "NO", "mobile" },
	{ "079 123 45 67", "CH", "+41791234567", "CH", "mobile" },
	{ "0470 12 34 56", "BE", "+32470123456", "BE", "mobile" },
	{ "694 123 4567", "GR", "+306941234567", "GR", "mobile" },
	{ "050 123 4567", "UA", "+380501234567", "UA", "mobile" },
	{ "8 029 491-19-11", "BY", "+375294911911", "BY", "mobile" },
	{ "(8-612) 34567", "LT", "+37061234567", "LT", "mobile" },
	{ "0612 34567", "LT", "+37061234567", "LT", "mobile" },
	{ "0650-123456", "MA", "+212650123456", "MA", "mobile" },
	{ "0551 23 45 67", "DZ", "+213551234567", "DZ", "mobile" },
	{ "20 123 456", "TN", "+21620123456", "TN", "mobile" },
	{ "0712 123456", "KE", "+254712123456", "KE", "mobile" },
	{ "081 234 5678", "TH", "+66812345678", "TH", "mobile" },
	{ "0912 345 678", "VN", "+84912345678", "VN", "mobile" },
	{ "012-345 6789", "MY", "+60123456789", "MY", "mobile" },
	{ "0917 123 4567", "PH", "+639171234567", "PH", "mobile" },
	{ "0912 345 6789", "IR", "+989123456789", "IR", "mobile" },
	{ "0791 234 5678", "IQ", "+9647912345678", "IQ", "mobile" },
	{ "71 123 456", "LB", "+96171123456", "LB", "mobile" },
	{ "(2) 2123 4567", "CL", "+56221234567", "CL", "fixed-or-mobile" },
	{ "8123 4567", "SG", "+6581234567", "SG", "mobile" },
	{ "0912 345 678", "TW", "+886912345678", "TW", "mobile" },
	{ "021 123 4567", "NZ", "+64211234567", "NZ", "mobile" },
	{ "066 03 12 34", "GA", "+24166031234", "GA", "mobile" },
	{ "06 03 12 34", "GA", "+24106031234", "GA", "mobile" },
	{ "1230 020 1234", "CL", "+5612300201234", "CL", "toll-free" },
	{ "7125 7236", "MN", "+97671257236", "MN", "voip" },
	{ "07781 123456", "GG", "+447781123456", "GG", "mobile" },
	{ "020 7946 0958", "JE", "+442079460958", "GB", "fixed" },
};

static void countries(void)
{
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		reads(ways[i].in, ways[i].home, ways[i].e164, ways[i].region, ways[i].kind);
}

static void kinds(void)
{
	reads("+12125550123", NULL, "+12125550123", "US", "fixed-or-mobile");
	reads("+442079460958", NULL, "+442079460958", "GB", "fixed");
	reads("+448001111", NULL, "+448001111", "GB", "toll-free");
	reads("+449012345678", NULL, "+449012345678", "GB", "premium");
	reads("+447012345678", NULL, "+447012345678", "GB", "personal");
	reads("+447640123456", NULL, "+447640123456", "GB", "pager");
	reads("+445512345678", NULL, "+445512345678", "GB", "uan");
	reads("+445612345678", NULL, "+445612345678", "GB", "voip");
	reads("+491801234567", NULL, "+491801234567", "DE", "shared-cost");
	reads("+499001234567", NULL, "+499001234567", "DE", "premium");
	reads("+33891123456", NULL, "+33891123456", "FR", "premium");
	reads("+33884012345", NULL, "+33884012345", "FR", "shared-cost");
	reads("+41860123456789", NULL, "+41860123456789", "CH", "voicemail");
	reads("+525512345678", NULL, "+525512345678", "MX", "fixed-or-mobile");
	/* Right length, in no pattern: metadata age. */
	reads("+491999999999", NULL, "+491999999999", "DE", "possible");
	reads("+447999999999", NULL, "+447999999999", "GB", "mobile");
}

static void regions(void)
{
	reads("+14165550123", NULL, "+14165550123", "CA", NULL);
	reads("+17095550123", NULL, "+17095550123", "CA", NULL);
	reads("+12735550123", NULL, "+12735550123", "CA", NULL);
	reads("+12125550123", NULL, "+12125550123", "US", NULL);
	reads("+18765550123", NULL, "+18765550123", "JM", NULL);
	reads("+16585550123", NULL, "+16585550123", "JM", NULL);
	reads("+18095550123", NULL, "+18095550123", "DO", NULL);
	reads("+17875550123", NULL, "+17875550123", "PR", NULL);
	reads("+79123456789", NULL, "+79123456789", "RU", NULL);
	reads("+77012345678", NULL, "+77012345678", "KZ", "mobile");
	reads("+447781123456", NULL, "+447781123456", "GG", "mobile");
	reads("+447797123456", NULL, "+447797123456", "JE", "mobile");
	reads("+447624123456", NULL, "+447624123456", "IM", "mobile");
	reads("+4779123456", NULL, "+4779123456", "SJ", NULL);
	reads("+4740612345", NULL, "+4740612345", "NO", "mobile");
	reads("+358181234567", NULL, "+358181234567", "AX", NULL);
	reads("+59996123456", NULL, "+59996123456", "CW", NULL);
	reads("+5993181234", NULL, "+5993181234", "BQ", NULL);
	reads("+262639001234", NULL, "+262639001234", "YT", "mobile");
	reads("+262692123456", NULL, "+262692123456", "RE", "mobile");
	reads("+18005550123", NULL, "+18005550123", "", "toll-free");
	reads("+15005550123", NULL, "+15005550123", "", "personal");
	reads("+19005550123", NULL, "+19005550123", "", "premium");
	reads("+80012345678", NULL, "+80012345678", "", "non-geographic");
	reads("+80812345678", NULL, "+80812345678", "", "shared-cost");
	reads("+870123456789", NULL, "+870123456789", "", "satellite");
	reads("+878101234567890", NULL, "+878101234567890", "", "premium");
	reads("+881612345678", NULL, "+881612345678", "", "satellite");
	reads("+88216123456", NULL, "+88216123456", "", "satellite");
	reads("+883510012345", NULL, "+883510012345", "", "satellite");
	reads("+979123456789", NULL, "+979123456789", "", "premium");
}

static void refusals(void)
{
	refuses("123", "US", "\"123\": not a phone number (want +COUNTRY NUMBER)");
	refuses("123", NULL, "\"123\": not a phone number (want +COUNTRY NUMBER)");
	refuses("", "US", "\"\": not a phone number (want +COUNTRY NUMBER)");
	refuses("+", NULL, "\"+\": not a phone number (want +COUNTRY NUMBER)");
	refuses("00", NULL, "\"00\": not a phone number (want +COUNTRY NUMBER)");
	refuses("ana", "US", "\"ana\": not a phone number (want +COUNTRY NUMBER)");
	refuses("1-800-FLOWERS", "US", "\"1-800-FLOWERS\": not a phone number (want +COUNTRY NUMBER)");
	refuses("5551234567", NULL, "\"5551234567\": not a phone number (want +COUNTRY NUMBER)");
	refuses("5551234567", "ZZ", "\"5551234567\": not a phone number (want +COUNTRY NUMBER)");
	refuses("++15551234567", NULL, "\"++15551234567\": not a phone number (want +COUNTRY NUMBER)");
	refuses("1+5551234567", "US", "\"1+5551234567\": not a phone number (want +COUNTRY NUMBER)");
	refuses("+1 \"x\"\r\n\xC3\xA9", NULL, "\"+1 'x'\?\?\?\?\": not a phone number (want +COUNTRY NUMBER)");
	refuses("+1555123456", NULL, "\"+1555123456\": 9 digits after +1 (want 10)");
	refuses("+155512345678", NULL, "\"+155512345678\": 11 digits after +1 (want 10)");
	refuses("+44123456", NULL, "\"+44123456\": 6 digits after +44 (want 7 to 10)");
	refuses("+99912345678", NULL, "\"+99912345678\": no such country code (want +COUNTRY NUMBER)");
	refuses("+0123456789", NULL, "\"+0123456789\": no such country code (want +COUNTRY NUMBER)");
	refuses("+10551234567", NULL, "\"+10551234567\": no area code begins with 0 or 1 (want +1 and 10 digits)");
	refuses("+4930123456789012345678901", NULL,
		"\"+4930123456789012345678901\": too long for a phone number (15 digits at most)");
	refuses("+49030123456", NULL, "\"+49030123456\": leave out the 0 after the country code");
	refuses("+15551234567x12", NULL, "\"+15551234567x12\": a number with an extension or parameters gets no SMS");
	refuses("tel:+15551234567;ext=12", NULL,
		"\"tel:+15551234567;ext=12\": a number with an extension or parameters gets no SMS");
	refuses("4915112345678", "DE", "\"4915112345678\": not a phone number (want +COUNTRY NUMBER)");
	refuses("+491234", NULL, "\"+491234\": not a phone number (want +COUNTRY NUMBER)");
	refuses("6592240748", "SG", "\"6592240748\": not a phone number (want +COUNTRY NUMBER)");
	refuses("30 123456", "DE", "\"30 123456\": not a phone number (want +COUNTRY NUMBER)");
	refuses("1300 123 45", "AU", "\"1300 123 45\": not a phone number (want +COUNTRY NUMBER)");
	refuses("0170 3333", "UY", "\"0170 3333\": 2 digits after +33 (want 9)");
	refuses("0049 1234", "US", "\"0049 1234\": not a phone number (want +COUNTRY NUMBER)");
	refuses("+49 0151 23456789", NULL, "\"+49 0151 23456789\": leave out the 0 after the country code");
	refuses("12345", "DE", "\"12345\": not a phone number (want +COUNTRY NUMBER)");
}

/* What conf says about in; text NULL: allowed. */
static void may(const char *in, const struct td_conf *conf, const char *reason, const char *text)
{
	struct td_number number;
	struct td_err err;
	const char *got = "none";

	td_err_clear(&err);
	if (td_number_parse(td_view_str(in), NULL, &number, &err)) {
		fail("%s: %s", in, err.text);
		return;
	}
	is_int(td_number_allowed(&number, conf, &got, &err), text ? TD_REFUSED : TD_OK, "%s may%s", in,
		text ? " not" : "");
	is_str(got, reason, "%s: reason", in);
	if (text) {
		is_str(err.text, text, "%s: text", in);
		is_str(td_err_code(&err), "5.7.1", "%s: code", in);
	}
}

static void permission(void)
{
	const char *two[] = { "US", "eg" };
	const char *british[] = { "gb" };
	const char *usual[] = { "premium", "satellite", "shared-cost" };
	const char *strict[] = { "toll-free", "fixed", "Premium" };
	const struct td_conf home = { .home_country = "US", .blocked_kinds = { usual, 3 } };
	const struct td_conf nowhere = { .blocked_kinds = { usual, 3 } };
	const struct td_conf both = { .home_country = "DE", .countries = { two, 2 }, .blocked_kinds = { usual, 3 } };
	const struct td_conf gb = { .countries = { british, 1 }, .blocked_kinds = { usual, 3 } };
	const struct td_conf gb_strict = { .countries = { british, 1 }, .blocked_kinds = { strict, 3 } };
	const struct td_conf open = { .countries = { british, 1 } };

	may("+12125550123", &home, "none", NULL);
	may("+15551234567", &home, "none", NULL);
	may("+12125550123", &both, "none", NULL);
	may("+201001234567", &both, "none", NULL);
	may("+14165550123", &both, "blocked-country", "+1416***0123: no SMS to CA numbers (not in countries)");
	may("+4915112345678", &both, "blocked-country", "+4915***5678: no SMS to DE numbers (not in countries)");
	may("+447700900123", &home, "blocked-country", "+4477***0123: no SMS to GB numbers (not in countries)");
	may("+15551234567", &nowhere, "blocked-country", "+1555***4567: no SMS to US numbers (not in countries)");

	may("+881612345678", &both, "blocked-type", "+8816***5678: no SMS to satellite numbers");
	may("+979123456789", &both, "blocked-type", "+9791***6789: no SMS to premium numbers");
	may("+19005550123", &both, "blocked-type", "+1900***0123: no SMS to premium numbers");
	may("+80812345678", &both, "blocked-type", "+8081***5678: no SMS to shared-cost numbers");

	/* A kind is judged in the countries that SMS may go to; elsewhere the country is the reason. */
	may("+449098765432", &gb, "blocked-type", "+4490***5432: no SMS to premium numbers");
	may("+449098765432", &gb_strict, "blocked-type", "+4490***5432: no SMS to premium numbers");
	may("+449098765432", &home, "blocked-country", "+4490***5432: no SMS to GB numbers (not in countries)");
	may("+449098765432", &open, "none", NULL);
	may("+442079460958", &gb, "none", NULL);
	may("+442079460958", &gb_strict, "blocked-type", "+4420***0958: no SMS to fixed numbers");
	may("+448081570192", &gb, "none", NULL);
	may("+448081570192", &gb_strict, "blocked-type", "+4480***0192: no SMS to toll-free numbers");

	/* Of no country: only what has been taken out of blocked_kinds. */
	may("+881612345678", &open, "none", NULL);
	may("+979123456789", &open, "none", NULL);
	may("+80812345678", &open, "none", NULL);
	may("+19005550123", &open, "none", NULL);
	may("+18002345678", &open, "blocked-type", "+1800***5678: no SMS to toll-free numbers");
	may("+15002345678", &open, "blocked-type", "+1500***5678: no SMS to personal numbers");
	may("+80012345678", &open, "blocked-type", "+8001***5678: no SMS to non-geographic numbers");
	may("+88812345678901", &open, "blocked-type", "+8881***8901: no SMS to non-geographic numbers");
}

int main(void)
{
	international();
	written();
	at_home();
	countries();
	kinds();
	regions();
	refusals();
	permission();
	return done_testing();
}
