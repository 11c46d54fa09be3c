/* SPDX-License-Identifier: GPL-2.0-or-later */
/* progress.h - what a run shows while it runs: a bar on a terminal, plain lines elsewhere */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include "harness/run/runner.h"
#include "reports/record.h"

/**
 * struct progress - The state of the display
 * @total, @done: trials
 * @count:	verdicts so far
 * @bar:	stdout is a terminal, and nothing else writes there
 */
struct progress {
	size_t total, done;
	size_t count[VERDICT_N];
	bool bar, strict;
	int64_t began_ns;
};

void progress_init(struct progress *p, size_t total, bool verbose, bool strict);
/** progress_hooks() - What the runner calls */
struct runner_progress progress_hooks(struct progress *p);
/** progress_end() - Take the bar away */
void progress_end(struct progress *p);
/** progress_summary() - After the run: each trial that did not pass with its reason, evidence and
 * re-run line; the slowest ten; the totals, on the last line */
void progress_summary(const struct run *run);

#endif
