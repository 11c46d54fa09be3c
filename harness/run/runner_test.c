// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runner_test.c - trials side by side: each is told of and recorded, however it ended
 *
 * Without QEMU. Signals, time limits and what is left running are tested with the whole program.
 */
#include <signal.h>
#include <unistd.h>

#include "harness/run/run_testing.h"
#include "harness/run/runner.h"
#include "harness/run/worker.h"

static void passes(struct trial *t)
{
	trial_note(t, "fine");
}

static void fails(struct trial *t)
{
	CHECK(t, t->priv == NULL, "it is not so");
}

static void dies(struct trial *t)
{
	(void)t;
	raise(SIGKILL);
}

static void leaves(struct trial *t)
{
	(void)t;
	_exit(0);
}

#define N 6
static const struct {
	const char *id;
	void (*run)(struct trial *t);
	enum level level;
	enum verdict verdict;
	const char *reason;
} rows[N] = {
	{"a.passes", passes, LEVEL_MUST, VERDICT_PASS, ""},
	{"b.fails", fails, LEVEL_MUST, VERDICT_FAIL, "it is not so"},
	{"c.dies", dies, LEVEL_MUST, VERDICT_BROKEN, "the trial left no record: "},
	{"d.leaves", leaves, LEVEL_MUST, VERDICT_BROKEN, "the trial left no record: "},
	{"e.should", fails, LEVEL_SHOULD, VERDICT_NON_STRICT, "it is not so"},
	{"f.passes", passes, LEVEL_MUST, VERDICT_PASS, ""},
};

/** struct told - What the progress hooks were told */
struct told {
	const struct trial_spec *specs;
	int started[N], ended[N];
	enum verdict verdict[N];
};

static void started(void *arg, const struct trial_spec *spec)
{
	struct told *told = arg;

	told->started[spec - told->specs]++;
}

static void ended(void *arg, const struct trial_spec *spec, enum verdict verdict, double seconds)
{
	struct told *told = arg;

	ck_assert(seconds >= 0);
	told->ended[spec - told->specs]++;
	told->verdict[spec - told->specs] = verdict;
}

/* Run them all; the run is read back for the caller to release. */
static void run_all(struct run *run, struct told *told, int jobs, bool keep_all)
{
	const struct run_info info = {.selected = N};
	struct check_case cases[N];
	struct trial_spec specs[N];
	const struct trial_spec *list[N];
	struct runner_progress progress = {started, ended, told};
	struct session session = {.dir = file_absolute("."), .keep_all = keep_all};
	struct buf why = BUF_INIT;

	*told = (struct told){.specs = specs};
	for (size_t i = 0; i < N; i++) {
		cases[i] = (struct check_case){.id = rows[i].id,
					       .title = "t",
					       .clause = "c",
					       .level = rows[i].level,
					       .run = rows[i].run};
		specs[i] = (struct trial_spec){.id = (char *)rows[i].id, .timeout_s = 30};
		specs[i].variant.c = &cases[i];
		list[i] = &specs[i];
	}
	run_info_write(session.dir, &info);
	ck_assert(runner_run(&session, list, N, jobs, &progress));
	ck_assert_msg(run_load(run, session.dir, &why) && !why.len, "%s", why.data);
	free(session.dir);
}

START_TEST(each_trial_is_run_once_and_recorded)
{
	static const int jobs[] = {1, 3, 1000};

	for (size_t j = 0; j < 3; j++) {
		struct told told;
		struct run run;

		run_all(&run, &told, jobs[j], false);
		ck_assert_uint_eq(run.n, N);
		for (size_t i = 0; i < N; i++) {
			const struct record *r = &run.records[i];

			ck_assert_int_eq(told.started[i], 1);
			ck_assert_int_eq(told.ended[i], 1);
			ck_assert_msg(told.verdict[i] == rows[i].verdict, "%s: %s: %s", r->id,
				      verdict_name(told.verdict[i]), r->reason);
			ck_assert_str_eq(r->id, rows[i].id);
			ck_assert(r->verdict == rows[i].verdict);
			ck_assert_ptr_nonnull(strstr(r->reason, rows[i].reason));
		}
		run_release(&run);
		ck_assert_int_eq(unlink("results.jsonl"), 0);
	}
}
END_TEST

/* The record and the folder agree: what it names is there, and nothing else. */
START_TEST(evidence_is_there_when_the_record_says_so)
{
	for (int keep = 0; keep < 2; keep++) {
		struct told told;
		struct run run;

		run_all(&run, &told, 2, keep);
		for (size_t i = 0; i < N; i++) {
			const struct record *r = &run.records[i];
			char *dir = xasprintf("trials/%s", r->id);

			ck_assert_str_eq(r->evidence,
					 keep || r->verdict != VERDICT_PASS ? dir : "");
			ck_assert_int_eq(file_exists(dir), *r->evidence != '\0');
			free(dir);
		}
		run_release(&run);
		ck_assert_int_eq(unlink("results.jsonl"), 0);
	}
}
END_TEST

START_TEST(a_record_can_be_written_for_a_trial_that_cannot)
{
	struct buf why = BUF_INIT;
	const struct run_info info = {.selected = 1};
	struct bench b;
	struct run run;

	bench_init(&b, "ok", passes);
	b.c.level = LEVEL_SHOULD;
	run_info_write(b.session.dir, &info);
	worker_record_broken(&b.session, &b.spec, "line one\nline two");
	ck_assert(run_load(&run, b.session.dir, &why));
	ck_assert_uint_eq(run.n, 1);
	ck_assert(run.records[0].verdict == VERDICT_BROKEN);
	ck_assert_str_eq(run.records[0].id, "test.case");
	ck_assert_str_eq(run.records[0].reason, "line one\nline two");
	ck_assert_str_eq(run.records[0].level, "SHOULD");
	ck_assert_str_eq(run.records[0].evidence, ""); /* it never had a folder */
	run_release(&run);
	bench_release(&b);
}
END_TEST

UNIT_TESTS(runner, each_trial_is_run_once_and_recorded, evidence_is_there_when_the_record_says_so,
	   a_record_can_be_written_for_a_trial_that_cannot)
