// SPDX-License-Identifier: GPL-2.0-or-later
/* worker.c - takes trials from the queue; libcheck gives each a process and a time limit */
#include "harness/run/worker.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/evidence.h"
#include "harness/run/session.h"

/* What the libcheck test runs: its function takes no argument. */
static const struct trial_spec *current;
static const struct session *current_session;
static pid_t worker_pid;

START_TEST(trial_process)
{
	proc_die_with_parent(worker_pid);
	trial_run(current, current_session);
	/* As libcheck does it, but without telling how long it took: microseconds in 31 bits, which
	 * it refuses to tell, and calls a failure, after 36 minutes (check_pack.c pack_int()). */
	exit(EXIT_SUCCESS);
}
END_TEST

/* Seconds; what was asked for by the clock is not stretched. */
static double limit_of(const struct trial_spec *spec, const struct session *session)
{
	return spec->timeout_s * deadline_scale() + (spec->variant.c->lasts ? session->seconds : 0);
}

/* Run @spec in a process of its own; *message: what libcheck says when it did not end well. */
static bool run_forked(const struct trial_spec *spec, const struct session *session,
		       struct buf *message)
{
	Suite *suite = suite_create(spec->variant.c->id);
	TCase *tc = tcase_create(spec->id);
	SRunner *runner;
	bool well;

	current = spec;
	current_session = session;
	worker_pid = getpid();
	tcase_set_timeout(tc, limit_of(spec, session));
	tcase_add_test(tc, trial_process);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run(runner, NULL, NULL, CK_SILENT);
	well = srunner_ntests_failed(runner) == 0;
	if (!well) {
		TestResult **results = srunner_failures(runner);

		buf_addstr(message, tr_msg(results[0]));
		free(results);
	}
	srunner_free(runner);
	return well;
}

static void set_text(char **to, const char *text)
{
	free(*to);
	*to = xstrdup(text);
}

/* What cases.conf expects, and the clause's level, turn what happened into the verdict. */
static void apply_expectation(struct record *r, const struct trial_spec *spec,
			      const struct session *session)
{
	bool expected = !r->crash && session_expects_failure(session, spec);

	/* The reference need not have all that its QEMU has. */
	if (expected && ((r->verdict == VERDICT_PASS && !session->reference) ||
			 (r->verdict == VERDICT_FAIL && strstr(r->reason, spec->expect_match)))) {
		r->verdict = r->verdict == VERDICT_FAIL ? VERDICT_XFAIL : VERDICT_XPASS;
		set_text(&r->expectation, spec->expect_reason);
	} else if (r->verdict == VERDICT_FAIL && !r->crash &&
		   spec->variant.c->level == LEVEL_SHOULD) {
		r->verdict = VERDICT_NON_STRICT;
	}
	if (r->verdict == VERDICT_XPASS)
		set_text(&r->reason,
			 "passed, but cases.conf expects it to fail: if this was fixed, take the "
			 "expectation out");
}

static void finish(struct record *r, const struct trial_spec *spec, const struct session *session)
{
	char *dir = trial_dir(session, spec);

	if (evidence_wanted(session, r->verdict) && file_exists(dir)) {
		char *relative = xasprintf("trials/%s", spec->id);

		set_text(&r->evidence, relative);
		free(relative);
	} else if (!file_remove_tree(dir)) {
		warn("unable to remove %s", dir);
	}
	record_append(session->dir, r);
	free(dir);
}

void worker_record_broken(const struct session *session, const struct trial_spec *spec,
			  const char *reason)
{
	struct record r = trial_record(spec, VERDICT_BROKEN, reason);

	finish(&r, spec, session);
	record_release(&r);
}

/* Why there is no record, in our words where libcheck's do not say it all. */
static char *no_record_text(const struct trial_spec *spec, const struct session *session,
			    const struct buf *message)
{
	if (strstr(message->data, "timeout"))
		return xasprintf("the trial timed out after %g s (timeout = %d in cases.conf)",
				 limit_of(spec, session), spec->timeout_s);
	return xasprintf("the trial left no record: %s",
			 message->len ? message->data : "it ended early");
}

static struct record run_one(const struct trial_spec *spec, const struct session *session)
{
	char *lacks = session_lacks(session, spec);
	char *dir = trial_dir(session, spec);
	char *path = xasprintf("%s/" TRIAL_RECORD, dir);
	struct buf message = BUF_INIT;
	int64_t began = now_ns();
	struct record r;

	if (lacks) {
		r = trial_record(spec, VERDICT_SKIP, lacks);
	} else {
		bool well = run_forked(spec, session, &message);

		if (!record_read(path, &r) || !well) {
			char *why = no_record_text(spec, session, &message);

			r = trial_record(spec, VERDICT_BROKEN, why);
			free(why);
		}
		r.seconds = (double)(now_ns() - began) / 1e9;
		apply_expectation(&r, spec, session);
	}
	finish(&r, spec, session);
	buf_release(&message);
	free(path);
	free(dir);
	free(lacks);
	return r;
}

static void tell(int messages, const struct worker_message *m)
{
	if (write(messages, m, sizeof(*m)) != sizeof(*m))
		die_errno("the runner's own pipe");
}

/* die() in a worker, which is the runner's trouble and no trial's: a full disk, most likely. */
static void worker_die(void *arg, const char *message)
{
	struct worker_queue *queue = arg;

	if (!atomic_exchange(&queue->said, true))
		warn("%s", message);
	_exit(EXIT_BROKEN);
}

void worker_main(const struct session *session, const struct trial_spec *const *trials, size_t n,
		 struct worker_queue *queue, int slot, int messages)
{
	const struct die_hook hook = {worker_die, queue};

	die_set_hook(&hook);
	for (;;) {
		struct worker_message m = {.index = atomic_fetch_add(&queue->next, 1)};
		struct record r;

		if (m.index >= n)
			return;
		atomic_store(&queue->at[slot], (long)m.index);
		tell(messages, &m);
		r = run_one(trials[m.index], session);
		m.ended = true;
		m.verdict = r.verdict;
		m.seconds = r.seconds;
		tell(messages, &m);
		atomic_store(&queue->at[slot], -1);
		record_release(&r);
	}
}
