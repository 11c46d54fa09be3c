// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_verdicts.c - however a trial ends, its verdict, its record and what is kept of it are right
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/e2e.h"

static const char conf[] = "[demo.hangs]\ntimeout = 1\n"
			   "[demo.overlap]\nrun = never\n"
			   "[demo.known*]\nexpect = FAIL the known bug\nmatch = three is missing\n";

/* All cases that need no QEMU, and how they end. */
static const struct {
	const char *id;
	enum verdict verdict;
	const char *reason;
} ends[] = {
	{"demo.aborts", VERDICT_BROKEN, "Aborted"},
	{"demo.axes@async,big", VERDICT_PASS, ""},
	{"demo.axes@async,edges", VERDICT_FAIL, "edges, not sync"},
	{"demo.axes@async,small", VERDICT_PASS, ""},
	{"demo.axes@sync,big", VERDICT_PASS, ""},
	{"demo.axes@sync,edges", VERDICT_PASS, ""},
	{"demo.axes@sync,small", VERDICT_PASS, ""},
	{"demo.breaks", VERDICT_BROKEN, "the disk of this demo is full"},
	{"demo.children", VERDICT_PASS, ""},
	{"demo.crashes", VERDICT_BROKEN, "Segmentation fault"},
	{"demo.defers", VERDICT_FAIL, "failed with three things deferred"},
	{"demo.exits", VERDICT_BROKEN, "left no record"},
	{"demo.fails", VERDICT_FAIL, "one and one is 2, not three"},
	{"demo.hangs", VERDICT_BROKEN, "timeout"},
	{"demo.known", VERDICT_XFAIL, "three is missing"},
	{"demo.known-fixed", VERDICT_XPASS, "expects it to fail"},
	{"demo.known-other", VERDICT_FAIL, "nobody has seen this before"},
	{"demo.lasts", VERDICT_PASS, ""},
	{"demo.passes", VERDICT_PASS, ""},
	{"demo.should", VERDICT_NON_STRICT, "it should, and does not"},
	{"demo.skips", VERDICT_SKIP, "no demo device"},
};
#define N_ENDS (sizeof(ends) / sizeof(*ends))

/* The globs that select them. */
#define ALL "demo.[!pq]*", "demo.passes"

static void check_all(const struct e2e *e)
{
	struct run run;

	for (size_t i = 0; i < N_ENDS; i++)
		e2e_verdict(e, ends[i].id, ends[i].verdict, ends[i].reason);
	e2e_count(e, N_ENDS);
	e2e_load(e, &run);
	for (size_t i = 0; i < run.n; i++) {
		const struct record *r = &run.records[i];
		bool kept = r->verdict != VERDICT_PASS && r->verdict != VERDICT_SKIP;

		E2E_CHECK(e, *r->evidence ? kept : !kept, "evidence of %s: '%s'", r->id,
			  r->evidence);
		E2E_CHECK(e, e2e_evidence(e, r->id, ".") == kept, "the folder of %s is wrong",
			  r->id);
		E2E_CHECK(e, *r->title && *r->clause && *r->level, "half a record: %s", r->id);
	}
	E2E_CHECK(e, !run.info.interrupted && run.info.selected == N_ENDS, "run.json is wrong");
	run_release(&run);
}

START_TEST(every_end_has_its_verdict)
{
	static const char *const jobs[] = {"1", "4"};

	for (size_t i = 0; i < 2; i++) {
		struct e2e e;

		e2e_init(&e, E2E_DEMO, jobs[i], conf);
		e2e_do(&e, EXIT_FAILED, "run", "-j", jobs[i], ALL, NULL);
		e2e_totals(&e, "8 passed, 10 failed, 1 skipped");
		e2e_prints(&e, "nobody has seen this before");
		e2e_prints(&e, "skipped 1: this build has no demo device");
		E2E_CHECK(&e, !e.err.len, "stderr is not empty");
		check_all(&e);
		e2e_clean(&e);
		e2e_release(&e);
	}
}
END_TEST

