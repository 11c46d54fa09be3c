// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modern.c - the common configuration structure of virtio-pci: virtio 1.2, 4.1.4.3
 *
 * A register is addressed by its offset; an access that is wider or narrower than the register
 * sees as much of it as fits, and one that starts inside of a register sees nothing: QEMU's
 * virtio_pci_common_read().
 */
#include "harness/refdev/private.h"

enum {
	DF_SELECT = 0x00,
	DF = 0x04,
	GF_SELECT = 0x08,
	GF = 0x0c,
	CONFIG_VECTOR = 0x10,
	NUM_QUEUES = 0x12,
	STATUS = 0x14,
	GENERATION = 0x15,
	Q_SELECT = 0x16,
	Q_SIZE = 0x18,
	Q_VECTOR = 0x1a,
	Q_ENABLE = 0x1c,
	Q_NOTIFY_OFF = 0x1e,
	Q_DESC = 0x20,
	Q_DRIVER = 0x28,
	Q_DEVICE = 0x30,
	Q_RESET = 0x3a,
};

static uint32_t word(uint64_t value, unsigned n)
{
	return n < 2 ? (uint32_t)(value >> 32 * n) : 0;
}

static uint32_t queue_read(struct refdev *rd, uint32_t offset)
{
	const struct rd_queue *q = rd_queue_sel(rd);

	if (!q)
		return offset == Q_VECTOR ? NO_VECTOR : 0;
	switch (offset) {
	case Q_SIZE:
		return q->num;
	case Q_VECTOR:
		return q->vector;
	case Q_ENABLE:
		return q->enabled;
	case Q_NOTIFY_OFF:
		return rd->queue_sel;
	case Q_DESC:
	case Q_DESC + 4:
		return word(q->reg_desc, (offset - Q_DESC) / 4);
	case Q_DRIVER:
	case Q_DRIVER + 4:
		return word(q->reg_avail, (offset - Q_DRIVER) / 4);
	case Q_DEVICE:
	case Q_DEVICE + 4:
		return word(q->reg_used, (offset - Q_DEVICE) / 4);
	default: /* queue_reset: it is over by the time that it can be read (G-RR-03) */
		return 0;
	}
}

uint32_t rd_common_read(struct refdev *rd, uint32_t offset)
{
	switch (offset) {
	case DF_SELECT:
		return rd->dfselect;
	case DF:
		return word(rd->offered & ~LEGACY_FEATURES,
			    rd_fault(rd, RD_F_FEAT_BEYOND) ? rd->dfselect % 2 : rd->dfselect);
	case GF_SELECT:
		return rd->gfselect;
	case GF:
		return rd->gfselect < 2 ? rd->gf[rd->gfselect] : 0;
	case CONFIG_VECTOR:
		return rd->config_vector;
	case NUM_QUEUES:
		return rd->n_queues;
	case STATUS:
		return rd_status_read(rd);
	case GENERATION:
		return rd->generation;
	case Q_SELECT:
		return rd->queue_sel;
	default:
		return queue_read(rd, offset);
	}
}

static void set_half(uint64_t *reg, unsigned high, uint32_t value)
{
	if (high)
		*reg = (*reg & UINT32_MAX) | (uint64_t)value << 32;
	else
		*reg = (*reg & ~(uint64_t)UINT32_MAX) | value;
}

static void features_write(struct refdev *rd, uint32_t value)
{
	if (rd->gfselect > 1)
		return;
	if (rd->status & S_FEATURES_OK && !rd_quirk(rd, RD_Q_FEATURE_MIRROR))
		return;
	rd->gf[rd->gfselect] = value;
	rd_set_features(rd, rd->gf[0] | (uint64_t)rd->gf[1] << 32);
}

static void enable_write(struct refdev *rd, uint32_t value)
{
	if (value == 1)
		rd_queue_enable(rd);
	else if (rd_quirk(rd, RD_Q_ENABLE_ZERO_BREAKS))
		rd_error(rd, REFDEV_LOG_BAD_ENABLE);
}

static void queue_write(struct refdev *rd, uint32_t offset, uint32_t value)
{
	struct rd_queue *q = rd_queue_sel(rd);

	switch (offset) {
	case Q_SIZE:
		rd_queue_size(rd, value);
		break;
	case Q_VECTOR:
		rd_queue_vector(rd, q, value);
		break;
	case Q_ENABLE:
		enable_write(rd, value);
		break;
	case Q_DESC:
	case Q_DESC + 4:
		if (q)
			set_half(&q->reg_desc, offset - Q_DESC, value);
		break;
	case Q_DRIVER:
	case Q_DRIVER + 4:
		if (q)
			set_half(&q->reg_avail, offset - Q_DRIVER, value);
		break;
	case Q_DEVICE:
	case Q_DEVICE + 4:
		if (q)
			set_half(&q->reg_used, offset - Q_DEVICE, value);
		break;
	case Q_RESET:
		if (value == 1)
			rd_queue_reset(rd);
		break;
	default:
		break;
	}
}

void rd_common_write(struct refdev *rd, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case DF_SELECT:
		rd->dfselect = value;
		break;
	case GF_SELECT:
		rd->gfselect = value;
		break;
	case GF:
		features_write(rd, value);
		break;
	case CONFIG_VECTOR:
		rd_config_vector(rd, value);
		break;
	case STATUS:
		rd_status_write(rd, (uint8_t)value);
		break;
	case Q_SELECT:
		rd_queue_select(rd, value);
		break;
	default:
		queue_write(rd, offset, value);
	}
}
