// SPDX-License-Identifier: GPL-2.0-or-later
/* vdev_mmio.c - virtio over MMIO: version 2 (virtio 1.2 4.2.2) and version 1 (4.2.4) */
#include "harness/virtio/vdev.h"

#define LEGACY_PAGE 4096u

static uint32_t get(struct vdev *v, unsigned reg)
{
	return (uint32_t)target_read(v->t, v->mmio + reg, 4);
}

static void set(struct vdev *v, unsigned reg, uint32_t value)
{
	target_write(v->t, v->mmio + reg, 4, value);
}

static uint8_t mmio_status(struct vdev *v)
{
	return (uint8_t)get(v, VM_STATUS);
}

static void mmio_set_status(struct vdev *v, uint8_t status)
{
	set(v, VM_STATUS, status);
}

static uint32_t mmio_features(struct vdev *v, uint32_t select)
{
	set(v, VM_DEVICE_FEATURES_SEL, select);
	return get(v, VM_DEVICE_FEATURES);
}

static void mmio_set_features(struct vdev *v, uint32_t select, uint32_t word)
{
	set(v, VM_DRIVER_FEATURES_SEL, select);
	set(v, VM_DRIVER_FEATURES, word);
}

static uint32_t mmio_config(struct vdev *v, unsigned offset, unsigned width)
{
	return (uint32_t)target_read(v->t, v->mmio + VM_CONFIG + offset, width);
}

static void mmio_set_config(struct vdev *v, unsigned offset, unsigned width, uint32_t value)
{
	target_write(v->t, v->mmio + VM_CONFIG + offset, width, value);
}

static uint32_t mmio_generation(struct vdev *v)
{
	return get(v, VM_CONFIG_GENERATION);
}

static void mmio_expect(struct vdev *v)
{
	target_expect(v->t, TARGET_READ, v->mmio + VM_STATUS, 4);
	if (!v->legacy)
		target_expect(v->t, TARGET_READ, v->mmio + VM_CONFIG_GENERATION, 4);
}

/* There are no vectors. */
static size_t mmio_meet(struct vdev *v, const struct vdev_queue *queue, struct target_access *a)
{
	a[0] = (struct target_access){TARGET_WRITE, 4, v->mmio + VM_QUEUE_SEL, queue->q};
	a[1] = (struct target_access){TARGET_READ, 4, v->mmio + VM_QUEUE_NUM_MAX, 0};
	return 2;
}

static unsigned mmio_queue_size(struct vdev *v, unsigned q)
{
	set(v, VM_QUEUE_SEL, q);
	return get(v, VM_QUEUE_NUM_MAX);
}

static bool mmio_queue_on(struct vdev *v, unsigned q)
{
	set(v, VM_QUEUE_SEL, q);
	return get(v, v->legacy ? VM_L_QUEUE_PFN : VM_QUEUE_READY);
}

static void set64(struct vdev *v, unsigned reg, uint64_t value)
{
	set(v, reg, (uint32_t)value);
	set(v, reg + 4, (uint32_t)(value >> 32));
}

static void mmio_queue_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc,
			   uint64_t driver, uint64_t device)
{
	set(v, VM_QUEUE_SEL, q);
	set(v, VM_QUEUE_NUM, size);
	set64(v, VM_QUEUE_DESC_LOW, desc);
	set64(v, VM_QUEUE_DRIVER_LOW, driver);
	set64(v, VM_QUEUE_DEVICE_LOW, device);
	set(v, VM_QUEUE_READY, 1);
}

static void mmio_queue_off(struct vdev *v, unsigned q)
{
	set(v, VM_QUEUE_SEL, q);
	set(v, v->legacy ? VM_L_QUEUE_PFN : VM_QUEUE_READY, 0);
}

static uint32_t mmio_queue_reset(struct vdev *v, unsigned q)
{
	set(v, VM_QUEUE_SEL, q);
	set(v, VM_QUEUE_RESET, 1);
	return get(v, VM_QUEUE_RESET);
}

static void mmio_notify(struct vdev *v, unsigned q)
{
	set(v, VM_QUEUE_NOTIFY, q);
}

static uint32_t mmio_isr(struct vdev *v)
{
	uint32_t isr = get(v, VM_INTERRUPT_STATUS);

	if (isr)
		set(v, VM_INTERRUPT_ACK, isr);
	return isr;
}

const struct vdev_ops vdev_mmio_ops = {
	.status = mmio_status,
	.set_status = mmio_set_status,
	.features = mmio_features,
	.set_features = mmio_set_features,
	.config = mmio_config,
	.set_config = mmio_set_config,
	.expect = mmio_expect,
	.meet = mmio_meet,
	.generation = mmio_generation,
	.queue_size = mmio_queue_size,
	.queue_on = mmio_queue_on,
	.queue_set = mmio_queue_set,
	.queue_off = mmio_queue_off,
	.queue_reset = mmio_queue_reset,
	.notify = mmio_notify,
	.isr = mmio_isr,
};

/* The legacy queue lies in one piece at a page; used follows at the alignment. */
static void mmio_legacy_queue_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc,
				  uint64_t driver, uint64_t device)
{
	(void)driver;
	(void)device;
	set(v, VM_L_GUEST_PAGE_SIZE, LEGACY_PAGE);
	set(v, VM_QUEUE_SEL, q);
	set(v, VM_QUEUE_NUM, size);
	set(v, VM_L_QUEUE_ALIGN, LEGACY_PAGE);
	set(v, VM_L_QUEUE_PFN, (uint32_t)(desc / LEGACY_PAGE));
}

const struct vdev_ops vdev_mmio_legacy_ops = {
	.status = mmio_status,
	.set_status = mmio_set_status,
	.features = mmio_features,
	.set_features = mmio_set_features,
	.config = mmio_config,
	.set_config = mmio_set_config,
	.expect = mmio_expect,
	.meet = mmio_meet,
	.queue_size = mmio_queue_size,
	.queue_on = mmio_queue_on,
	.queue_set = mmio_legacy_queue_set,
	.queue_off = mmio_queue_off,
	.notify = mmio_notify,
	.isr = mmio_isr,
};
