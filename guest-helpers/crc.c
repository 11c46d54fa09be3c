/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crc.c - the CRC of POSIX cksum: polynomial P = 0x04C11DB7, most significant bit first, register
 * starts at 0, the length is appended, the result complemented.
 *
 * Looking every byte up in a table halves the speed of a transfer on an emulated CPU, so most of
 * the work is done without tables, eight bytes at a time. P divides the sparse polynomial
 *
 *	R = x^300 + x^155 + x^117 + x^89 + 1
 *
 * and, arithmetic being modulo 2, also R(x^64), which speaks of 64 bit words instead of bits. So a
 * word that has 300 more behind it may be taken away, if it is XORed into the words 300 - 155,
 * 300 - 117, 300 - 89 and 300 behind it: the CRC stays the same. What is left in the end are 300
 * words, and they go through a table.
 */
#include <pthread.h>
#include <string.h>

#include "helper.h"

#define POLY  0x04C11DB7U
#define TAP1  (300 - 155)
#define TAP2  (300 - 117)
#define TAP3  (300 - 89)
#define TAP4  CRC_WORDS
#define ROUND 2048 /* words folded between two moves of the history */

static uint32_t table[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_table(void)
{
	for (uint32_t v = 0; v < 256; v++) {
		uint32_t c = v << 24;

		for (int bit = 0; bit < 8; bit++)
			c = c & 0x80000000U ? c << 1 ^ POLY : c << 1;
		table[v] = c;
	}
}

static uint64_t load(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/**
 * crc_reg_add() - one byte after the other, without the length and the complement
 *
 * The bits of the register are the coefficients of a polynomial, bit 31 that of x^31.
 */
uint32_t crc_reg_add(uint32_t reg, const void *buf, size_t len)
{
	pthread_once(&once, make_table);
	for (const uint8_t *p = buf; len--; p++)
		reg = reg << 8 ^ table[reg >> 24 ^ *p];
	return reg;
}

/** crc_reg_times() - the product of two registers modulo P; x^8n moves one past n bytes of zero */
uint32_t crc_reg_times(uint32_t a, uint32_t b)
{
	uint32_t product = 0;

	for (int bit = 0; bit < 32; bit++, b <<= 1) {
		product = product << 1 ^ (product >> 31 ? POLY : 0);
		product ^= b >> 31 ? a : 0;
	}
	return product;
}

/** crc_reg_end() - what cksum prints for @len bytes that led to @reg */
uint32_t crc_reg_end(uint32_t reg, uint64_t len)
{
	for (; len; len >>= 8)
		reg = crc_reg_add(reg, &(uint8_t){(uint8_t)len}, 1);
	return ~reg;
}

/*
 * Fold @n words of @src. XOR does not mind the order of bytes in a word. The nearest tap is 145
 * words back, so any number of words up to that can be under way at once.
 */
static void fold(uint64_t *hist, const uint8_t *src, size_t n)
{
	uint64_t w[CRC_WORDS + ROUND], *p = w + CRC_WORDS;

	memcpy(w, hist, CRC_WORDS * sizeof(*w));
	for (; n >= 4; n -= 4, p += 4, src += 32) {
		p[0] = load(src) ^ p[-TAP1] ^ p[-TAP2] ^ p[-TAP3] ^ p[-TAP4];
		STAY_SCALAR();
		p[1] = load(src + 8) ^ p[1 - TAP1] ^ p[1 - TAP2] ^ p[1 - TAP3] ^ p[1 - TAP4];
		STAY_SCALAR();
		p[2] = load(src + 16) ^ p[2 - TAP1] ^ p[2 - TAP2] ^ p[2 - TAP3] ^ p[2 - TAP4];
		STAY_SCALAR();
		p[3] = load(src + 24) ^ p[3 - TAP1] ^ p[3 - TAP2] ^ p[3 - TAP3] ^ p[3 - TAP4];
		STAY_SCALAR();
	}
	for (; n; n--, p++, src += 8)
		*p = load(src) ^ p[-TAP1] ^ p[-TAP2] ^ p[-TAP3] ^ p[-TAP4];
	memcpy(hist, p - CRC_WORDS, CRC_WORDS * sizeof(*p));
}

/** crc_add() - take in the next bytes */
void crc_add(struct crc *crc, const void *buf, size_t len)
{
	const uint8_t *p = buf;
	size_t part = crc->len % 8;

	crc->len += len;
	/* a word may be spread over several calls */
	if (part) {
		size_t n = 8 - part < len ? 8 - part : len;

		memcpy(crc->part + part, p, n);
		p += n;
		len -= n;
		if (part + n < 8)
			return;
		fold(crc->hist, crc->part, 1);
	}
	while (len >= 8) {
		size_t n = len / 8 < ROUND ? len / 8 : ROUND;

		fold(crc->hist, p, n);
		p += n * 8;
		len -= n * 8;
	}
	memcpy(crc->part, p, len);
}

/** crc_value() - what cksum prints first; the running value is left as it is */
uint32_t crc_value(const struct crc *crc)
{
	static const size_t taps[4] = {TAP1, TAP2, TAP3, TAP4};
	uint64_t left[CRC_WORDS];
	uint32_t reg;

	/* The last 300 words were not taken away: undo what they gave to each other. */
	for (size_t i = 0; i < CRC_WORDS; i++) {
		left[i] = crc->hist[i];
		for (size_t t = 0; t < 4; t++)
			left[i] ^= i >= taps[t] ? crc->hist[i - taps[t]] : 0;
	}
	reg = crc_reg_add(0, left, sizeof(left));
	reg = crc_reg_add(reg, crc->part, crc->len % 8);
	return crc_reg_end(reg, crc->len);
}
