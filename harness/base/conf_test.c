// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/conf.h"
#include "harness/base/io.h"
#include "harness/selftest/unit.h"

START_TEST(stanzas_and_keys_come_in_order)
{
	struct conf c;
	struct buf why = BUF_INIT;

	ck_assert(
		conf_parse(&c, "f", "# comment\n[a@*]\nx = 1, 2\n  , 3\ny=\n\n[b]\nx = z\n", &why));
	ck_assert_uint_eq(c.n, 2);
	ck_assert_str_eq(c.stanzas[0].name, "a@*");
	ck_assert_str_eq(c.stanzas[0].keys[0].value, "1, 2 , 3");
	ck_assert_int_eq(c.stanzas[0].keys[0].line, 3);
	ck_assert_str_eq(c.stanzas[0].keys[1].value, "");
	ck_assert_str_eq(c.stanzas[1].keys[0].name, "x");
	ck_assert_int_eq(c.stanzas[1].line, 7);
	conf_release(&c);
}
END_TEST

START_TEST(what_is_no_ini_is_named_with_its_line)
{
	static const char *const rows[][2] = {
		{"[a]\nx = 1\nno equals here\n", "f:3: neither"},
		{"[unclosed\n", "f:1: neither"},
		{"[a]\n[0123456789012345678901234567890123456789012345678901234]\nx=1\n",
		 "f:2: stanza"},
		{"[a]\nx = 1\ny = 2\nx = 3\n", "f:4: this key"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct conf c;
		struct buf why = BUF_INIT;

		ck_assert(!conf_parse(&c, "f", rows[i][0], &why));
		ck_assert_msg(strncmp(why.data, rows[i][1], strlen(rows[i][1])) == 0, "%s",
			      why.data);
		buf_release(&why);
	}
}
END_TEST

START_TEST(a_long_line_is_refused_not_cut)
{
	struct conf c;
	struct buf why = BUF_INIT, text = BUF_INIT;

	buf_addstr(&text, "[a]\nx = ");
	for (int i = 0; i < 300; i++)
		buf_addstr(&text, "y");
	ck_assert(!conf_parse(&c, "f", text.data, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "f:2: line longer"));
	buf_release(&why);
	buf_release(&text);
}
END_TEST

START_TEST(garbage_never_crashes)
{
	unsigned seed = 7;

	for (int round = 0; round < 2000; round++) {
		struct conf c;
		struct buf why = BUF_INIT;
		char text[200];
		size_t len = (size_t)(rand_r(&seed) % 199);

		for (size_t i = 0; i < len; i++)
			text[i] = "[]=;#\n\n ab\t\xff\\:"[rand_r(&seed) % 14];
		text[len] = '\0';
		if (conf_parse(&c, "f", text, &why))
			conf_release(&c);
		else
			ck_assert_uint_gt(why.len, 0);
		buf_release(&why);
	}
}
END_TEST

START_TEST(a_binary_file_is_refused)
{
	struct conf c;
	struct buf why = BUF_INIT;

	file_write("f", "[a]\0x", 5);
	ck_assert(!conf_read(&c, "f", &why));
	ck_assert_ptr_nonnull(strstr(why.data, "NUL"));
	buf_clear(&why);
	ck_assert(!conf_read(&c, "nosuch", &why));
	ck_assert_ptr_nonnull(strstr(why.data, "unable to read nosuch"));
	buf_release(&why);
}
END_TEST

UNIT_TESTS(conf, stanzas_and_keys_come_in_order, what_is_no_ini_is_named_with_its_line,
	   a_long_line_is_refused_not_cut, garbage_never_crashes, a_binary_file_is_refused)
