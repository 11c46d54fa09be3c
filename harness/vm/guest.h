/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.h - control of the guest over ssh (libssh2): a connection for each command that runs
 */
#ifndef VM_GUEST_H
#define VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

/**
 * struct guest - The ssh connections to one guest
 * @error:	why the last call failed, one line
 * @log:	file that takes "+ command", "= exit status N (0.123 s): command", and stderr; NULL:
 * none
 *
 * A lost connection is told apart in @error: "QEMU ended ..", "the guest closed the connection ..",
 * "the connection to the guest broke: .."; a timeout begins with "timeout after".
 */
struct guest {
	struct buf error;
	char *log;
	struct guest_private *priv;
};

#define GUEST_OUT_MAX (64U << 20) /* more output than this that nobody consumes is an error */

/**
 * struct guest_cmd - A command that runs in the guest
 * @out, @err:	what came so far; the caller may consume @out with buf_drop()
 * @status:	exit status once @done; 128 + n when it died of signal n
 * @signal:	name of the signal ("KILL") when ssh says so, NULL when the shell reported it or
 *there was none
 * @done:	it ended and all its output has come
 * @lost:	the connection ended before it did: the guest died or hangs
 *
 * Must stay where it is until guest_cmd_release(): every call for @guest may write to it.
 */
struct guest_cmd {
	struct guest *guest;
	char *command;
	struct buf out, err;
	int status;
	char *signal;
	bool done, lost;
	struct guest_cmd_private *priv;
};

/** guest_init() - Nothing is connected yet. @log is copied */
void guest_init(struct guest *g, const char *log);
/** guest_release() - Drop the connection; commands may be released before or after */
void guest_release(struct guest *g);
/** guest_connect() - Connect to 127.0.0.1:@port as root with the private key file; checks the host
 * key against @host_key_pub (an OpenSSH .pub file). @ended_fd (QEMU's pidfd) readable: give up at
 * once. An earlier connection is dropped. False: g->error */
bool guest_connect(struct guest *g, int port, const char *key, const char *host_key_pub,
		   int ended_fd, struct deadline d);
bool guest_connected(const struct guest *g);
/** guest_start() - Start a command (a shell line in the guest: quote with text_quote_sh). When
 * all connections are busy one more is made. False: g->error, and @c is released. After a timeout
 * here the guest counts as lost */
bool guest_start(struct guest *g, struct guest_cmd *c, struct deadline d, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/** guest_pump() - Take what has come for all commands, without waiting. False: the connection is
 * lost */
bool guest_pump(struct guest *g);
/** guest_fd() - Descriptor to poll for input; -1 when not connected */
int guest_fd(const struct guest *g);
/** guest_wait() - Until @c is done; false: the deadline passed, the connection was lost, or @c has
 * GUEST_OUT_MAX bytes of output (g->error) */
bool guest_wait(struct guest_cmd *c, struct deadline d);
/** guest_wait_out() - Until @text stands in c->out (true), or @c is done, lost, or late (false) */
bool guest_wait_out(struct guest_cmd *c, const char *text, struct deadline d);
/** guest_send() - Write to the command's stdin; false: g->error */
bool guest_send(struct guest_cmd *c, const void *data, size_t len, struct deadline d);
/** guest_cmd_release() - Close its channel (the command's stdin ends and its output breaks), free
 * the rest; does not wait */
void guest_cmd_release(struct guest_cmd *c);
/** guest_run() - Start, wait, release: exit status (if not 0, g->error has the last line of
 * stderr), or -1 with g->error; stdout is appended to @out (NULL: dropped) */
int guest_run(struct guest *g, struct buf *out, struct deadline d, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
