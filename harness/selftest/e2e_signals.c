// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_signals.c - whoever is ended, and however: nothing is left running, nothing is taken for good
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/selftest/e2e.h"

static const char soon[] = "[demo.*hangs]\ntimeout = 1\n";

/* A run whose second trial of three hangs, as far as that one. */
static void start_hanging(struct e2e *e, const char *name)
{
	char *qemu;

	e2e_init(e, E2E_DEMO, name, "");
	qemu = e2e_fake(e, "ok");
	e2e_start(e, "run", "-j1", "--qemu", qemu, "demo.fails", "demo.hangs", "demo.passes",
		  "demo.qemu-hangs", NULL);
	e2e_await(e, "demo.hangs", "hanging");
	free(qemu);
}

START_TEST(a_signal_ends_the_run_and_what_was_done_is_kept)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		char *name = xasprintf("signal%d", signals[i]);
		struct run run;
		struct e2e e;

		start_hanging(&e, name);
		kill(e.proc.pid, signals[i]);
		e2e_end(&e, EXIT_FAILED, 5); /* one had failed before */
		e2e_prints(&e, "interrupted: 1 of 4 trials ran");
		e2e_totals(&e, "0 passed, 1 failed, 0 skipped");
		e2e_verdict(&e, "demo.fails", VERDICT_FAIL, "not three");
		e2e_load(&e, &run);
		E2E_CHECK(&e, run.info.interrupted && run.n == 1, "%zu records", run.n);
		run_release(&run);
		e2e_clean(&e);
		file_write(e.conf, soon, strlen(soon));
		if (signals[i] == SIGINT) {
			e2e_do(&e, EXIT_FAILED, "rerun", NULL);
			e2e_totals(&e, "1 passed, 3 failed, 0 skipped");
		}
		e2e_clean(&e);
		e2e_release(&e);
		free(name);
	}
}
END_TEST

/* Nothing was wrong with what ran, but not all ran. */
START_TEST(an_interrupted_run_is_never_well)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", "[demo.hangs]\ntimeout = 1000\n");
	e2e_start(&e, "run", "-j2", "demo.hangs", "demo.passes", "demo.axes@sync*", NULL);
	e2e_await(&e, "demo.hangs", "hanging");
	kill(e.proc.pid, SIGINT);
	e2e_end(&e, EXIT_BROKEN, 5);
	e2e_prints(&e, "interrupted: ");
	e2e_clean(&e);
	e2e_release(&e);
}
END_TEST

/* The first signal asks it to come to its end, the second one ends it. */
START_TEST(what_lasts_ends_well_when_it_is_interrupted)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", "");
	e2e_start(&e, "run", "-j1", "--time", "1000", "demo.lasts", "demo.passes", NULL);
	e2e_await(&e, "demo.lasts", "lasting");
	kill(e.proc.pid, SIGINT);
	e2e_end(&e, EXIT_BROKEN, 5);
	e2e_prints(&e, "interrupted: 1 of 2 trials ran");
	e2e_verdict(&e, "demo.lasts", VERDICT_PASS, "");
	e2e_clean(&e);
	e2e_start(&e, "run", "-j1", "--time", "1000", "demo.hangs", NULL);
	e2e_await(&e, "demo.hangs", "hanging");
	kill(e.proc.pid, SIGINT);
	kill(e.proc.pid, SIGTERM);
	e2e_end(&e, EXIT_BROKEN, 5);
	e2e_prints(&e, "interrupted: 0 of 1 trials ran");
	e2e_clean(&e);
	e2e_do(&e, EXIT_WELL, "run", "--time", "2", "demo.lasts", NULL);
	E2E_CHECK(&e, strstr(e.err.data, "] 2 s\n"), "it did not last 2 s");
	e2e_release(&e);
}
END_TEST

