// SPDX-License-Identifier: GPL-2.0-or-later
/* payload.c - the seeded stream, and POSIX cksum */
#include "harness/host/payload.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"

/* splitmix64, and below its inverse: it is a bijection, so that a key tells its lap */
static uint64_t mix(uint64_t v)
{
	uint64_t z = v + 0x9E3779B97F4A7C15;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
	return z ^ (z >> 31);
}

static uint64_t unmix(uint64_t z)
{
	z = (z ^ (z >> 31) ^ (z >> 62)) * 0x319642B2D24D8EC3;
	z = (z ^ (z >> 27) ^ (z >> 54)) * 0x96DE1B173F119089;
	return (z ^ (z >> 30) ^ (z >> 60)) - 0x9E3779B97F4A7C15;
}

void payload_init(struct payload *p, uint64_t seed, uint64_t size)
{
	uint64_t x = seed * 0x9E3779B97F4A7C15 + 0x1234567;

	if (!x)
		x = 1;
	*p = (struct payload){.seed = seed, .size = size, .table = xmalloc(PAYLOAD_LAP)};
	for (size_t i = 0; i < PAYLOAD_LAP; i++) {
		x ^= x >> 12;
		x ^= x << 25;
		x ^= x >> 27;
		p->table[i] = (unsigned char)((x * 0x2545F4914F6CDD1D) >> 56);
	}
}

void payload_release(struct payload *p)
{
	free(p->table);
	p->table = NULL;
}

/* The key of lap @lap; byte i & 7 of it belongs to the byte at i in the lap. */
static uint64_t lap_key(const struct payload *p, uint64_t lap)
{
	return lap ? mix(p->seed + lap) : 0;
}

bool payload_lap(const struct payload *p, uint64_t key, uint64_t *lap)
{
	*lap = key ? unmix(key) - p->seed : 0;
	return !key || *lap;
}

/* out = table ^ word; byte j of the little-endian word belongs to the bytes j, j + 8, .. */
static void fill_piece(unsigned char *out, const unsigned char *table, size_t len, uint64_t word)
{
	uint64_t key = htole64(word);
	size_t i = 0;

	for (; len - i >= 8; i += 8) {
		uint64_t v;

		memcpy(&v, table + i, 8);
		v ^= key;
		memcpy(out + i, &v, 8);
	}
	for (; i < len; i++, word >>= 8)
		out[i] = table[i] ^ (unsigned char)word;
}

void payload_fill(const struct payload *p, uint64_t offset, void *out, size_t len)
{
	uint64_t lap = offset / PAYLOAD_LAP;
	size_t at = offset % PAYLOAD_LAP;
	unsigned char *to = out;

	for (; len; lap++, at = 0) {
		size_t n = len < PAYLOAD_LAP - at ? len : PAYLOAD_LAP - at;
		unsigned int turn = 8 * (at & 7);
		uint64_t key = lap_key(p, lap);

		fill_piece(to, p->table + at, n, turn ? key >> turn | key << (64 - turn) : key);
		to += n;
		len -= n;
	}
}

size_t payload_same(const struct payload *p, uint64_t offset, const void *data, size_t len)
{
	const unsigned char *is = data;
	size_t same = 0;

	while (same < len) {
		unsigned char want[512];
		size_t n = len - same < sizeof(want) ? len - same : sizeof(want), i = 0;

		payload_fill(p, offset + same, want, n);
		while (i < n && is[same + i] == want[i])
			i++;
		same += i;
		if (i < n)
			break;
	}
	return same;
}

bool payload_resumed(const struct payload *p, uint64_t offset, uint64_t end, size_t tail,
		     const void *data, size_t len)
{
	size_t before = len - tail;

	return len >= tail && payload_same(p, offset, data, before) == before &&
	       payload_same(p, end - tail, (const unsigned char *)data + before, tail) == tail;
}

/* crc_table[n][b]: what byte b contributes once n more bytes have followed it */
#define CRC_STRIDE 16
static uint32_t crc_table[CRC_STRIDE][256];

__attribute__((constructor)) static void crc_make_table(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t c = b << 24;

		for (int bit = 0; bit < 8; bit++)
			c = c & 0x80000000 ? c << 1 ^ 0x04C11DB7 : c << 1;
		crc_table[0][b] = c;
	}
	for (int n = 1; n < CRC_STRIDE; n++) {
		for (int b = 0; b < 256; b++) {
			uint32_t c = crc_table[n - 1][b];

			crc_table[n][b] = c << 8 ^ crc_table[0][c >> 24];
		}
	}
}

static uint32_t crc_byte(uint32_t crc, unsigned char byte)
{
	return crc << 8 ^ crc_table[0][crc >> 24 ^ byte];
}

/* Four bytes of a round, followed by @behind more of them */
static uint32_t crc_quad(uint32_t v, int behind)
{
	return crc_table[behind + 3][v >> 24] ^ crc_table[behind + 2][v >> 16 & 0xff] ^
	       crc_table[behind + 1][v >> 8 & 0xff] ^ crc_table[behind][v & 0xff];
}

void cksum_add(struct cksum *c, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint32_t crc = c->crc;

	c->bytes += len;
	for (; len >= CRC_STRIDE; len -= CRC_STRIDE, p += CRC_STRIDE) {
		uint32_t v[4];

		memcpy(v, p, sizeof(v));
		crc = crc_quad(be32toh(v[0]) ^ crc, 12) ^ crc_quad(be32toh(v[1]), 8) ^
		      crc_quad(be32toh(v[2]), 4) ^ crc_quad(be32toh(v[3]), 0);
	}
	while (len--)
		crc = crc_byte(crc, *p++);
	c->crc = crc;
}

uint32_t cksum_value(const struct cksum *c)
{
	uint32_t crc = c->crc;

	for (uint64_t n = c->bytes; n; n >>= 8)
		crc = crc_byte(crc, (unsigned char)n);
	return ~crc;
}
