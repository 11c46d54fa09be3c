// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quirk_test.c - every switch makes the difference that it is named for, and says so
 *
 * A script runs on the strict device, and on the strict device with that switch alone: the
 * transcripts differ, the second has noted the switch as seen, and the first none. A switch that
 * means nothing without another one is compared with that one alone.
 */
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

enum { TX = 5 };

static void early(struct world *w)
{
	world_up(w, W_ANY);
	world_set(w, W_STATUS, 11);
	world_tx(w, 0, "early", 5);
	world_settle(w, "early");
}

static void no_multiport(struct world *w)
{
	world_up(w, ~BIT(F_MULTIPORT));
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_settle(w, "ready");
}

static void features(struct world *w)
{
	world_bars(w, true);
	world_features(w, W_ANY);
	world_set(w, W_STATUS, 3);
	refdev_write(w->rd, W_BAR4 + 8, 4, 0);
	refdev_write(w->rd, W_BAR4 + 12, 4, 8);
	world_set(w, W_STATUS, 11);
	world_settle(w, "unknown feature");
}

static void late_features(struct world *w)
{
	uint64_t value;

	world_bars(w, true);
	world_features(w, W_ANY);
	refdev_write(w->rd, W_BAR4 + 12, 4, 0x55);
	refdev_read(w->rd, W_BAR4 + 12, 4, &value);
	world_note(w, "features", value);
}

static void loop(struct world *w)
{
	world_ready(w);
	wq_raw(w, &w->q[TX], 0, W_HEAP, 4, D_NEXT, 0);
	wq_avail(w, &w->q[TX], 0);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "loop");
	world_set(w, W_STATUS, 15);
	world_settle(w, "written over");
}

static void empty_kick(struct world *w)
{
	world_ready(w);
	wq_kick(w, &w->q[TX]);
	world_settle(w, "nothing");
}

static void never_kicked(struct world *w)
{
	const struct wbuf part = {"waiting", 7, false};

	world_bars(w, true);
	w->seen_status = world_features(w, W_ANY);
	world_queue(w, 1, 16);
	refdev_host_open(w->rd, 0);
	wq_post(w, &w->q[1], &part, 1, false);
	world_set(w, W_STATUS, w->seen_status | S_DRIVER_OK);
	world_settle(w, "driver ok");
}

/* A buffer waits in port 0's transmit queue; the control queue is there, too. */
static void one_waits(struct world *w)
{
	const struct wbuf part = {"waiting", 7, false};

	world_bars(w, true);
	w->seen_status = world_features(w, W_ANY);
	world_queue(w, 1, 16);
	world_queue(w, 3, 16);
	refdev_host_open(w->rd, 0);
	wq_post(w, &w->q[1], &part, 1, false);
}

/* The driver kicks its control queue only, and too early; a buffer waits in another. */
static void kicked_early(struct world *w)
{
	one_waits(w);
	refdev_stop(w->rd);
	wq_kick(w, &w->q[3]);
	refdev_cont(w->rd);
	world_set(w, W_STATUS, w->seen_status | S_DRIVER_OK);
	world_settle(w, "driver ok");
}

/* A buffer waits in an early queue, a loop in a later one. */
static void loop_behind(struct world *w)
{
	one_waits(w);
	wq_raw(w, &w->q[3], 0, W_HEAP, 4, D_NEXT, 0);
	wq_avail(w, &w->q[3], 0);
	world_set(w, W_STATUS, w->seen_status | S_DRIVER_OK);
	world_settle(w, "driver ok");
}

/* Behind a root port; what Power Management Control is written with, after what is done before. */
static void express(struct world *w)
{
	w->config.express = true;
	world_device(w);
	world_ready(w);
}

static void power(struct world *w, uint8_t state)
{
	world_pci_set(w, w->rd->pci.cap_pm + 4U, 2, state);
	world_note(w, "control", world_pci(w, w->rd->pci.cap_pm + 4U, 2));
}

static void power_down(struct world *w)
{
	express(w);
	power(w, 3);
	world_note(w, "status", world_get(w, W_STATUS));
}

