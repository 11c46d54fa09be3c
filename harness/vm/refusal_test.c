// SPDX-License-Identifier: GPL-2.0-or-later
/* refusal_test.c - the last words of a program, told from others */
#include "harness/vm/refusal.h"

#include "harness/selftest/unit.h"

START_TEST(a_message_is_taken_whole)
{
	ck_assert(refusal_is("qemu: -device x: no", "-device x: no"));
	ck_assert(refusal_is("./qemu-system-x86_64: no", "no"));
	ck_assert(!refusal_is("qemu: -device x: no", "no"));
	ck_assert(!refusal_is("qemu: no way", "no"));
	ck_assert(!refusal_is("qemu: n", "no"));
	ck_assert(!refusal_is("qemu:no", "no"));
	ck_assert(!refusal_is("a qemu: no", "no"));
	ck_assert(!refusal_is(": no", "no"));
	ck_assert(!refusal_is("", "no"));
	ck_assert(!refusal_is("", ""));
}
END_TEST

UNIT_TESTS(refusal, a_message_is_taken_whole)
