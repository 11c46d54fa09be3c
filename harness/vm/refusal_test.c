// SPDX-License-Identifier: GPL-2.0-or-later
/* refusal_test.c - the last words of a program, told from others */
#include "harness/vm/refusal.h"

#include <sys/wait.h>

#include "harness/vm/vm_testing.h"

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

/* How the fake ends that does @mode; its status and whether it had started. */
static int ends(const char *mode, bool *started, struct buf *err)
{
	struct refusal r;
	struct fake f;
	struct buf why = BUF_INIT;
	int status;

	fake_init(&f, mode);
	ck_assert_msg(refusal_run(&r, &f.config, NULL, &why), "%s", why.data);
	*started = r.started;
	status = r.status;
	buf_add(err, r.err.data, r.err.len);
	refusal_release(&r);
	buf_release(&why);
	fake_release(&f);
	return status;
}

START_TEST(an_end_is_told_from_a_start)
{
	struct buf err = BUF_INIT;
	bool started;
	int status = ends("stderr=no;exit-at-start", &started, &err);

	ck_assert(!started && WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 3);
	says(&err, "no\n");
	status = ends("signal-at-start", &started, &err);
	ck_assert(!started && WIFSIGNALED(status));
	buf_release(&err);
	status = ends("ok", &started, &err);
	ck_assert(started && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	buf_release(&err);
	status = ends("status-at-quit=7", &started, &err);
	ck_assert(started && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	buf_release(&err);
}
END_TEST

UNIT_TESTS(refusal, a_message_is_taken_whole, an_end_is_told_from_a_start)
