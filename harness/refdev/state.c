// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * state.c - the device's state as bytes, and back
 *
 * What is kept is what QEMU's migration stream keeps (virtio_save(), virtio_serial_save_device(),
 * section 3 of the reference text) and what a strict device needs besides: which ports the driver
 * knows, and control messages that wait. Backends are not part of it: a host end is open or not at
 * the destination, and the driver is told when that differs.
 *
 * Everything that is loaded is checked before it counts; a state that does not fit leaves the
 * device as after power-on.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/refdev/private.h"

enum { MAGIC = 0x56645252, FORMAT = 4 };
enum { Q_SET_UP = 1, Q_MAPPED = 2, Q_ENABLED = 4, Q_KICKED = 8, Q_AVAIL_WRAP = 16 };
enum { Q_USED_WRAP = 32, Q_STUCK = 64, Q_SIGNALLED = 128, Q_OWED = 256 };
enum { P_CONSOLE = 1, P_GUEST = 2, P_HOST = 4, P_ANNOUNCED = 8, P_HELD = 16, P_NAME = 32 };
enum { D_BROKEN = 1, D_DISABLED = 2, D_READY = 4, D_BEGUN = 8 };

/* ---- writing */

static void put(struct buf *b, uint64_t value, unsigned bytes)
{
	uint8_t raw[8];

	for (unsigned i = 0; i < bytes; i++)
		raw[i] = (uint8_t)(value >> 8 * i);
	buf_add(b, raw, bytes);
}

static void save_device(const struct refdev *rd, struct buf *b)
{
	put(b, rd->transport, 1);
	put(b, rd->props.max_ports, 4);
	put(b, rd->features, 8);
	put(b, rd->gf[0], 4);
	put(b, rd->gf[1], 4);
	put(b, rd->dfselect, 4);
	put(b, rd->gfselect, 4);
	put(b, rd->status, 1);
	put(b, rd->isr, 1);
	put(b, rd->generation, 1);
	put(b, rd->queue_sel, 2);
	put(b, rd->config_vector, 2);
	put(b, rd->page_shift, 4);
	put(b,
	    (rd->broken ? D_BROKEN : 0) | (rd->disabled ? D_DISABLED : 0) |
		    (rd->ready ? D_READY : 0) | (rd->begun ? D_BEGUN : 0),
	    1);
}

static void save_pci(const struct refdev *rd, struct buf *b)
{
	buf_add(b, rd->pci.space, sizeof(rd->pci.space));
	put(b, rd->pci.address, 4);
	put(b, rd->props.vectors, 4);
	for (unsigned i = 0; i < rd->props.vectors; i++) {
		for (unsigned w = 0; w < 4; w++)
			put(b, rd->msix.table[i][w], 4);
		put(b, rd->msix.pending[i / 32] >> i % 32 & 1, 1);
		put(b, rd->msix.use[i], 2);
	}
}

static void save_queue(const struct rd_queue *q, struct buf *b)
{
	put(b, q->max, 2);
	put(b, q->num, 2);
	put(b, q->reg_num, 2);
	put(b, q->reg_desc, 8);
	put(b, q->reg_avail, 8);
	put(b, q->reg_used, 8);
	put(b, q->desc, 8);
	put(b, q->avail, 8);
	put(b, q->used, 8);
	put(b, q->align, 4);
	put(b, q->vector, 2);
	put(b,
	    (q->set_up ? Q_SET_UP : 0) | (q->mapped ? Q_MAPPED : 0) | (q->enabled ? Q_ENABLED : 0) |
		    (q->kicked ? Q_KICKED : 0) | (q->avail_wrap ? Q_AVAIL_WRAP : 0) |
		    (q->used_wrap ? Q_USED_WRAP : 0) | (q->stuck ? Q_STUCK : 0) |
		    (q->signalled_valid ? Q_SIGNALLED : 0) | (q->owed ? Q_OWED : 0),
	    2);
	put(b, q->last_avail, 2);
	put(b, q->used_idx, 2);
	put(b, q->signalled, 2);
	put(b, q->inuse, 4);
}

