// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * driver_test.c - the small driver in the unit tests of the reference device: queues, transcript
 *
 * It uses descriptors one after the other and round again: good for tests that return buffers in
 * order and have fewer than a ring of them outstanding.
 */
#include "harness/refdev/refdev_testing.h"

static uint16_t ram16(struct world *w, uint64_t at)
{
	return get_le16(w->ram + at);
}

static void ram_put16(struct world *w, uint64_t at, uint16_t value)
{
	put_le16(w->ram + at, value);
}

static void ram_put64(struct world *w, uint64_t at, uint64_t value)
{
	put_le32(w->ram + at, (uint32_t)value);
	put_le32(w->ram + at + 4, (uint32_t)(value >> 32));
}

uint64_t world_alloc(struct world *w, size_t len)
{
	uint64_t at = w->heap;

	w->heap += (len + 63) & ~63UL;
	if (w->heap > W_RAM)
		ck_abort_msg("no memory left");
	return at;
}

static void set_address(struct world *w, unsigned modern, unsigned mmio, uint64_t addr)
{
	uint64_t at = w->config.transport >= REFDEV_MMIO_MODERN ? W_MMIO + mmio : W_BAR4 + modern;

	refdev_write(w->rd, at, 4, (uint32_t)addr);
	refdev_write(w->rd, at + 4, 4, addr >> 32);
}

static void enable(struct world *w, struct wq *q)
{
	if (w->config.transport == REFDEV_PCI_LEGACY) {
		world_set(w, W_QENABLE, (uint32_t)(q->desc >> 12));
		return;
	}
	if (w->config.transport == REFDEV_MMIO_LEGACY) {
		refdev_write(w->rd, W_MMIO + 0x28, 4, 4096);
		refdev_write(w->rd, W_MMIO + 0x3c, 4, 4096);
		refdev_write(w->rd, W_MMIO + 0x40, 4, q->desc >> 12);
		return;
	}
	set_address(w, 0x20, 0x80, q->desc);
	set_address(w, 0x28, 0x90, q->avail);
	set_address(w, 0x30, 0xa0, q->used);
	world_set(w, W_QENABLE, 1);
}

static bool is_legacy(const struct world *w)
{
	return w->config.transport == REFDEV_PCI_LEGACY ||
	       w->config.transport == REFDEV_MMIO_LEGACY;
}

struct wq *world_queue(struct world *w, unsigned n, unsigned num)
{
	struct wq *q = &w->q[n];

	memset(q, 0, sizeof(*q));
	world_set(w, W_QSEL, n);
	if (num && w->config.transport != REFDEV_PCI_LEGACY) {
		if (w->config.transport >= REFDEV_MMIO_MODERN)
			refdev_write(w->rd, W_MMIO + 0x38, 4, num);
		else
			world_set(w, W_QSIZE, num);
	}
	q->n = n;
	q->num = w->rd->q[n].num;
	q->packed = w->features & BIT(F_PACKED);
	q->event_idx = w->features & BIT(F_EVENT_IDX);
	q->wrap = q->used_wrap = true;
	q->desc = W_RINGS + (uint64_t)n * W_RING;
	q->avail = q->desc + 16ULL * q->num;
	q->used = is_legacy(w) ? (q->avail + 4 + 2ULL * q->num + 4095) / 4096 * 4096
			       : q->desc + 0x7000;
	memset(w->ram + q->desc, 0, W_RING);
	if (rd_is_pci(w->rd))
		world_set(w, W_QVECTOR, n % 2);
	enable(w, q);
	return q;
}

void wq_raw(struct world *w, struct wq *q, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
	    uint16_t next)
{
	uint8_t *d = w->ram + q->desc + 16ULL * i;

	ram_put64(w, q->desc + 16ULL * i, addr);
	put_le32(d + 8, len);
	put_le16(d + 12, flags);
	put_le16(d + 14, next);
}

void wq_avail(struct world *w, struct wq *q, uint16_t head)
{
	ram_put16(w, q->avail + 4 + 2ULL * (q->avail_idx % q->num), head);
	q->avail_idx++;
	ram_put16(w, q->avail + 2, q->avail_idx);
}

/* A descriptor at @at in the format of the queue. */
static void put_desc(struct world *w, const struct wq *q, uint64_t at, uint64_t addr, uint32_t len,
		     uint16_t flags, uint16_t next_or_id)
{
	ram_put64(w, at, addr);
	put_le32(w->ram + at + 8, len);
	put_le16(w->ram + at + (q->packed ? 14 : 12), flags);
	put_le16(w->ram + at + (q->packed ? 12 : 14), next_or_id);
}

