// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_test.c - a driver that does anything: nothing of it may do harm, and a reset brings it back
 *
 * Random register accesses, rings full of garbage, control messages, host ends, ports, states saved
 * and loaded. The seeds are fixed; the sanitizers judge, and the memory callbacks, which accept
 * nothing outside of RAM.
 */
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

struct fuzz {
	struct world w;
	unsigned seed;
	const char *properties;
};

static unsigned pick(struct fuzz *f, unsigned n)
{
	return (unsigned)rand_r(&f->seed) % n;
}

/* A number that is likely to mean something. */
static uint64_t value(struct fuzz *f)
{
	static const uint64_t odd[] = {0,	   1,	       2,	3,	   4,
				       7,	   8,	       15,	16,	   17,
				       31,	   32,	       127,	128,	   255,
				       256,	   1023,       1024,	1025,	   0x7fff,
				       0x8000,	   0xffff,     0x10000, W_RAM - 1, W_RAM,
				       W_RAM + 1,  1ULL << 40, W_BAR4,	W_BAR1,	   UINT32_MAX,
				       UINT64_MAX, W_HEAP};

	switch (pick(f, 4)) {
	case 0:
		return (uint64_t)pick(f, 1U << 16);
	case 1:
		return W_RINGS + 16ULL * pick(f, W_QUEUES * W_RING / 16);
	default:
		return odd[pick(f, sizeof(odd) / sizeof(*odd))];
	}
}

static void random_register(struct fuzz *f)
{
	struct world *w = &f->w;
	unsigned width = 1U << pick(f, 4), at = pick(f, 6) ? pick(f, 0x40) : pick(f, 0x5000);
	uint64_t v = value(f);
	uint32_t low;

	if (w->config.transport >= REFDEV_MMIO_MODERN) {
		at = pick(f, 8) ? pick(f, 0x40) * 4 : pick(f, 0x200);
		refdev_write(w->rd, W_MMIO + at, pick(f, 8) ? 4 : width, v);
		refdev_read(w->rd, W_MMIO + pick(f, 0x200), width, &v);
		return;
	}
	if (width > 4)
		width = 4;
	refdev_out(w->rd, (uint16_t)(W_BAR0 + pick(f, 64)), width, (uint32_t)v);
	refdev_in(w->rd, (uint16_t)(W_BAR0 + pick(f, 64)), width, &low);
	refdev_write(w->rd, W_BAR4 + at, 1U << pick(f, 4), v);
	refdev_read(w->rd, W_BAR4 + pick(f, 0x4000), 1U << pick(f, 4), &v);
	refdev_write(w->rd, W_BAR1 + pick(f, 0x1000), 4, v);
	if (pick(f, 4) == 0) {
		world_pci_set(w, pick(f, 0x100), width, (uint32_t)v);
		if (pick(f, 2))
			world_bars(w, true);
	}
}

static void random_ring(struct fuzz *f)
{
	struct world *w = &f->w;
	struct wq *q = &w->q[pick(f, W_QUEUES)];

	if (!q->num)
		return;
	for (unsigned i = 0; i < 4; i++)
		wq_raw(w, q, pick(f, q->num), value(f), (uint32_t)value(f), (uint16_t)pick(f, 8),
		       (uint16_t)pick(f, q->num + 1));
	if (q->packed)
		for (unsigned i = 0; i < 4; i++)
			put_le16(w->ram + q->desc + 16ULL * pick(f, q->num) + 14,
				 (uint16_t)rand_r(&f->seed));
	else
		for (unsigned i = pick(f, 4); i; i--)
			wq_avail(w, q, (uint16_t)pick(f, pick(f, 8) ? q->num : 70000));
	wq_kick(w, q);
}

static void random_control(struct fuzz *f)
{
	world_ctl(&f->w, pick(f, 6), (uint16_t)pick(f, 10), (uint16_t)pick(f, 3));
}

static void random_data(struct fuzz *f)
{
	unsigned port = pick(f, 4);

	world_tx(&f->w, port, "0123456789abcdef", pick(f, 17));
	world_rx(&f->w, port, pick(f, 3), pick(f, 40));
	f->w.host[port].room = pick(f, 3) ? pick(f, 40) : 1U << 20;
	world_say(&f->w, port, "host");
}

