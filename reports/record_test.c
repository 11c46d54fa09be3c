// SPDX-License-Identifier: GPL-2.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/selftest/unit.h"
#include "reports/record.h"

static const struct record sample = {
	.id = "transfer@virtserialport,unix,h2g",
	.title = "every byte arrives once and in order",
	.clause = "virtio-1.2/5.3.6/1",
	.level = "MUST",
	.axes = "device=virtserialport backend=unix dir=h2g",
	.verdict = VERDICT_FAIL,
	.reason = "line \"one\"\nline\ttwo \\ \x1b[0m \xff caf\xc3\xa9",
	.expectation = "",
	.evidence = "evidence/x",
	.timings = "ssh 0.18 s",
	.seconds = 0.25,
};

/* The text of a results.jsonl line. */
static void add_line(struct buf *b, const char *id, const char *verdict)
{
	buf_addf(b, "{\"id\":\"%s\",\"verdict\":\"%s\",\"seconds\":1}\n", id, verdict);
}

static void put_text(const char *path, const char *text)
{
	file_write(path, text, strlen(text));
}

static void put_results(const struct buf *b)
{
	struct run_info info = {.selected = 0};

	run_info_write(".", &info);
	file_write("results.jsonl", b->data, b->len);
}

static void put(const char *id, enum verdict verdict)
{
	struct record r = {.id = (char *)id, .verdict = verdict};

	record_append(".", &r);
}

START_TEST(a_record_survives_its_file)
{
	struct record r;

	record_write("r.json", &sample);
	ck_assert(record_read("r.json", &r));
	ck_assert_str_eq(r.id, sample.id);
	ck_assert_str_eq(r.title, sample.title);
	ck_assert_str_eq(r.clause, sample.clause);
	ck_assert_str_eq(r.level, sample.level);
	ck_assert_str_eq(r.axes, sample.axes);
	ck_assert_str_eq(r.reason, "line \"one\"\nline\ttwo \\ \\x1b[0m \xef\xbf\xbd caf\xc3\xa9");
	ck_assert_str_eq(r.expectation, "");
	ck_assert_str_eq(r.evidence, sample.evidence);
	ck_assert_str_eq(r.timings, sample.timings);
	ck_assert_int_eq(r.verdict, VERDICT_FAIL);
	ck_assert_double_eq(r.seconds, 0.25);
	record_release(&r);
	ck_assert_ptr_null(r.id);
}
END_TEST

START_TEST(a_record_cut_anywhere_is_refused)
{
	struct buf whole = BUF_INIT;
	struct record r;

	ck_assert(!record_read("nosuch", &r));
	record_write("r.json", &sample);
	ck_assert(buf_read_file(&whole, "r.json"));
	for (size_t len = 0; len + 1 < whole.len; len++) {
		file_write("cut.json", whole.data, len);
		ck_assert(!record_read("cut.json", &r));
		ck_assert_ptr_null(r.id);
	}
	buf_addstr(&whole, "{}");
	file_write("cut.json", whole.data, whole.len);
	ck_assert(!record_read("cut.json", &r));
	buf_release(&whole);
}
END_TEST

START_TEST(what_is_no_record_is_refused)
{
	static const char *const rows[] = {
		"",
		"[]",
		"null",
		"\"x\"",
		"{}",
		"{\"id\":\"a\"}",
		"{\"id\":\"\",\"verdict\":\"PASS\"}",
		"{\"id\":7,\"verdict\":\"PASS\"}",
		"{\"id\":\"a\",\"verdict\":\"pass\"}",
		"{\"id\":\"a\",\"verdict\":0}",
		"{\"id\":\"a\",\"verdict\":\"PASS\",\"reason\":[\"x\"]}",
		"{\"id\":\"a\\u0000b\",\"verdict\":\"PASS\"}",
		"{\"id\":\"a\xff\",\"verdict\":\"PASS\"}",
	};
	struct record r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		put_text("r.json", rows[i]);
		ck_assert_msg(!record_read("r.json", &r), "%s", rows[i]);
	}
	put_text("r.json", "{\"id\":\"a\",\"verdict\":\"XFAIL\",\"seconds\":-1}");
	ck_assert(record_read("r.json", &r));
	ck_assert_int_eq(r.verdict, VERDICT_XFAIL);
	ck_assert_double_eq(r.seconds, 0);
	ck_assert_str_eq(r.reason, "");
	record_release(&r);
}
END_TEST

