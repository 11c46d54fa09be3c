/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * play.h - a script of fops.h while it is played: fops.c has the guest's lines, host.c the host's
 */
#ifndef CASES_FOPS_PLAY_H
#define CASES_FOPS_PLAY_H

#include "cases/fops/fops.h"

/**
 * struct end - A host end and what passed it
 * @to_guest, @from_guest: the streams; @sent, @heard: how far they are
 * @guest_sent, @guest_got: what the guest had sent and taken at the last mark
 * @expected:	where its stream will be, as "expects" said
 * @pieces:	datagrams that were sent since "overflows"; @drops: those that the host's kernel had
 *		dropped before
 */
struct end {
	struct chr *chr;
	struct payload to_guest, from_guest;
	uint64_t sent, heard, guest_sent, guest_got, expected;
	uint64_t pieces;
	unsigned long drops;
};

/**
 * struct play - A script while it is played
 * @weight:	what QEMU had when it was weighed
 */
struct play {
	struct trial *t;
	struct helper *helper;
	struct buf batch;
	struct end ends[FOPS_PORTS];
	size_t n_ends;
	int marks;
	struct footprint weight;
};

/** play_host() - Do what a line that begins with "host" says; the guest has done all before it */
void play_host(struct play *p, const char *line);
/** play_weigh() - What QEMU has now is what it may have later */
void play_weigh(struct play *p);
/** play_watch() - Guest and monitor answer, and QEMU has no more than it had */
void play_watch(struct play *p);
/** play_overflow() - @n datagrams to a guest that does not read, of which some must be dropped */
void play_overflow(struct play *p, struct end *e, uint64_t n);
/** play_last_piece() - One more, again until it is not dropped; then the guest has as many as were
 * not */
void play_last_piece(struct play *p, struct end *e);

#endif
