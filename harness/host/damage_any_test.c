// SPDX-License-Identifier: GPL-2.0-or-later
/* damage_any_test.c - what must hold for any damage, anywhere, however much */
#include "harness/host/damage_testing.h"

/* Whatever the offset, the right length is found, and a place where the same bytes would come out.
 */
START_TEST(any_offset_will_do)
{
	setup(140000);
	for (uint64_t at = 65521 - 40; at < 65521 + 40; at++) {
		struct buf b = BUF_INIT, why = BUF_INIT;
		const char *line;

		from(&b, &p, 0, at);
		from(&b, &p, at + 37, p.size);
		judge(&why, &p, &b, 65536);
		line = strstr(why.data, "\n37 bytes lost at offset ");
		ck_assert_msg(line != NULL, "at %d: %s", (int)at, why.data);
		ck_assert_int_le(labs(strtol(line + 25, NULL, 10) - (long)at), 16);
		ck_assert_ptr_null(strchr(line + 1, '\n'));
		buf_clear(&b);
		buf_clear(&why);
		from(&b, &p, 0, at);
		foreign(&b, 37);
		from(&b, &p, at, p.size);
		judge(&why, &p, &b, 65536);
		line = strstr(why.data, "\n37 foreign bytes at offset ");
		ck_assert_msg(line != NULL, "at %d: %s", (int)at, why.data);
		ck_assert_int_le(labs(strtol(line + 28, NULL, 10) - (long)at), 16);
		buf_release(&b);
		buf_release(&why);
	}
	payload_release(&p);
}
END_TEST

START_TEST(the_length_of_the_stream_costs_nothing)
{
	struct buf b = BUF_INIT;

	setup(1ULL << 42);
	from(&b, &p, 0, 65536);
	from(&b, &p, 1ULL << 41, (1ULL << 41) + 65536);
	from(&b, &p, 65536, 131072);
	from(&b, &p, (1ULL << 42) - 65536, 1ULL << 42);
	expect(&p, &b,
	       "2199023124480 bytes lost at offset 131072\n"
	       "65536 bytes from offset 65536 came late, after those up to 2199023321088\n"
	       "2199023124480 bytes lost at offset 2199023321088");
	payload_release(&p);
}
END_TEST

START_TEST(too_many_events_are_cut_short_but_loss_is_still_counted)
{
	struct buf b = BUF_INIT, why = BUF_INIT;
	uint64_t lost;
	unsigned int gaps, lines = 0;
	struct damage d;

	setup(1 << 20);
	for (uint64_t at = 0; at < p.size; at += 2048)
		from(&b, &p, at, at + 1024);
	judge_alike(&why, &p, &b);
	for (const char *s = why.data; (s = strchr(s, '\n')); s++)
		lines++;
	ck_assert_uint_eq(lines, DAMAGE_EVENTS + 2);
	ck_assert_ptr_nonnull(strstr(why.data, "only the first 32 events"));
	damage_init(&d, &p);
	damage_add(&d, b.data, b.len);
	ck_assert(damage_only_loss(&d, &lost, &gaps));
	ck_assert_uint_eq(lost, p.size / 2);
	ck_assert_uint_eq(gaps, 512);
	damage_release(&d);
	buf_release(&b);
	buf_release(&why);
	payload_release(&p);
}
END_TEST

static bool only_loss(struct buf *b, uint64_t *lost, unsigned int *gaps)
{
	struct damage d;
	bool yes;

	damage_init(&d, &p);
	damage_add(&d, b->data, b->len);
	yes = damage_only_loss(&d, lost, gaps);
	damage_release(&d);
	buf_clear(b);
	return yes;
}

START_TEST(loss_is_told_from_corruption)
{
	struct buf b = BUF_INIT;
	unsigned int gaps;
	uint64_t lost;

	setup(SIZE);
	from(&b, &p, 0, SIZE);
	ck_assert(only_loss(&b, &lost, &gaps) && lost == 0 && gaps == 0);
	from(&b, &p, 0, SIZE - 1024);
	ck_assert(only_loss(&b, &lost, &gaps) && lost == 1024 && gaps == 1);
	from(&b, &p, 1024, 4096);
	from(&b, &p, 5120, SIZE - 1);
	ck_assert(only_loss(&b, &lost, &gaps) && lost == 2049 && gaps == 3);
	ck_assert(only_loss(&b, &lost, &gaps) && lost == SIZE && gaps == 1);
	from(&b, &p, 0, 1024);
	from(&b, &p, 0, SIZE);
	ck_assert(!only_loss(&b, &lost, &gaps));
	from(&b, &p, 0, 1024);
	from(&b, &p, 2048, 4096);
	from(&b, &p, 1024, SIZE);
	ck_assert(!only_loss(&b, &lost, &gaps));
	from(&b, &p, 0, SIZE);
	b.data[777] ^= 1;
	ck_assert(!only_loss(&b, &lost, &gaps));
	from(&b, &p, 0, SIZE);
	same(&b, 1, 1);
	ck_assert(!only_loss(&b, &lost, &gaps));
	buf_release(&b);
	payload_release(&p);
}
END_TEST

/* Pieces, garbage and constants in any order: the outcome does not depend on how they are cut, and
 * nothing is read that is not there (the sanitizers watch). */
START_TEST(any_mess_is_survived)
{
	srandom(20);
	setup(150000);
	for (int round = 0; round < 60; round++) {
		struct buf b = BUF_INIT, why = BUF_INIT;

		for (int pieces = (int)(random() % 12); pieces >= 0; pieces--) {
			uint64_t at = (uint64_t)random() % p.size;
			size_t len = (size_t)random() % (random() % 2 ? 40 : 3000);

			if (random() % 3 == 0)
				foreign(&b, len);
			else if (random() % 5 == 0)
				same(&b, (char)random(), len);
			else
				from(&b, &p, at, at + len < p.size ? at + len : p.size);
		}
		judge_alike(&why, &p, &b);
		buf_release(&b);
		buf_release(&why);
	}
	payload_release(&p);
}
END_TEST

UNIT_TESTS(damage_any, any_offset_will_do, the_length_of_the_stream_costs_nothing,
	   too_many_events_are_cut_short_but_loss_is_still_counted, loss_is_told_from_corruption,
	   any_mess_is_survived)
