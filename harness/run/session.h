/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - get ready what the trials of a run share: capabilities, image, accelerator */
#ifndef RUN_SESSION_H
#define RUN_SESSION_H

#include "harness/run/options.h"
#include "harness/run/trial.h"

#define SUITE_VERSION "1"

/**
 * struct session_parts - What a session points to, and owns
 */
struct session_parts {
	struct session session;
	struct caps caps, like, *to;
	struct image image, also;
	char *rerun_prefix, *personality;
};

/** session_open() - Probe @qemu, load the image, choose the accelerator, prepare the saved state,
 * as far as @trials need them. What makes no sense or does not work ends the program with one line.
 * @with_warm: false for a look only */
void session_open(struct session_parts *p, const struct options *o, const char *qemu,
		  const struct trial_spec *const *trials, size_t n, bool with_warm);
void session_close(struct session_parts *p);
/** session_lacks() - Why the build under test cannot run @spec (text to free), NULL: it can */
char *session_lacks(const struct session *s, const struct trial_spec *spec);
/** session_image() - The guest image for @plan (NULL: for none); NULL: none is of its flavour */
const struct image *session_image(const struct session *s, const struct plan *plan);
/** session_expects_failure() - Does cases.conf expect @spec to fail on the build under test? */
bool session_expects_failure(const struct session *s, const struct trial_spec *spec);
/** session_config() - How QEMU is started for @plan (NULL: for none), with our guest or without */
struct vm_config session_config(const struct session *s, const struct plan *plan, bool guest);

#endif
