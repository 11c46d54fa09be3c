// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * pci.c - PCI configuration space: access to it, what writes do, the PCI_CFG window
 *
 * PCI 3.0: 3.2.2.3.2 (configuration mechanism 1), 6.2.2 (command, status), 6.2.5.1 (BARs).
 * PCI Express 5.0: 5.3.1 (D-states), 7.5.2.2 (Power Management Control/Status).
 * virtio 1.2: 4.1.4.9 (PCI_CFG). G-PC-06, G-ST-09 of the reference text.
 */
#include <string.h>

#include "harness/refdev/private.h"

enum { DEVCTL = 8, DEVCTL_FLR = 0x8000 };
enum { COMMAND = 4, BARS = 0x10, BARS_END = 0x28, WINDOW_LEN = 20 };
enum { CMD_IO = 1, CMD_MEMORY = 2 };
enum { PM_CONTROL = 4, PM_STATE = 3, PM_D3HOT = 3, PM_NO_SOFT_RESET = 8 };

void rd_pci_init(struct refdev *rd)
{
	rd_caps_init(rd);
}

void rd_pci_reset(struct refdev *rd)
{
	uint8_t *space = rd->pci.space;

	put_le16(space + COMMAND, 0);
	space[0xc] = 0;
	space[0x3c] = 0;
	for (unsigned i = BARS; i < BARS_END; i++)
		space[i] &= (uint8_t)~rd->pci.wmask[i];
	if (rd->pci.cap_msix)
		space[rd->pci.cap_msix + 3] &= 0x3f;
	if (rd->pci.cap_pm)
		space[rd->pci.cap_pm + PM_CONTROL] &= (uint8_t)~PM_STATE;
	rd->pci.hidden = rd->pci.quiet = false;
	rd_msix_reset(rd);
}

bool rd_pci_d3hot(const struct refdev *rd)
{
	return rd->pci.cap_pm &&
	       (rd->pci.space[rd->pci.cap_pm + PM_CONTROL] & PM_STATE) == PM_D3HOT;
}

/* 5.3.1.4.1: in D3hot a function answers configuration requests only, and makes none. */
void rd_pci_power(struct refdev *rd)
{
	rd->pci.hidden = rd_pci_d3hot(rd) && !rd_quirk(rd, RD_Q_PM_DECODES);
	rd->pci.quiet = rd_pci_d3hot(rd) && !rd_quirk(rd, RD_Q_PM_QUEUES);
}

/* Where a BAR is mapped; as QEMU has it, address 0 is nowhere: pci_bar_address(). */
bool rd_pci_bar(const struct refdev *rd, unsigned bar, uint64_t *base)
{
	const uint8_t *at = rd->pci.space + BARS + 4UL * bar;
	uint32_t size = rd->pci.bar_size[bar], low = get_le32(at);
	uint16_t command = get_le16(rd->pci.space + COMMAND);
	uint64_t last;

	if (!size || rd->pci.hidden || !(command & (low & 1 ? CMD_IO : CMD_MEMORY)))
		return false;
	*base = low & ~(uint64_t)(size - 1);
	if ((low & 7) == 4)
		*base |= (uint64_t)get_le32(at + 4) << 32;
	last = *base + size - 1;
	if (*base == 0 || last < *base)
		return false;
	return low & 1 ? last <= UINT16_MAX : true;
}

/* ---- the PCI_CFG window */

static bool overlaps(unsigned reg, unsigned width, unsigned at, unsigned len)
{
	return at && reg < at + len && at < reg + width;
}

/* Where the window's fields point. False: nowhere that it goes to. */
static bool window(struct refdev *rd, unsigned *bar, uint32_t *offset, uint32_t *len)
{
	const uint8_t *cap = rd->pci.space + rd->pci.cap_cfg;

	*bar = cap[4];
	*len = get_le32(cap + 12);
	if (*len != 1 && *len != 2 && *len != 4)
		return false;
	*offset = get_le32(cap + 8) & ~(*len - 1);
	if (rd_fault(rd, RD_F_WINDOW_OFFSET))
		*offset &= ~UINT32_C(0xff);
	/* 4.1.4.9.1: the BAR that cap.bar names. */
	if (*bar != 4 && rd_quirk(rd, RD_Q_CFG_WINDOW))
		*bar = 4;
	return *bar < 6 && *bar != 1 && rd->pci.bar_size[*bar] &&
	       *offset <= rd->pci.bar_size[*bar] - *len;
}

