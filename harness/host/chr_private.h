/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chr_private.h - what a kind of host end provides, and what they share
 */
#ifndef HOST_CHR_PRIVATE_H
#define HOST_CHR_PRIVATE_H

#include "harness/host/chr.h"

/**
 * struct chr_ops - One kind of host end
 * @backend:	QEMU's name for it
 * @init:	make what must exist before QEMU
 * @release:	remove that; chr_close() was called
 * @cmdline:	append the options, each after a comma
 * @qmp:	append the members of the data object
 * @learn:	as chr_learn(); NULL: there is nothing to learn
 * @needs:	as chr_needs_learning(); NULL: never
 * @open:	as chr_open()
 * @read:	at most @len bytes that are there: >0, 0 nothing, CHR_EOF
 * @write:	at most @len bytes that fit: >0, 0 nothing, CHR_EOF
 * @poll_in, @poll_out: NULL: the descriptor is chr->fd (out: or out_fd, if that is one)
 */
struct chr_ops {
	const char *backend;
	void (*init)(struct chr *c);
	void (*release)(struct chr *c);
	void (*cmdline)(const struct chr *c, struct buf *b);
	void (*qmp)(const struct chr *c, struct buf *b);
	bool (*learn)(struct chr *c, const char *filename);
	bool (*needs)(const struct chr *c);
	bool (*open)(struct chr *c, struct deadline d, struct buf *why);
	ssize_t (*read)(struct chr *c, void *buf, size_t len);
	ssize_t (*write)(struct chr *c, const void *buf, size_t len);
	int (*poll_in)(const struct chr *c);
	int (*poll_out)(const struct chr *c);
};

extern const struct chr_ops chr_unix_ops, chr_tcp_ops, chr_udp_ops, chr_pty_ops, chr_pipe_ops,
	chr_file_ops, chr_serial_ops;

/**
 * struct chr_faulty - A fault on its way through one direction
 * @pos:	bytes of the stream seen so far
 * @held:	bytes that come later, or again
 * @held_out:	so many of them were written already (writing)
 * @last_out:	the last byte before them was written already (writing)
 * @ready:	bytes to hand out next (reading)
 */
struct chr_faulty {
	uint64_t pos;
	struct buf held;
	size_t held_out;
	bool last_out;
	struct buf ready;
};

/**
 * struct chr_private - The rest of a host end
 * @ops:	its kind
 * @no_more:	QEMU is gone
 * @in, @out:	the fault's state; used when there is one in that direction
 * @watch_fd:	file: inotify descriptor that tells when it grows; else -1
 * @hold_fd:	udp: the placeholder on QEMU's port; file: our hold on the input FIFO;
 *		serial: the master; else -1
 * @offset:	file: how far it was read
 * @datagram:	udp: what is left of the last one
 */
struct chr_private {
	const struct chr_ops *ops;
	bool no_more;
	struct chr_faulty in, out;
	int watch_fd, hold_fd;
	off_t offset;
	struct buf datagram;
};

/** chr_fault_read() - As ops->read, with the fault of @c if it is one in reading */
ssize_t chr_fault_read(struct chr *c, void *buf, size_t len);
/** chr_fault_write() - As ops->write, with the fault of @c if it is one in writing */
ssize_t chr_fault_write(struct chr *c, const void *buf, size_t len);

/** chr_rw_result() - What a read() or write() of ours means: >0, 0 (EAGAIN), CHR_EOF (the other end
 * has gone), or a breakage. An end of file (0 from read()) is the caller's to tell */
ssize_t chr_rw_result(const struct chr *c, ssize_t n, const char *what);
/** chr_remove() - Remove a file that may be gone already */
void chr_remove(const char *path);
/** chr_watch() - An inotify descriptor for @events on @path; a breakage when that fails */
int chr_watch(const char *path, unsigned int events);
/** chr_watch_drain() - Forget the events so far */
void chr_watch_drain(int fd);
/** chr_watch_wait() - For a loop that tries, waits and tries again: the first call only makes the
 * watch (closing one costs the kernel 10 ms, so there is none until something failed), later ones
 * wait for an event; false: the deadline passed */
bool chr_watch_wait(int *watch, const char *path, unsigned int events, struct deadline d);

#endif
