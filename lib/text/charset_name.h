/*
 * charset_name - what a mail calls its charset → what iconv calls it
 *
 * Threads: pure. Errors: none. Source: the registry of IANA, the Encoding standard for the larger charsets that mail
 * programs mean by a smaller one's name, and what iconv of glibc knows.
 */
#ifndef TD_CHARSET_NAME_H
#define TD_CHARSET_NAME_H

#include "view.h"

enum td_charset_kind {
	TD_CHARSET_LOOSE, /* none, unknown, or US-ASCII: says nothing about bytes over 0x7F */
	TD_CHARSET_UTF8,
	TD_CHARSET_SINGLE, /* ASCII and 128 more: what is valid UTF-8 is that */
	TD_CHARSET_OTHER,  /* as iconv has it */
	TD_CHARSET_UTF16,  /* byte order by mark or content */
	TD_CHARSET_UTF32,
	TD_CHARSET_HZ,     /* RFC 1843, unknown to iconv */
	TD_CHARSET_2022JP, /* RFC 1468, with the characters of Microsoft and NEC that mails use */
	TD_CHARSET_BIG5    /* Taiwan's, or Hong Kong's extension of it */
};

#define TD_CHARSET_NAME_SIZE 48

struct td_charset_name {
	enum td_charset_kind kind;
	char iconv[TD_CHARSET_NAME_SIZE]; /* iconv may not know it */
};

/* charset in any case, quoted or not. A name that is none (too long, a slash in it) is LOOSE. */
void td_charset_name(struct td_view charset, struct td_charset_name *out);

#endif
