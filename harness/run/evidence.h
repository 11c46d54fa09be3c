/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evidence.h - what is left of a trial that did not pass, for a stranger to act on
 *
 * In the trial's folder: repro.sh, argv, qemu.out, qemu.err, qmp.log, qtest.log, console.log,
 * ssh.log, helper.tap, trial.log (written as things happen, so that a killed trial has them, too);
 * and at its end dmesg.txt, qemu-state.txt, ID.sent.bin and ID.received.bin (the first bytes).
 */
#ifndef RUN_EVIDENCE_H
#define RUN_EVIDENCE_H

#include "harness/run/trial.h"

/** evidence_wanted() - Is anything to be kept of a trial that ended so? */
bool evidence_wanted(const struct session *session, enum verdict verdict);
/** evidence_begin() - Before QEMU is started: repro.sh */
void evidence_begin(struct trial *t);
/** evidence_from_guest() - While QEMU lives: the guest's dmesg, QEMU's view of its devices */
void evidence_from_guest(struct trial *t, enum verdict verdict);
/** evidence_write() - The rest, unless the trial passed and nobody wants it */
void evidence_write(struct trial *t, enum verdict verdict);
/** evidence_print_reach() - KEEP=1: how to reach the guest that was left running */
void evidence_print_reach(const struct trial *t);

#endif
