// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bar.c - from addresses to registers: I/O ports, BARs, virtio-mmio
 *
 * An access that is not naturally aligned, or wider than 4 bytes, becomes several, as QEMU's memory
 * core makes of it (memory_access_size()).
 */
#include "harness/refdev/private.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };

static unsigned piece(uint64_t at, unsigned left)
{
	unsigned n = left >= 4 ? 4 : left >= 2 ? 2 : 1;

	while (at & (n - 1))
		n /= 2;
	return n;
}

/* ---- the modern BAR: 4.1.4 */

static uint32_t modern_read(struct refdev *rd, uint32_t offset, unsigned width)
{
	switch (offset >> 12) {
	case 0:
		return rd_common_read(rd, offset);
	case 1:
		return rd_isr_read(rd);
	case 2:
		return rd_config_read(rd, offset & 0xfff, width);
	default:
		return 0;
	}
}

static void modern_write(struct refdev *rd, uint32_t offset, unsigned width, uint32_t value)
{
	if (offset < 0x1000)
		rd_common_write(rd, offset, value);
	else if (offset >= 0x3000) /* the address selects the queue: G-PC-10 */
		rd_kick(rd, (offset - 0x3000) / (rd->props.page_per_vq ? 4096 : 4));
	else if (offset >= 0x2000)
		rd_config_write(rd, offset & 0xfff, width, value);
}

uint32_t rd_bar_read(struct refdev *rd, unsigned bar, uint32_t offset, unsigned width)
{
	uint32_t value = 0;

	switch (bar) {
	case 0:
		value = rd_legacy_read(rd, offset, width);
		break;
	case 1: /* msix_table_mmio_ops: 4 bytes at least */
		value = width == 4 ? rd_msix_read(rd, offset) : 0;
		break;
	case 4:
		value = modern_read(rd, offset, width);
		break;
	default:
		break;
	}
	return width < 4 ? value & ((1U << 8 * width) - 1) : value;
}

void rd_bar_write(struct refdev *rd, unsigned bar, uint32_t offset, unsigned width, uint32_t value)
{
	rd_step_begin(rd);
	if (bar == 0)
		rd_legacy_write(rd, offset, width, value);
	else if (bar == 1 && width == 4)
		rd_msix_write(rd, offset, value);
	else if (bar == 2)
		rd_kick(rd, value);
	else if (bar == 4)
		modern_write(rd, offset, width, value);
}

bool rd_bar_find(const struct refdev *rd, uint64_t addr, bool io, unsigned *bar, uint32_t *offset)
{
	for (unsigned i = 0; i < 6; i++) {
		bool is_io = rd->pci.space[0x10 + 4 * i] & 1;
		uint64_t base;

		if (io != is_io || !rd_pci_bar(rd, i, &base))
			continue;
		if (addr < base || addr - base >= rd->pci.bar_size[i])
			continue;
		*bar = i;
		*offset = (uint32_t)(addr - base);
		return true;
	}
	return false;
}

/* ---- device memory */

static bool one_read(struct refdev *rd, uint64_t addr, unsigned width, uint32_t *value)
{
	unsigned bar;
	uint32_t offset;

	if (rd_is_pci(rd)) {
		if (!rd_bar_find(rd, addr, false, &bar, &offset))
			return false;
		*value = rd_bar_read(rd, bar, offset, width);
		return true;
	}
	if (addr < rd->mmio_base || addr - rd->mmio_base >= RD_MMIO_SIZE)
		return false;
	*value = rd_mmio_read(rd, (uint32_t)(addr - rd->mmio_base), width);
	return true;
}

static bool one_write(struct refdev *rd, uint64_t addr, unsigned width, uint32_t value)
{
	unsigned bar;
	uint32_t offset;

	if (rd_is_pci(rd)) {
		if (!rd_bar_find(rd, addr, false, &bar, &offset))
			return false;
		rd_bar_write(rd, bar, offset, width, value);
		return true;
	}
	if (addr < rd->mmio_base || addr - rd->mmio_base >= RD_MMIO_SIZE)
		return false;
	rd_step_begin(rd);
	rd_mmio_write(rd, (uint32_t)(addr - rd->mmio_base), width, value);
	return true;
}

