// SPDX-License-Identifier: GPL-2.0-or-later
/* datagram.c - the udp chardev: what a datagram is, and peers that come late or send nothing */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cases/chardev/peer.h"
#include "harness/base/io.h"

#define MS 10000

/**
 * struct udp - The peer of a udp chardev
 * @ours, @qemus: the sockets' addresses
 * @fd:		ours; -1: nobody is there
 */
struct udp {
	struct bare *b;
	struct sock_address ours, qemus;
	int fd;
};

static bool is_ipv6(const struct variant *v)
{
	return variant_is(v, "ip", "6");
}

static const char *udp_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "device", "virtserialport") && !caps_version_at_least(caps, 11, 0, 0))
		return "before QEMU 11.0 a udp chardev never opens for a port (see backend.bytes)";
	return is_ipv6(v) && !chr_udp_has_ipv6() ? "this host has no ::1" : NULL;
}

static void close_udp(void *arg)
{
	io_close(&((struct udp *)arg)->fd);
}

/* Two free ports, taken and let go: QEMU's for itself, ours for a peer that comes @late. */
static struct bare *udp_start(struct trial *t, struct udp *u, bool late)
{
	bool ipv6 = is_ipv6(&t->spec->variant);
	const char *host = ipv6 ? "::1" : "127.0.0.1";
	struct sock_address any = sock_loopback(ipv6, 0);
	int fd = sock_datagram(&any, NULL), other = sock_datagram(&any, NULL);

	u->ours = sock_loopback(ipv6, sock_port(fd));
	u->qemus = sock_loopback(ipv6, sock_port(other));
	bare_chardev(&t->plan, "udp,id=c0,host=%s,port=%d,localaddr=%s,localport=%d", host,
		     sock_port(fd), host, sock_port(other));
	io_close(&fd);
	io_close(&other);
	u->fd = late ? -1 : sock_datagram(&u->ours, &u->qemus);
	trial_defer(t, close_udp, u);
	u->b = trial_bare(t);
	return u->b;
}

static void tell(struct udp *u, const char *words)
{
	CHECK(u->b->t, send(u->fd, words, strlen(words), 0) == (ssize_t)strlen(words),
	      "the peer cannot send");
}

/* The next datagram is this one. */
static void hears(struct udp *u, const char *words)
{
	char room[256];
	ssize_t n = 0;

	if (io_wait(u->fd, POLLIN, deadline_in(MS)))
		n = recv(u->fd, room, sizeof(room), 0);
	CHECK(u->b->t, n == (ssize_t)strlen(words) && memcmp(room, words, (size_t)n) == 0,
	      "the peer gets a datagram of %zd bytes, want \"%s\"", n, words);
}

/* The device may send what it likes: only how it is cut is judged. A virtio port sends a buffer, a
 * UART a byte. */
static void device_says(struct udp *u, const char *words)
{
	bare_send(u->b, u->b->front, words, strlen(words));
}

#define UDP(name, ...)                                                                             \
	CASE(name, .level = LEVEL_MUST, .needs = NEEDS_QEMU,                                       \
	     .axes = (const char *const[]){"device", "ip", NULL}, .lacks = udp_lacks,              \
	     .plan = bare_plan, __VA_ARGS__)

static struct udp udp;

UDP(datagrams, .id = "udp.datagrams",
    .title = "what a device writes at once is one datagram, and each datagram is read whole",
    .clause = "qemu/chardev/char-udp.c udp_chr_write(), udp_chr_read()")
{
	struct bare *b = udp_start(t, &udp, false);

	device_says(&udp, "one");
	device_says(&udp, "and another one");
	if (front_kind_is_virtio(b->front->kind)) {
		hears(&udp, "one");
		hears(&udp, "and another one");
	} else {
		for (const char *c = "oneand another one"; *c; c++)
			hears(&udp, (char[]){*c, '\0'});
	}
	if (!peer_hears(b))
		return;
	tell(&udp, "first");
	tell(&udp, "a second datagram that is longer than the trigger level of a UART's FIFO");
	tell(&udp, "last");
	bare_expect(
		b, b->front,
		"firsta second datagram that is longer than the trigger level of a UART's FIFOlast",
		5 + 72 + 4);
}

UDP(empty, .id = "udp.empty-datagram", .title = "a datagram without bytes does not end the input",
    .clause = "RFC 768: a length of 8 is a datagram without data")
{
	struct bare *b = udp_start(t, &udp, false);

	tell(&udp, "before");
	bare_expect(b, b->front, "before", 6);
	CHECK(t, send(udp.fd, "", 0, 0) == 0, "the peer cannot send nothing");
	bare_settle(b);
	tell(&udp, "behind");
	bare_has(b, b->front, "behind", 6);
}

UDP(late_peer, .id = "udp.late-peer",
    .title = "a peer that comes after the device has spoken is heard, and hears it",
    .clause = "qemu/qemu-options.hx -serial udp: you want to stop and start a lot")
{
	struct bare *b = udp_start(t, &udp, true);

	device_says(&udp, "nobody is there");
	bare_settle(b); /* the host's kernel has told QEMU so */
	udp.fd = sock_datagram(&udp.ours, &udp.qemus);
	device_says(&udp, "x"); /* this write may get to hear of the first one's error */
	device_says(&udp, "x");
	hears(&udp, "x");
	if (!peer_hears(b))
		return;
	tell(&udp, "hello");
	bare_has(b, b->front, "hello", 5);
}

UDP(stranger, .id = "udp.stranger",
    .title = "a datagram from somebody else than the peer is not read",
    .clause = "qemu/qemu-options.hx -chardev udp: host and port are the remote's")
{
	struct bare *b = udp_start(t, &udp, false);
	struct sock_address any = sock_loopback(is_ipv6(&t->spec->variant), 0);
	int fd = sock_datagram(&any, &udp.qemus);

	CHECK(t, send(fd, "stranger", 8, 0) == 8, "the stranger cannot send");
	io_close(&fd);
	tell(&udp, "friend");
	bare_expect(b, b->front, "friend", 6);
	bare_silent(b, b->front);
}
