// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/vm/tsc.h"

#include "harness/vm/vm_testing.h"

/* No x86 with such a counter was slower than 500 MHz, none is faster than 8 GHz. */
START_TEST(it_is_told_in_steps_and_always_the_same)
{
	unsigned long khz = tsc_khz();

	ck_assert_uint_eq(khz % 50000, 0);
	ck_assert_uint_eq(tsc_khz(), khz);
	if (khz)
		ck_assert_msg(khz >= 500000 && khz <= 8000000, "%lu kHz", khz);
}
END_TEST

START_TEST(under_tcg_the_guest_is_told_how_fast_its_counter_is)
{
	struct strv argv = {0};
	struct fake f;
	char *want = tsc_khz() ? xasprintf("console=ttyS0 quiet tsc_early_khz=%lu", tsc_khz())
			       : xstrdup("console=ttyS0 quiet");

	fake_init(&f, "ok");
	f.config.image = &f.image;
	f.config.accel = "tcg";
	vm_argv(&f.config, &argv);
	ck_assert(strv_has(&argv, want));
	free(want);
	strv_release(&argv);
	fake_release(&f);
}
END_TEST

UNIT_TESTS(tsc, it_is_told_in_steps_and_always_the_same,
	   under_tcg_the_guest_is_told_how_fast_its_counter_is)
