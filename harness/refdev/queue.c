// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * queue.c - buffers of virtqueues, whatever the ring's format, and the memory behind them
 */
#include <string.h>

#include "harness/refdev/private.h"

/* Is there a register of the device itself? */
static bool is_register(struct refdev *rd, uint64_t addr)
{
	uint32_t offset;
	unsigned bar;

	if (rd_is_pci(rd))
		return rd_bar_find(rd, addr, false, &bar, &offset);
	return addr >= rd->mmio_base && addr < rd->mmio_base + RD_MMIO_SIZE;
}

/* QEMU takes a ring that lies wholly where nothing is: it reads as zeros, and writes are lost. */
static bool nowhere(struct refdev *rd, uint64_t addr, uint64_t len)
{
	uint64_t last = addr + len - 1;

	return len && last >= addr && !rd->ops.mem_ok(rd->arg, addr, 1) &&
	       !rd->ops.mem_ok(rd->arg, last, 1) && !is_register(rd, addr) &&
	       !is_register(rd, last);
}

bool rd_ring_ok(struct refdev *rd, uint64_t addr, uint64_t len)
{
	return rd->ops.mem_ok(rd->arg, addr, len) ||
	       (nowhere(rd, addr, len) && rd_quirk(rd, RD_Q_RING_NOWHERE));
}

void rd_ring_read(struct refdev *rd, uint64_t addr, void *data, size_t len)
{
	if (rd->ops.mem_ok(rd->arg, addr, len))
		rd->ops.mem_read(rd->arg, addr, data, len);
	else
		memset(data, 0, len);
}

void rd_ring_write(struct refdev *rd, uint64_t addr, const void *data, size_t len)
{
	if (rd->ops.mem_ok(rd->arg, addr, len))
		rd->ops.mem_write(rd->arg, addr, data, len);
}

uint16_t rd_mem_get16(struct refdev *rd, uint64_t addr)
{
	uint8_t raw[2];

	rd_ring_read(rd, addr, raw, sizeof(raw));
	return get_le16(raw);
}

void rd_mem_put16(struct refdev *rd, uint64_t addr, uint16_t value)
{
	uint8_t raw[2];

	put_le16(raw, value);
	rd_ring_write(rd, addr, raw, sizeof(raw));
}

/* What is not RAM: registers of the device itself (H-06), or nothing, which reads as zeros (H-05).
 * Reading registers starts no queue, so this ends. */
static void dma_read_odd(struct refdev *rd, uint64_t addr, uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t left = len - i, width = (addr + i) % 4 == 0 && left >= 4 ? 4 : 1;
		uint64_t value = 0;

		if (rd->ops.mem_ok(rd->arg, addr + i, 1)) {
			rd->ops.mem_read(rd->arg, addr + i, data + i, 1);
			i++;
			continue;
		}
		if (is_register(rd, addr + i) &&
		    !(rd->accessed && rd_quirk(rd, RD_Q_NOT_REENTERED)))
			(void)refdev_read(rd, addr + i, (unsigned)width, &value);
		for (size_t b = 0; b < width; b++)
			data[i + b] = (uint8_t)(value >> 8 * b);
		i += width;
	}
}

void rd_dma_read(struct refdev *rd, uint64_t addr, void *data, size_t len)
{
	if (rd->ops.mem_ok(rd->arg, addr, len))
		rd->ops.mem_read(rd->arg, addr, data, len);
	else
		dma_read_odd(rd, addr, data, len);
}

/* Writing to registers could start the queue that is being worked on: it does nothing. */
void rd_dma_write(struct refdev *rd, uint64_t addr, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	if (rd->ops.mem_ok(rd->arg, addr, len)) {
		rd->ops.mem_write(rd->arg, addr, data, len);
		return;
	}
	for (size_t i = 0; i < len && rd->ops.mem_ok(rd->arg, addr + i, 1); i++)
		rd->ops.mem_write(rd->arg, addr + i, bytes + i, 1);
}

/* The part of segment @i that is left from byte *@skip of all its kind on. */
static uint32_t seg_part(const struct rd_seg *seg, size_t *skip, uint64_t *addr)
{
	if (*skip >= seg->len) {
		*skip -= seg->len;
		return 0;
	}
	*addr = seg->addr + *skip;
	return (uint32_t)(seg->len - *skip);
}

size_t rd_elem_read(struct refdev *rd, const struct rd_elem *elem, void *data, size_t len)
{
	size_t done = 0;

	for (unsigned i = 0; i < elem->n_out && done < len; i++) {
		size_t skip = 0;
		uint64_t addr = 0;
		uint32_t n = seg_part(&elem->seg[i], &skip, &addr);

		if (n > len - done)
			n = (uint32_t)(len - done);
		rd_dma_read(rd, addr, (char *)data + done, n);
		done += n;
	}
	return done;
}

size_t rd_elem_write(struct refdev *rd, const struct rd_elem *elem, const void *data, size_t len)
{
	size_t done = 0;

	for (unsigned i = 0; i < elem->n_in && done < len; i++) {
		const struct rd_seg *seg = &elem->seg[elem->n_out + i];
		size_t n = seg->len < len - done ? seg->len : len - done;

		rd_dma_write(rd, seg->addr, (const char *)data + done, n);
		done += n;
		if (n < seg->len && done == len && rd_fault(rd, RD_F_RX_OVERRUN))
			rd_dma_write(rd, seg->addr + n, "!", 1);
	}
	return done;
}

