/*
 * charset_name - what a mail calls its charset → what iconv calls it
 */
#include "charset_name.h"

struct alias {
	const char *name; /* lower case */
	enum td_charset_kind kind;
	const char *iconv;
};

static const struct alias aliases[] = {
	{ "", TD_CHARSET_LOOSE, "" },
	{ "us-ascii", TD_CHARSET_LOOSE, "" },
	{ "ascii", TD_CHARSET_LOOSE, "" },
	{ "us", TD_CHARSET_LOOSE, "" },
	{ "ansi_x3.4-1968", TD_CHARSET_LOOSE, "" },
	{ "iso646-us", TD_CHARSET_LOOSE, "" },
	{ "7bit", TD_CHARSET_LOOSE, "" },
	{ "8bit", TD_CHARSET_LOOSE, "" },
	{ "unknown-8bit", TD_CHARSET_LOOSE, "" },
	{ "x-unknown", TD_CHARSET_LOOSE, "" },
	{ "unknown", TD_CHARSET_LOOSE, "" },
	{ "default", TD_CHARSET_LOOSE, "" },
	{ "none", TD_CHARSET_LOOSE, "" },
	{ "utf-8", TD_CHARSET_UTF8, "" },
	{ "utf8", TD_CHARSET_UTF8, "" },
	{ "utf_8", TD_CHARSET_UTF8, "" },
	{ "utf-8n", TD_CHARSET_UTF8, "" },
	{ "utf8mb4", TD_CHARSET_UTF8, "" },
	{ "x-utf-8", TD_CHARSET_UTF8, "" },
	{ "unicode-1-1-utf-8", TD_CHARSET_UTF8, "" },
	{ "unicode-2-0-utf-8", TD_CHARSET_UTF8, "" },
	{ "cp65001", TD_CHARSET_UTF8, "" },
	{ "utf-7", TD_CHARSET_OTHER, "UTF-7" },
	{ "utf7", TD_CHARSET_OTHER, "UTF-7" },
	{ "x-utf-7", TD_CHARSET_OTHER, "UTF-7" },
	{ "unicode-1-1-utf-7", TD_CHARSET_OTHER, "UTF-7" },
	{ "unicode-2-0-utf-7", TD_CHARSET_OTHER, "UTF-7" },
	{ "csunicode11utf7", TD_CHARSET_OTHER, "UTF-7" },
	{ "cp65000", TD_CHARSET_OTHER, "UTF-7" },
	{ "utf-16", TD_CHARSET_UTF16, "" },
	{ "utf16", TD_CHARSET_UTF16, "" },
	{ "utf-16le", TD_CHARSET_UTF16, "UTF-16LE" },
	{ "utf-16be", TD_CHARSET_UTF16, "UTF-16BE" },
	{ "unicode", TD_CHARSET_UTF16, "" },
	{ "ucs-2", TD_CHARSET_UTF16, "" },
	{ "ucs2", TD_CHARSET_UTF16, "" },
	{ "iso-10646-ucs-2", TD_CHARSET_UTF16, "" },
	{ "csunicode", TD_CHARSET_UTF16, "" },
	{ "utf-32", TD_CHARSET_UTF32, "" },
	{ "utf32", TD_CHARSET_UTF32, "" },
	{ "utf-32le", TD_CHARSET_UTF32, "UTF-32LE" },
	{ "utf-32be", TD_CHARSET_UTF32, "UTF-32BE" },
	{ "ucs-4", TD_CHARSET_UTF32, "" },
	{ "iso-10646-ucs-4", TD_CHARSET_UTF32, "" },
	{ "hz", TD_CHARSET_HZ, "" },
	{ "hz-gb-2312", TD_CHARSET_HZ, "" },
	{ "iso-2022-jp", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "iso2022jp", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "csiso2022jp", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "iso-2022-jp-1", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "iso-2022-jp-2", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "iso-2022-jp-3", TD_CHARSET_OTHER, "ISO-2022-JP-3" },
	{ "iso-2022-jp-ms", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "cp50220", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "cp50221", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "jis", TD_CHARSET_2022JP, "ISO-2022-JP-2" },
	{ "shift_jis", TD_CHARSET_OTHER, "CP932" },
	{ "shift-jis", TD_CHARSET_OTHER, "CP932" },
	{ "x-sjis", TD_CHARSET_OTHER, "CP932" },
	{ "sjis", TD_CHARSET_OTHER, "CP932" },
	{ "ms_kanji", TD_CHARSET_OTHER, "CP932" },
	{ "csshiftjis", TD_CHARSET_OTHER, "CP932" },
	{ "windows-31j", TD_CHARSET_OTHER, "CP932" },
	{ "windows-932", TD_CHARSET_OTHER, "CP932" },
	{ "euc-jp", TD_CHARSET_OTHER, "EUC-JP-MS" },
	{ "eucjp", TD_CHARSET_OTHER, "EUC-JP-MS" },
	{ "x-euc-jp", TD_CHARSET_OTHER, "EUC-JP-MS" },
	{ "cp51932", TD_CHARSET_OTHER, "EUC-JP-MS" },
	{ "gb2312", TD_CHARSET_OTHER, "GB18030" },
	{ "gb_2312-80", TD_CHARSET_OTHER, "GB18030" },
	{ "gb2312-80", TD_CHARSET_OTHER, "GB18030" },
	{ "csgb2312", TD_CHARSET_OTHER, "GB18030" },
	{ "gbk", TD_CHARSET_OTHER, "GB18030" },
	{ "x-gbk", TD_CHARSET_OTHER, "GB18030" },
	{ "gb18030", TD_CHARSET_OTHER, "GB18030" },
	{ "gb-18030", TD_CHARSET_OTHER, "GB18030" },
	{ "euc-cn", TD_CHARSET_OTHER, "GB18030" },
	{ "cp936", TD_CHARSET_OTHER, "GB18030" },
	{ "windows-936", TD_CHARSET_OTHER, "GB18030" },
	{ "chinese", TD_CHARSET_OTHER, "GB18030" },
	{ "big5", TD_CHARSET_BIG5, "" },
	{ "big-5", TD_CHARSET_BIG5, "" },
	{ "x-x-big5", TD_CHARSET_BIG5, "" },
	{ "cn-big5", TD_CHARSET_BIG5, "" },
	{ "csbig5", TD_CHARSET_BIG5, "" },
	{ "windows-950", TD_CHARSET_BIG5, "" },
	{ "ks_c_5601-1987", TD_CHARSET_OTHER, "CP949" },
	{ "ks_c_5601-1989", TD_CHARSET_OTHER, "CP949" },
	{ "ks_c_5601", TD_CHARSET_OTHER, "CP949" },
	{ "ksc_5601", TD_CHARSET_OTHER, "CP949" },
	{ "ksc5601", TD_CHARSET_OTHER, "CP949" },
	{ "ks_c-5601-1987", TD_CHARSET_OTHER, "CP949" },
	{ "csksc56011987", TD_CHARSET_OTHER, "CP949" },
	{ "korean", TD_CHARSET_OTHER, "CP949" },
	{ "euc-kr", TD_CHARSET_OTHER, "CP949" },
	{ "euckr", TD_CHARSET_OTHER, "CP949" },
	{ "windows-949", TD_CHARSET_OTHER, "CP949" },
	{ "iso-8859-1", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "iso8859-1", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "iso-8859-1-i", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "iso_8859-1", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "iso88591", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "iso-88591", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "latin1", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "latin-1", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "l1", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "cp819", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "ansi", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "x-ansi", TD_CHARSET_SINGLE, "WINDOWS-1252" },
	{ "iso-8859-9", TD_CHARSET_SINGLE, "WINDOWS-1254" },
	{ "iso8859-9", TD_CHARSET_SINGLE, "WINDOWS-1254" },
	{ "latin5", TD_CHARSET_SINGLE, "WINDOWS-1254" },
	{ "iso-8859-11", TD_CHARSET_OTHER, "CP874" },
	{ "tis-620", TD_CHARSET_OTHER, "CP874" },
	{ "tis620", TD_CHARSET_OTHER, "CP874" },
	{ "windows-874", TD_CHARSET_OTHER, "CP874" },
	{ "iso-8859-6-i", TD_CHARSET_SINGLE, "ISO-8859-6" },
	{ "iso-8859-6-e", TD_CHARSET_SINGLE, "ISO-8859-6" },
	{ "iso-8859-8-i", TD_CHARSET_SINGLE, "ISO-8859-8" },
	{ "iso-8859-8-e", TD_CHARSET_SINGLE, "ISO-8859-8" },
	{ "visual", TD_CHARSET_SINGLE, "ISO-8859-8" },
	{ "logical", TD_CHARSET_SINGLE, "ISO-8859-8" },
	{ "x-mac-roman", TD_CHARSET_OTHER, "MACINTOSH" },
	{ "mac-roman", TD_CHARSET_OTHER, "MACINTOSH" },
	{ "macroman", TD_CHARSET_OTHER, "MACINTOSH" },
	{ "x-macroman", TD_CHARSET_OTHER, "MACINTOSH" },
	{ "x-mac-ce", TD_CHARSET_OTHER, "MAC-CENTRALEUROPE" },
	{ "x-mac-cyrillic", TD_CHARSET_OTHER, "MAC-CYRILLIC" },
	{ "x-mac-ukrainian", TD_CHARSET_OTHER, "MAC-UK" },
	{ "x-mac-icelandic", TD_CHARSET_OTHER, "MAC-IS" },
	{ "iso-ir-103", TD_CHARSET_OTHER, "T.61-8BIT" },
	{ "viscii1.1-1", TD_CHARSET_OTHER, "VISCII" },
	{ "x-viet-tcvn5712", TD_CHARSET_OTHER, "TCVN" },
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* The name in lower case without quotes; false when it is none. No slash: "//TRANSLIT" is no business of a mail. */
static bool clean(struct td_view charset, char out[TD_CHARSET_NAME_SIZE])
{
	struct td_view v = td_view_trim(charset);
	size_t n = 0;
	size_t i;

	if (td_view_casestarts(v, TD_VLIT("charset=")))
		v = td_view_skip(v, strlen("charset="));
	while (v.n && memchr("\"'<", v.p[0], 3))
		v = td_view_skip(v, 1);
	while (v.n && memchr("\"'>;,", v.p[v.n - 1], 5))
		v.n--;
	v = td_view_trim(v);
	for (i = 0; i < v.n; i++) {
		char c = lower(v.p[i]);

		if (n + 1 == TD_CHARSET_NAME_SIZE ||
			!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("-_.:+()", c)))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

static bool is_single(struct td_view name)
{
	static const char *const front[] = { "iso-8859-", "iso_8859-", "iso8859", "windows-125", "cp125", "latin", "koi8" };

	for (size_t i = 0; i < sizeof(front) / sizeof(*front); i++)
		if (td_view_starts(name, td_view_str(front[i])))
			return true;
	return false;
}

static void copy(char out[TD_CHARSET_NAME_SIZE], const char *front, struct td_view name)
{
	size_t n = strlen(front);

	if (n + name.n >= TD_CHARSET_NAME_SIZE)
		n = 0;
	memcpy(out, front, n);
	memcpy(out + n, name.p, name.n);
	out[n + name.n] = '\0';
}

/* "cp-850", "x-cp1256", "dos-862", "windows1252": iconv has one spelling for them. */
static bool code_page(struct td_view name, struct td_charset_name *out)
{
	static const char *const front[] = { "x-cp-", "x-cp", "cp-", "cp_", "cp", "x-windows-", "windows-", "windows",
		"win-", "win", "x-ms-cp", "ms-cp", "ms", "dos-", "ibm-", "ibm" };
	struct td_view digits;
	size_t i;
	size_t n;

	for (i = 0; i < sizeof(front) / sizeof(*front); i++) {
		digits = td_view_skip(name, strlen(front[i]));
		for (n = 0; n < digits.n && digits.p[n] >= '0' && digits.p[n] <= '9'; n++)
			;
		if (td_view_starts(name, td_view_str(front[i])) && n >= 3 && n == digits.n)
			break;
	}
	if (i == sizeof(front) / sizeof(*front))
		return false;
	copy(out->iconv, td_view_starts(name, TD_VLIT("ibm")) ? "IBM" : "CP", digits);
	out->kind = td_view_starts(digits, TD_VLIT("125")) && digits.n == 4 ? TD_CHARSET_SINGLE : TD_CHARSET_OTHER;
	return true;
}

void td_charset_name(struct td_view charset, struct td_charset_name *out)
{
	char name[TD_CHARSET_NAME_SIZE];
	struct td_view v;

	*out = (struct td_charset_name){ .kind = TD_CHARSET_LOOSE };
	if (!clean(charset, name))
		return;
	v = td_view_str(name);
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (td_view_eq(v, td_view_str(aliases[i].name))) {
			out->kind = aliases[i].kind;
			copy(out->iconv, "", td_view_str(aliases[i].iconv));
			return;
		}
	if (code_page(v, out))
		return;
	out->kind = is_single(v) ? TD_CHARSET_SINGLE : TD_CHARSET_OTHER;
	copy(out->iconv, "", v);
}
