// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * program.c - backends with somebody else's programs at their other end
 *
 * What QEMU and the suite's own host ends might both have got wrong in the same way, these have
 * not: each is the usual tool for its protocol.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cases/chardev/peer.h"
#include "harness/base/io.h"

#define MS	   10000
#define LOOK_MS	   5
#define UART_BYTES 300
/* What a 16550A and a port of ours take at once: before QEMU 8.0 of a TLS record or a frame that is
 * longer the rest waits, or is lost. That is tls.big-record's and websocket.slow-device's. */
#define UART_WINDOW  14
#define PORT_WINDOW  4000
#define VIRTIO_BYTES 70001
/* All of it fits into the smallest socket buffer: nobody waits for a datagram. */
#define UDP_UART   60
#define UDP_VIRTIO 20001
#define FILES	   "tls"

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
 * @words:	the program's. In all of these @PORT is QEMU's tcp port, @PTY its terminal, @HERE
 *		and @THERE are free ports of udp, @STREAM of tcp, @SAID is what the program said
 *		behind @listens
 * @listens:	it is started before QEMU, and is ready once it has said this on stderr
 * @accepts: the same, once it lets somebody connect to @STREAM
 * @terminal:	it sits at a terminal, and is ready once it has said this there
 * @datagrams:	what is sent before it is there is lost
 * @loops:	it sends back what it gets, and nothing else
 */
static const struct program_row {
	const char *name, *chardev, *object, *words, *listens, *terminal;
	bool accepts, datagrams, loops;
} rows[] = {
	{.name = "socat-unix", .chardev = UNIX "," SERVER, .words = "socat - UNIX-CONNECT:c0.sock"},
	{.name = "socat-unix-listen",
	 .chardev = UNIX,
	 .words = "socat -d -d - UNIX-LISTEN:c0.sock",
	 .listens = "listening on "},
	{.name = "socat-tcp", .chardev = TCP, .words = "socat - TCP:127.0.0.1:@PORT"},
	{.name = "socat-tcp-listen",
	 .chardev = "socket,id=c0,host=127.0.0.1,port=@SAID",
	 .words = "socat -d -d - TCP-LISTEN:0,bind=127.0.0.1",
	 .listens = "listening on AF=2 127.0.0.1:"},
	{.name = "socat-udp",
	 .chardev = UDP,
	 .words = "socat -b 1024 - UDP:127.0.0.1:@THERE,sourceport=@HERE,reuseaddr",
	 .datagrams = true},
	{.name = "socat-pty", .chardev = PTY, .words = "socat - @PTY,raw,echo=0"},
	{.name = "socat-serial",
	 .chardev = "serial,id=c0,path=tty",
	 .words = "socat -d -d - PTY,raw,echo=0,link=tty",
	 .listens = "PTY is "},
	{.name = "socat-exec",
	 .chardev = UNIX "," SERVER,
	 .words = "socat UNIX-CONNECT:c0.sock EXEC:cat",
	 .loops = true},
	{.name = "nc-unix", .chardev = UNIX "," SERVER, .words = "nc -U c0.sock"},
	{.name = "nc-unix-listen",
	 .chardev = UNIX,
	 .words = "nc -lvU c0.sock",
	 .listens = "Listening on "},
	{.name = "nc-tcp", .chardev = TCP, .words = "nc 127.0.0.1 @PORT"},
	{.name = "openssl-x509",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = X509,
	 .words = S_CLIENT CERTIFICATE("client") "-verify_return_error -verify_ip 127.0.0.1"},
	{.name = "openssl-x509-1.2",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = X509,
	 .words = S_CLIENT CERTIFICATE("client") "-verify_return_error -tls1_2"},
	{.name = "openssl-psk",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = PSK,
	 .words = S_CLIENT PSK_KEY "-tls1_3"},
	{.name = "openssl-psk-1.2",
	 .chardev = TCP ",tls-creds=tls0",
	 .object = PSK,
	 .words = S_CLIENT PSK_KEY "-tls1_2 -cipher ECDHE-PSK-CHACHA20-POLY1305"},
	{.name = "openssl-server",
	 .chardev = "socket,id=c0,host=127.0.0.1,port=@STREAM,tls-creds=tls0",
	 .object = AS_CLIENT,
	 .words = "openssl s_server -quiet -accept 127.0.0.1:@STREAM " CERTIFICATE(
		 "server") "-Verify 1 -verify_return_error",
	 .accepts = true},
	{.name = "websocket",
	 .chardev = TCP ",websocket=on",
	 .words = "chardev-websocket-client ws://127.0.0.1:@PORT/"},
	{.name = "websocket-tls",
	 .chardev = TCP ",websocket=on,tls-creds=tls0",
	 .object = "tls-creds-x509,id=tls0,endpoint=server,verify-peer=off,dir=" FILES,
	 .words = "chardev-websocket-client wss://127.0.0.1:@PORT/ " FILES "/ca-cert.pem"},
	{.name = "picocom",
	 .chardev = PTY,
	 .words = "picocom --no-escape @PTY",
	 .terminal = "Terminal ready\r\n"},
};

