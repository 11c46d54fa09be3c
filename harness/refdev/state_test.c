// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* Port 1 open at both ends, and a buffer of three parts half sent to a backend that is full. */
static void stall_in_the_middle(struct world *w, const char *properties, const char *personality)
{
	const struct wbuf parts[] = {{text, 10, false},
				     {text + 10, 10, false},
				     {text + 20, 16, false}};

	world_init(w, REFDEV_PCI_MODERN, properties, personality, NULL);
	world_up(w, W_ANY);
	refdev_host_open(w->rd, 1);
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_ctl(w, 1, E_PORT_READY, 1);
	world_ctl(w, 1, E_PORT_OPEN, 1);
	world_rx(w, 1, 2, 16);
	w->host[1].room = 13;
	wq_post(w, &w->q[5], parts, 3, false);
	wq_kick(w, &w->q[5]);
	world_settle(w, "stalled");
	ck_assert_msg(world_trace_has(w, "port 1 111"), "%s", w->trace.data);
	ck_assert_str_eq(world_out(w, 1), "0123456789abc");
}

static bool load(struct world *w, const struct buf *state, struct buf *why)
{
	buf_clear(why);
	return refdev_load(w->rd, state->data, state->len, why);
}

START_TEST(a_held_buffer_goes_on_where_it_was)
{
	static const char *const properties[] = {"max_ports=4", "max_ports=4,packed=on"};
	static const char *const who[] = {"strict", "qemu-10.0.13"};
	struct buf state = BUF_INIT, why = BUF_INIT;

	for (int i = 0; i < 4; i++) {
		struct world w;

		stall_in_the_middle(&w, properties[i / 2], who[i % 2]);
		buf_clear(&state);
		refdev_save(w.rd, &state);
		world_device(&w);
		refdev_host_open(w.rd, 1);
		w.host[1].room = 1000;
		ck_assert_msg(load(&w, &state, &why), "%s", why.data);
		buf_clear(&w.trace);
		world_settle(&w, "loaded");
		ck_assert_str_eq(world_out(&w, 1), text);
		ck_assert_msg(world_trace_has(&w, "q5 used id=0 len=0"), "%s", w.trace.data);
		ck_assert(world_trace_has(&w, "port 1 110"));
		/* The host end is as it was: nothing to tell, but for QEMU. */
		ck_assert_int_eq(world_trace_has(&w, "q2"), i % 2);
		world_say(&w, 1, "and on");
		world_tx(&w, 1, "!", 1);
		world_settle(&w, "on");
		ck_assert(world_trace_has(&w, "len=6 61 6e 64"));
		ck_assert_int_eq(world_out(&w, 1)[36], '!');
		world_release(&w);
	}
	buf_release(&state);
	buf_release(&why);
}
END_TEST

START_TEST(a_host_that_is_not_there_any_more_is_told)
{
	struct buf state = BUF_INIT, why = BUF_INIT;
	struct world w;

	stall_in_the_middle(&w, "max_ports=4", "strict");
	refdev_save(w.rd, &state);
	world_device(&w);
	ck_assert_msg(load(&w, &state, &why), "%s", why.data);
	buf_clear(&w.trace);
	world_settle(&w, "loaded");
	ck_assert_msg(world_trace_has(&w, "len=8 01 00 00 00 06 00 00 00"), "%s", w.trace.data);
	ck_assert(world_trace_has(&w, "q5 used id=0 len=0"));
	ck_assert(world_trace_has(&w, "port 1 100"));
	ck_assert_str_eq(world_out(&w, 1), "0123456789abc");
	world_release(&w);
	buf_release(&state);
	buf_release(&why);
}
END_TEST

static void save_twice_is_the_same(enum refdev_transport transport)
{
	struct buf one = BUF_INIT, two = BUF_INIT, why = BUF_INIT;
	struct world w;

	world_init(&w, transport, NULL, "strict", NULL);
	world_up(&w, W_ANY);
	world_ctl(&w, 0, E_DEVICE_READY, 1);
	world_settle(&w, "up");
	refdev_save(w.rd, &one);
	world_device(&w);
	ck_assert_msg(load(&w, &one, &why), "%s", why.data);
	refdev_save(w.rd, &two);
	ck_assert_uint_eq(one.len, two.len);
	ck_assert_int_eq(memcmp(one.data, two.data, one.len), 0);
	world_release(&w);
	buf_release(&one);
	buf_release(&two);
	buf_release(&why);
}

START_TEST(what_was_loaded_is_what_was_saved)
{
	for (int t = 0; t < REFDEV_TRANSPORTS; t++)
		save_twice_is_the_same((enum refdev_transport)t);
}
END_TEST

