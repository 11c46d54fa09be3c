// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/base/proc.h"
#include "harness/host/console.h"
#include "harness/selftest/unit.h"

static void say(int fd, const char *data, size_t len)
{
	ck_assert(io_write_all(fd, data, len, deadline_in(5000)));
}

static void say_text(int fd, const char *s)
{
	say(fd, s, strlen(s));
}

static void pair(int fds[2])
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

static enum console_result expect1(struct console *c, int ms, const char *pattern)
{
	const char *const patterns[] = {pattern};

	return console_expect(c, deadline_in(ms), 1, patterns, NULL);
}

START_TEST(the_pattern_that_matches_is_told)
{
	static const char *const patterns[] = {"*yes", "*no", "*[0-9] end$"};
	struct console c;
	int fds[2], which = -1;

	pair(fds);
	console_init(&c, fds[0]);
	say_text(fds[1], "say no, then 5 end");
	ck_assert_int_eq(console_expect(&c, deadline_in(1000), 3, patterns, &which),
			 CONSOLE_MATCHED);
	ck_assert_int_eq(which, 1);
	/* What is behind the match is matched without anything to read. */
	ck_assert_int_eq(console_expect(&c, deadline_in(0), 3, patterns, &which), CONSOLE_MATCHED);
	ck_assert_int_eq(which, 2);
	ck_assert_int_eq(console_expect(&c, deadline_in(0), 3, patterns, &which), CONSOLE_TIMEOUT);
	ck_assert_str_eq(c.log.data, "say no, then 5 end");
	ck_assert_int_ge(fcntl(fds[0], F_GETFD), 0);
	console_release(&c);
	ck_assert_int_ge(fcntl(fds[0], F_GETFD), 0);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(a_deadline_is_kept_in_milliseconds_and_text_is_kept_after_it)
{
	int64_t start = now_ns(), ms;
	struct console c;
	int fds[2];

	pair(fds);
	console_init(&c, fds[0]);
	ck_assert_int_eq(expect1(&c, 50, "*x"), CONSOLE_TIMEOUT);
	say_text(fds[1], "half ");
	ck_assert_int_eq(expect1(&c, 50, "*half a word"), CONSOLE_TIMEOUT);
	say_text(fds[1], "a word");
	ck_assert_int_eq(expect1(&c, 1000, "*half a word"), CONSOLE_MATCHED);
	ms = (now_ns() - start) / 1000000;
	ck_assert_int_ge(ms, 100);
	ck_assert_int_lt(ms, 900);
	console_release(&c);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(an_end_of_file_leaves_the_text_and_a_sound_state)
{
	struct console c;
	int fds[2];

	pair(fds);
	console_init(&c, fds[0]);
	say_text(fds[1], "one two three");
	close(fds[1]);
	ck_assert_int_eq(expect1(&c, 1000, "*two"), CONSOLE_MATCHED);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(expect1(&c, 1000, "*nothing"), CONSOLE_EOF);
	ck_assert_int_eq(expect1(&c, 1000, "^ three"), CONSOLE_MATCHED);
	ck_assert_int_eq(expect1(&c, 1000, "*three"), CONSOLE_EOF);
	ck_assert(!console_send(&c, "into the void", deadline_in(1000)));
	console_release(&c);
	close(fds[0]);
}
END_TEST

START_TEST(a_descriptor_number_used_again_starts_empty)
{
	for (int i = 0; i < 3; i++) {
		struct console c;
		int fds[2];

		pair(fds);
		console_init(&c, fds[0]);
		ck_assert_int_eq(expect1(&c, 0, "*left"), CONSOLE_TIMEOUT);
		say_text(fds[1], "x left over");
		ck_assert_int_eq(expect1(&c, 1000, "*x"), CONSOLE_MATCHED);
		console_release(&c);
		close(fds[0]);
		close(fds[1]);
	}
}
END_TEST

START_TEST(two_consoles_do_not_mix)
{
	struct console a, b;
	int fa[2], fb[2];

	pair(fa);
	pair(fb);
	console_init(&a, fa[0]);
	console_init(&b, fb[0]);
	say_text(fa[1], "a1 a2");
	say_text(fb[1], "b1 b2");
	ck_assert_int_eq(expect1(&a, 1000, "*a1"), CONSOLE_MATCHED);
	ck_assert_int_eq(expect1(&b, 1000, "*b1"), CONSOLE_MATCHED);
	ck_assert_int_eq(expect1(&a, 1000, "^ a2"), CONSOLE_MATCHED);
	ck_assert_int_eq(expect1(&b, 1000, "^ b2"), CONSOLE_MATCHED);
	ck_assert_str_eq(a.log.data, "a1 a2");
	console_release(&a);
	console_release(&b);
	for (int i = 0; i < 2; i++) {
		close(fa[i]);
		close(fb[i]);
	}
}
END_TEST

START_TEST(nuls_do_not_hide_text_and_are_logged)
{
	struct console c;
	int fds[2];

	pair(fds);
	console_init(&c, fds[0]);
	say(fds[1], "a\0b\0\0c\xff d", 9);
	ck_assert_int_eq(expect1(&c, 1000, "^abc\xff d"), CONSOLE_MATCHED);
	ck_assert_uint_eq(c.log.len, 9);
	ck_assert_int_eq(memcmp(c.log.data, "a\0b\0\0c\xff d", 9), 0);
	console_release(&c);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(output_without_end_and_a_reader_that_sleeps_meet_the_deadline)
{
	char chunk[4096];
	struct console c;
	int fds[2], small = 4096;
	char *big = xmalloc(1 << 20);
	int64_t start;
	pid_t child;

	memset(chunk, 'y', sizeof(chunk));
	memset(big, 'z', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	pair(fds);
	ck_assert_int_eq(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		for (;;)
			if (write(fds[1], chunk, sizeof(chunk)) <= 0)
				_exit(0);
	}
	close(fds[1]);
	console_init(&c, fds[0]);
	start = now_ns();
	ck_assert_int_eq(expect1(&c, 100, "*x"), CONSOLE_TIMEOUT);
	ck_assert(!console_send(&c, big, deadline_in(100)));
	ck_assert_int_lt((now_ns() - start) / 1000000, 1500);
	ck_assert_int_eq(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
	console_release(&c);
	close(fds[0]);
	free(big);
}
END_TEST

static void alarm_seen(int sig)
{
	(void)sig;
}

START_TEST(datagrams_are_not_cut)
{
	struct buf want = BUF_INIT;
	struct console c;
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), 0);
	console_init(&c, fds[0]);
	/* Lengths that do not divide its buffer, so that it has too little room at times. */
	for (int i = 0; i < 1000; i++) {
		char *line = xasprintf("%0*d\r\n", 7 + i % 300, i);

		say_text(fds[1], line);
		buf_addstr(&want, line);
		free(line);
		if (i < 999)
			ck_assert_int_eq(expect1(&c, 0, "*0999\r\n$"), CONSOLE_TIMEOUT);
	}
	ck_assert_int_eq(expect1(&c, 5000, "*0999\r\n$"), CONSOLE_MATCHED);
	ck_assert_int_eq(c.log.len, want.len);
	ck_assert_str_eq(c.log.data, want.data);
	ck_assert_int_eq(expect1(&c, 20, "*more"), CONSOLE_TIMEOUT);
	ck_assert(console_send(&c, "back", deadline_in(1000)));
	console_release(&c);
	ck_assert_int_ge(fcntl(fds[0], F_GETFD), 0);
	buf_release(&want);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(the_alarm_handler_stays_ours)
{
	struct sigaction ours = {.sa_handler = alarm_seen}, after;
	struct console c;
	int fds[2];

	pair(fds);
	ck_assert_int_eq(sigaction(SIGALRM, &ours, NULL), 0);
	console_init(&c, fds[0]);
	say_text(fds[1], "x");
	ck_assert_int_eq(expect1(&c, 1000, "*x"), CONSOLE_MATCHED);
	ck_assert_int_eq(sigaction(SIGALRM, NULL, &after), 0);
	ck_assert(after.sa_handler == alarm_seen);
	ck_assert_int_eq(raise(SIGALRM), 0);
	console_release(&c);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

UNIT_TESTS(console, the_pattern_that_matches_is_told,
	   a_deadline_is_kept_in_milliseconds_and_text_is_kept_after_it,
	   an_end_of_file_leaves_the_text_and_a_sound_state,
	   a_descriptor_number_used_again_starts_empty, two_consoles_do_not_mix,
	   nuls_do_not_hide_text_and_are_logged,
	   output_without_end_and_a_reader_that_sleeps_meet_the_deadline, datagrams_are_not_cut,
	   the_alarm_handler_stays_ours)
