/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - the host's side of backends of the axis "chardev", of files, and of a terminal
 */
#ifndef CASES_CHARDEV_HOST_H
#define CASES_CHARDEV_HOST_H

#include <termios.h>

#include "harness/run/bare.h"

/** host_plan() - The device of the axis "device" on c0, a backend with a host end of the axis
 * "chardev". For .plan */
void host_plan(const struct variant *v, struct plan *plan);
/** host_connected() - Open c0's host end; the device knows */
struct stream host_connected(struct bare *b);
/** host_drain() - Append all that has come by the time that nothing more comes */
void host_drain(struct bare *b, struct stream *s, struct buf *got);
/** host_shows() - Wait until @text has been shown by @who at the terminal @c */
void host_shows(struct trial *t, struct chr *c, const char *who, const char *text);
/** host_hmp() - What HMP answers to @line */
const char *host_hmp(struct trial *t, struct qmp *q, const char *line);
/** host_byte_each_way() - Of a UART at @port that nobody drives, by the monitor's commands: @c
 * comes to its host end, and from there to it */
void host_byte_each_way(struct trial *t, struct qmp *q, unsigned port, struct chr *host, char c);
/** host_payload() - Append @len bytes of stream @seed */
void host_payload(struct buf *b, uint64_t seed, size_t len);
/** host_file_make() - Make or replace a file */
void host_file_make(struct trial *t, const char *path, const void *data, size_t len);
/** host_file_is() - Demand that the file holds exactly these bytes */
void host_file_is(struct trial *t, const char *path, const void *data, size_t len);

/**
 * struct terminal - A terminal for QEMU to sit at: a pty with a user at its master
 * @master, @slave: both are open until the trial ends
 * @name:	the slave's
 * @before:	its settings as it was made, and @flags: the slave's open flags
 */
struct terminal {
	int master, slave;
	char name[64];
	struct termios before;
	int flags;
};

/** terminal_make() - @raw: as a terminal that no line discipline touches, else as a user's */
void terminal_make(struct terminal *term, struct trial *t, bool raw);
/** terminal_is_restored() - Demand that settings and flags are again what they were */
void terminal_is_restored(struct terminal *term, struct trial *t, const char *when);
/** terminal_is_raw() - Whether a key is passed on at once and without an echo */
bool terminal_is_raw(const struct terminal *term, struct trial *t);

#endif
