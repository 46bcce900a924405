/*
 * html_attributes - what the attributes of one tag say
 */
#include "html_attributes.h"

struct td_html_attributes td_html_attributes_read(const char *const *atts)
{
	struct td_html_attributes a = { .hidden = false };

	for (; atts && atts[0]; atts += 2) {
		const char *name = atts[0];
		struct td_view value = td_view_str(atts[1]);

		if (strcmp(name, "style") == 0)
			a.style = td_html_style_read(value);
		else if (strcmp(name, "class") == 0)
			a.marks.cls = value;
		else if (strcmp(name, "id") == 0)
			a.marks.id = value;
		else if (strcmp(name, "name") == 0)
			a.marks.name = value;
		else if (strcmp(name, "type") == 0)
			a.marks.type = value;
		else if (strcmp(name, "data") == 0)
			a.marks.data = value;
		else if (strcmp(name, "alt") == 0)
			a.alt = value;
		else if (strcmp(name, "href") == 0)
			a.href = value;
		else if (strcmp(name, "hidden") == 0)
			a.hidden = true;
		else
			a.number = value;
	}
	return a;
}
