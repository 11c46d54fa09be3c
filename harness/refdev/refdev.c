// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * refdev.c - the device as a whole: ports, host ends, the machine around it, deferred work
 *
 * virtio 1.2: 5.3.2 (which queue is whose). C-01 to C-05, C-37, U-22 to U-26 and section 3 of the
 * reference text; realize and plug functions of QEMU's hw/char/virtio-serial-bus.c.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/refdev/private.h"

struct rd_port *rd_port_find(const struct refdev *rd, uint32_t nr)
{
	for (size_t i = 0; i < rd->n_ports; i++)
		if (rd->ports[i]->nr == nr)
			return rd->ports[i];
	return NULL;
}

struct rd_port *rd_port_of(const struct refdev *rd, unsigned queue)
{
	if (queue < 2)
		return rd_port_find(rd, 0);
	return queue < 4 ? NULL : rd_port_find(rd, (queue - 4) / 2 + 1);
}

struct rd_queue *rd_rxq(struct refdev *rd, unsigned nr)
{
	return &rd->q[nr ? 2 * nr + 2 : 0];
}

struct rd_queue *rd_txq(struct refdev *rd, unsigned nr)
{
	return rd_rxq(rd, nr) + 1;
}

static void port_close(struct refdev *rd, struct rd_port *port)
{
	rd_step_begin(rd);
	port->host = false;
	port->throttled = false;
	rd_port_drop(rd, port, true);
	if (!rd_fault(rd, RD_F_TX_CLOSED_KEPT))
		rd_queue_discard(rd, rd_txq(rd, port->nr));
	rd_tell_host(rd, port);
}

static void host_sync(struct refdev *rd, struct rd_port *port)
{
	if (port->console || !port->chardev || port->asleep || port->host == port->backend)
		return;
	if (port->backend) {
		port->host = true;
		rd_tell_host(rd, port);
	} else if (!rd_quirk(rd, RD_Q_STOPPED_CLOSE)) {
		port_close(rd, port);
	}
}

/* set_status() of QEMU's hw/char/virtio-serial-bus.c: enable_backend(). */
void rd_listen(struct refdev *rd)
{
	for (size_t i = 0; i < rd->n_ports; i++) {
		rd->ports[i]->asleep = rd->stopped;
		host_sync(rd, rd->ports[i]);
	}
}

bool refdev_host_open(struct refdev *rd, unsigned nr)
{
	struct rd_port *port = rd_port_find(rd, nr);

	if (!port || !port->chardev)
		return false;
	port->backend = true;
	host_sync(rd, port);
	return true;
}

void refdev_host_close(struct refdev *rd, unsigned nr)
{
	struct rd_port *port = rd_port_find(rd, nr);

	if (!port || !port->backend)
		return;
	rd_step_begin(rd);
	/* U-19: what they sent comes first. */
	while (rd_port_in(rd, port) && rd->descs_left)
		continue;
	port->backend = false;
	if (!port->console && port->host && !port->asleep)
		port_close(rd, port);
	else if (port->console)
		port->throttled = false;
}

bool refdev_may_change(struct refdev *rd, unsigned nr)
{
	struct rd_port *port = rd_port_find(rd, nr);

	return !port || !port->chardev || !port->asleep || !rd_quirk(rd, RD_Q_STOPPED_CHANGE);
}

void refdev_backend_changed(struct refdev *rd, unsigned nr)
{
	if (!rd_fault(rd, RD_F_CHANGE_SILENT))
		refdev_host_close(rd, nr);
}

void rd_guest_reset(struct refdev *rd)
{
	for (size_t i = 0; i < rd->n_ports; i++) {
		if (!rd_fault(rd, RD_F_RESET_KEEPS_HELD))
			rd_port_drop(rd, rd->ports[i], false);
		if (rd->ports[i]->guest && !rd_fault(rd, RD_F_RESET_KEEPS_OPEN))
			rd_guest_open(rd, rd->ports[i], false, true);
	}
}

