// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/refdev/refdev_testing.h"

static bool has(struct world *w, const char *text)
{
	bool found = world_trace_has(w, text);

	buf_clear(&w->trace);
	return found;
}

START_TEST(options_come_in_order_after_port_ready)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 1);
	world_settle(&w, "before");
	/* C-15: nothing before DEVICE_READY. */
	ck_assert(!has(&w, "q2 used"));
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_settle(&w, "ready");
	ck_assert_uint_eq(w.q[2].last_used, 3);
	world_ctl(&w, 1, E_PORT_READY, 1);
	world_settle(&w, "port 1");
	/* C-35: the name without a NUL; C-16. */
	ck_assert(world_trace_has(&w, "q2 used id=3 len=20 01 00 00 00 07 00 01 00 6f 72 67"));
	ck_assert(world_trace_has(&w, "q2 used id=4 len=8 01 00 00 00 06 00 01 00"));
	world_ctl(&w, 0, E_PORT_READY, 1);
	world_settle(&w, "port 0");
	ck_assert(world_trace_has(&w, "q2 used id=5 len=8 00 00 00 00 04 00 01 00"));
	/* C-36: no second PORT_ADD. */
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_settle(&w, "again");
	ck_assert_uint_eq(w.q[2].last_used, 7);
	world_release(&w);
}
END_TEST

START_TEST(messages_wait_for_buffers)
{
	const struct wbuf part = {NULL, 64, true};
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_bars(&w, true);
	world_set(&w, W_STATUS, world_features(&w, W_ANY) | S_DRIVER_OK);
	world_queue(&w, 2, 16);
	world_queue(&w, 3, 16);
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_ctl(&w, 1, E_PORT_READY, 1);
	world_settle(&w, "no buffers");
	ck_assert(!has(&w, "q2 used"));
	for (int i = 0; i < 4; i++) {
		wq_post(&w, &w.q[2], &part, 1, false);
		wq_kick(&w, &w.q[2]);
		world_settle(&w, "one");
		ck_assert_uint_eq(w.q[2].last_used, i + 1);
	}
	ck_assert(world_trace_has(&w, "len=20 01 00 00 00 07"));
	ck_assert_uint_eq(w.rd->pending.len, 0);
	world_release(&w);
}
END_TEST

/* Replies that nobody takes do not grow without end: the driver's messages wait. */
START_TEST(a_driver_that_takes_no_replies_has_to_wait)
{
	struct world w;
	unsigned used;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_bars(&w, true);
	world_set(&w, W_STATUS, world_features(&w, W_ANY) | S_DRIVER_OK);
	world_queue(&w, 2, 16);
	world_queue(&w, 3, 16);
	for (int i = 0; i < 20000; i++) {
		w.heap = W_HEAP;
		world_ctl(&w, 1, E_PORT_READY, 1);
		if (w.rd->q[3].kicked)
			break;
	}
	used = w.rd->q[3].used_idx;
	ck_assert(w.rd->q[3].kicked);
	ck_assert_uint_lt(w.rd->pending.len, RD_PENDING_SOFT + 1000);
	ck_assert(!refdev_run(w.rd));
	ck_assert_uint_eq(w.rd->q[3].used_idx, used);
	ck_assert_uint_eq(w.rd->broken, 0);
	world_release(&w);
}
END_TEST

