// SPDX-License-Identifier: GPL-2.0-or-later
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/qmp_peer.h"

START_TEST(every_split_of_several_objects_gives_the_same)
{
	static const char text[] =
		EVENT("A", "{\"s\": \"}{\\\\\"}") " \t\n" EVENT("B", "{\"s\": [[\"]\"]]}")
			EVENT("C", "{\"u\": \"\\u0041\\\"\"}");
	size_t len = strlen(text);
	struct qmp q;
	int fd = negotiated(&q);

	for (size_t cut = 0; cut <= len; cut++) {
		say(fd, text, cut);
		ck_assert_int_eq(qmp_event(&q, deadline_in(0), "none", NULL, NULL), QMP_TIMEOUT);
		say(fd, text + cut, len - cut);
		ck_assert_int_eq(qmp_event(&q, SOON, "C", NULL, NULL), QMP_OK);
		check_get(&q, "u", "A\"");
		ck_assert_int_eq(qmp_event(&q, SOON, "A", NULL, NULL), QMP_OK);
		check_get(&q, "s", "}{\\");
		ck_assert_int_eq(qmp_event(&q, SOON, "B", NULL, NULL), QMP_OK);
		check_get(&q, "s.0.0", "]");
		ck_assert_int_eq(qmp_event(&q, deadline_in(0), "A", NULL, NULL), QMP_TIMEOUT);
	}
	close(fd);
	qmp_release(&q);
}
END_TEST

#define ROW(text, why)                                                                             \
	{                                                                                          \
		text, sizeof(text) - 1, why                                                        \
	}
static const struct {
	const char *text;
	size_t len;
	const char *why;
} garbage[] = {
	ROW("garbage\n", "no JSON object"),
	ROW("[1]\n", "an array"),
	ROW("1\n", "no JSON object"),
	ROW("{]", "no JSON object"),
	ROW("{\"a\":1,}", "no JSON object"),
	ROW("{\"a\":1 \"b\":2}", "no JSON object"),
	ROW("{\"a\":\"\xff\xfe\"}", "no JSON object"),
	ROW("{\"a\":\"\\ud800\"}", "no JSON object"),
	ROW("{\"a\":1e999}", "no JSON object"),
	ROW("{\"a\":1,\"a\":2}", "duplicate"),
	ROW("{\"event\":\"\n\"}", "no JSON object"),
	ROW("\0{}", "no JSON object"),
	ROW("{\"a\":\"\0\"}", "no JSON object"),
	ROW("{\"a\\u0000\":1}", "no JSON object"),
	ROW("{}", "no event and no answer"),
	ROW("{\"what\":1}", "no event and no answer"),
	ROW("{\"return\":1,\"error\":2,\"id\":2}", "no event and no answer"),
	ROW(GREETING, "no event and no answer"),
	ROW("{\"event\":1}", "malformed event"),
	ROW("{\"event\":\"A\",\"data\":[]}", "malformed event"),
	ROW("{\"return\":{}}", "not given"),
	ROW("{\"return\":{},\"id\":\"2\"}", "not given"),
	ROW("{\"return\":{},\"id\":2.5}", "not given"),
	ROW("{\"return\":{},\"id\":-1}", "not given"),
	ROW("{\"return\":{},\"id\":1}", "not given"),
	ROW("{\"return\":{},\"id\":99}", "not given"),
	ROW("{\"return\":{},\"id\":18446744073709551615}", "not given"),
	ROW("{\"error\":{},\"id\":2}", "malformed error"),
	ROW("{\"error\":\"x\",\"id\":2}", "malformed error"),
	ROW("{\"error\":{\"class\":\"C\",\"desc\":1},\"id\":2}", "malformed error"),
};

START_TEST(what_is_not_qmp_closes_the_connection)
{

	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		struct qmp q;
		int fd = negotiated(&q);

		say(fd, garbage[i].text, garbage[i].len);
		ck_assert_msg(qmp_cmd(&q, SOON, "x", NULL) == QMP_CLOSED, "%s", garbage[i].text);
		ck_assert_msg(strstr(q.error_desc.data, garbage[i].why), "%s: %s", garbage[i].text,
			      q.error_desc.data);
		ck_assert(q.closed && q.fd == -1 && !q.error_class.len);
		for (size_t c = 0; c < q.error_desc.len; c++)
			ck_assert(q.error_desc.data[c] >= ' ' && q.error_desc.data[c] < 0x7f);
		/* and it stays so */
		ck_assert_int_eq(qmp_event(&q, SOON, "A", NULL, NULL), QMP_CLOSED);
		ck_assert_int_eq(qmp_hmp(&q, SOON, "x"), QMP_CLOSED);
		ck_assert_ptr_nonnull(strstr(q.error_desc.data, garbage[i].why));
		close(fd);
		qmp_release(&q);
	}
}
END_TEST

START_TEST(every_truncation_is_told)
{
	static const char text[] = "{\"return\": {\"a\": [\"\\\\\", 1]}, \"id\": 2}";

	for (size_t len = 0; len < strlen(text); len++) {
		struct qmp q;
		int fd = negotiated(&q);

		say(fd, text, len);
		shutdown(fd, SHUT_WR);
		ck_assert_int_eq(qmp_cmd(&q, SOON, "x", NULL), QMP_CLOSED);
		ck_assert_str_eq(q.error_desc.data,
				 len ? "QEMU closed the connection in the middle of an object"
				     : "QEMU closed the connection");
		close(fd);
		qmp_release(&q);
	}
}
END_TEST

