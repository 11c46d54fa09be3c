// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_socket_test.c - unix and tcp, with plain sockets in QEMU's part */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "harness/host/chr_testing.h"

static int unix_server(const char *path, bool *listening)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	if (listening) {
		/* a gap between the two calls, to be lived through */
		io_poll(NULL, 0, deadline_in(20));
		*listening = true;
	}
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static void *late_server(void *arg)
{
	bool listening = false;

	io_poll(NULL, 0, deadline_in(20));
	*(int *)arg = unix_server("c0.sock", &listening);
	return NULL;
}

START_TEST(unix_waits_for_a_late_server_and_opens_again)
{
	pthread_t thread;
	struct chr c;
	int server = -1, fd;
	char byte;

	chr_init(&c, "c0", CHR_UNIX, CHR_QEMU_WAITS);
	must_not_open(&c, 30, "c0.sock: No such file");
	ck_assert_int_eq(pthread_create(&thread, NULL, late_server, &server), 0);
	must_open(&c);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	for (int i = 0; i < 3; i++) {
		fd = accept(server, NULL, NULL);
		must_talk(&c, fd, fd);
		ck_assert(chr_shutdown(&c));
		ck_assert_int_eq(read(fd, &byte, 1), 0);
		ck_assert_int_eq(write(fd, "x", 1), 1);
		chr_close(&c);
		ck_assert_int_eq(chr_try_read(&c, &byte, 1), CHR_EOF);
		ck_assert_int_eq(chr_try_write(&c, "x", 1), CHR_EOF);
		ck_assert_int_eq(chr_poll_in(&c), -1);
		ck_assert_int_eq(chr_poll_out(&c), -1);
		close(fd);
		must_open(&c);
	}
	ck_assert_uint_eq(c.sent, 24);
	ck_assert_uint_eq(c.received, 24);
	ck_assert_uint_eq(c.first_sent.len, 24);
	ck_assert_mem_eq(c.first_received.data, c.first_sent.data, 24);
	/* the server goes, with one connection accepted and a byte unread: a reset */
	fd = accept(server, NULL, NULL);
	ck_assert_uint_eq(chr_write_all(&c, "x", 1, deadline_in(1000)), 1);
	close(fd);
	must_end(&c);
	ck_assert_int_eq(chr_try_write(&c, "x", 1), CHR_EOF);
	chr_close(&c);
	close(server);
	must_not_open(&c, 30, "Connection refused");
	chr_release(&c);
}
END_TEST

START_TEST(unix_accepts_when_qemu_connects)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "c0.sock"};
	struct chr c;

	chr_init(&c, "c0", CHR_UNIX, CHR_QEMU_CONNECTS);
	texts(&c, "socket,id=c0,path=c0.sock,server=off",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"socket\", \"data\": {\"addr\": "
	      "{\"type\": "
	      "\"unix\", \"data\": {\"path\": \"c0.sock\"}}, \"server\": false}}}");
	must_not_open(&c, 30, "did not connect");
	for (int i = 0; i < 2; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
		must_open(&c);
		must_talk(&c, fd, fd);
		close(fd);
		must_end(&c);
		chr_close(&c);
	}
	chr_release(&c);
	ck_assert(!file_exists("c0.sock"));
}
END_TEST

START_TEST(tcp_connects_where_it_learnt_qemu_is)
{
	struct sockaddr_in a = local(0);
	socklen_t len = sizeof(a);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct chr c;
	char *filename;

	ck_assert_int_eq(bind(server, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(server, 1), 0);
	ck_assert_int_eq(getsockname(server, (struct sockaddr *)&a, &len), 0);
	filename = xasprintf("disconnected:tcp:127.0.0.1:%d,server=on", ntohs(a.sin_port));
	chr_init(&c, "c0", CHR_TCP, CHR_QEMU_LISTENS);
	ck_assert(chr_learn(&c, filename));
	for (int i = 0; i < 2; i++) {
		int fd;

		must_open(&c);
		fd = accept(server, NULL, NULL);
		must_talk(&c, fd, fd);
		close(fd);
		must_end(&c);
		chr_close(&c);
	}
	close(server);
	must_not_open(&c, 1000, "Connection refused");
	free(filename);
	chr_release(&c);
}
END_TEST

START_TEST(tcp_hands_its_listening_socket_to_a_waiting_qemu)
{
	struct buf b = BUF_INIT;
	struct chr c;
	char *want;
	int server, fd;

	chr_init(&c, "c0", CHR_TCP, CHR_QEMU_WAITS);
	ck_assert_int_ge(c.pass_fd, 0);
	ck_assert(!chr_needs_learning(&c));
	want = xasprintf("socket,id=c0,fd=%d,server=on,wait=on", c.pass_fd);
	chr_cmdline(&c, &b);
	ck_assert_str_eq(b.data, want);
	buf_clear(&b);
	chr_qmp(&c, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "{\"type\": \"fd\", \"data\": {\"str\": \"c0\"}}"));
	server = dup(c.pass_fd);
	must_open(&c);
	ck_assert_int_eq(c.pass_fd, -1);
	ck_assert(io_wait(server, POLLIN, deadline_in(5000)));
	fd = accept(server, NULL, NULL);
	must_talk(&c, fd, fd);
	close(fd);
	close(server);
	must_end(&c);
	chr_close(&c);
	must_not_open(&c, 1000, "Connection refused");
	free(want);
	buf_release(&b);
	chr_release(&c);
}
END_TEST

