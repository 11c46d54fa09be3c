// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * variants.c - every kind of controller on every machine carries bytes, and is in the guest what
 * was asked for
 */
#include <stdlib.h>
#include <string.h>

#include "cases/controller/controller.h"

#define QMP_MS 5000
/* linux/include/uapi/linux/virtio_{ring,config}.h */
enum {
	INDIRECT = 28,
	EVENT_IDX = 29,
	VERSION_1 = 32,
	IOMMU = 33,
	PACKED = 34,
};

#define BIT(n)	     (1ULL << (n))
#define TRANSITIONAL "0x1003"
#define MODERN	     "0x1043"

/**
 * struct kind - A value of the axis "controller"
 * @driver:	device, with options
 * @q35:	more options behind a root port of q35, where legacy is off by default
 * @id:		PCI device id; @id_q35: behind a root port; NULL: the same
 * @on, @off:	feature bits that the driver negotiated, and those that it did not; the bits that
 *		neither names are as in kind "plain"
 */
static const struct kind {
	const char *name, *driver, *q35, *id, *id_q35;
	uint64_t on, off;
} kinds[] = {
	{"plain", "virtio-serial-pci", "", TRANSITIONAL, MODERN, 0, 0},
	{"transitional", "virtio-serial-pci-transitional", "", TRANSITIONAL, NULL, 0, 0},
	{"non-transitional", "virtio-serial-pci-non-transitional", "", MODERN, NULL, 0, 0},
	{"disable-modern", "virtio-serial-pci,disable-modern=on", ",disable-legacy=off",
	 TRANSITIONAL, NULL, 0, BIT(VERSION_1)},
	{"disable-legacy", "virtio-serial-pci,disable-legacy=on", "", MODERN, NULL, 0, 0},
	{"packed", "virtio-serial-pci,packed=on", "", TRANSITIONAL, MODERN, BIT(PACKED), 0},
	{"iommu", "virtio-serial-pci,iommu_platform=on", "", MODERN, NULL, BIT(IOMMU), 0},
	{"ioeventfd-off", "virtio-serial-pci,ioeventfd=off", "", TRANSITIONAL, MODERN, 0, 0},
	{"event-idx-off", "virtio-serial-pci,event_idx=off", "", TRANSITIONAL, MODERN, 0,
	 BIT(EVENT_IDX)},
	{"indirect-off", "virtio-serial-pci,indirect_desc=off", "", TRANSITIONAL, MODERN, 0,
	 BIT(INDIRECT)},
};
#define PLAIN_ON (BIT(INDIRECT) | BIT(EVENT_IDX) | BIT(VERSION_1))

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return &kinds[0];
}

static bool carries_possible(const struct variant *v)
{
	/* The IOMMU is a chip of q35's. */
	return !variant_is(v, "controller", "iommu") || variant_is(v, "machine", "q35");
}

static const char *carries_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "machine", "q35") && !caps_has_machine(caps, "q35"))
		return "this build has no machine q35";
	if (variant_is(v, "machine", "q35") && !caps_has_device(caps, "pcie-root-port"))
		return "this build has no pcie-root-port";
	if (variant_is(v, "controller", "iommu") && !caps_has_device(caps, "intel-iommu"))
		return "this build has no intel-iommu";
	if (variant_is(v, "controller", "transitional") &&
	    !caps_has_device(caps, "virtio-serial-pci-transitional"))
		return "this build has no virtio-serial-pci-transitional";
	if (variant_is(v, "controller", "non-transitional") &&
	    !caps_has_device(caps, "virtio-serial-pci-non-transitional"))
		return "this build has no virtio-serial-pci-non-transitional";
	return NULL;
}

static void carries_plan(const struct variant *v, struct plan *plan)
{
	const struct kind *kind = kind_of(variant_get(v, "controller"));
	bool q35 = variant_is(v, "machine", "q35");

	plan->machine = variant_get(v, "machine");
	/* A root port cannot be plugged, nor an IOMMU; and disable-legacy (on, off or auto) wants
	 * text from QMP where other switches want a boolean. */
	plan->cold = q35 || variant_is(v, "controller", "disable-legacy");
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	if (variant_is(v, "controller", "iommu")) {
		strv_push(&plan->devices, "intel-iommu");
		plan->append = "intel_iommu=on";
	}
	if (q35)
		strv_push(&plan->devices, "pcie-root-port,id=rp0,chassis=1,addr=0x5");
	strv_pushf(&plan->devices, "%s%s,id=ser0%s", kind->driver, q35 ? kind->q35 : "",
		   q35 ? ",bus=rp0" : "");
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=1,chardev=c1,id=port1,name=" PORT_1);
}

