// SPDX-License-Identifier: GPL-2.0-or-later
/* many.c - several ports at once: each has its own bytes, and none waits for another */
#include <stdio.h>
#include <stdlib.h>

#include "cases/ports/ports.h"
#include "harness/run/traffic.h"

#define PORTS_MAX 30 /* a default controller has 31, and port 0 is a console's */
#define BYTES	  49999
#define NAME	  "org.chardev-check.port."
/* A console drops what its backend does not take at once: some 270 pieces of 16 bytes. */
#define CONSOLE_BYTES 2048

static size_t ports_of(const struct variant *v)
{
	unsigned long long n = 0;

	text_parse_u64(variant_get(v, "ports"), &n);
	return (size_t)n;
}

/* Linux fills a queue with pages: up to 4 MiB a port, more than a saved guest has. */
static void add_controller(struct plan *plan, size_t ports)
{
	plan->cold = ports == PORTS_MAX;
	if (plan->cold)
		strv_pushl(&plan->args, "-m", "384", NULL);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
}

static void add_port(struct plan *plan, const char *device, size_t nr)
{
	static char ids[PORTS_MAX + 1][24];

	snprintf(ids[nr], sizeof(ids[nr]), "c%zu", nr);
	plan_add_chr(plan, ids[nr], CHR_UNIX, CHR_QEMU_LISTENS);
	strv_pushf(&plan->devices, "%s,bus=ser0.0,chardev=c%zu,nr=%zu,name=" NAME "%zu", device, nr,
		   nr, nr);
}

/* Both ways on all of them; the node of port 1, 2, .. is @node(nr), malloc'ed. */
static void carry(struct trial *t, size_t n, char *(*node)(size_t nr), uint64_t bytes)
{
	struct traffic x[PORTS_MAX], *all[PORTS_MAX] = {NULL};
	char *nodes[PORTS_MAX];

	for (size_t i = 0; i < n; i++) {
		char *id = xasprintf("c%zu", i + 1);

		nodes[i] = node(i + 1);
		all[i] = &x[i];
		traffic_init(&x[i], t, rig_chr(trial_rig(t), id), nodes[i], TRAFFIC_BOTH, bytes,
			     (unsigned)i);
		free(id);
	}
	ports_await(t, nodes[n - 1]);
	traffic_whole_all(all, n);
	for (size_t i = 0; i < n; i++)
		free(nodes[i]);
}

static void many_plan(const struct variant *v, struct plan *plan)
{
	add_controller(plan, ports_of(v));
	for (size_t nr = 1; nr <= ports_of(v); nr++)
		add_port(plan, "virtserialport", nr);
}

static char *port_node(size_t nr)
{
	return xasprintf(PORTS_LINKS NAME "%zu", nr);
}

CASE(ports_at_once, .id = "ports.at-once",
     .title = "all ports of a controller carry bytes both ways at the same time, each its own",
     .clause = "virtio-1.2/console/device-operation/1", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"ports", "size", NULL}, .plan = many_plan)
{
	carry(t, ports_of(&t->spec->variant), port_node,
	      trial_is(t, "size", "big") ? 20 * BYTES : BYTES);
}

/* ---- consoles between them */

/* Linux has no more (drivers/tty/hvc/hvc_console.c HVC_ALLOC_TTY_ADAPTERS). */
#define CONSOLES 8

/* The first ports of odd numbers; they are hvc0, hvc1, .. in the order in which they come. */
static bool is_console(size_t nr)
{
	return nr % 2 == 1 && nr < 2 * CONSOLES;
}

static void mixed_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	add_controller(plan, PORTS_MAX);
	for (size_t nr = 1; nr <= PORTS_MAX; nr++)
		add_port(plan, is_console(nr) ? "virtconsole" : "virtserialport", nr);
}

static char *mixed_node(size_t nr)
{
	return is_console(nr) ? xasprintf("/dev/hvc%zu", nr / 2) : port_node(nr);
}

CASE(ports_mixed, .id = "ports.mixed",
     .title = "consoles, as many as the guest has, and ports, as many as the controller has, "
	      "carry bytes both ways at the same time, each its own",
     .clause = "virtio-1.2/console/device-operation/1; "
	       "linux/drivers/char/virtio_console.c init_port_console()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = mixed_plan)
{
	carry(t, PORTS_MAX, mixed_node, CONSOLE_BYTES);
}
