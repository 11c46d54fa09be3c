// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "harness/refdev/refdev_testing.h"

static const char *const all_personalities[] = {"strict", "qemu-7.2", "qemu-10.0", "qemu-10.0.13",
						"qemu-11.1"};

/* Handshake, bytes both ways, names and events, whatever the ring: no personality loses any. */
static void both_ways(enum refdev_transport transport, const char *properties,
		      const char *personality, uint64_t features)
{
	struct world w;

	world_init(&w, transport, properties, personality, NULL);
	world_up(&w, features);
	refdev_host_open(w.rd, 1);
	world_ctl(&w, UINT32_MAX, E_DEVICE_READY, 1);
	world_ctl(&w, 1, E_PORT_READY, 1);
	world_ctl(&w, 0, E_PORT_READY, 1);
	world_ctl(&w, 1, E_PORT_OPEN, 1);
	world_settle(&w, "up");
	ck_assert_msg(world_trace_has(&w, "port 1 110"), "%s", w.trace.data);
	world_rx(&w, 1, 3, 8);
	world_say(&w, 1, "from the host");
	world_settle(&w, "rx");
	ck_assert_msg(world_trace_has(&w, "len=8 66 72 6f 6d 20 74 68 65"), "%s", w.trace.data);
	ck_assert_msg(world_trace_has(&w, "len=5 20 68 6f 73 74 cc cc cc cc"), "%s", w.trace.data);
	for (int i = 0; i < 40; i++) {
		world_tx(&w, 1, "from the driver ", 16);
		world_settle(&w, "tx");
	}
	ck_assert_uint_eq(w.host[1].out.len, 640);
	ck_assert_str_eq(world_out(&w, 1) + 624, "from the driver ");
	ck_assert_uint_eq(w.rd->broken, 0);
	world_release(&w);
}

START_TEST(bytes_go_both_ways_on_every_transport)
{
	for (size_t p = 0; p < 5; p++) {
		both_ways(REFDEV_PCI_MODERN, NULL, all_personalities[p], W_ANY);
		both_ways(REFDEV_PCI_TRANSITIONAL, NULL, all_personalities[p], W_ANY);
		both_ways(REFDEV_PCI_LEGACY, NULL, all_personalities[p], W_ANY);
		both_ways(REFDEV_MMIO_MODERN, NULL, all_personalities[p], W_ANY);
		both_ways(REFDEV_MMIO_LEGACY, NULL, all_personalities[p], W_ANY);
	}
}
END_TEST

START_TEST(bytes_go_both_ways_on_every_ring)
{
	for (size_t p = 0; p < 5; p++) {
		const char *who = all_personalities[p];

		both_ways(REFDEV_PCI_MODERN, NULL, who, ~BIT(F_EVENT_IDX));
		both_ways(REFDEV_PCI_MODERN, "max_ports=4,packed=on", who, W_ANY);
		both_ways(REFDEV_PCI_MODERN, "max_ports=4,packed=on", who, ~BIT(F_EVENT_IDX));
		if (p == 1)
			continue;
		both_ways(REFDEV_PCI_MODERN, "max_ports=4,in_order=on", who, W_ANY);
		both_ways(REFDEV_PCI_MODERN, "max_ports=4,packed=on,in_order=on", who, W_ANY);
	}
}
END_TEST

START_TEST(a_driver_without_multiport_has_port_0)
{
	static const struct refdev_port port = {.nr = 0, .console = true};
	const struct refdev_config config = {
		.transport = REFDEV_PCI_MODERN,
		.properties = "max_ports=1",
		.ports = &port,
		.n_ports = 1,
	};
	struct world w;

	world_init_as(&w, &config);
	world_up(&w, W_ANY);
	ck_assert_uint_eq(w.rd->q[2].max, 0);
	ck_assert_uint_eq(world_get(&w, W_NUMQ), 2);
	refdev_host_open(w.rd, 0);
	world_rx(&w, 0, 1, 16);
	world_say(&w, 0, "hi");
	world_tx(&w, 0, "ho", 2);
	world_settle(&w, "both");
	ck_assert_str_eq(world_out(&w, 0), "ho");
	ck_assert(world_trace_has(&w, "q0 used id=0 len=2 68 69"));
	ck_assert_uint_eq(w.opened, 1);
	world_release(&w);
}
END_TEST

