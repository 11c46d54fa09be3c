/* SPDX-License-Identifier: GPL-2.0-or-later */
/* uart_private.h - what uart.c and uart_data.c share, and nobody else includes */
#ifndef REFDEV_UART_PRIVATE_H
#define REFDEV_UART_PRIVATE_H

#include "harness/refdev/uart.h"

/* The data sheet's names: registers, and their bits. */
enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define IER_DATA  0x01
#define IER_THRE  0x02
#define IER_LINE  0x04
#define IER_MODEM 0x08
#define IIR_NONE  0x01
#define IIR_LINE  0x06
#define IIR_TIME  0x0c
#define IIR_DATA  0x04
#define IIR_THRE  0x02
#define IIR_MODEM 0x00
#define IIR_FIFOS 0xc0
#define FCR_ON	  0x01
#define FCR_RX	  0x02
#define FCR_TX	  0x04
#define FCR_STAYS 0xc9
#define LCR_DLAB  0x80
#define MCR_LOOP  0x10
#define LSR_DR	  0x01
#define LSR_OE	  0x02
#define LSR_BI	  0x10
#define LSR_THRE  0x20
#define LSR_TEMT  0x40
#define LSR_FIFO  0x80
#define LINES_UP  0xb0 /* DCD, DSR, CTS */

/* Does it deviate here? It is asked only where that can be seen. */
static inline bool uart_has(struct uart *u, enum uart_quirk q)
{
	bool has = u->quirks >> q & 1;

	u->seen |= has ? 1U << q : 0;
	return has;
}

static inline bool uart_faulty(const struct uart *u, enum uart_fault f)
{
	return u->fault == f;
}

static inline bool uart_fifos(const struct uart *u)
{
	return u->s.fcr & FCR_ON;
}

/* uart_data.c */
/** uart_pending() - What IIR names, without the FIFOs' bits */
uint8_t uart_pending(struct uart *u);
/** uart_update() - Tell the interrupt line, if it has changed */
void uart_update(struct uart *u);
uint8_t uart_read_data(struct uart *u);
uint8_t uart_read_line_status(struct uart *u);
void uart_write_data(struct uart *u, uint8_t value);

#endif
