/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * uart.h - what the cases of serial ports share
 */
#ifndef CASES_UART_H
#define CASES_UART_H

#include "harness/run/traffic.h"

/* Behind a node: how the helper opens it. */
#define AT_115200 " --baud 115200"

/** uart_guest() - The output of a command in the guest, which must succeed; blanks at its end cut
 * off; malloc'ed */
char *uart_guest(struct trial *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** uart_await_node() - Wait in the guest until a path is there */
void uart_await_node(struct trial *t, const char *path);
/** uart_await_gone() - Wait in the guest until a path is not there */
void uart_await_gone(struct trial *t, const char *path);
/** uart_add_chr() - A backend by its axis value; where one listens it is QEMU, without waiting */
void uart_add_chr(struct plan *plan, const char *id, const char *backend);
/**
 * uart_all_at_once() - A payload of its own each way on every port, all ports open and moving at
 * once; then QEMU is ended, and no port may have sent more. The @x were made by traffic_init()
 * for TRAFFIC_BOTH
 */
void uart_all_at_once(struct traffic *x, size_t n);
/** uart_prove_open() - A line from the host: bytes that came prove that QEMU knows of our end. It
 * looks at a pty once a second (and, before 8.2, drops what the guest sends until then) */
void uart_prove_open(struct trial *t, struct chr *chr, const char *node);
void uart_prove_all_open(struct trial *t, struct chr *chrs, const char *const *nodes, size_t n);
/** uart_move() - Bytes between one host end and one node, both open; after the @last ones QEMU is
 * ended, and no more may have come */
void uart_move(struct trial *t, struct chr *chr, const char *node, enum traffic_dir dir,
	       uint64_t size, bool last);
/** uart_hear() - The next bytes that our end gets are exactly @want */
void uart_hear(struct trial *t, struct chr *chr, const char *want);
/** uart_say() - A text from our end */
void uart_say(struct trial *t, struct chr *chr, const char *text);
/** uart_start() - Start a shell line in the guest; it is ended with the trial */
struct guest_cmd *uart_start(struct trial *t, const char *line);
/** uart_finish() - Wait for its end; its status is 0 and its output @want */
void uart_finish(struct trial *t, struct guest_cmd *cmd, const char *want);

#endif