START_TEST(another_topology_is_refused)
{
	static const struct refdev_port other_name[] = {{.nr = 0, .console = true},
							{.nr = 1, .name = "x"},
							{.nr = 2, .name = "two"}};
	static const struct refdev_port other_kind[] = {{.nr = 0, .console = true},
							{.nr = 1,
							 .name = "org.test.one",
							 .console = true},
							{.nr = 2, .name = "two"}};
	static const struct refdev_port more[] = {{.nr = 0, .console = true},
						  {.nr = 1, .name = "org.test.one"},
						  {.nr = 2, .name = "two"},
						  {.nr = 3}};
	static const struct {
		const char *properties;
		const struct refdev_port *ports;
		size_t n;
		bool lax; /* a QEMU takes it */
	} rows[] = {
		{"max_ports=4", other_name, 3, true},
		{"max_ports=4", other_kind, 3, true},
		{"max_ports=4", more, 4, false},
		{"max_ports=4", other_name, 2, false},
		{"max_ports=5", NULL, 3, true},
		{"max_ports=40", NULL, 3, false},
		{"max_ports=4,vectors=4", NULL, 3, false},
		{"max_ports=4,event_idx=off", NULL, 3, false},
	};
	struct buf state = BUF_INIT, why = BUF_INIT;

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(*rows); i++) {
		bool strict = i % 2;
		struct world w;

		stall_in_the_middle(&w, "max_ports=4", strict ? "strict" : "qemu-11.1");
		buf_clear(&state);
		refdev_save(w.rd, &state);
		w.config.properties = rows[i / 2].properties;
		w.config.n_ports = rows[i / 2].n;
		if (rows[i / 2].ports)
			w.config.ports = rows[i / 2].ports;
		world_device(&w);
		ck_assert_msg(load(&w, &state, &why) == (rows[i / 2].lax && !strict), "%zu: %s", i,
			      why.data);
		world_settle(&w, "tried");
		world_release(&w);
	}
	buf_release(&state);
	buf_release(&why);
}
END_TEST

/* A device that refused is as after power-on, and works. */
static void still_works(struct world *w)
{
	ck_assert_uint_eq(w->rd->status, 0);
	ck_assert_uint_eq(w->rd->features, 0);
	ck_assert_ptr_null(rd_port_find(w->rd, 1)->held);
	ck_assert_uint_eq(world_pci(w, 4, 2), 0);
}

START_TEST(a_state_cut_off_anywhere_is_refused)
{
	struct buf state = BUF_INIT, why = BUF_INIT;
	struct world w;

	stall_in_the_middle(&w, "max_ports=4", "strict");
	refdev_save(w.rd, &state);
	for (size_t n = 0; n < state.len; n++) {
		buf_clear(&why);
		ck_assert(!refdev_load(w.rd, state.data, n, &why));
		ck_assert_uint_gt(why.len, 0);
		still_works(&w);
	}
	buf_add(&state, "", 1);
	ck_assert(!load(&w, &state, &why));
	world_release(&w);
	buf_release(&state);
	buf_release(&why);
}
END_TEST

START_TEST(a_state_with_wrong_bytes_does_no_harm)
{
	struct buf state = BUF_INIT, why = BUF_INIT;
	unsigned seed = 1, taken = 0;
	struct world w;

	stall_in_the_middle(&w, "max_ports=4,packed=on", "qemu-11.1");
	refdev_save(w.rd, &state);
	for (int i = 0; i < 3000; i++) {
		size_t at = (size_t)rand_r(&seed) % state.len;
		char old = state.data[at];

		state.data[at] = (char)rand_r(&seed);
		if (load(&w, &state, &why)) {
			taken++;
			for (int turn = 0; turn < 5; turn++)
				refdev_run(w.rd);
			for (unsigned q = 0; q < W_QUEUES; q++)
				rd_kick(w.rd, q);
		} else {
			still_works(&w);
		}
		state.data[at] = old;
	}
	/* Most bytes are addresses and contents, that may be anything. */
	ck_assert_uint_gt(taken, 100);
	ck_assert_uint_lt(taken, 3000);
	world_release(&w);
	buf_release(&state);
	buf_release(&why);
}
END_TEST

UNIT_TESTS(refdev_state, a_held_buffer_goes_on_where_it_was,
	   a_host_that_is_not_there_any_more_is_told, what_was_loaded_is_what_was_saved,
	   another_topology_is_refused, a_state_cut_off_anywhere_is_refused,
	   a_state_with_wrong_bytes_does_no_harm)
