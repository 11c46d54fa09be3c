/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sock.h - stream and datagram sockets by address, for cases that are a peer of QEMU's themselves
 *
 * What struct chr has no word for: abstract names, IPv6, several connections to one listener,
 * sockets that are handed over. All are non-blocking and closed on exec.
 */
#ifndef HOST_SOCK_H
#define HOST_SOCK_H

#include <stdbool.h>
#include <sys/socket.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

/** struct sock_address - Where to connect, or to listen */
struct sock_address {
	struct sockaddr_storage a;
	socklen_t len;
};

/** sock_unix() - A path; it must fit (sun_path) */
struct sock_address sock_unix(const char *path);
/** sock_abstract() - A name outside the file system (unix(7)); @tight: no longer than it is, else
 * padded with NULs to the size of sun_path */
struct sock_address sock_abstract(const char *name, bool tight);
/** sock_loopback() - 127.0.0.1 or (@ipv6) ::1; port 0: the kernel chooses */
struct sock_address sock_loopback(bool ipv6, int port);
/** sock_listen() - Listen there; a breakage if that fails. sock_try_listen(): -1 with errno */
int sock_listen(const struct sock_address *at);
int sock_try_listen(const struct sock_address *at);
/** sock_datagram() - A bound datagram socket; @to: connected to it (NULL: not) */
int sock_datagram(const struct sock_address *at, const struct sock_address *to);
/** sock_port() - Of a bound socket */
int sock_port(int fd);
/** sock_connect() - A connected socket; @small: with buffers as small as they get without harm, so
 * that little fills them. -1: *why says what failed or that the deadline passed */
int sock_connect(const struct sock_address *to, bool small, struct deadline d, struct buf *why);
/** sock_accept() - The next connection; -1: the deadline passed */
int sock_accept(int listen_fd, struct deadline d);

#endif
