/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refdev.h - the reference device: a virtio console device (virtio 1.2, section 5.3) as a model
 *
 * DOC: what it is
 *
 * The device as a driver sees it, register files included, and nothing else: no I/O of its own, no
 * time, no globals. Guest memory, the backends of its ports and interrupts are callbacks (struct
 * refdev_ops). Registers are reached through refdev_in(), refdev_out(), refdev_read() and
 * refdev_write(), so that a driver works it as it works QEMU's: through configuration mechanism 1
 * and its BARs, or through the register file of virtio-mmio.
 *
 * What a kick, a status write or a register access asks for is done at once. What depends on the
 * other end (bytes that wait at a backend, a backend that takes bytes again, what follows a load)
 * is done by refdev_run(), which does a bounded amount of it each time.
 *
 * Personalities. "strict" follows the specification; "qemu-7.2", "qemu-10.0", "qemu-10.0.13" and
 * "qemu-11.1" do what those versions were measured to do. Each difference is a switch (struct
 * refdev_quirk: id, name, text, source, versions), that can also be set alone:
 * "strict,+name-nul", "qemu-11.1,-ctl-drop".
 *
 * Faults make it wrong, one named way each: a check that does not notice is worth nothing.
 *
 * Hostile drivers. Every address, length, index and count of the driver's is checked; a step has
 * an upper bound of work; what is left goes on at the next refdev_run().
 */
#ifndef REFDEV_REFDEV_H
#define REFDEV_REFDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

#define REFDEV_PORTS_MAX 511 /* QEMU: VIRTIO_QUEUE_MAX / 2 - 1, hw/char/virtio-serial-bus.c */
#define REFDEV_NAME_MAX	 255 /* bytes of a port's name that are kept */

/** enum refdev_transport - How it is attached; in the order of the driver side's transports */
enum refdev_transport {
	REFDEV_PCI_MODERN,	 /* device 0x1043, revision 1 */
	REFDEV_PCI_TRANSITIONAL, /* device 0x1003, revision 0, both interfaces */
	REFDEV_PCI_LEGACY,	 /* device 0x1003, I/O BAR only */
	REFDEV_MMIO_MODERN,	 /* version 2 */
	REFDEV_MMIO_LEGACY,	 /* version 1 */
	REFDEV_TRANSPORTS
};

/** struct refdev_port - A port to plug; see struct refdev_config for what the fields mean */
struct refdev_port {
	unsigned nr;
	bool console;
	const char *name;
	bool no_chardev, open;
};

/** enum refdev_log_class - What the device reports to its user's log, as bits */
enum refdev_log_class {
	REFDEV_LOG_UNEXPECTED_PORT = 1U << 0, /* a control message for a port that is not there */
	REFDEV_LOG_GUEST_FAILURE = 1U << 1,   /* DEVICE_READY or PORT_READY with value 0 */
	REFDEV_LOG_ZERO_SIZED = 1U << 2,      /* a descriptor of no bytes */
	REFDEV_LOG_LOOPED = 1U << 3,	      /* a chain longer than its table */
	REFDEV_LOG_BAD_NEXT = 1U << 4,	      /* next outside of the table */
	REFDEV_LOG_BAD_HEAD = 1U << 5,	      /* an available entry outside of the table */
	REFDEV_LOG_BOGUS = 1U << 6,	      /* a buffer that is not memory */
	REFDEV_LOG_ORDER = 1U << 7,	      /* readable after writable */
	REFDEV_LOG_MOVED_INDEX = 1U << 8,     /* avail.idx further ahead than the ring is long */
	REFDEV_LOG_INDIRECT = 1U << 9,	      /* an indirect table of an impossible size or place */
	REFDEV_LOG_TOO_MANY = 1U << 10,	      /* more buffers or segments than there can be */
	REFDEV_LOG_UNMAPPED = 1U << 11,	      /* a ring or table that is not memory */
	REFDEV_LOG_BAD_ENABLE = 1U << 12,     /* queue_enable written with something else than 1 */
	REFDEV_LOG_BAD_SIZE = 1U << 13,	      /* queue_size above its maximum */
	REFDEV_LOG_NO_TABLE = 1U << 14,	      /* a queue whose descriptors have no address */
	REFDEV_LOG_OTHER = 1U << 30,
};

