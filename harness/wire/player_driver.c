// SPDX-License-Identifier: GPL-2.0-or-later
/* player_driver.c - a driver's steps */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/player_private.h"

#define SEGS_MAX 32
#define SEND_MAX (1u << 22)

static const struct {
	const char *word;
	uint64_t features;
} without[] = {
	{"no-event-idx", VF_EVENT_IDX},	  {"no-indirect", VF_INDIRECT},
	{"no-multiport", VF_MULTIPORT},	  {"no-version-1", VF_VERSION_1},
	{"no-packed", VF_RING_PACKED},	  {"no-in-order", VF_IN_ORDER},
	{"no-ring-reset", VF_RING_RESET},
};

static void start(struct wire_player *p, const char *text, struct buf *b)
{
	struct vcon_options o = {.no_ok = wire_word(text, "no-ok", NULL),
				 .no_rx = wire_word(text, "no-rx", NULL),
				 .pin = wire_word(text, "pin", NULL)};
	unsigned long long n;
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (wire_word(text, without[i].word, NULL))
			o.not |= without[i].features;
	/* A legacy driver cannot choose. */
	if (wire_word(text, "ring", &n) && !p->con.v.legacy)
		o.ring_size = (unsigned)n;
	if (wire_word(text, "rx", &n))
		o.rx_buffers = (unsigned)n;
	if (wire_word(text, "rxsize", &n))
		o.rx_size = (unsigned)n;
	if (wire_word(text, "ctl", &n))
		o.ctl_buffers = (unsigned)n;
	vcon_release(&p->con);
	target_free_all(p->t);
	memset(p->raw, 0, sizeof(p->raw));
	p->started = vcon_start(&p->con, p->t, &o, &why);
	p->found = p->con.v.ops != NULL;  /* there may be no controller */
	if (p->started && !p->con.msix) { /* the pin may be up already: an edge is what counts */
		target_settle(p->t);
		vdev_isr(&p->con.v);
	}
	target_pin(p->t, &p->raised);
	if (p->started) {
		buf_addf(b, "started: features %llx, %u ports, queues",
			 (unsigned long long)p->con.v.accepted, p->con.max_ports);
		for (unsigned q = 0; q < VCON_QUEUES_MAX; q++)
			if (p->con.queues[q])
				buf_addf(b, " %u", p->con.queues[q]->ring.size);
		buf_addstr(b, "\n");
	} else if (p->t->end == TARGET_ALIVE) {
		buf_addf(b, "did not start: %s\n", why.data);
	}
	buf_release(&why);
}

/* @n bytes in RAM, cut as "A+B+.." says (NULL: one piece); the number of pieces; 0: it does not fit. */
static size_t cut(struct wire_player *p, const unsigned char *data, uint32_t n, const char *split,
		  struct ring_seg *segs)
{
	uint64_t at = target_alloc(p->t, n + 16, 16);
	uint32_t left = n;
	size_t count = 0;

	target_mem_write(p->t, at, data, n);
	while (left && count < SEGS_MAX) {
		char *end = NULL;
		unsigned long len = split && *split ? strtoul(split, &end, 10) : left;

		if (len == 0 || len > left)
			return 0;
		split = end && *end == '+' ? end + 1 : NULL;
		segs[count++] = (struct ring_seg){.addr = at + (n - left), .len = (uint32_t)len};
		left -= (uint32_t)len;
	}
	return left ? 0 : count;
}

static void submit(struct wire_player *p, unsigned q, const struct ring_seg *segs, size_t n,
		   const char *words, struct buf *b)
{
	struct ring *r = vcon_ring(&p->con, q);
	int id = wire_word(words, "indirect", NULL)
			 ? ring_add_indirect(r, segs, n, target_alloc(p->t, 16 * n, 16))
			 : ring_add(r, segs, n);

	if (id < 0) {
		buf_addstr(b, "no room in the ring\n");
		return;
	}
	ring_publish(r);
	if (!wire_word(words, "no-kick", NULL))
		ring_kick(r);
}

/* The value of the word "split=..", if there is one. */
static const char *split_of(const char *words)
{
	const char *at = strstr(words, "split=");

	return at ? at + strlen("split=") : NULL;
}

