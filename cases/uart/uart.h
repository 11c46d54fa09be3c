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
/** uart_add_chr() - A backend by its axis value; where one listens it is QEMU, without waiting */
void uart_add_chr(struct plan *plan, const char *id, const char *backend);
/**
 * uart_all_at_once() - A payload of its own each way on every port, all ports open and moving at
 * once; then QEMU is ended, and no port may have sent more. The @x were made by traffic_init()
 * for TRAFFIC_BOTH
 */
void uart_all_at_once(struct traffic *x, size_t n);

#endif
