/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * private.h - between the files of the reference device
 *
 * Who calls whom: register files (pci.c, modern.c, legacy.c, mmio.c) -> device.c (status, features)
 * and setup.c (queues) -> console.c, transfer.c (what the device does with its queues) -> queue.c
 * (split.c, packed.c, chain.c) -> notify.c (interrupts).
 */
#ifndef REFDEV_PRIVATE_H
#define REFDEV_PRIVATE_H

#include "harness/refdev/faults.h"
#include "harness/refdev/quirks.h"
#include "harness/refdev/refdev.h"

/* Numbers of queues that the registers can select: QEMU's VIRTIO_QUEUE_MAX. */
#define RD_QUEUES 1024
/* Buffers of one chain, and the longest queue: QEMU's VIRTQUEUE_MAX_SIZE. */
#define RD_SEGS	    1024
#define RD_SIZE_MAX 1024
#define RD_VECTORS  128
/* A register file of virtio-mmio: 4.2.2. */
#define RD_MMIO_SIZE 0x200U
/* Work of one step (a kick, a turn of refdev_run()) before the rest is put off. */
#define RD_STEP_BUFFERS 4096U
#define RD_STEP_DESCS	(1U << 16)
#define RD_STEP_BYTES	(1U << 20)
/* Control messages that wait for a buffer. Above the first the driver's own have to wait; above the
 * second what the host does is forgotten. */
#define RD_PENDING_SOFT (64U << 10)
#define RD_PENDING_HARD (1U << 20)

#define NO_VECTOR 0xffffU

enum rd_quirk {
#define Q(symbol, id, name, versions, text, source) RD_Q_##symbol,
	RD_QUIRKS(Q)
#undef Q
		RD_Q_COUNT
};

enum rd_fault {
#define F(symbol, name, text) RD_F_##symbol,
	RD_FAULTS(F)
#undef F
		RD_F_COUNT
};

_Static_assert(RD_Q_COUNT <= 8 * sizeof(struct refdev_set), "a set holds all quirks");

/** struct rd_faults - Those that are on, as bits */
struct rd_faults {
	uint64_t word[RD_F_COUNT / 64 + 1];
};

/* Feature bits: virtio 1.2, sections 5.3.3 and 6; the legacy ones: 6.4. */
enum {
	F_SIZE = 0,
	F_MULTIPORT = 1,
	F_EMERG_WRITE = 2,
	F_NOTIFY_ON_EMPTY = 24,
	F_ANY_LAYOUT = 27,
	F_INDIRECT_DESC = 28,
	F_EVENT_IDX = 29,
	F_BAD = 30,
	F_VERSION_1 = 32,
	F_IOMMU = 33,
	F_PACKED = 34,
	F_IN_ORDER = 35,
	F_RING_RESET = 40,
};
#define BIT(n)		(1ULL << (n))
#define LEGACY_FEATURES (BIT(F_NOTIFY_ON_EMPTY) | BIT(F_ANY_LAYOUT) | BIT(F_BAD))

/* Device status: 2.1 */
enum {
	S_ACKNOWLEDGE = 1,
	S_DRIVER = 2,
	S_DRIVER_OK = 4,
	S_FEATURES_OK = 8,
	S_NEEDS_RESET = 0x40,
	S_FAILED = 0x80,
};

/** struct rd_props - The controller's properties, parsed */
struct rd_props {
	unsigned max_ports, vectors;
	bool indirect_desc, event_idx, notify_on_empty, any_layout, iommu_platform, packed;
	bool queue_reset, in_order, emergency_write, size, page_per_vq, modern_pio_notify,
		ioeventfd, pm_no_soft_reset;
};

struct rd_seg {
	uint64_t addr;
	uint32_t len;
};

/**
 * struct rd_elem - A chain taken from the available ring
 * @id:		what the used entry names
 * @ndescs:	entries of the ring that it takes (split: 1)
 * @n_out, @n_in: device-readable and device-writable segments, in this order in @seg
 */
struct rd_elem {
	uint16_t id;
	unsigned ndescs, n_out, n_in;
	struct rd_seg seg[RD_SEGS];
};

/**
 * struct rd_queue - A virtqueue
 * @max:	size it has after a reset; 0: it does not exist
 * @num:	size now
 * @reg_num, @reg_desc, @reg_avail, @reg_used: what the registers hold; counts at queue_enable
 * @desc, @avail, @used: addresses in use; packed: descriptor ring, driver and device event areas
 * @align:	legacy: alignment of the used ring
 * @vector:	MSI-X vector or NO_VECTOR
 * @set_up:	the addresses in use are valid
 * @mapped:	they were RAM when they were set
 * @enabled:	what queue_enable (QueueReady) reads
 * @kicked:	work was put off
 * @owed:	of the same work: buffers were used, and the driver is to hear of it at its end
 * @last_avail:	split: index of the next available entry; packed: place in the ring
 * @used_idx:	the same for used entries
 * @seen_avail:	split: the available index when it was last read (QEMU: shadow_avail_idx)
 * @avail_wrap, @used_wrap: wrap counters of packed rings
 * @inuse:	entries taken and not yet returned
 * @signalled:	used_idx at the last decision about an interrupt; good if @signalled_valid
 * @stuck:	IN_ORDER: one was lost, and all behind it with it
 */
