// SPDX-License-Identifier: GPL-2.0-or-later
/* pci.c - the PCI side of a virtio device */
#include "harness/virtio/pci.h"

#include <string.h>

/* PCI 3.0 6.1, 6.2, 6.8.2; names as in the specification. */
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define REG_COMMAND    0x04
#define COMMAND_IO     1u
#define COMMAND_MEMORY 2u
#define COMMAND_MASTER 4u
#define REG_STATUS     0x06
#define STATUS_CAPS    0x10u
#define REG_REVISION   0x08
#define REG_BAR	       0x10
#define REG_SUBSYSTEM  0x2c
#define REG_CAPS       0x34
#define REG_PIN	       0x3d
#define CAP_VENDOR     0x09
#define CAP_MSIX       0x11
#define MSIX_ENABLE    0x8000u
#define CAP_HEADER     16 /* struct virtio_pci_cap */

static uint16_t select_register(struct target *t, unsigned slot, unsigned reg)
{
	target_out32(t, CONFIG_ADDRESS, 0x80000000U | slot << 11 | (reg & 0xfc));
	return (uint16_t)(CONFIG_DATA + (reg & 3));
}

uint32_t pci_config_read(struct target *t, unsigned slot, unsigned reg, unsigned width)
{
	return target_in(t, select_register(t, slot, reg), width);
}

void pci_config_write(struct target *t, unsigned slot, unsigned reg, unsigned width, uint32_t value)
{
	target_out(t, select_register(t, slot, reg), width, value);
}

bool pci_find(struct target *t, struct pci_dev *d)
{
	*d = (struct pci_dev){.t = t};
	/* Ours has a place of its own; whoever else may be there is not looked at first. */
	for (unsigned i = 0; i < 32; i++) {
		uint32_t id;

		d->slot = (TARGET_SLOT + i) % 32;
		id = pci_config_read(t, d->slot, 0, 4);
		d->vendor = (uint16_t)id;
		d->device = (uint16_t)(id >> 16);
		if (d->vendor == PCI_VIRTIO && d->device >= 0x1000 && d->device <= 0x107f)
			break;
		if (i == 31)
			return false;
	}
	d->class = pci_config_read(t, d->slot, REG_REVISION, 4);
	d->revision = (uint8_t)d->class;
	d->class >>= 8;
	d->subsystem_vendor = (uint16_t)pci_config_read(t, d->slot, REG_SUBSYSTEM, 2);
	d->subsystem = (uint16_t)pci_config_read(t, d->slot, REG_SUBSYSTEM + 2, 2);
	d->pin = (uint8_t)pci_config_read(t, d->slot, REG_PIN, 1);
	return true;
}

/* Size and kind of BAR @i by writing all ones; how many registers it takes. */
static unsigned size_bar(struct pci_dev *d, unsigned i)
{
	struct pci_bar *b = &d->bar[i];
	unsigned reg = REG_BAR + 4 * i;
	uint32_t kind = pci_config_read(d->t, d->slot, reg, 4), low;
	uint64_t mask;

	*b = (struct pci_bar){.io = kind & 1};
	b->is64 = !b->io && (kind & 6) == 4;
	b->prefetch = !b->io && kind & 8;
	pci_config_write(d->t, d->slot, reg, 4, UINT32_MAX);
	low = pci_config_read(d->t, d->slot, reg, 4) & (b->io ? ~3U : ~15U);
	mask = low;
	if (b->is64 && i + 1 < PCI_BARS) {
		pci_config_write(d->t, d->slot, reg + 4, 4, UINT32_MAX);
		mask |= (uint64_t)pci_config_read(d->t, d->slot, reg + 4, 4) << 32;
	} else if (mask) {
		mask |= (uint64_t)UINT32_MAX << 32;
	}
	b->size = low || b->is64 ? ~mask + 1 : 0;
	return b->is64 ? 2 : 1;
}

static void assign_bars(struct pci_dev *d)
{
	uint64_t io = PCI_IO_BASE, mem = PCI_MEM_BASE;

	for (unsigned i = 0; i < PCI_BARS;) {
		struct pci_bar *b = &d->bar[i];
		unsigned reg = REG_BAR + 4 * i, takes = size_bar(d, i);
		uint64_t *next = b->io ? &io : &mem;

		if (b->size) {
			*next = (*next + b->size - 1) & ~(b->size - 1);
			b->addr = *next;
			*next += b->size;
			pci_config_write(d->t, d->slot, reg, 4, (uint32_t)b->addr);
			if (b->is64)
				pci_config_write(d->t, d->slot, reg + 4, 4,
						 (uint32_t)(b->addr >> 32));
		}
		i += takes;
	}
}

