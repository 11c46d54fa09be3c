// SPDX-License-Identifier: GPL-2.0-or-later
/* mmio.c - a controller without PCI: virtio-serial-device on a microvm */
#include <stdlib.h>
#include <string.h>

#include "cases/controller/controller.h"

/* virtio-mmio transports lie one behind the other, 512 bytes each (qemu/include/hw/i386/microvm.h
 * VIRTIO_MMIO_BASE); ACPI calls them VR00, VR01, .. (hw/i386/virtio-mmio-acpi.c) */
#define MMIO_BASE 0xfeb00000UL
#define MMIO_SIZE 512
#define SLOT	  5
#define BUS	  "virtio-mmio-bus.5"
#define CONSOLE	  "org.chardev-check.console"
#define HVC_MS	  10000

/* linux/include/uapi/linux/virtio_config.h */
#define VERSION_1 32
#define PACKED	  34

static void mmio_plan(const struct variant *v, struct plan *plan)
{
	plan->machine = "microvm";
	plan->cold = true; /* virtio-mmio transports are not for hotplugging; ports are */
	/* A property of the transport, which nobody but the machine makes. */
	if (!variant_is(v, "mmio", "legacy"))
		strv_pushl(&plan->args, "-global", "virtio-mmio.force-legacy=off", NULL);
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", CHR_TCP, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c3", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_pushf(&plan->devices, "virtio-serial-device,id=ser0,bus=" BUS "%s",
		   variant_is(v, "mmio", "packed") ? ",packed=on" : "");
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=1,chardev=c1,id=port1,name=" PORT_1);
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c3,id=cons0,name=" CONSOLE);
}

/* "KEY=" of what the guest says is @want. */
static void expect(struct trial *t, const char *guest, const char *key, const char *want)
{
	char *is = controller_value(t, guest, key);

	CHECK(t, strcmp(is, want) == 0, "the guest has %s=%s, want %s", key, is, want);
	free(is);
}

/* Names, nodes, and that the transport is what was asked for, where it was asked for. */
static void check_guest(struct trial *t)
{
	char *line = xasprintf(
		"for n in " PORT_1 " " PORT_2 " " CONSOLE "; do chardev-helper wait-path "
		"/dev/virtio-ports/$n --timeout-ms 10000 </dev/null >&2 || exit; done; "
		"i=1; for n in " PORT_1 " " PORT_2 "; do l=$(readlink /dev/virtio-ports/$n); "
		"l=${l##*/}; test -c /dev/$l && echo port$i=${l#vport?} && "
		"echo name$i=$(cat /sys/class/virtio-ports/$l/name); i=$((i + 1)); done; "
		"l=$(readlink /dev/virtio-ports/" CONSOLE ") && echo console=${l##*/vport?} && "
		"test -c /dev/hvc0 && echo hvc=there; "
		"l=$(readlink " NODE_1 ") && "
		"v=$(readlink -f /sys/class/virtio-ports/${l##*/}/device) && p=${v%%/*} && "
		"d=$(readlink $v/driver) && echo driver=${d##*/} && "
		"d=$(readlink $p/driver) && echo transport=${d##*/} && "
		"echo acpi=$(cat $p/firmware_node/path) && "
		"r=$(grep \"${p##*/}\" /proc/iomem | head -n 1) && set -- $r && echo iomem=$1 && "
		"echo features=$(cat $v/features); ls /sys/bus/pci/devices 2>/dev/null | wc -l | "
		"sed 's/^/pci=/'");
	char *guest = trial_guest(t, line), *features;
	char *iomem = xasprintf("%08lx-%08lx", MMIO_BASE + SLOT * MMIO_SIZE,
				MMIO_BASE + (SLOT + 1) * MMIO_SIZE - 1);

	trial_note(t, "in the guest:\n%s", guest);
	expect(t, guest, "port1", "p1");
	expect(t, guest, "name1", PORT_1);
	expect(t, guest, "port2", "p2");
	expect(t, guest, "name2", PORT_2);
	expect(t, guest, "console", "p0");
	expect(t, guest, "hvc", "there");
	expect(t, guest, "driver", "virtio_console");
	expect(t, guest, "transport", "virtio-mmio");
	expect(t, guest, "acpi", "\\_SB_.VR05");
	expect(t, guest, "iomem", iomem);
	expect(t, guest, "pci", "0");
	features = controller_value(t, guest, "features");
	CHECK(t, strlen(features) == 64, "features has %zu bits: %s", strlen(features), features);
	CHECK(t, (features[VERSION_1] == '1') == !trial_is(t, "mmio", "legacy"),
	      "feature bit %d (version_1) is %c: %s", VERSION_1, features[VERSION_1], features);
	CHECK(t, (features[PACKED] == '1') == trial_is(t, "mmio", "packed"),
	      "feature bit %d (packed) is %c: %s", PACKED, features[PACKED], features);
	free(features);
	free(iomem);
	free(guest);
	free(line);
}

/* A line to the console and one back. What is typed is echoed before it. */
static void check_console(struct trial *t)
{
	static const char want[] = "to the console\r\nfrom the console\r\n";
	struct chr *c = rig_chr(&t->rig, "c3");
	char got[sizeof(want)] = "", *line;
	struct buf why = BUF_INIT;
	size_t n;

	CHECK(t, chr_open(c, deadline_in(HVC_MS), &why), "the console's host end: %s", why.data);
	CHECK(t, chr_write_all(c, "to the console\n", 15, deadline_in(HVC_MS)) == 15,
	      "the console's host end takes no line");
	line = trial_guest(t, "exec 3<>/dev/hvc0; read -r -t 5 l <&3; "
			      "echo \"from the console\" >&3; echo \"got=$l\"");
	expect(t, line, "got", "to the console");
	n = chr_read_exact(c, got, sizeof(want) - 1, deadline_in(HVC_MS));
	text_printable(&why, got, n, sizeof(want) - 1);
	CHECK(t, strcmp(got, want) == 0, "the console says: %s", why.data);
	buf_release(&why);
	free(line);
}

static void move_2(struct trial *t)
{
	struct traffic x;

	traffic_init(&x, t, rig_chr(&t->rig, "c2"), NODE_2, TRAFFIC_BOTH, 65537, 1);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_release(&x);
}

CASE(controller_mmio, .id = "controller.mmio",
     .title = "on a machine without PCI a controller is a virtio-mmio device where it was asked "
	      "for; its ports, one plugged later too, and its console work as elsewhere",
     .clause = "virtio-1.2 4.2 (virtio over MMIO); virtio-1.2/console/device-operation/1",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"mmio", NULL},
     .plan = mmio_plan)
{
	trial_rig(t);
	trial_plug(t, trial_rig(t),
		   "virtserialport,bus=ser0.0,nr=2,chardev=c2,id=port2,name=" PORT_2);
	check_guest(t);
	check_console(t);
	move_2(t);
	controller_carry(t, "c1", NODE_1);
}
