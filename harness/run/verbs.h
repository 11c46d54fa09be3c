/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs.h - what the program can do; each returns an enum exit_code */
#ifndef RUN_VERBS_H
#define RUN_VERBS_H

#include "harness/run/options.h"

int verb_run(const struct options *o);
int verb_rerun(const struct options *o);
int verb_list(const struct options *o);
int verb_show(const struct options *o);
int verb_play(const struct options *o);
int verb_explore(const struct options *o);
int verb_faults(const struct options *o);
int verb_report(const struct options *o);

#endif
