// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * queue_test.c - rings and chains, well formed and not: H-* and G-* of the reference text
 */
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

enum { TX = 5 }; /* port 1 */

static void up(struct world *w, const char *properties, const char *personality, uint64_t features)
{
	world_init(w, REFDEV_PCI_MODERN, properties, personality, NULL);
	world_up(w, features);
	refdev_host_open(w->rd, 1);
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_ctl(w, 1, E_PORT_OPEN, 1);
	world_settle(w, "up");
	buf_clear(&w->trace);
	ck_assert_uint_eq(w->rd->broken, 0);
}

/* Makes descriptors 0.. of the transmit queue, 0 is kicked; and what comes of it. */
struct hostile {
	const char *name;
	void (*make)(struct world *w, struct wq *q);
	unsigned strict, qemu; /* log classes; 0: it goes on */
	const char *out;       /* what QEMU's backend gets */
};

static void two_loop(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 4, D_NEXT, 1);
	wq_raw(w, q, 1, W_HEAP, 4, D_NEXT, 0);
}

static void next_outside(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 4, D_NEXT, 16);
}

static void no_bytes(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 0, 0, 0);
}

static void too_long(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 0xffffffff, 0, 0);
}

static void far_away(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, 1ULL << 40, 4, 0, 0);
}

static void wraps_around(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, UINT64_MAX - 1, 4, 0, 0);
}

static void over_the_end(struct world *w, struct wq *q)
{
	memcpy(w->ram + W_RAM - 2, "AB", 2);
	wq_raw(w, q, 0, W_RAM - 2, 4, 0, 0);
}

static void wrong_order(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 4, D_NEXT | D_WRITE, 1);
	wq_raw(w, q, 1, W_HEAP, 4, 0, 0);
}

static void readable_and_writable(struct world *w, struct wq *q)
{
	memcpy(w->ram + W_HEAP, "read", 4);
	wq_raw(w, q, 0, W_HEAP, 4, D_NEXT, 1);
	wq_raw(w, q, 1, W_HEAP, 4, D_WRITE, 0);
}

static void table_of_8(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 8, D_INDIRECT, 0);
}

static void table_of_nothing(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, W_HEAP, 0, D_INDIRECT, 0);
}

static void table_nowhere(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, 1ULL << 40, 16, D_INDIRECT, 0);
}

/* A table with one buffer, at the end of the heap. */
static uint64_t table(struct world *w, uint16_t flags)
{
	uint8_t *d = w->ram + W_HEAP + 64;

	memcpy(w->ram + W_HEAP, "data", 4);
	memset(d, 0, 16);
	put_le32(d, W_HEAP);
	put_le32(d + 8, 4);
	put_le16(d + 12, flags);
	return W_HEAP + 64;
}

static void table_in_table(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, table(w, D_INDIRECT), 16, D_INDIRECT, 0);
}

static void table_with_next(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, table(w, 0), 16, D_INDIRECT | D_NEXT, 0);
}

static void table_loop(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, table(w, D_NEXT), 16, D_INDIRECT, 0);
}

static void table_written(struct world *w, struct wq *q)
{
	wq_raw(w, q, 0, table(w, 0), 16, D_INDIRECT | D_WRITE, 0);
}

static const struct hostile hostiles[] = {
	{"H-01", no_bytes, 0, REFDEV_LOG_ZERO_SIZED, ""},
	{"H-02", two_loop, REFDEV_LOG_LOOPED, REFDEV_LOG_LOOPED, ""},
	{"H-03", next_outside, REFDEV_LOG_BAD_NEXT, REFDEV_LOG_BAD_NEXT, ""},
	{"H-05", far_away, REFDEV_LOG_BOGUS, 0, "\\x00\\x00\\x00\\x00"},
	{"H-05 wrap", wraps_around, REFDEV_LOG_BOGUS, 0, "\\x00\\x00AB"},
	{"H-05 end", over_the_end, REFDEV_LOG_BOGUS, 0, "AB\\x00\\x00"},
	{"H-07", too_long, REFDEV_LOG_BOGUS, REFDEV_LOG_BOGUS, ""},
	{"H-08", readable_and_writable, 0, 0, "read"},
	{"H-09", wrong_order, REFDEV_LOG_ORDER, REFDEV_LOG_ORDER, ""},
	{"H-15", table_of_8, REFDEV_LOG_INDIRECT, REFDEV_LOG_INDIRECT, ""},
	{"G-IN-06", table_of_nothing, REFDEV_LOG_INDIRECT, REFDEV_LOG_INDIRECT, ""},
	{"G-IN-06 nowhere", table_nowhere, REFDEV_LOG_UNMAPPED, REFDEV_LOG_ZERO_SIZED, ""},
	{"G-IN-01", table_written, 0, 0, "data"},
	{"G-IN-04", table_in_table, REFDEV_LOG_INDIRECT, 0, "data"},
	{"G-IN-05", table_with_next, REFDEV_LOG_INDIRECT, 0, "data"},
	{"H-02 table", table_loop, REFDEV_LOG_LOOPED, REFDEV_LOG_LOOPED, ""},
};

