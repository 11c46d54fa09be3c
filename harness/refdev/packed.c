// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packed.c - the device's side of packed virtqueues: virtio 1.2, 2.8
 */
#include "harness/refdev/private.h"

enum { EVENT_ENABLE, EVENT_DISABLE, EVENT_DESC };

bool rd_packed_is_avail(struct refdev *rd, struct rd_queue *q, unsigned i, bool wrap)
{
	uint16_t flags = rd_mem_get16(rd, q->desc + 16ULL * i + 14);
	bool avail = flags & D_AVAIL, used = flags & D_USED;

	return avail != used && avail == wrap;
}

/* Go @n entries on; a held buffer may be from a time when the ring was longer. */
static bool advance(const struct rd_queue *q, uint16_t *i, bool *wrap, unsigned n)
{
	if (*i + n < q->num) {
		*i = (uint16_t)(*i + n);
		return false;
	}
	*i = (uint16_t)((*i + n - q->num) % q->num);
	*wrap = !*wrap;
	return true;
}

/* 2.8.10: which descriptor's kick is wanted next. */
static void want_kick(struct refdev *rd, struct rd_queue *q)
{
	if (!rd_has(rd, F_EVENT_IDX) || rd_quirk(rd, RD_Q_PACKED_NO_EVENT))
		return;
	rd_mem_put16(rd, q->used, (uint16_t)(q->last_avail | q->avail_wrap << 15));
	rd_mem_put16(rd, q->used + 2, EVENT_DESC);
}

bool rd_packed_pop(struct refdev *rd, struct rd_queue *q, struct rd_elem *elem)
{
	if (!rd_packed_is_avail(rd, q, q->last_avail, q->avail_wrap))
		return false;
	if (q->inuse >= q->num) {
		rd_error(rd, REFDEV_LOG_TOO_MANY);
		return false;
	}
	if (!rd_chain(rd, q, q->last_avail, elem))
		return false;
	q->inuse += elem->ndescs;
	advance(q, &q->last_avail, &q->avail_wrap, elem->ndescs);
	want_kick(rd, q);
	return true;
}

static void write_used(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem,
		       uint32_t len)
{
	uint64_t at = q->desc + 16ULL * q->used_idx;
	uint16_t flags = q->used_wrap ? D_AVAIL | D_USED : 0;
	uint16_t id = elem->id;
	uint8_t part[6];

	if (rd_fault(rd, RD_F_USED_ID))
		id = (uint16_t)((id + 1) % q->num);
	/* 2.8.5: WRITE says that len counts. */
	if (len && !rd_quirk(rd, RD_Q_PACKED_NO_WRITE))
		flags |= D_WRITE;
	put_le32(part, len);
	put_le16(part + 4, id);
	rd_ring_write(rd, at + 8, part, sizeof(part));
	rd_mem_put16(rd, at + 14, flags);
	if (advance(q, &q->used_idx, &q->used_wrap, elem->ndescs)) {
		if (rd_has_quirk(rd, RD_Q_SPURIOUS_USED))
			q->signalled_valid = false;
		else
			q->signalled = (uint16_t)(q->signalled - q->num);
	}
}

void rd_packed_push(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem, uint32_t len)
{
	if (rd_fault(rd, RD_F_USED_WRITES_TABLE))
		rd_ring_write(rd, q->desc + 16ULL * q->used_idx, "\0\0\0\0", 4);
	q->inuse -= elem->ndescs;
	write_used(rd, q, elem, len);
	if (rd_fault(rd, RD_F_USED_TWICE))
		write_used(rd, q, elem, len);
}

bool rd_packed_notify(struct refdev *rd, struct rd_queue *q)
{
	uint16_t off_wrap = rd_mem_get16(rd, q->avail), flags = rd_mem_get16(rd, q->avail + 2);
	uint16_t old = q->signalled;
	bool valid = q->signalled_valid;
	int event = off_wrap & 0x7fff;

	q->signalled = q->used_idx;
	q->signalled_valid = true;
	if (flags == EVENT_DISABLE)
		return false;
	if (flags == EVENT_ENABLE || !valid)
		return true;
	if (q->used_wrap != off_wrap >> 15)
		event -= q->num;
	return (uint16_t)(q->used_idx - event - 1) < (uint16_t)(q->used_idx - old);
}

uint32_t rd_packed_avail_bytes(struct refdev *rd, struct rd_queue *q, uint32_t max)
{
	struct rd_room room = {.max = max};
	unsigned i = q->last_avail;
	bool wrap = q->avail_wrap;

	while (room.bytes < max && room.descs < q->num && rd->descs_left &&
	       rd_packed_is_avail(rd, q, i, wrap)) {
		unsigned before = room.descs;

		if (!rd_chain_in(rd, q, i, &room))
			return 0;
		i += room.descs - before;
		if (i >= q->num) {
			i -= q->num;
			wrap = !wrap;
		}
	}
	return rd_room_bytes(&room);
}
