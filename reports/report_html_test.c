// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"
#include "reports/report_html.h"
#include "reports/report_test.h"
#include "reports/reports.h"

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void check_has(const struct buf *b, const char *what)
{
	ck_assert_msg(strstr(b->data, what) != NULL, "not there: %s", what);
}

/* Records of one case over device x backend x size, one combination left out. */
static size_t fill(struct record *records, size_t max)
{
	static const char *const device[] = {"isa-serial", "virtconsole"};
	static const char *const backend[] = {"pty", "tcp", "udp"};
	static const char *const size[] = {"1", "4095", "65536"};
	size_t n = 0;

	for (size_t i = 0; i < 2UL * 3 * 3; i++) {
		const char *d = device[i / 9], *b = backend[i / 3 % 3], *s = size[i % 3];

		if (i == 5)
			continue;
		ck_assert_uint_lt(n, max);
		records[n++] =
			(struct record){.id = xasprintf("transfer@%s,%s,hot,%s", d, b, s),
					.title = (char *)"every byte arrives",
					.axes = xasprintf("device=%s backend=%s plug=hot size=%s",
							  d, b, s),
					.verdict = (enum verdict)(i % VERDICT_N),
					.reason = i % VERDICT_N ? (char *)"because" : NULL,
					.seconds = (double)i};
	}
	return n;
}

static void make_page(struct buf *b)
{
	const struct run_info info = {.qemu_version = (char *)"10.0.2 <x>",
				      .selected = 18,
				      .jobs = 2};
	struct record records[18] = {{0}};
	size_t n = fill(records, 18);
	struct run run;

	test_run(&run, &info, records, n);
	report_html(&run, b);
	run_release(&run);
	for (size_t i = 0; i < n; i++) {
		free(records[i].id);
		free(records[i].axes);
	}
}

START_TEST(the_matrix_holds_every_trial_once)
{
	struct buf b = BUF_INIT;

	make_page(&b);
	ck_assert_uint_eq(count(b.data, "<a class=\"t "), 17);
	ck_assert_uint_eq(count(b.data, "<tr class=\"t "), 17);
	ck_assert_uint_eq(count(b.data, "title=\"no such trial\""), 1);
	ck_assert_uint_eq(count(b.data, "<div class=w><table class=m>"), 1);
	/* backend and size across, device down, plug told once */
	check_has(&b,
		  "<td class=k colspan=1><i>backend &rarr;</i><th scope=col colspan=3>pty"
		  "<th scope=col class=b colspan=3>tcp<th scope=col class=b colspan=3>udp</tr>");
	check_has(&b, "<th scope=col class=k>device <i>size &rarr;</i><th scope=col>1"
		      "<th scope=col>4095<th scope=col>65536<th scope=col class=b>1");
	check_has(&b, "<th scope=row>isa-serial<td");
	check_has(&b, "<i>always</i> plug=hot");
	check_has(&b, "10.0.2 &lt;x&gt;");
	check_has(&b, "<p class=note>The run ended early: 17 of 18 trials have a record.</p>");
	buf_release(&b);
}
END_TEST

/* Each #link on the page has the element that it leads to. */
START_TEST(every_link_leads_somewhere)
{
	struct buf b = BUF_INIT;
	size_t links = 0;

	make_page(&b);
	for (const char *p = b.data; (p = strstr(p, "href=\"#")); links++) {
		char *plain, *last;
		size_t len;

		p += strlen("href=\"#");
		len = strcspn(p, "\"");
		plain = xasprintf(" id=%.*s>", (int)len, p);
		last = xasprintf(" id=%.*s ", (int)len, p);
		ck_assert_msg(strstr(b.data, plain) || strstr(b.data, last), "%s", plain);
		free(last);
		free(plain);
	}
	ck_assert_uint_gt(links, 17);
	buf_release(&b);
}
END_TEST

START_TEST(the_page_stands_alone)
{
	static const char *const outside[] = {"http:",	 "https:", "src=",
					      "@import", "url(",   "<link"};
	struct buf b = BUF_INIT;

	make_page(&b);
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		ck_assert_msg(!strstr(b.data, outside[i]), "%s", outside[i]);
	for (int v = 0; v < VERDICT_N; v++) {
		char *legend = xasprintf("<dt><b class=\"v %s\">", verdict_name((enum verdict)v));

		check_has(&b, legend);
		free(legend);
	}
	buf_release(&b);
}
END_TEST

