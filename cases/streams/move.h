/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * move.h - a guest with two ports moves from QEMU to QEMU, and its host ends with it
 *
 * A host end that behaves keeps its connection: both QEMUs have the same socket, and what one has
 * not read the next one reads. So nothing that is lost or doubled is the host's doing.
 */
#ifndef STREAMS_MOVE_H
#define STREAMS_MOVE_H

#include "harness/run/traffic.h"

enum move_port { MOVE_A, MOVE_B, MOVE_PORTS };

/**
 * struct move - The guest on its way
 * @rig:	where it is now
 * @ours:	our ends; @theirs: QEMU's, to be handed on
 */
struct move {
	struct trial *t;
	struct rig *rig;
	struct chr *ours[MOVE_PORTS];
	int theirs[MOVE_PORTS];
};

/** move_lacks() - .lacks: a way that this build has not */
const char *move_lacks(const struct variant *v, const struct caps *caps);
/** move_begin() - The guest is up, both ports are plugged and their host ends open */
void move_begin(struct move *m, struct trial *t);
/** move_once() - To another QEMU, by the trial's way, live or stopped. Once the source has sent all
 * it knows, and over a file before the destination has read any of it, @left is called (NULL:
 * nothing). Then the source is ended, and the guest runs */
void move_once(struct move *m, void (*left)(void *arg), void *arg);
/** move_busy() - The same, while @flow (bytes) is called all the time: memory is copied, and again
 * what of it has changed; then the machine stops, @rest is called (by its end QEMU must have done
 * what it was given), and it moves */
void move_busy(struct move *m, void (*flow)(void *arg), void (*rest)(void *arg), void *arg);
/** move_between() - What move_once() does, from one QEMU to another that there is already */
void move_between(struct trial *t, struct rig *from, struct rig *to, void (*left)(void *arg),
		  void *arg);
/** move_done() - There will be no further move: the guest can be reached, and an end that QEMU
 * closes shows */
void move_done(struct move *m);

/* The cases of these names; also from version to version (versions.c), without their axes: over a
 * file, with ports over unix */
void move_stream(struct trial *t);
void move_told(struct trial *t);
void move_waits(struct trial *t);
void move_held(struct trial *t);
void move_half_sent(struct trial *t);
void move_ports(struct trial *t);

/* move_repro.c: shell lines that do the same by hand */
/** move_did_begin() - There is the machine, which may move */
void move_did_begin(struct trial *t);
/** move_did_plug() - device_add; move_did_guest() - a shell line in the guest */
void move_did_plug(struct trial *t, const char *device);
void move_did_guest(struct trial *t, const char *line);

#endif
