// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"
#include "harness/base/proc.h"
#include "harness/host/payload.h"
#include "harness/selftest/unit.h"

/* The definition in the header, word by word and byte by byte. */
static unsigned char by_definition(const unsigned char *table, uint64_t seed, uint64_t offset)
{
	uint64_t lap = offset / 65521, i = offset % 65521, z = seed + lap + 0x9E3779B97F4A7C15;

	if (!lap)
		return table[i];
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
	z ^= z >> 31;
	return table[i] ^ (unsigned char)(z >> 8 * (i & 7));
}

static void table_by_definition(unsigned char table[static 65521], uint64_t seed)
{
	uint64_t x = seed * 0x9E3779B97F4A7C15 + 0x1234567;

	for (int i = 0; i < 65521; i++) {
		x = x ? x : 1;
		x ^= x >> 12;
		x ^= x << 25;
		x ^= x >> 27;
		table[i] = (unsigned char)((x * 0x2545F4914F6CDD1D) >> 56);
	}
}

START_TEST(the_stream_is_as_defined)
{
	static const uint64_t seeds[] = {0, 1, 7, 0xdeadbeef, UINT64_MAX};
	static unsigned char table[65521], got[200000], want[200000];

	for (size_t s = 0; s < sizeof(seeds) / sizeof(*seeds); s++) {
		struct payload p;

		payload_init(&p, seeds[s], sizeof(got));
		table_by_definition(table, seeds[s]);
		payload_fill(&p, 0, got, sizeof(got));
		for (size_t i = 0; i < sizeof(got); i++)
			want[i] = by_definition(table, seeds[s], i);
		ck_assert_mem_eq(got, want, sizeof(got));
		payload_release(&p);
	}
}
END_TEST

START_TEST(a_known_stream_stays_as_it_is)
{
	static const unsigned char first[] = {0xbe, 0x5d, 0x0a, 0x70, 0xc5, 0x1c, 0x66, 0x32};
	unsigned char got[sizeof(first)];
	struct payload p;

	payload_init(&p, 1, sizeof(first));
	payload_fill(&p, 0, got, sizeof(got));
	ck_assert_mem_eq(got, first, sizeof(first));
	payload_release(&p);
}
END_TEST

START_TEST(any_piece_equals_the_whole)
{
	static unsigned char whole[140000], piece[140000];
	struct payload p;

	payload_init(&p, 42, sizeof(whole));
	payload_fill(&p, 0, whole, sizeof(whole));
	for (size_t from = 0; from < 40; from++) {
		for (size_t len = 0; len < 40; len++) {
			static const size_t around[] = {0, 65521 - 20, 131042 - 20};

			for (int a = 0; a < 3; a++) {
				payload_fill(&p, around[a] + from, piece, len);
				ck_assert_mem_eq(piece, whole + around[a] + from, len);
			}
		}
	}
	payload_fill(&p, 3, piece, sizeof(whole) - 3);
	ck_assert_mem_eq(piece, whole + 3, sizeof(whole) - 3);
	payload_release(&p);
}
END_TEST

START_TEST(every_value_is_present_and_no_lap_is_like_another)
{
	static unsigned char lap[2][65521];
	bool seen[256] = {false};
	struct payload p;

	payload_init(&p, 5, 1 << 20);
	payload_fill(&p, 0, lap[0], sizeof(lap[0]));
	payload_fill(&p, 65521, lap[1], sizeof(lap[1]));
	for (size_t i = 0; i < sizeof(lap[0]); i++)
		seen[lap[0][i]] = true;
	for (int v = 0; v < 256; v++)
		ck_assert(seen[v]);
	ck_assert(memcmp(lap[0], lap[1], sizeof(lap[0])) != 0);
	payload_release(&p);
}
END_TEST

START_TEST(a_key_tells_its_lap)
{
	static const uint64_t laps[] = {0, 1, 2, 16384, 1ULL << 40, UINT64_MAX / 65521};
	struct payload p;
	uint64_t lap;

	payload_init(&p, 99, UINT64_MAX);
	for (size_t i = 0; i < sizeof(laps) / sizeof(*laps); i++) {
		unsigned char bytes[8];
		uint64_t key = 0;

		/* What the stream has in the place of the table's bytes. */
		payload_fill(&p, laps[i] * PAYLOAD_LAP, bytes, sizeof(bytes));
		for (int k = 7; k >= 0; k--)
			key = key << 8 | (bytes[k] ^ p.table[k]);
		ck_assert(payload_lap(&p, key, &lap));
		ck_assert(lap == laps[i]);
	}
	payload_release(&p);
}
END_TEST

