/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chr_testing.h - what the unit tests of the host ends share
 */
#ifndef HOST_CHR_TESTING_H
#define HOST_CHR_TESTING_H

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/host/chr.h"
#include "harness/selftest/unit.h"

static inline void must_open(struct chr *c)
{
	struct buf why = BUF_INIT;

	ck_assert_msg(chr_open(c, deadline_in(5000), &why), "%s", why.data);
	ck_assert(chr_is_open(c));
	buf_release(&why);
}

static inline void must_not_open(struct chr *c, int ms, const char *reason)
{
	struct buf why = BUF_INIT;

	ck_assert(!chr_open(c, deadline_in(ms), &why));
	ck_assert_msg(strstr(why.data, reason) != NULL, "%s", why.data);
	ck_assert(!chr_is_open(c) && c->fd == -1 && c->out_fd == -1);
	buf_release(&why);
}

/* Both ways, between a host end and QEMU's descriptors; bytes of all kinds */
static inline void must_talk(struct chr *c, int from_us, int to_us)
{
	char text[] = "\0\xff\r\n\x04\x11\x13\x7f", got[64];
	struct deadline d = deadline_in(5000);

	ck_assert_uint_eq(chr_write_all(c, text, 8, d), 8);
	ck_assert(io_wait(from_us, POLLIN, d));
	ck_assert_int_eq(read(from_us, got, sizeof(got)), 8);
	ck_assert_mem_eq(got, text, 8);
	ck_assert_int_eq(chr_try_read(c, got, sizeof(got)), 0);
	ck_assert_int_eq(write(to_us, text, 8), 8);
	ck_assert_uint_eq(chr_read_exact(c, got, 3, d), 3);
	ck_assert_uint_eq(chr_read_exact(c, got + 3, 5, d), 5);
	ck_assert_mem_eq(got, text, 8);
}

static inline void must_end(struct chr *c)
{
	char byte;

	ck_assert_int_eq(chr_read(c, &byte, 1, deadline_in(5000)), CHR_EOF);
	ck_assert_int_eq(chr_try_read(c, &byte, 1), CHR_EOF);
}

static inline void texts(const struct chr *c, const char *cmdline, const char *qmp)
{
	struct buf b = BUF_INIT;

	chr_cmdline(c, &b);
	ck_assert_str_eq(b.data, cmdline);
	buf_clear(&b);
	chr_qmp(c, &b);
	ck_assert_str_eq(b.data, qmp);
	buf_release(&b);
}

static inline struct sockaddr_in local(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

#endif
