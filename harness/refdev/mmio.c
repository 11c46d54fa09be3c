// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mmio.c - the register file of virtio-mmio: virtio 1.2, 4.2.2 (version 2), 4.2.4 (legacy)
 *
 * Registers are 32 bits wide and nothing else; the configuration space behind them takes any width.
 * G-MM-* of the reference text; QEMU's virtio_mmio_read().
 */
#include "harness/refdev/private.h"

enum {
	MAGIC = 0x00,
	VERSION = 0x04,
	DEVICE_ID = 0x08,
	VENDOR_ID = 0x0c,
	DEVICE_FEATURES = 0x10,
	DEVICE_FEATURES_SEL = 0x14,
	DRIVER_FEATURES = 0x20,
	DRIVER_FEATURES_SEL = 0x24,
	GUEST_PAGE_SIZE = 0x28,
	QUEUE_SEL = 0x30,
	QUEUE_SIZE_MAX = 0x34,
	QUEUE_SIZE = 0x38,
	QUEUE_ALIGN = 0x3c,
	QUEUE_PFN = 0x40,
	QUEUE_READY = 0x44,
	QUEUE_NOTIFY = 0x50,
	INTERRUPT_STATUS = 0x60,
	INTERRUPT_ACK = 0x64,
	STATUS = 0x70,
	QUEUE_DESC = 0x80,
	QUEUE_DRIVER = 0x90,
	QUEUE_DEVICE = 0xa0,
	SHM_LEN = 0xb0,
	QUEUE_RESET = 0xc0,
	GENERATION = 0xfc,
	CONFIG = 0x100,
};

static bool is_legacy(const struct refdev *rd)
{
	return rd->transport == REFDEV_MMIO_LEGACY;
}

uint32_t refdev_mmio_empty(enum refdev_transport transport, unsigned offset, unsigned width)
{
	if (width != 4)
		return offset >= CONFIG || offset % 4 ? 0 : refdev_mmio_empty(transport, offset, 4);
	switch (offset) {
	case MAGIC:
		return 0x74726976; /* "virt" */
	case VERSION:
		return transport == REFDEV_MMIO_LEGACY ? 1 : 2;
	case VENDOR_ID:
		return 0x554d4551; /* "QEMU" */
	default:
		return 0;
	}
}

static uint32_t features_read(struct refdev *rd)
{
	uint32_t sel = rd->dfselect;

	if (is_legacy(rd))
		return sel ? 0 : (uint32_t)rd->offered;
	if (sel > 1 && !rd_fault(rd, RD_F_FEAT_BEYOND))
		return 0;
	sel %= 2;
	return (uint32_t)((rd->offered & ~LEGACY_FEATURES) >> 32 * sel);
}

static uint32_t size_max(struct refdev *rd, const struct rd_queue *q)
{
	/* QEMU looks at the size now, which a load can have brought where there is no queue. */
	if (q && q->num && q->max != 1024 && rd_quirk(rd, RD_Q_MMIO_MAX_1024))
		return 1024;
	if (!q || !q->max)
		return 0;
	return q->max;
}

uint32_t rd_mmio_read(struct refdev *rd, uint32_t offset, unsigned width)
{
	const struct rd_queue *q = rd_queue_sel(rd);

	if (offset >= CONFIG)
		return rd_config_read(rd, offset - CONFIG, width);
	if (width != 4)
		return 0;
	switch (offset) {
	case DEVICE_ID:
		return 3;
	case DEVICE_FEATURES:
		return features_read(rd);
	case QUEUE_SIZE_MAX:
		return size_max(rd, q);
	case QUEUE_PFN:
		return q && is_legacy(rd) ? (uint32_t)(q->desc >> rd->page_shift) : 0;
	case QUEUE_READY:
		return q && !is_legacy(rd) ? q->enabled : 0;
	case INTERRUPT_STATUS:
		return rd->isr;
	case STATUS:
		return rd_status_read(rd);
	case SHM_LEN: /* 4.2.2.1: there is no such region */
	case SHM_LEN + 4:
		return UINT32_MAX;
	case GENERATION:
		return is_legacy(rd) ? 0 : rd->generation;
	default:
		return refdev_mmio_empty(rd->transport, offset, width);
	}
}

