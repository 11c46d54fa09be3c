/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refusal.h - a QEMU that must not start: its exit status and its last words
 */
#ifndef VM_REFUSAL_H
#define VM_REFUSAL_H

#include <stdbool.h>

#include "harness/vm/vm.h"

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
