// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench_devices.c - round trips of a byte, and throughput both ways, over each device and backend:
 * the suite's, every byte checked, beside the same by hand in the same guest
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/bench/bench.h"
#include "harness/bench/bench_hand.h"

#define TRIPS	  300
#define ROUNDS	  3
#define MEMORY_MB 384
#define PORT	  "org.chardev-check.bench."
#define SEED	  7
#define OPEN_MS	  10000

/**
 * struct kind - A device
 * @flavour:	of the guest image that has its driver; NULL: any
 * @bus:	devices before it; NULL: none
 * @text:	it, as behind -device, up to its chardev; NULL: the common command line's isa-serial
 * @node:	up to its number
 * @first:	which number the first has
 * @tty:	its nodes are terminals
 * @bytes:	each way
 * @drops:	what its backend does not take at once is gone
 */
static const struct kind {
	const char *name, *flavour, *bus, *text, *node;
	int first;
	uint64_t bytes;
	bool tty, drops;
} kinds[] = {
	{"virtserialport", NULL, "virtio-serial-pci,id=ser0", "virtserialport,bus=ser0.0",
	 "/dev/virtio-ports/" PORT, 0, 32U << 20, false, false},
	{"virtconsole", NULL, "virtio-serial-pci,id=ser0", "virtconsole,bus=ser0.0", "/dev/hvc", 0,
	 65536, true, true},
	{"isa-serial", NULL, NULL, NULL, "/dev/ttyS", 1, 32768, true, false},
	{"pci-serial", NULL, NULL, "pci-serial", "/dev/ttyS", 4, 32768, true, false},
	{"usb-serial", "generic", "qemu-xhci,id=usb0,p2=8,p3=8",
	 "usb-serial,bus=usb0.0,always-plugged=on", "/dev/ttyUSB", 0, 32768, true, false},
};

static const struct {
	const char *name;
	enum chr_kind kind;
} backends[] = {{"unix", CHR_UNIX},
		{"tcp", CHR_TCP},
		{"udp", CHR_UDP},
		{"pty", CHR_PTY},
		{"pipe", CHR_PIPE}};

#define N_BACKENDS (sizeof(backends) / sizeof(*backends))

/* A virtserialport behind a udp chardev is open from 11.0 on only (commit 45a6256830). */
static bool works(const struct session *s, const struct kind *k, enum chr_kind backend)
{
	return backend != CHR_UDP || strcmp(k->name, "virtserialport") != 0 ||
	       caps_version_at_least(s->caps, 11, 0, 0);
}

/* Datagrams have no flow control; a console drops what a small buffer does not hold. */
static bool has_rate(const struct kind *k, enum chr_kind backend)
{
	return backend != CHR_UDP && !(k->drops && (backend == CHR_PTY || backend == CHR_PIPE));
}

static double suite_trips(struct line *l)
{
	struct guest_cmd copy;
	char *command = xasprintf("exec chardev-helper copy %s %s%s", l->node, l->node,
				  l->tty ? " --baud 115200" : "");
	int64_t began = 0, ns;

	if (!guest_start(&l->rig->vm.guest, &copy, deadline_in(OPEN_MS), "%s", command))
		die("ssh to the guest: %s", l->rig->vm.guest.error.data);
	line_await(&copy, "# to-open 1.");
	for (int i = -1; i < TRIPS; i++) {
		char byte = (char)('a' + i % 26), back = 0;

		if (i == 0) /* one before the clock runs, for whatever is to come up */
			began = now_ns();
		if (chr_write_all(l->c, &byte, 1, deadline_in(OPEN_MS)) != 1 ||
		    chr_read_exact(l->c, &back, 1, deadline_in(OPEN_MS)) != 1 || back != byte)
			die("a round trip over %s went wrong", l->c->id);
	}
	ns = now_ns() - began;
	line_say(&copy, "end\n");
	line_finish(&copy);
	free(command);
	return (double)ns / 1e9;
}

/* Our end is open, and what comes up has come up. */
static double suite_move(struct line *l, uint64_t bytes, bool to_guest)
{
	char *command = xasprintf("exec chardev-helper %s %s --seed %d --bytes %" PRIu64 "%s%s",
				  to_guest ? "recv" : "send", l->node, SEED, bytes,
				  to_guest ? "" : " --go", l->tty ? " --baud 115200" : "");
	struct guest_cmd helper;
	struct payload p;
	struct pump pump;
	int64_t began, ns;

	if (!guest_start(&l->rig->vm.guest, &helper, deadline_in(OPEN_MS), "%s", command))
		die("ssh to the guest: %s", l->rig->vm.guest.error.data);
	line_await(&helper, "# opened");
	payload_init(&p, SEED, bytes);
	pump_init(&pump, l->c, to_guest ? &p : NULL, to_guest ? NULL : &p);
	pump.stall_ms = OPEN_MS;
	began = now_ns();
	if (!to_guest)
		line_say(&helper, "go\n");
	if (pump_run(&pump) != PUMP_DONE || (pump.rx && damage_found(&pump.damage)))
		die("the transfer over %s that is to be measured failed", l->c->id);
	line_finish(&helper);
	ns = now_ns() - began;
	pump_release(&pump);
	payload_release(&p);
	free(command);
	return (double)ns / 1e9;
}

/* "  812.3  1204.1   1.48": the suite's, by hand, how many times the suite is faster */
static void say(double unit, double suite, double hand, bool is_rate)
{
	printf("  %8.2f %8.2f %5.2f", is_rate ? unit / suite : suite / unit,
	       is_rate ? unit / hand : hand / unit, hand / suite);
	fflush(stdout);
}

/** struct figures - The best of some rounds, seconds: of a busy host the others tell */
struct figures {
	double trips, to_guest, to_host;
};

