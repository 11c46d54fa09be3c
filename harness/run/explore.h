/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explore.h - random scripts as a trial, and as the verb explore */
#ifndef RUN_EXPLORE_H
#define RUN_EXPLORE_H

#include "harness/run/options.h"
#include "harness/run/trial.h"

#define EXPLORE_PARTS 64

/** explore_prepare() - For explore_trial(): where findings go (absolute), what was asked for, and
 * in how many parts the work is done */
void explore_prepare(const char *folder, const struct explore_options *o, const char *where,
		     unsigned parts);
/** explore_rows() - The parts, as a case's table */
struct rows explore_rows(void);
/** explore_trial() - The body of the verb's trials, a part each */
void explore_trial(struct trial *t);
/** explore_gather() - Put together what the parts have found, as far as they came; it @began so */
void explore_gather(int64_t began);
/** explore_reference() - Two reference devices, in this process. Status to exit with */
int explore_reference(void);

#endif