/* 4.2.4: PFN 0 stops the queue; QEMU: everything. */
static void pfn_write(struct refdev *rd, uint32_t value)
{
	struct rd_queue *q = rd_queue_sel(rd);

	if (value)
		rd_queue_address(rd, (uint64_t)value << rd->page_shift);
	else if (rd_quirk(rd, RD_Q_PFN_RESETS))
		rd_device_reset(rd);
	else if (q)
		rd_queue_clear(rd, q);
}

static void legacy_write(struct refdev *rd, uint32_t offset, uint32_t value)
{
	struct rd_queue *q = rd_queue_sel(rd);

	switch (offset) {
	case DRIVER_FEATURES:
		if (!rd->gfselect)
			rd_set_features(rd, value);
		break;
	case GUEST_PAGE_SIZE:
		rd->page_shift = value ? (uint32_t)__builtin_ctz(value) : 0;
		break;
	case QUEUE_ALIGN: /* a power of two */
		if (q && value && !(value & (value - 1)))
			q->align = value;
		break;
	case QUEUE_PFN:
		pfn_write(rd, value);
		break;
	default:
		break;
	}
}

static void set_half(uint64_t *reg, bool high, uint32_t value)
{
	if (high)
		*reg = (*reg & UINT32_MAX) | (uint64_t)value << 32;
	else
		*reg = (*reg & ~(uint64_t)UINT32_MAX) | value;
}

static void ready_write(struct refdev *rd, uint32_t value)
{
	struct rd_queue *q = rd_queue_sel(rd);

	if (value)
		rd_queue_enable(rd);
	else if (q)
		q->enabled = false;
}

static void reset_write(struct refdev *rd, uint32_t value)
{
	/* 4.2.2.1: QueueReset, if RING_RESET was negotiated. */
	if (value == 1 && !rd_quirk(rd, RD_Q_MMIO_NO_QUEUE_RESET))
		rd_queue_reset(rd);
}

static void modern_write(struct refdev *rd, uint32_t offset, uint32_t value)
{
	struct rd_queue *q = rd_queue_sel(rd);
	bool high = offset & 4;

	switch (offset) {
	case DRIVER_FEATURES:
		if (rd->gfselect < 2 &&
		    (!(rd->status & S_FEATURES_OK) || rd_quirk(rd, RD_Q_FEATURE_MIRROR)))
			rd->gf[rd->gfselect] = value;
		break;
	case QUEUE_READY:
		ready_write(rd, value);
		break;
	case QUEUE_DESC:
	case QUEUE_DESC + 4:
		if (q)
			set_half(&q->reg_desc, high, value);
		break;
	case QUEUE_DRIVER:
	case QUEUE_DRIVER + 4:
		if (q)
			set_half(&q->reg_avail, high, value);
		break;
	case QUEUE_DEVICE:
	case QUEUE_DEVICE + 4:
		if (q)
			set_half(&q->reg_used, high, value);
		break;
	case QUEUE_RESET:
		reset_write(rd, value);
		break;
	default:
		break;
	}
}

/* QEMU has two feature words, and takes every other selector for the second. */
static uint32_t selector(struct refdev *rd, uint32_t value)
{
	return value > 1 && rd_quirk(rd, RD_Q_MMIO_FEATURE_SEL) ? 1 : value;
}

static void status_write(struct refdev *rd, uint32_t value)
{
	if (!is_legacy(rd) && value & S_FEATURES_OK)
		rd_set_features(rd, rd->gf[0] | (uint64_t)rd->gf[1] << 32);
	rd_status_write(rd, (uint8_t)value);
}

void rd_mmio_write(struct refdev *rd, uint32_t offset, unsigned width, uint32_t value)
{
	if (offset >= CONFIG) {
		rd_config_write(rd, offset - CONFIG, width, value);
		return;
	}
	if (width != 4)
		return;
	switch (offset) {
	case DEVICE_FEATURES_SEL:
		rd->dfselect = selector(rd, value);
		break;
	case DRIVER_FEATURES_SEL:
		rd->gfselect = selector(rd, value);
		break;
	case QUEUE_SEL:
		rd_queue_select(rd, value);
		break;
	case QUEUE_SIZE:
		rd_queue_size(rd, value);
		break;
	case QUEUE_NOTIFY:
		rd_kick(rd, (uint16_t)value);
		break;
	case INTERRUPT_ACK:
		rd->isr &= (uint8_t)~value;
		rd_set_pin(rd);
		break;
	case STATUS:
		status_write(rd, value);
		break;
	default:
		if (is_legacy(rd))
			legacy_write(rd, offset, value);
		else
			modern_write(rd, offset, value);
	}
}
