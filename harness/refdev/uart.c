// SPDX-License-Identifier: GPL-2.0-or-later
/* uart.c - the reference 16550A */
#include <string.h>

#include "harness/refdev/uart_private.h"

#define NOTE(symbol, id, name, text, source) {id, name, text, source},
static const struct uart_note quirk_notes[] = {UART_QUIRKS(NOTE)};
#undef NOTE
#define NOTE(symbol, name, text) {NULL, name, text, NULL},
static const struct uart_note fault_notes[] = {UART_FAULTS(NOTE)};
#undef NOTE

const struct uart_note *uart_quirk(enum uart_quirk q)
{
	return &quirk_notes[q];
}

const struct uart_note *uart_fault(enum uart_fault f)
{
	return &fault_notes[f];
}

bool uart_personality(const char *text, unsigned *quirks)
{
	*quirks = strncmp(text, "qemu", 4) == 0 ? (1U << UART_QUIRK_COUNT) - 1 : 0;
	if (strcmp(text, "strict") == 0 || strcmp(text, "qemu") == 0)
		return true;
	for (unsigned q = 0; *quirks && strncmp(text, "qemu,-", 6) == 0 && q < UART_QUIRK_COUNT;
	     q++)
		if (strcmp(text + 6, quirk_notes[q].name) == 0) {
			*quirks &= ~(1U << q);
			return true;
		}
	return false;
}

/* ---- control */

static void clear_receiver(struct uart *u)
{
	struct uart_state *s = &u->s;

	if (uart_faulty(u, UART_F_CLEAR_LOST))
		return;
	s->rx.n = 0;
	s->dr = s->bi = s->timeout = s->armed = false;
}

/* 8.5 */
static void write_fifo_control(struct uart *u, uint8_t value)
{
	static const uint8_t levels[] = {1, 4, 8, 14};
	struct uart_state *s = &u->s;
	bool toggled = (value ^ s->fcr) & FCR_ON;

	if (!(value & FCR_ON) && !toggled && !(value & (FCR_RX | FCR_TX | FCR_STAYS)))
		return;
	if (!(value & FCR_ON) && !toggled && !uart_has(u, UART_Q_FCR_UNGATED))
		return;
	toggled = toggled && !uart_faulty(u, UART_F_TOGGLE_KEEPS);
	if (toggled || value & FCR_RX)
		clear_receiver(u);
	if (toggled || value & FCR_TX) {
		s->tx.n = 0;
		s->thre = s->thre_irq = true;
	}
	s->fcr = value & FCR_STAYS;
	s->fifo_id = uart_fifos(u) && !uart_faulty(u, UART_F_NO_FIFO_ID) ? IIR_FIFOS : 0;
	if (uart_fifos(u))
		s->trigger = levels[value >> 6];
	uart_update(u);
}

/* Rising to 1 while THR is empty raises it: not in the data sheet, but drivers rely on it. */
static void write_enable(struct uart *u, uint8_t value)
{
	struct uart_state *s = &u->s;
	uint8_t changed = s->ier ^ value;

	s->ier = value & (uart_faulty(u, UART_F_IER_WIDE) ? 0xff : 0x0f);
	if (changed & IER_THRE)
		s->thre_irq = (value & IER_THRE) && s->thre && !uart_faulty(u, UART_F_THRE_ENABLE);
	uart_update(u);
}

/* 8.6 bit 4: in loopback the four outputs are the four inputs */
static uint8_t lines(const struct uart *u)
{
	uint8_t mcr = u->s.mcr, up = 0;

	if (!(mcr & MCR_LOOP))
		return uart_faulty(u, UART_F_MSR_ZERO) ? 0 : LINES_UP;
	up |= mcr & 1 ? 0x20 : 0; /* DTR: DSR */
	up |= mcr & 2 ? 0x10 : 0; /* RTS: CTS */
	up |= mcr & (uart_faulty(u, UART_F_LOOP_CROSSED) ? 8 : 4) ? 0x40 : 0;
	up |= mcr & (uart_faulty(u, UART_F_LOOP_CROSSED) ? 4 : 8) ? 0x80 : 0;
	return up;
}

/* 8.7: deltas; that of RI only as it goes down */
static void write_modem_control(struct uart *u, uint8_t value)
{
	uint8_t before = lines(u), now, changed;

	u->s.mcr = value & (uart_faulty(u, UART_F_MCR_WIDE) ? 0xff : 0x1f);
	now = lines(u);
	changed = (before ^ now) >> 4;
	if (now & 0x40)
		changed &= (uint8_t)~4;
	if (changed && !uart_has(u, UART_Q_LOOP_SILENT))
		u->s.deltas |= changed;
	uart_update(u);
}

