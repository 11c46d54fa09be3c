// SPDX-License-Identifier: GPL-2.0-or-later
/* cycle.c - port, chardev and controller go and come back, in every order that is allowed */
#include <stdlib.h>
#include <string.h>

#include "cases/hotplug/plug.h"

#define CYCLES 2

/* What is taken away, in order, and brought back, in order: P port, C chardev, S controller. A
 * controller takes its ports with it. */
static const struct {
	const char *order, *away, *back;
} orders[] = {
	{"port", "P", "P"},
	{"port-chardev", "PC", "CP"},
	{"port-controller", "PS", "SP"},
	{"port-chardev-controller", "PCS", "SCP"},
	{"port-controller-chardev", "PSC", "CSP"},
	{"controller", "S", "SP"},
	{"controller-chardev", "SC", "CSP"},
};

static const char *find(const struct trial *t, bool away)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++)
		if (trial_is(t, "order", orders[i].order))
			return away ? orders[i].away : orders[i].back;
	return "";
}

static void take_away(struct trial *t, const char *steps, struct chr *c)
{
	for (const char *s = steps; *s; s++) {
		if (*s == 'P')
			trial_unplug(t, &t->rig, "port0");
		else if (*s == 'S')
			trial_unplug(t, &t->rig, "ser0");
		else
			unplug_chardev(t, c);
	}
}

static void bring_back(struct trial *t, const char *steps, struct chr *c)
{
	for (const char *s = steps; *s; s++) {
		if (*s == 'C')
			plug_chardev(t, c);
		else
			trial_plug(t, &t->rig, *s == 'P' ? PORT : CONTROLLER);
	}
}

CASE(hotplug_cycle, .id = "hotplug.cycle",
     .title = "port, chardev and controller can be taken away and brought back under the same "
	      "names, and work at once",
     .clause = "qemu/docs/qdev-device-use.txt; qapi/qdev.json device_add, device_del, "
	       "DEVICE_DELETED; qapi/char.json chardev-add, chardev-remove",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"order", "backend", NULL}, .plan = plug_plan)
{
	struct chr *c = rig_chr(trial_rig(t), "c0");
	char *node = plug_await_port(t);

	plug_line(t, c, 0);
	for (unsigned i = 1; i <= CYCLES; i++) {
		char *again;

		take_away(t, find(t, true), c);
		plug_await_no_port(t, node);
		bring_back(t, find(t, false), c);
		again = plug_await_port(t);
		CHECK(t, strcmp(again, node) == 0, "the port was %s and came back as %s", node,
		      again);
		free(again);
		plug_line(t, c, i);
	}
	plug_no_warning(t);
	free(node);
}

CASE(hotplug_rounds, .id = "hotplug.rounds",
     .title = "a port can be replugged over and over and works every time",
     .clause = "qapi/qdev.json device_add, device_del, DEVICE_DELETED", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"rounds", NULL}, .plan = plug_plan)
{
	unsigned rounds = (unsigned)strtoul(trial_axis(t, "rounds"), NULL, 10);
	struct chr *c = rig_chr(trial_rig(t), "c0");
	char *node = plug_await_port(t);

	for (unsigned i = 0; i < rounds; i++) {
		char *again;

		trial_unplug(t, &t->rig, "port0");
		plug_await_no_port(t, node);
		trial_plug(t, &t->rig, PORT);
		again = plug_await_port(t);
		CHECK(t, strcmp(again, node) == 0, "round %u: the port was %s and came back as %s",
		      i + 1, node, again);
		free(again);
		/* The host's connection outlives the port: it is the chardev's. */
		plug_line(t, c, i);
	}
	plug_no_warning(t);
	free(node);
}

CASE(hotplug_reset, .id = "hotplug.reset",
     .title = "what was unplugged is not there either once the machine was reset, and works when "
	      "it comes back then",
     .clause = "qapi/qdev.json device_add, device_del; qapi/misc.json system_reset",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"order", NULL},
     .plan = plug_plan)
{
	struct chr *c = rig_chr(trial_rig(t), "c0");
	char *node = plug_await_port(t);

	plug_line(t, c, 0);
	take_away(t, find(t, true), c);
	trial_reset(t, &t->rig);
	trial_await_boot(t, &t->rig);
	plug_await_no_port(t, node);
	bring_back(t, find(t, false), c);
	free(plug_await_port(t));
	plug_line(t, c, 1);
	plug_no_warning(t);
	free(node);
}

#define NUMBERED "virtserialport,bus=ser0.0,id=%s,name=%s"
#define LINK	 "/dev/virtio-ports/"

/* The guest's link of that name leads to a node of that number. */
static void await_number(struct trial *t, const char *name, int nr)
{
	char *line = xasprintf("chardev-helper wait-path " LINK
			       "%s --timeout-ms 8000 </dev/null >&2 && readlink " LINK "%s",
			       name, name);
	char *target = trial_guest(t, line), *at = strrchr(target, 'p');

	CHECK(t, at && strtol(at + 1, NULL, 10) == nr, "port %s is %s, not number %d", name, target,
	      nr);
	free(target);
	free(line);
}

static void plug_next(struct trial *t, const char *name, int nr)
{
	char *device = xasprintf(NUMBERED, name, name);

	trial_plug(t, &t->rig, device);
	await_number(t, name, nr);
	free(device);
}

CASE(hotplug_numbers, .id = "hotplug.numbers",
     .title = "the numbers of ports that were unplugged are given again, the lowest first; 0 is a "
	      "console's alone; and those that stayed keep theirs",
     .clause = "qemu/hw/char/virtio-serial-bus.c find_free_port_id()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = plug_plan)
{
	static const char *const names[] = {"two", "three", "four", "five", "six"};

	free(plug_await_port(t)); /* number 1 */
	for (int i = 0; i < 5; i++)
		plug_next(t, names[i], i + 2);
	trial_unplug(t, &t->rig, "five");
	trial_unplug(t, &t->rig, "two");
	trial_unplug(t, &t->rig, "three");
	plug_next(t, "first", 2);
	plug_next(t, "second", 3);
	plug_next(t, "third", 5);
	/* 0 stays a console's when that one goes. */
	trial_plug(t, &t->rig, "virtconsole,bus=ser0.0,id=console,name=console");
	trial_unplug(t, &t->rig, "console");
	plug_next(t, "fourth", 7);
	await_number(t, "four", 4);
	await_number(t, "six", 6);
	plug_line(t, rig_chr(&t->rig, "c0"), 0);
	plug_no_warning(t);
}
