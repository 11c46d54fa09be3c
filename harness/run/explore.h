/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explore.h - random scripts as a trial, and as the verb explore */
#ifndef RUN_EXPLORE_H
#define RUN_EXPLORE_H

#include "harness/run/options.h"
#include "harness/run/trial.h"

/** explore_prepare() - For explore_trial(): where findings go (absolute), and what was asked for */
void explore_prepare(const char *folder, const struct explore_options *o, const char *where);
/** explore_trial() - The body of the verb's one trial */
void explore_trial(struct trial *t);
/** explore_reference() - Two reference devices, in this process. Status to exit with */
int explore_reference(void);

#endif
