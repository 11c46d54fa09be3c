// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/io.h"
#include "harness/selftest/unit.h"

START_TEST(it_grows_and_stays_terminated)
{
	struct buf b = BUF_INIT;

	ck_assert_str_eq(b.data, "");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	ck_assert_uint_eq(b.len, strlen(b.data));
	buf_drop(&b, 2);
	ck_assert_int_eq(strncmp(b.data, "1,2,", 4), 0);
	buf_drop(&b, 1 << 20);
	ck_assert_str_eq(b.data, "");
	buf_release(&b);
	ck_assert_ptr_eq(b.data, buf_empty);
}
END_TEST

START_TEST(a_stolen_buffer_is_the_callers)
{
	struct buf b = BUF_INIT;
	char *s = buf_steal(&b);

	ck_assert_str_eq(s, "");
	free(s);
	buf_addstr(&b, "x");
	s = buf_steal(&b);
	ck_assert_str_eq(s, "x");
	ck_assert_uint_eq(b.len, 0);
	free(s);
}
END_TEST

START_TEST(files_are_read_whole_and_by_their_tail)
{
	struct buf b = BUF_INIT;

	file_write("f", "0123456789", 10);
	ck_assert(buf_read_file(&b, "f"));
	ck_assert_str_eq(b.data, "0123456789");
	buf_clear(&b);
	ck_assert(buf_read_tail(&b, "f", 3));
	ck_assert_str_eq(b.data, "789");
	ck_assert(!buf_read_file(&b, "nosuch"));
	buf_release(&b);
}
END_TEST

START_TEST(lists_split_and_hold)
{
	struct strv l = {0};

	strv_split(&l, " a, b ,,c", ",");
	ck_assert_uint_eq(l.n, 3);
	ck_assert_str_eq(l.v[1], "b");
	ck_assert_ptr_null(l.v[3]);
	ck_assert(strv_has(&l, "c"));
	ck_assert(!strv_has(&l, ""));
	strv_release(&l);
}
END_TEST

START_TEST(shell_words_survive_quoting)
{
	static const struct {
		const char *word, *quoted;
	} rows[] = {
		{"plain-1.x", "plain-1.x"}, {"", "''"},		  {"two words", "'two words'"},
		{"it's", "'it'\\''s'"},	    {"$HOME", "'$HOME'"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = BUF_INIT;

		text_quote_sh(&b, rows[i].word);
		ck_assert_str_eq(b.data, rows[i].quoted);
		buf_release(&b);
	}
}
END_TEST

START_TEST(any_bytes_become_one_printable_line)
{
	struct buf b = BUF_INIT;

	text_printable(&b, "a \"b\"\r\n\t\0\x1b~\x7f\xff", 13, 13);
	ck_assert_str_eq(b.data, "a \"b\"\\r\\n\\t\\x00\\x1b~\\x7f\\xff");
	buf_clear(&b);
	text_printable(&b, "abc", 3, 2);
	ck_assert_str_eq(b.data, "ab..");
	buf_clear(&b);
	text_printable(&b, "", 0, 0);
	ck_assert_str_eq(b.data, "");
	for (int c = 0; c < 256; c++) {
		unsigned char byte = (unsigned char)c;

		text_printable(&b, &byte, 1, 1);
	}
	for (size_t i = 0; i < b.len; i++)
		ck_assert(b.data[i] >= ' ' && b.data[i] <= '~');
	buf_release(&b);
}
END_TEST

START_TEST(texts_that_differ_are_told)
{
	char is[200], want[300];
	struct buf b = BUF_INIT;

	text_unlike(&b, "a\n", 2, ", then its end", "b", 1);
	ck_assert_str_eq(b.data, "\"a\\n\" (2 bytes, then its end), want \"b\" (1 bytes)");
	buf_clear(&b);
	memset(is, 'x', sizeof(is));
	memset(want, 'x', sizeof(want));
	want[150] = 'y';
	text_unlike(&b, is, sizeof(is), "", want, sizeof(want));
	ck_assert_ptr_nonnull(strstr(b.data, "xx..\" (200 bytes), want \"xx"));
	ck_assert_ptr_nonnull(strstr(b.data, "xx..\" (300 bytes); the first 150 are the same"));
	buf_clear(&b);
	want[150] = 'x';
	text_unlike(&b, is, sizeof(is), "", want, sizeof(want));
	ck_assert_ptr_nonnull(strstr(b.data, "; the first 200 are the same"));
	buf_release(&b);
}
END_TEST

START_TEST(numbers_are_whole_or_refused)
{
	unsigned long long v;

	ck_assert(text_parse_u64("18446744073709551615", &v));
	ck_assert(v == 18446744073709551615ULL);
	ck_assert(!text_parse_u64("18446744073709551616", &v));
	ck_assert(!text_parse_u64("-1", &v));
	ck_assert(!text_parse_u64(" 1", &v));
	ck_assert(!text_parse_u64("1x", &v));
	ck_assert(!text_parse_u64("", &v));
}
END_TEST

START_TEST(the_last_line_is_found)
{
	char *s = text_last_line("a\nb\n\n");

	ck_assert_str_eq(s, "b");
	free(s);
	s = text_last_line("");
	ck_assert_str_eq(s, "");
	free(s);
}
END_TEST

UNIT_TESTS(buf, it_grows_and_stays_terminated, a_stolen_buffer_is_the_callers,
	   files_are_read_whole_and_by_their_tail, lists_split_and_hold,
	   shell_words_survive_quoting, any_bytes_become_one_printable_line,
	   texts_that_differ_are_told, numbers_are_whole_or_refused, the_last_line_is_found)
