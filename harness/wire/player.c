// SPDX-License-Identifier: GPL-2.0-or-later
/* player.c - steps of the host, the machine and registers; the driver's are in player_driver.c */
#include "harness/wire/player.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/player_private.h"

unsigned char wire_stream(unsigned port, bool to_host, uint32_t at)
{
	return (unsigned char)(at * 7 + (at >> 8) * 13 + port * 31 + to_host * 101);
}

struct wire_host *wire_host(struct wire_player *p, unsigned nr)
{
	return nr < TARGET_PORTS_MAX ? &p->hosts[nr] : NULL;
}

bool wire_word(const char *text, const char *word, unsigned long long *value)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len) {
		if (at > text && at[-1] != ' ')
			continue;
		if (!value)
			return at[len] == '\0' || at[len] == ' ';
		if (at[len] == '=') {
			*value = strtoull(at + len + 1, NULL, 0);
			return true;
		}
	}
	return false;
}

void wire_say_refused(struct wire_player *p, bool ok, struct buf *b)
{
	if (!ok && p->t->end == TARGET_ALIVE)
		buf_addstr(b, "refused\n");
}

/* ---- registers */

static void play_register(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	struct vdev *v = &p->con.v;

	switch (s->verb) {
	case WIRE_STATUS:
		vdev_set_status(v, (uint8_t)s->n[0]);
		break;
	case WIRE_CFG:
		buf_addf(b, "config %u = %x\n", s->n[0], vdev_config(v, s->n[0], s->n[1]));
		break;
	case WIRE_CFGSET:
		vdev_set_config(v, s->n[0], s->n[1], s->n[2]);
		break;
	case WIRE_FEAT:
		buf_addf(b, "features %u = %08x\n", s->n[0], vdev_features_word(v, s->n[0]));
		break;
	case WIRE_FEATSET:
		vdev_set_features_word(v, s->n[0], s->n[1]);
		break;
	case WIRE_QUEUE:
		buf_addf(b, "queue %u: size=%u on=%d\n", s->n[0], vdev_queue_size(v, s->n[0]),
			 vdev_queue_on(v, s->n[0]));
		break;
	default:
		die("%s is no step for registers", wire_op(s->verb)->name);
	}
}

/* ---- the host */

static void host_send(struct wire_player *p, unsigned nr, uint32_t len, struct buf *b)
{
	struct wire_host *h = wire_host(p, nr);
	unsigned char *data = xmalloc(len + 1);
	long took;

	for (uint32_t i = 0; i < len; i++)
		data[i] = wire_stream(nr, false, h->to_device + i);
	took = target_host_write(p->t, nr, data, len);
	if (took < 0)
		buf_addf(b, "host %u is not connected\n", nr);
	else if ((uint32_t)took < len)
		buf_addf(b, "host %u: the backend is full\n", nr);
	if (took > 0)
		h->to_device += (uint32_t)took;
	free(data);
}

static bool has_host(const struct wire_player *p, unsigned nr)
{
	if (nr < TARGET_PORTS_MAX && p->hosts[nr].alone)
		return true;
	for (size_t i = 0; i < p->config.n_ports; i++)
		if (p->config.ports[i].nr == nr)
			return !p->config.ports[i].no_chardev;
	return false;
}

/* Of the UARTs a script calls the one that it is for 0. */
unsigned wire_port_nr(const struct wire_player *p, unsigned nr)
{
	size_t n = p->config.n_ports;

	return p->config.uart && nr < n ? (unsigned)((nr + p->config.first) % n) : nr;
}

static void play_host(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	unsigned nr = wire_port_nr(p, s->n[0]);
	struct wire_host *h = wire_host(p, nr);

	if (!h || !has_host(p, nr)) {
		buf_addf(b, "no host end %u\n", nr);
		return;
	}
	switch (s->verb) {
	case WIRE_HOPEN:
		if (!h->open)
			h->open = target_host_open(p->t, nr);
		wire_say_refused(p, h->open, b);
		break;
	case WIRE_HCLOSE:
		target_host_close(p->t, nr);
		p->filler = 0;
		h->open = h->stalled = false;
		break;
	case WIRE_HSEND:
		host_send(p, nr, s->n[1], b);
		break;
	case WIRE_STALL:
	case WIRE_UNSTALL:
		h->stalled = h->open && s->verb == WIRE_STALL;
		break;
	default:
		die("%s is no step for a host", wire_op(s->verb)->name);
	}
}

/* ---- the machine */

const char *wire_keep(struct wire_player *p, const char *name)
{
	strv_push(&p->names, name);
	return p->names.v[p->names.n - 1];
}

static void plug(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	const char *blank = strchr(s->text, ' ');
	struct target_port port = {.nr = s->n[0],
				   .console = strncmp(s->text, "console", 7) == 0,
				   .name = blank ? wire_keep(p, blank + 1) : NULL};
	bool ok = p->config.n_ports < TARGET_PORTS_MAX && target_plug(p->t, &port);

	wire_say_refused(p, ok, b);
	if (!ok)
		return;
	p->config.ports[p->config.n_ports++] = port;
	if (port.nr < TARGET_PORTS_MAX)
		p->hosts[port.nr].alone = false;
}

static void host_is_gone(struct wire_host *h)
{
	if (h)
		*h = (struct wire_host){.to_device = h->to_device, .to_host = h->to_host};
}

