// SPDX-License-Identifier: GPL-2.0-or-later
/* damage_test.c - each kind of event, with its offset and length */
#include "harness/host/damage_testing.h"

START_TEST(what_is_right_is_right)
{
	static const uint64_t sizes[] = {0, 1, 15, 16, 4096, 65521, 65522, SIZE};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct buf b = BUF_INIT;

		setup(sizes[i]);
		from(&b, &p, 0, sizes[i]);
		expect(&p, &b, "");
		payload_release(&p);
	}
}
END_TEST

START_TEST(loss_is_told)
{
	struct buf b = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 0, 65536);
	from(&b, &p, 69632, SIZE);
	expect(&p, &b, "4096 bytes lost at offset 65536");
	from(&b, &p, 1, SIZE);
	expect(&p, &b, "1 byte lost at offset 0");
	from(&b, &p, 0, 100000);
	from(&b, &p, 100001, SIZE);
	expect(&p, &b, "1 byte lost at offset 100000");
	from(&b, &p, 0, 1024);
	from(&b, &p, 2048, 4096);
	from(&b, &p, 8192, SIZE - 100);
	expect(&p, &b,
	       "1024 bytes lost at offset 1024\n4096 bytes lost at offset 4096\n"
	       "stream ends 100 bytes early at offset 199900\n"
	       "nothing but loss: 5120 bytes in 2 gaps before the last byte that came");
	from(&b, &p, 0, 1024);
	from(&b, &p, 1024 + 5, 1024 + 5 + 9);
	from(&b, &p, 8192, SIZE);
	expect(&p, &b,
	       "5 bytes lost at offset 1024\n7154 bytes lost at offset 1038\n"
	       "nothing but loss: 7159 bytes in 2 gaps before the last byte that came");
	from(&b, &p, 0, 12345);
	expect(&p, &b, "stream ends 187655 bytes early at offset 12345");
	expect(&p, &b, "stream ends 200000 bytes early at offset 0");
	payload_release(&p);
}
END_TEST

START_TEST(loss_near_the_end_is_told)
{
	struct buf b = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 0, SIZE - 32);
	from(&b, &p, SIZE - 5, SIZE);
	expect(&p, &b, "27 bytes lost at offset 199968");
	from(&b, &p, 0, SIZE - 2);
	from(&b, &p, SIZE - 1, SIZE);
	expect(&p, &b, "1 byte lost at offset 199998");
	/* a short piece after a gap, and then nothing more */
	from(&b, &p, 0, 1024);
	from(&b, &p, 2048, 2048 + 10);
	expect(&p, &b,
	       "1024 bytes lost at offset 1024\n"
	       "stream ends 197942 bytes early at offset 2058");
	payload_release(&p);
}
END_TEST

START_TEST(repetition_is_told)
{
	struct buf b = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 0, 8192);
	from(&b, &p, 7680, SIZE);
	expect(&p, &b, "512 bytes repeated at 8192, first seen at 7680");
	from(&b, &p, 0, 8192);
	from(&b, &p, 8191, SIZE);
	expect(&p, &b, "1 byte repeated at 8192, first seen at 8191");
	from(&b, &p, 0, 8192);
	from(&b, &p, 8182, SIZE);
	expect(&p, &b, "10 bytes repeated at 8192, first seen at 8182");
	from(&b, &p, 0, 131072);
	from(&b, &p, 4096, 8192);
	from(&b, &p, 131072, SIZE);
	expect(&p, &b, "4096 bytes repeated at 131072, first seen at 4096");
	from(&b, &p, 0, SIZE);
	from(&b, &p, 0, SIZE);
	expect(&p, &b, "200000 bytes after the end, the same as those from 0");
	from(&b, &p, 0, 8192);
	from(&b, &p, 16384, 20480);
	from(&b, &p, 8192, SIZE);
	expect(&p, &b, "4096 bytes from offset 16384 came too early, at 8192");
	payload_release(&p);
}
END_TEST