static void take_vendor(struct pci_dev *d, uint8_t at)
{
	struct target *t = d->t;
	uint32_t word = pci_config_read(t, d->slot, at, 4);
	struct pci_cap *c = &d->caps[d->n_caps++];

	*c = (struct pci_cap){.at = at,
			      .len = (uint8_t)(word >> 16),
			      .type = (uint8_t)(word >> 24)};
	word = pci_config_read(t, d->slot, at + 4U, 4);
	c->bar = (uint8_t)word;
	c->id = (uint8_t)(word >> 8);
	c->offset = pci_config_read(t, d->slot, at + 8U, 4);
	c->length = pci_config_read(t, d->slot, at + 12U, 4);
	if (c->type == PCI_CAP_NOTIFY && c->len >= CAP_HEADER + 4)
		c->multiplier = pci_config_read(t, d->slot, at + 16U, 4);
}

static uint64_t bir_addr(const struct pci_dev *d, uint32_t word)
{
	return (word & 7) < PCI_BARS ? d->bar[word & 7].addr + (word & ~7U) : 0;
}

static void take_msix(struct pci_dev *d, uint8_t at)
{
	d->msix = at;
	d->vectors = (pci_config_read(d->t, d->slot, at + 2U, 2) & 0x7ff) + 1;
	d->table = bir_addr(d, pci_config_read(d->t, d->slot, at + 4U, 4));
	d->pba = bir_addr(d, pci_config_read(d->t, d->slot, at + 8U, 4));
}

static bool walk_caps(struct pci_dev *d)
{
	struct target *t = d->t;
	uint8_t at;

	if (!(pci_config_read(t, d->slot, REG_STATUS, 2) & STATUS_CAPS))
		return true;
	at = (uint8_t)pci_config_read(t, d->slot, REG_CAPS, 1);
	for (unsigned n = 0; at; n++) {
		uint32_t word;

		if (at < 0x40 || at & 3 || n >= 48) {
			target_ended(t, TARGET_WRONG,
				     "the list of capabilities has no end, or leads to %#x", at);
			return false;
		}
		word = pci_config_read(t, d->slot, at, 4);
		if ((uint8_t)word == CAP_VENDOR && d->n_caps < PCI_CAPS_MAX)
			take_vendor(d, at);
		else if ((uint8_t)word == CAP_MSIX)
			take_msix(d, at);
		at = (uint8_t)(word >> 8);
	}
	return true;
}

bool pci_enable(struct pci_dev *d)
{
	d->n_caps = 0;
	d->msix = 0;
	d->vectors = 0;
	/* Its addresses must not wander over others while they are sized. */
	pci_config_write(d->t, d->slot, REG_COMMAND, 2, 0);
	assign_bars(d);
	pci_config_write(d->t, d->slot, REG_COMMAND, 2,
			 COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
	return walk_caps(d);
}

const struct pci_cap *pci_cap(const struct pci_dev *d, enum pci_virtio_cap type)
{
	for (size_t i = 0; i < d->n_caps; i++)
		if (d->caps[i].type == type)
			return &d->caps[i];
	return NULL;
}

uint64_t pci_cap_addr(const struct pci_dev *d, const struct pci_cap *cap)
{
	return (cap->bar < PCI_BARS ? d->bar[cap->bar].addr : 0) + cap->offset;
}

/* PCI 3.0 6.8.2.6: address low, address high, data, control with the mask in bit 0. */
void pci_msix_enable(struct pci_dev *d, uint64_t base)
{
	if (!d->msix)
		return;
	for (unsigned v = 0; v < d->vectors; v++) {
		uint64_t entry = d->table + 16ULL * v;

		target_write(d->t, entry, 4, (uint32_t)(base + 4ULL * v));
		target_write(d->t, entry + 4, 4, (uint32_t)((base + 4ULL * v) >> 32));
		target_write(d->t, entry + 8, 4, PCI_MSIX_DATA + v);
		target_write(d->t, entry + 12, 4, 0);
	}
	pci_config_write(d->t, d->slot, d->msix + 2U, 2, MSIX_ENABLE);
}

void pci_msix_disable(struct pci_dev *d)
{
	if (d->msix)
		pci_config_write(d->t, d->slot, d->msix + 2U, 2, 0);
}

void pci_msix_mask(struct pci_dev *d, unsigned vector, bool mask)
{
	target_write(d->t, d->table + 16ULL * vector + 12, 4, mask);
}

bool pci_msix_pending(struct pci_dev *d, unsigned vector)
{
	/* 6.8.2: in dwords or qwords only */
	return target_read(d->t, d->pba + 4ULL * (vector / 32), 4) >> vector % 32 & 1;
}
