// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * telnet.c - telnet=on and tn3270=on: what QEMU greets with, what it takes out of its input, and
 * what it sends
 */
#include <string.h>

#include "cases/chardev/peer.h"

#define RFC854 "RFC 854, "
#define MS     10000
/* RFC 854, commands; RFC 885: EOR; RFC 856 to 858, 1073, 1091: options. */
#define IAC	"\xff"
#define SE	"\xf0"
#define NOP	"\xf1"
#define BRK	"\xf3"
#define IP	"\xf4"
#define AYT	"\xf6"
#define SB	"\xfa"
#define WILL	"\xfb"
#define WONT	"\xfc"
#define DO	"\xfd"
#define DONT	"\xfe"
#define EOR	"\xef"
#define BINARY	"\x00"
#define ECHO	"\x01"
#define SGA	"\x03"
#define TTYPE	"\x18"
#define OPT_EOR "\x19"
#define NAWS	"\x1f"

/** struct row - Bytes that a client sends, and what the device gets of them */
struct row {
	const char *sent;
	size_t n_sent;
	const char *got;
	size_t n_got;
};

#define ROW(sent, got)                                                                             \
	{                                                                                          \
		sent, sizeof(sent) - 1, got, sizeof(got) - 1                                       \
	}

static bool is_tn3270(const struct trial *t)
{
	return trial_is(t, "chardev", "tn3270");
}

/* QEMU's first words, behind the handshake of what telnet is upon; then the device sees its host
 * end open. */
static struct stream *greeted(struct bare *b, unsigned nr)
{
	static const char telnet[] = IAC WILL ECHO IAC WILL SGA IAC WILL BINARY IAC DO BINARY;
	static const char tn3270[] = IAC DO OPT_EOR IAC WILL OPT_EOR IAC DO BINARY IAC WILL BINARY
		IAC DO TTYPE IAC SB TTYPE ECHO IAC SE;
	struct stream *s = peer_begin(b, peer_connect(b, nr));

	if (is_tn3270(b->t))
		bare_host_expect(b, s, tn3270, sizeof(tn3270) - 1);
	else
		bare_host_expect(b, s, telnet, sizeof(telnet) - 1);
	bare_host_opened(b, b->front, true);
	return s;
}

/* Each row whole, and cut in two everywhere; @but_iac: not behind a byte 255. */
static void try_rows(struct trial *t, const struct row *rows, size_t n, bool but_iac)
{
	struct bare *b = peer_start(t);
	struct stream *s = greeted(b, 0);

	for (size_t i = 0; i < n; i++)
		for (size_t cut = 0; cut < rows[i].n_sent; cut++) {
			if (but_iac && cut && rows[i].sent[cut - 1] == '\xff')
				continue;
			trial_note(t, "row %zu, cut at %zu", i, cut);
			bare_host_send(b, s, rows[i].sent, cut);
			if (cut)
				bare_settle(b);
			bare_host_send(b, s, rows[i].sent + cut, rows[i].n_sent - cut);
			bare_has(b, b->front, rows[i].got, rows[i].n_got);
		}
	bare_host_silent(b, s);
}

#define TELNET(name, ...)                                                                          \
	CASE(name, .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = peer_axes, .plan = peer_plan, \
	     __VA_ARGS__)

TELNET(greeting, .id = "telnet.greeting",
       .title = "QEMU offers and asks for what a terminal needs, says no more, and bytes pass",
       .clause = "RFC 856, 857, 858; RFC 1576 for tn3270")
{
	struct bare *b = peer_start(t);
	struct stream *s = greeted(b, 0);

	bare_host_silent(b, s);
	peer_works(b, s, "plain\r\n");
	peer_leave(b, s);
	s = greeted(b, 1);
	peer_works(b, s, "again");
}

TELNET(input, .id = "telnet.input",
       .title =
	       "options and commands are taken out of the input, wherever it is cut; IAC IAC is 255",
       .clause = RFC854 "TELNET COMMAND STRUCTURE")
{
	static const struct row rows[] = {
		ROW("plain", "plain"),
		ROW("a" IAC IAC "b" IAC IAC IAC IAC, "a" IAC "b" IAC IAC),
		ROW("a" IAC DO ECHO "b" IAC DONT SGA "c", "abc"),
		ROW(IAC WILL BINARY IAC WONT NAWS "d", "d"),
		ROW("e" IAC DO IAC "f", "ef"), /* an option may have the number 255 */
		ROW(IAC IAC IAC DO TTYPE "\xf1\xf3\xfa\xf0", IAC "\xf1\xf3\xfa\xf0"),
		ROW("\0\r\n\0"
		    "\r\0",
		    "\0\r\n\0"
		    "\r\0"),
	};

	try_rows(t, rows, sizeof(rows) / sizeof(*rows), false);
}

static const struct row records[] = {
	ROW("a" IAC EOR "b", "a" IAC EOR "b"),
	ROW(IAC SB TTYPE BINARY "IBM" IAC SE "c", IAC SB TTYPE BINARY "IBM" IAC SE "c"),
	ROW("d" IAC NOP "e" IAC IP "f", "def"),
	ROW("g" IAC IAC IAC EOR, "g" IAC IAC EOR),
};

TELNET(tn3270_input, .id = "telnet.tn3270-input",
       .title =
	       "tn3270 keeps what tells records and subnegotiations apart, and takes NOP and IP out",
       .clause = "RFC 1576; qemu/chardev/char-socket.c tcp_chr_process_IAC_bytes()")
{
	try_rows(t, records, sizeof(records) / sizeof(*records), true);
}