START_TEST(strange_numbers_are_no_time)
{
	static const double rows[] = {NAN, INFINITY, -INFINITY, -0.5};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct record r = {.id = (char *)"a", .seconds = rows[i]}, back;

		record_write("r.json", &r);
		ck_assert(record_read("r.json", &back));
		ck_assert_double_eq(back.seconds, 0);
		record_release(&back);
	}
}
END_TEST

START_TEST(a_run_is_read_back_in_order_and_reruns_win)
{
	struct run_info info = {.qemu = (char *)"/q/\xff",
				.accel = (char *)"tcg",
				.strict = true,
				.selected = 3,
				.jobs = 2,
				.seconds = 12.5};
	struct buf why = BUF_INIT;
	struct run run;

	run_info_write(".", &info);
	put("b@y", VERDICT_FAIL);
	put("a@x", VERDICT_PASS);
	put("b@y", VERDICT_PASS);
	put("b@x", VERDICT_SKIP);
	put("a@x", VERDICT_BROKEN);
	ck_assert(run_load(&run, ".", &why));
	ck_assert_str_eq(why.data, "");
	ck_assert_uint_eq(run.n, 3);
	ck_assert_str_eq(run.records[0].id, "a@x");
	ck_assert_int_eq(run.records[0].verdict, VERDICT_BROKEN);
	ck_assert_str_eq(run.records[1].id, "b@x");
	ck_assert_str_eq(run.records[2].id, "b@y");
	ck_assert_int_eq(run.records[2].verdict, VERDICT_PASS);
	ck_assert_uint_eq(run.count[VERDICT_FAIL], 0);
	ck_assert_uint_eq(run.count[VERDICT_PASS], 1);
	ck_assert_str_eq(run.info.qemu, "/q/\xef\xbf\xbd");
	ck_assert_str_eq(run.info.kernel, "");
	ck_assert(run.info.strict && !run.info.interrupted);
	ck_assert_uint_eq(run.info.selected, 3);
	ck_assert_int_eq(run.info.jobs, 2);
	ck_assert_double_eq(run.info.seconds, 12.5);
	run_release(&run);
	ck_assert_ptr_null(run.records);
}
END_TEST

START_TEST(garbage_lines_are_left_out_and_said)
{
	struct buf text = BUF_INIT, why = BUF_INIT;
	struct run run;

	add_line(&text, "a", "PASS");
	buf_add(&text, "\0\0\0\n\n\xff\xfe{{{\n", 11);
	for (int i = 0; i < 10000; i++)
		buf_addstr(&text, "[");
	buf_addstr(&text, "\n");
	add_line(&text, "b", "MAYBE");
	add_line(&text, "c", "SKIP");
	for (int i = 0; i < 20; i++)
		buf_addstr(&text, "x\n");
	buf_addstr(&text, "{\"id\":\"d\",\"verd");
	put_results(&text);
	ck_assert(run_load(&run, ".", &why));
	ck_assert_uint_eq(run.n, 2);
	ck_assert_uint_eq(run.count[VERDICT_SKIP], 1);
	ck_assert_ptr_nonnull(strstr(why.data, "results.jsonl line 2 is no record"));
	ck_assert_ptr_nonnull(
		strstr(why.data, "line 6 is no record and left out: no known verdict"));
	ck_assert_ptr_nonnull(strstr(why.data, "results.jsonl: 20 more such lines"));
	ck_assert_uint_lt(why.len, 2000);
	run_release(&run);
	buf_release(&why);
	buf_release(&text);
}
END_TEST

/* Killed after any byte of the second line: the first record is there, and the next one is not
 * lost. */
START_TEST(a_torn_line_costs_only_itself)
{
	struct buf text = BUF_INIT;
	size_t first;

	add_line(&text, "a", "PASS");
	first = text.len;
	add_line(&text, "b", "PASS");
	for (size_t len = first; len <= text.len; len++) {
		struct buf torn = BUF_INIT, why = BUF_INIT;
		bool whole = len + 1 >= text.len; /* only the line break is missing */
		struct run run;

		buf_add(&torn, text.data, len);
		put_results(&torn);
		ck_assert(run_load(&run, ".", &why));
		ck_assert_uint_eq(run.n, whole ? 2 : 1);
		ck_assert_int_eq(why.len != 0, len > first && !whole);
		run_release(&run);
		put("c", VERDICT_PASS);
		ck_assert(run_load(&run, ".", &why));
		ck_assert_uint_eq(run.n, whole ? 3 : 2);
		ck_assert_str_eq(run.records[run.n - 1].id, "c");
		run_release(&run);
		buf_release(&why);
		buf_release(&torn);
	}
	buf_release(&text);
}
END_TEST

