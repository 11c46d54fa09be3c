/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runner.h - run trials: workers side by side, each trial in a process of its own (libcheck)
 *
 * DOC: the tree of processes
 *
 *	chardev-check			the parent: progress, signals, the report
 *	  worker, one per job		takes the next trial; own process group
 *	    trial			forked by libcheck, which also limits its time
 *	      QEMU			own process group
 *
 * Everything below the parent asks the kernel to be killed with its own parent, so SIGKILL of any
 * of them leaves nothing behind. A trial that ends without a record is BROKEN.
 */
#ifndef RUN_RUNNER_H
#define RUN_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/run/trial.h"

/** struct runner_progress - Told for each trial as it ends */
struct runner_progress {
	void (*started)(void *arg, const struct trial_spec *spec);
	void (*ended)(void *arg, const struct trial_spec *spec, enum verdict verdict,
		      double seconds);
	void *arg;
};

/** runner_run() - Run @n trials, @jobs at a time; records go to session->dir. True: all of them
 * ran; false: interrupted by a signal (their processes are gone when it returns). Under --time the
 * first signal asks those that run to come to their end, the second one ends them */
bool runner_run(const struct session *session, const struct trial_spec *const *trials, size_t n,
		int jobs, const struct runner_progress *progress);

#endif
