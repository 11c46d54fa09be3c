// SPDX-License-Identifier: GPL-2.0-or-later
/* address.c - every kind of address that a socket chardev can have */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/chardev/peer.h"
#include "harness/base/io.h"

#define MS    10000
#define QUICK 30
#define PORTS 50 /* to=: so many more are tried */

/* What the trial has made before QEMU starts, and knows of it. */
struct place {
	struct bare *b;
	char name[40]; /* abstract */
	int listen_fd, given_fd, port;
};

/**
 * struct address - One of them
 * @name:	on the axis "address"
 * @prepare:	make what must be there first, and add the chardev to the plan
 * @meet:	a connected descriptor; @nr: how many there were before
 * @before, @after: query-chardev's filename without and with a client has this; NULL: unknown
 * @once:	a second client is not possible
 */
struct address {
	const char *name;
	void (*prepare)(struct trial *t, struct place *p);
	int (*meet)(struct place *p, unsigned nr);
	const char *before, *after;
	bool once;
};

static int reach(struct place *p, const struct sock_address *at, const char *what)
{
	struct buf why = BUF_INIT;
	int fd = sock_connect(at, false, deadline_in(MS), &why);

	CHECK(p->b->t, fd >= 0, "%s: %s", what, why.data);
	buf_release(&why);
	return fd;
}

/* Nobody listens there. */
static void nobody(struct place *p, const struct sock_address *at, const char *what)
{
	struct buf why = BUF_INIT;
	int fd = sock_connect(at, false, deadline_in(QUICK), &why);

	CHECK(p->b->t, fd < 0, "%s is listened to, too", what);
	buf_release(&why);
}

/* ---- unix */

static void unix_server(struct trial *t, struct place *p)
{
	(void)p;
	bare_chardev(&t->plan, "socket,id=c0,path=c0.sock,server=on,wait=off");
}

static int meet_unix(struct place *p, unsigned nr)
{
	struct sock_address at = sock_unix("c0.sock");

	(void)nr;
	return reach(p, &at, "c0.sock");
}

static void unix_client(struct trial *t, struct place *p)
{
	struct sock_address at = sock_unix("c0.sock");

	p->listen_fd = sock_listen(&at);
	bare_chardev(&t->plan, "socket,id=c0,path=c0.sock");
}

static int meet_listener(struct place *p, unsigned nr)
{
	int fd = sock_accept(p->listen_fd, deadline_in(MS));

	(void)nr;
	CHECK(p->b->t, fd >= 0, "QEMU does not connect");
	return fd;
}

static void abstract_tight(struct trial *t, struct place *p)
{
	bare_chardev(&t->plan, "socket,id=c0,path=%s,abstract=on,server=on,wait=off", p->name);
}

static void abstract_loose(struct trial *t, struct place *p)
{
	bare_chardev(&t->plan, "socket,id=c0,path=%s,abstract=on,tight=off,server=on,wait=off",
		     p->name);
}

static int meet_abstract(struct place *p, bool tight)
{
	struct sock_address at = sock_abstract(p->name, tight),
			    other = sock_abstract(p->name, !tight), file = sock_unix(p->name);

	nobody(p, &other, tight ? "the padded name" : "the unpadded name");
	nobody(p, &file, "a file of that name");
	return reach(p, &at, "the abstract name");
}

static int meet_tight(struct place *p, unsigned nr)
{
	(void)nr;
	return meet_abstract(p, true);
}

static int meet_loose(struct place *p, unsigned nr)
{
	(void)nr;
	return meet_abstract(p, false);
}

static void abstract_client(struct trial *t, struct place *p)
{
	struct sock_address at = sock_abstract(p->name, true);

	p->listen_fd = sock_listen(&at);
	bare_chardev(&t->plan, "socket,id=c0,path=%s,abstract=on", p->name);
}

/* ---- tcp */

static void tcp_server(struct trial *t, const char *options)
{
	bare_chardev(&t->plan, "socket,id=c0,%s,server=on,wait=off", options);
}

