// SPDX-License-Identifier: GPL-2.0-or-later
/* target_uart.c - the reference 16550A as a target */
#include "harness/wire/target_uart.h"

#include <string.h>

#include "harness/base/die.h"
#include "harness/virtio/pci.h"

#define REGISTERS 8
#define BACKEND	  64 /* bytes that wait for the host */

static struct target_uart *of_target(struct target *t)
{
	return (struct target_uart *)t;
}

static bool uart_sends(void *arg, uint8_t byte)
{
	struct target_uart_end *e = arg;

	if (e->open && e->out.len >= BACKEND)
		return false;
	if (e->open) /* else nobody listens, and it is gone */
		buf_add(&e->out, (const char *)&byte, 1);
	return true;
}

static void uart_interrupts(void *arg, bool level)
{
	struct target_uart *t = ((struct target_uart_end *)arg)->machine;
	bool any = false;

	(void)level;
	for (unsigned i = 0; i < t->n; i++)
		any |= t->ends[i].uart.level;
	t->raised += any && !t->level;
	t->level = any;
}

/* What the host has sent goes in as far as there is room. */
static void deliver(struct target_uart *t)
{
	for (unsigned i = 0; i < t->n && !t->gone; i++) {
		struct target_uart_end *e = &t->ends[i];
		size_t room;

		while (e->in.len && (room = uart_room(&e->uart))) {
			size_t n = room < e->in.len ? room : e->in.len;

			uart_receive(&e->uart, (const uint8_t *)e->in.data, n);
			buf_drop(&e->in, n);
		}
	}
}

static bool is_pci(const struct target_uart *t)
{
	return strncmp(t->base.config.uart, "pci-", 4) == 0;
}

/* Whose register it is; NULL: nobody's */
static struct uart *uart_at(struct target_uart *t, unsigned port, unsigned *reg)
{
	unsigned base = is_pci(t) ? PCI_IO_BASE : TARGET_UART_ISA;

	if (t->gone || port < base || port >= base + REGISTERS * t->n)
		return NULL;
	*reg = (port - base) % REGISTERS;
	return &t->ends[(port - base) / REGISTERS].uart;
}

static uint32_t ref_in(struct target *base, uint16_t port, unsigned width)
{
	struct target_uart *t = of_target(base);
	uint32_t value = 0;
	unsigned reg;

	for (unsigned i = 0; i < width; i++) {
		struct uart *u = uart_at(t, port + i, &reg);

		value |= (uint32_t)(u ? uart_read(u, reg) : 0xff) << 8 * i;
	}
	deliver(t);
	return value;
}

static void ref_out(struct target *base, uint16_t port, unsigned width, uint32_t value)
{
	struct target_uart *t = of_target(base);
	unsigned reg;

	for (unsigned i = 0; i < width; i++) {
		struct uart *u = uart_at(t, port + i, &reg);

		if (u)
			uart_write(u, reg, (uint8_t)(value >> 8 * i));
	}
	deliver(t);
}

static bool ref_pin(struct target *base, unsigned *raised)
{
	*raised = of_target(base)->raised;
	return of_target(base)->level;
}

static struct target_uart_end *end_of(struct target *base, unsigned nr)
{
	if (nr >= of_target(base)->n)
		die("no UART has the number %u", nr);
	return &of_target(base)->ends[nr];
}

static bool ref_host_open(struct target *base, unsigned nr)
{
	end_of(base, nr)->open = true;
	return true;
}

static void leave(struct target_uart_end *e)
{
	e->open = false;
	buf_clear(&e->out);
	buf_clear(&e->in);
}

static void ref_host_close(struct target *base, unsigned nr)
{
	struct target_uart_end *e = end_of(base, nr);

	leave(e);
	if (!of_target(base)->gone)
		uart_resume(&e->uart);
}

static long ref_host_write(struct target *base, unsigned nr, const void *data, size_t len)
{
	struct target_uart_end *e = end_of(base, nr);

	if (!e->open)
		return -1;
	buf_add(&e->in, data, len);
	deliver(of_target(base));
	return (long)len;
}

static long ref_host_read(struct target *base, unsigned nr, void *data, size_t len)
{
	struct target_uart_end *e = end_of(base, nr);
	size_t n = e->out.len < len ? e->out.len : len;

	if (!e->open)
		return -1;
	memcpy(data, e->out.data, n);
	buf_drop(&e->out, n);
	if (n && !of_target(base)->gone)
		uart_resume(&e->uart);
	return (long)n;
}

static bool ref_host_break(struct target *base, unsigned nr)
{
	if (of_target(base)->gone) /* nobody listens */
		return true;
	uart_break(&end_of(base, nr)->uart);
	return true;
}

static bool ref_reset(struct target *base)
{
	struct target_uart *t = of_target(base);

	for (unsigned i = 0; i < t->n && !t->gone; i++)
		uart_reset(&t->ends[i].uart);
	deliver(t);
	return true;
}

