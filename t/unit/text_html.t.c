/*
 * text_html - what a reader sees of the HTML of a mail
 */
#include "html.h"

#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "tap.h"

struct sample {
	const char *name;
	const char *html;
	const char *text;
};

/* What was taken out: "quote: …", or NULL for nothing. */
struct cut_sample {
	const char *name;
	const char *html;
	const char *text;
	const char *what;
	const char *cut;
};

static const struct sample lines[] = {
	{ "plain words stay", "Hello world", "Hello world" },
	{ "nothing to read is empty", "<html><head><title>News</title></head><body> <p></p> </body></html>", "" },
	{ "no HTML at all is empty", "", "" },
	{ "an inline tag does not part a word", "<b>Hel</b>lo", "Hello" },
	{ "white space before, in and after a tag is one space", "one <b> two </b> three", "one two three" },
	{ "white space of the source is no line end", "one\r\n\t two", "one two" },
	{ "paragraphs are lines", "<p>one</p><p>two</p>", "one\ntwo" },
	{ "paragraphs without end tags are lines", "<p>one<p>two", "one\ntwo" },
	{ "divs in divs are lines, without empty ones", "<div><div><div>one</div></div></div><div>two</div>", "one\ntwo" },
	{ "sections of HTML 5 are lines", "<header>one</header><article>two</article><footer>three</footer>",
		"one\ntwo\nthree" },
	{ "br ends a line", "one<br>two<br/>three", "one\ntwo\nthree" },
	{ "two br leave a line free", "one<br><br><br>two", "one\n\ntwo" },
	{ "a div with br only is an empty line", "<div>one</div><div><br></div><div>two</div>", "one\n\ntwo" },
	{ "a span that is shown as a block is a line", "<span style=\"display:block\">one</span><a style=\"display: "
		"BLOCK\">two</a>three", "one\ntwo\nthree" },
	{ "a div in the line is none", "<div style=\"display:inline\">one</div> <p style=\"display:inline\">two</p>",
		"one two" },
	{ "items in the line are words", "<ul><li style=\"display:inline\">Home</li><li style=\"display:inline\">Shop</li>"
		"</ul>",
		"Home Shop" },
	{ "headings and rules end lines", "<h1>Head</h1>one<hr>two", "Head\none\ntwo" },
	{ "an end tag of nothing ends a line where it is of p", "one</p>two</div>three", "one\ntwothree" },
	{ "items have a dash", "<ul><li>one<li>two</ul>", "- one\n- two" },
	{ "items have their number", "<ol><li>one</li><li>two</li></ol>", "1. one\n2. two" },
	{ "numbers start where they are told", "<ol start=\"3\"><li>c<li value=9>i<li>j</ol>", "3. c\n9. i\n10. j" },
	{ "letters and Roman numerals count too", "<ol type=a start=26><li>z<li>aa</ol><ol type=\"I\" start=4><li>four<li "
		"value=888>more</ol><ol style=\"list-style-type: lower-roman\"><li>one<li value=0>none</ol><ol type=A "
		"start=703><li>far</ol><ol type=1><li>one</ol>",
		"z. z\naa. aa\nIV. four\nDCCCLXXXVIII. more\ni. one\n0. none\n703. far\n1. one" },
	{ "a list in a list counts on after it",
		"<ol><li>one<ul><li>a<li>b</ul><li>two</ol>", "1. one\n- a\n- b\n2. two" },
	{ "an item with a paragraph is one line", "<ul><li><p>one</p></li><li><div><b>two</b></div></li></ul>",
		"- one\n- two" },
	{ "an item with nothing is nothing", "<ul><li> </li><li>one</li></ul>", "- one" },
	{ "a list without marks has none", "<ul style=\"list-style: none\"><li>one<li>two</ul>", "one\ntwo" },
	{ "definitions are lines", "<dl><dt>Term<dd>What it is<dt>Other</dl>", "Term\nWhat it is\nOther" },
	{ "rows are lines and cells are words",
		"<table><thead><tr><th>Item</th><th>Price</th></tr></thead>\n<tbody>\n<tr>\n<td>Shoes</td>\n<td>5.00</td>"
		"\n</tr></tbody></table>",
		"Item Price\nShoes 5.00" },
	{ "cells with paragraphs stay in their row",
		"<table><tr><td><p>Shoes</p></td><td><p>5.00</p></td></tr><tr><td>Hat<td>7.00</table>",
		"Shoes 5.00\nHat 7.00" },
	{ "a list in a cell begins on its own line", "<table><tr><td>1</td><td><ul><li>a<li>b</ul></td></tr></table>",
		"1\n- a\n- b" },
	{ "an empty cell is nothing", "<table><tr><td>a</td><td></td><td>&nbsp;</td><td>b</td></tr></table>", "a b" },
	{ "a table that lays out has its inner rows as lines",
		"<table><tr><td><table><tr><td>Logo</td></tr><tr><td>Hello</td></tr></table></td></tr><tr><td>Bye</td></tr>"
		"</table>",
		"Logo\nHello\nBye" },
	{ "columns side by side, one line each, are one line",
		"<table><tr><td><table><tr><td>Total</td></tr></table></td><td><table><tr><td>12 EUR</td></tr></table></td>"
		"</tr></table>",
		"Total 12 EUR" },
	{ "columns of several lines stand below each other",
		"<table><tr><td>A<br>B</td><td>C<br>D</td></tr></table>", "A\nB\nC\nD" },
	{ "pre keeps its lines", "<pre>\none\n  two\n\nfour\n</pre>five", "one\n  two\n\nfour\nfive" },
	{ "white-space: pre-wrap keeps lines", "<div style=\"white-space: pre-wrap\">one\ntwo</div>", "one\ntwo" },
	{ "white-space: normal in pre does not", "<pre><span style=\"white-space:normal\">one\ntwo</span></pre>",
		"one two" },
	{ "two dashes and a space stay a mark of a signature", "Hi<br>-- <br>Me", "Hi\n-- \nMe" },
	{ "two dashes alone do not become one", "Hi<br>--<br>Me", "Hi\n--\nMe" },
	{ "a quotation of the writer stays", "As he said:<blockquote>To be</blockquote>", "As he said:\nTo be" },
	{ "q has quotation marks", "He said <q>yes</q>.", "He said \"yes\"." },
	{ "struck and raised text is text", "<s>10</s> 8 EUR on the 1<sup>st</sup>", "10 8 EUR on the 1st" },
	{ "an image is nothing", "<img src=\"x.png\" alt=\"Logo\">Hello", "Hello" },
	{ "forms are their labels",
		"<form><label>Name</label> <input value=\"x\"><select><option>a</select><textarea>t</textarea>"
		"<button>Send</button></form>", "Name Send" },
};

