/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream_cksum.c - the POSIX cksum of the beginning of a stream, without making its bytes.
 *
 * To look at every byte again would take an emulated CPU as long as writing it to a port. But a
 * CRC without its length and complement is linear, crc(a ^ b) = crc(a) ^ crc(b), and a lap is the
 * table XORed with a key of eight bytes, over and over. The table's CRC is needed only once. That
 * of the repeated key is, with w the CRC of the key itself and n = 65521 / 8 repetitions,
 *
 *	w x^64(n-1) + .. + w x^64 + w = w (x^64(n-1) + .. + x^64 + 1)
 *
 * and the factor on the right is needed only once, too; the odd byte at the end is taken as it
 * is. Only of the last lap, if it is not complete, the bytes are made and looked at.
 */
#include <endian.h>

#include "helper.h"

/** stream_cksum() - what cksum prints for the first @len bytes of @st */
uint32_t stream_cksum(const struct stream *st, uint64_t len)
{
	static const uint8_t zero;
	uint32_t past_lap = 1, repeat = 0, reg = 0, table = crc_reg_add(0, st->table, STREAM_LAP);
	uint64_t lap = 0;

	for (size_t i = 0; i < STREAM_LAP; i++) {
		/* past_lap is x^8i here */
		if (i % 8 == 0 && i < STREAM_LAP / 8 * 8)
			repeat ^= past_lap;
		past_lap = crc_reg_add(past_lap, &zero, 1);
	}
	for (; lap < len / STREAM_LAP; lap++) {
		uint64_t key = htole64(stream_key(st, lap));
		uint32_t keys = crc_reg_times(crc_reg_add(0, &key, 8), repeat);

		keys = crc_reg_add(keys, &key, STREAM_LAP % 8);
		reg = crc_reg_times(reg, past_lap) ^ table ^ keys;
	}
	for (uint64_t off = lap * STREAM_LAP; off < len;) {
		uint8_t buf[512];
		size_t n = len - off < sizeof(buf) ? (size_t)(len - off) : sizeof(buf);

		stream_fill(st, off, buf, n);
		reg = crc_reg_add(reg, buf, n);
		off += n;
	}
	return crc_reg_end(reg, len);
}
