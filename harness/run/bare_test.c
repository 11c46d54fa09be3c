// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bare_test.c - bytes between a frontend and a host end, judged: against a machine that loses,
 * repeats, changes and invents some
 *
 * The machine is a UART's three registers here; what is behind it is the other end of a socket.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/run/bare.h"
#include "harness/run/run_testing.h"

#define COM1  0x3f8
#define DATA  COM1
#define LSR   (COM1 + 5)
#define BYTES 300
#define AT    100 /* where the machine does something else */

/** enum lie - What it does with the byte number AT of those on their way out, or in */
enum lie { HONEST, DROPS, REPEATS, FLIPS, HANGS_UP, STALLS };

/**
 * struct machine - A UART
 * @fd:		its backend
 * @out, @in:	what it does wrong on each way
 * @n_out, @n_in: bytes that have passed
 * @again:	the byte that is given again; -1: none
 */
static struct machine {
	struct target_qtest qemu;
	int fd;
	enum lie out, in;
	unsigned n_out, n_in;
	int again;
} machine;

static void send_byte(unsigned char byte)
{
	if (machine.fd >= 0)
		ck_assert_int_eq(send(machine.fd, &byte, 1, MSG_NOSIGNAL), 1);
}

static void write_port(struct target *t, uint16_t port, unsigned width, uint32_t value)
{
	bool now = port == DATA && machine.n_out++ == AT;

	ck_assert(t == &machine.qemu.base && width == 1);
	if (port != DATA || (now && machine.out == DROPS))
		return;
	if (now && machine.out == HANGS_UP) {
		close(machine.fd);
		machine.fd = -1;
	}
	send_byte((unsigned char)(value ^ (now && machine.out == FLIPS ? 0xff : 0)));
	if (now && machine.out == REPEATS)
		send_byte((unsigned char)value);
}

