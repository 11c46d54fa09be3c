/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verbs_private.h - what verbs.c and verbs_play.c share */
#ifndef RUN_VERBS_PRIVATE_H
#define RUN_VERBS_PRIVATE_H

#include "harness/run/matrix.h"
#include "harness/run/options.h"

#define QEMU_DEFAULT "qemu-system-x86_64"

/** struct choice - The matrix, and what of it was selected */
struct choice {
	struct matrix matrix;
	const struct trial_spec **trials;
	size_t n;
};

/** verbs_run_choice() - Run what is selected; the status to exit with */
int verbs_run_choice(const struct options *o, const char *qemu, struct choice *c);

#endif
