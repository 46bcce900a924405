/*
 * text_charset - every charset that iconv knows, by each of its names: what it can write, we read
 *
 * `iconv -l` names them; iconv encodes texts of many scripts, and those it can read back itself must come out of
 * td_charset_decode the same.
 */
#include "charset.h"

#include <ctype.h>
#include <iconv.h>
#include <stdio.h>
#include <strings.h>

#include "tap.h"

enum { LEAST_NAMES = 900, LEAST_TEXTS = 2000 };

static const char *const texts[] = {
	"Order 10045 is on its way, 14:00 to 16:00.",
	"Grüße aus Köln, façade, niño: 5 €",
	"Zażółć gęślą jaźń; příliš žluťoučký kůň",
	"İstanbul'da siparişiniz yolda, ağaç",
	"Ваш заказ 10045 отправлен сегодня",
	"Η παραγγελία σας είναι έτοιμη",
	"طلبك رقم 10045 خرج للتوصيل اليوم",
	"ההזמנה שלך יצאה לדרך היום",
	"คำสั่งซื้อของคุณถูกจัดส่งแล้ว",
	"ご注文の品を発送しました。明日届きます",
	"您的订单已经发货,请注意查收",
	"您的訂單已經發貨,請注意查收",
	"주문하신 상품이 발송되었습니다",
};
#define NTEXTS (sizeof(texts) / sizeof(*texts))

/*
 * iconv writes these in the byte order of this machine and without a mark. A mail has the other one (RFC 2781 §4.3)
 * unless ASCII in the text tells, so that a text without any cannot be compared.
 */
static bool has_no_order(const char *name)
{
	return strcasecmp(name, "UCS-2") == 0 || strcasecmp(name, "UCS2") == 0;
}

static bool convert(const char *to, const char *from, struct td_view in, char *out, size_t size, size_t *n)
{
	iconv_t cd = iconv_open(to, from);
	char *p = (char *)(uintptr_t)in.p;
	char *q = out;
	size_t left = in.n;
	size_t room = size;
	bool good;

	if (cd == (iconv_t)-1)
		return false;
	good = iconv(cd, &p, &left, &q, &room) == 0 && left == 0 && iconv(cd, NULL, NULL, &q, &room) == 0;
	iconv_close(cd);
	*n = size - room;
	return good;
}

static int names, compared, differ;

static void one(const char *name)
{
	char bytes[1024];
	char back[1024];
	size_t nbytes;
	size_t nback;

	names++;
	for (size_t i = 0; i < NTEXTS && !has_no_order(name); i++) {
		struct td_view want = td_view_str(texts[i]);
		struct td_buf got;

		if (!convert(name, "UTF-8", want, bytes, sizeof(bytes), &nbytes) ||
			!convert("UTF-8", name, td_view_mem(bytes, nbytes), back, sizeof(back), &nback) ||
			!td_view_eq(want, td_view_mem(back, nback)))
			continue;
		td_buf_init(&got, 4096);
		td_charset_decode(td_view_mem(bytes, nbytes), td_view_str(name), &got);
		compared++;
		if (!td_view_eq(td_buf_view(&got), want)) {
			differ++;
			diag("%s: text %zu: %.*s", name, i, TD_VARG(td_buf_view(&got)));
		}
		td_buf_free(&got);
	}
}

int main(void)
{
	char line[4096];
	FILE *list = popen("iconv -l", "r");

	while (list && fgets(line, sizeof(line), list)) {
		struct td_view rest = td_view_str(line);
		struct td_view name;

		while (td_view_next(&rest, ' ', &name)) {
			char word[128];

			while (name.n && (isspace((unsigned char)name.p[name.n - 1]) || strchr("/,", name.p[name.n - 1])))
				name.n--;
			if (!name.n || name.n >= sizeof(word) || memchr(name.p, '/', name.n))
				continue;
			snprintf(word, sizeof(word), "%.*s", TD_VARG(name));
			one(word);
		}
	}
	if (list)
		pclose(list);
	ok(names >= LEAST_NAMES, "iconv names its charsets (%d)", names);
	ok(compared >= LEAST_TEXTS, "and writes many texts in them (%d)", compared);
	is_int(differ, 0, "which are read as they were written");
	return done_testing();
}
