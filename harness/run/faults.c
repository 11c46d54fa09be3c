// SPDX-License-Identifier: GPL-2.0-or-later
/* faults.c - do the wire cases notice a device that is wrong? Each of them against each fault */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/proc.h"
#include "harness/refdev/refdev.h"
#include "harness/run/matrix.h"
#include "harness/run/trial.h"
#include "harness/run/verbs.h"
#include "harness/run/wire.h"

/* A combination takes about a millisecond; this one hangs. */
#define HANGS_S	    20
#define PERSONALITY "strict"
#define WHY	    400
#define COLUMNS	    20 /* faults that stand side by side */

/* What a trial says of a device, in the table */
enum mark { NOT_RUN = '?', PASSES = '.', NOTICES = 'x', BREAKS = 'B' };

/**
 * struct row - A trial, in memory that the processes share
 * @mark:	by fault; the first is for the healthy device
 * @at:		the one that is being tried
 * @why:	of the first that did not pass and should, or broke
 */
struct row {
	unsigned char mark[1 + 64 * 4];
	atomic_uint at;
	char why[WHY];
};

/**
 * struct faults - All of it
 * @next:	the trial that nobody has taken yet
 */
struct faults {
	const struct trial_spec **trials;
	size_t n;
	unsigned n_faults;
	struct row *rows;
	atomic_size_t *next;
};

/* Cases that pass whatever the device does wrong, and why that has to be so. */
static const struct {
	const char *id, *why;
} barren[] = {
	{NULL, NULL},
};

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die_errno("no shared memory");
	return p;
}

/* Of a virtio console: a UART's faults are another device's (harness/run/cross_uart_test.c). */
static bool is_console(const struct variant *v)
{
	struct target_config config = {0};

	if (v->c->wire)
		v->c->wire(v, &config);
	return v->c->wire && !config.uart;
}

/* As in a run: a property that the reference has on another transport only, say. */
static bool can_run(const struct variant *v)
{
	char *lacks = wire_reference_lacks(v, PERSONALITY);
	bool can = !lacks;

	free(lacks);
	return can;
}

static void select_trials(struct faults *f, struct matrix *m, const struct options *o)
{
	struct buf why = BUF_INIT;
	size_t n = 0;

	if (!matrix_load(m, o->conf, &why))
		die_usage("%s", why.data);
	if (!matrix_select(m, &o->args, o->with_long, &f->trials, &f->n, &why))
		die_usage("%s", why.data);
	for (size_t i = 0; i < f->n; i++)
		if (is_console(&f->trials[i]->variant) && can_run(&f->trials[i]->variant))
			f->trials[n++] = f->trials[i];
	f->n = n;
	if (!n)
		die_usage("no wire trial is selected");
	f->n_faults = refdev_fault_count();
	f->rows = shared(n * sizeof(*f->rows));
	f->next = shared(sizeof(*f->next));
	for (size_t i = 0; i < n; i++)
		memset(f->rows[i].mark, NOT_RUN, sizeof(f->rows[i].mark));
	buf_release(&why);
}

static void try_one(const struct trial_spec *spec, struct row *row, unsigned at)
{
	struct session s = {.reference = PERSONALITY, .silent = true};
	struct buf reason = BUF_INIT;
	enum verdict v;

	if (at)
		s.ref_faults = refdev_fault_get(at - 1)->name;
	atomic_store(&row->at, at);
	alarm(HANGS_S);
	v = trial_probe(spec, &s, &reason);
	alarm(0);
	row->mark[at] = v == VERDICT_PASS ? PASSES : v == VERDICT_FAIL ? NOTICES : BREAKS;
	if (!*row->why && (at ? row->mark[at] == BREAKS : v != VERDICT_PASS))
		snprintf(row->why, sizeof(row->why), "%s%s%s", at ? s.ref_faults : "",
			 at ? ": " : "", reason.data);
	buf_release(&reason);
}

static noreturn void try_faults(const struct faults *f, size_t nth, unsigned from, pid_t parent)
{
	proc_die_with_parent(parent);
	signal(SIGPIPE, SIG_IGN);
	for (unsigned at = from; at <= f->n_faults; at++) {
		try_one(f->trials[nth], &f->rows[nth], at);
		if (f->rows[nth].mark[0] != PASSES)
			break; /* it would say the same of any fault */
	}
	_exit(0);
}

/* A process for each trial. One that does not live to tell has met a fault that breaks us. */
static void try_trial(const struct faults *f, size_t nth)
{
	struct row *row = &f->rows[nth];
	unsigned from = 0;

	while (from <= f->n_faults) {
		pid_t self = getpid(), pid = fork();
		struct buf how = BUF_INIT;
		int status;

		if (pid < 0)
			die_errno("no process for %s", f->trials[nth]->id);
		if (pid == 0)
			try_faults(f, nth, from, self);
		if (waitpid(pid, &status, 0) != pid)
			die_errno("unable to wait for %s", f->trials[nth]->id);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			return;
		from = atomic_load(&row->at);
		proc_status_text(&how, status);
		row->mark[from] = BREAKS;
		if (!*row->why)
			snprintf(row->why, sizeof(row->why), "%s: the trial ends with %s",
				 from ? refdev_fault_get(from - 1)->name : "", how.data);
		from++;
		buf_release(&how);
	}
}