/* virtser_port_device_realize(), virtconsole_realize() */
static bool port_fits(const struct refdev *rd, const struct refdev_port *port, struct buf *why)
{
	if (rd_port_find(rd, port->nr))
		buf_addf(why, "A port already exists at id %u", port->nr);
	else if (port->nr >= rd->props.max_ports)
		buf_addf(why, "Out-of-range port id specified, max. allowed: %u",
			 rd->props.max_ports - 1);
	else if (port->nr == 0 && !port->console)
		buf_addstr(why, "Port number 0 on virtio-serial devices reserved for virtconsole");
	else if (port->name && strlen(port->name) > REFDEV_NAME_MAX)
		buf_addf(why, "a port's name has at most %d bytes here", REFDEV_NAME_MAX);
	else
		return true;
	return false;
}

static bool name_is_free(const struct refdev *rd, const char *name, struct buf *why)
{
	for (size_t i = 0; name && i < rd->n_ports; i++) {
		if (!rd->ports[i]->name || strcmp(rd->ports[i]->name, name) != 0)
			continue;
		buf_addf(why, "A port already exists by name %s", name);
		return false;
	}
	return true;
}

bool refdev_plug(struct refdev *rd, const struct refdev_port *spec, struct buf *why)
{
	struct rd_port *port;

	if (!port_fits(rd, spec, why) || !name_is_free(rd, spec->name, why))
		return false;
	port = xcalloc(1, sizeof(*port));
	port->nr = spec->nr;
	port->console = spec->console;
	port->chardev = !spec->no_chardev;
	port->name = spec->name ? xstrdup(spec->name) : NULL;
	port->told_host = -1;
	/* QEMU looks at the machine only when that or the status changes. */
	port->asleep = rd->stopped && !rd_quirk(rd, RD_Q_STOPPED_PLUG);
	port->backend = port->chardev && spec->open;
	/* A console with a backend counts as always open: U-13. */
	port->host = port->console ? port->chardev : port->backend && !port->asleep;
	rd->ports = xrealloc(rd->ports, (rd->n_ports + 1) * sizeof(struct rd_port *));
	rd->ports[rd->n_ports++] = port;
	rd_step_begin(rd);
	if (port->host && rd_queue_ready(rd, &rd->q[2]) && rd_quirk(rd, RD_Q_PLUG_OPEN_FIRST))
		rd_ctl_event(rd, port->nr, E_PORT_OPEN, 1);
	rd_tell_plugged(rd, port);
	return true;
}

static void port_free(struct rd_port *port)
{
	free(port->held);
	free(port->name);
	free(port);
}

bool refdev_unplug(struct refdev *rd, unsigned nr)
{
	struct rd_port *port = rd_port_find(rd, nr);
	size_t i = 0;

	if (!port)
		return false;
	rd_step_begin(rd);
	port->throttled = false;
	rd_port_drop(rd, port, true);
	rd_queue_discard(rd, rd_txq(rd, nr));
	rd_tell_unplugged(rd, port);
	while (rd->ports[i] != port)
		i++;
	memmove(rd->ports + i, rd->ports + i + 1, (rd->n_ports - i - 1) * sizeof(struct rd_port *));
	rd->n_ports--;
	port_free(port);
	return true;
}

void refdev_unplug_all(struct refdev *rd)
{
	while (rd->n_ports)
		(void)refdev_unplug(rd, rd->ports[rd->n_ports - 1]->nr);
}

void refdev_resize(struct refdev *rd, unsigned nr, uint16_t cols, uint16_t rows)
{
	struct rd_port *port = rd_port_find(rd, nr);

	if (!port || !(rd->offered & BIT(F_SIZE)))
		return;
	port->cols = cols;
	port->rows = rows;
	rd_tell_size(rd, port);
	if (nr != 0)
		return;
	/* 5.3.6: the configuration's size is that of port 0. */
	rd->cols = cols;
	rd->rows = rows;
	rd_notify_config(rd);
}

void refdev_stop(struct refdev *rd)
{
	rd->stopped = true;
	rd->started = false;
	rd_set_status(rd, rd->status);
}

void refdev_cont(struct refdev *rd)
{
	rd->stopped = false;
	rd_set_status(rd, rd->status);
	rd_resume(rd);
}

