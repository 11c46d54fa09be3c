// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * damage_find.c - where in the sent stream do these bytes belong?
 *
 * A lap is the table XOR a key of 8 bytes, again and again. So the XOR of two neighbouring words is
 * free of the key: it is the same in all laps, and tells the place in the lap. The word XOR the
 * table's then is the key, and the key tells the lap. One look-up, whatever the stream's length.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "harness/host/damage_private.h"

#define SLOT_BITS 17 /* twice the table, so that probing stays short */
#define SLOTS	  (1U << SLOT_BITS)

#define SEEN_BITS 19

/**
 * struct damage_index - Places in the table by the XOR of the two words there
 * @sent:	whose table; not owned
 * @slots:	place + 1; 0: free
 * @seen:	a bit for every hash that is in @slots: most foreign bytes need no more than this
 */
struct damage_index {
	const struct payload *sent;
	uint32_t slots[SLOTS];
	uint64_t seen[1 << (SEEN_BITS - 6)];
};

static uint64_t load(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint32_t hash(uint64_t v)
{
	return (uint32_t)((v * 0x9E3779B97F4A7C15) >> (64 - SEEN_BITS));
}

static uint32_t slot_of(uint32_t h)
{
	return h >> (SEEN_BITS - SLOT_BITS);
}

struct damage_index *damage_index_new(const struct payload *p)
{
	struct damage_index *x = xcalloc(1, sizeof(*x));

	x->sent = p;
	for (uint32_t at = 0; at + DAMAGE_WINDOW <= PAYLOAD_LAP; at++) {
		uint32_t h = hash(load(p->table + at) ^ load(p->table + at + 8)), slot = slot_of(h);

		x->seen[h / 64] |= 1ULL << (h % 64);
		while (x->slots[slot])
			slot = (slot + 1) % SLOTS;
		x->slots[slot] = at + 1;
	}
	return x;
}

void damage_index_free(struct damage_index *x)
{
	free(x);
}

bool damage_index_find(const struct damage_index *x, const uint64_t window[static 2],
		       uint64_t *offset)
{
	const struct payload *p = x->sent;
	uint64_t both = window[0] ^ window[1];
	uint32_t h = hash(both);

	if (!(x->seen[h / 64] >> (h % 64) & 1))
		return false;
	for (uint32_t slot = slot_of(h); x->slots[slot]; slot = (slot + 1) % SLOTS) {
		uint32_t at = x->slots[slot] - 1;
		uint64_t word = load(p->table + at), key, lap;
		unsigned int turn = 8 * (at & 7);

		if ((word ^ load(p->table + at + 8)) != both)
			continue;
		key = word ^ window[0];
		if (!payload_lap(p, turn ? key << turn | key >> (64 - turn) : key, &lap))
			continue;
		/* foreign bytes have a key too, of some lap far beyond the end */
		if (lap > p->size / PAYLOAD_LAP)
			continue;
		*offset = lap * PAYLOAD_LAP + at;
		if (*offset + DAMAGE_WINDOW <= p->size)
			return true;
	}
	return false;
}

bool damage_find_short(const struct payload *p, uint64_t from, uint64_t to, const void *bytes,
		       size_t len, uint64_t *offset)
{
	unsigned char piece[16384];
	bool found = false;

	while (from < to && to - from >= len) {
		size_t n = to - from < sizeof(piece) ? (size_t)(to - from) : sizeof(piece);
		const unsigned char *at = piece;

		payload_fill(p, from, piece, n);
		while ((at = memmem(at, n - (size_t)(at - piece), bytes, len))) {
			if (found)
				return false;
			found = true;
			*offset = from + (uint64_t)(at++ - piece);
		}
		from += n - len + 1;
	}
	return found;
}
