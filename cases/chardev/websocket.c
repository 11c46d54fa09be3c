// SPDX-License-Identifier: GPL-2.0-or-later
/* websocket.c - websocket=on: requests good and bad, frames in pieces, and wrong ones */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"
#include "cases/chardev/peer.h"
#include "harness/base/io.h"

#define MS 10000
/* What a 16550A takes at once: more is websocket.slow-device's. */
#define UART_WINDOW 14
#define RFC	    "RFC 6455, "
#define GOOD	    "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define V13	    "Sec-WebSocket-Version: 13\r\n"
#define GET	    "GET / HTTP/1.1\r\n"

#define WS_CASE(name, ...)                                                                         \
	CASE(name, .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = peer_axes, .plan = peer_plan, \
	     __VA_ARGS__)

static struct websocket *open_ws(struct bare *b, unsigned nr)
{
	return (struct websocket *)peer_open(b, nr);
}

static void send_frames(struct bare *b, struct websocket *w, const struct buf *frames)
{
	CHECK(b->t, ws_send(w, frames->data, frames->len, deadline_in(MS)), "it cannot be sent");
}

WS_CASE(works, .id = "websocket.works",
	.title = "bytes pass in binary frames, for one client after the other",
	.clause = RFC "4.2.2, 5.6")
{
	struct bare *b = peer_start(t);
	bool virtio = front_kind_is_virtio(b->front->kind);

	for (unsigned i = 0; i < 2; i++) {
		struct websocket *w = open_ws(b, i);

		CHECK(t, strstr(w->answer.data, "\r\nSec-WebSocket-Protocol: binary\r\n"),
		      "the answer has no protocol: %s", w->answer.data);
		peer_works(b, &w->stream, "hello");
		bare_exchange(b, b->front, &w->stream, virtio ? 40000 : 1000,
			      virtio ? 4000 : UART_WINDOW);
		CHECK(t, w->frame_max <= 8192, "a frame has %llu bytes",
		      (unsigned long long)w->frame_max);
		peer_leave(b, &w->stream);
	}
}

/* ---- requests */

/** struct request - A request that is wrong, and the status that it gets */
static const struct request {
	const char *what, *text, *status;
} requests[] = {
	{"another method", "POST / HTTP/1.1\r\n" GOOD KEY V13 "\r\n", "HTTP/1.1 400 "},
	{"another path", "GET /x HTTP/1.1\r\n" GOOD KEY V13 "\r\n", "HTTP/1.1 404 "},
	{"HTTP/1.0", "GET / HTTP/1.0\r\n" GOOD KEY V13 "\r\n", "HTTP/1.1 400 "},
	{"no key", GET GOOD V13 "\r\n", "HTTP/1.1 400 "},
	{"a short key", GET GOOD V13 "Sec-WebSocket-Key: AAAA\r\n\r\n", "HTTP/1.1 400 "},
	{"no version", GET GOOD KEY "\r\n", "HTTP/1.1 400 "},
	{"version 8", GET GOOD KEY "Sec-WebSocket-Version: 8\r\n\r\n", "HTTP/1.1 400 "},
	{"no upgrade", GET "Host: h\r\nConnection: Upgrade\r\n" KEY V13 "\r\n", "HTTP/1.1 400 "},
	{"no connection", GET "Host: h\r\nUpgrade: websocket\r\n" KEY V13 "\r\n", "HTTP/1.1 400 "},
	{"another protocol", GET GOOD KEY V13 "Sec-WebSocket-Protocol: chat\r\n\r\n",
	 "HTTP/1.1 400 "},
	{"no colon", GET GOOD "nonsense\r\n\r\n", "HTTP/1.1 400 "},
};

/* Its answer, to the end of the connection. */
static void refuse(struct bare *b, unsigned nr, const struct request *r)
{
	struct stream s = stream_plain(peer_connect(b, nr));
	struct buf answer = BUF_INIT;
	char room[1024];
	ssize_t n;

	bare_host_send(b, &s, r->text, strlen(r->text));
	while ((n = chr_read(s.chr, room, sizeof(room), deadline_in(MS))) > 0)
		buf_add(&answer, room, (size_t)n);
	CHECK(b->t, n == CHR_EOF, "%s: QEMU does not close the connection", r->what);
	CHECK(b->t, strncmp(answer.data, r->status, strlen(r->status)) == 0,
	      "%s: QEMU answers \"%s\", want %s", r->what, answer.data, r->status);
	CHECK(b->t, !front_kind_is_virtio(b->front->kind) || !front_host_open(b->front),
	      "%s: the device sees its host end open", r->what);
	chr_close(s.chr);
	buf_release(&answer);
}

