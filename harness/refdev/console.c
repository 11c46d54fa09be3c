// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * console.c - control messages: what the driver says, and what it is told
 *
 * virtio 1.2: 5.3.6.2 (multiport device operation), 5.3.2 (queues 2 and 3). C-15, C-16, C-23 to
 * C-43, U-01 to U-11, U-21, U-22 and section 3 (the state machine) of the reference text.
 *
 * struct virtio_console_control: le32 id, le16 event, le16 value; little-endian for a legacy
 * driver too, for the machine is (C-43).
 */
#include <string.h>

#include "harness/refdev/private.h"

enum { MESSAGE = 8 };

/* One message into one buffer of the control receive queue; false: there is none. */
static bool deliver(struct refdev *rd, const void *data, size_t len)
{
	struct rd_queue *q = &rd->q[2];
	size_t done;

	if (!rd_pop(rd, q, &rd->ctl_elem))
		return false;
	if (rd->buffers_left)
		rd->buffers_left--;
	done = rd_elem_write(rd, &rd->ctl_elem, data, len);
	/* 2.7.8.2: used.len is what was written. */
	if (done < len && rd_quirk(rd, RD_Q_CTL_LEN))
		done = len;
	rd_push(rd, q, &rd->ctl_elem, (uint32_t)done);
	rd_notify_queue(rd, q);
	return true;
}

static void send(struct refdev *rd, const void *data, size_t len)
{
	uint8_t head[4];

	if (rd->pending.len == 0 && deliver(rd, data, len))
		return;
	if (rd->broken || rd->pending.len > RD_PENDING_HARD || rd_quirk(rd, RD_Q_CTL_DROP))
		return;
	put_le32(head, (uint32_t)len);
	buf_add(&rd->pending, head, sizeof(head));
	buf_add(&rd->pending, data, len);
}

void rd_ctl_in(struct refdev *rd)
{
	while (rd->pending.len && rd_budget(rd, &rd->q[2])) {
		size_t len = get_le32(rd->pending.data);

		if (!deliver(rd, rd->pending.data + 4, len))
			return;
		buf_drop(&rd->pending, 4 + len);
	}
}

static void put_message(uint8_t *raw, uint32_t id, uint16_t event, uint16_t value)
{
	put_le32(raw, id);
	put_le16(raw + 4, event);
	put_le16(raw + 6, value);
}

void rd_ctl_event(struct refdev *rd, unsigned nr, uint16_t event, uint16_t value)
{
	bool swapped = rd_fault(rd, RD_F_CTL_SWAPPED);
	uint8_t raw[MESSAGE];

	if (event == E_PORT_ADD && rd_fault(rd, RD_F_CTL_WRONG_ID))
		nr++;
	put_message(raw, nr, swapped ? value : event, swapped ? event : value);
	send(rd, raw, sizeof(raw));
	if (event == E_PORT_ADD && rd_fault(rd, RD_F_CTL_ADD_TWICE))
		send(rd, raw, sizeof(raw));
}

static void tell_name(struct refdev *rd, const struct rd_port *port)
{
	size_t len = strlen(port->name);
	uint8_t raw[MESSAGE + REFDEV_NAME_MAX + 1];

	put_message(raw, port->nr, E_PORT_NAME, 1);
	memcpy(raw + MESSAGE, port->name, len + 1);
	/* 5.3.6.2: the name without a NUL. */
	if (rd_quirk(rd, RD_Q_NAME_NUL))
		len++;
	if (rd_fault(rd, RD_F_CTL_NAME_CUT))
		len--;
	send(rd, raw, MESSAGE + len);
}

void rd_tell_size(struct refdev *rd, struct rd_port *port)
{
	uint8_t raw[MESSAGE + 4];

	if (!rd_has(rd, F_SIZE) || !rd_has(rd, F_MULTIPORT) || !port->announced ||
	    !(port->cols | port->rows))
		return;
	put_message(raw, port->nr, E_RESIZE, 0);
	put_le16(raw + MESSAGE, port->cols);
	put_le16(raw + MESSAGE + 2, port->rows);
	send(rd, raw, sizeof(raw));
}

static void announce(struct refdev *rd, struct rd_port *port)
{
	/* 5.3.6.2.1: not the PORT_ADD of a port that exists. */
	if (port->announced && !rd_quirk(rd, RD_Q_READD))
		return;
	port->announced = true;
	rd_ctl_event(rd, port->nr, E_PORT_ADD, 1);
}

static void device_ready(struct refdev *rd, uint16_t value)
{
	if (!value && !rd_fault(rd, RD_F_CTL_READY_ZERO)) {
		rd->log |= REFDEV_LOG_GUEST_FAILURE;
		return;
	}
	rd->ready = true;
	for (size_t i = 0; i < rd->n_ports; i++)
		announce(rd,
			 rd->ports[rd_fault(rd, RD_F_CTL_ADD_REVERSED) ? rd->n_ports - 1 - i : i]);
}

