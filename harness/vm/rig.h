/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rig.h - a plan brought up: QEMU, its guest, and the host ends of its backends
 */
#ifndef VM_RIG_H
#define VM_RIG_H

#include <stdbool.h>

#include "harness/host/chr.h"
#include "harness/vm/plan.h"
#include "harness/vm/vm.h"
#include "harness/vm/warm.h"

/**
 * struct rig - What a trial works with
 * @vm:		QEMU and guest
 * @chrs:	host ends, in the order of @plan.chrs; prepared, and opened where QEMU waits
 * @plan:	what was asked for; not owned
 * @timings:	"start 0.08 s, restore 0.10 s, .."
 */
struct rig {
	struct vm vm;
	struct chr chrs[PLAN_CHRS_MAX];
	size_t n_chrs;
	const struct plan *plan;
	struct buf timings;
	int64_t lap_ns;
};

void rig_init(struct rig *r, const struct vm_config *config, const struct plan *plan);
void rig_release(struct rig *r);

/** rig_up() - Bring everything up: restore from @warm and plug by QMP, or start cold when @warm is
 * NULL (then a plan that is not cold is plugged once the guest is ready). False: @why */
bool rig_up(struct rig *r, const struct warm *warm, struct buf *why);
/** rig_ready() - After rig_up() of a plan that is at_boot: wait for the guest. False: @why */
bool rig_ready(struct rig *r, struct buf *why);
/** rig_chr() - The host end of backend @id; dies when the plan has none */
struct chr *rig_chr(struct rig *r, const char *id);
/** rig_add_chr() - A host end beside those of the plan, for a backend that comes later; the one
 * there is, if it has been added before */
struct chr *rig_add_chr(struct rig *r, const char *id, enum chr_kind kind, enum chr_role role);
/** rig_adopt_chr() - The same for a connection that is there already: @fd becomes the host end's */
struct chr *rig_adopt_chr(struct rig *r, const char *id, enum chr_kind kind, int fd);
/** rig_plug_chr(), rig_plug_device() - chardev-add for the backend of @c; device_add for a text as
 * behind -device. False: refused, @why */
bool rig_plug_chr(struct rig *r, struct chr *c, struct buf *why);
bool rig_plug_device(struct rig *r, const char *device, struct buf *why);
/** rig_change_chr() - chardev-change: another backend of the same kind in the place of @id's, and
 * the host end @id is that one's from now on, not open. False: refused, all is as before; @why */
bool rig_change_chr(struct rig *r, const char *id, struct buf *why);
/** rig_lap() - Note in timings how long it took since the last lap */
void rig_lap(struct rig *r, const char *what);

#endif
