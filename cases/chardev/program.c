// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * program.c - backends with somebody else's programs at their other end
 *
 * What QEMU and the suite's own host ends might both have got wrong in the same way, these have
 * not: each is the usual tool for its protocol.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/tool.h"

#define UART_BYTES 300
/* What a 16550A and a port of ours take at once: before QEMU 8.0 of a TLS record or a frame that is
 * longer the rest waits, or is lost. That is tls.big-record's and websocket.slow-device's. */
#define UART_WINDOW  14
#define PORT_WINDOW  4000
#define VIRTIO_BYTES 70001
/* All of it fits into the smallest socket buffer: nobody waits for a datagram. */
#define UDP_UART   60
#define UDP_VIRTIO 20001
#define FILES	   TOOL_FILES

#define SERVER	  "server=on,wait=off"
#define UNIX	  "socket,id=c0,path=c0.sock"
#define TCP	  "socket,id=c0,host=127.0.0.1,port=0," SERVER
#define UDP	  "udp,id=c0,host=127.0.0.1,port=@HERE,localaddr=127.0.0.1,localport=@THERE"
#define PTY	  "pty,id=c0"
#define X509	  "tls-creds-x509,id=tls0,endpoint=server,verify-peer=on,dir=" FILES
#define PSK	  "tls-creds-psk,id=tls0,endpoint=server,dir=" FILES
#define AS_CLIENT "tls-creds-x509,id=tls0,endpoint=client,dir=" FILES
#define S_CLIENT  "openssl s_client -quiet -connect 127.0.0.1:@PORT "
#define CERTIFICATE(name)                                                                          \
	"-CAfile " FILES "/ca-cert.pem -cert " FILES "/" name "-cert.pem -key " FILES "/" name     \
	"-key.pem "
#define PSK_KEY "-psk_identity " TLS_USER " -psk " TLS_KEY " "

/**
 * struct program_row - A program, and what it talks to
 * @name:	value of the axis "row"
 * @chardev:	behind -chardev; @object: behind -object, NULL: nothing
 * @datagrams:	it is udp
 */
static const struct program_row {
	const char *name, *chardev, *object;
	struct tool tool;
	bool datagrams;
} rows[] = {
	{.name = "socat-unix",
	 .chardev = UNIX "," SERVER,
	 .tool.words = "socat - UNIX-CONNECT:c0.sock"},
	{.name = "socat-unix-listen",
	 .chardev = UNIX,
	 .tool.words = "socat -d -d - UNIX-LISTEN:c0.sock",
	 .tool.listens = "listening on "},
	{.name = "socat-tcp", .chardev = TCP, .tool.words = "socat - TCP:127.0.0.1:@PORT"},
	{.name = "socat-tcp-listen",
	 .chardev = "socket,id=c0,host=127.0.0.1,port=@SAID",
	 .tool.words = "socat -d -d - TCP-LISTEN:0,bind=127.0.0.1",
	 .tool.listens = "listening on AF=2 127.0.0.1:"},
	{.name = "socat-udp",
	 .chardev = UDP,
	 .tool.words = "socat -b 1024 - UDP:127.0.0.1:@THERE,sourceport=@HERE,reuseaddr",
	 .datagrams = true},
	{.name = "socat-pty", .chardev = PTY, .tool.words = "socat - @PTY,raw,echo=0"},
	{.name = "socat-serial",
	 .chardev = "serial,id=c0,path=tty",
	 .tool.words = "socat -d -d - PTY,raw,echo=0,link=tty",
	 .tool.listens = "PTY is "},
	{.name = "socat-exec",
	 .chardev = UNIX "," SERVER,
	 .tool.words = "socat UNIX-CONNECT:c0.sock EXEC:cat",
	 .tool.loops = true},
	{.name = "nc-unix", .chardev = UNIX "," SERVER, .tool.words = "nc -U c0.sock"},
	{.name = "nc-unix-listen",
	 .chardev = UNIX,
	 .tool.words = "nc -lvU c0.sock",
	 .tool.listens = "Listening on "},
	{.name = "nc-tcp", .chardev = TCP, .tool.words = "nc 127.0.0.1 @PORT"},
	{.name = "openssl-x509",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = X509,
	 .tool.words = S_CLIENT CERTIFICATE("client") "-verify_return_error -verify_ip 127.0.0.1"},
	{.name = "openssl-x509-1.2",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = X509,
	 .tool.words = S_CLIENT CERTIFICATE("client") "-verify_return_error -tls1_2"},
	{.name = "openssl-psk",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = PSK,
	 .tool.words = S_CLIENT PSK_KEY "-tls1_3"},
	{.name = "openssl-psk-1.2",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = PSK,
	 .tool.words = S_CLIENT PSK_KEY "-tls1_2 -cipher ECDHE-PSK-CHACHA20-POLY1305"},
	{.name = "openssl-server",
	 .chardev = "socket,id=c0,host=127.0.0.1,port=@STREAM,tls-creds=tls0",
	 .object = AS_CLIENT,
	 .tool.words = "openssl s_server -quiet -accept 127.0.0.1:@STREAM " CERTIFICATE(
		 "server") "-Verify 1 -verify_return_error",
	 .tool.accepts = true},
	{.name = "websocket",
	 .chardev = TCP ",websocket=on",
	 .tool.words = "chardev-websocket-client ws://127.0.0.1:@PORT/"},
	{.name = "websocket-tls",
	 .chardev = TCP ",websocket=on,tls-creds=tls0",
	 .object = "tls-creds-x509,id=tls0,endpoint=server,verify-peer=off,dir=" FILES,
	 .tool.words = "chardev-websocket-client wss://127.0.0.1:@PORT/ " FILES "/ca-cert.pem"},
	{.name = "picocom",
	 .chardev = PTY,
	 .tool.words = "picocom --no-escape @PTY",
	 .tool.terminal = "Terminal ready\r\n"},
};