START_TEST(messages_that_are_none_do_nothing)
{
	static const char raw[24] = {1, 0, 0, 0, E_PORT_OPEN, 0, 1, 0, 1, 0, 0, 0, E_PORT_OPEN};
	static const uint16_t driver_only[] = {E_PORT_ADD, E_PORT_REMOVE, E_CONSOLE_PORT,
					       E_RESIZE,   E_PORT_NAME,	  8,
					       0xffff};
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	for (uint32_t len = 1; len < 8; len++) { /* U-01 */
		const struct wbuf part = {raw, len, false};

		wq_post(&w, &w.q[3], &part, 1, false);
		wq_kick(&w, &w.q[3]);
	}
	for (size_t i = 0; i < sizeof(driver_only) / sizeof(*driver_only); i++)
		world_ctl(&w, 1, driver_only[i], 1); /* U-04, U-06 */
	world_settle(&w, "nothing");
	ck_assert(world_trace_has(&w, "port 1 000"));
	ck_assert(!world_trace_has(&w, "q2 used"));
	ck_assert(world_trace_has(&w, "log 0\n"));
	ck_assert_uint_eq(w.q[3].last_used, 14);
	world_ctl(&w, 77, E_PORT_OPEN, 1); /* U-05 */
	ck_assert_uint_eq(refdev_log(w.rd), REFDEV_LOG_UNEXPECTED_PORT);
	buf_clear(&w.trace);
	const struct wbuf two = {raw, sizeof(raw), false};

	wq_post(&w, &w.q[3], &two, 1, false); /* U-02: the first 8 bytes */
	wq_kick(&w, &w.q[3]);
	world_settle(&w, "long");
	ck_assert(world_trace_has(&w, "port 1 100"));
	world_release(&w);
}
END_TEST

START_TEST(a_stall_holds_and_goes_on_at_the_right_byte)
{
	const struct wbuf parts[] = {{"abc", 3, false}, {"def", 3, false}, {"ghi", 3, false}};
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 1);
	w.host[1].room = 0;
	wq_post(&w, &w.q[5], parts, 3, false);
	wq_post(&w, &w.q[5], parts, 3, true);
	wq_kick(&w, &w.q[5]);
	for (unsigned i = 1; i <= 18; i++) {
		w.host[1].room = 1;
		world_settle(&w, "a byte");
		ck_assert_uint_eq(w.host[1].out.len, i);
		ck_assert_uint_eq(w.q[5].last_used, i / 9);
	}
	ck_assert_str_eq(world_out(&w, 1), "abcdefghiabcdefghi");
	world_release(&w);
}
END_TEST

START_TEST(input_waits_until_the_port_is_open)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 1);
	world_rx(&w, 1, 1, 4);
	world_say(&w, 1, "waiting");
	world_settle(&w, "closed");
	ck_assert_uint_eq(w.host[1].in.len, 7);
	world_ctl(&w, 1, E_PORT_OPEN, 1);
	world_settle(&w, "open");
	ck_assert(world_trace_has(&w, "q4 used id=0 len=4 77 61 69 74 cc cc cc cc"));
	ck_assert_uint_eq(w.host[1].in.len, 3);
	world_rx(&w, 1, 1, 4);
	world_settle(&w, "more");
	ck_assert(world_trace_has(&w, "q4 used id=1 len=3 69 6e 67"));
	world_release(&w);
}
END_TEST

START_TEST(a_size_is_told_in_the_way_that_was_negotiated)
{
	for (int multiport = 0; multiport < 2; multiport++) {
		struct world w;
		unsigned gen;

		world_init(&w, REFDEV_PCI_MODERN, "max_ports=4,size=on", NULL, NULL);
		world_up(&w, multiport ? W_ANY : ~BIT(F_MULTIPORT));
		refdev_resize(w.rd, 0, 132, 43);
		gen = world_get(&w, W_GEN);
		ck_assert_uint_eq(gen, 1);
		ck_assert_uint_eq(world_cfg(&w, 0, 2), 132);
		ck_assert_uint_eq(world_cfg(&w, 2, 2), 43);
		world_ctl(&w, 0, E_PORT_READY, 1);
		world_settle(&w, "ready");
		/* C-33: cols before rows. */
		ck_assert(world_trace_has(&w, "len=12 00 00 00 00 05 00 00 00 84 00 2b 00") ==
			  multiport);
		world_release(&w);
	}
}
END_TEST

