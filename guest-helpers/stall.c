/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stall.c - notice that the writer sleeps inside the kernel, and say so once per stall.
 *
 * A case that wants "the guest is blocked now" waits for that line instead of a number of seconds.
 * The proof is /proc/self/task/TID/syscall: it names the system call only while the task is off
 * the CPU and blocked, and says "running" otherwise. Three equal samples 10 ms apart, within one
 * and the same call, make a stall.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

#define SAMPLES	    3
#define MAX_REPORTS 5
#define PERIOD_NS   10000000L

/**
 * struct stall - a watched thread
 * @prefix: for the diagnostics
 * @calls: counts the thread's calls into the kernel
 * @offset: stream offset of the latest one
 * @stop: posted to end the watcher
 * @thread: the watcher
 * @path: the thread's syscall file
 */
struct stall {
	const char *prefix;
	atomic_uint_fast64_t calls, offset;
	sem_t stop;
	pthread_t thread;
	char path[64];
};

/* The call that the thread is blocked in, and its arguments; NULL if it is not blocked in one. */
static const char *blocked_in(const struct stall *s, char *text, size_t size)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = read(fd, text, size - 1);
	close(fd);
	if (n <= 0)
		return NULL;
	text[n] = '\0';
	switch (strtol(text, NULL, 10)) {
	case SYS_write:
		return "write";
	case SYS_ppoll:
#ifdef SYS_poll
	case SYS_poll:
#endif
		return *text >= '1' ? "poll" : NULL;
	default:
		return NULL;
	}
}

static bool next_sample(struct stall *s)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += PERIOD_NS;
	if (ts.tv_nsec >= 1000000000L) {
		ts.tv_nsec -= 1000000000L;
		ts.tv_sec++;
	}
	return sem_clockwait(&s->stop, CLOCK_MONOTONIC, &ts) != 0;
}

static void *watch(void *arg)
{
	struct stall *s = arg;
	uint64_t last_call = 0;
	char last[128] = "", text[128] = "";
	int same = 0, reports = 0;

	while (reports < MAX_REPORTS && next_sample(s)) {
		uint64_t call = atomic_load(&s->calls);
		const char *name;

		/* Looking into /proc costs time: not while the thread gets on. */
		if (call != last_call) {
			last_call = call;
			same = 0;
			continue;
		}
		if (same > SAMPLES)
			continue;
		name = blocked_in(s, text, sizeof(text));
		if (!name || strcmp(text, last) != 0)
			same = 0;
		memcpy(last, text, sizeof(last));
		if (!name || ++same != SAMPLES || atomic_load(&s->calls) != call)
			continue;
		tap_diag("%sblocked in %s at offset %llu", s->prefix, name,
			 (unsigned long long)atomic_load(&s->offset));
		same = SAMPLES + 1;
		reports++;
	}
	return NULL;
}

/** stall_watch() - watch the calling thread */
struct stall *stall_watch(const char *prefix)
{
	struct stall *s = must_alloc(sizeof(*s));
	int err;

	s->prefix = prefix;
	snprintf(s->path, sizeof(s->path), "/proc/self/task/%ld/syscall", syscall(SYS_gettid));
	sem_init(&s->stop, 0, 0);
	err = pthread_create(&s->thread, NULL, watch, s);
	if (err)
		tap_bail("unable to start a thread: %s", errno_name(err));
	return s;
}

/** stall_enter() - the watched thread is about to write or poll at @offset */
void stall_enter(struct stall *s, uint64_t offset)
{
	atomic_store(&s->offset, offset);
	atomic_fetch_add(&s->calls, 1);
}

/** stall_end() - stop watching */
void stall_end(struct stall *s)
{
	sem_post(&s->stop);
	pthread_join(s->thread, NULL);
	sem_destroy(&s->stop);
	free(s);
}