static const struct sample characters[] = {
	{ "references are characters", "Tom &amp; Jerry &lt;3 &quot;x&quot; &#39;y&#x27; &eacute;&hellip;&euro;",
		"Tom & Jerry <3 \"x\" 'y' é…€" },
	{ "old references need no semicolon", "a&nbspb &copy 2026 &ampx;", "a b © 2026 &x;" },
	{ "what is no reference stays", "AT&T & co &unknown; &#; &", "AT&T & co &unknown; &#; &" },
	{ "names of HTML 5", "a&comma; b&colon;&NewLine;c&apos;d", "a, b: c'd" },
	{ "numbers of windows-1252 are what was meant", "&#147;x&#148; &#150; &#128;5", "“x” – €5" },
	{ "emoji as reference, as a pair of UTF-16, and as it is", "&#128512; &#55357;&#56832; 😀", "😀 😀 😀" },
	{ "impossible references are one mark", "a&#x110000;b&#55357;c", "a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c" },
	{ "references do not become markup", "&lt;b&gt;x&lt;/b&gt; &amp;lt;", "<b>x</b> &lt;" },
	{ "a lone less-than sign stays", "1 < 2 and 3 <4 <", "1 < 2 and 3 <4 <" },
	{ "no-break space is a space", "10&nbsp;EUR\xC2\xA0now &nbsp; &nbsp;", "10 EUR now" },
	{ "filler after a preheader goes", "Hello&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&#847;&zwnj;&#8199;&shy;&#65279; world",
		"Hello world" },
	{ "filler alone is nothing", "<div>&#847; &zwnj; &nbsp; &#8199; &shy;&zwj;&lrm; </div>", "" },
	{ "soft hyphens and word breaks are not seen", "Donau&shy;dampf&#8203;schiff<wbr>fahrt", "Donaudampfschifffahrt" },
	{ "zero width non-joiner in a Persian word stays", "می\xE2\x80\x8C" "خواهم", "می\xE2\x80\x8C" "خواهم" },
	{ "zero width joiner in a family stays", "👨\xE2\x80\x8D👩\xE2\x80\x8D👧!", "👨\xE2\x80\x8D👩\xE2\x80\x8D👧!" },
	{ "marks of direction stay beside text", "<p dir=\"rtl\">مرحبا&rlm;!</p><p>&#x200F;رقم 5</p>",
		"مرحبا\xE2\x80\x8F!\n\xE2\x80\x8Fرقم 5" },
	{ "Arabic in tags keeps its order", "<div dir=rtl>طلبك <b>رقم 123</b> <i>جاهز</i>.</div>", "طلبك رقم 123 جاهز." },
	{ "a charset that lies changes nothing", "<meta charset=\"iso-8859-1\"><meta http-equiv=\"Content-Type\" "
		"content=\"text/html; charset=utf-16\">caf\xC3\xA9", "café" },
	{ "controls are not text", "a\x01\x02" "b\x7F" "c\x1B[1md", "abc[1md" },
	{ "bytes that are no UTF-8 are one mark each", "a\xFFz\xC3(", "a\xEF\xBF\xBDz\xEF\xBF\xBD(" },
};

