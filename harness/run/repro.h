/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repro.h - a trial as a shell script: the same QEMU, the same bytes, by hand
 *
 * DOC: what a case's .repro may use
 *
 * The script defines guest (ssh into it), qmp (send one QMP command), connect ID (a socat that
 * joins its stdin and stdout to the host end of chardev ID, and runs in the background: "connect c0
 * <in >out &"), payload SEED BYTES (the same stream, made by the guest's helper) and pace (passes
 * its stdin on as fast as datagrams may come). When a case's lines run the guest is up and
 * everything is plugged. Of a wire trial the script plays qtest.log again, with every host end
 * connected and silent: ID.out is what arrives.
 */
#ifndef RUN_REPRO_H
#define RUN_REPRO_H

#include "harness/run/trial.h"

/** repro_script() - Append the whole script of trial @t */
void repro_script(const struct trial *t, struct buf *b);
/** repro_show() - Append for a reader: the command line of a cold start, and the QMP commands that
 * plug the rest when the plan is not cold */
void repro_show(const struct session *s, const struct trial_spec *spec, struct buf *b);

#endif
