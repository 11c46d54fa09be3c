// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/unit.h"
#include "reports/report_test.h"
#include "reports/reports.h"

static const struct record records[] = {
	{.id = "t@1", .verdict = VERDICT_PASS, .seconds = 0.5},
	{.id = "t@2",
	 .title = "the \"claim\"",
	 .clause = "spec/1",
	 .level = "MUST",
	 .verdict = VERDICT_FAIL,
	 .reason = "  first\n  ...\n\n# last \\ \"q\"\n\n",
	 .evidence = "evidence/t@2",
	 .seconds = 1.25},
	{.id = "t@3", .verdict = VERDICT_SKIP, .reason = "no # \\ device"},
	{.id = "t@4", .verdict = VERDICT_BROKEN, .reason = "disk full"},
	{.id = "t@5", .verdict = VERDICT_XFAIL, .reason = "r", .expectation = "issue #12"},
	{.id = "t@6", .verdict = VERDICT_XPASS, .expectation = "issue #13"},
	{.id = "t@7", .verdict = VERDICT_NON_STRICT, .reason = "late\nby 1 s"},
	{.id = "t@8#x\\y", .verdict = VERDICT_SKIP, .reason = "two\nlines"},
};

/* What follows t@6: under STRICT=1 the directive is not there. */
static const char golden_front[] = "TAP version 14\n"
				   "1..8\n"
				   "ok 1 - t@1\n"
				   "not ok 2 - t@2\n"
				   "  ---\n"
				   "  verdict: \"FAIL\"\n"
				   "  claim: \"the \\\"claim\\\"\"\n"
				   "  clause: \"spec/1\"\n"
				   "  level: \"MUST\"\n"
				   "  reason: |\n"
				   "    first\n"
				   "      ...\n"
				   "    \n"
				   "    # last \\ \"q\"\n"
				   "  evidence: \"evidence/t@2\"\n"
				   "  rerun: \"make check QEMU=/q CASE='t@2' V=1\"\n"
				   "  seconds: 1.250\n"
				   "  ...\n"
				   "ok 3 - t@3 # SKIP no \\# \\\\ device\n"
				   "not ok 4 - t@4\n"
				   "  ---\n"
				   "  verdict: \"BROKEN\"\n"
				   "  reason: |\n"
				   "    disk full\n"
				   "  rerun: \"make check QEMU=/q CASE='t@4' V=1\"\n"
				   "  seconds: 0.000\n"
				   "  ...\n"
				   "not ok 5 - t@5 # TODO issue \\#12\n"
				   "  ---\n"
				   "  verdict: \"XFAIL\"\n"
				   "  expectation: \"issue #12\"\n"
				   "  reason: |\n"
				   "    r\n"
				   "  rerun: \"make check QEMU=/q CASE='t@5' V=1\"\n"
				   "  seconds: 0.000\n"
				   "  ...\n"
				   "not ok 6 - t@6\n"
				   "  ---\n"
				   "  verdict: \"XPASS\"\n"
				   "  message: \"passed, though cases.conf says that it fails\"\n"
				   "  expectation: \"issue #13\"\n"
				   "  rerun: \"make check QEMU=/q CASE='t@6' V=1\"\n"
				   "  seconds: 0.000\n"
				   "  ...\n";
static const char golden_back[] = "  ---\n"
				  "  verdict: \"NON-STRICT\"\n"
				  "  reason: |\n"
				  "    late\n"
				  "    by 1 s\n"
				  "  rerun: \"make check QEMU=/q CASE='t@7' V=1\"\n"
				  "  seconds: 0.000\n"
				  "  ...\n"
				  "ok 8 - t@8\\#x\\\\y # SKIP two lines\n"
				  "  ---\n"
				  "  verdict: \"SKIP\"\n"
				  "  reason: |\n"
				  "    two\n"
				  "    lines\n"
				  "  rerun: \"make check QEMU=/q CASE='t@8#x\\\\y' V=1\"\n"
				  "  seconds: 0.000\n"
				  "  ...\n";

START_TEST(every_verdict_has_its_line)
{
	for (int strict = 0; strict < 2; strict++) {
		struct run_info info = {.rerun_prefix = (char *)"make check QEMU=/q",
					.strict = strict,
					.selected = 8};
		struct buf b = BUF_INIT, want = BUF_INIT;
		struct run run;

		test_run(&run, &info, records, 8);
		buf_addf(&want, "%snot ok 7 - t@7%s\n%s# %s\n", golden_front,
			 strict ? "" : " # TODO non-strict: late by 1 s", golden_back,
			 strict ? "1 passed, 4 failed, 2 skipped"
				: "1 passed, 3 failed, 2 skipped");
		report_tap(&run, 14, &b);
		ck_assert_str_eq(b.data, want.data);
		buf_release(&want);
		buf_release(&b);
		run_release(&run);
	}
}
END_TEST

START_TEST(an_early_end_bails_out)
{
	static const struct {
		size_t n, selected;
		bool interrupted;
		const char *tap;
	} rows[] = {
		{1, 1, false,
		 "TAP version 13\n1..1\nok 1 - t@1\n# 1 passed, 0 failed, 0 skipped\n"},
		{1, 3, false,
		 "TAP version 13\n1..3\nok 1 - t@1\n# 1 passed, 0 failed, 0 skipped\n"
		 "Bail out! the run ended early: 1 of 3 trials have a record\n"},
		{1, 1, true,
		 "TAP version 13\n1..1\nok 1 - t@1\n# 1 passed, 0 failed, 0 skipped\n"
		 "Bail out! the run ended early: 1 of 1 trials have a record\n"},
		{0, 0, false,
		 "TAP version 13\n1..0\n# 0 passed, 0 failed, 0 skipped\n"
		 "Bail out! no trial was run\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct run run = {.records = (struct record *)records,
				  .n = rows[i].n,
				  .count = {[VERDICT_PASS] = rows[i].n},
				  .info = {.selected = rows[i].selected,
					   .interrupted = rows[i].interrupted}};
		struct buf b = BUF_INIT;

		report_tap(&run, 13, &b);
		ck_assert_str_eq(b.data, rows[i].tap);
		buf_release(&b);
	}
}
END_TEST

/* Whatever a reason holds, no line of it is one of TAP's, and the block's indentation is kept. */
START_TEST(hostile_text_stays_inside_its_block)
{
	const struct run_info info = {.selected = 1};
	char *text;

	for (size_t n = 0; (text = test_hostile(n)); n++) {
		struct record r = {.id = (char *)"t@1",
				   .verdict = n % 2 ? VERDICT_FAIL : VERDICT_XFAIL,
				   .reason = text,
				   .expectation = text,
				   .evidence = text};
		struct buf b = BUF_INIT;
		struct run run;
		int points = 0, ends = 0;

		test_run(&run, &info, &r, 1);
		report_tap(&run, 14, &b);
		for (char *line = b.data, *end; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			points += strncmp(line, "not ok 1 - t@1", 14) == 0;
			ends += strcmp(line, "  ...") == 0;
			if (*line == ' ' ? line[1] != ' ' : strlen(line) > 1000)
				ck_abort_msg("%.100s", line);
		}
		ck_assert_int_eq(points, 1);
		ck_assert_int_eq(ends, 1);
		run_release(&run);
		buf_release(&b);
		free(text);
	}
}
END_TEST

UNIT_TESTS(report_tap, every_verdict_has_its_line, an_early_end_bails_out,
	   hostile_text_stays_inside_its_block)
