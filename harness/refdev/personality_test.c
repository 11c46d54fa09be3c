// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

START_TEST(every_switch_says_what_it_is)
{
	for (unsigned i = 0; i < refdev_quirk_count(); i++) {
		const struct refdev_quirk *q = refdev_quirk_get(i);

		ck_assert_uint_gt(strlen(q->id), 0);
		ck_assert_uint_gt(strlen(q->text), 10);
		ck_assert_uint_gt(strlen(q->source), 5);
		ck_assert_str_ne(q->versions, "?");
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(q->name, refdev_quirk_get(j)->name);
	}
	ck_assert_ptr_null(refdev_quirk_get(refdev_quirk_count()));
}
END_TEST

static bool known(const char *personality)
{
	struct buf why = BUF_INIT;
	bool ok = refdev_personality_known(personality, &why);

	ck_assert_int_eq(ok, why.len == 0);
	buf_release(&why);
	return ok;
}

START_TEST(personalities_are_whole_or_put_together)
{
	struct refdev_set set;
	struct world w;

	for (const char *const *p = refdev_personalities(); *p; p++)
		ck_assert(known(*p));
	ck_assert(known("strict,+name-nul,+ctl-drop"));
	ck_assert(known("qemu-11.1,-name-nul"));
	ck_assert(!known("qemu-12"));
	ck_assert(!known("strict,name-nul"));
	ck_assert(!known("strict,+no-such"));
	ck_assert(!known(""));
	world_init(&w, REFDEV_PCI_MODERN, NULL, "strict,+name-nul", NULL);
	set = refdev_quirks(w.rd);
	for (unsigned bit = 0; bit < RD_Q_COUNT; bit++)
		ck_assert_int_eq(refdev_set_has(&set, bit), bit == RD_Q_NAME_NUL);
	world_release(&w);
	world_init(&w, REFDEV_PCI_MODERN, NULL, "qemu-11.1,-name-nul", NULL);
	set = refdev_quirks(w.rd);
	ck_assert(!refdev_set_has(&set, RD_Q_NAME_NUL));
	ck_assert(refdev_set_has(&set, RD_Q_READD));
	world_release(&w);
}
END_TEST

