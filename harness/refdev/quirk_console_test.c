// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quirk_console_test.c - scripts for the switches of the console and of the register files
 */
#include "harness/refdev/refdev_testing.h"

static void host_first(struct world *w)
{
	world_up(w, W_ANY);
	refdev_host_open(w->rd, 1);
	world_settle(w, "open");
	refdev_unplug(w->rd, 2);
	world_settle(w, "unplugged");
}

static void twice(struct world *w)
{
	world_ready(w);
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_ctl(w, 1, E_PORT_READY, 1);
	world_ctl(w, 1, E_PORT_OPEN, 1);
	world_settle(w, "twice");
}

static void short_control(struct world *w)
{
	const struct wbuf part = {NULL, 4, true};

	world_bars(w, true);
	world_set(w, W_STATUS, world_features(w, W_ANY) | S_DRIVER_OK);
	world_queue(w, 2, 16);
	world_queue(w, 3, 16);
	wq_post(w, &w->q[2], &part, 1, false);
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_settle(w, "short");
	wq_post(w, &w->q[2], &part, 1, false);
	wq_kick(w, &w->q[2]);
	world_settle(w, "one more");
}

static void console_full(struct world *w)
{
	world_ready(w);
	refdev_host_open(w->rd, 0);
	w->host[0].room = 2;
	world_tx(w, 0, "console", 7);
	world_settle(w, "full");
}

static void single(struct world *w)
{
	world_up(w, ~BIT(F_MULTIPORT));
	world_settle(w, "up");
}

static void plug(struct world *w)
{
	static const struct refdev_port third = {.nr = 3};
	struct buf why = BUF_INIT;

	world_ready(w);
	ck_assert(refdev_plug(w->rd, &third, &why));
	world_settle(w, "plugged");
	buf_release(&why);
}

static void stop(struct world *w)
{
	world_ready(w);
	refdev_stop(w->rd);
	refdev_host_close(w->rd, 1);
	refdev_cont(w->rd);
	world_settle(w, "cont");
}

static void stopped_write(struct world *w)
{
	world_ready(w);
	refdev_stop(w->rd);
	refdev_host_close(w->rd, 1);
	world_tx(w, 1, "to nobody", 9);
	world_settle(w, "sent");
}

static void stopped_plug(struct world *w)
{
	static const struct refdev_port third = {.nr = 3};
	struct refdev_port_state state;
	struct buf why = BUF_INIT;

	world_ready(w);
	refdev_stop(w->rd);
	ck_assert(refdev_plug(w->rd, &third, &why));
	refdev_host_open(w->rd, 3);
	ck_assert(refdev_port_state(w->rd, 3, &state));
	world_note(w, "host", state.host);
	buf_release(&why);
}

static void stopped_change(struct world *w)
{
	world_ready(w);
	refdev_stop(w->rd);
	world_note(w, "may change", refdev_may_change(w->rd, 1));
	refdev_cont(w->rd);
	ck_assert(refdev_may_change(w->rd, 1));
}

static void load(struct world *w)
{
	static const struct refdev_port other[] = {{.nr = 0, .console = true},
						   {.nr = 1, .name = "other"},
						   {.nr = 2}};
	struct buf state = BUF_INIT, why = BUF_INIT;

	world_ready(w);
	refdev_save(w->rd, &state);
	w->config.ports = other;
	refdev_quirks_seen(w->rd);
	world_device(w);
	world_note(w, "loads", refdev_load(w->rd, state.data, state.len, &why));
	buf_release(&state);
	buf_release(&why);
}

static void emergency(struct world *w)
{
	world_bars(w, true);
	refdev_host_open(w->rd, 0);
	world_cfg_set(w, 8, 4, 0);
	world_settle(w, "nothing");
	world_cfg_set(w, 9, 1, 7);
	world_settle(w, "not the low byte");
}

static void window(struct world *w)
{
	unsigned cap = w->rd->pci.cap_cfg;

	world_pci_set(w, cap + 8, 4, 0x2004);
	world_pci_set(w, cap + 12, 4, 4);
	world_note(w, "window", world_pci(w, cap + 16, 4));
}

static void pfn(struct world *w)
{
	world_up(w, W_ANY);
	world_set(w, W_QENABLE, 0);
	world_note(w, "status", world_get(w, W_STATUS));
}

static void odd_address(struct world *w)
{
	uint32_t value;

	world_up(w, W_ANY);
	ck_assert(refdev_in(w->rd, W_BAR0 + 20 + 1, 4, &value));
	world_note(w, "max_ports in the highest byte", value);
}

static void mmio(struct world *w)
{
	uint64_t value;

	world_up(w, W_ANY);
	world_set(w, W_QSEL, 1);
	world_note(w, "max", world_get(w, W_NUMQ));
	refdev_write(w->rd, W_MMIO + 0x14, 4, 5);
	refdev_read(w->rd, W_MMIO + 0x10, 4, &value);
	world_note(w, "features 5", value);
	world_set(w, W_QENABLE, 0);
	refdev_host_open(w->rd, 0);
	world_tx(w, 0, "x", 1);
	world_settle(w, "not ready");
	world_set(w, W_QSEL, 2);
	world_set(w, W_QRESET, 1);
	world_note(w, "ready", world_get(w, W_QENABLE));
}