static uint32_t cksum_of(const void *data, size_t len, size_t step)
{
	struct cksum c = {0};

	for (size_t at = 0; at < len; at += step)
		cksum_add(&c, (const char *)data + at, len - at < step ? len - at : step);
	ck_assert_uint_eq(c.bytes, len);
	return cksum_value(&c);
}

START_TEST(cksum_is_posix)
{
	static const char zeroes[1000];

	ck_assert_uint_eq(cksum_of("", 0, 1), 4294967295U);
	ck_assert_uint_eq(cksum_of("123456789", 9, 9), 930766865U);
	ck_assert_uint_eq(cksum_of("a", 1, 1), 1220704766U);
	for (size_t step = 1; step < 70; step++)
		ck_assert_uint_eq(cksum_of(zeroes, 1000, step), cksum_of(zeroes, 1000, 1000));
}
END_TEST

START_TEST(cksum_agrees_with_the_program)
{
	static const size_t sizes[] = {1, 15, 16, 17, 4095, 65521, 300001};
	static unsigned char data[300001];
	struct payload p;

	payload_init(&p, 3, sizeof(data));
	payload_fill(&p, 0, data, sizeof(data));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct strv argv = {0};
		struct proc_spec spec = PROC_SPEC(&argv);
		struct proc child = PROC_INIT;
		struct buf out = BUF_INIT;

		file_write("data", data, sizes[i]);
		strv_pushl(&argv, "cksum", "data", NULL);
		spec.out = "out";
		ck_assert_int_eq(proc_start(&child, &spec), 0);
		ck_assert(proc_wait(&child, deadline_in(10000)));
		ck_assert_int_eq(child.status, 0);
		ck_assert(buf_read_file(&out, "out"));
		ck_assert_uint_eq(strtoul(out.data, NULL, 10), cksum_of(data, sizes[i], 4096));
		ck_assert_uint_eq(cksum_of(data, sizes[i], 4096), cksum_of(data, sizes[i], 13));
		proc_release(&child);
		buf_release(&out);
		strv_release(&argv);
	}
	payload_release(&p);
}
END_TEST

START_TEST(what_came_is_told_from_what_was_sent)
{
	enum { AT = 65000, N = 2000 };
	unsigned char data[N];
	struct payload p;

	payload_init(&p, 3, 200000);
	payload_fill(&p, AT, data, N);
	ck_assert_uint_eq(payload_same(&p, AT, data, N), N);
	ck_assert_uint_eq(payload_same(&p, AT, data, 0), 0);
	for (size_t i = 0; i < N; i += 37) {
		data[i] ^= 1;
		ck_assert_uint_eq(payload_same(&p, AT, data, N), i);
		data[i] ^= 1;
	}
	payload_release(&p);
}
END_TEST

START_TEST(a_stream_resumes_with_its_last_bytes)
{
	enum { HEARD = 100, END = 5000, TAIL = 20, KEPT = 1300 };
	unsigned char data[KEPT + TAIL];
	struct payload p;

	payload_init(&p, 4, END);
	payload_fill(&p, HEARD, data, KEPT);
	payload_fill(&p, END - TAIL, data + KEPT, TAIL);
	ck_assert(payload_resumed(&p, HEARD, END, TAIL, data, sizeof(data)));
	ck_assert(payload_resumed(&p, HEARD, END, TAIL, data + KEPT, TAIL)); /* none was kept */
	ck_assert(!payload_resumed(&p, HEARD, END, TAIL, data, KEPT)); /* the tail is missing */
	ck_assert(!payload_resumed(&p, HEARD, END, TAIL, data + KEPT, TAIL - 1));
	ck_assert(!payload_resumed(&p, HEARD, END, TAIL, data + 1, sizeof(data) - 1));
	ck_assert(!payload_resumed(&p, HEARD, END, TAIL, data, 0));
	data[KEPT + TAIL - 1] ^= 1;
	ck_assert(!payload_resumed(&p, HEARD, END, TAIL, data, sizeof(data)));
	payload_release(&p);
}
END_TEST

UNIT_TESTS(payload, the_stream_is_as_defined, a_known_stream_stays_as_it_is,
	   any_piece_equals_the_whole, every_value_is_present_and_no_lap_is_like_another,
	   a_key_tells_its_lap, what_came_is_told_from_what_was_sent,
	   a_stream_resumes_with_its_last_bytes, cksum_is_posix, cksum_agrees_with_the_program)