START_TEST(moved_blocks_are_told)
{
	struct buf b = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 0, 8192);
	from(&b, &p, 12288, 16384);
	from(&b, &p, 8192, 12288);
	from(&b, &p, 16384, SIZE);
	expect(&p, &b, "4096 bytes from offset 12288 came before those from 8192");
	from(&b, &p, 0, SIZE - 64);
	from(&b, &p, SIZE - 32, SIZE);
	from(&b, &p, SIZE - 64, SIZE - 32);
	expect(&p, &b, "32 bytes from offset 199968 came before those from 199936");
	from(&b, &p, 0, 4096);
	from(&b, &p, 12288, 16384);
	from(&b, &p, 8192, 12288);
	from(&b, &p, 4096, 8192);
	from(&b, &p, 16384, SIZE);
	expect(&p, &b,
	       "4096 bytes at offset 4096 were those from 12288\n"
	       "4096 bytes at offset 12288 were those from 4096");
	from(&b, &p, 0, 8192);
	from(&b, &p, 16384, 65536);
	from(&b, &p, 8192, 12288);
	from(&b, &p, 65536, SIZE);
	expect(&p, &b,
	       "4096 bytes lost at offset 12288\n"
	       "4096 bytes from offset 8192 came late, after those up to 65536");
	payload_release(&p);
}
END_TEST

START_TEST(stale_blocks_are_told)
{
	struct buf b = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 0, 131072);
	from(&b, &p, 65536, 69632);
	from(&b, &p, 135168, SIZE);
	expect(&p, &b, "4096 bytes at offset 131072 were those from 65536");
	from(&b, &p, 0, 131072);
	from(&b, &p, 126976, 131072);
	from(&b, &p, 135168, SIZE);
	expect(&p, &b, "4096 bytes at offset 131072 were those from 126976");
	from(&b, &p, 0, 131072);
	from(&b, &p, 163840, 167936);
	from(&b, &p, 135168, SIZE);
	expect(&p, &b, "4096 bytes at offset 131072 were those from 163840");
	from(&b, &p, 0, SIZE - 4096);
	from(&b, &p, 0, 4096);
	expect(&p, &b, "4096 bytes at offset 195904 were those from 0");
	payload_release(&p);
}
END_TEST

START_TEST(changed_bytes_are_told)
{
	static const size_t at[] = {0, 1, 15, 16, 65520, 65521, 65530, 100000, SIZE - 5, SIZE - 1};
	struct buf b = BUF_INIT;

	setup(SIZE);
	for (size_t i = 0; i < sizeof(at) / sizeof(*at); i++) {
		char *text = xasprintf("1 byte changed at offset %zu", at[i]);

		from(&b, &p, 0, SIZE);
		b.data[at[i]] ^= 0x20;
		expect(&p, &b, text);
		free(text);
	}
	from(&b, &p, 0, SIZE);
	b.data[5000] ^= 1;
	b.data[5040] ^= 1;
	expect(&p, &b, "1 byte changed at offset 5000\n1 byte changed at offset 5040");
	from(&b, &p, 0, 8192);
	same(&b, 0, 4096);
	from(&b, &p, 12288, SIZE);
	expect(&p, &b, "4096 bytes changed at offset 8192, all 0x00");
	from(&b, &p, 0, SIZE - 64);
	foreign(&b, 64);
	expect(&p, &b, "64 bytes changed at offset 199936");
	payload_release(&p);
}
END_TEST

START_TEST(blocks_of_zeroes_are_told_wherever_they_are)
{
	setup(SIZE);
	for (size_t block = 0; block + 4096 <= SIZE; block += 5 * 4096UL) {
		struct buf b = BUF_INIT;
		char *text = xasprintf("4096 bytes changed at offset %zu, all 0x00", block);

		from(&b, &p, 0, block);
		same(&b, 0, 4096);
		from(&b, &p, block + 4096, SIZE);
		expect(&p, &b, text);
		free(text);
	}
	payload_release(&p);
}
END_TEST

