/*
 * smsd_host - the services plugins are given
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "tap.h"

static struct td_clock the_clock;
static struct td_arena arena;
static struct td_err err;
static struct host_call call;
static const struct tandem_host *host;

static struct tandem_view v(const char *s)
{
	return (struct tandem_view){ s, strlen(s) };
}

static void begin(void)
{
	host_call_end(&call);
	td_arena_reset(&arena);
	host_call_begin(&call, &the_clock, &arena, &err);
}

static void test_text(void)
{
	size_t n;
	const struct tandem_pair *pairs;
	struct tandem_pair two[] = { { v("a b"), v("1&2") }, { v("c"), v("\xc3\xa9") } };
	int64_t ms;

	begin();
	/* RFC 4648 §10 */
	is_view(host->base64_encode(&call.pub, v("fooba"), false), "Zm9vYmE=", "base64");
	is_view(host->base64_encode(&call.pub, v(""), false), "", "base64 of nothing");
	is_view(host->base64_encode(&call.pub, v("\xfb\xff"), true), "-_8", "base64url has no padding");
	is_view(host->base64_decode(&call.pub, v("Zm9vYg=="), false), "foob", "base64 back");
	is_view(host->base64_decode(&call.pub, v("Zm9vYg"), false), "foob", "base64 back without padding");
	ok(!host->base64_decode(&call.pub, v("Zm9v!"), false).p, "no base64");
	ok(!host->base64_decode(&call.pub, v("Zm9vYh=="), false).p, "stray bits are no base64");
	ok(!host->base64_decode(&call.pub, v("Zm9vYg="), false).p, "half a padding is no base64");
	is_view(host->hex_encode(&call.pub, v("\x01\xab")), "01ab", "hex");
	is_view(host->hex_decode(&call.pub, v("6869")), "hi", "hex back");
	ok(!host->hex_decode(&call.pub, v("6g")).p, "no hex");
	is_view(host->percent_encode(&call.pub, v("a b+\xc3\xa9~"), false), "a%20b%2B%C3%A9~", "RFC 3986");
	is_view(host->percent_encode(&call.pub, v("a b"), true), "a+b", "form");
	is_view(host->percent_decode(&call.pub, v("a%20b+c"), false), "a b+c", "percent back");
	ok(!host->percent_decode(&call.pub, v("%2"), true).p, "a cut escape");
	is_view(host->form_encode(&call.pub, two, 2), "a+b=1%262&c=%C3%A9", "form of pairs");
	pairs = host->form_decode(&call.pub, v("a+b=1%262&x&c=%C3%A9"), &n);
	ok(pairs && n == 3, "three pairs back");
	is_view(pairs[0].value, "1&2", "decoded");
	is_view(pairs[1].name, "x", "a name alone");
	ok(host->date(v("2026-11-24T23:42:49Z"), &ms) && ms == 1795563769000, "a date");
	ok(!host->date(v("tomorrow"), &ms), "no date");
	ok(!call.pub.failed, "none of that is an error of the call");
}

