// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/selftest/forked.h"

static void call_die(void *arg)
{
	die("the %s of this %d", (const char *)arg, 7);
}

static void call_die_errno(void *arg)
{
	errno = ENOSPC;
	die_errno("unable to write %s", (const char *)arg);
}

static void call_die_usage(void *arg)
{
	die_usage("%s", (const char *)arg);
}

static void call_warn(void *arg)
{
	warn("take %s", (const char *)arg);
	warn("and %d", 5);
	puts("went on");
}

START_TEST(the_end_is_one_line_and_a_status)
{
	forked_dies(call_die, (void *)"end", EXIT_BROKEN, "the end of this 7");
	forked_dies(call_die_errno, (void *)"x", EXIT_BROKEN,
		    "unable to write x: No space left on device");
	forked_dies(call_die_usage, (void *)"100% %s %n", EXIT_USAGE, "100% %s %n");
}
END_TEST

START_TEST(a_warning_goes_on)
{
	struct forked f;

	forked_call(&f, call_warn, (void *)"care");
	ck_assert_int_eq(f.status, 0);
	ck_assert_str_eq(f.err.data, "chardev-check: take care\nchardev-check: and 5\n");
	ck_assert_str_eq(f.out.data, "went on\n");
	forked_release(&f);
}
END_TEST

START_TEST(a_message_of_any_length_ends_it)
{
	static void (*const ends[])(void *) = {call_die, call_die_errno, call_die_usage};
	char *text = xmalloc(10001);

	memset(text, 'x', 10000);
	text[10000] = '\0';
	for (size_t i = 0; i < 3; i++) {
		struct forked f;

		forked_call(&f, ends[i], text);
		ck_assert_int_eq(f.status, i == 2 ? EXIT_USAGE : EXIT_BROKEN);
		ck_assert_uint_gt(f.err.len, 1900);
		ck_assert_uint_lt(f.err.len, 2100);
		ck_assert_ptr_eq(strchr(f.err.data, '\n'), f.err.data + f.err.len - 1);
		/* The reason outlives a long name in front of it. */
		ck_assert(i != 1 || strstr(f.err.data, "x: No space left on device\n"));
		forked_release(&f);
	}
	free(text);
}
END_TEST

static jmp_buf out;
static char caught[4096];

static void take_end(void *arg, const char *message)
{
	snprintf(caught, sizeof(caught), "%s: %s", (const char *)arg, message);
	longjmp(out, 1);
}

START_TEST(a_hook_takes_the_end)
{
	const struct die_hook hook = {take_end, (void *)"a trial"};

	die_set_hook(&hook);
	if (setjmp(out) == 0)
		call_die_errno((void *)"y");
	ck_assert_str_eq(caught, "a trial: unable to write y: No space left on device");
	/* It is used up: who wants to go on after an end sets it again. */
	forked_dies(call_die, (void *)"end", EXIT_BROKEN, "the end of this 7");
	die_set_hook(&hook);
	if (setjmp(out) == 0)
		call_die_usage((void *)"again");
	ck_assert_str_eq(caught, "a trial: again");
	die_set_hook(&hook);
	die_set_hook(NULL);
	forked_dies(call_die, (void *)"end", EXIT_BROKEN, "the end of this 7");
}
END_TEST

static void dying_hook(void *arg, const char *message)
{
	(void)arg;
	die("the hook itself, for: %s", message);
}

static void returning_hook(void *arg, const char *message)
{
	(void)arg;
	(void)message;
}

static void die_under(void *hook)
{
	die_set_hook(hook);
	die("trouble");
}

START_TEST(a_hook_that_fails_is_no_way_on)
{
	struct die_hook dying = {dying_hook, NULL}, returning = {returning_hook, NULL};

	forked_dies(die_under, &dying, EXIT_BROKEN, "the hook itself, for: trouble");
	forked_dies(die_under, &returning, EXIT_BROKEN, "trouble");
}
END_TEST

UNIT_TESTS(die, the_end_is_one_line_and_a_status, a_warning_goes_on,
	   a_message_of_any_length_ends_it, a_hook_takes_the_end, a_hook_that_fails_is_no_way_on)
