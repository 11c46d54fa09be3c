// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/unit.h"
#include "reports/report_test.h"
#include "reports/reports.h"

static const struct record records[] = {
	{.id = "a.b@1,x", .verdict = VERDICT_PASS, .seconds = 0.5},
	{.id = "a.b@2,x",
	 .title = "the \"claim\"",
	 .clause = "spec/1",
	 .verdict = VERDICT_FAIL,
	 .reason = "one <&> \"q\"\ntwo ]]> \x01",
	 .evidence = "evidence/a.b@2,x",
	 .seconds = 1.25},
	{.id = "c", .verdict = VERDICT_SKIP, .reason = "no device"},
	{.id = "d@4", .verdict = VERDICT_BROKEN, .reason = "disk full"},
	{.id = "e@5", .verdict = VERDICT_XFAIL, .reason = "r", .expectation = "issue 12"},
	{.id = "f@6", .verdict = VERDICT_XPASS, .expectation = "issue 13"},
	{.id = "g@7", .verdict = VERDICT_NON_STRICT, .reason = "late <1 s"},
};

static const char golden[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<testsuites>\n"
	" <testsuite name=\"chardev-check\" package=\"chardev-check\" id=\"0\""
	" timestamp=\"2026-01-31T14:05:06\" hostname=\"localhost\""
	" tests=\"7\" failures=\"2\" errors=\"1\" skipped=\"2\" time=\"12.500\">\n"
	"  <properties>\n"
	"   <property name=\"suite\" value=\"1.0\"/>\n"
	"   <property name=\"qemu\" value=\"/q\"/>\n"
	"   <property name=\"qemu_version\" value=\"10 &#34;x&#34;\"/>\n"
	"   <property name=\"accel\" value=\"tcg\"/>\n"
	"   <property name=\"kernel\" value=\"6.1\"/>\n"
	"   <property name=\"interrupted\" value=\"no\"/>\n"
	"  </properties>\n"
	"  <testcase classname=\"a.b\" name=\"1,x\" time=\"0.500\">\n"
	"  </testcase>\n"
	"  <testcase classname=\"a.b\" name=\"2,x\" time=\"1.250\">\n"
	"   <failure type=\"FAIL\" message=\"one &lt;&amp;&gt; &#34;q&#34; two ]]&gt; \\x01\">"
	"one &lt;&amp;&gt; \"q\"\n"
	"two ]]&gt; \\x01\n"
	"claim: the \"claim\"\n"
	"clause: spec/1\n"
	"evidence: evidence/a.b@2,x\n"
	"run again: make check QEMU=/q CASE='a.b@2,x' V=1\n"
	"</failure>\n"
	"  </testcase>\n"
	"  <testcase classname=\"c\" name=\"c\" time=\"0.000\">\n"
	"   <skipped message=\"no device\">no device\n"
	"run again: make check QEMU=/q CASE='c' V=1\n"
	"</skipped>\n"
	"  </testcase>\n"
	"  <testcase classname=\"d\" name=\"4\" time=\"0.000\">\n"
	"   <error type=\"BROKEN\" message=\"disk full\">disk full\n"
	"run again: make check QEMU=/q CASE='d@4' V=1\n"
	"</error>\n"
	"  </testcase>\n"
	"  <testcase classname=\"e\" name=\"5\" time=\"0.000\">\n"
	"   <skipped message=\"expected to fail: issue 12\">r\n"
	"expectation: issue 12\n"
	"run again: make check QEMU=/q CASE='e@5' V=1\n"
	"</skipped>\n"
	"  </testcase>\n"
	"  <testcase classname=\"f\" name=\"6\" time=\"0.000\">\n"
	"   <failure type=\"XPASS\" message=\"passed, though it was expected to fail: issue 13\">"
	"expectation: issue 13\n"
	"run again: make check QEMU=/q CASE='f@6' V=1\n"
	"</failure>\n"
	"  </testcase>\n"
	"  <testcase classname=\"g\" name=\"7\" time=\"0.000\">\n"
	"  </testcase>\n"
	"  <system-out>NON-STRICT g@7: late &lt;1 s\n"
	"1 passed, 3 failed, 1 skipped</system-out>\n"
	"  <system-err></system-err>\n"
	" </testsuite>\n"
	"</testsuites>\n";

static const struct run_info info = {
	.qemu = "/q",
	.qemu_version = "10 \"x\"",
	.accel = "tcg",
	.kernel = "6.1",
	.started = "2026-01-31T14:05:06+01:00",
	.suite = "1.0",
	.rerun_prefix = "make check QEMU=/q",
	.selected = 7,
	.seconds = 12.5,
};

START_TEST(every_verdict_has_its_element)
{
	struct buf b = BUF_INIT;
	struct run run;

	test_run(&run, &info, records, 7);
	report_junit(&run, &b);
	ck_assert_str_eq(b.data, golden);
	run_release(&run);
	buf_release(&b);
}
END_TEST

START_TEST(strict_and_unfinished_runs_show)
{
	struct run_info strict = info;
	struct buf b = BUF_INIT;
	struct run run;

	strict.strict = true;
	strict.selected = 9;
	strict.started = (char *)"yesterday, <at> noon";
	test_run(&run, &strict, records, 7);
	report_junit(&run, &b);
	ck_assert_ptr_nonnull(
		strstr(b.data, " tests=\"8\" failures=\"3\" errors=\"2\" skipped=\"2\""));
	ck_assert_ptr_nonnull(strstr(b.data, "message=\"a SHOULD is not followed: late &lt;1 s\""));
	ck_assert_ptr_nonnull(
		strstr(b.data, "\"the run ended early: 7 of 9 trials have a record\""));
	ck_assert_ptr_nonnull(strstr(b.data, "timestamp=\"1970-01-01T00:00:00\""));
	ck_assert_ptr_null(strstr(b.data, "NON-STRICT g@7"));
	run_release(&run);
	buf_release(&b);
}
END_TEST

/* Attributes behind an element's name up to its >; returns what follows. */
static const char *skip_attributes(const char *p)
{
	while (*p == ' ') {
		p += 1 + strspn(p + 1, "abcdefghijklmnopqrstuvwxyz_");
		ck_assert_msg(strncmp(p, "=\"", 2) == 0, "%.40s", p);
		p += 2 + strcspn(p + 2, "\"<>\n\t");
		ck_assert_msg(*p == '"', "%.40s", p);
		p++;
	}
	return p;
}

/* Every tag is closed in order, every attribute quoted, every & one of an entity. */
static void check_well_formed(const char *p)
{
	char open[16][32] = {{0}};
	int depth = 0;

	p = strstr(p, "?>") + 2;
	for (const char *amp = p; (amp = strchr(amp, '&')); amp++)
		if (amp[1 + strspn(amp + 1, "#0123456789ampltg")] != ';')
			ck_abort_msg("%.20s", amp);
	while ((p = strchr(p, '<'))) {
		bool closing = p[1] == '/';
		size_t len = strspn(p + 1 + closing, "abcdefghijklmnopqrstuvwxyz-");
		const char *name = p + 1 + closing;

		ck_assert_msg(len && len < 32, "%.40s", p);
		p = skip_attributes(name + len);
		if (closing) {
			ck_assert_int_gt(depth, 0);
			depth--;
			ck_assert_uint_eq(strlen(open[depth]), len);
			ck_assert_int_eq(strncmp(open[depth], name, len), 0);
		} else if (*p == '/') {
			p++;
		} else {
			ck_assert_int_lt(depth, 16);
			memcpy(open[depth], name, len);
			open[depth++][len] = '\0';
		}
		ck_assert_msg(*p == '>', "%.40s", p);
	}
	ck_assert_int_eq(depth, 0);
}

START_TEST(it_is_well_formed_whatever_a_text_holds)
{
	static const char control[] = "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0d\x0e\x0f\x10\x11"
				      "\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";
	char *text;

	check_well_formed(golden);
	for (size_t n = 0; (text = test_hostile(n)); n++) {
		for (int v = 0; v < VERDICT_N; v++) {
			struct record r = {.id = text,
					   .title = text,
					   .verdict = (enum verdict)v,
					   .reason = text,
					   .expectation = text,
					   .evidence = text};
			struct run run = {.records = &r, .n = 1, .info = {.qemu = text}};
			struct buf b = BUF_INIT;

			run.count[v] = 1;
			report_junit(&run, &b);
			ck_assert_uint_eq(strcspn(b.data, control), b.len);
			check_well_formed(b.data);
			buf_release(&b);
		}
		free(text);
	}
}
END_TEST

UNIT_TESTS(report_junit, every_verdict_has_its_element, strict_and_unfinished_runs_show,
	   it_is_well_formed_whatever_a_text_holds)
