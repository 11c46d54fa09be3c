/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc.h - children: an argv, its own process group, its own descriptors only, dead when we die
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

#define PROC_PASS_MAX 80

/**
 * struct proc_spec - What to start
 * @argv:	program and arguments; the program is looked up in PATH when it has no slash
 * @cwd:	folder to start in; NULL: ours
 * @out:	file that takes stdout (made, truncated); NULL: /dev/null
 * @err:	the same for stderr; may be the same name as @out
 * @stdin_fd:	descriptor to become its stdin; -1: /dev/null. Stays ours to close
 * @stdout_fd:	descriptor to become its stdout instead of @out; -1: use @out. Stays ours to close
 * @pass:	descriptors that the child inherits under the same numbers; no others are inherited
 * @n_pass:	how many there are
 * @survive:	it is to outlive us (KEEP=1): no parent-death signal
 * @controlled:	it leads a session of its own, whose controlling terminal is @stdin_fd: so C-c on
 *		that terminal is a SIGINT for it
 */
struct proc_spec {
	const struct strv *argv;
	const char *cwd;
	const char *out, *err;
	int stdin_fd, stdout_fd;
	int pass[PROC_PASS_MAX];
	int n_pass;
	bool survive, controlled;
};

#define PROC_SPEC(argv_)                                                                           \
	{                                                                                          \
		.argv = (argv_), .stdin_fd = -1, .stdout_fd = -1                                   \
	}

/**
 * struct proc - A child
 * @pid:	its process and process group id; 0 when there is none
 * @pidfd:	readable for poll() once it has ended; -1 when there is none
 * @alone:	signals are for it and not for its group: see proc_adopt()
 * @ended:	it was reaped, and @status is set
 * @status:	wait status
 */
struct proc {
	pid_t pid;
	int pidfd;
	bool alone, ended;
	int status;
};

#define PROC_INIT                                                                                  \
	{                                                                                          \
		.pidfd = -1                                                                        \
	}

/** proc_start() - Start it. 0, or the errno of what failed (exec included; the child is reaped) */
int proc_start(struct proc *p, const struct proc_spec *spec);
/** proc_adopt_orphans() - What children of ours leave behind when they end (daemons) becomes our
 * child; to be called before they start */
void proc_adopt_orphans(void);
/** proc_adopt() - Process @pid, such an orphan: it can be waited for as one that we have started,
 * is killed by proc_release(), and dead when we die; other signals would only stop it. False: it is
 * no child of ours, and does not become one */
bool proc_adopt(struct proc *p, pid_t pid, struct deadline d);
/** proc_stat() - Of any process: what its main thread does, a letter (proc(5): R it runs, D it
 * waits for a disk, S it sleeps, ..), and its parent. False: there is no such process */
bool proc_stat(pid_t pid, char *state, pid_t *parent);
/** proc_wait() - Wait until it has ended and reap it; false when the deadline passed first */
bool proc_wait(struct proc *p, struct deadline d);
/** proc_poll() - Reap it if it has ended; true if it has */
bool proc_poll(struct proc *p);
/** proc_kill() - Send @sig to its process group, if it has not been reaped */
void proc_kill(struct proc *p, int sig);
/** proc_stop() - SIGSTOP to its process group; comes back when none of its threads runs any more,
 * or when it has ended. What happens until proc_continue() happens at once for it. */
void proc_stop(struct proc *p);
/** proc_continue() - It goes on */
void proc_continue(struct proc *p);
/** proc_release() - SIGKILL the group if it still runs, reap, close */
void proc_release(struct proc *p);
/** proc_status_text() - "exit status 1", "signal 11 (Segmentation fault), core dumped" */
void proc_status_text(struct buf *b, int status);
/** proc_die_with_parent() - We get SIGKILL when our parent @parent ends; call it first */
void proc_die_with_parent(pid_t parent);

#endif
