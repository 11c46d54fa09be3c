/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * program.h - somebody else's program at the other end of a chardev: telnet, socat, openssl, ..
 *
 * What goes to its stdin and comes from its stdout is one descriptor here, for bare_adopt(). The
 * program runs in the current folder (the trial's), its stderr is PROGRAM_ERR there. It never
 * outlives the trial: see proc.h.
 */
#ifndef HOST_PROGRAM_H
#define HOST_PROGRAM_H

#include <stdbool.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"
#include "harness/base/proc.h"

#define PROGRAM_ERR "program.err"

/** enum program_seat - What its stdin and stdout are */
enum program_seat {
	PROGRAM_SOCKET,	  /* a socket: every byte passes; shut down, it is the end of its input */
	PROGRAM_TERMINAL, /* a terminal of its own, as for a person; to be made raw by itself */
};

/**
 * struct program - One that runs
 * @fd:	our end, non-blocking: the socket's other end, or the terminal's master; -1: none
 */
struct program {
	struct proc proc;
	int fd;
};

/** program_path() - Where it is: beside our own program, or in PATH; with a slash in it, as it is;
 * malloc'ed. NULL: nowhere */
char *program_path(const char *name);
/** program_start() - Start it with these words; what has no such program is a breakage. Ignores
 * SIGPIPE in this process, as chr_init() does. program_release() is the caller's */
void program_start(struct program *p, const struct strv *argv, enum program_seat seat);
/** program_release() - End it, if it still runs */
void program_release(struct program *p);
/** program_told() - Wait until @text stands in PROGRAM_ERR; what is behind it up to the end of the
 * line, malloc'ed. NULL: the program has ended without, or the deadline passed */
char *program_told(struct program *p, const char *text, struct deadline d);

#endif
