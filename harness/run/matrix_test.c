// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/run/matrix.h"
#include "harness/selftest/unit.h"

static bool no_big_async(const struct variant *v)
{
	return !variant_is(v, "mode", "async") || !variant_is(v, "size", "big");
}

static const struct check_case demo = {
	.id = "demo.moves",
	.title = "t",
	.clause = "c",
	.axes = (const char *const[]){"backend", "role", "wait", "mode", "size", NULL},
	.possible = no_big_async,
};
static const struct demo_row {
	int number;
	const char *name;
} demo_rows[] = {{1, "one"}, {2, "two"}};

static const struct check_case table = {.id = "demo.table",
					.title = "t",
					.clause = "c",
					.axes = (const char *const[]){"row", NULL},
					.rows = ROWS(demo_rows)};
static const struct check_case plain = {.id = "plain.case", .title = "t", .clause = "c"};
static const struct check_case *const cases[] = {&demo, &plain};

/* Build from @text, which must work, and count the trials. */
static size_t count(const char *text)
{
	struct matrix m;
	struct buf why = BUF_INIT;
	size_t n;

	ck_assert_msg(matrix_build(&m, cases, 2, "f", text, &why), "%s", why.data);
	n = m.n;
	matrix_release(&m);
	buf_release(&why);
	return n;
}

START_TEST(axes_multiply_where_they_apply)
{
	/* unix, tcp: server wait, server nowait, client = 3 each; the other five: 1 each; x 5 */
	ck_assert_uint_eq(count(""), (2 * 3 + 5) * 5 + 1);
}
END_TEST

START_TEST(the_last_stanza_that_matches_wins)
{
	ck_assert_uint_eq(count("[demo.*]\nbackend = udp\n"), 5 + 1);
	ck_assert_uint_eq(count("[demo.*]\nbackend = udp\n[demo.*]\nbackend = udp, pty\n"), 10 + 1);
	ck_assert_uint_eq(count("[demo.*]\nbackend=udp,pty\nsize=small\n[*pty,*]\nsize=edges\n"),
			  4 + 1);
}
END_TEST

START_TEST(rows_are_the_values_of_their_case)
{
	const struct check_case *const with_rows[] = {&table};
	struct matrix m;
	struct buf why = BUF_INIT;

	ck_assert(matrix_build(&m, with_rows, 1, "f", "[demo.table@two]\nrun = long\n", &why));
	ck_assert_uint_eq(m.n, 2);
	ck_assert_int_eq(matrix_find(&m, "demo.table@one")->run, RUN_CHECK);
	ck_assert_int_eq(matrix_find(&m, "demo.table@two")->run, RUN_LONG);
	matrix_release(&m);
	ck_assert(!matrix_build(&m, with_rows, 1, "f", "[demo.table@three]\nrun = long\n", &why));
	buf_release(&why);
}
END_TEST

START_TEST(ids_are_made_of_the_values_that_apply)
{
	struct matrix m;
	struct buf why = BUF_INIT;

	ck_assert(matrix_build(&m, cases, 2, "f", "", &why));
	ck_assert_ptr_nonnull(matrix_find(&m, "demo.moves@unix,server,nowait,sync,small"));
	ck_assert_ptr_nonnull(matrix_find(&m, "demo.moves@unix,client,async,edges"));
	ck_assert_ptr_nonnull(matrix_find(&m, "demo.moves@pty,sync,big"));
	ck_assert_ptr_nonnull(matrix_find(&m, "plain.case"));
	ck_assert_ptr_null(matrix_find(&m, "demo.moves@unix,server,nowait,async,big"));
	matrix_release(&m);
}
END_TEST

