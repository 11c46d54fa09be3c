// SPDX-License-Identifier: GPL-2.0-or-later
/* tls_client.c - QEMU as the client of a TLS server: whom it believes */
#include <string.h>

#include "cases/chardev/peer.h"

#define MS    10000
#define FILES "tls"

/* QEMU's credentials: of the same kind, for a client. */
static void client_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	strv_push(&plan->args, "-object");
	strv_push(&plan->args, variant_is(v, "chardev", "tls-psk")
				       ? "tls-creds-psk,id=tls0,endpoint=client,dir=" FILES
					 ",username=" TLS_USER
				       : "tls-creds-x509,id=tls0,endpoint=client,dir=" FILES);
	plan_add_chr(plan, "c0", CHR_TCP, CHR_QEMU_CONNECTS);
	plan->chrs[0].options = "tls-creds=tls0";
}

/* The credentials object has to be there before the chardev: see client_plan(). */
static struct tls *serve(struct trial *t, const struct tls_options *o, struct bare **b)
{
	tls_make_files(FILES);
	*b = trial_bare(t);
	return peer_tls(*b, bare_open(*b, "c0"), o);
}

CASE(as_client, .id = "tls.as-client",
     .title = "QEMU as a client meets a server that has the right credentials",
     .clause = "qemu/qemu-options.hx -chardev socket: tls-creds=", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = peer_axes, .plan = client_plan)
{
	const struct tls_options o = {.kind = trial_is(t, "chardev", "tls-psk") ? TLS_PSK
										: TLS_X509,
				      .server = true,
				      .dir = FILES,
				      .cert = TLS_SERVER,
				      .user = TLS_USER,
				      .key = TLS_KEY};
	struct bare *b;
	struct tls *tls = serve(t, &o, &b);

	CHECK(t, tls_begin(tls, deadline_in(MS)), "%s", tls->stream.why.data);
	peer_opened(b);
	peer_works(b, &tls->stream, "hello");
	bare_exchange(b, b->front, &tls->stream, 500, 14);
	tls_bye(tls);
	chr_close(tls->stream.chr);
	bare_await_filename(b, "c0", "disconnected", false);
	bare_host_opened(b, b->front, false);
}

static void wrong_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	strv_pushl(&plan->args, "-object", "tls-creds-x509,id=tls0,endpoint=client,dir=" FILES,
		   NULL);
	plan_add_chr(plan, "c0", CHR_TCP, CHR_QEMU_CONNECTS);
	plan->chrs[0].options = "tls-creds=tls0";
}

CASE(wrong_server, .id = "tls.wrong-server",
     .title = "QEMU as a client tells a server of another authority or name not a word",
     .clause = "RFC 8446 4.4.2; qemu/docs/system/tls.rst", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "wrong", NULL}, .plan = wrong_plan)
{
	const struct tls_options o = {.kind = TLS_X509,
				      .server = true,
				      .dir = FILES,
				      .cert = trial_is(t, "wrong", "stranger") ? TLS_STRANGER
									       : TLS_ELSEWHERE};
	struct bare *b;
	struct tls *tls = serve(t, &o, &b);

	CHECK(t, !tls_begin(tls, deadline_in(MS)) || tls->stream.why.len == 0,
	      "the handshake hangs: %s", tls->stream.why.data);
	if (!tls->stream.why.len) {
		stream_write(&tls->stream, "believe me", 10);
		bare_host_eof(b, &tls->stream);
	}
	bare_await_filename(b, "c0", "disconnected", false);
	bare_silent(b, b->front);
	CHECK(t, b->bus.host_changes[1] == 0, "the device sees its host end open");
}
