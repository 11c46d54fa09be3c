/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * payload.h - the bytes that travel: a seeded generator, and POSIX cksum
 *
 * DOC: the stream
 *
 * A table T of 65521 bytes is filled by xorshift64* from the seed. The byte at offset o is
 * T[o % 65521] ^ byte (o % 65521) & 7 of a 64-bit little-endian key; the key is 0 in the first lap
 * and splitmix64(seed + lap) in lap o / 65521. So every value 0x00 to 0xff is present, the value
 * depends on the offset, 65521 (a prime) shares no period with any buffer size, and eight bytes
 * tell where in the stream they belong. The guest's helper makes the same stream by code of its
 * own.
 *
 * The table: x = seed * 0x9E3779B97F4A7C15 + 0x1234567 (mod 2^64; 1 if that is 0); for each byte
 * x ^= x >> 12, x ^= x << 25, x ^= x >> 27, and the byte is (x * 0x2545F4914F6CDD1D) >> 56.
 */
#ifndef HOST_PAYLOAD_H
#define HOST_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** PAYLOAD_LAP - Bytes until the next key; a prime */
#define PAYLOAD_LAP 65521

/**
 * struct payload - A stream of @size bytes that a seed defines
 * @seed:	which stream
 * @size:	its length in bytes
 * @table:	the generator's table, owned
 */
struct payload {
	uint64_t seed;
	uint64_t size;
	unsigned char *table;
};

void payload_init(struct payload *p, uint64_t seed, uint64_t size);
void payload_release(struct payload *p);
/** payload_fill() - The @len bytes from @offset on into @out; @offset + @len <= size */
void payload_fill(const struct payload *p, uint64_t offset, void *out, size_t len);

/** payload_same() - How many of the @len bytes at @data are, from the first on, those of the stream
 * from @offset on */
size_t payload_same(const struct payload *p, uint64_t offset, const void *data, size_t len);
/** payload_resumed() - Are the @len bytes at @data a beginning, of any length, of those from
 * @offset on, and then the last @tail bytes before @end? */
bool payload_resumed(const struct payload *p, uint64_t offset, uint64_t end, size_t tail,
		     const void *data, size_t len);

/** payload_lap() - The only lap with this key, which may lie beyond the end; false: no lap has it.
 * Byte i & 7 of a lap's key belongs to the byte at i in it */
bool payload_lap(const struct payload *p, uint64_t key, uint64_t *lap);

/** struct cksum - POSIX cksum over bytes as they come; start with {0} */
struct cksum {
	uint32_t crc;
	uint64_t bytes;
};

void cksum_add(struct cksum *c, const void *data, size_t len);
/** cksum_value() - What `cksum` prints for the bytes so far */
uint32_t cksum_value(const struct cksum *c);

#endif
