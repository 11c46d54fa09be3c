/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * controller.h - what the cases of this folder share: what the guest knows of a controller, bytes
 * through its ports
 */
#ifndef CONTROLLER_CONTROLLER_H
#define CONTROLLER_CONTROLLER_H

#include "harness/run/traffic.h"

#define PORT_1 "org.chardev-check.port.1"
#define NODE_1 "/dev/virtio-ports/" PORT_1
#define PORT_2 "org.chardev-check.port.2"
#define NODE_2 "/dev/virtio-ports/" PORT_2

/** controller_value() - The word behind "KEY=" at the start of a line of @text, malloc'ed; the trial
 * fails when there is none */
char *controller_value(struct trial *t, const char *text, const char *key);
/** controller_await() - Wait for the link @node, then ask the guest about the controller that the
 * port is on: lines virtio= (virtio1), pci= (0000:00:05.0), vendor=, device=, revision=, features=
 * (0 and 1, bit 0 first), msi= (vectors in use), group= (IOMMU group, or empty) */
char *controller_await(struct trial *t, const char *node);
/** controller_carry() - Bytes both ways at once between backend @chr and @node, in every size that
 * there is a buffer for; then QEMU is ended, and nothing came behind them */
void controller_carry(struct trial *t, const char *chr, const char *node);

#endif
