// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * split.c - the device's side of split virtqueues: virtio 1.2, 2.7
 */
#include "harness/refdev/private.h"

enum { AVAIL_NO_INTERRUPT = 1 };

static uint64_t used_event_at(const struct rd_queue *q)
{
	return q->avail + 4 + 2ULL * q->num;
}

/* QEMU keeps what it read (shadow_avail_idx), and reads it again when that is used up; before 8.2
 * it read it each time that it counted. 2.7.13.3.1: it never goes back. */
uint16_t rd_split_avail(struct refdev *rd, struct rd_queue *q, uint16_t idx, bool count)
{
	uint16_t seen = q->seen_avail, now = rd_mem_get16(rd, q->avail + 2);
	enum rd_quirk quirk = count ? RD_Q_AVAIL_SEEN_COUNT : RD_Q_AVAIL_SEEN;

	if (seen != idx && seen != now && rd_has_quirk(rd, quirk)) {
		if ((int16_t)(now - seen) < 0)
			rd_quirk(rd, quirk);
		return seen;
	}
	if (count || rd_has_quirk(rd, RD_Q_AVAIL_SEEN))
		q->seen_avail = now;
	return now;
}

int rd_split_heads(struct refdev *rd, struct rd_queue *q, uint16_t idx, bool check)
{
	uint16_t heads = (uint16_t)(rd_split_avail(rd, q, idx, check) - idx);

	/* 2.7.13.3.1: the index never runs ahead of the ring. QEMU looks only when it counts. */
	if (heads > q->num && (check || !rd_quirk(rd, RD_Q_AVAIL_JUMP))) {
		rd_error(rd, REFDEV_LOG_MOVED_INDEX);
		return -1;
	}
	return heads;
}

bool rd_split_pop(struct refdev *rd, struct rd_queue *q, struct rd_elem *elem)
{
	uint16_t head;

	if (rd_split_heads(rd, q, q->last_avail, false) <= 0)
		return false;
	if (q->inuse >= q->num) {
		rd_error(rd, REFDEV_LOG_TOO_MANY);
		return false;
	}
	head = rd_mem_get16(rd, q->avail + 4 + 2ULL * (q->last_avail % q->num));
	q->last_avail++;
	if (head >= q->num) {
		rd_error(rd, REFDEV_LOG_BAD_HEAD);
		return false;
	}
	/* 2.7.10.1: where the next kick is wanted. */
	if (rd_has(rd, F_EVENT_IDX))
		rd_mem_put16(rd, q->used + 4 + 8ULL * q->num, q->last_avail);
	if (!rd_chain(rd, q, head, elem))
		return false;
	q->inuse++;
	return true;
}

static void write_used(struct refdev *rd, struct rd_queue *q, uint32_t id, uint32_t len)
{
	uint16_t old = q->used_idx, new = (uint16_t)(old + 1);
	uint8_t entry[8];

	put_le32(entry, id);
	put_le32(entry + 4, len);
	rd_ring_write(rd, q->used + 4 + 8ULL * (old % q->num), entry, sizeof(entry));
	rd_mem_put16(rd, q->used + 2, new);
	q->used_idx = new;
	if ((int16_t)(new - q->signalled) < 1)
		q->signalled_valid = false;
}

void rd_split_push(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem, uint32_t len)
{
	uint32_t id = elem->id;

	if (rd_fault(rd, RD_F_USED_ID))
		id = (id + 1) % q->num;
	if (rd_fault(rd, RD_F_USED_WRITES_TABLE))
		rd_ring_write(rd, q->desc + 16ULL * elem->id + 8, "\0\0\0\0", 4);
	q->inuse--;
	write_used(rd, q, id, len);
	if (rd_fault(rd, RD_F_USED_TWICE))
		write_used(rd, q, id, len);
}

bool rd_split_notify(struct refdev *rd, struct rd_queue *q)
{
	uint16_t event, old = q->signalled;
	bool valid = q->signalled_valid;

	/* 6.4: NOTIFY_ON_EMPTY, legacy only. */
	if (rd_has(rd, F_NOTIFY_ON_EMPTY) && !q->inuse && rd_queue_empty(rd, q))
		return true;
	if (!rd_has(rd, F_EVENT_IDX))
		return !(rd_mem_get16(rd, q->avail) & AVAIL_NO_INTERRUPT);
	q->signalled_valid = true;
	q->signalled = q->used_idx;
	if (!valid)
		return true;
	/* 2.7.7.2: has used_idx passed used_event since? */
	event = rd_mem_get16(rd, used_event_at(q));
	return (uint16_t)(q->used_idx - event - 1) < (uint16_t)(q->used_idx - old);
}

uint32_t rd_split_avail_bytes(struct refdev *rd, struct rd_queue *q, uint32_t max)
{
	struct rd_room room = {.max = max};
	uint16_t idx = q->last_avail;
	int heads = 0;

	for (; room.bytes < max && rd->descs_left; idx++) {
		uint16_t head;

		heads = rd_split_heads(rd, q, idx, true);
		if (heads <= 0)
			break;
		head = rd_mem_get16(rd, q->avail + 4 + 2ULL * (idx % q->num));
		if (head >= q->num) {
			rd_error(rd, REFDEV_LOG_BAD_HEAD);
			return 0;
		}
		if (!rd_chain_in(rd, q, head, &room))
			return 0;
	}
	return heads < 0 ? 0 : rd_room_bytes(&room);
}