static uint64_t place(struct world *w, const struct wbuf *part)
{
	uint64_t at = world_alloc(w, part->len + 16);

	memset(w->ram + at, 0xcc, part->len + 16);
	if (part->data)
		memcpy(w->ram + at, part->data, part->len);
	return at;
}

static uint16_t packed_flags(const struct wq *q)
{
	return q->wrap ? D_AVAIL : D_USED;
}

static void packed_advance(struct wq *q)
{
	if (++q->next == q->num) {
		q->next = 0;
		q->wrap = !q->wrap;
	}
}

/* One ring entry: a part, or the table. The head's flags are written last, by the caller. */
static void ring_entry(struct world *w, struct wq *q, uint64_t addr, uint32_t len, uint16_t flags,
		       uint16_t id)
{
	unsigned i = q->next;

	if (q->packed) {
		put_desc(w, q, q->desc + 16ULL * i, addr, len, flags | packed_flags(q), id);
		packed_advance(q);
	} else {
		put_desc(w, q, q->desc + 16ULL * i, addr, len, flags, (uint16_t)((i + 1) % q->num));
		q->next = (uint16_t)((i + 1) % q->num);
	}
}

uint16_t wq_post(struct world *w, struct wq *q, const struct wbuf *parts, unsigned n, bool indirect)
{
	uint64_t table = indirect ? world_alloc(w, 16ULL * n) : 0;
	uint16_t head = q->next;

	q->addr[head] = 0;
	q->ndescs[head] = (uint16_t)(indirect ? 1 : n);
	for (unsigned i = 0; i < n; i++) {
		uint64_t addr = place(w, &parts[i]);
		uint16_t flags = (uint16_t)((parts[i].in ? D_WRITE : 0) | (i + 1 < n ? D_NEXT : 0));

		if (parts[i].in && !q->addr[head])
			q->addr[head] = addr;
		if (indirect)
			put_desc(w, q, table + 16ULL * i, addr, parts[i].len, flags,
				 (uint16_t)(i + 1));
		else
			ring_entry(w, q, addr, parts[i].len, flags, head);
	}
	if (indirect)
		ring_entry(w, q, table, 16 * n, D_INDIRECT, head);
	if (!q->packed)
		wq_avail(w, q, head);
	return head;
}

void wq_kick(struct world *w, const struct wq *q)
{
	if (w->config.transport >= REFDEV_MMIO_MODERN)
		refdev_write(w->rd, W_MMIO + 0x50, 4, q->n);
	else if (w->config.transport == REFDEV_PCI_LEGACY)
		refdev_out(w->rd, W_BAR0 + 16, 2, q->n);
	else
		refdev_write(w->rd, W_BAR4 + 0x3000 + 4ULL * q->n, 2, q->n);
}

bool wq_used(struct world *w, struct wq *q, uint32_t *id, uint32_t *len)
{
	uint64_t at;
	uint16_t flags;

	if (!q->packed) {
		if (ram16(w, q->used + 2) == q->last_used)
			return false;
		at = q->used + 4 + 8ULL * (q->last_used % q->num);
		*id = get_le32(w->ram + at);
		*len = get_le32(w->ram + at + 4);
		q->last_used++;
		return true;
	}
	at = q->desc + 16ULL * q->last_used;
	flags = ram16(w, at + 14);
	if (!(flags & D_AVAIL) != !(flags & D_USED) || !!(flags & D_USED) != q->used_wrap)
		return false;
	*id = get_le16(w->ram + at + 12);
	*len = get_le32(w->ram + at + 8);
	q->last_used = (uint16_t)(q->last_used + (*id < 256 ? q->ndescs[*id] : 1));
	if (q->last_used >= q->num) {
		q->last_used = (uint16_t)(q->last_used - q->num);
		q->used_wrap = !q->used_wrap;
	}
	return true;
}

void world_ctl(struct world *w, uint32_t id, uint16_t event, uint16_t value)
{
	uint8_t raw[8];
	const struct wbuf part = {raw, sizeof(raw), false};

	put_le32(raw, id);
	put_le16(raw + 4, event);
	put_le16(raw + 6, value);
	wq_post(w, &w->q[3], &part, 1, false);
	wq_kick(w, &w->q[3]);
}