START_TEST(the_program_killed_takes_all_with_it)
{
	struct e2e e;
	char *qemu;

	e2e_init(&e, E2E_DEMO, "b", "");
	qemu = e2e_fake(&e, "ok");
	e2e_start(&e, "run", "-j2", "--qemu", qemu, "demo.hangs", "demo.qemu-hangs", NULL);
	e2e_await(&e, "demo.hangs", "hanging");
	e2e_await(&e, "demo.qemu-hangs", "hanging");
	/* program, two workers, two trials, QEMU, a child */
	E2E_CHECK(&e, e2e_processes(&e) == 7, "%d processes", e2e_processes(&e));
	kill(e.proc.pid, SIGKILL);
	e2e_end(&e, 128 + SIGKILL, 5);
	e2e_gone(&e);
	e2e_do(&e, EXIT_BROKEN, "report", NULL);
	e2e_prints(&e, "interrupted: 0 of 2 trials ran");
	file_write(e.conf, soon, strlen(soon));
	e2e_do(&e, EXIT_BROKEN, "rerun", NULL);
	e2e_totals(&e, "0 passed, 2 failed, 0 skipped");
	e2e_gone(&e);
	e2e_clean(&e);
	e2e_release(&e);
	free(qemu);
}
END_TEST

/* End the process of trial @id, or with @worker the one above it. */
static void kill_trial(struct e2e *e, const char *id, bool worker)
{
	pid_t pid;

	e2e_await(e, id, "hanging");
	pid = e2e_trial(e, id);
	if (worker)
		pid = e2e_parent(pid);
	E2E_CHECK(e, pid > 1 && pid != e->proc.pid, "the processes are not as they were thought");
	kill(pid, SIGKILL);
}

START_TEST(a_killed_worker_or_trial_is_broken_and_the_others_run)
{
	for (int worker = 0; worker < 2; worker++) {
		struct e2e e;

		start_hanging(&e, worker ? "worker" : "trial");
		kill_trial(&e, "demo.hangs", worker);
		kill_trial(&e, "demo.qemu-hangs", worker);
		e2e_end(&e, EXIT_FAILED, 10);
		e2e_totals(&e, "1 passed, 3 failed, 0 skipped");
		e2e_verdict(&e, "demo.fails", VERDICT_FAIL, "");
		e2e_verdict(&e, "demo.hangs", VERDICT_BROKEN, "Killed");
		e2e_verdict(&e, "demo.passes", VERDICT_PASS, "");
		e2e_verdict(&e, "demo.qemu-hangs", VERDICT_BROKEN, "Killed");
		e2e_gone(&e);
		e2e_clean(&e);
		e2e_release(&e);
	}
}
END_TEST

START_TEST(a_trial_that_takes_too_long_leaves_no_process)
{
	struct e2e e;
	char *qemu;

	e2e_init(&e, E2E_DEMO, "b", "[demo.qemu-hangs]\ntimeout = 1\n");
	qemu = e2e_fake(&e, "ok");
	e2e_do(&e, EXIT_BROKEN, "run", "--qemu", qemu, "demo.passes", "demo.qemu-hangs", NULL);
	e2e_verdict(&e, "demo.qemu-hangs", VERDICT_BROKEN, "timeout");
	E2E_CHECK(&e, e2e_evidence(&e, "demo.qemu-hangs", "qmp.log"), "no evidence");
	e2e_gone(&e);
	e2e_release(&e);
	free(qemu);
}
END_TEST

START_TEST(a_signal_before_the_first_trial_leaves_no_process)
{
	char *fake = e2e_built("fake-qemu");
	struct deadline d = deadline_in(10000);
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", "");
	strv_push(&e.env, "FAKE_QEMU=hang-at-start");
	e2e_start(&e, "run", "--qemu", fake, "demo.qemu", NULL);
	while (e2e_processes(&e) < 2 && !deadline_passed(d))
		io_poll(NULL, 0, deadline_in(10));
	E2E_CHECK(&e, e2e_processes(&e) == 2, "it did not start QEMU");
	kill(e.proc.pid, SIGINT);
	e2e_end(&e, 128 + SIGINT, 5);
	e2e_gone(&e);
	e2e_release(&e);
	free(fake);
}
END_TEST

UNIT_TESTS(signals, a_signal_ends_the_run_and_what_was_done_is_kept,
	   an_interrupted_run_is_never_well, what_lasts_ends_well_when_it_is_interrupted,
	   the_program_killed_takes_all_with_it,
	   a_killed_worker_or_trial_is_broken_and_the_others_run,
	   a_trial_that_takes_too_long_leaves_no_process,
	   a_signal_before_the_first_trial_leaves_no_process)