void refdev_reset(struct refdev *rd)
{
	bool skipped = rd->props.pm_no_soft_reset && rd_pci_d3hot(rd) &&
		       rd_quirk(rd, RD_Q_PM_RESET_SKIPPED);

	/* virtio_mmio_reset() forgets them, virtio_pci_reset() does not. */
	if (!rd_is_pci(rd) || ((rd->dfselect | rd->gfselect) && !rd_quirk(rd, RD_Q_SELECT_KEPT)))
		rd->dfselect = rd->gfselect = 0;
	rd->page_shift = 0;
	if (rd_is_pci(rd))
		rd_pci_reset(rd);
	if (skipped) {
		rd->line = false;
		rd_update_pin(rd);
		return;
	}
	rd_device_reset(rd);
}

/* virtio_serial_post_load_timer_cb() */
static void after_load(struct refdev *rd)
{
	rd->told_later = false;
	for (size_t i = 0; i < rd->n_ports; i++) {
		struct rd_port *port = rd->ports[i];

		if (port->told_host >= 0 && port->told_host != (int)port->host &&
		    !rd_fault(rd, RD_F_LOAD_HOST_SILENT))
			rd_tell_host(rd, port);
		port->told_host = -1;
		if (rd->ops.guest_open)
			rd->ops.guest_open(rd->arg, port->nr, port->guest);
	}
	rd_resume(rd);
}

bool refdev_run(struct refdev *rd)
{
	bool more = false;

	if (rd->died)
		return false;
	rd_step_begin(rd);
	if (rd->told_later && !rd->stopped)
		after_load(rd);
	for (unsigned i = 0; i < rd->n_queues && !rd->broken; i++) {
		if (!rd->q[i].kicked || !rd_queue_usable(rd, &rd->q[i]) ||
		    (i == 3 && rd->pending.len > RD_PENDING_SOFT))
			continue;
		rd_kick_again(rd, i);
		more |= rd->q[i].kicked && !(i == 3 && rd->pending.len > RD_PENDING_SOFT);
	}
	for (size_t i = 0; i < rd->n_ports; i++) {
		more |= rd_port_unthrottle(rd, rd->ports[i]);
		more |= rd_port_in(rd, rd->ports[i]);
	}
	return more;
}

struct refdev *refdev_new(const struct refdev_config *config, struct buf *why)
{
	struct refdev *rd = xcalloc(1, sizeof(*rd));
	bool ok;

	rd->ops = *config->ops;
	rd->arg = config->arg;
	rd->transport = config->transport;
	rd->slot = config->slot;
	rd->express = config->express;
	rd->mmio_base = config->mmio_base;
	rd->stopped = config->stopped;
	buf_init(&rd->pending);
	ok = rd_personality(config->personality, &rd->quirks, why) &&
	     rd_faults_parse(config->faults, &rd->faults, why) &&
	     rd_props_parse(rd, config->properties, why);
	if (ok) {
		rd_device_init(rd);
		if (rd_is_pci(rd))
			rd_pci_init(rd);
		rd_bus_master(rd, true);
	}
	for (size_t i = 0; i < config->n_ports && ok; i++)
		ok = refdev_plug(rd, &config->ports[i], why);
	if (ok)
		return rd;
	refdev_free(rd);
	return NULL;
}

void refdev_free(struct refdev *rd)
{
	if (!rd)
		return;
	for (size_t i = 0; i < rd->n_ports; i++)
		port_free(rd->ports[i]);
	free(rd->ports);
	buf_release(&rd->pending);
	free(rd);
}

bool refdev_port_state(const struct refdev *rd, unsigned nr, struct refdev_port_state *state)
{
	const struct rd_port *port = rd_port_find(rd, nr);

	*state = (struct refdev_port_state){0};
	if (!port)
		return false;
	*state = (struct refdev_port_state){.exists = true,
					    .guest = port->guest,
					    .host = port->host,
					    .throttled = port->throttled};
	return true;
}

unsigned refdev_log(struct refdev *rd)
{
	unsigned log = rd->log;

	rd->log = 0;
	return log;
}

bool refdev_pin(const struct refdev *rd)
{
	return rd->pin;
}

bool refdev_died(const struct refdev *rd)
{
	return rd->died;
}