START_TEST(evidence_and_reports_of_bugs_are_links)
{
	const struct record r = {.id = (char *)"a@b",
				 .verdict = VERDICT_XFAIL,
				 .evidence = (char *)"evidence/a@b",
				 .expectation = (char *)"see https://x/?a&b \"now\" javascript:y"};
	const struct run_info info = {.selected = 1};
	struct buf b = BUF_INIT;
	struct run run;

	file_mkdirs("evidence/a@b");
	file_write("evidence/a@b/qmp log#", "x", 1);
	file_write("evidence/a@b/.secret", "x", 1);
	test_run(&run, &info, &r, 1);
	report_html(&run, &b);
	check_has(&b, "<a href=\"evidence/a@b/\">evidence/a@b</a>");
	check_has(&b, "<a href=\"evidence/a@b/qmp%20log%23\">qmp log#</a>");
	check_has(&b,
		  "see <a href=\"https://x/?a&amp;b\">https://x/?a&amp;b</a> \"now\" javascript:y");
	ck_assert_ptr_null(strstr(b.data, ".secret"));
	check_has(&b, "<code class=run>make check CASE='a@b' V=1</code>");
	run_release(&run);
	buf_release(&b);
}
END_TEST

START_TEST(odd_axes_lose_no_trial)
{
	const struct record records[] = {
		{.id = (char *)"a@1", .axes = (char *)"x=1"},
		{.id = (char *)"a@2", .axes = (char *)"x=1"}, /* the same place */
		{.id = (char *)"a@3", .axes = (char *)"y=1"}, /* another axis */
		{.id = (char *)"a@4", .axes = (char *)"x"},
		{.id = (char *)"a@5", .axes = (char *)"=  == x="},
		{.id = (char *)"a@6", .axes = (char *)"a b c d e f g h i j k l m n o p q r s t"},
		{.id = (char *)"a@7"},
		{.id = (char *)"@"},
		{.id = (char *)"@@"},
	};
	size_t n = sizeof(records) / sizeof(*records);
	const struct run_info info = {.selected = n};
	struct buf b = BUF_INIT;
	struct run run;

	test_run(&run, &info, records, n);
	report_html(&run, &b);
	ck_assert_uint_eq(count(b.data, "<a class=\"t PASS\""), n);
	run_release(&run);
	buf_release(&b);
}
END_TEST

START_TEST(no_text_becomes_markup)
{
	char *text;

	for (size_t n = 0; (text = test_hostile(n)); n++) {
		for (int v = 0; v < VERDICT_N; v += 2) {
			struct record r = {.id = text,
					   .title = text,
					   .clause = text,
					   .level = text,
					   .axes = text,
					   .verdict = (enum verdict)v,
					   .reason = text,
					   .expectation = text,
					   .evidence = text,
					   .timings = text};
			struct run run = {.dir = (char *)".", .records = &r, .n = 1};
			struct buf b = BUF_INIT;

			run.count[v] = 1;
			run.info.qemu = run.info.kernel = run.info.suite = text;
			report_html(&run, &b);
			ck_assert_uint_eq(count(b.data, "<script>"), 1);
			ck_assert_uint_eq(count(b.data, "</script>"), 1);
			ck_assert_uint_eq(count(b.data, "<style>"), 1);
			ck_assert_ptr_null(strstr(b.data, "<!--"));
			ck_assert_ptr_null(strstr(b.data, "<b>"));
			buf_release(&b);
		}
		free(text);
	}
}
END_TEST

START_TEST(an_empty_run_is_a_page_too)
{
	struct run run = {.dir = (char *)"."};
	struct buf b = BUF_INIT;

	report_html(&run, &b);
	check_has(&b, "0 passed, 0 failed, 0 skipped");
	check_has(&b, ">not judged</b>");
	buf_release(&b);
}
END_TEST

UNIT_TESTS(report_html, the_matrix_holds_every_trial_once, every_link_leads_somewhere,
	   the_page_stands_alone, evidence_and_reports_of_bugs_are_links, odd_axes_lose_no_trial,
	   no_text_becomes_markup, an_empty_run_is_a_page_too)
