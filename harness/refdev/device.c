// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * device.c - status, feature negotiation, reset, errors
 *
 * virtio 1.2: 2.1 (status), 2.2 (features), 2.4 (reset), 3.1.1 (initialisation), 5.3.3 (feature
 * bits of the console). G-ST-*, G-FT-*, G-RS-* of the reference text.
 */
#include <string.h>

#include "harness/refdev/private.h"

/* What lies behind the newest feature word is offered to nobody. */
static uint64_t offered(struct refdev *rd)
{
	const struct rd_props *p = &rd->props;
	uint64_t f = 0;

	f |= p->size ? BIT(F_SIZE) : 0;
	f |= p->max_ports > 1 && !rd_fault(rd, RD_F_FEAT_NO_MULTIPORT) ? BIT(F_MULTIPORT) : 0;
	f |= p->emergency_write ? BIT(F_EMERG_WRITE) : 0;
	f |= p->notify_on_empty ? BIT(F_NOTIFY_ON_EMPTY) : 0;
	f |= p->any_layout ? BIT(F_ANY_LAYOUT) : 0;
	f |= p->indirect_desc ? BIT(F_INDIRECT_DESC) : 0;
	f |= p->event_idx ? BIT(F_EVENT_IDX) : 0;
	f |= rd_is_pci(rd) ? BIT(F_BAD) : 0;
	f |= rd_fault(rd, RD_F_FEAT_EXTRA) ? BIT(3) : 0;
	if (rd->transport == REFDEV_PCI_LEGACY || rd->transport == REFDEV_MMIO_LEGACY)
		return f;
	f |= BIT(F_VERSION_1);
	f |= p->iommu_platform ? BIT(F_IOMMU) : 0;
	f |= p->packed ? BIT(F_PACKED) : 0;
	f |= p->in_order ? BIT(F_IN_ORDER) : 0;
	f |= p->queue_reset ? BIT(F_RING_RESET) : 0;
	return f;
}

static void init_queues(struct refdev *rd)
{
	bool big = rd_has_quirk(rd, RD_Q_QUEUE_SIZE_1024);
	unsigned max_ports = rd->props.max_ports;

	/* 5.3.2: control queues and those of ports 1.. only if there can be such ports. */
	rd->n_queues = 2 * (max_ports + 1);
	if (max_ports == 1 && !rd_quirk(rd, RD_Q_CTL_WITHOUT_MULTIPORT))
		rd->n_queues = 2;
	if (rd_fault(rd, RD_F_QUEUES_MORE) && rd->n_queues < RD_QUEUES)
		rd->n_queues += 2;
	for (unsigned i = 0; i < RD_QUEUES; i++) {
		rd->q[i].align = 4096;
		rd->q[i].vector = NO_VECTOR;
		if (i < rd->n_queues)
			rd->q[i].max = big ? 1024 : (i == 2 || i == 3) ? 32 : 128;
		rd_queue_clear(rd, &rd->q[i]);
	}
	if (big)
		rd_quirk(rd, RD_Q_QUEUE_SIZE_1024);
}

void rd_device_init(struct refdev *rd)
{
	rd->offered = offered(rd);
	rd->config_len = rd->props.emergency_write ? 12 : 8;
	rd->config_vector = NO_VECTOR;
	init_queues(rd);
	rd_msix_reset(rd);
}

void rd_step_begin(struct refdev *rd)
{
	rd->buffers_left = RD_STEP_BUFFERS;
	rd->descs_left = RD_STEP_DESCS;
	rd->bytes_left = RD_STEP_BYTES;
}

void rd_error(struct refdev *rd, enum refdev_log_class class)
{
	rd->log |= class;
	if (rd->broken) {
		if (rd_has(rd, F_VERSION_1) && rd_quirk(rd, RD_Q_ERRORS_COUNT)) {
			rd->status |= S_NEEDS_RESET;
			rd->generation += (rd->status & S_DRIVER_OK) != 0;
		}
		return;
	}
	/* 2.1.2: NEEDS_RESET, and a notification if the driver is up. Legacy knows no such bit. */
	if (rd_has(rd, F_VERSION_1) && !rd_fault(rd, RD_F_STATUS_NO_NEEDS_RESET)) {
		rd->status |= S_NEEDS_RESET;
		rd_notify_config(rd);
	}
	rd->broken = true;
}

void rd_set_features(struct refdev *rd, uint64_t value)
{
	if (rd->status & S_FEATURES_OK)
		return;
	rd->features = value & rd->offered & ~BIT(F_BAD);
	if (!rd->begun && !(value & ~rd->offered) && !rd_has(rd, F_VERSION_1))
		rd->start_on_kick = true;
	for (unsigned i = 0; i < rd->n_queues; i++)
		if (rd->q[i].set_up)
			rd_queue_check(rd, &rd->q[i]);
}

