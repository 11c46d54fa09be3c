// SPDX-License-Identifier: GPL-2.0-or-later
/* player_pci.c - steps that only a PCI function knows: bus mastering, MSI-X masks, the window */
#include "harness/wire/player_private.h"

/* virtio 1.2 4.1.4.9: fields of struct virtio_pci_cap, and the data behind it */
#define CAP_BAR	   4
#define CAP_OFFSET 8
#define CAP_LENGTH 12
#define CAP_DATA   16

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

static bool set_window(struct wire_player *p, uint32_t bar, uint32_t offset, uint32_t len,
		       struct buf *b)
{
	struct pci_dev *d = &p->con.v.pci;
	const struct pci_cap *cfg = pci_cap(d, PCI_CAP_PCI_CFG);

	if (!cfg) {
		buf_addstr(b, "no such window\n");
		return false;
	}
	pci_config_write(p->t, d->slot, cfg->at + CAP_BAR, 1, bar);
	pci_config_write(p->t, d->slot, cfg->at + CAP_OFFSET, 4, offset);
	pci_config_write(p->t, d->slot, cfg->at + CAP_LENGTH, 4, len);
	return true;
}

/* Whatever the fields say; of the data all four bytes. */
static void through_window(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	struct pci_dev *d = &p->con.v.pci;
	unsigned data;

	if (!set_window(p, s->n[0], s->n[1], s->n[2], b))
		return;
	data = pci_cap(d, PCI_CAP_PCI_CFG)->at + CAP_DATA;
	if (s->verb == WIRE_WWRITE)
		pci_config_write(p->t, d->slot, data, 4, s->n[3]);
	else
		buf_addf(b, "data %08x\n", pci_config_read(p->t, d->slot, data, 4));
}

/* What it was given is gone, so that a driver finds it anew. */
static void function_reset(struct wire_player *p, struct buf *b)
{
	if (!pci_flr(&p->con.v.pci)) {
		buf_addstr(b, "there is none\n");
		return;
	}
	p->started = false;
	wire_find(p, b);
}

/* The driver believes that nothing else has changed. */
static void power(struct wire_player *p, unsigned state, struct buf *b)
{
	uint16_t now;

	if (pci_power(&p->con.v.pci, state, &now))
		buf_addf(b, "power management control %04x\n", now);
	else
		buf_addstr(b, "there is none\n");
}

/* Through the window: which BAR, where in it, how much; then the data. */
static void window(struct wire_player *p, uint32_t offset, uint32_t width, struct buf *b)
{
	struct pci_dev *d = &p->con.v.pci;
	const struct pci_cap *device = pci_cap(d, PCI_CAP_DEVICE);

	if (!device || (width != 1 && width != 2 && width != 4)) {
		buf_addstr(b, "no such window\n");
		return;
	}
	if (set_window(p, device->bar, device->offset + offset, width, b))
		buf_addf(b, "window %u = %x\n", offset,
			 pci_config_read(p->t, d->slot, pci_cap(d, PCI_CAP_PCI_CFG)->at + CAP_DATA,
					 width));
}

void wire_play_pci(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	if (!target_is_pci(p->t))
		buf_addstr(b, "only on PCI\n");
	else if (!p->found)
		buf_addstr(b, "the device is not found\n");
	else if (s->verb == WIRE_MASTER)
		pci_set_master(&p->con.v.pci, s->n[0]);
	else if (s->verb == WIRE_WINDOW)
		window(p, s->n[0], s->n[1], b);
	else if (s->verb == WIRE_WREAD || s->verb == WIRE_WWRITE)
		through_window(p, s, b);
	else if (s->verb == WIRE_FLR)
		function_reset(p, b);
	else if (s->verb == WIRE_PM)
		power(p, s->n[0], b);
	else
		mask(p, s->n[0], s->verb == WIRE_MASK, b);
}