static void test_crypto(void)
{
	unsigned char out[TANDEM_DIGEST_MAX];
	const unsigned char bytes[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff };
	struct tandem_view digest;

	begin();
	digest.p = (const char *)out;
	digest.n = host->digest(TANDEM_SHA256, v("abc"), out);
	is_view(host->hex_encode(&call.pub, digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"SHA-256 (FIPS 180)");
	digest.n = host->digest(TANDEM_MD5, v(""), out);
	is_view(host->hex_encode(&call.pub, digest), "d41d8cd98f00b204e9800998ecf8427e", "MD5 (RFC 1321)");
	digest.n = host->hmac(TANDEM_SHA1, v("key"), v("The quick brown fox jumps over the lazy dog"), out);
	is_view(host->hex_encode(&call.pub, digest), "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9", "HMAC-SHA-1");
	/* RFC 4231, case 2 */
	digest.n = host->hmac(TANDEM_SHA256, v("Jefe"), v("what do ya want for nothing?"), out);
	is_view(host->hex_encode(&call.pub, digest), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"HMAC-SHA-256");
	is_int(host->digest((enum tandem_digest)99, v("x"), out), 0, "an unknown digest");
	is_view(host->uuid(&call.pub, bytes), "ffffffff-ffff-4fff-bfff-ffffffffffff", "UUID version 4");
	ok(host->secret_eq(v("same"), v("same")) && !host->secret_eq(v("same"), v("sama")) &&
		!host->secret_eq(v("a"), v("ab")), "secret_eq");
}

/* RFC 8032 §7.1, test 2, and the same key as PEM. */
static void test_signatures(void)
{
	static const char private_pem[] = "-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n-----END PRIVATE KEY-----\n";
	struct tandem_view key, wrong, sig, data = { "\x72", 1 };

	begin();
	key = host->hex_decode(&call.pub, v("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
	wrong = host->hex_decode(&call.pub, v("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
	sig = host->hex_decode(&call.pub,
		v("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
		"d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
	ok(host->verify(TANDEM_ED25519, key, data, sig), "Ed25519 signature of RFC 8032");
	ok(!host->verify(TANDEM_ED25519, key, v("s"), sig), "of other data");
	ok(!host->verify(TANDEM_ED25519, wrong, data, sig), "of another key");
	ok(!host->verify(TANDEM_RSA_SHA256, key, data, sig), "a key of another kind");
	ok(!host->verify(TANDEM_RSA_SHA256, v("no key"), data, sig), "no key");
	sig = host->sign(&call.pub, TANDEM_ED25519, v(private_pem), data);
	ok(sig.n == 64 && !call.pub.failed, "sign");
	ok(host->verify(TANDEM_ED25519, key, data, sig), "and verify");
	ok(!host->sign(&call.pub, TANDEM_ED25519, v("no key"), data).p && call.pub.failed,
		"a key that is none is an error");
	unlike(err.text, "no key", "which does not repeat it");
}

static void test_json(void)
{
	const struct tandem_json *doc;
	struct tandem_json_writer *w;

	begin();
	doc = host->json_read(&call.pub, v("{\"m\":[{\"id\":7,\"a/b\":\"x\"},true],\"t\":\"\\u0627\"}"));
	ok(doc != NULL, "JSON is read");
	is_int(host->json_count(host->json_member(doc, "m")), 2, "elements");
	is_int(host->json_int(host->json_pointer(doc, "/m/0/id")), 7, "pointer");
	is_view(host->json_text(host->json_pointer(doc, "/m/0/a~1b")), "x", "pointer with an escaped slash");
	is_view(host->json_scalar(&call.pub, host->json_pointer(doc, "/m/0/id")), "7", "a number as text");
	is_view(host->json_text(host->json_member(doc, "t")), "\xd8\xa7", "escapes are undone");
	ok(!host->json_pointer(doc, "/m/9/id") && !host->json_pointer(doc, "m"), "pointers into nothing");
	ok(!host->json_text(host->json_member(NULL, "x")).p && host->json_int(NULL) == 0 &&
		host->json_type(NULL) == TANDEM_JSON_NONE,
		"readers take NULL");
	ok(!host->json_read(&call.pub, v("{\"a\":")) && !call.pub.failed, "broken JSON is NULL, and no error of the call");

	w = host->json_writer(&call.pub);
	host->json_open(w, NULL, TANDEM_JSON_OBJECT);
	host->json_put_text(w, "z", v("\"\n\xc3\xa9"));
	host->json_put_int(w, "a", -5);
	host->json_open(w, "l", TANDEM_JSON_ARRAY);
	host->json_put_bool(w, NULL, true);
	host->json_put_null(w, NULL);
	host->json_put_number(w, NULL, 0.1);
	host->json_close(w);
	host->json_close(w);
	is_view(host->json_done(w), "{\"z\":\"\\\"\\n\xc3\xa9\",\"a\":-5,\"l\":[true,null,0.1]}",
		"writing keeps the order");
	w = host->json_writer(&call.pub);
	host->json_open(w, NULL, TANDEM_JSON_OBJECT);
	host->json_put_text(w, "bad", v("\xff"));
	host->json_close(w);
	ok(!host->json_done(w).p, "what is not UTF-8 is not written");
	w = host->json_writer(&call.pub);
	host->json_open(w, NULL, TANDEM_JSON_ARRAY);
	ok(!host->json_done(w).p, "nor what is not closed");
}

static struct td_conf_setting settings[] = {
	{ "rate", "12", 3, "t.conf" },
	{ "share", "0.5", 4, "t.conf" },
	{ "on", "true", 5, "t.conf" },
	{ "wait", "90s", 6, "t.conf" },
	{ "list", "a\nb", 7, "t.conf" },
	{ "path", "out/x", 8, "t.conf" },
	{ "typo", "1", 9, "t.conf" },
};

static void test_settings(void)
{
	struct td_conf conf = { .path = "/etc/tandem/tandem.conf" };
	struct td_conf_provider provider = { .name = "p", .plugin = "plug", .settings = settings, .nsettings = 7,
		.file = "t.conf", .line = 2,
		.base_url = "http://gw.example.com/" };
	struct host_files files = { .n = 0 };
	struct host_secrets secrets = { .n = 0 };
	bool asked[7] = { false };
	struct host_hosts hosts = { .n = 0 };
	struct host_init init = { .conf = &conf, .provider = &provider, .asked = asked, .files = &files,
		.secrets = &secrets, .hosts = &hosts };
	size_t n;

	begin();
	host->setting_text(&call.pub, "path", NULL);
	ok(call.pub.failed, "settings outside init are an error");
	begin();
	call.init = &init;
	is_int(host->setting_int(&call.pub, "rate", 0, 1, 100), 12, "integer");
	ok(host->setting_number(&call.pub, "share", 0, 0, 1) == 0.5, "number");
	ok(host->setting_bool(&call.pub, "on", false), "bool");
	is_int(host->setting_duration(&call.pub, "wait", 0), 90000, "duration");
	is_view(host->setting_list(&call.pub, "list", &n)[1], "b", "list");
	is_view(host->setting_path(&call.pub, "path", NULL), "/etc/tandem/out/x",
		"a relative path is taken from the folder of tandem.conf");
	is_view(host->setting_text(&call.pub, "absent", "d"), "d", "default");
	ok(host->use_file(&call.pub, TANDEM_FILE_APPEND, v("/x"), v("")) == 0 && files.n == 1, "use_file");
	ok(!call.pub.failed, "all well so far");
	ok(host_settings_check(&init, &err) != TD_OK, "a setting nobody asked for");
	like(err.text, "t.conf:9: typo", "is named with file and line");
	host->setting_int(&call.pub, "rate", 0, 1, 5);
	ok(call.pub.failed, "out of range");
	like(err.text, "t.conf:3: rate: \"12\"", "names setting, file, line, value");
	begin();
	call.init = &init;
	host->setting_text(&call.pub, "absent", NULL);
	like(err.text, "absent is not set", "missing");
	begin();
	call.init = &init;
	host->setting_base_url(&call.pub, NULL);
	like(err.text, "in the clear", "http:// beyond loopback is refused");
	provider.base_url = "http://127.0.0.1:8080//";
	begin();
	call.init = &init;
	is_view(host->setting_base_url(&call.pub, NULL), "http://127.0.0.1:8080",
		"on loopback it is taken, without slashes at its end");
}

int main(void)
{
	td_clock_fixed(&the_clock, 1795563769000);
	td_arena_init(&arena, HOST_ARENA);
	host = host_services();
	test_text();
	test_crypto();
	test_signatures();
	test_json();
	test_settings();
	begin();
	ok(!host->alloc(&call.pub, HOST_ARENA + 1) && call.pub.failed, "a call's memory has an end");
	host_call_end(&call);
	td_arena_free(&arena);
	return done_testing();
}
