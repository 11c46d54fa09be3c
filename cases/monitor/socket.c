// SPDX-License-Identifier: GPL-2.0-or-later
/* socket.c - what only QMP can say of a socket chardev's address */
#include <linux/mptcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cases/monitor/monitor.h"

#define SOME	   300
#define TIMER_KEEP 2 /* proc_net_tcp.txt: of the field "tr", the keepalive timer */

static const struct form {
	const char *name;
} forms[] = {{"keep-alive"}, {"no-keep-alive"}, {"mptcp"}, {"fd-connected"}, {"fd-listens"}};

static const char *form_lacks(const struct variant *v, const struct caps *caps)
{
	int fd;

	(void)caps;
	if (!variant_is(v, "row", "mptcp"))
		return NULL;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	if (fd < 0)
		return "this kernel has no MPTCP (CONFIG_MPTCP, net.mptcp.enabled)";
	close(fd);
	return NULL;
}

/* The port's first backend only gives it a place. */
static void form_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "first");
	bare_chardev(plan, "ringbuf,id=first");
}

static void form_chardevs(const struct variant *v, struct strv *texts)
{
	strv_push(texts, strncmp(variant_get(v, "row"), "fd-", 3) == 0
				 ? "socket,id=c0,fd=N"
				 : "socket,id=c0,host=127.0.0.1,port=0");
}

static void add(struct bare *b, const char *address, const char *more)
{
	bare_qmp(b, "chardev-add",
		 "{\"id\": \"c0\", \"backend\": {\"type\": \"socket\", \"data\": {\"addr\": "
		 "{\"type\": %s}%s}}}",
		 address, more);
}

/* The timer that runs for the connection from @port to @peer, ports of 127.0.0.1; -1: there is no
 * such connection. */
static int timer_of(int port, int peer)
{
	char line[512];
	FILE *f = fopen("/proc/net/tcp", "re");
	int timer = -1;

	while (f && timer < 0 && fgets(line, sizeof(line), f)) {
		unsigned local, remote, tr;

		if (sscanf(line, " %*u: %*x:%x %*x:%x %*x %*x:%*x %x:", &local, &remote, &tr) ==
			    3 &&
		    (int)local == port && (int)remote == peer)
			timer = (int)tr;
	}
	if (f)
		fclose(f);
	return timer;
}

/* QEMU connects to us: @option is there, or not. */
static int keeps_alive(struct bare *b, bool keep)
{
	struct sock_address any = sock_loopback(false, 0);
	struct sockaddr_in from = {0};
	socklen_t len = sizeof(from);
	int listen_fd = sock_listen(&any), fd, timer;
	char *address = xasprintf("\"inet\", \"data\": {\"host\": \"127.0.0.1\", \"port\": "
				  "\"%d\"%s}",
				  sock_port(listen_fd), keep ? ", \"keep-alive\": true" : "");

	add(b, address, ", \"server\": false");
	fd = sock_accept(listen_fd, deadline_in(BARE_MS));
	CHECK(b->t, fd >= 0 && getpeername(fd, (struct sockaddr *)&from, &len) == 0,
	      "QEMU does not connect");
	timer = timer_of(ntohs(from.sin_port), sock_port(listen_fd));
	/* Nothing has been sent: no timer but this one can run. */
	CHECK(b->t, timer == (keep ? TIMER_KEEP : 0),
	      "with%s keep-alive the connection has timer %d of /proc/net/tcp, not %d",
	      keep ? "" : "out", timer, keep ? TIMER_KEEP : 0);
	close(listen_fd);
	free(address);
	return fd;
}

/* QEMU listens; we speak MPTCP with it, and learn whether it does. */
static int speaks_mptcp(struct bare *b)
{
	struct mptcp_info info = {0};
	socklen_t len = sizeof(info);
	struct sock_address at;
	int fd, port;

	add(b, "\"inet\", \"data\": {\"host\": \"127.0.0.1\", \"port\": \"0\", \"mptcp\": true}",
	    ", \"wait\": false");
	port = bare_port(b, "c0");
	CHECK(b->t, port > 0, "query-chardev tells no port of c0");
	at = sock_loopback(false, port);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	CHECK(b->t, fd >= 0 && connect(fd, (struct sockaddr *)&at.a, at.len) == 0,
	      "there is no MPTCP connection to port %d", port);
	CHECK(b->t, getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &len) == 0,
	      "the connection fell back to TCP: QEMU does not speak MPTCP");
	CHECK(b->t, !(info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK),
	      "the connection fell back to TCP: QEMU does not speak MPTCP");
	return fd;
}

/* A socket that was handed over under a name. */
static int is_named(struct bare *b, bool listens)
{
	struct sock_address at = sock_unix("named.sock");
	struct buf why = BUF_INIT;
	int fds[2] = {-1, -1};

	if (!listens)
		CHECK(b->t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0,
		      "socketpair fails");
	monitor_hand_over(b, listens ? sock_listen(&at) : fds[1], "named");
	add(b, "\"fd\", \"data\": {\"str\": \"named\"}",
	    listens ? ", \"wait\": false" : ", \"server\": false");
	if (listens)
		fds[0] = sock_connect(&at, false, deadline_in(BARE_MS), &why);
	CHECK(b->t, fds[0] >= 0, "%s", why.data);
	buf_release(&why);
	return fds[0];
}

CASE(monitor_socket, .id = "monitor.socket",
     .title = "chardev-add of a socket takes what only QMP can say of its address: keep-alive, "
	      "MPTCP, a descriptor by its name; bytes pass both ways",
     .clause = "qapi/sockets.json InetSocketAddress, FdSocketAddress", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL}, .rows = ROWS(forms),
     .lacks = form_lacks, .plan = form_plan, .chardevs = form_chardevs)
{
	struct bare *b = trial_bare(t);
	struct stream s;
	int fd;

	if (trial_is(t, "row", "mptcp"))
		fd = speaks_mptcp(b);
	else if (trial_is(t, "row", "fd-connected") || trial_is(t, "row", "fd-listens"))
		fd = is_named(b, trial_is(t, "row", "fd-listens"));
	else
		fd = keeps_alive(b, trial_is(t, "row", "keep-alive"));
	s = stream_plain(bare_adopt(b, "peer", fd));
	bare_unplug(b, "port1");
	bare_plug(b, "c0");
	bare_host_opened(b, b->front, true);
	bare_exchange(b, b->front, &s, SOME, SOME);
	chr_close(s.chr);
	bare_host_opened(b, b->front, false);
}
