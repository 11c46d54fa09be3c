/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vdev.h - a virtio device as its driver sees it, whatever its transport
 *
 * DOC: what it does not do
 *
 * Every register can be written at any time with anything: vdev_start() is what a good driver does,
 * the rest is for those that are not. Where a transport has no such register (the generation on a
 * legacy one), the answer is 0 and a write does nothing.
 *
 * DOC: interrupts
 *
 * vdev_irq_setup() points the MSI-X vectors at dwords of RAM, so that a message is something to
 * read; without MSI-X vdev_isr() and target_pin() tell.
 */
#ifndef VIRTIO_VDEV_H
#define VIRTIO_VDEV_H

#include "harness/virtio/pci.h"
#include "harness/virtio/target.h"

/* virtio 1.2 2.1: device status */
#define VS_ACKNOWLEDGE 1u
#define VS_DRIVER      2u
#define VS_DRIVER_OK   4u
#define VS_FEATURES_OK 8u
#define VS_NEEDS_RESET 64u
#define VS_FAILED      128u

/* virtio 1.2 2.2, 5.3.3, 6, 6.3: feature bits */
#define VF(bit)		     (1ULL << (bit))
#define VF_SIZE		     VF(0)
#define VF_MULTIPORT	     VF(1)
#define VF_EMERG_WRITE	     VF(2)
#define VF_NOTIFY_ON_EMPTY   VF(24)
#define VF_ANY_LAYOUT	     VF(27)
#define VF_INDIRECT	     VF(28)
#define VF_EVENT_IDX	     VF(29)
#define VF_UNUSED	     VF(30)
#define VF_VERSION_1	     VF(32)
#define VF_ACCESS_PLATFORM   VF(33)
#define VF_RING_PACKED	     VF(34)
#define VF_IN_ORDER	     VF(35)
#define VF_ORDER_PLATFORM    VF(36)
#define VF_NOTIFICATION_DATA VF(38)
#define VF_RING_RESET	     VF(40)
#define VF_CONSOLE	     (VF_SIZE | VF_MULTIPORT | VF_EMERG_WRITE)

#define VDEV_CONSOLE 3	/* device id, virtio 1.2 5 */
#define VDEV_CONFIG  -1 /* vdev_set_vector(): that of configuration changes */

#define VDEV_ANY  -1 /* struct vdev_queue: MSI-X is none of the driver's business */
#define VDEV_MEET 4  /* accesses at most */

struct vdev;

/**
 * struct vdev_queue - A queue before it is set up
 * @wish:	the vector that it is to have, or VDEV_ANY
 * @vector:	what reads back then
 * @size:	as vdev_queue_size()
 */
struct vdev_queue {
	unsigned q;
	int wish;
	uint16_t vector;
	unsigned size;
};

/**
 * struct vdev_ops - One transport, one interface; call them through vdev_*()
 * @meet:	the accesses of vdev_queues_meet() for one queue, at most VDEV_MEET; how many. The
 *		last one reads the size, with a wish the one before it the vector
 */
struct vdev_ops {
	uint8_t (*status)(struct vdev *v);
	void (*set_status)(struct vdev *v, uint8_t status);
	uint32_t (*features)(struct vdev *v, uint32_t select);
	void (*set_features)(struct vdev *v, uint32_t select, uint32_t word);
	uint32_t (*config)(struct vdev *v, unsigned offset, unsigned width);
	void (*set_config)(struct vdev *v, unsigned offset, unsigned width, uint32_t value);
	uint32_t (*generation)(struct vdev *v);
	void (*expect)(struct vdev *v);
	size_t (*meet)(struct vdev *v, const struct vdev_queue *queue, struct target_access *a);
	unsigned (*queue_count)(struct vdev *v);
	unsigned (*queue_size)(struct vdev *v, unsigned q);
	bool (*queue_on)(struct vdev *v, unsigned q);
	void (*queue_set)(struct vdev *v, unsigned q, unsigned size, uint64_t desc, uint64_t driver,
			  uint64_t device);
	void (*queue_off)(struct vdev *v, unsigned q);
	uint32_t (*queue_reset)(struct vdev *v, unsigned q);
	void (*notify)(struct vdev *v, unsigned q);
	uint32_t (*isr)(struct vdev *v);
	uint16_t (*set_vector)(struct vdev *v, int q, uint16_t vector);
};

