// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/host/program.h"
#include "harness/selftest/unit.h"

static void start(struct program *p, const char *script, enum program_seat seat)
{
	struct strv argv = {NULL, 0};

	strv_pushl(&argv, "sh", "-c", script, NULL);
	program_start(p, &argv, seat);
	strv_release(&argv);
}

/* @len bytes of what it says, or what came before its end. */
static size_t hear(struct program *p, char *room, size_t len)
{
	struct deadline d = deadline_in(10000);
	size_t got = 0;
	ssize_t n;

	while (got < len && io_wait(p->fd, POLLIN, d)) {
		n = read(p->fd, room + got, len - got);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

START_TEST(a_program_is_in_PATH_or_nowhere)
{
	char *path = program_path("sh");

	ck_assert_ptr_nonnull(path);
	ck_assert_int_eq(access(path, X_OK), 0);
	free(path);
	ck_assert_ptr_null(program_path("no-such-program-anywhere"));
	path = program_path("/bin/sh");
	ck_assert_str_eq(path, "/bin/sh");
	free(path);
	ck_assert_ptr_null(program_path("./sh"));
	path = program_path("unit-tests"); /* beside us */
	ck_assert_ptr_nonnull(path);
	free(path);
}
END_TEST

START_TEST(every_byte_passes_a_socket_and_its_end_is_seen)
{
	char all[256], got[257];
	struct program p;

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	start(&p, "cat; echo the end >&2", PROGRAM_SOCKET);
	ck_assert(io_write_all(p.fd, all, sizeof(all), deadline_in(5000)));
	ck_assert_uint_eq(hear(&p, got, sizeof(all)), sizeof(all));
	ck_assert_mem_eq(got, all, sizeof(all));
	ck_assert_int_eq(shutdown(p.fd, SHUT_WR), 0);
	ck_assert_uint_eq(hear(&p, got, 1), 0);
	ck_assert(proc_wait(&p.proc, deadline_in(5000)));
	ck_assert_int_eq(p.proc.status, 0);
	program_release(&p);
	ck_assert_int_eq(p.fd, -1);
}
END_TEST

START_TEST(a_terminal_is_one_and_its_own)
{
	struct program p;
	char got[8] = "";

	start(&p, "test -t 0 && test -t 1 && : </dev/tty && echo yes; exec sleep 1000",
	      PROGRAM_TERMINAL);
	ck_assert_uint_eq(hear(&p, got, 5), 5);
	ck_assert_str_eq(got, "yes\r\n");
	ck_assert(io_write_all(p.fd, "\x03", 1, deadline_in(5000)));
	ck_assert(proc_wait(&p.proc, deadline_in(5000))); /* C-c */
	program_release(&p);
}
END_TEST

START_TEST(what_it_says_on_stderr_is_found_once_the_line_is_whole)
{
	struct program p;
	char *said;

	start(&p, "printf 'one\\nport=47' >&2; read -r go; echo 11 >&2; read -r go; echo no >&2",
	      PROGRAM_SOCKET);
	ck_assert_ptr_null(program_told(&p, "port=", deadline_in(100)));
	ck_assert(io_write_all(p.fd, "go\n", 3, deadline_in(5000)));
	said = program_told(&p, "port=", deadline_in(10000));
	ck_assert_str_eq(said, "4711");
	free(said);
	ck_assert(io_write_all(p.fd, "go\n", 3, deadline_in(5000)));
	ck_assert_ptr_null(program_told(&p, "port=4712", deadline_in(60000))); /* it has ended */
	program_release(&p);
}
END_TEST

START_TEST(one_that_goes_on_is_ended_with_its_children)
{
	struct program p;
	char got[1];

	start(&p, "trap '' TERM HUP; sleep 1000 & echo; wait", PROGRAM_SOCKET);
	ck_assert_uint_eq(hear(&p, got, 1), 1);
	ck_assert_int_eq(dup2(p.fd, 100), 100);
	program_release(&p);
	p.fd = 100;
	ck_assert_uint_eq(hear(&p, got, 1), 0); /* nobody has its other end any more */
	close(100);
}
END_TEST

UNIT_TESTS(program, a_program_is_in_PATH_or_nowhere, every_byte_passes_a_socket_and_its_end_is_seen,
	   a_terminal_is_one_and_its_own, what_it_says_on_stderr_is_found_once_the_line_is_whole,
	   one_that_goes_on_is_ended_with_its_children)