struct rd_queue {
	uint16_t max, num, reg_num;
	uint64_t reg_desc, reg_avail, reg_used;
	uint64_t desc, avail, used;
	uint32_t align;
	uint16_t vector;
	bool set_up, mapped, enabled, kicked, owed;
	uint16_t last_avail, used_idx, seen_avail, signalled;
	bool avail_wrap, used_wrap, signalled_valid, stuck;
	unsigned inuse;
};

/**
 * struct rd_port - A plugged port
 * @chardev:	it has a backend
 * @backend:	somebody is connected to that
 * @guest, @host, @throttled: "guest_connected" and so on, see section 3 of the reference text
 * @unwatched:	throttled by a host that has left, whose return nobody would notice
 * @announced:	the driver knows it, by PORT_ADD or its own PORT_READY
 * @asleep:	its backend is not listened to, for the machine was stopped
 * @told_host:	after a load: what the driver was last told of @host; -1 nothing to tell
 * @held:	the buffer that the backend took only a part of; NULL: none
 * @seg, @offset: where it goes on
 */
struct rd_port {
	unsigned nr;
	bool console, chardev, backend;
	char *name;
	bool guest, host, throttled, unwatched, announced, asleep;
	int told_host;
	uint16_t cols, rows;
	struct rd_elem *held;
	unsigned seg;
	uint32_t offset;
};

/** struct rd_msix - The MSI-X table, its pending bits, and which entries a register names */
struct rd_msix {
	uint32_t table[RD_VECTORS][4];
	uint32_t pending[RD_VECTORS / 32];
	uint16_t use[RD_VECTORS];
};

/**
 * struct rd_pci - PCI configuration space
 * @space, @wmask: bytes, and which bits of them can be written
 * @cap_cfg, @cap_msix, @cap_express, @cap_pm: offsets of the capabilities; 0: not there
 * @hidden, @quiet: in D3hot: its BARs do not decode; it does not use its queues
 * @address:	the register at 0xcf8
 * @bar_size:	of each BAR; 0: not there
 */
struct rd_pci {
	uint8_t space[256], wmask[256];
	uint8_t cap_cfg, cap_msix, cap_express, cap_pm, cap_end;
	bool hidden, quiet;
	uint32_t address;
	uint32_t bar_size[6];
};

struct refdev {
	struct refdev_ops ops;
	void *arg;
	enum refdev_transport transport;
	struct rd_props props;
	struct refdev_set quirks, seen;
	struct rd_faults faults;
	unsigned slot;
	bool express;
	uint64_t mmio_base;

	/* device */
	uint64_t offered, features;
	uint32_t gf[2], dfselect, gfselect;
	uint8_t status, isr, generation;
	uint16_t queue_sel, config_vector;
	bool broken, disabled, stopped, started, accessed;
	bool line; /* what the ISR byte wants of @pin: a broken device does not tell */
	bool pin;
	bool begun, start_on_kick; /* VirtIODevice: started, start_on_kick */
	uint8_t config[12];
	unsigned config_len;
	uint16_t cols, rows;
	unsigned log;
	uint32_t page_shift;

	/* console */
	bool ready; /* DEVICE_READY was received */
	struct rd_port **ports;
	size_t n_ports;
	struct buf pending; /* control messages without a buffer: le32 length, bytes */
	bool died;
	bool told_later; /* post-load work is due */

	struct rd_pci pci;
	struct rd_msix msix;
	struct rd_queue q[RD_QUEUES];
	unsigned n_queues;
	/* Work left in this step. */
	unsigned buffers_left, descs_left;
	uint64_t bytes_left;
	struct rd_elem elem, rx_elem, ctl_elem;
};

static inline bool rd_fault(const struct refdev *rd, enum rd_fault f)
{
	return rd->faults.word[f / 64] & BIT(f % 64);
}

/* Whether a difference is switched on, for a look that makes no difference by itself. */
static inline bool rd_has_quirk(const struct refdev *rd, enum rd_quirk q)
{
	return refdev_set_has(&rd->quirks, q);
}

/* Whether a difference is switched on; asked only where it makes a difference, which is noted. */
static inline bool rd_quirk(struct refdev *rd, enum rd_quirk q)
{
	if (!rd_has_quirk(rd, q))
		return false;
	rd->seen.word[q / 64] |= BIT(q % 64);
	return true;
}