/* Exit codes of runs of these trials alone. */
START_TEST(the_exit_code_is_the_worst_there_is)
{
	static const struct {
		int status;
		const char *words[4], *totals;
	} rows[] = {
		{EXIT_WELL, {"demo.passes"}, "1 passed, 0 failed, 0 skipped"},
		{EXIT_WELL, {"demo.passes", "demo.skips"}, "1 passed, 0 failed, 1 skipped"},
		{EXIT_BROKEN, {"demo.skips"}, "0 passed, 0 failed, 1 skipped"},
		{EXIT_BROKEN, {"demo.breaks", "demo.passes"}, "1 passed, 1 failed, 0 skipped"},
		{EXIT_FAILED, {"demo.fails", "demo.passes"}, "1 passed, 1 failed, 0 skipped"},
		{EXIT_FAILED, {"demo.fails", "demo.breaks"}, "0 passed, 2 failed, 0 skipped"},
		{EXIT_FAILED, {"demo.known-fixed"}, "0 passed, 1 failed, 0 skipped"},
		{EXIT_WELL, {"demo.known", "demo.passes"}, "1 passed, 0 failed, 0 skipped"},
		{EXIT_BROKEN, {"demo.known"}, "0 passed, 0 failed, 0 skipped"},
		{EXIT_WELL, {"demo.should", "demo.passes"}, "1 passed, 0 failed, 0 skipped"},
		{EXIT_FAILED,
		 {"--strict", "demo.should", "demo.passes"},
		 "1 passed, 1 failed, 0 skipped"},
	};
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		e2e_do(&e, rows[i].status, "run", rows[i].words[0], rows[i].words[1],
		       rows[i].words[2], NULL);
		e2e_totals(&e, rows[i].totals);
		e2e_clean(&e);
	}
	e2e_release(&e);
}
END_TEST

START_TEST(what_was_deferred_is_undone_last_first)
{
	struct buf text = BUF_INIT;
	struct e2e e;
	char *path;

	e2e_init(&e, E2E_DEMO, "b", conf);
	e2e_do(&e, EXIT_FAILED, "run", "demo.defers", NULL);
	path = e2e_path(&e, "trials/demo.defers/undone");
	ck_assert(buf_read_file(&text, path));
	ck_assert_str_eq(text.data, "321");
	e2e_release(&e);
	buf_release(&text);
	free(path);
}
END_TEST

static const char *const reports[] = {"report.tap", "prove.tap", "junit.xml", "index.html"};
#define N_REPORTS (sizeof(reports) / sizeof(*reports))

START_TEST(reports_are_written_and_written_again)
{
	struct buf first[N_REPORTS], again = BUF_INIT;
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", conf);
	e2e_do(&e, EXIT_FAILED, "run", "demo.fails", "demo.passes", NULL);
	for (size_t i = 0; i < N_REPORTS; i++) {
		char *path = e2e_path(&e, reports[i]);

		buf_init(&first[i]);
		E2E_CHECK(&e, buf_read_file(&first[i], path) && first[i].len, "%s is missing",
			  reports[i]);
		E2E_CHECK(&e, strstr(first[i].data, "demo.fails"), "%s lacks a trial", reports[i]);
		ck_assert_int_eq(remove(path), 0);
		free(path);
	}
	e2e_do(&e, EXIT_FAILED, "report", NULL);
	e2e_totals(&e, "1 passed, 1 failed, 0 skipped");
	for (size_t i = 0; i < N_REPORTS; i++) {
		char *path = e2e_path(&e, reports[i]);

		buf_clear(&again);
		E2E_CHECK(&e, buf_read_file(&again, path) && strcmp(again.data, first[i].data) == 0,
			  "%s came out otherwise", reports[i]);
		buf_release(&first[i]);
		free(path);
	}
	e2e_clean(&e);
	buf_release(&again);
	e2e_release(&e);
}
END_TEST

