// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/refdev/refdev_testing.h"

/* What the capability list has, in its order: types of vendor capabilities, 0x11 for MSI-X. */
static void check_caps(const char *properties, enum refdev_transport transport,
		       const uint8_t *types, size_t n)
{
	struct world w;
	uint32_t at;

	world_init(&w, transport, properties, NULL, NULL);
	ck_assert_uint_eq(world_pci(&w, 6, 2) & 0x10, n ? 0x10 : 0);
	at = world_pci(&w, 0x34, 1);
	for (size_t i = 0; i < n; i++) {
		uint32_t id = world_pci(&w, at, 1);

		ck_assert_uint_eq(at % 4, 0); /* 4.1.4 */
		ck_assert_uint_eq(id == 9 ? world_pci(&w, at + 3, 1) : id, types[i]);
		at = world_pci(&w, at + 1, 1);
	}
	ck_assert_uint_eq(at, 0);
	world_release(&w);
}

START_TEST(capabilities_are_those_of_the_transport)
{
	static const uint8_t modern[] = {0x11, 5, 2, 4, 3, 1};
	static const uint8_t with_pio[] = {0x11, 5, 2, 2, 4, 3, 1};

	check_caps("max_ports=4", REFDEV_PCI_MODERN, modern, 6);
	check_caps("max_ports=4", REFDEV_PCI_TRANSITIONAL, modern, 6);
	check_caps("max_ports=4,vectors=0", REFDEV_PCI_MODERN, modern + 1, 5);
	check_caps("max_ports=4,modern-pio-notify=on", REFDEV_PCI_MODERN, with_pio, 7);
	check_caps("max_ports=4", REFDEV_PCI_LEGACY, modern, 1);
	check_caps("max_ports=4,vectors=0", REFDEV_PCI_LEGACY, modern, 0);
}
END_TEST

/* PCI Express 5.0, 7.5.3: function level reset is offered, and done; the bit reads 0. */
START_TEST(behind_a_root_port_it_is_pci_express)
{
	struct world w;
	unsigned at;

	world_init(&w, REFDEV_PCI_MODERN, "max_ports=4", NULL, NULL);
	ck_assert_uint_eq(w.rd->pci.cap_express, 0);
	w.config.express = true;
	world_device(&w);
	at = w.rd->pci.cap_express;
	ck_assert_uint_eq(world_pci(&w, at, 1), 0x10);
	ck_assert_uint_ne(world_pci(&w, at + 4, 4) & 1U << 28, 0);
	world_bars(&w, false);
	world_set(&w, W_STATUS, 3);
	world_pci_set(&w, at + 8, 2, 0x000f);
	ck_assert_uint_eq(world_get(&w, W_STATUS), 3);
	world_pci_set(&w, at + 8, 2, 0x800f);
	ck_assert_uint_eq(world_pci(&w, at + 8, 2), 0x000f);
	ck_assert_uint_eq(world_pci(&w, 4, 2), 0);
	world_bars(&w, false);
	ck_assert_uint_eq(world_get(&w, W_STATUS), 0);
	w.config.transport = REFDEV_PCI_LEGACY;
	world_device(&w);
	ck_assert_uint_eq(w.rd->pci.cap_express, 0);
	world_release(&w);
}
END_TEST

START_TEST(ids_are_those_of_the_transport)
{
	static const struct {
		enum refdev_transport transport;
		uint32_t device, revision, subsystem;
	} rows[] = {{REFDEV_PCI_MODERN, 0x10431af4, 1, 0x1100},
		    {REFDEV_PCI_TRANSITIONAL, 0x10031af4, 0, 3},
		    {REFDEV_PCI_LEGACY, 0x10031af4, 0, 3}};

	for (size_t i = 0; i < 3; i++) {
		struct world w;

		world_init(&w, rows[i].transport, NULL, NULL, NULL);
		ck_assert_uint_eq(world_pci(&w, 0, 4), rows[i].device);
		ck_assert_uint_eq(world_pci(&w, 8, 1), rows[i].revision);
		ck_assert_uint_eq(world_pci(&w, 0x2e, 2), rows[i].subsystem);
		ck_assert_uint_eq(world_pci(&w, 8, 4) >> 8, 0x078000);
		world_release(&w);
	}
}
END_TEST