bool refdev_read(struct refdev *rd, uint64_t addr, unsigned width, uint64_t *value)
{
	bool ours = false;

	*value = 0;
	for (unsigned done = 0; done < width && done < 8;) {
		unsigned n = piece(addr + done, width - done);
		uint32_t part = n < 4 ? (1U << 8 * n) - 1 : UINT32_MAX;

		ours |= one_read(rd, addr + done, n, &part);
		*value |= (uint64_t)part << 8 * done;
		done += n;
	}
	return ours;
}

bool refdev_write(struct refdev *rd, uint64_t addr, unsigned width, uint64_t value)
{
	bool ours = false;

	for (unsigned done = 0; done < width && done < 8;) {
		unsigned n = piece(addr + done, width - done);
		uint64_t part = value >> 8 * done;

		if (n < 4)
			part &= (1U << 8 * n) - 1;
		ours |= one_write(rd, addr + done, n, (uint32_t)part);
		done += n;
	}
	return ours;
}

/* ---- I/O ports */

/* Configuration mechanism 1: our slot of bus 0, function 0. */
static bool config_reg(const struct refdev *rd, uint16_t port, unsigned *reg)
{
	uint32_t address = rd->pci.address;

	if (!rd_is_pci(rd) || port < CONFIG_DATA || port > CONFIG_DATA + 3 ||
	    !(address & 1U << 31) || (address >> 8 & 0xffff) != rd->slot << 3)
		return false;
	*reg = (address & 0xfc) + (port & 3U);
	return true;
}

/* An access to the legacy interface that the personality's QEMU ignores, not takes apart. */
static bool ignored(struct refdev *rd, uint16_t port, unsigned width)
{
	uint32_t offset;
	unsigned bar;

	return port % width && rd_is_pci(rd) && rd_bar_find(rd, port, true, &bar, &offset) &&
	       bar == 0 && rd_quirk(rd, RD_Q_LEGACY_ALIGNED);
}

bool refdev_in(struct refdev *rd, uint16_t port, unsigned width, uint32_t *value)
{
	bool ours = false;
	unsigned reg, bar;
	uint32_t offset;

	*value = 0;
	if (rd_is_pci(rd) && port == CONFIG_ADDRESS && width == 4) {
		*value = rd->pci.address;
		return true;
	}
	if (ignored(rd, port, width))
		return true;
	for (unsigned done = 0; done < width && done < 4;) {
		uint16_t at = (uint16_t)(port + done);
		unsigned n = piece(at, width - done);
		uint32_t part = n < 4 ? (1U << 8 * n) - 1 : UINT32_MAX;

		if (config_reg(rd, at, &reg)) {
			part = rd_pci_read(rd, reg, n);
			ours = true;
		} else if (rd_is_pci(rd) && rd_bar_find(rd, at, true, &bar, &offset)) {
			part = rd_bar_read(rd, bar, offset, n);
			ours = true;
		}
		*value |= part << 8 * done;
		done += n;
	}
	return ours;
}

bool refdev_out(struct refdev *rd, uint16_t port, unsigned width, uint32_t value)
{
	bool ours = false;
	unsigned reg, bar;
	uint32_t offset;

	if (rd_is_pci(rd) && port == CONFIG_ADDRESS && width == 4) {
		rd->pci.address = value;
		return true;
	}
	if (ignored(rd, port, width))
		return true;
	for (unsigned done = 0; done < width && done < 4;) {
		uint16_t at = (uint16_t)(port + done);
		unsigned n = piece(at, width - done);
		uint32_t part = value >> 8 * done;

		if (n < 4)
			part &= (1U << 8 * n) - 1;
		if (config_reg(rd, at, &reg)) {
			refdev_config_write(rd, reg, n, part);
			ours = true;
		} else if (rd_is_pci(rd) && rd_bar_find(rd, at, true, &bar, &offset)) {
			rd_bar_write(rd, bar, offset, n, part);
			ours = true;
		}
		done += n;
	}
	return ours;
}