static uint8_t read_modem_status(struct uart *u)
{
	uint8_t msr = lines(u) | u->s.deltas;

	u->s.deltas = 0;
	uart_update(u);
	return msr;
}

static uint8_t read_identification(struct uart *u)
{
	uint8_t id = uart_pending(u);

	if (id == IIR_THRE && !uart_faulty(u, UART_F_THRE_STICKY))
		u->s.thre_irq = false;
	uart_update(u);
	return id | u->s.fifo_id;
}

/* ---- registers */

static unsigned latch_shift(const struct uart *u, unsigned reg)
{
	return 8 * (uart_faulty(u, UART_F_DIVISOR_SWAPPED) ? 1 - reg : reg);
}

static bool latched(const struct uart *u, unsigned reg)
{
	return reg <= IER && (u->s.lcr & LCR_DLAB) && !uart_faulty(u, UART_F_DLAB_IGNORED);
}

uint8_t uart_read(struct uart *u, unsigned reg)
{
	if (latched(u, reg))
		return (uint8_t)(u->s.divisor >> latch_shift(u, reg));
	switch (reg) {
	case RBR:
		return uart_read_data(u);
	case IER:
		return u->s.ier;
	case IIR:
		return read_identification(u);
	case LCR:
		return u->s.lcr;
	case MCR:
		return u->s.mcr;
	case LSR:
		return uart_read_line_status(u);
	case MSR:
		return read_modem_status(u);
	default:
		return uart_faulty(u, UART_F_NO_SCRATCH) ? 0 : u->s.scr;
	}
}

void uart_write(struct uart *u, unsigned reg, uint8_t value)
{
	if (latched(u, reg)) {
		unsigned shift = reg * 8;

		u->s.divisor = (uint16_t)((u->s.divisor & ~(0xff << shift)) | value << shift);
		return;
	}
	switch (reg) {
	case RBR:
		uart_write_data(u, value);
		break;
	case IER:
		write_enable(u, value);
		break;
	case IIR:
		write_fifo_control(u, value);
		break;
	case LCR:
		u->s.lcr = value;
		break;
	case MCR:
		write_modem_control(u, value);
		break;
	case LSR:
		u->s.dr &= !uart_faulty(u, UART_F_LSR_WRITTEN);
		break;
	case MSR:
		u->s.deltas |= uart_faulty(u, UART_F_MSR_WRITTEN) ? value & 15 : 0;
		break;
	default:
		u->s.scr = value;
	}
}

/* ---- life */

/* Table I. The divisor is undefined there; ours is 9600 baud, as in QEMU. */
void uart_reset(struct uart *u)
{
	struct uart_state old = u->s;

	u->s = (struct uart_state){.divisor = uart_faulty(u, UART_F_RESET_DIVISOR) ? 1 : 12,
				   .trigger = 1,
				   .thre = true};
	u->stuck = false;
	if (uart_has(u, UART_Q_RESET_OUT2))
		u->s.mcr = 8;
	if ((old.fcr & FCR_ON) && uart_has(u, UART_Q_RESET_FIFO)) {
		u->s.fcr = old.fcr;
		u->s.trigger = old.trigger;
	}
	if (uart_faulty(u, UART_F_RESET_IER))
		u->s.ier = old.ier;
	if (uart_faulty(u, UART_F_RESET_LCR))
		u->s.lcr = old.lcr;
	if (uart_faulty(u, UART_F_RESET_SCRATCH))
		u->s.scr = old.scr;
	if (uart_faulty(u, UART_F_RESET_RX)) {
		u->s.rx = old.rx;
		u->s.rbr = old.rbr;
		u->s.dr = old.dr;
	}
	uart_update(u);
}

void uart_init(struct uart *u)
{
	u->s = (struct uart_state){0};
	u->level = false;
	u->seen = 0;
	uart_reset(u);
}

void uart_changed(struct uart *u)
{
	u->stuck = u->stuck || (u->s.busy && uart_has(u, UART_Q_CHANGE_STUCK));
	if (!u->stuck)
		uart_resume(u);
}

void uart_load(struct uart *u, const struct uart_state *s, bool connected)
{
	u->s = *s;
	u->level = false;
	u->stuck = s->busy && !connected && uart_has(u, UART_Q_LOAD_STUCK);
	if (uart_faulty(u, UART_F_LOAD_RX)) {
		u->s.rx.n = 0;
		u->s.dr = false;
	}
	if (uart_faulty(u, UART_F_LOAD_TX)) {
		u->s.tx.n = 0;
		u->s.busy = false;
		u->s.thre = true;
	}
	if (uart_faulty(u, UART_F_LOAD_IER))
		u->s.ier = 0;
	if (uart_faulty(u, UART_F_LOAD_LCR))
		u->s.lcr = 0;
	uart_update(u);
	if (!u->stuck)
		uart_resume(u);
}
