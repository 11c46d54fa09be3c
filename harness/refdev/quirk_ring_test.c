// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quirk_ring_test.c - scripts for the switches of rings, descriptors and held buffers
 */
#include "harness/refdev/refdev_testing.h"

enum { TX = 5 };

/* Queue 1, of 4 entries, at these addresses: a buffer of a byte waits, and is kicked. */
static void byte_out(struct world *w, uint64_t desc, uint64_t avail, uint64_t used)
{
	world_bars(w, true);
	world_set(w, W_STATUS, world_features(w, W_ANY) | S_DRIVER_OK);
	world_set(w, W_QSEL, 1);
	world_set(w, W_QSIZE, 4);
	refdev_write(w->rd, W_BAR4 + 0x20, 8, desc);
	refdev_write(w->rd, W_BAR4 + 0x28, 8, avail);
	refdev_write(w->rd, W_BAR4 + 0x30, 8, used);
	world_set(w, W_QENABLE, 1);
	put_le32(w->ram + desc + 8, 1);
	put_le16(w->ram + avail + 2, 1);
	refdev_write(w->rd, W_BAR4 + 0x3004, 2, 1);
	world_note(w, "used", get_le16(w->ram + used + 2));
	world_note(w, "died", refdev_died(w->rd));
}

static void ring_at_zero(struct world *w)
{
	byte_out(w, 0, 0x1000, 0x2000);
}

static void used_at_zero(struct world *w)
{
	byte_out(w, 0x1000, 0x2000, 0);
}

static void avail_at_zero(struct world *w)
{
	byte_out(w, 0x1000, 0, 0x2000);
}

static void chains(struct world *w)
{
	const struct wbuf part = {"in a table", 10, false};

	world_ready(w);
	wq_raw(w, &w->q[TX], 0, W_HEAP, 2, D_NEXT, 1);
	wq_raw(w, &w->q[TX], 1, W_HEAP + 64, 16, D_INDIRECT, 0);
	put_le32(w->ram + W_HEAP + 64, W_HEAP);
	put_le32(w->ram + W_HEAP + 64 + 8, 3);
	wq_avail(w, &w->q[TX], 0);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "table behind");
	w->heap += 4096;
	wq_post(w, &w->q[TX], &part, 1, true);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "table");
}

static void no_indirect(struct world *w)
{
	const struct wbuf part = {"in a table", 10, false};

	world_up(w, ~BIT(F_INDIRECT_DESC));
	refdev_host_open(w->rd, 1);
	wq_post(w, &w->q[TX], &part, 1, true);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "table");
}

static void odd_table(struct world *w, uint16_t outer, uint16_t inner)
{
	uint64_t table = W_HEAP + 0x1000;

	world_ready(w);
	put_le32(w->ram + table, W_HEAP);
	put_le32(w->ram + table + 8, 3);
	put_le16(w->ram + table + 12, inner);
	wq_raw(w, &w->q[TX], 0, table, 16, D_INDIRECT | outer, 1);
	wq_avail(w, &w->q[TX], 0);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "table");
}

static void nested(struct world *w)
{
	odd_table(w, 0, D_INDIRECT);
}

static void table_next(struct world *w)
{
	odd_table(w, D_NEXT, 0);
}

static void one_desc(struct world *w, uint64_t addr, uint32_t len)
{
	world_ready(w);
	wq_raw(w, &w->q[TX], 0, addr, len, 0, 0);
	wq_avail(w, &w->q[TX], 0);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "one");
}

static void zero(struct world *w)
{
	one_desc(w, W_HEAP, 0);
}

static void unmapped(struct world *w)
{
	one_desc(w, 1ULL << 40, 4);
}

/* Four bytes of the register file, in which the features have their place, before DRIVER_OK. */
static void registers_early(struct world *w)
{
	world_bars(w, true);
	world_features(w, ~BIT(F_VERSION_1));
	world_queue(w, TX, 16);
	refdev_host_open(w->rd, 1);
	wq_raw(w, &w->q[TX], 0, W_BAR4, 8, 0, 0);
	wq_avail(w, &w->q[TX], 0);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "registers");
}

static void jump(struct world *w)
{
	world_ready(w);
	put_le16(w->ram + w->q[TX].avail + 2, 100);
	wq_raw(w, &w->q[TX], 0, W_HEAP, 1, 0, 0);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "jump");
}

/* The available index goes back by @n. */
static void avail_back(struct world *w, struct wq *q, unsigned n)
{
	uint8_t *idx = w->ram + q->avail + 2;

	put_le16(idx, (uint16_t)(get_le16(idx) - n));
}

