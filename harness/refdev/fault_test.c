// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fault_test.c - every fault is noticed: some transcript differs from the healthy device's
 *
 * The scenarios are short, and every one of them runs with every fault; the first that differs is
 * enough.
 */
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

static const struct refdev_port third = {.nr = 3, .console = true, .name = "three"};

static void note(struct world *w, const char *what, uint64_t value)
{
	buf_addf(&w->trace, "%s %llx\n", what, (unsigned long long)value);
}

static void connect(struct world *w, uint64_t features)
{
	world_up(w, features);
	refdev_host_open(w->rd, 1);
	world_ctl(w, 7, E_DEVICE_READY, 1);
	world_ctl(w, 0, E_PORT_READY, 1);
	world_ctl(w, 1, E_PORT_READY, 1);
	world_ctl(w, 0, E_PORT_OPEN, 1);
	world_ctl(w, 1, E_PORT_OPEN, 1);
	world_settle(w, "connected");
	world_rx(w, 1, 4, 8);
}

/* Control messages both ways, hosts that come and go, ports too. */
static void scenario_control(struct world *w)
{
	uint8_t raw[8] = {1, 0, 0, 0, E_PORT_OPEN};
	const struct wbuf split[] = {{raw, 4, false}, {raw + 4, 4, false}};

	world_up(w, ~BIT(F_EVENT_IDX));
	world_ctl(w, 0, E_DEVICE_READY, 0);
	world_settle(w, "not ready");
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_settle(w, "ready");
	world_ctl(w, 1, E_PORT_READY, 0);
	world_settle(w, "port not ready");
	world_ctl(w, 0, E_PORT_READY, 1);
	world_settle(w, "console ready");
	refdev_host_open(w->rd, 1);
	world_ctl(w, 1, E_PORT_READY, 1);
	world_settle(w, "port ready");
	world_ctl(w, 1, E_PORT_OPEN, 1);
	world_settle(w, "open");
	wq_post(w, &w->q[3], split, 2, false);
	wq_kick(w, &w->q[3]);
	world_settle(w, "closed in two parts");
	world_ctl(w, 1, 99, 1);
	world_settle(w, "unknown");
	refdev_host_close(w->rd, 1);
	world_settle(w, "host left");
}

static void scenario_ports(struct world *w)
{
	struct buf why = BUF_INIT;

	connect(w, W_ANY);
	ck_assert(refdev_plug(w->rd, &third, &why));
	world_settle(w, "plugged");
	refdev_unplug(w->rd, 2);
	world_settle(w, "unplugged");
	world_ctl(w, 1, E_PORT_OPEN, 0);
	world_say(w, 1, "closed");
	world_settle(w, "closed");
	refdev_host_close(w->rd, 1);
	world_tx(w, 1, "nobody", 6);
	world_settle(w, "nobody there");
	buf_release(&why);
}

static void scenario_data(struct world *w)
{
	const struct wbuf parts[] = {{"one ", 4, false}, {"two ", 4, false}, {"three ", 6, false}};

	connect(w, ~BIT(F_EVENT_IDX));
	wq_post(w, &w->q[5], parts, 3, false);
	wq_kick(w, &w->q[5]);
	world_settle(w, "chain");
	wq_post(w, &w->q[5], parts, 3, true);
	wq_kick(w, &w->q[5]);
	world_settle(w, "indirect");
	world_say(w, 1, "longer than a buffer");
	world_settle(w, "input");
	w->host[1].room = 6;
	wq_post(w, &w->q[5], parts, 3, false);
	wq_kick(w, &w->q[5]);
	world_settle(w, "stalled");
	w->host[1].room = 100;
	world_settle(w, "resumed");
}

/* Suppression, vectors, what is masked, configuration changes. */
static void scenario_interrupts(struct world *w)
{
	static const struct refdev_port four = {.nr = 3};
	struct buf why = BUF_INIT;

	connect(w, ~BIT(F_EVENT_IDX));
	put_le16(w->ram + w->q[5].avail, 1);
	world_tx(w, 1, "quiet", 5);
	world_settle(w, "suppressed");
	put_le16(w->ram + w->q[5].avail, 0);
	refdev_write(w->rd, W_BAR1 + 16 + 12, 4, 1);
	world_tx(w, 1, "masked", 6);
	world_settle(w, "masked");
	refdev_write(w->rd, W_BAR1 + 16 + 12, 4, 0);
	world_settle(w, "unmasked");
	world_set(w, W_QSEL, 5);
	world_set(w, W_QVECTOR, 0xffff);
	world_tx(w, 1, "none", 4);
	world_settle(w, "no vector");
	refdev_write(w->rd, W_BAR4 + 0x10, 2, 2);
	ck_assert(refdev_plug(w->rd, &four, &why));
	refdev_resize(w->rd, 0, 80, 25);
	world_settle(w, "resized");
	buf_release(&why);
}

