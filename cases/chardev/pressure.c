// SPDX-License-Identifier: GPL-2.0-or-later
/* pressure.c - peers of a socket chardev that do not read, send too much, or come and go */
#include <string.h>

#include "cases/chardev/host.h"
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

/**
 * struct holding - What the device has taken while nobody read, being read now
 * @at:		how much of it has come
 */
struct holding {
	struct bare *b;
	struct stream *s;
	const struct buf *data;
	size_t at, len;
	bool wrong;
};

static bool all_read(void *arg)
{
	struct holding *h = arg;
	char room[65536];
	ssize_t n;

	while (h->at < h->len && (n = stream_read(h->s, room, sizeof(room))) > 0) {
		h->wrong |= h->at + (size_t)n > h->len ||
			    memcmp(room, h->data->data + h->at, (size_t)n);
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
	struct buf data = BUF_INIT;
	struct holding h = {.b = b, .s = s, .data = &data};
	unsigned long before = bare_memory(b);

	host_payload(&data, SEED, len);
	taken = bare_push(b, b->front, data.data, len);
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
	buf_release(&data);
}

PEER(device_stalls, .id = "socket.device-does-not-read",
     .title =
	     "a device that does not read stalls the client and not QEMU, which does not grow; then all comes",
     .clause = "qemu/chardev/char-socket.c tcp_chr_read_poll()")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_ready(b, peer_small(b, 0));
	size_t len = 8u << 20, sent = 0, uart = 600;
	struct buf data = BUF_INIT;
	unsigned long before = bare_memory(b);
	bool virtio = front_kind_is_virtio(b->front->kind);

	host_payload(&data, SEED, len);
	for (int calm = 0; calm < 3;) {
		ssize_t n = stream_write(s, data.data + sent, (virtio ? len : uart) - sent);

		CHECK(t, n >= 0, "the client's connection has ended");
		sent += (size_t)n;
		calm = n ? 0 : calm + 1;
		bare_settle(b);
	}
	trial_note(t, "the client can send %zu bytes", sent);
	CHECK(t, sent < len, "all of %zu bytes are taken, and nobody reads", len);
	CHECK(t, bare_memory(b) <= before + GROWTH_KIB, "QEMU has grown from %lu to %lu KiB",
	      before, bare_memory(b));
	bare_expect(b, b->front, data.data, sent);
	bare_silent(b, b->front);
	peer_works(b, s, "on it goes");
	buf_release(&data);
}

PEER(flood, .id = "socket.flood", .title = "floods both ways at once pass whole, in order and once",
     .clause = "qemu/chardev/char-socket.c")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);
	bool virtio = front_kind_is_virtio(b->front->kind);

	bare_exchange(b, b->front, s, virtio ? 1u << 20 : 6000, virtio ? 1u << 20 : 1500);
}

#define FIRST_CLIENTS 20 /* what is set up once is there by then */
#define MORE_CLIENTS  180

/**
 * struct crowd - Clients that come and go, and what is heard of them
 * @clients:	so many have connected, @spoke of them say something each: 'a', 'b', .. round
 * @heard:	what the device got
 */
struct crowd {
	struct bare *b;
	unsigned clients, spoke;
	struct buf heard;
};

static void hear(struct crowd *x)
{
	char room[64];
	size_t n;

	while ((n = front_recv(x->b->front, room, sizeof(room))) > 0)
		buf_add(&x->heard, room, n);
	front_host_open(x->b->front);
}

static void storm(struct crowd *x, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct chr *c = peer_connect(x->b, 0);

		x->clients++;
		if (i % 2) { /* every other one */
			char word = (char)('a' + x->spoke++ % 26);

			CHECK(x->b->t, chr_write_all(c, &word, 1, deadline_in(MS)) == 1,
			      "it cannot send");
		}
		chr_close(c);
		hear(x);
	}
}

static bool last_heard(void *arg)
{
	struct crowd *x = arg;

	hear(x);
	return x->heard.len && x->heard.data[x->heard.len - 1] == '!';
}

/* Each word of a client that needs no handshake, once and in order; of the others none. */
static void judge_words(const struct crowd *x)
{
	unsigned want = peer_is_plain(x->b) ? x->spoke : 0;
	size_t right = 0;

	while (right < want && right + 1 < x->heard.len &&
	       x->heard.data[right] == (char)('a' + right % 26))
		right++;
	CHECK(x->b->t, right == want && x->heard.len == want + 1,
	      "of %u clients' words %zu come as they were said, then \"%s\"", want, right,
	      x->heard.data + right);
}

/* One that is served, so that those before it are done with, and leaves. */
static void last_one(struct crowd *x, unsigned nr)
{
	struct bare *b = x->b;
	struct stream *s = peer_open(b, nr);

	x->clients++;
	bare_host_send(b, s, "!", 1);
	CHECK(b->t, target_until(b->target, last_heard, x, MS), "the last client is not heard");
	peer_works(b, s, "last");
	peer_leave(b, s);
}

/* A port is told of each that has shaken hands, when it comes and when it goes. */
static void judge_openings(const struct crowd *x, unsigned lasts)
{
	unsigned want = 2 * (peer_is_plain(x->b) ? x->clients : lasts);

	if (front_kind_is_virtio(x->b->front->kind))
		CHECK(x->b->t, x->b->bus.host_changes[1] == want,
		      "the port is told %u times that its host comes or goes, want %u",
		      x->b->bus.host_changes[1], want);
}

PEER(storms, .id = "socket.storm",
     .title = "two hundred clients come and go, each is served and what it says comes once and in "
	      "order; neither descriptors nor memory are left behind",
     .clause = "qemu/chardev/char-socket.c tcp_chr_free_connection()")
{
	struct bare *b = peer_start(t);
	struct crowd x = {.b = b, .heard = BUF_INIT};
	unsigned long memory;
	unsigned descriptors;

	storm(&x, FIRST_CLIENTS);
	last_one(&x, 1);
	judge_words(&x);
	memory = bare_memory(b);
	descriptors = bare_descriptors(b);
	buf_clear(&x.heard);
	x.spoke = 0;
	storm(&x, MORE_CLIENTS);
	last_one(&x, 2);
	judge_words(&x);
	judge_openings(&x, 2);
	CHECK(t, bare_descriptors(b) == descriptors,
	      "QEMU has %u descriptors open, after %d clients %u", bare_descriptors(b),
	      FIRST_CLIENTS, descriptors);
	CHECK(t, bare_memory(b) <= memory + GROWTH_KIB, "QEMU has %lu KiB, after %d clients %lu",
	      bare_memory(b), FIRST_CLIENTS, memory);
	buf_release(&x.heard);
}