static struct wq *port_queue(struct world *w, unsigned port, unsigned which)
{
	return &w->q[(port ? 2 * port + 2 : 0) + which];
}

void world_tx(struct world *w, unsigned port, const void *data, size_t len)
{
	const struct wbuf part = {data, (uint32_t)len, false};

	wq_post(w, port_queue(w, port, 1), &part, 1, false);
	wq_kick(w, port_queue(w, port, 1));
}

void world_rx(struct world *w, unsigned port, unsigned n, uint32_t len)
{
	const struct wbuf part = {NULL, len, true};

	for (unsigned i = 0; i < n; i++)
		wq_post(w, port_queue(w, port, 0), &part, 1, false);
	wq_kick(w, port_queue(w, port, 0));
}

void world_up(struct world *w, uint64_t wanted)
{
	const struct wbuf ctl = {NULL, 64, true};
	uint8_t status;

	world_bars(w, true);
	status = world_features(w, wanted);
	for (unsigned n = 0; n < W_QUEUES; n++)
		if (w->rd->q[n].max)
			world_queue(w, n, 16);
	world_set(w, W_STATUS, status | S_DRIVER_OK);
	for (unsigned i = 0; i < 12 && w->q[2].num; i++)
		wq_post(w, &w->q[2], &ctl, 1, false);
	if (w->q[2].num)
		wq_kick(w, &w->q[2]);
}

void world_say(struct world *w, unsigned port, const char *text)
{
	buf_addstr(&w->host[port].in, text);
}

static void trace_queue(struct world *w, struct wq *q)
{
	uint32_t id, len;

	for (unsigned i = 0; i < 64 && wq_used(w, q, &id, &len); i++) {
		uint64_t at = id < 256 ? q->addr[id] : 0;

		buf_addf(&w->trace, "q%u used id=%u len=%u ", q->n, id, len);
		/* Some bytes behind what counts, to see that they were left alone. */
		if (at)
			text_hex(&w->trace, w->ram + at, len < 64 ? len + 4 : 68, 80);
		if (!q->packed)
			buf_addf(&w->trace, " table %08x",
				 get_le32(w->ram + q->desc + 16ULL * (id % q->num) + 8));
		buf_addstr(&w->trace, "\n");
	}
}

void world_settle(struct world *w, const char *step)
{
	unsigned turns = 0;
	uint8_t status;

	buf_addf(&w->trace, "step %s\n", step);
	while (refdev_run(w->rd))
		if (++turns > 10000)
			ck_abort_msg("it does not become quiet");
	for (unsigned n = 0; n < W_QUEUES; n++)
		if (w->q[n].num)
			trace_queue(w, &w->q[n]);
	for (unsigned i = 0; i < 5; i++)
		if (w->irqs[i])
			buf_addf(&w->trace, "irq %u\n", i);
	memset(w->irqs, 0, sizeof(w->irqs));
	status = (uint8_t)world_get(w, W_STATUS);
	buf_addf(&w->trace, "status=%02x gen=%u\n", status, world_get(w, W_GEN));
	for (unsigned p = 0; p <= W_PORTS; p++) {
		struct refdev_port_state s;

		if (w->host[p].out.len) {
			buf_addf(&w->trace, "host %u ", p);
			text_printable(&w->trace, w->host[p].out.data, w->host[p].out.len, 4096);
			buf_addstr(&w->trace, "\n");
		}
		if (refdev_port_state(w->rd, p, &s))
			buf_addf(&w->trace, "port %u %d%d%d\n", p, s.guest, s.host, s.throttled);
	}
	buf_addf(&w->trace, "log %x\n", refdev_log(w->rd));
}

bool world_trace_has(const struct world *w, const char *text)
{
	return strstr(w->trace.data, text) != NULL;
}

const char *world_out(const struct world *w, unsigned port)
{
	return w->host[port].out.data;
}

void world_note(struct world *w, const char *what, uint64_t value)
{
	buf_addf(&w->trace, "%s %llx\n", what, (unsigned long long)value);
}

void world_ready(struct world *w)
{
	world_up(w, ~BIT(F_EVENT_IDX));
	refdev_host_open(w->rd, 1);
	world_ctl(w, 0, E_DEVICE_READY, 1);
	world_ctl(w, 1, E_PORT_OPEN, 1);
	world_settle(w, "ready");
}
