/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refdev_testing.h - a machine around the reference device for its unit tests, and a small driver
 *
 * Everything the driver sees goes into a transcript, so that two runs can be compared. Addresses
 * are fixed: queue n has its parts from W_RINGS + n * W_RING on, buffers come from W_HEAP on.
 */
#ifndef REFDEV_REFDEV_TESTING_H
#define REFDEV_REFDEV_TESTING_H

#include <string.h>

#include "harness/refdev/private.h"
#include "harness/selftest/unit.h"

#define W_RAM	 (2U << 20)
#define W_RINGS	 0x10000U
#define W_RING	 0x8000U
#define W_QUEUES 10 /* of 4 ports */
#define W_HEAP	 0x100000U
#define W_IRQS	 0x8000U /* MSI-X messages: vector i writes i + 1 to this + 4 * i */
#define W_BAR0	 0xc000U
#define W_BAR1	 0xe1000000U
#define W_BAR4	 0xe0000000U
#define W_MMIO	 0xfeb00e00U
#define W_PORTS	 8

/** struct wq - The driver's side of a queue */
struct wq {
	unsigned n, num;
	uint64_t desc, avail, used;
	bool packed, event_idx;
	uint16_t next, avail_idx, last_used;
	bool wrap, used_wrap;
	uint16_t ndescs[256]; /* packed: of the buffer with this id */
	uint64_t addr[256];   /* of the buffer with this head or id, its writable part */
};

/** struct world_host - The backend of a port: bytes each way, and how many it still takes */
struct world_host {
	struct buf in, out;
	size_t room;
};

/**
 * struct world - A machine
 * @trace:	what the driver has seen
 * @irqs:	MSI-X messages that came for each vector, and rises of the pin at the end
 */
struct world {
	uint8_t *ram;
	struct refdev *rd;
	struct refdev_config config;
	struct refdev_port ports[4];
	struct world_host host[W_PORTS + 1];
	struct wq q[W_QUEUES];
	uint64_t heap, features;
	struct buf trace;
	unsigned irqs[5], opened, closed;
	uint8_t seen_status;
};

/** What world_init() plugs: port 0 a console, 1 "org.test.one", 2 "two" without a backend */
void world_init(struct world *w, enum refdev_transport transport, const char *properties,
		const char *personality, const char *faults);
/** world_init_as() - The same with other ports, or none */
void world_init_as(struct world *w, const struct refdev_config *config);
void world_release(struct world *w);
/** world_device() - Throw the device away and make a new one of the same configuration */
void world_device(struct world *w);

/* Registers, by name, whatever the transport. */
enum w_reg { W_STATUS, W_QSEL, W_QSIZE, W_QENABLE, W_QRESET, W_GEN, W_ISR, W_NUMQ, W_QVECTOR };
uint32_t world_get(struct world *w, enum w_reg reg);
void world_set(struct world *w, enum w_reg reg, uint32_t value);
uint32_t world_cfg(struct world *w, unsigned offset, unsigned width);
void world_cfg_set(struct world *w, unsigned offset, unsigned width, uint32_t value);
uint64_t world_offered(struct world *w);
uint32_t world_pci(struct world *w, unsigned reg, unsigned width);
void world_pci_set(struct world *w, unsigned reg, unsigned width, uint32_t value);

/** world_bars() - Map the BARs, enable everything, MSI-X messages to W_IRQS; nothing on MMIO */
void world_bars(struct world *w, bool msix);
/** world_features() - ACKNOWLEDGE to FEATURES_OK with these of the offered features; what stayed */
uint8_t world_features(struct world *w, uint64_t wanted);
/** world_queue() - Set up a queue of @num entries (0: as it is) */
struct wq *world_queue(struct world *w, unsigned n, unsigned num);
/** world_up() - All of it: BARs, features, W_QUEUES queues of 16, DRIVER_OK, receive buffers */
void world_up(struct world *w, uint64_t wanted);
#define W_ANY (~0ULL)

/** struct wbuf - A part of a buffer: to the device, or from it (@in) */
struct wbuf {
	const void *data;
	uint32_t len;
	bool in;
};

uint64_t world_alloc(struct world *w, size_t len);
/** wq_post() - A chain of these, in a table of its own if @indirect; the head or id */
uint16_t wq_post(struct world *w, struct wq *q, const struct wbuf *parts, unsigned n,
		 bool indirect);
/** wq_raw() - A split descriptor as it stands, without making it available */
void wq_raw(struct world *w, struct wq *q, unsigned i, uint64_t addr, uint32_t len, uint16_t flags,
	    uint16_t next);
/** wq_avail() - Make a head available */
void wq_avail(struct world *w, struct wq *q, uint16_t head);
void wq_kick(struct world *w, const struct wq *q);
/** wq_used() - The next used entry; false: there is none */
bool wq_used(struct world *w, struct wq *q, uint32_t *id, uint32_t *len);

/** world_ctl() - Send a control message */
void world_ctl(struct world *w, uint32_t id, uint16_t event, uint16_t value);
/** world_tx() - Send bytes on a port */
void world_tx(struct world *w, unsigned port, const void *data, size_t len);
/** world_rx() - Post @n buffers of @len on a port */
void world_rx(struct world *w, unsigned port, unsigned n, uint32_t len);
/** world_say() - The host end sends */
void world_say(struct world *w, unsigned port, const char *text);
/** world_settle() - Let the device work, and note in the transcript what is new since */
void world_settle(struct world *w, const char *step);
/** world_trace_has() - The transcript contains this */
bool world_trace_has(const struct world *w, const char *text);
/** world_out() - What came out of a port's backend so far */
const char *world_out(const struct world *w, unsigned port);

/** world_note() - Add a value to the transcript */
void world_note(struct world *w, const char *what, uint64_t value);
/** world_ready() - Port 1 open at both ends, without EVENT_IDX */
void world_ready(struct world *w);

/** struct quirk_row - A script that tells a switch, and what it runs on; @with: another one,
 * without which it means nothing, as ",+NAME" */
struct quirk_row {
	enum rd_quirk quirk;
	void (*play)(struct world *w);
	enum refdev_transport transport;
	const char *properties;
	const char *with;
};

#define MODERN	     REFDEV_PCI_MODERN, "max_ports=4", NULL
#define TRANSITIONAL REFDEV_PCI_TRANSITIONAL, "max_ports=4", NULL
#define LEGACY	     REFDEV_PCI_LEGACY, "max_ports=4", NULL
#define PACKED	     REFDEV_PCI_MODERN, "max_ports=4,packed=on", NULL
#define MMIO	     REFDEV_MMIO_MODERN, "max_ports=4", NULL

extern const struct quirk_row quirk_rows_ring[], quirk_rows_console[];

#endif
