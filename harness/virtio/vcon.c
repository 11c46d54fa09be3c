// SPDX-License-Identifier: GPL-2.0-or-later
/* vcon.c - a driver of the virtio console device */
#include "harness/virtio/vcon.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"

#define PORTS_USUAL   8
#define RX_BUFFERS    8
#define RX_SIZE	      256
#define CTL_BUFFERS   32
#define CTL_SIZE      (8 + VCON_MORE_MAX)
#define SCRATCH	      65536
#define SCRATCH_ALIGN 4096

unsigned vcon_rxq(unsigned port)
{
	return port ? 2 * port + 2 : 0;
}

unsigned vcon_txq(unsigned port)
{
	return vcon_rxq(port) + 1;
}

struct ring *vcon_ring(struct vcon *c, unsigned q)
{
	if (q >= VCON_QUEUES_MAX || !c->queues[q])
		die("queue %u was not set up", q);
	return &c->queues[q]->ring;
}

unsigned vcon_vector(const struct vcon *c, unsigned q)
{
	unsigned vectors = c->v.pci.vectors;

	return q + 1 < vectors ? vectors > 2 ? q + 1 : 1 : vectors > 1 ? 1 : 0;
}

int vcon_post(struct vcon *c, unsigned q, uint32_t len)
{
	struct ring_seg seg = {.addr = target_alloc(c->t, len, 16), .len = len, .write = true};
	struct ring *r = vcon_ring(c, q);
	int id = ring_add(r, &seg, 1);

	if (id < 0)
		return -1;
	c->queues[q]->addr[id] = seg.addr;
	c->queues[q]->len[id] = len;
	ring_publish(r);
	return id;
}

static bool set_up(struct vcon *c, const struct vdev_queue *met, const struct vcon_options *o,
		   struct buf *why)
{
	struct vcon_queue *queue = xcalloc(1, sizeof(*queue));

	c->queues[met->q] = queue;
	if (met->wish != VDEV_ANY && met->vector != met->wish) {
		buf_addf(why, "queue %u does not take vector %d", met->q, met->wish);
		return false;
	}
	if (ring_init_known(&queue->ring, &c->v, met->q, o->ring_size, met->size))
		return true;
	buf_addf(why, "the device has no queue %u", met->q);
	return false;
}

/* The control queues first, where there are some; then those of @ports ports. */
static bool set_up_queues(struct vcon *c, unsigned ports, const struct vcon_options *o,
			  struct buf *why)
{
	struct vdev_queue met[VCON_QUEUES_MAX];
	size_t n = 0;

	if (c->multiport) {
		met[n++].q = VQ_CTL_RX;
		met[n++].q = VQ_CTL_TX;
	}
	for (unsigned p = 0; p < ports; p++) {
		met[n++].q = vcon_rxq(p);
		met[n++].q = vcon_txq(p);
	}
	for (size_t i = 0; i < n; i++)
		met[i].wish = c->msix ? (int)vcon_vector(c, met[i].q) : VDEV_ANY;
	vdev_queues_meet(&c->v, met, n);
	for (size_t i = 0; i < n; i++)
		if (!set_up(c, &met[i], o, why))
			return false;
	return true;
}

static void fill(struct vcon *c, unsigned q, unsigned n, uint32_t size)
{
	for (unsigned i = 0; i < n; i++)
		if (vcon_post(c, q, size) < 0)
			return;
}

static bool set_up_all(struct vcon *c, const struct vcon_options *o, struct buf *why)
{
	unsigned ports = o->ports		      ? o->ports
			 : c->max_ports < PORTS_USUAL ? c->max_ports
						      : PORTS_USUAL;

	if (vcon_txq(ports - 1) >= VCON_QUEUES_MAX)
		die("the console driver has no room for %u ports", ports);
	if (!set_up_queues(c, ports, o, why))
		return false;
	if (c->multiport)
		fill(c, VQ_CTL_RX, o->ctl_buffers ? o->ctl_buffers : CTL_BUFFERS, CTL_SIZE);
	for (unsigned p = 0; p < ports && !o->no_rx; p++)
		fill(c, vcon_rxq(p), o->rx_buffers ? o->rx_buffers : RX_BUFFERS,
		     o->rx_size ? o->rx_size : RX_SIZE);
	return true;
}

static bool find(struct vcon *c, const struct vcon_options *o, struct buf *why)
{
	return o->other ? vdev_find(&c->v, c->t, o->legacy, why)
			: vdev_find_usual(&c->v, c->t, why);
}

bool vcon_start(struct vcon *c, struct target *t, const struct vcon_options *o, struct buf *why)
{
	static const struct vcon_options usual;

	if (!o)
		o = &usual;
	*c = (struct vcon){.t = t, .max_ports = 1};
	if (!find(c, o, why) || !vdev_start(&c->v, ~o->not, why))
		return false;
	c->multiport = c->v.accepted & VF_MULTIPORT;
	c->msix = !o->pin && vdev_irq_setup(&c->v);
	if (c->msix)
		vdev_set_vector(&c->v, VDEV_CONFIG, 0);
	if (c->multiport)
		c->max_ports = vdev_config(&c->v, VCC_MAX_NR_PORTS, 4);
	if (!c->max_ports) {
		buf_addstr(why, "max_nr_ports is 0");
		return false;
	}
	c->scratch = target_alloc(t, SCRATCH, SCRATCH_ALIGN);
	if (!set_up_all(c, o, why))
		return false;
	if (!o->no_ok)
		vdev_driver_ok(&c->v);
	/* Some devices look for buffers only when they are told of them. */
	for (unsigned q = 0; q < VCON_QUEUES_MAX && !o->no_ok; q++)
		if (c->queues[q] && (q == VQ_CTL_RX || (q % 2 == 0 && !o->no_rx)))
			ring_kick(vcon_ring(c, q));
	return t->end == TARGET_ALIVE;
}

