// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/selftest/unit.h"
#include "harness/vm/tap.h"

#define V "TAP version 14\n"

struct row {
	const char *stream, *why; /* why: NULL: it is well */
};

static const struct row rows[] = {
	/* well-formed, and nothing failed */
	{V "1..2\nok 1 - a\nok 2 - b\n", NULL},
	{V "ok 1 - a\nok 2 - b\n1..2\n", NULL},
	{"TAP version 13\n1..1\nok 1\n", NULL},
	{"TAP version 14\r\n1..1\r\nok 1 - a\r\n", NULL},
	{V "\n1..1\n\nok 1 - a\n\n", NULL},
	{V "# hello\n#\n1..1\n# KEY v\nok 1 - a\n# end\n", NULL},
	{V "1..2\nnot ok 1 - a # TODO later\nnot ok 2 - b # skip none\n", NULL},
	{V "1..2\nok 1 # SKIP\nnot ok 2 # ToDo x\n", NULL},
	{V "1..1\nok 1 - a # b\n", NULL},
	{V "1..1\nok 1 - a\n  ---\n  at: 3\n  1..9\n\n  ok 2\n  ...\n", NULL},
	/* failures */
	{V "1..3\nok 1 - a\nnot ok 2 - b\nnot ok 3 - c\n", "2 of 3 tests failed, first: 2 - b"},
	{V "1..1\nnot ok 1\n", "1 of 1 tests failed, first: 1 - (no text)"},
	{V "1..1\nnot ok 1 - a \\# TODO b\n", "1 of 1 tests failed, first: 1 - a \\# TODO b"},
	{V "1..1\nnot ok 1 - a# TODO b\n", "1 of 1 tests failed, first: 1 - a# TODO b"},
	{V "1..1\nnot ok 1 - a # TODOS\n", "1 of 1 tests failed, first: 1 - a # TODOS"},
	{V "ok 1 - a\nBail out! no such port\n", "bailed out: no such port"},
	{V "not ok 1 - a\nBail out!\n", "bailed out: no reason given"},
	{V "ok 1 - a\n1..1\nBail out! late\n", "bailed out: late"},
	{V "1..0 # SKIP no usb\n", "everything skipped: no usb"},
	{V "1..0 # skip\n", "everything skipped: no reason given"},
	{V "1..0\n", "planned 0 tests without a SKIP reason"},
	/* not complete */
	{"", "stream is empty"},
	{V, "stream ends without a plan after 0 tests"},
	{V "ok 1 - a\nok 2 - b\nok 3 - c\n", "stream ends without a plan after 3 tests"},
	{V "ok 1 - a\n", "stream ends without a plan after 1 test"},
	{V "1..4\nok 1 - a\nok 2 - b\nok 3 - c\n", "planned 4, ran 3"},
	{V "1..4\nok 1 - a\nnot ok 2 - b\n", "planned 4, ran 2; 1 failed, first: 2 - b"},
	{V "1..1\nok 1 - a\nok 2 - b\n", "planned 1, ran 2"},
	{V "1..0 # SKIP x\nok 1 - a\n", "planned 0, ran 1"},
	{V "ok 1 - a\n1..", "stream ends in the middle of a line: \"1..\""},
	{V "ok 1 - a\n1..1", "stream ends in the middle of a line: \"1..1\""},
	{"TAP", "stream ends in the middle of a line: \"TAP\""},
	{V "1..1\nok 1 - a\n  ---\n  a: b\n", "stream ends inside a YAML block after 1 test"},
	/* wrong form */
	{"ok 1 - a\n1..1\n", "first line is not a TAP version: \"ok 1 - a\""},
	{"TAP version 12\n1..1\nok 1\n", "first line is not a TAP version: \"TAP version 12\""},
	{"\nTAP version 14\n1..1\nok 1\n", "first line is not a TAP version: \"\""},
	{V V "1..1\nok 1\n", "unexpected line: \"TAP version 14\""},
	{V "hello \"you\\\"\t\xff\n1..1\nok 1\n", "unexpected line: \"hello \"you\\\"\\t\\xff\""},
	{V "1..1\nok 2 - a\n", "test out of order: \"ok 2 - a\""},
	{V "ok 1 - a\nok 1 - a\n1..2\n", "test out of order: \"ok 1 - a\""},
	{V "ok 1 - a\nok 3 - a\n1..2\n", "test out of order: \"ok 3 - a\""},
	{V "ok - a\n1..1\n", "unexpected line: \"ok - a\""},
	{V "ok 01 - a\n1..1\n", "unexpected line: \"ok 01 - a\""},
	{V "ok 99999999999 - a\n1..1\n", "unexpected line: \"ok 99999999999 - a\""},
	{V "ok 1a\n1..1\n", "unexpected line: \"ok 1a\""},
	{V "ok 1 text\n1..1\n", "unexpected line: \"ok 1 text\""},
	{V "ok 1 # note\n1..1\n", "unexpected line: \"ok 1 # note\""},
	{V "OK 1 - a\n1..1\n", "unexpected line: \"OK 1 - a\""},
	{V "not not ok 1 - a\n1..1\n", "unexpected line: \"not not ok 1 - a\""},
	{V "  # indented\n1..0 # SKIP x\n", "unexpected line: \"  # indented\""},
	{V "  ---\n  ...\n1..0 # SKIP x\n", "unexpected line: \"  ---\""},
	{V "ok 1\n  ---\nok 2\n1..2\n", "line in a YAML block is not indented: \"ok 2\""},
	{V "1..1 \nok 1\n", "unexpected line: \"1..1 \""},
	{V "1..1 # SKIP x\nok 1\n", "unexpected line: \"1..1 # SKIP x\""},
	{V "1..0 # TODO x\n", "unexpected line: \"1..0 # TODO x\""},
	{V "1..-1\n", "unexpected line: \"1..-1\""},
	{V "1..1\n1..1\nok 1\n", "second plan: \"1..1\""},
	{V "ok 1\n1..2\nok 2\n", "line after the plan: \"ok 2\""},
	{V "ok 1\n1..1\n# diag\n", "line after the plan: \"# diag\""},
	{V "Bail out! x\nok 1\n", "line after \"Bail out!\": \"ok 1\""},
	{V "Bail out!x\n", "unexpected line: \"Bail out!x\""},
	{V "pragma +strict\n", "unexpected line: \"pragma +strict\""},
};

