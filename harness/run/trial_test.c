// SPDX-License-Identifier: GPL-2.0-or-later
/* trial_test.c - how a trial ends: its verdict, its record, its log, what it undoes */
#include <signal.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/run/run_testing.h"

static char done[64];

static void undo(void *arg)
{
	strncat(done, arg, sizeof(done) - strlen(done) - 1);
}

static void undo_and_die(void *arg)
{
	undo(arg);
	die("no way back from %s", (const char *)arg);
}

static void pass(struct trial *t)
{
	trial_note(t, "note %d", 7);
	trial_defer(t, undo, (void *)"1");
	CHECK(t, 1 + 1 == 2, "arithmetic");
	trial_defer(t, undo, (void *)"2");
}

static void fails(struct trial *t)
{
	pass(t);
	CHECK(t, done[0], "want %s, got %d", "three", 4);
	trial_defer(t, undo, (void *)"not reached");
}

static void skip(struct trial *t)
{
	pass(t);
	trial_skip(t, "no %s here", "such thing");
}

static void break_off(struct trial *t)
{
	pass(t);
	die("disk %d is full", 1);
}

START_TEST(each_end_is_one_verdict_and_undoes_what_was_done)
{
	static const struct {
		void (*run)(struct trial *t);
		enum verdict verdict;
		const char *reason, *log;
	} rows[] = {
		{pass, VERDICT_PASS, "", "] note 7\n"},
		{fails, VERDICT_FAIL, "want three, got 4", "trial_test.c:"},
		{skip, VERDICT_SKIP, "no such thing here", "] SKIP: no such thing here\n"},
		{break_off, VERDICT_BROKEN, "disk 1 is full", "] BROKEN: disk 1 is full\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf log = BUF_INIT;
		struct bench b;

		*done = '\0';
		bench_init(&b, "ok", rows[i].run);
		bench_run(&b, rows[i].verdict, "");
		ck_assert_str_eq(b.record.reason, rows[i].reason);
		ck_assert_str_eq(done, "21");
		ck_assert(buf_read_file(&log, TRIAL_LOG));
		says(&log, rows[i].log);
		ck_assert(!b.record.crash && b.record.seconds >= 0);
		bench_release(&b);
	}
}
END_TEST

START_TEST(the_record_tells_which_trial_it_was)
{
	static const char *const axes[] = {"backend", "role", "size", NULL};
	struct bench b;
	char *folder;

	bench_init(&b, "ok", pass);
	b.c.axes = axes;
	b.c.level = LEVEL_SHOULD;
	b.spec.id = (char *)"test.case@udp,small";
	b.spec.variant.value[0] = "udp";
	b.spec.variant.value[2] = "small";
	folder = trial_dir(&b.session, &b.spec);
	bench_run(&b, VERDICT_PASS, "");
	ck_assert_str_eq(b.record.id, "test.case@udp,small");
	ck_assert_str_eq(b.record.title, "it is so");
	ck_assert_str_eq(b.record.clause, "doc/1");
	ck_assert_str_eq(b.record.level, "SHOULD");
	ck_assert_str_eq(b.record.axes, "backend=udp size=small");
	ck_assert_str_eq(b.record.evidence, "");
	ck_assert_str_eq(b.record.timings, "");
	ck_assert(strncmp(folder, b.session.dir, strlen(b.session.dir)) == 0);
	ck_assert_str_eq(folder + strlen(b.session.dir), "/trials/test.case@udp,small");
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert(file_exists(TRIAL_RECORD));
	free(folder);
	bench_release(&b);
}
END_TEST

START_TEST(a_trial_that_runs_again_finds_nothing_of_the_last)
{
	struct bench b;

	bench_init(&b, "ok", pass);
	file_mkdirs("trials/test.case/old");
	file_write("trials/test.case/c0.sent.bin", "x", 1);
	bench_run(&b, VERDICT_PASS, "");
	ck_assert(!file_exists("old") && !file_exists("c0.sent.bin"));
	bench_release(&b);
}
END_TEST

static void undo_badly(struct trial *t)
{
	trial_defer(t, undo, (void *)"1");
	trial_defer(t, undo_and_die, (void *)"2");
	trial_defer(t, undo, (void *)"3");
	if (t->session->keep_all)
		trial_fail(t, "file", 1, "the claim is broken");
}

/* What breaks on the way out keeps nobody else from being undone, and a FAIL stays one. */
START_TEST(who_breaks_while_undoing_stops_nobody)
{
	struct bench b;

	bench_init(&b, "ok", undo_badly);
	bench_run(&b, VERDICT_BROKEN, "no way back from 2");
	ck_assert_str_eq(done, "321");
	*done = '\0';
	b.session.keep_all = true;
	bench_run(&b, VERDICT_FAIL, "the claim is broken\nno way back from 2");
	ck_assert_str_eq(done, "321");
	bench_release(&b);
}
END_TEST

static void defer_too_much(struct trial *t)
{
	for (int i = 0; i < 257; i++)
		trial_defer(t, undo, (void *)"");
}

static void get_lost(struct trial *t)
{
	(void)t;
	ck_assert_int_eq(chdir("/"), 0);
	die("lost");
}

START_TEST(no_way_out_loses_the_record)
{
	struct bench b;

	bench_init(&b, "ok", get_lost);
	bench_run(&b, VERDICT_BROKEN, "lost");
	b.c.run = defer_too_much;
	bench_run(&b, VERDICT_BROKEN, "a trial defers at most 256 things");
	bench_release(&b);
}
END_TEST

static void plan_port(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtserialport,chardev=c0,id=port0");
}

static void use_rig(struct trial *t)
{
	struct rig *r = trial_rig(t);

	ck_assert_ptr_eq(trial_rig(t), r); /* it is brought up once */
	CHECK(t, r->chrs[0].fault.kind == CHR_FAULT_NONE, "our end misbehaves");
	if (t->session->keep_all)
		trial_skip(t, "skipped");
}

START_TEST(qemus_end_is_part_of_the_verdict)
{
	static const struct {
		const char *mode;
		bool skip, crash;
		enum verdict verdict;
		const char *reason;
	} rows[] = {
		{"ok", false, false, VERDICT_PASS, ""},
		{"ok", true, false, VERDICT_SKIP, "skipped"},
		{"status-at-quit=3", false, true, VERDICT_FAIL, "QEMU ended: exit status 3"},
		{"asan-at-quit", true, true, VERDICT_FAIL, "skipped\nQEMU's stderr has a sanit"},
		{"refuse=device_add", false, false, VERDICT_FAIL, "QMP device_add refused"},
		{"signal-at=device_add", false, true, VERDICT_FAIL, "QEMU ended: signal 11"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct bench b;

		bench_init(&b, rows[i].mode, use_rig);
		b.c.needs = NEEDS_QEMU;
		b.c.plan = plan_port;
		b.session.keep_all = rows[i].skip;
		bench_run(&b, rows[i].verdict, rows[i].reason);
		ck_assert_int_eq(b.record.crash, rows[i].crash);
		ck_assert(rows[i].verdict == VERDICT_FAIL || strstr(b.record.timings, "plug "));
		ck_assert(file_exists("repro.sh") && file_exists("qmp.log"));
		bench_release(&b);
	}
}
END_TEST

static void expect_an_end(struct trial *t)
{
	trial_rig(t)->vm.quit = true;
}

static void meet_another_end(struct trial *t)
{
	struct vm *vm = &trial_rig(t)->vm;

	vm->quit = true;
	proc_kill(&vm->proc, SIGKILL);
	CHECK(t, vm_await_end(vm), "it goes on");
}

START_TEST(an_end_that_was_wanted_has_to_come)
{
	static const struct {
		void (*run)(struct trial *t);
		const char *reason;
	} rows[] = {{expect_an_end, "QEMU was to end, and goes on"},
		    {meet_another_end, "QEMU ended: signal 9 (Killed)"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct bench b;

		bench_init(&b, "ok", rows[i].run);
		b.c.needs = NEEDS_QEMU;
		b.c.plan = plan_port;
		bench_run(&b, VERDICT_FAIL, rows[i].reason);
		ck_assert(b.record.crash);
		bench_release(&b);
	}
}
END_TEST

START_TEST(a_fault_is_given_to_our_own_ends)
{
	struct bench b;

	bench_init(&b, "ok", use_rig);
	b.c.plan = plan_port;
	b.session.fault = "read:drop@1+1";
	bench_run(&b, VERDICT_FAIL, "our end misbehaves");
	b.session.fault = "read:lose@1+1";
	bench_run(&b, VERDICT_BROKEN, "no such fault: read:lose@1+1");
	bench_release(&b);
}
END_TEST

static void be_refused(struct trial *t)
{
	trial_refused(t, "-device nosuch", "-device nosuch: no such thing");
}

START_TEST(a_refusal_is_demanded)
{
	struct bench b;

	bench_init(&b, "ok", be_refused);
	free(b.fake.caps.path);
	b.fake.caps.path = xasprintf("%s/qemu", b.session.dir);
	write_program("qemu", "#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\n"
			      "echo \"qemu: $1 $2: no such thing\" >&2\nexit 1\n");
	bench_run(&b, VERDICT_PASS, "");
	b.c.needs = NEEDS_QEMU;
	free(b.fake.caps.path);
	b.fake.caps.path = fake_qemu();
	fake_does("stderr=x: -device nosuch: no such thing;exit-at-start");
	bench_run(&b, VERDICT_FAIL, "exit status 3; its last words: fake-qemu: exiting");
	bench_release(&b);
}
END_TEST

UNIT_TESTS(trial, each_end_is_one_verdict_and_undoes_what_was_done,
	   the_record_tells_which_trial_it_was, a_trial_that_runs_again_finds_nothing_of_the_last,
	   who_breaks_while_undoing_stops_nobody, no_way_out_loses_the_record,
	   qemus_end_is_part_of_the_verdict, an_end_that_was_wanted_has_to_come,
	   a_fault_is_given_to_our_own_ends, a_refusal_is_demanded)
