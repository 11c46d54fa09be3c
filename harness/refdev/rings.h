/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rings.h - buffers of virtqueues, and the rings and chains that they come in; part of private.h
 */
#ifndef REFDEV_RINGS_H
#define REFDEV_RINGS_H

struct refdev;
struct rd_queue;
struct rd_elem;

/* queue.c: buffers in and out, whichever ring */
/** rd_queue_ready() - Has the driver said where it is? virtio_queue_ready() */
bool rd_queue_ready(struct refdev *rd, const struct rd_queue *q);
/** rd_queue_usable() - May the device look into it now? */
bool rd_queue_usable(struct refdev *rd, struct rd_queue *q);
/** rd_queue_counts() - May it look what room for input there is? */
bool rd_queue_counts(struct refdev *rd, struct rd_queue *q);
bool rd_pop(struct refdev *rd, struct rd_queue *q, struct rd_elem *elem);
void rd_push(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem, uint32_t len);
/** rd_budget() - May this step take another buffer? If not, the queue counts as kicked */
bool rd_budget(struct refdev *rd, struct rd_queue *q);
/** rd_notify_done() - Work on a queue is done, or @put_off, and with it the interrupt; @progress:
 * buffers were used */
void rd_notify_done(struct refdev *rd, struct rd_queue *q, bool progress, bool put_off);
/** rd_detach() - Forget a buffer without returning it */
void rd_detach(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem);
/** rd_avail_bytes() - Writable bytes that are available: counted until there are @max */
uint32_t rd_avail_bytes(struct refdev *rd, struct rd_queue *q, uint32_t max);
bool rd_queue_empty(struct refdev *rd, struct rd_queue *q);
/** rd_ring_ok() - Can a ring or a table lie there? */
bool rd_ring_ok(struct refdev *rd, uint64_t addr, uint64_t len);
/** rd_ring_read(), rd_ring_write() - Bytes of a ring, which may lie where nothing is */
void rd_ring_read(struct refdev *rd, uint64_t addr, void *data, size_t len);
void rd_ring_write(struct refdev *rd, uint64_t addr, const void *data, size_t len);
/** rd_elem_read(), rd_elem_write() - Bytes of its readable, into its writable part; how many */
size_t rd_elem_read(struct refdev *rd, const struct rd_elem *elem, void *data, size_t len);
size_t rd_elem_write(struct refdev *rd, const struct rd_elem *elem, const void *data, size_t len);
uint16_t rd_mem_get16(struct refdev *rd, uint64_t addr);
void rd_mem_put16(struct refdev *rd, uint64_t addr, uint16_t value);
/** rd_dma_read(), rd_dma_write() - A driver's buffer, RAM or not */
void rd_dma_read(struct refdev *rd, uint64_t addr, void *data, size_t len);
void rd_dma_write(struct refdev *rd, uint64_t addr, const void *data, size_t len);

/* chain.c: 2.7.5, 2.8.5 to 2.8.8 */
/** struct rd_desc - A descriptor of either format */
struct rd_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next, id;
};
enum { D_NEXT = 1, D_WRITE = 2, D_INDIRECT = 4, D_AVAIL = 1 << 7, D_USED = 1 << 15 };
void rd_desc_read(struct refdev *rd, uint64_t table, unsigned i, bool packed, struct rd_desc *d);
/** rd_chain() - Collect the chain that starts with entry @i into @elem; false: rd_error() */
bool rd_chain(struct refdev *rd, struct rd_queue *q, unsigned i, struct rd_elem *elem);
/**
 * struct rd_room - What several chains have room for
 * @bytes: writable ones, counted until there are @max
 * @descs: entries of the ring that the chains take, counted alike
 */
struct rd_room {
	uint32_t max;
	uint64_t bytes;
	unsigned descs;
};
/** rd_chain_in() - Only count its writable bytes; false: rd_error() */
bool rd_chain_in(struct refdev *rd, struct rd_queue *q, unsigned i, struct rd_room *room);
/** rd_room_bytes() - The bytes counted, as far as an answer holds them */
uint32_t rd_room_bytes(const struct rd_room *room);

/* split.c: 2.7; packed.c: 2.8 */
/** rd_split_avail() - The available index, as far as the device looks for it behind @idx, be it
 * to @count or to take a buffer */
uint16_t rd_split_avail(struct refdev *rd, struct rd_queue *q, uint16_t idx, bool count);
/** rd_split_heads() - Available entries behind @idx; -1: rd_error() */
int rd_split_heads(struct refdev *rd, struct rd_queue *q, uint16_t idx, bool check);
bool rd_split_pop(struct refdev *rd, struct rd_queue *q, struct rd_elem *elem);
void rd_split_push(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem, uint32_t len);
bool rd_split_notify(struct refdev *rd, struct rd_queue *q);
uint32_t rd_split_avail_bytes(struct refdev *rd, struct rd_queue *q, uint32_t max);
bool rd_packed_is_avail(struct refdev *rd, struct rd_queue *q, unsigned i, bool wrap);
bool rd_packed_pop(struct refdev *rd, struct rd_queue *q, struct rd_elem *elem);
void rd_packed_push(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem,
		    uint32_t len);
bool rd_packed_notify(struct refdev *rd, struct rd_queue *q);
uint32_t rd_packed_avail_bytes(struct refdev *rd, struct rd_queue *q, uint32_t max);

#endif