static void port_ready(struct refdev *rd, struct rd_port *port, uint16_t value)
{
	if (!value && !rd_fault(rd, RD_F_CTL_PORT_READY_ZERO)) {
		rd->log |= REFDEV_LOG_GUEST_FAILURE;
		return;
	}
	/* A driver that was restored starts here: it knows the port. */
	port->announced = true;
	if (port->console && !rd_fault(rd, RD_F_CTL_NO_CONSOLE))
		rd_ctl_event(rd, port->nr, E_CONSOLE_PORT, 1);
	if (port->name && !rd_fault(rd, RD_F_CTL_NO_NAME))
		tell_name(rd, port);
	if (port->console)
		rd_tell_size(rd, port);
	if (port->host && !rd_fault(rd, RD_F_CTL_NO_OPEN))
		rd_ctl_event(rd, port->nr, E_PORT_OPEN, 1);
}

void rd_guest_open(struct refdev *rd, struct rd_port *port, bool open, bool tell)
{
	if (port->guest == open && !(tell && rd_quirk(rd, RD_Q_OPEN_AGAIN)))
		return;
	port->guest = open;
	if (!tell && open && rd_quirk(rd, RD_Q_SINGLE_SILENT))
		return;
	if (rd->ops.guest_open)
		rd->ops.guest_open(rd->arg, port->nr, open);
}

static void handle(struct refdev *rd, const uint8_t *raw)
{
	uint16_t event = get_le16(raw + 4), value = get_le16(raw + 6);
	struct rd_port *port;

	if (event == E_DEVICE_READY) {
		device_ready(rd, value);
		return;
	}
	port = rd_port_find(rd, get_le32(raw));
	if (!port) {
		rd->log |= REFDEV_LOG_UNEXPECTED_PORT;
		return;
	}
	if (event == E_PORT_READY)
		port_ready(rd, port, value);
	else if (event == E_PORT_OPEN &&
		 !rd_fault(rd, value ? RD_F_CTL_IGNORE_OPEN : RD_F_CTL_IGNORE_CLOSE))
		rd_guest_open(rd, port, value, true);
	else if (event > E_PORT_NAME && rd_fault(rd, RD_F_CTL_UNKNOWN_BREAKS))
		rd_error(rd, REFDEV_LOG_OTHER);
}

void rd_ctl_out(struct refdev *rd)
{
	struct rd_queue *q = &rd->q[3];
	bool progress = false, put_off = false;

	q->kicked = false;
	for (;;) {
		uint8_t raw[MESSAGE];

		/* Replies that nobody takes: the driver's next messages wait as well. */
		if (rd->pending.len > RD_PENDING_SOFT) {
			q->kicked = true;
			break;
		}
		put_off = !rd_budget(rd, q);
		if (put_off || !rd_pop(rd, q, &rd->elem))
			break;
		if (rd_elem_read(rd, &rd->elem, raw, sizeof(raw)) == sizeof(raw) &&
		    !(rd->elem.n_out > 1 && rd_fault(rd, RD_F_CTL_SPLIT_LOST)))
			handle(rd, raw);
		rd_push(rd, q, &rd->elem, 0);
		progress = true;
	}
	rd_notify_done(rd, q, progress, put_off);
}

void rd_tell_plugged(struct refdev *rd, struct rd_port *port)
{
	/* 5.3.6.2: after the driver's DEVICE_READY. */
	if (rd->ready) {
		port->announced = true;
		rd_ctl_event(rd, port->nr, E_PORT_ADD, 1);
	} else if (rd_queue_ready(rd, &rd->q[2]) && rd_quirk(rd, RD_Q_EARLY_ANNOUNCE)) {
		rd_ctl_event(rd, port->nr, E_PORT_ADD, 1);
	}
	if (rd->status & S_DRIVER_OK && rd_quirk(rd, RD_Q_PLUG_CONFIG))
		rd_notify_config(rd);
}

void rd_tell_unplugged(struct refdev *rd, struct rd_port *port)
{
	if (rd_fault(rd, RD_F_CTL_NO_REMOVE))
		return;
	if (port->announced || (rd_queue_ready(rd, &rd->q[2]) && rd_quirk(rd, RD_Q_REMOVE_UNADDED)))
		rd_ctl_event(rd, port->nr, E_PORT_REMOVE, 1);
}

void rd_tell_host(struct refdev *rd, struct rd_port *port)
{
	if (rd_fault(rd, port->host ? RD_F_CTL_NO_HOST_OPEN : RD_F_CTL_NO_HOST_CLOSE))
		return;
	if (port->announced || (rd_queue_ready(rd, &rd->q[2]) && rd_quirk(rd, RD_Q_EARLY_ANNOUNCE)))
		rd_ctl_event(rd, port->nr, E_PORT_OPEN, port->host);
}
