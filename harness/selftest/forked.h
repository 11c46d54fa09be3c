/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forked.h - for unit tests of what ends the program: a call in a child, its status and output
 */
#ifndef SELFTEST_FORKED_H
#define SELFTEST_FORKED_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"

/**
 * struct forked - How a call in a child ended
 * @status:	its exit status, 0 when the call returned; 128 + signal after a signal
 * @out, @err:	what it printed
 */
struct forked {
	int status;
	struct buf out, err;
};

/* Before the leak check, which costs more than all the rest. */
static inline void forked_leave(int status, void *arg)
{
	(void)arg;
	fflush(NULL);
	_exit(status);
}

/** forked_call() - Call @fn(@arg) in a child with stdout and stderr in files; @f is set anew */
static inline void forked_call(struct forked *f, void (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	*f = (struct forked){.out = BUF_INIT, .err = BUF_INIT};
	fflush(NULL); /* what stands in the buffers is printed by us, not by both */
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (!freopen("forked.out", "w", stdout) || !freopen("forked.err", "w", stderr))
			_exit(99);
		on_exit(forked_leave, NULL);
		fn(arg);
		exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	f->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	ck_assert(buf_read_file(&f->out, "forked.out") && buf_read_file(&f->err, "forked.err"));
}

static inline void forked_release(struct forked *f)
{
	buf_release(&f->out);
	buf_release(&f->err);
}

/** forked_dies() - @fn(@arg) ends with @status and "chardev-check: @line" on stderr, nothing more */
static inline void forked_dies(void (*fn)(void *arg), void *arg, int status, const char *line)
{
	struct forked f;
	char *want = xasprintf("chardev-check: %s\n", line);

	forked_call(&f, fn, arg);
	ck_assert_str_eq(f.err.data, want);
	ck_assert_str_eq(f.out.data, "");
	ck_assert_int_eq(f.status, status);
	free(want);
	forked_release(&f);
}

#endif
