// SPDX-License-Identifier: GPL-2.0-or-later
/* caps_ask_test.c - what is made of a QEMU's answers; how a probe fails is in caps_test.c */
#include "harness/vm/caps_ask.h"
#include "harness/vm/vm_testing.h"

/* Ask a fake that does @mode; caps_release() is the caller's. */
static bool ask_all(struct caps *c, const char *mode, struct buf *why)
{
	struct caps_ask p = {.c = c, .why = why};
	bool good;

	fake_does(mode);
	caps_init(c);
	c->path = fake_qemu();
	buf_clear(why);
	good = caps_ask_start(&p, ".") && caps_ask_all(&p);
	ck_assert(file_exists(p.dir));
	caps_ask_stop(&p);
	return good;
}

/* Ask one that works. */
static void ask_well(struct caps *c, const char *mode)
{
	struct buf why = BUF_INIT;

	ck_assert_msg(ask_all(c, mode, &why), "%s: %s", mode, why.data);
	ck_assert_uint_eq(why.len, 0);
	buf_release(&why);
}

START_TEST(machines_have_their_aliases_too)
{
	struct caps c;

	ask_well(&c, "answer=query-machines [{\"name\": \"pc-q35-10.0\", \"alias\": \"q35\"}, "
		     "{\"name\": \"none\"}]");
	ck_assert_uint_eq(c.machines.n, 3);
	ck_assert(strv_has(&c.machines, "pc-q35-10.0") && strv_has(&c.machines, "q35"));
	ck_assert(strv_has(&c.machines, "none"));
	caps_release(&c);
}
END_TEST

#define QDM "answer=human-monitor-command "

START_TEST(devices_are_those_that_a_user_may_create)
{
	struct caps c;

	ask_well(&c, QDM "\"name \\\"isa-serial\\\", bus ISA, no-user\\r\\n"
			 "name \\\"virtconsole\\\", bus x, desc \\\"y\\\"\\r\\n"
			 "name \\\"usb-serial\\\", no-user, desc \\\"z\\\"\\r\\n"
			 "no name \\\"pci-serial\\\", no-user\\r\\n\"");
	ck_assert(!strv_has(&c.devices, "isa-serial"));
	ck_assert(strv_has(&c.devices, "virtconsole"));
	/* The mark is the end of a line that begins with the name. */
	ck_assert(strv_has(&c.devices, "usb-serial") && strv_has(&c.devices, "pci-serial"));
	/* And nobody asks for the properties of what nobody may create. */
	ck_assert(!strv_has(&c.properties, "isa-serial.iobase"));
	ck_assert(strv_has(&c.properties, "virtconsole.name"));
	caps_release(&c);
	ask_well(&c, "refuse=human-monitor-command"); /* then all are taken for such */
	ck_assert(strv_has(&c.devices, "isa-serial"));
	caps_release(&c);
}
END_TEST

START_TEST(accelerators_lose_their_suffix)
{
	struct caps c;

	ask_well(&c, "answer=qom-list-types [{\"name\": \"tcg-accel\"}, {\"name\": \"-accel\"}, "
		     "{\"name\": \"tcg\"}, {\"name\": \"xen-accel2\"}]");
	ck_assert(strv_has(&c.accels, "tcg"));
	ck_assert(!strv_has(&c.accels, "xen") && !strv_has(&c.accels, "tcg-accel"));
	ck_assert_uint_eq(c.accels.n, 1);
	caps_release(&c);
}
END_TEST

START_TEST(user_networking_is_there_unless_it_is_refused)
{
	struct caps c;

	ask_well(&c, "ok");
	ck_assert(c.slirp);
	caps_release(&c);
	ask_well(&c, "no-slirp");
	ck_assert(!c.slirp);
	caps_release(&c);
}
END_TEST

/* Lists that are none are empty ones, names that are none are left out. */
START_TEST(answers_of_another_shape_are_survived)
{
	static const char *const shapes[] = {"7",
					     "null",
					     "\"pc\"",
					     "{}",
					     "{\"name\": \"pc\"}",
					     "[]",
					     "[7, null, \"pc\", [], {}]",
					     "[[{\"name\": \"pc\"}]]",
					     "[{\"Name\": \"pc\"}, {\"alias\": \"\"}]"};
	static const char *const commands[] = {"query-machines", "qom-list-types",
					       "device-list-properties", "query-chardev-backends"};
	struct buf why = BUF_INIT;
	struct caps none;

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		struct buf mode = BUF_INIT;
		struct caps c;

		for (size_t k = 0; k < sizeof(commands) / sizeof(*commands); k++)
			buf_addf(&mode, "%sanswer=%s %s", k ? ";" : "", commands[k], shapes[i]);
		ck_assert_msg(ask_all(&c, mode.data, &why), "%s: %s", shapes[i], why.data);
		ck_assert(!strv_has(&c.machines, "pc") && !strv_has(&c.backends, "pc"));
		ck_assert(!c.devices.n && !c.properties.n && !c.accels.n);
		caps_release(&c);
		buf_release(&mode);
	}
	/* HMP's answer is a text, or it is no QEMU that answers. */
	ck_assert(!ask_all(&none, QDM "[7]", &why));
	says(&why, "human-monitor-command returned something else than text");
	caps_release(&none);
}
END_TEST

START_TEST(a_version_that_cannot_be_is_told)
{
	struct buf why = BUF_INIT;
	struct caps c;

	ask_well(&c, "version=11.1.93");
	ck_assert(c.major == 11 && c.minor == 1 && c.micro == 93);
	caps_release(&c);
	ck_assert(!ask_all(&c, "version=10.20000.0", &why));
	says(&why, "fake-qemu cannot be used: its greeting has no version");
	caps_release(&c);
}
END_TEST

UNIT_TESTS(caps_ask, machines_have_their_aliases_too, devices_are_those_that_a_user_may_create,
	   accelerators_lose_their_suffix, user_networking_is_there_unless_it_is_refused,
	   answers_of_another_shape_are_survived, a_version_that_cannot_be_is_told)
