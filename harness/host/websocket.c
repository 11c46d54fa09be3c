// SPDX-License-Identifier: GPL-2.0-or-later
/* websocket.c - a client of the WebSocket protocol (RFC 6455) */
#include "harness/host/websocket.h"

#include <string.h>

#include "harness/base/io.h"

/* RFC 6455 1.3: this key has this answer. */
#define KEY	    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT	    "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define SWITCHES    "HTTP/1.1 101 "
#define END	    "\r\n\r\n"
#define HEADERS_MAX 4096
#define CHUNK	    4096
#define LOOK_MS	    2
#define FRAME_LIMIT (1u << 20) /* no server of ours sends longer ones */

static ssize_t end(struct websocket *w, const char *why)
{
	if (!w->stream.why.len)
		buf_addf(&w->stream.why, "websocket: %s", why);
	return CHR_EOF;
}

/* Send what did not fit. False: the other end has gone. */
static bool flush(struct websocket *w)
{
	ssize_t n;

	while (w->out.len && (n = stream_write(w->below, w->out.data, w->out.len)) != 0) {
		if (n < 0)
			return false;
		buf_drop(&w->out, (size_t)n);
	}
	return true;
}

static ssize_t ws_read(struct stream *s, void *buf, size_t len)
{
	struct websocket *w = (struct websocket *)s;
	bool alive = flush(w) && ws_look(w);
	size_t n = w->data.len < len ? w->data.len : len;

	if (!n)
		return alive ? 0 : CHR_EOF;
	memcpy(buf, w->data.data, n);
	buf_drop(&w->data, n);
	return (ssize_t)n;
}

static ssize_t ws_write(struct stream *s, const void *buf, size_t len)
{
	struct websocket *w = (struct websocket *)s;

	if (!flush(w))
		return CHR_EOF;
	if (w->out.len || !len)
		return 0;
	len = len < WS_FRAME_MAX ? len : WS_FRAME_MAX;
	ws_frame(w, &w->out, WS_FIN | WS_BINARY, buf, len);
	return flush(w) ? (ssize_t)len : CHR_EOF;
}

void ws_init(struct websocket *w, struct stream *below)
{
	*w = (struct websocket){
		.stream = {.chr = below->chr, .read = ws_read, .write = ws_write, .why = BUF_INIT},
		.below = below,
		.in = BUF_INIT,
		.data = BUF_INIT,
		.out = BUF_INIT,
		.answer = BUF_INIT,
		.pong = BUF_INIT,
		.close_text = BUF_INIT,
		.mask = 0x37fa213d};
}

void ws_release(struct websocket *w)
{
	struct buf *all[] = {&w->in,   &w->data,       &w->out,	       &w->answer,
			     &w->pong, &w->close_text, &w->stream.why, NULL};

	for (size_t i = 0; all[i]; i++)
		buf_release(all[i]);
}

void ws_request(struct buf *b, const char *protocol)
{
	buf_addstr(b, "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
		      "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
		      "Sec-WebSocket-Version: 13\r\n");
	if (protocol)
		buf_addf(b, "Sec-WebSocket-Protocol: %s\r\n", protocol);
	buf_addstr(b, "\r\n");
}

/* What has come from below, into @in. False: its end. */
static bool take(struct websocket *w)
{
	char room[CHUNK];
	ssize_t n;

	while ((n = stream_read(w->below, room, sizeof(room))) > 0)
		buf_add(&w->in, room, (size_t)n);
	return n == 0;
}

int ws_answered(struct websocket *w)
{
	bool alive = take(w);
	const char *stop = strstr(w->in.data, END);

	if (!stop && w->in.len < HEADERS_MAX && alive)
		return 0;
	if (!stop) {
		end(w, alive ? "an answer without end" : "closed without an answer");
		return -1;
	}
	buf_add(&w->answer, w->in.data, (size_t)(stop - w->in.data) + strlen(END));
	buf_drop(&w->in, w->answer.len);
	if (strncmp(w->answer.data, SWITCHES, strlen(SWITCHES)) != 0) {
		end(w, "the server does not agree");
		return -1;
	}
	if (!strstr(w->answer.data, ACCEPT)) {
		end(w, "the server's key is wrong");
		return -1;
	}
	return 1;
}

