// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/io.h"
#include "harness/host/spice.h"
#include "harness/selftest/unit.h"

/* A script in the client's place. */
static void start(struct spice *s, const char *script)
{
	char *text = xasprintf("#!/bin/sh\n%s\n", script);

	file_write("client", text, strlen(text));
	ck_assert_int_eq(chmod("client", 0755), 0);
	spice_start_as(s, "./client");
	free(text);
}

START_TEST(it_is_told_and_what_it_says_is_found_by_its_first_words)
{
	struct spice s;

	start(&s, "echo \"socket $1\"; echo mouse-mode client; read -r line; echo \"told $line\"");
	ck_assert_str_eq(spice_await(&s, "socket", deadline_in(5000)), SPICE_SOCKET);
	ck_assert_str_eq(spice_await(&s, "mouse-mode client", deadline_in(5000)), "");
	ck_assert(spice_tell(&s, "position 1 2", deadline_in(5000)));
	ck_assert_str_eq(spice_await(&s, "told", deadline_in(5000)), "position 1 2");
	ck_assert_ptr_null(spice_said(&s, "mouse"));
	ck_assert_ptr_null(spice_said(&s, "mouse-mode server"));
	ck_assert_str_eq(spice_last(&s), "told position 1 2");
	spice_release(&s);
}
END_TEST

START_TEST(lines_come_whole_and_the_first_counts)
{
	struct spice s;

	start(&s,
	      "printf 'text-1 ab'; read -r go; printf 'cd\\ntext-1 no\\ntext-12 x\\nend\\nhalf'");
	ck_assert_ptr_null(spice_await(&s, "text-1", deadline_in(100)));
	ck_assert_str_eq(spice_last(&s), "nothing");
	ck_assert(spice_tell(&s, "go", deadline_in(5000)));
	ck_assert_str_eq(spice_await(&s, "end", deadline_in(5000)), "");
	ck_assert_str_eq(spice_said(&s, "text-1"), "abcd");
	ck_assert_str_eq(spice_said(&s, "text-12"), "x");
	ck_assert_ptr_null(spice_await(&s, "half", deadline_in(5000)));
	spice_release(&s);
}
END_TEST

START_TEST(one_that_has_ended_is_not_waited_for)
{
	int64_t before = now_ns();
	struct spice s;

	start(&s, "echo error no such socket");
	ck_assert_ptr_null(spice_await(&s, "main-up", deadline_in(60000)));
	ck_assert(now_ns() - before < 30000000000LL);
	ck_assert_str_eq(spice_last(&s), "error no such socket");
	ck_assert(proc_wait(&s.proc, deadline_in(5000)));
	ck_assert(!spice_tell(&s, "anything", deadline_in(5000)));
	spice_release(&s);
}
END_TEST

START_TEST(one_that_hangs_is_ended)
{
	struct spice s;

	start(&s, "trap '' TERM; echo up; sleep 1000");
	ck_assert_str_eq(spice_await(&s, "up", deadline_in(5000)), "");
	ck_assert_ptr_null(spice_await(&s, "more", deadline_in(50)));
	spice_release(&s);
	ck_assert_int_eq(s.proc.pid, 0);
}
END_TEST

UNIT_TESTS(spice, it_is_told_and_what_it_says_is_found_by_its_first_words,
	   lines_come_whole_and_the_first_counts, one_that_has_ended_is_not_waited_for,
	   one_that_hangs_is_ended)
