// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"
#include "harness/virtio/qtest.h"

/* A connection whose other end has already said @said. */
static int peer_of(struct qtest *q, const void *said, size_t len)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	qtest_attach(q, fds[0]);
	ck_assert(io_write_all(fds[1], said, len, deadline_in(1000)));
	return fds[1];
}

static enum qtest_result ask_once(const char *said, size_t len, uint64_t *value, struct buf *why)
{
	struct qtest q;
	int peer = peer_of(&q, said, len);
	enum qtest_result r;

	shutdown(peer, SHUT_WR);
	r = qtest_ask(&q, deadline_in(5000), value, "inb 0x80");
	buf_addstr(why, q.why.data);
	ck_assert_msg(q.closed == (r == QTEST_CLOSED), "%s: %d", said, (int)r);
	close(peer);
	qtest_release(&q);
	return r;
}

struct row {
	const char *said, *why;
	enum qtest_result r;
	uint64_t value;
};

static const struct row rows[] = {
	{"OK 0x0000\n", "", QTEST_OK, 0},
	{"OK 0xffffffffffffffff\n", "", QTEST_OK, UINT64_MAX},
	{"IRQ raise 0\nIRQ lower 0\nOK 0x12\n", "", QTEST_OK, 0x12},
	{"FAIL Unknown command 'inb'\n", "FAIL Unknown command 'inb'", QTEST_FAIL, 0},
	{"ERR no\n", "ERR no", QTEST_FAIL, 0},
	{"", "QEMU closed the qtest connection", QTEST_CLOSED, 0},
	{"OK 0x1", "QEMU closed the qtest connection in the middle of a line", QTEST_CLOSED, 0},
	{"OK\n", "QEMU sent no number over qtest: \"OK\"", QTEST_CLOSED, 0},
	{"OK 12\n", "QEMU sent no number over qtest: \"OK 12\"", QTEST_CLOSED, 0},
	{"OK 0x\n", "QEMU sent no number over qtest: \"OK 0x\"", QTEST_CLOSED, 0},
	{"OK 0x12 \n", "QEMU sent no number over qtest: \"OK 0x12 \"", QTEST_CLOSED, 0},
	{"OK 0x00000000000000001\n", "QEMU sent no number over qtest: \"OK 0x00000000000000001\"",
	 QTEST_CLOSED, 0},
	{"OK -0x1\n", "QEMU sent no number over qtest: \"OK -0x1\"", QTEST_CLOSED, 0},
	{"\n", "QEMU sent no answer over qtest: \"\"", QTEST_CLOSED, 0},
	{"ok 0x1\n", "QEMU sent no answer over qtest: \"ok 0x1\"", QTEST_CLOSED, 0},
	{"OKAY\n", "QEMU sent no answer over qtest: \"OKAY\"", QTEST_CLOSED, 0},
	{"FAIL\n", "QEMU sent no answer over qtest: \"FAIL\"", QTEST_CLOSED, 0},
	{"IRQ raise\n", "QEMU sent a malformed interrupt over qtest: \"IRQ raise\"", QTEST_CLOSED,
	 0},
	{"IRQ raise 1x\n", "QEMU sent a malformed interrupt over qtest: \"IRQ raise 1x\"",
	 QTEST_CLOSED, 0},
	{"IRQ lower -1\n", "QEMU sent a malformed interrupt over qtest: \"IRQ lower -1\"",
	 QTEST_CLOSED, 0},
	{"IRQ toggle 1\n", "QEMU sent a malformed interrupt over qtest: \"IRQ toggle 1\"",
	 QTEST_CLOSED, 0},
	{"IRQ raise 999999\nOK 0x1\n",
	 "QEMU sent a malformed interrupt over qtest: \"IRQ raise 999999\"", QTEST_CLOSED, 0},
};

START_TEST(answers_are_judged)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;
		uint64_t value = 0;
		enum qtest_result r = ask_once(rows[i].said, strlen(rows[i].said), &value, &why);

		ck_assert_msg(r == rows[i].r, "%s: %d", rows[i].said, (int)r);
		ck_assert_str_eq(why.data, rows[i].why);
		ck_assert(value == rows[i].value);
		buf_release(&why);
	}
}
END_TEST

START_TEST(nul_and_endless_lines_are_garbage)
{
	static const char nul[] = "OK 0x1\0 \n";
	struct buf why = BUF_INIT, flood = BUF_INIT;
	uint64_t value;

	ck_assert(ask_once(nul, sizeof(nul) - 1, &value, &why) == QTEST_CLOSED);
	ck_assert_str_eq(why.data, "QEMU sent a NUL over qtest: \"OK 0x1\\x00 \"");
	buf_clear(&why);
	while (flood.len < 140000)
		buf_addstr(&flood, "0123456789");
	ck_assert(ask_once(flood.data, flood.len, &value, &why) == QTEST_CLOSED);
	ck_assert(strstr(why.data, "a line without end"));
	buf_release(&why);
	buf_release(&flood);
}
END_TEST

/* The answer to a command comes in two pieces, cut anywhere; the second after we began to read. */
static void split_at(const char *said, size_t at)
{
	struct qtest q;
	int peer = peer_of(&q, said, at);
	uint64_t value = 0;
	enum qtest_result r;

	if (at < strlen(said) - 1) {
		/* What is there is no answer yet: a look at it must neither lose nor use it. */
		qtest_drain(&q);
		ck_assert(!q.closed || memchr(said, '\n', at));
	}
	if (!q.closed) {
		ck_assert(io_write_all(peer, said + at, strlen(said) - at, deadline_in(1000)));
		r = qtest_ask(&q, deadline_in(5000), &value, "inb 0x80");
		ck_assert_int_eq(r, QTEST_OK);
		ck_assert(value == 0xab && q.raised[11] == 2 && q.level[11] && q.raised[3] == 1 &&
			  !q.level[3]);
	}
	close(peer);
	qtest_release(&q);
}

