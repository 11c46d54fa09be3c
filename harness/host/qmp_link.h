/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_link.h - what qmp.c and qmp_link.c share, and nobody else includes
 *
 * The link is everything below commands: the socket, cutting objects out of the stream, filing
 * them, waiting. It is the only place where jansson is included.
 */
#ifndef HOST_QMP_LINK_H
#define HOST_QMP_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/host/qmp.h"

/**
 * struct qmp_queued - An event that nobody has asked for yet
 * @next:	the one that came after it
 * @name:	what happened
 * @data:	an object, empty when the event had none
 */
struct qmp_queued {
	struct qmp_queued *next;
	char *name;
	json_t *data;
};

/**
 * struct qmp_private - What only qmp.c sees
 * @log_fd:	kept open, O_APPEND; -1: no log
 * @born_ns:	zero of the log's times
 * @in:		bytes that came and are not a whole object yet
 * @scanned, @depth, @in_string, @escaped: how far @in was searched for its object's end
 * @out:	bytes that are still to be sent
 * @pass_fd:	descriptor to go with the next byte sent; -1
 * @sent_id, @answered_id: of the last command sent, of the last answer that came
 * @expect_id:	whose answer is waited for; 0: nobody's, late ones are dropped
 * @got:	that answer, the whole object; NULL
 * @value:	what qmp_get() looks into; NULL
 * @greeting:	NULL: not greeted yet
 * @events, @n_events: oldest first
 */
struct qmp_private {
	int log_fd;
	int64_t born_ns;
	struct buf in;
	size_t scanned;
	unsigned depth;
	bool in_string, escaped;
	struct buf out;
	int pass_fd;
	json_int_t sent_id, answered_id, expect_id;
	json_t *got, *value, *greeting;
	struct qmp_queued *events, **events_end;
	size_t n_events;
};

/**
 * struct qmp_until - What qmp_link_wait() waits for
 * @met:	tells whether it has come
 * @name, @key, @value: for @met: qmp_event()'s
 * @at:		set by @met: the event's place
 */
struct qmp_until {
	bool (*met)(struct qmp_private *p, struct qmp_until *u);
	const char *name, *key, *value;
	struct qmp_queued **at;
};

/** qmp_link_init() - Listen, open the log; everything else is empty */
void qmp_link_init(struct qmp *q, const char *path, const char *log);
void qmp_link_release(struct qmp *q);
/** qmp_link_accept() - Wait for QEMU's connection; the greeting has not been read */
enum qmp_result qmp_link_accept(struct qmp *q, int ended_fd, struct deadline d);
/** qmp_link_close() - The connection is over, for this reason */
void qmp_link_close(struct qmp *q, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** qmp_link_log() - One line into the log, cut when it is long */
void qmp_link_log(struct qmp *q, const char *arrow, const char *data, size_t len);
/** qmp_link_receive() - Read once without waiting: how much came. The connection's end closes it */
size_t qmp_link_receive(struct qmp *q);
/** qmp_link_digest() - File all whole objects that came */
void qmp_link_digest(struct qmp *q);
/** qmp_link_wait() - Send, receive and file until @u has come: QMP_OK, QMP_TIMEOUT or QMP_CLOSED */
enum qmp_result qmp_link_wait(struct qmp *q, struct deadline d, struct qmp_until *u);
/** qmp_link_unlink() - Take the event at @at out of the queue and own it */
struct qmp_queued *qmp_link_unlink(struct qmp_private *p, struct qmp_queued **at);
void qmp_link_free_event(struct qmp_queued *e);

#endif
