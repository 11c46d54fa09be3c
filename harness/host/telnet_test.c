// SPDX-License-Identifier: GPL-2.0-or-later
/* telnet_test.c - the telnet client, with a socket for the other end */
#include "harness/host/telnet.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/host/chr_testing.h"

#define SOON deadline_in(5000)

static int other; /* the other end's descriptor */

static void begin(struct telnet *t, struct chr *c)
{
	chr_init(c, "c0", CHR_UNIX, CHR_QEMU_CONNECTS);
	other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(other,
				 (struct sockaddr *)&(struct sockaddr_un){AF_UNIX, "c0.sock"},
				 sizeof(struct sockaddr_un)),
			 0);
	must_open(c);
	telnet_begin(t, c);
}

static void end(struct telnet *t, struct chr *c)
{
	telnet_end(t);
	chr_release(c);
	close(other);
}

static void hears(const char *want, size_t len)
{
	char got[64];

	for (size_t n = 0; n < len;) {
		ssize_t more = read(other, got + n, sizeof(got) - n);

		ck_assert_int_gt(more, 0);
		n += (size_t)more;
		ck_assert_uint_le(n, len);
	}
	ck_assert_mem_eq(got, want, len);
}

static void says(const char *text, size_t len)
{
	ck_assert_int_eq(write(other, text, len), (ssize_t)len);
}

START_TEST(telnet_sends_commands_and_doubles_255)
{
	struct telnet t;
	struct chr c;

	begin(&t, &c);
	ck_assert(telnet_type(&t,
			      "a\xff"
			      "b",
			      3, SOON));
	hears("a\xff\xff"
	      "b",
	      4);
	ck_assert(telnet_break(&t, SOON));
	hears("\xff\xf3", 2);
	end(&t, &c);
}
END_TEST

START_TEST(telnet_takes_options_out_and_answers_them)
{
	static const char greeting[] = "\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x00"
				       "on\xff\xffly text";
	struct telnet t;
	struct chr c;

	begin(&t, &c);
	says(greeting, sizeof(greeting) - 1);
	ck_assert(telnet_await(&t, "text", SOON));
	ck_assert_uint_eq(t.text.len, strlen("on?ly text"));
	ck_assert_mem_eq(t.text.data, "on\xffly text", t.text.len);
	ck_assert_str_eq(t.asked.data, "WILL 1 WILL 3 WILL 0 DO 0");
	hears("\xff\xfd\x01\xff\xfd\x03\xff\xfd\x00\xff\xfb\x00", 12);
	end(&t, &c);
}
END_TEST

START_TEST(telnet_goes_on_where_a_command_was_cut)
{
	struct telnet t;
	struct chr c;

	begin(&t, &c);
	says("x\xff", 2);
	ck_assert(telnet_await(&t, "x", SOON));
	says("\xff", 1);
	says("y\xff\xfb", 3);
	says("\x09z", 2);
	ck_assert(telnet_await(&t, "z", SOON));
	ck_assert_uint_eq(t.text.len, 4);
	ck_assert_mem_eq(t.text.data, "x\xffyz", 4);
	hears("\xff\xfe\x09", 3); /* DONT: an option that we know nothing of */
	end(&t, &c);
}
END_TEST

START_TEST(telnet_notices_the_end_and_the_deadline)
{
	struct telnet t;
	struct chr c;

	begin(&t, &c);
	ck_assert(!telnet_await(&t, "never", deadline_in(10)));
	says("\xff", 1); /* a command that never ends */
	close(other);
	ck_assert(!telnet_await(&t, "never", SOON));
	end(&t, &c);
}
END_TEST

START_TEST(telnet_survives_any_bytes)
{
	unsigned char noise[512];
	struct telnet t;
	struct chr c;
	unsigned seed = 7;

	begin(&t, &c);
	for (int round = 0; round < 16; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			seed = seed * 1103515245U + 12345U;
			noise[i] = i % 3 ? (unsigned char)(seed >> 16) : 0xff;
		}
		says((const char *)noise, sizeof(noise));
		telnet_await(&t, "never", deadline_in(5));
	}
	end(&t, &c);
}
END_TEST

UNIT_TESTS(telnet, telnet_sends_commands_and_doubles_255, telnet_takes_options_out_and_answers_them,
	   telnet_goes_on_where_a_command_was_cut, telnet_notices_the_end_and_the_deadline,
	   telnet_survives_any_bytes)
