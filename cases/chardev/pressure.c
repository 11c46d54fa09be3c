// SPDX-License-Identifier: GPL-2.0-or-later
/* pressure.c - peers of a socket chardev that do not read, send too much, or come and go */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/peer.h"

#define MS	   10000
#define SEED	   91
#define GROWTH_KIB 1024 /* of QEMU's own memory: nothing that grows with what is sent */

#define PEER(name, ...)                                                                            \
	CASE(name, .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = peer_axes, .plan = peer_plan, \
	     __VA_ARGS__)

/* More than a small client's socket and QEMU's hold together. */
static size_t plenty(const struct bare *b)
{
	return front_kind_is_virtio(b->front->kind) ? 8u << 20 : 40000;
}

static char *fill(size_t len)
{
	struct payload p;
	char *data = xmalloc(len);

	payload_init(&p, SEED, len);
	payload_fill(&p, 0, data, len);
	payload_release(&p);
	return data;
}

/**
 * struct holding - What the device has taken while nobody read, being read now
 * @at:		how much of it has come
 */
struct holding {
	struct bare *b;
	struct stream *s;
	const char *data;
	size_t at, len;
	bool wrong;
};

static bool all_read(void *arg)
{
	struct holding *h = arg;
	char room[65536];
	ssize_t n;

	while (h->at < h->len && (n = stream_read(h->s, room, sizeof(room))) > 0) {
		h->wrong |= h->at + (size_t)n > h->len || memcmp(room, h->data + h->at, (size_t)n);
		h->at += (size_t)n;
	}
	return h->wrong || h->at >= h->len;
}

PEER(never_reads, .id = "socket.never-reads",
     .title =
	     "a client that does not read stalls the device and not QEMU, which does not grow; then all comes",
     .clause = "qemu/chardev/char-socket.c tcp_chr_add_watch()")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_ready(b, peer_small(b, 0));
	size_t len = plenty(b), taken;
	char *data = fill(len);
	struct holding h = {.b = b, .s = s, .data = data};
	unsigned long before = bare_memory(b);

	taken = bare_push(b, b->front, data, len);
	trial_note(t, "the device takes %zu of %zu bytes, and holds %zu", taken, len,
		   front_pending(b->front));
	CHECK(t, taken > 0 && taken < len, "the device takes %zu of %zu bytes", taken, len);
	CHECK(t, bare_memory(b) <= before + GROWTH_KIB, "QEMU has grown from %lu to %lu KiB",
	      before, bare_memory(b));
	bare_qmp(b, "query-status", NULL);
	h.len = taken;
	CHECK(t, target_until(b->target, all_read, &h, MS) && !h.wrong,
	      "%zu of %zu bytes that the device took come to the host%s", h.at, taken,
	      h.wrong ? ", some of them wrong" : "");
	bare_host_silent(b, s);
	peer_works(b, s, "on it goes");
	free(data);
}

PEER(device_stalls, .id = "socket.device-does-not-read",
     .title =
	     "a device that does not read stalls the client and not QEMU, which does not grow; then all comes",
     .clause = "qemu/chardev/char-socket.c tcp_chr_read_poll()")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_ready(b, peer_small(b, 0));
	size_t len = 8u << 20, sent = 0, uart = 600;
	char *data = fill(len);
	unsigned long before = bare_memory(b);
	bool virtio = front_kind_is_virtio(b->front->kind);

	for (int calm = 0; calm < 3;) {
		ssize_t n = stream_write(s, data + sent, (virtio ? len : uart) - sent);

		CHECK(t, n >= 0, "the client's connection has ended");
		sent += (size_t)n;
		calm = n ? 0 : calm + 1;
		bare_settle(b);
	}
	trial_note(t, "the client can send %zu bytes", sent);
	CHECK(t, sent < len, "all of %zu bytes are taken, and nobody reads", len);
	CHECK(t, bare_memory(b) <= before + GROWTH_KIB, "QEMU has grown from %lu to %lu KiB",
	      before, bare_memory(b));
	bare_expect(b, b->front, data, sent);
	bare_silent(b, b->front);
	peer_works(b, s, "on it goes");
	free(data);
}

PEER(flood, .id = "socket.flood", .title = "floods both ways at once pass whole, in order and once",
     .clause = "qemu/chardev/char-socket.c")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);
	bool virtio = front_kind_is_virtio(b->front->kind);

	bare_exchange(b, b->front, s, virtio ? 1u << 20 : 6000, virtio ? 1u << 20 : 1500);
}

PEER(storm, .id = "socket.storm",
     .title = "two hundred clients that come and go leave neither descriptors nor memory behind",
     .clause = "qemu/chardev/char-socket.c tcp_chr_free_connection()")
{
	struct bare *b = peer_start(t);
	unsigned long memory = 0;
	unsigned before = 0;
	struct stream *s;

	for (unsigned i = 0; i < 200; i++) {
		struct chr *c = peer_connect(b, 0);

		if (i % 2) /* every other one says something */
			CHECK(t, chr_write_all(c, "x", 1, deadline_in(MS)) == 1, "it cannot send");
		chr_close(c);
		if (i == 20) { /* what is set up once is there by now */
			bare_settle(b);
			memory = bare_memory(b);
			before = bare_descriptors(b);
		}
		front_recv(b->front, (char[64]){0}, 64);
		front_host_open(b->front);
	}
	bare_settle(b);
	CHECK(t, bare_descriptors(b) <= before, "QEMU has %u descriptors open, after 20 clients %u",
	      bare_descriptors(b), before);
	CHECK(t, bare_memory(b) <= memory + 1024, "QEMU has %lu KiB, after 20 clients %lu",
	      bare_memory(b), memory);
	while (front_recv(b->front, (char[64]){0}, 64))
		bare_settle(b);
	s = peer_open(b, 1);
	peer_works(b, s, "last");
}