START_TEST(a_folder_without_a_run_is_an_answer)
{
	static const char *const rows[] = {"", "[]", "{\"qemu\":1}", "{"};
	struct buf why = BUF_INIT;
	struct run run;

	ck_assert(!run_load(&run, "nosuch", &why));
	ck_assert_ptr_nonnull(strstr(why.data, "nosuch/run.json"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_clear(&why);
		put_text("run.json", rows[i]);
		ck_assert(!run_load(&run, ".", &why));
		ck_assert_uint_gt(why.len, 0);
	}
	put_text("run.json", "{\"selected\":-4}");
	ck_assert(run_load(&run, ".", &why));
	ck_assert_uint_eq(run.n, 0);
	ck_assert_uint_eq(run.info.selected, 0);
	run_release(&run);
	ck_assert_int_eq(mkdir("results.jsonl", 0700), 0);
	ck_assert(!run_load(&run, ".", &why));
	buf_release(&why);
}
END_TEST

START_TEST(the_exit_code_and_totals_follow_the_verdicts)
{
	static const struct {
		size_t count[VERDICT_N]; /* PASS FAIL SKIP BROKEN XFAIL XPASS NON_STRICT */
		bool strict, interrupted;
		size_t missing;
		int code;
		const char *totals;
	} rows[] = {
		{{1}, false, false, 0, EXIT_WELL, "1 passed, 0 failed, 0 skipped"},
		{{1, 0, 1, 0, 1, 0, 1},
		 false,
		 false,
		 0,
		 EXIT_WELL,
		 "1 passed, 0 failed, 1 skipped"},
		{{1, 0, 0, 0, 0, 0, 1},
		 true,
		 false,
		 0,
		 EXIT_FAILED,
		 "1 passed, 1 failed, 0 skipped"},
		{{5, 1}, false, false, 0, EXIT_FAILED, "5 passed, 1 failed, 0 skipped"},
		{{5, 0, 0, 0, 0, 1}, false, false, 0, EXIT_FAILED, "5 passed, 1 failed, 0 skipped"},
		{{5, 0, 0, 1}, false, false, 0, EXIT_BROKEN, "5 passed, 1 failed, 0 skipped"},
		{{5, 1, 0, 1}, false, true, 3, EXIT_FAILED, "5 passed, 2 failed, 0 skipped"},
		{{5}, false, true, 0, EXIT_BROKEN, "5 passed, 0 failed, 0 skipped"},
		{{5}, false, false, 1, EXIT_BROKEN, "5 passed, 0 failed, 0 skipped"},
		{{0}, false, false, 0, EXIT_BROKEN, "0 passed, 0 failed, 0 skipped"},
		{{0, 0, 4}, false, false, 0, EXIT_BROKEN, "0 passed, 0 failed, 4 skipped"},
		{{0, 0, 0, 0, 4}, false, false, 0, EXIT_BROKEN, "0 passed, 0 failed, 0 skipped"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct run run = {
			.info = {.strict = rows[i].strict, .interrupted = rows[i].interrupted}};
		struct buf b = BUF_INIT;

		memcpy(run.count, rows[i].count, sizeof(run.count));
		for (size_t v = 0; v < VERDICT_N; v++)
			run.n += run.count[v];
		run.info.selected = run.n + rows[i].missing;
		ck_assert_int_eq(run_exit(&run), rows[i].code);
		run_totals(&run, &b);
		ck_assert_str_eq(b.data, rows[i].totals);
		buf_release(&b);
	}
}
END_TEST

UNIT_TESTS(record, a_record_survives_its_file, a_record_cut_anywhere_is_refused,
	   what_is_no_record_is_refused, strange_numbers_are_no_time,
	   a_run_is_read_back_in_order_and_reruns_win, garbage_lines_are_left_out_and_said,
	   a_torn_line_costs_only_itself, a_folder_without_a_run_is_an_answer,
	   the_exit_code_and_totals_follow_the_verdicts)
