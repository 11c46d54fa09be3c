// SPDX-License-Identifier: GPL-2.0-or-later
/* data.c - bytes both ways: every length, every arrangement, hosts that stall */
#include <stdlib.h>
#include <string.h>

#include "harness/run/wire.h"

#define AXES ((const char *const[]){"transport", "ring", NULL})

/* Seeded bytes, so that a piece at a wrong place is seen. */
static unsigned char *bytes(size_t len, unsigned stream)
{
	unsigned char *data = xmalloc(len + 1);
	struct payload p;

	payload_init(&p, stream + 1, len);
	payload_fill(&p, 0, data, len);
	payload_release(&p);
	return data;
}

/* A driver with port 1 open at both ends, its handshake done. */
static struct vcon *open_port(struct trial *t, const struct vcon_options *o)
{
	struct vcon *c = trial_vcon(t, o);
	struct vcon_msg m;

	wire_host_open(t, 1);
	wire_handshake(t, c);
	while (vcon_event(c, &m, 0))
		;
	return c;
}

CASE(wire_output, .id = "wire.output",
     .title = "what the driver sends arrives whole, once, in order; the buffer comes back with "
	      "length 0",
     .clause = "virtio-1.2/console/C-20 (5.3.6, 2.7.8.2)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	static const size_t sizes[] = {1, 2, 15, 16, 17, 255, 256, 1023, 4095, 4096, 4097, 65536};
	struct vcon *c = open_port(t, NULL);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *data = bytes(sizes[i], (unsigned)i);
		struct ring_used used;

		CHECK(t, vcon_send(c, 1, data, sizes[i], &used), "%zu bytes: no buffer comes back",
		      sizes[i]);
		CHECK(t, used.len == 0, "%zu bytes: used length %u", sizes[i], used.len);
		wire_host_gets(t, 1, data, sizes[i]);
		free(data);
	}
	wire_host_quiet(t, 1);
}

/* One buffer of many pieces that lie apart; through a table when @table. */
static void scattered(struct trial *t, struct vcon *c, const unsigned char *data,
		      const uint32_t *sizes, size_t n, bool table)
{
	struct ring *r = vcon_ring(c, vcon_txq(1));
	struct ring_seg segs[64];
	struct ring_used used;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		segs[i] = (struct ring_seg){.addr = target_alloc(c->t, sizes[i] + 64, 64),
					    .len = sizes[i]};
		target_mem_write(c->t, segs[i].addr, data + at, sizes[i]);
		at += sizes[i];
	}
	if (table)
		ring_add_indirect(r, segs, n, target_alloc(c->t, 16 * n, 16));
	else
		ring_add(r, segs, n);
	ring_publish(r);
	ring_kick(r);
	CHECK(t, ring_await(r, &used, VCON_MS), "a buffer of %zu pieces does not come back", n);
	CHECK(t, used.len == 0, "a buffer of %zu pieces: used length %u", n, used.len);
	wire_host_gets(t, 1, data, at);
}

CASE(wire_output_pieces, .id = "wire.output-pieces",
     .title = "a buffer may have any number of pieces, in the ring or in an indirect table",
     .clause = "virtio-1.2/console/G-SR-01, G-IN-01 (2.7.4.1, 2.7.5.3, 2.8.7)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t, NULL);
	unsigned char *data = bytes(64 * 97, 1);
	uint32_t sizes[64];

	CHECK(t, c->v.accepted & VF_INDIRECT, "no indirect tables");
	for (size_t n = 1; n <= 16; n++) {
		for (size_t i = 0; i < n; i++)
			sizes[i] = (uint32_t)(1 + (i * 31 + n * 7) % 97);
		scattered(t, c, data, sizes, n, false);
		scattered(t, c, data, sizes, n, true);
	}
	for (size_t i = 0; i < 64; i++)
		sizes[i] = (uint32_t)(1 + i);
	scattered(t, c, data, sizes, 64, true);
	wire_host_quiet(t, 1);
	free(data);
}

static const struct vcon_options sixteens = {.rx_buffers = 4, .rx_size = 16};

