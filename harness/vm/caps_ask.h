/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caps_ask.h - below caps.c, and nobody else's: one QEMU that is being asked
 */
#ifndef VM_CAPS_ASK_H
#define VM_CAPS_ASK_H

#include <stdbool.h>

#include "harness/base/deadline.h"
#include "harness/base/proc.h"
#include "harness/host/qmp.h"
#include "harness/vm/caps.h"

/**
 * struct caps_ask - A QEMU that is being asked; @c and @why are set by the caller, the rest by
 * start
 * @c:		takes the answers; its path is what to start
 * @why:	takes one line about what went wrong
 * @facts:	text by which this build can be told from others
 * @dir:	its working directory, with its socket and its output
 * @dir_fd:	the same, because @dir may be too long a name for a socket in it
 * @deadline:	of all its answers together
 */
struct caps_ask {
	struct caps *c;
	struct buf *why;
	struct buf facts;
	struct proc proc;
	struct qmp qmp;
	char *dir;
	int dir_fd;
	struct deadline deadline;
};

/** caps_ask_start() - Start it in a new folder in @scratch_dir; its version and facts */
bool caps_ask_start(struct caps_ask *p, const char *scratch_dir);
/** caps_ask_all() - The lists: the slow part */
bool caps_ask_all(struct caps_ask *p);
/** caps_ask_stop() - End it, whatever became of it; to be called in any case */
void caps_ask_stop(struct caps_ask *p);

#endif
