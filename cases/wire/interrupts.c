// SPDX-License-Identifier: GPL-2.0-or-later
/* interrupts.c - used buffers are told of when the driver wants it, and not when it does not */
#include "harness/run/wire.h"

#define AXES ((const char *const[]){"transport", "ring", NULL})

static void no_event_idx(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "event_idx=off");
	wire_port(config, 0, true, NULL);
	wire_port(config, 1, false, WIRE_NAME);
}

static void four_vectors(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=2,vectors=10,event_idx=off");
	wire_port(config, 0, true, NULL);
	wire_port(config, 1, false, WIRE_NAME);
}

/* Has the device interrupted for @q since the last look? On whichever way it has. */
static bool interrupted(struct vcon *c, unsigned q)
{
	unsigned raised;

	if (c->msix)
		return vdev_irq_take(&c->v, vcon_vector(c, q));
	if (!target_pin(c->t, &raised))
		return false;
	return vdev_isr(&c->v) & 1;
}

/* A buffer on port 1's transmit queue is used; is it told? */
static bool told_of_output(struct trial *t, struct vcon *c)
{
	struct ring_used used;

	CHECK(t, vcon_send(c, 1, "x", 1, &used), "no buffer comes back");
	CHECK(t, target_settle(c->t), "the device does not come to rest");
	return interrupted(c, vcon_txq(1));
}

static struct vcon *quiet_port(struct trial *t, bool pin)
{
	/* NOTIFY_ON_EMPTY overrides every wish to be left alone: a case of its own. */
	const struct vcon_options o = {.pin = pin, .not = VF_NOTIFY_ON_EMPTY};
	struct vcon *c = trial_vcon(t, &o);

	wire_host_open(t, 1);
	wire_handshake(t, c);
	wire_no_event(t, c);
	for (unsigned q = 0; q < 6; q++)
		interrupted(c, q);
	return c;
}

CASE(wire_interrupts, .id = "wire.interrupts",
     .title = "a used buffer interrupts, unless the driver does not want it",
     .clause = "virtio-1.2/console/G-NS-01, G-NS-02, G-PK-04 (2.7.7.1, 2.8.10)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = no_event_idx)
{
	struct vcon *c = quiet_port(t, false);
	struct ring *r = vcon_ring(c, vcon_txq(1));
	char byte;

	for (int round = 0; round < 3; round++) {
		CHECK(t, told_of_output(t, c), "round %d: no interrupt for a used buffer", round);
		ring_interrupts(r, RING_IRQ_NONE, 0);
		CHECK(t, !told_of_output(t, c), "round %d: an interrupt that nobody wants", round);
		ring_interrupts(r, RING_IRQ_ALL, 0);
	}
	CHECK(t, target_host_write(c->t, 1, "y", 1) == 1, "the backend is full");
	CHECK(t, vcon_recv(c, 1, &byte, 1, VCON_MS) == 1 && byte == 'y', "no input comes");
	CHECK(t, target_settle(c->t) && interrupted(c, vcon_rxq(1)), "no interrupt for input");
}

CASE(wire_event_idx, .id = "wire.event-idx",
     .title = "with EVENT_IDX the interrupt comes when the index asked for is passed, not before "
	      "and not again",
     .clause = "virtio-1.2/console/G-NS-03, G-NS-04, G-PK-04 (2.7.7.2, 2.8.10)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = quiet_port(t, false);
	struct ring *r = vcon_ring(c, vcon_txq(1));

	CHECK(t, r->event_idx, "EVENT_IDX is not offered");
	for (unsigned after = 1; after <= 4; after++) {
		ring_interrupts(r, RING_IRQ_AT, after);
		for (unsigned i = 1; i <= after + 2; i++) {
			bool told = told_of_output(t, c);

			CHECK(t, told == (i == after),
			      "asked for the interrupt at buffer %u: %s at buffer %u", after,
			      told ? "one comes" : "none comes", i);
		}
	}
	if (!r->packed) {
		CHECK(t, ring_peek_used_flags(r) == 0, "used.flags is %u", ring_peek_used_flags(r));
		CHECK(t, ring_peek_avail_event(r) == r->avail_idx,
		      "avail_event is %u, all %u buffers having been seen",
		      ring_peek_avail_event(r), r->avail_idx);
	}
}

CASE(wire_pin, .id = "wire.interrupt-pin",
     .title = "without MSI-X the pin rises with the status, and falls when that is read or "
	      "acknowledged",
     .clause = "virtio-1.2/console/G-PC-05, G-MM-04 (4.1.4.5, 4.2.3.4); PCI 3.0 2.2.6",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL},
     .lacks = wire_lacks, .wire = no_event_idx)
{
	struct vcon *c = quiet_port(t, true);
	unsigned before, after;
	struct ring_used used;

	for (int round = 0; round < 3; round++) {
		uint32_t isr;

		CHECK(t, !target_pin(c->t, &before), "the pin is up before anything happened");
		CHECK(t, vcon_send(c, 1, "x", 1, &used), "no buffer comes back");
		CHECK(t, target_settle(c->t), "the device does not come to rest");
		CHECK(t, target_pin(c->t, &after), "the pin is down with an interrupt pending");
		CHECK(t, after == before + 1, "the pin has risen %u times", after - before);
		isr = vdev_isr(&c->v);
		CHECK(t, isr == 1, "the interrupt status is %#x", isr);
		CHECK(t, !target_pin(c->t, &after), "the pin stays up");
		isr = vdev_isr(&c->v);
		CHECK(t, isr == 0, "the interrupt status is %#x when read again", isr);
	}
}

