// SPDX-License-Identifier: GPL-2.0-or-later
/* features.c - which features are offered, and which option of the controller changes which */
#include <string.h>

#include "harness/run/wire.h"

/* What a QEMU console offers by default, on the interface that is driven (virtio 1.2 5.3.3, 6,
 * 6.3). UNUSED (bit 30) was BAD_FEATURE. */
#define MODERN                                                                                     \
	(VF_MULTIPORT | VF_EMERG_WRITE | VF_INDIRECT | VF_EVENT_IDX | VF_VERSION_1 | VF_RING_RESET)
#define LEGACY                                                                                     \
	(VF_MULTIPORT | VF_EMERG_WRITE | VF_NOTIFY_ON_EMPTY | VF_ANY_LAYOUT | VF_INDIRECT |        \
	 VF_EVENT_IDX)
#define KNOWN                                                                                      \
	(MODERN | LEGACY | VF_SIZE | VF_ACCESS_PLATFORM | VF_RING_PACKED | VF_IN_ORDER |           \
	 VF_ORDER_PLATFORM | VF_NOTIFICATION_DATA)

/**
 * struct toggle - An option and its bit
 * @axis:	value of the axis
 * @text:	as behind -device
 * @bit:	the feature that it takes away or adds
 * @legacy, @modern: it shows on that interface
 */
struct toggle {
	const char *axis, *text;
	uint64_t bit;
	bool legacy, modern;
};

static const struct toggle toggles[] = {
	{"none", "max_ports=31", 0, true, true},
	{"max-ports", "max_ports=1", VF_MULTIPORT, true, true},
	{"emergency-write", "emergency-write=off", VF_EMERG_WRITE, true, true},
	{"indirect-desc", "indirect_desc=off", VF_INDIRECT, true, true},
	{"event-idx", "event_idx=off", VF_EVENT_IDX, true, true},
	{"notify-on-empty", "notify_on_empty=off", VF_NOTIFY_ON_EMPTY, true, false},
	{"any-layout", "any_layout=off", VF_ANY_LAYOUT, true, false},
	{"packed", "packed=on", VF_RING_PACKED, false, true},
	{"queue-reset", "queue_reset=off", VF_RING_RESET, false, true},
	{"in-order", "in_order=on", VF_IN_ORDER, false, true},
	/* QEMU refuses it on a transitional device: hw/virtio/virtio-bus.c */
	{"iommu-platform", "iommu_platform=on", VF_ACCESS_PLATFORM, false, true},
};

static const struct toggle *toggle_of(const struct variant *v)
{
	const struct toggle *t = toggles;

	while (strcmp(t->axis, variant_get(v, "option")) != 0)
		t++;
	return t;
}

static bool is_legacy(const struct variant *v)
{
	return variant_is(v, "transport", "pci-legacy") ||
	       variant_is(v, "transport", "mmio-legacy");
}

static bool features_possible(const struct variant *v)
{
	const struct toggle *toggle = toggle_of(v);

	if (toggle->bit == VF_ACCESS_PLATFORM && variant_is(v, "transport", "pci-transitional"))
		return false;
	return is_legacy(v) ? toggle->legacy : toggle->modern;
}

static void features_topology(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, toggle_of(v)->text);
}

CASE(wire_features, .id = "wire.features",
     .title = "the features are those of a console, and each option of the controller changes "
	      "exactly its bit",
     .clause = "virtio-1.2/console/C-06, C-07, C-08, G-FT-01, G-FT-10", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", "option", NULL},
     .possible = features_possible, .lacks = wire_lacks, .wire = features_topology)
{
	const struct toggle *toggle = toggle_of(&t->spec->variant);
	uint64_t base = is_legacy(&t->spec->variant) ? LEGACY : MODERN, offered, wanted;
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	uint32_t max_ports;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	offered = vdev_features(&v);
	wanted = base ^ toggle->bit;
	CHECK(t, (offered & KNOWN) == wanted, "offered: %#llx, want %#llx; too many: %#llx",
	      (unsigned long long)offered, (unsigned long long)wanted,
	      (unsigned long long)(offered & KNOWN & ~wanted));
	if (offered & ~(uint64_t)KNOWN & ~VF_UNUSED)
		trial_note(t, "features of a later specification: %#llx",
			   (unsigned long long)(offered & ~(uint64_t)KNOWN));
	/* C-07: the field is valid with the feature. */
	max_ports = vdev_config(&v, VCC_MAX_NR_PORTS, 4);
	CHECK(t, max_ports == (toggle->bit == VF_MULTIPORT ? 1 : 31), "max_nr_ports is %u",
	      max_ports);
	CHECK(t, vdev_features(&v) == offered, "the second look at the features differs");
}

CASE(wire_features_beyond, .id = "wire.features-beyond",
     .title = "words of features that do not exist read 0",
     .clause = "virtio-1.2/console/G-FT-08 (4.1.4.3.1, 4.2.2.1)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	static const uint32_t beyond[] = {2, 3, 5, 0x80000000U, UINT32_MAX};
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	if (v.legacy && target_is_pci(target))
		return; /* there is one word, and no register that selects */
	for (size_t i = 0; i < sizeof(beyond) / sizeof(*beyond); i++) {
		uint32_t word = vdev_features_word(&v, beyond[i]);

		CHECK(t, word == 0, "word %u of the features reads %#x", beyond[i], word);
	}
}

static void negotiated(struct trial *t, struct vdev *v, uint64_t wanted)
{
	struct buf why = BUF_INIT;

	CHECK(t, vdev_start(v, wanted, &why), "%s", why.data);
	vdev_driver_ok(v);
	CHECK(t, vdev_status(v) & VS_DRIVER_OK, "status %#x after DRIVER_OK", vdev_status(v));
	CHECK(t, !(vdev_status(v) & VS_NEEDS_RESET), "the device wants a reset: status %#x",
	      vdev_status(v));
	buf_release(&why);
}

CASE(wire_negotiate, .id = "wire.negotiate",
     .title = "every feature can be left out, and the same set be negotiated again",
     .clause = "virtio-1.2/console/G-FT-04, G-ST-01, G-ST-08 (2.2.2, 3.1.1)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	negotiated(t, &v, UINT64_MAX);
	negotiated(t, &v, UINT64_MAX);
	for (unsigned bit = 0; bit < 64; bit++)
		if (v.offered & VF(bit) && VF(bit) != VF_VERSION_1)
			negotiated(t, &v, ~VF(bit));
	negotiated(t, &v, VF_VERSION_1);
	CHECK(t, vdev_reset(&v), "status %#x after a reset", vdev_status(&v));
}
