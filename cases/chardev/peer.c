// SPDX-License-Identifier: GPL-2.0-or-later
/* peer.c - clients of a socket chardev */
#include "cases/chardev/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID "c0"

const char *const peer_axes[] = {"device", "chardev", NULL};

#define SERVER "server=on,wait=off"
#define TCP    "host=127.0.0.1,port=0," SERVER
#define TLS    TCP ",tls-creds=tls0"
#define FILES  "tls"
static const struct peer_kind kinds[] = {
	{"unix", "path=c0.sock," SERVER, NULL, PEER_PLAIN},
	{"tcp", TCP, NULL, PEER_PLAIN},
	{"telnet", TCP ",telnet=on", NULL, PEER_PLAIN},
	{"tn3270", TCP ",tn3270=on", NULL, PEER_PLAIN},
	{"tls-x509", TLS, "tls-creds-x509,id=tls0,endpoint=server,dir=" FILES ",verify-peer=on",
	 PEER_TLS},
	{"tls-psk", TLS, "tls-creds-psk,id=tls0,endpoint=server,dir=" FILES, PEER_TLS},
	{"websocket", TCP ",websocket=on", NULL, PEER_WEBSOCKET},
	{"tls-telnet", TLS ",telnet=on",
	 "tls-creds-x509,id=tls0,endpoint=server,dir=" FILES ",verify-peer=on", PEER_TLS},
	{"websocket-telnet", TCP ",websocket=on,telnet=on", NULL, PEER_WEBSOCKET},
	{"tls-anon", TLS, "tls-creds-anon,id=tls0,endpoint=server,dir=" FILES, PEER_TLS},
};

static const struct peer_kind *kind_of(const struct variant *v)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (variant_is(v, "chardev", kinds[i].name))
			return &kinds[i];
	return &kinds[0];
}

void peer_plan(const struct variant *v, struct plan *plan)
{
	const struct peer_kind *k = kind_of(v);

	bare_plan(v, plan);
	if (k->object)
		strv_pushl(&plan->args, "-object", k->object, NULL);
	bare_chardev(plan, "socket,id=" ID ",%s", k->options);
}

struct bare *peer_start(struct trial *t)
{
	if (kind_of(&t->spec->variant)->protocol == PEER_TLS)
		tls_make_files(FILES);
	return trial_bare(t);
}

bool peer_is_plain(const struct bare *b)
{
	return kind_of(&b->t->spec->variant)->protocol == PEER_PLAIN;
}

bool peer_hears(const struct bare *b)
{
	return b->front->kind != FRONT_DEBUGCON;
}

struct sock_address peer_address(struct bare *b)
{
	int port;

	if (trial_is(b->t, "chardev", "unix"))
		return sock_unix("c0.sock");
	port = bare_port(b, ID);
	CHECK(b->t, port > 0, "query-chardev tells no port of " ID);
	return sock_loopback(false, port);
}

static struct chr *connect_client(struct bare *b, unsigned nr, bool small)
{
	struct sock_address at = peer_address(b);
	struct buf why = BUF_INIT;
	char id[16];
	int fd = sock_connect(&at, small, deadline_in(BARE_MS), &why);

	CHECK(b->t, fd >= 0, "client %u: %s", nr, why.data);
	buf_release(&why);
	snprintf(id, sizeof(id), "client%u", nr);
	return bare_adopt(b, id, fd);
}

struct chr *peer_connect(struct bare *b, unsigned nr)
{
	return connect_client(b, nr, false);
}

struct chr *peer_small(struct bare *b, unsigned nr)
{
	return connect_client(b, nr, true);
}

static void stream_free(void *arg)
{
	struct stream *s = arg;

	buf_release(&s->why);
	free(s);
}

static void tls_free(void *arg)
{
	tls_release(arg);
	free(arg);
}

struct tls *peer_tls(struct bare *b, struct chr *c, const struct tls_options *o)
{
	struct tls_options right = {.dir = FILES,
				    .cert = TLS_CLIENT,
				    .user = TLS_USER,
				    .key = TLS_KEY};
	struct tls *tls = xcalloc(1, sizeof(*tls));

	right.kind = trial_is(b->t, "chardev", "tls-psk")    ? TLS_PSK
		     : trial_is(b->t, "chardev", "tls-anon") ? TLS_ANON
							     : TLS_X509;
	tls_init(tls, c, o ? o : &right);
	trial_defer(b->t, tls_free, tls);
	return tls;
}

static struct stream *begin_plain(struct bare *b, struct chr *c)
{
	struct stream *s = xcalloc(1, sizeof(*s));

	*s = stream_plain(c);
	trial_defer(b->t, stream_free, s);
	return s;
}

static void ws_free(void *arg)
{
	ws_release(arg);
	free(arg);
}

struct stream *peer_begin(struct bare *b, struct chr *c)
{
	int protocol = kind_of(&b->t->spec->variant)->protocol;

	if (protocol == PEER_TLS) {
		struct tls *tls = peer_tls(b, c, NULL);

		CHECK(b->t, tls_begin(tls, deadline_in(BARE_MS)), "%s", tls->stream.why.data);
		return &tls->stream;
	}
	if (protocol == PEER_WEBSOCKET) {
		struct websocket *w = xcalloc(1, sizeof(*w));

		ws_init(w, begin_plain(b, c));
		trial_defer(b->t, ws_free, w);
		CHECK(b->t, ws_begin(w, deadline_in(BARE_MS)), "%s: %s", w->stream.why.data,
		      w->answer.data);
		return &w->stream;
	}
	return begin_plain(b, c);
}

void peer_opened(struct bare *b)
{
	bare_host_opened(b, b->front, true);
	bare_await_filename(b, ID, "disconnected", true);
}

struct stream *peer_ready(struct bare *b, struct chr *c)
{
	struct stream *s = peer_begin(b, c);

	peer_opened(b);
	return s;
}

struct stream *peer_open(struct bare *b, unsigned nr)
{
	return peer_ready(b, peer_connect(b, nr));
}

void peer_leave(struct bare *b, struct stream *s)
{
	chr_close(s->chr);
	bare_host_opened(b, b->front, false);
	bare_await_filename(b, ID, "disconnected", false);
}

void peer_works(struct bare *b, struct stream *s, const char *mark)
{
	bare_send(b, b->front, mark, strlen(mark));
	bare_host_expect(b, s, mark, strlen(mark));
	if (!peer_hears(b))
		return;
	bare_host_send(b, s, mark, strlen(mark));
	bare_expect(b, b->front, mark, strlen(mark));
}