static void power_input(struct world *w)
{
	express(w);
	world_rx(w, 1, 1, 16);
	power(w, 3);
	world_say(w, 1, "asleep");
	world_settle(w, "input");
}

static void power_half(struct world *w)
{
	express(w);
	power(w, 1);
}

static void power_up(struct world *w)
{
	express(w);
	power(w, 3);
	power(w, 0);
	world_bars(w, true);
	world_note(w, "status", world_get(w, W_STATUS));
}

static void power_reset(struct world *w)
{
	express(w);
	power(w, 3);
	refdev_reset(w->rd);
	world_bars(w, true);
	world_note(w, "status", world_get(w, W_STATUS));
}

static void isr(struct world *w)
{
	world_ready(w);
	world_tx(w, 1, "x", 1);
	world_note(w, "isr", world_get(w, W_ISR));
}

static void config_isr(struct world *w)
{
	world_up(w, W_ANY);
	world_pci_set(w, w->rd->pci.cap_msix + 2U, 2, 0);
	rd_notify_config(w->rd);
	world_note(w, "isr", world_get(w, W_ISR));
}

static void reset_features(struct world *w)
{
	uint64_t value;

	world_up(w, W_ANY);
	world_set(w, W_STATUS, 0);
	if (w->config.transport == REFDEV_MMIO_MODERN) {
		world_set(w, W_STATUS, 11);
		world_note(w, "features", w->rd->features);
		return;
	}
	refdev_write(w->rd, W_BAR4 + 8, 4, 1);
	refdev_read(w->rd, W_BAR4 + 12, 4, &value);
	world_note(w, "features", value);
}

static void selectors(struct world *w)
{
	uint64_t value;

	world_up(w, W_ANY);
	world_set(w, W_STATUS, 0);
	refdev_read(w->rd, W_BAR4, 4, &value);
	world_note(w, "select", value);
}

static void sizes(struct world *w)
{
	static const unsigned tried[] = {100, 1024, 64};

	world_bars(w, true);
	world_features(w, W_ANY);
	for (unsigned i = 0; i < 3; i++) {
		world_set(w, W_QSEL, 0);
		world_note(w, "size", world_get(w, W_QSIZE));
		world_set(w, W_QSIZE, tried[i]);
		world_note(w, "size", world_get(w, W_QSIZE));
	}
	world_settle(w, "sizes");
}

static void queues(struct world *w)
{
	world_bars(w, true);
	world_set(w, W_QSEL, 1);
	world_set(w, W_QSEL, 1030);
	world_note(w, "size", world_get(w, W_QSIZE));
	world_set(w, W_QSEL, 600);
	world_set(w, W_QENABLE, 1);
	world_note(w, "enabled", world_get(w, W_QENABLE));
}

static void disable(struct world *w)
{
	world_bars(w, true);
	world_features(w, W_ANY);
	world_set(w, W_QENABLE, 0);
	world_settle(w, "disabled");
}

static void queue_reset(struct world *w)
{
	world_up(w, ~BIT(F_RING_RESET));
	world_set(w, W_QSEL, TX);
	world_set(w, W_QRESET, 1);
	world_note(w, "enabled", world_get(w, W_QENABLE));
}

static void bus_master(struct world *w)
{
	world_ready(w);
	world_pci_set(w, 4, 2, 3);
	world_settle(w, "off");
}

static void auto_master(struct world *w)
{
	world_bars(w, true);
	world_pci_set(w, 4, 2, 3);
	refdev_out(w->rd, W_BAR0 + 18, 1, 3);
	world_note(w, "disabled", w->rd->disabled);
}