WS_CASE(requests_wrong, .id = "websocket.bad-requests",
	.title = "a request that is none is answered so, and the next client is served",
	.clause = RFC "4.2.1, 4.4")
{
	struct bare *b = peer_start(t);
	size_t n = sizeof(requests) / sizeof(*requests);

	for (size_t i = 0; i < n; i++)
		refuse(b, (unsigned)i, &requests[i]);
	peer_works(b, &open_ws(b, (unsigned)n)->stream, "next");
}

WS_CASE(no_protocol, .id = "websocket.no-protocol",
	.title =
		"a client that offers no protocol is told none, and served; a request may come in pieces",
	.clause = RFC "4.2.2: only what the client has offered")
{
	struct bare *b = peer_start(t);
	struct stream plain = stream_plain(peer_connect(b, 0));
	struct buf request = BUF_INIT;
	struct websocket w;
	int result;

	ws_init(&w, &plain);
	ws_request(&request, NULL);
	for (size_t i = 0; i < request.len; i++) {
		bare_host_send(b, &plain, request.data + i, 1);
		if (i % 16 == 0)
			bare_settle(b);
	}
	while ((result = ws_answered(&w)) == 0)
		CHECK(t, io_wait(chr_poll_in(plain.chr), POLLIN, deadline_in(MS)),
		      "QEMU does not answer");
	CHECK(t, result > 0, "%s", w.stream.why.data);
	CHECK(t, !strstr(w.answer.data, "Sec-WebSocket-Protocol"), "QEMU answers %s",
	      w.answer.data);
	peer_opened(b);
	peer_works(b, &w.stream, "hello");
	buf_release(&request);
	ws_release(&w);
}

WS_CASE(leaves, .id = "websocket.leaves-early",
	.title =
		"who leaves in the middle of the request, or says nothing, does not keep the next one out",
	.clause = "qemu/chardev/char-socket.c tcp_chr_websock_handshake()")
{
	static const char *const parts[] = {"", "G", GET, GET GOOD KEY};
	struct bare *b = peer_start(t);
	unsigned n = sizeof(parts) / sizeof(*parts);

	for (unsigned i = 0; i < n; i++) {
		struct stream s = stream_plain(peer_connect(b, i));

		bare_host_send(b, &s, parts[i], strlen(parts[i]));
		bare_settle(b);
		chr_close(s.chr);
	}
	peer_works(b, &open_ws(b, n)->stream, "next");
}

/* ---- frames */

WS_CASE(cut, .id = "websocket.cut", .title = "a frame arrives whole wherever the network cuts it",
	.clause = RFC "5.2")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	char data[130];
	int both = front_kind_is_virtio(b->front->kind);

	memset(data, 'd', sizeof(data));
	/* Short: 2 bytes of header, then the mask; long: 4. */
	for (int longer = 0; longer <= both; longer++) {
		size_t len = longer ? sizeof(data) : 9, last = longer ? 12 : 14;

		for (size_t cut = 1; cut <= last; cut++) {
			struct buf frame = BUF_INIT;

			ws_frame(w, &frame, WS_FIN | WS_BINARY, data, len);
			bare_host_send(b, w->below, frame.data, cut);
			bare_settle(b);
			bare_host_send(b, w->below, frame.data + cut, frame.len - cut);
			bare_expect(b, b->front, data, len);
			buf_release(&frame);
		}
	}
}

WS_CASE(fragments, .id = "websocket.fragments",
	.title = "a message in fragments, and several frames in one segment, are one stream",
	.clause = RFC "5.4")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	struct buf frames = BUF_INIT;

	ws_frame(w, &frames, WS_BINARY, "one ", 4);
	ws_frame(w, &frames, WS_CONTINUATION, "two ", 4);
	ws_frame(w, &frames, WS_FIN | WS_CONTINUATION, "3 ", 2);
	ws_frame(w, &frames, WS_FIN | WS_BINARY, "", 0);
	ws_frame(w, &frames, WS_FIN | WS_BINARY, "four", 4);
	send_frames(b, w, &frames);
	bare_expect(b, b->front, "one two 3 four", 14);
	buf_release(&frames);
}

WS_CASE(slow_device, .id = "websocket.slow-device",
	.title = "a frame that is longer than what the device takes at once comes whole",
	.clause = RFC "5.2")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	size_t len = front_kind_is_virtio(b->front->kind) ? 20000 : 200;
	struct buf frame = BUF_INIT, data = BUF_INIT;

	host_payload(&data, 19, len);
	ws_frame(w, &frame, WS_FIN | WS_BINARY, data.data, len);
	send_frames(b, w, &frame);
	bare_has(b, b->front, data.data, len);
	buf_release(&data);
	buf_release(&frame);
}

static bool ponged(void *arg)
{
	struct websocket *w = arg;

	return !ws_look(w) || w->n_pongs;
}

static void check_pong(struct bare *b, struct websocket *w, const char *want)
{
	CHECK(b->t, target_until(b->target, ponged, w, MS) && w->n_pongs == 1,
	      "QEMU does not answer a ping: %s", w->stream.why.data);
	CHECK(b->t, w->pong.len == strlen(want) && memcmp(w->pong.data, want, w->pong.len) == 0,
	      "the pong has %zu bytes, want \"%s\"", w->pong.len, want);
}

