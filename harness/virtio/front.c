// SPDX-License-Identifier: GPL-2.0-or-later
/* front.c - the device's side of a character backend, without a guest */
#include "harness/virtio/front.h"

#include <string.h>

#include "harness/base/die.h"

/* PC16550D data sheet, 8.0: registers by offset, and the bits of them that matter here. */
#define RBR	     0
#define THR	     0
#define IER	     1
#define FCR	     2
#define LCR	     3
#define MCR	     4
#define LSR	     5
#define LCR_8N1	     0x03
#define LCR_DLAB     0x80
#define MCR_DTR_RTS  0x03
#define FCR_ON_14    0xc7 /* on, both cleared, received data from 14 bytes on */
#define LSR_DR	     0x01
#define LSR_THRE     0x20
#define LSR_TEMT     0x40
#define FIFO	     16
#define DEBUGCON_IO  0xe9
#define DEBUGCON_MAX 4096 /* bytes on their way over qtest at a time */
/* IEEE 1284, the compatible mode's control register: the first parallel port of a PC. */
#define LPT1	    0x378
#define LPT_CONTROL 2
#define LPT_STROBE  0x01
#define LPT_INIT    0x04
#define LPT_SELECT  0x08

/* Of a device that never stops to speak: its messages taken in one look. */
#define LOOK_MAX 1000

static const uint16_t isa_ports[FRONT_ISA_MAX] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};

static const char *const kinds[] = {
	[FRONT_ISA_SERIAL] = "isa-serial",   [FRONT_DEBUGCON] = "isa-debugcon",
	[FRONT_PARALLEL] = "isa-parallel",   [FRONT_VIRTSERIALPORT] = "virtserialport",
	[FRONT_VIRTCONSOLE] = "virtconsole",
};

bool front_kind_parse(const char *device, enum front_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(device, kinds[i]) == 0) {
			*kind = (enum front_kind)i;
			return true;
		}
	return false;
}

bool front_kind_is_virtio(enum front_kind kind)
{
	return kind == FRONT_VIRTSERIALPORT || kind == FRONT_VIRTCONSOLE;
}

bool front_hears(const struct front *f)
{
	return f->kind != FRONT_DEBUGCON && f->kind != FRONT_PARALLEL;
}

static uint16_t reg(const struct front *f, unsigned nr)
{
	return (uint16_t)(isa_ports[f->nr] + nr);
}

/* ---- the controller */

void front_bus_look(struct front_bus *bus)
{
	struct vcon_msg m;

	for (int i = 0; i < LOOK_MAX && vcon_event(&bus->con, &m, 0); i++)
		if (m.event == VC_PORT_OPEN && m.id < FRONT_PORTS) {
			bus->host_open[m.id] = m.value;
			bus->host_changes[m.id]++;
		}
}

bool front_bus_start(struct front_bus *bus, struct target *t, unsigned ports, struct buf *why)
{
	const struct vcon_options options = {.ports = ports + 1, .no_rx = true};
	bool ok;

	*bus = (struct front_bus){0};
	if (ports >= FRONT_PORTS)
		die("a controller of frontends has at most %d ports", FRONT_PORTS - 1);
	if (!vcon_start(&bus->con, t, &options, why))
		return false;
	ok = vcon_tell(&bus->con, VC_NO_ID, VC_DEVICE_READY, 1, NULL);
	for (unsigned nr = 1; ok && nr <= ports; nr++)
		ok = vcon_tell(&bus->con, nr, VC_PORT_READY, 1, NULL) &&
		     vcon_tell(&bus->con, nr, VC_PORT_OPEN, 1, NULL);
	if (!ok)
		buf_addstr(why, "the controller does not take control messages");
	front_bus_look(bus);
	return ok;
}

void front_bus_release(struct front_bus *bus)
{
	vcon_release(&bus->con);
}

/* ---- frontends */

static void start_uart(struct front *f)
{
	target_out8(f->t, reg(f, LCR), LCR_DLAB | LCR_8N1);
	target_out8(f->t, reg(f, 0), 1); /* 115200 */
	target_out8(f->t, reg(f, 1), 0);
	target_out8(f->t, reg(f, LCR), LCR_8N1);
	target_out8(f->t, reg(f, IER), 0);
	target_out8(f->t, reg(f, MCR), MCR_DTR_RTS);
	target_out8(f->t, reg(f, FCR), FCR_ON_14);
	/* A read: it is done, and clears nothing that comes from now on. */
	f->empty = target_in8(f->t, reg(f, LSR)) & LSR_THRE;
}

static void start_port(struct front *f)
{
	for (unsigned i = 0; i < FRONT_SLOTS; i++) {
		f->slot_addr[i] = target_alloc(f->t, FRONT_BUFFER, 16);
		if (vcon_post(&f->bus->con, vcon_rxq(f->nr), FRONT_BUFFER) < 0)
			die("a queue has no room for %u buffers", FRONT_SLOTS);
	}
	ring_kick(vcon_ring(&f->bus->con, vcon_rxq(f->nr)));
}

void front_start(struct front *f, struct target *t, enum front_kind kind, unsigned nr,
		 struct front_bus *bus)
{
	*f = (struct front){.t = t, .kind = kind, .nr = nr, .bus = bus, .in = BUF_INIT};
	if (front_kind_is_virtio(kind))
		start_port(f);
	else if (kind == FRONT_ISA_SERIAL)
		start_uart(f);
}

void front_release(struct front *f)
{
	buf_release(&f->in);
}

