// SPDX-License-Identifier: GPL-2.0-or-later
/* behaviour.c - peers of a socket chardev that come late, twice, leave, or do not read */
#include <string.h>

#include "cases/chardev/host.h"
#include "cases/chardev/peer.h"

#define LOST "said to nobody"
#define MS   10000
#define SEED 77
/* What a 16550A takes without being read: up to its trigger level. */
#define UART_WINDOW 14
/* More than is on its way at a time. */
#define MUCH	  20000
#define MUCH_UART 200

#define PEER(name, ...)                                                                            \
	CASE(name, .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = peer_axes, .plan = peer_plan, \
	     __VA_ARGS__)

PEER(comes_late, .id = "socket.comes-late",
     .title =
	     "what a device sends to nobody is dropped, and a client that comes later gets the rest",
     .clause = "qemu/chardev/char-socket.c tcp_chr_write()")
{
	struct bare *b = peer_start(t);
	struct stream *s;

	bare_send(b, b->front, LOST, strlen(LOST));
	s = peer_open(b, 0);
	peer_works(b, s, "first");
	peer_leave(b, s);
	bare_send(b, b->front, LOST, strlen(LOST));
	s = peer_open(b, 1);
	peer_works(b, s, "second");
	bare_host_silent(b, s);
}

/* Who hears nothing cannot tell that the next client is served, and what it says before that is
 * lost: it says so much that some of it is heard. */
struct calling {
	struct bare *b;
	struct stream *s;
};

static bool is_heard(void *arg)
{
	struct calling *x = arg;
	char dot;

	bare_send(x->b, x->b->front, ".", 1);
	return stream_read(x->s, &dot, 1) > 0;
}

static void call(struct bare *b, struct stream *s)
{
	struct calling x = {.b = b, .s = s};
	char room[64];

	CHECK(b->t, target_until(b->target, is_heard, &x, MS),
	      "the second client hears nothing after the first has left");
	bare_settle(b);
	while (stream_read(s, room, sizeof(room)) > 0)
		;
}

PEER(second_waits, .id = "socket.second-waits",
     .title = "a second client waits until the first has left, and what it sent meanwhile arrives",
     .clause = "qemu/qemu-options.hx -serial: only one TCP connection at a time is accepted")
{
	struct bare *b = peer_start(t);
	struct stream *first = peer_open(b, 0), *second;
	struct chr *c = peer_connect(b, 1);
	bool early = peer_hears(b) && peer_is_plain(b);

	if (early)
		CHECK(t, chr_write_all(c, "early", 5, deadline_in(MS)) == 5,
		      "the second client cannot send");
	peer_works(b, first, "first");
	if (peer_hears(b))
		bare_silent(b, b->front);
	chr_close(first->chr);
	second = peer_ready(b, c);
	if (early)
		bare_expect(b, b->front, "early", 5);
	else if (!peer_hears(b))
		call(b, second);
	peer_works(b, second, "second");
}

PEER(half_close, .id = "socket.half-close",
     .title = "a client that closes its half has all that it sent delivered, and QEMU closes too",
     .clause = "qemu/chardev/char-socket.c tcp_chr_read(): an end of file is the end")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);

	peer_works(b, s, "before");
	if (peer_hears(b))
		bare_host_send(b, s, "last words", 10);
	CHECK(t, chr_shutdown(s->chr), "our end cannot be half closed");
	if (peer_hears(b))
		bare_expect(b, b->front, "last words", 10);
	bare_host_eof(b, s);
	chr_close(s->chr);
	peer_works(b, peer_open(b, 1), "next");
}

/* A client that sends @len bytes and leaves at once: QEMU, which stands meanwhile, sees the bytes
 * and the hangup together, and the driver gives no more room before QEMU has come to rest. So what
 * QEMU does then is no race. */
static void send_and_leave(struct bare *b, unsigned nr, size_t len)
{
	struct stream *s = peer_open(b, nr);
	struct buf data = BUF_INIT;

	host_payload(&data, SEED + nr, len);
	proc_stop(&b->rig->vm.proc);
	bare_host_send(b, s, data.data, len);
	chr_close(s->chr);
	proc_continue(&b->rig->vm.proc);
	bare_settle(b);
	bare_has(b, b->front, data.data, len);
	bare_host_opened(b, b->front, false);
	buf_release(&data);
}

PEER(leaves_at_once, .id = "socket.leaves-at-once",
     .title = "what a client sent before it left at once is delivered, as much as the device takes",
     .clause =
	     "qemu/chardev/char-socket.c update_ioc_handlers(): all incoming data before the hangup")
{
	struct bare *b = peer_start(t);
	bool virtio = front_kind_is_virtio(b->front->kind);

	send_and_leave(b, 0, 1);
	send_and_leave(b, 1, virtio ? 4096 : UART_WINDOW);
	send_and_leave(b, 2, virtio ? FRONT_SLOTS * FRONT_BUFFER : UART_WINDOW);
	peer_works(b, peer_open(b, 3), "next");
}

