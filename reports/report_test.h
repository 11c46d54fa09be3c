/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report_test.h - runs for the reports' unit tests */
#ifndef REPORTS_REPORT_TEST_H
#define REPORTS_REPORT_TEST_H

#include "reports/record.h"

/** test_run() - A run of these records, through the files of the working directory and back */
void test_run(struct run *run, const struct run_info *info, const struct record *records, size_t n);
/** test_hostile() - The n-th text that a report must survive; NULL behind the last. To be freed */
char *test_hostile(size_t n);

#endif