static void ipv4_server(struct trial *t, struct place *p)
{
	(void)p;
	tcp_server(t, "host=127.0.0.1,port=0,nodelay=on");
}

static void ipv6_server(struct trial *t, struct place *p)
{
	(void)p;
	tcp_server(t, "host=::1,port=0");
}

static void only_ipv4(struct trial *t, struct place *p)
{
	(void)p;
	tcp_server(t, "host=localhost,port=0,ipv4=on,ipv6=off");
}

static void anywhere(struct trial *t, struct place *p)
{
	(void)p;
	tcp_server(t, "host=,port=0,ipv4=on");
}

/* Told neither, QEMU listens to 0.0.0.0 as well, and that is what it shows. */
static void only_ipv6(struct trial *t, struct place *p)
{
	(void)p;
	tcp_server(t, "host=,port=0,ipv4=off,ipv6=on");
}

/* The port that QEMU listens on: what stands before ",server=on". */
static void learn_port(struct place *p)
{
	char *filename = bare_filename(p->b, "c0"), *at = strstr(filename, ",server=on");

	while (at && at > filename && at[-1] != ':')
		at--;
	CHECK(p->b->t, at && sscanf(at, "%d,server=on", &p->port) == 1 && p->port > 0,
	      "query-chardev tells no port: %s", filename);
	free(filename);
}

static int meet_ipv4(struct place *p, unsigned nr)
{
	struct sock_address at, other;

	if (!nr)
		learn_port(p);
	at = sock_loopback(false, p->port);
	other = sock_loopback(true, p->port);
	if (!nr && chr_udp_has_ipv6())
		nobody(p, &other, "::1");
	return reach(p, &at, "127.0.0.1");
}

static int meet_ipv6(struct place *p, unsigned nr)
{
	struct sock_address at, other;

	if (!nr)
		learn_port(p);
	at = sock_loopback(true, p->port);
	other = sock_loopback(false, p->port);
	if (!nr)
		nobody(p, &other, "127.0.0.1");
	return reach(p, &at, "::1");
}

/* The first port is taken: QEMU has to try the next ones. */
static void to_server(struct trial *t, struct place *p)
{
	struct sock_address any = sock_loopback(false, 0);

	p->listen_fd = sock_listen(&any);
	p->port = sock_port(p->listen_fd);
	bare_chardev(&t->plan, "socket,id=c0,host=127.0.0.1,port=%d,to=%d,server=on,wait=off",
		     p->port, p->port + PORTS);
}

static int meet_to(struct place *p, unsigned nr)
{
	int first = p->port;

	if (!nr) {
		learn_port(p);
		CHECK(p->b->t, p->port > first && p->port <= first + PORTS,
		      "QEMU listens on port %d, wants one from %d to %d", p->port, first + 1,
		      first + PORTS);
	}
	return meet_ipv4(p, 1);
}

static void tcp_client(struct trial *t, struct place *p, bool ipv6, const char *host)
{
	struct sock_address any = sock_loopback(ipv6, 0);

	p->listen_fd = sock_listen(&any);
	bare_chardev(&t->plan, "socket,id=c0,host=%s,port=%d", host, sock_port(p->listen_fd));
}

static void ipv4_client(struct trial *t, struct place *p)
{
	tcp_client(t, p, false, "127.0.0.1");
}

static void ipv6_client(struct trial *t, struct place *p)
{
	tcp_client(t, p, true, "::1");
}

/* ---- descriptors */

static void give(struct trial *t, struct place *p, int fd)
{
	p->given_fd = fd;
	t->plan.pass[t->plan.n_pass++] = fd;
}

static void fd_listens(struct trial *t, struct place *p)
{
	struct sock_address any = sock_loopback(false, 0);
	int fd = sock_listen(&any);

	p->port = sock_port(fd);
	give(t, p, fd);
	bare_chardev(&t->plan, "socket,id=c0,fd=%d,server=on,wait=off", fd);
}