static void try_hostile(const struct hostile *h, bool strict)
{
	unsigned want = strict ? h->strict : h->qemu;
	struct buf out = BUF_INIT;
	struct world w;

	up(&w, NULL, strict ? "strict" : "qemu-10.0.13", W_ANY);
	/* No memory there but what the test puts. */
	memcpy(w.ram, "AB", 2);
	h->make(&w, &w.q[TX]);
	wq_avail(&w, &w.q[TX], 0);
	wq_kick(&w, &w.q[TX]);
	world_settle(&w, "hostile");
	ck_assert_msg(w.rd->broken == (want != 0), "%s %d", h->name, strict);
	ck_assert_msg(world_get(&w, W_STATUS) == (want ? 0x4f : 0x0f), "%s", h->name);
	text_printable(&out, w.host[1].out.data, w.host[1].out.len, 64);
	if (!strict)
		ck_assert_msg(strcmp(out.data, h->out) == 0, "%s: %s", h->name, out.data);
	buf_clear(&out);
	buf_addf(&out, "log %x\n", want);
	ck_assert_msg(world_trace_has(&w, out.data), "%s %d: %s", h->name, strict, w.trace.data);
	/* A reset brings it back. */
	world_set(&w, W_STATUS, 0);
	ck_assert_uint_eq(world_get(&w, W_STATUS), 0);
	world_up(&w, W_ANY);
	world_tx(&w, 0, "x", 1);
	world_settle(&w, "again");
	ck_assert_uint_eq(w.q[1].last_used, 1);
	buf_release(&out);
	world_release(&w);
}

START_TEST(hostile_chains_break_it_until_a_reset)
{
	for (size_t i = 0; i < sizeof(hostiles) / sizeof(*hostiles); i++) {
		try_hostile(&hostiles[i], true);
		try_hostile(&hostiles[i], false);
	}
}
END_TEST

START_TEST(a_bad_head_and_a_jump_are_errors)
{
	for (int strict = 0; strict < 2; strict++) {
		struct world w;

		up(&w, NULL, strict ? "strict" : "qemu-7.2", W_ANY);
		wq_avail(&w, &w.q[TX], 16);
		wq_kick(&w, &w.q[TX]);
		ck_assert_uint_eq(refdev_log(w.rd), REFDEV_LOG_BAD_HEAD);
		world_release(&w);
		up(&w, NULL, strict ? "strict" : "qemu-7.2", W_ANY);
		wq_raw(&w, &w.q[TX], 0, W_HEAP, 1, 0, 0);
		put_le16(w.ram + w.q[TX].avail + 2, 300);
		wq_kick(&w, &w.q[TX]);
		world_settle(&w, "jump");
		ck_assert_uint_eq(w.rd->broken, strict);
		ck_assert_uint_eq(w.host[1].out.len, strict ? 0 : 300);
		world_release(&w);
	}
}
END_TEST

START_TEST(an_indirect_table_may_end_a_chain)
{
	for (int strict = 0; strict < 2; strict++) {
		struct world w;

		up(&w, NULL, strict ? "strict" : "qemu-11.1", W_ANY);
		memcpy(w.ram + W_HEAP + 32, "AB", 2);
		wq_raw(&w, &w.q[TX], 0, W_HEAP + 32, 2, D_NEXT, 1);
		wq_raw(&w, &w.q[TX], 1, table(&w, 0), 16, D_INDIRECT, 0);
		wq_avail(&w, &w.q[TX], 0);
		wq_kick(&w, &w.q[TX]);
		ck_assert_uint_eq(w.host[1].out.len, strict ? 6 : 18);
		ck_assert_int_eq(memcmp(world_out(&w, 1), strict ? "ABdata" : "AB", 2), 0);
		world_release(&w);
	}
}
END_TEST

START_TEST(indices_wrap_around)
{
	struct world w;

	up(&w, NULL, NULL, W_ANY);
	w.host[1].room = 1U << 30;
	for (int i = 0; i < 70000; i++) {
		w.heap = W_HEAP;
		world_tx(&w, 1, "x", 1);
		w.q[TX].last_used++;
	}
	ck_assert_uint_eq(w.host[1].out.len, 70000);
	ck_assert_uint_eq(get_le16(w.ram + w.q[TX].used + 2), (uint16_t)70000);
	world_release(&w);
}
END_TEST

