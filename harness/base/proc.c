// SPDX-License-Identifier: GPL-2.0-or-later
/* proc.c - children */
#include "harness/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

void proc_die_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die_errno("prctl PR_SET_PDEATHSIG");
	if (getppid() != parent) /* it died before the call: no signal will come */
		_exit(EXIT_BROKEN);
}

/* In the child: make @fd the standard descriptor @as. */
static bool child_redirect(int fd, int as)
{
	return fd >= 0 && (fd == as ? fcntl(fd, F_SETFD, 0) >= 0 : dup2(fd, as) >= 0);
}

static bool child_stdio(const struct proc_spec *spec)
{
	const char *err = spec->err ? spec->err : "/dev/null";
	const char *out = spec->out ? spec->out : "/dev/null";
	int in = spec->stdin_fd >= 0 ? spec->stdin_fd : open("/dev/null", O_RDONLY);
	int to = spec->stdout_fd;

	if (to < 0)
		to = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (!child_redirect(in, 0) || !child_redirect(to, 1))
		return false;
	if (spec->out && spec->err && strcmp(spec->out, spec->err) == 0)
		return dup2(1, 2) >= 0;
	return child_redirect(open(err, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644), 2);
}

/* In the child, after fork: never returns; a failure's errno goes into the pipe @report. */
static noreturn void child_exec(const struct proc_spec *spec, pid_t parent, int report)
{
	sigset_t none;
	int error;

	if (spec->controlled ? setsid() < 0 || ioctl(spec->stdin_fd, TIOCSCTTY, 0) < 0
			     : setpgid(0, 0) < 0)
		goto fail;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (!spec->survive) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_BROKEN);
	}
	if (spec->cwd && chdir(spec->cwd) < 0)
		goto fail;
	if (!child_stdio(spec))
		goto fail;
	if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		goto fail;
	for (int i = 0; i < spec->n_pass; i++)
		if (fcntl(spec->pass[i], F_SETFD, 0) < 0)
			goto fail;
	execvp(spec->argv->v[0], spec->argv->v);
fail:
	error = errno;
	if (write(report, &error, sizeof(error)) != sizeof(error))
		_exit(126);
	_exit(127);
}

int proc_start(struct proc *p, const struct proc_spec *spec)
{
	int report[2], error = 0;
	pid_t parent = getpid();
	ssize_t n;

	*p = (struct proc)PROC_INIT;
	if (pipe2(report, O_CLOEXEC) < 0)
		die_errno("pipe");
	p->pid = fork();
	if (p->pid < 0)
		die_errno("fork");
	if (p->pid == 0)
		child_exec(spec, parent, report[1]);
	close(report[1]);
	if (!spec->controlled)
		setpgid(p->pid, p->pid); /* both sides do it, so that neither can be too late */
	do
		n = read(report[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	close(report[0]);
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd < 0)
		die_errno("pidfd_open");
	if (n == 0)
		return 0;
	proc_release(p);
	return error ? error : EIO;
}

void proc_adopt_orphans(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die_errno("PR_SET_CHILD_SUBREAPER");
}

bool proc_stat(pid_t pid, char *state, pid_t *parent)
{
	char *path = xasprintf("/proc/%d/stat", (int)pid);
	struct buf text = BUF_INIT;
	/* proc(5): behind the name, which may hold anything, and its parenthesis */
	const char *at = buf_read_file(&text, path) ? strrchr(text.data, ')') : NULL;
	bool there = at && sscanf(at, ") %c %d", state, parent) == 2;

	buf_release(&text);
	free(path);
	return there;
}

static bool is_child(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0;
}

/* An orphan's parent may not be quite gone: daemon(3) forks twice. */
static bool becomes_child(pid_t pid, struct deadline d)
{
	while (!is_child(pid)) {
		pid_t parent;
		char state;
		int fd;

		if (!proc_stat(pid, &state, &parent) || deadline_passed(d))
			return false;
		fd = (int)syscall(SYS_pidfd_open, parent, 0);
		if (fd >= 0)
			(void)io_wait(fd, POLLIN, d);
		else if (errno != ESRCH)
			die_errno("pidfd_open");
		io_close(&fd);
	}
	return true;
}

bool proc_adopt(struct proc *p, pid_t pid, struct deadline d)
{
	*p = (struct proc)PROC_INIT;
	if (!becomes_child(pid, d))
		return false;
	p->pid = pid;
	p->alone = true;
	p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (p->pidfd < 0)
		die_errno("pidfd_open");
	/* By its fork it has lost the signal for its parent's death (prctl(2)); a tracer's end is
	 * as good (ptrace(2)). Where tracing is not allowed our caller's proc_release() must do. */
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_EXITKILL) < 0 && errno != ESRCH &&
	    errno != EPERM)
		die_errno("ptrace %d", (int)pid);
	return true;
}

/*
 * Reap it; with @flags WNOHANG only if it has ended. What is left of its group (a script in front
 * of QEMU may end before QEMU does) is killed first, while the group's id cannot be anybody else's.
 */
static bool proc_reap(struct proc *p, int flags)
{
	siginfo_t info = {.si_pid = 0};
	int error;

	if (p->ended || !p->pid)
		return true;
	do
		error = waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT | flags) < 0 ? errno
											  : 0;
	while (error == EINTR);
	if (!error && info.si_pid == 0)
		return false;
	if (!error && !p->alone)
		kill(-p->pid, SIGKILL);
	if (error || waitpid(p->pid, &p->status, 0) != p->pid)
		die_errno("waitpid %d", (int)p->pid);
	p->ended = true;
	return true;
}

bool proc_poll(struct proc *p)
{
	return proc_reap(p, WNOHANG);
}

bool proc_wait(struct proc *p, struct deadline d)
{
	if (p->ended || !p->pid)
		return true;
	return io_wait(p->pidfd, POLLIN, d) && proc_reap(p, 0);
}

void proc_kill(struct proc *p, int sig)
{
	if (p->pid && !p->ended)
		kill(p->alone ? p->pid : -p->pid, sig);
}

void proc_stop(struct proc *p)
{
	siginfo_t info;
	int error;

	if (!p->pid || p->ended)
		return;
	proc_kill(p, SIGSTOP);
	do
		error = waitid(P_PID, (id_t)p->pid, &info, WSTOPPED | WEXITED | WNOWAIT) < 0 ? errno
											     : 0;
	while (error == EINTR);
	if (error)
		die_errno("waitid %d", (int)p->pid);
}

void proc_continue(struct proc *p)
{
	proc_kill(p, SIGCONT);
}

void proc_release(struct proc *p)
{
	proc_kill(p, SIGKILL);
	proc_reap(p, 0);
	io_close(&p->pidfd);
	p->pid = 0;
}

void proc_status_text(struct buf *b, int status)
{
	if (WIFEXITED(status))
		buf_addf(b, "exit status %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		buf_addf(b, "signal %d (%s)%s", WTERMSIG(status), strsignal(WTERMSIG(status)),
			 WCOREDUMP(status) ? ", core dumped" : "");
	else
		buf_addf(b, "wait status %#x", (unsigned)status);
}