/* Everything that a reader of the stream can see, as text. */
static char *seen(const struct tap *t, bool well, const struct buf *why)
{
	return xasprintf("%d %s|%d %d %d|%d%d|%s|%s|%s|%s", well, why->data, t->plan, t->count,
			 t->failed, t->bailed, t->plan_last, t->first_failure.data, t->skip.data,
			 t->error.data, t->diag.data);
}

/* Feed @s in pieces that end at @a, @b and the end. */
static char *run(const char *s, size_t len, size_t a, size_t b)
{
	struct buf why = BUF_INIT;
	struct tap t;
	char *text;
	bool well;

	tap_init(&t);
	tap_add(&t, s, a);
	tap_add(&t, s + a, b - a);
	tap_add(&t, s + b, len - b);
	well = tap_end(&t, &why);
	ck_assert(well == !why.len);
	text = seen(&t, well, &why);
	tap_release(&t);
	buf_release(&why);
	return text;
}

START_TEST(streams_are_judged)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;
		struct tap t;

		tap_init(&t);
		tap_add(&t, rows[i].stream, strlen(rows[i].stream));
		ck_assert_msg(tap_end(&t, &why) == !rows[i].why, "row %zu: %s", i, why.data);
		ck_assert_str_eq(why.data, rows[i].why ? rows[i].why : "");
		tap_release(&t);
		buf_release(&why);
	}
}
END_TEST

START_TEST(every_split_gives_the_same_result)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = strlen(rows[i].stream);
		char *whole = run(rows[i].stream, len, len, len);

		for (size_t a = 0; a <= len; a++)
			for (size_t b = a; b <= len; b++) {
				char *split = run(rows[i].stream, len, a, b);

				ck_assert_str_eq(split, whole);
				free(split);
			}
		free(whole);
	}
}
END_TEST

