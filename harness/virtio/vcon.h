/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vcon.h - a driver of the virtio console device (virtio 1.2 5.3)
 *
 * It does one thing when it is told to, and nothing by itself: no message is answered, no buffer
 * posted again that the caller did not ask for (vcon_event() and vcon_recv() give back the buffer
 * that they took).
 */
#ifndef VIRTIO_VCON_H
#define VIRTIO_VCON_H

#include "harness/virtio/ring.h"

/* 5.3.6.2: control messages */
#define VC_DEVICE_READY 0
#define VC_PORT_ADD	1
#define VC_PORT_REMOVE	2
#define VC_PORT_READY	3
#define VC_CONSOLE_PORT 4
#define VC_RESIZE	5
#define VC_PORT_OPEN	6
#define VC_PORT_NAME	7
#define VC_NO_ID	UINT32_MAX

/* 5.3.4: struct virtio_console_config */
#define VCC_COLS	 0
#define VCC_ROWS	 2
#define VCC_MAX_NR_PORTS 4
#define VCC_EMERG_WR	 8

/* 5.3.2 */
#define VQ_CTL_RX 2u
#define VQ_CTL_TX 3u

#define VCON_QUEUES_MAX 136 /* those of 66 ports and control */
#define VCON_MORE_MAX	600
#define VCON_MS		8000

/**
 * struct vcon_options - How to start; all 0: as Linux does, in small
 * @other, @legacy: not through the interface that the topology is named after, but through the
 *		legacy one or not
 * @not:	features that are not wanted, of all that are offered
 * @ports:	set up queues for ports 0 to @ports - 1; 0: as many as the device has, at most 8
 * @ring_size:	0: the device's
 * @rx_buffers, @rx_size: posted for each port; 0: 8 of 256 bytes
 * @no_rx:	none
 * @ctl_buffers: posted for control messages; 0: 32 (as many as fit)
 * @pin:	leave MSI-X alone
 * @no_ok:	stop before DRIVER_OK
 */
struct vcon_options {
	bool other, legacy;
	uint64_t not ;
	unsigned ports, ring_size, rx_buffers, rx_size, ctl_buffers;
	bool no_rx, pin, no_ok;
};

/**
 * struct vcon_queue - A queue and the buffers in it
 * @addr, @len:	of the buffer with this id
 */
struct vcon_queue {
	struct ring ring;
	uint64_t addr[RING_SIZE_MAX];
	uint32_t len[RING_SIZE_MAX];
};

/**
 * struct vcon - A driver
 * @multiport:	negotiated
 * @max_ports:	what the configuration says; without MULTIPORT 1
 * @queues:	those that were set up
 * @scratch:	RAM for what is sent
 */
struct vcon {
	struct target *t;
	struct vdev v;
	bool multiport, msix;
	unsigned max_ports;
	struct vcon_queue *queues[VCON_QUEUES_MAX];
	uint64_t scratch;
};

/**
 * struct vcon_msg - A control message of the device
 * @used_len:	the length that the device told
 * @more, @n_more: what follows the header, at most VCON_MORE_MAX bytes
 */
struct vcon_msg {
	uint32_t id, used_len;
	uint16_t event, value;
	unsigned char more[VCON_MORE_MAX];
	size_t n_more;
};

/** vcon_start() - From reset to DRIVER_OK. False: one line in @why; vcon_release() either way */
bool vcon_start(struct vcon *c, struct target *t, const struct vcon_options *o, struct buf *why);
void vcon_release(struct vcon *c);

/** vcon_rxq(), vcon_txq() - 5.3.2: the queues of a port */
unsigned vcon_rxq(unsigned port);
unsigned vcon_txq(unsigned port);
/** vcon_ring() - Queue @q; a breakage when it was not set up */
struct ring *vcon_ring(struct vcon *c, unsigned q);
/** vcon_vector() - The MSI-X vector of queue @q: one of its own if there are enough, else 1 */
unsigned vcon_vector(const struct vcon *c, unsigned q);
/** vcon_post() - A writable buffer of @len bytes into queue @q; not kicked. Its id */
int vcon_post(struct vcon *c, unsigned q, uint32_t len);

/** vcon_tell() - Send a control message and wait until its buffer has come back, with used length
 * *used (NULL: 0 is demanded). False: it did not */
bool vcon_tell(struct vcon *c, uint32_t id, uint16_t event, uint16_t value, uint32_t *used);
/** vcon_tell_raw() - The same with any bytes */
bool vcon_tell_raw(struct vcon *c, const void *data, size_t len, uint32_t *used);
/** vcon_event() - Take the next control message, waiting at most @ms for it (0: it is there) */
bool vcon_event(struct vcon *c, struct vcon_msg *m, int ms);
/** vcon_msg_text() - "PORT_ADD id 1 value 1" */
void vcon_msg_text(const struct vcon_msg *m, struct buf *b);

/** vcon_send() - One buffer of @len bytes (at most 64 KiB) on the port's transmit queue, and wait
 * until it has come back. False: it did not */
bool vcon_send(struct vcon *c, unsigned port, const void *data, size_t len, struct ring_used *used);
/** vcon_recv() - What the next buffer of the port brings: the used length; -1: none in @ms */
long vcon_recv(struct vcon *c, unsigned port, void *data, size_t max, int ms);

#endif
