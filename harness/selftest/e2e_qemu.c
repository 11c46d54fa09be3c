// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_qemu.c - a QEMU that misbehaves is never a pass, and the reason names what it did */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/e2e.h"

#define PORT "demo.port"

/* While a port is plugged into it, or when it is to end. */
static const struct {
	const char *mode, *reason;
} in_a_trial[] = {
	{"exit-at-start", "exit status 3; its last words: fake-qemu: exiting at the start"},
	{"signal-at-start", "signal 11 (Segmentation fault)"},
	{"hang-at-start", "QMP start: nothing came before the deadline"},
	{"exit-at=device_add", "QEMU ended: exit status 5"},
	{"signal-at=device_add", "QEMU ended: signal 11 (Segmentation fault)"},
	{"hang-at=device_add", "QMP device_add: nothing came before the deadline"},
	{"close-at=device_add", "QMP device_add: QEMU closed the connection"},
	{"garbage-at=chardev-add", "QMP chardev-add: QEMU sent what is no JSON object"},
	{"refuse=device_add", "QMP device_add refused: GenericError: refused, as FAKE_QEMU says"},
	{"refuse=chardev-add", "QMP chardev-add refused"},
	{"exit-at=quit", "QEMU ended: exit status 5"},
	{"signal-at=quit", "QEMU ended: signal 11"},
	{"hang-at=quit", "QMP quit: nothing came before the deadline"},
	{"status-at-quit=3", "QEMU ended: exit status 3"},
	{"hang-at-quit", "QEMU did not end in time after QMP quit"},
	{"asan-at-quit", "ERROR: AddressSanitizer: heap-use-after-free"},
	{"stderr=x.c:1:2: runtime error: shift of 64", "runtime error: shift of 64"},
};
#define N_MODES (sizeof(in_a_trial) / sizeof(*in_a_trial))

/* Only what hangs is waited for to the end, and a busy host needs its time for the others. */
static const char *scale(const char *mode)
{
	return strncmp(mode, "hang", strlen("hang")) == 0 ? "0.2" : "1";
}

START_TEST(in_a_trial_it_is_a_failure)
{
	struct e2e e[N_MODES];

	for (size_t i = 0; i < N_MODES; i++) {
		char *name = xasprintf("mode%zu", i), *qemu;

		e2e_init(&e[i], E2E_DEMO, name, "");
		qemu = e2e_fake(&e[i], in_a_trial[i].mode);
		e2e_start(&e[i], "run", "--timeout-scale", scale(in_a_trial[i].mode), "--qemu",
			  qemu, PORT, NULL);
		free(qemu);
		free(name);
	}
	for (size_t i = 0; i < N_MODES; i++) {
		e2e_end(&e[i], EXIT_FAILED, 30);
		e2e_totals(&e[i], "0 passed, 1 failed, 0 skipped");
		e2e_verdict(&e[i], PORT, VERDICT_FAIL, in_a_trial[i].reason);
		E2E_CHECK(&e[i], e2e_evidence(&e[i], PORT, "repro.sh"), "no repro.sh");
		E2E_CHECK(&e[i], e2e_evidence(&e[i], PORT, "qemu.err"), "no qemu.err");
		e2e_clean(&e[i]);
		e2e_release(&e[i]);
	}
}
END_TEST

/* A known failure excuses itself, and not the crash that comes with it. */
START_TEST(a_crash_is_never_expected)
{
	static const char conf[] = "[demo.port]\nexpect = FAIL it is known\nmatch = refused\n";
	static const struct {
		const char *mode;
		int status;
		enum verdict verdict;
	} rows[] = {
		{"refuse=device_add", EXIT_BROKEN, VERDICT_XFAIL}, /* for want of a PASS */
		{"refuse=device_add;signal-at=quit", EXIT_FAILED, VERDICT_FAIL},
		{"refuse=device_add;status-at-quit=3", EXIT_FAILED, VERDICT_FAIL},
	};
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", conf);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *qemu = e2e_fake(&e, rows[i].mode);

		e2e_do(&e, rows[i].status, "run", "--qemu", qemu, PORT, NULL);
		e2e_verdict(&e, PORT, rows[i].verdict, "refused");
		free(qemu);
	}
	e2e_release(&e);
}
END_TEST