static void event_idx(const char *properties)
{
	struct world w;
	unsigned at;

	up(&w, properties, NULL, W_ANY);
	/* Wanted: after the second buffer from now. */
	at = w.rd->q[TX].used_idx;
	if (w.q[TX].packed) {
		put_le16(w.ram + w.q[TX].avail, (uint16_t)((at + 1) | 1 << 15));
		put_le16(w.ram + w.q[TX].avail + 2, 2);
	} else {
		put_le16(w.ram + w.q[TX].avail + 4 + 32, (uint16_t)(at + 1));
	}
	for (unsigned i = 0; i < 3; i++) {
		w.irqs[1] = 0;
		world_tx(&w, 1, "x", 1);
		ck_assert_uint_eq(w.irqs[1], i == 1);
	}
	world_release(&w);
}

START_TEST(used_event_is_honoured)
{
	event_idx("max_ports=4");
	event_idx("max_ports=4,packed=on");
}
END_TEST

START_TEST(suppressed_packed_rings_are_quiet)
{
	struct world w;

	up(&w, "max_ports=4,packed=on", NULL, ~BIT(F_EVENT_IDX));
	put_le16(w.ram + w.q[TX].avail + 2, 1);
	world_tx(&w, 1, "x", 1);
	ck_assert_uint_eq(w.irqs[1], 0);
	put_le16(w.ram + w.q[TX].avail + 2, 0);
	world_tx(&w, 1, "x", 1);
	ck_assert_uint_eq(w.irqs[1], 1);
	world_release(&w);
}
END_TEST

START_TEST(packed_input_says_that_it_wrote)
{
	for (int strict = 0; strict < 2; strict++) {
		struct world w;
		uint64_t at;

		up(&w, "max_ports=4,packed=on", strict ? "strict" : "qemu-11.1", W_ANY);
		at = w.q[4].desc + 14;
		world_rx(&w, 1, 1, 8);
		world_say(&w, 1, "hello");
		world_settle(&w, "in");
		ck_assert_uint_eq(get_le16(w.ram + at), strict ? 0x8082 : 0x8080);
		world_release(&w);
	}
}
END_TEST

START_TEST(sizes_are_taken_as_the_personality_has_it)
{
	static const struct {
		const char *personality;
		unsigned n, size, want;
		bool breaks;
	} rows[] = {
		{"strict", 0, 64, 64, false},	   {"strict", 0, 100, 128, false},
		{"strict", 0, 256, 128, false},	   {"strict", 0, 0, 128, false},
		{"qemu-7.2", 0, 100, 100, false},  {"qemu-7.2", 2, 1024, 1024, false},
		{"qemu-7.2", 0, 1025, 128, false}, {"qemu-10.0.13", 2, 32, 32, false},
		{"qemu-11.1", 2, 128, 32, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world w;

		world_init(&w, REFDEV_PCI_MODERN, NULL, rows[i].personality, NULL);
		world_bars(&w, false);
		world_features(&w, W_ANY);
		world_set(&w, W_QSEL, rows[i].n);
		world_set(&w, W_QSIZE, rows[i].size);
		ck_assert_uint_eq(world_get(&w, W_QSIZE), rows[i].want);
		ck_assert_uint_eq(w.rd->broken, rows[i].breaks);
		world_release(&w);
	}
}
END_TEST

START_TEST(rings_that_are_not_memory_break_it)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_bars(&w, false);
	world_features(&w, W_ANY);
	refdev_write(w.rd, W_BAR4 + 0x20, 8, W_RAM - 16);
	refdev_write(w.rd, W_BAR4 + 0x28, 8, 0x1000);
	refdev_write(w.rd, W_BAR4 + 0x30, 8, 0x2000);
	world_set(&w, W_QENABLE, 1);
	ck_assert_uint_eq(refdev_log(w.rd), REFDEV_LOG_UNMAPPED);
	wq_kick(&w, &w.q[0]);
	world_release(&w);
}
END_TEST

/* What one kick can ask for is done in steps. */
START_TEST(huge_work_is_done_in_steps)
{
	struct world w;

	up(&w, NULL, NULL, W_ANY);
	w.host[1].room = 1U << 30;
	for (unsigned i = 0; i < 15; i++)
		wq_raw(&w, &w.q[TX], i, 0, W_RAM, i < 14 ? D_NEXT : 0, (uint16_t)(i + 1));
	wq_avail(&w, &w.q[TX], 0);
	wq_kick(&w, &w.q[TX]);
	ck_assert_uint_gt(w.host[1].out.len, 0);
	ck_assert_uint_lt(w.host[1].out.len, 15UL * W_RAM);
	while (refdev_run(w.rd))
		continue;
	ck_assert_uint_eq(w.host[1].out.len, 15UL * W_RAM);
	world_release(&w);
}
END_TEST

UNIT_TESTS(refdev_queue, hostile_chains_break_it_until_a_reset, a_bad_head_and_a_jump_are_errors,
	   an_indirect_table_may_end_a_chain, indices_wrap_around, used_event_is_honoured,
	   suppressed_packed_rings_are_quiet, packed_input_says_that_it_wrote,
	   sizes_are_taken_as_the_personality_has_it, rings_that_are_not_memory_break_it,
	   huge_work_is_done_in_steps)
