// SPDX-License-Identifier: GPL-2.0-or-later
/* vdev_pci.c - virtio over PCI: modern (virtio 1.2 4.1.4) and legacy (4.1.4.8) */
#include "harness/virtio/vdev.h"

#define PAGE_SHIFT 12 /* 4.1.5.1.3: the legacy queue's address, in pages */

static uint32_t get(struct vdev *v, unsigned reg, unsigned width)
{
	return (uint32_t)target_read(v->t, v->common + reg, width);
}

static void set(struct vdev *v, unsigned reg, unsigned width, uint64_t value)
{
	target_write(v->t, v->common + reg, width, value);
}

static uint8_t pci_status(struct vdev *v)
{
	return (uint8_t)get(v, VPC_DEVICE_STATUS, 1);
}

static void pci_set_status(struct vdev *v, uint8_t status)
{
	set(v, VPC_DEVICE_STATUS, 1, status);
}

static uint32_t pci_features(struct vdev *v, uint32_t select)
{
	set(v, VPC_DEVICE_FEATURE_SELECT, 4, select);
	return get(v, VPC_DEVICE_FEATURE, 4);
}

static void pci_set_features(struct vdev *v, uint32_t select, uint32_t word)
{
	set(v, VPC_DRIVER_FEATURE_SELECT, 4, select);
	set(v, VPC_DRIVER_FEATURE, 4, word);
}

static uint32_t pci_config(struct vdev *v, unsigned offset, unsigned width)
{
	return (uint32_t)target_read(v->t, v->device + offset, width);
}

static void pci_set_config(struct vdev *v, unsigned offset, unsigned width, uint32_t value)
{
	target_write(v->t, v->device + offset, width, value);
}

static uint32_t pci_generation(struct vdev *v)
{
	return get(v, VPC_CONFIG_GENERATION, 1);
}

static void pci_expect(struct vdev *v)
{
	target_expect(v->t, TARGET_READ, v->common + VPC_DEVICE_STATUS, 1);
	target_expect(v->t, TARGET_READ, v->common + VPC_CONFIG_GENERATION, 1);
}

static unsigned pci_queue_count(struct vdev *v)
{
	return get(v, VPC_NUM_QUEUES, 2);
}

static void pci_select(struct vdev *v, unsigned q)
{
	set(v, VPC_QUEUE_SELECT, 2, q);
}

static unsigned pci_queue_size(struct vdev *v, unsigned q)
{
	pci_select(v, q);
	return get(v, VPC_QUEUE_SIZE, 2);
}

static bool pci_queue_on(struct vdev *v, unsigned q)
{
	pci_select(v, q);
	return get(v, VPC_QUEUE_ENABLE, 2);
}

/* 4.1.3.1: 64-bit fields are written as two 32-bit ones. */
static void set64(struct vdev *v, unsigned reg, uint64_t value)
{
	set(v, reg, 4, (uint32_t)value);
	set(v, reg + 4, 4, value >> 32);
}

static void pci_queue_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc, uint64_t driver,
			  uint64_t device)
{
	pci_select(v, q);
	set(v, VPC_QUEUE_SIZE, 2, size);
	set64(v, VPC_QUEUE_DESC, desc);
	set64(v, VPC_QUEUE_DRIVER, driver);
	set64(v, VPC_QUEUE_DEVICE, device);
	set(v, VPC_QUEUE_ENABLE, 2, 1);
}

static void pci_queue_off(struct vdev *v, unsigned q)
{
	pci_select(v, q);
	set(v, VPC_QUEUE_ENABLE, 2, 0);
}

static uint32_t pci_queue_reset(struct vdev *v, unsigned q)
{
	pci_select(v, q);
	set(v, VPC_QUEUE_RESET, 2, 1);
	return get(v, VPC_QUEUE_RESET, 2);
}

/* 4.1.4.4: where it lies the device tells; QEMU's offset is the queue's number. */
static void pci_notify(struct vdev *v, unsigned q)
{
	target_write(v->t, v->notify + (uint64_t)q * v->multiplier, 2, q);
}

static uint32_t pci_isr(struct vdev *v)
{
	return (uint32_t)target_read(v->t, v->isr, 1);
}

static uint16_t pci_set_vector(struct vdev *v, int q, uint16_t vector)
{
	unsigned reg = q < 0 ? VPC_CONFIG_MSIX_VECTOR : VPC_QUEUE_MSIX_VECTOR;

	if (q >= 0)
		pci_select(v, (unsigned)q);
	set(v, reg, 2, vector);
	return (uint16_t)get(v, reg, 2);
}

static size_t pci_meet(struct vdev *v, const struct vdev_queue *queue, struct target_access *a)
{
	size_t n = 0;

	a[n++] = (struct target_access){TARGET_WRITE, 2, v->common + VPC_QUEUE_SELECT, queue->q};
	if (queue->wish != VDEV_ANY) {
		uint64_t at = v->common + VPC_QUEUE_MSIX_VECTOR;

		a[n++] = (struct target_access){TARGET_WRITE, 2, at, (uint64_t)queue->wish};
		a[n++] = (struct target_access){TARGET_READ, 2, at, 0};
	}
	a[n++] = (struct target_access){TARGET_READ, 2, v->common + VPC_QUEUE_SIZE, 0};
	return n;
}

