/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * migrate.h - a guest moves from one QEMU to another that waits for it ("-incoming defer")
 */
#ifndef VM_MIGRATE_H
#define VM_MIGRATE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/vm/vm.h"

/**
 * enum migrate_way - What the stream goes through
 * @MIGRATE_FILE:	a file, which the destination never has to wait for; by "file:" where QEMU
 *			has it (8.2 on) and by "fd:" before that, as in warm.h
 * @MIGRATE_EXEC:	a program that writes a file, and one that reads it
 * @MIGRATE_SOCAT:	two programs that are connected
 * @MIGRATE_SLOW:	two sockets ("fd:") and us between them, who hand on a small piece once the
 *			destination has taken the one before and sleeps. So it waits in the middle
 *			of whatever is longer than a piece, and does meanwhile what else it has to
 */
enum migrate_way {
	MIGRATE_UNIX,
	MIGRATE_TCP,
	MIGRATE_FILE,
	MIGRATE_FD,
	MIGRATE_EXEC,
	MIGRATE_SOCAT,
	MIGRATE_SLOW,
};

/**
 * struct migrate - A move
 * @paused:	the machine stands still, and its source waits for migrate_continue(): so it does
 *		with the capability pause-before-switchover
 * @left:	the source is done
 * @read:	a file has been given to the destination; not in the step that @left comes from
 * @arrived:	the destination is
 * @in, @out:	MIGRATE_SLOW: where we get the stream, and where it goes; -1: no more
 */
struct migrate {
	struct vm *from, *to;
	enum migrate_way way;
	bool paused, left, read, arrived;
	int in, out;
};

/** migrate_way_parse() - "unix", "tcp", "file", "fd", "exec", "socat", "slow"; false: no */
bool migrate_way_parse(const char *name, enum migrate_way *way);
/** migrate_lacks() - Why there is no such way here (static text); NULL: there is */
const char *migrate_lacks(enum migrate_way way);
/** migrate_begin() - Start it. False: refused, @why */
bool migrate_begin(struct migrate *m, struct vm *from, struct vm *to, enum migrate_way way,
		   struct buf *why);
/** migrate_step() - Look how far it is, waiting up to @ms: false when it has failed, @why. Done
 * when @arrived; the source is stopped then and still to be ended, the destination does what the
 * source did */
bool migrate_step(struct migrate *m, int ms, struct buf *why);
/** migrate_continue() - Once @paused: the source sends the rest. False: refused, @why */
bool migrate_continue(struct migrate *m, struct buf *why);

#endif