static void save_port(const struct rd_port *port, struct buf *b)
{
	const struct rd_elem *held = port->held;

	put(b, port->nr, 4);
	put(b,
	    (port->console ? P_CONSOLE : 0) | (port->guest ? P_GUEST : 0) |
		    (port->host ? P_HOST : 0) | (port->announced ? P_ANNOUNCED : 0) |
		    (held ? P_HELD : 0) | (port->name ? P_NAME : 0),
	    1);
	if (port->name) {
		put(b, strlen(port->name), 1);
		buf_addstr(b, port->name);
	}
	if (!held)
		return;
	put(b, port->seg, 4);
	put(b, port->offset, 4);
	put(b, held->id, 2);
	put(b, held->ndescs, 4);
	put(b, held->n_out, 4);
	for (unsigned i = 0; i < held->n_out; i++) {
		put(b, held->seg[i].addr, 8);
		put(b, held->seg[i].len, 4);
	}
}

void refdev_save(struct refdev *rd, struct buf *b)
{
	unsigned n_queues = 0;

	put(b, MAGIC, 4);
	put(b, FORMAT, 4);
	save_device(rd, b);
	if (rd_is_pci(rd))
		save_pci(rd, b);
	while (n_queues < RD_QUEUES && rd->q[n_queues].num)
		n_queues++;
	put(b, n_queues, 4);
	for (unsigned i = 0; i < n_queues; i++)
		save_queue(&rd->q[i], b);
	put(b, rd->pending.len, 4);
	buf_add(b, rd->pending.data, rd->pending.len);
	put(b, rd->n_ports, 4);
	for (size_t i = 0; i < rd->n_ports; i++)
		save_port(rd->ports[i], b);
}

/* ---- reading */

/**
 * struct reader - Where the reading of a state stands
 * @why:	takes the first reason why it does not fit
 */
struct reader {
	const uint8_t *data;
	size_t len, at;
	bool bad;
	struct buf *why;
};

static bool refuse(struct reader *r, const char *why)
{
	if (!r->bad)
		buf_addf(r->why, "state refused at byte %zu: %s", r->at, why);
	r->bad = true;
	return false;
}

static const uint8_t *get_bytes(struct reader *r, size_t n)
{
	const uint8_t *at = r->data + r->at;

	if (r->bad || n > r->len - r->at) {
		refuse(r, "it ends too early");
		return NULL;
	}
	r->at += n;
	return at;
}

static uint64_t get(struct reader *r, unsigned bytes)
{
	const uint8_t *raw = get_bytes(r, bytes);
	uint64_t value = 0;

	for (unsigned i = 0; raw && i < bytes; i++)
		value |= (uint64_t)raw[i] << 8 * i;
	return value;
}

/* QEMU compares the map of ports, a bit each, in words of 32. */
static bool max_ports_fit(struct refdev *rd, uint32_t max)
{
	uint32_t ours = rd->props.max_ports;

	if (max == ours)
		return true;
	return max && max <= REFDEV_PORTS_MAX && (max + 31) / 32 == (ours + 31) / 32 &&
	       rd_quirk(rd, RD_Q_LOAD_LAX);
}

