// SPDX-License-Identifier: GPL-2.0-or-later
/* several.c - which console is which: hvc0, hvc1, .., port numbers, names, nodes */
#include <stdlib.h>
#include <string.h>

#include "cases/console/hvc.h"

#define N_CONSOLES 3
#define EARLY	   "before anybody is there"

static void lines_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan_add_chr(plan, "c0", kind, CHR_QEMU_LISTENS);
	plan->chrs[0].file_input = kind == CHR_FILE;
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=cons0,name=console.a");
}

/* What is written to the terminal while no host is there is dropped, or is the first that it gets;
 * the writer is not held up either way. */
static void write_early(struct trial *t)
{
	free(hvc_guest(t, "echo '" EARLY "' >/dev/hvc0"));
}

static void hear_early(struct trial *t, struct chr *host)
{
	if (facts_find("virtconsole", trial_axis(t, "backend"))->early_g2h == BYTES_KEPT)
		hvc_hear(t, host, EARLY "\r\n");
}

CASE(console_lines, .id = "console.lines",
     .title = "lines pass both ways as on a terminal, one that came before it was opened too; "
	      "whoever writes to the terminal is heard by the host that is there",
     .clause = "linux/drivers/tty/hvc/hvc_console.c hvc_open(), hvc_poll()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = lines_plan)
{
	char *vport = hvc_vport(t, "console.a");
	struct chr *host;

	write_early(t);
	host = hvc_open(t, "c0");
	hear_early(t, host);
	hvc_say(t, host, "sibiaoluo\n");
	hvc_line(t, host, "/dev/hvc0", "sibiaoluo", "and back");
	free(hvc_guest(t, "echo 'to whom it may concern' >/dev/hvc0"));
	hvc_hear(t, host, "to whom it may concern\r\n");
	hvc_say(t, host, "once more\n");
	hvc_line(t, host, "/dev/hvc0", "once more", "and again");
	hvc_nothing_more(t);
	free(vport);
}

static void several_plan(const struct variant *v, struct plan *plan)
{
	plan->cold = variant_is(v, "plug", "cold");
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_TCP, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=cons0,name=console.0");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c1,id=cons1,name=console.1");
}

static const char *const later[] = {
	"virtio-serial-pci,id=ser1",
	"virtconsole,bus=ser1.0,chardev=c2,id=cons2,name=console.2",
};

static void several_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
		buf_addstr(b, "qmp '{\"execute\": \"device_add\", \"arguments\": ");
		plan_device_json(b, later[i]);
		buf_addstr(b, "}'\n");
	}
	for (int i = 0; i < N_CONSOLES; i++)
		buf_addf(b,
			 "echo to console %d | connect c%d &\n"
			 "guest '(exec 3<>/dev/hvc%d; read -r l <&3; echo \"$l\"; "
			 "echo from console %d >&3); true </dev/null'\n",
			 i, i, i, i);
}

static void await_console(struct trial *t, int i)
{
	char *name = xasprintf("console.%d", i);

	free(hvc_vport(t, name));
	free(name);
}

/* Consoles that come at the same time on two controllers may get one number for both in Linux 6.1
 * (init_port_console() increments next_vtermno too late), so the second controller comes later. */
CASE(console_several, .id = "console.several",
     .title = "several consoles, on one controller and on two, are hvc0, hvc1, .., each with the "
	      "host end of its own",
     .clause = "virtio-1.2/console/device-operation/multiport", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"plug", NULL}, .plan = several_plan,
     .repro = several_repro)
{
	struct chr *host[N_CONSOLES];

	await_console(t, 0);
	await_console(t, 1);
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		trial_plug(t, trial_rig(t), later[i]);
	await_console(t, 2);
	/* All lines are under way before the first one is read. */
	for (int i = 0; i < N_CONSOLES; i++) {
		char *id = xasprintf("c%d", i), *line = xasprintf("to console %d\n", i);

		host[i] = hvc_open(t, id);
		hvc_say(t, host[i], line);
		free(line);
		free(id);
	}
	for (int i = N_CONSOLES - 1; i >= 0; i--) {
		char *node = xasprintf("/dev/hvc%d", i);
		char *want = xasprintf("to console %d", i);
		char *answer = xasprintf("from console %d", i);

		hvc_line(t, host[i], node, want, answer);
		free(answer);
		free(want);
		free(node);
	}
	hvc_nothing_more(t);
}

/* A serial port comes first, so that it is a port's kind, not its turn, that decides. */
static void mixed_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,chardev=c0,id=port0,name=serial.a");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c1,id=cons0,name=console.a");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c2,id=cons1,name=console.b");
}

static void check_port(struct trial *t, const char *name, int want, const char *is_console)
{
	char *vport = hvc_vport(t, name);
	char *sysfs = hvc_guest(t, "cat /sys/class/virtio-ports/%s/name", vport);
	char *kind = hvc_debugfs(t, vport, "is_console");
	const char *number = strrchr(vport, 'p');
	char *want_number = xasprintf("p%d", want);

	CHECK(t, strcmp(number, want_number) == 0, "%s is %s, want port %d", name, vport, want);
	CHECK(t, strcmp(sysfs, name) == 0, "%s's name in sysfs is \"%s\", want %s", vport, sysfs,
	      name);
	CHECK(t, strcmp(kind, is_console) == 0, "the driver's is_console of %s is \"%s\", want %s",
	      name, kind, is_console);
	free(want_number);
	free(kind);
	free(sysfs);
	free(vport);
}

CASE(console_port_zero, .id = "console.port-zero",
     .title = "without nr= the first console is port 0, the others take what is free; the guest "
	      "knows which are consoles, and their names",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtser_port_device_realize()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = mixed_plan)
{
	check_port(t, "serial.a", 1, "no");
	check_port(t, "console.a", 0, "yes");
	check_port(t, "console.b", 2, "yes");
}

/* The helper is told to open it, and is refused with ENXIO. */
static void check_enxio(struct trial *t, const char *verb, const char *vport)
{
	struct helper *h = helper_start(t, "%s /dev/%s --seed 1 --bytes 1", verb, vport);
	bool opened = helper_await(h, "opened", NULL, HVC_MS);
	char *want = xasprintf("open /dev/%s: ENXIO", vport);
	struct buf why = BUF_INIT;

	CHECK(t, !opened, "a console's /dev/%s can be opened to %s", vport, verb);
	CHECK(t, helper_failed(h), "opening /dev/%s neither works nor fails", vport);
	helper_why(h, &why);
	CHECK(t, strstr(why.data, want), "want \"%s\", got: %s", want, why.data);
	buf_release(&why);
	free(want);
}

CASE(console_nodes, .id = "console.nodes",
     .title = "a console is opened as hvcN only, its vport node gives ENXIO; a serial port beside "
	      "it is used by its vport node",
     .clause = "linux/drivers/char/virtio_console.c port_fops_open()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = mixed_plan)
{
	char *serial = hvc_vport(t, "serial.a"), *console = hvc_vport(t, "console.a");
	char *wrote;

	check_enxio(t, "send", console);
	check_enxio(t, "recv", console);
	hvc_open(t, "c0");
	hvc_open(t, "c1");
	hvc_open(t, "c2");
	wrote = hvc_guest(t, "echo 1 >/dev/%s", serial);
	hvc_hear(t, rig_chr(&t->rig, "c0"), "1\n");
	free(wrote);
	hvc_say(t, rig_chr(&t->rig, "c1"), "hello\n");
	hvc_line(t, rig_chr(&t->rig, "c1"), "/dev/hvc0", "hello", "here");
	hvc_nothing_more(t);
	free(console);
	free(serial);
}
