/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warm.h - a guest that was booted once, saved, and is restored for each trial; and which
 * accelerator it came up with
 *
 * DOC: theory of operation
 *
 * One guest is booted per (QEMU binary, image, accelerator, machine, CPUs, memory), without the
 * devices under test, and its state is saved into a file. Each trial starts a QEMU of its own from
 * that file, so that no trial shares a guest with another, and plugs what it tests by QMP. The
 * stream goes through "file:" where QEMU has it (8.2 on) and through "fd:" before that (from 11 on
 * "fd:" refuses plain files).
 */
#ifndef VM_WARM_H
#define VM_WARM_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/vm/vm.h"

/** struct warm - A saved state: the file, absolute; NULL: none */
struct warm {
	char *path;
};

/** warm_prepare() - Find the state for @config under @cache_dir or make it (a boot of some seconds;
 * processes that want the same one wait for each other). False: one line in @why */
bool warm_prepare(struct warm *w, const struct vm_config *config, const char *cache_dir,
		  struct buf *why);
void warm_release(struct warm *w);
/** warm_argv() - Append the -incoming that restores it. Returns the descriptor that the child has
 * to inherit and the caller closes: opened anew each time, for it is read by its own offset */
int warm_argv(const struct warm *w, const struct caps *caps, struct strv *argv);

/** warm_save() - Save the state of @vm into file WARM_STATE of the current folder; it is stopped
 * then. False: @why */
bool warm_save(struct vm *vm, struct buf *why);
#define WARM_STATE "state"

/** accel_choose() - The accelerator to use: @request ("kvm", "tcg"; NULL or "": the best that
 * works). KVM is believed only after @image came up with it; the answer is kept under @cache_dir
 * until the host boots again. *said gets a sentence when the best was not taken. NULL: @request
 * does not work, one line in @why */
const char *accel_choose(const struct caps *caps, const struct image *image, const char *request,
			 const char *cache_dir, struct buf *said, struct buf *why);

#endif