bool ws_begin(struct websocket *w, struct deadline d)
{
	struct buf request = BUF_INIT;
	int result = -1;

	ws_request(&request, "binary");
	if (ws_send(w, request.data, request.len, d))
		while ((result = ws_answered(w)) == 0 && !deadline_passed(d))
			stream_wait(w->below, false, LOOK_MS);
	else
		end(w, "closed before the request");
	buf_release(&request);
	if (result == 0)
		end(w, "the server does not answer");
	return result > 0;
}

void ws_frame(struct websocket *w, struct buf *b, unsigned first, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	unsigned char head[14] = {(unsigned char)first}, *mask;
	size_t n = 2;

	if (len < 126) {
		head[1] = (unsigned char)len;
	} else if (len < 65536) {
		head[1] = 126;
		head[n++] = (unsigned char)(len >> 8);
		head[n++] = (unsigned char)len;
	} else {
		head[1] = 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			head[n++] = (unsigned char)((uint64_t)len >> shift);
	}
	head[1] |= 0x80;
	w->mask = w->mask * 1664525u + 1013904223u; /* another one each time */
	mask = &head[n];
	for (int i = 0; i < 4; i++)
		head[n++] = (unsigned char)(w->mask >> 8 * i);
	buf_add(b, head, n);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = bytes[i] ^ mask[i % 4];

		buf_add(b, &c, 1);
	}
}

bool ws_send(struct websocket *w, const void *frames, size_t len, struct deadline d)
{
	buf_add(&w->out, frames, len);
	while (flush(w)) {
		if (!w->out.len)
			return true;
		if (deadline_passed(d))
			return false;
		stream_wait(w->below, true, LOOK_MS);
	}
	return false;
}

static bool sort_frame(struct websocket *w, unsigned opcode, const char *data, size_t len)
{
	switch (opcode) {
	case WS_BINARY:
		buf_add(&w->data, data, len);
		w->frame_max = len > w->frame_max ? len : w->frame_max;
		return true;
	case WS_PONG:
		buf_clear(&w->pong);
		buf_add(&w->pong, data, len);
		w->n_pongs++;
		return true;
	case WS_CLOSE:
		w->close_code =
			len < 2 ? 1005 : (unsigned char)data[0] << 8 | (unsigned char)data[1];
		if (len > 2)
			buf_add(&w->close_text, data + 2, len - 2);
		return true;
	default:
		end(w, "a frame of another kind than binary, pong or close");
		return false;
	}
}

/* The next whole frame: 1; 0: none yet; -1: nonsense. */
static int one_frame(struct websocket *w)
{
	const unsigned char *head = (const unsigned char *)w->in.data;
	size_t n = 2, more = 0;
	uint64_t len;

	if (w->in.len < n)
		return 0;
	len = head[1] & 0x7f;
	if (head[1] & 0x80 || (head[0] & 0xf0) != WS_FIN) {
		end(w, "a frame that is masked, in pieces, or has reserved bits");
		return -1;
	}
	more = len == 126 ? 2 : len == 127 ? 8 : 0;
	if (w->in.len < n + more)
		return 0;
	len = more ? 0 : len;
	for (; more; more--)
		len = len << 8 | head[n++];
	if (len > FRAME_LIMIT) {
		end(w, "a frame that is too long");
		return -1;
	}
	if (w->in.len < n + len)
		return 0;
	if (!sort_frame(w, head[0] & 0x0f, w->in.data + n, (size_t)len))
		return -1;
	buf_drop(&w->in, n + (size_t)len);
	return 1;
}

bool ws_look(struct websocket *w)
{
	bool alive = take(w);
	int result;

	while ((result = one_frame(w)) > 0)
		;
	return alive && result == 0;
}