static bool load_device(struct refdev *rd, struct reader *r)
{
	uint8_t flags;

	if (get(r, 4) != MAGIC)
		return refuse(r, "not a state");
	if (get(r, 4) != FORMAT)
		return refuse(r, "of another version");
	if (get(r, 1) != rd->transport)
		return refuse(r, "of another transport");
	if (!max_ports_fit(rd, (uint32_t)get(r, 4)))
		return refuse(r, "another max_ports");
	rd->features = get(r, 8);
	if (rd->features & ~rd->offered)
		return refuse(r, "features that are not offered here");
	rd->gf[0] = (uint32_t)get(r, 4);
	rd->gf[1] = (uint32_t)get(r, 4);
	rd->dfselect = (uint32_t)get(r, 4);
	rd->gfselect = (uint32_t)get(r, 4);
	rd->status = (uint8_t)get(r, 1);
	rd->isr = (uint8_t)get(r, 1);
	rd->generation = (uint8_t)get(r, 1);
	rd->queue_sel = (uint16_t)get(r, 2);
	rd->config_vector = (uint16_t)get(r, 2);
	rd->page_shift = (uint32_t)get(r, 4);
	flags = (uint8_t)get(r, 1);
	rd->broken = flags & D_BROKEN;
	rd->disabled = flags & D_DISABLED;
	rd->ready = flags & D_READY;
	rd->begun = flags & D_BEGUN;
	rd->start_on_kick = !rd->begun && !rd_has(rd, F_VERSION_1); /* virtio_load() */
	if (rd->queue_sel > RD_QUEUES || rd->page_shift > 31)
		return refuse(r, "a register has an impossible value");
	return !r->bad;
}

static bool load_space(struct refdev *rd, struct reader *r)
{
	const uint8_t *space = get_bytes(r, sizeof(rd->pci.space));

	for (unsigned i = 0; space && i < sizeof(rd->pci.space); i++) {
		uint8_t mask = rd->pci.wmask[i];

		if (i != 6 && (space[i] ^ rd->pci.space[i]) & ~mask)
			return refuse(r, "another configuration space");
		rd->pci.space[i] = (uint8_t)((rd->pci.space[i] & ~mask) | (space[i] & mask));
	}
	rd_pci_power(rd);
	rd->pci.address = (uint32_t)get(r, 4);
	return !r->bad;
}

static bool load_pci(struct refdev *rd, struct reader *r)
{
	if (!load_space(rd, r))
		return false;
	if (get(r, 4) != rd->props.vectors)
		return refuse(r, "another number of vectors");
	for (unsigned i = 0; i < rd->props.vectors && !r->bad; i++) {
		for (unsigned w = 0; w < 4; w++)
			rd->msix.table[i][w] = (uint32_t)get(r, 4);
		rd->msix.pending[i / 32] |= (uint32_t)(get(r, 1) & 1) << i % 32;
		rd->msix.use[i] = (uint16_t)get(r, 2);
	}
	return !r->bad;
}

static void read_queue(struct reader *r, struct rd_queue *q)
{
	uint16_t flags;

	q->max = (uint16_t)get(r, 2);
	q->num = (uint16_t)get(r, 2);
	q->reg_num = (uint16_t)get(r, 2);
	q->reg_desc = get(r, 8);
	q->reg_avail = get(r, 8);
	q->reg_used = get(r, 8);
	q->desc = get(r, 8);
	q->avail = get(r, 8);
	q->used = get(r, 8);
	q->align = (uint32_t)get(r, 4);
	q->vector = (uint16_t)get(r, 2);
	flags = (uint16_t)get(r, 2);
	q->set_up = flags & Q_SET_UP;
	q->mapped = flags & Q_MAPPED;
	q->enabled = flags & Q_ENABLED;
	q->kicked = flags & Q_KICKED;
	q->avail_wrap = flags & Q_AVAIL_WRAP;
	q->used_wrap = flags & Q_USED_WRAP;
	q->stuck = flags & Q_STUCK;
	q->signalled_valid = flags & Q_SIGNALLED;
	q->owed = flags & Q_OWED;
	q->last_avail = (uint16_t)get(r, 2);
	q->used_idx = (uint16_t)get(r, 2);
	q->signalled = (uint16_t)get(r, 2);
	q->inuse = (uint32_t)get(r, 4);
}