/* With wait=on QEMU starts only when somebody is there: it finds us in the queue. */
static void fd_waits(struct trial *t, struct place *p)
{
	struct sock_address any = sock_loopback(false, 0);
	int fd = sock_listen(&any);

	p->port = sock_port(fd);
	give(t, p, fd);
	bare_chardev(&t->plan, "socket,id=c0,fd=%d,server=on,wait=on", fd);
	any = sock_loopback(false, p->port);
	p->listen_fd = sock_connect(&any, false, deadline_in(MS), &(struct buf)BUF_INIT);
	if (p->listen_fd < 0)
		trial_fail(t, __FILE__, __LINE__, "our own listener refuses us");
}

static int meet_fd(struct place *p, unsigned nr)
{
	(void)nr;
	return meet_ipv4(p, 1);
}

static int meet_waiting(struct place *p, unsigned nr)
{
	int fd = p->listen_fd;

	p->listen_fd = -1;
	return nr ? meet_ipv4(p, 1) : fd;
}

static void fd_connected(struct trial *t, struct place *p)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		trial_fail(t, __FILE__, __LINE__, "no socketpair");
	p->listen_fd = pair[0];
	give(t, p, pair[1]);
	bare_chardev(&t->plan, "socket,id=c0,fd=%d", pair[1]);
}

#define AFTER_TCP " <-> "
static const struct address addresses[] = {
	{"unix", unix_server, meet_unix, "disconnected:unix:c0.sock,server=on",
	 "unix:c0.sock,server=on", false},
	/* 7.2 tells no path of a client. */
	{"unix-client", unix_client, meet_listener, NULL, "unix:", true},
	{"abstract", abstract_tight, meet_tight, ",abstract=on", "unix:", false},
	{"abstract-loose", abstract_loose, meet_loose, ",abstract=on", "unix:", false},
	{"abstract-client", abstract_client, meet_listener, NULL, "unix:", true},
	{"ipv4", ipv4_server, meet_ipv4,
	 "disconnected:tcp:127.0.0.1:", AFTER_TCP "127.0.0.1:", false},
	{"ipv6", ipv6_server, meet_ipv6, "disconnected:tcp:", AFTER_TCP "[::1]:", false},
	{"only-ipv4", only_ipv4, meet_ipv4, "disconnected:tcp:", AFTER_TCP "127.0.0.1:", false},
	{"anywhere", anywhere, meet_ipv4,
	 "disconnected:tcp:0.0.0.0:", AFTER_TCP "127.0.0.1:", false},
	{"ipv6-only", only_ipv6, meet_ipv6, "disconnected:tcp:", AFTER_TCP "[::1]:", false},
	{"to", to_server, meet_to, "disconnected:tcp:127.0.0.1:", AFTER_TCP "127.0.0.1:", false},
	{"ipv4-client", ipv4_client, meet_listener, NULL, AFTER_TCP "127.0.0.1:", true},
	{"ipv6-client", ipv6_client, meet_listener, NULL, AFTER_TCP "[::1]:", true},
	{"fd-listens", fd_listens, meet_fd, "disconnected:", AFTER_TCP "127.0.0.1:", false},
	{"fd-waits", fd_waits, meet_waiting, NULL, AFTER_TCP "127.0.0.1:", false},
	{"fd-connected", fd_connected, meet_waiting, NULL, "unix:", true},
};

static const struct address *address_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "address", addresses[i].name))
		i++;
	return &addresses[i];
}

static const char *address_lacks(const struct variant *v, const struct caps *caps)
{
	(void)caps;
	return strncmp(address_of(v)->name, "ipv6", 4) == 0 && !chr_udp_has_ipv6()
		       ? "this host has no ::1"
		       : NULL;
}

static void close_place(void *arg)
{
	struct place *p = arg;

	io_close(&p->listen_fd);
	io_close(&p->given_fd);
}

/* A client comes and speaks; query-chardev knows of it, and of its leave. */
static void visit(struct bare *b, const struct address *a, struct place *p, unsigned nr)
{
	char id[16];
	struct stream s;

	if (a->before)
		bare_await_filename(b, "c0", a->before, false);
	snprintf(id, sizeof(id), "client%u", nr);
	s = stream_plain(bare_adopt(b, id, a->meet(p, nr)));
	bare_host_opened(b, b->front, true);
	bare_await_filename(b, "c0", a->after, false);
	bare_await_filename(b, "c0", "disconnected", true);
	bare_exchange(b, b->front, &s, 300, 300);
	chr_close(s.chr);
	bare_await_filename(b, "c0", "disconnected", false);
	bare_host_opened(b, b->front, false);
}

