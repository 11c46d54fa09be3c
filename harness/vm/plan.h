/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - what a trial wants to have: machine, backends, devices; as data, so that it can be
 * shown, plugged cold or hot, and written into a script that does the same by hand
 */
#ifndef VM_PLAN_H
#define VM_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/host/chr.h"

#define PLAN_CHRS_MAX 64
#define PLAN_UARTS    3
#define PLAN_FRONTS   4
#define PLAN_PASS_MAX 8

/**
 * struct plan_chr - A backend with a host end
 * @id:		chardev id
 * @kind, @role: see chr.h
 * @file_input:	a file backend that is also read from
 * @udp_form:	the addresses of a udp backend
 * @early:	it is on the command line, whatever the plan's @cold says
 * @options:	more options behind -chardev ("logfile=c0.log"); NULL: none
 * @members:	the same as members of QMP's data object; NULL: none. A backend that may be plugged
 *		as well as be on the command line has both
 */
struct plan_chr {
	const char *id;
	enum chr_kind kind;
	enum chr_role role;
	bool file_input, early;
	enum chr_udp_form udp_form;
	const char *options, *members;
};

/** struct plan_front - A device that is driven without a guest, and its number (see bare.h) */
struct plan_front {
	const char *device;
	unsigned nr;
};

/**
 * struct plan - The devices under test and their backends
 * @flavour:	of the guest image that it needs ("generic" has USB); NULL: any will do
 * @machine:	"pc" when NULL (see struct vm_config); @smp: 1 when 0; @append: more words for the
 *		kernel's command line; @console: as in struct vm_config
 * @accel:	the run's when NULL; @memory_mb: VM_MEMORY_MB when 0
 * @cold:	all of it is on the command line; else it is plugged by QMP into a running guest
 * @at_boot:	trial_rig() comes back as soon as QMP answers, and trial_ready() is called once the
 *		guest is needed; only with @cold
 * @chrs:	backends, in the order in which they are made
 * @uart:	chardevs of the isa-serial behind the console's, COM2 on; NULL entries: null. They
 *		are on the command line, with their backends, whatever @cold says: an ISA device
 *		cannot be plugged, but a saved state can be restored onto another backend
 * @n_uarts:	how many of them there are
 * @args:	more command line
 * @defaults:	see struct vm_config
 * @driven:	there is no guest: it is driven over qtest
 * @fronts:	then: the devices that are driven, which are among @devices, too
 * @pass:	descriptors that QEMU inherits under the same numbers; they stay their owner's
 * @terminal:	descriptors that become QEMU's stdin and stdout, with @has_terminal; the same.
 *		@controlled: it is its controlling terminal
 * @devices:	texts as behind -device, in order; a device that names a backend comes after it
 */
struct plan {
	bool cold, at_boot;
	const char *flavour, *machine, *append, *accel, *console;
	int smp, memory_mb;
	struct plan_chr chrs[PLAN_CHRS_MAX];
	size_t n_chrs;
	const char *uart[PLAN_UARTS];
	int n_uarts;
	struct strv args, devices;
	bool driven, defaults;
	struct plan_front fronts[PLAN_FRONTS];
	size_t n_fronts;
	int pass[PLAN_PASS_MAX];
	int n_pass;
	bool has_terminal, controlled;
	int terminal[2];
};

void plan_release(struct plan *p);
void plan_add_chr(struct plan *p, const char *id, enum chr_kind kind, enum chr_role role);
/** plan_is_early() - Backend number @i is on the command line, not plugged */
bool plan_is_early(const struct plan *p, size_t i);
/** plan_device_json() - Append the arguments of QMP device_add for a -device text: digits become
 * numbers, on and off booleans, everything else strings */
void plan_device_json(struct buf *b, const char *device);

#endif
