// SPDX-License-Identifier: GPL-2.0-or-later
/* refused.c - what must not be plugged or unplugged is refused, with the right words, and leaves
 * everything as it was */
#include <stdlib.h>
#include <string.h>

#include "cases/hotplug/plug.h"

#define QMP_MS 5000
/* A second port that is right in every respect; each refusal has one thing wrong in it. */
#define SECOND(chardev, id, nr, name)                                                              \
	"{\"driver\": \"virtserialport\", \"bus\": \"ser0.0\", \"chardev\": \"" chardev            \
	"\", \"id\": \"" id "\", \"nr\": " nr ", \"name\": \"" name "\"}"
#define NAME_1 "org.chardev-check.port.1"

/**
 * struct plug_refusal - A command that must not work
 * @what:	value of the axis
 * @class, @desc: the error; @desc_old: in QEMU before 8.0, NULL: the same
 */
static const struct plug_refusal {
	const char *what, *command, *args, *class, *desc, *desc_old;
} refusals[] = {
	{"chardev-busy", "chardev-remove", "{\"id\": \"c0\"}", "GenericError",
	 "Chardev 'c0' is busy", NULL},
	{"chardev-unknown", "chardev-remove", "{\"id\": \"zz\"}", "GenericError",
	 "Chardev 'zz' not found", NULL},
	{"chardev-twice", "chardev-add",
	 "{\"id\": \"c0\", \"backend\": {\"type\": \"null\", "
	 "\"data\": {}}}",
	 "GenericError", "Chardev with id 'c0' already exists", NULL},
	{"chardev-taken", "device_add", SECOND("c0", "port1", "2", NAME_1), "GenericError",
	 "Property 'virtserialport.chardev' can't take value 'c0': chardev 'c0' is already in use",
	 "Property 'virtserialport.chardev' can't take value 'c0': Device 'c0' is in use"},
	{"chardev-missing", "device_add", SECOND("zz", "port1", "2", NAME_1), "GenericError",
	 "Property 'virtserialport.chardev' can't find value 'zz'", NULL},
	{"id-twice", "device_add", SECOND("c1", "port0", "2", NAME_1), "GenericError",
	 "Duplicate device ID 'port0'", NULL},
	{"nr-twice", "device_add", SECOND("c1", "port1", "1", NAME_1), "GenericError",
	 "virtio-serial-bus: A port already exists at id 1", NULL},
	{"nr-zero", "device_add", SECOND("c1", "port1", "0", NAME_1), "GenericError",
	 "Port number 0 on virtio-serial devices reserved for virtconsole devices for backward "
	 "compatibility.",
	 NULL},
	{"nr-beyond", "device_add", SECOND("c1", "port1", "31", NAME_1), "GenericError",
	 "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30", NULL},
	{"name-twice", "device_add", SECOND("c1", "port1", "2", PORT_NAME), "GenericError",
	 "virtio-serial-bus: A port already exists by name " PORT_NAME, NULL},
	{"device-unknown", "device_del", "{\"id\": \"zz\"}", "DeviceNotFound",
	 "Device 'zz' not found", NULL},
	{"controller-twice", "device_add", "{\"driver\": \"virtio-serial-pci\", \"id\": \"ser0\"}",
	 "GenericError", "Duplicate device ID 'ser0'", NULL},
	/* The lowest slot behind the chip set is ser0's. */
	{"addr-taken", "device_add",
	 "{\"driver\": \"virtio-serial-pci\", \"id\": \"ser1\", \"addr\": \"0x2\"}", "GenericError",
	 "PCI: slot 2 function 0 not available for virtio-serial-pci, in use by "
	 "virtio-serial-pci,id=ser0",
	 NULL},
	{"addr-beyond", "device_add",
	 "{\"driver\": \"virtio-serial-pci\", \"id\": \"ser1\", \"addr\": \"0x20\"}",
	 "GenericError", "Property 'virtio-serial-pci.addr' doesn't take value '0x20'", NULL},
	{"bus-unknown", "device_add",
	 "{\"driver\": \"virtserialport\", \"id\": \"port1\", \"bus\": \"ser1.0\"}", "GenericError",
	 "Bus 'ser1.0' not found", NULL},
	{"bus-wrong", "device_add",
	 "{\"driver\": \"virtserialport\", \"id\": \"port1\", \"bus\": \"pci.0\"}", "GenericError",
	 "Device 'virtserialport' can't go on PCI bus", NULL},
};

static const struct plug_refusal *find(const struct trial *t)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (trial_is(t, "refusal", refusals[i].what))
			return &refusals[i];
	return NULL;
}

static void refused_plan(const struct variant *v, struct plan *plan)
{
	plug_plan(v, plan);
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
}

CASE(hotplug_refused, .id = "hotplug.refused",
     .title = "what cannot be plugged or unplugged is refused, QEMU says why, and nothing changes",
     .clause = "qapi/qdev.json device_add, device_del; qapi/char.json chardev-add, chardev-remove",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"refusal", NULL},
     .plan = refused_plan)
{
	const struct plug_refusal *x = find(t);
	bool old = !caps_version_at_least(t->session->caps, 8, 0, 0);
	struct rig *rig = trial_rig(t);
	struct qmp *q = &rig->vm.qmp;
	struct buf why = BUF_INIT;
	const char *desc;
	char *node, *again;
	enum qmp_result r;

	CHECK(t, x, "no refusal is called %s", trial_axis(t, "refusal"));
	desc = old && x->desc_old ? x->desc_old : x->desc;
	node = plug_await_port(t);
	trial_note(t, "QMP: %s %s", x->command, x->args);
	r = qmp_cmd(q, deadline_in(QMP_MS), x->command, "%s", x->args);
	CHECK(t, r != QMP_CLOSED || vm_alive(&rig->vm, &why), "%s", why.data);
	CHECK(t, r != QMP_OK, "QEMU took %s %s", x->command, x->args);
	CHECK(t, r == QMP_ERROR, "no answer to %s", x->command);
	CHECK(t, strcmp(q->error_class.data, x->class) == 0, "the error is a %s, not a %s: %s",
	      q->error_class.data, x->class, q->error_desc.data);
	CHECK(t, strcmp(q->error_desc.data, desc) == 0, "QEMU says: %s; not: %s",
	      q->error_desc.data, desc);
	plug_line(t, rig_chr(rig, "c0"), 0);
	again = plug_await_port(t);
	CHECK(t, strcmp(again, node) == 0, "the port was %s and is now %s", node, again);
	/* What was refused left nothing behind that is in the way of doing it right. */
	trial_qmp(t, &t->rig, "device_add", SECOND("c1", "port1", "2", NAME_1));
	trial_unplug(t, &t->rig, "port1");
	unplug_chardev(t, rig_chr(rig, "c1"));
	free(node);
	free(again);
}
