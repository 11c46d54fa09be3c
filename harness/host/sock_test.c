// SPDX-License-Identifier: GPL-2.0-or-later
/* sock_test.c - sockets by address meet */
#include "harness/host/sock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"

#define MS 5000

/* Listen, connect, a byte each way. */
static void check_pair(const struct sock_address *at, const struct sock_address *to)
{
	struct buf why = BUF_INIT;
	int listener = sock_listen(at), client, server;
	char c;

	client = sock_connect(to ? to : at, false, deadline_in(MS), &why);
	ck_assert_msg(client >= 0, "%s", why.data);
	server = sock_accept(listener, deadline_in(MS));
	ck_assert_int_ge(server, 0);
	ck_assert(io_write_all(client, "a", 1, deadline_in(MS)));
	ck_assert(io_wait(server, POLLIN, deadline_in(MS)));
	ck_assert_int_eq(read(server, &c, 1), 1);
	ck_assert_int_eq(c, 'a');
	io_close(&server);
	io_close(&client);
	io_close(&listener);
	buf_release(&why);
}

START_TEST(unix_names)
{
	char name[64];
	struct sock_address path = sock_unix("s.sock"), tight, loose;

	snprintf(name, sizeof(name), "sock-test-%d", (int)getpid());
	tight = sock_abstract(name, true);
	loose = sock_abstract(name, false);
	unlink("s.sock");
	check_pair(&path, NULL);
	check_pair(&tight, NULL);
	check_pair(&loose, NULL);
	unlink("s.sock");
}
END_TEST

START_TEST(tight_is_another_name)
{
	char name[64];
	struct sock_address tight, loose;
	struct buf why = BUF_INIT;
	int listener;

	snprintf(name, sizeof(name), "sock-test-%d", (int)getpid());
	tight = sock_abstract(name, true);
	loose = sock_abstract(name, false);
	listener = sock_listen(&tight);
	ck_assert_int_lt(sock_connect(&loose, false, deadline_in(10), &why), 0);
	ck_assert(strstr(why.data, "refused"));
	ck_assert_int_lt(sock_try_listen(&tight), 0);
	io_close(&listener);
	buf_release(&why);
}
END_TEST

START_TEST(loopback)
{
	struct buf why = BUF_INIT;

	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		struct sock_address any = sock_loopback(ipv6, 0), at;
		int listener = sock_try_listen(&any), other;

		if (listener < 0) /* a host without ::1 */
			continue;
		at = sock_loopback(ipv6, sock_port(listener));
		ck_assert_int_lt(sock_try_listen(&at), 0);
		other = sock_connect(&at, true, deadline_in(MS), &why);
		ck_assert_int_ge(other, 0);
		io_close(&other);
		io_close(&listener);
		other = sock_datagram(&any, &at);
		ck_assert_int_gt(sock_port(other), 0);
		io_close(&other);
	}
	buf_release(&why);
}
END_TEST

START_TEST(nobody_there)
{
	struct sock_address at = sock_unix("nobody.sock");
	struct buf why = BUF_INIT;
	struct sock_address any = sock_loopback(false, 0);
	int listener = sock_listen(&any);

	ck_assert_int_lt(sock_connect(&at, false, deadline_in(10), &why), 0);
	ck_assert(strstr(why.data, "No such file"));
	ck_assert_int_lt(sock_accept(listener, deadline_in(10)), 0);
	io_close(&listener);
	buf_release(&why);
}
END_TEST

UNIT_TESTS(sock, unix_names, tight_is_another_name, loopback, nobody_there)