START_TEST(deep_nesting_and_endless_objects_are_refused)
{
	for (int endless = 0; endless < 2; endless++) {
		struct buf text = BUF_INIT;
		struct qmp q;
		pid_t pid;
		int fd = negotiated(&q);

		buf_addstr(&text, "{\"a\":");
		for (int i = 0; i < (endless ? 9000 : 50000); i++)
			buf_addstr(&text,
				   endless ? "[\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"" : "[");
		for (int i = 0; i < (endless ? 0 : 50000); i++)
			buf_addstr(&text, "]");
		buf_addstr(&text, endless ? "" : "}");
		pid = fork();
		ck_assert_int_ge(pid, 0);
		if (pid == 0) {
			close(q.fd);
			for (;;) { /* until nobody listens, which is the end of us */
				say(fd, text.data, text.len);
				if (!endless)
					_exit(0);
			}
		}
		close(fd);
		ck_assert_int_eq(qmp_cmd(&q, SOON, "x", NULL), QMP_CLOSED);
		ck_assert_ptr_nonnull(strstr(q.error_desc.data, endless ? "16777216" : "depth"));
		waitpid(pid, NULL, 0);
		buf_release(&text);
		qmp_release(&q);
	}
}
END_TEST

START_TEST(a_flood_of_events_does_not_stop_the_clock)
{
	struct qmp q;
	int fd = negotiated(&q);
	int64_t before = now_ns();
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		close(q.fd);
		for (;;)
			says(fd, EVENT("FLOOD", "{}"));
	}
	close(fd);
	ck_assert_int_eq(qmp_cmd(&q, deadline_in(100), "x", NULL), QMP_TIMEOUT);
	qmp_forget_events(&q);
	ck_assert_int_lt((now_ns() - before) / 1000000, 3000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	qmp_release(&q);
}
END_TEST

START_TEST(a_qemu_that_never_comes_is_told_from_one_that_is_slow)
{
	struct qmp q;
	int ended[2];

	ck_assert_int_eq(pipe(ended), 0);
	qmp_init(&q, "qmp", NULL);
	ck_assert_int_eq(qmp_cmd(&q, SOON, "x", NULL), QMP_CLOSED);
	ck_assert_str_eq(q.error_desc.data, "QEMU has not connected");
	ck_assert(!q.closed);
	ck_assert_int_eq(qmp_accept(&q, ended[0], deadline_in(20)), QMP_TIMEOUT);
	ck_assert(!q.closed);
	close(ended[1]);
	ck_assert_int_eq(qmp_accept(&q, ended[0], SOON), QMP_CLOSED);
	ck_assert_str_eq(q.error_desc.data, "QEMU ended before it opened its monitor");
	ck_assert_int_eq(qmp_accept(&q, ended[0], SOON), QMP_CLOSED);
	qmp_release(&q);
	close(ended[0]);
}
END_TEST

START_TEST(a_bad_greeting_is_refused)
{
	static const char *const scripts[][4] = {
		{"{\"return\": {}, \"id\": 1}\r\n", NULL},
		{"{\"QMP\": 1}\r\n", NULL},
		{"SSH-2.0-x\r\n", NULL},
		{NULL},
		{GREETING, "<", "{\"error\": {\"class\": \"C\", \"desc\": \"d\"}, \"id\": 1}",
		 NULL},
	};

	for (size_t i = 0; i < 5; i++) {
		struct qmp q;
		pid_t pid;

		qmp_init(&q, "qmp", NULL);
		pid = play(scripts[i], 1000);
		ck_assert_int_eq(qmp_accept(&q, -1, SOON), i == 4 ? QMP_ERROR : QMP_CLOSED);
		played(pid);
		qmp_release(&q);
	}
}
END_TEST

START_TEST(a_qemu_that_does_not_read_cannot_block_us)
{
	struct buf big = BUF_INIT;
	struct qmp q;
	int fd = negotiated(&q);

	for (int i = 0; i < 1 << 20; i++)
		buf_addstr(&big, "x");
	ck_assert_int_eq(qmp_cmd(&q, deadline_in(50), "x", "{\"a\":\"%s\"}", big.data),
			 QMP_TIMEOUT);
	ck_assert_int_eq(qmp_cmd_fd(&q, deadline_in(50), 0, "getfd", NULL), QMP_TIMEOUT);
	close(fd); /* with our bytes unread: a reset, not an end of file */
	ck_assert_int_eq(qmp_cmd(&q, SOON, "x", NULL), QMP_CLOSED);
	ck_assert_str_eq(q.error_desc.data, "QEMU closed the connection");
	buf_release(&big);
	qmp_release(&q);
}
END_TEST

UNIT_TESTS(qmp_link, every_split_of_several_objects_gives_the_same,
	   what_is_not_qmp_closes_the_connection, every_truncation_is_told,
	   deep_nesting_and_endless_objects_are_refused, a_flood_of_events_does_not_stop_the_clock,
	   a_qemu_that_never_comes_is_told_from_one_that_is_slow, a_bad_greeting_is_refused,
	   a_qemu_that_does_not_read_cannot_block_us)