START_TEST(a_truncated_stream_is_never_well)
{
	static const char s[] = V "# d\nok 1 - a\nok 2 - b # SKIP c\n  ---\n  x: y\n  ...\n1..2\n";

	for (size_t len = 0; len < sizeof(s) - 1; len++) {
		char *cut = run(s, len, len, len);

		ck_assert_msg(cut[0] == '0', "cut at %zu: %s", len, cut);
		free(cut);
	}
}
END_TEST

START_TEST(long_lines_and_nuls_are_errors)
{
	static const size_t lens[] = {TAP_LINE_MAX, TAP_LINE_MAX + 1, 3UL * TAP_LINE_MAX};

	for (size_t i = 0; i < 3; i++) {
		struct buf s = BUF_INIT;
		char *a, *b;

		buf_addstr(&s, V "1..1\n#");
		memset(buf_reserve(&s, lens[i]), 'x', lens[i] - 1);
		s.len += lens[i] - 1;
		buf_addstr(&s, "\nok 1 - a\n");
		a = run(s.data, s.len, s.len, s.len);
		b = run(s.data, s.len, 40000, 80000 < s.len ? 80000 : s.len);
		ck_assert_str_eq(a, b);
		ck_assert_int_eq(a[0] == '1', i == 0);
		ck_assert(i == 0 || strstr(a, "line longer than 65536 bytes: \"#xxx"));
		free(a);
		free(b);
		buf_release(&s);
	}
	for (size_t at = 0; at <= 8; at++) {
		char s[] = V "1..1\nok 1 - a\n";
		char *text;

		s[sizeof(V "1..1\n") - 1 + at] = '\0';
		text = run(s, sizeof(s) - 1, 3, 20);
		ck_assert_int_eq(text[0], '0');
		free(text);
	}
}
END_TEST

START_TEST(garbage_is_survived)
{
	static const char *const words[] = {"TAP version 14\n",
					    "1..",
					    "ok ",
					    "not ",
					    "1",
					    "2",
					    " - ",
					    "# ",
					    "SKIP",
					    "\n",
					    "  ---\n",
					    "  ...\n",
					    "Bail out!",
					    "\\",
					    "\r",
					    " ",
					    " TODO",
					    "0",
					    "\x80"};
	unsigned int seed = 1;

	for (int i = 0; i < 20000; i++) {
		struct buf s = BUF_INIT;
		char *a, *b;
		size_t cut;

		if (i % 4)
			buf_addstr(&s, V);
		for (int n = 0; n < 12; n++) {
			seed = seed * 1103515245 + 12345;
			buf_addstr(&s, words[(seed >> 16) % (sizeof(words) / sizeof(*words))]);
		}
		cut = (seed >> 8) % (s.len + 1);
		a = run(s.data, s.len, s.len, s.len);
		b = run(s.data, s.len, cut, cut);
		ck_assert_str_eq(a, b);
		free(a);
		free(b);
		buf_release(&s);
	}
}
END_TEST

START_TEST(diagnostics_are_found_by_key)
{
	static const char s[] = V "# port-x 1\n# port 7 8\n# gone\n#tight 1\n# port 9\nok 1\n# cut";
	static const struct {
		const char *key, *text;
	} keys[] = {{"port", "7 8"}, {"gone", ""},  {"port-x", "1"}, {"tight", NULL},
		    {"cut", NULL},   {"por", NULL}, {"7", NULL}};
	struct tap t;

	tap_init(&t);
	ck_assert_ptr_null(tap_diag(&t, "port"));
	tap_add(&t, s, sizeof(s) - 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		char *text = tap_diag(&t, keys[i].key);

		if (keys[i].text)
			ck_assert_str_eq(text, keys[i].text);
		else
			ck_assert_ptr_null(text);
		free(text);
	}
	ck_assert_int_eq(t.count, 1);
	tap_release(&t);
}
END_TEST

UNIT_TESTS(tap, streams_are_judged, every_split_gives_the_same_result,
	   a_truncated_stream_is_never_well, long_lines_and_nuls_are_errors, garbage_is_survived,
	   diagnostics_are_found_by_key)
