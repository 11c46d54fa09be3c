// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>

#include "harness/base/deadline.h"
#include "harness/base/io.h"
#include "harness/selftest/unit.h"

#define MS 1000000 /* nanoseconds */

START_TEST(it_passes_when_its_time_has_come_and_not_before)
{
	int64_t began = now_ns();
	struct deadline d = deadline_in(30);

	ck_assert(!deadline_passed(d));
	ck_assert(deadline_left_ms(d) > 0 && deadline_left_ms(d) <= 30);
	ck_assert_int_eq(io_poll(NULL, 0, d), 0);
	ck_assert(deadline_passed(d));
	ck_assert_int_eq(deadline_left_ms(d), 0);
	ck_assert(now_ns() - began >= 30 * (int64_t)MS);
	ck_assert(deadline_passed(deadline_in(0)));
	ck_assert(deadline_passed((struct deadline){0}));
}
END_TEST

/* A poll() for the rest in whole milliseconds must not come back before it. */
START_TEST(what_is_left_is_rounded_up)
{
	for (int64_t i = 0; i < 1000; i++) {
		int64_t before = now_ns();
		struct deadline d = {before + 1000 * (int64_t)MS + i * 997};
		int64_t left = (int64_t)deadline_left_ms(d) * MS;

		ck_assert(left >= d.at_ns - now_ns());
		ck_assert(left < d.at_ns - before + MS);
	}
	ck_assert_int_eq(deadline_left_ms((struct deadline){INT64_MAX}), INT_MAX);
	ck_assert_int_eq(deadline_left_ms((struct deadline){INT64_MIN / 2}), 0);
}
END_TEST

/* @ms milliseconds from now are @want. */
static void check_in(int ms, int64_t want)
{
	int64_t before = now_ns();
	struct deadline d = deadline_in(ms);
	int64_t after = now_ns();

	ck_assert(d.at_ns >= before + want * MS && d.at_ns <= after + want * MS);
}

START_TEST(one_knob_stretches_them_all)
{
	ck_assert(deadline_scale() == 1.0);
	check_in(2000, 2000);
	deadline_set_scale(2.5);
	ck_assert(deadline_scale() == 2.5);
	check_in(2000, 5000);
	check_in(0, 0);
	deadline_set_scale(0.1);
	check_in(2000, 200);
	deadline_set_scale(1000);
	check_in(INT_MAX, (int64_t)INT_MAX * 1000);
}
END_TEST

START_TEST(the_earlier_one_wins)
{
	struct deadline soon = {1000}, late = {2000};

	ck_assert(deadline_earlier(soon, late).at_ns == 1000);
	ck_assert(deadline_earlier(late, soon).at_ns == 1000);
	ck_assert(deadline_earlier(soon, soon).at_ns == 1000);
}
END_TEST

UNIT_TESTS(deadline, it_passes_when_its_time_has_come_and_not_before, what_is_left_is_rounded_up,
	   one_knob_stretches_them_all, the_earlier_one_wins)
