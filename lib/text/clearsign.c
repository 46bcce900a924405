/*
 * clearsign - a text that OpenPGP has signed in the clear, without what the signature put around it
 */
#include "clearsign.h"

static bool is_mark(struct td_view line, struct td_view mark)
{
	return td_view_eq(td_view_trim(line), mark);
}

void td_clearsign_open(struct td_view text, struct td_buf *buf, struct td_view *out)
{
	struct td_view rest = td_view_trim(text);
	struct td_view line;
	bool armour = false; /* inside the signature */

	*out = text;
	if (!td_view_line(&rest, &line) || !is_mark(line, TD_VLIT("-----BEGIN PGP SIGNED MESSAGE-----")))
		return;
	while (td_view_line(&rest, &line) && td_view_trim(line).n)
		;
	while (td_view_line(&rest, &line)) {
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
