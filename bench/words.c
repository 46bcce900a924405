/*
 * words - what the words cost: text from HTML, counting segments, templates; CPU time beside a floor
 *
 * usage: words html MAIL | segments gsm7|ucs2 | template plain|formats
 *
 * Prints two figures in microseconds: ours and the floor's, each the least of many rounds of a loop, in turns. Floors:
 * html: libxml2's SAX parser over the decoded HTML, with handlers that do nothing; segments: reading the scalars of the
 * text; template: snprintf of the same text.
 */
#include <libxml/HTMLparser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistr.h>

#include "gsm.h"
#include "mime.h"
#include "template.h"

enum { ROUNDS = 40 };

static volatile size_t sink; /* keeps results from being optimized away */

struct work {
	const char *name;
	void (*ours)(void);
	void (*floor)(void);
	int repeat;
};

static double cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static double once(void (*fn)(void), int repeat)
{
	double start = cpu_us();

	for (int i = 0; i < repeat; i++)
		fn();
	return (cpu_us() - start) / repeat;
}

static void measure(const struct work *work)
{
	double ours = 1e12, bottom = 1e12;

	for (int i = 0; i < ROUNDS; i++) {
		double a = once(work->ours, work->repeat), b = once(work->floor, work->repeat);

		ours = a < ours ? a : ours;
		bottom = b < bottom ? b : bottom;
	}
	printf("%.3f %.3f\n", ours, bottom);
}

static void fail(const char *what)
{
	fprintf(stderr, "words: %s\n", what);
	exit(1);
}

/* ---- html ---- */

static struct td_view mail_head, mail_body;

static void read_mail(const char *path)
{
	static char bytes[1 << 20];
	FILE *in = fopen(path, "rb");
	size_t n = in ? fread(bytes, 1, sizeof(bytes), in) : 0;
	const char *gap = n ? memmem(bytes, n, "\r\n\r\n", 4) : NULL;

	if (!gap)
		fail("the mail cannot be read");
	fclose(in);
	mail_head = td_view_mem(bytes, (size_t)(gap - bytes) + 2);
	mail_body = td_view_skip(td_view_mem(bytes, n), mail_head.n + 2);
}

static void html_ours(void)
{
	struct td_view text;
	struct td_arena arena;
	struct td_err err;

	td_arena_init(&arena, 4u << 20);
	if (td_mime_text(mail_head, mail_body, &arena, NULL, &text, NULL, &err) || text.n < 100)
		fail("no text");
	sink = text.n;
	td_arena_free(&arena);
}

static void html_floor(void)
{
	htmlSAXHandler nothing = { .initialized = XML_SAX2_MAGIC };
	htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&nothing, NULL, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

	htmlParseChunk(parser, mail_body.p, (int)mail_body.n, 1);
	htmlFreeParserCtxt(parser);
}

/* ---- segments: 500 characters ---- */

static char text500[4096];
static struct td_view segments_text;

static void fill500(const char *pattern)
{
	size_t n = 0;
	const char *p = pattern;

	for (int chars = 0; chars < 500; chars++) {
		ucs4_t c;
		int size = u8_mbtouc(&c, (const uint8_t *)p, strlen(p));

		memcpy(text500 + n, p, (size_t)size);
		n += (size_t)size;
		p += size;
		if (!*p)
			p = pattern;
	}
	segments_text = td_view_mem(text500, n);
}

static void segments_ours(void)
{
	struct td_segments count;

	td_segments_count(segments_text, 0, &count);
	sink = (size_t)count.segments;
}

static void segments_floor(void)
{
	const uint8_t *p = (const uint8_t *)segments_text.p, *end = p + segments_text.n;
	size_t sum = 0;

	while (p < end) {
		ucs4_t c;

		p += u8_mbtouc(&c, p, (size_t)(end - p));
		sum += c;
	}
	sink = sum;
}

/* ---- template ---- */

static const char plain[] = "{{brand|Order}}: thank you {{name|there}}, we have your order {{order}}"
	"{{#if total}}, {{total}}{{/if}}.{{#if url}} Follow it: {{url}}{{/if}}\n";
static const char formats[] = "{{brand}}: {{name|hello}}, your appointment is on {{date at long}} at {{time at}}. "
	"Please bring {{money fee EGP}}.\n";
static const struct td_var some[] = { { TD_VLIT("brand"), TD_VLIT("Nile Shop") }, { TD_VLIT("name"), TD_VLIT("Laila") },
	{ TD_VLIT("order"), TD_VLIT("10045") }, { TD_VLIT("total"), TD_VLIT("249.00 EGP") },
	{ TD_VLIT("url"), TD_VLIT("https://nile.example/o/10045") },
	{ TD_VLIT("at"), TD_VLIT("2026-11-29T10:30:00+02:00") },
	{ TD_VLIT("fee"), TD_VLIT("150.50") } };
static const char *template;

static void template_ours(void)
{
	struct td_template_env env = { { some, sizeof(some) / sizeof(*some) }, TD_VLIT("en"), TD_VLIT("Africa/Cairo") };
	struct td_view text;
	struct td_arena arena;
	struct td_err err;

	td_arena_init(&arena, 1u << 20);
	if (td_template_render(TD_VLIT("bench"), td_view_str(template), &env, &arena, &text, &err))
		fail(err.text);
	sink = text.n;
	td_arena_free(&arena);
}

static void template_floor(void)
{
	static char out[512];

	sink = (size_t)snprintf(out, sizeof(out), "%s: thank you %s, we have your order %s, %s. Follow it: %s",
		some[0].value.p, some[1].value.p, some[2].value.p, some[3].value.p, some[4].value.p);
}

int main(int argc, char **argv)
{
	struct work html = { "html", html_ours, html_floor, 10 };
	struct work segments = { "segments", segments_ours, segments_floor, 500 };
	struct work render = { "template", template_ours, template_floor, 200 };

	if (argc != 3)
		fail("usage: words html MAIL | segments gsm7|ucs2 | template plain|formats");
	td_mime_init();
	if (!strcmp(argv[1], "html")) {
		read_mail(argv[2]);
		measure(&html);
	} else if (!strcmp(argv[1], "segments")) {
		fill500(strcmp(argv[2], "ucs2") ? "Thank you for your order, it is on its way [42] and costs 5 € more. " :
			"شُكرًا لك على طلبك 👨‍👩‍👧 وصل الطرد اليوم 🇪🇬. ");
		measure(&segments);
	} else {
		template = strcmp(argv[2], "formats") ? plain : formats;
		measure(&render);
	}
	return 0;
}