static const char *lacks(const struct variant *v, const struct caps *caps)
{
	const struct program_row *row = variant_row(v);

	if (row->datagrams && variant_is(v, "device", "virtserialport") &&
	    !caps_version_at_least(caps, 11, 0, 0))
		return "before QEMU 11.0 a udp chardev never opens for a port (see backend.bytes)";
	return tool_lacks(&row->tool);
}

static void chardevs(const struct variant *v, struct strv *texts)
{
	const struct program_row *row = variant_row(v);

	strv_push(texts, row->chardev);
}

/* How much the host sends. */
static size_t amount_in(const struct program_row *row, bool virtio)
{
	if (row->datagrams)
		return virtio ? UDP_VIRTIO : UDP_UART;
	if (row->object || strstr(row->chardev, "websocket=on"))
		return virtio ? PORT_WINDOW : UART_WINDOW;
	return virtio ? VIRTIO_BYTES : UART_BYTES;
}

static void carry(struct bare *b, const struct program_row *row, struct stream *s)
{
	bool virtio = front_kind_is_virtio(b->front->kind);
	size_t out = row->datagrams ? (virtio ? UDP_VIRTIO : UDP_UART)
		     : virtio	    ? VIRTIO_BYTES
				    : UART_BYTES;

	if (!row->tool.loops) {
		bare_exchange(b, b->front, s, out, amount_in(row, virtio));
		return;
	}
	for (int i = 0; i < 256; i++) {
		char bytes[3] = {(char)i, '\n', (char)-i};

		bare_send(b, b->front, bytes, 3);
		bare_expect(b, b->front, bytes, 3);
	}
	bare_silent(b, b->front);
}

CASE(program_carries, .id = "program.carries",
     .title =
	     "with the usual tools at the other end of a backend every byte passes both ways, whole "
	     "and in order; when one has left the next one is served",
     .clause = "qemu/qemu-options.hx -chardev socket, udp, pty, serial", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "row", NULL}, .rows = ROWS(rows),
     .lacks = lacks, .plan = bare_plan, .chardevs = chardevs)
{
	const struct program_row *row = trial_row(t);
	static struct tool_play p;
	struct stream s;
	char *text;

	if (row->object) {
		tls_make_files(FILES);
		strv_pushl(&t->plan.args, "-object", row->object, NULL);
	}
	tool_prepare(&p, t, &row->tool, "c0");
	text = tool_fill_in(&p, row->chardev);
	bare_chardev(&t->plan, "%s", text);
	free(text);
	tool_start(&p);
	for (int round = 0; round < (tool_is_early(&p) ? 1 : 2); round++) {
		s = tool_join(&p, round ? "second" : "first");
		carry(p.b, row, &s);
		tool_leave(&p, &s, strncmp(row->chardev, "socket", 6) == 0);
	}
}

/* A terminal that needs no padding, and fewer lines than it has: none has to move up. */
#define MINICOM "minicom -o -c off -t linux -D @PTY"
#define LINES	10

static const struct tool minicom = {.words = MINICOM, .terminal = "special keys\r\n\n"};

static const char *minicom_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	(void)caps;
	return tool_lacks(&minicom);
}

static void minicom_chardevs(const struct variant *v, struct strv *texts)
{
	(void)v;
	strv_push(texts, PTY);
}

CASE(program_minicom, .id = "program.minicom",
     .title = "a person with minicom at a pty sees each line that the device says, and each key "
	      "comes to the device alone; who comes after one that left finds the same",
     .clause = "qemu/qemu-options.hx -chardev pty", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .lacks = minicom_lacks, .plan = bare_plan,
     .chardevs = minicom_chardevs)
{
	static const char keys[] = "root\r\x03\x1a\x04\t~";
	static struct tool_play p;
	struct stream s;

	tool_prepare(&p, t, &minicom, "c0");
	bare_chardev(&t->plan, PTY);
	tool_start(&p);
	for (int visit = 0; visit < 2; visit++) {
		s = tool_join(&p, visit ? "second" : "first");
		for (int i = 0; i < LINES; i++) {
			char *line = xasprintf("line %d of visit %d\r\n", i, visit);

			bare_send(p.b, p.b->front, line, strlen(line));
			bare_host_expect(p.b, &s, line, strlen(line));
			free(line);
		}
		for (size_t i = 0; i < strlen(keys); i++) {
			bare_host_send(p.b, &s, keys + i, 1);
			bare_expect(p.b, p.b->front, keys + i, 1);
		}
		bare_silent(p.b, p.b->front);
		bare_host_silent(p.b, &s);
		tool_leave(&p, &s, false);
	}
}