#define N (sizeof(rows) / sizeof(*rows))

static const char *program_row(size_t i)
{
	return i < N ? rows[i].name : NULL;
}

static const struct program_row *row_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "row", rows[i].name))
		i++;
	return &rows[i];
}

/* Debian's package of a program has its name but for these. */
static const char *lacks(const struct variant *v, const struct caps *caps)
{
	static const struct {
		const char *program, *why;
	} programs[] = {
		{"socat", "there is no socat (Debian: socat; make deps)"},
		{"nc", "there is no nc (Debian: netcat-openbsd; make deps)"},
		{"openssl", "there is no openssl (Debian: openssl; make deps)"},
		{"picocom", "there is no picocom (Debian: picocom; make deps)"},
		{"chardev-websocket-client",
		 "there is no chardev-websocket-client: libsoup was missing "
		 "when it was to be built (make deps, make programs)"},
	};
	const char *words = row_of(v)->words, *why = NULL;

	if (row_of(v)->datagrams && variant_is(v, "device", "virtserialport") &&
	    !caps_version_at_least(caps, 11, 0, 0))
		return "before QEMU 11.0 a udp chardev never opens for a port (see backend.bytes)";
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		size_t len = strlen(programs[i].program);
		char *path = NULL;

		if (strncmp(words, programs[i].program, len) != 0 || words[len] != ' ')
			continue;
		path = program_path(programs[i].program);
		why = path ? NULL : programs[i].why;
		free(path);
	}
	return why;
}

static void chardevs(const struct variant *v, struct strv *texts)
{
	strv_push(texts, row_of(v)->chardev);
}

/**
 * struct play - A trial's
 * @held:	sockets of the ports @HERE, @THERE and @STREAM: nobody else is given these
 * @here, ..:	what stands for @HERE and so on
 */
struct play {
	const struct program_row *row;
	struct trial *t;
	struct bare *b;
	struct program program;
	int held[3];
	char *here, *there, *stream, *said, *port, *pty;
};

static void release(void *arg)
{
	struct play *p = arg;

	program_release(&p->program);
	for (int i = 0; i < 3; i++)
		io_close(&p->held[i]);
}

/* A port that the kernel chooses, and that who says SO_REUSEADDR may bind beside us: a listener, or
 * a connected socket, which the kernel prefers (see chr.h). */
static char *hold_port(struct trial *t, int type, int *fd)
{
	struct sock_address any = sock_loopback(false, 0);
	int on = 1;

	*fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	CHECK(t,
	      *fd >= 0 && bind(*fd, (const struct sockaddr *)&any.a, any.len) == 0 &&
		      setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0,
	      "no port to hold: %s", strerror(errno));
	return xasprintf("%d", sock_port(*fd));
}

/* @text with what is known in the place of its names; malloc'ed. */
static char *fill_in(const struct play *p, const char *text)
{
	const struct {
		const char *name, *value;
	} names[] = {{"@HERE", p->here}, {"@THERE", p->there}, {"@STREAM", p->stream},
		     {"@SAID", p->said}, {"@PORT", p->port},   {"@PTY", p->pty}};
	enum { NAMES = sizeof(names) / sizeof(*names) };
	struct buf out = BUF_INIT;

	for (size_t i, len; *text; text += len) {
		for (i = 0; i < NAMES; i++)
			if (strncmp(text, names[i].name, len = strlen(names[i].name)) == 0)
				break;
		if (i == NAMES)
			len = 1;
		CHECK(p->t, i == NAMES || names[i].value, "nobody knows %.*s", (int)len, text);
		if (i == NAMES)
			buf_add(&out, text, 1);
		else
			buf_addstr(&out, names[i].value);
	}
	return buf_steal(&out);
}

static void start(struct play *p)
{
	char *text = fill_in(p, p->row->words);
	struct strv words = {NULL, 0};

	trial_note(p->t, "%s", text);
	strv_split(&words, text, " ");
	program_start(&p->program, &words, p->row->terminal ? PROGRAM_TERMINAL : PROGRAM_SOCKET);
	strv_release(&words);
	free(text);
}

/* Somebody who comes and goes: the next connection is QEMU's. */
static void knock(struct play *p)
{
	struct sock_address at = sock_loopback(false, sock_port(p->held[2]));
	struct deadline d = deadline_in(MS);
	struct buf why = BUF_INIT;
	int fd;

	while ((fd = sock_connect(&at, false, deadline_in(MS), &why)) < 0) {
		CHECK(p->t, !deadline_passed(d) && !proc_poll(&p->program.proc), "%s: %s",
		      p->row->words, why.data);
		io_wait(p->program.proc.pidfd, POLLIN, deadline_in(LOOK_MS));
		buf_clear(&why);
	}
	io_close(&fd);
	buf_release(&why);
}

/* It is there before QEMU. */
static bool is_early(const struct play *p)
{
	return p->row->listens || p->row->accepts;
}