START_TEST(foreign_bytes_are_told)
{
	struct buf b = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 0, 4096);
	foreign(&b, 17);
	from(&b, &p, 4096, SIZE);
	expect(&p, &b, "17 foreign bytes at offset 4096");
	foreign(&b, 1);
	from(&b, &p, 0, SIZE - 1);
	expect(&p, &b, "1 foreign byte at offset 0\nstream ends 1 byte early at offset 199999");
	from(&b, &p, 0, 4096);
	foreign(&b, 1000);
	from(&b, &p, 8192, SIZE);
	expect(&p, &b, "1000 foreign bytes at offset 4096\n4096 bytes lost at offset 4096");
	from(&b, &p, 0, 4096);
	same(&b, '\r', 3);
	from(&b, &p, 4096, SIZE);
	expect(&p, &b, "3 foreign bytes at offset 4096, all 0x0d");
	from(&b, &p, 0, SIZE);
	foreign(&b, 3);
	expect(&p, &b, "3 bytes after the end");
	foreign(&b, 30);
	expect(&p, &b, "30 bytes changed at offset 0\nstream ends 199970 bytes early at offset 30");
	payload_release(&p);
}
END_TEST

START_TEST(tiny_streams_are_judged_too)
{
	struct buf b = BUF_INIT;

	setup(1);
	foreign(&b, 1);
	expect(&p, &b, "1 byte changed at offset 0");
	from(&b, &p, 0, 1);
	foreign(&b, 1);
	expect(&p, &b, "1 byte after the end");
	payload_release(&p);
	setup(10);
	from(&b, &p, 3, 10);
	expect(&p, &b, "3 bytes lost at offset 0");
	from(&b, &p, 0, 5);
	from(&b, &p, 6, 10);
	expect(&p, &b, "1 byte lost at offset 5");
	payload_release(&p);
	setup(0);
	foreign(&b, 2);
	expect(&p, &b, "2 bytes after the end");
	payload_release(&p);
}
END_TEST

START_TEST(the_first_wrong_byte_is_shown)
{
	struct buf b = BUF_INIT, why = BUF_INIT, want = BUF_INIT;
	unsigned char sent[16];

	setup(SIZE);
	from(&b, &p, 0, 70000);
	foreign(&b, 3);
	payload_fill(&p, 70000, sent, 16);
	buf_addstr(&want, "first wrong byte at offset 70000: wanted ");
	text_hex(&want, sent, 16, 16);
	buf_addstr(&want, ", got 5b 20 20\n3 bytes changed at offset 70000\n"
			  "stream ends 129997 bytes early at offset 70003");
	judge_alike(&why, &p, &b);
	ck_assert_str_eq(why.data, want.data);
	buf_release(&b);
	buf_release(&why);
	buf_release(&want);
	payload_release(&p);
}
END_TEST

/* Of a piece, and whatever comes behind it. */
START_TEST(a_piece_is_explained)
{
	struct buf b = BUF_INIT, why = BUF_INIT;

	setup(SIZE);
	from(&b, &p, 70000, 71000);
	from(&b, &p, 70500, 72000);
	damage_explain(&p, 70000, b.data, b.len, &why);
	ck_assert_ptr_nonnull(strstr(why.data, "500 bytes repeated at 71000, first seen at 70500"));
	ck_assert_ptr_null(strstr(why.data, "stream ends"));
	buf_clear(&b);
	buf_clear(&why);
	from(&b, &p, 10, 100);
	damage_explain(&p, 0, b.data, b.len, &why);
	ck_assert_ptr_nonnull(strstr(why.data, "10 bytes lost at offset 0"));
	ck_assert_ptr_null(strstr(why.data, "stream ends"));
	buf_clear(&b);
	buf_clear(&why);
	from(&b, &p, 100, 200);
	damage_explain(&p, 100, b.data, b.len, &why);
	ck_assert_uint_eq(why.len, 0);
	buf_release(&why);
	buf_release(&b);
	payload_release(&p);
}
END_TEST

UNIT_TESTS(damage, what_is_right_is_right, loss_is_told, loss_near_the_end_is_told,
	   repetition_is_told, moved_blocks_are_told, stale_blocks_are_told, changed_bytes_are_told,
	   blocks_of_zeroes_are_told_wherever_they_are, foreign_bytes_are_told,
	   tiny_streams_are_judged_too, the_first_wrong_byte_is_shown, a_piece_is_explained)