START_TEST(one_that_behaves_passes)
{
	static const char *const qemus[] = {"fake-qemu", NULL};

	for (size_t i = 0; i < 2; i++) {
		char *fake = qemus[i] ? e2e_built(qemus[i]) : xstrdup("qemu-system-x86_64");
		struct e2e e;

		e2e_init(&e, E2E_DEMO, i ? "real" : "fake", "");
		e2e_do(&e, EXIT_WELL, "run", "--qemu", fake, "demo.port", "demo.qemu", NULL);
		e2e_totals(&e, "2 passed, 0 failed, 0 skipped");
		E2E_CHECK(&e, !e2e_evidence(&e, PORT, "."), "evidence of a pass");
		e2e_do(&e, EXIT_WELL, "run", "--qemu", fake, "--keep-all", "demo.port", NULL);
		E2E_CHECK(&e, e2e_evidence(&e, PORT, "repro.sh"), "no evidence by --keep-all");
		e2e_clean(&e);
		e2e_release(&e);
		free(fake);
	}
}
END_TEST

/* When it is asked what it is, before any trial: there is nothing to judge. */
static const struct {
	const char *mode, *line;
} asked[] = {
	{"exit-at-start", "exit status 3; it printed: fake-qemu: exiting at the start"},
	{"signal-at-start", "signal 11"},
	{"hang-at-start", "it did not open its monitor within"},
	{"close-at=qmp_capabilities", "QEMU closed the connection"},
	{"garbage-at=query-machines", "what is no JSON object"},
	{"refuse=query-machines", "QMP query-machines refused"},
	{"exit-at=qom-list-types", "exit status 5"},
	{"hang-at=query-chardev-backends",
	 "QMP query-chardev-backends: nothing came before the deadline"},
};
#define N_ASKED (sizeof(asked) / sizeof(*asked))

START_TEST(when_it_is_asked_what_it_is_nothing_runs)
{
	char *fake = e2e_built("fake-qemu");
	struct e2e e[N_ASKED];

	for (size_t i = 0; i < N_ASKED; i++) {
		char *name = xasprintf("asked%zu", i);

		e2e_init(&e[i], E2E_DEMO, name, "");
		strv_pushf(&e[i].env, "FAKE_QEMU=%s", asked[i].mode);
		e2e_start(&e[i], "run", "--timeout-scale", scale(asked[i].mode), "--qemu", fake,
			  PORT, NULL);
		free(name);
	}
	for (size_t i = 0; i < N_ASKED; i++) {
		e2e_end(&e[i], EXIT_BROKEN, 30);
		e2e_one_line(&e[i], asked[i].line);
		e2e_clean(&e[i]);
		e2e_release(&e[i]);
	}
	free(fake);
}
END_TEST

START_TEST(without_user_networking_guest_trials_are_skipped)
{
	char *fake = e2e_built("fake-qemu");
	struct e2e e;

	e2e_init(&e, E2E_REAL, "b", NULL);
	strv_push(&e.env, "FAKE_QEMU=no-slirp");
	e2e_do(&e, EXIT_BROKEN, "run", "--qemu", fake,
	       "transfer@virtserialport,unix,server,nowait,sync,small,*,hot", NULL);
	e2e_totals(&e, "0 passed, 0 failed, 3 skipped");
	e2e_verdict(&e, "transfer@virtserialport,unix,server,nowait,sync,small,both,hot",
		    VERDICT_SKIP, "no user networking (slirp)");
	e2e_prints(&e, "skipped 3: this QEMU has no user networking");
	e2e_clean(&e);
	e2e_release(&e);
	free(fake);
}
END_TEST

UNIT_TESTS(qemu, a_crash_is_never_expected, in_a_trial_it_is_a_failure, one_that_behaves_passes,
	   when_it_is_asked_what_it_is_nothing_runs,
	   without_user_networking_guest_trials_are_skipped)
