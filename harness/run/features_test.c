// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/run/features.h"

#include <stdlib.h>
#include <string.h>

#include "harness/run/matrix.h"
#include "harness/selftest/unit.h"
#include "harness/vm/plan.h"

static const char *text;

static void demo_chardevs(const struct variant *v, struct strv *texts)
{
	(void)v;
	strv_push(texts, text);
}

static void demo_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_CONNECTS);
	plan->chrs[0].options = "logfile=l,reconnect-ms=5";
	strv_pushl(&plan->args, "-serial", "null", "-chardev", "pty,id=x,path=p", NULL);
}

static const struct check_case demo = {.id = "demo.one",
				       .title = "t",
				       .clause = "c",
				       .plan = demo_plan,
				       .chardevs = demo_chardevs};
static const struct check_case *const cases[] = {&demo};

static bool table(const char *conf, struct buf *out, struct buf *why)
{
	struct matrix m;
	bool well;

	ck_assert(matrix_build(&m, cases, 1, "f", conf, why));
	well = features_table(&m, out, why);
	matrix_release(&m);
	return well;
}

static bool says(const struct buf *out, const char *backend, const char *option, const char *rest)
{
	char *line = xasprintf("%-12s  %-12s  %s", backend, option, rest);
	bool found = strstr(out->data, line) != NULL;

	free(line);
	return found;
}

START_TEST(what_a_trial_hands_over_is_used)
{
	struct buf out = BUF_INIT, why = BUF_INIT;

	text = "ringbuf,id=r,size=16";
	ck_assert_msg(table("", &out, &why), "%s", why.data);
	ck_assert(says(&out, "socket", "reconnect-ms", "    1  demo.one\n"));
	ck_assert(says(&out, "socket", "path", "    1  demo.one\n"));
	ck_assert(says(&out, "socket", "logfile", "    1  demo.one\n"));
	ck_assert(says(&out, "socket", "server", "    0  uncovered\n"));
	ck_assert(says(&out, "pty", "path", "    1  demo.one\n"));
	ck_assert(says(&out, "ringbuf", "size", "    1  demo.one\n"));
	ck_assert(says(&out, "ringbuf", "", "    1  demo.one\n"));
	ck_assert(says(&out, "null", "", "    0  uncovered\n"));
	ck_assert(says(&out, "memory", "mux", "    0  none: ringbuf by its other name\n"));
	ck_assert(says(&out, "braille", "", "    0  none: wants BrlAPI"));
	ck_assert(says(&out, "socket", "mux", "    0  uncovered\n"));
	buf_clear(&out);
	ck_assert(table("[demo.one]\nrun = never\n", &out, &why));
	ck_assert(says(&out, "pty", "path", "    0  uncovered\n"));
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(what_the_table_lacks_is_told)
{
	struct buf out = BUF_INIT, why = BUF_INIT;

	text = "ringbuf,id=r,path=p";
	ck_assert(!table("", &out, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "demo.one: no backend ringbuf with an option path"));
	buf_clear(&why);
	text = "bogus,id=r";
	ck_assert(!table("", &out, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "no backend bogus"));
	ck_assert(feature_known("id") && feature_known("chardevs.3") && feature_known("mux"));
	ck_assert(!feature_known("chardevs.4") && !feature_known(""));
	buf_release(&out);
	buf_release(&why);
}
END_TEST

START_TEST(a_member_is_known_of_its_backend_alone)
{
	ck_assert(feature_member_known("file", "in") && feature_member_known("file", "append"));
	ck_assert(feature_member_known("null", "logtimestamp"));
	ck_assert(!feature_member_known("null", "in") && !feature_member_known("file", "addr"));
	ck_assert(!feature_member_known("nonesuch", "logfile"));
	ck_assert(!feature_member_known("file", "in out") && !feature_member_known("file", ""));
}
END_TEST

UNIT_TESTS(features, a_member_is_known_of_its_backend_alone, what_a_trial_hands_over_is_used,
	   what_the_table_lacks_is_told)
