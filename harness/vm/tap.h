/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tap.h - read a helper's TAP, strictly: plan, count, bail out; a truncated stream is a failure
 */
#ifndef VM_TAP_H
#define VM_TAP_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"

#define TAP_LINE_MAX 65536 /* a longer line is an error of form */

/**
 * struct tap - A TAP stream as it comes
 * @version_seen: the first line was "TAP version 13" or 14
 * @plan_last:	the plan came after a test: nothing but "Bail out!" may follow
 * @bailed:	"Bail out!" was seen; @first_failure has its reason
 * @ended:	tap_end() was called
 * @in_yaml:	inside a YAML block ("  ---" .. "  ...")
 * @after_test:	the last line was a test: a YAML block may begin
 * @plan:	number of tests planned; -1: no plan yet
 * @count:	tests seen; they must be numbered 1, 2, ..
 * @failed:	tests that were "not ok" (TODO and SKIP directives do not count)
 * @first_failure: "N - text" of the first of them
 * @skip:	reason of "1..0 # SKIP reason" (the whole stream is skipped); empty: it is not
 * @error:	what is wrong with the form of the stream; empty: nothing so far
 * @diag:	all "# .." lines as they came, newline after each
 * @line:	the line that is still coming
 */
struct tap {
	bool version_seen, plan_last, bailed, ended, in_yaml, after_test;
	int plan, count, failed;
	struct buf first_failure, skip, error, diag, line;
};

void tap_init(struct tap *t);
void tap_release(struct tap *t);
/** tap_add() - Feed it bytes as they come */
void tap_add(struct tap *t, const char *data, size_t len);
/** tap_end() - The stream is over: true when it is well-formed, complete, and nothing failed; else
 * false and one line in @why. A stream that skips everything (@skip) has shown nothing: false */
bool tap_end(struct tap *t, struct buf *why);
/** tap_diag() - The text behind the first "# KEY " diagnostic line seen so far ("" when it is just
 * "# KEY"); malloc'ed, NULL: none */
char *tap_diag(const struct tap *t, const char *key);

#endif
