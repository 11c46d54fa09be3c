/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qtest.h - QEMU's qtest protocol: lines over a unix socket to which QEMU connects
 *
 * DOC: the protocol
 *
 * qemu/system/qtest.c (softmmu/qtest.c before 9.0): a command is a line, its answer a line "OK",
 * "OK 0x..", "FAIL text" or "ERR text", in the order of the commands. Once irq_intercept_in was
 * given, lines "IRQ raise N" and "IRQ lower N" come at any time between answers. The commands work
 * with any accelerator; only those of the virtual clock want -accel qtest.
 *
 * Writes are posted: they are sent together with the next command that has a value to return (or
 * with qtest_flush()), so that a device is set up in a few round trips. QEMU executes them in
 * order, so nothing but QEMU's other connections could see the difference; before those are used,
 * flush.
 *
 * What QEMU sends is never trusted: anything that is not in the protocol closes the connection with
 * a sentence, and so does a FAIL for what was posted.
 */
#ifndef VIRTIO_QTEST_H
#define VIRTIO_QTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

#define QTEST_LINES 64 /* interrupt lines that are kept */

/** enum qtest_result - How a command ended */
enum qtest_result {
	QTEST_OK,
	QTEST_FAIL,    /* QEMU refused: @why */
	QTEST_TIMEOUT, /* no answer in time; the connection is of no more use */
	QTEST_CLOSED,  /* it ended, or garbage came: @why */
};

/**
 * struct qtest - A qtest connection
 * @fd:		the socket; -1: not connected
 * @listen_fd:	where QEMU connects to; closed once it did
 * @log_fd:	takes every line in both directions; -1: none
 * @log:	what is not there yet; @log_lines: how many it has got so far
 * @in:		bytes that came and are not a whole line yet
 * @out:	commands that were not sent yet
 * @outstanding: the commands whose answers have not come, one line each
 * @n_outstanding: how many
 * @answers:	those to qtest_later(); @collected: whoever wanted them has come for them
 * @closed:	the connection is of no more use; @why says why, from then on
 * @level, @raised: of the intercepted interrupt lines: now, and how often each has risen
 * @trips:	round trips so far
 */
struct qtest {
	int fd, listen_fd, log_fd;
	struct buf log;
	unsigned long log_lines;
	struct buf in, out, outstanding;
	size_t n_outstanding;
	struct strv answers;
	bool collected;
	bool closed;
	struct buf why;
	bool level[QTEST_LINES];
	unsigned raised[QTEST_LINES];
	unsigned long trips;
};

/** qtest_init() - Listen on unix socket @path (relative: the trial's folder) for QEMU to connect,
 * append to file @log (NULL: none) */
void qtest_init(struct qtest *q, const char *path, const char *log);
void qtest_release(struct qtest *q);
/** qtest_accept() - Take QEMU's connection; @ended_fd (a pidfd) becoming readable means that QEMU
 * is gone: QTEST_CLOSED */
enum qtest_result qtest_accept(struct qtest *q, int ended_fd, struct deadline d);

/** qtest_post() - A command whose answer is "OK" */
void qtest_post(struct qtest *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** qtest_post_data() - "write ADDR LEN 0xDATA" */
void qtest_post_data(struct qtest *q, uint64_t addr, const void *data, size_t len);
/** qtest_flush() - Send what was posted and wait until all of it was done */
enum qtest_result qtest_flush(struct qtest *q, struct deadline d);
/** qtest_ask() - A command whose answer is a number */
enum qtest_result qtest_ask(struct qtest *q, struct deadline d, uint64_t *value, const char *fmt,
			    ...) __attribute__((format(printf, 4, 5)));
/** qtest_ask_data() - "read ADDR LEN": @len bytes of memory */
enum qtest_result qtest_ask_data(struct qtest *q, struct deadline d, uint64_t addr, void *data,
				 size_t len);
/** qtest_later() - A command whose answer is wanted, but not yet: several of them, and what is
 * posted between them, take one round trip. Nothing but qtest_post() comes before qtest_collect()
 */
void qtest_later(struct qtest *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** qtest_collect() - Wait for the answers to all of them */
enum qtest_result qtest_collect(struct qtest *q, struct deadline d);
/** qtest_number(), qtest_bytes() - What the @nth of them was answered */
enum qtest_result qtest_number(struct qtest *q, size_t nth, uint64_t *value);
enum qtest_result qtest_bytes(struct qtest *q, size_t nth, void *data, size_t len);
/** qtest_do() - A command whose answer is "OK" or, without closing the connection, a refusal */
enum qtest_result qtest_do(struct qtest *q, struct deadline d, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** qtest_drain() - Take interrupt lines that came by themselves, without waiting */
void qtest_drain(struct qtest *q);

/** qtest_attach() - Speak over @fd (owned from now on) instead of accepting: for tests */
void qtest_attach(struct qtest *q, int fd);

#endif
