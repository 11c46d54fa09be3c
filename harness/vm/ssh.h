/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh.h - one ssh connection to a guest and its channels (libssh2); guest.h is made of these
 */
#ifndef VM_SSH_H
#define VM_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

struct _LIBSSH2_SESSION;
struct _LIBSSH2_CHANNEL;

/**
 * struct ssh - A connection
 * @session:	libssh2's part; NULL: none yet
 * @fd:		socket; -1: none
 * @ended_fd:	QEMU's pidfd, not owned; -1: none
 * @eof:	no more bytes will come: the end was read, or @broken happened
 * @dead:	the connection is of no more use; @why says why
 * @broken:	errno of the broken connection, 0 for an orderly end
 * @received:	bytes read from the socket so far
 * @error:	where the one line about the last failure goes; the owner's
 * @doing:	what the present call does, for messages: "the ssh handshake", "`ls`"; empty:
 * nothing
 * @start_ns:	when it began
 * @limit:	when the callbacks stop giving
 *
 * Every function that returns false, or says so, has set @error.
 */
struct ssh {
	struct _LIBSSH2_SESSION *session;
	int fd, ended_fd;
	bool eof, dead;
	int broken;
	uint64_t received;
	struct buf *error;
	struct buf why, doing;
	int64_t start_ns;
	struct deadline limit;
};

void ssh_init(struct ssh *s, struct buf *error);
/** ssh_release() - Close the connection at once; its channels are gone */
void ssh_release(struct ssh *s);
/** ssh_connect() - To 127.0.0.1:@port as root; @key is the private key's text, @host_key the blob
 * that the server must prove to own; the rest as in guest_connect() */
bool ssh_connect(struct ssh *s, int port, const struct buf *key, const struct buf *host_key,
		 int ended_fd, struct deadline d);

/** ssh_doing() - A call begins: forget the last error, and say what is going on */
void ssh_doing(struct ssh *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** ssh_check_end() - After all that came was taken: false when the connection is over, and whose
 * end it was. @any: there are channels, so reading them has looked at the socket already */
bool ssh_check_end(struct ssh *s, bool any);
/** ssh_wait() - Wait for something to do, here or where @also (-1: nothing) can be read; false: the
 * deadline passed, or the connection is lost */
bool ssh_wait(struct ssh *s, int also, struct deadline d);

/** ssh_start() - Open a channel and run a shell line on it; NULL: the connection is lost */
struct _LIBSSH2_CHANNEL *ssh_start(struct ssh *s, const char *line, struct deadline d);
/** ssh_read() - Append to @out and @err what has come for a channel, up to @max bytes in each;
 * false: the connection is lost */
bool ssh_read(struct ssh *s, struct _LIBSSH2_CHANNEL *channel, struct buf *out, struct buf *err,
	      size_t max);
/** ssh_write() - Send some bytes: how many, 0: no room yet, -1: the connection is lost */
ssize_t ssh_write(struct ssh *s, struct _LIBSSH2_CHANNEL *channel, const void *data, size_t len);
/** ssh_write_is_stuck() - Half a packet waits for room in the socket: libssh2 can send nothing
 * else, not even what reading makes necessary, before ssh_write() was called again with the same
 * bytes */
bool ssh_write_is_stuck(struct ssh *s);
/** ssh_ended() - The command has ended and all its output was read; *signal is malloc'ed or NULL */
bool ssh_ended(struct ssh *s, struct _LIBSSH2_CHANNEL *channel, int *status, char **signal);
/** ssh_let_go() - Close a channel; false: call again, the guest has not said goodbye yet */
bool ssh_let_go(struct _LIBSSH2_CHANNEL *channel);

#endif
