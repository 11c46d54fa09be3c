// SPDX-License-Identifier: GPL-2.0-or-later
/* tls.c - tls-creds= and tls-authz=: who is let in, who is not, and records in pieces */
#include <string.h>

#include "cases/chardev/host.h"
#include "cases/chardev/peer.h"

#define MS    10000
#define FILES "tls"
#define SEED  3
/* What a 16550A takes at once: a record that is longer is tls.big-record's. */
#define UART_WINDOW 14

#define TLS_CASE(name, ...)                                                                        \
	CASE(name, .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = peer_axes, .plan = peer_plan, \
	     __VA_ARGS__)

TLS_CASE(works, .id = "tls.works",
	 .title = "clients with the right credentials are served, one after the other",
	 .clause = "qemu/qemu-options.hx -chardev socket: tls-creds=")
{
	struct bare *b = peer_start(t);
	bool virtio = front_kind_is_virtio(b->front->kind);

	for (unsigned i = 0; i < 2; i++) {
		struct stream *s = peer_open(b, i);
		uint64_t in = !peer_hears(b) ? 0 : virtio ? 40000 : UART_WINDOW;

		peer_works(b, s, "hello");
		bare_exchange(b, b->front, s, virtio ? 40000 : 1000, in);
		if (!peer_hears(b))
			return; /* it does not see that we leave */
		tls_bye((struct tls *)s);
		peer_leave(b, s);
	}
}

TLS_CASE(big_record, .id = "tls.big-record",
	 .title = "a record of 16 KiB comes whole to a device that takes a few bytes at a time",
	 .clause = "RFC 8446 5.1: a record carries up to 2^14 bytes")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);
	size_t len = front_kind_is_virtio(b->front->kind) ? 16384 : 600;
	struct buf data = BUF_INIT;

	host_payload(&data, SEED, len);
	CHECK(t, stream_write(s, data.data, len) == (ssize_t)len, "it is not one record");
	bare_has(b, b->front, data.data, len);
	buf_release(&data);
}

TLS_CASE(cut, .id = "tls.cut", .title = "a record arrives whole wherever the network cuts it",
	 .clause = "RFC 8446 5.1: boundaries of records and segments are independent")
{
	struct bare *b = peer_start(t);
	struct stream *s = peer_open(b, 0);
	struct tls *tls = (struct tls *)s;
	struct stream wire = stream_plain(s->chr);

	for (size_t cut = 1;; cut++) {
		tls_hold(tls, true);
		CHECK(t, stream_write(s, "abc", 3) == 3, "nothing is sent");
		if (cut >= tls->held.len)
			break;
		bare_host_send(b, &wire, tls->held.data, cut);
		bare_settle(b);
		bare_host_send(b, &wire, tls->held.data + cut, tls->held.len - cut);
		bare_expect(b, b->front, "abc", 3);
	}
}

/* The client's side of the handshake, a byte at a time. */
static void shake_slowly(struct bare *b, struct tls *tls)
{
	int result;

	for (int turn = 0; turn < 1000; turn++) {
		tls_hold(tls, true);
		result = tls_step(tls);
		CHECK(b->t, result >= 0, "%s", tls->stream.why.data);
		for (size_t i = 0; i < tls->held.len; i++) {
			CHECK(b->t,
			      chr_write_all(tls->stream.chr, tls->held.data + i, 1,
					    deadline_in(MS)) == 1,
			      "QEMU takes no byte of the handshake");
			if (i % 16 == 0) /* in between some go alone */
				bare_settle(b);
		}
		tls_hold(tls, false);
		if (result > 0)
			return;
		stream_wait(&tls->stream, false, 5);
	}
	trial_fail(b->t, __FILE__, __LINE__, "the handshake does not end");
}

TLS_CASE(slow_handshake, .id = "tls.slow-handshake",
	 .title = "a handshake that comes byte by byte is one", .clause = "RFC 8446 5.1")
{
	struct bare *b = peer_start(t);
	struct tls *tls = peer_tls(b, peer_connect(b, 0), NULL);

	shake_slowly(b, tls);
	peer_opened(b);
	peer_works(b, &tls->stream, "slow but sure");
}

TLS_CASE(
	half_handshake, .id = "tls.half-handshake",
	.title =
		"who leaves in the middle of the handshake, or says nothing, does not keep the next one out",
	.clause = "qemu/chardev/char-socket.c tcp_chr_tls_handshake()")
{
	struct bare *b = peer_start(t);
	struct tls *tls = peer_tls(b, peer_connect(b, 0), NULL);
	struct chr *silent;

	tls_hold(tls, true);
	CHECK(t, tls_step(tls) == 0, "the handshake ends at once");
	for (unsigned i = 0; i < 3; i++) {
		struct chr *c = i ? peer_connect(b, i) : tls->stream.chr;
		size_t part = tls->held.len * i / 2;

		CHECK(t, chr_write_all(c, tls->held.data, part, deadline_in(MS)) == part,
		      "it cannot be sent");
		bare_settle(b);
		chr_close(c);
	}
	silent = peer_connect(b, 3);
	bare_settle(b);
	CHECK(t, !front_kind_is_virtio(b->front->kind) || !front_host_open(b->front),
	      "the device sees a host that has not said a word");
	chr_close(silent);
	peer_works(b, peer_open(b, 4), "next");
}

/* ---- who is not let in */

/**
 * struct wrong - A client that must not be let in
 * @authz:	of authz-simple; "": an authz object that is not there; NULL: no tls-authz=
 * @plain:	it speaks no TLS, but this
 */
