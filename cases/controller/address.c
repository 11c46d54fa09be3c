// SPDX-License-Identifier: GPL-2.0-or-later
/* address.c - bus= and addr=: the guest finds a controller where it was put */
#include <stdlib.h>
#include <string.h>

#include "cases/controller/controller.h"

#define BYTES	  4097
#define PLACE_MAX 2
#define PORT	  "virtserialport,bus=ser0.0,nr=1,chardev=c1,id=port1,name=" PORT_1

/**
 * struct place - A value of the axis "place"
 * @below:	what the bus belongs to, which cannot be plugged; NULL: the machine
 * @device:	the controller, and what else is on the slot; in the order of plugging: function 0,
 *		which makes the guest look, comes last
 * @path:	PCI devices on the way to it, as sysfs has them
 */
static const struct place {
	const char *name, *machine, *below, *device[PLACE_MAX], *path;
} places[] = {
	{"slot", "pc", NULL, {"virtio-serial-pci,id=ser0,bus=pci.0,addr=0x9"}, "0000:00:09.0"},
	{"last-slot",
	 "pc",
	 NULL,
	 {"virtio-serial-pci,id=ser0,bus=pci.0,addr=0x1f"},
	 "0000:00:1f.0"},
	{"function",
	 "pc",
	 NULL,
	 {"virtio-serial-pci,id=ser0,bus=pci.0,addr=0xa.3,multifunction=on",
	  "virtio-serial-pci,id=ser1,bus=pci.0,addr=0xa,multifunction=on"},
	 "0000:00:0a.3"},
	{"bridge",
	 "pc",
	 "pci-bridge,id=br0,chassis_nr=1,addr=0x8",
	 {"virtio-serial-pci,id=ser0,bus=br0,addr=0x2"},
	 "0000:00:08.0/0000:01:02.0"},
	{"pcie-slot",
	 "q35",
	 NULL,
	 {"virtio-serial-pci,id=ser0,bus=pcie.0,addr=0x9"},
	 "0000:00:09.0"},
	{"root-port",
	 "q35",
	 "pcie-root-port,id=rp0,chassis=1,addr=0x5",
	 {"virtio-serial-pci,id=ser0,bus=rp0,addr=0x0"},
	 "0000:00:05.0/0000:01:00.0"},
};

static const struct place *place_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "place", places[i].name))
		i++;
	return &places[i];
}

static bool address_possible(const struct variant *v)
{
	/* Nothing can be plugged into the root bus of PCI express. */
	return !variant_is(v, "place", "pcie-slot") || variant_is(v, "plug", "cold");
}

static void address_plan(const struct variant *v, struct plan *plan)
{
	const struct place *place = place_of(v);
	bool cold = variant_is(v, "plug", "cold");

	plan->machine = place->machine;
	plan->cold = cold || place->below;
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	if (place->below)
		strv_push(&plan->devices, place->below);
	if (plan->cold && !cold)
		return;
	for (size_t i = 0; i < PLACE_MAX && place->device[i]; i++)
		strv_push(&plan->devices, place->device[i]);
	strv_push(&plan->devices, PORT);
}

/* A bus that was there at the start, with something plugged into it by now. */
static void plug_behind(struct trial *t, const struct place *place)
{
	trial_rig(t);
	if (!place->below || !trial_is(t, "plug", "hot"))
		return;
	for (size_t i = 0; i < PLACE_MAX && place->device[i]; i++)
		trial_plug(t, trial_rig(t), place->device[i]);
	trial_plug(t, trial_rig(t), PORT);
}

CASE(controller_address, .id = "controller.address",
     .title = "the guest finds a controller on the bus and at the address that it was given",
     .clause = "qemu/docs/qdev-device-use.txt bus=, addr=; "
	       "linux/Documentation/PCI/sysfs-pci.rst",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"place", "plug", NULL}, .possible = address_possible,
     .plan = address_plan)
{
	const struct place *place = place_of(&t->spec->variant);
	char *guest, *is, *want = xasprintf("/sys/devices/pci0000:00/%s/virtio", place->path);
	struct traffic x, *const all[] = {&x};

	plug_behind(t, place);
	free(controller_await(t, NODE_1));
	guest = trial_guest(t, "l=$(readlink " NODE_1 ") && echo device=$(readlink -f "
			       "/sys/class/virtio-ports/${l##*/}/device)");
	is = controller_value(t, guest, "device");
	CHECK(t, strncmp(is, want, strlen(want)) == 0, "the controller is %s, want %sN", is, want);
	traffic_init(&x, t, rig_chr(&t->rig, "c1"), NODE_1, TRAFFIC_BOTH, BYTES, 0);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_nothing_more(all, 1);
	traffic_release(&x);
	free(want);
	free(is);
	free(guest);
}
