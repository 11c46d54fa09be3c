// SPDX-License-Identifier: GPL-2.0-or-later
/* deadline.c - points in monotonic time */
#include "harness/base/deadline.h"

#include <limits.h>
#include <time.h>

static double scale = 1.0;

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void deadline_set_scale(double s)
{
	scale = s;
}

double deadline_scale(void)
{
	return scale;
}

struct deadline deadline_in(int ms)
{
	return (struct deadline){now_ns() + (int64_t)((double)ms * 1e6 * scale)};
}

int deadline_left_ms(struct deadline d)
{
	int64_t left = d.at_ns - now_ns();

	if (left <= 0)
		return 0;
	left = (left + 999999) / 1000000;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool deadline_passed(struct deadline d)
{
	return now_ns() >= d.at_ns;
}

struct deadline deadline_earlier(struct deadline a, struct deadline b)
{
	return a.at_ns < b.at_ns ? a : b;
}
