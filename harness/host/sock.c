// SPDX-License-Identifier: GPL-2.0-or-later
/* sock.c - stream and datagram sockets by address */
#include "harness/host/sock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define BACKLOG 4
/* A listener that has bound its name listens a moment later, and a full backlog empties. */
#define AGAIN_MS 2

struct sock_address sock_unix(const char *path)
{
	struct sock_address at = {.len = sizeof(struct sockaddr_un)};
	struct sockaddr_un *a = (struct sockaddr_un *)&at.a;

	if (strlen(path) >= sizeof(a->sun_path))
		die("too long for a socket: %s", path);
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path, path, strlen(path));
	return at;
}

struct sock_address sock_abstract(const char *name, bool tight)
{
	struct sock_address at = {.len = sizeof(struct sockaddr_un)};
	struct sockaddr_un *a = (struct sockaddr_un *)&at.a;
	size_t len = strlen(name);

	if (1 + len >= sizeof(a->sun_path))
		die("too long for a socket: %s", name);
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path + 1, name, len);
	if (tight)
		at.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
	return at;
}

struct sock_address sock_loopback(bool ipv6, int port)
{
	struct sock_address at = {.len = sizeof(struct sockaddr_in)};

	if (ipv6) {
		struct sockaddr_in6 *a = (struct sockaddr_in6 *)&at.a;

		a->sin6_family = AF_INET6;
		a->sin6_port = htons((uint16_t)port);
		a->sin6_addr = in6addr_loopback;
		at.len = sizeof(*a);
	} else {
		struct sockaddr_in *a = (struct sockaddr_in *)&at.a;

		a->sin_family = AF_INET;
		a->sin_port = htons((uint16_t)port);
		a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	return at;
}

static int new_socket(const struct sock_address *at, int type)
{
	int fd = socket(at->a.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die_errno("socket");
	return fd;
}

int sock_try_listen(const struct sock_address *at)
{
	int fd = new_socket(at, SOCK_STREAM), error;

	if (bind(fd, (const struct sockaddr *)&at->a, at->len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	io_close(&fd);
	errno = error;
	return -1;
}

int sock_listen(const struct sock_address *at)
{
	int fd = sock_try_listen(at);

	if (fd < 0)
		die_errno("unable to listen");
	return fd;
}

int sock_datagram(const struct sock_address *at, const struct sock_address *to)
{
	int fd = new_socket(at, SOCK_DGRAM);

	if (bind(fd, (const struct sockaddr *)&at->a, at->len) < 0 ||
	    (to && connect(fd, (const struct sockaddr *)&to->a, to->len) < 0))
		die_errno("unable to make a datagram socket");
	return fd;
}

int sock_port(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	if (getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		die_errno("getsockname");
	return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
					     : ((struct sockaddr_in *)&a)->sin_port);
}

/* One attempt; 0 or an errno. */
static int try_connect(int fd, const struct sock_address *to, struct deadline d)
{
	socklen_t len = sizeof(int);
	int error = 0;

	if (connect(fd, (const struct sockaddr *)&to->a, to->len) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	if (!io_wait(fd, POLLOUT, d))
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		die_errno("SO_ERROR");
	return error;
}

/* What is sent leaves at once, whatever has not been acknowledged yet. */
static void make_prompt(int fd)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	int on = 1;

	if (getsockname(fd, (struct sockaddr *)&a, &len) < 0 ||
	    (a.ss_family != AF_UNIX &&
	     setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0))
		die_errno("TCP_NODELAY");
}

/* A TCP window of less than a segment (loopback's has 65483 bytes) is not small but slow: what is
 * left of it goes by the persist timer, a few hundred bytes each 200 ms (RFC 9293 3.8.6.1). Setting
 * a size ends the kernel's own enlarging, too. */
static void make_small(int fd, sa_family_t family)
{
	int size = family == AF_UNIX ? 1 : 128 << 10;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) < 0)
		die_errno("unable to set a socket's buffers");
}

int sock_connect(const struct sock_address *to, bool small, struct deadline d, struct buf *why)
{
	for (;;) {
		int fd = new_socket(to, SOCK_STREAM), error;

		if (small)
			make_small(fd, to->a.ss_family);
		error = try_connect(fd, to, d);
		if (!error) {
			make_prompt(fd);
			return fd;
		}
		io_close(&fd);
		/* Only a name that is not there yet, or a full backlog (unix: EAGAIN), changes. */
		if ((error != ENOENT && error != EAGAIN && error != ECONNREFUSED) ||
		    deadline_passed(d)) {
			buf_addf(why, "unable to connect: %s", strerror(error));
			return -1;
		}
		io_poll(NULL, 0, deadline_earlier(d, deadline_in(AGAIN_MS)));
	}
}

int sock_accept(int listen_fd, struct deadline d)
{
	for (;;) {
		int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			make_prompt(fd);
			return fd;
		}
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			die_errno("accept");
		if (!io_wait(listen_fd, POLLIN, d))
			return -1;
	}
}
