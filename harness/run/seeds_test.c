// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "harness/run/matrix.h"
#include "harness/run/seeds.h"
#include "harness/selftest/unit.h"

static const struct check_case demo = {.id = "demo.moves",
				       .title = "t",
				       .clause = "c",
				       .axes = (const char *const[]){"backend", "mode", NULL}};
static const struct check_case *const cases[] = {&demo};
/* 12 trials; those over udp never run. */
static const char conf[] = "[*udp*]\nrun = never\n[*file*]\nrun = long\n";

static bool table(const struct seed_step *steps, struct buf *out, struct buf *why)
{
	struct matrix m;
	bool well;

	ck_assert(matrix_build(&m, cases, 1, "f", conf, why));
	well = seeds_table(&m, steps, out, why);
	matrix_release(&m);
	return well;
}

START_TEST(a_step_counts_the_trials_that_run)
{
	static const struct seed_step steps[] = {
		{"doc", "1", "all", "demo.moves@*"},
		{"doc", "2", "two globs", "*@unix,* *@file,sync"},
		{NULL, NULL, NULL, NULL},
	};
	struct buf out = BUF_INIT, why = BUF_INIT;

	ck_assert(table(steps, &out, &why));
	ck_assert_ptr_nonnull(strstr(out.data, " 12  all: demo.moves@*\n"));
	ck_assert_ptr_nonnull(strstr(out.data, "  3  two globs: "));
	ck_assert_uint_eq(why.len, 0);
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(a_step_without_a_trial_is_named)
{
	static const struct seed_step steps[] = {
		{"doc", "1", "never runs", "*@udp,*"},
		{"doc", "2", "one glob is of no use", "*@unix,* nobody@*"},
		{"doc", "3", "nothing", ""},
		{NULL, NULL, NULL, NULL},
	};
	struct buf out = BUF_INIT, why = BUF_INIT;

	ck_assert(!table(steps, &out, &why));
	ck_assert_str_eq(why.data, "doc, 1: no trial that runs matches *@udp,*\n"
				   "doc, 2: no trial that runs matches nobody@*\n"
				   "doc, 3: no trial covers it\n");
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(a_trial_knows_its_steps)
{
	static const struct seed_step steps[] = {
		{"doc", "1", "sync", "*,sync"},	  {"doc", "2", "async", "*,async"},
		{"doc", "3", "unix", "*@unix,*"}, {"doc", "4", "nothing", ""},
		{NULL, NULL, NULL, NULL},
	};
	struct buf out = BUF_INIT, why = BUF_INIT;
	struct matrix m;

	ck_assert(matrix_build(&m, cases, 1, "f", conf, &why));
	seeds_of(matrix_find(&m, "demo.moves@unix,sync"), steps, &out);
	ck_assert_str_eq(out.data, "doc 1; doc 3");
	buf_clear(&out);
	seeds_of(matrix_find(&m, "demo.moves@unix,sync"), steps + 3, &out);
	ck_assert_str_eq(out.data, "-");
	buf_release(&out);
	buf_release(&why);
	matrix_release(&m);
}
END_TEST

UNIT_TESTS(seeds, a_step_counts_the_trials_that_run, a_step_without_a_trial_is_named,
	   a_trial_knows_its_steps)
