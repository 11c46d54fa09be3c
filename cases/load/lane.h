/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lane.h - a stream to a device and back, for as long as anybody likes: in the guest a helper gives
 * back what comes, and every byte is compared
 *
 * In turn round trips of a few bytes, one by one, and a burst, of which at most a window is on its
 * way. Many lanes go on beside each other: none of the calls here waits.
 */
#ifndef LOAD_LANE_H
#define LOAD_LANE_H

#include "harness/run/trial.h"

#define LANE_PING 16 /* bytes: a FIFO of a UART */

/**
 * struct lane - One device on one backend
 * @name:	"virtserialport,unix"; not owned
 * @helper:	in the guest
 * @window, @burst: bytes; how many are on their way at the most, how many come one after the other
 * @sent, @got:	bytes that went in, bytes that came back
 * @goal:	where the burst, or the round trip, ends
 * @trips:	how many are left before the next burst; @began_ns: of the one that is made
 * @moved_ns:	when something last came or went
 * @n_trips, @sum_ns, @worst_ns: of all round trips
 * @ends:	no more is begun
 */
struct lane {
	struct trial *t;
	const char *name;
	struct chr *chr;
	struct helper *helper;
	struct payload payload;
	struct damage damage;
	uint64_t window, burst, sent, got, goal;
	unsigned int trips;
	int64_t began_ns, moved_ns;
	uint64_t n_trips;
	int64_t sum_ns, worst_ns;
	bool ends;
};

/** lane_start() - Open our end of @chr, start the helper for @node, wait until it is there */
void lane_start(struct lane *l, struct trial *t, const char *name, struct chr *chr,
		const char *node, uint64_t window, unsigned int number);
/** lane_turn() - Take and send what can be; true: something moved. Wrong bytes fail the trial, and
 * so does a lane that stands still */
bool lane_turn(struct lane *l);
/** lane_is_idle() - It was told to end, and everything has come back */
bool lane_is_idle(const struct lane *l);
/** lane_may_send() - There is something that it would send */
bool lane_may_send(const struct lane *l);
/** lane_finish() - Once it is idle: the helper ends, nothing is left in it, and all was as sent */
void lane_finish(struct lane *l);
/** lane_nothing_more() - After QEMU's end: no byte comes behind the last one; releases it */
void lane_nothing_more(struct lane *l);

#endif