/* 2.2.2: is what the driver accepted something that can be worked with? */
static bool features_fit(struct refdev *rd)
{
	uint64_t accepted = rd->gf[0] | (uint64_t)rd->gf[1] << 32;
	bool modern = rd_is_pci(rd) ? rd_pci_modern(rd) : rd->transport == REFDEV_MMIO_MODERN;

	if (rd_fault(rd, RD_F_FEAT_REFUSED))
		return false;
	return !modern || !(accepted & ~(rd->offered & ~LEGACY_FEATURES)) ||
	       rd_quirk(rd, RD_Q_UNKNOWN_FEATURES);
}

void rd_set_status(struct refdev *rd, uint8_t status)
{
	struct rd_port *port = rd_port_find(rd, 0);
	bool accepts = status & S_FEATURES_OK && !(rd->status & S_FEATURES_OK);

	if (accepts && rd_has(rd, F_VERSION_1) && rd->offered & BIT(F_IOMMU) &&
	    !rd_has(rd, F_IOMMU))
		return;
	if (accepts && !features_fit(rd))
		status &= (uint8_t)~S_FEATURES_OK;
	if (port && !rd_has(rd, F_MULTIPORT) && status & S_DRIVER_OK)
		rd_guest_open(rd, port, true, false);
	if (!(status & S_DRIVER_OK))
		rd_guest_reset(rd);
	/* 2.1: only a reset takes NEEDS_RESET away. */
	if (status && rd->status & S_NEEDS_RESET && !(status & S_NEEDS_RESET) &&
	    !rd_quirk(rd, RD_Q_NEEDS_RESET_CLEARS))
		status |= S_NEEDS_RESET;
	if ((rd->status ^ status) & S_DRIVER_OK) {
		rd->begun = status & S_DRIVER_OK;
		rd->start_on_kick &= !rd->begun;
	}
	rd->status = status;
	rd_listen(rd);
}

/* Without bus mastering the device cannot reach its queues (PCI 3.0, 6.2.2). QEMU looks only when
 * the command register is written, and a reset makes it forget what it saw. */
void rd_bus_master(struct refdev *rd, bool reset)
{
	bool master = !rd_is_pci(rd) || (get_le16(rd->pci.space + 4) & 4 && !rd->pci.quiet);

	rd->disabled = !master;
	if (!master && reset && rd_quirk(rd, RD_Q_BUS_MASTER_STATUS))
		rd->disabled = false;
	rd->started &= master;
	if (master || reset || !rd_quirk(rd, RD_Q_BUS_MASTER_STATUS))
		return;
	rd_set_status(rd, rd->status & (uint8_t)~S_DRIVER_OK);
}

uint8_t rd_status_read(const struct refdev *rd)
{
	return rd_fault(rd, RD_F_STATUS_BIT_LOST) ? rd->status & (uint8_t)~S_DRIVER_OK : rd->status;
}

/* 2.1.2, 4.1.4.3.1: writing 0 resets. */
void rd_status_write(struct refdev *rd, uint8_t status)
{
	rd_step_begin(rd);
	if (!(status & S_DRIVER_OK))
		rd->started = false;
	rd_set_status(rd, status);
	if (rd->status == 0)
		rd_device_reset(rd);
	else
		rd_start(rd);
}

static void forget_features(struct refdev *rd)
{
	bool stale = rd_is_pci(rd)
			     ? rd_pci_modern(rd) && (rd->gf[0] | rd->gf[1]) &&
				       rd_quirk(rd, RD_Q_STALE_FEATURES)
			     : (rd->gf[0] | rd->gf[1]) && rd_quirk(rd, RD_Q_STALE_FEATURES_MMIO);

	rd->features = 0;
	if (!stale)
		rd->gf[0] = rd->gf[1] = 0;
	if ((rd->dfselect | rd->gfselect) && !rd_quirk(rd, RD_Q_SELECT_KEPT))
		rd->dfselect = rd->gfselect = 0;
}

void rd_device_reset(struct refdev *rd)
{
	rd_guest_reset(rd);
	forget_features(rd);
	rd->status = rd_fault(rd, RD_F_RESET_KEEPS_STATUS) ? S_ACKNOWLEDGE : 0;
	rd->broken = rd->ready = rd->started = false;
	rd->begun = rd->start_on_kick = false;
	rd_listen(rd);
	rd_bus_master(rd, true);
	rd->queue_sel = 0;
	rd->isr = 0;
	rd->config_vector = NO_VECTOR;
	buf_clear(&rd->pending);
	for (size_t i = 0; i < rd->n_ports; i++)
		rd->ports[i]->announced = false;
	for (unsigned i = 0; i < RD_QUEUES && !rd_fault(rd, RD_F_RESET_KEEPS_QUEUES); i++) {
		rd_queue_clear(rd, &rd->q[i]);
		rd->q[i].reg_num = 0;
		rd->q[i].reg_desc = rd->q[i].reg_avail = rd->q[i].reg_used = 0;
	}
	rd_msix_unuse_all(rd);
	rd_set_pin(rd);
}