START_TEST(every_split_is_the_same)
{
	static const char said[] = "IRQ raise 11\nIRQ raise 3\nIRQ raise 11\nIRQ lower 3\n"
				   "IRQ lower 11\nIRQ raise 11\nOK 0xab\n";

	for (size_t at = 0; at < strlen(said); at++)
		split_at(said, at);
}
END_TEST

START_TEST(truncation_anywhere_is_an_end)
{
	static const char said[] = "IRQ raise 11\nOK 0xab\n";

	for (size_t len = 0; len < strlen(said); len++) {
		struct buf why = BUF_INIT;
		uint64_t value;

		ck_assert(ask_once(said, len, &value, &why) == QTEST_CLOSED);
		ck_assert(strstr(why.data, "closed the qtest connection"));
		buf_release(&why);
	}
}
END_TEST

START_TEST(what_was_posted_goes_first)
{
	static const char said[] = "OK\nOK\nOK 0x7\n";
	struct qtest q;
	int peer = peer_of(&q, said, strlen(said));
	char sent[200] = {0};
	uint64_t value;

	qtest_post(&q, "outb 0x80 0x%x", 1U);
	qtest_post_data(&q, 0x1000, "\x01\xfe", 2);
	ck_assert_int_eq(recv(peer, sent, sizeof(sent), MSG_DONTWAIT), -1);
	ck_assert_int_eq(qtest_ask(&q, deadline_in(5000), &value, "inb 0x80"), QTEST_OK);
	ck_assert(value == 7 && q.trips == 1);
	ck_assert_int_gt(recv(peer, sent, sizeof(sent) - 1, 0), 0);
	ck_assert_str_eq(sent, "outb 0x80 0x1\nwrite 0x1000 0x2 0x01fe\ninb 0x80\n");
	ck_assert_int_eq(qtest_flush(&q, deadline_in(0)), QTEST_OK);
	close(peer);
	qtest_release(&q);
}
END_TEST

START_TEST(a_refused_post_names_its_command)
{
	static const char said[] = "OK\nFAIL Unknown command 'xyzzy'\nOK 0x7\n";
	struct qtest q;
	int peer = peer_of(&q, said, strlen(said));
	uint64_t value;

	qtest_post(&q, "outb 0x80 0x1");
	qtest_post(&q, "xyzzy");
	ck_assert_int_eq(qtest_ask(&q, deadline_in(5000), &value, "inb 0x80"), QTEST_CLOSED);
	ck_assert_str_eq(q.why.data,
			 "QEMU answered \"xyzzy\" with \"FAIL Unknown command 'xyzzy'\"");
	close(peer);
	qtest_release(&q);
}
END_TEST

START_TEST(data_has_its_length)
{
	static const struct {
		const char *said;
		bool good;
	} data_rows[] = {{"OK 0x00ff7f\n", true},   {"OK 0x00ff7\n", false},
			 {"OK 0x00ff7f0\n", false}, {"OK 0x00fF7f\n", false},
			 {"OK 00ff7f\n", false},    {"OK 0x\n", false}};

	for (size_t i = 0; i < sizeof(data_rows) / sizeof(*data_rows); i++) {
		struct qtest q;
		int peer = peer_of(&q, data_rows[i].said, strlen(data_rows[i].said));
		unsigned char data[3];
		enum qtest_result r = qtest_ask_data(&q, deadline_in(5000), 0x1000, data, 3);

		ck_assert_int_eq(r, data_rows[i].good ? QTEST_OK : QTEST_CLOSED);
		if (data_rows[i].good)
			ck_assert(memcmp(data, "\x00\xff\x7f", 3) == 0);
		close(peer);
		qtest_release(&q);
	}
}
END_TEST

START_TEST(silence_ends)
{
	struct qtest q;
	int peer = peer_of(&q, "", 0);
	uint64_t value;

	ck_assert_int_eq(qtest_ask(&q, deadline_in(20), &value, "inb 0x80"), QTEST_TIMEOUT);
	ck_assert_int_eq(qtest_ask(&q, deadline_in(20), &value, "inb 0x80"), QTEST_CLOSED);
	ck_assert_str_eq(q.why.data, "QEMU does not answer over qtest");
	close(peer);
	qtest_release(&q);
}
END_TEST

START_TEST(an_answer_to_nothing_is_garbage)
{
	struct qtest q;
	int peer = peer_of(&q, "IRQ raise 5\nOK\n", 15);

	qtest_drain(&q);
	ck_assert(q.closed && q.raised[5] == 1);
	ck_assert_str_eq(q.why.data, "QEMU sent an answer to nothing over qtest: \"OK\"");
	close(peer);
	qtest_release(&q);
}
END_TEST

UNIT_TESTS(qtest, answers_are_judged, nul_and_endless_lines_are_garbage, every_split_is_the_same,
	   truncation_anywhere_is_an_end, what_was_posted_goes_first,
	   a_refused_post_names_its_command, data_has_its_length, silence_ends,
	   an_answer_to_nothing_is_garbage)
