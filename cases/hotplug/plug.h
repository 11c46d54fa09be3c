/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plug.h - take away and bring back, by QMP, what the cases of this folder are about: a controller,
 * a chardev, a port on them
 */
#ifndef HOTPLUG_PLUG_H
#define HOTPLUG_PLUG_H

#include "harness/run/traffic.h"

#define PORT_NAME "org.chardev-check.port.0"
#define PORT_LINK "/dev/virtio-ports/" PORT_NAME
/* As rig_up() plugs them, and as they are plugged again: same ids, name, number, chardev. */
#define CONTROLLER "virtio-serial-pci,id=ser0"
#define PORT	   "virtserialport,bus=ser0.0,nr=1,chardev=c0,id=port0,name=" PORT_NAME

/** plug_plan() - One controller, one port on it, on the trial's backend (unix: no such axis) */
void plug_plan(const struct variant *v, struct plan *plan);

/** plug_chardev() - chardev-add of our end @c, and learn where it is */
void plug_chardev(struct trial *t, struct chr *c);
/** unplug_chardev() - chardev-remove; query-chardev has to have forgotten it. Our end is closed */
void unplug_chardev(struct trial *t, struct chr *c);

/** plug_await_port() - Node, link and sysfs entry are there and agree; the node, malloc'ed
 * ("vport1p1") */
char *plug_await_port(struct trial *t);
/** plug_await_no_port() - Node @node, its link and its sysfs entry are gone */
void plug_await_no_port(struct trial *t, const char *node);
/** plug_line() - A line each way at once over our end @c and the port's link; @round tells the
 * payloads of rounds apart */
void plug_line(struct trial *t, struct chr *c, unsigned round);
/** plug_no_warning() - The guest's kernel has not complained */
void plug_no_warning(struct trial *t);

#endif