static const struct sample links[] = {
	{ "a link is text and address", "See <a href=\"https://example.com/a?b=1&amp;c=2\">the order</a>.",
		"See the order https://example.com/a?b=1&c=2." },
	{ "the address as text is not said twice", "<a href=\"https://example.com/x\">https://example.com/x</a>",
		"https://example.com/x" },
	{ "nor without its scheme, www and slash", "<a href=\"https://www.example.com/\">Example.com</a> "
		"<a href=\"http://example.org\">example.org/</a>", "Example.com example.org/" },
	{ "a longer address is said", "<a href=\"https://example.com/login\">example.com</a>",
		"example.com https://example.com/login" },
	{ "an address like the text but another is said", "<a href=\"https://example.com\">example.com.evil.test</a>",
		"example.com.evil.test https://example.com" },
	{ "a letter after an address does not become a part of it", "<a href=\"https://x.test/a\">order</a>s",
		"order https://x.test/a s" },
	{ "nor one of another script", "<a href=\"https://x.test/a\">هنا</a>الآن", "هنا https://x.test/a الآن" },
	{ "places of the page, scripts and parts are no addresses",
		"<a href=\"#top\">Up</a> <a href=\"javascript:x()\">Go</a> "
		"<a href=\"cid:1\">Pic</a> <a href=\"data:text/plain,x\">Data</a> <a href=\"/rel\">Rel</a> <a name=\"n\">"
		"Name</a>",
		"Up Go Pic Data Rel Name" },
	{ "white space in an address is not in the text", "<a href=\" https://x.test/a\n b \">x</a>",
		"x https://x.test/a%20b" },
	{ "an address without scheme is of the web", "<a href=\"//x.test/a\">x</a>", "x https://x.test/a" },
	{ "what looks like an old reference in an address stays", "<a href=\"https://x.test/?a=1&copy=2&lt=3\">x</a>",
		"x https://x.test/?a=1&copy=2&lt=3" },
	{ "a link around an image is its text", "<a href=\"https://x.test/a\"><img src=\"b.png\" alt=\"Buy now\"></a>",
		"Buy now https://x.test/a" },
	{ "beside words the image says nothing", "<a href=\"https://x.test/a\"><img alt=\"icon\"> Shop</a>",
		"Shop https://x.test/a" },
	{ "a link without anything to read is nothing", "a <a href=\"https://x.test/a\"><img src=\"p.gif\"></a> b", "a b" },
	{ "a link around a table", "<a href=\"https://x.test/a\"><table><tr><td>Track</td><td>it</td></tr></table></a>Bye",
		"Track it https://x.test/a\nBye" },
	{ "a mailbox is said once",
		"<a href=\"mailto:info@x.test?subject=Hi\">Info@x.test</a>, <a href=\"mailto:me%40x.test\">write</a>",
		"Info@x.test, write me@x.test" },
	{ "a number is said once",
		"<a href=\"tel:+15551234567\">(555) 123-4567</a> <a href=\"tel:+44-20-7946-0018\">call us</a>",
		"(555) 123-4567 call us +44-20-7946-0018" },
	{ "a picture and its name below, both linked, are one",
		"<a href=\"https://x.test/a\"><img alt=\"Shoe\"></a><br><a href=\"https://x.test/a\">Shoe</a> 5 EUR",
		"Shoe https://x.test/a 5 EUR" },
	{ "the same link twice in a sentence is said twice",
		"<a href=\"https://x.test/a\">Here</a> you pay, <a href=\"https://x.test/a\">Here</a> you read.",
		"Here https://x.test/a you pay, Here https://x.test/a you read." },
	{ "a link where one was taken out stays",
		"<p>On 24 Nov 2026, <a href=\"mailto:a@x.test\">a@x.test</a> wrote:</p><blockquote type=\"cite\">Q</blockquote>"
		"<p>On 24 Nov 2026, <a href=\"mailto:b@x.test\">b@x.test</a> came.</p>", "On 24 Nov 2026, b@x.test came." },
	{ "a link that nothing ends", "<a href=\"https://x.test/1\">one <a href=\"https://x.test/2\">two",
		"one https://x.test/1 two https://x.test/2" },
};

