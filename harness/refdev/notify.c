// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * notify.c - interrupts: the ISR byte, the pin, MSI-X
 *
 * virtio 1.2: 2.7.7 and 2.8.9 (when to), 4.1.4.5 (ISR), 4.1.5.3 and 4.1.5.4 (PCI), 4.2.2
 * (InterruptStatus). PCI 3.0, 6.8.2: MSI-X; a masked vector becomes pending and is sent when it is
 * unmasked (G-PC-09).
 */
#include <string.h>

#include "harness/refdev/private.h"

enum { ISR_QUEUE = 1, ISR_CONFIG = 2 };

static bool function_masked(const struct refdev *rd)
{
	uint16_t control;

	if (!rd->pci.cap_msix)
		return true;
	control = get_le16(rd->pci.space + rd->pci.cap_msix + 2);
	return (control & 0xc000) != 0x8000;
}

bool rd_msix_enabled(const struct refdev *rd)
{
	return rd_is_pci(rd) && rd->pci.cap_msix &&
	       get_le16(rd->pci.space + rd->pci.cap_msix + 2) & 0x8000;
}

static bool masked(const struct refdev *rd, unsigned vector)
{
	return function_masked(rd) || rd->msix.table[vector][3] & 1;
}

static void send(struct refdev *rd, unsigned vector)
{
	const uint32_t *entry = rd->msix.table[vector];

	rd->ops.message(rd->arg, entry[0] | (uint64_t)entry[1] << 32, entry[2]);
}

static void raise_vector(struct refdev *rd, uint16_t vector)
{
	if (rd_fault(rd, RD_F_IRQ_VECTOR) && rd->props.vectors)
		vector = (uint16_t)((vector + 1U) % rd->props.vectors);
	/* Only what a register names is delivered: msix_notify(). */
	if (vector >= rd->props.vectors || !rd->msix.use[vector])
		return;
	if (!masked(rd, vector))
		send(rd, vector);
	else if (!rd_fault(rd, RD_F_IRQ_PENDING_LOST))
		rd->msix.pending[vector / 32] |= 1U << vector % 32;
}

void rd_update_pin(struct refdev *rd)
{
	bool level;

	if (rd_msix_enabled(rd))
		rd->line = false;
	level = rd->line;
	if (rd_is_pci(rd)) {
		/* PCI 3.0, 6.2.3: Interrupt Status, whatever Interrupt Disable says. */
		rd->pci.space[6] &= (uint8_t)~8;
		rd->pci.space[6] |= level ? 8 : 0;
		if (get_le16(rd->pci.space + 4) & 0x400)
			level = false;
	}
	if (level == rd->pin)
		return;
	rd->pin = level;
	rd->ops.pin(rd->arg, level);
}

void rd_set_pin(struct refdev *rd)
{
	rd->line = rd->isr != 0;
	rd_update_pin(rd);
}

uint8_t rd_isr_read(struct refdev *rd)
{
	uint8_t isr = rd->isr;

	if (rd_fault(rd, RD_F_IRQ_ISR_STICKY))
		return isr;
	rd->isr = 0;
	rd_set_pin(rd);
	return isr;
}

void rd_interrupt(struct refdev *rd, uint8_t isr, uint16_t vector)
{
	bool msix = rd_msix_enabled(rd);

	/* 4.1.4.5: the ISR byte is for the pin. */
	if (!msix || rd_quirk(rd, RD_Q_ISR_WITH_MSIX))
		rd->isr |= isr;
	if (rd->broken || rd->disabled)
		return;
	if (msix)
		raise_vector(rd, vector);
	else
		rd_set_pin(rd);
}

static bool wanted(struct refdev *rd, struct rd_queue *q)
{
	if (rd_has(rd, F_PACKED))
		return rd_packed_notify(rd, q);
	return rd_split_notify(rd, q);
}

void rd_notify_queue(struct refdev *rd, struct rd_queue *q)
{
	if (!q->set_up || !q->mapped || rd_fault(rd, RD_F_IRQ_LOST))
		return;
	if (!wanted(rd, q) && !rd_fault(rd, RD_F_IRQ_UNASKED))
		return;
	rd_interrupt(rd, ISR_QUEUE, q->vector);
	if (rd_fault(rd, RD_F_IRQ_TWICE))
		rd_interrupt(rd, ISR_CONFIG, rd->config_vector);
}

/* 2.5.1, 3.1.1: no notification before DRIVER_OK. */
void rd_notify_config(struct refdev *rd)
{
	if (!(rd->status & S_DRIVER_OK))
		return;
	if (!rd_fault(rd, RD_F_CFG_GENERATION))
		rd->generation++;
	if (rd_fault(rd, RD_F_IRQ_CONFIG_LOST))
		return;
	rd_interrupt(rd, rd_quirk(rd, RD_Q_ISR_BOTH) ? ISR_QUEUE | ISR_CONFIG : ISR_CONFIG,
		     rd->config_vector);
}

void rd_msix_reset(struct refdev *rd)
{
	memset(&rd->msix, 0, sizeof(rd->msix));
	for (unsigned i = 0; i < RD_VECTORS; i++)
		rd->msix.table[i][3] = 1;
}

void rd_msix_use(struct refdev *rd, uint32_t vector, int step)
{
	if (vector >= rd->props.vectors)
		return;
	rd->msix.use[vector] = (uint16_t)(rd->msix.use[vector] + step);
	/* One that nobody names has nothing pending: msix_vector_unuse(). */
	if (!rd->msix.use[vector])
		rd->msix.pending[vector / 32] &= ~(1U << vector % 32);
}

void rd_msix_unuse_all(struct refdev *rd)
{
	memset(rd->msix.use, 0, sizeof(rd->msix.use));
	memset(rd->msix.pending, 0, sizeof(rd->msix.pending));
}

void rd_msix_unmasked(struct refdev *rd)
{
	for (unsigned i = 0; i < rd->props.vectors; i++) {
		if (!(rd->msix.pending[i / 32] >> i % 32 & 1) || masked(rd, i))
			continue;
		rd->msix.pending[i / 32] &= ~(1U << i % 32);
		if (rd->msix.use[i])
			send(rd, i);
	}
}

/* msix_init_exclusive_bar(): one page, the pending bits in its upper half. */
unsigned rd_msix_pba(const struct refdev *rd)
{
	(void)rd;
	return 2048;
}

uint32_t rd_msix_read(struct refdev *rd, uint32_t offset)
{
	if (offset < 16 * rd->props.vectors)
		return rd->msix.table[offset / 16][offset % 16 / 4];
	offset -= rd_msix_pba(rd);
	return offset / 4 < RD_VECTORS / 32 ? rd->msix.pending[offset / 4] : 0;
}

void rd_msix_write(struct refdev *rd, uint32_t offset, uint32_t value)
{
	if (offset >= 16 * rd->props.vectors)
		return;
	rd->msix.table[offset / 16][offset % 16 / 4] = value;
	rd_msix_unmasked(rd);
}
