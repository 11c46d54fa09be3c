// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_socket.c - host ends of QEMU's socket backend: unix and tcp, whoever listens */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

/* bind() makes the file and tells inotify, listen() comes a moment later and tells nobody */
#define LISTEN_GAP_MS 2

static int new_socket(const struct chr *c, int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die_errno("chardev %s: socket", c->id);
	return fd;
}

static void unix_address(const struct chr *c, struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(c->path) >= sizeof(a->sun_path))
		die("chardev %s: too long for a socket: %s", c->id, c->path);
	memcpy(a->sun_path, c->path, strlen(c->path));
}

static int listen_unix(const struct chr *c)
{
	struct sockaddr_un a;
	int fd = new_socket(c, AF_UNIX);

	unix_address(c, &a);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die_errno("chardev %s: unable to bind %s", c->id, c->path);
	if (listen(fd, 4) < 0)
		die_errno("chardev %s: unable to listen", c->id);
	return fd;
}

static int listen_tcp(struct chr *c)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = new_socket(c, AF_INET);

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 4) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		die_errno("chardev %s: unable to listen on a port", c->id);
	c->port = ntohs(a.sin_port);
	return fd;
}

static void unix_init(struct chr *c)
{
	struct sockaddr_un a;

	c->path = xasprintf("%s.sock", c->id);
	unix_address(c, &a);
	if (c->role == CHR_QEMU_CONNECTS)
		c->listen_fd = listen_unix(c);
}

static void unix_release(struct chr *c)
{
	if (c->role == CHR_QEMU_CONNECTS)
		chr_remove(c->path);
}

static void tcp_init(struct chr *c)
{
	if (c->role == CHR_QEMU_CONNECTS)
		c->listen_fd = listen_tcp(c);
	else if (c->role == CHR_QEMU_WAITS)
		c->pass_fd = listen_tcp(c);
}

static void tcp_release(struct chr *c)
{
	c->port = 0;
}

static const char *const role_options[] = {
	[CHR_QEMU_LISTENS] = "server=on,wait=off",
	[CHR_QEMU_WAITS] = "server=on,wait=on",
	[CHR_QEMU_CONNECTS] = "server=off",
};

static const char *const role_members[] = {
	[CHR_QEMU_LISTENS] = "\"server\": true, \"wait\": false",
	[CHR_QEMU_WAITS] = "\"server\": true, \"wait\": true",
	[CHR_QEMU_CONNECTS] = "\"server\": false",
};

static void unix_cmdline(const struct chr *c, struct buf *b)
{
	buf_addf(b, ",path=%s,%s", c->path, role_options[c->role]);
}

static void unix_qmp(const struct chr *c, struct buf *b)
{
	buf_addf(b, "\"addr\": {\"type\": \"unix\", \"data\": {\"path\": \"%s\"}}, %s", c->path,
		 role_members[c->role]);
}

static void tcp_cmdline(const struct chr *c, struct buf *b)
{
	if (c->role == CHR_QEMU_WAITS)
		buf_addf(b, ",fd=%d,%s", c->pass_fd, role_options[c->role]);
	else
		buf_addf(b, ",host=127.0.0.1,port=%d,%s",
			 c->role == CHR_QEMU_CONNECTS ? c->port : 0, role_options[c->role]);
}

static void tcp_qmp(const struct chr *c, struct buf *b)
{
	if (c->role == CHR_QEMU_WAITS)
		buf_addf(b, "\"addr\": {\"type\": \"fd\", \"data\": {\"str\": \"%s\"}}, %s", c->id,
			 role_members[c->role]);
	else
		buf_addf(b,
			 "\"addr\": {\"type\": \"inet\", \"data\": {\"host\": \"127.0.0.1\", "
			 "\"port\": \"%d\"}}, %s",
			 c->role == CHR_QEMU_CONNECTS ? c->port : 0, role_members[c->role]);
}

static bool tcp_learn(struct chr *c, const char *filename)
{
	static const char before[] = "tcp:127.0.0.1:", behind[] = ",server=on";
	const char *at = strstr(filename, before), *end;
	unsigned long long port;
	char *digits;
	bool good;

	if (c->role == CHR_QEMU_CONNECTS || !at)
		return false;
	at += strlen(before);
	end = strstr(at, behind);
	if (!end)
		return false;
	digits = xstrndup(at, (size_t)(end - at));
	good = text_parse_u64(digits, &port) && port >= 1 && port <= 65535;
	free(digits);
	if (good)
		c->port = (int)port;
	return good;
}

