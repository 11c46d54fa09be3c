/* SPDX-License-Identifier: GPL-2.0-or-later */
/* generate_private.h - what the parts of the generator share */
#ifndef WIRE_GENERATE_PRIVATE_H
#define WIRE_GENERATE_PRIVATE_H

#include "harness/virtio/target.h"
#include "harness/wire/script.h"

#define GENERATE_PORTS 4 /* as max_ports=4 has */

/**
 * struct generator - What a driver, a host and a monitor know of where they are
 * @config:	the topology at first
 * @stopped:	the machine stands
 * @moves:	a save and load may still come
 * @stale:	rings may make the device find old entries again, 65535 at worst: buffers are small
 * @packed:	the driver's rings are packed
 * @there, @console: the port is plugged
 * @backend:	it has one, or there is one without it
 * @open, @stalled: its host is there; it does not read
 * @left:	what the host may send yet without filling its backend
 * @last:	the queue or port that was named last
 */
struct generator {
	const struct target_config *config;
	struct wire_script *s;
	uint64_t state;
	bool stopped, moves, stale, packed;
	bool there[GENERATE_PORTS], console[GENERATE_PORTS], backend[GENERATE_PORTS];
	bool open[GENERATE_PORTS], stalled[GENERATE_PORTS];
	uint32_t left[GENERATE_PORTS];
	char last[8];
};

/* generate_text.c */
/** generate_next() - The next number of the stream */
uint64_t generate_next(struct generator *g);
/** generate_below() - One that is less than @n */
unsigned generate_below(struct generator *g, unsigned n);
bool generate_one_in(struct generator *g, unsigned n);
/** generate_port() - One that is plugged, or now and then one that is not */
unsigned generate_port(struct generator *g);
/** generate_size() - Of a buffer, around the boundaries that there are */
uint32_t generate_size(struct generator *g);
/** generate_steps() - Append the steps of a text like printf()'s */
void generate_steps(struct generator *g, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/** generate_text() - Append the steps of a pattern: {a|b|c} is one of these, {1..9} a number, $p a
 * port, $q a queue, $o one that does not transmit to a console (which drops what its backend does
 * not hold), $r and $t one that receives or transmits, $s a size, $= the last of these but the
 * size again */
void generate_text(struct generator *g, const char *pattern);

/* generate_world.c */
/** generate_topology() - The ports are as configured */
void generate_topology(struct generator *g);
void generate_host_opens(struct generator *g);
void generate_host_leaves(struct generator *g);
void generate_host_sends(struct generator *g);
void generate_stall(struct generator *g);
void generate_flood(struct generator *g);
void generate_plug(struct generator *g);
void generate_unplug(struct generator *g);
void generate_stop(struct generator *g);
void generate_move(struct generator *g);
/** generate_backend() - One comes, goes or is changed for another below its port or without it */
void generate_backend(struct generator *g);
/** generate_controller() - It goes and comes back; false: not on this transport, or not now */
bool generate_controller(struct generator *g);

#endif
