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
#define CAP_PM	       0x01
#define CAP_VENDOR     0x09
#define CAP_EXPRESS    0x10
#define CAP_MSIX       0x11
#define MSIX_ENABLE    0x8000u
#define CONFIG_SIZE    256
#define CAP_HEADER     16 /* struct virtio_pci_cap */
/* PCI Express 5.0 7.5.3.3, 7.5.3.4 */
#define EXP_DEVCAP 4
#define EXP_DEVCTL 8
#define DEVCAP_FLR (1u << 28)
#define DEVCTL_FLR (1u << 15)
/* 7.5.2.2 */
#define PM_CONTROL 4
#define PM_STATE   3u

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

/* A batch's part: the register @reg of @d is read into @a[1], after its address went out. */
#define READ_ACCESSES 2
static void read_later(const struct pci_dev *d, unsigned reg, unsigned width,
		       struct target_access *a)
{
	a[0] = (struct target_access){.way = TARGET_OUT,
				      .width = 4,
				      .addr = CONFIG_ADDRESS,
				      .value = 0x80000000U | d->slot << 11 | (reg & 0xfc)};
	a[1] = (struct target_access){.way = TARGET_IN,
				      .width = width,
				      .addr = CONFIG_DATA + (reg & 3)};
}

static void write_later(const struct pci_dev *d, unsigned reg, uint32_t value,
			struct target_access *a)
{
	read_later(d, reg, 4, a);
	a[1].way = TARGET_OUT;
	a[1].value = value;
}

/* @n dwords of configuration space from @reg on, in one go. */
#define DWORDS_MAX 4
static void read_dwords(struct pci_dev *d, unsigned reg, unsigned n, uint32_t *dwords)
{
	struct target_access a[READ_ACCESSES * DWORDS_MAX];

	for (unsigned i = 0; i < n; i++)
		read_later(d, reg + 4 * i, 4, &a[READ_ACCESSES * i]);
	target_batch(d->t, a, READ_ACCESSES * n);
	for (unsigned i = 0; i < n; i++)
		dwords[i] = (uint32_t)a[READ_ACCESSES * i + 1].value;
}

static void identify(struct pci_dev *d)
{
	struct target_access a[READ_ACCESSES * 4];

	read_later(d, REG_REVISION, 4, a);
	read_later(d, REG_SUBSYSTEM, 2, a + READ_ACCESSES);
	read_later(d, REG_SUBSYSTEM + 2, 2, a + 2 * READ_ACCESSES);
	read_later(d, REG_PIN, 1, a + 3 * READ_ACCESSES);
	target_batch(d->t, a, sizeof(a) / sizeof(*a));
	d->class = (uint32_t)a[1].value;
	d->revision = (uint8_t)d->class;
	d->class >>= 8;
	d->subsystem_vendor = (uint16_t)a[3].value;
	d->subsystem = (uint16_t)a[5].value;
	d->pin = (uint8_t)a[7].value;
}

bool pci_find(struct target *t, struct pci_dev *d)
{
	*d = (struct pci_dev){.t = t};
	/* Ours has a place of its own; whoever else may be there is not looked at first. */
	for (unsigned i = 0; i < 32; i++) {
		uint32_t id;

		d->slot = t->config.express ? TARGET_EXPRESS_SLOT : (TARGET_SLOT + i) % 32;
		id = pci_config_read(t, d->slot, 0, 4);
		d->vendor = (uint16_t)id;
		d->device = (uint16_t)(id >> 16);
		if (d->vendor == PCI_VIRTIO && d->device >= 0x1000 && d->device <= 0x107f)
			break;
		if (i == 31)
			return false;
	}
	identify(d);
	return true;
}

/* What the BARs hold now, and what they keep of all ones. */
static void probe_bars(struct pci_dev *d, uint32_t kind[PCI_BARS], uint32_t ones[PCI_BARS])
{
	struct target_access a[3 * READ_ACCESSES * PCI_BARS];

	for (unsigned i = 0; i < PCI_BARS; i++) {
		struct target_access *bar = &a[3 * READ_ACCESSES * i];

		read_later(d, REG_BAR + 4 * i, 4, bar);
		write_later(d, REG_BAR + 4 * i, UINT32_MAX, bar + READ_ACCESSES);
		read_later(d, REG_BAR + 4 * i, 4, bar + 2 * READ_ACCESSES);
	}
	target_batch(d->t, a, sizeof(a) / sizeof(*a));
	for (unsigned i = 0; i < PCI_BARS; i++) {
		kind[i] = (uint32_t)a[3 * READ_ACCESSES * i + 1].value;
		ones[i] = (uint32_t)a[3 * READ_ACCESSES * i + 5].value;
	}
}

/* Size and kind of BAR @i; how many registers it takes. */
static unsigned size_bar(struct pci_dev *d, unsigned i, const uint32_t kind[PCI_BARS],
			 const uint32_t ones[PCI_BARS])
{
	struct pci_bar *b = &d->bar[i];
	uint32_t low;
	uint64_t mask;

	*b = (struct pci_bar){.io = kind[i] & 1};
	b->is64 = !b->io && (kind[i] & 6) == 4;
	b->prefetch = !b->io && kind[i] & 8;
	low = ones[i] & (b->io ? ~3U : ~15U);
	mask = low;
	if (b->is64 && i + 1 < PCI_BARS)
		mask |= (uint64_t)ones[i + 1] << 32;
	else if (mask)
		mask |= (uint64_t)UINT32_MAX << 32;
	b->size = low || b->is64 ? ~mask + 1 : 0;
	return b->is64 ? 2 : 1;
}

