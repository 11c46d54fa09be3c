// SPDX-License-Identifier: GPL-2.0-or-later
/* stream_test.c - a host end as a stream of bytes */
#include "harness/host/stream.h"

#include <sys/socket.h>

#include "harness/host/chr_testing.h"

/* A stream upon one end of a socket pair; the other end is *@peer. */
static struct stream begin(struct chr *c, int *peer)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	chr_init(c, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	io_set_nonblock(fds[0]);
	c->fd = fds[0];
	*peer = fds[1];
	return stream_plain(c);
}

START_TEST(bytes_pass_both_ways_and_the_end_is_told)
{
	char got[8];
	struct chr c;
	int peer;
	struct stream s = begin(&c, &peer);

	ck_assert(stream_is_plain(&s));
	ck_assert_int_eq(stream_read(&s, got, sizeof(got)), 0);
	ck_assert_int_eq(write(peer, "a\0\xff", 3), 3);
	ck_assert_int_eq(stream_read(&s, got, sizeof(got)), 3);
	ck_assert_mem_eq(got, "a\0\xff", 3);
	ck_assert_int_eq(stream_write(&s, "\0b", 2), 2);
	ck_assert_int_eq(read(peer, got, sizeof(got)), 2);
	ck_assert_mem_eq(got, "\0b", 2);
	close(peer);
	ck_assert_int_eq(stream_read(&s, got, sizeof(got)), CHR_EOF);
	ck_assert_uint_eq(s.why.len, 0);
	ck_assert_uint_eq(c.left, 0);
	chr_close(&c);
	ck_assert_uint_eq(c.left, 1);
	chr_close(&c); /* it is closed */
	ck_assert_uint_eq(c.left, 1);
	chr_release(&c);
}
END_TEST

START_TEST(a_wait_ends_with_what_it_is_for)
{
	static const char much[65536];
	struct chr c;
	int peer;
	struct stream s = begin(&c, &peer);
	int64_t began = now_ns();

	stream_wait(&s, false, 20); /* nothing comes */
	ck_assert_int_ge(now_ns() - began, 20 * 1000000);
	stream_wait(&s, true, 20000); /* there is room */
	while (stream_write(&s, much, sizeof(much)) > 0)
		;
	began = now_ns();
	stream_wait(&s, true, 20); /* and now there is none */
	ck_assert_int_ge(now_ns() - began, 20 * 1000000);
	ck_assert_int_eq(write(peer, "x", 1), 1);
	stream_wait(&s, true, 20000);
	stream_wait(&s, false, 20000);
	ck_assert_int_lt(now_ns() - began, 10000 * 1000000LL);
	close(peer);
	chr_release(&c);
}
END_TEST

UNIT_TESTS(stream, bytes_pass_both_ways_and_the_end_is_told, a_wait_ends_with_what_it_is_for)