static void back(struct world *w)
{
	world_ready(w);
	avail_back(w, &w->q[2], (uint16_t)(w->q[2].avail_idx - w->q[2].last_used));
	refdev_host_close(w->rd, 1);
	world_settle(w, "back");
}

static void back_counted(struct world *w)
{
	world_ready(w);
	world_rx(w, 1, 2, 8);
	world_settle(w, "room");
	avail_back(w, &w->q[TX - 1], 1);
	world_say(w, 1, "x");
	world_settle(w, "back");
}

/* Every descriptor is a buffer of its own, and the last one goes on with the first. */
static void shared(struct world *w)
{
	struct wq *q = &w->q[TX - 1];

	world_ready(w);
	for (uint16_t i = 0; i < 16; i++) {
		wq_raw(w, q, i, W_HEAP, 1, D_WRITE | (i == 15 ? D_NEXT : 0), 0);
		wq_avail(w, q, i);
	}
	world_say(w, 1, "x");
	world_settle(w, "shared");
}

static void huge_room(struct world *w)
{
	world_ready(w);
	wq_raw(w, &w->q[TX - 1], 15, W_HEAP, 0xffffffff, D_WRITE, 0);
	wq_avail(w, &w->q[TX - 1], 15);
	world_say(w, 1, "x");
	world_settle(w, "huge");
}

static void packed_in(struct world *w)
{
	world_ready(w);
	world_rx(w, 1, 1, 8);
	world_say(w, 1, "x");
	world_settle(w, "in");
	world_note(w, "flags", get_le16(w->ram + w->q[4].desc + 14));
}

static void packed_broken(struct world *w)
{
	world_ready(w);
	world_rx(w, 1, 1, 8);
	rd_error(w->rd, REFDEV_LOG_LOOPED);
	world_say(w, 1, "lost");
	world_settle(w, "broken");
	world_note(w, "waiting", w->host[1].in.len);
}

static void packed_event(struct world *w)
{
	world_up(w, W_ANY);
	world_tx(w, 1, "x", 1);
	world_note(w, "event", get_le16(w->ram + w->q[TX].used + 2));
}

static void stalled(struct world *w)
{
	world_ready(w);
	w->host[1].room = 2;
	world_tx(w, 1, "stalled", 7);
	world_settle(w, "stalled");
}

static void held_reset(struct world *w)
{
	stalled(w);
	world_set(w, W_QSEL, TX);
	world_set(w, W_QRESET, 1);
	world_queue(w, TX, 16);
	w->host[1].room = 100;
	world_settle(w, "reset");
}

static void held_close(struct world *w)
{
	stalled(w);
	refdev_host_close(w->rd, 1);
	world_settle(w, "closed");
}

const struct quirk_row quirk_rows_ring[] = {
	{RD_Q_RING_AT_ZERO, ring_at_zero, MODERN},
	{RD_Q_USED_AT_ZERO, used_at_zero, MODERN},
	{RD_Q_AVAIL_ZERO_DIES, avail_at_zero, MODERN},
	{RD_Q_INDIRECT_LAST, chains, MODERN},
	{RD_Q_INDIRECT_ANYWAY, no_indirect, MODERN},
	{RD_Q_INDIRECT_NESTED, nested, MODERN},
	{RD_Q_INDIRECT_NEXT, table_next, MODERN},
	{RD_Q_ZERO_BREAKS, zero, MODERN},
	{RD_Q_UNMAPPED_ZEROS, unmapped, MODERN},
	{RD_Q_NOT_REENTERED, registers_early, REFDEV_PCI_MODERN, "max_ports=4",
	 ",+unmapped-zeros,+early-queues"},
	{RD_Q_AVAIL_JUMP, jump, MODERN},
	{RD_Q_AVAIL_SEEN, back, MODERN},
	{RD_Q_AVAIL_SEEN_COUNT, back_counted, MODERN},
	{RD_Q_SHARED_LOOPS, shared, MODERN},
	{RD_Q_HUGE_ROOM, huge_room, MODERN},
	{RD_Q_PACKED_NO_WRITE, packed_in, PACKED},
	{RD_Q_PACKED_BROKEN_ROOM, packed_broken, PACKED},
	{RD_Q_PACKED_NO_EVENT, packed_event, PACKED},
	{RD_Q_QUEUE_RESET_HELD, held_reset, MODERN},
	{RD_Q_HELD_LOST, held_close, MODERN},
	{.properties = NULL},
};
