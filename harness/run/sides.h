/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sides.h - the two sides of a cross-check in a trial: its QEMU, and reference devices */
#ifndef RUN_SIDES_H
#define RUN_SIDES_H

#include "harness/run/wire.h"
#include "harness/wire/cross.h"
#include "harness/wire/target_ref.h"

/**
 * struct qemu_side - QEMU
 * @used:	a script was played on this process
 * @renewed:	and it was made as after power-on since
 */
struct qemu_side {
	struct trial *t;
	struct target_config config;
	bool used, renewed;
};

/**
 * struct ref_side - The reference device
 * @faults:	that it has; NULL: none
 * @quirks:	the deviations that mattered in the last run
 */
struct ref_side {
	const struct target_config *config;
	const char *personality, *faults;
	struct refdev_set quirks;
};

/**
 * struct sides - The two, for a trial: what is under test, and the reference
 * @qemu:	QEMU, when it is QEMU that is under test
 * @own:	another reference device, when the session drives that instead
 * @quick, @slow: both sides, with one QEMU kept for all, and with QEMU started anew each time
 */
struct sides {
	struct target_config config;
	struct qemu_side qemu;
	struct ref_side ref, own;
	struct cross_side quick[2], slow[2];
};

/** sides_init() - Those of @t; they stay at @s */
void sides_init(struct sides *s, struct trial *t);
/* For struct cross_side; @arg is struct qemu_side or struct ref_side. */
struct target *side_qemu_anew(void *arg, struct buf *why);
struct target *side_ref_fresh(void *arg, struct buf *why);
void side_ref_done(void *arg, struct target *target, struct buf *end);

#endif
