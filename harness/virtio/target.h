/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target.h - what a driver of ours drives: a machine with one virtio console device in it
 *
 * DOC: the contract
 *
 * Two things implement it: QEMU, without a guest, over its qtest protocol (target_qtest.h), and the
 * reference device (harness/wire). Everything that the driver side does (pci.c, mmio.c, the rings,
 * the console driver) goes through these operations and through nothing else, at the same addresses
 * on both, so that what one does can be compared with what the other does.
 *
 * The machine. RAM from 0 to TARGET_RAM. On a PCI transport a PC: configuration mechanism 1 at
 * 0xcf8/0xcfc (dword address; data at 0xcfc + (register & 3), 1, 2 or 4 bytes), the device in slot
 * TARGET_SLOT of bus 0, its BARs as after power-on: no address assigned, decoding off, no bus
 * master. No firmware has run. Reading I/O ports and configuration space where nothing is gives
 * all ones, memory zeros (QEMU's unassigned_mem_read()). On an MMIO transport: register files of
 * 0x200 bytes from TARGET_MMIO_BASE on, TARGET_MMIO_SLOTS of them; those without a device have
 * MagicValue and DeviceID 0; no PCI.
 *
 * Interrupts. MSI-X messages are plain dword writes to the message's address: a driver points the
 * vectors at RAM of its own and looks there. The pin (INTx, or the MMIO interrupt line) is seen by
 * target_pin().
 *
 * When. in, out, read, write, mem_read and mem_write act at once. What the device does because of
 * them (kicked queues, bytes to and from the host) may happen later: target_settle() waits for it.
 *
 * Time of failure. A target that has ended (QEMU died, hung, or talks nonsense) stays ended: @end
 * and @why say how, every read gives all ones, every write is ignored. @on_end, if set, is called
 * once at that moment and need not return (a trial ends there). What the target merely refuses
 * (a port number taken) is an answer: false, and one line in @refusal.
 */
#ifndef VIRTIO_TARGET_H
#define VIRTIO_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

#define TARGET_RAM  (64u << 20)
#define TARGET_HEAP 0x200000u /* target_alloc() hands out RAM from here on */
#define TARGET_SLOT 4
/* Bus 1, device 0, as mechanism 1 counts: behind the root port that is in TARGET_SLOT then */
#define TARGET_EXPRESS_SLOT 32
#define TARGET_UART_ISA	    0x2f8 /* COM2 */
#define TARGET_MMIO_BASE    0xfeb00000u
#define TARGET_MMIO_SIZE    0x200u
#define TARGET_MMIO_SLOTS   24
#define TARGET_PORTS_MAX    64 /* ports with a host end in one topology */

/** enum target_transport - How the device is attached, and which of its interfaces are there */
enum target_transport {
	TARGET_PCI_MODERN,	 /* device 0x1043: disable-legacy=on */
	TARGET_PCI_TRANSITIONAL, /* device 0x1003: both */
	TARGET_PCI_LEGACY,	 /* device 0x1003: disable-modern=on */
	TARGET_MMIO_MODERN,	 /* version 2: virtio-mmio.force-legacy=false */
	TARGET_MMIO_LEGACY,	 /* version 1 */
	TARGET_TRANSPORTS
};

/**
 * struct target_port - A port of the device
 * @nr:		its number
 * @console:	a virtconsole; else a virtserialport
 * @name:	NULL: none
 * @no_chardev:	it has no backend, so no host end
 */
struct target_port {
	unsigned nr;
	bool console;
	const char *name;
	bool no_chardev;
};

/**
 * struct target_config - A topology
 * @uart:	there is no virtio console but this device: "isa-serial" (as COM2), "pci-serial",
 *		"pci-serial-2x", "pci-serial-4x" (in the PCI device's place), "isa-debugcon"; its
 *		ports are @ports, of which only the number counts. NULL: the console
 * @first:	the UART of these that a script calls 0; the others follow it, round the end
 * @transport:	see above
 * @express:	PCI: the machine has PCI Express, and the device is behind a root port, whose
 *		windows are open from the start and after each reset of the machine; its interrupt
 *		pin leads nowhere
 * @properties:	of the controller, as behind QEMU's -device: "max_ports=4,packed=on"; NULL: none.
 *		The transport's own (disable-legacy, disable-modern) are not among them
 * @ports:	plugged in this order before the machine starts; no host end is open
 */
struct target_config {
	const char *uart;
	unsigned first;
	enum target_transport transport;
	bool express;
	const char *properties;
	struct target_port ports[TARGET_PORTS_MAX];
	size_t n_ports;
};

/** enum target_end - Does it still run? */
enum target_end {
	TARGET_ALIVE,
	TARGET_DIED,  /* ended by itself */
	TARGET_HUNG,  /* does not answer */
	TARGET_WRONG, /* answers nonsense, or broke its rings so that no driver could go on */
};

/**
 * struct target_port_state - What the device holds of a port ("info qtree")
 * @exists:	there is such a port
 * @guest:	the driver has it open
 * @host:	the host end is open (a console with a backend: always)
 * @throttled:	the backend takes no more for now
 */
struct target_port_state {
	bool exists, guest, host, throttled;
};

/** enum target_log_class - What a device reports to its user's log (QEMU: error_report()) */
enum target_log_class {
	TARGET_LOG_UNEXPECTED_PORT = 1u << 0, /* "Unexpected port id" */
	TARGET_LOG_GUEST_FAILURE = 1u << 1,   /* "Guest failure in adding": READY with value 0 */
	TARGET_LOG_ZERO_SIZED = 1u << 2,      /* "zero sized buffers are not allowed" */
	TARGET_LOG_LOOPED = 1u << 3,	      /* "Looped descriptor" */
	TARGET_LOG_BAD_NEXT = 1u << 4,	      /* "Desc next is" */
	TARGET_LOG_BAD_HEAD = 1u << 5,	      /* "Guest says index" */
	TARGET_LOG_BOGUS = 1u << 6,	      /* "bogus descriptor or out of resources" */
	TARGET_LOG_ORDER = 1u << 7,	      /* "Incorrect order for descriptors" */
	TARGET_LOG_MOVED_INDEX = 1u << 8,     /* "Guest moved used index" */
	TARGET_LOG_INDIRECT = 1u << 9,	      /* "Invalid size for indirect buffer table" */
	TARGET_LOG_TOO_MANY = 1u << 10,	      /* "Virtqueue size exceeded", "too many.." */
	TARGET_LOG_UNMAPPED = 1u << 11,	      /* "Cannot map" */
	TARGET_LOG_BAD_ENABLE = 1u << 12,     /* "wrong value for queue_enable" */
	TARGET_LOG_BAD_SIZE = 1u << 13,	      /* "exceeds max size" */
	TARGET_LOG_NO_TABLE = 1u << 14,	      /* "Region caches not initialized" */
	TARGET_LOG_OTHER = 1u << 30,	      /* a line that is in no class */
};

/** enum target_way - Where an access goes */
enum target_way {
	TARGET_IN,
	TARGET_OUT,
	TARGET_READ,
	TARGET_WRITE,
};

/**
 * struct target_access - One access of several that are made together
 * @width:	1, 2, 4, or for memory 8
 * @addr:	or the I/O port
 * @value:	what is written; what was read
 */
struct target_access {
	enum target_way way;
	unsigned width;
	uint64_t addr, value;
};

struct target;

/**
 * struct target_ops - What a target implements; call them through target_*() below
 * @in, @out:	an I/O port; @width is 1, 2 or 4
 * @read, @write: one access of @width 1, 2, 4 or 8 at a guest-physical address, little-endian
 * @mem_read, @mem_write, @mem_set: bytes of RAM
 * @batch:	accesses, one after the other; NULL: by the functions above
 * @expect:	this will be read soon, with nothing but reads of RAM and other such accesses
 *		between: a target to which each way is long fetches all that it was told of at
 *		once, when the first of it is wanted. Only what reading does not change; NULL:
 *		no way is long
 * @expect_mem:	the same of @len bytes of RAM
 * @pin:	level of the device's interrupt pin; *raised: how often it has risen so far
 * @host_open:	connect to the port's backend; false: refused
 * @host_close:	leave (what was not read is lost)
 * @host_write:	how many bytes the backend took; less than @len: it is full; -1: it is closed
 * @host_read:	what has come, at most @len, without waiting: 0 nothing, -1 closed by the device's
 *		side. Not to call it is a host that stalls
 * @host_break:	a break on the line from port @nr's backend; NULL: this kind knows none
 * @plug, @unplug: a port (and its backend, open at our side only after host_open); unplugging has
 *		taken effect on return
 * @backend_plug, @backend_unplug: a backend alone, that of port @nr, while no port uses it (a port
 *		of that number is then plugged with it, or was unplugged with keep_backend)
 * @backend_change: another backend in the place of port @nr's, whose host end is closed by that;
 *		nobody is connected to the new one. NULL: this kind knows none
 * @controller_unplug, @controller_plug: the whole device; with its ports as configured at first. A
 *		PCI device that is plugged is as after power-on
 * @stop, @cont, @reset: of the machine
 * @save:	stop, if it runs, and append the machine's state, for @load of such a target
 * @load:	become a fresh machine with this topology and the loaded state, running; host ends
 *		are closed unless host_open was called for them in @open (numbers, @n_open of them:
 *		open before the state is loaded). False: it was refused; now it is a machine with
 *		this topology as after power-on, host ends closed
 * @port_state:	of port @nr
 * @log:	enum target_log_class of what was reported since the last call
 * @clock_step:	let @ns of virtual time pass; false: it passes by itself
 * @turn:	let time pass for a moment; @nth: how often the caller has waited like this before.
 *		False: nothing will happen any more without us (the reference knows at once, QEMU
 *		never)
 * @settle:	until nothing more happens without us; false: it does not become quiet
 * @release:	end it
 */
struct target_ops {
	uint32_t (*in)(struct target *t, uint16_t port, unsigned width);
	void (*out)(struct target *t, uint16_t port, unsigned width, uint32_t value);
	uint64_t (*read)(struct target *t, uint64_t addr, unsigned width);
	void (*write)(struct target *t, uint64_t addr, unsigned width, uint64_t value);
	void (*mem_read)(struct target *t, uint64_t addr, void *data, size_t len);
	void (*mem_write)(struct target *t, uint64_t addr, const void *data, size_t len);
	void (*mem_set)(struct target *t, uint64_t addr, uint8_t byte, size_t len);
	void (*batch)(struct target *t, struct target_access *a, size_t n);
	void (*expect)(struct target *t, enum target_way way, uint64_t addr, unsigned width);
	void (*expect_mem)(struct target *t, uint64_t addr, size_t len);
	bool (*pin)(struct target *t, unsigned *raised);

	bool (*host_open)(struct target *t, unsigned nr);
	void (*host_close)(struct target *t, unsigned nr);
	long (*host_write)(struct target *t, unsigned nr, const void *data, size_t len);
	long (*host_read)(struct target *t, unsigned nr, void *data, size_t len);
	bool (*host_break)(struct target *t, unsigned nr);

	bool (*plug)(struct target *t, const struct target_port *port);
	bool (*unplug)(struct target *t, unsigned nr, bool keep_backend);
	bool (*backend_plug)(struct target *t, unsigned nr);
	bool (*backend_unplug)(struct target *t, unsigned nr);
	bool (*backend_change)(struct target *t, unsigned nr);
	bool (*controller_unplug)(struct target *t);
	bool (*controller_plug)(struct target *t);
	bool (*stop)(struct target *t);
	bool (*cont)(struct target *t);
	bool (*reset)(struct target *t);
	bool (*save)(struct target *t, struct buf *state);
	bool (*load)(struct target *t, const struct target_config *config, const struct buf *state,
		     const unsigned *open, size_t n_open);

	bool (*port_state)(struct target *t, unsigned nr, struct target_port_state *state);
	unsigned (*log)(struct target *t);
	bool (*clock_step)(struct target *t, uint64_t ns);
	bool (*turn)(struct target *t, unsigned nth);
	bool (*settle)(struct target *t);
	void (*release)(struct target *t);
};

/**
 * struct target - What all targets have; the first member of each kind's own struct
 * @ops:	its kind
 * @name:	for traces: "qemu-11.1.3", "ref-strict"
 * @config:	the topology it was made or loaded with; its texts belong to the caller
 * @end, @why:	see above
 * @refusal:	why the last operation that returned false did
 * @on_end, @on_end_arg: see above
 * @heap:	next free byte of RAM for target_alloc()
 */
struct target {
	const struct target_ops *ops;
	const char *name;
	struct target_config config;
	enum target_end end;
	struct buf why, refusal;
	void (*on_end)(void *arg, const char *why);
	void *on_end_arg;
	uint64_t heap;
};

/** target_init() - The common part: alive, an empty heap; for the kinds' own constructors */
void target_init(struct target *t, const struct target_ops *ops, const char *name,
		 const struct target_config *config);
/** target_release() - End it and free what it holds (the struct itself is its maker's) */
void target_release(struct target *t);
/** target_ended() - It has ended so: for its implementation. The first end counts */
void target_ended(struct target *t, enum target_end end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** target_alloc() - @len bytes of RAM, zeroed, aligned to @align (a power of two); never given back
 * until target_free_all(). Too much is a breakage */
uint64_t target_alloc(struct target *t, size_t len, size_t align);
/** target_free_all() - Start anew at TARGET_HEAP: the same script gets the same addresses */
void target_free_all(struct target *t);

/** target_transport_name() - "pci-modern", .. */
const char *target_transport_name(enum target_transport transport);
/** target_transport_find() - The transport of that name; false: there is none */
bool target_transport_find(const char *name, enum target_transport *transport);
bool target_is_pci(const struct target *t);
/** target_log_names() - Append the names of the classes in @mask, "unexpected-port zero-sized" */
void target_log_names(struct buf *b, unsigned mask);
/** target_port_config() - The topology's port @nr; NULL: none */
const struct target_port *target_port_config(const struct target *t, unsigned nr);

/* The operations. One that has ended answers all ones, false, or nothing. */
uint8_t target_in8(struct target *t, uint16_t port);
uint16_t target_in16(struct target *t, uint16_t port);
uint32_t target_in32(struct target *t, uint16_t port);
void target_out8(struct target *t, uint16_t port, uint8_t value);
void target_out16(struct target *t, uint16_t port, uint16_t value);
void target_out32(struct target *t, uint16_t port, uint32_t value);
uint32_t target_in(struct target *t, uint16_t port, unsigned width);
void target_out(struct target *t, uint16_t port, unsigned width, uint32_t value);
uint64_t target_read(struct target *t, uint64_t addr, unsigned width);
void target_write(struct target *t, uint64_t addr, unsigned width, uint64_t value);
void target_mem_read(struct target *t, uint64_t addr, void *data, size_t len);
void target_mem_write(struct target *t, uint64_t addr, const void *data, size_t len);
void target_mem_set(struct target *t, uint64_t addr, uint8_t byte, size_t len);
void target_batch(struct target *t, struct target_access *a, size_t n);
void target_expect(struct target *t, enum target_way way, uint64_t addr, unsigned width);
void target_expect_mem(struct target *t, uint64_t addr, size_t len);
bool target_pin(struct target *t, unsigned *raised);

bool target_host_open(struct target *t, unsigned nr);
void target_host_close(struct target *t, unsigned nr);
long target_host_write(struct target *t, unsigned nr, const void *data, size_t len);
long target_host_read(struct target *t, unsigned nr, void *data, size_t len);
bool target_host_break(struct target *t, unsigned nr);

bool target_plug(struct target *t, const struct target_port *port);
bool target_unplug(struct target *t, unsigned nr, bool keep_backend);
bool target_backend_plug(struct target *t, unsigned nr);
bool target_backend_unplug(struct target *t, unsigned nr);
bool target_backend_change(struct target *t, unsigned nr);
bool target_controller_unplug(struct target *t);
bool target_controller_plug(struct target *t);
bool target_stop(struct target *t);
bool target_cont(struct target *t);
bool target_reset(struct target *t);
bool target_save(struct target *t, struct buf *state);
bool target_load(struct target *t, const struct target_config *config, const struct buf *state,
		 const unsigned *open, size_t n_open);

bool target_port_state(struct target *t, unsigned nr, struct target_port_state *state);
unsigned target_log(struct target *t);
bool target_clock_step(struct target *t, uint64_t ns);
bool target_settle(struct target *t);
/** target_until() - Wait, at most @ms, until @met(arg). A target that has ended, or that will do
 * nothing more, gets one last look: false as well as after the deadline */
bool target_until(struct target *t, bool (*met)(void *arg), void *arg, int ms);

#endif