static void assign_bars(struct pci_dev *d)
{
	uint64_t io = PCI_IO_BASE, mem = PCI_MEM_BASE;
	uint32_t kind[PCI_BARS], ones[PCI_BARS];

	probe_bars(d, kind, ones);
	for (unsigned i = 0; i < PCI_BARS;) {
		struct pci_bar *b = &d->bar[i];
		unsigned reg = REG_BAR + 4 * i, takes = size_bar(d, i, kind, ones);
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

/* The structure's fields, as its first four dwords hold them. */
static void take_vendor(struct pci_dev *d, uint8_t at, const uint32_t words[4])
{
	struct pci_cap *c = &d->caps[d->n_caps++];

	*c = (struct pci_cap){.at = at,
			      .len = (uint8_t)(words[0] >> 16),
			      .type = (uint8_t)(words[0] >> 24),
			      .bar = (uint8_t)words[1],
			      .id = (uint8_t)(words[1] >> 8),
			      .offset = words[2],
			      .length = words[3]};
	if (c->type == PCI_CAP_NOTIFY && c->len >= CAP_HEADER + 4)
		c->multiplier = pci_config_read(d->t, d->slot, at + 16U, 4);
}

static uint64_t bir_addr(const struct pci_dev *d, uint32_t word)
{
	return (word & 7) < PCI_BARS ? d->bar[word & 7].addr + (word & ~7U) : 0;
}

static void take_msix(struct pci_dev *d, uint8_t at, const uint32_t words[4])
{
	d->msix = at;
	d->vectors = (words[0] >> 16 & 0x7ff) + 1;
	d->table = bir_addr(d, words[1]);
	d->pba = bir_addr(d, words[2]);
}

static bool walk_caps(struct pci_dev *d)
{
	struct target *t = d->t;
	struct target_access a[2 * READ_ACCESSES];
	uint8_t at;

	read_later(d, REG_STATUS, 2, a);
	read_later(d, REG_CAPS, 1, a + READ_ACCESSES);
	target_batch(t, a, sizeof(a) / sizeof(*a));
	if (!(a[1].value & STATUS_CAPS))
		return true;
	at = (uint8_t)a[3].value;
	for (unsigned n = 0; at; n++) {
		uint32_t words[4] = {0};

		if (at < 0x40 || at & 3 || n >= 48) {
			target_ended(t, TARGET_WRONG,
				     "the list of capabilities has no end, or leads to %#x", at);
			return false;
		}
		/* As much as every kind that matters has; a short one at the end has less. */
		read_dwords(d, at, at <= CONFIG_SIZE - 16 ? 4 : (CONFIG_SIZE - at) / 4, words);
		if ((uint8_t)words[0] == CAP_VENDOR && d->n_caps < PCI_CAPS_MAX)
			take_vendor(d, at, words);
		else if ((uint8_t)words[0] == CAP_MSIX)
			take_msix(d, at, words);
		else if ((uint8_t)words[0] == CAP_EXPRESS)
			d->express = at;
		else if ((uint8_t)words[0] == CAP_PM)
			d->pm = at;
		at = (uint8_t)(words[0] >> 8);
	}
	return true;
}

bool pci_enable(struct pci_dev *d)
{
	d->n_caps = 0;
	d->express = d->pm = d->msix = 0;
	d->vectors = 0;
	/* Its addresses must not wander over others while they are sized. */
	pci_config_write(d->t, d->slot, REG_COMMAND, 2, 0);
	assign_bars(d);
	pci_config_write(d->t, d->slot, REG_COMMAND, 2,
			 COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER);
	return walk_caps(d);
}

void pci_set_master(struct pci_dev *d, bool on)
{
	uint32_t command = pci_config_read(d->t, d->slot, REG_COMMAND, 2);

	command = on ? command | COMMAND_MASTER : command & ~COMMAND_MASTER;
	pci_config_write(d->t, d->slot, REG_COMMAND, 2, command);
}

bool pci_flr(struct pci_dev *d)
{
	uint32_t control;

	if (!d->express ||
	    !(pci_config_read(d->t, d->slot, d->express + EXP_DEVCAP, 4) & DEVCAP_FLR))
		return false;
	control = pci_config_read(d->t, d->slot, d->express + EXP_DEVCTL, 2);
	pci_config_write(d->t, d->slot, d->express + EXP_DEVCTL, 2, control | DEVCTL_FLR);
	return true;
}

bool pci_power(struct pci_dev *d, unsigned state, uint16_t *now)
{
	unsigned at = d->pm + PM_CONTROL;
	uint32_t control;

	if (!d->pm)
		return false;
	control = pci_config_read(d->t, d->slot, at, 2);
	pci_config_write(d->t, d->slot, at, 2, (control & ~PM_STATE) | (state & PM_STATE));
	*now = (uint16_t)pci_config_read(d->t, d->slot, at, 2);
	return true;
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
