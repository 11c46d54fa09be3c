/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pump.h - move payloads through host ends, both ways at once, checking as they come
 */
#ifndef HOST_PUMP_H
#define HOST_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/host/chr.h"
#include "harness/host/damage.h"
#include "harness/host/payload.h"

/**
 * struct pump - One transfer through one host end
 * @chr:	the host end; open
 * @tx:		what to send; NULL: nothing
 * @rx:		what must come; NULL: nothing is expected, and nothing is read
 * @tx_done, @rx_done: bytes so far; pump_run() may be called again to go on
 * @damage:	judge of what comes (rx)
 * @stall_ms:	give up when no byte moved either way for so long (times the scale); initially 10000
 * @watch_fd:	also watch this descriptor (-1: none); when it is readable call @watched
 * @watched:	returns true to end the pump early (the guest's helper said that it failed)
 * @watch_arg:	for @watched
 * @tx_rate:	bytes per second to send at the most, spread evenly; 0: as fast as they are taken
 *
 * Datagrams have no flow control, so they need a rate; waiting for it is no stall. When @watched
 * returns false it should have taken away what made the descriptor readable.
 */
struct pump {
	struct chr *chr;
	const struct payload *tx, *rx;
	uint64_t tx_done, rx_done;
	struct damage damage;
	int stall_ms;
	int watch_fd;
	bool (*watched)(void *arg);
	void *watch_arg;
	int tx_rate;
};

enum pump_end {
	PUMP_DONE,    /* all of @tx is sent, all of @rx has come (as many bytes, maybe damaged) */
	PUMP_EOF,     /* the other end closed first */
	PUMP_STALLED, /* no byte moved for @stall_ms */
	PUMP_WATCHED  /* @watched said so */
};

void pump_init(struct pump *p, struct chr *chr, const struct payload *tx, const struct payload *rx);
void pump_release(struct pump *p);
/** pump_run() - Move bytes until everything is done or cannot go on. Never reads beyond the end of
 * @rx: what comes behind it is the caller's, or pump_drain()'s. When the other end takes no more
 * but may still send, that is read first, then it is PUMP_EOF */
enum pump_end pump_run(struct pump *p);
/** pump_run_all() - Several at once: until all of them are done, or one of them, *which, cannot go
 * on; each has its own @stall_ms. What is watched is watched to the end, also for those that are
 * done */
enum pump_end pump_run_all(struct pump *const *pumps, size_t n, size_t *which);
#define PUMP_FILL_MS	    50
#define PUMP_FILL_DATAGRAMS 32
/** pump_fill() - Send as much as the other end's buffers take without waiting (async mode: the
 * reader has not opened yet); the bytes sent by this call. The buffers are full when nothing fitted
 * for PUMP_FILL_MS (the kernel moves bytes from one buffer to the next, and lets tcp's grow). udp
 * has no buffer that is ever full: at most PUMP_FILL_DATAGRAMS datagrams, which any socket can hold
 */
uint64_t pump_fill(struct pump *p);
/** pump_drain() - After the other end is gone for good: read to the end of file; bytes beyond @rx
 * are counted into @damage. False when no end came before the deadline */
bool pump_drain(struct pump *p, struct deadline d);
const char *pump_end_text(enum pump_end e);

#endif
