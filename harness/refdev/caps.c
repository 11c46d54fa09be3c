// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * caps.c - the contents of PCI configuration space: identity, BARs, capabilities
 *
 * virtio 1.2: 4.1.2 (ids), 4.1.4 (capabilities), 4.1.4.10 (legacy). The layout is QEMU's:
 * virtio_pci_device_plugged(), pci_add_capability(); G-PC-01, G-PC-11, G-LG-01 of the reference
 * text. Capabilities lie one behind the other from 0x40 on, and the list goes from the last added
 * to the first.
 */
#include <string.h>

#include "harness/refdev/private.h"

enum { CAP_PM = 1, CAP_VENDOR = 9, CAP_EXPRESS = 0x10, CAP_MSIX = 0x11 };
enum { CFG_COMMON = 1, CFG_NOTIFY, CFG_ISR, CFG_DEVICE, CFG_PCI };
enum { BAR_LEGACY, BAR_MSIX, BAR_PIO, BAR_MODERN = 4 };

static uint8_t *add_cap(struct refdev *rd, uint8_t id, uint8_t len)
{
	uint8_t *space = rd->pci.space, at = rd->pci.cap_end;

	space[at] = id;
	space[at + 1] = space[0x34];
	space[0x34] = at;
	space[6] |= 0x10; /* status: there is a list */
	memset(rd->pci.wmask + at, 0, len);
	rd->pci.cap_end = (uint8_t)((at + len + 3) & ~3);
	return space + at;
}

static uint8_t *add_virtio(struct refdev *rd, uint8_t type, uint8_t bar, uint32_t offset,
			   uint32_t length, uint8_t cap_len)
{
	uint8_t *cap = add_cap(rd, CAP_VENDOR, cap_len);

	cap[2] = cap_len;
	cap[3] = type;
	cap[4] = bar;
	put_le32(cap + 8, offset);
	put_le32(cap + 12, length);
	return cap;
}

static void add_bar(struct refdev *rd, unsigned bar, uint32_t size, uint32_t flags)
{
	uint8_t *at = rd->pci.space + 0x10 + 4UL * bar;
	uint8_t *mask = rd->pci.wmask + 0x10 + 4UL * bar;

	rd->pci.bar_size[bar] = size;
	put_le32(at, flags);
	put_le32(mask, ~(size - 1));
	if (flags & 4)
		put_le32(mask + 4, UINT32_MAX);
}

static uint32_t pow2ceil(uint32_t value)
{
	uint32_t size = 1;

	while (size < value)
		size *= 2;
	return size;
}

/* 4.1.4: where the register files are. */
static void add_modern(struct refdev *rd)
{
	uint32_t multiplier = rd->props.page_per_vq ? 4096 : 4;
	uint32_t notify = multiplier * RD_QUEUES;
	uint8_t *cap;

	add_virtio(rd, CFG_COMMON, BAR_MODERN, 0, 0x1000, 16);
	add_virtio(rd, CFG_ISR, BAR_MODERN, 0x1000, 0x1000, 16);
	add_virtio(rd, CFG_DEVICE, BAR_MODERN, 0x2000, 0x1000, 16);
	cap = add_virtio(rd, CFG_NOTIFY, BAR_MODERN, 0x3000, notify, 20);
	put_le32(cap + 16, multiplier);
	if (rd->props.modern_pio_notify) {
		add_bar(rd, BAR_PIO, 4, 1);
		add_virtio(rd, CFG_NOTIFY, BAR_PIO, 0, 4, 20);
	}
	add_bar(rd, BAR_MODERN, pow2ceil(0x3000 + notify), 0xc);
	cap = add_virtio(rd, CFG_PCI, 0, 0, 0, 20);
	rd->pci.cap_cfg = (uint8_t)(cap - rd->pci.space);
	cap = rd->pci.wmask + rd->pci.cap_cfg;
	cap[4] = 0xff;
	memset(cap + 8, 0xff, 12);
}

/* virtio_pci_realize(): PCI Express (version 2 endpoint; 5.0, 7.5.3) with function level reset, and
 * power management 1.2. */
static void add_express(struct refdev *rd)
{
	uint8_t *cap = add_cap(rd, CAP_EXPRESS, 60);

	rd->pci.cap_express = (uint8_t)(cap - rd->pci.space);
	put_le16(cap + 2, 2);
	put_le32(cap + 4, 1U << 28 | 1U << 15);
	put_le16(rd->pci.wmask + rd->pci.cap_express + 8, 0x800f);
	cap = add_cap(rd, CAP_PM, 8);
	rd->pci.cap_pm = (uint8_t)(cap - rd->pci.space);
	put_le16(cap + 2, 3);
	cap[4] = rd->props.pm_no_soft_reset ? 8 : 0;
	rd->pci.wmask[rd->pci.cap_pm + 4] = 3;
}

static void add_msix(struct refdev *rd)
{
	uint8_t *cap = add_cap(rd, CAP_MSIX, 12);

	rd->pci.cap_msix = (uint8_t)(cap - rd->pci.space);
	put_le16(cap + 2, (uint16_t)(rd->props.vectors - 1));
	put_le32(cap + 4, BAR_MSIX);
	put_le32(cap + 8, rd_msix_pba(rd) | BAR_MSIX);
	rd->pci.wmask[rd->pci.cap_msix + 3] = 0xc0;
	add_bar(rd, BAR_MSIX, 4096, 0);
}

void rd_caps_init(struct refdev *rd)
{
	uint8_t *space = rd->pci.space;
	bool legacy = rd_pci_legacy(rd);

	put_le16(space, 0x1af4);
	put_le16(space + 2, legacy ? 0x1003 : 0x1043); /* 0x1040 + 3 */
	space[8] = legacy ? 0 : 1;
	space[0xa] = 0x80; /* communication device, other */
	space[0xb] = 0x07;
	put_le16(space + 0x2c, 0x1af4);
	put_le16(space + 0x2e, legacy ? 3 : 0x1100);
	space[0x3d] = 1; /* INTA */
	put_le16(rd->pci.wmask + 4, 0x507);
	rd->pci.wmask[0xc] = rd->pci.wmask[0x3c] = 0xff;
	memset(rd->pci.wmask + 0x40, 0xff, sizeof(rd->pci.wmask) - 0x40);
	rd->pci.cap_end = 0x40;
	if (rd_pci_modern(rd) && rd->express)
		add_express(rd);
	if (rd_pci_modern(rd))
		add_modern(rd);
	if (rd->props.vectors)
		add_msix(rd);
	if (legacy)
		add_bar(rd, BAR_LEGACY, pow2ceil((rd->props.vectors ? 24 : 20) + rd->config_len),
			1);
}
