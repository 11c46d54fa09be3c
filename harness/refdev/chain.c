// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chain.c - descriptor chains, split and packed, direct and indirect
 *
 * virtio 1.2: 2.7.4 (framing), 2.7.5 and 2.7.5.3 (indirect), 2.8.5 to 2.8.8; hostile chains:
 * H-01 to H-09, H-15, G-IN-01 to G-IN-07 of the reference text. A chain has at most RD_SEGS
 * segments, and at most as many descriptors as its table: that bounds the work.
 */
#include "harness/refdev/private.h"

/**
 * struct walk - Where a walk along a chain stands
 * @table, @size: the ring, or the indirect table that it went into
 * @i:		the entry in @d
 * @count:	entries seen in this table, and @ring of them in the ring
 * @before:	entries that the chains counted before it take
 */
struct walk {
	uint64_t table;
	unsigned size, i, count, ring, before;
	bool packed, indirect;
	struct rd_desc d;
};

void rd_desc_read(struct refdev *rd, uint64_t table, unsigned i, bool packed, struct rd_desc *d)
{
	uint8_t raw[16];

	rd_ring_read(rd, table + 16ULL * i, raw, sizeof(raw));
	d->addr = get_le64(raw);
	d->len = get_le32(raw + 8);
	d->flags = get_le16(raw + (packed ? 14 : 12));
	d->next = get_le16(raw + 14);
	d->id = get_le16(raw + 12);
}

static void walk_begin(struct refdev *rd, struct rd_queue *q, unsigned i, struct walk *w)
{
	*w = (struct walk){.table = q->desc, .size = q->num, .i = i};
	w->packed = rd_has(rd, F_PACKED);
	rd_desc_read(rd, w->table, i, w->packed, &w->d);
	w->ring = 1;
}

/* Chains that share entries: 2.7.13.1 has a driver take free ones only. QEMU adds up, where it
 * counts the room for input. */
static bool walk_shares(struct refdev *rd, const struct walk *w)
{
	if (w->indirect || w->before == 0 || w->before + w->ring <= w->size ||
	    !rd_quirk(rd, RD_Q_SHARED_LOOPS))
		return false;
	rd_error(rd, REFDEV_LOG_LOOPED);
	return true;
}

/* The entry is an indirect descriptor: go into its table. */
static bool walk_into(struct refdev *rd, struct walk *w)
{
	if (!rd_has(rd, F_INDIRECT_DESC) && !rd_quirk(rd, RD_Q_INDIRECT_ANYWAY)) {
		rd_error(rd, REFDEV_LOG_INDIRECT);
		return false;
	}
	if (w->d.flags & D_NEXT && !rd_quirk(rd, RD_Q_INDIRECT_NEXT)) {
		rd_error(rd, REFDEV_LOG_INDIRECT);
		return false;
	}
	if (w->d.len == 0 || w->d.len % 16) {
		rd_error(rd, REFDEV_LOG_INDIRECT);
		return false;
	}
	if (walk_shares(rd, w))
		return false;
	if (!rd_ring_ok(rd, w->d.addr, w->d.len)) {
		rd_error(rd, REFDEV_LOG_UNMAPPED);
		return false;
	}
	w->table = w->d.addr;
	w->size = w->d.len / 16;
	w->i = 0;
	w->count = 0;
	w->indirect = true;
	rd_desc_read(rd, w->table, 0, w->packed, &w->d);
	return true;
}

/* 2.7.5.3.1: no table inside of a table. */
static bool walk_flat(struct refdev *rd, const struct walk *w)
{
	if (!(w->d.flags & D_INDIRECT) || rd_quirk(rd, RD_Q_INDIRECT_NESTED))
		return true;
	rd_error(rd, REFDEV_LOG_INDIRECT);
	return false;
}

/* Is the entry to be followed as an indirect one? QEMU looks only at the first of a chain. */
static bool walk_resolve(struct refdev *rd, struct walk *w)
{
	if (w->indirect)
		return walk_flat(rd, w);
	if (!(w->d.flags & D_INDIRECT))
		return true;
	/* 2.7.5.3.2: zero or more normal descriptors, then one indirect; not with packed rings,
	 * where 2.8.8 has the driver not do that. */
	if (w->ring > 1 && rd_quirk(rd, RD_Q_INDIRECT_LAST))
		return true;
	if (w->ring > 1 && w->packed) {
		rd_error(rd, REFDEV_LOG_INDIRECT);
		return false;
	}
	return walk_into(rd, w) && walk_flat(rd, w);
}

