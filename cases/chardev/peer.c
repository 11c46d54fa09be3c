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
static const struct peer_kind kinds[] = {
	{"unix", "path=c0.sock," SERVER},
	{"tcp", TCP},
	{"telnet", TCP ",telnet=on"},
	{"tn3270", TCP ",tn3270=on"},
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
	bare_plan(v, plan);
	bare_chardev(plan, "socket,id=" ID ",%s", kind_of(v)->options);
}

bool peer_hears(const struct bare *b)
{
	return b->front->kind != FRONT_DEBUGCON;
}

struct sock_address peer_address(struct bare *b)
{
	char *filename, *at;
	int port;

	if (trial_is(b->t, "chardev", "unix"))
		return sock_unix("c0.sock");
	filename = bare_filename(b, ID);
	at = strstr(filename, ":127.0.0.1:");
	CHECK(b->t, at && sscanf(at, ":127.0.0.1:%d", &port) == 1,
	      "query-chardev tells no port: %s", filename);
	free(filename);
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

struct stream *peer_ready(struct bare *b, struct chr *c)
{
	struct stream *s = xcalloc(1, sizeof(*s));

	*s = stream_plain(c);
	trial_defer(b->t, stream_free, s);
	bare_host_opened(b, b->front, true);
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
