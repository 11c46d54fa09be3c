/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_hand.h - bytes through a device by hand: socat and a shell on the host, cat and dd in the
 * guest, which check nothing
 */
#ifndef BENCH_BENCH_HAND_H
#define BENCH_BENCH_HAND_H

#include "harness/run/session.h"

/**
 * struct line - A device on a backend, in a guest that is up
 * @c:		our end
 * @node:	in the guest
 * @tty:	which is a terminal
 */
struct line {
	struct rig *rig;
	struct chr *c;
	char *node;
	bool tty;
};

#define BENCH_MS 60000

/** line_start(), line_await(), line_finish() - A command in the guest, its node opened as
 * descriptor 3 before "open" is said; what does not work ends the program */
void line_start(struct line *l, struct guest_cmd *cmd, const char *command);
void line_await(struct guest_cmd *cmd, const char *text);
void line_finish(struct guest_cmd *cmd);
/** line_say() - A line on its stdin */
void line_say(struct guest_cmd *cmd, const char *text);

/** hand_trips() - Seconds that @n round trips of a byte take */
double hand_trips(struct line *l, unsigned int n);
/** hand_to_guest(), hand_to_host() - Seconds that @bytes take */
double hand_to_guest(struct line *l, uint64_t bytes);
double hand_to_host(struct line *l, uint64_t bytes);

#endif