CASE(wire_input, .id = "wire.input",
     .title = "what the host sends fills the buffers in order, each told with its length; what has "
	      "no buffer waits",
     .clause = "virtio-1.2/console/C-21, U-17, G-SR-04 (5.3.6, 2.7.8.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	static const size_t sizes[] = {1, 15, 16, 17, 20, 32, 63, 64, 65, 200, 4097};
	struct vcon *c = open_port(t, &sixteens);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		unsigned char *data = bytes(sizes[i], (unsigned)i), got[16];
		size_t at = 0;

		CHECK(t, target_host_write(c->t, 1, data, sizes[i]) == (long)sizes[i],
		      "the backend does not take %zu bytes", sizes[i]);
		while (at < sizes[i]) {
			size_t left = sizes[i] - at, want = left < 16 ? left : 16;
			long n = vcon_recv(c, 1, got, sizeof(got), VCON_MS);

			/* A buffer may be told before it is full only if nothing was there. */
			CHECK(t, n > 0 && (size_t)n <= want,
			      "of %zu bytes, at %zu: used length %ld", sizes[i], at, n);
			CHECK(t, memcmp(got, data + at, (size_t)n) == 0,
			      "of %zu bytes, at %zu: other bytes", sizes[i], at);
			at += (size_t)n;
		}
		free(data);
	}
	CHECK(t, target_settle(c->t) && vcon_recv(c, 1, (char[16]){0}, 16, 0) < 0,
	      "more comes than was sent");
}

CASE(wire_twenty_in_sixteens, .id = "wire.twenty-in-sixteens",
     .title = "20 bytes into buffers of 16: the first is told with 16, the second with 4, and "
	      "nothing is written behind",
     .clause = "virtio-1.2/console/C-21, G-SR-04 (5.3.6, 2.7.8.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	static const char text[] = "abcdefghijklmnopqrst";
	static const struct vcon_options none = {.no_rx = true};
	struct vcon *c = open_port(t, &none);
	struct ring *r = vcon_ring(c, vcon_rxq(1));
	struct ring_used used;
	unsigned char raw[64];
	uint64_t at = target_alloc(c->t, sizeof(raw), 64);
	int first, second;

	target_mem_set(c->t, at, 0xcc, sizeof(raw));
	CHECK(t, target_host_write(c->t, 1, text, 20) == 20, "the backend does not take 20 bytes");
	CHECK(t, target_settle(c->t), "the device does not come to rest");
	first = ring_add(r, &(struct ring_seg){at, 16, true}, 1);
	second = ring_add(r, &(struct ring_seg){at + 32, 16, true}, 1);
	ring_publish(r);
	ring_kick(r);
	CHECK(t, ring_await(r, &used, VCON_MS) && (int)used.id == first && used.len == 16,
	      "the first buffer: id %u, length %u", used.id, used.len);
	CHECK(t, ring_await(r, &used, VCON_MS) && (int)used.id == second && used.len == 4,
	      "the second buffer: id %u, length %u", used.id, used.len);
	target_mem_read(c->t, at, raw, sizeof(raw));
	CHECK(t, memcmp(raw, text, 16) == 0 && memcmp(raw + 32, text + 16, 4) == 0, "other bytes");
	for (unsigned i = 16; i < sizeof(raw); i++)
		CHECK(t, raw[i] == 0xcc || (i >= 32 && i < 36), "byte %u was written", i);
}

static const struct vcon_options short_ring = {.ring_size = 4, .rx_buffers = 4, .rx_size = 16};

CASE(wire_wrap, .id = "wire.wrap",
     .title = "thousands of buffers go round a ring of 4 without a byte out of place",
     .clause = "virtio-1.2/console/G-PK-01, G-SR-05 (2.7.8, 2.8.1, 2.7.6)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	/* A legacy ring has the size that the device gives it: there it does not wrap as often. */
	bool fixed = trial_is(t, "transport", "pci-legacy");
	struct vcon *c = open_port(t, fixed ? &sixteens : &short_ring);
	unsigned rounds = 1500;
	unsigned char *data = bytes(rounds, 3), byte;

	for (unsigned i = 0; i < rounds; i++) {
		struct ring_used used;

		CHECK(t, vcon_send(c, 1, data + i, 1, &used), "buffer %u does not come back", i);
		/* Each byte is a message of its own to the kernel, which keeps few hundred. */
		if (i % 100 == 99)
			wire_host_gets(t, 1, data + i - 99, 100);
		if (i % 3 == 0) {
			CHECK(t, target_host_write(c->t, 1, data + i, 1) == 1, "no byte is taken");
			CHECK(t, vcon_recv(c, 1, &byte, 1, VCON_MS) == 1 && byte == data[i],
			      "input byte %u is %#x, want %#x", i, byte, data[i]);
		}
	}
	wire_host_quiet(t, 1);
	free(data);
}