PEER(leaves_more, .id = "socket.leaves-at-once-more",
     .title = "what a client sent before it left is delivered, though the device takes it slowly",
     .clause =
	     "qemu/chardev/char-socket.c update_ioc_handlers(): all incoming data before the hangup")
{
	struct bare *b = peer_start(t);

	send_and_leave(b, 0, front_kind_is_virtio(b->front->kind) ? 60000 : 200);
}

/**
 * struct beginning - What has come so far
 * @len:	so much of it is enough
 */
struct beginning {
	struct stream *s;
	struct buf *got;
	size_t len;
};

static bool has_begun(void *arg)
{
	struct beginning *x = arg;
	char room[4096];
	ssize_t n;

	while ((n = stream_read(x->s, room, sizeof(room))) > 0)
		buf_add(x->got, room, (size_t)n);
	return x->got->len >= x->len;
}

/* The beginning of what the device sends, no matter how much of it has come. */
static void begins(struct bare *b, struct stream *s, const struct buf *want, size_t len)
{
	struct buf got = BUF_INIT;
	struct beginning x = {.s = s, .got = &got, .len = len};

	CHECK(b->t, target_until(b->target, has_begun, &x, MS), "%zu bytes come to the client",
	      got.len);
	CHECK(b->t, got.len <= want->len && memcmp(got.data, want->data, got.len) == 0,
	      "of the %zu bytes that come to the client not all are those that were sent", got.len);
	buf_release(&got);
}

/* A client that reads a part of what the device sends, and leaves while it goes on. */
static void leave_in_the_middle(struct bare *b, unsigned nr)
{
	bool virtio = front_kind_is_virtio(b->front->kind);
	size_t len = virtio ? MUCH : MUCH_UART, at;
	struct stream *s = peer_open(b, nr);
	struct buf much = BUF_INIT;

	host_payload(&much, SEED + nr, len);
	bare_host_silent(b, s); /* what was for the one before it */
	at = front_send(b->front, much.data, len / 4);
	CHECK(b->t, at > 0, "the device takes nothing");
	begins(b, s, &much, 1);
	at += front_send(b->front, much.data + at, len / 4);
	chr_close(s->chr);
	/* A write that fails first is wire.host-after-stall's. */
	if (virtio)
		bare_host_opened(b, b->front, false);
	CHECK(b->t, bare_push(b, b->front, much.data + at, len - at) == len - at,
	      "the device stalls without a host");
	bare_await_filename(b, "c0", "disconnected", false);
	buf_release(&much);
}

PEER(leaves_middle, .id = "socket.leaves-in-the-middle",
     .title =
	     "a client that leaves while the device sends holds up neither it nor the next client, "
	     "who gets nothing that was the other's; QEMU keeps no descriptor of it",
     .clause = "qemu/chardev/char-socket.c tcp_chr_disconnect()")
{
	struct bare *b = peer_start(t);
	unsigned descriptors = 0;
	struct stream *s;

	for (unsigned i = 0; i < 4; i++) {
		leave_in_the_middle(b, i);
		if (i == 0)
			descriptors = bare_descriptors(b);
	}
	CHECK(t, bare_descriptors(b) == descriptors,
	      "QEMU has %u descriptors open after four clients, %u after one", bare_descriptors(b),
	      descriptors);
	s = peer_open(b, 4);
	bare_host_silent(b, s);
	/* Pushed: what was on its way when a client left the device never gives back (the known
	 * deviation held-lost, harness/refdev/quirks.h). */
	CHECK(t, bare_push(b, b->front, "next", 4) == 4, "the device stalls");
	bare_host_expect(b, s, "next", 4);
	if (peer_hears(b)) {
		bare_host_send(b, s, "next", 4);
		bare_expect(b, b->front, "next", 4);
	}
	bare_host_silent(b, s);
}

PEER(last_words, .id = "socket.last-words",
     .title = "what a client sent before it left arrives, though the device sends in the meantime",
     .clause =
	     "qemu/chardev/char-socket.c tcp_chr_write(): let the read handler finish it properly")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);
	char words[200];

	memset(words, 'w', sizeof(words));
	bare_host_send(b, s, words, sizeof(words));
	bare_settle(b); /* the device has as much as it takes */
	chr_close(s->chr);
	bare_send(b, b->front, LOST, strlen(LOST));
	bare_send(b, b->front, LOST, strlen(LOST));
	bare_has(b, b->front, words, sizeof(words));
}

PEER(byte_by_byte, .id = "socket.byte-by-byte",
     .title = "bytes that a client sends one at a time arrive, each once and in order",
     .clause = "qemu/chardev/char-socket.c tcp_chr_read()")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);
	unsigned char all[256];

	for (size_t i = 0; i < sizeof(all); i++) {
		all[i] = (unsigned char)i;
		bare_host_send(b, s, &all[i], 1);
		if (i % 8 == 0) /* in between some go their way alone */
			bare_settle(b);
	}
	bare_expect(b, b->front, all, sizeof(all));
}
