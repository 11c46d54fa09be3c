/* SPDX-License-Identifier: GPL-2.0-or-later */
/* worker.h - one of the runner's processes: takes trials from the queue until it is empty */
#ifndef RUN_WORKER_H
#define RUN_WORKER_H

#include <stdatomic.h>

#include "harness/run/trial.h"

/**
 * struct worker_queue - Shared memory between the runner and its workers
 * @next:	index of the next trial that nobody has taken
 * @at:		what each worker is at; -1: nothing
 * @said:	a worker has told the user why it cannot go on; one line is enough
 * @ending:	what lasts is to end, and nothing more to begin
 */
struct worker_queue {
	atomic_size_t next;
	atomic_long at[64];
	atomic_bool said, ending;
};

/** struct worker_message - What a worker tells through the runner's pipe */
struct worker_message {
	size_t index;
	bool ended;
	enum verdict verdict;
	double seconds;
};

/** worker_main() - Run trials until the queue is empty */
void worker_main(const struct session *session, const struct trial_spec *const *trials, size_t n,
		 struct worker_queue *queue, int slot, int messages);
/** worker_record_broken() - Write the record of a trial that could not write its own */
void worker_record_broken(const struct session *session, const struct trial_spec *spec,
			  const char *reason);

#endif
