// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * player_uart.c - the steps of a script for a UART, and what is seen after each
 *
 * What a register access does is done when it returns, up to the bytes that the host end gets; only
 * what begins at the host, or may let in more of its bytes, is waited for.
 */
#include <string.h>

#include "harness/base/die.h"
#include "harness/virtio/pci.h"
#include "harness/wire/player_private.h"

#define REGISTERS   8
#define REG_BAR	    0x10
#define REG_COMMAND 0x04
#define RBR	    0
#define IER	    1
#define IIR	    2
#define LSR	    5
#define LSR_DR	    0x01
#define LSR_TEMT    0x40
#define TIMED_OUT   0x0c
#define FILLER	    0x55
/* A byte a write fills a unix socket with some 300 of them, whatever their size. */
#define FILL_MAX 20000
#define WAIT_MS	 8000

static bool is_pci(const struct wire_player *p)
{
	return strncmp(p->config.uart, "pci-", 4) == 0;
}

static uint16_t reg_port(const struct wire_player *p, unsigned reg)
{
	return (uint16_t)((is_pci(p) ? PCI_IO_BASE : TARGET_UART_ISA) + REGISTERS * p->uart + reg);
}

void wire_find_uart(struct wire_player *p)
{
	if (!is_pci(p))
		return;
	pci_config_write(p->t, TARGET_SLOT, REG_BAR, 4, PCI_IO_BASE);
	pci_config_write(p->t, TARGET_SLOT, REG_COMMAND, 2, 1);
}

static bool has_data(void *arg)
{
	const struct wire_player *p = arg;

	return target_in8(p->t, reg_port(p, LSR)) & LSR_DR;
}

static void take(struct wire_player *p, uint32_t n, struct buf *b)
{
	struct buf got = BUF_INIT;

	for (uint32_t i = 0; i < n; i++) {
		char byte;

		if (!target_until(p->t, has_data, p, WAIT_MS)) {
			buf_addf(b, "after %u bytes no more come\n", i);
			break;
		}
		byte = (char)target_in8(p->t, reg_port(p, RBR));
		buf_add(&got, &byte, 1);
	}
	buf_addstr(b, "took ");
	wire_bytes(b, (const unsigned char *)got.data, got.len);
	buf_addstr(b, "\n");
	buf_release(&got);
}

static void fill(struct wire_player *p, struct buf *b)
{
	uint16_t thr = reg_port(p, RBR), lsr = reg_port(p, LSR);

	if (!p->hosts[p->uart].stalled) {
		buf_addstr(b, "nobody stalls\n");
		return;
	}
	for (unsigned i = 0; i < FILL_MAX; i++) {
		if (!(target_in8(p->t, lsr) & LSR_TEMT))
			return;
		target_out8(p->t, thr, FILLER);
		p->filler++;
	}
	buf_addstr(b, "it takes everything\n");
}

static bool timed_out(void *arg)
{
	const struct wire_player *p = arg;

	return (target_in8(p->t, reg_port(p, IIR)) & 15) == TIMED_OUT;
}

static void play_register(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	uint16_t port = reg_port(p, s->n[0] % REGISTERS);

	switch (s->verb) {
	case WIRE_W:
		target_out8(p->t, port, (uint8_t)s->n[1]);
		break;
	case WIRE_R:
		buf_addf(b, "%u = %02x\n", s->n[0], target_in8(p->t, port));
		break;
	case WIRE_WW:
		target_out(p->t, port, s->n[1], s->n[2]);
		break;
	default:
		buf_addf(b, "%u = %0*x\n", s->n[0], (int)s->n[1] * 2,
			 target_in(p->t, port, s->n[1]));
	}
	if (s->verb == WIRE_W && s->n[0] == IER)
		p->irq_unknown = false;
}

static unsigned relative(const struct wire_player *p, uint32_t nr)
{
	return (unsigned)((nr + p->config.first) % p->config.n_ports);
}

void wire_play_uart(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	if (!p->config.uart || s->verb < WIRE_W) {
		buf_addstr(b, "there is no such device\n");
		return;
	}
	switch (s->verb) {
	case WIRE_TAKE:
		take(p, s->n[0], b);
		break;
	case WIRE_FILL:
		fill(p, b);
		break;
	case WIRE_TIMEOUT:
		/* Until here nobody can tell whether it has come already. */
		target_out8(p->t, reg_port(p, IER), 1);
		if (!target_until(p->t, timed_out, p, WAIT_MS))
			buf_addstr(b, "no timeout comes\n");
		break;
	case WIRE_BREAK:
		if (!target_host_break(p->t, relative(p, s->n[0])))
			buf_addstr(b, "refused\n");
		break;
	case WIRE_AT:
		p->uart = relative(p, s->n[0]);
		break;
	case WIRE_WW:
	case WIRE_RW:
		if (s->n[1] != 2 && s->n[1] != 4) {
			buf_addstr(b, "a width is 2 or 4\n");
			break;
		}
		/* fall through */
	default:
		play_register(p, s, b);
	}
}

/* Drop the filling from the front of what has come. */
static void drop_filler(struct wire_player *p, struct buf *got, struct buf *seen)
{
	while (p->filler && got->len) {
		if (got->data[0] != FILLER) {
			buf_addf(seen, "the filling lacks %u bytes\n", p->filler);
			p->filler = 0;
			return;
		}
		buf_drop(got, 1);
		if (!--p->filler)
			buf_addstr(seen, "the filling is whole\n");
	}
}

/* All that comes, @settle: until nothing more does. */
static void look_at_host(struct wire_player *p, unsigned nr, bool settle, struct buf *seen)
{
	struct wire_host *h = &p->hosts[nr];
	struct buf got = BUF_INIT;
	char room[4096];
	long n;

	for (bool more = true; more && h->open && !h->stalled;) {
		more = false;
		while ((n = target_host_read(p->t, nr, room, sizeof(room))) > 0) {
			buf_add(&got, room, (size_t)n);
			more = settle;
		}
		h->open = n >= 0;
		if (more && !target_settle(p->t))
			buf_addstr(seen, "it does not come to rest\n");
	}
	if (nr == p->uart)
		drop_filler(p, &got, seen);
	if (got.len) {
		buf_addf(seen, "host %u ", nr);
		wire_bytes(seen, (const unsigned char *)got.data, got.len);
		buf_addstr(seen, "\n");
	}
	buf_release(&got);
}

/* May it let bytes of the host in? */
static bool moves_host(const struct wire_player *p, const struct wire_step *s)
{
	if (s->verb < WIRE_W || s->verb == WIRE_BREAK)
		return true;
	if (!p->hosts[p->uart].to_device || s->verb == WIRE_AT)
		return false;
	return s->verb > WIRE_RW || s->n[0] == RBR || (s->n[0] != LSR && s->verb != WIRE_R);
}

void wire_look_uart(struct wire_player *p, const struct wire_step *s, struct buf *seen)
{
	bool settle = moves_host(p, s), level;
	unsigned raised = p->raised;

	if (settle && !target_settle(p->t) && p->t->end == TARGET_ALIVE)
		buf_addstr(seen, "it does not come to rest\n");
	level = target_pin(p->t, &raised);
	for (unsigned nr = 0; nr < p->config.n_ports; nr++)
		look_at_host(p, nr, settle, seen);
	if (settle)
		level = target_pin(p->t, &raised);
	if (!p->irq_unknown)
		buf_addf(seen, "irq %d%s\n", level, raised != p->raised ? " rose" : "");
	p->raised = raised;
	if (p->t->end != TARGET_ALIVE)
		buf_addf(seen, "it has ended: %d\n", (int)p->t->end);
}