static void send_bytes(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	unsigned port = s->n[0], q = vcon_txq(port);
	uint32_t len = s->n[1] < SEND_MAX ? s->n[1] : SEND_MAX;
	struct wire_host *h = wire_host(p, port);
	unsigned char *data = xmalloc(len + 1);
	struct ring_seg segs[SEGS_MAX];
	size_t n;

	for (uint32_t i = 0; i < len; i++)
		data[i] = wire_stream(port, true, h->to_host + i);
	h->to_host += len;
	n = cut(p, data, len, split_of(s->text), segs);
	if (n)
		submit(p, q, segs, n, s->text, b);
	else
		buf_addstr(b, "cannot be cut so\n");
	free(data);
}

static void control(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	const uint32_t id = s->n[0], ev = s->n[1], value = s->n[2];
	const unsigned char m[8] = {(unsigned char)id,	       (unsigned char)(id >> 8),
				    (unsigned char)(id >> 16), (unsigned char)(id >> 24),
				    (unsigned char)ev,	       (unsigned char)(ev >> 8),
				    (unsigned char)value,      (unsigned char)(value >> 8)};
	struct ring_seg segs[SEGS_MAX];

	submit(p, VQ_CTL_TX, segs, cut(p, m, sizeof(m), NULL, segs), "", b);
}

static void control_raw(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	unsigned char m[WIRE_TEXT];
	struct ring_seg segs[SEGS_MAX];
	const char *at = s->text, *blank = strchr(s->text, ' ');
	uint32_t len = 0;
	size_t n;

	for (unsigned byte; sscanf(at, "%2x", &byte) == 1 && *at != ' '; at += 2)
		m[len++] = (unsigned char)byte;
	n = cut(p, m, len, blank ? blank + 1 : NULL, segs);
	if (n)
		submit(p, VQ_CTL_TX, segs, n, "", b);
	else
		buf_addstr(b, "cannot be cut so\n");
}

static void post(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	for (uint32_t i = 0; i < s->n[1]; i++)
		if (vcon_post(&p->con, s->n[0], s->n[2]) < 0) {
			buf_addf(b, "the ring is full after %u\n", i);
			return;
		}
}

static void set_up_again(struct wire_player *p, unsigned q, unsigned size)
{
	struct ring *r = &p->con.queues[q]->ring;

	vdev_queue_set(&p->con.v, q, size, r->desc, r->driver, r->device);
}

/* The same rings, or what a hostile driver says. */
static void set_up_elsewhere(struct wire_player *p, unsigned q, const char *words)
{
	struct ring *r = &p->con.queues[q]->ring;
	unsigned long long desc = r->desc, driver = r->driver, device = r->device;

	wire_word(words, "desc", &desc);
	wire_word(words, "driver", &driver);
	wire_word(words, "device", &device);
	vdev_queue_set(&p->con.v, q, r->size, desc, driver, device);
}

/* What only the driver writes: the descriptors (16 bytes each, virtio 1.2 2.7.5), and the available
 * ring (flags, index, an entry of 2 bytes each, 2.7.6). */
static void peek(struct wire_player *p, const struct ring *r, struct buf *b)
{
	size_t table = 16UL * r->size, avail = 4 + 2UL * r->size;
	unsigned char *data = xmalloc(table);

	if (r->packed) {
		buf_addstr(b, "only on a split ring\n");
	} else {
		target_mem_read(p->t, r->desc, data, table);
		buf_addstr(b, "table ");
		wire_bytes(b, data, table);
		target_mem_read(p->t, r->driver, data, avail);
		buf_addstr(b, ", available ");
		wire_bytes(b, data, avail);
		buf_addstr(b, "\n");
	}
	free(data);
}

/* A queue that need not be one of the device's. */
static void enable(struct wire_player *p, unsigned q, struct buf *b)
{
	uint64_t at = target_alloc(p->t, 3UL * 4096, 4096);

	vdev_queue_set(&p->con.v, q, 8, at, at + 4096, at + 8192);
	buf_addf(b, "queue %u: size=%u on=%d\n", q, vdev_queue_size(&p->con.v, q),
		 vdev_queue_on(&p->con.v, q));
}

/* The rings begin anew. Only modern PCI devices can have been told so (QEMU's virtio-mmio has no
 * QueueReset: D-18): others go on where they were, and their used index is not the driver's. */
