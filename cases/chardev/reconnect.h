/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reconnect.h - a socket chardev c0 that is a client and comes back: its plan, and its server */
#ifndef CHARDEV_RECONNECT_H
#define CHARDEV_RECONNECT_H

#include "cases/chardev/peer.h"

#define RECONNECT_PATH "c0.sock"
#define RECONNECT_MS   10000

extern const char *const reconnect_axes[];
/** reconnect_lacks(), reconnect_plan() - Of the axis "reconnect", s or ms. For .lacks and .plan */
const char *reconnect_lacks(const struct variant *v, const struct caps *caps);
void reconnect_plan(const struct variant *v, struct plan *plan);
/** reconnect_listen() - Its server's socket, which was not there or has been closed */
int reconnect_listen(void);
/** reconnect_arrival() - QEMU's next connection */
struct chr *reconnect_arrival(struct bare *b, int listen_fd, const char *id);
/** reconnect_fails() - QEMU has tried in vain, and said so */
void reconnect_fails(struct bare *b);

#define RECONNECT(name, ...)                                                                       \
	CASE(name,                                                                                 \
	     .clause = "qemu/qemu-options.hx -chardev socket: reconnect-ms=", .level = LEVEL_MUST, \
	     .needs = NEEDS_QEMU, .axes = reconnect_axes, .lacks = reconnect_lacks,                \
	     .plan = reconnect_plan, __VA_ARGS__)

#endif
