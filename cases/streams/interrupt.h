/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * interrupt.h - what interrupts a stream, and what each may cost
 */
#ifndef STREAMS_INTERRUPT_H
#define STREAMS_INTERRUPT_H

#include "cases/streams/circuit.h"

/** enum toll - What an interruption may cost */
enum toll {
	TOLL_NOTHING,
	TOLL_ON_THE_WAY, /* no more than was on its way until it had taken effect */
};

/** enum mark - What has to come whatever lay before it (circuit.h) */
enum mark {
	MARK_NONE,   /* what is sent when it is over */
	MARK_ALWAYS, /* of a port: what is sent once it has taken effect */
	MARK_BRIM,   /* the same, over unix: that QEMU reads no more is seen there alone */
	MARK_PARTLY, /* that, or nothing, as the draw is */
	MARK_NEW,    /* of any device: what is sent into the end that is new */
};

/**
 * struct interruption - One way to interrupt
 * @name:	value of the axis "interruption"
 * @now:	do it, once; comes back when it is over
 * @port, @uart: what it may cost; of a console as of a port
 * @tcp_keeps:	over tcp it costs nothing
 * @console, @serial, @plugged: it applies to virtconsole; to what is serial; of that only to what
 *		is plugged
 * @mark:	from where on nothing may be lost, whatever it may cost
 * @source:	why that much, and why from there
 */
struct interruption {
	const char *name;
	void (*now)(struct circuit *r);
	enum toll port, uart;
	bool tcp_keeps, console, serial, plugged;
	enum mark mark;
	const char *source;
};

/** interruption_find() - By name; NULL: none */
const struct interruption *interruption_find(const char *name);

/* interrupt_plug.c */
void interrupt_unplug_from(struct circuit *r);
void interrupt_unplug_full(struct circuit *r);
void interrupt_unplug_to(struct circuit *r);
void interrupt_unplug_all(struct circuit *r);
void interrupt_driver_held(struct circuit *r);
void interrupt_driver(struct circuit *r);
void interrupt_driver_unbound(struct circuit *r);
/** interrupt_rebind() - The driver is taken from its device under open nodes, and given back; the
 * nodes are closed then */
void interrupt_rebind(struct circuit *r);
/* interrupt_machine.c */
/** interrupt_machine() - Plan the machine that the variant's interruption needs */
void interrupt_machine(const struct variant *v, struct plan *plan);
void interrupt_change_from(struct circuit *r);
void interrupt_change_to(struct circuit *r);
void interrupt_cpu(struct circuit *r);
void interrupt_memory(struct circuit *r);
void interrupt_memory_driver(struct circuit *r);
/* suspend.c */
/** interrupt_start() - The stream, in which no connection to the guest takes part, is going */
void interrupt_start(struct circuit *r, struct trial *t);
/** interrupt_alone() - The guest does a shell line that may end what connects us to it, and says on
 * its console how it went. Events of QEMU are told from here on */
void interrupt_alone(struct circuit *r, const char *line);
/** interrupt_alone_ended() - It says so within @ms, or that it has started anew */
bool interrupt_alone_ended(struct circuit *r, int ms);
/** interrupt_alone_went_on() - It says that it did, and we are connected again */
void interrupt_alone_went_on(struct circuit *r, int ms);
/** interrupt_await_event() - QEMU tells it */
void interrupt_await_event(struct circuit *r, const char *event);
/** interrupt_boot_compressed() - The machine, which is cold, starts the kernel as firmware does,
 * not by PVH */
void interrupt_boot_compressed(struct trial *t);
/** interrupt_qmp() - A QMP command that has to work */
void interrupt_qmp(struct circuit *r, const char *command, const char *args);

#endif
