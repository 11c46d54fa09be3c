// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * split.c - the split virtqueue (virtio 1.2 2.7)
 *
 * Available ring: le16 flags, le16 idx, le16 ring[size], le16 used_event. Used ring: le16 flags,
 * le16 idx, {le32 id, le32 len} ring[size], le16 avail_event.
 */
#include "harness/virtio/ring.h"

#define FLAG_NO_INTERRUPT 1
#define FLAG_NO_NOTIFY	  1

static void set16(struct ring *r, uint64_t at, uint16_t value)
{
	target_write(r->v->t, at, 2, value);
}

static uint16_t get16(struct ring *r, uint64_t at)
{
	return (uint16_t)target_read(r->v->t, at, 2);
}

void ring_raw_avail(struct ring *r, unsigned slot, uint16_t head)
{
	set16(r, r->driver + 4 + 2ULL * (slot % r->size), head);
}

void ring_raw_avail_idx(struct ring *r, uint16_t idx)
{
	set16(r, r->driver + 2, idx);
}

void ring_raw_avail_flags(struct ring *r, uint16_t flags)
{
	set16(r, r->driver, flags);
}

void ring_raw_used_event(struct ring *r, uint16_t idx)
{
	set16(r, r->driver + 4 + 2ULL * r->size, idx);
}

uint16_t ring_peek_used_idx(struct ring *r)
{
	return get16(r, r->device + 2);
}

uint16_t ring_peek_used_flags(struct ring *r)
{
	return get16(r, r->device);
}

uint16_t ring_peek_avail_event(struct ring *r)
{
	return get16(r, r->device + 4 + 8ULL * r->size);
}

int split_add(struct ring *r, const struct ring_desc *chain, size_t n)
{
	unsigned head = r->first_free, at = head;

	for (size_t i = 0; i < n; i++) {
		struct ring_desc d = chain[i];

		if (i + 1 < n) {
			d.flags |= RD_NEXT;
			d.next = r->next[at];
		}
		ring_raw_desc(r, at, &d);
		at = r->next[at];
	}
	r->first_free = at;
	ring_raw_avail(r, r->avail_idx++, (uint16_t)head);
	return (int)head;
}

void split_expect(struct ring *r)
{
	target_expect_mem(r->v->t, r->device + 2, 2);
}

bool split_take(struct ring *r, struct ring_used *used)
{
	uint16_t there = (uint16_t)(ring_peek_used_idx(r) - r->used_idx);
	uint64_t entry;

	if (!there)
		return false;
	if (there > r->order_n) {
		target_ended(r->v->t, TARGET_WRONG,
			     "queue %u: the device used %u buffers of %u that it was given",
			     r->index, there, r->order_n);
		return false;
	}
	entry = target_read(r->v->t, r->device + 4 + 8ULL * (r->used_idx % r->size), 8);
	*used = (struct ring_used){.id = (unsigned)(entry & UINT32_MAX),
				   .len = (uint32_t)(entry >> 32)};
	r->used_idx++;
	return true;
}

static void split_interrupts(struct ring *r, enum ring_interrupts mode, unsigned after)
{
	/* 2.7.7.1: with EVENT_IDX the flag stays 0; an index half the ring away never comes */
	if (!r->event_idx)
		ring_raw_avail_flags(r, mode == RING_IRQ_NONE ? FLAG_NO_INTERRUPT : 0);
	else if (mode == RING_IRQ_NONE)
		ring_raw_used_event(r, (uint16_t)(r->used_idx + 0x8000));
	else
		ring_raw_used_event(r, (uint16_t)(r->used_idx +
						  (mode == RING_IRQ_AT ? after - 1 : 0)));
}

/* 2.8.14: le16 offset and wrap counter, le16 flags */
void ring_raw_driver_event(struct ring *r, uint16_t off_wrap, uint16_t flags)
{
	set16(r, r->driver, off_wrap);
	set16(r, r->driver + 2, flags);
}

static void packed_interrupts(struct ring *r, enum ring_interrupts mode, unsigned after)
{
	unsigned at = r->used_idx + after - 1;
	bool wrap = r->used_wrap;

	if (at >= r->size) {
		at -= r->size;
		wrap = !wrap;
	}
	if (mode == RING_IRQ_AT)
		ring_raw_driver_event(r, (uint16_t)(at | (unsigned)wrap << 15), RE_DESC);
	else
		ring_raw_driver_event(r, 0, mode == RING_IRQ_NONE ? RE_DISABLE : RE_ENABLE);
}

void ring_interrupts(struct ring *r, enum ring_interrupts mode, unsigned after)
{
	if (r->packed)
		packed_interrupts(r, mode, after);
	else
		split_interrupts(r, mode, after);
}

/* 2.7.10.1, 2.8.14: has what was added passed the event? */
static bool passed(uint16_t event, unsigned now, unsigned added)
{
	return (uint16_t)(now - event - 1) < added;
}

bool ring_wants_kick(struct ring *r, unsigned added)
{
	uint16_t off_wrap, flags;

	if (!r->packed)
		return r->event_idx ? passed(ring_peek_avail_event(r), r->avail_idx, added)
				    : !(ring_peek_used_flags(r) & FLAG_NO_NOTIFY);
	off_wrap = get16(r, r->device);
	flags = get16(r, r->device + 2);
	if (flags != RE_DESC)
		return flags == RE_ENABLE;
	/* An event before the last wrap lies so many descriptors further back. */
	return passed((uint16_t)((off_wrap & 0x7fff) -
				 ((off_wrap >> 15) == r->avail_wrap ? 0 : r->size)),
		      r->avail_idx, added);
}
