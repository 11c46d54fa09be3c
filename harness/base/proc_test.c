// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <limits.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/base/proc.h"
#include "harness/selftest/unit.h"

START_TEST(output_goes_to_files_and_the_status_is_told)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct buf out = BUF_INIT;
	struct proc p;

	strv_pushl(&argv, "sh", "-c", "echo out; echo err >&2; exit 3", NULL);
	spec.out = "out";
	spec.err = "err";
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(proc_wait(&p, deadline_in(5000)));
	ck_assert_int_eq(WEXITSTATUS(p.status), 3);
	ck_assert(buf_read_file(&out, "out") && buf_read_file(&out, "err"));
	ck_assert_str_eq(out.data, "out\nerr\n");
	proc_release(&p);
	buf_clear(&out);
	proc_status_text(&out, p.status);
	ck_assert_str_eq(out.data, "exit status 3");
	buf_release(&out);
	strv_release(&argv);
}
END_TEST

START_TEST(a_program_that_is_not_there_is_an_errno)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p;

	strv_push(&argv, "./nosuch");
	ck_assert_int_eq(proc_start(&p, &spec), ENOENT);
	strv_release(&argv);
}
END_TEST

START_TEST(a_whole_group_is_killed)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p;
	char c;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	strv_pushl(&argv, "sh", "-c", "sleep 1000 & echo x; wait", NULL);
	spec.stdout_fd = fds[1];
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1); /* the grandchild exists now */
	ck_assert(!proc_wait(&p, deadline_in(1)));
	proc_release(&p);
	ck_assert(WIFSIGNALED(p.status));
	ck_assert(io_wait(fds[0], POLLIN, deadline_in(5000)));
	while (read(fds[0], &c, 1) > 0) /* ends only when the grandchild's stdout is closed too */
		;
	strv_release(&argv);
}
END_TEST

START_TEST(only_passed_descriptors_are_inherited)
{
	struct strv argv = {0}, listed = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct buf out = BUF_INIT;
	struct proc p;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	strv_pushl(&argv, "sh", "-c", "ls /proc/$$/fd", NULL);
	spec.out = "out";
	spec.pass[spec.n_pass++] = fds[1];
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(proc_wait(&p, deadline_in(5000)));
	ck_assert(buf_read_file(&out, "out"));
	strv_split(&listed, out.data, "\n");
	for (size_t i = 0; i < listed.n; i++) {
		long fd = strtol(listed.v[i], NULL, 10);

		ck_assert(fd <= 2 || fd == fds[1] || fd == 10);
	}
	proc_release(&p);
	buf_release(&out);
	strv_release(&listed);
	strv_release(&argv);
}
END_TEST

START_TEST(a_controlled_child_gets_what_is_typed_as_signals)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p;
	int master, slave;

	ck_assert_int_eq(openpty(&master, &slave, NULL, NULL, NULL), 0);
	strv_pushl(&argv, "cat", NULL);
	spec.stdin_fd = slave;
	spec.controlled = true;
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert_int_eq(write(master, "\003", 1), 1);
	ck_assert(proc_wait(&p, deadline_in(5000)));
	ck_assert(WIFSIGNALED(p.status) && WTERMSIG(p.status) == SIGINT);
	proc_release(&p);
	close(master);
	close(slave);
	strv_release(&argv);
}
END_TEST

START_TEST(any_process_can_be_looked_at)
{
	pid_t parent = 0, child = fork();
	char state = 0;

	if (child == 0)
		for (;;)
			pause();
	ck_assert(proc_stat(getpid(), &state, &parent));
	ck_assert(state == 'R' && parent == getppid());
	ck_assert(proc_stat(child, &state, &parent) && parent == getpid());
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert(!proc_stat(child, &state, &parent));
}
END_TEST

/* A daemon that sleeps, in a session of its own, whose parent has ended; it holds @fd, where its
 * number comes. */
static pid_t daemon_of(int from, int fd)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	char text[32] = "";
	struct proc p;

	proc_adopt_orphans();
	strv_pushl(&argv, "sh", "-c", "setsid sh -c 'echo $$; exec sleep 1000' & read line", NULL);
	spec.stdout_fd = fd;
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(read(from, text, sizeof(text) - 1) > 1);
	ck_assert(proc_wait(&p, deadline_in(5000)));
	proc_release(&p);
	strv_release(&argv);
	return (pid_t)strtol(text, NULL, 10);
}

