/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reports.h - a run rendered: TAP 14, JUnit XML, one HTML page */
#ifndef REPORTS_REPORTS_H
#define REPORTS_REPORTS_H

#include "harness/base/buf.h"
#include "reports/record.h"

/** report_rerun() - The line that runs one trial again: make check QEMU=.. CASE='id' V=1 */
void report_rerun(const struct run *run, const struct record *r, struct buf *b);
/** report_tap() - TAP, plan first, a line a trial, # SKIP and # TODO, YAML diagnostics. @version is
 * 14, or 13 for prove before Test::Harness 3.48, which refuses a 14; the rest is the same, as TAP
 * 14 allows */
void report_tap(const struct run *run, int version, struct buf *b);
/** report_junit() - JUnit XML (valid against the schemas of Ant and of Jenkins) */
void report_junit(const struct run *run, struct buf *b);
/** report_html() - One self-contained page: the matrix case x variant, legend, filter, evidence
 * links */
void report_html(const struct run *run, struct buf *b);
/** report_write_all() - report.tap (version 14), prove.tap (13), junit.xml and index.html into the
 * run's folder */
void report_write_all(const struct run *run);

#endif