static void unplug(struct wire_player *p, unsigned nr, bool keep_backend, struct buf *b)
{
	struct target_config *c = &p->config;
	struct wire_host *h = wire_host(p, nr);
	size_t at = 0;

	if (!target_unplug(p->t, nr, keep_backend)) {
		wire_say_refused(p, false, b);
		return;
	}
	if (h && keep_backend)
		h->alone = has_host(p, nr);
	else
		host_is_gone(h);
	for (size_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].nr != nr)
			c->ports[at++] = c->ports[i];
	c->n_ports = at;
}

void wire_find(struct wire_player *p, struct buf *b)
{
	struct buf why = BUF_INIT;

	if (p->config.uart) {
		wire_find_uart(p);
		return;
	}
	p->found = vdev_find_usual(&p->con.v, p->t, &why);
	if (!p->found && p->t->end == TARGET_ALIVE)
		buf_addstr(b, "the device is not found\n");
	buf_release(&why);
}

/* It is gone, and its ports with it; the backends stay, and who is connected to them. */
static void forget_controller(struct wire_player *p)
{
	p->started = p->found = false;
	if (!p->config.uart) /* of which only hosts are left */
		p->config.n_ports = 0;
}

/* A backend without its port, or below it. */
static void play_backend(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	unsigned nr = wire_port_nr(p, s->n[0]);
	struct wire_host *h = wire_host(p, nr);
	bool ok;

	if (!h) {
		buf_addf(b, "no host end %u\n", nr);
		return;
	}
	ok = s->verb == WIRE_BDEL   ? target_backend_unplug(p->t, nr)
	     : s->verb == WIRE_BADD ? target_backend_plug(p->t, nr)
				    : target_backend_change(p->t, nr);
	wire_say_refused(p, ok, b);
	if (!ok)
		return;
	if (nr == p->uart)
		p->filler = 0; /* it was in the old one */
	if (s->verb == WIRE_BSWAP)
		h->open = h->stalled = false;
	else
		host_is_gone(h);
	h->alone |= s->verb == WIRE_BADD;
}

/* Its ports and their backends are there as long as it is. */
static bool of_uart(enum wire_verb verb)
{
	return verb != WIRE_PLUG && verb != WIRE_UNPLUG && verb != WIRE_DETACH &&
	       verb != WIRE_BDEL && verb != WIRE_BADD;
}

static void play_machine(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	bool ok;

	if (p->config.uart && !of_uart(s->verb)) {
		buf_addstr(b, "a UART's ports are its own\n");
		return;
	}
	switch (s->verb) {
	case WIRE_PLUG:
		plug(p, s, b);
		break;
	case WIRE_UNPLUG:
	case WIRE_DETACH:
		unplug(p, s->n[0], s->verb == WIRE_DETACH, b);
		break;
	case WIRE_BDEL:
	case WIRE_BADD:
	case WIRE_BSWAP:
		play_backend(p, s, b);
		break;
	case WIRE_STOP:
	case WIRE_CONT:
		if (p->stopped == (s->verb == WIRE_STOP))
			break;
		p->stopped = s->verb == WIRE_STOP;
		wire_say_refused(p, p->stopped ? target_stop(p->t) : target_cont(p->t), b);
		break;
	case WIRE_RESET:
		wire_say_refused(p, target_reset(p->t), b);
		p->started = false;
		wire_find(p, b);
		break;
	case WIRE_SAVELOAD:
		wire_save_load(p, s, b);
		break;
	case WIRE_CUNPLUG:
		ok = target_is_pci(p->t) && target_controller_unplug(p->t);
		wire_say_refused(p, ok, b);
		if (ok)
			forget_controller(p);
		break;
	case WIRE_CPLUG:
		ok = target_is_pci(p->t) && target_controller_plug(p->t);
		wire_say_refused(p, ok, b);
		if (ok) {
			p->config = p->t->config;
			wire_find(p, b);
		}
		break;
	default:
		die("%s is no step for a machine", wire_op(s->verb)->name);
	}
}

/* ---- steps */

void wire_player_init(struct wire_player *p, struct target *t)
{
	struct buf why = BUF_INIT;

	*p = (struct wire_player){.t = t, .config = t->config, .uart = t->config.first};
	wire_find(p, &why);
	buf_release(&why);
}

void wire_player_release(struct wire_player *p)
{
	vcon_release(&p->con);
	strv_release(&p->names);
}

void wire_player_step(struct wire_player *p, const struct wire_step *s, struct buf *seen)
{
	if (s->verb >= WIRE_W || (p->config.uart && s->verb < WIRE_HOPEN)) {
		wire_play_uart(p, s, seen);
	} else if (s->verb >= WIRE_STATUS && s->verb <= WIRE_QUEUE) {
		if (p->found)
			play_register(p, s, seen);
	} else if (s->verb >= WIRE_MASTER && s->verb <= WIRE_PM) {
		wire_play_pci(p, s, seen);
	} else if (s->verb >= WIRE_HOPEN && s->verb <= WIRE_UNSTALL) {
		play_host(p, s, seen);
	} else if (s->verb >= WIRE_PLUG) {
		play_machine(p, s, seen);
	} else {
		wire_play_driver(p, s, seen);
	}
	if (p->config.uart)
		wire_look_uart(p, s, seen);
	else
		wire_look(p, seen);
}