START_TEST(tcp_accepts_when_qemu_connects)
{
	struct sockaddr_in a;
	struct chr c;

	chr_init(&c, "c0", CHR_TCP, CHR_QEMU_CONNECTS);
	ck_assert_int_gt(c.port, 0);
	ck_assert(!chr_needs_learning(&c));
	a = local(c.port);
	for (int i = 0; i < 2; i++) {
		struct linger hard = {.l_onoff = 1};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
		must_open(&c);
		must_talk(&c, fd, fd);
		/* a reset is an end as well */
		ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
		close(fd);
		must_end(&c);
		chr_close(&c);
	}
	chr_release(&c);
}
END_TEST

/* A connection to the listening socket of @c; both ends in this process. */
static int join(struct chr *c)
{
	struct sockaddr_un u = {.sun_family = AF_UNIX, .sun_path = "c0.sock"};
	struct sockaddr_in a = local(c->port);
	bool tcp = c->kind == CHR_TCP;
	int fd = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(connect(fd, tcp ? (struct sockaddr *)&a : (struct sockaddr *)&u,
				 tcp ? sizeof(a) : sizeof(u)),
			 0);
	must_open(c);
	return fd;
}

/* What we sent arrives, then the end; the other way goes on; and it can be done but once. */
START_TEST(a_half_closed_end_still_listens)
{
	static const enum chr_kind kinds[] = {CHR_UNIX, CHR_TCP};

	for (size_t i = 0; i < 2; i++) {
		struct chr c;
		char got[8];
		int fd;

		chr_init(&c, "c0", kinds[i], CHR_QEMU_CONNECTS);
		ck_assert(!chr_shutdown(&c)); /* there is nothing to close yet */
		fd = join(&c);
		ck_assert_uint_eq(chr_write_all(&c, "last", 4, deadline_in(5000)), 4);
		ck_assert(chr_shutdown(&c));
		ck_assert_int_eq(recv(fd, got, 4, MSG_WAITALL), 4);
		ck_assert_mem_eq(got, "last", 4);
		ck_assert_int_eq(read(fd, got, 1), 0);
		ck_assert_int_eq(chr_try_write(&c, "x", 1), CHR_EOF);
		ck_assert_uint_eq(c.sent, 4);
		ck_assert_int_eq(chr_try_read(&c, got, 1), 0); /* open, and nothing there */
		ck_assert_int_eq(write(fd, "answer", 6), 6);
		ck_assert_uint_eq(chr_read_exact(&c, got, 6, deadline_in(5000)), 6);
		ck_assert_mem_eq(got, "answer", 6);
		ck_assert(chr_shutdown(&c) && chr_is_open(&c));
		close(fd);
		must_end(&c);
		ck_assert(chr_shutdown(&c)); /* it went first: no difference */
		chr_close(&c);
		fd = join(&c); /* the next connection is whole again */
		must_talk(&c, fd, fd);
		close(fd);
		chr_release(&c);
	}
}
END_TEST

UNIT_TESTS(chr_socket, unix_waits_for_a_late_server_and_opens_again,
	   unix_accepts_when_qemu_connects, tcp_connects_where_it_learnt_qemu_is,
	   tcp_hands_its_listening_socket_to_a_waiting_qemu, tcp_accepts_when_qemu_connects,
	   a_half_closed_end_still_listens)
