// SPDX-License-Identifier: GPL-2.0-or-later
/* reconnect.c - reconnect= and reconnect-ms=: a server that is late, goes, and comes back */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/chardev/reconnect.h"
#include "harness/base/io.h"

#define MS   RECONNECT_MS
#define PATH RECONNECT_PATH

/* reconnect-ms since 9.2; reconnect, in seconds, until 10.1. */
const char *reconnect_lacks(const struct variant *v, const struct caps *caps)
{
	bool ms = variant_is(v, "reconnect", "ms");

	if (ms && !caps_version_at_least(caps, 9, 2, 0))
		return "reconnect-ms is there from QEMU 9.2 on";
	if (!ms && caps_version_at_least(caps, 10, 2, 0))
		return "reconnect is there before QEMU 10.2 only";
	return NULL;
}

static const char *reconnect_option(const struct variant *v)
{
	return variant_is(v, "reconnect", "ms") ? "reconnect-ms=20" : "reconnect=1";
}

void reconnect_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "socket,id=c0,path=" PATH ",%s", reconnect_option(v));
}

const char *const reconnect_axes[] = {"device", "reconnect", NULL};

struct chr *reconnect_arrival(struct bare *b, int listen_fd, const char *id)
{
	int fd = sock_accept(listen_fd, deadline_in(MS));

	CHECK(b->t, fd >= 0, "QEMU does not connect");
	return bare_adopt(b, id, fd);
}

/* It works. */
static struct chr *arrival(struct bare *b, int listen_fd, const char *id)
{
	struct stream s = stream_plain(reconnect_arrival(b, listen_fd, id));

	peer_opened(b);
	peer_works(b, &s, "hello");
	return s.chr;
}

void reconnect_fails(struct bare *b)
{
	CHECK(b->t,
	      vm_await_words(&b->rig->vm,
			     "Unable to connect character device c0: ", deadline_in(MS)),
	      "QEMU does not say that nobody is there");
}

int reconnect_listen(void)
{
	struct sock_address at = sock_unix(PATH);

	return sock_listen(&at);
}

/* A chardev of the same period, whose server hangs up now and is there again: when it has come back
 * all others that were to connect have tried once more. */
static void another_try(struct bare *b, int listen_fd)
{
	for (int i = 0; i < 2; i++) {
		int fd = sock_accept(listen_fd, deadline_in(MS));

		CHECK(b->t, fd >= 0, "QEMU does not connect to the other server");
		bare_await_filename(b, "clock", "disconnected", true);
		io_close(&fd);
	}
	bare_settle(b);
}

RECONNECT(late, .id = "reconnect.late-server",
	  .title = "QEMU starts without its server, says so once, and connects when there is one")
{
	struct sock_address at = sock_unix("clock.sock");
	int clock_fd = sock_listen(&at), listen_fd;
	struct buf words = BUF_INIT;
	const char *first;
	struct bare *b;

	bare_chardev(&t->plan, "socket,id=clock,path=clock.sock,%s",
		     reconnect_option(&t->spec->variant));
	b = trial_bare(t);
	reconnect_fails(b);
	another_try(b, clock_fd);
	CHECK(t, buf_read_file(&words, VM_ERR), "no stderr");
	first = strstr(words.data, "Unable to connect");
	CHECK(t, first && !strstr(first + 1, "Unable to connect"), "QEMU says it again: %s",
	      words.data);
	listen_fd = reconnect_listen();
	arrival(b, listen_fd, "first");
	buf_release(&words);
	io_close(&listen_fd);
	io_close(&clock_fd);
}

RECONNECT(again, .id = "reconnect.comes-back",
	  .title = "QEMU connects again after its server has hung up, and after it was not there")
{
	struct bare *b;
	struct chr *c;
	int listen_fd = reconnect_listen();

	b = trial_bare(t);
	c = arrival(b, listen_fd, "first");
	chr_close(c); /* the same listener */
	c = arrival(b, listen_fd, "second");
	io_close(&listen_fd);
	unlink(PATH);
	chr_close(c); /* nobody at all, for a while */
	reconnect_fails(b);
	bare_await_filename(b, "c0", "disconnected:unix:" PATH, false);
	bare_host_opened(b, b->front, false);
	listen_fd = reconnect_listen();
	arrival(b, listen_fd, "third");
	io_close(&listen_fd);
}

RECONNECT(refused, .id = "reconnect.not-kept",
	  .title = "without reconnect a connection that has ended stays so, and QEMU goes on")
{
	struct sock_address at = sock_unix("once.sock");
	int listen_fd = sock_listen(&at), other = reconnect_listen(), fd;
	struct bare *b;

	bare_chardev(&t->plan, "socket,id=once,path=once.sock");
	b = trial_bare(t);
	fd = sock_accept(listen_fd, deadline_in(MS));
	CHECK(t, fd >= 0, "QEMU does not connect");
	io_close(&fd);
	bare_await_filename(b, "once", "disconnected", false);
	/* The other one, whose connection ends later, has come again in the meantime. */
	chr_close(arrival(b, other, "first"));
	arrival(b, other, "second");
	CHECK(t, sock_accept(listen_fd, deadline_in(0)) < 0, "QEMU connects again");
	io_close(&other);
	io_close(&listen_fd);
}
