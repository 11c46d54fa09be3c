// SPDX-License-Identifier: GPL-2.0-or-later
/* player_look.c - what can be seen of a device after a step */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/player.h"

#define HEX_MAX	   32
#define LOOK_MAX   65536
#define USED_FIRST 4 /* split: flags and index before the entries (virtio 1.2 2.7.8) */

void wire_bytes(struct buf *b, const unsigned char *data, size_t len)
{
	uint32_t sum = 2166136261U; /* FNV-1a: to tell streams apart, not to be trusted */

	if (len <= HEX_MAX) {
		for (size_t i = 0; i < len; i++)
			buf_addf(b, "%02x", data[i]);
		return;
	}
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ data[i]) * 16777619U;
	buf_addf(b, "%zu:%08x", len, sum);
}

static void look_message(struct buf *b, const unsigned char *m, size_t len)
{
	static const char *const names[] = {"READY",   "ADD",	 "REMOVE", "PORT",
					    "CONSOLE", "RESIZE", "OPEN",   "NAME"};
	uint32_t id;
	unsigned event, value;

	if (len < 8) {
		wire_bytes(b, m, len);
		return;
	}
	id = m[0] | (uint32_t)m[1] << 8 | (uint32_t)m[2] << 16 | (uint32_t)m[3] << 24;
	event = m[4] | (unsigned)m[5] << 8;
	value = m[6] | (unsigned)m[7] << 8;
	if (event < sizeof(names) / sizeof(*names))
		buf_addf(b, "%s %u %u", names[event], id, value);
	else
		buf_addf(b, "%u %u %u", event, id, value);
	if (len > 8) {
		buf_addstr(b, " ");
		wire_bytes(b, m + 8, len - 8);
	}
}

/* A buffer that came back, with what lies in it if it was for the device to write. */
static void look_used(struct wire_player *p, unsigned q, const struct ring_used *u, struct buf *b)
{
	struct vcon_queue *queue = p->con.queues[q];
	unsigned char *data;
	size_t len = u->len;

	buf_addstr(b, "used ");
	wire_queue_name(q, b);
	buf_addf(b, " len=%u", u->len);
	if (queue->ring.packed)
		buf_addf(b, " write=%d", (u->flags & RD_WRITE) != 0);
	if (q % 2 == 0 && u->id < RING_SIZE_MAX && queue->len[u->id]) {
		if (len > queue->len[u->id])
			len = queue->len[u->id];
		data = xmalloc(len + 1);
		target_mem_read(p->t, queue->addr[u->id], data, len);
		buf_addstr(b, " ");
		if (q == VQ_CTL_RX)
			look_message(b, data, len);
		else
			wire_bytes(b, data, len);
		free(data);
	}
	buf_addstr(b, "\n");
}

/* Rings that were written by hand: how many came back, and what the entries say. */
static void look_raw(struct wire_player *p, unsigned q, struct buf *b)
{
	struct ring *r = &p->con.queues[q]->ring;
	uint16_t now, n;

	if (r->packed)
		return;
	now = ring_peek_used_idx(r);
	n = (uint16_t)(now - p->used_seen[q]);
	if (!n)
		return;
	buf_addstr(b, "used ");
	wire_queue_name(q, b);
	buf_addf(b, " %u by hand:", n);
	for (uint16_t i = 0; i < n && i < 8; i++) {
		unsigned slot = (uint16_t)(p->used_seen[q] + i) % r->size;
		uint64_t at = r->device + USED_FIRST + 8ULL * slot;

		buf_addf(b, " id=%u len=%u", (unsigned)target_read(p->t, at, 4),
			 (unsigned)target_read(p->t, at + 4, 4));
	}
	buf_addstr(b, "\n");
	p->used_seen[q] = now;
}

/* The port whose transmit queue this is has a host that stalls. */
static bool is_held(struct wire_player *p, unsigned q)
{
	struct wire_host *h;

	if (q % 2 == 0 || q == VQ_CTL_TX)
		return false;
	h = wire_host(p, q == 1 ? 0 : (q - 3) / 2);
	return h && h->stalled;
}

/* All that is read in any case is read in one go. */
static void expect(struct wire_player *p)
{
	if (p->found)
		vdev_expect(&p->con.v);
	if (!p->found || !p->started)
		return;
	if (p->con.msix)
		vdev_irqs_expect(&p->con.v);
	for (unsigned q = 0; q < VCON_QUEUES_MAX; q++)
		if (p->con.queues[q] && !is_held(p, q))
			ring_expect(&p->con.queues[q]->ring);
}

