/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_told.h - what QEMU tells of a virtio-serial port: HMP's info qtree
 *
 *	dev: virtserialport, id "port1"
 *	  chardev = "c1"
 *	  ..
 *	  port 1, guest on, host on, throttle off
 *
 * (qemu/hw/char/virtio-serial-bus.c virtser_bus_dev_print())
 */
#ifndef HOST_PORT_TOLD_H
#define HOST_PORT_TOLD_H

#include "harness/host/qmp.h"

/**
 * struct port_told - A port, as QEMU sees it
 * @nr:		its number at its controller
 * @guest, @host: that end is open
 * @throttled:	what the guest sends is held up until the host end takes more
 */
struct port_told {
	unsigned int nr;
	bool guest, host, throttled;
};

/** port_told() - Ask for the port @id; false: no answer, or there is no such port in it */
bool port_told(struct qmp *q, struct deadline d, const char *id, struct port_told *is);
/** port_told_parse() - The same of the text of info qtree */
bool port_told_parse(const char *qtree, const char *id, struct port_told *is);

#endif