bool front_open(struct front *f, bool open)
{
	return vcon_tell(&f->bus->con, f->nr, VC_PORT_OPEN, open, NULL);
}

static size_t send_uart(struct front *f, const unsigned char *data, size_t len)
{
	size_t n = len < FIFO ? len : FIFO;
	uint8_t lsr;

	if (!f->empty && !(target_in8(f->t, reg(f, LSR)) & LSR_THRE))
		return 0;
	for (size_t i = 0; i < n; i++)
		target_out8(f->t, reg(f, THR), data[i]);
	/* A read: all of it is done, and often there is room for the next ones already. */
	lsr = target_in8(f->t, reg(f, LSR));
	f->empty = lsr & LSR_THRE;
	f->pending = lsr & LSR_TEMT ? 0 : n;
	return n;
}

static size_t send_debugcon(struct front *f, const unsigned char *data, size_t len)
{
	size_t n = len < DEBUGCON_MAX ? len : DEBUGCON_MAX;

	for (size_t i = 0; i < n; i++)
		target_out8(f->t, DEBUGCON_IO, data[i]);
	target_in8(f->t, DEBUGCON_IO); /* they are out */
	return n;
}

static size_t send_parallel(struct front *f, const unsigned char *data, size_t len)
{
	size_t n = len < DEBUGCON_MAX ? len : DEBUGCON_MAX;

	for (size_t i = 0; i < n; i++) {
		target_out8(f->t, LPT1, data[i]);
		target_out8(f->t, LPT1 + LPT_CONTROL, LPT_INIT | LPT_SELECT | LPT_STROBE);
		target_out8(f->t, LPT1 + LPT_CONTROL, LPT_INIT | LPT_SELECT);
	}
	target_in8(f->t, LPT1); /* they are out */
	return n;
}

/* Buffers that came back. */
static void reclaim(struct front *f)
{
	struct ring_used used;

	while (ring_take(vcon_ring(&f->bus->con, vcon_txq(f->nr)), &used)) {
		unsigned slot = f->slot_of[used.id];

		f->pending -= f->slot_len[slot];
		f->slot_len[slot] = 0;
	}
}

static size_t send_port(struct front *f, const unsigned char *data, size_t len)
{
	struct ring_seg seg = {.len = len < FRONT_BUFFER ? (uint32_t)len : FRONT_BUFFER};
	unsigned slot = 0;

	if (f->pending)
		reclaim(f);
	while (slot < FRONT_SLOTS && f->slot_len[slot])
		slot++;
	if (slot == FRONT_SLOTS)
		return 0;
	seg.addr = f->slot_addr[slot];
	target_mem_write(f->t, seg.addr, data, seg.len);
	f->slot_len[slot] = seg.len;
	f->pending += seg.len;
	f->slot_of[ring_submit(vcon_ring(&f->bus->con, vcon_txq(f->nr)), &seg, 1)] =
		(unsigned char)slot;
	reclaim(f); /* it reads: the kick is done */
	return seg.len;
}

size_t front_send(struct front *f, const void *data, size_t len)
{
	size_t n;

	if (!len)
		return 0;
	if (front_kind_is_virtio(f->kind))
		n = send_port(f, data, len);
	else if (f->kind == FRONT_ISA_SERIAL)
		n = send_uart(f, data, len);
	else if (f->kind == FRONT_PARALLEL)
		n = send_parallel(f, data, len);
	else
		n = send_debugcon(f, data, len);
	if (f->t->end != TARGET_ALIVE)
		return 0; /* what it has had nobody knows */
	f->sent += n;
	return n;
}

size_t front_pending(struct front *f)
{
	if (front_kind_is_virtio(f->kind))
		reclaim(f);
	else if (f->pending && target_in8(f->t, reg(f, LSR)) & LSR_TEMT)
		f->pending = 0;
	return f->pending;
}

static size_t recv_uart(struct front *f, unsigned char *data, size_t len)
{
	bool more = target_in8(f->t, reg(f, LSR)) & LSR_DR;
	size_t n = 0;

	while (more && n < len && f->t->end == TARGET_ALIVE) {
		data[n] = target_in8(f->t, reg(f, RBR));
		n += f->t->end == TARGET_ALIVE;
		more = target_in8(f->t, reg(f, LSR)) & LSR_DR;
	}
	return n;
}

static size_t recv_port(struct front *f, unsigned char *data, size_t len)
{
	char room[FRONT_BUFFER];
	unsigned empty = 0;
	size_t n;
	long got;

	/* A device may return buffers with nothing in them, but not for ever. */
	while (f->in.len < len && empty < FRONT_SLOTS &&
	       (got = vcon_recv(&f->bus->con, f->nr, room, sizeof(room), 0)) >= 0) {
		buf_add(&f->in, room, (size_t)got);
		empty += !got;
	}
	n = f->in.len < len ? f->in.len : len;
	memcpy(data, f->in.data, n);
	buf_drop(&f->in, n);
	return n;
}

size_t front_recv(struct front *f, void *data, size_t len)
{
	size_t n = 0;

	if (!len)
		return 0;
	if (front_kind_is_virtio(f->kind))
		n = recv_port(f, data, len);
	else if (f->kind == FRONT_ISA_SERIAL)
		n = recv_uart(f, data, len);
	f->received += n;
	return n;
}

bool front_host_open(struct front *f)
{
	if (!front_kind_is_virtio(f->kind))
		return true;
	front_bus_look(f->bus);
	return f->bus->host_open[f->nr];
}
