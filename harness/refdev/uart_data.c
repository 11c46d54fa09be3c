// SPDX-License-Identifier: GPL-2.0-or-later
/* uart_data.c - the reference 16550A: receiver, transmitter, and what they interrupt for */
#include <string.h>

#include "harness/refdev/uart_private.h"

/* ---- what is pending */

static bool break_shown(struct uart *u)
{
	const struct uart_fifo *rx = &u->s.rx;

	if (u->s.bi || !uart_fifos(u) || !rx->n || !rx->broken[0])
		return u->s.bi;
	return !uart_has(u, UART_Q_BREAK_AT_ONCE); /* then it was told as it came */
}

static uint8_t line_status(struct uart *u)
{
	const struct uart_state *s = &u->s;
	uint8_t lsr = (s->dr ? LSR_DR : 0) | (s->oe ? LSR_OE : 0) | (break_shown(u) ? LSR_BI : 0);

	lsr |= (s->thre ? LSR_THRE : 0) | (s->thre && !s->busy ? LSR_TEMT : 0);
	for (unsigned i = 0; uart_fifos(u) && i < s->rx.n; i++)
		if (s->rx.broken[i] && !uart_has(u, UART_Q_NO_FIFO_ERROR))
			lsr |= LSR_FIFO;
	return lsr;
}

/* 8.8, table IV: in the order of their priority */
uint8_t uart_pending(struct uart *u)
{
	const struct uart_state *s = &u->s;
	bool thre = (s->ier & IER_THRE) && s->thre_irq;
	unsigned trigger = uart_faulty(u, UART_F_TRIGGER_1)
				   ? 1
				   : s->trigger + uart_faulty(u, UART_F_TRIGGER_MORE);

	if ((s->ier & IER_LINE) && (s->oe || break_shown(u)) && !uart_faulty(u, UART_F_LINE_LOST))
		return IIR_LINE;
	if (thre && uart_faulty(u, UART_F_PRIORITY))
		return IIR_THRE;
	if ((s->ier & IER_DATA) && s->timeout)
		return IIR_TIME;
	if ((s->ier & IER_DATA) && s->dr && (!uart_fifos(u) || s->rx.n >= trigger))
		return IIR_DATA;
	if (thre)
		return IIR_THRE;
	return (s->ier & IER_MODEM) && s->deltas ? IIR_MODEM : IIR_NONE;
}

void uart_update(struct uart *u)
{
	bool level = uart_pending(u) != IIR_NONE || (u->level && uart_faulty(u, UART_F_IRQ_STUCK));

	if (level != u->level) {
		u->level = level;
		u->irq(u->arg, level);
	}
}

/* ---- the receiver */

static void overrun(struct uart *u, uint8_t byte)
{
	u->s.oe = !uart_faulty(u, UART_F_OVERRUN_LOST);
	if (uart_faulty(u, UART_F_OVERRUN_NEW))
		u->s.rx.byte[u->s.rx.n - 1] = byte;
}

/* 8.4 bit 1: what is in the FIFO stays */
static void put(struct uart *u, uint8_t byte, bool broken)
{
	struct uart_fifo *rx = &u->s.rx;

	if (rx->n >= (uart_faulty(u, UART_F_FIFO_8) ? 8 : UART_FIFO)) {
		overrun(u, byte);
		return;
	}
	rx->byte[rx->n] = byte;
	rx->broken[rx->n++] = broken;
}

static void take_in(struct uart *u, uint8_t byte)
{
	struct uart_state *s = &u->s;

	byte ^= uart_faulty(u, UART_F_RX_FLIP) ? 4 : 0;
	if (uart_fifos(u)) {
		put(u, byte, false);
		s->armed = true;
	} else {
		s->oe |= s->dr && !uart_faulty(u, UART_F_OVERRUN_LOST);
		s->rbr = byte;
	}
	s->dr = true;
	uart_update(u);
}

size_t uart_room(struct uart *u)
{
	const struct uart_state *s = &u->s;

	if ((s->mcr & MCR_LOOP) && !(u->quirks >> UART_Q_LOOP_HEARS & 1))
		return 0;
	if (!uart_fifos(u))
		return !s->dr;
	if (s->rx.n >= UART_FIFO)
		return 0;
	return s->rx.n <= s->trigger ? s->trigger - s->rx.n : 1;
}

void uart_receive(struct uart *u, const uint8_t *data, size_t n)
{
	if (u->s.mcr & MCR_LOOP)
		(void)uart_has(u, UART_Q_LOOP_HEARS); /* it has let them come */
	for (size_t i = 0; i < n && (!i || !uart_faulty(u, UART_F_RX_DEAF)); i++)
		take_in(u, data[i]);
}

