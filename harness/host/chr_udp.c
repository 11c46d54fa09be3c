// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_udp.c - host end of QEMU's udp backend: datagrams between two ports of this host */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

#define DATAGRAM_MAX 65536
#define RECEIVE_BUF  (16 << 20)

/* What each form tells QEMU; NULL: nothing. @family: "ipv4" or "ipv6" as an option of its own. */
static const struct {
	const char *host, *localaddr, *family;
	bool localport;
} forms[] = {
	[CHR_UDP_LOCAL] = {"127.0.0.1", "127.0.0.1", NULL, true},
	[CHR_UDP_REMOTE] = {"127.0.0.1", NULL, NULL, false},
	[CHR_UDP_LOCALADDR] = {"127.0.0.1", "127.0.0.2", NULL, false},
	[CHR_UDP_LOCALPORT] = {"127.0.0.1", NULL, NULL, true},
	[CHR_UDP_IPV4] = {"localhost", NULL, "ipv4", true},
	[CHR_UDP_IPV6] = {"::1", "::1", "ipv6", true},
};

/* The loopback address of a family, and its length. */
static socklen_t loopback(int family, int port, struct sockaddr_storage *a)
{
	struct sockaddr_in *in = (struct sockaddr_in *)a;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)a;

	*a = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
	if (family == AF_INET6) {
		in6->sin6_addr = in6addr_loopback;
		in6->sin6_port = htons((uint16_t)port);
		return sizeof(*in6);
	}
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	in->sin_port = htons((uint16_t)port);
	return sizeof(*in);
}

/* Both families have their port at the same place. */
static int port_of(const struct sockaddr_storage *a)
{
	struct sockaddr_in in;

	memcpy(&in, a, sizeof(in));
	return ntohs(in.sin_port);
}

/* A socket on a port that the kernel chooses; -1 with errno. */
static int try_bound_socket(int family, int *port)
{
	struct sockaddr_storage a;
	socklen_t len = loopback(family, 0, &a);
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (bind(fd, (struct sockaddr *)&a, len) < 0 ||
			getsockname(fd, (struct sockaddr *)&a, &len) < 0))
		io_close(&fd);
	*port = fd < 0 ? 0 : port_of(&a);
	return fd;
}

static int bound_socket(const struct chr *c, int *port)
{
	int fd = try_bound_socket(c->udp_form == CHR_UDP_IPV6 ? AF_INET6 : AF_INET, port);

	if (fd < 0)
		die_errno("chardev %s: unable to bind a udp port", c->id);
	return fd;
}

bool chr_udp_has_ipv6(void)
{
	int port, fd = try_bound_socket(AF_INET6, &port);
	bool has = fd >= 0;

	io_close(&fd);
	return has;
}

/* Nobody else's datagrams from now on. */
static void meet(struct chr *c, const struct sockaddr_storage *a, socklen_t len)
{
	char text[INET6_ADDRSTRLEN] = "";
	const void *address = a->ss_family == AF_INET6
				      ? (const void *)&((const struct sockaddr_in6 *)a)->sin6_addr
				      : (const void *)&((const struct sockaddr_in *)a)->sin_addr;

	if (connect(c->listen_fd, (const struct sockaddr *)a, len) < 0)
		die_errno("chardev %s: connect", c->id);
	c->qemu_port = port_of(a);
	if (!inet_ntop(a->ss_family, address, text, sizeof(text)))
		die_errno("chardev %s: inet_ntop", c->id);
	free(c->path);
	c->path = xasprintf("%s:%d", text, c->qemu_port);
}

/* Datagrams that find no room are lost, so have much room. Only root may go beyond the limit. */
static void enlarge(const struct chr *c, int fd)
{
	int size = RECEIVE_BUF;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) == 0)
		return;
	if (errno != EPERM || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) < 0)
		die_errno("chardev %s: SO_RCVBUF", c->id);
}

/* The socket that is ours for good is kept in listen_fd: what QEMU sends before chr_open() and
 * after chr_close() waits in there, as for any udp peer that does not look. */
