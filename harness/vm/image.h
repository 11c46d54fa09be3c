/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image.h - a guest image as images/build left it */
#ifndef VM_IMAGE_H
#define VM_IMAGE_H

#include <stdbool.h>

#include "harness/base/buf.h"

/* Where the guest says that it is ready. */
#define IMAGE_CONSOLE "ttyS0"

/**
 * struct image - Paths (absolute) and facts of one guest image
 * @dir:	its folder
 * @hash:	names its content
 * @append:	kernel command line
 * @vmlinux:	the kernel as QEMU gets it (@kernel_file in @dir)
 * @failed:	how the line begins that the guest prints when it could not get ready
 * @ready:	line that the guest prints on its serial console once ssh answers
 * @kernel:	the kernel's version
 * @password:	root's, for a login on a console
 */
struct image {
	char *dir, *vmlinux, *initramfs, *key, *host_key;
	char *hash, *append, *ready, *failed, *kernel, *kernel_file, *flavour, *password;
};

/** image_load() - Read @dir/image.conf and see that all files can be read. False: @why, one line */
bool image_load(struct image *i, const char *dir, struct buf *why);
void image_release(struct image *i);

#endif