START_TEST(keys_are_taken)
{
	struct matrix m;
	struct buf why = BUF_INIT;
	const struct trial_spec *t;

	ck_assert(matrix_build(&m, cases, 2, "f",
			       "[demo*]\nrun=long\ntimeout=7\n"
			       "[*udp*]\nexpect = FAIL qemu<11.0 never opens\nmatch = closed\n"
			       "[plain*]\nexpect=FAIL always\nmatch = x\n",
			       &why));
	t = matrix_find(&m, "demo.moves@udp,sync,small");
	ck_assert_int_eq(t->run, RUN_LONG);
	ck_assert_int_eq(t->timeout_s, 7);
	ck_assert_str_eq(t->expect_versions, "qemu<11.0");
	ck_assert_str_eq(t->expect_reason, "never opens");
	ck_assert_ptr_null(matrix_find(&m, "demo.moves@pty,sync,small")->expect_reason);
	t = matrix_find(&m, "plain.case");
	ck_assert_str_eq(t->expect_versions, "");
	ck_assert_str_eq(t->expect_reason, "always");
	matrix_release(&m);
}
END_TEST

START_TEST(nonsense_is_refused_with_its_line)
{
	static const char *const rows[][2] = {
		{"[demo*]\nbackend = unix, carrier-pigeon\n",
		 "f:2: axis backend has no value carrier-pigeon"},
		{"[demo*]\ncolour = red\n", "f:2: unknown key colour"},
		{"[nosuch*]\nrun = long\n", "f:1: stanza [nosuch*] matches no trial"},
		{"[demo*]\nrun = sometimes\n", "f:2: run wants"},
		{"[demo*]\ntimeout = soon\n", "f:2: timeout wants"},
		{"[demo*]\ntimeout = 0\n", "f:2: timeout wants"},
		{"[demo*]\nmatch = x\nexpect = FAIL\n", "f:3: expect wants"},
		{"[demo*]\nmatch = x\nexpect = FAIL qemu<11.0\n", "f:3: expect wants"},
		{"[demo*]\nmatch = x\nexpect = FAIL qemu<<11 why\n", "f:3: expect wants"},
		{"[demo*]\nmatch = x\nexpect = PASS because\n", "f:3: expect wants"},
		{"[demo*]\nexpect = FAIL why\n", "f:2: expect wants a match"},
		{"device = virtserialport\n", "f:1: stanza [] matches no trial"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct matrix m;
		struct buf why = BUF_INIT;

		ck_assert_msg(!matrix_build(&m, cases, 2, "f", rows[i][0], &why), "%s", rows[i][0]);
		ck_assert_msg(strncmp(why.data, rows[i][1], strlen(rows[i][1])) == 0, "%s",
			      why.data);
		buf_release(&why);
	}
}
END_TEST

START_TEST(selectors_select_and_nothing_is_an_error)
{
	struct matrix m;
	struct strv globs = {NULL, 0};
	struct buf why = BUF_INIT;
	const struct trial_spec **out;
	size_t n;

	ck_assert(matrix_build(&m, cases, 2, "f", "[*big]\nrun=long\n[*edges]\nrun=never\n", &why));
	ck_assert(matrix_select(&m, &globs, false, &out, &n, &why));
	ck_assert_uint_eq(n, 11 * 2 + 1);
	free(out);
	strv_push(&globs, "demo*,big");
	ck_assert(!matrix_select(&m, &globs, false, &out, &n, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "no trial matches demo*,big"));
	ck_assert(matrix_select(&m, &globs, true, &out, &n, &why));
	ck_assert_uint_eq(n, 11);
	free(out);
	/* By its full name even though it never runs. */
	strv_push(&globs, "demo.moves@udp,sync,edges");
	ck_assert(matrix_select(&m, &globs, true, &out, &n, &why));
	ck_assert_uint_eq(n, 12);
	free(out);
	strv_release(&globs);
	matrix_release(&m);
	buf_release(&why);
}
END_TEST

UNIT_TESTS(matrix, axes_multiply_where_they_apply, the_last_stanza_that_matches_wins,
	   rows_are_the_values_of_their_case, ids_are_made_of_the_values_that_apply, keys_are_taken,
	   nonsense_is_refused_with_its_line, selectors_select_and_nothing_is_an_error)
