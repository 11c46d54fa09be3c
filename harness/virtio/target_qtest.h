/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target_qtest.h - QEMU without a guest, as a target
 *
 * DOC: theory of operation
 *
 * The qtest protocol needs no qtest accelerator, which distributions leave out of their builds:
 * with TCG and a ROM whose reset vector is "cli; hlt" the one CPU sleeps for ever, the machine is in
 * the state running (under -S a console takes no bytes from its backend), virtual time passes by
 * itself, and nobody but us drives the devices.
 *
 * No firmware has run. What of its work the interrupt pin needs, target_qtest does itself: the PC's
 * PIRQ routing (qemu/hw/isa/piix3.c: registers 0x60 to 0x63 of 00:01.0), so that the pin of every
 * slot comes out as TARGET_QTEST_IRQ of the interrupt controller, which qtest intercepts. On
 * microvm the device in the last of the 24 slots has the last line of the second controller.
 *
 * QEMU's main loop does everything that matters here: qtest's commands, kicked queues (ioeventfd),
 * backends, bottom halves. An answer over qtest means that the loop has gone round once.
 */
#ifndef VIRTIO_TARGET_QTEST_H
#define VIRTIO_TARGET_QTEST_H

#include "harness/virtio/qtest.h"
#include "harness/virtio/target.h"
#include "harness/vm/rig.h"

#define TARGET_QTEST_IRQ 11
#define TARGET_QTEST_LOG "qtest.log"

#define TARGET_QTEST_AHEAD 64

/**
 * struct target_qtest_ahead - Something that will be read soon, or was read already
 * @mem:	@len bytes of RAM at @addr; else an access of that width
 * @here:	it was: @value, or @at of @ahead_data
 */
struct target_qtest_ahead {
	bool mem, here;
	enum target_way way;
	uint64_t addr, value;
	size_t len, at;
};

/**
 * struct target_qtest - QEMU
 * @rig:	its process, monitor and host ends; not owned. Its backends are "c" and the port's
 *		number
 * @plan:	what it was last started with
 * @q:		the connection that drives it
 * @pin:	its interrupt pin's line at the controller that is intercepted
 * @log_seen:	how much of QEMU's stderr target_log() has judged
 * @tree:	"info qtree" as it was when the device was last at rest; @tree_known: nothing has been
 *		done since
 * @ahead, @n_ahead, @ahead_data: see target_expect()
 * @up_ns:	how long it took from the start until the first command was done
 */
struct target_qtest {
	struct target base;
	struct rig *rig;
	struct plan plan;
	struct qtest q;
	unsigned pin;
	size_t log_seen;
	struct buf tree;
	bool tree_known;
	struct target_qtest_ahead ahead[TARGET_QTEST_AHEAD];
	size_t n_ahead;
	struct buf ahead_data;
	int64_t up_ns;
	char name[40];
};

/** target_qtest_plan() - The plan that brings @config up */
void target_qtest_plan(const struct target_config *config, struct plan *plan);
/** target_qtest_plan_machine() - Its first part: the machine, without devices */
void target_qtest_plan_machine(const struct target_config *config, struct plan *plan);
/** target_qtest_start() - Start QEMU in the current folder with @config and the plan of @rig, which
 * is that of target_qtest_plan() or begins so. rig_init() was called, rig_release() is the
 * caller's. False: it does not come up, one line in @why; target_release() in any case */
bool target_qtest_start(struct target_qtest *t, struct rig *rig, const struct target_config *config,
			struct buf *why);
/** target_qtest_again() - Start QEMU anew in its place, whatever became of it: as after
 * target_qtest_start(), without its @on_end. False: one line in @why */
bool target_qtest_again(struct target_qtest *t, const struct target_config *config,
			struct buf *why);
/** target_qtest_lines() - How many lines its log has */
unsigned long target_qtest_lines(const struct target *base);
/** target_qtest_renew() - As after power-on, without starting it anew: what was plugged or
 * unplugged, the device and its hosts are as at first. False: impossible, or it has ended */
bool target_qtest_renew(struct target_qtest *t, const struct target_config *config);
/** target_qtest_chr_id() - The backend of port @nr; the text stays */
const char *target_qtest_chr_id(unsigned nr);

#endif
