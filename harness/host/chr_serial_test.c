// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_serial_test.c - the serial backend's host end, with a plain slave for QEMU */
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>

#include "harness/host/chr_testing.h"

static int open_slave(const struct chr *c)
{
	int fd = open(c->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios t;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(tcgetattr(fd, &t), 0);
	cfmakeraw(&t);
	ck_assert_int_eq(tcsetattr(fd, TCSANOW, &t), 0);
	return fd;
}

START_TEST(serial_is_told_by_its_slave)
{
	struct chr c;
	char *cmdline, *json;

	chr_init(&c, "c0", CHR_SERIAL, CHR_QEMU_LISTENS);
	cmdline = xasprintf("serial,id=c0,path=%s", c.path);
	json = xasprintf("{\"id\": \"c0\", \"backend\": {\"type\": \"serial\", \"data\": "
			 "{\"device\": \"%s\"}}}",
			 c.path);
	texts(&c, cmdline, json);
	ck_assert(!chr_needs_learning(&c));
	free(json);
	free(cmdline);
	chr_release(&c);
}
END_TEST

START_TEST(serial_talks_and_comes_back)
{
	struct chr c;
	int slave;

	chr_init(&c, "c0", CHR_SERIAL, CHR_QEMU_LISTENS);
	slave = open_slave(&c);
	for (int i = 0; i < 2; i++) {
		must_open(&c);
		must_talk(&c, slave, slave);
		chr_close(&c);
	}
	must_open(&c);
	ck_assert_int_eq(write(slave, "last", 4), 4);
	close(slave);
	ck_assert_uint_eq(chr_read_exact(&c, (char[4]){0}, 4, deadline_in(5000)), 4);
	must_end(&c);
	chr_release(&c);
}
END_TEST

START_TEST(serial_tells_the_speed_that_the_slave_was_given)
{
	struct termios t;
	struct chr c;
	int slave;

	chr_init(&c, "c0", CHR_SERIAL, CHR_QEMU_LISTENS);
	slave = open_slave(&c);
	must_open(&c);
	ck_assert_int_eq(tcgetattr(slave, &t), 0);
	ck_assert_int_eq(cfsetspeed(&t, B300), 0);
	t.c_cflag |= CSTOPB;
	ck_assert_int_eq(tcsetattr(slave, TCSANOW, &t), 0);
	ck_assert_int_eq(tcgetattr(c.fd, &t), 0);
	ck_assert_uint_eq(cfgetospeed(&t), B300);
	ck_assert(t.c_cflag & CSTOPB);
	close(slave);
	chr_release(&c);
}
END_TEST

UNIT_TESTS(chr_serial, serial_is_told_by_its_slave, serial_talks_and_comes_back,
	   serial_tells_the_speed_that_the_slave_was_given)