static void begin_anew(struct wire_player *p, unsigned q)
{
	struct ring *r = &p->con.queues[q]->ring;
	bool told = target_is_pci(p->t) && !p->con.v.legacy;

	if (!told && !r->packed && (r->avail_idx || r->used_idx)) {
		p->raw[q] = true;
		p->used_seen[q] = 0;
	}
	ring_restart(r);
	memset(p->con.queues[q]->len, 0, sizeof(p->con.queues[q]->len));
}

static void play_on_queue(struct wire_player *p, unsigned q, const struct wire_step *s,
			  struct buf *b)
{
	struct ring *r;

	if (q >= VCON_QUEUES_MAX || !p->con.queues[q]) {
		buf_addstr(b, "the driver has no such queue\n");
		return;
	}
	r = vcon_ring(&p->con, q);
	switch (s->verb) {
	case WIRE_CTL:
		control(p, s, b);
		break;
	case WIRE_CTLRAW:
		control_raw(p, s, b);
		break;
	case WIRE_SEND:
		send_bytes(p, s, b);
		break;
	case WIRE_POST:
		post(p, s, b);
		break;
	case WIRE_KICK:
		vdev_notify(&p->con.v, q);
		break;
	case WIRE_IRQ:
		ring_interrupts(r, (enum ring_interrupts)(s->n[1] % 3), s->n[2]);
		break;
	case WIRE_QSIZE:
		set_up_again(p, q, s->n[1]);
		break;
	case WIRE_QADDR:
		set_up_elsewhere(p, q, s->text);
		break;
	case WIRE_PEEK:
		peek(p, r, b);
		break;
	case WIRE_QOFF:
		vdev_queue_off(&p->con.v, q);
		break;
	case WIRE_QON:
		begin_anew(p, q);
		break;
	case WIRE_QRESET:
		buf_addf(b, "queue_reset=%u\n", vdev_queue_reset(&p->con.v, q));
		break;
	default:
		wire_play_raw(p, r, s, b);
	}
}

/* linux/drivers/char/virtio_console.c virtcons_remove(), drivers/virtio/virtio_pci_common.c
 * vp_del_vqs() (vectors) and its transports' del_vq() (queues, but for a modern PCI device's),
 * virtio_pci_remove() (pci_disable_device()), virtio_mmio.c vm_del_vq(). */
static void unbind(struct wire_player *p)
{
	struct vdev *v = &p->con.v;
	bool pci = target_is_pci(p->t);

	vdev_set_status(v, 0);
	for (unsigned q = 0; q < VCON_QUEUES_MAX && p->started; q++) {
		if (!p->con.queues[q])
			continue;
		if (p->con.msix)
			vdev_set_vector(v, (int)q, PCI_NO_VECTOR);
		if (v->legacy || !pci)
			vdev_queue_off(v, q);
	}
	if (p->con.msix) {
		vdev_set_vector(v, VDEV_CONFIG, PCI_NO_VECTOR);
		for (unsigned i = 0; i < v->pci.vectors; i++)
			pci_msix_mask(&v->pci, i, true);
		pci_msix_disable(&v->pci);
		v->config_at = VPL_CONFIG;
	}
	if (pci)
		pci_set_master(&v->pci, false);
	p->started = p->con.msix = false;
}

void wire_play_driver(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	unsigned q = s->n[0];

	if (s->verb == WIRE_START) {
		start(p, s->text, b);
	} else if (!p->found ||
		   (!p->started && s->verb != WIRE_RESTART && s->verb != WIRE_UNBIND)) {
		buf_addstr(b, "not started\n");
	} else if (s->verb == WIRE_UNBIND) {
		unbind(p);
	} else if (s->verb == WIRE_RESTART) {
		vdev_set_status(&p->con.v, 0);
		p->started = false;
	} else if (s->verb == WIRE_QENABLE) {
		enable(p, s->n[0], b);
	} else {
		if (s->verb == WIRE_CTL || s->verb == WIRE_CTLRAW)
			q = VQ_CTL_TX;
		else if (s->verb == WIRE_SEND)
			q = s->n[0] < TARGET_PORTS_MAX ? vcon_txq(s->n[0]) : VCON_QUEUES_MAX;
		play_on_queue(p, q, s, b);
	}
}
