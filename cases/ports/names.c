// SPDX-License-Identifier: GPL-2.0-or-later
/* names.c - a port's name and number are what the guest sees of it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/ports/ports.h"
#include "harness/run/traffic.h"

#define TEN	 "0123456789"
#define FIFTY	 TEN TEN TEN TEN TEN
#define LONGEST	 FIFTY FIFTY FIFTY FIFTY FIFTY "01234" /* NAME_MAX: more is no file's name */
#define TOO_LONG LONGEST "5"
#define LAST	 "org.chardev-check.port.last"
#define BYTES	 4096
#define QMP_MS	 5000
#define LINK_MS	 5000
/* What the slots of a pc hold beside its own devices and the guest's network card. */
#define CONTROLLERS_MAX 26
/* More than Linux has numbers for: it counts other virtio devices, too. */
#define NUMBERS_MAX 64

/**
 * struct given - A port that is asked for and what the guest should make of it
 * @driver:	its device
 * @nr:		"nr=": -1 is not given
 * @name:	"name=": NULL is not given
 * @is_nr:	the number of its node
 * @link:	its link, where that is not the name; "": none
 */
struct given {
	const char *driver;
	int nr;
	const char *name;
	int is_nr;
	const char *link;
};

static void add_given(struct plan *plan, const char *bus, const struct given *g, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT;

		buf_addf(&b, "%s,bus=%s", g[i].driver, bus);
		if (g[i].nr >= 0)
			buf_addf(&b, ",nr=%d", g[i].nr);
		if (g[i].name)
			buf_addf(&b, ",name=%s", g[i].name);
		strv_push(&plan->devices, b.data);
		buf_release(&b);
	}
}

/* The guest is told of the ports of a controller one after the other, so the last one's link says
 * that all was told of the others. */
static int check_given(struct trial *t, struct ports *p, const struct given *g, size_t n)
{
	int controller, nr;

	ports_await(t, PORTS_LINKS LAST);
	ports_read(p, t);
	ports_node(p, LAST, &controller, &nr);
	for (size_t i = 0; i < n; i++) {
		char *name = ports_get(p, PORTS_CLASS "vport%dp%d/name", controller, g[i].is_nr);
		bool none = g[i].link && !*g[i].link;

		if (g[i].name && !none)
			ports_check(p, controller, g[i].is_nr, g[i].name, g[i].link);
		else
			ports_check_node(p, controller, g[i].is_nr);
		if (g[i].name)
			CHECK(t, name && strcmp(name, g[i].name) == 0,
			      "vport%dp%d is called '%s', want '%s'", controller, g[i].is_nr,
			      name ? name : "", g[i].name);
		else
			CHECK(t, !name || !*name, "vport%dp%d is called '%s', nobody named it",
			      controller, g[i].is_nr, name);
		free(name);
	}
	CHECK(t, ports_count(p) == n, "the guest has %zu ports, want %zu", ports_count(p), n);
	return controller;
}

static size_t count_links(const struct ports *p)
{
	const char *at = p->text.data;
	size_t n = 0;

	while ((at = strstr(at, "\n" PORTS_LINKS))) {
		n++;
		at++;
	}
	return n;
}

/* What udev's rule for the link replaces is written in guest-helpers/link.c. */
static const struct given names[] = {
	{"virtserialport", -1, "org.chardev-check.port.0", 1, NULL},
	{"virtserialport", -1, NULL, 2, ""},
	{"virtserialport", -1, "a", 3, NULL},
	{"virtserialport", -1, "com.redhat.rhevm.vdsm.1", 4, NULL},
	{"virtserialport", -1,
	 "Gr\xc3\xbc\xc3\x9f"
	 "e.\xe6\xbc\xa2\xe5\xad\x97",
	 5, NULL},
	{"virtserialport", -1, "two words", 6, "two_words"},
	{"virtserialport", -1, "what?*$;|&~", 7, "what_______"},
	{"virtserialport", -1, "#+-.:@_8", 8, NULL},
	{"virtserialport", -1, LONGEST, 9, NULL},
	{"virtserialport", -1, TOO_LONG, 10, ""},
	{"virtserialport", -1, NULL, 11, ""},
	{"virtserialport", -1, LAST, 12, NULL},
};

