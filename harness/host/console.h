/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.h - talk to a text console on a descriptor that we opened: match, send (libexpect)
 *
 * For text only: libexpect's state is global (one console at a time is matched), NUL bytes never
 * take part in a match, and of text that matches nothing only the last 2000 to 4000 bytes are
 * looked at again when more comes; payload goes through chr.h.
 */
#ifndef HOST_CONSOLE_H
#define HOST_CONSOLE_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

/**
 * struct console - A conversation on a descriptor
 * @fd:		the descriptor; stays the caller's, blocking or not; one console a descriptor. Of a
 *		datagram socket it has no end
 * @text_fd:	what libexpect reads: @fd, or a stream that is fed with its datagrams
 * @feed_fd:	the other end of that stream, or -1
 * @log:	everything that was read so far, NUL bytes included, for the evidence
 */
struct console {
	int fd, text_fd, feed_fd;
	struct buf log;
};

enum console_result { CONSOLE_MATCHED, CONSOLE_TIMEOUT, CONSOLE_EOF };

void console_init(struct console *c, int fd);
void console_release(struct console *c);
/** console_send() - Send text; false: the other end is gone or did not take it in time */
bool console_send(struct console *c, const char *text, struct deadline d);
/**
 * console_expect() - Wait for any of @n patterns; *which is the index of the one that matched
 *
 * The patterns are libexpect's globs ("*login: "): * (as much as possible), ?, [..], \, ^ at the
 * beginning for where the last match ended, $ at the end for the end of what has come so far. They
 * are tried in their order. Text behind a match, and text that matched nothing, is there for the
 * next call, also after CONSOLE_TIMEOUT and CONSOLE_EOF.
 */
enum console_result console_expect(struct console *c, struct deadline d, int n,
				   const char *const patterns[], int *which);

#endif