START_TEST(bars_tell_their_size_and_decode_when_enabled)
{
	uint64_t value;
	struct world w;

	world_init(&w, REFDEV_PCI_TRANSITIONAL, NULL, NULL, NULL);
	for (unsigned reg = 0x10; reg < 0x28; reg += 4)
		world_pci_set(&w, reg, 4, UINT32_MAX);
	ck_assert_uint_eq(world_pci(&w, 0x10, 4), 0xffffffc1);
	ck_assert_uint_eq(world_pci(&w, 0x14, 4), 0xfffff000);
	ck_assert_uint_eq(world_pci(&w, 0x18, 4), 0);
	ck_assert_uint_eq(world_pci(&w, 0x20, 4), 0xffffc00c);
	ck_assert_uint_eq(world_pci(&w, 0x24, 4), UINT32_MAX);
	world_bars(&w, false);
	ck_assert(refdev_read(w.rd, W_BAR4 + 0x12, 2, &value));
	ck_assert_uint_eq(value, 10);
	world_pci_set(&w, 4, 2, 5);
	ck_assert(!refdev_read(w.rd, W_BAR4 + 0x12, 2, &value));
	ck_assert_uint_eq(value, 0xffff);
	world_pci_set(&w, 4, 2, 7);
	world_pci_set(&w, 0x24, 4, 1);
	ck_assert(!refdev_read(w.rd, W_BAR4 + 0x12, 2, &value));
	ck_assert(refdev_read(w.rd, W_BAR4 + (1ULL << 32) + 0x12, 2, &value));
	world_release(&w);
}
END_TEST

START_TEST(other_slots_and_ports_are_not_ours)
{
	uint32_t value;
	struct world w;

	world_init(&w, REFDEV_PCI_TRANSITIONAL, NULL, NULL, NULL);
	world_bars(&w, false);
	refdev_out(w.rd, 0xcf8, 4, 0x80002800);
	ck_assert(!refdev_in(w.rd, 0xcfc, 4, &value));
	ck_assert_uint_eq(value, UINT32_MAX);
	refdev_out(w.rd, 0xcf8, 4, 0x00002000);
	ck_assert(!refdev_in(w.rd, 0xcfc, 2, &value));
	ck_assert(refdev_in(w.rd, 0xcf8, 4, &value));
	ck_assert_uint_eq(value, 0x00002000);
	ck_assert(!refdev_in(w.rd, W_BAR0 - 1, 1, &value));
	ck_assert(refdev_in(w.rd, W_BAR0 + 63, 1, &value));
	ck_assert(!refdev_in(w.rd, W_BAR0 + 64, 1, &value));
	world_release(&w);
}
END_TEST

static uint32_t through_window(struct world *w, unsigned bar, uint32_t offset, uint32_t len)
{
	uint32_t cap = w->rd->pci.cap_cfg;

	world_pci_set(w, cap + 4, 1, bar);
	world_pci_set(w, cap + 8, 4, offset);
	world_pci_set(w, cap + 12, 4, len);
	return world_pci(w, cap + 16, 4);
}

START_TEST(the_window_goes_to_the_bar_that_it_names)
{
	struct refdev_set seen;
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	ck_assert_uint_eq(through_window(&w, 4, 0x2004, 4), 4);
	ck_assert_uint_eq(through_window(&w, 4, 0x12, 2) & 0xffff, 10);
	ck_assert_uint_eq(through_window(&w, 0, 0x2004, 4), 0);
	ck_assert_uint_eq(through_window(&w, 4, 0xfffffffc, 4), 0);
	ck_assert_uint_eq(through_window(&w, 4, 0x2004, 3), 0);
	/* C-10: an emergency write from there, the device not even found. */
	refdev_host_open(w.rd, 0);
	through_window(&w, 4, 0x2008, 4);
	world_pci_set(&w, w.rd->pci.cap_cfg + 16U, 4, 'E');
	ck_assert_str_eq(world_out(&w, 0), "E");
	world_release(&w);

	world_init(&w, REFDEV_PCI_MODERN, NULL, "qemu-10.0.13", NULL);
	ck_assert_uint_eq(through_window(&w, 0, 0x2004, 4), 4);
	ck_assert_uint_eq(through_window(&w, 0, 0x2004, 3), 4);
	seen = refdev_quirks_seen(w.rd);
	ck_assert(refdev_set_has(&seen, RD_Q_CFG_WINDOW));
	world_release(&w);
}
END_TEST