static void random_host(struct fuzz *f)
{
	struct refdev_port port = {.nr = pick(f, 5),
				   .console = pick(f, 2),
				   .no_chardev = pick(f, 2)};
	struct buf why = BUF_INIT;

	switch (pick(f, 6)) {
	case 0:
		refdev_plug(f->w.rd, &port, &why);
		break;
	case 1:
		refdev_unplug(f->w.rd, port.nr);
		break;
	case 2:
		refdev_stop(f->w.rd);
		break;
	case 3:
		refdev_cont(f->w.rd);
		break;
	case 4:
		refdev_host_close(f->w.rd, port.nr);
		break;
	default:
		refdev_host_open(f->w.rd, port.nr);
	}
	buf_release(&why);
}

static void random_machine(struct fuzz *f)
{
	struct buf state = BUF_INIT, why = BUF_INIT;

	switch (pick(f, 4)) {
	case 0:
		refdev_reset(f->w.rd);
		break;
	case 1:
		world_set(&f->w, W_STATUS, 0);
		break;
	default:
		refdev_save(f->w.rd, &state);
		if (!refdev_load(f->w.rd, state.data, state.len, &why))
			ck_assert_uint_gt(why.len, 0);
	}
	buf_release(&state);
	buf_release(&why);
	f->w.heap = W_HEAP;
	world_up(&f->w, pick(f, 2) ? W_ANY : ~BIT(F_EVENT_IDX));
}

static void work(struct fuzz *f)
{
	for (unsigned i = 0; i < 4 && refdev_run(f->w.rd); i++)
		continue;
	for (unsigned p = 0; p <= W_PORTS; p++)
		buf_clear(&f->w.host[p].out);
}

static void run(struct fuzz *f, unsigned steps)
{
	world_up(&f->w, W_ANY);
	for (unsigned i = 0; i < steps; i++) {
		unsigned what = pick(f, 64);

		if (f->w.heap > W_RAM - (64U << 10))
			f->w.heap = W_HEAP;
		if (what < 16)
			random_register(f);
		else if (what < 24)
			random_ring(f);
		else if (what < 36)
			random_control(f);
		else if (what < 52)
			random_data(f);
		else if (what < 60)
			random_host(f);
		else
			random_machine(f);
		work(f);
	}
}

/* A reset, and it takes a driver as if nothing had been. */
static void comes_back(struct fuzz *f)
{
	if (refdev_died(f->w.rd))
		world_device(&f->w);
	refdev_cont(f->w.rd);
	refdev_reset(f->w.rd);
	f->w.heap = W_HEAP;
	world_up(&f->w, W_ANY);
	ck_assert_uint_eq(f->w.rd->broken, 0);
	world_ctl(&f->w, 0, E_DEVICE_READY, 1);
	work(f);
	ck_assert_uint_eq(get_le16(f->w.ram + f->w.q[3].used + 2), 1);
}

static void fuzz(const char *properties, const char *personality, unsigned seed, unsigned steps)
{
	int end = strstr(properties, "page") ? REFDEV_MMIO_MODERN : REFDEV_TRANSPORTS;

	for (int t = 0; t < end; t++) {
		struct fuzz f = {.seed = seed + (unsigned)t};

		world_init(&f.w, (enum refdev_transport)t, properties, personality, NULL);
		run(&f, steps);
		if (!strstr(properties, "packed"))
			comes_back(&f);
		world_release(&f.w);
	}
}

START_TEST(a_random_driver_does_no_harm)
{
	for (const char *const *p = refdev_personalities(); *p; p++) {
		fuzz("max_ports=4", *p, 1, 400);
		fuzz("max_ports=4,packed=on", *p, 100, 400);
	}
}
END_TEST

START_TEST(a_random_driver_does_no_harm_with_all_properties)
{
	fuzz("max_ports=4,packed=on,in_order=on,size=on,page-per-vq=on,modern-pio-notify=on",
	     "strict", 5, 600);
	fuzz("max_ports=4,in_order=on", "strict,+held-lost,+unmapped-zeros", 9, 600);
}
END_TEST

UNIT_TESTS(refdev_fuzz, a_random_driver_does_no_harm,
	   a_random_driver_does_no_harm_with_all_properties)