static const struct quirk_row rows[] = {
	{RD_Q_EARLY_QUEUES, early, MODERN},
	{RD_Q_CTL_WITHOUT_MULTIPORT, no_multiport, MODERN},
	{RD_Q_UNKNOWN_FEATURES, features, MODERN},
	{RD_Q_FEATURE_MIRROR, late_features, MODERN},
	{RD_Q_NEEDS_RESET_CLEARS, loop, MODERN},
	{RD_Q_SPURIOUS_USED, empty_kick, MODERN},
	{RD_Q_START_KICKS, never_kicked, MODERN},
	{RD_Q_START_ON_KICK, kicked_early, MODERN},
	{RD_Q_START_LAST_FIRST, loop_behind, REFDEV_PCI_MODERN, "max_ports=4", ",+start-kicks"},
	{RD_Q_ISR_WITH_MSIX, isr, MODERN},
	{RD_Q_PM_DECODES, power_down, MODERN},
	{RD_Q_PM_QUEUES, power_input, MODERN},
	{RD_Q_PM_ANY_STATE, power_half, MODERN},
	{RD_Q_PM_NO_RESET, power_up, MODERN},
	{RD_Q_PM_RESET_SKIPPED, power_reset, REFDEV_PCI_MODERN,
	 "max_ports=4,x-pcie-pm-no-soft-reset=on", NULL},
	{RD_Q_ISR_BOTH, config_isr, MODERN},
	{RD_Q_STALE_FEATURES, reset_features, MODERN},
	{RD_Q_STALE_FEATURES_MMIO, reset_features, MMIO},
	{RD_Q_START_KICKS_MMIO, never_kicked, MMIO},
	{RD_Q_QUEUE_SIZE_ANY, sizes, MODERN},
	{RD_Q_QUEUE_SIZE_ABOVE, sizes, MODERN},
	{RD_Q_QUEUE_SIZE_BREAKS, sizes, MODERN},
	{RD_Q_QUEUE_SIZE_1024, sizes, MODERN},
	{RD_Q_SELECT_BOUNDS, queues, MODERN},
	{RD_Q_SELECT_KEPT, selectors, MODERN},
	{RD_Q_ENABLE_MISSING, queues, MODERN},
	{RD_Q_ENABLE_ZERO_BREAKS, disable, MODERN},
	{RD_Q_RESET_UNGATED, queue_reset, MODERN},
	{RD_Q_BUS_MASTER_STATUS, bus_master, MODERN},
	{RD_Q_AUTO_MASTER, auto_master, TRANSITIONAL},
};

static char *play(const struct quirk_row *row, const char *personality, struct refdev_set *seen)
{
	struct world w;
	char *trace;

	world_init(&w, row->transport, row->properties, personality, NULL);
	row->play(&w);
	*seen = refdev_quirks_seen(w.rd);
	trace = buf_steal(&w.trace);
	world_release(&w);
	return trace;
}

static void check(const struct quirk_row *row)
{
	const char *name = refdev_quirk_get(row->quirk)->name, *with = row->with ? row->with : "";
	char *without = xasprintf("strict%s", with), *who = xasprintf("%s,+%s", without, name);
	struct refdev_set seen, before;
	char *first = play(row, without, &before), *other = play(row, who, &seen);

	ck_assert_msg(strcmp(first, other) != 0, "%s makes no difference:\n%s", name, other);
	for (unsigned bit = 0; bit < RD_Q_COUNT; bit++) {
		ck_assert_msg(row->with || !refdev_set_has(&before, bit),
			      "%s: the strict device deviates", name);
		ck_assert_msg(refdev_set_has(&seen, bit) ==
				      (bit == row->quirk || refdev_set_has(&before, bit)),
			      "%s: %u", name, bit);
	}
	free(first);
	free(other);
	free(without);
	free(who);
}

START_TEST(every_switch_makes_its_difference)
{
	const struct quirk_row *const others[] = {quirk_rows_ring, quirk_rows_console};
	bool covered[RD_Q_COUNT] = {false};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check(&rows[i]);
		covered[rows[i].quirk] = true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		for (const struct quirk_row *row = others[i]; row->properties; row++) {
			check(row);
			covered[row->quirk] = true;
		}
	}
	/* Those of properties: personality_test.c. */
	covered[RD_Q_NO_SIZE] = covered[RD_Q_NO_IN_ORDER] = covered[RD_Q_NO_EMERG_PROPERTY] = true;
	for (unsigned bit = 0; bit < RD_Q_COUNT; bit++)
		ck_assert_msg(covered[bit], "%s is in no row", refdev_quirk_get(bit)->name);
}
END_TEST

UNIT_TESTS(refdev_quirk, every_switch_makes_its_difference)
