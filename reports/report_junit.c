// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report_junit.c - a run as JUnit XML
 *
 * There is no one schema. What is written is valid against the stricter one (Ant's: no attributes
 * on testsuites, one result at most in a testcase, both outputs in every testsuite) as well as
 * against the one of Jenkins. There is no word for "a SHOULD is not followed": that is a pass with
 * a line in system-out, unless STRICT=1 made it a failure. Nor is there one for a run that ended
 * early: it gets a testcase of its own, with an error.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/reports.h"

#define MESSAGE_MAX_BYTES 300

static void attribute(struct buf *b, const char *name, const char *value)
{
	struct buf line = BUF_INIT;

	escape_line(&line, value, 4000);
	buf_addf(b, " %s=\"", name);
	escape_attr(b, line.data);
	buf_addstr(b, "\"");
	buf_release(&line);
}

static void property(struct buf *b, const char *name, const char *value)
{
	buf_addstr(b, "   <property");
	attribute(b, "name", name);
	attribute(b, "value", value);
	buf_addstr(b, "/>\n");
}

static void line_of_text(struct buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(b, "%s: ", name);
	escape_text(b, value);
	buf_addstr(b, "\n");
}

/* A failure, error or skipped: the first words as message, everything as text. */
static void result(const struct run *run, const struct record *r, const char *element,
		   const char *prefix, const char *reason, struct buf *b)
{
	struct buf message = BUF_INIT, rerun = BUF_INIT;

	buf_addstr(&message, prefix);
	escape_line(&message, reason, MESSAGE_MAX_BYTES);
	report_rerun(run, r, &rerun);
	buf_addf(b, "   <%s", element);
	if (strcmp(element, "skipped") != 0) /* Ant's schema has no type there */
		attribute(b, "type", verdict_name(r->verdict));
	attribute(b, "message", message.data);
	buf_addstr(b, ">");
	if (r->reason && *r->reason) {
		escape_text(b, r->reason);
		buf_addstr(b, "\n");
	}
	line_of_text(b, "claim", r->title);
	line_of_text(b, "clause", r->clause);
	line_of_text(b, "expectation", r->expectation);
	line_of_text(b, "evidence", r->evidence);
	line_of_text(b, "run again", rerun.data);
	buf_addf(b, "</%s>\n", element);
	buf_release(&rerun);
	buf_release(&message);
}

static void testcase_body(const struct run *run, const struct record *r, struct buf *b)
{
	switch (r->verdict) {
	case VERDICT_FAIL:
		result(run, r, "failure", "", r->reason, b);
		break;
	case VERDICT_XPASS:
		result(run, r, "failure",
		       "passed, though it was expected to fail: ", r->expectation, b);
		break;
	case VERDICT_NON_STRICT:
		if (run->info.strict)
			result(run, r, "failure", "a SHOULD is not followed: ", r->reason, b);
		break;
	case VERDICT_BROKEN:
		result(run, r, "error", "", r->reason, b);
		break;
	case VERDICT_XFAIL:
		result(run, r, "skipped", "expected to fail: ", r->expectation, b);
		break;
	case VERDICT_SKIP:
		result(run, r, "skipped", "", r->reason, b);
		break;
	case VERDICT_PASS:
	case VERDICT_N:
		break;
	}
}

static void testcase(const struct run *run, const struct record *r, struct buf *b)
{
	const char *at = strchr(r->id, '@');
	char *claim = xstrndup(r->id, at ? (size_t)(at - r->id) : strlen(r->id));

	buf_addstr(b, "  <testcase");
	attribute(b, "classname", claim);
	attribute(b, "name", at && at[1] ? at + 1 : claim);
	buf_addf(b, " time=\"%.3f\">\n", r->seconds);
	testcase_body(run, r, b);
	buf_addstr(b, "  </testcase>\n");
	free(claim);
}

/* The schema knows no time zone; what is no time at all becomes the epoch. */
static void timestamp(struct buf *b, const char *started)
{
	static const char shape[] = "0000-00-00T00:00:00";
	bool good = started != NULL;

	for (size_t i = 0; good && shape[i]; i++)
		good = shape[i] == '0' ? isdigit((unsigned char)started[i]) != 0
				       : started[i] == shape[i];
	buf_addf(b, " timestamp=\"%.19s\"", good ? started : "1970-01-01T00:00:00");
}

static bool is_whole(const struct run *run)
{
	return !run->info.interrupted && run->n >= run->info.selected;
}

static void suite_open(const struct run *run, struct buf *b)
{
	const size_t *count = run->count;
	size_t failures = count[VERDICT_FAIL] + count[VERDICT_XPASS];

	if (run->info.strict)
		failures += count[VERDICT_NON_STRICT];
	buf_addstr(b, " <testsuite name=\"chardev-check\" package=\"chardev-check\" id=\"0\"");
	timestamp(b, run->info.started);
	/* The record does not say where it ran; the schema asks for this word then. */
	buf_addstr(b, " hostname=\"localhost\"");
	buf_addf(b,
		 " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n",
		 run->n + !is_whole(run), failures, count[VERDICT_BROKEN] + !is_whole(run),
		 count[VERDICT_SKIP] + count[VERDICT_XFAIL], run->info.seconds);
	buf_addstr(b, "  <properties>\n");
	property(b, "suite", run->info.suite);
	property(b, "qemu", run->info.qemu);
	property(b, "qemu_version", run->info.qemu_version);
	property(b, "accel", run->info.accel);
	property(b, "kernel", run->info.kernel);
	property(b, "interrupted", run->info.interrupted ? "yes" : "no");
	buf_addstr(b, "  </properties>\n");
}

void report_junit(const struct run *run, struct buf *b)
{
	struct buf totals = BUF_INIT;

	run_totals(run, &totals);
	buf_addstr(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	suite_open(run, b);
	for (size_t i = 0; i < run->n; i++)
		testcase(run, &run->records[i], b);
	if (!is_whole(run))
		buf_addf(b,
			 "  <testcase classname=\"chardev-check\" name=\"run-is-whole\" "
			 "time=\"0\">\n"
			 "   <error type=\"BROKEN\" message=\"the run ended early: %zu of %zu "
			 "trials "
			 "have a record\"/>\n  </testcase>\n",
			 run->n, run->info.selected);
	buf_addstr(b, "  <system-out>");
	for (size_t i = 0; i < run->n; i++) {
		const struct record *r = &run->records[i];

		if (r->verdict != VERDICT_NON_STRICT || run->info.strict)
			continue;
		buf_addstr(b, "NON-STRICT ");
		escape_text(b, r->id);
		buf_addstr(b, ": ");
		escape_text(b, r->reason);
		buf_addstr(b, "\n");
	}
	buf_addf(b, "%s</system-out>\n", totals.data);
	buf_addstr(b, "  <system-err></system-err>\n </testsuite>\n</testsuites>\n");
	buf_release(&totals);
}
