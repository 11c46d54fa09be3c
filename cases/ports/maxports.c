// SPDX-License-Identifier: GPL-2.0-or-later
/* maxports.c - a controller holds as many ports as it was told, and not one more */
#include <stdlib.h>
#include <string.h>

#include "cases/ports/ports.h"
#include "harness/run/traffic.h"

#define QMP_MS	  5000
#define BYTES	  4097
#define WORD	  32 /* QEMU keeps the numbers that are taken in words of so many bits */
#define MEMORY_MB 256
#define FEW	  16
#define BATCH	  14
#define NAME	  "org.chardev-check.port.%d"
#define REFUSAL	  "{\"driver\": \"virtserialport\", \"bus\": \"ser0.0\", \"id\": \"over\"%s}"

static int max_of(const struct variant *v)
{
	unsigned long long n = 0;

	text_parse_u64(variant_get(v, "max"), &n);
	return (int)n;
}

/* Those that have somebody to talk to: the first, the last, and around the end of a word. */
static const char *chardev_of(int nr, int max)
{
	if (nr == 1)
		return "first";
	if (nr == max - 1)
		return "last";
	return nr == WORD ? "word" : NULL;
}

static char *port_text(int nr, int max)
{
	const char *chardev = chardev_of(nr, max);

	if (!nr)
		return xstrdup("virtconsole,bus=ser0.0,name=org.chardev-check.console");
	return xasprintf("virtserialport,bus=ser0.0,name=" NAME "%s%s", nr,
			 chardev ? ",chardev=" : "", chardev ? chardev : "");
}

/* Cold: all ports on the command line. Hot: the case plugs them. */
static void max_plan(const struct variant *v, struct plan *plan)
{
	int max = max_of(v);
	bool all = variant_is(v, "plug", "cold");

	/* Linux fills a port's queue with pages. Where QEMU makes it as long as can be, that is 4
	 * MiB a port. */
	plan->cold = all || max > FEW;
	if (plan->cold) {
		strv_push(&plan->args, "-m");
		strv_pushf(&plan->args, "%d", MEMORY_MB + 5 * max);
	}
	strv_pushf(&plan->devices, "virtio-serial-pci,id=ser0,max_ports=%d", max);
	for (int nr = 0; nr < max; nr++) {
		char *text = port_text(nr, max);

		if (nr && chardev_of(nr, max))
			plan_add_chr(plan, chardev_of(nr, max), CHR_UNIX, CHR_QEMU_LISTENS);
		if (all)
			strv_push(&plan->devices, text);
		free(text);
	}
}

/* So few at a time that the guest's control queue holds what QEMU has to say of them. */
static void plug_ports(struct trial *t, int max)
{
	struct rig *rig = trial_rig(t);

	for (int nr = 0; nr < max; nr++) {
		char *text = port_text(nr, max), *link = xasprintf(PORTS_LINKS NAME, nr);

		trial_plug(t, rig, text);
		if (nr && (nr % BATCH == 0 || nr == max - 1))
			ports_await(t, link);
		free(link);
		free(text);
	}
	rig_lap(rig, "ports");
}

/* One more is refused, and QEMU says why; @extra: more members of its arguments */
static void check_refused(struct trial *t, const char *extra, const char *message)
{
	struct qmp *q = &t->rig.vm.qmp;
	enum qmp_result r = qmp_cmd(q, deadline_in(QMP_MS), "device_add", REFUSAL, extra);
	struct buf why = BUF_INIT;

	CHECK(t, r != QMP_CLOSED || vm_alive(&t->rig.vm, &why), "%s", why.data);
	CHECK(t, r != QMP_OK, "QEMU took one port more than max_ports (%s)", extra);
	CHECK(t, r == QMP_ERROR, "no answer to device_add");
	CHECK(t, strcmp(q->error_desc.data, message) == 0, "QEMU says: %s; not: %s",
	      q->error_desc.data, message);
}

static void check_all_refused(struct trial *t, int max)
{
	char *beyond =
		xasprintf("virtio-serial-bus: Out-of-range port id specified, max. allowed: %d",
			  max - 1);
	char *nr = xasprintf(", \"nr\": %d", max);

	check_refused(t, nr, beyond);
	check_refused(t, "",
		      max % WORD ? beyond
				 : "virtio-serial-bus: Maximum port limit for this device reached");
	free(nr);
	free(beyond);
}

static void check_nodes(struct trial *t, int max)
{
	char *last = xasprintf(PORTS_LINKS NAME, max - 1);
	struct ports p;
	int controller, nr;

	ports_await(t, last);
	ports_read(&p, t);
	ports_node(&p, last + strlen(PORTS_LINKS), &controller, &nr);
	ports_check(&p, controller, 0, "org.chardev-check.console", NULL);
	for (nr = 1; nr < max; nr++) {
		char *name = xasprintf(NAME, nr);

		ports_check(&p, controller, nr, name, NULL);
		free(name);
	}
	CHECK(t, ports_count(&p) == (size_t)max, "the guest has %zu ports, want %d",
	      ports_count(&p), max);
	ports_release(&p);
	free(last);
}

/* Without a number of ports to choose from there is one, the console; nobody tells its name. */
static void check_single(struct trial *t)
{
	struct ports p;

	helper_finish(helper_start(t, "wait-path /dev/hvc0 --timeout-ms %d", QMP_MS), 2 * QMP_MS);
	ports_read(&p, t);
	CHECK(t, ports_count(&p) == 1, "the guest has %zu ports, want 1", ports_count(&p));
	CHECK(t, !strstr(p.text.data, "/name="), "a port without multiport has a name");
	ports_release(&p);
}

static void move_bytes(struct trial *t, int max)
{
	struct traffic all[3], *list[3] = {NULL};
	size_t n = 0;

	for (int nr = 1; nr < max; nr++) {
		const char *chardev = chardev_of(nr, max);

		if (!chardev)
			continue;
		traffic_init(&all[n], t, rig_chr(trial_rig(t), chardev),
			     xasprintf(PORTS_LINKS NAME, nr), TRAFFIC_BOTH, BYTES, (unsigned)n);
		list[n] = &all[n];
		n++;
	}
	traffic_whole_all(list, n);
}

CASE(max_ports_fit, .id = "ports.max",
     .title = "a controller takes max_ports ports, the guest gets all of them, and one more is "
	      "refused",
     .clause = "virtio-1.2/console/device-configuration-layout max_nr_ports", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"max", "plug", NULL}, .plan = max_plan)
{
	int max = max_of(&t->spec->variant);

	if (trial_is(t, "plug", "hot"))
		plug_ports(t, max);
	trial_rig(t);
	if (max == 1) {
		check_single(t);
		check_all_refused(t, max);
		return;
	}
	check_nodes(t, max);
	check_all_refused(t, max);
	move_bytes(t, max);
}