static void start_early(struct play *p)
{
	start(p);
	if (p->row->accepts) {
		knock(p);
		return;
	}
	p->said = program_told(&p->program, p->row->listens, deadline_in(MS));
	CHECK(p->t, p->said, "%s does not say \"%s\" (" PROGRAM_ERR ")", p->row->words,
	      p->row->listens);
}

/* What is there before QEMU, and what QEMU is told. */
static void prepare(struct play *p)
{
	const struct program_row *row = p->row;
	struct plan *plan = &p->t->plan;
	char *text;

	if (strstr(row->words, FILES "/") || row->object)
		tls_make_files(FILES);
	p->here = hold_port(p->t, SOCK_DGRAM, &p->held[0]);
	p->there = hold_port(p->t, SOCK_DGRAM, &p->held[1]);
	p->stream = hold_port(p->t, SOCK_STREAM, &p->held[2]);
	if (is_early(p))
		start_early(p);
	if (row->object)
		strv_pushl(&plan->args, "-object", row->object, NULL);
	text = fill_in(p, row->chardev);
	bare_chardev(plan, "%s", text);
	free(text);
}

/* What only QEMU knows: where a program finds it. */
static void learn(struct play *p)
{
	char *filename = bare_filename(p->b, "c0"), *at = strstr(filename, ":127.0.0.1:");

	if (at)
		p->port = xasprintf("%.*s", (int)strspn(at + 11, "0123456789"), at + 11);
	if (strncmp(filename, "pty:", 4) == 0)
		p->pty = xstrdup(filename + 4);
	free(filename);
}

/* All that a terminal shows until @text has come. */
static void await_text(struct play *p, struct chr *c, const char *text)
{
	struct deadline d = deadline_in(MS);
	struct buf got = BUF_INIT;

	while (!strstr(got.len ? got.data : "", text)) {
		char byte;

		CHECK(p->t, chr_read(c, &byte, 1, d) == 1, "%s shows \"%s\" and not \"%s\"",
		      p->row->words, got.len ? got.data : "", text);
		buf_add(&got, &byte, 1);
	}
	buf_release(&got);
}

/* The program's side of the chardev, ready for bytes. */
static struct stream join(struct play *p, const char *id)
{
	struct stream s = stream_plain(bare_adopt(p->b, id, p->program.fd));

	p->program.fd = -1; /* it is the host end's */
	if (p->row->terminal)
		await_text(p, s.chr, p->row->terminal);
	peer_opened(p->b);
	if (!p->row->loops) {
		bare_host_send(p->b, &s, "here", 4);
		bare_expect(p->b, p->b->front, "here", 4);
	}
	return s;
}

/* How much the host sends. */
static size_t amount_in(const struct play *p, bool virtio)
{
	if (p->row->datagrams)
		return virtio ? UDP_VIRTIO : UDP_UART;
	if (p->row->object || strstr(p->row->chardev, "websocket=on"))
		return virtio ? PORT_WINDOW : UART_WINDOW;
	return virtio ? VIRTIO_BYTES : UART_BYTES;
}

static void carry(struct play *p, struct stream *s)
{
	bool virtio = front_kind_is_virtio(p->b->front->kind);
	size_t out = p->row->datagrams ? (virtio ? UDP_VIRTIO : UDP_UART)
		     : virtio	       ? VIRTIO_BYTES
				       : UART_BYTES;

	if (!p->row->loops) {
		bare_exchange(p->b, p->b->front, s, out, amount_in(p, virtio));
		return;
	}
	for (int i = 0; i < 256; i++) {
		char bytes[3] = {(char)i, '\n', (char)-i};

		bare_send(p->b, p->b->front, bytes, 3);
		bare_expect(p->b, p->b->front, bytes, 3);
	}
	bare_silent(p->b, p->b->front);
}

/* It goes; who has a connection sees that. */
static void leave(struct play *p, struct stream *s)
{
	chr_close(s->chr);
	program_release(&p->program);
	if (strncmp(p->row->chardev, "socket", 6) != 0)
		return;
	bare_await_filename(p->b, "c0", "disconnected", false);
	bare_host_opened(p->b, p->b->front, false);
}

CASE(program_carries, .id = "program.carries",
     .title =
	     "with the usual tools at the other end of a backend every byte passes both ways, whole "
	     "and in order; when one has left the next one is served",
     .clause = "qemu/qemu-options.hx -chardev socket, udp, pty, serial", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "row", NULL}, .row = program_row,
     .lacks = lacks, .plan = bare_plan, .chardevs = chardevs)
{
	static struct play p;
	struct stream s;

	p = (struct play){.row = row_of(&t->spec->variant),
			  .t = t,
			  .program = {PROC_INIT, -1},
			  .held = {-1, -1, -1}};
	trial_defer(t, release, &p);
	prepare(&p);
	p.b = trial_bare(t);
	learn(&p);
	for (int round = 0; round < (is_early(&p) ? 1 : 2); round++) {
		if (!is_early(&p))
			start(&p);
		s = join(&p, round ? "second" : "first");
		carry(&p, &s);
		leave(&p, &s);
	}
}
