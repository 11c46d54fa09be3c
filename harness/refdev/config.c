// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * config.c - the device configuration space: le16 cols, le16 rows, le32 max_nr_ports, le32 emerg_wr
 *
 * virtio 1.2: 2.5, 5.3.4, 5.3.5 (emergency write). C-06 to C-12, C-18, C-19, G-CF-* of the
 * reference text. An access that runs over the end reads all ones, and is ignored when it writes,
 * as QEMU has it (C-09).
 */
#include <string.h>

#include "harness/refdev/private.h"

enum { EMERG = 8 };

static void fill(struct refdev *rd)
{
	uint32_t ports = rd->props.max_ports;

	if (rd_fault(rd, RD_F_CFG_MAX_PORTS))
		ports++;
	if (rd_fault(rd, RD_F_CFG_SWAPPED))
		ports = __builtin_bswap32(ports);
	put_le16(rd->config, rd->cols);
	put_le16(rd->config + 2, rd->rows);
	put_le32(rd->config + 4, ports);
}

uint32_t rd_config_read(struct refdev *rd, unsigned offset, unsigned width)
{
	uint32_t ones = width >= 4 ? UINT32_MAX : (1U << 8 * width) - 1;
	uint32_t value = 0;

	if (offset + width > rd->config_len)
		return ones;
	fill(rd);
	for (unsigned i = 0; i < width; i++)
		value |= (uint32_t)rd->config[offset + i] << 8 * i;
	return value;
}

/* QEMU: what was written is put together with what was there; it counts if that is not 0. */
static void emergency_bytes(struct refdev *rd)
{
	uint32_t value = get_le32(rd->config + EMERG);

	put_le32(rd->config + EMERG, 0);
	if (value)
		rd_emergency(rd, (uint8_t)value);
}

void rd_config_write(struct refdev *rd, unsigned offset, unsigned width, uint32_t value)
{
	if (offset + width > rd->config_len)
		return;
	for (unsigned i = 0; i < width; i++)
		rd->config[offset + i] = (uint8_t)(value >> 8 * i);
	if (rd->config_len <= EMERG || offset + width <= EMERG)
		return;
	if (rd_fault(rd, RD_F_CFG_EMERG_HIGH))
		value >>= 8;
	/* 5.3.5.2: the low byte, whatever it is; other bytes alone are no write of the field. */
	if (offset == EMERG && (uint8_t)value) {
		put_le32(rd->config + EMERG, 0);
		rd_emergency(rd, (uint8_t)value);
	} else if (rd_quirk(rd, RD_Q_EMERG_BYTES)) {
		emergency_bytes(rd);
	} else {
		put_le32(rd->config + EMERG, 0);
		if (offset == EMERG)
			rd_emergency(rd, 0);
	}
}
