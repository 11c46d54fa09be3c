/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal.h - a QEMU that must not start: its exit status and its last words
 */
#ifndef VM_REFUSAL_H
#define VM_REFUSAL_H

#include <stdbool.h>

#include "harness/vm/vm.h"

/**
 * struct refusal - How a QEMU ended that was not to start
 * @started:	it did start, and ended when it was told to
 * @status:	wait status
 * @out, @err:	all that it wrote
 */
struct refusal {
	bool started;
	int status;
	struct buf out, err;
};

/** refusal_run() - Start QEMU as @config says with @args behind and wait for its end; if it opens
 * its monitor, it is told to quit. False: it does not end and is killed, or cannot be started:
 * @why; refusal_release() in any case */
bool refusal_run(struct refusal *r, const struct vm_config *config, const struct strv *args,
		 struct buf *why);
void refusal_release(struct refusal *r);
/**
 * refusal_judge() - Start QEMU as @config says with @args behind, and demand that it refuses: exit
 * status 1, and as the last line of stderr its name, ": " and @message. Its end is waited for; it
 * is killed when it does not come. False: @why
 */
bool refusal_judge(const struct vm_config *config, const struct strv *args, const char *message,
		   struct buf *why);
/** refusal_is() - Is @line a program's name without blanks, ": ", @message, and nothing more? */
bool refusal_is(const char *line, const char *message);

#endif
