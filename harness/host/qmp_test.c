// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/selftest/qmp_peer.h"

#define NAMES "{\"return\": [{\"name\": \"a\\\"}\", \"n\": 7}, {\"name\": \"b\"}], \"id\": 2}\r\n"

/* A whole conversation, whatever the size of the pieces. */
static void check_conversation(size_t chunk)
{
	static const char three_objects[] =
		EVENT("STOP", "{}") NAMES EVENT("RESUME", "{\"x\": {\"y\": 1}}");
	static const char *const script[] = {
		NEGOTIATE,
		"<",
		three_objects,
		"<",
		"{\"id\": 3, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\r\n",
		"<",
		"{\"return\": \"two\\r\\nlines\\r\\n\", \"id\": 4}\r\n",
		NULL,
	};
	struct buf text = BUF_INIT;
	struct qmp q;
	pid_t pid;

	qmp_init(&q, "qmp", "log");
	pid = play(script, chunk);
	ck_assert_int_eq(qmp_accept(&q, -1, SOON), QMP_OK);
	check_get(&q, "version.qemu.major", "10");
	ck_assert_int_eq(qmp_cmd(&q, SOON, "x", "{\"a\":%d}", 1), QMP_OK);
	check_get(&q, "0.name", "a\"}");
	check_get(&q, "0.n", "7");
	ck_assert_int_eq(qmp_count(&q, ""), 2);
	ck_assert_int_eq(qmp_find(&q, "", "name", "b"), 1);
	ck_assert_int_eq(qmp_event(&q, SOON, "RESUME", "x.y", "1"), QMP_OK);
	check_get(&q, "x", "{\"y\":1}");
	ck_assert_int_eq(qmp_event(&q, SOON, "STOP", NULL, NULL), QMP_OK);
	ck_assert_str_eq(q.answer.data, "{}");
	ck_assert_int_eq(qmp_cmd(&q, SOON, "y", NULL), QMP_ERROR);
	qmp_result_text(&q, QMP_ERROR, "y", &text);
	ck_assert_str_eq(text.data, "QMP y refused: GenericError: no");
	ck_assert_int_eq(qmp_hmp(&q, SOON, "info \"%s\"", "x"), QMP_OK);
	ck_assert_str_eq(q.answer.data, "two\r\nlines\r\n");
	ck_assert_int_eq(qmp_cmd(&q, SOON, "z", NULL), QMP_CLOSED);
	ck_assert_str_eq(q.error_desc.data, "QEMU closed the connection");
	played(pid);
	buf_release(&text);
	qmp_release(&q);
}

START_TEST(a_conversation_survives_any_pieces)
{
	static const size_t chunks[] = {1, 2, 3, 7, 64, 1000};

	for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++)
		check_conversation(chunks[i]);
}
END_TEST

START_TEST(a_late_answer_is_not_taken_for_the_next_one)
{
	struct qmp q;
	struct buf text = BUF_INIT;
	int fd = negotiated(&q);

	ck_assert_int_eq(qmp_cmd(&q, deadline_in(20), "slow", NULL), QMP_TIMEOUT);
	qmp_result_text(&q, QMP_TIMEOUT, "slow", &text);
	ck_assert_str_eq(text.data, "QMP slow: nothing came before the deadline");
	ck_assert_int_eq(qmp_cmd(&q, deadline_in(0), "slower", NULL), QMP_TIMEOUT);
	says(fd, "{\"return\": 2, \"id\": 2} {\"return\": 3, \"id\": 3}");
	ck_assert_int_eq(qmp_event(&q, deadline_in(0), "A", NULL, NULL), QMP_TIMEOUT);
	ck_assert_int_eq(qmp_cmd(&q, deadline_in(0), "x", NULL), QMP_TIMEOUT);
	says(fd, "{\"return\": 4, \"id\": 4}");
	ck_assert_int_eq(qmp_event(&q, deadline_in(0), "A", NULL, NULL), QMP_TIMEOUT);
	check_get(&q, "", NULL);
	ck_assert(!q.closed);
	close(fd);
	buf_release(&text);
	qmp_release(&q);
}
END_TEST

START_TEST(events_are_kept_until_asked_for_or_forgotten)
{
	static const char text[] = EVENT("V", "{\"id\": \"a\", \"open\": true}")
		EVENT("V", "{\"id\": \"b\", \"open\": true}")
			EVENT("V", "{\"id\": \"a\", \"open\": false}");
	struct qmp q;
	int fd = negotiated(&q);

	says(fd, text);
	ck_assert_int_eq(qmp_event(&q, SOON, "V", "id", "b"), QMP_OK);
	ck_assert_int_eq(qmp_event(&q, SOON, "V", "id", "a"), QMP_OK);
	check_get(&q, "open", "true");
	ck_assert_int_eq(qmp_event(&q, SOON, "V", "open", "false"), QMP_OK);
	ck_assert_int_eq(qmp_event(&q, deadline_in(0), "V", NULL, NULL), QMP_TIMEOUT);
	say(fd, text, strlen(text) - 5); /* two, and most of a third: that one is still to come */
	qmp_forget_events(&q);
	say(fd, text + strlen(text) - 5, 5);
	ck_assert_int_eq(qmp_event(&q, SOON, "V", NULL, NULL), QMP_OK);
	check_get(&q, "open", "false");
	says(fd, text);
	close(fd); /* an event that came before the end can be taken after it */
	ck_assert_int_eq(qmp_event(&q, SOON, "none", NULL, NULL), QMP_CLOSED);
	ck_assert_int_eq(qmp_event(&q, SOON, "V", "id", "b"), QMP_OK);
	ck_assert_int_eq(qmp_cmd(&q, SOON, "x", NULL), QMP_CLOSED);
	qmp_release(&q);
}
END_TEST

