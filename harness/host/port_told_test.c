// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host/port_told.h"

#include "harness/selftest/qmp_peer.h"

#define PORT(id, line)                                                                             \
	"  dev: virtserialport, id \"" id "\"\r\n    nr = 1 (0x1)\r\n    " line "\r\n"

static const char tree[] =
	"bus: main-system-bus\r\n"
	"  dev: hpet, id \"port1x\"\r\n" PORT("port1", "port 1, guest off, host on, throttle off")
		PORT("port11", "port 11, guest on, host off, throttle on") PORT(
			"none", "no state") PORT("port4",
						 "port 4, guest perhaps, host on, throttle off")
			PORT("port5", "port 5, guest on, host on, throttle") PORT(
				"port6",
				"port 6, guest on, host on, throttle off,") "  dev: virtconsole, id \"last\"\r\n    port 0, guest on, host on, throttle off";

START_TEST(a_port_is_found)
{
	static const struct {
		const char *id;
		struct port_told is;
	} rows[] = {{"port1", {1, false, true, false}},
		    {"port11", {11, true, false, true}},
		    {"last", {0, true, true, false}}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct port_told is = {.nr = 99};

		ck_assert_msg(port_told_parse(tree, rows[i].id, &is), "%s", rows[i].id);
		ck_assert_uint_eq(is.nr, rows[i].is.nr);
		ck_assert(is.guest == rows[i].is.guest && is.host == rows[i].is.host);
		ck_assert(is.throttled == rows[i].is.throttled);
	}
}
END_TEST

/* Another device's line is not a port's, and nonsense is no state. */
START_TEST(what_is_not_there_is_not_found)
{
	static const char *const ids[] = {"port1x", "none", "port4", "port5",
					  "port6",  "port", "",	     "absent"};
	struct port_told is;

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		ck_assert_msg(!port_told_parse(tree, ids[i], &is), "%s", ids[i]);
	ck_assert(!port_told_parse("", "port1", &is));
}
END_TEST

/* No text that is cut anywhere makes it read beyond it. */
START_TEST(a_text_that_is_cut_does_no_harm)
{
	static const char last[] = "throttle on";
	size_t whole = (size_t)(strstr(tree, last) - tree) + strlen(last);
	struct port_told is;

	for (size_t len = 0; len < sizeof(tree); len++) {
		char *cut = xstrndup(tree, len);

		ck_assert(port_told_parse(cut, "port11", &is) == (len >= whole));
		free(cut);
	}
}
END_TEST

START_TEST(qemu_is_asked)
{
	static const char *const script[] = {
		NEGOTIATE,
		"<",
		"{\"return\": \"  dev: virtserialport, id \\\"p\\\"\\r\\n  port 3, guest on, host on, "
		"throttle on\\r\\n\", \"id\": 2}\r\n",
		"<",
		"{\"id\": 3, \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\r\n",
		NULL};
	struct port_told is;
	struct qmp q;
	pid_t pid;

	qmp_init(&q, "qmp", "log");
	pid = play(script, 1000);
	ck_assert_int_eq(qmp_accept(&q, -1, SOON), QMP_OK);
	ck_assert(port_told(&q, SOON, "p", &is));
	ck_assert(is.nr == 3 && is.throttled);
	ck_assert(!port_told(&q, SOON, "p", &is));
	ck_assert(!port_told(&q, SOON, "p", &is));
	played(pid);
	qmp_release(&q);
}
END_TEST

UNIT_TESTS(port_told, a_port_is_found, what_is_not_there_is_not_found,
	   a_text_that_is_cut_does_no_harm, qemu_is_asked)
