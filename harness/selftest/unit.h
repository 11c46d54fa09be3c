/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unit.h - unit tests register themselves: x_test.c beside x.c, nothing else to edit
 *
 *	START_TEST(it_grows) { .. ck_assert(..); } END_TEST
 *	UNIT_TESTS(buf, it_grows, it_shrinks)
 */
#ifndef SELFTEST_UNIT_H
#define SELFTEST_UNIT_H

#include <check.h>

#define UNIT_TESTS(module, ...)                                                                    \
	__attribute__((constructor)) static void unit_register(void)                               \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__, NULL};                                  \
		unit_add(#module, tests);                                                          \
	}

/** unit_add() - Called by UNIT_TESTS before main(); @tests (NULL-terminated) is copied */
void unit_add(const char *module, const TTest *const *tests);

#endif
