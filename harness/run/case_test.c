// SPDX-License-Identifier: GPL-2.0-or-later
/* case_test.c - looking up; what holds for the tree's own cases is in selftest/cases_test.c */
#include <string.h>

#include "harness/run/case.h"
#include "harness/selftest/unit.h"

START_TEST(an_axis_is_found_by_its_whole_name)
{
	const struct axis *backend = axis_find("backend");

	ck_assert_ptr_nonnull(backend);
	ck_assert_str_eq(backend->name, "backend");
	ck_assert_ptr_null(axis_find("backen"));
	ck_assert_ptr_null(axis_find("backends"));
	ck_assert_ptr_null(axis_find(""));
	ck_assert_ptr_null(axis_find("expect")); /* a key of cases.conf, not an axis */
}
END_TEST

START_TEST(a_value_is_the_axis_own_copy)
{
	const struct axis *backend = axis_find("backend");
	char tcp[] = "tcp";

	ck_assert_str_eq(axis_value(backend, tcp), "tcp");
	ck_assert_ptr_ne(axis_value(backend, tcp), tcp);
	ck_assert_ptr_null(axis_value(backend, "tc"));
	ck_assert_ptr_null(axis_value(backend, "tcp "));
	ck_assert_ptr_null(axis_value(backend, ""));
	ck_assert_ptr_null(axis_value(backend, "virtconsole")); /* another axis's */
}
END_TEST

static const struct check_case demo = {.id = "demo",
				       .axes = (const char *const[]){"backend", "role", "size",
								     NULL}};
static const struct check_case plain = {.id = "plain"};

START_TEST(a_variant_tells_what_it_is)
{
	const struct variant v = {.c = &demo, .value = {"udp", NULL, "small"}};
	const struct variant none = {.c = &plain};

	ck_assert_str_eq(variant_get(&v, "backend"), "udp");
	ck_assert_str_eq(variant_get(&v, "size"), "small");
	ck_assert_ptr_null(variant_get(&v, "role"));   /* does not apply here */
	ck_assert_ptr_null(variant_get(&v, "device")); /* no axis of this case */
	ck_assert(variant_is(&v, "size", "small") && !variant_is(&v, "size", "smal"));
	ck_assert(!variant_is(&v, "role", "server") && !variant_is(&v, "role", ""));
	ck_assert(!variant_is(&v, "device", "virtconsole"));
	ck_assert_ptr_null(variant_get(&none, "backend"));
}
END_TEST

/* Asks axis @name whether it applies to backend @backend with @role. */
static bool applies(const char *name, const char *backend, const char *role)
{
	const struct variant v = {.c = &demo, .value = {backend, role, NULL}};
	const struct axis *a = axis_find(name);

	return !a->applies || a->applies(&v);
}

START_TEST(an_axis_applies_where_it_means_something)
{
	ck_assert(applies("role", "unix", NULL) && applies("role", "tcp", NULL));
	ck_assert(!applies("role", "udp", NULL) && !applies("role", "pty", NULL));
	ck_assert(!applies("role", NULL, NULL));
	ck_assert(applies("wait", "unix", "server"));
	ck_assert(!applies("wait", "unix", "client") && !applies("wait", "pty", NULL));
	ck_assert(applies("size", "pty", NULL));
}
END_TEST

UNIT_TESTS(case, an_axis_is_found_by_its_whole_name, a_value_is_the_axis_own_copy,
	   a_variant_tells_what_it_is, an_axis_applies_where_it_means_something)