static void window_read(struct refdev *rd)
{
	uint8_t *data = rd->pci.space + rd->pci.cap_cfg + 16;
	uint32_t offset, len, value;
	unsigned bar;

	if (!window(rd, &bar, &offset, &len)) {
		if (!rd_quirk(rd, RD_Q_CFG_WINDOW))
			put_le32(data, 0);
		return;
	}
	value = rd_bar_read(rd, bar, offset, len);
	for (unsigned i = 0; i < len; i++)
		data[i] = (uint8_t)(value >> 8 * i);
}

static void window_write(struct refdev *rd)
{
	uint32_t offset, len, value = get_le32(rd->pci.space + rd->pci.cap_cfg + 16);
	unsigned bar;

	if (rd_fault(rd, RD_F_WINDOW_WRITE) || !window(rd, &bar, &offset, &len))
		return;
	if (len < 4)
		value &= (1U << 8 * len) - 1;
	rd_bar_write(rd, bar, offset, len, value);
}

/* ---- registers */

/* PCI Express 5.0, 7.5.3.4 and 6.6.2: "Initiate Function Level Reset" reads 0. */
static void function_reset(struct refdev *rd)
{
	uint8_t *control = rd->pci.space + rd->pci.cap_express + DEVCTL;

	if (!(get_le16(control) & DEVCTL_FLR))
		return;
	put_le16(control, get_le16(control) & ~DEVCTL_FLR);
	if (!rd_fault(rd, RD_F_FLR_LOST))
		refdev_reset(rd);
}

/* 7.5.2.2: a state that is not supported is not entered; 5.3.1.4: without No_Soft_Reset the way
 * from D3hot to D0 is a reset. */
static void set_power(struct refdev *rd, uint8_t before)
{
	uint8_t *control = rd->pci.space + rd->pci.cap_pm + PM_CONTROL;
	uint8_t to = *control & PM_STATE;
	bool was_quiet = rd->pci.quiet, wakes = (before & PM_STATE) == PM_D3HOT && to == 0;

	if (rd_fault(rd, RD_F_PM_LOST) ||
	    (to && to != PM_D3HOT && !rd_quirk(rd, RD_Q_PM_ANY_STATE))) {
		*control = before;
		return;
	}
	if (wakes && !(before & PM_NO_SOFT_RESET) && !rd_quirk(rd, RD_Q_PM_NO_RESET)) {
		refdev_reset(rd);
		return;
	}
	rd_pci_power(rd);
	if (rd->pci.quiet != was_quiet)
		rd_bus_master(rd, true);
}

uint32_t rd_pci_read(struct refdev *rd, unsigned reg, unsigned width)
{
	uint32_t value = 0;

	if (rd->pci.cap_cfg && overlaps(reg, width, rd->pci.cap_cfg + 16U, 4))
		window_read(rd);
	for (unsigned i = 0; i < width; i++)
		value |= (uint32_t)(reg + i < 256 ? rd->pci.space[reg + i] : 0xff) << 8 * i;
	return value;
}

void rd_pci_write(struct refdev *rd, unsigned reg, unsigned width, uint32_t value)
{
	uint8_t power = rd->pci.cap_pm ? rd->pci.space[rd->pci.cap_pm + PM_CONTROL] : 0;

	for (unsigned i = 0; i < width && reg + i < 256; i++) {
		uint8_t mask = rd->pci.wmask[reg + i], *byte = &rd->pci.space[reg + i];

		*byte = (uint8_t)((*byte & ~mask) | ((value >> 8 * i) & mask));
	}
	if (overlaps(reg, width, COMMAND, 2)) {
		if (overlaps(reg, width, COMMAND, 1))
			rd_bus_master(rd, false);
		rd_update_pin(rd);
	}
	if (rd->pci.cap_msix && overlaps(reg, width, rd->pci.cap_msix + 3U, 1)) {
		rd_msix_unmasked(rd);
		rd_update_pin(rd);
	}
	if (rd->pci.cap_cfg && overlaps(reg, width, rd->pci.cap_cfg + 16U, 4))
		window_write(rd);
	if (rd->pci.cap_express && overlaps(reg, width, rd->pci.cap_express + DEVCTL, 2))
		function_reset(rd);
	if (rd->pci.cap_pm && overlaps(reg, width, rd->pci.cap_pm + PM_CONTROL, 1))
		set_power(rd, power);
}

uint32_t refdev_config_read(struct refdev *rd, unsigned reg, unsigned width)
{
	return rd_is_pci(rd) && width <= 4 ? rd_pci_read(rd, reg, width) : UINT32_MAX;
}

void refdev_config_write(struct refdev *rd, unsigned reg, unsigned width, uint32_t value)
{
	if (!rd_is_pci(rd) || width > 4)
		return;
	rd_step_begin(rd);
	rd_pci_write(rd, reg, width, value);
}
