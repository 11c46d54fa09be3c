/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deadline.h - every wait ends: points in monotonic time, and one knob that stretches them all
 */
#ifndef BASE_DEADLINE_H
#define BASE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct deadline - A point in time after which a wait gives up
 * @at_ns:	CLOCK_MONOTONIC, nanoseconds
 */
struct deadline {
	int64_t at_ns;
};

/** now_ns() - CLOCK_MONOTONIC in nanoseconds */
int64_t now_ns(void);
/** deadline_set_scale() - Stretch all later deadline_in() by @scale (TIMEOUT_SCALE=, slow hosts) */
void deadline_set_scale(double scale);
double deadline_scale(void);
/** deadline_in() - @ms milliseconds from now, times the scale */
struct deadline deadline_in(int ms);
/** deadline_left_ms() - Milliseconds left, rounded up, 0 when it has passed: fit for poll() */
int deadline_left_ms(struct deadline d);
bool deadline_passed(struct deadline d);
/** deadline_earlier() - The one that comes first */
struct deadline deadline_earlier(struct deadline a, struct deadline b);

#endif