WS_CASE(ping, .id = "websocket.ping", .title = "a ping is answered by a pong of the same bytes",
	.clause = RFC "5.5.2, 5.5.3")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	struct buf frames = BUF_INIT;

	ws_frame(w, &frames, WS_FIN | WS_PING, "are you there?", 14);
	send_frames(b, w, &frames);
	check_pong(b, w, "are you there?");
	buf_clear(&frames);
	ws_frame(w, &frames, WS_FIN | WS_PONG, "unasked", 7);
	ws_frame(w, &frames, WS_FIN | WS_BINARY, "data", 4);
	send_frames(b, w, &frames);
	bare_expect(b, b->front, "data", 4);
	buf_release(&frames);
}

WS_CASE(ping_data, .id = "websocket.ping-and-data",
	.title = "a ping with data right behind it is answered by its own bytes alone",
	.clause = RFC "5.5.3: identical application data")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	struct buf frames = BUF_INIT;

	ws_frame(w, &frames, WS_FIN | WS_PING, "ping", 4);
	ws_frame(w, &frames, WS_FIN | WS_BINARY, "data", 4);
	send_frames(b, w, &frames);
	bare_expect(b, b->front, "data", 4);
	check_pong(b, w, "ping");
	buf_release(&frames);
}

/* ---- the end */

static bool closed(void *arg)
{
	struct websocket *w = arg;

	return !ws_look(w);
}

/* QEMU sends a close frame with this code, and closes. */
static void check_close(struct bare *b, struct websocket *w, const char *what, unsigned code)
{
	CHECK(b->t, target_until(b->target, closed, w, MS), "%s: QEMU does not close", what);
	CHECK(b->t, w->close_code == code, "%s: QEMU closes with code %u (%s), want %u", what,
	      w->close_code, w->close_text.data, code);
	bare_silent(b, b->front);
	peer_leave(b, &w->stream);
}

WS_CASE(frames_wrong, .id = "websocket.bad-frames",
	.title =
		"a frame that must not be ends the connection with the right code, and the next is served",
	.clause = RFC "5.1, 5.5, 7.4.1")
{
	static const struct {
		const char *what;
		unsigned first, code;
		bool bare;
		size_t len;
	} rows[] = {
		{"text", WS_FIN | WS_TEXT, 1003, false, 4},
		{"not masked", WS_FIN | WS_BINARY, 1002, true, 4},
		{"text in fragments", WS_TEXT, 1008, false, 4},
		{"a ping that is too long", WS_FIN | WS_PING, 1002, false, 126},
	};
	static const char data[126] = "data";
	struct bare *b = peer_start(t);
	unsigned n = sizeof(rows) / sizeof(*rows);

	for (unsigned i = 0; i < n; i++) {
		struct websocket *w = open_ws(b, i);
		struct buf frame = BUF_INIT;

		ws_frame(w, &frame, rows[i].first, data, rows[i].len);
		if (rows[i].bare)
			frame.data[1] &= 0x7f;
		send_frames(b, w, &frame);
		check_close(b, w, rows[i].what, rows[i].code);
		buf_release(&frame);
	}
	peer_works(b, &open_ws(b, n)->stream, "next");
}

WS_CASE(closing, .id = "websocket.close",
	.title =
		"a close frame is answered by one with the same code, and the next client is served",
	.clause = RFC "5.5.1, 7.1.2")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	struct buf frames = BUF_INIT;

	ws_frame(w, &frames, WS_FIN | WS_BINARY, "bye", 3);
	send_frames(b, w, &frames);
	bare_expect(b, b->front, "bye", 3);
	buf_clear(&frames);
	ws_frame(w, &frames, WS_FIN | WS_CLOSE, "\x03\xe8", 2);
	send_frames(b, w, &frames);
	check_close(b, w, "a close frame", 1000);
	peer_works(b, &open_ws(b, 1)->stream, "next");
	buf_release(&frames);
}

WS_CASE(leaves_in_frame, .id = "websocket.leaves-in-a-frame",
	.title =
		"a client that leaves in the middle of a frame is gone, and the next one is served",
	.clause = RFC "7.1.7: a connection that is lost has failed")
{
	struct bare *b = peer_start(t);
	struct websocket *w = open_ws(b, 0);
	char *filename;

	bare_host_send(b, w->below, "\x82\x85m", 3);
	bare_settle(b);
	chr_close(w->below->chr);
	bare_settle(b);
	filename = bare_filename(b, "c0");
	CHECK(t, strncmp(filename, "disconnected:", 13) == 0,
	      "after the client has left query-chardev says %s", filename);
	free(filename);
	peer_works(b, &open_ws(b, 1)->stream, "next");
}