static void keep(double *best, double seconds)
{
	if (!*best || seconds < *best)
		*best = seconds;
}

static void round_by_suite(struct line *l, const struct kind *k, struct figures *f)
{
	struct buf why = BUF_INIT;

	if (!chr_is_open(l->c) && !chr_open(l->c, deadline_in(OPEN_MS), &why))
		die("%s", why.data);
	keep(&f->trips, suite_trips(l));
	if (!has_rate(k, l->c->kind))
		return;
	keep(&f->to_guest, suite_move(l, k->bytes, true));
	keep(&f->to_host, suite_move(l, k->bytes, false));
}

/* QEMU would be a second late in noticing who has a pty open: so we have, too. */
static void round_by_hand(struct line *l, const struct kind *k, struct figures *f)
{
	if (l->c->kind != CHR_PTY && l->c->kind != CHR_PIPE)
		chr_close(l->c);
	keep(&f->trips, hand_trips(l, TRIPS));
	if (!has_rate(k, l->c->kind))
		return;
	keep(&f->to_guest, hand_to_guest(l, k->bytes));
	keep(&f->to_host, hand_to_host(l, k->bytes));
}

static void measure(struct line *l, const struct kind *k, const char *backend)
{
	struct figures suite = {0, 0, 0}, hand = suite;

	/* By hand last: what is on its way when a socat ends may come later. */
	for (int i = 0; i < ROUNDS; i++)
		round_by_suite(l, k, &suite);
	for (int i = 0; i < ROUNDS; i++)
		round_by_hand(l, k, &hand);
	printf("%-15s %-5s", k->name, backend);
	say(1e-6 * TRIPS, suite.trips, hand.trips, false);
	if (has_rate(k, l->c->kind)) {
		say((double)k->bytes / 1e6, suite.to_guest, hand.to_guest, true);
		say((double)k->bytes / 1e6, suite.to_host, hand.to_host, true);
		printf("\n");
	} else {
		printf("  - (what is not taken at once is dropped)\n");
	}
	fflush(stdout);
}

static char *node_of(const struct kind *k, size_t i)
{
	return xasprintf("%s%d", k->node, k->first + (int)i);
}

/* Of all, before anything is measured: until then the guest has other things to do. */
static void await_node(struct rig *r, const struct kind *k, size_t i)
{
	char *node = node_of(k, i);

	if (guest_run(&r->vm.guest, NULL, deadline_in(BENCH_MS),
		      "chardev-helper wait-path %s --timeout-ms %d </dev/null", node,
		      BENCH_MS) != 0)
		die("%s does not come: %s", node, r->vm.guest.error.data);
	free(node);
}

/* A guest with the device on each of @n backends from @from on. */
static void measure_some(const struct session *s, const struct kind *k, size_t from, size_t n)
{
	static const char *const ids[N_BACKENDS] = {"c0", "c1", "c2", "c3", "c4"};
	struct plan plan = {.cold = true, .memory_mb = MEMORY_MB, .flavour = k->flavour};
	struct buf why = BUF_INIT;
	struct vm_config config;
	struct rig rig;

	plan.append = "8250.nr_uarts=16";
	if (k->bus)
		strv_push(&plan.devices, k->bus);
	for (size_t i = 0; i < n; i++) {
		plan_add_chr(&plan, ids[i], backends[from + i].kind, CHR_QEMU_LISTENS);
		if (!k->text)
			plan.uart[plan.n_uarts++] = ids[i];
		else
			strv_pushf(&plan.devices, "%s,chardev=%s%s%zu", k->text, ids[i],
				   k->tty ? ",id=d" : ",name=" PORT, i);
	}
	config = session_config(s, &plan, true);
	rig_init(&rig, &config, &plan);
	if (!rig_up(&rig, NULL, &why))
		die("%s", why.data);
	for (size_t i = 0; i < n; i++)
		await_node(&rig, k, i);
	for (size_t i = 0; i < n; i++) {
		struct line l = {.rig = &rig, .c = &rig.chrs[i], .tty = k->tty};

		if (!works(s, k, l.c->kind)) {
			printf("%-15s %-5s  - (before QEMU 11.0 a udp chardev never opens)\n",
			       k->name, backends[from + i].name);
			continue;
		}
		l.node = node_of(k, i);
		measure(&l, k, backends[from + i].name);
		free(l.node);
	}
	if (!vm_quit(&rig.vm, &why))
		die("%s", why.data);
	rig_release(&rig);
	plan_release(&plan);
}

static void head(void)
{
	printf("\n%-21s  %-23s  %-23s  %-23s\n", "", "round trip of a byte, us",
	       "to the guest, MB/s", "to the host, MB/s");
	printf("%-21s", "device and backend");
	for (int i = 0; i < 3; i++)
		printf("  %8s %8s %5s", "suite", "by hand", "ratio");
	printf("\n");
}

bool bench_has_device(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return true;
	return false;
}

void bench_devices(const struct session *s, const struct strv *parts)
{
	bool all = !parts->n || strv_has(parts, "devices"), said = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct kind *k = &kinds[i];
		struct plan plan = {.flavour = k->flavour};
		size_t most = k->text ? N_BACKENDS : VM_UARTS;

		if (!all && !strv_has(parts, k->name))
			continue;
		if (!said)
			head();
		said = true;

		if (!session_image(s, &plan)) {
			printf("%-15s (no guest image of flavour %s)\n", k->name, k->flavour);
			continue;
		}
		for (size_t from = 0; from < N_BACKENDS; from += most)
			measure_some(s, k, from,
				     N_BACKENDS - from < most ? N_BACKENDS - from : most);
	}
}
