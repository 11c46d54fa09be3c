/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * websocket.h - a client of the WebSocket protocol (RFC 6455) upon a stream
 *
 * Debian's libraries for it bring event loops of their own, which cannot cut a frame in two or send
 * a wrong one: so this is a small client of ours, for what a case wants to do.
 */
#ifndef HOST_WEBSOCKET_H
#define HOST_WEBSOCKET_H

#include "harness/base/deadline.h"
#include "harness/host/stream.h"

#define WS_CONTINUATION 0
#define WS_TEXT		1
#define WS_BINARY	2
#define WS_CLOSE	8
#define WS_PING		9
#define WS_PONG		10
#define WS_FIN		0x80
#define WS_FRAME_MAX	8192 /* of what ws_write() sends in one frame */

/**
 * struct websocket - A client
 * @stream:	the bytes of binary frames; its @chr is that of @below
 * @below:	what it is spoken upon; the caller's
 * @in:		that came from below and is no whole frame yet
 * @data:	of binary frames, to be read; @n_data: of it
 * @out:	frames that did not fit yet
 * @answer:	the server's answer to the request, headers and all
 * @pongs, @n_pongs: payload of the last pong, and how many there were
 * @close_code:	of the server's close frame; 0: none has come; @close_text: its words
 * @frame_max:	the longest data frame that came
 */
struct websocket {
	struct stream stream;
	struct stream *below;
	struct buf in, data, out, answer, pong, close_text;
	unsigned n_pongs, close_code;
	uint64_t frame_max;
	uint32_t mask;
};

void ws_init(struct websocket *w, struct stream *below);
void ws_release(struct websocket *w);
/** ws_request() - Append the request of a good client; @protocol: NULL: offers none */
void ws_request(struct buf *b, const char *protocol);
/** ws_answered() - Take what the server has answered: 1: it agrees (101, and the right key), 0: no
 * whole answer yet, -1: it does not: stream.why */
int ws_answered(struct websocket *w);
/** ws_begin() - Request and answer. False: stream.why */
bool ws_begin(struct websocket *w, struct deadline d);
/** ws_frame() - Append a frame, masked: @first: WS_FIN and opcode; @len: at most 64 KiB */
void ws_frame(struct websocket *w, struct buf *b, unsigned first, const void *data, size_t len);
/** ws_send() - Send bytes of frames, all of them. False: the other end has gone, or time is up */
bool ws_send(struct websocket *w, const void *frames, size_t len, struct deadline d);
/** ws_look() - Take what has come: frames are sorted into data, pongs and close. False: the
 * connection has ended, or what came is no frame that a server may send: stream.why */
bool ws_look(struct websocket *w);

#endif
