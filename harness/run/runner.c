// SPDX-License-Identifier: GPL-2.0-or-later
/* runner.c - workers side by side */
#include "harness/run/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/worker.h"

#define JOBS_MAX 64
#define GONE_MS	 10000

/**
 * struct runner - The parent's state
 * @queue:	shared with the workers: what is next, and what each of them is at
 * @messages:	pipe: one struct worker_message for each start and end
 * @workers:	process ids; 0: none
 */
struct runner {
	const struct session *session;
	const struct trial_spec *const *trials;
	size_t n;
	const struct runner_progress *progress;
	struct worker_queue *queue;
	int messages[2];
	int signals;
	pid_t workers[JOBS_MAX];
	int jobs;
};

static void start_worker(struct runner *r, int slot)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (pid == 0) {
		sigset_t none;

		proc_die_with_parent(parent);
		setpgid(0, 0); /* the terminal's Ctrl-C is the parent's business */
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close(r->messages[0]);
		close(r->signals);
		worker_main(r->session, r->trials, r->n, r->queue, slot, r->messages[1]);
		_exit(EXIT_WELL);
	}
	r->workers[slot] = pid;
}

static void take_message(struct runner *r)
{
	struct worker_message m;
	ssize_t n = read(r->messages[0], &m, sizeof(m));

	if (n != sizeof(m))
		die("the runner's own pipe broke");
	if (m.ended)
		r->progress->ended(r->progress->arg, r->trials[m.index], m.verdict, m.seconds);
	else
		r->progress->started(r->progress->arg, r->trials[m.index]);
}

/* SIGKILL the workers that are left: their trials and QEMUs die with them. As their reaper, wait
 * for them all, and for what a trial that was ended left to die. */
static void stop_all(struct runner *r)
{
	struct deadline d = deadline_in(GONE_MS);

	for (int i = 0; i < r->jobs; i++)
		if (r->workers[i])
			kill(r->workers[i], SIGKILL);
	while (!deadline_passed(d)) {
		struct pollfd p = {.fd = r->signals, .events = POLLIN};
		struct signalfd_siginfo info;
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return;
		if (io_poll(&p, 1, d) && read(r->signals, &info, sizeof(info)) < 0)
			die_errno("signalfd");
	}
	warn("some processes of the trials are still there after %d ms", GONE_MS);
}

/* A worker that did not end by itself: its trial gets a record here, and another worker goes on. */
static void bury_worker(struct runner *r, int slot, int status)
{
	long index = atomic_load(&r->queue->at[slot]);
	struct buf why = BUF_INIT;

	r->workers[slot] = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_WELL)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_BROKEN) {
		stop_all(r); /* it said why: the others would meet the same */
		exit(EXIT_BROKEN);
	}
	buf_addstr(&why, "the process that ran this trial ended: ");
	proc_status_text(&why, status);
	if (index >= 0) {
		worker_record_broken(r->session, r->trials[index], why.data);
		r->progress->ended(r->progress->arg, r->trials[index], VERDICT_BROKEN, 0);
	}
	buf_release(&why);
	start_worker(r, slot);
}

static void reap_workers(struct runner *r)
{
	for (int i = 0; i < r->jobs; i++) {
		int status;

		if (r->workers[i] && waitpid(r->workers[i], &status, WNOHANG) == r->workers[i])
			bury_worker(r, i, status);
	}
}

static bool working(const struct runner *r)
{
	for (int i = 0; i < r->jobs; i++)
		if (r->workers[i])
			return true;
	return false;
}

/* What lasts may be asked to end by itself, once. */
static bool ask_to_end(struct runner *r)
{
	if (!r->session->seconds || atomic_exchange(&r->queue->ending, true))
		return false;
	atomic_store(&r->queue->next, r->n);
	warn("ending; once more ends it at once");
	return true;
}

/* Until all workers are done (true) or a signal asks to end (false). */
static bool attend(struct runner *r)
{
	struct pollfd p[2] = {{.fd = r->messages[0], .events = POLLIN},
			      {.fd = r->signals, .events = POLLIN}};

	while (working(r)) {
		struct signalfd_siginfo info;

		io_poll(p, 2, deadline_in(60000));
		if (p[0].revents & POLLIN) {
			take_message(r);
			continue;
		}
		if (!(p[1].revents & POLLIN))
			continue;
		if (read(r->signals, &info, sizeof(info)) != sizeof(info))
			die_errno("signalfd");
		if (info.ssi_signo == SIGCHLD)
			reap_workers(r);
		else if (!ask_to_end(r))
			return false;
	}
	while (io_wait(r->messages[0], POLLIN, (struct deadline){0}))
		take_message(r);
	return true;
}

static struct worker_queue *share_queue(void)
{
	struct worker_queue *q =
		mmap(NULL, sizeof(*q), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (q == MAP_FAILED)
		die_errno("mmap");
	for (int i = 0; i < JOBS_MAX; i++)
		atomic_store(&q->at[i], -1);
	return q;
}

bool runner_run(const struct session *session, const struct trial_spec *const *trials, size_t n,
		int jobs, const struct runner_progress *progress)
{
	struct session shared = *session;
	struct runner r = {.session = &shared, .trials = trials, .n = n, .progress = progress};
	sigset_t set, before;
	bool whole;

	r.jobs = jobs < JOBS_MAX ? jobs : JOBS_MAX;
	r.queue = share_queue();
	shared.ending = &r.queue->ending;
	if (pipe2(r.messages, O_CLOEXEC) < 0)
		die_errno("pipe");
	sigemptyset(&set);
	for (size_t i = 0; i < 4; i++)
		sigaddset(&set, (const int[]){SIGINT, SIGTERM, SIGHUP, SIGCHLD}[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	r.signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (r.signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die_errno("signalfd");
	for (int i = 0; i < r.jobs; i++)
		start_worker(&r, i);
	whole = attend(&r);
	if (!whole || !session->keep_guest)
		stop_all(&r);
	whole = whole && !atomic_load(&r.queue->ending);
	close(r.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(r.messages[0]);
	close(r.messages[1]);
	munmap(r.queue, sizeof(*r.queue));
	return whole;
}