static bool legacy_only(const struct variant *v)
{
	return variant_is(v, "transport", "pci-legacy") ||
	       variant_is(v, "transport", "mmio-legacy");
}

CASE(wire_notify_on_empty, .id = "wire.notify-on-empty",
     .title = "with NOTIFY_ON_EMPTY a used buffer that leaves the ring empty interrupts whether it "
	      "is wanted or not",
     .clause = "virtio-1.2/console/G-NS-06 (2.7.7.1, 6.3)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL}, .possible = legacy_only,
     .lacks = wire_lacks, .wire = no_event_idx)
{
	struct vcon *c = trial_vcon(t, NULL);

	CHECK(t, c->v.accepted & VF_NOTIFY_ON_EMPTY, "NOTIFY_ON_EMPTY is not offered");
	wire_host_open(t, 1);
	wire_handshake(t, c);
	interrupted(c, vcon_txq(1));
	ring_interrupts(vcon_ring(c, vcon_txq(1)), RING_IRQ_NONE, 0);
	for (int round = 0; round < 3; round++)
		CHECK(t, told_of_output(t, c), "round %d: no interrupt, though the ring is empty",
		      round);
}

static bool pci_only(const struct variant *v)
{
	return !variant_is(v, "transport", "mmio-modern") &&
	       !variant_is(v, "transport", "mmio-legacy");
}

CASE(wire_vectors, .id = "wire.vectors",
     .title = "each queue interrupts on the vector that it was given, none on none, and a vector "
	      "that is not there is refused",
     .clause = "virtio-1.2/console/G-PC-07, G-PC-08 (4.1.5.1.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL}, .possible = pci_only,
     .lacks = wire_lacks, .wire = four_vectors)
{
	struct vcon *c = quiet_port(t, false);
	unsigned mine = vcon_vector(c, vcon_txq(1));

	CHECK(t, c->v.pci.vectors == 10, "the MSI-X table has %u entries, want 10",
	      c->v.pci.vectors);
	CHECK(t, told_of_output(t, c), "no interrupt on vector %u", mine);
	for (unsigned v = 0; v < 10; v++)
		CHECK(t, !vdev_irq_take(&c->v, v), "an interrupt on vector %u, want %u only", v,
		      mine);
	CHECK(t, vdev_set_vector(&c->v, (int)vcon_txq(1), 9) == 9, "vector 9 is refused");
	told_of_output(t, c);
	CHECK(t, vdev_irq_take(&c->v, 9), "no interrupt on the vector given last");
	CHECK(t, vdev_set_vector(&c->v, (int)vcon_txq(1), 10) == PCI_NO_VECTOR,
	      "vector 10 of 10 is taken");
	CHECK(t, vdev_set_vector(&c->v, (int)vcon_txq(1), PCI_NO_VECTOR) == PCI_NO_VECTOR,
	      "no vector is refused");
	told_of_output(t, c);
	for (unsigned v = 0; v < 10; v++)
		CHECK(t, !vdev_irq_take(&c->v, v), "an interrupt on vector %u, want none", v);
}

CASE(wire_masked, .id = "wire.masked-vector",
     .title = "an interrupt of a masked vector is pending, and comes when it is unmasked",
     .clause = "virtio-1.2/console/G-PC-09 (4.1.5.1.2); PCI 3.0 6.8.2.4", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL}, .possible = pci_only,
     .lacks = wire_lacks, .wire = four_vectors)
{
	struct vcon *c = quiet_port(t, false);
	unsigned mine = vcon_vector(c, vcon_txq(1));

	pci_msix_mask(&c->v.pci, mine, true);
	CHECK(t, !told_of_output(t, c), "an interrupt of a masked vector");
	CHECK(t, pci_msix_pending(&c->v.pci, mine), "it is not pending");
	pci_msix_mask(&c->v.pci, mine, false);
	CHECK(t, target_settle(c->t), "the device does not come to rest");
	CHECK(t, vdev_irq_take(&c->v, mine), "what was pending does not come");
	CHECK(t, !pci_msix_pending(&c->v.pci, mine), "it is still pending");
	CHECK(t, told_of_output(t, c), "no interrupt after that");
}