void uart_break(struct uart *u)
{
	struct uart_state *s = &u->s;
	bool hidden = !uart_fifos(u) && uart_has(u, UART_Q_BREAK_HIDDEN), at_once;

	if (uart_faulty(u, UART_F_BREAK_LOST))
		return;
	at_once = !uart_fifos(u) || uart_has(u, UART_Q_BREAK_AT_ONCE);
	s->bi |= at_once;
	if (!uart_faulty(u, UART_F_BREAK_NO_NUL)) {
		s->rbr = 0;
		if (uart_fifos(u) || hidden)
			put(u, 0, true);
		s->dr = true;
	}
	uart_update(u);
}

bool uart_expire(struct uart *u)
{
	bool due = u->s.armed && u->s.rx.n;

	u->s.armed = false;
	if (due && !uart_faulty(u, UART_F_TIMEOUT_LOST))
		u->s.timeout = true;
	uart_update(u);
	return due;
}

uint8_t uart_read_data(struct uart *u)
{
	struct uart_state *s = &u->s;
	struct uart_fifo *rx = &s->rx;
	uint8_t byte = s->rbr;

	if (uart_fifos(u)) {
		byte = rx->n ? rx->byte[0] : 0;
		if (rx->n) {
			rx->n--;
			memmove(rx->byte, rx->byte + 1, rx->n);
			memmove(rx->broken, rx->broken + 1, rx->n * sizeof(*rx->broken));
		}
		s->armed = rx->n;
		s->timeout &= uart_faulty(u, UART_F_TIMEOUT_STICKY);
	}
	s->dr = uart_fifos(u) && rx->n;
	if (!s->dr && s->bi && uart_has(u, UART_Q_BREAK_READ))
		s->bi = false;
	uart_update(u);
	return byte;
}

uint8_t uart_read_line_status(struct uart *u)
{
	struct uart_state *s = &u->s;
	uint8_t lsr = line_status(u);

	s->oe &= uart_faulty(u, UART_F_OVERRUN_STICKY);
	if (!uart_faulty(u, UART_F_BREAK_STICKY)) {
		s->bi = false;
		if (uart_fifos(u) && s->rx.n)
			s->rx.broken[0] = false;
	}
	uart_update(u);
	return lsr;
}

/* ---- the transmitter */

/* A byte leaves TSR. False: the backend takes no more */
static bool emit(struct uart *u)
{
	struct uart_state *s = &u->s;
	uint8_t byte = s->tsr, mask = (uint8_t)(0xff >> (3 - (s->lcr & 3)));
	bool loop = s->mcr & MCR_LOOP;

	if (loop) {
		if ((byte & mask) != byte && !uart_has(u, UART_Q_LOOP_WIDE))
			byte &= mask;
		take_in(u, byte);
	}
	if (loop && !uart_faulty(u, UART_F_LOOP_LEAKS))
		return true;
	return u->send(u->arg, byte ^ (uart_faulty(u, UART_F_TX_FLIP) ? 1 : 0)) ||
	       uart_faulty(u, UART_F_TX_LOST);
}

static void next_byte(struct uart *u)
{
	struct uart_state *s = &u->s;

	s->tsr = s->thr;
	if (uart_fifos(u)) {
		s->tsr = s->tx.byte[0];
		s->tx.n--;
		memmove(s->tx.byte, s->tx.byte + 1, s->tx.n);
	}
	s->thre = !uart_fifos(u) || !s->tx.n;
	if (s->thre && !uart_faulty(u, UART_F_THRE_LOST))
		s->thre_irq = true;
	uart_update(u);
}

static void transmit(struct uart *u)
{
	struct uart_state *s = &u->s;

	while (!s->thre) {
		next_byte(u);
		if (!emit(u)) {
			s->busy = !uart_faulty(u, UART_F_TX_READY);
			return;
		}
	}
}

void uart_resume(struct uart *u)
{
	if (!u->s.busy || u->stuck || uart_faulty(u, UART_F_TX_STUCK) || !emit(u))
		return;
	if (uart_faulty(u, UART_F_TX_TWICE))
		(void)emit(u); /* a refusal of the second one is the same to us */
	u->s.busy = false;
	transmit(u);
}

void uart_write_data(struct uart *u, uint8_t value)
{
	struct uart_state *s = &u->s;

	s->thr = value;
	if (uart_fifos(u)) {
		if (s->tx.n == UART_FIFO) {
			if (!uart_has(u, UART_Q_SEND_PUSHES))
				return;
			s->tx.n--;
			memmove(s->tx.byte, s->tx.byte + 1, s->tx.n);
		}
		s->tx.byte[s->tx.n++] = value;
	}
	s->thre = s->thre_irq = false;
	uart_update(u);
	if (!s->busy)
		transmit(u);
}
