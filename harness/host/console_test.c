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

/**
 * struct getty - How the child that plays a getty behaves
 * @before:	text before "login: "
 * @flood:	so many bytes of garbage, NULs and newlines included, before "login: " and the
 * prompt
 * @split:	write single bytes
 * @ask:	it asks for a password
 * @die_at:	1: close after the name came, 2: after the password came, 0: do not
 * @prompt:	NULL: none ever comes
 */
struct getty {
	const char *before;
	size_t flood;
	bool split, ask;
	int die_at;
	const char *prompt;
};

static void getty_say(const struct getty *g, int fd, const char *data, size_t len)
{
	size_t step = g->split ? 1 : len;

	for (size_t at = 0; at < len; at += step)
		if (!io_write_all(fd, data + at, step, deadline_in(20000)))
			_exit(1);
}

static void getty_flood(const struct getty *g, int fd)
{
	static const char garbage[] = "\0\x80\xfe*[?\\ Pass word \r\n\x1b[2J log in [";
	size_t n = sizeof(garbage) - 1;

	for (size_t at = 0; at < g->flood; at += n)
		getty_say(g, fd, garbage, n);
}

/* Read a line; the pty's echo or nothing shows it. */
static void getty_hear(int fd, char *line, size_t size)
{
	size_t n = 0;

	while (n < size - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
}

static noreturn void getty_play(const struct getty *g, int fd)
{
	char name[64], password[64] = "";
	bool right;

	getty_say(g, fd, g->before, strlen(g->before));
	getty_flood(g, fd);
	getty_say(g, fd, "host login: ", 12);
	getty_hear(fd, name, sizeof(name));
	if (g->die_at == 1)
		_exit(0);
	if (g->ask) {
		getty_say(g, fd, "Password: ", 10);
		getty_hear(fd, password, sizeof(password));
	}
	if (g->die_at == 2)
		_exit(0);
	right = strcmp(name, "root") == 0 && (!g->ask || strcmp(password, "secret") == 0);
	if (!right) {
		getty_say(g, fd, "\r\nLogin incorrect\r\nhost login: ", 31);
	} else if (g->prompt) {
		getty_say(g, fd, "\r\nLast login: today\r\n", 21);
		getty_flood(g, fd);
		getty_say(g, fd, g->prompt, strlen(g->prompt));
	}
	getty_hear(fd, name, sizeof(name)); /* until the other side goes */
	_exit(0);
}

/* Log in to a getty on a pty or a socket pair; what console_login said in @why. */
static bool login(const struct getty *g, bool on_pty, const char *password, int ms, struct buf *why)
{
	struct console c;
	pid_t child, me = getpid();
	int fds[2];
	bool ok;

	if (on_pty)
		ck_assert_int_eq(openpty(&fds[0], &fds[1], NULL, NULL, NULL), 0);
	else
		pair(fds);
	child = fork();
	if (child == 0) {
		proc_die_with_parent(me);
		close(fds[0]);
		getty_play(g, fds[1]);
	}
	close(fds[1]);
	console_init(&c, fds[0]);
	ok = console_login(&c, "root", password, deadline_in(ms), why);
	ck_assert(ok || why->len);
	ck_assert_ptr_null(strchr(why->data, '\n'));
	if (ok) {
		ck_assert(console_send(&c, "exit\n", deadline_in(1000)));
		ck_assert_int_eq(expect1(&c, 5000, "*never"), CONSOLE_EOF);
	}
	console_release(&c);
	close(fds[0]);
	return ok;
}

START_TEST(a_getty_lets_in)
{
	static const struct getty gettys[] = {
		{"", 0, false, true, 0, "root@host:~# "},
		{"\r\nDebian\r\n\r\n", 0, false, false, 0, "$ "},
		{"", 300, true, true, 0, "# "},
		{"login", 1 << 20, false, true, 0, "/ # "},
	};

	for (size_t i = 0; i < 4; i++)
		for (int on_pty = 0; on_pty < 2; on_pty++) {
			struct buf why = BUF_INIT;

			ck_assert_msg(login(&gettys[i], on_pty, "secret", 20000, &why), "%zu: %s",
				      i, why.data);
			buf_release(&why);
		}
}
END_TEST

START_TEST(a_getty_that_does_not_let_in_is_described)
{
	static const struct {
		struct getty getty;
		const char *password, *why;
	} rows[] = {
		{{"", 0, false, true, 0, "# "}, "wrong", "Login incorrect; last text: \""},
		{{"", 0, true, true, 0, "# "}, "", "Login incorrect; last text: \""},
		{{"", 0, false, true, 1, "# "},
		 "secret",
		 "the console ended while waiting for \"Password:\"; last text: \""},
		{{"", 300, false, true, 2, "# "},
		 "secret",
		 "the console ended while waiting for the prompt; last text: \".."},
		{{"", 0, false, true, 0, NULL},
		 "secret",
		 "timeout waiting for the prompt; last text: \""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (int on_pty = 0; on_pty < 2; on_pty++) {
			struct buf why = BUF_INIT;
			/* Short where the time must run out, long where a busy host must not
			 * matter. */
			int ms = rows[i].getty.prompt ? 20000 : 700;

			ck_assert(!login(&rows[i].getty, on_pty, rows[i].password, ms, &why));
			ck_assert_msg(strncmp(why.data, rows[i].why, strlen(rows[i].why)) == 0,
				      "%zu: %s", i, why.data);
			buf_release(&why);
		}
}
END_TEST

START_TEST(a_silent_console_is_described)
{
	struct buf why = BUF_INIT;
	struct console c;
	int fds[2];

	pair(fds);
	console_init(&c, fds[0]);
	ck_assert(!console_login(&c, "root", "x", deadline_in(20), &why));
	ck_assert_str_eq(why.data, "timeout waiting for \"login:\"; last text: \"\"");
	buf_clear(&why);
	close(fds[1]);
	ck_assert(!console_login(&c, "root", "x", deadline_in(20), &why));
	ck_assert_str_eq(why.data,
			 "the console ended while waiting for \"login:\"; last text: \"\"");
	buf_release(&why);
	console_release(&c);
	close(fds[0]);
}
END_TEST

UNIT_TESTS(console, the_pattern_that_matches_is_told,
	   a_deadline_is_kept_in_milliseconds_and_text_is_kept_after_it,
	   an_end_of_file_leaves_the_text_and_a_sound_state,
	   a_descriptor_number_used_again_starts_empty, two_consoles_do_not_mix,
	   nuls_do_not_hide_text_and_are_logged,
	   output_without_end_and_a_reader_that_sleeps_meet_the_deadline,
	   the_alarm_handler_stays_ours, a_getty_lets_in, a_getty_that_does_not_let_in_is_described,
	   a_silent_console_is_described)
