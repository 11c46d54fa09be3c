// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fops.c - verb: make the calls that a script on standard input says, and judge what each gives
 *
 * Every line that has a " = " is a test point. Calls are made by threads, so that one that does not
 * come back is seen: the first for the plain lines, others for those that are meant to wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

#define LINE_SIZE   512
#define DEADLINE_S  12 /* less than who waits for our word does */
#define SAMPLES	    3
#define PERIOD_NS   10000000L
#define SEED_RX	    100
#define SEED_TX	    200
#define KILL_TRIES  (DEADLINE_S * 100)
#define SLEEP_TRIES (DEADLINE_S * 100)

/**
 * struct worker - a thread that makes calls
 * @go: posted when @call is there; @done: when it came back
 * @text: the call as it was given; @line: cut into the words of @call
 * @tid: the kernel's number
 * @busy: between the two
 */
struct worker {
	pthread_t thread;
	sem_t go, done;
	struct fops_call call;
	char text[LINE_SIZE], line[LINE_SIZE];
	atomic_int tid;
	atomic_bool busy;
};

struct fops_port fops_ports[FOPS_PORTS];
struct fops_slot fops_slots[FOPS_SLOTS];
static struct worker workers[FOPS_WORKERS];
static int n_marks;

static void *work(void *arg)
{
	struct worker *w = arg;
	sigset_t none;

	sigemptyset(&none);
	atomic_store(&w->tid, (int)syscall(SYS_gettid));
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	sem_post(&w->done);
	for (;;) {
		while (sem_wait(&w->go))
			;
		fops_run(&w->call);
		atomic_store(&w->busy, false);
		sem_post(&w->done);
	}
	return NULL;
}

static bool wait_done(struct worker *w)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += DEADLINE_S;
	return sem_clockwait(&w->done, CLOCK_MONOTONIC, &end) == 0;
}