static void check_bits(struct trial *t, const char *features, const struct kind *kind)
{
	static const int bits[] = {INDIRECT, EVENT_IDX, VERSION_1, IOMMU, PACKED};
	static const char *const names[] = {"indirect_desc", "event_idx", "version_1",
					    "iommu_platform", "packed"};
	uint64_t on = (kind->on | PLAIN_ON) & ~kind->off;

	/* Newer kernels have room for 128 (linux/include/linux/virtio_features.h). */
	CHECK(t, strlen(features) == 64 || strlen(features) == 128, "features has %zu bits: %s",
	      strlen(features), features);
	CHECK(t, !strchr(features + 64, '1'), "a bit beyond 63 was negotiated: %s", features);
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		char want = on & BIT(bits[i]) ? '1' : '0';

		CHECK(t, features[bits[i]] == want,
		      "bit %d (%s) of the negotiated features is %c, not %c: %s", bits[i], names[i],
		      features[bits[i]], want, features);
	}
}

/* Two for each of the 31 ports that a controller may have, and two of control. */
#define QUEUES 64

/* A queue that is asked for by an ioeventfd has one of its own (hw/virtio/virtio-bus.c
 * virtio_bus_set_host_notifier()); without them QEMU has few. */
static void check_eventfds(struct trial *t, bool want)
{
	unsigned int n = footprint_eventfds(t->rig.vm.pid);

	CHECK(t, (n >= QUEUES) == want, "QEMU has %u eventfds, with ioeventfd=%s and %d queues", n,
	      want ? "on" : "off", QUEUES);
}

static void check_ioeventfd(struct trial *t, bool want)
{
	struct qmp *q = &t->rig.vm.qmp;
	char *value;

	CHECK(t,
	      qmp_cmd(q, deadline_in(QMP_MS), "qom-get",
		      "{\"path\": \"/machine/peripheral/ser0\", \"property\": \"ioeventfd\"}") ==
		      QMP_OK,
	      "qom-get ioeventfd: %s", q->error_desc.data);
	value = qmp_get(q, "");
	CHECK(t, value && strcmp(value, want ? "true" : "false") == 0, "ioeventfd is %s",
	      value ? value : "(no answer)");
	free(value);
	check_eventfds(t, want);
}

static void check_identity(struct trial *t, const struct kind *kind)
{
	bool q35 = trial_is(t, "machine", "q35");
	const char *want = q35 && kind->id_q35 ? kind->id_q35 : kind->id;
	char *guest = controller_await(t, NODE_1);
	char *vendor = controller_value(t, guest, "vendor");
	char *device = controller_value(t, guest, "device");
	char *revision = controller_value(t, guest, "revision");
	char *features = controller_value(t, guest, "features");
	char *group = controller_value(t, guest, "group");
	bool modern = strcmp(want, MODERN) == 0;

	CHECK(t, strcmp(vendor, "0x1af4") == 0 && strcmp(device, want) == 0,
	      "the controller is %s:%s, not 0x1af4:%s", vendor, device, want);
	/* virtio-1.2 4.1.2.1: transitional devices MUST have revision 0, others SHOULD have 1 */
	CHECK(t, (strcmp(revision, "0x00") == 0) == !modern, "PCI revision %s of a device %s",
	      revision, device);
	check_bits(t, features, kind);
	check_ioeventfd(t, !trial_is(t, "controller", "ioeventfd-off"));
	CHECK(t, !trial_is(t, "controller", "iommu") || *group,
	      "the controller is in no IOMMU group: the guest does not use its IOMMU");
	free(group);
	free(features);
	free(revision);
	free(device);
	free(vendor);
	free(guest);
}

CASE(controller_carries, .id = "controller.carries",
     .title = "every kind of controller on every machine is what was asked for and carries bytes "
	      "both ways",
     .clause = "virtio-1.2 4.1.2 (PCI ids), 6 (reserved feature bits); "
	       "virtio-1.2/console/device-operation/1",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"controller", "machine", NULL}, .possible = carries_possible,
     .lacks = carries_lacks, .plan = carries_plan)
{
	trial_rig(t);
	check_identity(t, kind_of(trial_axis(t, "controller")));
	controller_carry(t, "c1", NODE_1);
}
