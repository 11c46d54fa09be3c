/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * player.h - plays a script's steps on a target and writes down what can be seen of it
 *
 * DOC: the trace
 *
 * After each step the player waits until nothing more happens, and then writes, a line each and in
 * this order: what the step itself returned; used buffers by queue, with length and what lies in
 * them; interrupts by vector (that there were any, never how many); status, generation; the state
 * of each port; bytes that reached a host; classes of log lines; the end, if it has ended. No
 * addresses and no times: the same script gives the same text on every target that behaves alike.
 *
 * While a host stalls, how much of what the driver sends still fits is the backend's business: used
 * buffers of that port's transmit queue, and whether it is throttled, are written when it reads
 * again or leaves; interrupts not at all.
 */
#ifndef WIRE_PLAYER_H
#define WIRE_PLAYER_H

#include "harness/virtio/vcon.h"
#include "harness/wire/script.h"

/**
 * struct wire_host - A host end, and the streams of its port
 * @open, @stalled: the host is there; it does not read
 * @alone:	its backend is there without a port
 * @to_device, @to_host: how many bytes each side has sent so far, on which the next byte depends
 */
struct wire_host {
	bool open, stalled, alone;
	uint32_t to_device, to_host;
};

/**
 * struct wire_player - One script on one target
 * @con:	the driver; @started: it has its queues
 * @found:	the registers were found
 * @raw:	queues whose rings were written by hand: only the used index is looked at
 * @used_seen:	of those
 * @config:	the topology as it is now; texts are @names'
 * @raised:	how often the pin had risen
 * @uart, @filler: see player_uart.c: the port whose registers are used; bytes to its host that
 *		only fill its backend
 * @irq_unknown: nothing is known of the interrupt line, as after a load, until IER is written
 * @restarted:	since then the rings are no more; what is in them is not looked at
 */
struct wire_player {
	struct target *t;
	struct vcon con;
	bool started, found, pin, stopped;
	bool raw[VCON_QUEUES_MAX];
	uint16_t used_seen[VCON_QUEUES_MAX];
	struct target_config config;
	struct strv names;
	struct wire_host hosts[TARGET_PORTS_MAX];
	unsigned raised, uart, filler;
	bool irq_unknown;
};

/** wire_player_init() - @t as after power-on */
void wire_player_init(struct wire_player *p, struct target *t);
void wire_player_release(struct wire_player *p);
/** wire_player_step() - Play one step; what was seen is appended to @seen */
void wire_player_step(struct wire_player *p, const struct wire_step *step, struct buf *seen);

/* Between player.c and player_look.c */
/** wire_look() - What can be seen now */
void wire_look(struct wire_player *p, struct buf *seen);
/** wire_bytes() - Append @len bytes as text: short ones in hex, long ones as a sum */
void wire_bytes(struct buf *b, const unsigned char *data, size_t len);
/** wire_host() - The host end of port @nr; NULL: no such port ever was */
struct wire_host *wire_host(struct wire_player *p, unsigned nr);

#endif