static bool tcp_needs(const struct chr *c)
{
	return !c->port;
}

static bool accept_one(struct chr *c, struct deadline d, struct buf *why)
{
	for (;;) {
		c->fd = accept4(c->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd >= 0)
			return true;
		/* ECONNABORTED: it came and went */
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			die_errno("chardev %s: accept", c->id);
		if (!io_wait(c->listen_fd, POLLIN, d)) {
			buf_addf(why, "chardev %s: QEMU did not connect in time", c->id);
			return false;
		}
	}
}

/* Is it worth trying again, and when? 0: when a file appears; else in so many milliseconds */
static int unix_retry(int error)
{
	if (error == ENOENT)
		return 0;
	/* bound but not listening yet, or connections before ours were not accepted yet */
	if (error == ECONNREFUSED || error == EAGAIN || error == EINTR)
		return LISTEN_GAP_MS;
	return -1;
}

static bool connect_unix(struct chr *c, int *watch, struct deadline d, struct buf *why)
{
	struct sockaddr_un a;

	unix_address(c, &a);
	for (;;) {
		int fd = new_socket(c, AF_UNIX), error, retry;

		if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0) {
			c->fd = fd;
			return true;
		}
		error = errno;
		io_close(&fd);
		retry = unix_retry(error);
		if (retry < 0 || deadline_passed(d)) {
			buf_addf(why, "chardev %s: unable to connect to %s: %s", c->id, c->path,
				 strerror(error));
			return false;
		}
		if (retry)
			io_poll(NULL, 0, deadline_earlier(d, deadline_in(retry)));
		else
			chr_watch_wait(watch, ".", IN_CREATE | IN_MOVED_TO, d);
	}
}

static bool unix_open(struct chr *c, struct deadline d, struct buf *why)
{
	int watch = -1;
	bool good;

	if (c->role == CHR_QEMU_CONNECTS)
		return accept_one(c, d, why);
	good = connect_unix(c, &watch, d, why);
	io_close(&watch);
	return good;
}

static bool connect_tcp(struct chr *c, struct deadline d, struct buf *why)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)c->port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = new_socket(c, AF_INET), error = 0;
	socklen_t len = sizeof(error);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		error = errno;
		if (error == EINPROGRESS && !io_wait(fd, POLLOUT, d))
			error = ETIMEDOUT;
		else if (error == EINPROGRESS &&
			 getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
			die_errno("chardev %s: SO_ERROR", c->id);
	}
	if (error) {
		io_close(&fd);
		buf_addf(why, "chardev %s: unable to connect to 127.0.0.1:%d: %s", c->id, c->port,
			 strerror(error));
		return false;
	}
	c->fd = fd;
	return true;
}

static bool tcp_open(struct chr *c, struct deadline d, struct buf *why)
{
	int on = 1;

	/* QEMU has it by now. If it is gone, connecting must fail rather than reach ourselves */
	io_close(&c->pass_fd);
	if (!(c->role == CHR_QEMU_CONNECTS ? accept_one(c, d, why) : connect_tcp(c, d, why)))
		return false;
	if (setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		die_errno("chardev %s: TCP_NODELAY", c->id);
	return true;
}

static ssize_t socket_read(struct chr *c, void *buf, size_t len)
{
	ssize_t n = recv(c->fd, buf, len, 0);

	return n == 0 ? CHR_EOF : chr_rw_result(c, n, "read");
}

static ssize_t socket_write(struct chr *c, const void *buf, size_t len)
{
	return chr_rw_result(c, send(c->fd, buf, len, MSG_NOSIGNAL), "write");
}

const struct chr_ops chr_unix_ops = {
	.backend = "socket",
	.init = unix_init,
	.release = unix_release,
	.cmdline = unix_cmdline,
	.qmp = unix_qmp,
	.open = unix_open,
	.read = socket_read,
	.write = socket_write,
};

const struct chr_ops chr_tcp_ops = {
	.backend = "socket",
	.init = tcp_init,
	.release = tcp_release,
	.cmdline = tcp_cmdline,
	.qmp = tcp_qmp,
	.learn = tcp_learn,
	.needs = tcp_needs,
	.open = tcp_open,
	.read = socket_read,
	.write = socket_write,
};