static void names_plan(const struct variant *v, struct plan *plan)
{
	plan->cold = variant_is(v, "plug", "cold");
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	add_given(plan, "ser0.0", names, sizeof(names) / sizeof(*names));
}

CASE(name_is_seen, .id = "ports.name",
     .title = "the guest sees a port's name as it was given, and its link leads to its node",
     .clause = "virtio-1.2/console/device-operation/multiport-device-operation "
	       "VIRTIO_CONSOLE_PORT_NAME",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"plug", NULL},
     .plan = names_plan)
{
	struct ports p;

	check_given(t, &p, names, sizeof(names) / sizeof(*names));
	/* Three have no link. */
	CHECK(t, count_links(&p) == sizeof(names) / sizeof(*names) - 3,
	      "there are %zu links, want %zu", count_links(&p), sizeof(names) / sizeof(*names) - 3);
	ports_release(&p);
}

/* Numbers that are not given are the lowest free ones from 1 on: 0 is a console's. */
static const struct given numbers[] = {
	{"virtserialport", 30, "thirty", 30, NULL}, {"virtserialport", 2, "two", 2, NULL},
	{"virtserialport", -1, "auto-1", 1, NULL},  {"virtserialport", -1, "auto-3", 3, NULL},
	{"virtserialport", 5, "five", 5, NULL},	    {"virtserialport", -1, "auto-4", 4, NULL},
	{"virtconsole", -1, "console", 0, NULL},    {"virtconsole", -1, "console-6", 6, NULL},
	{"virtserialport", 17, "17", 17, NULL},	    {"virtserialport", -1, LAST, 7, NULL},
};

static void numbers_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	add_given(plan, "ser0.0", numbers, sizeof(numbers) / sizeof(*numbers));
}

CASE(number_is_kept, .id = "ports.number",
     .title =
	     "a port has the number that was asked for, else the lowest free one; 0 is a console's",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtser_port_device_realize()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = numbers_plan)
{
	struct ports p;

	check_given(t, &p, numbers, sizeof(numbers) / sizeof(*numbers));
	ports_release(&p);
}

static size_t controllers_of(const struct variant *v)
{
	unsigned long long n = 0;

	text_parse_u64(variant_get(v, "controllers"), &n);
	return (size_t)n;
}

/* Somebody talks to port 1: of the first and the last controller; of all, if every slot has one. */
static bool is_busy(size_t i, size_t n)
{
	return i == 0 || i + 1 == n || n == CONTROLLERS_MAX;
}

/* Every controller has a port 1; the first and the last have a port 2 as well. */
static void controllers_plan(const struct variant *v, struct plan *plan)
{
	static char ids[CONTROLLERS_MAX][24];
	size_t n = controllers_of(v);

	/* Linux fills a queue with pages: up to 4 MiB a port, more than a saved guest has. */
	plan->cold = n == CONTROLLERS_MAX;
	if (plan->cold)
		plan->memory_mb = 384;
	for (size_t i = 0; i < n; i++)
		strv_pushf(&plan->devices, "virtio-serial-pci,id=ser%zu,max_ports=3", i);
	for (size_t i = 0; i < n; i++) {
		snprintf(ids[i], sizeof(ids[i]), "c%zu", i);
		if (is_busy(i, n))
			plan_add_chr(plan, ids[i], CHR_UNIX, CHR_QEMU_LISTENS);
		strv_pushf(&plan->devices, "virtserialport,bus=ser%zu.0,nr=1,name=ser%zu.one%s%s",
			   i, i, is_busy(i, n) ? ",chardev=" : "", is_busy(i, n) ? ids[i] : "");
		if (i == 0 || i + 1 == n)
			strv_pushf(&plan->devices,
				   "virtserialport,bus=ser%zu.0,nr=2,name=ser%zu.two", i, i);
	}
}

/* Nobody promises that the controllers tell of their ports one after the other. What does not come
 * is named by controllers_check(). */
