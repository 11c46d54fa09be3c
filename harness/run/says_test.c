// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/run/says.h"

#include "harness/selftest/unit.h"
#include "harness/vm/caps.h"

START_TEST(the_first_of_this_version_counts)
{
	const struct says list[3] = {TILL("qemu<8.0", "old"), TILL("qemu<11.0", "new"),
				     EVER("newest")};
	const struct says short_list[3] = {TILL("qemu<8.0", "old")};
	const struct caps old = {.major = 7, .minor = 2, .micro = 22}, now = {.major = 8},
			  next = {.major = 11, .minor = 1};

	ck_assert_str_eq(says_now(list, 3, &old), "old");
	ck_assert_str_eq(says_now(list, 3, &now), "new");
	ck_assert_str_eq(says_now(list, 3, &next), "newest");
	ck_assert_str_eq(says_now(short_list, 3, &old), "old");
	ck_assert_ptr_null(says_now(short_list, 3, &now));
}
END_TEST

START_TEST(a_number_may_be_any)
{
	ck_assert(says_like("", "") && says_like("ab", "ab") && says_like("a12:3,b", "a#:#,b"));
	ck_assert(!says_like("a", "") && !says_like("", "a") && !says_like("ab", "a"));
	ck_assert(!says_like("a:3", "a#:#") && !says_like("a#", "a#") && !says_like("a1x", "a#"));
}
END_TEST

UNIT_TESTS(says, the_first_of_this_version_counts, a_number_may_be_any)