static bool queue_fits(struct refdev *rd, struct reader *r, struct rd_queue *q, uint16_t max)
{
	bool was_mapped = q->mapped;

	q->max = max;
	if (q->num == 0 || q->num > RD_SIZE_MAX || q->reg_num > RD_SIZE_MAX)
		return refuse(r, "a queue of an impossible size");
	if (q->align & (q->align - 1) || q->align == 0)
		return refuse(r, "an impossible alignment");
	if (rd_has(rd, F_PACKED) && (q->last_avail >= q->num || q->used_idx >= q->num))
		return refuse(r, "an index outside of its packed ring");
	if (q->vector != NO_VECTOR && q->vector >= rd->props.vectors)
		return refuse(r, "a vector that does not exist");
	/* virtio_load() sets signalled_used_valid to false. */
	if (rd_has_quirk(rd, RD_Q_SPURIOUS_USED))
		q->signalled_valid = false;
	if (rd_fault(rd, RD_F_LOAD_INDEX))
		q->last_avail = 0;
	if (!q->set_up)
		return true;
	rd_queue_check(rd, q);
	if (was_mapped && !q->mapped)
		return refuse(r, "a ring that is not memory here");
	if (q->mapped && !rd_has(rd, F_PACKED))
		q->seen_avail = rd_mem_get16(rd, q->avail + 2);
	return true;
}

static bool load_queues(struct refdev *rd, struct reader *r)
{
	uint16_t sizes[RD_QUEUES] = {0};
	uint32_t n = (uint32_t)get(r, 4);
	bool resized = false;

	if (n > RD_QUEUES || (n < rd->n_queues && !rd_quirk(rd, RD_Q_LOAD_LAX)) ||
	    (n > rd->n_queues && !rd_quirk(rd, RD_Q_LOAD_QUEUES)))
		return refuse(r, "another number of queues");
	for (uint32_t i = 0; i < n && !r->bad; i++) {
		struct rd_queue q = {0};

		read_queue(r, &q);
		sizes[i] = q.max;
		resized |= q.max != q.num;
		if (r->bad || !queue_fits(rd, r, &q, rd->q[i].max))
			return false;
		rd->q[i] = q;
	}
	/* vmstate_ringsize: there if any size is another, and then of all queues. */
	for (uint32_t i = 0; resized && i < RD_QUEUES; i++)
		if (rd->q[i].max != sizes[i] && rd_quirk(rd, RD_Q_LOAD_SIZES))
			rd->q[i].max = sizes[i];
	return !r->bad;
}

static bool load_pending(struct refdev *rd, struct reader *r)
{
	size_t len = (size_t)get(r, 4), at = 0;
	const uint8_t *data = get_bytes(r, len);

	while (data && at < len) {
		size_t message = len - at >= 4 ? get_le32(data + at) : 0;

		if (message < 8 || message > 8 + REFDEV_NAME_MAX + 1 || message > len - at - 4)
			return refuse(r, "a control message of an impossible length");
		at += 4 + message;
	}
	if (data)
		buf_add(&rd->pending, data, len);
	return !r->bad;
}

static bool load_held(struct refdev *rd, struct reader *r, struct rd_port *port)
{
	uint32_t seg = (uint32_t)get(r, 4), offset = (uint32_t)get(r, 4);
	uint16_t id = (uint16_t)get(r, 2);
	uint32_t ndescs = (uint32_t)get(r, 4), n_out = (uint32_t)get(r, 4);
	struct rd_elem *held;

	if (r->bad || n_out > RD_SEGS || seg > n_out || ndescs == 0 || ndescs > RD_SIZE_MAX)
		return refuse(r, "an impossible held buffer");
	held = xcalloc(1, offsetof(struct rd_elem, seg) + n_out * sizeof(held->seg[0]));
	held->id = id;
	held->ndescs = ndescs;
	held->n_out = n_out;
	for (uint32_t i = 0; i < n_out; i++) {
		held->seg[i].addr = get(r, 8);
		held->seg[i].len = (uint32_t)get(r, 4);
	}
	free(port->held);
	port->held = held;
	port->seg = seg;
	port->offset = offset;
	if (rd_fault(rd, RD_F_LOAD_HELD_LOST)) {
		free(port->held);
		port->held = NULL;
	}
	return !r->bad;
}

