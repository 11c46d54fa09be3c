// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host/chr_told.h"

#include "harness/selftest/qmp_peer.h"

#define ANSWER(id, filename)                                                                       \
	"<", "{\"return\": [{\"label\": \"x\", \"filename\": \"null\"}, {\"label\": \"c0\", "      \
	     "\"filename\": \"" filename "\", \"frontend-open\": true}], \"id\": " id "}\r\n"

/* QEMU, and what it answers to one question after the other. */
static pid_t qemu(struct qmp *q, const char *const *script)
{
	pid_t pid;

	qmp_init(q, "qmp", "log");
	pid = play(script, 1000);
	ck_assert_int_eq(qmp_accept(q, -1, SOON), QMP_OK);
	return pid;
}

START_TEST(one_is_asked_for)
{
	static const char *const script[] = {
		NEGOTIATE,
		ANSWER("2", "vc"),
		ANSWER("3", "vc"),
		ANSWER("4", "vc"),
		ANSWER("5", "vc"),
		"<",
		"{\"return\": \"nonsense\", \"id\": 6}\r\n",
		"<",
		"{\"id\": 7, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\r\n",
		NULL};
	static const struct {
		const char *id, *key, *value;
	} rows[] = {{"c0", "filename", "vc"},
		    {"c0", "frontend-open", "true"},
		    {"c1", "filename", NULL},
		    {"c0", "nosuch", NULL},
		    {"c0", "filename", NULL}};
	struct qmp q;
	pid_t pid = qemu(&q, script);
	char *value = NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(chr_told(&q, SOON, rows[i].id, rows[i].key, &value), QMP_OK);
		if (rows[i].value)
			ck_assert_str_eq(value, rows[i].value);
		else
			ck_assert_ptr_null(value);
		free(value);
	}
	ck_assert_int_eq(chr_told(&q, SOON, "c0", "filename", &value), QMP_ERROR);
	ck_assert_ptr_null(value);
	ck_assert_int_eq(chr_told(&q, SOON, "c0", "filename", &value), QMP_CLOSED);
	ck_assert_ptr_null(value);
	played(pid);
	qmp_release(&q);
}
END_TEST

START_TEST(it_is_asked_until_it_is_so)
{
	static const char *const script[] = {NEGOTIATE,
					     ANSWER("2", "disconnected:unix:a"),
					     ANSWER("3", "unix:a"),
					     ANSWER("4", "unix:a"),
					     ANSWER("5", "disconnected:unix:a"),
					     NULL};
	struct qmp q;
	pid_t pid = qemu(&q, script);

	ck_assert(chr_await_told(&q, SOON, "c0", "filename", "disconnected:", true));
	ck_assert(chr_await_told(&q, SOON, "c0", "filename", "disconnected:", false));
	ck_assert(!chr_await_told(&q, SOON, "c0", "filename", "disconnected:", true));
	played(pid);
	qmp_release(&q);
}
END_TEST

/* Who is not there is not connected; the deadline ends it, whatever it is asked for. */
START_TEST(it_is_not_asked_for_ever)
{
	struct qmp q;
	int fd = negotiated(&q);

	ck_assert(!chr_await_told(&q, deadline_in(0), "c0", "filename", "unix:", false));
	ck_assert(!chr_await_told(&q, deadline_in(20), "c0", "filename", "unix:", true));
	close(fd);
	qmp_release(&q);
}
END_TEST

UNIT_TESTS(chr_told, one_is_asked_for, it_is_asked_until_it_is_so, it_is_not_asked_for_ever)
