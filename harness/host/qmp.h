/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp.h - one QMP connection: commands, answers, events kept until somebody asks for them
 *
 * QEMU connects to us (we listen before it starts), so there is nothing to poll for: the greeting,
 * or QEMU's end, is an event. JSON never leaves this module: callers pass argument text and get
 * values by path.
 */
#ifndef HOST_QMP_H
#define HOST_QMP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

/**
 * struct qmp - A QMP connection
 * @fd:		the socket; -1 while not connected
 * @listen_fd:	where QEMU connects to; closed once it did
 * @log:	file that takes every line in both directions with a time in ms; NULL: none
 * @answer:	the last answer to a command, as text (what was under "return" or "error")
 * @error_class, @error_desc: set when the last command failed with a QMP error, else empty
 * @closed:	the connection ended or what came was not QMP; @error_desc says which, from then on
 */
struct qmp {
	int fd;
	int listen_fd;
	char *log;
	struct buf answer, error_class, error_desc;
	bool closed;
	struct qmp_private *priv;
};

/** enum qmp_result - How a command ended */
enum qmp_result {
	QMP_OK,
	QMP_ERROR,   /* QEMU refused: error_class, error_desc */
	QMP_TIMEOUT, /* no answer in time: QEMU hangs, as far as one can tell */
	QMP_CLOSED   /* the connection ended, or garbage came: error_desc */
};

/** qmp_init() - Listen on unix socket @path (relative: the trial's folder) for QEMU to connect; one
 * that an earlier QEMU left there is replaced. The log is appended to; its times count from here */
void qmp_init(struct qmp *q, const char *path, const char *log);
void qmp_release(struct qmp *q);
/** qmp_accept() - Take QEMU's connection, read the greeting, negotiate. @ended_fd (a pidfd)
 * becoming readable means that QEMU is gone: QMP_CLOSED. The answer is the greeting
 * ("version.qemu.major"). After QMP_TIMEOUT it may be called again */
enum qmp_result qmp_accept(struct qmp *q, int ended_fd, struct deadline d);
/** qmp_cmd() - Execute a command. @args_fmt: NULL, or a printf format of a JSON object (anything
 * else is a breakage); strings that are not known to be plain go in through qmp_quote(). The answer
 * to a command that timed out is dropped when it comes later */
enum qmp_result qmp_cmd(struct qmp *q, struct deadline d, const char *command, const char *args_fmt,
			...) __attribute__((format(printf, 4, 5)));
/** qmp_cmd_fd() - As qmp_cmd(), passing descriptor @fd along (getfd, add-fd) */
enum qmp_result qmp_cmd_fd(struct qmp *q, struct deadline d, int fd, const char *command,
			   const char *args_fmt, ...) __attribute__((format(printf, 5, 6)));
/** qmp_peer() - The process that has connected, as the kernel knows it */
pid_t qmp_peer(const struct qmp *q);
/** qmp_send() - The first half of qmp_cmd(): the command is sent, its answer not waited for,
 * because something else must happen before QEMU can answer. Events may be taken before
 * qmp_answer() */
enum qmp_result qmp_send(struct qmp *q, struct deadline d, const char *command,
			 const char *args_fmt, ...) __attribute__((format(printf, 4, 5)));
/** qmp_answer() - The second half: wait for the answer to what qmp_send() sent */
enum qmp_result qmp_answer(struct qmp *q, struct deadline d);
/** qmp_hmp() - human-monitor-command; its text goes to q->answer, unescaped */
enum qmp_result qmp_hmp(struct qmp *q, struct deadline d, const char *line_fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** qmp_quote() - Append @s as a JSON string with its quotes */
void qmp_quote(struct buf *b, const char *s);

/** qmp_get() - Value in the last answer by path ("a.b.0.c"; "" is the answer itself), as text:
 * strings bare, with \u0000 written out; the rest as JSON; NULL: not there. malloc'ed. Integers are
 * exact up to 2^63 - 1; if an answer has one beyond, all its numbers have 53 bits */
char *qmp_get(const struct qmp *q, const char *path);
/** qmp_count() - Number of elements of the array, or members of the object, at @path; -1: neither
 */
int qmp_count(const struct qmp *q, const char *path);
/** qmp_find() - Index of the element of array @path that has the text @value at path @key; -1 */
int qmp_find(const struct qmp *q, const char *path, const char *key, const char *value);

/** qmp_event() - Take the next event called @name (whose data has text @value at path @key; NULL:
 * any) that has come since the last time, waiting for it until the deadline. Its data becomes the
 * @answer (qmp_get works on it); other events stay. QMP_OK, QMP_TIMEOUT or QMP_CLOSED; events that
 * came before the connection ended can still be taken */
enum qmp_result qmp_event(struct qmp *q, struct deadline d, const char *name, const char *key,
			  const char *value);
/** qmp_forget_events() - Drop the events that came so far (reads what is there first) */
void qmp_forget_events(struct qmp *q);
/** qmp_result_text() - A sentence for a verdict: "QMP device_add refused: GenericError: .." */
void qmp_result_text(const struct qmp *q, enum qmp_result r, const char *command, struct buf *b);

#endif