static void try_all(const struct faults *f, int jobs)
{
	pid_t self = getpid();
	bool well = true;
	int status;

	fflush(stdout);
	for (int i = 0; i < jobs; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die_errno("no process for a worker");
		if (pid)
			continue;
		proc_die_with_parent(self);
		for (size_t nth; (nth = atomic_fetch_add(f->next, 1)) < f->n;)
			try_trial(f, nth);
		_exit(0);
	}
	for (int i = 0; i < jobs; i++)
		well = wait(&status) > 0 && status == 0 && well;
	if (!well)
		die("a worker did not come to its end");
}

static unsigned char stronger(unsigned char a, unsigned char b)
{
	static const char order[] = {NOT_RUN, PASSES, NOTICES, BREAKS, '\0'};

	return strchr(order, a) > strchr(order, b) ? a : b;
}

/* What the trials of a case say together: @first and those behind it; how many these are. */
static size_t case_marks(const struct faults *f, size_t first, unsigned char *marks)
{
	size_t n = 0;

	memset(marks, NOT_RUN, f->n_faults + 1);
	for (; first + n < f->n; n++) {
		const struct row *row = &f->rows[first + n];

		if (f->trials[first + n]->variant.c != f->trials[first]->variant.c)
			break;
		for (unsigned at = 0; at <= f->n_faults; at++)
			marks[at] = stronger(marks[at], row->mark[at]);
	}
	return n;
}

static void print_table(const struct faults *f)
{
	unsigned char marks[sizeof(f->rows->mark)];

	for (unsigned from = 0; from < f->n_faults; from += COLUMNS) {
		unsigned to = from + COLUMNS < f->n_faults ? from + COLUMNS : f->n_faults;

		printf("\n");
		for (unsigned i = from; i < to; i++)
			printf("%30s%*s %s: %s\n", "", (int)(2 * (i - from)) + 1, "|",
			       refdev_fault_get(i)->name, refdev_fault_get(i)->text);
		for (size_t first = 0, n; first < f->n; first += n) {
			n = case_marks(f, first, marks);
			printf("%-29s", f->trials[first]->variant.c->id);
			for (unsigned i = from; i < to; i++)
				printf(" %c", marks[i + 1]);
			printf("\n");
		}
	}
	printf("\n");
}

/* Trials that fail on a healthy device, or that broke. */
static unsigned judge_trials(const struct faults *f)
{
	unsigned bad = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (!*f->rows[i].why)
			continue;
		printf("%s: %s: %s\n", f->trials[i]->id,
		       f->rows[i].mark[0] == PASSES ? "breaks" : "fails on the healthy device",
		       f->rows[i].why);
		bad++;
	}
	return bad;
}

static const char *barren_why(const char *id)
{
	for (size_t i = 0; barren[i].id; i++)
		if (strcmp(barren[i].id, id) == 0)
			return barren[i].why;
	return NULL;
}

static unsigned judge_cases(const struct faults *f)
{
	unsigned char marks[sizeof(f->rows->mark)];
	unsigned bad = 0;

	for (size_t first = 0, n; first < f->n; first += n) {
		const char *id = f->trials[first]->variant.c->id, *why = barren_why(id);
		bool notices;

		n = case_marks(f, first, marks);
		notices = memchr(marks + 1, NOTICES, f->n_faults) != NULL;
		if (notices == !why)
			continue;
		printf(why ? "%s: notices a fault, though the list says: %s\n"
			   : "%s: notices no fault\n",
		       id, why);
		bad++;
	}
	return bad;
}

static unsigned judge_faults(const struct faults *f)
{
	unsigned bad = 0;

	for (unsigned at = 1; at <= f->n_faults; at++) {
		bool noticed = false;

		for (size_t i = 0; i < f->n && !noticed; i++)
			noticed = f->rows[i].mark[at] == NOTICES;
		if (noticed)
			continue;
		printf("%s: no case notices that %s\n", refdev_fault_get(at - 1)->name,
		       refdev_fault_get(at - 1)->text);
		bad++;
	}
	return bad;
}

int verb_faults(const struct options *o)
{
	struct faults f = {.n = 0};
	struct matrix m;
	int64_t began = now_ns();
	unsigned bad;

	select_trials(&f, &m, o);
	try_all(&f, o->jobs);
	print_table(&f);
	bad = judge_trials(&f) + judge_cases(&f);
	if (!o->args.n) /* some trials need not notice everything */
		bad += judge_faults(&f);
	printf("%zu trials, %u faults, %.1f s: %u findings\n", f.n, f.n_faults,
	       (double)(now_ns() - began) / 1e9, bad);
	free(f.trials);
	matrix_release(&m);
	munmap(f.rows, f.n * sizeof(*f.rows));
	munmap(f.next, sizeof(*f.next));
	return bad ? EXIT_FAILED : EXIT_WELL;
}