static void controllers_await(struct trial *t, size_t n)
{
	char *last = xasprintf(PORTS_LINKS "ser%zu.two", n - 1), *all;

	ports_await(t, last);
	all = xasprintf("i=0; while [ $i -lt %zu ]; do for f in ser$i.one ser0.two; do "
			"chardev-helper wait-path " PORTS_LINKS "$f --timeout-ms %d </dev/null "
			">/dev/null || exit 0; done; i=$((i + 1)); done",
			n, LINK_MS);
	free(trial_guest(t, all));
	free(all);
	free(last);
}

/* Which of two controllers that are plugged together Linux finds first is not promised: from 6.8 on
 * it is told of them by several workers (drivers/acpi/osl.c kacpi_notify_wq). But each has a number
 * of its own, and all its ports have that. */
static void controllers_check(struct trial *t, const struct ports *p, size_t n)
{
	char *owner[NUMBERS_MAX] = {NULL};
	int last = -1;

	for (size_t i = 0; i < n; i++) {
		char *one = xasprintf("ser%zu.one", i), *two = xasprintf("ser%zu.two", i);
		int controller, nr;

		ports_node(p, one, &controller, &nr);
		CHECK(t, controller < NUMBERS_MAX && !owner[controller],
		      "%s and %s are ports of controller %d", one,
		      controller < NUMBERS_MAX ? owner[controller] : "(none)", controller);
		ports_check(p, controller, 1, one, NULL);
		if (i == 0 || i + 1 == n)
			ports_check(p, controller, 2, two, NULL);
		owner[controller] = one;
		last = controller > last ? controller : last;
		free(two);
	}
	CHECK(t, ports_count(p) == n + 2, "the guest has %zu ports, want %zu", ports_count(p),
	      n + 2);
	CHECK(t, n < 10 || last >= 10, "%zu controllers, and the highest number is %d", n, last);
	for (size_t i = 0; i < NUMBERS_MAX; i++)
		free(owner[i]);
}

/* A number may be used once on each controller, a name only once. */
static void check_name_refused(struct trial *t)
{
	struct qmp *q = &t->rig.vm.qmp;
	enum qmp_result r = qmp_cmd(q, deadline_in(QMP_MS), "device_add",
				    "{\"driver\": \"virtserialport\", \"bus\": \"ser1.0\", "
				    "\"name\": \"ser0.one\", \"id\": \"again\"}");

	CHECK(t, r == QMP_ERROR, "QEMU takes a name that a port of another controller has");
	CHECK(t,
	      strcmp(q->error_desc.data,
		     "virtio-serial-bus: A port already exists by name ser0.one") == 0,
	      "QEMU says: %s", q->error_desc.data);
}

/* All that are busy at once, both ways. */
static void controllers_move(struct trial *t, size_t n)
{
	struct traffic x[CONTROLLERS_MAX], *all[CONTROLLERS_MAX] = {NULL};
	char *nodes[CONTROLLERS_MAX];
	size_t busy = 0;

	for (size_t i = 0; i < n; i++) {
		char *id;

		if (!is_busy(i, n))
			continue;
		id = xasprintf("c%zu", i);
		nodes[busy] = xasprintf(PORTS_LINKS "ser%zu.one", i);
		all[busy] = &x[busy];
		traffic_init(&x[busy], t, rig_chr(trial_rig(t), id), nodes[busy], TRAFFIC_BOTH,
			     BYTES, (unsigned)i);
		busy++;
		free(id);
	}
	traffic_whole_all(all, busy);
	for (size_t i = 0; i < busy; i++)
		free(nodes[i]);
}

CASE(controllers_are_apart, .id = "ports.controllers",
     .title = "ports of one number on several controllers are told apart, also beyond the ninth; a "
	      "name is taken on all of them; they carry bytes both ways at the same time",
     .clause = "virtio-1.2/console/device-operation/multiport-device-operation",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"controllers", NULL},
     .plan = controllers_plan)
{
	size_t n = controllers_of(&t->spec->variant);
	struct ports p;

	controllers_await(t, n);
	ports_read(&p, t);
	controllers_check(t, &p, n);
	check_name_refused(t);
	controllers_move(t, n);
	ports_release(&p);
}