static const struct sample unseen[] = {
	{ "scripts and styles are not text", "<style>p { color: red }</style>a<script>if (a < b) x(\"</p>\");</script>b",
		"ab" },
	{ "code that nothing ends is not text", "a<style>p { color: red }", "a" },
	{ "a title that nothing ends does not eat the mail", "<title>News<p>Hello", "News\nHello" },
	{ "comments are not text", "a<!-- <p>b</p> -->c<!-->d<!---->e<!--x--!>f<!--y--->g", "acdefg" },
	{ "what is for Outlook alone is not text", "<!--[if mso]><v:roundrect href=\"x\"><center>VML</center></v:roundrect>"
		"<![endif]--><!--[if !mso]><!--><a href=\"https://x.test/a\" style=\"mso-hide:all\">Button</a><!--<![endif]-->",
		"Button https://x.test/a" },
	{ "what is for all but Outlook is", "<![if !mso]>a<![endif]><!--[if gte mso 9]><xml>b</xml><![endif]-->c", "ac" },
	{ "islands of XML are not text", "<xml><o:OfficeDocumentSettings><o:AllowPNG/></o:OfficeDocumentSettings>x</xml>a",
		"a" },
	{ "the tags of Word are not seen",
		"<p class=\"MsoNormal\">Hello<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
		"<p>Bye<o:p/></p>", "Hello\nBye" },
	{ "a wrapper with no font size shows what has one",
		"<td style=\"font-size:0px\"><div style=\"font-size:13px\">Hello</div>"
		"</td>", "Hello" },
	{ "a visible part of what is invisible is seen",
		"<div style=\"visibility:hidden\">no<b style=\"visibility:visible\">yes</b></div>", "yes" },
	{ "a name that holds \"none\" hides nothing", "<p style=\"x-display:none;display:none-such\">a</p>", "a" },
	{ "the last display counts", "<p style=\"display:none; display:block\">a</p>", "a" },
	{ "a low line hides nothing", "<p style=\"opacity:0.5; font-size:1em; max-height:100px; overflow:hidden\">a</p>",
		"a" },
	{ "declarations and CDATA are not text",
		"<?xml version=\"1.0\"?><!DOCTYPE html [<!ENTITY a \"b\">]><p>x&a;</p><![CDATA[y]]>",
		"]>\nx&a;" },
};

