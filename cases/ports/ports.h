/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ports.h - what the guest shows of its ports: nodes, names, links, drivers
 */
#ifndef CASES_PORTS_H
#define CASES_PORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/run/trial.h"

#define PORTS_CLASS "/sys/class/virtio-ports/"
#define PORTS_LINKS "/dev/virtio-ports/"

/**
 * struct ports - What the guest had at one moment
 * @text:	lines "PATH=VALUE"
 */
struct ports {
	struct trial *t;
	struct buf text;
};

/** ports_await() - Wait in the guest until @path is there, or the trial fails */
void ports_await(struct trial *t, const char *path);
/** ports_read() - Read it all anew */
void ports_read(struct ports *p, struct trial *t);
void ports_release(struct ports *p);

/** ports_get() - The value of "PATH"; malloc'ed, NULL: there is none. Of a node it is its device
 * number, of a name or "dev" in sysfs the content, of a link its target, and with "*" before the
 * path of a link the device number of its target */
char *ports_get(const struct ports *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** ports_count() - How many nodes /dev/vport* there are */
size_t ports_count(const struct ports *p);
/** ports_node() - The node that the link of @name leads to, as "vport1p2": *controller and *nr are
 * its numbers. The trial fails when it does not lead to a port */
void ports_node(const struct ports *p, const char *name, int *controller, int *nr);

/** ports_check_node() - It is there, its number is that of sysfs, virtio_console drives it */
void ports_check_node(const struct ports *p, int controller, int nr);
/** ports_check() - And the port is called @name, @link (NULL: @name itself) leads to it */
void ports_check(const struct ports *p, int controller, int nr, const char *name, const char *link);

#endif
