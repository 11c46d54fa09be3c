/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci.h - the PCI side of a virtio device, found and set up as firmware and a driver would
 *
 * Configuration mechanism 1 (PCI 3.0 3.2.2.3.2): the dword address in port 0xcf8, the data at 0xcfc
 * plus the low bits of the register. Capabilities: PCI 3.0 6.7 (list), 6.8.2 (MSI-X), virtio 1.2
 * 4.1.4 (vendor capabilities, struct virtio_pci_cap).
 */
#ifndef VIRTIO_PCI_H
#define VIRTIO_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/virtio/target.h"

#define PCI_BARS      6
#define PCI_CAPS_MAX  16
#define PCI_VIRTIO    0x1af4
#define PCI_IO_BASE   0xc000u	  /* where I/O BARs go */
#define PCI_MEM_BASE  0xe0000000u /* where memory BARs go */
#define PCI_NO_VECTOR 0xffff

/** enum pci_virtio_cap - virtio 1.2 4.1.4: cfg_type */
enum pci_virtio_cap {
	PCI_CAP_COMMON = 1,
	PCI_CAP_NOTIFY = 2,
	PCI_CAP_ISR = 3,
	PCI_CAP_DEVICE = 4,
	PCI_CAP_PCI_CFG = 5,
	PCI_CAP_SHARED_MEMORY = 8,
	PCI_CAP_VENDOR = 9,
};

/**
 * struct pci_bar - A base address register
 * @size:	0: there is none
 * @addr:	what we assigned: a port, or a memory address
 * @io, @is64, @prefetch: its kind
 */
struct pci_bar {
	uint64_t size, addr;
	bool io, is64, prefetch;
};

/**
 * struct pci_cap - A vendor capability as it stands in configuration space
 * @at:		its offset there
 * @len, @type, @bar, @id, @offset, @length: its fields
 * @multiplier:	PCI_CAP_NOTIFY: notify_off_multiplier
 */
struct pci_cap {
	uint8_t at, len, type, bar, id;
	uint32_t offset, length, multiplier;
};

/**
 * struct pci_dev - A function
 * @slot:	its device number on bus 0; TARGET_EXPRESS_SLOT: behind the root port
 * @caps:	its virtio capabilities in the order of the list
 * @express:	offset of the PCI Express capability; 0: none
 * @pm:		of that of power management; 0: none
 * @msix:	offset of the MSI-X capability; 0: none
 * @vectors:	size of its table
 * @table, @pba: addresses of the table and of the pending bits
 */
struct pci_dev {
	struct target *t;
	unsigned slot;
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint8_t revision, pin;
	uint32_t class;
	struct pci_bar bar[PCI_BARS];
	struct pci_cap caps[PCI_CAPS_MAX];
	size_t n_caps;
	uint8_t express, pm, msix;
	unsigned vectors;
	uint64_t table, pba;
};

uint32_t pci_config_read(struct target *t, unsigned slot, unsigned reg, unsigned width);
void pci_config_write(struct target *t, unsigned slot, unsigned reg, unsigned width,
		      uint32_t value);

/** pci_find() - Look for the first virtio function, on bus 0 or behind the root port. False: there
 * is none */
bool pci_find(struct target *t, struct pci_dev *d);
/** pci_enable() - Assign the BARs, let it decode and be bus master, find its capabilities. False:
 * what it says cannot be: the target has ended so */
bool pci_enable(struct pci_dev *d);
/** pci_set_master() - Bus mastering on or off */
void pci_set_master(struct pci_dev *d, bool on);
/** pci_flr() - Initiate Function Level Reset (PCI Express 7.5.3.3, 7.5.3.4). False: it has no such
 * capability, or that does not offer it, and nothing was done. Its BARs have no addresses then */
bool pci_flr(struct pci_dev *d);
/** pci_power() - Write a power state, 0 for D0 to 3 for D3hot (PCI Express 5.0, 7.5.2.2); *now:
 * what Power Management Control/Status reads then. False: it has none */
bool pci_power(struct pci_dev *d, unsigned state, uint16_t *now);
/** pci_cap() - The first capability of that type (QEMU presents them in the order in which it
 * prefers them, 4.1.4.1); NULL: none */
const struct pci_cap *pci_cap(const struct pci_dev *d, enum pci_virtio_cap type);
/** pci_cap_addr() - Where its structure lies in memory */
uint64_t pci_cap_addr(const struct pci_dev *d, const struct pci_cap *cap);

/** pci_msix_enable() - Switch MSI-X on, every vector unmasked: vector v writes the number
 * PCI_MSIX_DATA + v into the dword of RAM at @base + 4 * v */
void pci_msix_enable(struct pci_dev *d, uint64_t base);
void pci_msix_disable(struct pci_dev *d);
void pci_msix_mask(struct pci_dev *d, unsigned vector, bool mask);
/** pci_msix_pending() - The vector's bit in the pending bit array */
bool pci_msix_pending(struct pci_dev *d, unsigned vector);
#define PCI_MSIX_DATA 0x1000u

#endif