START_TEST(messages_wait_while_they_are_masked)
{
	uint64_t pending;
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_write(w.rd, W_BAR1 + 16 + 12, 4, 1);
	world_tx(&w, 0, "x", 1);
	ck_assert_uint_eq(w.irqs[1], 0);
	refdev_read(w.rd, W_BAR1 + 2048, 8, &pending);
	ck_assert_uint_eq(pending, 2);
	/* The whole function masked: it still waits. */
	world_pci_set(&w, w.rd->pci.cap_msix + 2U, 2, 0xc000);
	refdev_write(w.rd, W_BAR1 + 16 + 12, 4, 0);
	ck_assert_uint_eq(w.irqs[1], 0);
	world_pci_set(&w, w.rd->pci.cap_msix + 2U, 2, 0x8000);
	ck_assert_uint_eq(w.irqs[1], 1);
	refdev_read(w.rd, W_BAR1 + 2048, 8, &pending);
	ck_assert_uint_eq(pending, 0);
	ck_assert_uint_eq(get_le32(w.ram + W_IRQS + 4), 2);
	world_release(&w);
}
END_TEST

START_TEST(the_pin_follows_the_isr_byte)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	world_pci_set(&w, w.rd->pci.cap_msix + 2U, 2, 0);
	world_tx(&w, 0, "x", 1);
	ck_assert(refdev_pin(w.rd));
	ck_assert_uint_eq(world_pci(&w, 6, 2) & 8, 8);
	world_pci_set(&w, 4, 2, 0x407); /* Interrupt Disable */
	ck_assert(!refdev_pin(w.rd));
	ck_assert_uint_eq(world_pci(&w, 6, 2) & 8, 8);
	world_pci_set(&w, 4, 2, 7);
	ck_assert(refdev_pin(w.rd));
	ck_assert_uint_eq(world_get(&w, W_ISR), 1);
	ck_assert(!refdev_pin(w.rd));
	ck_assert_uint_eq(world_get(&w, W_ISR), 0);
	ck_assert_uint_eq(w.irqs[4], 2);
	world_release(&w);
}
END_TEST

/* A broken device sets the byte and tells nobody: what the pin shows does not come up later. */
START_TEST(the_pin_of_a_broken_device_stays_down)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	world_pci_set(&w, w.rd->pci.cap_msix + 2U, 2, 0);
	rd_error(w.rd, REFDEV_LOG_ZERO_SIZED);
	ck_assert(refdev_pin(w.rd));
	ck_assert_uint_eq(world_get(&w, W_ISR), 2);
	rd_notify_config(w.rd);
	world_pci_set(&w, 4, 2, 3);
	ck_assert(!refdev_pin(w.rd));
	ck_assert_uint_eq(world_get(&w, W_ISR), 2);
	world_release(&w);
}
END_TEST

START_TEST(vectors_that_are_not_there_read_back_as_none)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_bars(&w, true);
	world_set(&w, W_QVECTOR, 1);
	ck_assert_uint_eq(world_get(&w, W_QVECTOR), 1);
	world_set(&w, W_QVECTOR, 2);
	ck_assert_uint_eq(world_get(&w, W_QVECTOR), 0xffff);
	world_release(&w);
}
END_TEST

/* G-ST-09: no DMA without bus mastering; what was kicked is served when it comes back. */
START_TEST(without_bus_mastering_nothing_moves)
{
	struct world w;

	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, NULL);
	world_up(&w, W_ANY);
	refdev_host_open(w.rd, 0);
	world_pci_set(&w, 4, 2, 3);
	world_tx(&w, 0, "late", 4);
	world_settle(&w, "off");
	ck_assert_str_eq(world_out(&w, 0), "");
	ck_assert_uint_eq(world_get(&w, W_STATUS), 15);
	world_pci_set(&w, 4, 2, 7);
	world_settle(&w, "on");
	ck_assert_str_eq(world_out(&w, 0), "late");
	world_release(&w);

	world_init(&w, REFDEV_PCI_MODERN, NULL, "qemu-10.0.13", NULL);
	world_up(&w, W_ANY);
	world_pci_set(&w, 4, 2, 3);
	ck_assert_uint_eq(world_get(&w, W_STATUS), 11);
	world_release(&w);
}
END_TEST

UNIT_TESTS(refdev_pci, capabilities_are_those_of_the_transport,
	   behind_a_root_port_it_is_pci_express, ids_are_those_of_the_transport,
	   bars_tell_their_size_and_decode_when_enabled, other_slots_and_ports_are_not_ours,
	   the_window_goes_to_the_bar_that_it_names, messages_wait_while_they_are_masked,
	   the_pin_follows_the_isr_byte, the_pin_of_a_broken_device_stays_down,
	   vectors_that_are_not_there_read_back_as_none, without_bus_mastering_nothing_moves)