START_TEST(the_configuration_is_readable_at_every_width)
{
	static const enum refdev_transport on[] = {REFDEV_PCI_MODERN, REFDEV_PCI_LEGACY,
						   REFDEV_MMIO_MODERN, REFDEV_MMIO_LEGACY};

	for (size_t i = 0; i < 4; i++) {
		struct world w;

		world_init(&w, on[i], NULL, NULL, NULL);
		world_bars(&w, i % 2);
		ck_assert_uint_eq(world_cfg(&w, 4, 4), 4);
		ck_assert_uint_eq(world_cfg(&w, 4, 2), 4);
		ck_assert_uint_eq(world_cfg(&w, 4, 1), 4);
		ck_assert_uint_eq(world_cfg(&w, 5, 1), 0);
		ck_assert_uint_eq(world_cfg(&w, 3, 2), 0x400);
		ck_assert_uint_eq(world_cfg(&w, 12, 4), UINT32_MAX);
		ck_assert_uint_eq(world_cfg(&w, 10, 4) >> 16, 0xffff);
		world_cfg_set(&w, 4, 4, 77); /* G-CF-03 */
		ck_assert_uint_eq(world_cfg(&w, 4, 4), 4);
		world_release(&w);
	}
}
END_TEST

START_TEST(emergency_writes_work_at_any_time)
{
	static const uint8_t states[] = {0, 1, 3, 11, 15, 0x80};
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	refdev_host_open(w.rd, 0);
	world_bars(&w, false);
	for (size_t i = 0; i < sizeof(states); i++) {
		world_set(&w, W_STATUS, states[i]);
		world_cfg_set(&w, 8, 4, 0x12345600U + 'a' + (uint32_t)i);
	}
	ck_assert_str_eq(world_out(&w, 0), "abcdef");
	ck_assert_uint_eq(world_cfg(&w, 8, 4), 0);
	world_cfg_set(&w, 8, 1, 'g');
	world_cfg_set(&w, 9, 1, 'h');
	ck_assert_str_eq(world_out(&w, 0), "abcdefg");
	world_release(&w);
}
END_TEST

START_TEST(an_mmio_queue_is_used_only_when_ready)
{
	uint64_t value;
	struct world w;

	world_init(&w, REFDEV_MMIO_MODERN, NULL, NULL, NULL);
	refdev_read(w.rd, W_MMIO, 4, &value);
	ck_assert_uint_eq(value, 0x74726976);
	refdev_read(w.rd, W_MMIO + 8, 4, &value);
	ck_assert_uint_eq(value, 3);
	refdev_read(w.rd, W_MMIO + 8, 2, &value);
	ck_assert_uint_eq(value, 0);
	ck_assert(!refdev_read(w.rd, W_MMIO + 0x200, 4, &value));
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 0);
	world_set(&w, W_QSEL, 1);
	world_set(&w, W_QENABLE, 0);
	world_tx(&w, 0, "not yet", 7);
	ck_assert_str_eq(world_out(&w, 0), "");
	world_set(&w, W_QENABLE, 1);
	world_settle(&w, "ready");
	ck_assert_str_eq(world_out(&w, 0), "not yet");
	ck_assert(refdev_pin(w.rd));
	refdev_write(w.rd, W_MMIO + 0x64, 4, 1);
	ck_assert(!refdev_pin(w.rd));
	ck_assert_uint_eq(refdev_mmio_empty(REFDEV_MMIO_MODERN, 8, 4), 0);
	ck_assert_uint_eq(refdev_mmio_empty(REFDEV_MMIO_LEGACY, 4, 4), 1);
	world_release(&w);
}
END_TEST

UNIT_TESTS(refdev_console, options_come_in_order_after_port_ready, messages_wait_for_buffers,
	   a_driver_that_takes_no_replies_has_to_wait, messages_that_are_none_do_nothing,
	   a_stall_holds_and_goes_on_at_the_right_byte, input_waits_until_the_port_is_open,
	   a_size_is_told_in_the_way_that_was_negotiated,
	   the_configuration_is_readable_at_every_width, emergency_writes_work_at_any_time,
	   an_mmio_queue_is_used_only_when_ready)