static bool has_input(void)
{
	char byte;

	return machine.again >= 0 ||
	       (machine.fd >= 0 && recv(machine.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1);
}

static uint32_t take_byte(void)
{
	unsigned char byte = (unsigned char)machine.again;
	bool was_again = machine.again >= 0, now;

	machine.again = -1;
	if (was_again)
		return byte;
	ck_assert_int_eq(recv(machine.fd, &byte, 1, 0), 1);
	now = machine.n_in++ == AT;
	if (now && machine.in == DROPS)
		return has_input() ? take_byte() : 0;
	if (now && machine.in == REPEATS)
		machine.again = byte;
	return now && machine.in == FLIPS ? byte ^ 0xff : byte;
}

static uint32_t read_port(struct target *t, uint16_t port, unsigned width)
{
	bool stalls = machine.out == STALLS && machine.n_out > AT;

	ck_assert(t == &machine.qemu.base && width == 1);
	if (port == DATA)
		return has_input() ? take_byte() : 0;
	return port == LSR ? (stalls ? 0 : 0x60u) | has_input() : 0;
}

static bool look_again(struct target *t, unsigned nth)
{
	return t && nth < 3;
}

static bool at_rest(struct target *t)
{
	return t;
}

static const struct target_ops machine_ops = {.in = read_port,
					      .out = write_port,
					      .turn = look_again,
					      .settle = at_rest};

/**
 * struct play - A trial
 * @run:	its body, which begins with begin()
 * @reason:	what it has to fail for; NULL: it passes
 */
struct play {
	void (*run)(struct bare *b, struct stream *s);
	enum lie out, in;
	const char *reason;
};

static const struct play *play;
static struct chr host;

static void body(struct trial *t)
{
	static const struct target_config config;
	static struct bare b;
	struct stream s;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	machine = (struct machine){.fd = -1, .again = -1};
	target_init(&machine.qemu.base, &machine_ops, "fake", &config);
	chr_init(&host, "host", CHR_UNIX, CHR_QEMU_LISTENS);
	io_set_nonblock(fd[0]);
	host.fd = fd[0];
	s = stream_plain(&host);
	b = (struct bare){.t = t, .target = &machine.qemu.base, .rig = &t->rig, .n_fronts = 1};
	b.front = &b.fronts[0];
	front_start(b.front, b.target, FRONT_ISA_SERIAL, 0, NULL);
	machine.fd = fd[1]; /* the divisor, which goes to the same port, has been set */
	machine.out = play->out;
	machine.in = play->in;
	machine.n_out = machine.n_in = 0;
	play->run(&b, &s);
}

/* Each waits for what does not come; a short wait will do. */
static void run_plays(const struct play *plays, size_t n)
{
	double scale = deadline_scale();

	deadline_set_scale(0.02);
	for (size_t i = 0; i < n; i++) {
		struct bench b;

		play = &plays[i];
		bench_init(&b, "ok", body);
		bench_run(&b, play->reason ? VERDICT_FAIL : VERDICT_PASS,
			  play->reason ? play->reason : "");
		chr_release(&host);
		if (machine.fd >= 0)
			close(machine.fd);
		bench_release(&b);
	}
	deadline_set_scale(scale);
}

static void exchange(struct bare *b, struct stream *s)
{
	bare_exchange(b, b->front, s, BYTES, BYTES);
}

START_TEST(an_exchange_notices_every_damage)
{
	static const struct play plays[] = {
		{exchange, HONEST, HONEST, NULL},
		{exchange, DROPS, HONEST, "what the device sent (it took 300 of 300 bytes): "},
		{exchange, REPEATS, HONEST, "repeated"},
		{exchange, FLIPS, HONEST, "what the device sent"},
		{exchange, HANGS_UP, HONEST, "then the host's connection ended"},
		{exchange, STALLS, HONEST, "what the device sent (it took 112 of 300 bytes)"},
		{exchange, HONEST, DROPS, "what the host sent"},
		{exchange, HONEST, REPEATS, "what the host sent"},
		{exchange, HONEST, FLIPS, "what the host sent"},
	};

	run_plays(plays, sizeof(plays) / sizeof(*plays));
}
END_TEST

static const char text[] = "a text of more than a hundred bytes, so that there is a byte number "
			   "one hundred on its way, and some behind it";

static void to_host(struct bare *b, struct stream *s)
{
	bare_send(b, b->front, text, strlen(text));
	bare_host_expect(b, s, text, strlen(text));
	bare_host_silent(b, s);
}

static void to_device(struct bare *b, struct stream *s)
{
	bare_host_send(b, s, text, strlen(text));
	bare_expect(b, b->front, text, strlen(text));
	bare_silent(b, b->front);
}

START_TEST(a_text_is_demanded_byte_by_byte)
{
	static const struct play plays[] = {
		{to_host, HONEST, HONEST, NULL},
		{to_host, DROPS, HONEST, "(109 bytes), want"},
		{to_host, REPEATS, HONEST, "(111 bytes), want"},
		{to_host, FLIPS, HONEST, "to the host comes \"a text"},
		{to_host, HANGS_UP, HONEST, "(100 bytes, then its end), want"},
		{to_host, STALLS, HONEST, "the device takes no more after"},
		{to_device, HONEST, HONEST, NULL},
		{to_device, HONEST, DROPS, "(109 bytes), want"},
		{to_device, HONEST, REPEATS, "(111 bytes), want"},
		{to_device, HONEST, FLIPS, "out of the device comes \"a text"},
	};

	run_plays(plays, sizeof(plays) / sizeof(*plays));
}
END_TEST

/* A byte that nobody sent, on either way. */
static void is_silent(struct bare *b, struct stream *s)
{
	(void)s;
	send(host.fd, "?", 1, 0);
	bare_silent(b, b->front);
}

static void host_is_silent(struct bare *b, struct stream *s)
{
	send_byte('?');
	bare_host_silent(b, s);
}

static void host_is_silent_at_its_end(struct bare *b, struct stream *s)
{
	close(machine.fd);
	machine.fd = -1;
	bare_host_silent(b, s);
}

static void ends(struct bare *b, struct stream *s)
{
	close(machine.fd);
	machine.fd = -1;
	bare_host_eof(b, s);
}

static void ends_after_words(struct bare *b, struct stream *s)
{
	send_byte('?');
	ends(b, s);
}

static void does_not_end(struct bare *b, struct stream *s)
{
	bare_host_eof(b, s);
}

static void sends_to_nobody(struct bare *b, struct stream *s)
{
	close(machine.fd);
	machine.fd = -1;
	bare_host_send(b, s, text, strlen(text));
}

START_TEST(silence_and_ends_are_demanded_too)
{
	static const struct play plays[] = {
		{is_silent, HONEST, HONEST, "out of the device comes \"?\" (1 bytes), want \"\""},
		{host_is_silent, HONEST, HONEST, "to the host comes \"?\" (1 bytes), want \"\""},
		{host_is_silent_at_its_end, HONEST, HONEST, "the host's connection has ended"},
		{ends, HONEST, HONEST, NULL},
		{ends_after_words, HONEST, HONEST, "to the host comes \"?\""},
		{does_not_end, HONEST, HONEST, "QEMU does not close the host's connection"},
		{sends_to_nobody, HONEST, HONEST, "the host can send 0 of"},
	};

	run_plays(plays, sizeof(plays) / sizeof(*plays));
}
END_TEST

static void pushes(struct bare *b, struct stream *s)
{
	size_t n = bare_push(b, b->front, text, strlen(text));

	CHECK(b->t, n == strlen(text), "%zu bytes are taken", n);
	bare_host_expect(b, s, text, n);
	machine.out = STALLS;
	machine.n_out = AT - 20;
	n = bare_push(b, b->front, text, strlen(text));
	CHECK(b->t, n == 32, "%zu bytes are taken until it stalls", n);
}

START_TEST(a_push_ends_with_the_stall)
{
	static const struct play plays[] = {{pushes, HONEST, HONEST, NULL}};

	run_plays(plays, sizeof(plays) / sizeof(*plays));
}
END_TEST

UNIT_TESTS(bare, an_exchange_notices_every_damage, a_text_is_demanded_byte_by_byte,
	   silence_and_ends_are_demanded_too, a_push_ends_with_the_stall)