static inline bool rd_has(const struct refdev *rd, unsigned feature)
{
	return rd->features & BIT(feature);
}

static inline bool rd_is_pci(const struct refdev *rd)
{
	return rd->transport <= REFDEV_PCI_LEGACY;
}

static inline bool rd_pci_modern(const struct refdev *rd)
{
	return rd->transport == REFDEV_PCI_MODERN || rd->transport == REFDEV_PCI_TRANSITIONAL;
}

static inline bool rd_pci_legacy(const struct refdev *rd)
{
	return rd->transport == REFDEV_PCI_LEGACY || rd->transport == REFDEV_PCI_TRANSITIONAL;
}

static inline uint16_t get_le16(const void *p)
{
	const uint8_t *b = p;

	return (uint16_t)(b[0] | b[1] << 8);
}

static inline uint32_t get_le32(const void *p)
{
	const uint8_t *b = p;

	return get_le16(b) | (uint32_t)get_le16(b + 2) << 16;
}

static inline uint64_t get_le64(const void *p)
{
	const uint8_t *b = p;

	return get_le32(b) | (uint64_t)get_le32(b + 4) << 32;
}

static inline void put_le16(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void put_le32(void *p, uint32_t v)
{
	put_le16(p, (uint16_t)v);
	put_le16((uint8_t *)p + 2, (uint16_t)(v >> 16));
}

/* personality.c, props.c */
bool rd_personality(const char *text, struct refdev_set *quirks, struct buf *why);
bool rd_faults_parse(const char *text, struct rd_faults *faults, struct buf *why);
bool rd_props_parse(struct refdev *rd, const char *text, struct buf *why);

/* device.c: 2.1 to 2.4, 3.1 */
void rd_device_init(struct refdev *rd);
void rd_device_reset(struct refdev *rd);
void rd_set_status(struct refdev *rd, uint8_t status);
uint8_t rd_status_read(const struct refdev *rd);
void rd_status_write(struct refdev *rd, uint8_t status);
/** rd_bus_master() - The PCI command register changed, or the device was @reset */
void rd_bus_master(struct refdev *rd, bool reset);
/** rd_set_features() - The driver accepts these; ignored after FEATURES_OK */
void rd_set_features(struct refdev *rd, uint64_t value);
/** rd_error() - What cannot go on: log @class, NEEDS_RESET, and nothing more until a reset */
void rd_error(struct refdev *rd, enum refdev_log_class class);
void rd_step_begin(struct refdev *rd);

/* config.c: 2.5, 5.3.4 */
uint32_t rd_config_read(struct refdev *rd, unsigned offset, unsigned width);
void rd_config_write(struct refdev *rd, unsigned offset, unsigned width, uint32_t value);

/* setup.c: what the registers do to a queue */
struct rd_queue *rd_queue_sel(struct refdev *rd);
void rd_queue_select(struct refdev *rd, uint32_t n);
void rd_queue_size(struct refdev *rd, uint32_t num);
void rd_queue_enable(struct refdev *rd);
void rd_queue_address(struct refdev *rd, uint64_t addr);
void rd_queue_clear(struct refdev *rd, struct rd_queue *q);
void rd_queue_check(struct refdev *rd, struct rd_queue *q);
void rd_queue_reset(struct refdev *rd);
void rd_queue_vector(struct refdev *rd, struct rd_queue *q, uint32_t vector);
void rd_config_vector(struct refdev *rd, uint32_t vector);
void rd_kick(struct refdev *rd, unsigned n);
void rd_kick_again(struct refdev *rd, unsigned n);
/** rd_start() - The device starts to run: QEMU looks into every queue */
void rd_start(struct refdev *rd);
/** rd_resume() - The machine goes on: the same, and more */
void rd_resume(struct refdev *rd);

/* queue.c, chain.c, split.c, packed.c */
#include "harness/refdev/rings.h"

/* notify.c: 2.7.7, 2.8.9, 2.9, 4.1.5.3, 4.1.5.4 */
/** rd_notify_queue() - Buffers were used: interrupt, if the driver wants one */
void rd_notify_queue(struct refdev *rd, struct rd_queue *q);
void rd_notify_config(struct refdev *rd);
void rd_interrupt(struct refdev *rd, uint8_t isr, uint16_t vector);
/** rd_set_pin() - After a change of the ISR byte; rd_update_pin() - of what hides the pin */
void rd_set_pin(struct refdev *rd);
void rd_update_pin(struct refdev *rd);
uint8_t rd_isr_read(struct refdev *rd);
bool rd_msix_enabled(const struct refdev *rd);
void rd_msix_reset(struct refdev *rd);
void rd_msix_use(struct refdev *rd, uint32_t vector, int step);
void rd_msix_unuse_all(struct refdev *rd);
uint32_t rd_msix_read(struct refdev *rd, uint32_t offset);
void rd_msix_write(struct refdev *rd, uint32_t offset, uint32_t value);
/** rd_msix_unmasked() - After a change of enable or mask bits: send what was pending */
void rd_msix_unmasked(struct refdev *rd);
unsigned rd_msix_pba(const struct refdev *rd);

/* console.c: 5.3.6, control messages */
void rd_ctl_out(struct refdev *rd);
/** rd_ctl_in() - The driver posted control buffers: send what waits */
void rd_ctl_in(struct refdev *rd);
void rd_ctl_event(struct refdev *rd, unsigned nr, uint16_t event, uint16_t value);
void rd_tell_plugged(struct refdev *rd, struct rd_port *port);
void rd_tell_unplugged(struct refdev *rd, struct rd_port *port);
void rd_tell_host(struct refdev *rd, struct rd_port *port);
void rd_tell_size(struct refdev *rd, struct rd_port *port);
void rd_guest_open(struct refdev *rd, struct rd_port *port, bool open, bool tell);
enum {
	E_DEVICE_READY,
	E_PORT_ADD,
	E_PORT_REMOVE,
	E_PORT_READY,
	E_CONSOLE_PORT,
	E_RESIZE,
	E_PORT_OPEN,
	E_PORT_NAME
};

/* transfer.c: 5.3.6, data */
void rd_port_out(struct refdev *rd, struct rd_queue *q, struct rd_port *port);
/** rd_port_in() - Take from the backend what the driver has room for; true: there may be more */
bool rd_port_in(struct refdev *rd, struct rd_port *port);
/** rd_port_look() - Look whether there is room for input, which may break the device */
void rd_port_look(struct refdev *rd, struct rd_port *port);
bool rd_port_unthrottle(struct refdev *rd, struct rd_port *port);
/** rd_port_drop() - Forget the held buffer; @give_back: return it to the driver, if strict */
void rd_port_drop(struct refdev *rd, struct rd_port *port, bool give_back);
void rd_queue_discard(struct refdev *rd, struct rd_queue *q);
/** rd_emergency() - An emergency write emits a byte */
void rd_emergency(struct refdev *rd, uint8_t byte);

/* refdev.c */
struct rd_port *rd_port_find(const struct refdev *rd, uint32_t nr);
struct rd_port *rd_port_of(const struct refdev *rd, unsigned queue);
/** rd_rxq(), rd_txq() - The queues of port @nr: 5.3.2 */
struct rd_queue *rd_rxq(struct refdev *rd, unsigned nr);
struct rd_queue *rd_txq(struct refdev *rd, unsigned nr);
/** rd_listen() - Listen to the backends, or not while the machine is stopped */
void rd_listen(struct refdev *rd);
void rd_guest_reset(struct refdev *rd);

/* register files */
void rd_pci_init(struct refdev *rd);
void rd_pci_reset(struct refdev *rd);
/** rd_pci_d3hot() - Its power state is that; rd_pci_power() - what follows from it */
bool rd_pci_d3hot(const struct refdev *rd);
void rd_pci_power(struct refdev *rd);
bool rd_pci_bar(const struct refdev *rd, unsigned bar, uint64_t *base);
uint32_t rd_pci_read(struct refdev *rd, unsigned reg, unsigned width);
void rd_pci_write(struct refdev *rd, unsigned reg, unsigned width, uint32_t value);
/* caps.c */
void rd_caps_init(struct refdev *rd);
/* bar.c: what a BAR has at an offset; naturally aligned, at most 4 bytes wide */
uint32_t rd_bar_read(struct refdev *rd, unsigned bar, uint32_t offset, unsigned width);
void rd_bar_write(struct refdev *rd, unsigned bar, uint32_t offset, unsigned width, uint32_t value);
bool rd_bar_find(const struct refdev *rd, uint64_t addr, bool io, unsigned *bar, uint32_t *offset);
/* modern.c: 4.1.4.3; legacy.c: 4.1.4.10; mmio.c: 4.2.2, 4.2.4 */
uint32_t rd_common_read(struct refdev *rd, uint32_t offset);
void rd_common_write(struct refdev *rd, uint32_t offset, uint32_t value);
uint32_t rd_legacy_read(struct refdev *rd, uint32_t offset, unsigned width);
void rd_legacy_write(struct refdev *rd, uint32_t offset, unsigned width, uint32_t value);
uint32_t rd_mmio_read(struct refdev *rd, uint32_t offset, unsigned width);
void rd_mmio_write(struct refdev *rd, uint32_t offset, unsigned width, uint32_t value);

#endif
