// SPDX-License-Identifier: GPL-2.0-or-later
/* telnet_client.c - a person at a terminal with the usual telnet client (inetutils) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "cases/chardev/host.h"
#include "cases/chardev/peer.h"

#define MS     10000
#define ESCAPE "\x1d"
#define PROMPT "telnet> "
#define ROUNDS 4

/**
 * struct person - Who sits there
 * @screen:	the terminal as a host end
 */
struct person {
	struct bare *b;
	struct program telnet;
	struct stream screen;
};

static void stand_up(void *arg)
{
	struct person *p = arg;

	program_release(&p->telnet);
}

static const char *telnet_lacks(const struct variant *v, const struct caps *caps)
{
	char *path = program_path("telnet");
	bool there = path;

	(void)v;
	(void)caps;
	free(path);
	return there ? NULL : "there is no telnet (Debian: inetutils-telnet; make deps)";
}

static void shows(struct person *p, const char *text)
{
	host_shows(p->b->t, p->screen.chr, "telnet", text);
}

/* The terminal passes each key on at once, and shows none. */
static bool is_raw(void *arg)
{
	struct person *p = arg;
	struct termios tio;

	return tcgetattr(p->screen.chr->fd, &tio) == 0 && !(tio.c_lflag & (ICANON | ECHO));
}

/* What @more tells telnet besides where QEMU is; it has agreed with QEMU then. */
static void sit_down(struct person *p, const char *id, const char *more)
{
	int port = bare_port(p->b, "c0");
	struct strv words = {NULL, 0};

	CHECK(p->b->t, port > 0, "query-chardev tells no port of c0");
	strv_pushl(&words, "telnet", NULL);
	strv_split(&words, more, " ");
	strv_push(&words, "127.0.0.1");
	strv_pushf(&words, "%d", port);
	program_start(&p->telnet, &words, PROGRAM_TERMINAL);
	p->screen = stream_plain(bare_adopt(p->b, id, p->telnet.fd));
	p->telnet.fd = -1; /* it is the host end's */
	shows(p, "Connected to 127.0.0.1.\r\n");
	shows(p, ".\r\n"); /* "Escape character is '^]'." or "off." */
	peer_opened(p->b);
	CHECK(p->b->t, target_until(p->b->target, is_raw, p, MS),
	      "telnet leaves the terminal as it was: it waits for lines, or echoes");
	strv_release(&words);
}

static void types(struct person *p, const char *keys, size_t len)
{
	bare_host_send(p->b, &p->screen, keys, len);
}

/* The command that telnet is told behind its escape. */
static void tells(struct person *p, const char *command)
{
	types(p, ESCAPE, 1);
	shows(p, PROMPT);
	types(p, command, strlen(command));
	shows(p, "\n");
}

static void leaves(struct person *p)
{
	tells(p, "quit\r");
	CHECK(p->b->t, proc_wait(&p->telnet.proc, deadline_in(MS)), "telnet does not end");
	CHECK(p->b->t, WIFEXITED(p->telnet.proc.status) && !WEXITSTATUS(p->telnet.proc.status),
	      "telnet ends with wait status %#x", p->telnet.proc.status);
	chr_close(p->screen.chr);
	program_release(&p->telnet);
	bare_await_filename(p->b, "c0", "disconnected", false);
	bare_host_opened(p->b, p->b->front, false);
}

static struct person *person_of(struct trial *t)
{
	static struct person person;

	person = (struct person){.b = trial_bare(t), .telnet = {PROC_INIT, -1}};
	trial_defer(t, stand_up, &person);
	return &person;
}

CASE(telnet_person, .id = "telnet.person",
     .title = "a person with the usual telnet client has each key sent at once and echoed by the "
	      "device only, sees what it says, sends a break, leaves and comes back",
     .clause = "RFC 854, 857, 858; qemu/qemu-options.hx -serial telnet: MAGIC_SYSRQ",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = peer_axes, .lacks = telnet_lacks,
     .plan = peer_plan)
{
	static const char keys[] = "root\r\x03\x1a\x04\x7f\x1b[A\t";
	struct person *p = person_of(t);
	struct bare *b = p->b;

	for (int visit = 0; visit < 2; visit++) {
		sit_down(p, visit ? "second" : "first", "");
		bare_send(b, b->front, "login: ", 7);
		bare_host_expect(b, &p->screen, "login: ", 7);
		for (size_t i = 0; i < strlen(keys); i++) {
			types(p, keys + i, 1);
			bare_expect(b, b->front, keys + i, 1);
		}
		bare_host_silent(b, &p->screen);
		tells(p, "send break\r");
		bare_expect(b, b->front, "\0", trial_is(t, "device", "isa-serial") ? 1 : 0);
		types(p, "h", 1);
		bare_expect(b, b->front, "h", 1);
		leaves(p);
	}
}

/* A byte 255 that the device sends is telnet.output's. */
CASE(telnet_binary, .id = "telnet.binary",
     .title =
	     "with the usual telnet client bytes of all values pass, 255 too, as QEMU and it agree",
     .clause = "RFC 856; RFC 854 IAC doubled to be sent as data", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = peer_axes, .lacks = telnet_lacks, .plan = peer_plan)
{
	struct person *p = person_of(t);
	char all[256];

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	sit_down(p, "person", "-E -8");
	for (int round = 0; round < ROUNDS; round++) {
		bare_send(p->b, p->b->front, all, 255);
		bare_host_expect(p->b, &p->screen, all, 255);
		types(p, all, 256);
		bare_expect(p->b, p->b->front, all, 256);
	}
	bare_host_silent(p->b, &p->screen);
	bare_silent(p->b, p->b->front);
}
