/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cross.h - cases that are a script: QEMU and the reference device play it side by side
 *
 *	CROSS(twice, .id = "cross.ready-twice", .title = "..", .clause = "..", .level = LEVEL_MUST,
 *	      .script = "start; ctl -1 READY 1; ctl -1 READY 1")
 *
 * The steps are those of harness/wire/script.h. The reference has the deviations that are known of
 * this QEMU (refdev.h, personalities), so that whatever differs is news: another deviation, or a
 * known one that is gone. Those that mattered are in the trial's log.
 */
#ifndef RUN_CROSS_H
#define RUN_CROSS_H

#include "harness/run/wire.h"
#include "harness/wire/cross.h"

#define CROSS(name, ...) CROSS_ON(name, wire_topology_plain, __VA_ARGS__)
/* The same on another topology. */
#define CROSS_ON(name, topology, ...)                                                              \
	CASE(name, .needs = NEEDS_QEMU, .axes = cross_axes, .possible = cross_possible,            \
	     .lacks = wire_lacks, .wire = topology, __VA_ARGS__)                                   \
	{                                                                                          \
		trial_cross(t);                                                                    \
	}

/** cross_axes - Transport and ring */
extern const char *const cross_axes[];
/** cross_possible() - A legacy interface has split rings only */
bool cross_possible(const struct variant *v);
/** trial_cross() - Play the case's script on both; a difference fails the trial, with the step,
 * both sides and the shortest script that still differs */
void trial_cross(struct trial *t);
/** trial_seeds() - Play @n random scripts from @seed on, on both; a difference fails the trial */
void trial_seeds(struct trial *t, uint64_t seed, unsigned n);

/** trial_renewed() - @n random scripts from @seed on, each on a QEMU that has played the one before
 * and was made as after power-on, and on a new one: the traces are the same */
void trial_renewed(struct trial *t, uint64_t seed, unsigned n);

/* The same with a UART: its script, .uart, is played on it and on the reference 16550A. */
#define UART(name, ...)                                                                            \
	CASE(name, .needs = NEEDS_QEMU, .axes = uart_axes, .possible = uart_possible,              \
	     .lacks = uart_lacks, .wire = uart_topology, .level = LEVEL_MUST, __VA_ARGS__)         \
	{                                                                                          \
		trial_uart(t);                                                                     \
	}

/** uart_axes - The device, and which of its ports */
extern const char *const uart_axes[];
/** uart_possible() - It is a 16550A, and one with two ports has no third */
bool uart_possible(const struct variant *v);
/** uart_lacks() - This build may have no such device */
const char *uart_lacks(const struct variant *v, const struct caps *caps);
/** uart_topology() - The device; each of its ports has a backend */
void uart_topology(const struct variant *v, struct target_config *config);
/** trial_uart() - As trial_cross() */
void trial_uart(struct trial *t);

#endif