static bool ref_stop(struct target *base)
{
	of_target(base)->stopped = true;
	return true;
}

static bool ref_cont(struct target *base)
{
	of_target(base)->stopped = false;
	return true;
}

static bool ref_save(struct target *base, struct buf *state)
{
	struct target_uart *t = of_target(base);

	for (unsigned i = 0; i < t->n; i++)
		buf_add(state, (const char *)&t->ends[i].uart.s, sizeof(t->ends[i].uart.s));
	return true;
}

static bool ref_load(struct target *base, const struct target_config *config,
		     const struct buf *state, const unsigned *open, size_t n_open)
{
	struct target_uart *t = of_target(base);
	struct uart_state s;

	base->config = *config;
	if (state->len != t->n * sizeof(s))
		return false;
	for (unsigned i = 0; i < t->n; i++) {
		struct target_uart_end *e = &t->ends[i];

		buf_clear(&e->in);
		buf_clear(&e->out);
		e->open = false;
		for (size_t k = 0; k < n_open; k++)
			e->open |= open[k] == i;
		memcpy(&s, state->data + i * sizeof(s), sizeof(s));
		uart_load(&e->uart, &s, e->open);
	}
	t->raised = 0;
	t->stopped = false;
	return true;
}

static bool ref_backend_change(struct target *base, unsigned nr)
{
	struct target_uart_end *e = end_of(base, nr);

	leave(e);
	if (!of_target(base)->gone)
		uart_changed(&e->uart);
	return true;
}

static void power_on(struct target_uart *t)
{
	for (unsigned i = 0; i < t->n; i++)
		uart_init(&t->ends[i].uart);
}

/* Its backends stay, with who is connected to them and what they sent; what it held itself is gone
 * with it. A slot of the PCI bus is one to plug things into, the ISA bus has none. */
static bool ref_controller_unplug(struct target *base)
{
	struct target_uart *t = of_target(base);

	buf_clear(&base->refusal);
	if (t->gone || !is_pci(t)) {
		buf_addstr(&base->refusal, "it cannot be unplugged");
		return false;
	}
	t->gone = true;
	t->level = false;
	return true;
}

static bool ref_controller_plug(struct target *base)
{
	struct target_uart *t = of_target(base);

	buf_clear(&base->refusal);
	if (!t->gone) {
		buf_addstr(&base->refusal, "it is there already");
		return false;
	}
	t->gone = false;
	power_on(t);
	deliver(t);
	return true;
}

/* Time passes. */
static bool ref_turn(struct target *base, unsigned nth)
{
	struct target_uart *t = of_target(base);
	bool any = false;

	(void)nth;
	for (unsigned i = 0; i < t->n && !t->stopped && !t->gone; i++)
		any |= uart_expire(&t->ends[i].uart);
	return any;
}

static bool ref_settle(struct target *base)
{
	deliver(of_target(base));
	return true;
}

static void ref_release(struct target *base)
{
	struct target_uart *t = of_target(base);

	for (unsigned i = 0; i < t->n; i++) {
		buf_release(&t->ends[i].in);
		buf_release(&t->ends[i].out);
	}
}

static const struct target_ops ops = {
	.in = ref_in,
	.out = ref_out,
	.pin = ref_pin,
	.host_open = ref_host_open,
	.host_close = ref_host_close,
	.host_write = ref_host_write,
	.host_read = ref_host_read,
	.host_break = ref_host_break,
	.backend_change = ref_backend_change,
	.controller_unplug = ref_controller_unplug,
	.controller_plug = ref_controller_plug,
	.stop = ref_stop,
	.cont = ref_cont,
	.reset = ref_reset,
	.save = ref_save,
	.load = ref_load,
	.turn = ref_turn,
	.settle = ref_settle,
	.release = ref_release,
};

void target_uart_start(struct target_uart *t, const struct target_config *config, unsigned quirks,
		       enum uart_fault fault)
{
	*t = (struct target_uart){.n = (unsigned)config->n_ports};
	if (t->n > TARGET_UARTS)
		die("there are at most %d UARTs", TARGET_UARTS);
	target_init(&t->base, &ops, "ref-uart", config);
	for (unsigned i = 0; i < t->n; i++) {
		struct target_uart_end *e = &t->ends[i];

		*e = (struct target_uart_end){.machine = t, .out = BUF_INIT, .in = BUF_INIT};
		e->uart = (struct uart){.send = uart_sends,
					.irq = uart_interrupts,
					.arg = e,
					.quirks = quirks,
					.fault = fault};
	}
	power_on(t);
}

unsigned target_uart_seen(const struct target_uart *t)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < t->n; i++)
		seen |= t->ends[i].uart.seen;
	return seen;
}
