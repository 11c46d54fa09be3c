/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generate.h - scripts that nobody wrote: what a driver, a host and a monitor might do
 *
 * DOC: what comes out
 *
 * Most steps are sensible where they stand: hosts come before they send, a machine that stands goes
 * on again, a device that was reset is started again. Some are against the rules, some for ports
 * that are not there. What the device, its machine or its driver's rings lack is not asked for: it
 * would show nothing. Whatever depends on how much a backend holds is left out: while a host
 * stalls, either little is sent, or so much that every backend is full, and then nothing but a look
 * comes before it reads again. So are available indices that jump by more than 32767: how often
 * the device stops meanwhile decides whether it takes its last interrupt for a later one.
 *
 * So is, with rings partly beyond RAM, all but a reset: how often QEMU meets that error again
 * depends on how often its memory map changes, which is not the device's doing. And a machine moves
 * only in scripts whose rings hold no old entries: virtio_load() judges the indices it finds there,
 * and lets a queue go on from elsewhere, of which the reference knows nothing. For the same reason
 * such scripts have no rings of 4, where one more chain is one too many.
 */
#ifndef WIRE_GENERATE_H
#define WIRE_GENERATE_H

#include "harness/virtio/target.h"
#include "harness/wire/script.h"

/** wire_generate() - Append @steps steps (a few more may come) for a device of @config. The
 * same seed gives the same script */
void wire_generate(struct wire_script *s, const struct target_config *config, uint64_t seed,
		   size_t steps);

#endif
