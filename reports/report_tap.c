// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report_tap.c - a run as TAP
 *
 * The YAML keeps to what prove's own small reader understands too: that one fails the whole file
 * over a block scalar with an indentation indicator, and over very long quoted strings.
 */
#include <string.h>

#include "reports/escape.h"
#include "reports/reports.h"

#define LINE_MAX_BYTES 200

/* On one line, with # and \ escaped as TAP 14 says. */
static void tap_text(struct buf *b, const char *s, size_t max)
{
	struct buf line = BUF_INIT;

	escape_line(&line, s, max);
	for (const char *p = line.data; *p; p++) {
		if (*p == '#' || *p == '\\')
			buf_addstr(b, "\\");
		buf_add(b, p, 1);
	}
	buf_release(&line);
}

/* key: "value", unless it is empty */
static void yaml_string(struct buf *b, const char *key, const char *value)
{
	struct buf clean = BUF_INIT;

	escape_line(&clean, value, 4000);
	if (clean.len) {
		buf_addf(b, "  %s: \"", key);
		for (const char *p = clean.data; *p; p++) {
			if (*p == '"' || *p == '\\')
				buf_addstr(b, "\\");
			buf_add(b, p, 1);
		}
		buf_addstr(b, "\"\n");
	}
	buf_release(&clean);
}

/*
 * key: | and the lines, unless there are none. The first line's indentation is that of the block,
 * so blanks in front of it have to go.
 */
static void yaml_block(struct buf *b, const char *key, const char *value)
{
	struct buf clean = BUF_INIT;
	const char *line;

	escape_clean(&clean, value);
	while (clean.len && strchr(" \t\n", clean.data[clean.len - 1]))
		clean.data[--clean.len] = '\0';
	line = clean.data + strspn(clean.data, " \t\n");
	if (*line)
		buf_addf(b, "  %s: |\n", key);
	while (*line) {
		size_t len = strcspn(line, "\n");

		buf_addstr(b, "    ");
		buf_add(b, line, len);
		buf_addstr(b, "\n");
		line += len + (line[len] == '\n');
	}
	buf_release(&clean);
}

static void tap_yaml(const struct run *run, const struct record *r, struct buf *b)
{
	struct buf rerun = BUF_INIT;

	report_rerun(run, r, &rerun);
	buf_addstr(b, "  ---\n");
	yaml_string(b, "verdict", verdict_name(r->verdict));
	yaml_string(b, "claim", r->title);
	yaml_string(b, "clause", r->clause);
	yaml_string(b, "level", r->level);
	if (r->verdict == VERDICT_XPASS)
		yaml_string(b, "message", "passed, though cases.conf says that it fails");
	yaml_string(b, "expectation", r->expectation);
	yaml_block(b, "reason", r->reason);
	yaml_string(b, "evidence", r->evidence);
	yaml_string(b, "rerun", rerun.data);
	buf_addf(b, "  seconds: %.3f\n", r->seconds);
	buf_addstr(b, "  ...\n");
	buf_release(&rerun);
}

/* What stands behind the description: a directive lets a "not ok" pass. */
static void tap_directive(const struct run *run, const struct record *r, struct buf *b)
{
	const char *reason = r->reason;

	if (r->verdict == VERDICT_SKIP) {
		buf_addstr(b, " # SKIP ");
	} else if (r->verdict == VERDICT_XFAIL) {
		buf_addstr(b, " # TODO ");
		reason = r->expectation && *r->expectation ? r->expectation : "expected to fail";
	} else if (r->verdict == VERDICT_NON_STRICT && !run->info.strict) {
		buf_addstr(b, " # TODO non-strict: ");
	} else {
		return;
	}
	tap_text(b, reason, LINE_MAX_BYTES);
	while (b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
}

static bool wants_yaml(const struct record *r)
{
	if (r->verdict == VERDICT_SKIP)
		return r->reason && (strlen(r->reason) > LINE_MAX_BYTES || strchr(r->reason, '\n'));
	return r->verdict != VERDICT_PASS;
}

void report_tap(const struct run *run, int version, struct buf *b)
{
	size_t planned = run->n > run->info.selected ? run->n : run->info.selected;

	buf_addf(b, "TAP version %d\n1..%zu\n", version, planned);
	for (size_t i = 0; i < run->n; i++) {
		const struct record *r = &run->records[i];
		bool ok = r->verdict == VERDICT_PASS || r->verdict == VERDICT_SKIP;

		buf_addf(b, "%s %zu - ", ok ? "ok" : "not ok", i + 1);
		tap_text(b, r->id, 4000);
		tap_directive(run, r, b);
		buf_addstr(b, "\n");
		if (wants_yaml(r))
			tap_yaml(run, r, b);
	}
	buf_addstr(b, "# ");
	run_totals(run, b);
	buf_addstr(b, "\n");
	if (run->n < planned || run->info.interrupted)
		buf_addf(b, "Bail out! the run ended early: %zu of %zu trials have a record\n",
			 run->n, planned);
	else if (!run->n)
		buf_addstr(b, "Bail out! no trial was run\n");
}