static const struct cut_sample cuts[] = {
	{ "display:none", "<div style=\"display:none\">Pre</div>x", "x", "hidden", "Pre" },
	{ "display : NONE !important", "<div style=\"color:red; DISPLAY : NONE !important\">Pre</div>x", "x", "hidden",
		"Pre" },
	{ "visibility:hidden", "<span style='visibility:hidden'>Pre</span>x", "x", "hidden", "Pre" },
	{ "the hidden attribute", "<p hidden>Pre</p>x", "x", "hidden", "Pre" },
	{ "font-size:0", "<span style=\"font-size:0\">Pre</span>x", "x", "hidden", "Pre" },
	{ "font-size: 1px", "<span style=\"font-size: 1px\">Pre</span>x", "x", "hidden", "Pre" },
	{ "opacity:0", "<span style=\"opacity:0.0\">Pre</span>x", "x", "hidden", "Pre" },
	{ "max-height:0", "<div style=\"max-height:0px;overflow:hidden\">Pre</div>x", "x", "hidden", "Pre" },
	{ "no height and nothing sticks out", "<div style=\"height:0;overflow:hidden\">Pre</div>x", "x", "hidden", "Pre" },
	{ "the class preheader", "<span class=\"preheader\">Pre</span>x", "x", "hidden", "Pre" },
	{ "elements inside what is hidden", "<div style=display:none><p>a</p><table><tr><td>b</table></div>x", "x",
		"hidden", "a\nb" },
	{ "Gmail reply", "<div dir=\"ltr\">Yes<div><br></div></div><br><div class=\"gmail_quote gmail_quote_container\">"
		"<div "
		"dir=\"ltr\" class=\"gmail_attr\">On Mon, Mar 3, 2025 at 10:00 AM A &lt;<a href=\"mailto:a@x.test\">"
		"a@x.test</a>&gt; "
		"wrote:<br></div><blockquote class=\"gmail_quote\"><div>Really?</div></blockquote></div>",
		"Yes", "quote", "On Mon, Mar 3, 2025 at 10:00 AM A <a@x.test> wrote:\nReally?" },
	{ "Gmail reply below the quote",
		"<div class=\"gmail_quote\"><div class=\"gmail_attr\">On 3 Mar 2025, A wrote:</div>"
		"<blockquote class=\"gmail_quote\">Really?</blockquote><div>Yes</div></div>", "Yes", "quote",
		"On 3 Mar 2025, A wrote:\nReally?" },
	{ "Gmail forward", "FYI<br><div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Forwarded message "
		"---------<br>"
		"From: A</div>Body<blockquote class=\"gmail_quote\">Old</blockquote>More</div>", "FYI", "quote",
		"---------- Forwarded message ---------\nFrom: A\nBody\nOld\nMore" },
	{ "Gmail signature", "Hi<br clear=\"all\"><div><br></div><span class=\"gmail_signature_prefix\">-- </span><br>",
		"Hi",
		"signature", "--" },
	{ "Gmail signature below its mark",
		"Hi<br>-- <br><div class=\"gmail_signature\" data-smartmail=\"gmail_signature\">Me</div>",
		"Hi", "signature", "-- \nMe" },
	{ "Apple Mail reply",
		"<div>Yes</div><div><br></div><div>On 3 Mar 2025, at 10:00, A &lt;a@x.test&gt; wrote:</div><br "
		"class=\"Apple-interchange-newline\"><blockquote type=\"cite\"><div>Really?</div></blockquote>", "Yes", "quote",
		"On 3 Mar 2025, at 10:00, A <a@x.test> wrote:\nReally?" },
	{ "Apple Mail signature", "<div>Yes</div><div id=\"AppleMailSignature\">Sent from my iPhone</div>", "Yes",
		"signature",
		"Sent from my iPhone" },
	{ "iPhone signature",
		"<div>Yes</div><div dir=\"ltr\"><br id=\"lineBreakAtBeginningOfSignature\">Sent from my iPhone</div>",
		"Yes", "signature", "Sent from my iPhone" },
	{ "Thunderbird introduction", "<p>Yes</p><div class=\"moz-cite-prefix\">Am 03.03.25 um 10:00 schrieb A:<br></div>",
		"Yes",
		"quote", "Am 03.03.25 um 10:00 schrieb A:" },
	{ "Thunderbird quote", "<p>Yes</p><blockquote type=\"cite\" cite=\"mid:1@x.test\"><p>Really?</p></blockquote>",
		"Yes",
		"quote", "Really?" },
	{ "Thunderbird signature", "<p>Yes</p><pre class=\"moz-signature\" cols=\"72\">-- \nMe</pre>", "Yes", "signature",
		"-- \nMe" },
	{ "Outlook reply", "<div class=WordSection1><p class=MsoNormal>Yes<o:p></o:p></p><div><div style='border:none;"
		"border-top:"
		"solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in'><p class=MsoNormal><b>From:</b> A &lt;a@x.test&gt;<br><b>"
		"Sent:</b> "
		"Monday, March 3, 2025<br><b>To:</b> B<br><b>Subject:</b> Q</p></div></div><p class=MsoNormal>Really?</p>"
		"</div>", "Yes",
		"quote", "From: A <a@x.test>\nSent: Monday, March 3, 2025\nTo: B\nSubject: Q\nReally?" },
	{ "Outlook reply, as the web form writes it", "<div>Yes</div><div style=\"border-width: 1pt medium medium; "
		"border-style: "
		"solid none none; padding: 3pt 0in 0in;\">From: A<br>Sent: B<br>To: C</div><div>Really?</div>", "Yes", "quote",
		"From: A\nSent: B\nTo: C\nReally?" },
	{ "Outlook on the web",
		"<div>Yes</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> A</div>"
		"<div>Really?</div>", "Yes", "quote", "From: A\nReally?" },
	{ "Outlook Express", "<div>Yes</div><div class=\"OutlookMessageHeader\">From: A</div><div>Really?</div>", "Yes",
		"quote",
		"From: A\nReally?" },
	{ "marks that Outlook renamed", "<div>Yes</div><div id=\"x_divRplyFwdMsg\">From: A</div>", "Yes", "quote",
		"From: A" },
	{ "Outlook mobile signature", "<div>Yes</div><div id=\"ms-outlook-mobile-signature\">Get Outlook for iOS</div>",
		"Yes",
		"signature", "Get Outlook for iOS" },
	{ "Yahoo reply", "<div>Yes</div><div id=\"ydp1a2byahoo_quoted_0123\" class=\"ydp1a2byahoo_quoted\"><div>On Monday "
		"A wrote:"
		"</div><div>Really?</div></div>", "Yes", "quote", "On Monday A wrote:\nReally?" },
	{ "Proton reply", "Yes<div class=\"protonmail_quote\">On Monday, A wrote:<br><blockquote type=\"cite\">"
		"Really?</blockquote>"
		"</div>", "Yes", "quote", "On Monday, A wrote:\nReally?" },
	{ "Proton signature",
		"Yes<div class=\"protonmail_signature_block\"><div class=\"protonmail_signature_block-user\">Me</div>"
		"</div>", "Yes", "signature", "Me" },
	{ "Zimbra reply", "<div>Yes</div><hr id=\"zwchr\" data-marker=\"__DIVIDER__\"><div>From: A</div><div>Really?</div>"
		"", "Yes",
		"quote", "From: A\nReally?" },
	{ "introduced in words without a date", "<p>Ja</p><p>Anna schrieb:</p><blockquote type=cite>Wirklich?</blockquote>"
		"", "Ja",
		"quote", "Anna schrieb:\nWirklich?" },
	{ "a quote and nothing else leaves nothing", "<blockquote type=cite>Really?</blockquote>", "", "quote", "Really?" },
};

