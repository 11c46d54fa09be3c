// SPDX-License-Identifier: GPL-2.0-or-later
/* facts_test.c - the table itself; that it has what the matrix needs is in selftest/cases_test.c */
#include <string.h>

#include "harness/base/die.h"
#include "harness/selftest/forked.h"
#include "harness/vm/facts.h"

START_TEST(a_row_is_the_one_that_was_asked_for)
{
	const struct facts *port = facts_find("virtserialport", "unix");
	const struct facts *console = facts_find("virtconsole", "unix");

	ck_assert_str_eq(port->device, "virtserialport");
	ck_assert_str_eq(port->backend, "unix");
	/* The two differ in what the whole area "transfer" is built on. */
	ck_assert(port->opens == OPENS_WITH_PEER && port->early_g2h == BYTES_KEPT);
	ck_assert(console->opens == OPENS_AT_ONCE && console->early_g2h == BYTES_DROPPED);
	ck_assert_ptr_eq(facts_find("virtserialport", "unix"), port);
	/* What "kept" is built on: who is told of a host that leaves, and what it leaves behind. */
	ck_assert(port->tells && !console->tells);
	ck_assert(port->left_h2g == BYTES_DROPPED &&
		  facts_find("virtserialport", "tcp")->left_h2g == BYTES_KEPT);
	ck_assert(port->left_g2h == BYTES_DROPPED &&
		  facts_find("isa-serial", "pty")->left_g2h == BYTES_KEPT);
}
END_TEST

static void find_nothing(void *arg)
{
	facts_find("virtserialport", arg);
}

START_TEST(what_nobody_looked_up_is_a_breakage)
{
	forked_dies(find_nothing, (void *)"carrier-pigeon", EXIT_BROKEN,
		    "facts.c has no row for virtserialport over carrier-pigeon");
	forked_dies(find_nothing, (void *)"", EXIT_BROKEN,
		    "facts.c has no row for virtserialport over ");
}
END_TEST

UNIT_TESTS(facts, a_row_is_the_one_that_was_asked_for, what_nobody_looked_up_is_a_breakage)
