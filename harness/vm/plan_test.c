// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/selftest/forked.h"
#include "harness/vm/plan.h"

static void check_json(const char *device, const char *json)
{
	struct buf b = BUF_INIT;

	plan_device_json(&b, device);
	ck_assert_str_eq(b.data, json);
	buf_release(&b);
}

START_TEST(a_device_becomes_typed_json)
{
	check_json("virtio-serial-pci", "{\"driver\": \"virtio-serial-pci\"}");
	check_json("isa-serial,index=1,iobase=760",
		   "{\"driver\": \"isa-serial\", \"index\": 1, \"iobase\": 760}");
	check_json("virtio-serial-pci,packed=on,disable-modern=off,ioeventfd=ON",
		   "{\"driver\": \"virtio-serial-pci\", \"packed\": true, "
		   "\"disable-modern\": false, \"ioeventfd\": \"ON\"}");
	check_json("x,n=18446744073709551616",
		   "{\"driver\": \"x\", \"n\": \"18446744073709551616\"}");
	check_json("x,iobase=0x2f8", "{\"driver\": \"x\", \"iobase\": \"0x2f8\"}");
}
END_TEST

/* Names may be made of digits, or be called on. */
START_TEST(names_stay_text)
{
	check_json("x,id=1,name=2,chardev=3,bus=4,addr=5,port=6",
		   "{\"driver\": \"x\", \"id\": \"1\", \"name\": \"2\", \"chardev\": \"3\", "
		   "\"bus\": \"4\", \"addr\": \"5\", \"port\": \"6\"}");
	check_json("x,id=on,name=off", "{\"driver\": \"x\", \"id\": \"on\", \"name\": \"off\"}");
	check_json("x,name=a=b", "{\"driver\": \"x\", \"name\": \"a=b\"}");
	check_json("x,name=", "{\"driver\": \"x\", \"name\": \"\"}");
	check_json("x,name=\"\\\n", "{\"driver\": \"x\", \"name\": \"\\\"\\\\\"}");
	check_json("x,name=\xc3\xa9", "{\"driver\": \"x\", \"name\": \"\xc3\xa9\"}");
}
END_TEST

static void fill(struct plan *p, int n)
{
	for (int i = 0; i < n; i++)
		plan_add_chr(p, "c", CHR_UNIX, CHR_QEMU_LISTENS);
}

static void one_too_many(void *arg)
{
	fill(arg, PLAN_CHRS_MAX + 1);
}

START_TEST(backends_stay_in_order_and_have_an_end)
{
	struct plan p = {0};

	plan_add_chr(&p, "b", CHR_TCP, CHR_QEMU_WAITS);
	plan_add_chr(&p, "a", CHR_UNIX, CHR_QEMU_CONNECTS);
	plan_add_chr(&p, "c", CHR_FILE, CHR_QEMU_LISTENS);
	ck_assert_uint_eq(p.n_chrs, 3);
	ck_assert_str_eq(p.chrs[0].id, "b");
	ck_assert(p.chrs[0].kind == CHR_TCP && p.chrs[0].role == CHR_QEMU_WAITS);
	ck_assert_str_eq(p.chrs[1].id, "a");
	ck_assert(p.chrs[1].kind == CHR_UNIX && p.chrs[1].role == CHR_QEMU_CONNECTS);
	ck_assert(p.chrs[2].kind == CHR_FILE && !p.chrs[2].file_input);
	strv_push(&p.devices, "x");
	strv_push(&p.args, "-y");
	plan_release(&p);
	ck_assert(!p.n_chrs && !p.devices.n && !p.args.n);
	fill(&p, PLAN_CHRS_MAX);
	ck_assert_uint_eq(p.n_chrs, PLAN_CHRS_MAX);
	plan_release(&p);
	forked_dies(one_too_many, &p, EXIT_BROKEN, "a plan holds at most 64 backends");
}
END_TEST

START_TEST(what_a_uart_has_is_there_from_the_start)
{
	struct plan p = {0};

	plan_add_chr(&p, "port", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(&p, "com3", CHR_UNIX, CHR_QEMU_LISTENS);
	p.n_uarts = 2;
	p.uart[1] = "com3";
	ck_assert(!plan_is_early(&p, 0) && plan_is_early(&p, 1));
	p.n_uarts = 1; /* then there is no COM3 to have it */
	ck_assert(!plan_is_early(&p, 0) && !plan_is_early(&p, 1));
	p.cold = true;
	ck_assert(plan_is_early(&p, 0) && plan_is_early(&p, 1));
	plan_release(&p);
}
END_TEST

UNIT_TESTS(plan, a_device_becomes_typed_json, names_stay_text,
	   backends_stay_in_order_and_have_an_end, what_a_uart_has_is_there_from_the_start)
