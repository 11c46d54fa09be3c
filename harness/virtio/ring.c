// SPDX-License-Identifier: GPL-2.0-or-later
/* ring.c - the driver side of a virtqueue: what both layouts have in common */
#include "harness/virtio/ring.h"

#include <string.h>

#include "harness/base/die.h"

#define PAGE 4096u

static void put_le(unsigned char *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

static uint64_t get_le(const unsigned char *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

/* 2.7.5: flags, next; 2.8.13: id, flags */
static void pack_desc(const struct ring *r, unsigned char raw[16], const struct ring_desc *d)
{
	put_le(raw, d->addr, 8);
	put_le(raw + 8, d->len, 4);
	put_le(raw + 12, r->packed ? d->next : d->flags, 2);
	put_le(raw + 14, r->packed ? d->flags : d->next, 2);
}

static struct ring_desc unpack_desc(const struct ring *r, const unsigned char raw[16])
{
	return (struct ring_desc){.addr = get_le(raw, 8),
				  .len = (uint32_t)get_le(raw + 8, 4),
				  .flags = (uint16_t)get_le(raw + (r->packed ? 14 : 12), 2),
				  .next = (uint16_t)get_le(raw + (r->packed ? 12 : 14), 2)};
}

static size_t driver_bytes(const struct ring *r)
{
	return r->packed ? 4 : 6 + 2 * (size_t)r->size;
}

static size_t device_bytes(const struct ring *r)
{
	return r->packed ? 4 : 6 + 8 * (size_t)r->size;
}

static void forget(struct ring *r)
{
	r->avail_idx = r->used_idx = 0;
	r->avail_wrap = r->used_wrap = true; /* 2.8.1 */
	r->free = r->size;
	memset(r->chain, 0, sizeof(r->chain));
	for (unsigned i = 0; i < r->size; i++)
		r->next[i] = (uint16_t)(i + 1);
	r->first_free = 0;
	r->last_free = r->size - 1;
	r->order_first = r->order_n = 0;
	r->batch = -1;
}

bool ring_init(struct ring *r, struct vdev *v, unsigned index, unsigned size)
{
	return ring_init_known(r, v, index, size, vdev_queue_size(v, index));
}

bool ring_init_known(struct ring *r, struct vdev *v, unsigned index, unsigned size,
		     unsigned offered)
{
	size_t head;

	*r = (struct ring){.v = v,
			   .index = index,
			   .size = size ? size : offered,
			   .packed = v->accepted & VF_RING_PACKED,
			   .event_idx = v->accepted & VF_EVENT_IDX,
			   .in_order = v->accepted & VF_IN_ORDER};
	if (!offered)
		return false;
	if (r->size > RING_SIZE_MAX)
		die("a ring holds at most %d entries, not %u", RING_SIZE_MAX, r->size);
	head = 16 * (size_t)r->size + driver_bytes(r);
	head = (head + PAGE - 1) & ~((size_t)PAGE - 1);
	r->desc = target_alloc(v->t, head + device_bytes(r), PAGE);
	r->driver = r->desc + 16 * (size_t)r->size;
	r->device = r->desc + head;
	forget(r);
	vdev_queue_set(v, index, r->size, r->desc, r->driver, r->device);
	return true;
}

void ring_restart(struct ring *r)
{
	target_mem_set(r->v->t, r->desc, 0, (size_t)(r->device - r->desc) + device_bytes(r));
	forget(r);
	vdev_queue_set(r->v, r->index, r->size, r->desc, r->driver, r->device);
}

static int add(struct ring *r, const struct ring_desc *chain, size_t n)
{
	int id;

	if (!n || n > r->free)
		return -1;
	id = r->packed ? packed_add(r, chain, n) : split_add(r, chain, n);
	r->free -= (unsigned)n;
	r->chain[id] = (uint16_t)n;
	r->order[(r->order_first + r->order_n++) % r->size] = (uint16_t)id;
	return id;
}

int ring_add(struct ring *r, const struct ring_seg *segs, size_t n)
{
	struct ring_desc chain[RING_SIZE_MAX];

	if (n > RING_SIZE_MAX)
		return -1;
	for (size_t i = 0; i < n; i++)
		chain[i] = (struct ring_desc){.addr = segs[i].addr,
					      .len = segs[i].len,
					      .flags = segs[i].write ? RD_WRITE : 0};
	return add(r, chain, n);
}

int ring_add_indirect(struct ring *r, const struct ring_seg *segs, size_t n, uint64_t table)
{
	struct ring_desc d = {.addr = table, .len = (uint32_t)(16 * n), .flags = RD_INDIRECT};

	for (size_t i = 0; i < n; i++) {
		/* 2.8.7: in a packed table order is all there is; NEXT and id stay 0 */
		struct ring_desc e = {.addr = segs[i].addr,
				      .len = segs[i].len,
				      .flags = segs[i].write ? RD_WRITE : 0};

		if (!r->packed && i + 1 < n) {
			e.flags |= RD_NEXT;
			e.next = (uint16_t)(i + 1);
		}
		ring_raw_table(r, table, (unsigned)i, &e);
	}
	return add(r, &d, 1);
}

void ring_publish(struct ring *r)
{
	if (!r->packed)
		ring_raw_avail_idx(r, r->avail_idx);
}

void ring_kick(struct ring *r)
{
	vdev_notify(r->v, r->index);
}

int ring_submit(struct ring *r, const struct ring_seg *segs, size_t n)
{
	int id = ring_add(r, segs, n);

	if (id < 0)
		die("queue %u has no room for a buffer of %zu pieces", r->index, n);
	ring_publish(r);
	ring_kick(r);
	return id;
}

/* The buffer @id is ours again. */
static void reclaim(struct ring *r, unsigned id)
{
	unsigned last = id;

	r->free += r->chain[id];
	if (!r->packed) {
		for (unsigned i = 1; i < r->chain[id]; i++)
			last = r->next[last];
		if (r->free == r->chain[id])
			r->first_free = id;
		else
			r->next[r->last_free] = (uint16_t)id;
		r->last_free = last;
	}
	r->chain[id] = 0;
	for (unsigned i = 0; i < r->order_n; i++) {
		unsigned at = (r->order_first + i) % r->size;

		if (r->order[at] != id)
			continue;
		for (; i > 0; i--, at = (at + r->size - 1) % r->size)
			r->order[at] = r->order[(at + r->size - 1) % r->size];
		break;
	}
	r->order_first = (r->order_first + 1) % r->size;
	r->order_n--;
}

/* 2.7.9, 2.8.9: with IN_ORDER one entry may stand for all up to its id; of the others no length is
 * told. */
static bool take_batch(struct ring *r, struct ring_used *used)
{
	unsigned oldest = r->order[r->order_first];

	if (r->batch < 0)
		return false;
	*used = (struct ring_used){.id = oldest};
	if (oldest == (unsigned)r->batch) {
		*used = r->batch_used;
		r->batch = -1;
	}
	reclaim(r, oldest);
	return true;
}

bool ring_take(struct ring *r, struct ring_used *used)
{
	if (take_batch(r, used))
		return true;
	if (!(r->packed ? packed_take(r, used) : split_take(r, used)))
		return false;
	if (used->id >= r->size || !r->chain[used->id]) {
		target_ended(r->v->t, TARGET_WRONG,
			     "queue %u: the device used buffer %u, which it was not given",
			     r->index, used->id);
		return false;
	}
	if (r->in_order && r->order[r->order_first] != used->id) {
		r->batch = (int)used->id;
		r->batch_used = *used;
		return take_batch(r, used);
	}
	reclaim(r, used->id);
	return true;
}

/* Packed: one that is used and the next one, which mostly is not. */
#define EXPECTED 2

void ring_expect(struct ring *r)
{
	unsigned n = r->size - r->used_idx < EXPECTED ? r->size - r->used_idx : EXPECTED;

	if (r->packed)
		target_expect_mem(r->v->t, r->desc + 16ULL * r->used_idx, 16UL * n);
	else
		split_expect(r);
}

struct awaited {
	struct ring *r;
	struct ring_used *used;
	bool taken;
};

static bool came(void *arg)
{
	struct awaited *a = arg;

	if (!a->taken)
		a->taken = ring_take(a->r, a->used);
	return a->taken;
}

bool ring_await(struct ring *r, struct ring_used *used, int ms)
{
	struct awaited a = {.r = r, .used = used};

	return target_until(r->v->t, came, &a, ms);
}

/* ---- raw access */

void ring_raw_table(struct ring *r, uint64_t table, unsigned i, const struct ring_desc *d)
{
	unsigned char raw[16];

	pack_desc(r, raw, d);
	target_mem_write(r->v->t, table + 16ULL * i, raw, sizeof(raw));
}

void ring_raw_desc(struct ring *r, unsigned i, const struct ring_desc *d)
{
	ring_raw_table(r, r->desc, i, d);
}

struct ring_desc ring_peek_desc(struct ring *r, unsigned i)
{
	unsigned char raw[16];

	target_mem_read(r->v->t, r->desc + 16ULL * i, raw, sizeof(raw));
	return unpack_desc(r, raw);
}
