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
 * everything is plugged.
 *
 * Of a trial without a guest the script plays qtest.log again. Of a wire trial all of it, with
 * every host end connected and silent: ID.heard is what arrives. What other cases do is known when
 * they have done it: trial_did() has their lines, which use replay LINE (the log, up to there),
 * open ID (our end of a chardev of the plan), client NAME ADDRESS (an end of a case's own, an
 * address of socat), port (where a chardev listens), say ID TEXT (as printf reads it), leave ID.
 */
#ifndef RUN_REPRO_H
#define RUN_REPRO_H

#include "harness/run/trial.h"

/** repro_script() - Append the whole script of trial @t */
void repro_script(const struct trial *t, struct buf *b);
/** repro_qmp() - Append a QMP command as the script gives it; @args: a JSON object, or NULL */
void repro_qmp(struct buf *b, const char *command, const char *args);
/** repro_refusal() - trial_did() a QEMU with the trial's command line and @args behind it, which is
 * to end; @message: what it is to say, or NULL */
void repro_refusal(struct trial *t, const struct strv *args, const char *message);
/** repro_show() - Append for a reader: the command line of a cold start, and the QMP commands that
 * plug the rest when the plan is not cold */
void repro_show(const struct session *s, const struct trial_spec *spec, struct buf *b);

#endif
