/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_html.h - the parts of the HTML page, between the files that make it */
#ifndef REPORTS_REPORT_HTML_H
#define REPORTS_REPORT_HTML_H

#include "harness/base/buf.h"
#include "reports/record.h"

/** The page's style sheet and script: constant text */
extern const char html_style[];
extern const char html_script[];

/** html_verdict() - Append a verdict as a coloured word */
void html_verdict(struct buf *b, enum verdict v);
/** html_seconds() - Append a duration, with three digits or so */
void html_seconds(struct buf *b, double seconds);
/** html_target() - Append the id of the element that tells most about trial @i of the run */
void html_target(struct buf *b, const struct run *run, size_t i);
/** html_hint() - Append the title attribute of an element for a trial: what the filter searches */
void html_hint(struct buf *b, const struct record *r);
/** html_case_end() - The first record behind @from that belongs to another case */
size_t html_case_end(const struct run *run, size_t from);
/** html_case_name() - Append a trial's case, escaped: its id up to the @ */
void html_case_name(struct buf *b, const struct record *r);
/** html_matrix() - Append the matrices, a section a case */
void html_matrix(struct buf *b, const struct run *run);
/** html_details() - Append what is known of every trial that is not PASS */
void html_details(struct buf *b, const struct run *run);

#endif
