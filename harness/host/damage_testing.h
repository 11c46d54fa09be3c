/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damage_testing.h - what the unit tests of the judge share: making what arrives, asking for events
 */
#ifndef HOST_DAMAGE_TESTING_H
#define HOST_DAMAGE_TESTING_H

#include <stdlib.h>
#include <string.h>

#include "harness/host/damage.h"
#include "harness/selftest/unit.h"

#define SIZE 200000

/* Append sent bytes, and bytes that were never sent. */
static inline void from(struct buf *b, const struct payload *p, uint64_t begin, uint64_t end)
{
	char *to = buf_reserve(b, end - begin);

	payload_fill(p, begin, to, end - begin);
	b->len += end - begin;
}

static inline void foreign(struct buf *b, size_t len)
{
	static const char text[] = "[    0.000000] Linux version 6.1.0 (a kernel talks here)\r\n";

	for (size_t i = 0; i < len; i++)
		buf_add(b, text + i % (sizeof(text) - 1), 1);
}

static inline void same(struct buf *b, char value, size_t len)
{
	while (len--)
		buf_add(b, &value, 1);
}

/* The report when the bytes come @step at a time; "" when they are right */
static inline void judge(struct buf *why, const struct payload *p, const struct buf *b, size_t step)
{
	struct damage d;
	bool well;

	damage_init(&d, p);
	for (size_t at = 0; at < b->len; at += step)
		damage_add(&d, b->data + at, b->len - at < step ? b->len - at : step);
	ck_assert_uint_eq(d.got, b->len);
	well = damage_report(&d, why);
	ck_assert_int_eq(well, why->len == 0);
	if (damage_found(&d))
		ck_assert(!well);
	/* asking again changes nothing */
	buf_clear(why);
	damage_report(&d, why);
	damage_release(&d);
}

static inline void judge_alike(struct buf *why, const struct payload *p, const struct buf *b)
{
	static const size_t steps[] = {1, 7, 4096};

	judge(why, p, b, b->len + 1);
	for (int i = 0; i < 3; i++) {
		struct buf other = BUF_INIT;

		judge(&other, p, b, steps[i]);
		ck_assert_str_eq(other.data, why->data);
		buf_release(&other);
	}
}

/* The events, without the line about the first wrong byte; releases @b */
static inline void expect(const struct payload *p, struct buf *b, const char *events)
{
	struct buf why = BUF_INIT;
	const char *text;

	judge_alike(&why, p, b);
	text = why.data;
	if (strncmp(text, "first wrong byte", 16) == 0)
		text = strchr(text, '\n') + 1;
	ck_assert_str_eq(text, events);
	buf_release(&why);
	buf_release(b);
}

/* The stream of the test that runs */
static struct payload p;

static inline void setup(uint64_t size)
{
	payload_init(&p, 11, size);
}

#endif
