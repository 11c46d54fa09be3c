// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * transfer.c - data between the queues of a port and its backend
 *
 * virtio 1.2: 5.3.6. C-20, C-21, C-24, C-25, U-12 to U-19, U-26 of the reference text. A backend
 * that takes only a part of a buffer stalls the port: the buffer is held, with the place where it
 * goes on, until the backend has room again, or its host end leaves, or the driver resets.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/refdev/private.h"

enum { CHUNK = 4096 };

void rd_port_drop(struct refdev *rd, struct rd_port *port, bool give_back)
{
	struct rd_queue *q = rd_txq(rd, port->nr);

	if (!port->held)
		return;
	if (give_back && !rd_quirk(rd, RD_Q_HELD_LOST))
		rd_push(rd, q, port->held, 0);
	else
		rd_detach(rd, q, port->held);
	free(port->held);
	port->held = NULL;
}

void rd_queue_discard(struct refdev *rd, struct rd_queue *q)
{
	bool progress = false, put_off = false;

	while (!(put_off = !rd_budget(rd, q)) && rd_pop(rd, q, &rd->elem)) {
		rd_push(rd, q, &rd->elem, 0);
		progress = true;
	}
	if (rd_queue_usable(rd, q))
		rd_notify_done(rd, q, progress, put_off);
}

static void hold(struct rd_port *port, const struct rd_elem *elem, unsigned seg, uint32_t offset)
{
	size_t size = offsetof(struct rd_elem, seg) + elem->n_out * sizeof(elem->seg[0]);

	if (port->held != elem) {
		port->held = xmalloc(size);
		memcpy(port->held, elem, size);
		port->held->n_in = 0;
	}
	port->seg = seg;
	port->offset = offset;
}

static size_t to_backend(struct refdev *rd, struct rd_port *port, uint8_t *data, size_t n,
			 bool first)
{
	unsigned nr = port->nr;

	if (rd_fault(rd, RD_F_TX_FLIP) && first)
		data[0] ^= 1;
	if (rd_fault(rd, RD_F_TX_WRONG_PORT)) {
		rd->ops.host_write(rd->arg, nr + 1, data, n);
		return n;
	}
	return rd->ops.host_write(rd->arg, nr, data, n);
}

/* Bytes of the segment that count: all, but for faults. */
static uint32_t seg_len(const struct refdev *rd, const struct rd_elem *elem, unsigned i)
{
	uint32_t len = elem->seg[i].len;

	if (i == 1 && rd_fault(rd, RD_F_TX_SEGMENT_LOST))
		return 0;
	if (i + 1 == elem->n_out && rd_fault(rd, RD_F_TX_DROP_LAST))
		len--;
	return len;
}

static void stall(struct refdev *rd, struct rd_port *port, const struct rd_elem *elem, unsigned seg,
		  uint32_t offset)
{
	port->throttled = true;
	port->unwatched = false;
	if (offset && rd_fault(rd, RD_F_TX_RESUME_REPEATS))
		offset--;
	if (rd_fault(rd, RD_F_TX_RESUME_SKIPS))
		offset++;
	hold(port, elem, seg, offset);
}

/* Segment @i from @offset on. false: it did not all go, and the buffer is held. */
static bool send_seg(struct refdev *rd, struct rd_port *port, const struct rd_elem *elem,
		     unsigned i, uint32_t offset)
{
	uint32_t len = seg_len(rd, elem, i);
	uint8_t data[CHUNK];

	while (offset < len) {
		size_t n = len - offset < CHUNK ? len - offset : CHUNK, took;

		if (rd->bytes_left < n) {
			rd->bytes_left = 0;
			rd_txq(rd, port->nr)->kicked = true;
			hold(port, elem, i, offset);
			return false;
		}
		rd->bytes_left -= n;
		rd_dma_read(rd, elem->seg[i].addr + offset, data, n);
		took = to_backend(rd, port, data, n, i == 0 && offset == 0);
		offset += (uint32_t)took;
		if (took >= n)
			continue;
		if (rd_fault(rd, RD_F_TX_STALL_DROPS) ||
		    (port->console && rd_quirk(rd, RD_Q_CONSOLE_DROP)))
			return true;
		stall(rd, port, elem, i, offset);
		return false;
	}
	return true;
}

static bool send_elem(struct refdev *rd, struct rd_port *port, const struct rd_elem *elem)
{
	unsigned i = port->held ? port->seg : 0;
	uint32_t offset = port->held ? port->offset : 0;

	/* Nobody is there: a console's backend swallows it (U-13). */
	if (!port->backend && (port->console || !rd_quirk(rd, RD_Q_STOPPED_WRITE)))
		return true;
	if (!port->backend) {
		stall(rd, port, elem, i, offset);
		port->unwatched = true;
		return false;
	}
	for (; i < elem->n_out; i++, offset = 0)
		if (!send_seg(rd, port, elem, i, offset))
			return false;
	if (rd_fault(rd, RD_F_TX_TWICE) && !port->held)
		for (i = 0; i < elem->n_out; i++)
			if (!send_seg(rd, port, elem, i, 0))
				return false;
	return true;
}

