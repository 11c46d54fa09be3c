/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_private.h - the ssh connections behind struct guest
 */
#ifndef VM_GUEST_PRIVATE_H
#define VM_GUEST_PRIVATE_H

#include "harness/base/buf.h"
#include "harness/vm/guest.h"
#include "harness/vm/ssh.h"

/**
 * struct guest_cmd_private - A channel
 * @link:	its connection; NULL: that was dropped, @channel is gone
 * @cmd:	whose channel; NULL: the command was released, the guest's goodbye is awaited
 * @start_ns:	when the command was started
 */
struct guest_cmd_private {
	struct guest_link *link;
	struct guest_cmd *cmd;
	struct _LIBSSH2_CHANNEL *channel;
	int64_t start_ns;
};

/**
 * struct guest_link - A connection
 * @running:	the only channel on it; NULL: none
 */
struct guest_link {
	struct guest_link *next;
	struct ssh ssh;
	struct guest_cmd_private *running;
};

/**
 * struct guest_private - The connections, and what is needed for one more
 * @links:	the first one is guest_connect()'s; NULL: not connected
 * @poll_fd:	an epoll descriptor with the sockets of all of them
 * @key, @host_key, @port, @ended_fd: as for ssh_connect()
 * @told:	every command knows that the connection is lost
 */
struct guest_private {
	struct guest_link *links;
	int poll_fd, port, ended_fd;
	struct buf key, host_key;
	bool told;
};

/** guest_fail() - Set the error; false */
bool guest_fail(struct guest *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** guest_drop() - Close all connections; their channels are gone */
void guest_drop(struct guest_private *p);
/** guest_dead_link() - The connection that was lost, NULL if none was */
struct guest_link *guest_dead_link(const struct guest_private *p);
/** guest_idle_link() - A connection on which nothing runs, a new one if need be; NULL: g->error */
struct guest_link *guest_idle_link(struct guest *g, struct deadline d);

#endif
