/*
 * store_idn - e-mail addresses as they are looked up (policy §1); Punycode examples of RFC 3492 §7.1
 */
#include "idn.h"
#include "tap.h"

static struct td_arena arena;

static const char *look_up(const char *text)
{
	struct td_view in = td_view_str(text), out;
	static struct td_err err;

	if (td_idn_email(in, td_view_chr(in, '@'), &arena, &out, &err))
		return err.text;
	return td_arena_str(&arena, out);
}

int main(void)
{
	td_arena_init(&arena, 65536);
	is_str(look_up("Ana@Example.COM"), "ana@example.com", "ASCII in lower case");
	is_str(look_up("A.b+Tag@x.org"), "a.b+tag@x.org", "dots and tags stay");
	is_str(look_up("ana@Bücher.example"), "ana@xn--bcher-kva.example", "a domain as A-label");
	is_str(look_up("ana@xn--bcher-kva.example"), "ana@xn--bcher-kva.example", "which is the same address");
	is_str(look_up("ÄNA@x.org"), "äna@x.org", "a local part in lower case");
	is_str(look_up("a@ليهمابتكلموشعربي؟.org"), "a@xn--egbpdaj6bu4bxfgehfvwxn.org", "Arabic (RFC 3492 §7.1 A)");
	is_str(look_up("a@他们为什么不说中文.org"), "a@xn--ihqwcrb4cv8a8dqg056pqjye.org", "Chinese (B)");
	is_str(look_up("a@3年b組金八先生.org"), "a@xn--3b-ww4c5e180e575a65lsy2b.org", "digits and Japanese (L)");
	is_str(look_up("a@ｅｘａｍｐｌｅ.org"), "a@example.org", "full-width letters are letters");
	is_str(look_up("a@[192.0.2.1]"), "a@[192.0.2.1]", "an address literal stays");
	like(look_up("a@b..org"), "not an e-mail address", "an empty label is none");
	like(look_up("a@üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.org"),
		"not an e-mail address", "nor is one that is too long");
	td_arena_free(&arena);
	return done_testing();
}
