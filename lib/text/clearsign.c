/*
 * clearsign - a text that OpenPGP has signed in the clear, without what the signature put around it
 */
#include "clearsign.h"

static struct td_view take_line(struct td_view *rest)
{
	size_t n = td_view_chr(*rest, '\n');
	struct td_view line = td_view_mem(rest->p, n == (size_t)-1 ? rest->n : n);

	*rest = td_view_skip(*rest, line.n + 1);
	return line;
}

static bool is_mark(struct td_view line, struct td_view mark)
{
	return td_view_eq(td_view_trim(line), mark);
}

void td_clearsign_open(struct td_view text, struct td_buf *buf, struct td_view *out)
{
	struct td_view rest = td_view_trim(text);
	bool armour = false; /* inside the signature */

	*out = text;
	if (!is_mark(take_line(&rest), TD_VLIT("-----BEGIN PGP SIGNED MESSAGE-----")))
		return;
	while (rest.n && td_view_trim(take_line(&rest)).n)
		;
	while (rest.n) {
		struct td_view line = take_line(&rest);

		if (is_mark(line, TD_VLIT("-----BEGIN PGP SIGNATURE-----"))) {
			armour = true;
		} else if (is_mark(line, TD_VLIT("-----END PGP SIGNATURE-----"))) {
			armour = false;
		} else if (!armour) {
			td_buf_add(buf, td_view_starts(line, TD_VLIT("- ")) ? td_view_skip(line, 2) : line);
			td_buf_byte(buf, '\n');
		}
	}
	*out = td_buf_view(buf);
}