static const struct sample kept[] = {
	{ "a line with a colon and no date before a quote stays", "Answers below:<blockquote type=cite>Q</blockquote>Yes",
		"Answers below:\nYes" },
	{ "answers between quotes stay", "<blockquote type=cite>Q1</blockquote>A1<blockquote type=cite>Q2</blockquote>A2",
		"A1\nA2" },
	{ "a box with a line above that is no header stays",
		"<div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:"
		"3.0pt 0in 0in 0in\">Thanks for your order.<br>Total: 5 EUR</div>Bye",
			"Thanks for your order.\nTotal: 5 EUR\nBye" },
	{ "an order with a line above it stays",
		"<div style=\"border-top:1px solid #eee\">Order: 1<br>Total: 5<br>Ship to: B</div>"
		"Bye", "Order: 1\nTotal: 5\nShip to: B\nBye" },
	{ "a forwarded mail that is all there is stays (Gmail)",
		"<div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Forwarded message ---------<br>From: A<br>"
		"</div>"
		"<br>The hall is free.</div>", "---------- Forwarded message ---------\nFrom: A\n\nThe hall is free." },
	{ "a forwarded mail that is all there is stays (Apple Mail)",
		"<div>Begin forwarded message:</div><br><blockquote type=\"cite\"><div>From: A</div><div>The hall is "
		"free.</div>"
		"</blockquote>", "Begin forwarded message:\n\nFrom: A\nThe hall is free." },
	{ "a forwarded mail that is all there is stays (Outlook)",
		"<div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\">From: A<br>Subject: B</div><div>The hall is "
		"free.</div>",
		"From: A\nSubject: B\nThe hall is free." },
	{ "so does one whose mark is in the quote (Apple Mail)",
		"<br><blockquote type=\"cite\"><div>Begin forwarded message:</div><br><div>From: A</div><br>The hall is "
		"free.</blockquote>", "Begin forwarded message:\n\nFrom: A\n\nThe hall is free." },
	{ "a blockquote below who wrote it and when is a quote",
		"<p>Yes</p><p>On 24 Nov 2026 08:12, A &lt;a@b.test&gt; wrote:</p><blockquote><p>Q</p></blockquote>", "Yes" },
	{ "one below other words is none", "<p>On arrival our guest wrote:</p><blockquote>Lovely.</blockquote>",
		"On arrival our guest wrote:\nLovely." },
	{ "a forwarded mail below a word goes (Apple Mail)", "FYI<div>Begin forwarded message:</div><br><blockquote "
		"type=\"cite\">From: A</blockquote>", "FYI" },
	{ "a picture link in a cell without font size is seen", "<td style=\"font-size:0px\"><a href=\"https://x.test/a\">"
		"<img "
		"alt=\"Buy\" style=\"font-size:13px\"></a></td>", "Buy https://x.test/a" },
	{ "a class like a mark stays", "<div class=\"my_gmail_quote\">a</div><div id=\"signature-required\">b</div>",
		"a\nb" },
};

