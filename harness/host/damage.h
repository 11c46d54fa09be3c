/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damage.h - what happened to a payload on its way: bytes lost, repeated, moved, changed, foreign
 *
 * DOC: how it is found out
 *
 * As long as the right bytes come they are compared with the generator's, and that is all. After a
 * wrong byte every 16 bytes that arrive are looked up in the whole sent stream (in constant time:
 * damage_find.c); where they are found the comparison goes on. So what arrived becomes a list of
 * segments, each a piece of the sent stream or foreign bytes, and the report reads events out of
 * that list. What is held in memory does not depend on the length of the stream, and the outcome
 * does not depend on how the arriving bytes were cut into pieces.
 *
 * Where an event begins is often ambiguous (the byte behind a lost block happens to equal its first
 * byte). Of the descriptions that are equally true the one with the roundest offset is taken, since
 * blocks begin at multiples of something.
 */
#ifndef HOST_DAMAGE_H
#define HOST_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/host/payload.h"

/** DAMAGE_EVENTS - So many events are described; when there are more the report says so */
#define DAMAGE_EVENTS 32

/**
 * struct damage - Compares what arrives with what was sent, and says what happened
 * @sent:	what should arrive; not owned
 * @got:	bytes that arrived so far, damaged or not
 * @sum:	cksum of what arrived
 *
 * The rest is private. Feed it the arriving bytes in order with damage_add(). After the first wrong
 * byte it goes on: it finds where in the stream the arriving bytes belong, so that a report can
 * tell bytes lost, repeated, reordered (a block moved), changed, or foreign.
 */
struct damage {
	const struct payload *sent;
	uint64_t got;
	struct cksum sum;
	struct damage_state *state;
};

void damage_init(struct damage *d, const struct payload *sent);
void damage_release(struct damage *d);
void damage_add(struct damage *d, const void *data, size_t len);
/** damage_found() - Something wrong was seen already (missing bytes at the end do not count yet) */
bool damage_found(const struct damage *d);
/**
 * damage_report() - At the end of the stream: true when exactly the sent bytes arrived; else false,
 * and a few lines in @why: first bad offset with 16 bytes wanted and got, and each event with
 * offset and length ("4096 bytes lost at offset 65536", "512 bytes repeated at 8192, first seen at
 * 7680", "4096 bytes from offset 12288 came before those from 8192", "4096 bytes from offset 8192
 * came late, after those up to 1048576", "1 byte changed at offset ..", "4096 bytes at offset 65536
 * were those from 61440" (a stale buffer), "17 foreign bytes at offset ..", "stream ends 100 bytes
 * early at offset ..", "3 bytes after the end"). All offsets are places in the sent stream. @why
 * ends without a newline
 */
bool damage_report(struct damage *d, struct buf *why);
/** damage_explain() - Append what is wrong with @len @bytes that came where those from @offset on
 * of @sent should have: as damage_report(), but what comes behind them is not missing */
void damage_explain(const struct payload *sent, uint64_t offset, const void *bytes, size_t len,
		    struct buf *why);
/**
 * damage_only_loss() - At the end of the stream: true when everything that came was right and in
 * order, and gaps are all that is wrong (a missing end is one). So it tells a datagram lost, which
 * is legal, from corruption, which is not. Also true when nothing is wrong: 0 bytes in 0 gaps
 */
bool damage_only_loss(const struct damage *d, uint64_t *lost_bytes, unsigned int *gaps);

#endif
