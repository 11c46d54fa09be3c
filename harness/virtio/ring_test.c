// SPDX-License-Identifier: GPL-2.0-or-later
/* ring_test.c - the driver's rings against a device that is a few lines of this file */
#include "harness/virtio/ram_testing.h"
#include "harness/virtio/ring.h"

/**
 * struct bench - RAM, and a device with one queue
 * @ended:	how often the target has ended
 * @avail, @used: how many the device has seen and returned
 * @wrap:	packed: its wrap counter
 * @at:		packed: where it is
 */
struct bench {
	struct ram_target base;
	struct vdev v;
	struct ring ring;
	unsigned ended, size, kicks;
	uint16_t avail, used, at;
	bool wrap;
};

static struct bench *of(struct target *t)
{
	return (struct bench *)t;
}

static const struct target_ops ram_ops = {RAM_OPS};

static unsigned bench_size(struct vdev *v, unsigned q)
{
	return q == 0 ? of(v->t)->size : 0;
}

static void bench_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc, uint64_t driver,
		      uint64_t device)
{
	ck_assert(v->t && q == 0 && size && desc % 4096 == 0 && driver == desc + 16 * size &&
		  device % 4096 == 0);
}

static void bench_kick(struct vdev *v, unsigned q)
{
	of(v->t)->kicks += q == 0;
}

static const struct vdev_ops bench_ops = {.queue_size = bench_size,
					  .queue_set = bench_set,
					  .notify = bench_kick};

static void count_end(void *arg, const char *why)
{
	struct bench *b = arg;

	(void)why;
	b->ended++;
}

static void bench_init(struct bench *b, unsigned size, uint64_t features)
{
	memset(b, 0, sizeof(*b));
	ram_target_init(&b->base, &ram_ops);
	b->base.target.on_end = count_end;
	b->base.target.on_end_arg = b;
	b->size = size;
	b->wrap = true;
	b->v = (struct vdev){.t = &b->base.target, .ops = &bench_ops, .accepted = features};
	ck_assert(ring_init(&b->ring, &b->v, 0, 0));
	ck_assert(b->ring.size == size);
}

static uint16_t split_avail_idx(struct bench *b)
{
	return (uint16_t)ram_read(&b->base.target, b->ring.driver + 2, 2);
}

/* The device returns the head that it was given at @slot. */
static unsigned head_at(struct bench *b, unsigned slot)
{
	return (unsigned)ram_read(&b->base.target, b->ring.driver + 4 + 2ULL * (slot % b->size), 2);
}

static void split_return(struct bench *b, unsigned id, uint32_t len)
{
	uint64_t entry = b->ring.device + 4 + 8ULL * (b->used % b->size);

	ram_write(&b->base.target, entry, 4, id);
	ram_write(&b->base.target, entry + 4, 4, len);
	ram_write(&b->base.target, b->ring.device + 2, 2, ++b->used);
}

static int add(struct bench *b, size_t n)
{
	struct ring_seg segs[8];
	int id;

	for (size_t i = 0; i < n; i++)
		segs[i] = (struct ring_seg){.addr = 0x1000 * (i + 1), .len = (uint32_t)i + 1};
	id = ring_add(&b->ring, segs, n);
	if (id >= 0)
		ring_publish(&b->ring);
	return id;
}

START_TEST(split_chains_are_whole)
{
	struct bench b;
	struct ring_used used;

	bench_init(&b, 8, 0);
	/* As after so many buffers: the 16-bit indices run over soon. */
	b.ring.avail_idx = b.ring.used_idx = b.used = 65000;
	ram_write(&b.base.target, b.ring.driver + 2, 2, 65000);
	ram_write(&b.base.target, b.ring.device + 2, 2, 65000);
	for (unsigned round = 65000; round < 66000; round++) {
		size_t n = 1 + round % 5;
		int id = add(&b, n);
		unsigned at;

		ck_assert_int_ge(id, 0);
		ck_assert_uint_eq(split_avail_idx(&b), (uint16_t)(round + 1));
		at = head_at(&b, round);
		ck_assert_uint_eq(at, (unsigned)id);
		for (size_t i = 0; i < n; i++) {
			struct ring_desc d = ring_peek_desc(&b.ring, at);

			ck_assert(d.addr == 0x1000 * (i + 1) && d.len == i + 1);
			ck_assert(!(d.flags & RD_NEXT) == (i + 1 == n));
			at = d.next;
		}
		ck_assert(!ring_take(&b.ring, &used));
		split_return(&b, (unsigned)id, round);
		ck_assert(ring_take(&b.ring, &used) && used.id == (unsigned)id &&
			  used.len == round);
		ck_assert_uint_eq(b.ring.free, 8);
	}
	ck_assert_uint_eq(b.ended, 0);
	target_release(&b.base.target);
}
END_TEST

START_TEST(split_takes_any_order)
{
	struct bench b;
	struct ring_used used;
	int ids[4];

	bench_init(&b, 8, 0);
	for (unsigned round = 0; round < 100; round++) {
		for (size_t i = 0; i < 4; i++)
			ids[i] = add(&b, 2);
		ck_assert_int_eq(add(&b, 1), -1);
		for (size_t i = 0; i < 4; i++)
			split_return(&b, (unsigned)ids[(i * 3 + round) % 4], 0);
		for (size_t i = 0; i < 4; i++)
			ck_assert(ring_take(&b.ring, &used) &&
				  used.id == (unsigned)ids[(i * 3 + round) % 4]);
		ck_assert(!ring_take(&b.ring, &used) && b.ring.free == 8);
	}
	ck_assert_uint_eq(b.ended, 0);
	target_release(&b.base.target);
}
END_TEST