START_TEST(ports_are_refused_as_qemu_does)
{
	static const struct refdev_port bad[] = {{.nr = 1}, {.nr = 4}, {.nr = 3, .name = "two"}};
	static const char *const reasons[] = {"already exists at id 1", "max. allowed: 3",
					      "already exists by name two"};
	struct refdev_port zero = {.nr = 0};
	struct buf why = BUF_INIT;
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(!refdev_plug(w.rd, &bad[i], &why));
		ck_assert_msg(strstr(why.data, reasons[i]) != NULL, "%s", why.data);
		buf_clear(&why);
	}
	ck_assert(refdev_unplug(w.rd, 0));
	ck_assert(!refdev_unplug(w.rd, 0));
	ck_assert(!refdev_plug(w.rd, &zero, &why));
	buf_release(&why);
	world_release(&w);
}
END_TEST

START_TEST(a_host_that_leaves_is_read_to_its_end)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 1);
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_ctl(&w, 1, E_PORT_READY, 1);
	world_ctl(&w, 1, E_PORT_OPEN, 1);
	world_rx(&w, 1, 2, 16);
	world_settle(&w, "open");
	buf_clear(&w.trace);
	world_say(&w, 1, "bye");
	refdev_host_close(w.rd, 1);
	world_settle(&w, "closed");
	ck_assert(world_trace_has(&w, "len=3 62 79 65"));
	ck_assert_msg(world_trace_has(&w, "len=8 01 00 00 00 06 00 00 00"), "%s", w.trace.data);
	ck_assert(world_trace_has(&w, "port 1 100"));
	world_tx(&w, 1, "lost", 4);
	world_settle(&w, "discarded");
	ck_assert_str_eq(world_out(&w, 1), "");
	ck_assert(world_trace_has(&w, "q5 used id=0 len=0"));
	world_release(&w);
}
END_TEST

START_TEST(a_stopped_machine_reads_nothing_and_notices_later)
{
	for (int strict = 0; strict < 2; strict++) {
		struct refdev_port_state s;
		struct world w;

		world_init(&w, REFDEV_PCI_MODERN, NULL, strict ? "strict" : "qemu-11.1", NULL);
		world_up(&w, W_ANY);
		world_ctl(&w, 0, E_DEVICE_READY, 1);
		world_ctl(&w, 1, E_PORT_OPEN, 1);
		world_rx(&w, 1, 2, 16);
		refdev_host_open(w.rd, 1);
		world_settle(&w, "open");
		refdev_stop(w.rd);
		world_say(&w, 1, "late");
		world_settle(&w, "stopped");
		ck_assert_uint_eq(w.host[1].in.len, 4);
		refdev_cont(w.rd);
		world_settle(&w, "cont");
		ck_assert_uint_eq(w.host[1].in.len, 0);
		refdev_stop(w.rd);
		refdev_host_close(w.rd, 1);
		refdev_cont(w.rd);
		refdev_port_state(w.rd, 1, &s);
		ck_assert_int_eq(s.host, !strict);
		world_release(&w);
	}
}
END_TEST

START_TEST(a_machine_reset_is_as_after_power_on)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 1);
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_ctl(&w, 1, E_PORT_OPEN, 1);
	world_settle(&w, "up");
	refdev_reset(w.rd);
	ck_assert_uint_eq(world_pci(&w, 4, 2), 0);
	ck_assert_uint_eq(world_pci(&w, 0x20, 4), 0xc);
	ck_assert_uint_eq(w.rd->status, 0);
	ck_assert_uint_eq(w.rd->q[0].set_up, 0);
	ck_assert_uint_eq(w.closed, 1);
	world_settle(&w, "reset");
	ck_assert(world_trace_has(&w, "port 1 010"));
	world_up(&w, W_ANY);
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_settle(&w, "again");
	ck_assert_uint_eq(w.q[2].last_used, 3);
	world_release(&w);
}
END_TEST

/* Sanitized, and with all that the transcript costs: a plain build needs a twentieth of it. */
START_TEST(a_trial_takes_well_under_a_millisecond)
{
	struct timespec t;
	int64_t from, to;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	from = t.tv_sec * 1000000000LL + t.tv_nsec;
	for (int i = 0; i < 20; i++)
		both_ways(REFDEV_PCI_MODERN, NULL, "strict", W_ANY);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	to = t.tv_sec * 1000000000LL + t.tv_nsec;
	ck_assert_int_lt((to - from) / 20, 20000000);
}
END_TEST

UNIT_TESTS(refdev, bytes_go_both_ways_on_every_transport, bytes_go_both_ways_on_every_ring,
	   a_driver_without_multiport_has_port_0, ports_are_refused_as_qemu_does,
	   a_host_that_leaves_is_read_to_its_end, a_stopped_machine_reads_nothing_and_notices_later,
	   a_machine_reset_is_as_after_power_on, a_trial_takes_well_under_a_millisecond)