bool rd_queue_ready(struct refdev *rd, const struct rd_queue *q)
{
	bool driver_area = q->avail != 0;

	return q->set_up == driver_area || !rd_quirk(rd, RD_Q_RING_AT_ZERO) ? q->set_up
									    : driver_area;
}

/* virtqueue_split_pop() of a queue that is ready, has no descriptors, and does not look empty:
 * where there is none, the available index reads 0. */
static bool has_no_table(const struct refdev *rd, const struct rd_queue *q)
{
	return !q->set_up && q->avail && !rd_has(rd, F_PACKED) && !rd->broken && !rd->disabled &&
	       (q->last_avail || q->seen_avail);
}

/* A packed ring is looked into without its driver area: virtio_queue_packed_empty_rcu(). Only
 * control_out() does not ask for it first. */
static bool looked_into(struct refdev *rd, const struct rd_queue *q)
{
	if (q == &rd->q[3] && rd_has(rd, F_PACKED))
		return q->set_up;
	return q->set_up && rd_queue_ready(rd, q);
}

bool rd_queue_usable(struct refdev *rd, struct rd_queue *q)
{
	if (!looked_into(rd, q) || !q->mapped || q->num == 0 || rd->broken || rd->disabled)
		return false;
	/* 3.1.1, 2.1: a device with VERSION_1 leaves its queues alone before DRIVER_OK. */
	if (rd_has(rd, F_VERSION_1) && !(rd->status & S_DRIVER_OK) &&
	    !rd_quirk(rd, RD_Q_EARLY_QUEUES))
		return false;
	/* 4.2.2.1: nor does it access a queue whose QueueReady is 0. */
	if (rd->transport == REFDEV_MMIO_MODERN && !q->enabled && !rd_quirk(rd, RD_Q_MMIO_READY))
		return false;
	/* 5.3.2: queues above 1 exist only with MULTIPORT. */
	if (q - rd->q > 1 && !rd_has(rd, F_MULTIPORT) && !rd_quirk(rd, RD_Q_CTL_WITHOUT_MULTIPORT))
		return false;
	return true;
}

bool rd_budget(struct refdev *rd, struct rd_queue *q)
{
	if (rd->buffers_left && rd->descs_left && rd->bytes_left) {
		rd->buffers_left--;
		return true;
	}
	q->kicked = true;
	return false;
}

void rd_notify_done(struct refdev *rd, struct rd_queue *q, bool progress, bool put_off)
{
	q->owed |= progress;
	if (put_off)
		return;
	progress = q->owed;
	q->owed = false;
	if (progress || rd_quirk(rd, RD_Q_SPURIOUS_USED))
		rd_notify_queue(rd, q);
}

bool rd_queue_empty(struct refdev *rd, struct rd_queue *q)
{
	if (rd_has(rd, F_PACKED))
		return !rd_packed_is_avail(rd, q, q->last_avail, q->avail_wrap);
	return rd_split_avail(rd, q, q->last_avail, false) == q->last_avail;
}

bool rd_pop(struct refdev *rd, struct rd_queue *q, struct rd_elem *elem)
{
	if (has_no_table(rd, q) && rd_quirk(rd, RD_Q_RING_AT_ZERO))
		rd_error(rd, REFDEV_LOG_NO_TABLE);
	if (!rd_queue_usable(rd, q))
		return false;
	return rd_has(rd, F_PACKED) ? rd_packed_pop(rd, q, elem) : rd_split_pop(rd, q, elem);
}

void rd_push(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem, uint32_t len)
{
	if (!rd_queue_usable(rd, q))
		return;
	/* 2.7.6: IN_ORDER; buffers are returned as they were taken, unless one was lost. */
	if (q->stuck)
		return;
	if (q->used == 0 && !rd_has(rd, F_PACKED) && rd_quirk(rd, RD_Q_USED_AT_ZERO))
		return;
	if (rd_has(rd, F_PACKED))
		rd_packed_push(rd, q, elem, len);
	else
		rd_split_push(rd, q, elem, len);
}

void rd_detach(struct refdev *rd, struct rd_queue *q, const struct rd_elem *elem)
{
	q->inuse -= elem->ndescs;
	if (rd_has(rd, F_IN_ORDER))
		q->stuck = true;
}

bool rd_queue_counts(struct refdev *rd, struct rd_queue *q)
{
	if (rd_queue_usable(rd, q))
		return true;
	return rd->broken && q->set_up && rd_queue_ready(rd, q) && q->mapped && q->num &&
	       rd_has(rd, F_PACKED) && rd_quirk(rd, RD_Q_PACKED_BROKEN_ROOM);
}

uint32_t rd_avail_bytes(struct refdev *rd, struct rd_queue *q, uint32_t max)
{
	if (!rd_queue_counts(rd, q))
		return 0;
	return rd_has(rd, F_PACKED) ? rd_packed_avail_bytes(rd, q, max)
				    : rd_split_avail_bytes(rd, q, max);
}
