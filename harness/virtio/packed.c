// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packed.c - the packed virtqueue (virtio 1.2 2.8)
 *
 * A descriptor is available while its AVAIL bit is the driver's wrap counter and its USED bit is
 * not (2.8.1); the device writes one used descriptor for a whole chain, with both bits as its own
 * counter, at the place of the chain's first.
 */
#include "harness/virtio/ring.h"

static uint16_t avail_flags(bool wrap)
{
	return wrap ? RD_AVAIL : RD_USED;
}

/* An id that no buffer out there has. */
static unsigned free_id(const struct ring *r)
{
	unsigned id = r->avail_idx; /* in order, this is all there is to it */

	while (r->chain[id])
		id = (id + 1) % r->size;
	return id;
}

/* 2.8.21: the first descriptor's flags come last. */
int packed_add(struct ring *r, const struct ring_desc *chain, size_t n)
{
	unsigned id = free_id(r), first = r->avail_idx;
	struct ring_desc head = {0};

	for (size_t i = 0; i < n; i++) {
		struct ring_desc d = chain[i];

		d.flags = (uint16_t)(d.flags | avail_flags(r->avail_wrap) |
				     (i + 1 < n ? RD_NEXT : 0));
		d.next = (uint16_t)id;
		if (i == 0)
			head = d;
		else
			ring_raw_desc(r, r->avail_idx, &d);
		if (++r->avail_idx == r->size) {
			r->avail_idx = 0;
			r->avail_wrap = !r->avail_wrap;
		}
	}
	target_write(r->v->t, r->desc + 16ULL * first, 8, head.addr);
	target_write(r->v->t, r->desc + 16ULL * first + 8, 4, head.len);
	target_write(r->v->t, r->desc + 16ULL * first + 12, 2, head.next);
	target_write(r->v->t, r->desc + 16ULL * first + 14, 2, head.flags);
	return (int)id;
}

bool packed_take(struct ring *r, struct ring_used *used)
{
	struct ring_desc d = ring_peek_desc(r, r->used_idx);
	bool avail = d.flags & RD_AVAIL, is_used = d.flags & RD_USED;

	if (!r->order_n || avail != is_used || avail != r->used_wrap)
		return false;
	*used = (struct ring_used){.id = d.next, .len = d.len, .flags = d.flags};
	/* A batch (IN_ORDER) skips what lies before its last buffer as well. */
	for (unsigned i = 0; i < r->order_n; i++) {
		unsigned id = r->order[(r->order_first + i) % r->size];

		if (!r->in_order && id != d.next)
			continue;
		r->used_idx = (uint16_t)(r->used_idx + r->chain[id]);
		if (r->used_idx >= r->size) {
			r->used_idx = (uint16_t)(r->used_idx - r->size);
			r->used_wrap = !r->used_wrap;
		}
		if (id == d.next)
			break;
	}
	return true;
}