void vcon_release(struct vcon *c)
{
	for (unsigned q = 0; q < VCON_QUEUES_MAX; q++) {
		free(c->queues[q]);
		c->queues[q] = NULL;
	}
}

/* Send from scratch memory, which is free again once the buffer has come back. */
static bool send_bytes(struct vcon *c, unsigned q, const void *data, size_t len,
		       struct ring_used *used)
{
	struct ring_seg seg = {.addr = c->scratch, .len = (uint32_t)len};

	if (len > SCRATCH)
		die("a buffer of %zu bytes is more than the console driver has", len);
	target_mem_write(c->t, c->scratch, data, len);
	ring_submit(vcon_ring(c, q), &seg, 1);
	return ring_await(vcon_ring(c, q), used, VCON_MS);
}

bool vcon_tell_raw(struct vcon *c, const void *data, size_t len, uint32_t *used)
{
	struct ring_used u;

	if (!send_bytes(c, VQ_CTL_TX, data, len, &u))
		return false;
	if (used)
		*used = u.len;
	return used || u.len == 0;
}

bool vcon_tell(struct vcon *c, uint32_t id, uint16_t event, uint16_t value, uint32_t *used)
{
	unsigned char raw[8];

	for (unsigned i = 0; i < 4; i++)
		raw[i] = (unsigned char)(id >> 8 * i);
	for (unsigned i = 0; i < 2; i++) {
		raw[4 + i] = (unsigned char)(event >> 8 * i);
		raw[6 + i] = (unsigned char)(value >> 8 * i);
	}
	return vcon_tell_raw(c, raw, sizeof(raw), used);
}

/* Give the buffer of @used back to the device. */
static void repost(struct vcon *c, unsigned q, uint64_t addr, uint32_t len)
{
	struct ring_seg seg = {.addr = addr, .len = len, .write = true};
	int id = ring_submit(vcon_ring(c, q), &seg, 1);

	c->queues[q]->addr[id] = addr;
	c->queues[q]->len[id] = len;
}

bool vcon_event(struct vcon *c, struct vcon_msg *m, int ms)
{
	struct vcon_queue *queue = c->queues[VQ_CTL_RX];
	unsigned char raw[CTL_SIZE];
	struct ring_used used;
	uint64_t addr;
	size_t len;

	if (!ring_await(vcon_ring(c, VQ_CTL_RX), &used, ms))
		return false;
	addr = queue->addr[used.id];
	len = used.len < CTL_SIZE ? used.len : CTL_SIZE;
	*m = (struct vcon_msg){.used_len = used.len};
	memset(raw, 0, sizeof(raw));
	if (len)
		target_mem_read(c->t, addr, raw, len);
	m->id = (uint32_t)raw[0] | (uint32_t)raw[1] << 8 | (uint32_t)raw[2] << 16 |
		(uint32_t)raw[3] << 24;
	m->event = (uint16_t)(raw[4] | raw[5] << 8);
	m->value = (uint16_t)(raw[6] | raw[7] << 8);
	m->n_more = len > 8 ? len - 8 : 0;
	memcpy(m->more, raw + 8, m->n_more);
	repost(c, VQ_CTL_RX, addr, queue->len[used.id]);
	return true;
}

void vcon_msg_text(const struct vcon_msg *m, struct buf *b)
{
	static const char *const names[] = {"DEVICE_READY", "PORT_ADD", "PORT_REMOVE", "PORT_READY",
					    "CONSOLE_PORT", "RESIZE",	"PORT_OPEN",   "PORT_NAME"};

	if (m->event < sizeof(names) / sizeof(*names))
		buf_addstr(b, names[m->event]);
	else
		buf_addf(b, "event %u", m->event);
	buf_addf(b, " id %u value %u", m->id, m->value);
	if (m->n_more) {
		buf_addstr(b, " \"");
		text_printable(b, m->more, m->n_more, 80);
		buf_addstr(b, "\"");
	}
}

bool vcon_send(struct vcon *c, unsigned port, const void *data, size_t len, struct ring_used *used)
{
	return send_bytes(c, vcon_txq(port), data, len, used);
}

long vcon_recv(struct vcon *c, unsigned port, void *data, size_t max, int ms)
{
	unsigned q = vcon_rxq(port);
	struct vcon_queue *queue = c->queues[q];
	struct ring_used used;
	uint64_t addr;
	uint32_t posted;

	if (!ring_await(vcon_ring(c, q), &used, ms))
		return -1;
	addr = queue->addr[used.id];
	posted = queue->len[used.id];
	if (used.len > posted) {
		target_ended(c->t, TARGET_WRONG,
			     "port %u: the device says it wrote %u bytes into a buffer of %u", port,
			     used.len, posted);
		return -1;
	}
	if (used.len)
		target_mem_read(c->t, addr, data, used.len < max ? used.len : max);
	repost(c, q, addr, posted);
	return used.len;
}
