/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uart.h - the reference 16550A: its registers as National Semiconductor's PC16550D data sheet has
 * them (June 1995, section 8), and as QEMU has them
 *
 * DOC: the model
 *
 * Bytes need no time: what is written to THR has left at once, unless the backend takes no more
 * (@send refuses); then uart_resume() goes on. The one clock is that of the character timeout:
 * uart_expire() lets it run out. What the backend brings is limited by uart_room(), which is no
 * matter of the data sheet: QEMU never lets a host overrun the FIFO, and fills it no further than
 * the trigger level (serial_can_receive() in qemu/hw/char/serial.c). The modem lines are those of
 * a backend that has none: CTS, DSR and DCD are up.
 */
#ifndef REFDEV_UART_H
#define REFDEV_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/refdev/uart_quirks.h"

#define UART_FIFO 16

#define UART_Q(symbol, id, name, text, source) UART_Q_##symbol,
enum uart_quirk { UART_QUIRKS(UART_Q) UART_QUIRK_COUNT };
#undef UART_Q
#define UART_F(symbol, name, text) UART_F_##symbol,
enum uart_fault { UART_FAULTS(UART_F) UART_FAULT_COUNT, UART_F_NONE = UART_FAULT_COUNT };
#undef UART_F

/** struct uart_note - A quirk or a fault, for people; faults have no @id and no @source */
struct uart_note {
	const char *id, *name, *text, *source;
};

const struct uart_note *uart_quirk(enum uart_quirk q);
const struct uart_note *uart_fault(enum uart_fault f);

/** struct uart_fifo - Bytes, and which of them came with a break */
struct uart_fifo {
	uint8_t byte[UART_FIFO];
	bool broken[UART_FIFO];
	unsigned n;
};

/**
 * struct uart_state - What is saved and loaded
 * @fcr, @fifo_id: the FIFOs' state, and what IIR says of it
 * @trigger:	level of the receive FIFO
 * @oe, @bi, @dr: line status; @bi: not that of a byte in the FIFO
 * @deltas:	of the modem lines
 * @thre:	THR is empty; @thre_irq: and that was not told yet
 * @busy:	a byte is in TSR that the backend refused
 * @timeout:	a character timeout is told; @armed: it is to come
 */
struct uart_state {
	uint16_t divisor;
	uint8_t rbr, thr, tsr, ier, lcr, mcr, scr, fcr, fifo_id, trigger, deltas;
	bool oe, bi, dr, thre, thre_irq, busy, timeout, armed;
	struct uart_fifo rx, tx;
};

/**
 * struct uart - One UART
 * @send:	a byte for the backend; false: it takes no more now
 * @irq:	the interrupt line has changed
 * @arg:	for both
 * @quirks:	bits by enum uart_quirk; @seen: those that mattered
 * @fault:	how it is to be wrong; UART_F_NONE
 * @level:	of the interrupt line
 * @stuck:	UART_Q_LOAD_STUCK or UART_Q_CHANGE_STUCK has struck
 */
struct uart {
	bool (*send)(void *arg, uint8_t byte);
	void (*irq)(void *arg, bool level);
	void *arg;
	unsigned quirks, seen;
	enum uart_fault fault;
	bool level, stuck;
	struct uart_state s;
};

/** uart_personality() - "strict", or "qemu" and perhaps ",-NAME": without a quirk. False: neither */
bool uart_personality(const char *text, unsigned *quirks);
/** uart_init() - As after power-on; the rest of @u is set already */
void uart_init(struct uart *u);
void uart_reset(struct uart *u);
/** uart_read(), uart_write() - Register @reg of 8 */
uint8_t uart_read(struct uart *u, unsigned reg);
void uart_write(struct uart *u, unsigned reg, uint8_t value);
/** uart_room() - How many bytes it takes from the backend now */
size_t uart_room(struct uart *u);
void uart_receive(struct uart *u, const uint8_t *data, size_t n);
void uart_break(struct uart *u);
/** uart_resume() - The backend takes bytes again */
void uart_resume(struct uart *u);
/** uart_changed() - It has another backend, to which nobody is connected */
void uart_changed(struct uart *u);
/** uart_expire() - Time enough for a character timeout passes. False: none was to come */
bool uart_expire(struct uart *u);
/** uart_load() - Become what was saved, a copy of @s. @connected: the backend has a host. The line
 * is told anew */
void uart_load(struct uart *u, const struct uart_state *s, bool connected);

#endif
