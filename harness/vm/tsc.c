// SPDX-License-Identifier: GPL-2.0-or-later
/* tsc.c - the host's time stamp counter */
#include "harness/vm/tsc.h"

#include <stdint.h>

#include "harness/base/deadline.h"

#define GRID_KHZ 50000

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>

#define MEASURE_NS 2000000
#define AT_ONCE_NS 5000 /* we were not put off between two looks at the clock */

/* The counter, and the time of that, nanoseconds. */
static uint64_t look(int64_t *at)
{
	int64_t before, after;
	uint64_t count;

	do {
		before = now_ns();
		count = __rdtsc();
		after = now_ns();
	} while (after - before > AT_ONCE_NS);
	*at = before;
	return count;
}

static unsigned long measure(void)
{
	int64_t began, ended;
	uint64_t from = look(&began), to;

	do
		to = look(&ended);
	while (ended - began < MEASURE_NS);
	return (unsigned long)((to - from) * 1000000 / (uint64_t)(ended - began));
}
#else
static unsigned long measure(void)
{
	return 0;
}
#endif

unsigned long tsc_khz(void)
{
	static unsigned long khz;

	if (!khz)
		khz = (measure() + GRID_KHZ / 2) / GRID_KHZ * GRID_KHZ;
	return khz;
}
