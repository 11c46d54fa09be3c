/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - what is kept of a run and of each of its trials: JSON lines, one file a run
 */
#ifndef REPORTS_RECORD_H
#define REPORTS_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"

/** enum verdict - See README, "Reading the result" */
enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_SKIP,
	VERDICT_BROKEN,
	VERDICT_XFAIL,	    /* failed, and cases.conf said so */
	VERDICT_XPASS,	    /* passed, though cases.conf said that it fails: fails the run */
	VERDICT_NON_STRICT, /* a SHOULD is not followed; fails the run only under STRICT=1 */
	VERDICT_N
};

/**
 * struct record - One trial's outcome
 * @id:		trial id, area.claim@axis,axis,..
 * @title:	the case's claim
 * @clause:	where the claim comes from
 * @level:	"MUST", "SHOULD", ..
 * @axes:	"device=virtserialport backend=unix .." : name=value, blanks between
 * @reason:	one or more lines; empty for PASS
 * @expectation: the reason in cases.conf, for XFAIL and XPASS
 * @evidence:	folder with the evidence, relative to the run's folder; empty: none was kept
 * @timings:	"warm start 0.21 s, ssh 0.18 s, .."
 * @crash:	QEMU ended as it must not; no expectation or level excuses that
 * @seconds:	the whole trial
 */
struct record {
	char *id, *title, *clause, *level, *axes;
	enum verdict verdict;
	char *reason, *expectation, *evidence, *timings;
	bool crash;
	double seconds;
};

/**
 * struct run_info - What was run
 * @qemu:	path of the build under test; @qemu_version: "10.0.2 (Debian ..)"
 * @rerun_prefix: "make check QEMU=..": the front of a re-run line
 * @accel, @kernel, @started (ISO 8601, "2026-01-31T14:05:06.."), @suite: version of the suite
 * @interrupted: the run was ended early
 * @strict:	STRICT=1: a SHOULD counts as a MUST
 * @selected:	trials that were to run; @jobs: how many at once; @seconds: wall time
 */
struct run_info {
	char *qemu, *qemu_version, *accel, *kernel, *started, *suite, *rerun_prefix;
	bool interrupted;
	bool strict;
	size_t selected;
	int jobs;
	double seconds;
};

/** struct run - A run read back from its folder */
struct run {
	char *dir;
	struct run_info info;
	struct record *records;
	size_t n;
	size_t count[VERDICT_N];
};

const char *verdict_name(enum verdict v);
/** verdict_bad() - It makes the run fail (FAIL, XPASS, BROKEN; NON_STRICT under @strict) */
bool verdict_bad(enum verdict v, bool strict);

void record_release(struct record *r);
/** record_append() - Add one line to DIR/results.jsonl, in one write. Strings may hold any bytes,
 * and may be NULL: they are kept as clean UTF-8 (escape_clean()) */
void record_append(const char *dir, const struct record *r);
/** record_write() and record_read() - One record in a file of its own (between a trial and its
 * parent); read: false when there is none or it is not whole */
void record_write(const char *path, const struct record *r);
bool record_read(const char *path, struct record *r);

/** run_info_write() - Write DIR/run.json */
void run_info_write(const char *dir, const struct run_info *info);
/** run_load() - Read DIR back, in the order of trial ids; false and a line in @why when there is no
 * readable run.json. A torn line (the suite was killed while writing) or garbage is left out and
 * said in @why, not fatal. Of two records with the same id the later one counts */
bool run_load(struct run *run, const char *dir, struct buf *why);
void run_release(struct run *run);
/** run_exit() - The exit code (enum exit_code) that the records ask for: EXIT_FAILED with a FAIL or
 * XPASS (or NON_STRICT under strict); else EXIT_BROKEN with a BROKEN, after an interrupted run,
 * with fewer records than trials selected, or without a single PASS; else EXIT_WELL */
int run_exit(const struct run *run);
/** run_totals() - "N passed, N failed, N skipped": passed counts PASS alone; failed counts FAIL,
 * XPASS and BROKEN (and NON_STRICT under strict); XFAIL and a tolerated NON_STRICT are neither */
void run_totals(const struct run *run, struct buf *b);

#endif
