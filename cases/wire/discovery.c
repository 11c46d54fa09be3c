// SPDX-License-Identifier: GPL-2.0-or-later
/* discovery.c - the device is where its transport says, and says what it is */
#include "harness/run/wire.h"

static void discovery_topology(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, NULL);
	wire_port(config, 0, true, NULL);
}

static bool is_pci_modern(const struct variant *v)
{
	return variant_is(v, "transport", "pci-modern") ||
	       variant_is(v, "transport", "pci-transitional");
}

/* 4.1.2, 4.1.2.1, 4.1.2.3; QEMU: 0x0780 "communication controller, other" */
static void pci_identity(struct trial *t, const struct pci_dev *d)
{
	bool modern = trial_is(t, "transport", "pci-modern");

	CHECK(t, d->vendor == 0x1af4 && d->device == (modern ? 0x1043 : 0x1003), "PCI id %04x:%04x",
	      d->vendor, d->device);
	CHECK(t, modern ? d->revision >= 1 : d->revision == 0, "revision %u", d->revision);
	CHECK(t, modern ? d->subsystem >= 0x40 : d->subsystem == VDEV_CONSOLE, "subsystem id %#x",
	      d->subsystem);
	CHECK(t, d->class == 0x078000, "class %06x", d->class);
	CHECK(t, d->pin == 1, "interrupt pin %u, want INTA#", d->pin);
}

static void mmio_identity(struct trial *t, const struct vdev *v)
{
	uint32_t vendor = (uint32_t)target_read(v->t, v->mmio + VM_VENDOR_ID, 4);

	/* Magic, version and device id: vdev_find() looked for them. Device ids of empty slots: */
	CHECK(t, vendor == 0x554d4551, "vendor id %#x, want \"QEMU\"", vendor);
	for (unsigned i = 0; i < TARGET_MMIO_SLOTS; i++) {
		uint64_t at = TARGET_MMIO_BASE + i * TARGET_MMIO_SIZE;

		if (at == v->mmio)
			continue;
		CHECK(t, target_read(v->t, at + VM_DEVICE_ID, 4) == 0, "a second device in slot %u",
		      i);
	}
}

CASE(wire_discovery, .id = "wire.discovery",
     .title = "the device is found on its transport and is a console of the right kind",
     .clause = "virtio-1.2/console/C-02, G-PC-11, G-LG-01, G-MM-01 (4.1.2, 4.1.2.3, 4.2.2)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL},
     .lacks = wire_lacks, .wire = discovery_topology)
{
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	if (target_is_pci(target))
		pci_identity(t, &v.pci);
	else
		mmio_identity(t, &v);
	CHECK(t, vdev_status(&v) == 0, "status %#x before anybody drove it", vdev_status(&v));
	CHECK(t, vdev_reset(&v), "status does not become 0 after a reset");
}

/* A structure's capability: in a BAR that exists, within it, aligned (4.1.4.4.1, 4.1.4.6.1: 4). */
static void one_cap(struct trial *t, const struct pci_dev *d, enum pci_virtio_cap type,
		    const char *name, unsigned least)
{
	const struct pci_cap *c = pci_cap(d, type);
	const struct pci_bar *bar;

	CHECK(t, c != NULL, "no %s capability", name);
	CHECK(t, c->at % 4 == 0, "the %s capability lies at %#x", name, c->at);
	CHECK(t, c->len >= 16, "the %s capability has length %u", name, c->len);
	CHECK(t, c->bar < PCI_BARS && d->bar[c->bar].size, "the %s capability names BAR %u", name,
	      c->bar);
	bar = &d->bar[c->bar];
	CHECK(t, c->length >= least, "the %s structure has %u bytes, want %u or more", name,
	      c->length, least);
	CHECK(t, (uint64_t)c->offset + c->length <= bar->size,
	      "the %s structure (%#x bytes at %#x) does not fit into BAR %u of %#llx bytes", name,
	      c->length, c->offset, c->bar, (unsigned long long)bar->size);
	CHECK(t, c->offset % 4 == 0, "the %s structure lies at offset %#x", name, c->offset);
}

static bool capabilities_possible(const struct variant *v)
{
	return is_pci_modern(v);
}

CASE(wire_capabilities, .id = "wire.capabilities",
     .title = "all five virtio structures are there, aligned and within their BARs; PCI_CFG reads "
	      "what the BAR reads",
     .clause = "virtio-1.2/console/G-PC-01, G-PC-06 (4.1.4, 4.1.4.9)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL},
     .possible = capabilities_possible, .lacks = wire_lacks, .wire = discovery_topology)
{
	struct target *target = trial_wire(t);
	const struct pci_cap *window;
	struct buf why = BUF_INIT;
	struct vdev v;
	uint32_t straight, through;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	one_cap(t, &v.pci, PCI_CAP_COMMON, "common", VPC_QUEUE_DEVICE + 8);
	one_cap(t, &v.pci, PCI_CAP_NOTIFY, "notify", 2);
	one_cap(t, &v.pci, PCI_CAP_ISR, "ISR", 1);
	one_cap(t, &v.pci, PCI_CAP_DEVICE, "device", 12);
	CHECK(t, pci_cap(&v.pci, PCI_CAP_NOTIFY)->len >= 20, "the notify capability is too short");
	window = pci_cap(&v.pci, PCI_CAP_PCI_CFG);
	CHECK(t, window != NULL, "no PCI_CFG capability");
	straight = vdev_config(&v, VCC_MAX_NR_PORTS, 4);
	pci_config_write(target, v.pci.slot, window->at + 4U, 1,
			 pci_cap(&v.pci, PCI_CAP_DEVICE)->bar);
	pci_config_write(target, v.pci.slot, window->at + 8U, 4,
			 pci_cap(&v.pci, PCI_CAP_DEVICE)->offset + VCC_MAX_NR_PORTS);
	pci_config_write(target, v.pci.slot, window->at + 12U, 4, 4);
	through = pci_config_read(target, v.pci.slot, window->at + 16U, 4);
	CHECK(t, straight == 31 && through == straight,
	      "max_nr_ports is %u, through the PCI_CFG window %u, want 31", straight, through);
}