START_TEST(rerun_runs_what_did_not_pass)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", conf);
	e2e_do(&e, EXIT_FAILED, "run", ALL, NULL);
	e2e_do(&e, EXIT_FAILED, "rerun", NULL);
	e2e_totals(&e, "0 passed, 10 failed, 0 skipped"); /* the one that passed is NON_STRICT */
	e2e_count(&e, 11);
	e2e_verdict(&e, "demo.fails", VERDICT_FAIL, "not three");
	e2e_do(&e, EXIT_WELL, "run", "demo.passes", NULL);
	e2e_do(&e, EXIT_WELL, "rerun", NULL);
	e2e_prints(&e, "nothing to run again");
	e2e_clean(&e);
	e2e_release(&e);
}
END_TEST

START_TEST(list_and_show_tell_of_the_trials)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b",
		 "[demo.axes@*]\nsize = small, big\n"
		 "[demo.axes@async,*]\nrun = long\n[demo.hangs]\nrun = never\n");
	e2e_do(&e, EXIT_WELL, "list", "demo.axes*", NULL);
	ck_assert_str_eq(e.out.data, "long   demo.axes@async,big\nlong   demo.axes@async,small\n"
				     "check  demo.axes@sync,big\ncheck  demo.axes@sync,small\n");
	e2e_do(&e, EXIT_WELL, "show", "demo.fails", NULL);
	e2e_prints(&e, "a case whose check does not hold");
	e2e_prints(&e, "demo/1 (MUST)");
	e2e_do(&e, EXIT_WELL, "run", "demo.axes*", NULL);
	e2e_count(&e, 2);
	e2e_do(&e, EXIT_WELL, "run", "--long", "demo.axes*", NULL);
	e2e_count(&e, 4);
	e2e_do(&e, EXIT_WELL, "run", "demo.axes@async,big", NULL); /* by its very name */
	e2e_count(&e, 1);
	e2e_release(&e);
}
END_TEST

/* The folder of the run that @e printed. */
static char *run_dir(const struct e2e *e)
{
	const char *at = strstr(e->out.data, "reports: ");

	E2E_CHECK(e, at && strstr(at, "/index.html"), "it names no reports");
	at += strlen("reports: ");
	return xstrndup(at, (size_t)(strstr(at, "/index.html") - at));
}

START_TEST(two_runs_in_one_build_folder_do_not_meet)
{
	char *fake = e2e_built("fake-qemu"), *dirs[2];
	struct e2e e[2];

	for (int i = 0; i < 2; i++) {
		e2e_init(&e[i], E2E_DEMO, i ? "other" : "b", conf);
		e2e_start(&e[i], "run", "--build", e[0].dir, "-j2", "--qemu", fake, "demo.hangs",
			  "demo.qemu", "demo.port", i ? "demo.passes" : "demo.fails", NULL);
	}
	for (int i = 0; i < 2; i++) {
		struct buf why = BUF_INIT;
		struct run run;

		e2e_end(&e[i], i ? EXIT_BROKEN : EXIT_FAILED, 20);
		e2e_totals(&e[i],
			   i ? "3 passed, 1 failed, 0 skipped" : "2 passed, 2 failed, 0 skipped");
		dirs[i] = run_dir(&e[i]);
		E2E_CHECK(&e[i], run_load(&run, dirs[i], &why) && !why.len, "%s", why.data);
		E2E_CHECK(&e[i], run.n == 4, "%zu records", run.n);
		run_release(&run);
	}
	E2E_CHECK(&e[1], strcmp(dirs[0], dirs[1]) != 0, "both runs are in one folder");
	e2e_clean(&e[0]);
	for (int i = 0; i < 2; i++) {
		e2e_release(&e[i]);
		free(dirs[i]);
	}
	free(fake);
}
END_TEST

UNIT_TESTS(verdicts, every_end_has_its_verdict, the_exit_code_is_the_worst_there_is,
	   what_was_deferred_is_undone_last_first, reports_are_written_and_written_again,
	   rerun_runs_what_did_not_pass, list_and_show_tell_of_the_trials,
	   two_runs_in_one_build_folder_do_not_meet)
