// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "harness/run/clauses.h"
#include "harness/run/matrix.h"
#include "harness/selftest/unit.h"

static const char *const backends[] = {"backend", NULL};
static const struct check_case one = {.id = "demo.one",
				      .title = "t",
				      .clause =
					      "virtio-1.2/console/C-17, G-SR-04 (5.3.6); C-a C-170",
				      .axes = backends};
static const struct check_case two = {.id = "demo.two",
				      .title = "t",
				      .clause = "virtio-1.2/console/C-17",
				      .axes = backends};
static const struct check_case *const cases[] = {&one, &two};

static bool table(const struct clause *clause, const char *conf, struct buf *out, struct buf *why)
{
	struct matrix m;
	bool well;

	ck_assert(matrix_build(&m, cases, 2, "f", conf, why));
	well = clauses_table(&m, clause, out, why);
	matrix_release(&m);
	return well;
}

START_TEST(a_clause_counts_the_trials_that_cite_it)
{
	static const struct clause clause[] = {
		{"C-17", "MUST", "buffers", NULL},
		{"G-SR-04", "MUST", "lengths", NULL},
		{"C-18", "MUST", "more", "there is no such device"},
		{NULL, NULL, NULL, NULL},
	};
	struct buf out = BUF_INIT, why = BUF_INIT;

	ck_assert(table(clause, "[demo.*]\nbackend = unix, tcp, udp\n[*@udp]\nrun = never\n", &out,
			&why));
	ck_assert_str_eq(out.data, "C-17     MUST        4  buffers: demo.one demo.two\n"
				   "G-SR-04  MUST        2  lengths: demo.one\n"
				   "C-18     MUST        0  more: none: there is no such device\n");
	ck_assert_uint_eq(why.len, 0);
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(what_is_missing_or_idle_or_unknown_is_named)
{
	static const struct clause clause[] = {
		{"C-17", "MUST", "buffers", "nobody looks"},
		{"C-1", "MUST", "more", NULL},
		{NULL, NULL, NULL, NULL},
	};
	struct buf out = BUF_INIT, why = BUF_INIT;

	ck_assert(!table(clause, "[demo.*]\nbackend = unix\n", &out, &why));
	ck_assert_str_eq(why.data, "C-17: there are trials, and a reason for none\n"
				   "C-1: no trial that runs cites it, and no reason is given\n"
				   "demo.one cites G-SR-04, which is no clause\n");
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(a_clause_of_trials_that_never_run_has_none)
{
	static const struct clause clause[] = {
		{"C-17", "MUST", "buffers", NULL},
		{"G-SR-04", "MUST", "lengths", "no"},
		{NULL, NULL, NULL, NULL},
	};
	struct buf out = BUF_INIT, why = BUF_INIT;

	ck_assert(!table(clause, "[demo.*]\nrun = never\n", &out, &why));
	ck_assert_str_eq(why.data, "C-17: no trial that runs cites it, and no reason is given\n");
	buf_release(&out);
	buf_release(&why);
}
END_TEST

UNIT_TESTS(clauses, a_clause_counts_the_trials_that_cite_it,
	   what_is_missing_or_idle_or_unknown_is_named, a_clause_of_trials_that_never_run_has_none)