/**
 * struct refdev_ops - What surrounds the device; @arg is struct refdev_config's
 * @mem_ok:	all of these bytes are RAM. @len may be 0, the range may wrap: then false
 * @mem_read, @mem_write: RAM; called only for what @mem_ok accepts
 * @message:	an MSI-X message: a dword written to @addr, which need not be RAM
 * @pin:	the interrupt pin (INTx) or line (MMIO) changed to @level
 * @host_write:	the device sends to the backend of port @nr; how many bytes that took
 * @host_read:	at most @len bytes of what the host end sent; 0: nothing has come
 * @host_room:	how many bytes the backend would take now
 * @guest_open:	the driver opened or closed the port (QEMU: VSERPORT_CHANGE); NULL: not wanted
 */
struct refdev_ops {
	bool (*mem_ok)(void *arg, uint64_t addr, uint64_t len);
	void (*mem_read)(void *arg, uint64_t addr, void *data, size_t len);
	void (*mem_write)(void *arg, uint64_t addr, const void *data, size_t len);
	void (*message)(void *arg, uint64_t addr, uint32_t data);
	void (*pin)(void *arg, bool level);
	size_t (*host_write)(void *arg, unsigned nr, const void *data, size_t len);
	size_t (*host_read)(void *arg, unsigned nr, void *data, size_t len);
	size_t (*host_room)(void *arg, unsigned nr);
	void (*guest_open)(void *arg, unsigned nr, bool open);
};

/**
 * struct refdev_config - What to make; everything is copied
 * @ops, @arg:	see above
 * @transport:	see above
 * @properties:	of the controller, as behind QEMU's -device: "max_ports=4,packed=on"; NULL: none.
 *		refdev_properties() lists them
 * @personality: "strict", ..; NULL: "strict"
 * @faults:	names with commas between; NULL: healthy
 * @ports:	plugged in this order, as with refdev_plug(). Of each: @nr its number; @console a
 *		virtconsole, else a virtserialport; @name NULL or text; @no_chardev no backend;
 *		@open somebody is connected to that already
 * @slot:	its PCI slot on bus 0; 32 and more: 32 times the bus, and the slot there
 * @express:	PCI: that bus is PCI Express, below a root port
 * @stopped:	the machine is
 * @mmio_base:	where its 0x200 bytes of registers are (virtio-mmio only)
 */
struct refdev_config {
	const struct refdev_ops *ops;
	void *arg;
	enum refdev_transport transport;
	const char *properties;
	const char *personality;
	const char *faults;
	const struct refdev_port *ports;
	size_t n_ports;
	unsigned slot;
	bool express, stopped;
	uint64_t mmio_base;
};

/** struct refdev_port_state - What the device holds of a port (QEMU: "info qtree") */
struct refdev_port_state {
	bool exists, guest, host, throttled;
};

struct refdev;

/** refdev_new() - Make one, as after power-on; NULL with a line in @why: refused as QEMU would */
struct refdev *refdev_new(const struct refdev_config *config, struct buf *why);
void refdev_free(struct refdev *rd);
/** refdev_properties() - The names that struct refdev_config's @properties knows, NULL behind */
const char *const *refdev_properties(void);
/** refdev_has_property() - Does a device of this personality know that one of them there? */
bool refdev_has_property(const char *personality, enum refdev_transport transport,
			 const char *name);

/* ---- registers. The bool ones: is there anything of this device's at that address? */

/** refdev_in() - Read an I/O port; @width 1, 2 or 4 */
bool refdev_in(struct refdev *rd, uint16_t port, unsigned width, uint32_t *value);
bool refdev_out(struct refdev *rd, uint16_t port, unsigned width, uint32_t value);
/** refdev_read() - Read device memory (BARs, virtio-mmio); @width 1, 2, 4 or 8 */
bool refdev_read(struct refdev *rd, uint64_t addr, unsigned width, uint64_t *value);
bool refdev_write(struct refdev *rd, uint64_t addr, unsigned width, uint64_t value);
/** refdev_config_read() - The device's PCI configuration space, without mechanism 1 */
uint32_t refdev_config_read(struct refdev *rd, unsigned reg, unsigned width);
void refdev_config_write(struct refdev *rd, unsigned reg, unsigned width, uint32_t value);
/** refdev_mmio_empty() - What a virtio-mmio register file without a device reads (G-MM-01) */
uint32_t refdev_mmio_empty(enum refdev_transport transport, unsigned offset, unsigned width);
/** refdev_pin() - Level of the interrupt pin */
bool refdev_pin(const struct refdev *rd);

/* ---- the other end, and the machine */