static const struct wrong {
	const char *name, *chardev, *authz;
	struct tls_options options;
	const char *plain;
} wrongs[] = {
	{"no-certificate", "tls-x509", NULL, {.kind = TLS_X509, .dir = FILES}, NULL},
	{"stranger",
	 "tls-x509",
	 NULL,
	 {.kind = TLS_X509, .dir = FILES, .cert = TLS_STRANGER},
	 NULL},
	{"expired", "tls-x509", NULL, {.kind = TLS_X509, .dir = FILES, .cert = TLS_EXPIRED}, NULL},
	{"unknown-user",
	 "tls-psk",
	 NULL,
	 {.kind = TLS_PSK, .dir = FILES, .user = "nobody", .key = TLS_KEY},
	 NULL},
	{"wrong-key",
	 "tls-psk",
	 NULL,
	 {.kind = TLS_PSK, .dir = FILES, .user = TLS_USER, .key = "00112233"},
	 NULL},
	{"plain-text",
	 "tls-x509",
	 NULL,
	 {.kind = TLS_X509, .dir = FILES},
	 "hello, who is there?\r\n"},
	{"not-authorized",
	 "tls-x509",
	 "identity=CN=somebody else",
	 {.kind = TLS_X509, .dir = FILES, .cert = TLS_CLIENT},
	 NULL},
	{"no-such-authz",
	 "tls-x509",
	 "",
	 {.kind = TLS_X509, .dir = FILES, .cert = TLS_CLIENT},
	 NULL},
};

static const struct wrong *wrong_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "wrong", wrongs[i].name))
		i++;
	return &wrongs[i];
}

static void wrong_plan(const struct variant *v, struct plan *plan)
{
	const struct wrong *w = wrong_of(v);

	bare_plan(v, plan);
	strv_pushl(&plan->args, "-object",
		   strcmp(w->chardev, "tls-psk") == 0
			   ? "tls-creds-psk,id=tls0,endpoint=server,dir=" FILES
			   : "tls-creds-x509,id=tls0,endpoint=server,dir=" FILES ",verify-peer=on",
		   NULL);
	if (w->authz && *w->authz) {
		strv_push(&plan->args, "-object");
		strv_pushf(&plan->args, "authz-simple,id=authz0,%s", w->authz);
	}
	bare_chardev(plan, "socket,id=c0,host=127.0.0.1,port=0,server=on,wait=off,tls-creds=tls0%s",
		     w->authz ? ",tls-authz=authz0" : "");
}

/* Not a byte of it reaches the device, and the connection ends. */
static void keep_out(struct bare *b, const struct wrong *w, unsigned nr)
{
	struct chr *c = peer_connect(b, nr);
	struct stream plain = stream_plain(c), *s = &plain;

	if (w->plain) {
		bare_host_send(b, s, w->plain, strlen(w->plain));
	} else {
		struct tls *tls = peer_tls(b, c, &w->options);

		s = &tls->stream;
		/* A client of TLS 1.3 may believe that it is in: its words may be refused, too. */
		if (tls_begin(tls, deadline_in(MS)))
			stream_write(s, "let me in", 9);
	}
	while (w->plain) { /* an alert may come */
		char room[64];
		ssize_t n = chr_read(c, room, sizeof(room), deadline_in(MS));

		CHECK(b->t, n != CHR_TIMEOUT, "QEMU does not close the connection");
		if (n == CHR_EOF)
			break;
	}
	if (!w->plain)
		bare_host_eof(b, s);
	bare_silent(b, b->front);
	CHECK(b->t, !front_kind_is_virtio(b->front->kind) || b->bus.host_changes[1] == 0,
	      "the device sees its host end open");
	chr_close(c);
}

CASE(refused, .id = "tls.kept-out",
     .title = "a client with wrong credentials is not let in, and the next one with right ones is",
     .clause = "qemu/docs/system/tls.rst; qemu/qemu-options.hx -object tls-creds-*",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "wrong", NULL}, .plan = wrong_plan)
{
	const struct wrong *w = wrong_of(&t->spec->variant);
	struct tls_options right = {.kind = w->options.kind,
				    .dir = FILES,
				    .cert = TLS_CLIENT,
				    .user = TLS_USER,
				    .key = TLS_KEY};
	struct bare *b;
	struct tls *tls;

	tls_make_files(FILES);
	b = trial_bare(t);
	keep_out(b, w, 0);
	if (w->authz) /* nobody is */
		return;
	tls = peer_tls(b, peer_connect(b, 1), &right);
	CHECK(t, tls_begin(tls, deadline_in(MS)), "the right client: %s", tls->stream.why.data);
	peer_opened(b);
	peer_works(b, &tls->stream, "welcome");
}

static void authz_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	strv_pushl(&plan->args, "-object",
		   "tls-creds-x509,id=tls0,endpoint=server,dir=" FILES ",verify-peer=on", "-object",
		   "authz-simple,id=authz0,identity=CN=client", NULL);
	bare_chardev(
		plan,
		"socket,id=c0,host=127.0.0.1,port=0,server=on,wait=off,tls-creds=tls0,tls-authz=authz0");
}

CASE(authorized, .id = "tls.authorized", .title = "a client whose name tls-authz= allows is let in",
     .clause = "qemu/qemu-options.hx -chardev socket: tls-authz=", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = authz_plan)
{
	struct bare *b;
	struct tls *tls;

	tls_make_files(FILES);
	b = trial_bare(t);
	tls = peer_tls(b, peer_connect(b, 0), NULL);
	CHECK(t, tls_begin(tls, deadline_in(MS)), "%s", tls->stream.why.data);
	peer_opened(b);
	peer_works(b, &tls->stream, "welcome");
}
