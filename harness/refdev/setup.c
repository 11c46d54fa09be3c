// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * setup.c - what the registers of a transport do to a queue: size, addresses, enable, reset, kick
 *
 * virtio 1.2: 2.6 (queue reset), 2.7 and 2.8 (sizes of the parts), 4.1.4.3, 4.1.5.1.3; legacy
 * layout: 2.7.2. G-SR-07 to G-SR-10, G-RR-*, G-PC-02 to G-PC-04, G-PC-07, H-20 to H-24.
 */
#include "harness/refdev/private.h"

struct rd_queue *rd_queue_sel(struct refdev *rd)
{
	return rd->queue_sel < RD_QUEUES ? &rd->q[rd->queue_sel] : NULL;
}

void rd_queue_select(struct refdev *rd, uint32_t n)
{
	if (n < RD_QUEUES)
		rd->queue_sel = (uint16_t)n;
	else if (!rd_quirk(rd, RD_Q_SELECT_BOUNDS))
		rd->queue_sel = RD_QUEUES;
}

void rd_queue_clear(struct refdev *rd, struct rd_queue *q)
{
	q->num = q->max;
	q->desc = q->avail = q->used = 0;
	q->vector = NO_VECTOR;
	q->set_up = q->mapped = q->enabled = q->kicked = q->owed = q->stuck = false;
	q->last_avail = q->used_idx = q->seen_avail = q->signalled = 0;
	q->avail_wrap = q->used_wrap = true;
	/* QEMU notifies once before it looks at used_event; 2.7.7.2 does not. */
	q->signalled_valid = !rd_has_quirk(rd, RD_Q_SPURIOUS_USED);
	q->inuse = 0;
}

/* The parts of a queue are RAM, or the device cannot use it. */
void rd_queue_check(struct refdev *rd, struct rd_queue *q)
{
	uint64_t event = rd_has(rd, F_EVENT_IDX) ? 2 : 0, num = q->num;
	bool packed = rd_has(rd, F_PACKED);
	uint64_t avail = packed ? 4 : 4 + 2 * num + event;
	uint64_t used = packed ? 4 : 4 + 8 * num + event;

	q->mapped = false;
	q->set_up = true;
	if (packed && num) { /* it may have been longer before */
		q->last_avail = (uint16_t)(q->last_avail % num);
		q->used_idx = (uint16_t)(q->used_idx % num);
	}
	if (q->desc == 0 && rd_quirk(rd, RD_Q_RING_AT_ZERO)) {
		q->set_up = false;
		return;
	}
	if (!rd_ring_ok(rd, q->desc, 16 * num) || !rd_ring_ok(rd, q->avail, avail) ||
	    !rd_ring_ok(rd, q->used, used))
		rd_error(rd, REFDEV_LOG_UNMAPPED);
	else
		q->mapped = true;
}

/* false: the size is not taken, the old one stays. */
static bool size_fits(struct refdev *rd, const struct rd_queue *q, uint32_t num)
{
	if (num == 0 || num > RD_SIZE_MAX)
		return false;
	if (num > q->max && rd_quirk(rd, RD_Q_QUEUE_SIZE_BREAKS)) {
		rd_error(rd, REFDEV_LOG_BAD_SIZE);
		return false;
	}
	if (num > q->max && !rd_quirk(rd, RD_Q_QUEUE_SIZE_ABOVE))
		return false;
	/* 4.1.4.3.2: a power of two, but for packed queues. */
	return !(num & (num - 1)) || rd_has(rd, F_PACKED) || rd_quirk(rd, RD_Q_QUEUE_SIZE_ANY);
}

void rd_queue_size(struct refdev *rd, uint32_t num)
{
	struct rd_queue *q = rd_queue_sel(rd);

	if (!q || !q->max)
		return;
	if (!size_fits(rd, q, num)) {
		/* The register has it, and queue_enable uses it. */
		if (num <= UINT16_MAX && rd_quirk(rd, RD_Q_QUEUE_SIZE_BREAKS))
			q->reg_num = (uint16_t)num;
		return;
	}
	q->num = (uint16_t)num;
	q->reg_num = (uint16_t)num;
	if (q->set_up)
		rd_queue_check(rd, q);
}

void rd_queue_enable(struct refdev *rd)
{
	struct rd_queue *q = rd_queue_sel(rd);

	if (!q)
		return;
	if (!q->max) {
		q->enabled = rd_quirk(rd, RD_Q_ENABLE_MISSING);
		return;
	}
	if (q->reg_num && size_fits(rd, q, q->reg_num))
		q->num = q->reg_num;
	q->desc = q->reg_desc;
	q->avail = q->reg_avail;
	q->used = q->reg_used;
	q->enabled = true;
	rd_queue_check(rd, q);
}

static uint64_t align_up(uint64_t value, uint32_t align)
{
	return align ? (value + align - 1) / align * align : value;
}

/* 2.7.2: the legacy layout, all parts from one address. */
void rd_queue_address(struct refdev *rd, uint64_t addr)
{
	struct rd_queue *q = rd_queue_sel(rd);

	if (!q || !q->num)
		return;
	q->desc = addr;
	q->avail = addr + 16ULL * q->num;
	q->used = align_up(q->avail + 4 + 2ULL * q->num, q->align);
	q->enabled = true;
	rd_queue_check(rd, q);
}