static uint32_t elem_out(const struct rd_elem *elem)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < elem->n_out; i++)
		sum += elem->seg[i].len;
	return sum;
}

static void flush(struct refdev *rd, struct rd_queue *q, struct rd_port *port)
{
	bool progress = false, put_off = false;

	if (!rd_queue_usable(rd, q))
		return;
	while (!port->throttled) {
		struct rd_elem *elem = port->held ? port->held : &rd->elem;

		put_off = !port->held && !rd_budget(rd, q);
		if (put_off || (!port->held && !rd_pop(rd, q, elem)))
			break;
		if (!send_elem(rd, port, elem)) {
			put_off = !port->throttled;
			break;
		}
		if (!rd_fault(rd, RD_F_USED_LOST))
			rd_push(rd, q, elem, rd_fault(rd, RD_F_USED_LEN_TX) ? elem_out(elem) : 0);
		free(port->held);
		port->held = NULL;
		progress = true;
	}
	rd_notify_done(rd, q, progress, put_off);
}

void rd_port_out(struct refdev *rd, struct rd_queue *q, struct rd_port *port)
{
	if (port && !port->host && rd_fault(rd, RD_F_TX_CLOSED_KEPT))
		return;
	if (!port || !port->host)
		rd_queue_discard(rd, q);
	else if (!port->throttled)
		flush(rd, q, port);
}

bool rd_port_unthrottle(struct refdev *rd, struct rd_port *port)
{
	struct rd_queue *q = rd_txq(rd, port->nr);

	if (port->throttled) {
		if (port->unwatched || rd_fault(rd, RD_F_TX_STUCK) ||
		    rd->ops.host_room(rd->arg, port->nr) == 0)
			return false;
		port->throttled = false;
	} else if (!port->held || !rd_queue_usable(rd, q)) {
		return false;
	}
	flush(rd, q, port);
	return !port->throttled;
}

/* Input into the buffers of the driver, one after the other. */
static void to_driver(struct refdev *rd, struct rd_queue *q, uint8_t *data, size_t len)
{
	size_t done = 0;

	if (rd_fault(rd, RD_F_RX_DROP_FIRST))
		done = 1;
	if (rd_fault(rd, RD_F_RX_SWAP) && len > 1) {
		uint8_t byte = data[0];

		data[0] = data[1];
		data[1] = byte;
	}
	while (done < len && rd_pop(rd, q, &rd->rx_elem)) {
		size_t n = rd_elem_write(rd, &rd->rx_elem, data + done, len - done);

		done += n;
		rd_push(rd, q, &rd->rx_elem,
			(uint32_t)n + (rd_fault(rd, RD_F_USED_LEN_MORE) ? 1 : 0));
		if (rd_fault(rd, RD_F_RX_CUT))
			break;
	}
	rd_notify_queue(rd, q);
}

/* How much input the driver has room for: virtio_serial_guest_ready(). */
static size_t room_for(struct refdev *rd, struct rd_port *port)
{
	struct rd_queue *q = rd_rxq(rd, port->nr);
	size_t room;

	if (port->asleep || !port->chardev || !port->backend || !(rd->status & S_DRIVER_OK) ||
	    !rd_queue_counts(rd, q) || rd_queue_empty(rd, q))
		return 0;
	if (rd_has(rd, F_MULTIPORT) && !port->guest && !rd_fault(rd, RD_F_RX_CLOSED))
		return 0;
	room = rd_avail_bytes(rd, q, CHUNK);
	/* virtio_serial_guest_ready()'s size_t becomes chr_can_read()'s int. */
	if (room > INT32_MAX && rd_quirk(rd, RD_Q_HUGE_ROOM))
		return 0;
	return room > CHUNK ? CHUNK : room;
}

void rd_port_look(struct refdev *rd, struct rd_port *port)
{
	(void)room_for(rd, port);
}

bool rd_port_in(struct refdev *rd, struct rd_port *port)
{
	size_t room = room_for(rd, port), n;
	uint8_t data[CHUNK];

	if (room == 0)
		return false;
	n = rd->ops.host_read(rd->arg, port->nr, data, room);
	/* What is read for a port that nobody opened is lost: virtio_serial_write(). */
	if (n && port->host && (port->guest || rd_fault(rd, RD_F_RX_CLOSED)))
		to_driver(rd, rd_rxq(rd, port->nr), data, n < room ? n : room);
	return n > 0;
}

void rd_emergency(struct refdev *rd, uint8_t byte)
{
	if (rd_fault(rd, RD_F_CFG_EMERG_LOST))
		return;
	/* The first connected console in the order of plugging; C-19. One that is full loses it. */
	for (size_t i = 0; i < rd->n_ports; i++) {
		struct rd_port *port = rd->ports[i];

		if (!port->console || !port->host)
			continue;
		if (port->backend)
			rd->ops.host_write(rd->arg, port->nr, &byte, 1);
		return;
	}
}
