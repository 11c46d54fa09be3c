/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ram_testing.h - a machine of unit tests that has RAM and no more; ports are the test's
 */
#ifndef VIRTIO_RAM_TESTING_H
#define VIRTIO_RAM_TESTING_H

#include <stdlib.h>
#include <string.h>

#include "harness/selftest/unit.h"
#include "harness/virtio/target.h"

/**
 * struct ram_target - The machine; a test puts it first in its own
 * @ram:	TARGET_RAM bytes, zeros at first
 */
struct ram_target {
	struct target target;
	unsigned char *ram;
};

static inline unsigned char *ram_at(struct target *t, uint64_t addr, size_t len)
{
	ck_assert(addr <= TARGET_RAM && len <= TARGET_RAM - addr);
	return ((struct ram_target *)t)->ram + addr;
}

static inline uint64_t ram_read(struct target *t, uint64_t addr, unsigned width)
{
	const unsigned char *at = ram_at(t, addr, width);
	uint64_t value = 0;

	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static inline void ram_write(struct target *t, uint64_t addr, unsigned width, uint64_t value)
{
	unsigned char *at = ram_at(t, addr, width);

	for (unsigned i = 0; i < width; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

static inline void ram_get(struct target *t, uint64_t addr, void *data, size_t len)
{
	memcpy(data, ram_at(t, addr, len), len);
}

static inline void ram_put(struct target *t, uint64_t addr, const void *data, size_t len)
{
	memcpy(ram_at(t, addr, len), data, len);
}

static inline void ram_set(struct target *t, uint64_t addr, uint8_t byte, size_t len)
{
	memset(ram_at(t, addr, len), byte, len);
}

/* Devices of unit tests act within the access: there is nothing to wait for. */
static inline bool ram_no_turn(struct target *t, unsigned nth)
{
	(void)t;
	(void)nth;
	return false;
}

static inline void ram_release(struct target *t)
{
	free(((struct ram_target *)t)->ram);
}

#define RAM_OPS                                                                                    \
	.read = ram_read, .write = ram_write, .mem_read = ram_get, .mem_write = ram_put,           \
	.mem_set = ram_set, .turn = ram_no_turn, .release = ram_release

/** ram_target_init() - @ops: RAM_OPS, and what the test has besides; target_release() frees it */
static inline void ram_target_init(struct ram_target *m, const struct target_ops *ops)
{
	static const struct target_config config;

	target_init(&m->target, ops, "ram", &config);
	m->ram = calloc(1, TARGET_RAM);
	ck_assert_ptr_nonnull(m->ram);
}

#endif
