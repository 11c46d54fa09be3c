// SPDX-License-Identifier: GPL-2.0-or-later
/* websocket_test.c - the client, with a server that is a pair of hands */
#include "harness/host/websocket.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/selftest/unit.h"

#define MS 5000

static struct chr chr;
static struct stream below;
static struct websocket ws;
static int server;

static void begin(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	chr_init(&chr, "client", CHR_UNIX, CHR_QEMU_LISTENS);
	chr.fd = pair[0];
	server = pair[1];
	below = stream_plain(&chr);
	ws_init(&ws, &below);
}

static void finish(void)
{
	ws_release(&ws);
	chr_release(&chr);
	if (server >= 0)
		close(server);
}

static void says(const char *bytes, size_t len)
{
	ck_assert_int_eq(write(server, bytes, len), (ssize_t)len);
}

#define SAYS(bytes) says(bytes, sizeof(bytes) - 1)
#define YES                                                                                        \
	"HTTP/1.1 101 Switching Protocols\r\nServer: x\r\n"                                        \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

START_TEST(request_and_answer)
{
	struct buf request = BUF_INIT;

	begin();
	ws_request(&request, "binary");
	ck_assert(strstr(request.data, "GET / HTTP/1.1\r\n") == request.data);
	ck_assert(strstr(request.data, "Sec-WebSocket-Protocol: binary\r\n\r\n"));
	for (const char *c = YES; *c; c++) {
		ck_assert_int_eq(ws_answered(&ws), 0);
		says(c, 1);
	}
	SAYS("\x82\x01x");
	ck_assert_int_eq(ws_answered(&ws), 1);
	ck_assert(ws_look(&ws)); /* what came behind the answer is a frame */
	ck_assert_str_eq(ws.data.data, "x");
	buf_release(&request);
	finish();
}
END_TEST

START_TEST(answers_that_are_none)
{
	static const char *const answers[] = {
		"HTTP/1.1 400 Bad Request\r\n\r\n",
		"HTTP/1.1 101 Yes\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
	};

	for (int i = 0; i < 3; i++) {
		begin();
		if (i < 2) {
			says(answers[i], strlen(answers[i]));
		} else {
			close(server);
			server = -1;
		}
		ck_assert(!ws_begin(&ws, deadline_in(MS)));
		ck_assert_int_gt((int)ws.stream.why.len, 0);
		finish();
	}
}
END_TEST

START_TEST(frames_that_go)
{
	static const size_t sizes[] = {0, 1, 125, 126, 65535, 65536};
	static char data[65536];

	begin();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct buf b = BUF_INIT;
		size_t head = sizes[i] < 126 ? 2 : sizes[i] < 65536 ? 4 : 10;

		memset(data, 'a', sizes[i]);
		ws_frame(&ws, &b, WS_FIN | WS_BINARY, data, sizes[i]);
		ck_assert_uint_eq(b.len, head + 4 + sizes[i]);
		ck_assert_uint_eq((unsigned char)b.data[0], 0x82);
		ck_assert_uint_eq((unsigned char)b.data[1] & 0x80, 0x80);
		for (size_t k = 0; k < sizes[i]; k++)
			ck_assert_int_eq(b.data[head + 4 + k] ^ b.data[head + k % 4], 'a');
		buf_release(&b);
	}
	finish();
}
END_TEST

START_TEST(frames_that_come)
{
	static const char frames[] = "\x82\x05hello\x8a\x02ok\x82\x7e\x00\x03 yo\x88\x05\x03\xe8"
				     "bye";
	char room[16];

	begin();
	for (size_t i = 0; i < sizeof(frames) - 1; i++) {
		ck_assert(ws_look(&ws));
		says(frames + i, 1);
	}
	ck_assert(ws_look(&ws));
	ck_assert_int_eq(stream_read(&ws.stream, room, sizeof(room)), 8);
	ck_assert_int_eq(memcmp(room, "hello yo", 8), 0);
	ck_assert_str_eq(ws.pong.data, "ok");
	ck_assert_uint_eq(ws.close_code, 1000);
	ck_assert_str_eq(ws.close_text.data, "bye");
	close(server);
	server = -1;
	ck_assert_int_eq(stream_read(&ws.stream, room, sizeof(room)), CHR_EOF);
	finish();
}
END_TEST

START_TEST(frames_that_must_not_come)
{
	static const struct {
		const char *bytes;
		size_t n;
	} wrong[] = {
		{"\x82\x81mmmmx", 7}, /* masked */
		{"\x02\x01x", 3},     /* in pieces */
		{"\xc2\x01x", 3},     /* a reserved bit */
		{"\x81\x01x", 3},     /* text */
		{"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		begin();
		says(wrong[i].bytes, wrong[i].n);
		ck_assert(!ws_look(&ws));
		ck_assert_int_gt((int)ws.stream.why.len, 0);
		finish();
	}
}
END_TEST

UNIT_TESTS(websocket, request_and_answer, answers_that_are_none, frames_that_go, frames_that_come,
	   frames_that_must_not_come)
