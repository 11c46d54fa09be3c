/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seeds.h - the documents that the suite comes from, step by step, and the trials that cover them
 *
 * The steps are those of a tester's plan for QEMU's character devices ("plan"), of Fedora's page on
 * virtio-serial ("fedora"), of somebody's notes on QEMU's serial options ("notes"), of these what
 * needs a guest, and of libvirt's first proposal of console types ("libvirt"), row by row.
 */
#ifndef RUN_SEEDS_H
#define RUN_SEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct matrix;
struct trial_spec;

/**
 * struct seed_step - One thing that a document says or asks for
 * @document:	"plan", "fedora", "notes" or "libvirt"
 * @step:	where in it
 * @says:	what, in a few words
 * @trials:	globs over trial ids, blanks between
 */
struct seed_step {
	const char *document, *step, *says, *trials;
};

/** The table; ends with a row of NULLs */
extern const struct seed_step seed_steps[];

/** seeds_table() - Append the table to @out: document, step, how many trials that run cover it, the
 * globs, what it says. False: a step is covered by no trial that runs, or has a glob that matches
 * none; a line each in @why */
bool seeds_table(const struct matrix *m, const struct seed_step *steps, struct buf *out,
		 struct buf *why);
/** seeds_of() - Append the steps that one trial covers, "plan 1 sync; ..", or "-" */
void seeds_of(const struct trial_spec *spec, const struct seed_step *steps, struct buf *out);

#endif
