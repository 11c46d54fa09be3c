/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tool.h - one of the usual tools (socat, nc, ..) at the other end of a chardev, as a table's row
 *
 * What it and QEMU are told has names in it, which tool_fill_in() replaces:
 *
 *	@HERE, @THERE	free ports of udp on 127.0.0.1	@PORT	the tcp port that QEMU listens on
 *	@STREAM		a free port of tcp		@PTY	QEMU's terminal
 *	@SAID		what the tool said behind @listens
 */
#ifndef CHARDEV_TOOL_H
#define CHARDEV_TOOL_H

#include "cases/chardev/peer.h"

#define TOOL_FILES                                                                                 \
	"tls" /* what tls_make_files() makes is there if QEMU or the tool is told of it */

/**
 * struct tool - How to start it, and when it is ready
 * @words:	its command line
 * @listens:	it is started before QEMU, which needs it to have said this on stderr
 * @accepts:	the same, but QEMU needs it to let somebody connect to @STREAM
 * @early:	the same, but QEMU needs nothing
 * @terminal:	it sits at a terminal, and is ready once it has said this there
 * @ready:	for a device that hears nothing: it is ready once it has said this on stderr
 * @waits:	it waits for the first datagram of the device's at @HERE, which it binds
 * @greeting:	of so many bytes that QEMU says first
 * @loops:	it sends back what it gets, and nothing else
 */
struct tool {
	const char *words, *listens, *terminal, *ready;
	bool accepts, early, waits, loops;
	size_t greeting;
};

/**
 * struct tool_play - A trial with it
 * @id:		its chardev
 * @held:	sockets of the ports @HERE, @THERE and @STREAM: nobody else is given these
 * @here, ..:	what stands for @HERE and so on
 */
struct tool_play {
	const struct tool *tool;
	const char *id;
	struct trial *t;
	struct bare *b;
	struct program program;
	int held[3];
	char *here, *there, *stream, *said, *port, *pty;
};

/** tool_lacks() - Why there is no such tool, what to install (static text); NULL: there is one */
const char *tool_lacks(const struct tool *tool);
/** tool_prepare() - Before QEMU: find ports, start what has to be there first. @p stays the
 * caller's; @tool: NULL: none, only ports and names */
void tool_prepare(struct tool_play *p, struct trial *t, const struct tool *tool, const char *id);
/** tool_fill_in() - @text with what is known in the place of its names; malloc'ed */
char *tool_fill_in(const struct tool_play *p, const char *text);
/** tool_is_early() - It was started before QEMU, so there is one in a trial */
bool tool_is_early(const struct tool_play *p);
/** tool_start() - QEMU is there: trial_bare(), and learn where */
void tool_start(struct tool_play *p);
/** tool_join() - Start it if it is not early; its side of the chardev, ready for bytes. @as: the
 * name of its evidence */
struct stream tool_join(struct tool_play *p, const char *as);
/** tool_leave() - It goes; @sees: QEMU sees that */
void tool_leave(struct tool_play *p, struct stream *s, bool sees);

#endif