CASE(wire_closed_port, .id = "wire.closed-port",
     .title = "what a host sends to a port that the driver has not opened waits until it does",
     .clause = "virtio-1.2/console/C-34, U-16, U-18 (5.3.6.2)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t, NULL);
	char got[16];

	for (int round = 0; round < 3; round++) {
		wire_tell(t, c, 1, VC_PORT_OPEN, 0);
		CHECK(t, target_host_write(c->t, 1, "early", 5) == 5, "the backend is full");
		CHECK(t, target_settle(c->t), "the device does not come to rest");
		CHECK(t, vcon_recv(c, 1, got, sizeof(got), 0) < 0, "a closed port gets bytes");
		wire_tell(t, c, 1, VC_PORT_OPEN, 1);
		CHECK(t,
		      vcon_recv(c, 1, got, sizeof(got), VCON_MS) == 5 && !memcmp(got, "early", 5),
		      "what waited does not come when the port opens");
	}
}

/* A host that takes everything, until it has as much as it wants. */
struct emptying {
	struct vcon *c;
	struct buf got;
	size_t want;
};

static bool emptied(void *arg)
{
	struct emptying *e = arg;
	long n;

	while ((n = target_host_read(e->c->t, 1, buf_reserve(&e->got, 65536), 65536)) > 0)
		e->got.len += (size_t)n;
	return e->got.len >= e->want;
}

/* A stalled host: buffers go in until one stays out. */
static size_t stall(struct trial *t, struct vcon *c, const unsigned char *data, size_t step,
		    size_t most)
{
	struct ring *r = vcon_ring(c, vcon_txq(1));
	struct target_port_state state = {.throttled = false};
	struct ring_used used;
	size_t sent = 0;

	while (sent + step <= most && !state.throttled) {
		struct ring_seg seg = {.addr = target_alloc(c->t, step, 4096),
				       .len = (uint32_t)step};

		target_mem_write(c->t, seg.addr, data + sent, step);
		ring_submit(r, &seg, 1);
		sent += step;
		CHECK(t, target_settle(c->t), "the device does not come to rest");
		while (ring_take(r, &used))
			CHECK(t, used.len == 0, "used length %u", used.len);
		CHECK(t, target_port_state(c->t, 1, &state), "QEMU does not tell of port 1");
	}
	CHECK(t, state.throttled, "%zu bytes do not stall a host that reads nothing", sent);
	return sent;
}

#define STALL_STEP 65536
#define STALL_MOST (2U << 20)

CASE(wire_stalled_host, .id = "wire.stalled-host",
     .title = "a host that stops reading stops the port; when it reads again all arrives, no byte "
	      "lost or twice",
     .clause = "virtio-1.2/console/C-20, U-14 (5.3.6)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t, NULL);
	unsigned char *data = bytes(STALL_MOST, 4);
	size_t sent = stall(t, c, data, STALL_STEP, STALL_MOST);
	struct ring *r = vcon_ring(c, vcon_txq(1));
	struct emptying e = {.c = c, .got = BUF_INIT, .want = sent};
	struct ring_used used;

	/* The last one is out, or the one before, too. */
	CHECK(t, r->order_n >= 1, "the port is throttled, but no buffer is held");
	target_until(c->t, emptied, &e, VCON_MS);
	CHECK(t, e.got.len == sent, "%zu bytes arrive of %zu", e.got.len, sent);
	CHECK(t, memcmp(e.got.data, data, sent) == 0, "other bytes arrive than were sent");
	while (r->order_n && ring_await(r, &used, VCON_MS))
		CHECK(t, used.len == 0, "used length %u", used.len);
	CHECK(t, r->order_n == 0, "%u buffers do not come back", r->order_n);
	wire_host_quiet(t, 1);
	buf_release(&e.got);
	free(data);
}