const struct vdev_ops vdev_pci_ops = {
	.status = pci_status,
	.set_status = pci_set_status,
	.features = pci_features,
	.set_features = pci_set_features,
	.config = pci_config,
	.set_config = pci_set_config,
	.generation = pci_generation,
	.expect = pci_expect,
	.meet = pci_meet,
	.queue_count = pci_queue_count,
	.queue_size = pci_queue_size,
	.queue_on = pci_queue_on,
	.queue_set = pci_queue_set,
	.queue_off = pci_queue_off,
	.queue_reset = pci_queue_reset,
	.notify = pci_notify,
	.isr = pci_isr,
	.set_vector = pci_set_vector,
};

/* ---- the legacy interface */

static uint32_t in(struct vdev *v, unsigned reg, unsigned width)
{
	return target_in(v->t, (uint16_t)(v->io + reg), width);
}

static void out(struct vdev *v, unsigned reg, unsigned width, uint32_t value)
{
	target_out(v->t, (uint16_t)(v->io + reg), width, value);
}

static uint8_t legacy_status(struct vdev *v)
{
	return (uint8_t)in(v, VPL_STATUS, 1);
}

static void legacy_set_status(struct vdev *v, uint8_t status)
{
	out(v, VPL_STATUS, 1, status);
}

static uint32_t legacy_features(struct vdev *v, uint32_t select)
{
	return select ? 0 : in(v, VPL_HOST_FEATURES, 4);
}

static void legacy_set_features(struct vdev *v, uint32_t select, uint32_t word)
{
	if (!select)
		out(v, VPL_GUEST_FEATURES, 4, word);
}

static uint32_t legacy_config(struct vdev *v, unsigned offset, unsigned width)
{
	return in(v, v->config_at + offset, width);
}

static void legacy_set_config(struct vdev *v, unsigned offset, unsigned width, uint32_t value)
{
	out(v, v->config_at + offset, width, value);
}

static unsigned legacy_queue_size(struct vdev *v, unsigned q)
{
	out(v, VPL_QUEUE_SELECT, 2, q);
	return in(v, VPL_QUEUE_NUM, 2);
}

static bool legacy_queue_on(struct vdev *v, unsigned q)
{
	out(v, VPL_QUEUE_SELECT, 2, q);
	return in(v, VPL_QUEUE_PFN, 4);
}

static void legacy_queue_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc,
			     uint64_t driver, uint64_t device)
{
	(void)size; /* both follow from the device's size: ring.h lays them out so */
	(void)driver;
	(void)device;
	out(v, VPL_QUEUE_SELECT, 2, q);
	out(v, VPL_QUEUE_PFN, 4, (uint32_t)(desc >> PAGE_SHIFT));
}

static void legacy_queue_off(struct vdev *v, unsigned q)
{
	out(v, VPL_QUEUE_SELECT, 2, q);
	out(v, VPL_QUEUE_PFN, 4, 0);
}

static void legacy_notify(struct vdev *v, unsigned q)
{
	out(v, VPL_QUEUE_NOTIFY, 2, q);
}

static uint32_t legacy_isr(struct vdev *v)
{
	return in(v, VPL_ISR, 1);
}

static uint16_t legacy_set_vector(struct vdev *v, int q, uint16_t vector)
{
	unsigned reg = q < 0 ? VPL_CONFIG_VECTOR : VPL_QUEUE_VECTOR;

	if (v->config_at != VPL_CONFIG_MSIX)
		return PCI_NO_VECTOR;
	if (q >= 0)
		out(v, VPL_QUEUE_SELECT, 2, (uint32_t)q);
	out(v, reg, 2, vector);
	return (uint16_t)in(v, reg, 2);
}

static void legacy_expect(struct vdev *v)
{
	target_expect(v->t, TARGET_IN, v->io + VPL_STATUS, 1);
}

static size_t legacy_meet(struct vdev *v, const struct vdev_queue *queue, struct target_access *a)
{
	size_t n = 0;

	a[n++] = (struct target_access){TARGET_OUT, 2, v->io + VPL_QUEUE_SELECT, queue->q};
	if (queue->wish != VDEV_ANY) {
		uint64_t at = v->io + VPL_QUEUE_VECTOR;

		a[n++] = (struct target_access){TARGET_OUT, 2, at, (uint64_t)queue->wish};
		a[n++] = (struct target_access){TARGET_IN, 2, at, 0};
	}
	a[n++] = (struct target_access){TARGET_IN, 2, v->io + VPL_QUEUE_NUM, 0};
	return n;
}

const struct vdev_ops vdev_pci_legacy_ops = {
	.status = legacy_status,
	.set_status = legacy_set_status,
	.features = legacy_features,
	.set_features = legacy_set_features,
	.config = legacy_config,
	.set_config = legacy_set_config,
	.expect = legacy_expect,
	.meet = legacy_meet,
	.queue_size = legacy_queue_size,
	.queue_on = legacy_queue_on,
	.queue_set = legacy_queue_set,
	.queue_off = legacy_queue_off,
	.notify = legacy_notify,
	.isr = legacy_isr,
	.set_vector = legacy_set_vector,
};