/** refdev_host_open() - Somebody connected to the backend of port @nr; false: it has none */
bool refdev_host_open(struct refdev *rd, unsigned nr);
/** refdev_host_close() - They left; what they sent before is taken first, as far as it goes */
void refdev_host_close(struct refdev *rd, unsigned nr);
/** refdev_may_change() - Can port @nr's backend be changed now? One that is no port's can */
bool refdev_may_change(struct refdev *rd, unsigned nr);
/** refdev_backend_changed() - It has another one, to which nobody is connected */
void refdev_backend_changed(struct refdev *rd, unsigned nr);
/** refdev_plug() - Plug a port; false with a line in @why: refused */
bool refdev_plug(struct refdev *rd, const struct refdev_port *port, struct buf *why);
/** refdev_unplug() - Unplug it; false: there is none */
bool refdev_unplug(struct refdev *rd, unsigned nr);
/** refdev_unplug_all() - The device is taken away: its ports go first, the last one before the
 * others, and the driver is told (qbus_unrealize()) */
void refdev_unplug_all(struct refdev *rd);
/** refdev_resize() - The console of port @nr has this size now (needs the property size=on) */
void refdev_resize(struct refdev *rd, unsigned nr, uint16_t cols, uint16_t rows);
/** refdev_stop() - The machine was stopped: backends are not read, kicks are still served */
void refdev_stop(struct refdev *rd);
void refdev_cont(struct refdev *rd);
/** refdev_reset() - The machine was reset */
void refdev_reset(struct refdev *rd);
/** refdev_run() - Do some of what waits; true: there is more, or may be: call it again */
bool refdev_run(struct refdev *rd);
/** refdev_save() - Append its state */
void refdev_save(struct refdev *rd, struct buf *b);
/** refdev_load() - Take over a saved state; @rd was made with the topology of the destination, its
 * host ends are open or not. False with a line in @why: refused, and @rd is as after power-on */
bool refdev_load(struct refdev *rd, const void *state, size_t len, struct buf *why);

/* ---- looking at it */

bool refdev_port_state(const struct refdev *rd, unsigned nr, struct refdev_port_state *state);
/** refdev_died() - The personality's QEMU would have ended by now; nothing moves any more */
bool refdev_died(const struct refdev *rd);
/** refdev_log() - enum refdev_log_class of what was reported since the last call */
unsigned refdev_log(struct refdev *rd);

/**
 * struct refdev_quirk - One way in which a QEMU differs from the specification
 * @id:		of the reference text: "D-14", "U-10", "G-CF-04"
 * @name:	"name-nul"
 * @text:	one line
 * @source:	where it is known from
 * @versions:	personalities that have it, "7.2 10.0 10.0.13 11.1"
 */
struct refdev_quirk {
	const char *id, *name, *text, *source, *versions;
};

/** struct refdev_set - A set of switches */
struct refdev_set {
	uint64_t word[2];
};

static inline bool refdev_set_has(const struct refdev_set *s, unsigned bit)
{
	return s->word[bit / 64] >> bit % 64 & 1;
}

/** refdev_set_add() - Those of @more as well */
static inline void refdev_set_add(struct refdev_set *s, const struct refdev_set *more)
{
	for (unsigned i = 0; i < sizeof(s->word) / sizeof(*s->word); i++)
		s->word[i] |= more->word[i];
}

/** refdev_quirk_count() - How many switches there are; in a set they are 0 to that - 1 */
unsigned refdev_quirk_count(void);
const struct refdev_quirk *refdev_quirk_get(unsigned bit);
/** refdev_quirks() - Those that are switched on */
struct refdev_set refdev_quirks(const struct refdev *rd);
/** refdev_quirks_seen() - Those that made a difference since the last call */
struct refdev_set refdev_quirks_seen(struct refdev *rd);
/** refdev_personality_known() - Whether refdev_new() would take it; else a line in @why */
bool refdev_personality_known(const char *personality, struct buf *why);
/** refdev_personalities() - The names of the whole ones, NULL behind */
const char *const *refdev_personalities(void);
/** refdev_personality_version() - The QEMU that it is like ("10.0.13"), but for the switches behind
 * it; NULL: none. To free */
char *refdev_personality_version(const char *personality);

/** struct refdev_fault - One way to be wrong */
struct refdev_fault {
	const char *name, *text;
};

unsigned refdev_fault_count(void);
const struct refdev_fault *refdev_fault_get(unsigned bit);
/** refdev_fault_set() - Switch a fault on or off later; false: no such fault */
bool refdev_fault_set(struct refdev *rd, const char *name, bool on);

#endif