static void look_queues(struct wire_player *p, struct buf *b)
{
	struct ring_used u;

	for (unsigned q = 0; q < VCON_QUEUES_MAX; q++) {
		if (!p->con.queues[q] || is_held(p, q))
			continue;
		if (p->raw[q])
			look_raw(p, q, b);
		else
			while (ring_take(&p->con.queues[q]->ring, &u))
				look_used(p, q, &u, b);
	}
}

static void look_interrupts(struct wire_player *p, struct buf *b)
{
	bool held = false;
	unsigned raised;

	for (size_t i = 0; i < TARGET_PORTS_MAX; i++)
		held |= p->hosts[i].stalled;
	if (p->con.msix) {
		uint64_t came = vdev_irqs_take(&p->con.v);

		for (unsigned v = 0; v < p->con.v.pci.vectors; v++) {
			bool is = v < VDEV_IRQS ? came >> v & 1 : vdev_irq_take(&p->con.v, v);

			if (is && !held)
				buf_addf(b, "irq vector %u\n", v);
		}
		return;
	}
	target_pin(p->t, &raised);
	if (raised != p->raised) {
		unsigned isr = vdev_isr(&p->con.v);

		if (!held)
			buf_addf(b, "irq pin, isr=%u\n", isr);
	}
	p->raised = raised;
}

static void look_ports(struct wire_player *p, struct buf *b)
{
	for (size_t i = 0; i < p->config.n_ports; i++) {
		unsigned nr = p->config.ports[i].nr;
		struct wire_host *h = wire_host(p, nr);
		struct target_port_state s;

		if (!target_port_state(p->t, nr, &s))
			continue;
		buf_addf(b, "port %u guest=%d host=%d", nr, s.guest, s.host);
		if (!h || !h->stalled)
			buf_addf(b, " throttled=%d", s.throttled);
		buf_addstr(b, "\n");
	}
}

static void look_hosts(struct wire_player *p, struct buf *b)
{
	unsigned char *data = xmalloc(LOOK_MAX);

	for (size_t i = 0; i < p->config.n_ports; i++) {
		unsigned nr = p->config.ports[i].nr;
		struct wire_host *h = wire_host(p, nr);
		struct buf got = BUF_INIT;
		long n;

		if (!h || !h->open || h->stalled)
			continue;
		while ((n = target_host_read(p->t, nr, data, LOOK_MAX)) > 0) {
			buf_add(&got, data, (size_t)n);
			target_settle(p->t); /* it has room for more now */
		}
		if (got.len) {
			buf_addf(b, "host %u ", nr);
			wire_bytes(b, (const unsigned char *)got.data, got.len);
			buf_addstr(b, "\n");
		}
		if (n < 0) {
			buf_addf(b, "host %u hung up\n", nr);
			h->open = h->stalled = false;
		}
		buf_release(&got);
	}
	free(data);
}

void wire_look(struct wire_player *p, struct buf *b)
{
	unsigned classes;

	if (!target_settle(p->t) && p->t->end == TARGET_ALIVE)
		buf_addstr(b, "never quiet\n");
	/* First, for what a host reads lets the device go on. */
	struct buf hosts = BUF_INIT;

	look_hosts(p, &hosts);
	expect(p);
	if (p->started)
		look_queues(p, b);
	if (p->found && p->started)
		look_interrupts(p, b);
	if (p->found) {
		buf_addf(b, "status=%02x", vdev_status(&p->con.v));
		buf_addf(b, " generation=%u\n", vdev_generation(&p->con.v));
	}
	look_ports(p, b);
	buf_add(b, hosts.data, hosts.len);
	buf_release(&hosts);
	classes = target_log(p->t);
	if (classes && p->t->end == TARGET_ALIVE) { /* its last words are its own */
		buf_addstr(b, "log ");
		target_log_names(b, classes);
		buf_addstr(b, "\n");
	}
	if (p->t->end != TARGET_ALIVE)
		buf_addf(b, "end: %s\n",
			 p->t->end == TARGET_DIED   ? "died"
			 : p->t->end == TARGET_HUNG ? "hung"
						    : "nonsense");
}