static void console_plugged(struct world *w)
{
	const struct refdev_port port = {.nr = 3, .console = true};
	struct buf why = BUF_INIT;

	world_ready(w);
	ck_assert_msg(refdev_plug(w->rd, &port, &why), "%s", why.data);
	world_settle(w, "plugged");
	buf_release(&why);
}

/* Into a new device whose host end is there already. */
static void moved(struct world *w)
{
	struct buf state = BUF_INIT, why = BUF_INIT;

	refdev_save(w->rd, &state);
	world_device(w);
	refdev_host_open(w->rd, 1);
	ck_assert_msg(refdev_load(w->rd, state.data, state.len, &why), "%s", why.data);
	world_settle(w, "moved");
	world_note(w, "generation", world_get(w, W_GEN));
	buf_release(&state);
	buf_release(&why);
}

/* The state of another device, with this personality and fault. */
static void loads_from(struct world *w, const char *personality, const char *fault)
{
	struct buf state = BUF_INIT, why = BUF_INIT;
	struct world other;

	world_init(&other, REFDEV_PCI_MODERN, "max_ports=4", personality, fault);
	world_ready(&other);
	refdev_save(other.rd, &state);
	world_release(&other);
	world_note(w, "loads", refdev_load(w->rd, state.data, state.len, &why));
	world_set(w, W_STATUS, 0);
	world_set(w, W_QSEL, 5);
	world_note(w, "size", world_get(w, W_QSIZE));
	buf_release(&state);
	buf_release(&why);
}

static void more_queues(struct world *w)
{
	world_bars(w, true);
	loads_from(w, "strict", "queues-more");
}

static void other_sizes(struct world *w)
{
	world_bars(w, true);
	loads_from(w, "strict,+queue-size-1024", NULL);
}

static void ready_moved(struct world *w)
{
	world_ready(w);
	moved(w);
}

/* Queue 5 where there is no RAM, so often. */
static void nowhere(struct world *w, int times)
{
	world_ready(w);
	for (int i = 0; i < times; i++) {
		refdev_write(w->rd, W_BAR4 + 22, 2, 5);
		refdev_write(w->rd, W_BAR4 + 36, 4, 0x100);
		refdev_write(w->rd, W_BAR4 + 28, 2, 1);
	}
	world_settle(w, "nowhere");
	world_note(w, "generation", world_get(w, W_GEN));
}

static void nowhere_once(struct world *w)
{
	nowhere(w, 1);
}

static void nowhere_twice(struct world *w)
{
	nowhere(w, 2);
}

static void nowhere_moved(struct world *w)
{
	nowhere(w, 1);
	moved(w);
}

const struct quirk_row quirk_rows_console[] = {
	{RD_Q_PLUG_OPEN_FIRST, console_plugged, MODERN},
	{RD_Q_LOAD_OPENS, ready_moved, MODERN},
	{RD_Q_ERRORS_COUNT, nowhere_twice, MODERN},
	{RD_Q_GENERATION_LOST, nowhere_moved, MODERN},
	{RD_Q_EARLY_ANNOUNCE, host_first, MODERN},
	{RD_Q_READD, twice, MODERN},
	{RD_Q_NAME_NUL, twice, MODERN},
	{RD_Q_REMOVE_UNADDED, host_first, MODERN},
	{RD_Q_CTL_LEN, short_control, MODERN},
	{RD_Q_CTL_DROP, short_control, MODERN},
	{RD_Q_CONSOLE_DROP, console_full, MODERN},
	{RD_Q_OPEN_AGAIN, twice, MODERN},
	{RD_Q_SINGLE_SILENT, single, MODERN},
	{RD_Q_PLUG_CONFIG, plug, MODERN},
	{RD_Q_STOPPED_CLOSE, stop, MODERN},
	{RD_Q_STOPPED_WRITE, stopped_write, MODERN},
	{RD_Q_STOPPED_PLUG, stopped_plug, MODERN},
	{RD_Q_STOPPED_CHANGE, stopped_change, MODERN},
	{RD_Q_RING_NOWHERE, nowhere_once, MODERN},
	{RD_Q_LOAD_LAX, load, MODERN},
	{RD_Q_LOAD_QUEUES, more_queues, MODERN},
	{RD_Q_LOAD_SIZES, other_sizes, MODERN},
	{RD_Q_EMERG_BYTES, emergency, MODERN},
	{RD_Q_CFG_WINDOW, window, MODERN},
	{RD_Q_LEGACY_ALIGNED, odd_address, LEGACY},
	{RD_Q_PFN_RESETS, pfn, LEGACY},
	{RD_Q_MMIO_READY, mmio, MMIO},
	{RD_Q_MMIO_NO_QUEUE_RESET, mmio, MMIO},
	{RD_Q_MMIO_FEATURE_SEL, mmio, MMIO},
	{RD_Q_MMIO_MAX_1024, mmio, MMIO},
	{.properties = NULL},
};
