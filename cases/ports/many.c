// SPDX-License-Identifier: GPL-2.0-or-later
/* many.c - several ports at once: each has its own bytes, and none waits for another */
#include <stdio.h>
#include <stdlib.h>

#include "cases/ports/ports.h"
#include "harness/run/traffic.h"

#define PORTS_MAX 30 /* a default controller has 31, and port 0 is a console's */
#define BYTES	  49999
#define LINK	  PORTS_LINKS "org.chardev-check.port.%zu"

static size_t ports_of(const struct variant *v)
{
	unsigned long long n = 0;

	text_parse_u64(variant_get(v, "ports"), &n);
	return (size_t)n;
}

static void many_plan(const struct variant *v, struct plan *plan)
{
	static char ids[PORTS_MAX + 1][24];

	/* Linux fills a queue with pages: up to 4 MiB a port, more than a saved guest has. */
	plan->cold = ports_of(v) == PORTS_MAX;
	if (plan->cold)
		strv_pushl(&plan->args, "-m", "384", NULL);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	for (size_t i = 1; i <= ports_of(v); i++) {
		snprintf(ids[i], sizeof(ids[i]), "c%zu", i);
		plan_add_chr(plan, ids[i], CHR_UNIX, CHR_QEMU_LISTENS);
		strv_pushf(&plan->devices,
			   "virtserialport,bus=ser0.0,chardev=c%zu,nr=%zu,"
			   "name=org.chardev-check.port.%zu",
			   i, i, i);
	}
}

CASE(ports_at_once, .id = "ports.at-once",
     .title = "all ports of a controller carry bytes both ways at the same time, each its own",
     .clause = "virtio-1.2/console/device-operation/1", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"ports", "size", NULL}, .plan = many_plan)
{
	uint64_t bytes = trial_is(t, "size", "big") ? 20 * BYTES : BYTES;
	size_t n = ports_of(&t->spec->variant);
	struct traffic *all[PORTS_MAX] = {NULL};
	char *node = NULL;

	for (size_t i = 0; i < n; i++) {
		char *id = xasprintf("c%zu", i + 1);

		node = xasprintf(LINK, i + 1);
		all[i] = xcalloc(1, sizeof(*all[i]));
		traffic_init(all[i], t, rig_chr(trial_rig(t), id), node, TRAFFIC_BOTH, bytes,
			     (unsigned)i);
		free(id);
	}
	ports_await(t, node);
	traffic_whole_all(all, n);
	for (size_t i = 0; i < n; i++)
		free(all[i]);
}
