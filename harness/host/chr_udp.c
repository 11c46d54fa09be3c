// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_udp.c - host end of QEMU's udp backend: datagrams between two ports of 127.0.0.1 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

#define DATAGRAM_MAX 65536
#define RECEIVE_BUF  (16 << 20)

static int bound_socket(const struct chr *c, int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		die_errno("chardev %s: unable to bind a udp port", c->id);
	*port = ntohs(a.sin_port);
	return fd;
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
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;

	c->priv->hold_fd = bound_socket(c, &c->qemu_port);
	if (setsockopt(c->priv->hold_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		die_errno("chardev %s: SO_REUSEADDR", c->id);
	c->listen_fd = bound_socket(c, &c->port);
	enlarge(c, c->listen_fd);
	/* Nobody else's datagrams */
	a.sin_port = htons((uint16_t)c->qemu_port);
	if (connect(c->listen_fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die_errno("chardev %s: connect", c->id);
}

static void udp_release(struct chr *c)
{
	c->port = c->qemu_port = 0;
}

static void udp_cmdline(const struct chr *c, struct buf *b)
{
	buf_addf(b, ",host=127.0.0.1,port=%d,localaddr=127.0.0.1,localport=%d", c->port,
		 c->qemu_port);
}

static void udp_qmp(const struct chr *c, struct buf *b)
{
	buf_addf(b,
		 "\"remote\": {\"type\": \"inet\", \"data\": {\"host\": \"127.0.0.1\", "
		 "\"port\": \"%d\"}}, "
		 "\"local\": {\"type\": \"inet\", \"data\": {\"host\": \"127.0.0.1\", "
		 "\"port\": \"%d\"}}",
		 c->port, c->qemu_port);
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

static ssize_t udp_read(struct chr *c, void *buf, size_t len)
{
	struct buf *rest = &c->priv->datagram;

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
	ssize_t sent = send(c->fd, buf, n, MSG_NOSIGNAL);

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
	unsigned long all = 0;

	if (c->kind != CHR_UDP)
		return 0;
	if (!buf_read_file(&table, "/proc/net/udp"))
		die_errno("unable to read /proc/net/udp");
	strv_split(&lines, table.data, "\n");
	for (size_t i = 1; i < lines.n; i++) {
		unsigned long drops;
		unsigned int port;

		if (sscanf(lines.v[i], "%*s %*8x:%4x %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu",
			   &port, &drops) == 2 &&
		    ((int)port == c->port || (int)port == c->qemu_port))
			all += drops;
	}
	strv_release(&lines);
	buf_release(&table);
	return all;
}
