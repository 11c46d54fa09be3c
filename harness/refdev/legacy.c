// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * legacy.c - the I/O BAR of legacy and transitional virtio-pci: virtio 1.2, 4.1.4.10
 *
 * The device configuration lies at 20, or at 24 while MSI-X is enabled. G-LG-* of the reference
 * text; QEMU's virtio_ioport_read().
 */
#include "harness/refdev/private.h"

enum {
	HOST_FEATURES = 0,
	GUEST_FEATURES = 4,
	QUEUE_PFN = 8,
	QUEUE_NUM = 12,
	QUEUE_SEL = 14,
	QUEUE_NOTIFY = 16,
	STATUS = 18,
	ISR = 19,
	CONFIG_VECTOR = 20,
	QUEUE_VECTOR = 22,
};

static uint32_t config_at(const struct refdev *rd)
{
	return rd_msix_enabled(rd) ? 24 : 20;
}

uint32_t rd_legacy_read(struct refdev *rd, uint32_t offset, unsigned width)
{
	const struct rd_queue *q = rd_queue_sel(rd);

	if (offset >= config_at(rd))
		return rd_config_read(rd, offset - config_at(rd), width);
	switch (offset) {
	case HOST_FEATURES:
		return (uint32_t)rd->offered;
	case GUEST_FEATURES:
		return (uint32_t)rd->features;
	case QUEUE_PFN:
		return q ? (uint32_t)(q->desc >> 12) : 0;
	case QUEUE_NUM:
		return q ? q->num : 0;
	case QUEUE_SEL:
		return rd->queue_sel;
	case STATUS:
		return rd_status_read(rd);
	case ISR:
		return rd_isr_read(rd);
	case CONFIG_VECTOR:
		return rd->config_vector;
	case QUEUE_VECTOR:
		return q ? q->vector : NO_VECTOR;
	default:
		return UINT32_MAX;
	}
}

static void status_write(struct refdev *rd, uint32_t value)
{
	rd_status_write(rd, (uint8_t)value);
	/* G-LG-07: drivers of old do not switch bus mastering on. */
	if (value != (S_ACKNOWLEDGE | S_DRIVER) || rd->pci.space[4] & 4)
		return;
	rd->pci.space[4] |= 4;
	if (rd->disabled && !rd_quirk(rd, RD_Q_AUTO_MASTER))
		rd_bus_master(rd, false);
}

static void pfn_write(struct refdev *rd, uint32_t value)
{
	struct rd_queue *q = rd_queue_sel(rd);

	if (value)
		rd_queue_address(rd, (uint64_t)value << 12);
	else if (rd_quirk(rd, RD_Q_PFN_RESETS))
		rd_device_reset(rd);
	else if (q)
		rd_queue_clear(rd, q);
}

void rd_legacy_write(struct refdev *rd, uint32_t offset, unsigned width, uint32_t value)
{
	if (offset >= config_at(rd)) {
		rd_config_write(rd, offset - config_at(rd), width, value);
		return;
	}
	switch (offset) {
	case GUEST_FEATURES: /* bit 30: a driver that does not negotiate (G-FT-09) */
		rd_set_features(rd, value & BIT(F_BAD) ? 0 : value);
		break;
	case QUEUE_PFN:
		pfn_write(rd, value);
		break;
	case QUEUE_SEL:
		rd_queue_select(rd, value);
		break;
	case QUEUE_NOTIFY:
		rd_kick(rd, (uint16_t)value);
		break;
	case STATUS:
		status_write(rd, value);
		break;
	case CONFIG_VECTOR:
		rd_config_vector(rd, value);
		break;
	case QUEUE_VECTOR:
		rd_queue_vector(rd, rd_queue_sel(rd), value);
		break;
	default:
		break;
	}
}
