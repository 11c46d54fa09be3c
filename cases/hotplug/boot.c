// SPDX-License-Identifier: GPL-2.0-or-later
/* boot.c - ports and controllers are plugged and unplugged while the guest is still booting */
#include <stdlib.h>
#include <string.h>

#include "cases/hotplug/plug.h"

#define LINE_MS	  20000
#define DELETE_MS 10000
#define BYTES	  64
#define STAYS	  "stays"
#define LINKS	  "/dev/virtio-ports/"

/* One thing comes or goes at each of these moments: once this line stands on the guest's console.
 * How far the guest has come until QEMU hears of it nobody knows, so there are several. */
static const struct {
	const char *name, *line;
} moments[] = {
	{"firmware", NULL}, /* as soon as QEMU takes commands */
	{"kernel", "Linux version "},
	{"bus", "PCI host bridge to bus 0000:00"},
	{"init", "Run /init as init process"},
	{"transport", "nabled at IRQ "}, /* of the first virtio device on PCI */
	{"drivers", "random: crng init done"},
};
#define N_MOMENTS (sizeof(moments) / sizeof(*moments))

static bool of_controllers(const struct variant *v)
{
	return strstr(variant_get(v, "at-boot"), "-controllers") != NULL;
}

static bool unplugs(const struct variant *v)
{
	return strncmp(variant_get(v, "at-boot"), "unplug", strlen("unplug")) == 0;
}

static char *controller_text(size_t i)
{
	return xasprintf("virtio-serial-pci,id=ser.%s", moments[i].name);
}

/* Each on a controller of its own, or all on one. */
static char *port_text(const struct variant *v, size_t i)
{
	const char *name = moments[i].name;

	if (of_controllers(v))
		return xasprintf("virtserialport,bus=ser.%s.0,nr=1,chardev=%s,id=port.%s,name=%s",
				 name, name, name, name);
	return xasprintf("virtserialport,bus=ser0.0,nr=%zu,chardev=%s,id=port.%s,name=%s", i + 1,
			 name, name, name);
}

static void boot_plan(const struct variant *v, struct plan *plan)
{
	plan->cold = plan->at_boot = true;
	plan->append = "ignore_loglevel";
	plan_add_chr(plan, STAYS, CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=20,chardev=" STAYS ",id=port0,name=" STAYS);
	for (size_t i = 0; i < N_MOMENTS; i++) {
		char *controller = controller_text(i), *port = port_text(v, i);

		plan_add_chr(plan, moments[i].name, CHR_UNIX, CHR_QEMU_LISTENS);
		if (unplugs(v) && of_controllers(v))
			strv_push(&plan->devices, controller);
		if (unplugs(v))
			strv_push(&plan->devices, port);
		free(port);
		free(controller);
	}
}

static void await_moment(struct trial *t, size_t i)
{
	struct buf why = BUF_INIT;

	if (!moments[i].line || vm_await_console(&t->rig.vm, moments[i].line, deadline_in(LINE_MS)))
		return;
	CHECK(t, vm_alive(&t->rig.vm, &why), "%s", why.data);
	trial_fail(t, __FILE__, __LINE__, "the guest does not come to \"%s\"", moments[i].line);
}

static void plug(struct trial *t, size_t i)
{
	const struct variant *v = &t->spec->variant;
	char *controller = controller_text(i), *port = port_text(v, i);

	if (of_controllers(v))
		trial_plug(t, &t->rig, controller);
	trial_plug(t, &t->rig, port);
	free(port);
	free(controller);
}

/* A port goes at once; of a controller the guest has to let go first. */
static void unplug(struct trial *t, size_t i)
{
	const char *kind = of_controllers(&t->spec->variant) ? "ser" : "port";
	char *args = xasprintf("{\"id\": \"%s.%s\"}", kind, moments[i].name);

	trial_qmp(t, &t->rig, "device_del", args);
	free(args);
}

static void await_deleted(struct trial *t, size_t i)
{
	const char *kind = of_controllers(&t->spec->variant) ? "ser" : "port";
	char *id = xasprintf("%s.%s", kind, moments[i].name);
	struct buf why = BUF_INIT;
	enum qmp_result r =
		qmp_event(&t->rig.vm.qmp, deadline_in(DELETE_MS), "DEVICE_DELETED", "device", id);

	CHECK(t, r == QMP_OK || vm_alive(&t->rig.vm, &why), "%s", why.data);
	CHECK(t, r == QMP_OK, "%s, unplugged at \"%s\", is still there", id,
	      moments[i].line ? moments[i].line : "the start");
	free(id);
}

/* The links that the guest has, "a b ..", sorted. */
static void check_links(struct trial *t, bool all)
{
	static const char sorted[] = "bus drivers firmware init kernel " STAYS " transport";
	const char *want = all ? sorted : STAYS;
	char *is = trial_guest(t, "set -- $(ls " LINKS "); echo -n \"$*\"");
	char *count = trial_guest(t, "set -- /sys/class/virtio-ports/*; echo -n $#");

	CHECK(t, strcmp(is, want) == 0, "the guest has the ports %s, want %s", is, want);
	CHECK(t, strcmp(count, all ? "7" : "1") == 0, "the guest has %s ports in sysfs", count);
	free(count);
	free(is);
}

/* All ports carry a line each way at the same time. */
static void carry(struct trial *t, bool all)
{
	struct traffic x[N_MOMENTS + 1], *list[N_MOMENTS + 1];
	size_t n = all ? N_MOMENTS + 1 : 1;
	char *node[N_MOMENTS + 1];

	for (size_t i = 0; i < n; i++) {
		const char *id = i ? moments[i - 1].name : STAYS;

		node[i] = xasprintf(LINKS "%s", id);
		traffic_init(&x[i], t, rig_chr(&t->rig, id), node[i], TRAFFIC_BOTH, BYTES,
			     (unsigned)i);
		list[i] = &x[i];
	}
	traffic_whole_all(list, n);
	for (size_t i = 0; i < n; i++)
		free(node[i]);
}

/* With @verb "wait-path" all links are there, with "wait-gone" they have gone. */
static void await_links(struct trial *t, const char *verb)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < N_MOMENTS; i++)
		buf_addf(&line,
			 "chardev-helper %s " LINKS "%s --timeout-ms 8000 </dev/null >&2 && ", verb,
			 moments[i].name);
	buf_addstr(&line, "true");
	free(trial_guest(t, line.data));
	buf_release(&line);
}

CASE(hotplug_boot, .id = "hotplug.boot",
     .title = "what is plugged while the guest boots is there once it is up, what is unplugged is "
	      "gone, and what stays works",
     .clause = "qapi/qdev.json device_add, device_del; "
	       "virtio-1.2/console/device-operation/multiport PORT_ADD, PORT_REMOVE",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"at-boot", NULL},
     .plan = boot_plan)
{
	bool away = unplugs(&t->spec->variant);

	trial_rig(t);
	for (size_t i = 0; i < N_MOMENTS; i++) {
		await_moment(t, i);
		if (away)
			unplug(t, i);
		else
			plug(t, i);
	}
	trial_ready(t);
	for (size_t i = 0; away && i < N_MOMENTS; i++)
		await_deleted(t, i);
	await_links(t, away ? "wait-gone" : "wait-path");
	check_links(t, !away);
	plug_no_warning(t);
	carry(t, !away);
}