TELNET(tn3270_cut, .id = "telnet.tn3270-cut",
       .title = "tn3270 keeps a command that comes in two pieces",
       .clause = "RFC 1576; qemu/chardev/char-socket.c tcp_chr_process_IAC_bytes()")
{
	try_rows(t, records, sizeof(records) / sizeof(*records), false);
}

TELNET(commands, .id = "telnet.two-byte-commands",
       .title = "a command of two bytes is taken out, and nothing behind it",
       .clause = RFC854 "TELNET COMMAND STRUCTURE: at least a two byte sequence")
{
	static const struct row rows[] = {ROW("a" IAC NOP "b", "ab"), ROW("c" IAC AYT "d", "cd")};

	try_rows(t, rows, sizeof(rows) / sizeof(*rows), false);
}

TELNET(subnegotiation, .id = "telnet.subnegotiation",
       .title = "a subnegotiation is no input: here the size of a window",
       .clause = "RFC 855, RFC 1073")
{
	static const struct row rows[] = {ROW("a" IAC SB NAWS "\0\x50\0\x18" IAC SE "b", "ab")};

	try_rows(t, rows, sizeof(rows) / sizeof(*rows), false);
}

/* A break is a NUL (PC16550D data sheet, 8.4 bit 4); a virtio port has none. */
TELNET(breaks, .id = "telnet.break",
       .title = "IAC BREAK is a break on the line, wherever it is cut", .clause = RFC854 "BREAK")
{
	static const struct row serial[] = {ROW(IAC BRK, "\0")}, port[] = {ROW(IAC BRK, "")};

	try_rows(t, trial_is(t, "device", "isa-serial") ? serial : port, 1, false);
}

TELNET(break_place, .id = "telnet.break-in-its-place",
       .title = "a break comes where it was sent, between the bytes around it",
       .clause = RFC854 "BREAK")
{
	static const struct row serial[] = {ROW("a" IAC BRK "b", "a\0b")};
	static const struct row port[] = {ROW("a" IAC BRK "b", "ab")};

	try_rows(t, trial_is(t, "device", "isa-serial") ? serial : port, 1, false);
}

TELNET(output, .id = "telnet.output",
       .title = "what the device sends passes as it is, but a byte 255 is sent twice",
       .clause = RFC854 "GENERAL CONSIDERATIONS: IAC doubled to be sent as data")
{
	struct bare *b = peer_start(t);
	struct stream *s = greeted(b, 0);
	char all[256 + 1];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	all[256] = '\xff';
	bare_send(b, b->front, all, 255);
	bare_host_expect(b, s, all, 255);
	bare_send(b, b->front, all + 255, 1);
	bare_host_has(b, s, all + 255, 2);
}

TELNET(next, .id = "telnet.next-client",
       .title = "a client that left in the middle of a command leaves nothing to the next one",
       .clause = RFC854 "a connection is new")
{
	static const char *const cuts[] = {IAC, IAC DO};
	struct bare *b = peer_start(t);

	for (unsigned i = 0; i < 2; i++) {
		struct stream *s = greeted(b, 2 * i);

		bare_host_send(b, s, cuts[i], strlen(cuts[i]));
		bare_settle(b);
		peer_leave(b, s);
		s = greeted(b, 2 * i + 1);
		bare_host_send(b, s, "next", 4);
		bare_has(b, b->front, "next", 4);
		peer_leave(b, s);
	}
}

TELNET(library, .id = "telnet.libtelnet",
       .title = "a telnet client of somebody else's agrees with QEMU, and text and a break pass",
       .clause = RFC854 "the option negotiation")
{
	struct bare *b = trial_bare(t);
	struct chr *c = peer_connect(b, 0);
	struct telnet client;

	telnet_begin(&client, c);
	bare_host_opened(b, b->front, true);
	bare_send(b, b->front, "login: ", 7);
	CHECK(t, telnet_await(&client, "login: ", deadline_in(MS)), "the client hears \"%s\" %s",
	      client.text.data, client.error.data);
	CHECK(t, strcmp(client.asked.data, "WILL 1 WILL 3 WILL 0 DO 0") == 0,
	      "QEMU asked for, and got, %s", client.asked.data);
	CHECK(t, telnet_type(&client, "root\xff\r\n", 7, deadline_in(MS)), "%s", client.error.data);
	bare_expect(b, b->front, "root\xff\r\n", 7);
	CHECK(t, telnet_break(&client, deadline_in(MS)), "%s", client.error.data);
	bare_expect(b, b->front, "\0", trial_is(t, "device", "isa-serial") ? 1 : 0);
	telnet_end(&client);
}

/* QEMU connects: to a telnet server, if it is told so. */
static void client_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	plan_add_chr(plan, "c0", CHR_TCP, CHR_QEMU_CONNECTS);
	plan->chrs[0].options = "telnet=on";
}

CASE(as_client, .id = "telnet.as-client",
     .title = "as a client of a telnet server QEMU takes the server's options out of its input",
     .clause = "qemu/qemu-options.hx -serial telnet: acts like a telnet server or client",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .plan = client_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = stream_plain(bare_open(b, "c0"));

	bare_host_opened(b, b->front, true);
	bare_host_send(b, &s, "a" IAC WILL ECHO IAC IAC "b", 7);
	bare_has(b, b->front, "a" IAC "b", 3);
}