START_TEST(what_was_not_given_cannot_come_back)
{
	static const unsigned wrong[] = {1, 7, 8, 65535};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct bench b;
		struct ring_used used;

		bench_init(&b, 8, 0);
		ck_assert_int_eq(add(&b, 1), 0);
		split_return(&b, wrong[i], 0);
		ck_assert(!ring_take(&b.ring, &used));
		ck_assert(b.ended == 1 && b.base.target.end == TARGET_WRONG);
		target_release(&b.base.target);
	}
}
END_TEST

START_TEST(more_than_was_given_cannot_come_back)
{
	struct bench b;
	struct ring_used used;

	bench_init(&b, 8, 0);
	add(&b, 1);
	split_return(&b, 0, 0);
	split_return(&b, 0, 0);
	ck_assert(!ring_take(&b.ring, &used) && b.ended == 1);
	target_release(&b.base.target);
}
END_TEST

START_TEST(one_entry_for_a_batch)
{
	struct bench b;
	struct ring_used used;
	int last = -1;

	bench_init(&b, 8, VF_IN_ORDER);
	for (int i = 0; i < 5; i++)
		last = add(&b, 1);
	split_return(&b, (unsigned)last, 9);
	for (int i = 0; i < 5; i++) {
		ck_assert(ring_take(&b.ring, &used) && used.id == (unsigned)i);
		ck_assert_uint_eq(used.len, i == 4 ? 9 : 0);
	}
	ck_assert(!ring_take(&b.ring, &used) && b.ring.free == 8 && !b.ended);
	target_release(&b.base.target);
}
END_TEST

/* The device of a packed ring: the next chain, if there is one; its length. */
static unsigned packed_see(struct bench *b, unsigned *id)
{
	unsigned n = 0, at = b->at;
	struct ring_desc d;
	bool wrap = b->wrap;

	do {
		d = ring_peek_desc(&b->ring, at);
		if (!(d.flags & RD_AVAIL) != !wrap || !(d.flags & RD_USED) == !wrap)
			return 0;
		n++;
		if (++at == b->size) {
			at = 0;
			wrap = !wrap;
		}
	} while (d.flags & RD_NEXT);
	*id = d.next;
	return n;
}

static void packed_return(struct bench *b, unsigned id, unsigned n, uint32_t len)
{
	struct ring_desc d = {.len = len,
			      .next = (uint16_t)id,
			      .flags = b->wrap ? RD_AVAIL | RD_USED : 0};

	ring_raw_desc(&b->ring, b->at, &d);
	b->at = (uint16_t)(b->at + n);
	if (b->at >= b->size) {
		b->at = (uint16_t)(b->at - b->size);
		b->wrap = !b->wrap;
	}
}

START_TEST(packed_goes_round)
{
	static const unsigned sizes[] = {1, 2, 5, 8};

	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		struct bench b;
		struct ring_used used;

		bench_init(&b, sizes[s], VF_RING_PACKED);
		for (unsigned round = 0; round < 500; round++) {
			size_t n = 1 + round % sizes[s];
			int id = add(&b, n);
			unsigned seen = UINT32_MAX;

			ck_assert_int_ge(id, 0);
			ck_assert_uint_eq(packed_see(&b, &seen), n);
			ck_assert_uint_eq(seen, (unsigned)id);
			ck_assert(!ring_take(&b.ring, &used));
			packed_return(&b, seen, (unsigned)n, round);
			ck_assert(ring_take(&b.ring, &used) && used.id == seen &&
				  used.len == round);
			ck_assert_uint_eq(packed_see(&b, &seen), 0);
		}
		ck_assert(b.ended == 0 && b.ring.free == sizes[s]);
		target_release(&b.base.target);
	}
}
END_TEST

START_TEST(kicks_are_wanted_when_the_event_is_passed)
{
	struct bench b;

	bench_init(&b, 8, VF_EVENT_IDX);
	add(&b, 1);
	ck_assert(ring_wants_kick(&b.ring, 1)); /* avail_event is 0 */
	add(&b, 1);
	ck_assert(!ring_wants_kick(&b.ring, 1));
	ck_assert(ring_wants_kick(&b.ring, 2));
	ram_write(&b.base.target, b.ring.device + 4 + 8 * 8, 2, 1);
	ck_assert(ring_wants_kick(&b.ring, 1));
	target_release(&b.base.target);
	bench_init(&b, 8, VF_RING_PACKED);
	add(&b, 3);
	ram_write(&b.base.target, b.ring.device + 2, 2, RE_DISABLE);
	ck_assert(!ring_wants_kick(&b.ring, 3));
	ram_write(&b.base.target, b.ring.device, 2, 2 | 0x8000); /* at descriptor 2 of this round */
	ram_write(&b.base.target, b.ring.device + 2, 2, RE_DESC);
	ck_assert(ring_wants_kick(&b.ring, 3));
	ram_write(&b.base.target, b.ring.device, 2, 3 | 0x8000);
	ck_assert(!ring_wants_kick(&b.ring, 3));
	target_release(&b.base.target);
}
END_TEST

UNIT_TESTS(ring, split_chains_are_whole, split_takes_any_order, what_was_not_given_cannot_come_back,
	   more_than_was_given_cannot_come_back, one_entry_for_a_batch, packed_goes_round,
	   kicks_are_wanted_when_the_event_is_passed)
