/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring.h - the driver side of a virtqueue, split (virtio 1.2 2.7) or packed (2.8)
 *
 * DOC: good drivers and others
 *
 * ring_add(), ring_publish(), ring_kick() and ring_take() keep every rule. Whoever wants to break
 * one writes where the rings lie: the addresses are in the struct, ring_raw_*() know the layout,
 * nothing is checked. What the device answers is judged either way: a used entry for something that
 * the driver never gave away ends the target (TARGET_WRONG).
 *
 * DOC: layout
 *
 * As a legacy device wants it (2.7.2), everywhere: descriptors at a page, behind them the driver's
 * area, the device's at the next page.
 */
#ifndef VIRTIO_RING_H
#define VIRTIO_RING_H

#include "harness/virtio/vdev.h"

/* 2.7.5, 2.8.13 */
#define RD_NEXT	    1u
#define RD_WRITE    2u
#define RD_INDIRECT 4u
#define RD_AVAIL    (1u << 7)
#define RD_USED	    (1u << 15)
/* 2.8.14: flags of an event suppression structure */
#define RE_ENABLE  0
#define RE_DISABLE 1
#define RE_DESC	   2

#define RING_SIZE_MAX 1024

/** struct ring_seg - A piece of a buffer; @write: for the device to write */
struct ring_seg {
	uint64_t addr;
	uint32_t len;
	bool write;
};

/** struct ring_desc - A descriptor; @next: packed: the buffer id */
struct ring_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

/**
 * struct ring_used - A buffer that came back
 * @id:		what ring_add() returned
 * @len:	bytes that the device says it has written
 * @flags:	packed: of the used descriptor
 */
struct ring_used {
	unsigned id;
	uint32_t len;
	uint16_t flags;
};

/** enum ring_interrupts - 2.7.7, 2.7.10, 2.8.14: what the driver wants to be told */
enum ring_interrupts {
	RING_IRQ_ALL,
	RING_IRQ_NONE,
	RING_IRQ_AT, /* once the device has used so many more; with EVENT_IDX only */
};

/**
 * struct ring - A virtqueue
 * @index:	its number
 * @size:	entries in use
 * @packed, @event_idx, @in_order: as negotiated
 * @desc, @driver, @device: where its parts lie
 * @avail_idx:	split: the next index to publish. Packed: the next descriptor to write
 * @used_idx:	split: the next entry to take. Packed: the next descriptor to look at
 * @avail_wrap, @used_wrap: packed: the wrap counters
 * @free:	descriptors that are not given away
 * @chain:	how many descriptors the buffer with this id has; 0: it is not given away
 * @next:	split: the chain's links as we know them, and the free list
 * @first_free, @last_free: of that list: taken at its start, returned at its end, so that a device
 *		that keeps the order sees descriptors in ring order
 * @order:	ids in the order in which they were given away (a ring of its own)
 * @order_first, @order_n: its state
 * @batch:	IN_ORDER: a used entry that stands for this id and all before it; -1: none
 */
struct ring {
	struct vdev *v;
	unsigned index, size;
	bool packed, event_idx, in_order;
	uint64_t desc, driver, device;
	uint16_t avail_idx, used_idx;
	bool avail_wrap, used_wrap;
	unsigned free;
	uint16_t chain[RING_SIZE_MAX], next[RING_SIZE_MAX], order[RING_SIZE_MAX];
	unsigned first_free, last_free, order_first, order_n;
	int batch;
	struct ring_used batch_used;
};

/** ring_init() - Lay it out in RAM for queue @index and tell the device; @size: 0: as many entries
 * as the device offers. False: the device has no such queue */
bool ring_init(struct ring *r, struct vdev *v, unsigned index, unsigned size);
/** ring_init_known() - The same, of a queue that @offered is known of */
bool ring_init_known(struct ring *r, struct vdev *v, unsigned index, unsigned size,
		     unsigned offered);
/** ring_restart() - The same memory anew, as after a reset of the queue or the device: empty, and
 * told to the device */
void ring_restart(struct ring *r);

/** ring_add() - Put a buffer of @n pieces in, to be seen by the device after ring_publish(); its
 * id. -1: no room */
int ring_add(struct ring *r, const struct ring_seg *segs, size_t n);
/** ring_add_indirect() - The same through a table in RAM at @table (room for 16 * @n bytes) */
int ring_add_indirect(struct ring *r, const struct ring_seg *segs, size_t n, uint64_t table);
/** ring_publish() - Split: the index moves over what was added (packed: adding did it) */
void ring_publish(struct ring *r);
/** ring_kick() - Notify the device, wanted or not */
void ring_kick(struct ring *r);
/** ring_submit() - Add, publish, kick; a breakage when there is no room */
int ring_submit(struct ring *r, const struct ring_seg *segs, size_t n);
/** ring_take() - The next buffer that came back; false: none yet */
bool ring_take(struct ring *r, struct ring_used *used);
/** ring_expect() - ring_take() will come soon, see target_expect() */
void ring_expect(struct ring *r);
/** ring_await() - The same, waiting at most @ms */
bool ring_await(struct ring *r, struct ring_used *used, int ms);
/** ring_interrupts() - Tell the device when to interrupt; @after: RING_IRQ_AT: 1: at the next */
void ring_interrupts(struct ring *r, enum ring_interrupts mode, unsigned after);
/** ring_wants_kick() - What the device says of being notified about the next @added buffers */
bool ring_wants_kick(struct ring *r, unsigned added);

/* ---- raw access */

/** ring_raw_desc() - Write descriptor @i, or with @table that of a table at this address */
void ring_raw_desc(struct ring *r, unsigned i, const struct ring_desc *d);
void ring_raw_table(struct ring *r, uint64_t table, unsigned i, const struct ring_desc *d);
struct ring_desc ring_peek_desc(struct ring *r, unsigned i);
/** ring_raw_avail() - Split: entry @slot (modulo the size) of the available ring */
void ring_raw_avail(struct ring *r, unsigned slot, uint16_t head);
/** ring_raw_avail_idx() - Split: the available ring's index */
void ring_raw_avail_idx(struct ring *r, uint16_t idx);
void ring_raw_avail_flags(struct ring *r, uint16_t flags);
/** ring_raw_used_event() - Split: behind the available ring */
void ring_raw_used_event(struct ring *r, uint16_t idx);
/** ring_raw_driver_event() - Packed: the driver's event suppression structure */
void ring_raw_driver_event(struct ring *r, uint16_t off_wrap, uint16_t flags);
uint16_t ring_peek_used_idx(struct ring *r);
uint16_t ring_peek_used_flags(struct ring *r);
/** ring_peek_avail_event() - Split: what the device published behind the used ring */
uint16_t ring_peek_avail_event(struct ring *r);

/* The two layouts' parts, for ring.c. */
int split_add(struct ring *r, const struct ring_desc *chain, size_t n);
void split_expect(struct ring *r);
bool split_take(struct ring *r, struct ring_used *used);
int packed_add(struct ring *r, const struct ring_desc *chain, size_t n);
bool packed_take(struct ring *r, struct ring_used *used);

#endif
