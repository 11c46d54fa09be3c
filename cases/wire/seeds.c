// SPDX-License-Identifier: GPL-2.0-or-later
/* seeds.c - random scripts, always the same ones */
#include <stdlib.h>

#include "harness/run/cross.h"

#define SCRIPTS 5
#define FIRST	40
#define APART	10

static const char *const seeds_axes[] = {"transport", "ring", "seeds", NULL};

CASE(seeds, .id = "cross.seeds", .title = "what nobody thought of shows the same on both",
     .clause = "virtio-1.2/console", .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = seeds_axes,
     .possible = cross_possible, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	unsigned long nth = strtoul(variant_get(&t->spec->variant, "seeds"), NULL, 10);

	trial_seeds(t, FIRST + (nth - 1) * APART, SCRIPTS);
}

static void renewed_plan(const struct variant *v, struct plan *plan)
{
	struct target_config config = {0};

	wire_topology_plain(v, &config);
	target_qtest_plan(&config, plan);
}

/* By .plan and not by .wire: there is no such thing as a reference device that is not new. */
CASE(renewed, .id = "cross.renewed",
     .title = "a QEMU whose devices were put back as after power-on shows what a new one shows",
     .clause = "virtio-1.2/console", .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = cross_axes,
     .possible = cross_possible, .plan = renewed_plan)
{
	trial_renewed(t, FIRST, 3);
}
