// SPDX-License-Identifier: GPL-2.0-or-later
/* smp.c - several busy ports in a guest with several CPUs */
#include <stdlib.h>

#include "cases/controller/controller.h"

#define PORTS 3
#define SIZE  (2ULL << 20)

static void smp_plan(const struct variant *v, struct plan *plan)
{
	static const char *const chrs[PORTS] = {"c1", "c2", "c3"};

	plan->smp = variant_get(v, "smp")[0] - '0';
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	for (int i = 0; i < PORTS; i++) {
		plan_add_chr(plan, chrs[i], i == 1 ? CHR_TCP : CHR_UNIX, CHR_QEMU_LISTENS);
		strv_pushf(&plan->devices,
			   "virtserialport,bus=ser0.0,nr=%d,chardev=%s,id=port%d,"
			   "name=org.chardev-check.port.%d",
			   i + 1, chrs[i], i + 1, i + 1);
	}
}

CASE(controller_smp_carries, .id = "controller.smp-carries",
     .title = "several busy ports at once carry every byte, whatever the number of CPUs",
     .clause = "virtio-1.2/console/device-operation/1", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"smp", NULL}, .plan = smp_plan)
{
	static const char *const nodes[PORTS] = {NODE_1, NODE_2,
						 "/dev/virtio-ports/org.chardev-check.port.3"};
	static const char *const chrs[PORTS] = {"c1", "c2", "c3"};
	struct traffic x[PORTS], *all[PORTS];
	char *cpus;

	for (unsigned i = 0; i < PORTS; i++) {
		traffic_init(&x[i], t, rig_chr(trial_rig(t), chrs[i]), nodes[i], TRAFFIC_BOTH, SIZE,
			     i);
		all[i] = &x[i];
		free(controller_await(t, nodes[i]));
	}
	cpus = trial_guest(t, "grep -c ^processor /proc/cpuinfo");
	CHECK(t, cpus[0] == trial_axis(t, "smp")[0] && cpus[1] == '\n', "the guest has %s CPUs",
	      cpus);
	traffic_whole_all(all, PORTS);
	free(cpus);
}
