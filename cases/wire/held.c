// SPDX-License-Identifier: GPL-2.0-or-later
/* held.c - a buffer that a stalled host has taken a part of: what becomes of the rest? */
#include <stdlib.h>
#include <string.h>

#include "harness/run/wire.h"

#define AXES ((const char *const[]){"transport", "ring", NULL})

/* More than the kernel holds for a Unix socket (net.core.wmem_default, 208 KiB) */
#define HELD (1U << 20)

/* What a host takes at once: less than any backend holds */
#define SIP	   50000
#define PIECES_MAX 8

/* Port 1 is open at both ends, and its one chain of @n pieces, HELD bytes together, goes no
 * further: the host reads nothing. */
static struct vcon *hold_pieces(struct trial *t, unsigned char *data, const uint32_t *pieces,
				size_t n)
{
	struct vcon *c = trial_vcon(t, NULL);
	uint64_t at = target_alloc(c->t, HELD, 4096);
	struct ring_seg segs[PIECES_MAX];
	struct target_port_state state;
	struct ring_used used;
	struct payload p;

	wire_host_open(t, 1);
	wire_handshake(t, c);
	payload_init(&p, 5, HELD);
	payload_fill(&p, 0, data, HELD);
	payload_release(&p);
	target_mem_write(c->t, at, data, HELD);
	for (size_t i = 0; i < n; at += pieces[i++])
		segs[i] = (struct ring_seg){.addr = at, .len = pieces[i]};
	ring_submit(vcon_ring(c, vcon_txq(1)), segs, n);
	CHECK(t, target_settle(c->t), "the device does not come to rest");
	CHECK(t, !ring_take(vcon_ring(c, vcon_txq(1)), &used), "%u bytes do not stall a host",
	      HELD);
	CHECK(t, target_port_state(c->t, 1, &state) && state.throttled,
	      "the port is not throttled");
	return c;
}

static struct vcon *hold(struct trial *t, unsigned char *data)
{
	static const uint32_t whole[] = {HELD};

	return hold_pieces(t, data, whole, 1);
}

/* All that arrives until nothing more does. */
static void drain(struct trial *t, struct vcon *c, struct buf *got)
{
	size_t before;
	long n;

	do {
		before = got->len;
		CHECK(t, target_settle(c->t), "the device does not come to rest");
		while ((n = target_host_read(c->t, 1, buf_reserve(got, 65536), 65536)) > 0)
			got->len += (size_t)n;
	} while (got->len > before);
}

CASE(wire_reset_held, .id = "wire.reset-held",
     .title = "after a reset the rest of a buffer that a stalled host held up is not sent",
     .clause = "virtio-1.2 2.4.1 (G-RS-05)", .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES,
     .lacks = wire_lacks, .wire = wire_topology_plain)
{
	unsigned char *data = xmalloc(HELD);
	struct vcon *c = hold(t, data);
	struct buf got = BUF_INIT;
	struct ring_used used;

	CHECK(t, vdev_reset(&c->v), "status %#x after a reset", vdev_status(&c->v));
	drain(t, c, &got);
	CHECK(t, got.len && got.len < HELD && memcmp(got.data, data, got.len) == 0,
	      "%zu bytes of %u arrive, or others", got.len, HELD);
	c = trial_vcon(t, NULL);
	wire_handshake(t, c);
	CHECK(t, vcon_send(c, 1, "anew", 4, &used), "no buffer comes back after the reset");
	wire_host_gets(t, 1, "anew", 4);
	wire_host_quiet(t, 1);
	buf_release(&got);
	free(data);
}

CASE(wire_load_held, .id = "wire.load-held",
     .title =
	     "a machine that moves goes on with a buffer that a stalled host held up, where it was",
     .clause = "qemu/hw/char/virtio-serial-bus.c fetch_active_ports_list(): the element, its "
	       "iov_idx and iov_offset, unthrottled",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	static const unsigned open[] = {1};
	unsigned char *data = xmalloc(HELD);
	struct vcon *c = hold(t, data);
	struct target *target = c->t;
	struct buf state = BUF_INIT, got = BUF_INIT;
	struct ring_used used;

	CHECK(t, target_save(target, &state), "saving: %s", target->refusal.data);
	CHECK(t, target_load(target, &target->config, &state, open, 1), "loading: %s",
	      target->refusal.data);
	drain(t, c, &got);
	/* What had arrived at the old machine's host is not counted: it went with its socket. */
	CHECK(t, got.len && got.len < HELD, "%zu bytes of %u arrive at the new machine", got.len,
	      HELD);
	CHECK(t, memcmp(got.data, data + HELD - got.len, got.len) == 0,
	      "they are not the last ones");
	CHECK(t, ring_await(vcon_ring(c, vcon_txq(1)), &used, VCON_MS) && used.len == 0,
	      "the buffer does not come back, or with a length");
	CHECK(t, vcon_send(c, 1, "next", 4, &used), "the next buffer does not come back");
	wire_host_gets(t, 1, "next", 4);
	buf_release(&state);
	buf_release(&got);
	free(data);
}

/* The host takes a little, once. */
static size_t sip(struct vcon *c, struct buf *got)
{
	long n = target_host_read(c->t, 1, buf_reserve(got, SIP), SIP);

	got->len += n > 0 ? (size_t)n : 0;
	return n > 0 ? (size_t)n : 0;
}

CASE(wire_held_in_parts, .id = "wire.held-in-parts",
     .title = "a host that stalls again and again within one chain gets each byte once, in order; "
	      "the chain comes back once, when the backend has its last byte",
     .clause = "virtio-1.2/console/U-14, C-20, G-SR-01 (5.3.6, 2.7.8)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	static const uint32_t pieces[] = {1, 65535, 131072, 3, 300000, 4096, HELD - 500707};
	unsigned char *data = xmalloc(HELD);
	struct vcon *c = hold_pieces(t, data, pieces, sizeof(pieces) / sizeof(*pieces));
	struct ring *r = vcon_ring(c, vcon_txq(1));
	struct target_port_state state;
	struct buf got = BUF_INIT;
	struct ring_used used;
	unsigned stalls = 0;

	for (bool back = false; got.len < HELD;) {
		CHECK(t, sip(c, &got), "after %zu bytes of %u no more come", got.len, HELD);
		CHECK(t, target_settle(c->t), "the device does not come to rest");
		CHECK(t, target_port_state(c->t, 1, &state), "nothing is told of port 1");
		if (ring_take(r, &used)) {
			CHECK(t, !back, "the chain comes back a second time");
			CHECK(t, used.len == 0, "used length %u", used.len);
			back = true;
		}
		CHECK(t, state.throttled == !back, "%zu bytes out, the chain is %s, throttled: %d",
		      got.len, back ? "back" : "held", state.throttled);
		stalls += !back;
	}
	CHECK(t, memcmp(got.data, data, HELD) == 0, "other bytes arrive than were sent");
	CHECK(t, stalls >= 3, "the host stalled %u times, which is not often enough", stalls);
	wire_host_quiet(t, 1);
	buf_release(&got);
	free(data);
}
