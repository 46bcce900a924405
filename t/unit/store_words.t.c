/*
 * store_words.t - inbound texts and what they ask for
 */
#include "tap.h"
#include "words.h"

struct example {
	const char *text;
	const char *want;     /* stop, start, help, none; "~" in front: by a fuzzy rule */
	const char *language; /* NULL: not checked */
};

static const struct example global[] = {
	{ "STOP", "stop", "" },
	{ "stop", "stop", "" },
	{ "Stop", "stop", "" },
	{ " stop \r\n", "stop", "" },
	{ "STOP.", "stop", "" },
	{ "Stop!!!", "stop", "" },
	{ "\"STOP\"", "stop", "" },
	{ "“Stop”", "stop", "" },
	{ "‘stop’", "stop", "" },
	{ "«STOP»", "stop", "" },
	{ "stop 🛑", "stop", "" },
	{ "🛑🛑 STOP 🙏🏽", "stop", "" },
	{ "ＳＴＯＰ", "stop", "" },
	{ "𝐒𝐓𝐎𝐏", "stop", "" },
	{ "S.T.O.P.", "stop", "" },
	{ "s t o p", "stop", "" },
	{ "S-T-O-P", "stop", "" },
	{ "st\u200Bop", "stop", "" },
	{ "\u200Fstop\u200E", "stop", "" },
	{ "STOPALL", "stop", "" },
	{ "stop  all", "stop", "" },
	{ "stop-all", "stop", "" },
	{ "UNSUBSCRIBE", "stop", "" },
	{ "Unsubscribe.", "stop", "" },
	{ "cancel", "stop", "" },
	{ "END", "stop", "" },
	{ "quit", "stop", "" },
	{ "Revoke", "stop", "" },
	{ "OPTOUT", "stop", "" },
	{ "opt out", "stop", "" },
	{ "opt-out", "stop", "" },
	{ "Opt\u2010Out", "stop", "" },
	{ "remove", "stop", "" },
	{ "ARRET", "stop", "fr" },
	{ "arrêt", "stop", "fr" },
	{ "ARRE\u0302T", "stop", "fr" },
	{ "TD", "stop", "fr" },
	{ "START", "start", "" },
	{ "start!", "start", "" },
	{ "Unstop", "start", "" },
	{ "HELP", "help", "" },
	{ "help?", "help", "" },
	{ "Info", "help", "" },
};

static const struct example fuzzy[] = {
	{ "please stop", "~stop", "" },
	{ "Stop please", "~stop", "" },
	{ "STOP it now", "~stop", "" },
	{ "don't stop", "~stop", "" },
	{ "don’t stop", "~stop", "" },
	{ "ok stop this nonsense", "~stop", "en" },
	{ "STOP STOP STOP", "~stop", "" },
	{ "Hi, please stop!", "~stop", "" },
	{ "STOP 12345", "~stop", "" },
	{ "help stop", "~stop", "" },
	{ "cancel please", "~stop", "" },
	{ "Unsubscribe from all", "~stop", "" },
	{ "stop texting", "~stop", NULL },
	{ "Would you please stop texting me all the time", "~stop", "en" },
	{ "Please remove me from this list at once", "~stop", "en" },
	{ "I think you have the wrong number, I am not Ana", "~stop", "en" },
	{ "I would like to opt out of all of this", "~stop", "en" },
	{ "can somebody unsubscribe me from your messages", "~stop", "en" },
	{ "Take me off your list, this is the third time", "~stop", "en" },
	{ "Do NOT text me again, I have had enough", "~stop", "en" },
	{ "unsubscibe", "~stop", "" },
	{ "unsubscribee", "~stop", "" },
	{ "unsubscribr", "~stop", "" },
	{ "unsubsrcibe", "~stop", "" },
	{ "cancle", "~stop", "" },
	{ "cancell", "~stop", "" },
	{ "cance", "~stop", "" },
	{ "Remov", "~stop", "" },
	{ "revoek", "~stop", "" },
	{ "stopal", "~stop", "" },
};

static const struct example none[] = {
	{ "", "none", "" },
	{ "   ", "none", "" },
	{ "👍", "none", "" },
	{ "...", "none", "" },
	{ "Do not stop the deliveries", "none", "" },
	{ "Can you stop by the office tomorrow", "none", "" },
	{ "The bus stop is closed today", "none", "" },
	{ "I could not stop laughing today", "none", "" },
	{ "When does the sale end this year", "none", "" },
	{ "stopp1ng", "none", "" },
	{ "stup", "none", "" },
	{ "sto", "none", "" },
	{ "quik", "none", "" },
	{ "strat", "none", "" },
	{ "please start", "none", "" },
	{ "start please", "none", "" },
	{ "restart", "none", "" },
	{ "starts", "none", "" },
	{ "helpful", "none", "" },
	{ "helo", "none", "" },
	{ "can you help me", "none", "" },
	{ "yes", "none", "" },
	{ "Y", "none", "" },
	{ "no", "none", "" },
	{ "Thank you!", "none", "" },
	{ "ok thanks, see you at five", "none", "" },
	{ "Where is my parcel?", "none", "" },
	{ "10", "none", "" },
	{ "remover of stains, do you have it", "none", "" },
	{ "my number is wrong, numbers change", "none", "" },
	{ "nonstop", "none", "" },
	{ "laptop", "none", "" },
	{ "stopwatch arrived thanks", "none", "" },
	{ "\xff\xfe\x80", "none", "" },
	{ "شكرا لكم", "none", "" },
	{ "متى يصل الطلب", "none", "" },
	{ "لا تتأخروا من فضلكم", "none", "" },
};