static void scenario_pin(struct world *w)
{
	world_bars(w, false);
	world_set(w, W_STATUS, world_features(w, W_ANY) | S_DRIVER_OK);
	world_queue(w, 1, 16);
	for (int i = 0; i < 2; i++) {
		world_tx(w, 0, "x", 1);
		world_settle(w, "sent");
		note(w, "pin", refdev_pin(w->rd));
		note(w, "isr", world_get(w, W_ISR));
		note(w, "isr", world_get(w, W_ISR));
		note(w, "pin", refdev_pin(w->rd));
	}
}

static void scenario_config(struct world *w)
{
	uint64_t beyond = 0;

	refdev_host_open(w->rd, 0);
	world_bars(w, true);
	for (unsigned i = 0; i < 16; i += 4)
		note(w, "config", world_cfg(w, i, 4));
	world_cfg_set(w, 8, 4, 0x4241);
	note(w, "offered", world_offered(w));
	refdev_write(w->rd, W_BAR4, 4, 2); /* the feature word with this number */
	refdev_read(w->rd, W_BAR4 + 4, 4, &beyond);
	note(w, "beyond", beyond);
	note(w, "queues", world_get(w, W_NUMQ));
	note(w, "status", world_features(w, W_ANY));
	world_settle(w, "features");
}

static void scenario_error(struct world *w)
{
	connect(w, W_ANY);
	wq_raw(w, &w->q[5], 0, 0x1000, 16, D_NEXT, 0);
	wq_avail(w, &w->q[5], 0);
	wq_kick(w, &w->q[5]);
	world_settle(w, "loop");
}

static void stall(struct world *w)
{
	w->host[1].room = 3;
	world_tx(w, 1, "stalled", 7);
	world_settle(w, "stalled");
}

static void scenario_reset(struct world *w)
{
	connect(w, W_ANY);
	stall(w);
	world_set(w, W_STATUS, 0);
	world_settle(w, "reset");
	world_set(w, W_QSEL, 5);
	note(w, "enabled", world_get(w, W_QENABLE));
	w->host[1].room = 100;
	world_up(w, W_ANY);
	world_ctl(w, 7, E_DEVICE_READY, 1);
	world_tx(w, 1, "after", 5);
	world_settle(w, "up again");
}

static void scenario_queue_reset(struct world *w)
{
	connect(w, W_ANY);
	world_set(w, W_QSEL, 5);
	world_set(w, W_QRESET, 1);
	note(w, "enabled", world_get(w, W_QENABLE));
	note(w, "reset", world_get(w, W_QRESET));
	world_queue(w, 5, 8);
	world_tx(w, 1, "new", 3);
	world_settle(w, "new queue");
}

static void migrate(struct world *w, bool open)
{
	struct buf state = BUF_INIT, why = BUF_INIT;

	connect(w, W_ANY);
	world_tx(w, 1, "one", 3);
	world_tx(w, 1, "two", 3);
	stall(w);
	refdev_save(w->rd, &state);
	world_device(w);
	if (open)
		refdev_host_open(w->rd, 1);
	w->host[1].room = 100;
	ck_assert_msg(refdev_load(w->rd, state.data, state.len, &why), "%s", why.data);
	world_settle(w, "loaded");
	world_tx(w, 1, "more", 4);
	world_say(w, 1, "in");
	world_settle(w, "on");
	buf_release(&state);
	buf_release(&why);
}

static void scenario_migrate(struct world *w)
{
	migrate(w, true);
}

static void scenario_migrate_alone(struct world *w)
{
	migrate(w, false);
}

static void scenario_changed(struct world *w)
{
	connect(w, W_ANY);
	refdev_backend_changed(w->rd, 1);
	world_settle(w, "changed");
}

/* 4.1.4.9: a read and a write through it. */
static void scenario_window(struct world *w)
{
	unsigned cap = w->rd->pci.cap_cfg;

	connect(w, W_ANY);
	world_pci_set(w, cap + 4, 1, 4);
	world_pci_set(w, cap + 8, 4, 0x2004);
	world_pci_set(w, cap + 12, 4, 4);
	note(w, "ports", world_pci(w, cap + 16, 4));
	world_pci_set(w, cap + 8, 4, 0x14);
	world_pci_set(w, cap + 12, 4, 1);
	world_pci_set(w, cap + 16, 1, 0);
	note(w, "status", world_get(w, W_STATUS));
}

