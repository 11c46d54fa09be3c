/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spice.h - a SPICE client at QEMU's -spice: a child program that is told what to do, line by line
 *
 * The child is chardev-spice-client, beside the suite's own program; it is built only where
 * spice-client-glib is. Its words are in harness/spice-client/client.c.
 */
#ifndef HOST_SPICE_H
#define HOST_SPICE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"
#include "harness/base/proc.h"

/* In the current folder: QEMU's socket, and both sides' words. */
#define SPICE_SOCKET "spice.sock"
#define SPICE_LOG    "spice-client.log"

/**
 * struct spice - A client
 * @proc:	the child
 * @to, @from:	its stdin and stdout; -1: closed
 * @line:	a line that is still coming
 * @said:	the lines that came
 */
struct spice {
	struct proc proc;
	int to, from;
	struct buf line;
	struct strv said;
};

/** spice_available() - Why there is no client (static text), or NULL: there is one */
const char *spice_available(void);
/** spice_start() - Start the client; it connects to SPICE_SOCKET in the current folder. A program
 * that cannot be started is a breakage. Ignores SIGPIPE in this process, as chr_init() does */
void spice_start(struct spice *s);
/** spice_start_as() - The same with another program than the client: for tests */
void spice_start_as(struct spice *s, const char *program);
/** spice_release() - End it */
void spice_release(struct spice *s);
/** spice_tell() - One line for the client; false: it is gone, or did not take it in time */
bool spice_tell(struct spice *s, const char *line, struct deadline d);
/** spice_said() - What it said behind the words @key, the first time; "" when that was all; owned by
 * @s. NULL: it has not said that yet */
const char *spice_said(const struct spice *s, const char *key);
/** spice_await() - As spice_said(), but wait for it. NULL: it ended, or the deadline passed */
const char *spice_await(struct spice *s, const char *key, struct deadline d);
/** spice_poll() - Take what it has said so far, without waiting */
void spice_poll(struct spice *s);
/** spice_last() - The last thing it said ("nothing"), for a report; owned by @s */
const char *spice_last(const struct spice *s);

#endif
