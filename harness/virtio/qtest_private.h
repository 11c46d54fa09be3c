/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qtest_private.h - what qtest.c and qtest_ask.c share */
#ifndef VIRTIO_QTEST_PRIVATE_H
#define VIRTIO_QTEST_PRIVATE_H

#include "harness/virtio/qtest.h"

/* A bulk read or write has at most so many bytes: 2 digits each in a line. */
#define QTEST_DATA_MAX 65536
#define QTEST_EXCERPT  100
/* How a line of @outstanding begins: the answer must be OK, or is kept, whatever it is. */
#define QTEST_PLAIN '!'
#define QTEST_KEPT  '?'

/** qtest_log() - It is written before there is anything to wait for */
void qtest_log(struct qtest *q, const void *data, size_t len);
/** qtest_garbage() - The connection is of no more use, for QEMU sent @what, which is none */
void qtest_garbage(struct qtest *q, const char *what, const char *line, size_t len);
/** qtest_parse_number() - A number of at most @max digits of @base with nothing behind it */
bool qtest_parse_number(const char *s, int base, size_t max, uint64_t *value);
/** qtest_converse() - Send, receive, and take answers until no command is without one. What is
 * not kept must be "OK", but the last one, which goes to *last (NULL: must be "OK", too) */
enum qtest_result qtest_converse(struct qtest *q, struct deadline d, char **last);

#endif