/**
 * struct vdev - A device
 * @legacy:	driven through its legacy interface
 * @pci:	where it sits; unused on MMIO
 * @mmio:	address of its register file; PCI: 0
 * @common, @notify, @isr, @device: PCI, modern: addresses of the structures
 * @multiplier:	of the notify structure
 * @io:		PCI, legacy: BAR 0
 * @config_at:	PCI, legacy: where the device's own configuration starts
 * @device_id:	what it says it is
 * @offered, @accepted: features
 * @messages:	vdev_irq_setup(): the dword of vector 0; 0: no MSI-X
 */
struct vdev {
	struct target *t;
	const struct vdev_ops *ops;
	bool legacy;
	struct pci_dev pci;
	uint64_t mmio, common, notify, isr, device;
	uint32_t multiplier;
	uint16_t io;
	unsigned config_at;
	uint32_t device_id;
	uint64_t offered, accepted;
	uint64_t messages;
};

/** vdev_find() - Find it and get at its registers; @legacy: through the legacy interface. False:
 * it is not there, or has not that interface: one line in @why */
bool vdev_find(struct vdev *v, struct target *t, bool legacy, struct buf *why);
/** vdev_find_usual() - The interface that the topology's transport is named after */
bool vdev_find_usual(struct vdev *v, struct target *t, struct buf *why);

uint8_t vdev_status(struct vdev *v);
void vdev_set_status(struct vdev *v, uint8_t status);
/** vdev_reset() - Status 0, and wait until it reads 0 (4.1.4.3.2); false: it does not */
bool vdev_reset(struct vdev *v);
uint32_t vdev_features_word(struct vdev *v, uint32_t select);
/** vdev_expect() - Status and generation will be read soon, see target_expect() */
void vdev_expect(struct vdev *v);
/** vdev_features() - All 64 bits that are offered; legacy: 32 */
uint64_t vdev_features(struct vdev *v);
void vdev_set_features_word(struct vdev *v, uint32_t select, uint32_t word);
void vdev_set_features(struct vdev *v, uint64_t features);
uint32_t vdev_config(struct vdev *v, unsigned offset, unsigned width);
void vdev_set_config(struct vdev *v, unsigned offset, unsigned width, uint32_t value);
uint32_t vdev_generation(struct vdev *v);
/** vdev_queue_count() - num_queues; 0: the transport does not tell */
unsigned vdev_queue_count(struct vdev *v);
/** vdev_queue_size() - The most entries (modern), or the entries (legacy), of queue @q; 0: none */
unsigned vdev_queue_size(struct vdev *v, unsigned q);
/** vdev_queues_meet() - Give vectors to and learn the sizes of @n queues, in one go */
void vdev_queues_meet(struct vdev *v, struct vdev_queue *queues, size_t n);
/** vdev_queue_on() - It is enabled, or has an address */
bool vdev_queue_on(struct vdev *v, unsigned q);
void vdev_queue_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc, uint64_t driver,
		    uint64_t device);
/** vdev_queue_off() - MMIO: QueueReady 0; legacy: address 0; PCI, modern: queue_enable 0, which no
 * driver may write */
void vdev_queue_off(struct vdev *v, unsigned q);
/** vdev_queue_reset() - Write 1 to the queue's reset register; what it reads then */
uint32_t vdev_queue_reset(struct vdev *v, unsigned q);
void vdev_notify(struct vdev *v, unsigned q);
/** vdev_isr() - Read the interrupt status; PCI: which clears it; MMIO: and acknowledge it */
uint32_t vdev_isr(struct vdev *v);
/** vdev_set_vector() - Of queue @q or VDEV_CONFIG; what reads back (no MSI-X: PCI_NO_VECTOR) */
uint16_t vdev_set_vector(struct vdev *v, int q, uint16_t vector);

/** vdev_start() - Reset, acknowledge, negotiate @wanted of what is offered; FEATURES_OK where there
 * is one. The queues and DRIVER_OK are the caller's. False: it went wrong, one line in @why */
