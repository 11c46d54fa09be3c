// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "harness/selftest/unit.h"
#include "reports/escape.h"

#define BAD "\xef\xbf\xbd"

START_TEST(text_becomes_clean_utf8)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"", ""},
		{NULL, ""},
		{"plain\n\ttext", "plain\n\ttext"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7"},
		{"a\x1b[0m\r\x7f", "a\\x1b[0m\\x0d\\x7f"},
		{"\xff\xfe", BAD BAD},
		{"\xc3", BAD},				    /* cut at the end */
		{"\xe2\x82", BAD BAD},			    /* cut later */
		{"\xc3(", BAD "("},			    /* cut by another character */
		{"\xc0\xaf", BAD BAD},			    /* overlong */
		{"\xe0\x80\xaf", BAD BAD BAD},		    /* overlong */
		{"\xf0\x80\x80\xaf", BAD BAD BAD BAD},	    /* overlong */
		{"\xed\xa0\x80", BAD BAD BAD},		    /* half of a surrogate pair */
		{"\xf4\x90\x80\x80", BAD BAD BAD BAD},	    /* behind the last code point */
		{"\xef\xbf\xbe|\xef\xbf\xbf", BAD "|" BAD}, /* no characters in XML */
		{"\xc2\x85\xe2\x80\xa8", "\\u0085\\u2028"}, /* line breaks to some */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = BUF_INIT, again = BUF_INIT;

		escape_clean(&b, rows[i].in);
		ck_assert_str_eq(b.data, rows[i].out);
		escape_clean(&again, b.data);
		ck_assert_str_eq(again.data, b.data);
		buf_release(&again);
		buf_release(&b);
	}
}
END_TEST

/* Every string of two bytes, alone and inside others, comes out as UTF-8 that is left alone. */
START_TEST(any_bytes_are_cleaned_once)
{
	struct buf b = BUF_INIT, again = BUF_INIT;

	for (unsigned int pair = 0x0101; pair <= 0xffff; pair++) {
		char in[6] = {'a', (char)(pair >> 8), (char)pair, (char)0xe2, (char)0x82};

		buf_clear(&b);
		buf_clear(&again);
		escape_clean(&b, in);
		escape_clean(&again, b.data);
		if (strcmp(again.data, b.data) != 0)
			ck_abort_msg("bytes %04x: %s", pair, b.data);
	}
	buf_release(&again);
	buf_release(&b);
}
END_TEST

START_TEST(a_line_is_one_line_and_not_long)
{
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} rows[] = {
		{"  one\n\ttwo \n", 100, "one  two"},
		{"", 10, ""},
		{" \n ", 10, ""},
		{"0123456789", 10, "0123456789"},
		{"0123456789a", 10, "0123456789 .."},
		{"caf\xc3\xa9!", 4, "caf .."},
		{"caf\xc3\xa9!", 5, "caf\xc3\xa9 .."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = BUF_INIT;

		escape_line(&b, rows[i].in, rows[i].max);
		ck_assert_str_eq(b.data, rows[i].out);
		buf_release(&b);
	}
}
END_TEST

START_TEST(markup_is_escaped)
{
	struct buf b = BUF_INIT;

	escape_text(&b, "a<b> & \"c\" 'd' ]]>\n\x01");
	ck_assert_str_eq(b.data, "a&lt;b&gt; &amp; \"c\" 'd' ]]&gt;\n\\x01");
	buf_clear(&b);
	escape_attr(&b, "a<b> & \"c\" 'd'\n\t");
	ck_assert_str_eq(b.data, "a&lt;b&gt; &amp; &#34;c&#34; &#39;d&#39;&#10;&#9;");
	buf_release(&b);
}
END_TEST

START_TEST(a_link_stays_inside_the_folder)
{
	struct buf b = BUF_INIT;

	escape_href(&b, "evidence/a@b,c=d");
	ck_assert_str_eq(b.data, "evidence/a@b,c=d");
	buf_clear(&b);
	escape_href(&b, "javascript:x \"#?%\xff");
	ck_assert_str_eq(b.data, "javascript%3Ax%20%22%23%3F%25%FF");
	buf_release(&b);
}
END_TEST

UNIT_TESTS(escape, text_becomes_clean_utf8, any_bytes_are_cleaned_once,
	   a_line_is_one_line_and_not_long, markup_is_escaped, a_link_stays_inside_the_folder)