/* What @prepare says, but for names and numbers. */
static void address_chardevs(const struct variant *v, struct strv *texts)
{
	static const struct {
		const char *prefix, *text;
	} all[] = {
		{"unix-client", "socket,path"},
		{"unix", "socket,path,server,wait"},
		{"abstract-client", "socket,path,abstract"},
		{"abstract-loose", "socket,path,abstract,tight,server,wait"},
		{"abstract", "socket,path,abstract,server,wait"},
		{"ipv4-client", "socket,host,port"},
		{"ipv6-client", "socket,host,port"},
		{"ipv4", "socket,host,port,nodelay,server,wait"},
		{"ipv6", "socket,host,port,server,wait"},
		{"only-ipv4", "socket,host,port,ipv4,ipv6,server,wait"},
		{"anywhere", "socket,host,port,ipv4,server,wait"},
		{"to", "socket,host,port,to,server,wait"},
		{"fd-connected", "socket,fd"},
		{"fd", "socket,fd,server,wait"},
	};
	const char *name = address_of(v)->name;
	size_t i = 0;

	while (strncmp(name, all[i].prefix, strlen(all[i].prefix)) != 0)
		i++;
	strv_push(texts, all[i].text);
}

CASE(socket_address, .id = "socket.address",
     .title = "a socket chardev is where its options put it, says so, and carries bytes there",
     .clause = "qemu/qemu-options.hx -chardev socket", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "address", NULL}, .lacks = address_lacks,
     .plan = bare_plan, .chardevs = address_chardevs)
{
	const struct address *a = address_of(&t->spec->variant);
	static struct place p;
	struct bare *b;

	p = (struct place){.listen_fd = -1, .given_fd = -1};
	snprintf(p.name, sizeof(p.name), "chardev-check-%d", (int)getpid());
	trial_defer(t, close_place, &p);
	a->prepare(t, &p);
	p.b = b = trial_bare(t);
	if (a->once)
		io_close(&p.given_fd);
	visit(b, a, &p, 0);
	if (!a->once)
		visit(b, a, &p, 1);
	if (qmp_cmd(&b->rig->vm.qmp, deadline_in(MS), "quit", NULL) == QMP_ERROR)
		trial_fail(t, __FILE__, __LINE__, "quit is refused");
	bare_ended(b, 0);
	CHECK(t, trial_is(t, "address", "unix-client") || !file_exists("c0.sock"),
	      "QEMU leaves its socket's file behind");
}

/* A range of ports that are all taken, by us. */
static void take_range(struct trial *t, int fds[2])
{
	for (int tries = 0; tries < PORTS; tries++) {
		struct sock_address any = sock_loopback(false, 0), next;

		fds[0] = sock_listen(&any);
		next = sock_loopback(false, sock_port(fds[0]) + 1);
		fds[1] = sock_try_listen(&next);
		if (fds[1] >= 0)
			return;
		io_close(&fds[0]);
	}
	trial_skip(t, "this host has no two free ports in a row");
}

CASE(socket_to_full, .id = "socket.to-is-full",
     .title = "when all ports of the range are taken QEMU ends with a message",
     .clause = "qemu/qemu-options.hx -chardev socket: to=", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU)
{
	char args[100], message[200];
	int fds[2];

	take_range(t, fds);
	snprintf(args, sizeof(args),
		 "-chardev socket,id=c0,host=127.0.0.1,port=%d,to=%d,server=on,wait=off",
		 sock_port(fds[0]), sock_port(fds[1]));
	snprintf(message, sizeof(message),
		 "%s: Failed to find an available port: Address already in use", args);
	trial_refused(t, args, message);
	io_close(&fds[0]);
	io_close(&fds[1]);
}