static void udp_init(struct chr *c)
{
	struct sockaddr_storage a;
	socklen_t len;
	int on = 1;

	c->listen_fd = bound_socket(c, &c->port);
	enlarge(c, c->listen_fd);
	if (!forms[c->udp_form].localport)
		return;
	c->priv->hold_fd = bound_socket(c, &c->qemu_port);
	if (setsockopt(c->priv->hold_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		die_errno("chardev %s: SO_REUSEADDR", c->id);
	len = loopback(c->udp_form == CHR_UDP_IPV6 ? AF_INET6 : AF_INET, c->qemu_port, &a);
	meet(c, &a, len);
}

static void udp_release(struct chr *c)
{
	c->port = c->qemu_port = 0;
}

void chr_udp_form(struct chr *c, enum chr_udp_form form)
{
	io_close(&c->listen_fd);
	io_close(&c->priv->hold_fd);
	udp_release(c);
	free(c->path);
	c->path = NULL;
	c->udp_form = form;
	udp_init(c);
}

void chr_udp_options(enum chr_udp_form form, int port, int qemu_port, struct buf *b)
{
	buf_addf(b, ",host=%s,port=%d", forms[form].host, port);
	if (forms[form].family)
		buf_addf(b, ",%s=on", forms[form].family);
	if (forms[form].localaddr)
		buf_addf(b, ",localaddr=%s", forms[form].localaddr);
	if (forms[form].localport)
		buf_addf(b, ",localport=%d", qemu_port);
}

static void udp_cmdline(const struct chr *c, struct buf *b)
{
	chr_udp_options(c->udp_form, c->port, c->qemu_port, b);
}

/* "local" has both its members or is not there: an empty host is any, port 0 is any. */
static void udp_qmp(const struct chr *c, struct buf *b)
{
	const char *localaddr = forms[c->udp_form].localaddr, *family = forms[c->udp_form].family;

	buf_addf(b,
		 "\"remote\": {\"type\": \"inet\", \"data\": {\"host\": \"%s\", \"port\": \"%d\"",
		 forms[c->udp_form].host, c->port);
	if (family)
		buf_addf(b, ", \"%s\": true", family);
	buf_addstr(b, "}}");
	if (localaddr || forms[c->udp_form].localport)
		buf_addf(b,
			 ", \"local\": {\"type\": \"inet\", \"data\": {\"host\": \"%s\", "
			 "\"port\": \"%d\"}}",
			 localaddr ? localaddr : "", c->qemu_port);
}

static bool udp_open(struct chr *c, struct deadline d, struct buf *why)
{
	(void)d;
	(void)why;
	c->fd = fcntl(c->listen_fd, F_DUPFD_CLOEXEC, 0);
	if (c->fd < 0)
		die_errno("chardev %s: dup", c->id);
	return true;
}

static ssize_t take_rest(struct chr *c, void *buf, size_t len)
{
	struct buf *rest = &c->priv->datagram;
	size_t n = rest->len < len ? rest->len : len;

	memcpy(buf, rest->data, n);
	buf_drop(rest, n);
	return (ssize_t)n;
}

/* The first datagram tells where QEMU is; it stays to be read. False: none has come yet. */
static bool met(struct chr *c)
{
	struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(from);
	char byte;

	if (c->qemu_port)
		return true;
	if (recvfrom(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)&from, &len) < 0)
		return false;
	meet(c, &from, len);
	return true;
}

static ssize_t udp_read(struct chr *c, void *buf, size_t len)
{
	struct buf *rest = &c->priv->datagram;

	if (!met(c))
		return 0;
	while (!rest->len) {
		/* A datagram that does not fit would be cut: read it elsewhere and hand out parts
		 */
		bool fits = len >= DATAGRAM_MAX;
		ssize_t n = recv(c->fd, fits ? buf : buf_reserve(rest, DATAGRAM_MAX),
				 fits ? len : DATAGRAM_MAX, 0);

		/* an empty datagram is no bytes; ICMP told that nobody listens: try the next */
		if (n == 0 || (n < 0 && errno == ECONNREFUSED))
			continue;
		if (n < 0 || fits)
			return chr_rw_result(c, n, "read");
		rest->len = (size_t)n;
	}
	return take_rest(c, buf, len);
}

static ssize_t udp_write(struct chr *c, const void *buf, size_t len)
{
	size_t n = len < CHR_DATAGRAM ? len : CHR_DATAGRAM;
	ssize_t sent;

	if (!met(c))
		return 0;
	sent = send(c->fd, buf, n, MSG_NOSIGNAL);
	/* The error of an earlier datagram, reported now; this one was not sent. It is lost as
	 * well. */
	if (sent < 0 && errno == ECONNREFUSED)
		return (ssize_t)n;
	return chr_rw_result(c, sent, "write");
}

const struct chr_ops chr_udp_ops = {
	.backend = "udp",
	.init = udp_init,
	.release = udp_release,
	.cmdline = udp_cmdline,
	.qmp = udp_qmp,
	.open = udp_open,
	.read = udp_read,
	.write = udp_write,
};

/* "sl local rem st tx:rx tr:when retrnsmt uid timeout inode ref pointer drops", addresses in hex */
unsigned long chr_host_drops(const struct chr *c)
{
	struct buf table = BUF_INIT;
	struct strv lines = {NULL, 0};
	const char *name = c->udp_form == CHR_UDP_IPV6 ? "/proc/net/udp6" : "/proc/net/udp";
	unsigned long all = 0;

	if (c->kind != CHR_UDP)
		return 0;
	if (!buf_read_file(&table, name))
		die_errno("unable to read %s", name);
	strv_split(&lines, table.data, "\n");
	for (size_t i = 1; i < lines.n; i++) {
		unsigned long drops;
		unsigned int port;

		if (sscanf(lines.v[i],
			   "%*s %*[0-9A-F]:%4x %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu", &port,
			   &drops) == 2 &&
		    ((int)port == c->port || (int)port == c->qemu_port))
			all += drops;
	}
	strv_release(&lines);
	buf_release(&table);
	return all;
}
