// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"
#include "reports/report_test.h"
#include "reports/reports.h"

void test_run(struct run *run, const struct run_info *info, const struct record *records, size_t n)
{
	struct buf why = BUF_INIT;

	run_info_write(".", info);
	for (size_t i = 0; i < n; i++)
		record_append(".", &records[i]);
	ck_assert_msg(run_load(run, ".", &why), "%s", why.data);
	ck_assert_str_eq(why.data, "");
}

char *test_hostile(size_t n)
{
	static const char *const texts[] = {
		"a ]]> b <![CDATA[ c --> d",
		"\"double\" 'single' <b>&amp;</b> \\ \\\" \\\\",
		"  leading blanks\nless\n\n\n    more\n\ttab\n",
		"\n \n\t\n  x",
		"   ",
		"...\n  ...\n---\nok 1\nnot ok 2\nBail out!\n1..9\nTAP version 14",
		"# SKIP # TODO \\# \\",
		"key: value\n- item\n? x\n: y\n&anchor *alias !tag %dir @at `tick | > {a: [b]}",
		"</script><script>alert(1)</script><!-- <style>",
		"\x1b[31mred\r\n\x01\x02\x7f",
		"\xff\xfe\xc3\x28\xed\xa0\x80\xef\xbf\xbf\xc2\x85\xe2\x80\xa8x",
		"%s%n%d",
	};
	size_t known = sizeof(texts) / sizeof(*texts);
	struct buf b = BUF_INIT;

	if (n < known)
		return xstrdup(texts[n]);
	for (size_t i = 0; n < known + 3 && b.len < 100000; i++) {
		if (n == known) /* long lines of every byte but NUL */
			buf_add(&b, &(char){(char)(i % 255 + 1)}, 1);
		else if (n == known + 1)
			buf_addstr(&b, "#\\\"'<");
		else
			buf_addstr(&b, "\n x");
	}
	return n < known + 3 ? buf_steal(&b) : NULL;
}

START_TEST(the_line_to_run_again_is_quoted)
{
	struct run run = {.info = {.rerun_prefix = (char *)"make check QEMU=/q"}};
	struct record r = {.id = (char *)"a.b@c,d"};
	struct buf b = BUF_INIT;

	report_rerun(&run, &r, &b);
	ck_assert_str_eq(b.data, "make check QEMU=/q CASE='a.b@c,d' V=1");
	buf_clear(&b);
	run.info.rerun_prefix = NULL;
	r.id = (char *)"it's";
	report_rerun(&run, &r, &b);
	ck_assert_str_eq(b.data, "make check CASE='it'\\''s' V=1");
	buf_release(&b);
}
END_TEST

START_TEST(all_reports_are_written)
{
	static const struct {
		const char *name, *start;
	} rows[] = {
		{"report.tap", "TAP version 14\n1..1\nok 1 - a\n"},
		{"prove.tap", "TAP version 13\n1..1\nok 1 - a\n"},
		{"junit.xml", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"},
		{"index.html", "<!DOCTYPE html>\n"},
	};
	const struct record r = {.id = (char *)"a"};
	const struct run_info info = {.selected = 1};
	struct run run;

	test_run(&run, &info, &r, 1);
	for (int again = 0; again < 2; again++)
		report_write_all(&run);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf b = BUF_INIT;

		ck_assert(buf_read_file(&b, rows[i].name));
		ck_assert_msg(strncmp(b.data, rows[i].start, strlen(rows[i].start)) == 0, "%s",
			      b.data);
		buf_release(&b);
	}
	run_release(&run);
}
END_TEST

UNIT_TESTS(reports, the_line_to_run_again_is_quoted, all_reports_are_written)
