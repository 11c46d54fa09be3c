/* SPDX-License-Identifier: GPL-2.0-or-later */
/* footprint.h - what a process has of the host: memory of its own, descriptors */
#ifndef VM_FOOTPRINT_H
#define VM_FOOTPRINT_H

#include <sys/types.h>

/**
 * struct footprint - What a QEMU had at one moment
 * @own_kib:	anonymous memory without the guest's, and without what it translates code into: both
 *		fill up as the guest goes where it was not yet (linux/Documentation/filesystems/
 *		proc.rst smaps "Anonymous")
 * @pss_kib:	its share of all memory that it has mapped
 * @descriptors: open ones
 */
struct footprint {
	unsigned long own_kib, pss_kib;
	unsigned int descriptors;
};

/** footprint_read() - Of process @pid, whose guest has @guest_mb MB; dies when it cannot be read */
void footprint_read(struct footprint *f, pid_t pid, int guest_mb);
/** footprint_add_maps() - Add up the memory in @smaps, the text of /proc/PID/smaps */
void footprint_add_maps(struct footprint *f, const char *smaps, int guest_mb);
/** footprint_descriptors() - How many process @pid has open */
unsigned int footprint_descriptors(pid_t pid);
/** footprint_eventfds() - How many of these are an eventfd (linux/fs/eventfd.c) */
unsigned int footprint_eventfds(pid_t pid);

#endif
