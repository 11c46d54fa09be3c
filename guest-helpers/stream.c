/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.c - the seeded payload.
 *
 * Lap 0 is a table of 65521 pseudo-random bytes. The length is a prime just below 64 KiB, so no
 * buffer size in a kernel or in QEMU divides it, and a block that went missing, came twice or came
 * late never looks right. Later laps XOR a word of their own into the table, so no two laps are
 * equal either. Emulated CPUs are slow: everything works eight bytes at a time.
 */
#include <endian.h>
#include <string.h>

#include "helper.h"

static uint64_t load(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static void store(void *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

static uint64_t mix(uint64_t v)
{
	uint64_t z = v + 0x9E3779B97F4A7C15ULL;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
	return z ^ (z >> 31);
}

/** stream_key() - what is XORed into lap @lap, byte j & 7 of it (little endian) into index j */
uint64_t stream_key(const struct stream *st, uint64_t lap)
{
	return lap ? mix(st->seed + lap) : 0;
}

/* The word to XOR from index @i of lap @lap on: byte j of it belongs to index i + j. */
static uint64_t lap_word(const struct stream *st, uint64_t lap, size_t i)
{
	uint64_t k = stream_key(st, lap);
	unsigned int turn = 8 * (i & 7);

	return htole64(turn ? k >> turn | k << (64 - turn) : k);
}

/** stream_new() - the stream of one seed */
struct stream *stream_new(uint64_t seed)
{
	struct stream *st = must_alloc(sizeof(*st));
	uint64_t x = seed * 0x9E3779B97F4A7C15ULL + 0x1234567ULL;

	if (!x)
		x = 1;
	st->seed = seed;
	for (size_t i = 0; i < STREAM_LAP; i++) {
		x ^= x >> 12;
		x ^= x << 25;
		x ^= x >> 27;
		st->table[i] = (uint8_t)((x * 0x2545F4914F6CDD1DULL) >> 56);
	}
	return st;
}

/* dst = src ^ word, with word's bytes used round and round */
static void fill_piece(uint8_t *dst, const uint8_t *src, size_t len, uint64_t word)
{
	uint64_t v = 0;

	for (; len >= 8; len -= 8, dst += 8, src += 8) {
		store(dst, load(src) ^ word);
		STAY_SCALAR();
	}
	memcpy(&v, src, len);
	v ^= word;
	memcpy(dst, &v, len);
}

/*
 * The same @len bytes of four laps in a row, @dst in the first of them. Every access to memory is
 * dear on an emulated CPU: so one load serves four stores.
 */
static void fill_four(uint8_t *dst, const uint8_t *src, size_t len, const uint64_t word[4])
{
	uint64_t w0 = word[0], w1 = word[1], w2 = word[2], w3 = word[3];

	for (; len >= 8; len -= 8, dst += 8, src += 8) {
		uint64_t v = load(src);

		store(dst, v ^ w0);
		store(dst + STREAM_LAP, v ^ w1);
		store(dst + 2 * STREAM_LAP, v ^ w2);
		store(dst + 3 * STREAM_LAP, v ^ w3);
		STAY_SCALAR();
	}
	for (int k = 0; k < 4; k++)
		fill_piece(dst + k * STREAM_LAP, src, len, word[k]);
}

/* STREAM_RUN bytes: from index @i of lap @lap to the same index four laps later. */
static void fill_run(const struct stream *st, uint64_t lap, size_t i, uint8_t *dst)
{
	uint64_t word[4];

	for (unsigned int k = 0; k < 4; k++)
		word[k] = lap_word(st, lap + k, i);
	fill_four(dst, st->table + i, STREAM_LAP - i, word);
	for (unsigned int k = 0; k < 4; k++)
		word[k] = lap_word(st, lap + 1 + k, 0);
	fill_four(dst + STREAM_LAP - i, st->table, i, word);
}

/** stream_fill() - the bytes at offsets off .. off + len */
void stream_fill(const struct stream *st, uint64_t off, void *dst, size_t len)
{
	uint64_t lap = off / STREAM_LAP;
	size_t i = off % STREAM_LAP;
	uint8_t *p = dst;

	for (; len >= STREAM_RUN; len -= STREAM_RUN, p += STREAM_RUN, lap += 4)
		fill_run(st, lap, i, p);
	while (len) {
		size_t n = STREAM_LAP - i < len ? STREAM_LAP - i : len;

		fill_piece(p, st->table + i, n, lap_word(st, lap, i));
		p += n;
		len -= n;
		i = 0;
		lap++;
	}
}

/* How many bytes from @buf on equal src ^ word. */
static size_t match_piece(const uint8_t *buf, const uint8_t *src, size_t len, uint64_t word)
{
	size_t n = 0;
	uint8_t k[8];

	for (; len - n >= 32; n += 32) {
		uint64_t diff = load(buf + n) ^ load(src + n) ^ word;

		diff |= load(buf + n + 8) ^ load(src + n + 8) ^ word;
		diff |= load(buf + n + 16) ^ load(src + n + 16) ^ word;
		diff |= load(buf + n + 24) ^ load(src + n + 24) ^ word;
		if (diff)
			break;
	}
	memcpy(k, &word, 8);
	while (n < len && buf[n] == (src[n] ^ k[n & 7]))
		n++;
	return n;
}

/** stream_match() - how many leading bytes of @buf are those at offsets off .. */
size_t stream_match(const struct stream *st, uint64_t off, const void *buf, size_t len)
{
	uint64_t lap = off / STREAM_LAP;
	size_t i = off % STREAM_LAP;
	const uint8_t *p = buf;
	size_t done = 0;

	while (done < len) {
		size_t n = STREAM_LAP - i < len - done ? STREAM_LAP - i : len - done;
		size_t same = match_piece(p + done, st->table + i, n, lap_word(st, lap, i));

		done += same;
		if (same < n)
			break;
		i = 0;
		lap++;
	}
	return done;
}