bool vdev_start(struct vdev *v, uint64_t wanted, struct buf *why);
void vdev_driver_ok(struct vdev *v);
/** vdev_irq_setup() - MSI-X on, its messages into RAM; false: there is none */
bool vdev_irq_setup(struct vdev *v);
/** vdev_irqs_expect() - vdev_irqs_take() will come soon */
void vdev_irqs_expect(struct vdev *v);
/** vdev_irqs_take() - vdev_irq_take() of all vectors below VDEV_IRQS, as bits */
uint64_t vdev_irqs_take(struct vdev *v);
#define VDEV_IRQS 64
/** vdev_irq_take() - Has a message of @vector come since the last call? */
bool vdev_irq_take(struct vdev *v, unsigned vector);

/* The transports' parts. */
extern const struct vdev_ops vdev_pci_ops, vdev_pci_legacy_ops, vdev_mmio_ops, vdev_mmio_legacy_ops;

/* virtio 1.2 4.1.4.3: struct virtio_pci_common_cfg */
#define VPC_DEVICE_FEATURE_SELECT 0
#define VPC_DEVICE_FEATURE	  4
#define VPC_DRIVER_FEATURE_SELECT 8
#define VPC_DRIVER_FEATURE	  12
#define VPC_CONFIG_MSIX_VECTOR	  16
#define VPC_NUM_QUEUES		  18
#define VPC_DEVICE_STATUS	  20
#define VPC_CONFIG_GENERATION	  21
#define VPC_QUEUE_SELECT	  22
#define VPC_QUEUE_SIZE		  24
#define VPC_QUEUE_MSIX_VECTOR	  26
#define VPC_QUEUE_ENABLE	  28
#define VPC_QUEUE_NOTIFY_OFF	  30
#define VPC_QUEUE_DESC		  32
#define VPC_QUEUE_DRIVER	  40
#define VPC_QUEUE_DEVICE	  48
#define VPC_QUEUE_NOTIFY_DATA	  56
#define VPC_QUEUE_RESET		  58

/* virtio 1.2 4.1.4.8: the legacy header in BAR 0 */
#define VPL_HOST_FEATURES  0
#define VPL_GUEST_FEATURES 4
#define VPL_QUEUE_PFN	   8
#define VPL_QUEUE_NUM	   12
#define VPL_QUEUE_SELECT   14
#define VPL_QUEUE_NOTIFY   16
#define VPL_STATUS	   18
#define VPL_ISR		   19
#define VPL_CONFIG_VECTOR  20
#define VPL_QUEUE_VECTOR   22
#define VPL_CONFIG	   20 /* without MSI-X */
#define VPL_CONFIG_MSIX	   24

/* virtio 1.2 4.2.2, 4.2.4: MMIO; those with an L belong to version 1 only */
#define VM_MAGIC	       0x000
#define VM_VERSION	       0x004
#define VM_DEVICE_ID	       0x008
#define VM_VENDOR_ID	       0x00c
#define VM_DEVICE_FEATURES     0x010
#define VM_DEVICE_FEATURES_SEL 0x014
#define VM_DRIVER_FEATURES     0x020
#define VM_DRIVER_FEATURES_SEL 0x024
#define VM_L_GUEST_PAGE_SIZE   0x028
#define VM_QUEUE_SEL	       0x030
#define VM_QUEUE_NUM_MAX       0x034
#define VM_QUEUE_NUM	       0x038
#define VM_L_QUEUE_ALIGN       0x03c
#define VM_L_QUEUE_PFN	       0x040
#define VM_QUEUE_READY	       0x044
#define VM_QUEUE_NOTIFY	       0x050
#define VM_INTERRUPT_STATUS    0x060
#define VM_INTERRUPT_ACK       0x064
#define VM_STATUS	       0x070
#define VM_QUEUE_DESC_LOW      0x080
#define VM_QUEUE_DRIVER_LOW    0x090
#define VM_QUEUE_DEVICE_LOW    0x0a0
#define VM_QUEUE_RESET	       0x0c0
#define VM_CONFIG_GENERATION   0x0fc
#define VM_CONFIG	       0x100
#define VM_MAGIC_VALUE	       0x74726976u /* "virt" */

#endif