static bool names_fit(struct refdev *rd, struct reader *r, const struct rd_port *port, bool named)
{
	size_t len = named ? (size_t)get(r, 1) : 0;
	const uint8_t *name = get_bytes(r, len);
	bool same = named ? port->name && strlen(port->name) == len &&
				    (!name || memcmp(port->name, name, len) == 0)
			  : !port->name;

	return same || rd_quirk(rd, RD_Q_LOAD_LAX);
}

static bool load_port(struct refdev *rd, struct reader *r)
{
	struct rd_port *port = rd_port_find(rd, (uint32_t)get(r, 4));
	uint8_t flags = (uint8_t)get(r, 1);

	if (r->bad || !port || port->told_host >= 0)
		return refuse(r, "a port that is not plugged here, or came twice");
	if (!names_fit(rd, r, port, flags & P_NAME))
		return refuse(r, "another name of a port");
	if (port->console != !!(flags & P_CONSOLE) && !rd_quirk(rd, RD_Q_LOAD_LAX))
		return refuse(r, "another kind of a port");
	port->told_host = !!(flags & P_HOST);
	port->guest = flags & P_GUEST && !rd_fault(rd, RD_F_LOAD_CLOSED);
	port->announced = flags & P_ANNOUNCED;
	return flags & P_HELD ? load_held(rd, r, port) : !r->bad;
}

static bool load_ports(struct refdev *rd, struct reader *r)
{
	uint32_t n = (uint32_t)get(r, 4);

	for (uint32_t i = 0; i < n && !r->bad; i++)
		if (!load_port(rd, r))
			return false;
	/* QEMU's map has port 0 in it whether there is one or not. */
	for (size_t i = 0; i < rd->n_ports && !r->bad; i++)
		if (rd->ports[i]->told_host < 0 &&
		    (rd->ports[i]->nr != 0 || !rd_quirk(rd, RD_Q_LOAD_LAX)))
			return refuse(r, "a port of ours is not in it");
	if (!r->bad && r->at != r->len)
		return refuse(r, "there is more behind it");
	return !r->bad;
}

/* As after power-on, host ends aside. */
static void make_fresh(struct refdev *rd)
{
	for (size_t i = 0; i < rd->n_ports; i++) {
		struct rd_port *port = rd->ports[i];

		free(port->held);
		port->held = NULL;
		port->guest = port->throttled = false;
		port->told_host = -1;
	}
	rd->told_later = false;
	rd->generation = 0;
	rd->gf[0] = rd->gf[1] = 0;
	for (unsigned i = 0; i < RD_QUEUES; i++)
		rd->q[i].align = 4096;
	memset(&rd->pci, 0, sizeof(rd->pci));
	if (rd_is_pci(rd))
		rd_pci_init(rd);
	refdev_reset(rd);
	rd->log = 0;
}

bool refdev_load(struct refdev *rd, const void *state, size_t len, struct buf *why)
{
	struct reader r = {.data = state, .len = len, .why = why};

	make_fresh(rd);
	if (!load_device(rd, &r) || (rd_is_pci(rd) && !load_pci(rd, &r)) || !load_queues(rd, &r) ||
	    !load_pending(rd, &r) || !load_ports(rd, &r)) {
		make_fresh(rd);
		return false;
	}
	rd_set_pin(rd);
	rd->told_later = true;
	rd->stopped = false;
	if (rd_quirk(rd, RD_Q_GENERATION_LOST))
		rd->generation = 0;
	for (size_t i = 0; i < rd->n_ports; i++)
		if (!rd->ports[i]->console && rd->ports[i]->host && rd_quirk(rd, RD_Q_LOAD_OPENS))
			rd_tell_host(rd, rd->ports[i]);
	return true;
}
