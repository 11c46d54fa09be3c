// SPDX-License-Identifier: GPL-2.0-or-later
/* player_pci.c - steps that only a PCI function knows: bus mastering, MSI-X masks, the window */
#include "harness/wire/player_private.h"

/* PCI 3.0 6.2.2: the command register, and its bit for bus mastering */
#define PCI_COMMAND	   4
#define PCI_COMMAND_MASTER 4u
/* virtio 1.2 4.1.4.9: fields of struct virtio_pci_cap, and the data behind it */
#define CAP_BAR	   4
#define CAP_OFFSET 8
#define CAP_LENGTH 12
#define CAP_DATA   16

static void master(struct wire_player *p, bool on)
{
	struct pci_dev *d = &p->con.v.pci;
	uint32_t command = pci_config_read(p->t, d->slot, PCI_COMMAND, 2);

	command = on ? command | PCI_COMMAND_MASTER : command & ~PCI_COMMAND_MASTER;
	pci_config_write(p->t, d->slot, PCI_COMMAND, 2, command);
}

static void mask(struct wire_player *p, unsigned vector, bool on, struct buf *b)
{
	struct pci_dev *d = &p->con.v.pci;

	if (!p->con.msix || vector >= d->vectors) {
		buf_addstr(b, "no such vector\n");
		return;
	}
	buf_addf(b, "vector %u pending=%d", vector, pci_msix_pending(d, vector));
	pci_msix_mask(d, vector, on);
	buf_addf(b, " then %d\n", pci_msix_pending(d, vector));
}

/* Through the window: which BAR, where in it, how much; then the data. */
static void window(struct wire_player *p, uint32_t offset, uint32_t width, struct buf *b)
{
	struct pci_dev *d = &p->con.v.pci;
	const struct pci_cap *cfg = pci_cap(d, PCI_CAP_PCI_CFG);
	const struct pci_cap *device = pci_cap(d, PCI_CAP_DEVICE);

	if (!cfg || !device || (width != 1 && width != 2 && width != 4)) {
		buf_addstr(b, "no such window\n");
		return;
	}
	pci_config_write(p->t, d->slot, cfg->at + CAP_BAR, 1, device->bar);
	pci_config_write(p->t, d->slot, cfg->at + CAP_OFFSET, 4, device->offset + offset);
	pci_config_write(p->t, d->slot, cfg->at + CAP_LENGTH, 4, width);
	buf_addf(b, "window %u = %x\n", offset,
		 pci_config_read(p->t, d->slot, cfg->at + CAP_DATA, width));
}

void wire_play_pci(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	if (!target_is_pci(p->t))
		buf_addstr(b, "only on PCI\n");
	else if (!p->found)
		buf_addstr(b, "the device is not found\n");
	else if (s->verb == WIRE_MASTER)
		master(p, s->n[0]);
	else if (s->verb == WIRE_WINDOW)
		window(p, s->n[0], s->n[1], b);
	else
		mask(p, s->n[0], s->verb == WIRE_MASK, b);
}
