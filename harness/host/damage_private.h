/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damage_private.h - what the parts of damage share: the segments, and finding bytes in the stream
 */
#ifndef HOST_DAMAGE_PRIVATE_H
#define HOST_DAMAGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/host/damage.h"

#define DAMAGE_WINDOW 16 /* bytes that are looked up at once */
#define DAMAGE_EDGE   64 /* bytes of a foreign run that are kept, at either end */
#define DAMAGE_SEGS   (4UL * DAMAGE_EVENTS)

#define DAMAGE_FOREIGN UINT64_MAX

/**
 * struct damage_seg - A piece of what arrived
 * @from:	where in the sent stream it belongs, or DAMAGE_FOREIGN: nowhere
 * @len:	bytes; may be 0
 * @fill:	foreign bytes that all have this value, else -1
 */
struct damage_seg {
	uint64_t from, len;
	int fill;
};

/**
 * struct damage_run - Bytes that belong nowhere so far
 * @len:	how many
 * @same:	so many at the beginning have one value
 * @head:	the first DAMAGE_EDGE of them
 * @tail:	the latest DAMAGE_EDGE of them: byte i is tail[i % DAMAGE_EDGE]
 */
struct damage_run {
	uint64_t len, same;
	unsigned char head[DAMAGE_EDGE], tail[DAMAGE_EDGE];
};

/**
 * struct damage_state - Where the judge is
 * @segs:	what arrived; the one behind the last is a scratch one for when there are too many
 * @n:		segments in use; the last one is growing
 * @crowded:	there were more segments than are kept
 * @next:	where in the sent stream the next byte should belong
 * @searching:	no longer sure of that: looking for the arriving bytes in the whole stream
 * @window:	when searching, the last @windowed bytes that came, oldest in the lowest byte
 * @run:	when searching, the bytes before the window
 * @first_bad:	offset of the first wrong byte; UINT64_MAX: none yet
 * @first_got, @n_first_got: the bytes that came there
 * @in_order:	no segment was foreign or began before the end of the one before
 * @lost, @gaps: bytes left out between segments, as long as they are @in_order
 * @index:	of the table; made when it is needed
 */
struct damage_state {
	struct damage_seg segs[DAMAGE_SEGS + 1];
	size_t n;
	bool crowded;
	uint64_t next;
	bool searching;
	uint64_t window[2];
	unsigned int windowed;
	struct damage_run run;
	uint64_t first_bad;
	unsigned char first_got[16];
	size_t n_first_got;
	bool in_order;
	uint64_t lost;
	unsigned int gaps;
	struct damage_index *index;
};

/** damage_finish() - @out becomes a copy of the state as it is when nothing more will come */
void damage_finish(const struct damage *d, struct damage_state *out);

struct damage_index *damage_index_new(const struct payload *p);
void damage_index_free(struct damage_index *x);
/** damage_index_find() - Where in the stream the 16 bytes of @window are; false: nowhere, or across
 * the end of a lap */
bool damage_index_find(const struct damage_index *x, const uint64_t window[static 2],
		       uint64_t *offset);
/** damage_find_short() - Where @len bytes are in the stream between @from and @to, if once only */
bool damage_find_short(const struct payload *p, uint64_t from, uint64_t to, const void *bytes,
		       size_t len, uint64_t *offset);

#endif
