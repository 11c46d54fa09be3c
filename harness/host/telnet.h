/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * telnet.h - the telnet protocol on a host end (libtelnet), as a client for text
 */
#ifndef HOST_TELNET_H
#define HOST_TELNET_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"
#include "harness/host/chr.h"

/**
 * struct telnet - A client
 * @chr:	the host end, open; stays the caller's
 * @text:	what came so far, without what is the protocol's; the caller may drop from it
 * @asked:	what the other end asked for and got (of binary, echo, suppress go ahead: what a
 *		terminal that is used a character at a time needs), in its order: "WILL 1 DO 0"
 * @error:	the other end broke the protocol, or what we sent could not be delivered
 */
struct telnet {
	struct chr *chr;
	struct buf text, asked, error;
	struct deadline deadline;
	struct telnet_t *lib;
};

void telnet_begin(struct telnet *t, struct chr *chr);
void telnet_end(struct telnet *t);
/** telnet_type() - Send bytes; those that are 0xff are doubled on the way. False: @error */
bool telnet_type(struct telnet *t, const void *data, size_t len, struct deadline d);
/** telnet_break() - Send IAC BREAK (RFC 854, code 243). False: @error */
bool telnet_break(struct telnet *t, struct deadline d);
/** telnet_await() - Read until @text contains @word; false: the deadline passed, the other end
 * closed, or @error */
bool telnet_await(struct telnet *t, const char *word, struct deadline d);

#endif
