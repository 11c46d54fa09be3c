// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known to end a QEMU. */
#include "harness/base/die.h"
#include "harness/selftest/unit.h"
#include "harness/wire/deaths.h"
#include "harness/wire/script.h"

#define SAID "QEMU ended: signal 6 (Aborted); its last words: qemu-system-x86_64: "

START_TEST(a_death_is_known_by_its_last_words)
{
	const struct wire_death *zero =
		wire_death(SAID "hw/char/virtio-serial-bus.c:166: do_flush_queued_data: Assertion "
				"`virtio_queue_ready(vq)' failed.");
	const struct wire_death *beyond = wire_death(
		SAID "./include/exec/memory_ldst_cached.h.inc:30: address_space_lduw_le_cached: "
		     "Assertion `addr < cache->len && 2 <= cache->len - addr' failed.");

	ck_assert_ptr_nonnull(zero);
	ck_assert_str_eq(zero->name, "available-at-zero");
	ck_assert_ptr_nonnull(beyond);
	ck_assert_str_eq(beyond->name, "packed-ring-shrunk");
}
END_TEST

START_TEST(other_deaths_are_news)
{
	ck_assert_ptr_null(wire_death(""));
	ck_assert_ptr_null(wire_death("QEMU ended: signal 11 (Segmentation fault)"));
	ck_assert_ptr_null(wire_death(SAID "do_flush_queued_data: Assertion `vq' failed."));
}
END_TEST

START_TEST(triggers_are_scripts)
{
	const struct wire_death *d;

	for (size_t i = 0; (d = wire_death_get(i)); i++) {
		struct wire_script s = {NULL, 0};
		struct buf why = BUF_INIT;

		ck_assert_msg(wire_script_parse(&s, d->trigger, &why), "%s: %s", d->name, why.data);
		ck_assert_uint_gt(s.n, 1);
		ck_assert(*d->versions && *d->where && *d->why);
		wire_script_release(&s);
		buf_release(&why);
	}
}
END_TEST

UNIT_TESTS(wire_deaths, a_death_is_known_by_its_last_words, other_deaths_are_news,
	   triggers_are_scripts)