static struct td_arena arena;

static struct td_view read_html(struct td_view html, struct td_cuts *list)
{
	struct td_view text = TD_VLIT("untouched");
	struct td_err err;

	td_err_clear(&err);
	if (td_html_text(html, &arena, list, &text, &err) != TD_OK)
		diag("%s", err.text);
	return text;
}

static void each(const struct sample *sample, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct td_view text = read_html(td_view_str(sample[i].html), NULL);

		is_view(text, sample[i].text, "%s", sample[i].name);
	}
}

#define EACH(table) each(table, sizeof(table) / sizeof(*(table)))

static void each_cut(void)
{
	for (size_t i = 0; i < sizeof(cuts) / sizeof(*cuts); i++) {
		struct td_cuts list = { .n = 0 };
		struct td_view text = read_html(td_view_str(cuts[i].html), &list);

		is_view(text, cuts[i].text, "%s: what stays", cuts[i].name);
		if (is_int(list.n, 1, "%s: is one cut", cuts[i].name)) {
			is_str(list.cut[0].what, cuts[i].what, "%s: its kind", cuts[i].name);
			is_view(list.cut[0].text, cuts[i].cut, "%s: what goes", cuts[i].name);
		}
	}
}

/* The text of before, then unit until there are size bytes, then after. */
static struct td_view bomb(const char *before, const char *unit, size_t size, const char *after)
{
	static struct td_buf buf;

	if (!buf.cap)
		td_buf_init(&buf, 8u << 20);
	td_buf_reset(&buf);
	td_buf_str(&buf, before);
	while (buf.n < size)
		td_buf_str(&buf, unit);
	td_buf_str(&buf, after);
	if (!td_buf_ok(&buf))
		bail_out("out of memory");
	return read_html(td_buf_view(&buf), NULL);
}