START_TEST(a_personality_says_which_qemu_it_is_like)
{
	static const struct {
		const char *personality, *version;
		bool in_order, emergency;
	} rows[] = {
		{"strict", NULL, true, true},
		{"strict,+name-nul", NULL, true, true},
		{"qemu-7.2", "7.2", false, true},
		{"qemu-10.0.13,-name-nul", "10.0.13", true, true},
		{"qemu-11.1", "11.1", true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *p = rows[i].personality;
		char *version = refdev_personality_version(p);

		ck_assert_pstr_eq(version, rows[i].version);
		free(version);
		ck_assert(refdev_has_property(p, REFDEV_MMIO_MODERN, "in_order") ==
			  rows[i].in_order);
		ck_assert(refdev_has_property(p, REFDEV_PCI_MODERN, "emergency-write") ==
			  rows[i].emergency);
		ck_assert(refdev_has_property(p, REFDEV_PCI_LEGACY, "vectors"));
		ck_assert(!refdev_has_property(p, REFDEV_MMIO_LEGACY, "vectors"));
		ck_assert(!refdev_has_property(p, REFDEV_PCI_MODERN, "no-such"));
	}
}
END_TEST

START_TEST(versions_have_what_they_were_measured_to_have)
{
	static const struct {
		const char *personality;
		unsigned quirk;
		bool has;
	} rows[] = {
		{"strict", RD_Q_NAME_NUL, false},
		{"qemu-7.2", RD_Q_STALE_FEATURES, true},
		{"qemu-10.0.13", RD_Q_STALE_FEATURES, true},
		{"qemu-11.1", RD_Q_STALE_FEATURES, false},
		{"qemu-11.1", RD_Q_STALE_FEATURES_MMIO, true},
		{"qemu-10.0", RD_Q_QUEUE_SIZE_1024, false},
		{"qemu-10.0.13", RD_Q_QUEUE_SIZE_1024, true},
		{"qemu-11.1", RD_Q_QUEUE_SIZE_BREAKS, true},
		{"qemu-7.2", RD_Q_NO_IN_ORDER, true},
		{"qemu-10.0", RD_Q_NO_IN_ORDER, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct refdev_set set;
		struct world w;

		world_init(&w, REFDEV_PCI_MODERN, NULL, rows[i].personality, NULL);
		set = refdev_quirks(w.rd);
		ck_assert_int_eq(refdev_set_has(&set, rows[i].quirk), rows[i].has);
		world_release(&w);
	}
}
END_TEST

static bool makes(const char *personality, enum refdev_transport transport, const char *properties,
		  const char *why_not)
{
	struct refdev_config config = {
		.ops = &(const struct refdev_ops){0},
		.transport = transport,
		.personality = personality,
		.properties = properties,
	};
	struct buf why = BUF_INIT;
	struct refdev *rd = refdev_new(&config, &why);
	bool made = rd != NULL;

	if (why_not)
		ck_assert_msg(strstr(why.data, why_not) != NULL, "%s", why.data);
	refdev_free(rd);
	buf_release(&why);
	return made;
}

START_TEST(properties_are_taken_or_refused)
{
	ck_assert(makes("strict", REFDEV_PCI_MODERN, "max_ports=511,packed=on", NULL));
	ck_assert(!makes("strict", REFDEV_PCI_MODERN, "max_ports=0", "not specified"));
	ck_assert(!makes("strict", REFDEV_PCI_MODERN, "max_ports=512", "supported: 511"));
	ck_assert(!makes("strict", REFDEV_PCI_MODERN, "max_ports=-1", "not a number"));
	ck_assert(!makes("strict", REFDEV_PCI_MODERN, "packed=maybe", "neither on nor off"));
	ck_assert(!makes("strict", REFDEV_PCI_MODERN, "packed", "not found"));
	ck_assert(!makes("strict", REFDEV_PCI_MODERN, "colour=red", "not found"));
	ck_assert(!makes("strict", REFDEV_MMIO_MODERN, "vectors=2", "not found"));
	ck_assert(!makes("strict", REFDEV_PCI_TRANSITIONAL, "iommu_platform=on", "legacy"));
	ck_assert(makes("strict", REFDEV_PCI_MODERN, "size=on", NULL));
	ck_assert(!makes("qemu-10.0", REFDEV_PCI_MODERN, "size=on", "not found"));
	ck_assert(!makes("qemu-7.2", REFDEV_PCI_MODERN, "in_order=on", "not found"));
	ck_assert(makes("qemu-10.0", REFDEV_PCI_MODERN, "emergency-write=off", NULL));
	ck_assert(!makes("qemu-11.1", REFDEV_PCI_MODERN, "emergency-write=off", "not found"));
}
END_TEST

START_TEST(a_property_is_a_feature_and_no_other)
{
	static const struct {
		const char *property;
		uint64_t bit;
	} rows[] = {
		{"indirect_desc=off", BIT(F_INDIRECT_DESC)},
		{"event_idx=off", BIT(F_EVENT_IDX)},
		{"packed=on", BIT(F_PACKED)},
		{"in_order=on", BIT(F_IN_ORDER)},
		{"queue_reset=off", BIT(F_RING_RESET)},
		{"iommu_platform=on", BIT(F_IOMMU)},
		{"emergency-write=off", BIT(F_EMERG_WRITE)},
		{"size=on", BIT(F_SIZE)},
		{"max_ports=1", BIT(F_MULTIPORT)},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct refdev_config config = {.transport = REFDEV_PCI_MODERN};
		uint64_t normal, other;
		struct world w;

		world_init_as(&w, &config);
		world_bars(&w, false);
		normal = world_offered(&w);
		ck_assert_msg(normal == 0x10130000006, "%llx", (unsigned long long)normal);
		world_release(&w);
		config.properties = rows[i].property;
		world_init_as(&w, &config);
		world_bars(&w, false);
		other = world_offered(&w);
		ck_assert_msg((normal ^ other) == rows[i].bit, "%s", rows[i].property);
		world_release(&w);
	}
}
END_TEST

UNIT_TESTS(refdev_personality, every_switch_says_what_it_is,
	   personalities_are_whole_or_put_together, versions_have_what_they_were_measured_to_have,
	   a_personality_says_which_qemu_it_is_like, properties_are_taken_or_refused,
	   a_property_is_a_feature_and_no_other)