static const struct example arabic[] = {
	{ "إيقاف", "stop", "ar" },
	{ "ايقاف", "stop", "ar" },
	{ "إيقــاف", "stop", "ar" },
	{ "إِيقَاف", "stop", "ar" },
	{ "إيقاف.", "stop", "ar" },
	{ "«إيقاف»", "stop", "ar" },
	{ "توقف", "stop", "ar" },
	{ "تَوَقَّف", "stop", "ar" },
	{ "توقّف!", "stop", "ar" },
	{ "إلغاء", "stop", "ar" },
	{ "الغاء", "stop", "ar" },
	{ "ألغاء", "stop", "ar" },
	{ "الغا", "stop", "ar" },
	{ "إلغاء الاشتراك", "stop", "ar" },
	{ "أوقف", "stop", "ar" },
	{ "من فضلك توقف", "~stop", "ar" },
	{ "توقف من فضلك", "~stop", "ar" },
	{ "أريد إلغاء الاشتراك في كل هذه الرسائل", "~stop", "ar" },
	{ "هذا رقم خاطئ يا أخي ولست أنا", "~stop", "ar" },
	{ "ايقلف", "~stop", "ar" },
	{ "ابدأ", "start", "ar" },
	{ "إبدأ", "start", "ar" },
	{ "ابدا", "start", "ar" },
	{ "مساعدة", "help", "ar" },
	{ "مساعده", "help", "ar" },
	{ "مساعدة؟", "help", "ar" },
	{ "STOP", "stop", "" },
};

static const struct example others[] = {
	{ "DÉSABO", "stop", "fr" },
	{ "desabonner", "stop", "fr" },
	{ "Aide", "help", "fr" },
	{ "BAJA", "stop", "es" },
	{ "no más", "stop", "es" },
	{ "NO MAS", "stop", "es" },
	{ "Ayuda", "help", "es" },
	{ "Sair", "stop", "pt" },
	{ "ajuda", "help", "pt" },
	{ "STOPP", "stop", "de" },
	{ "Bitte abmelden", "~stop", "de" },
	{ "Hilfe!", "help", "de" },
	{ "basta", "stop", "it" },
	{ "aiuto", "help", "it" },
	{ "İPTAL", "stop", "tr" },
	{ "iptal", "stop", "tr" },
	{ "ıptal", "stop", "tr" },
	{ "Yardım", "help", "tr" },
	{ "YARDIM", "help", "tr" },
};

static void check(const struct example *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct td_word word;
		char got[16] = "~";

		ok(td_words_classify(td_view_str(rows[i].text), "US", &word), "classified");
		memcpy(got + word.fuzzy, td_word_action_name(word.action), strlen(td_word_action_name(word.action)) + 1);
		is_str(got, rows[i].want, "\"%s\" is %s", rows[i].text, rows[i].want);
		if (rows[i].language)
			is_str(word.language, rows[i].language, "… in its language");
	}
}
#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*(rows)))

static void check_normal(const char *text, const char *want)
{
	char out[TD_WORDS_TEXT];
	size_t n = td_words_normalise(td_view_str(text), out);

	is_str(out, want, "normal form of \"%s\"", text);
	is_int(n, strlen(want), "… and its length");
}

static void test_normalise(void)
{
	check_normal("Don’t  STOP…", "dont stop");
	check_normal("Don´t", "dont");
	check_normal("Straße", "strasse");
	check_normal("ﬁn", "fin");
	check_normal("مُسَاعَدَة", "مساعده");
	check_normal("l'arrêt", "larret");
	check_normal("👩‍👩‍👧 ok 👍🏽", "ok");
	check_normal("a b", "a b");
	check_normal("a b c", "abc");
	check_normal("a b cd", "a b cd");
	check_normal("x\xc3", "x");
	check_normal("", "");
}

static void test_countries(void)
{
	struct td_word word;

	td_words_classify(TD_VLIT("RET"), "TR", &word);
	is_int(word.action, TD_WORD_STOP, "RET from a Turkish number is STOP");
	is_str(word.language, "tr", "… in Turkish");
	td_words_classify(TD_VLIT("RET"), "US", &word);
	is_int(word.action, TD_WORD_NONE, "… from an American one it is nothing");
	td_words_classify(TD_VLIT("RET"), NULL, &word);
	is_int(word.action, TD_WORD_NONE, "… nor from a sender of unknown country");
	td_words_classify(TD_VLIT("توقف"), NULL, &word);
	is_int(word.action, TD_WORD_STOP, "a word of no country counts from anywhere");
}

static void test_long(void)
{
	static char text[100000];
	struct td_word word;
	char out[TD_WORDS_TEXT];

	memset(text, 'a', sizeof(text) - 1);
	ok(td_words_classify(td_view_str(text), "US", &word), "a text of 100 kB is read");
	is_int(word.action, TD_WORD_NONE, "… and is nothing");
	ok(td_words_normalise(td_view_str(text), out) < sizeof(out), "… its normal form is cut");
	memcpy(text, "stop texting me ", 16);
	td_words_classify(td_view_str(text), "US", &word);
	is_int(word.action, TD_WORD_STOP, "what stands at its beginning counts");
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "\xEF\xB7\xBA", 3); /* decomposes to 18 letters */
	ok(td_words_classify(td_view_str(text), "US", &word), "text that grows when it is decomposed is read");
	ok(td_words_normalise(td_view_str(text), out) < sizeof(out), "… and cut");
}

int main(void)
{
	CHECK(global);
	CHECK(fuzzy);
	CHECK(none);
	CHECK(arabic);
	CHECK(others);
	test_normalise();
	test_countries();
	test_long();
	return done_testing();
}
