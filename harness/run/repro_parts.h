/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repro_parts.h - parts of a script, for repro.c alone */
#ifndef RUN_REPRO_PARTS_H
#define RUN_REPRO_PARTS_H

#include "harness/run/repro.h"

/** repro_rom() - Make the ROM of a trial without a guest, which halts */
void repro_rom(struct buf *b);
/** repro_driven() - Functions that write and read again what such a trial did over qtest, and hosts
 * for it; when the body has said nothing of what it did, all of it is done */
void repro_driven(struct buf *b, const struct trial *t);
/** repro_sockets() - Go into a fresh folder and start the script again there, with sockets that
 * QEMU inherits under the numbers of @plan's "pass", as its command line says. Of the first one socat has
 * the other end, with the FIFOs a.say and a.hear, of the second another one with b.say and b.hear,
 * and so on; their numbers are in a.pid, b.pid .. */
void repro_sockets(struct buf *b, const struct plan *plan);

#endif