START_TEST(an_orphan_is_adopted_and_released)
{
	struct proc p;
	int fds[2];
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert(!proc_adopt(&p, getppid(), deadline_in(1)));
	ck_assert(!proc_adopt(&p, INT_MAX, deadline_in(5000)));
	ck_assert(proc_adopt(&p, daemon_of(fds[0], fds[1]), deadline_in(5000)));
	close(fds[1]);
	ck_assert(!proc_poll(&p));
	proc_release(&p);
	ck_assert(WIFSIGNALED(p.status) && WTERMSIG(p.status) == SIGKILL);
	ck_assert_int_eq(read(fds[0], &c, 1), 0);
	close(fds[0]);
}
END_TEST

/* Its parent is there until we let it go. */
START_TEST(an_orphan_to_be_is_waited_for)
{
	int told[2], go[2];
	pid_t middle, last;
	struct proc p;
	char c;

	ck_assert(pipe(told) == 0 && pipe(go) == 0);
	proc_adopt_orphans();
	middle = fork();
	if (middle == 0) {
		last = fork();
		if (last == 0) {
			pause();
		}
		if (write(told[1], &last, sizeof(last)) != sizeof(last) || read(go[0], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(read(told[0], &last, sizeof(last)), sizeof(last));
	ck_assert(!proc_adopt(&p, last, deadline_in(1)));
	ck_assert_int_eq(write(go[1], "x", 1), 1);
	ck_assert(proc_adopt(&p, last, deadline_in(5000)));
	proc_release(&p);
	ck_assert_int_eq(waitpid(middle, NULL, 0), middle);
	for (int i = 0; i < 2; i++) {
		close(told[i]);
		close(go[i]);
	}
}
END_TEST

START_TEST(an_orphan_dies_with_us)
{
	int fds[2], told[2];
	pid_t middle;
	char c;

	ck_assert(pipe(fds) == 0 && pipe(told) == 0);
	middle = fork();
	if (middle == 0) {
		struct proc p;

		if (!proc_adopt(&p, daemon_of(fds[0], fds[1]), deadline_in(5000)) ||
		    write(told[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	close(fds[1]);
	close(told[1]);
	ck_assert_int_eq(read(told[0], &c, 1), 1);
	kill(middle, SIGKILL);
	ck_assert_int_eq(waitpid(middle, NULL, 0), middle);
	ck_assert_int_eq(read(fds[0], &c, 1), 0);
	close(fds[0]);
	close(told[0]);
}
END_TEST

START_TEST(a_child_dies_with_us)
{
	struct buf text = BUF_INIT;
	int fds[2];
	pid_t middle;
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	middle = fork();
	if (middle == 0) {
		struct strv argv = {0};
		struct proc_spec spec = PROC_SPEC(&argv);
		struct proc p;

		strv_pushl(&argv, "sh", "-c", "echo x; exec sleep 1000", NULL);
		spec.stdout_fd = fds[1];
		proc_start(&p, &spec);
		pause();
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	kill(middle, SIGKILL);
	ck_assert_int_eq(waitpid(middle, NULL, 0), middle);
	while (read(fds[0], &c, 1) > 0)
		;
	buf_release(&text);
}
END_TEST

START_TEST(what_happens_while_it_is_stopped_happens_at_once)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	int in[2], out[2];
	char c[2];
	struct proc p;

	/* One read() takes both lines; two would be told apart. */
	ck_assert(pipe(in) == 0 && pipe(out) == 0);
	strv_pushl(&argv, "dd", "bs=64", "count=1", "status=none", NULL);
	spec.stdin_fd = in[0];
	spec.stdout_fd = out[1];
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	proc_stop(&p);
	ck_assert(write(in[1], "a", 1) == 1 && write(in[1], "b", 1) == 1);
	proc_continue(&p);
	ck_assert(proc_wait(&p, deadline_in(5000)));
	ck_assert_int_eq(read(out[0], c, 2), 2);
	proc_stop(&p); /* it has ended: nothing to wait for */
	proc_release(&p);
	for (int i = 0; i < 2; i++)
		ck_assert(close(in[i]) == 0 && close(out[i]) == 0);
	strv_release(&argv);
}
END_TEST

START_TEST(what_ends_is_not_waited_for_until_it_stops)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p;

	strv_push(&argv, "true");
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(io_wait(p.pidfd, POLLIN, deadline_in(5000)));
	proc_stop(&p);
	ck_assert(proc_poll(&p));
	proc_release(&p);
	strv_release(&argv);
}
END_TEST

UNIT_TESTS(proc, what_happens_while_it_is_stopped_happens_at_once,
	   what_ends_is_not_waited_for_until_it_stops, output_goes_to_files_and_the_status_is_told,
	   a_program_that_is_not_there_is_an_errno, a_whole_group_is_killed,
	   only_passed_descriptors_are_inherited, a_controlled_child_gets_what_is_typed_as_signals,
	   any_process_can_be_looked_at, an_orphan_is_adopted_and_released,
	   an_orphan_to_be_is_waited_for, an_orphan_dies_with_us, a_child_dies_with_us)