static void scenario_function_reset(struct world *w)
{
	unsigned control;

	w->config.express = true;
	world_device(w);
	control = w->rd->pci.cap_express + 8U;
	connect(w, W_ANY);
	world_pci_set(w, control, 2, world_pci(w, control, 2) | 0x8000);
	note(w, "control", world_pci(w, control, 2));
	world_bars(w, true);
	note(w, "status", world_get(w, W_STATUS));
}

static void scenario_power(struct world *w)
{
	unsigned control;

	w->config.express = true;
	world_device(w);
	control = w->rd->pci.cap_pm + 4U;
	world_pci_set(w, control, 2, 3);
	note(w, "control", world_pci(w, control, 2));
	world_pci_set(w, control, 2, 0);
	note(w, "control", world_pci(w, control, 2));
}

static void (*const scenarios[])(struct world *) = {
	scenario_control,     scenario_ports,	       scenario_data,	       scenario_interrupts,
	scenario_pin,	      scenario_config,	       scenario_error,	       scenario_reset,
	scenario_queue_reset, scenario_migrate,	       scenario_migrate_alone, scenario_changed,
	scenario_window,      scenario_function_reset, scenario_power,
};
#define N_SCENARIOS (sizeof(scenarios) / sizeof(*scenarios))

static char *play(size_t i, const char *personality, const char *fault)
{
	const char *properties = strcmp(personality, "strict") == 0
					 ? "max_ports=4,vectors=4,size=on"
					 : "max_ports=4,vectors=4";
	struct world w;
	char *trace;

	world_init(&w, REFDEV_PCI_MODERN, properties, personality, fault);
	scenarios[i](&w);
	trace = buf_steal(&w.trace);
	world_release(&w);
	return trace;
}

static void all_noticed(const char *personality)
{
	char *healthy[N_SCENARIOS];
	struct buf missed = BUF_INIT;

	for (size_t i = 0; i < N_SCENARIOS; i++)
		healthy[i] = play(i, personality, NULL);
	for (unsigned f = 0; f < refdev_fault_count(); f++) {
		const char *name = refdev_fault_get(f)->name;
		bool noticed = false;

		for (size_t i = 0; i < N_SCENARIOS && !noticed; i++) {
			char *trace = play(i, personality, name);

			noticed = strcmp(trace, healthy[i]) != 0;
			free(trace);
		}
		if (!noticed)
			buf_addf(&missed, " %s", name);
	}
	for (size_t i = 0; i < N_SCENARIOS; i++)
		free(healthy[i]);
	ck_assert_msg(missed.len == 0, "nobody notices%s", missed.data);
	buf_release(&missed);
}

START_TEST(every_fault_is_noticed)
{
	all_noticed("strict");
}
END_TEST

START_TEST(every_fault_of_a_qemu_is_noticed)
{
	all_noticed("qemu-11.1");
}
END_TEST

START_TEST(a_healthy_device_does_the_same_twice)
{
	for (size_t i = 0; i < N_SCENARIOS; i++) {
		char *one = play(i, "strict", NULL), *two = play(i, "strict", NULL);

		ck_assert_str_eq(one, two);
		free(one);
		free(two);
	}
}
END_TEST

START_TEST(there_are_enough_faults_with_names_of_their_own)
{
	struct world w;

	ck_assert_uint_ge(refdev_fault_count(), 40);
	for (unsigned i = 0; i < refdev_fault_count(); i++)
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(refdev_fault_get(i)->name, refdev_fault_get(j)->name);
	ck_assert_ptr_null(refdev_fault_get(refdev_fault_count()));
	world_init(&w, REFDEV_PCI_MODERN, NULL, NULL, "tx-flip");
	ck_assert(refdev_fault_set(w.rd, "tx-flip", false));
	ck_assert(refdev_fault_set(w.rd, "tx-twice", true));
	ck_assert(!refdev_fault_set(w.rd, "tx-", true));
	connect(&w, W_ANY);
	world_tx(&w, 1, "ab", 2);
	ck_assert_str_eq(world_out(&w, 1), "abab");
	world_release(&w);
}
END_TEST

UNIT_TESTS(refdev_fault, every_fault_is_noticed, every_fault_of_a_qemu_is_noticed,
	   a_healthy_device_does_the_same_twice, there_are_enough_faults_with_names_of_their_own)