void rd_queue_reset(struct refdev *rd)
{
	struct rd_queue *q = rd_queue_sel(rd);
	struct rd_port *port;

	if (!q || rd_fault(rd, RD_F_QUEUE_RESET_LOST))
		return;
	/* 2.6: only with the feature. */
	if (!rd_has(rd, F_RING_RESET) && !rd_quirk(rd, RD_Q_RESET_UNGATED))
		return;
	port = rd_port_of(rd, rd->queue_sel);
	if (port && port->held && q == rd_txq(rd, port->nr) && !rd_quirk(rd, RD_Q_QUEUE_RESET_HELD))
		rd_port_drop(rd, port, false);
	rd_queue_clear(rd, q);
}

/* 4.1.5.1.2.1: a vector that is not there reads back as NO_VECTOR. */
static uint16_t vector_take(struct refdev *rd, uint16_t old, uint32_t vector)
{
	rd_msix_use(rd, old, -1);
	if (vector >= rd->props.vectors)
		return NO_VECTOR;
	rd_msix_use(rd, vector, 1);
	return (uint16_t)vector;
}

void rd_queue_vector(struct refdev *rd, struct rd_queue *q, uint32_t vector)
{
	if (q)
		q->vector = vector_take(rd, q->vector, vector);
}

void rd_config_vector(struct refdev *rd, uint32_t vector)
{
	rd->config_vector = vector_take(rd, rd->config_vector, vector);
}

void rd_kick_again(struct refdev *rd, unsigned n)
{
	struct rd_queue *q = &rd->q[n];

	q->kicked = false;
	if (n == 2)
		rd_ctl_in(rd);
	else if (n == 3)
		rd_ctl_out(rd);
	else if (n % 2)
		rd_port_out(rd, q, rd_port_of(rd, n));
	/* Input: refdev_run() looks for room at every turn. */
}

/* do_flush_queued_data() asserts what its caller did not check: a guest can end QEMU. */
static bool kills(struct refdev *rd, unsigned n, const struct rd_queue *q)
{
	const struct rd_port *port = rd_port_of(rd, n);
	uint64_t used = rd_has(rd, F_PACKED) ? 4 : 4 + 8ULL * q->num;

	if (n % 2 == 0 || !q->enabled || q->desc == 0 || q->avail != 0 || !port || !port->host ||
	    port->throttled)
		return false;
	return rd_ring_ok(rd, q->desc, 16ULL * q->num) && rd_ring_ok(rd, q->used, used) &&
	       rd_quirk(rd, RD_Q_AVAIL_ZERO_DIES);
}

void rd_kick(struct refdev *rd, unsigned n)
{
	struct rd_queue *q;

	if (n >= rd->n_queues || rd->broken || rd->died)
		return;
	q = &rd->q[n];
	if (kills(rd, n, q)) {
		rd->died = true;
		return;
	}
	if (!q->set_up || !q->mapped)
		return;
	rd->begun |= rd->start_on_kick;
	rd->start_on_kick = false;
	rd_step_begin(rd);
	/* What is started hears of it by an ioeventfd, and works when the access is over. */
	rd->accessed = !rd->started;
	if (rd_queue_usable(rd, q))
		rd_kick_again(rd, n);
	else if (!rd->disabled || !rd_quirk(rd, RD_Q_BUS_MASTER_STATUS))
		q->kicked = true; /* until DRIVER_OK, or bus mastering; QEMU forgets the latter */
	rd->accessed = false;
}

/* QEMU's main loop asks whether there is room for input before it serves the queues. */
static void start_all(struct refdev *rd, enum rd_quirk quirk)
{
	bool last_first = rd_quirk(rd, RD_Q_START_LAST_FIRST);

	rd->started = true;
	rd_step_begin(rd);
	for (size_t i = 0; i < rd->n_ports; i++)
		rd_port_look(rd, rd->ports[i]);
	for (unsigned i = 0; i < rd->n_queues; i++) {
		unsigned n = last_first ? rd->n_queues - 1 - i : i;

		if ((rd->q[n].set_up || rd->q[n].enabled) && rd_quirk(rd, quirk))
			rd_kick(rd, n);
	}
}

/* virtio_bus_start_ioeventfd(): not again when it runs, though the machine may have been stopped
 * since. */
void rd_start(struct refdev *rd)
{
	if (rd->props.ioeventfd && rd->status & S_DRIVER_OK && !rd->started)
		start_all(rd, rd_is_pci(rd) ? RD_Q_START_KICKS : RD_Q_START_KICKS_MMIO);
}

/* virtio_vmstate_change(): what it asks is whether the device has begun, not DRIVER_OK. */
void rd_resume(struct refdev *rd)
{
	rd_start(rd);
	if (rd->props.ioeventfd && rd->begun && !(rd->status & S_DRIVER_OK) && !rd->started &&
	    (rd_is_pci(rd) || rd_has_quirk(rd, RD_Q_START_KICKS_MMIO)))
		start_all(rd, RD_Q_START_ON_KICK);
}
