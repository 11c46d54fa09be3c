/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * front.h - the device's side of a character backend, without a guest: bytes out, bytes in
 *
 * DOC: what it is for
 *
 * Who tests a backend wants a device in front of it that does what a guest's driver would do with
 * it, and nothing of the device itself. A frontend takes bytes to be sent while the device takes
 * them, and gives those that came; neither waits. What it does not take (0) the device holds back:
 * its host end stalls.
 *
 * isa-serial: a 16550A with its FIFOs on, polled: sixteen bytes whenever THRE is set (QEMU sets it
 * again only once the backend has taken them: hw/char/serial.c serial_xmit()).
 *
 * isa-debugcon: a byte is gone when the write is done, since QEMU waits for the backend to take it
 * (hw/char/debugcon.c debugcon_ioport_write(): qemu_chr_fe_write_all()): a host end that does not
 * read stalls QEMU as a whole. It has no input.
 *
 * isa-parallel: a byte is gone with the strobe, as with isa-debugcon (hw/char/parallel.c
 * parallel_ioport_write_sw()); nothing is read back.
 *
 * virtserialport, virtconsole: buffers of FRONT_BUFFER bytes through the port's queues, at most
 * FRONT_SLOTS at a time on their way out, and as many to be filled. Those that have not come back
 * (front_pending()) the device holds.
 */
#ifndef VIRTIO_FRONT_H
#define VIRTIO_FRONT_H

#include "harness/virtio/vcon.h"

#define FRONT_BUFFER  1024u
#define FRONT_SLOTS   8u
#define FRONT_PORTS   5 /* on one controller, 1 to 4 */
#define FRONT_ISA_MAX 4

enum front_kind {
	FRONT_ISA_SERIAL,
	FRONT_DEBUGCON,
	FRONT_PARALLEL,
	FRONT_VIRTSERIALPORT,
	FRONT_VIRTCONSOLE
};

/**
 * struct front_bus - The controller of virtio ports, driven
 * @host_open:	by port: the last PORT_OPEN that the device sent
 * @host_changes: by port: how many it sent
 */
struct front_bus {
	struct vcon con;
	bool host_open[FRONT_PORTS];
	unsigned host_changes[FRONT_PORTS];
};

/**
 * struct front - One frontend
 * @nr:		isa-serial: index, COM1 is 0; virtio: the port's number
 * @sent, @received: bytes that the device took or gave
 * @in:		that came and nobody asked for yet (the rest of a buffer)
 * @slot_addr:	virtio: where what is sent lies; @slot_len: how much of it the device holds
 * @slot_of:	virtio: by buffer id
 * @pending:	bytes that the device holds
 * @empty:	isa-serial: THRE was set after the last byte was written
 */
struct front {
	struct target *t;
	enum front_kind kind;
	unsigned nr;
	struct front_bus *bus;
	uint64_t sent, received;
	struct buf in;
	uint64_t slot_addr[FRONT_SLOTS];
	uint32_t slot_len[FRONT_SLOTS];
	unsigned char slot_of[RING_SIZE_MAX];
	size_t pending;
	bool empty;
};

/** front_kind_parse() - "isa-serial", "isa-debugcon", "isa-parallel", "virtserialport",
 * "virtconsole" */
bool front_kind_parse(const char *device, enum front_kind *kind);
/** front_kind_is_virtio() - It sits on a controller of virtio ports */
bool front_kind_is_virtio(enum front_kind kind);
/** front_hears() - It has an input */
bool front_hears(const struct front *f);

/** front_bus_start() - Drive the controller: ports 1 to @ports are ready and open. False: @why.
 * front_bus_release() either way */
bool front_bus_start(struct front_bus *bus, struct target *t, unsigned ports, struct buf *why);
void front_bus_release(struct front_bus *bus);
/** front_bus_look() - Take the control messages that have come */
void front_bus_look(struct front_bus *bus);
/** front_start() - Make it ready; @bus: NULL where it has none */
void front_start(struct front *f, struct target *t, enum front_kind kind, unsigned nr,
		 struct front_bus *bus);
void front_release(struct front *f);
/** front_open() - A virtio port: the driver opens or closes it, as a program in a guest does.
 * False: the device does not answer */
bool front_open(struct front *f, bool open);

/** front_send() - What the device takes of these bytes now; 0: nothing. On return it has had them:
 * what goes another way to QEMU comes later */
size_t front_send(struct front *f, const void *data, size_t len);
/** front_recv() - What has come, at most @len bytes; 0: nothing */
size_t front_recv(struct front *f, void *data, size_t len);
/** front_pending() - How many bytes the device has taken but not let go of; of a UART's FIFO of
 * them, all or none (TEMT) */
size_t front_pending(struct front *f);
/** front_host_open() - A virtio port: does the device say that its host end is open? Others: true
 */
bool front_host_open(struct front *f);

#endif