START_TEST(a_command_can_be_sent_and_answered_later)
{
	struct qmp q;
	int fd = negotiated(&q);

	ck_assert_int_eq(qmp_send(&q, SOON, "slow", "{\"a\":%d}", 1), QMP_OK);
	ck_assert_int_eq(qmp_answer(&q, deadline_in(0)), QMP_TIMEOUT);
	ck_assert_int_eq(qmp_send(&q, SOON, "slow", NULL), QMP_OK);
	says(fd, "{\"return\": 2, \"id\": 2}{\"return\": 3, \"id\": 3}" EVENT("A", "{}"));
	ck_assert_int_eq(qmp_event(&q, SOON, "A", NULL, NULL), QMP_OK);
	ck_assert_int_eq(qmp_answer(&q, SOON), QMP_OK);
	ck_assert_str_eq(q.answer.data, "3");
	close(fd);
	qmp_release(&q);
}
END_TEST

START_TEST(values_come_out_whole)
{
	static const char text[] = EVENT(
		"V",
		"{\"nul\": \"a\\u0000b\", \"big\": 18446744073709551615, \"int\": 4294967295, "
		"\"neg\": -1, \"real\": 1.5, \"yes\": true, \"nil\": null, \"\": {\"x\": [5]}}");
	struct buf bytes = BUF_INIT;
	struct qmp q;
	int fd = negotiated(&q);

	says(fd, text);
	ck_assert_int_eq(qmp_event(&q, deadline_in(0), "V", "nul", "a"), QMP_TIMEOUT);
	ck_assert_int_eq(qmp_event(&q, SOON, "V", "int", "4294967295"), QMP_OK);
	check_get(&q, "nul", "a\\u0000b");
	check_get(&q, "none", NULL);
	check_get(&q, "big", "1.8446744073709552e19");
	check_get(&q, "neg", "-1");
	check_get(&q, "real", "1.5");
	check_get(&q, "yes", "true");
	check_get(&q, "nil", "null");
	check_get(&q, "nil.x", NULL);
	check_get(&q, "nul.", NULL);
	check_get(&q, ".x.0", "5");
	check_get(&q, ".x.-1", NULL);
	check_get(&q, ".x.1", NULL);
	check_get(&q, ".x.99999999999999999999", NULL);
	ck_assert_int_eq(qmp_count(&q, ""), 8);
	ck_assert_int_eq(qmp_count(&q, "yes"), -1);
	ck_assert_int_eq(qmp_find(&q, "yes", "a", "b"), -1);
	close(fd);
	buf_release(&bytes);
	qmp_release(&q);
}
END_TEST

START_TEST(a_descriptor_travels_with_its_command)
{
	struct qmp q;
	int pipes[2], fd = negotiated(&q);
	char text[256], control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = {.iov_base = text, .iov_len = sizeof(text)};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct stat ours, theirs;
	int got;

	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(qmp_cmd_fd(&q, deadline_in(0), pipes[0], "getfd", "{\"fdname\":\"%s\"}",
				    "f"),
			 QMP_TIMEOUT);
	ck_assert_int_gt(recvmsg(fd, &m, 0), 0);
	ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&m));
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(got));
	ck_assert(fstat(pipes[0], &ours) == 0 && fstat(got, &theirs) == 0);
	ck_assert(ours.st_ino == theirs.st_ino);
	close(got);
	close(pipes[0]);
	close(pipes[1]);
	close(fd);
	qmp_release(&q);
}
END_TEST

START_TEST(strings_are_quoted_and_the_log_is_one_line_each)
{
	struct buf b = BUF_INIT, big = BUF_INIT;
	struct qmp q;
	int fd, lines = 0;

	qmp_quote(&b, "a\"b\\c\n\x01");
	ck_assert_str_eq(b.data, "\"a\\\"b\\\\c\\u000a\\u0001\"");
	fd = negotiated(&q);
	for (int i = 0; i < 5000; i++)
		buf_addstr(&big, "y");
	buf_addstr(&big, "\",\n\n\"id\": 2}");
	says(fd, "{\"return\": \"");
	says(fd, big.data);
	ck_assert_int_eq(qmp_cmd(&q, SOON, "x", "{\n\"a\":%s\n}", b.data), QMP_OK);
	buf_release(&big);
	qmp_release(&q);
	buf_clear(&b);
	ck_assert(buf_read_file(&b, "log"));
	ck_assert_ptr_nonnull(strstr(b.data, "] <- {\"QMP\": {\"version\""));
	ck_assert_ptr_nonnull(strstr(b.data, "yyy..\n"));
	for (size_t i = 0; i < b.len; i++)
		lines += b.data[i] == '\n';
	ck_assert_int_eq(b.data[0], '[');
	ck_assert_int_eq(lines, 5);
	ck_assert_uint_lt(b.len, 2800);
	close(fd);
	buf_release(&b);
}
END_TEST

UNIT_TESTS(qmp, a_conversation_survives_any_pieces, a_late_answer_is_not_taken_for_the_next_one,
	   events_are_kept_until_asked_for_or_forgotten, a_command_can_be_sent_and_answered_later,
	   values_come_out_whole, a_descriptor_travels_with_its_command,
	   strings_are_quoted_and_the_log_is_one_line_each)