struct bomb {
	const char *name;
	const char *before;
	const char *unit;
	const char *after;
	const char *text;
};

/* A megabyte each, that is as long as nothing when it is read well. */
static const struct bomb bombs[] = {
	{ "divs in divs", "<p>a</p>", "<div>", "deep", "a" },
	{ "links in links", "<p>a</p>", "<a href=\"x\">", "</a>b", "a" },
	{ "lists in lists", "a", "<ul><li>", "</ul>b", "a" },
	{ "an attribute", "<p title=\"", "x", "\">a", "a" },
	{ "an address", "<a href=\"https://x.test/", "x", "\">a</a>", "a" },
	{ "attributes of one tag", "<p ", "a1b2c3=d e5f6 ", ">a", "a" },
	{ "a comment that nothing ends", "a<!--", "x", "", "a" },
	{ "comments", "a", "<!-- b -->", "c", "ac" },
	{ "openings of CDATA", "a", "<![CDATA[", "", "a" },
	{ "openings of tags", "a", "<b ", ">c", "ac" },
	{ "end tags of nothing", "a", "</i></b>", "c", "ac" },
	{ "empty elements that are not known", "a", "<x-y></x-y>", "c", "ac" },
	{ "titles that nothing ends", "", "<title>", "a", "a" },
	{ "scripts", "a", "<script>b</script>", "c", "ac" },
	{ "zero width characters", "a", "&zwnj;", "c", "a\xE2\x80\x8C" "c" },
	{ "control characters", "a", "\x01\x02\x1B", "c", "ac" },
	{ "line ends", "a", "<br>", "c", "a\n\nc" },
	{ "quotes that nothing ends", "a", "<b c=\"'", "", "a" },
};

static void bounds(void)
{
	char nul[3] = { 'a', '\0', 'b' };
	struct td_view text;

	for (size_t i = 0; i < sizeof(bombs) / sizeof(*bombs); i++) {
		size_t used = arena.used;

		text = bomb(bombs[i].before, bombs[i].unit, 1u << 20, bombs[i].after);
		is_view(text, bombs[i].text, "a megabyte of %s", bombs[i].name);
		ok(arena.used - used < 1024, "a megabyte of %s: takes no memory", bombs[i].name);
	}
	for (const char *const *unit = (const char *const[]){ "<", "&", "x", "&aaaaaa;", "سلام ", "<p>x", "<b>x</b>",
		NULL };
		*unit; unit++) {
		size_t used = arena.used;

		text = bomb("", *unit, 1u << 20, "");
		ok(text.n > 60000 && text.n <= 65536, "a megabyte of %s: no more than 64 KiB of it", *unit);
		ok(td_view_utf8(text), "a megabyte of %s: is UTF-8", *unit);
		ok(arena.used - used < 66000, "a megabyte of %s: takes no more memory than its text", *unit);
	}
	is_view(bomb("", "<div>", 5 * 250, "a"), "a", "elements nested 250 deep are read");
	is_view(bomb("", "<b>", 3 * 1000, "a"), "a", "after a thousand <b> that nothing ends the text goes on");
	is_view(bomb("", "<div>", 5 * 257, "a"), "", "elements nested 257 deep are not");
	is_view(read_html(td_view_mem(nul, sizeof(nul)), NULL), "ab", "NUL is not text");
}

static void no_memory(void)
{
	struct td_view text = TD_VLIT("untouched");
	struct td_arena small;
	struct td_err err;

	td_arena_init(&small, 4);
	is_int(td_html_text(TD_VLIT("<p>Some text for it"), &small, NULL, &text, &err), TD_NOMEM, "a full arena is said");
	is_view(text, "untouched", "and nothing is given out");
	td_arena_free(&small);
}

int main(void)
{
	td_arena_init(&arena, 4u << 20);
	EACH(lines);
	EACH(characters);
	EACH(links);
	EACH(unseen);
	EACH(kept);
	each_cut();
	bounds();
	no_memory();
	td_arena_free(&arena);
	return done_testing();
}