/* 1: there is another entry, in @d; 0: that was the last; -1: rd_error() */
static int walk_next(struct refdev *rd, struct walk *w)
{
	bool more = w->packed && w->indirect ? true : (w->d.flags & D_NEXT);

	if (!more)
		return 0;
	if (w->packed) {
		w->i++;
		if (w->i == w->size && w->indirect)
			return 0;
		if (w->i == w->size)
			w->i = 0;
	} else if (w->d.next >= w->size) {
		rd_error(rd, REFDEV_LOG_BAD_NEXT);
		return -1;
	} else {
		w->i = w->d.next;
	}
	rd_desc_read(rd, w->table, w->i, w->packed, &w->d);
	if (!w->indirect)
		w->ring++;
	return 1;
}

/* Strict devices take descriptors of no bytes: the number of descriptors is bounded as well. */
static bool walk_count(struct refdev *rd, struct walk *w)
{
	if (rd->descs_left)
		rd->descs_left--;
	if (++w->count > RD_SEGS && w->count <= w->size) {
		rd_error(rd, REFDEV_LOG_TOO_MANY);
		return false;
	}
	if (w->count <= w->size)
		return true;
	rd_error(rd, REFDEV_LOG_LOOPED);
	return false;
}

/* QEMU maps what is not RAM through a bounce buffer of a page: H-05, H-07. */
static bool seg_ok(struct refdev *rd, uint64_t addr, uint32_t len, uint32_t *bounced)
{
	uint64_t low = 0, high = len;

	if (rd->ops.mem_ok(rd->arg, addr, len))
		return true;
	if (!rd_quirk(rd, RD_Q_UNMAPPED_ZEROS))
		return false;
	while (high - low > 1) { /* how much of it, from its start, is RAM */
		uint64_t mid = low + (high - low) / 2;

		if (rd->ops.mem_ok(rd->arg, addr, mid))
			low = mid;
		else
			high = mid;
	}
	*bounced += (uint32_t)(len - low) > 4096 ? 8192 : (uint32_t)(len - low);
	return *bounced <= 4096;
}

static bool seg_add(struct refdev *rd, struct rd_elem *elem, const struct rd_desc *d,
		    uint32_t *bounced)
{
	unsigned n = elem->n_out + elem->n_in;
	bool in = d->flags & D_WRITE;

	if (!in && elem->n_in) {
		rd_error(rd, REFDEV_LOG_ORDER);
		return false;
	}
	if (d->len == 0 && rd_quirk(rd, RD_Q_ZERO_BREAKS)) {
		rd_error(rd, REFDEV_LOG_ZERO_SIZED);
		return false;
	}
	if (d->len == 0)
		return true;
	if (n == RD_SEGS) {
		rd_error(rd, REFDEV_LOG_TOO_MANY);
		return false;
	}
	if (!seg_ok(rd, d->addr, d->len, bounced)) {
		rd_error(rd, REFDEV_LOG_BOGUS);
		return false;
	}
	elem->seg[n] = (struct rd_seg){d->addr, d->len};
	if (in)
		elem->n_in++;
	else
		elem->n_out++;
	return true;
}

bool rd_chain(struct refdev *rd, struct rd_queue *q, unsigned i, struct rd_elem *elem)
{
	uint32_t bounced = 0;
	struct walk w;
	int more;

	elem->n_out = elem->n_in = 0;
	elem->ndescs = 1;
	walk_begin(rd, q, i, &w);
	elem->id = w.packed ? w.d.id : (uint16_t)i;
	do {
		/* The id is the last one's in the ring: 2.8.6. */
		if (w.packed && !w.indirect)
			elem->id = w.d.id;
		if (!walk_resolve(rd, &w) || !seg_add(rd, elem, &w.d, &bounced) ||
		    !walk_count(rd, &w))
			return false;
		more = walk_next(rd, &w);
	} while (more > 0);
	if (w.packed)
		elem->ndescs = w.ring;
	return more == 0;
}

bool rd_chain_in(struct refdev *rd, struct rd_queue *q, unsigned i, struct rd_room *room)
{
	struct walk w;
	int more = 0;

	walk_begin(rd, q, i, &w);
	w.before = room->descs;
	do {
		if (!walk_resolve(rd, &w) || walk_shares(rd, &w) || !walk_count(rd, &w))
			return false;
		if (w.d.flags & D_WRITE)
			room->bytes += w.d.len;
		/* QEMU counts in an unsigned int. */
		if (room->bytes > UINT32_MAX && rd_quirk(rd, RD_Q_HUGE_ROOM))
			room->bytes = (uint32_t)room->bytes;
		if (room->bytes >= room->max)
			break;
		more = walk_next(rd, &w);
		/* What is longer than any chain may be is judged when it is taken. */
	} while (more > 0 && w.count < RD_SEGS);
	room->descs += w.ring;
	return more >= 0;
}

uint32_t rd_room_bytes(const struct rd_room *room)
{
	return room->bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)room->bytes;
}