static void start_workers(void)
{
	sigset_t all;

	/* Signals are for the workers: this thread must not be kept from judging them. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	for (int i = 0; i < FOPS_WORKERS; i++) {
		struct worker *w = &workers[i];

		sem_init(&w->go, 0, 0);
		sem_init(&w->done, 0, 0);
		if (pthread_create(&w->thread, NULL, work, w) || !wait_done(w))
			tap_bail("unable to start a thread");
	}
}

/** fops_worker_tid() - 'M': the one for plain lines; 'A', 'B', ..: the others */
pid_t fops_worker_tid(char name)
{
	int i = name == 'M' ? 0 : name - 'A' + 1;

	if (i < 0 || i >= FOPS_WORKERS)
		tap_bail("there is no thread %c", name);
	return atomic_load(&workers[i].tid);
}

static struct worker *worker(char name)
{
	pid_t tid = fops_worker_tid(name);

	for (int i = 0; i < FOPS_WORKERS; i++)
		if (atomic_load(&workers[i].tid) == tid)
			return &workers[i];
	tap_bail("there is no thread %c", name);
}

/* Cut @text into the words of the worker's call; @last: one more, or NULL. */
static void start(struct worker *w, const char *text, const char *last)
{
	struct fops_call *c = &w->call;
	char *rest = NULL;

	if (atomic_load(&w->busy))
		tap_bail("the thread is busy: %s", text);
	snprintf(w->text, sizeof(w->text), "%s", text + strspn(text, " "));
	snprintf(w->line, sizeof(w->line), "%s", text);
	c->n = 0;
	for (char *p = strtok_r(w->line, " ", &rest); p; p = strtok_r(NULL, " ", &rest)) {
		if (c->n == sizeof(c->word) / sizeof(c->word[0]))
			tap_bail("too many words: %s", text);
		c->word[c->n++] = p;
	}
	if (!c->n)
		tap_bail("an empty line");
	if (last && c->n < 8)
		c->word[c->n++] = last;
	fops_result(c, "(nothing)");
	atomic_store(&w->busy, true);
	sem_post(&w->go);
}

/* What has passed the node of the call, as far as it has one. */
static void late(const struct worker *w, const char *want)
{
	const struct fops_call *c = &w->call;
	const char *slot = c->n > 1 ? c->word[1] : "";
	const struct fops_port *p = NULL;

	if (*slot >= 'a' && *slot < 'a' + FOPS_SLOTS && !slot[1])
		p = fops_slots[*slot - 'a'].port;
	tap_ok(false, "%s does not come back, want %s; so far %llu bytes were written, %llu read",
	       w->text, want, p ? (unsigned long long)p->sent : 0,
	       p ? (unsigned long long)p->got : 0);
}

static void judge(struct worker *w, const char *want)
{
	if (!wait_done(w)) {
		late(w, want);
		exit(tap_done());
	}
	if (!strcmp(w->call.result, want)) {
		tap_ok(true, "%s = %s", w->text, want);
		return;
	}
	tap_ok(false, "%s = %s, but it is %s", w->text, want, w->call.result);
	exit(tap_done());
}

static void pause_ns(long ns)
{
	struct timespec ts = {.tv_nsec = ns};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

/* As in stall.c: /proc names the system call only while the task is off the CPU and blocked. */
static void await_sleep(struct worker *w, const char *text)
{
	char path[64], last[128] = "", now[128];
	int same = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", atomic_load(&w->tid));
	for (int i = 0; i < SLEEP_TRIES && same < SAMPLES && atomic_load(&w->busy); i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, now, sizeof(now) - 1);

		if (fd >= 0)
			close(fd);
		now[n > 0 ? n : 0] = '\0';
		same = *now >= '0' && *now <= '9' && !strcmp(now, last) ? same + 1 : 0;
		memcpy(last, now, sizeof(last));
		pause_ns(PERIOD_NS);
	}
	if (same >= SAMPLES && atomic_load(&w->busy)) {
		tap_ok(true, "%s", text);
		return;
	}
	if (!atomic_load(&w->busy))
		tap_ok(false, "%s, but it came back with %s", text, w->call.result);
	else
		tap_ok(false, "%s, but it does not sleep", text);
	exit(tap_done());
}

/* A signal whose handler has run. */
static void interrupt(struct worker *w, int sig, const char *text)
{
	int before = fops_interrupted();

	pthread_kill(w->thread, sig);
	for (int i = 0; i < KILL_TRIES && fops_interrupted() == before; i++)
		pause_ns(PERIOD_NS);
	tap_ok(fops_interrupted() == before + 1, "%s", text);
}

static void mark(void)
{
	char text[256];
	size_t len = 0;

	for (int i = 0; i < FOPS_PORTS && fops_ports[i].path; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %llu %llu",
					(unsigned long long)fops_ports[i].sent,
					(unsigned long long)fops_ports[i].got);
	tap_diag("mark-%d%s", n_marks++, text);
}

/*
 * A line of a thread: "A: CALL" makes it, "A sleeps" waits until it does, "A interrupted" and
 * "A interrupted-restart" interrupt it by a signal, "A = WANT" waits for its end.
 */
static void thread_line(const char *line)
{
	struct worker *w = worker(line[0]);

	if (line[1] == ':')
		start(w, line + 2, NULL);
	else if (!strcmp(line + 1, " sleeps"))
		await_sleep(w, line);
	else if (!strcmp(line + 1, " interrupted"))
		interrupt(w, SIGUSR1, line);
	else if (!strcmp(line + 1, " interrupted-restart"))
		interrupt(w, SIGUSR2, line);
	else if (!strncmp(line + 1, " = ", 3))
		judge(w, line + 4);
	else
		tap_bail("what is this: %s", line);
}

static void plain_line(char *line)
{
	struct worker *w = &workers[0];
	char *want = strstr(line, " = ");

	if (!want)
		tap_bail("want what: %s", line);
	*want = '\0';
	want += 3;
	/* What is waited for is a word of the call, too. */
	start(w, line, strncmp(line, "until ", 6) && strncmp(line, "queued ", 7) ? NULL : want);
	judge(w, want);
}

/**
 * verb_fops() - fops NODE..
 *
 * Reads lines until "end". "mark" prints "# mark-N SENT GOT ..", the bytes that passed each node so
 * far. The first line that does not hold ends it.
 */
int verb_fops(char **argv)
{
	const char *nodes[FOPS_PORTS] = {NULL};
	char line[LINE_SIZE];

	opt_parse(NULL, 0, argv, nodes, FOPS_PORTS, 1);
	for (int i = 0; i < FOPS_PORTS && nodes[i]; i++)
		fops_ports[i] = (struct fops_port){.path = nodes[i],
						   .rx = stream_new(SEED_RX + (uint64_t)i),
						   .tx = stream_new(SEED_TX + (uint64_t)i)};
	for (int i = 0; i < FOPS_SLOTS; i++)
		fops_slots[i].fd = -1;
	tap_begin();
	fops_signals_init();
	start_workers();
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strcmp(line, "end"))
			return tap_done();
		if (!strcmp(line, "mark"))
			mark();
		else if (*line >= 'A' && *line <= 'Z')
			thread_line(line);
		else
			plain_line(line);
	}
	tap_bail("standard input was closed");
}
