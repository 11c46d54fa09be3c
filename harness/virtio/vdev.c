// SPDX-License-Identifier: GPL-2.0-or-later
/* vdev.c - a virtio device as its driver sees it: finding it, starting it */
#include "harness/virtio/vdev.h"

#include <stdlib.h>

#include "harness/base/die.h"

#define RESET_MS 5000

static bool find_pci(struct vdev *v, struct buf *why)
{
	const struct pci_cap *common, *notify, *isr, *device;

	if (!pci_find(v->t, &v->pci) || !pci_enable(&v->pci)) {
		buf_addstr(why, "there is no virtio device on the PCI bus");
		return false;
	}
	/* 4.1.2: 0x1040 + id; transitional: the subsystem id */
	v->device_id = v->pci.device >= 0x1040 ? v->pci.device - 0x1040U : v->pci.subsystem;
	if (v->legacy) {
		if (!v->pci.bar[0].io || !v->pci.bar[0].size) {
			buf_addstr(why, "the device has no legacy interface: BAR 0 is no I/O");
			return false;
		}
		v->ops = &vdev_pci_legacy_ops;
		v->io = (uint16_t)v->pci.bar[0].addr;
		v->config_at = VPL_CONFIG;
		return true;
	}
	common = pci_cap(&v->pci, PCI_CAP_COMMON);
	notify = pci_cap(&v->pci, PCI_CAP_NOTIFY);
	isr = pci_cap(&v->pci, PCI_CAP_ISR);
	device = pci_cap(&v->pci, PCI_CAP_DEVICE);
	if (!common || !notify || !isr || !device) {
		buf_addf(why, "the device has no%s%s%s%s capability", common ? "" : " common",
			 notify ? "" : " notify", isr ? "" : " ISR", device ? "" : " device");
		return false;
	}
	v->ops = &vdev_pci_ops;
	v->common = pci_cap_addr(&v->pci, common);
	v->notify = pci_cap_addr(&v->pci, notify);
	v->isr = pci_cap_addr(&v->pci, isr);
	v->device = pci_cap_addr(&v->pci, device);
	v->multiplier = notify->multiplier;
	return true;
}

static bool find_mmio(struct vdev *v, struct buf *why)
{
	uint32_t version;

	/* Devices are in the last slots first (qemu/hw/i386/microvm.c). */
	for (unsigned i = TARGET_MMIO_SLOTS; i-- > 0 && !v->mmio;) {
		uint64_t base = TARGET_MMIO_BASE + i * TARGET_MMIO_SIZE;

		v->device_id = (uint32_t)target_read(v->t, base + VM_DEVICE_ID, 4);
		if (v->device_id && target_read(v->t, base + VM_MAGIC, 4) == VM_MAGIC_VALUE)
			v->mmio = base;
	}
	if (!v->mmio) {
		buf_addstr(why, "there is no virtio device in any MMIO slot");
		return false;
	}
	version = (uint32_t)target_read(v->t, v->mmio + VM_VERSION, 4);
	if (version != (v->legacy ? 1U : 2U)) {
		buf_addf(why, "the MMIO device has version %u", version);
		return false;
	}
	v->ops = v->legacy ? &vdev_mmio_legacy_ops : &vdev_mmio_ops;
	return true;
}

bool vdev_find(struct vdev *v, struct target *t, bool legacy, struct buf *why)
{
	*v = (struct vdev){.t = t, .legacy = legacy};
	if (!(target_is_pci(t) ? find_pci(v, why) : find_mmio(v, why)))
		return false;
	if (v->device_id == VDEV_CONSOLE)
		return true;
	buf_addf(why, "the device is no console: its device id is %u", v->device_id);
	return false;
}

bool vdev_find_usual(struct vdev *v, struct target *t, struct buf *why)
{
	enum target_transport transport = t->config.transport;

	return vdev_find(v, t, transport == TARGET_PCI_LEGACY || transport == TARGET_MMIO_LEGACY,
			 why);
}

uint8_t vdev_status(struct vdev *v)
{
	return v->ops->status(v);
}

void vdev_set_status(struct vdev *v, uint8_t status)
{
	v->ops->set_status(v, status);
}

static bool is_reset(void *arg)
{
	return vdev_status(arg) == 0;
}

bool vdev_reset(struct vdev *v)
{
	vdev_set_status(v, 0);
	v->accepted = 0;
	return target_until(v->t, is_reset, v, RESET_MS);
}

uint32_t vdev_features_word(struct vdev *v, uint32_t select)
{
	return v->ops->features(v, select);
}

void vdev_expect(struct vdev *v)
{
	v->ops->expect(v);
}

uint64_t vdev_features(struct vdev *v)
{
	uint64_t low = vdev_features_word(v, 0);

	return v->legacy ? low : low | (uint64_t)vdev_features_word(v, 1) << 32;
}

void vdev_set_features_word(struct vdev *v, uint32_t select, uint32_t word)
{
	v->ops->set_features(v, select, word);
}

void vdev_set_features(struct vdev *v, uint64_t features)
{
	vdev_set_features_word(v, 0, (uint32_t)features);
	if (!v->legacy)
		vdev_set_features_word(v, 1, (uint32_t)(features >> 32));
	v->accepted = features;
}

uint32_t vdev_config(struct vdev *v, unsigned offset, unsigned width)
{
	return v->ops->config(v, offset, width);
}

void vdev_set_config(struct vdev *v, unsigned offset, unsigned width, uint32_t value)
{
	v->ops->set_config(v, offset, width, value);
}

uint32_t vdev_generation(struct vdev *v)
{
	return v->ops->generation ? v->ops->generation(v) : 0;
}

unsigned vdev_queue_count(struct vdev *v)
{
	return v->ops->queue_count ? v->ops->queue_count(v) : 0;
}

unsigned vdev_queue_size(struct vdev *v, unsigned q)
{
	return v->ops->queue_size(v, q);
}

void vdev_queues_meet(struct vdev *v, struct vdev_queue *queues, size_t n)
{
	struct target_access *a = xcalloc(VDEV_MEET * n, sizeof(*a));
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += v->ops->meet(v, &queues[i], a + count);
	target_batch(v->t, a, count);
	count = 0;
	for (size_t i = 0; i < n; i++) {
		struct target_access again[VDEV_MEET];

		count += v->ops->meet(v, &queues[i], again);
		queues[i].size = (unsigned)a[count - 1].value;
		queues[i].vector =
			queues[i].wish == VDEV_ANY ? PCI_NO_VECTOR : (uint16_t)a[count - 2].value;
	}
	free(a);
}

bool vdev_queue_on(struct vdev *v, unsigned q)
{
	return v->ops->queue_on(v, q);
}

void vdev_queue_set(struct vdev *v, unsigned q, unsigned size, uint64_t desc, uint64_t driver,
		    uint64_t device)
{
	v->ops->queue_set(v, q, size, desc, driver, device);
}

void vdev_queue_off(struct vdev *v, unsigned q)
{
	v->ops->queue_off(v, q);
}

uint32_t vdev_queue_reset(struct vdev *v, unsigned q)
{
	return v->ops->queue_reset ? v->ops->queue_reset(v, q) : 0;
}

void vdev_notify(struct vdev *v, unsigned q)
{
	v->ops->notify(v, q);
}

uint32_t vdev_isr(struct vdev *v)
{
	return v->ops->isr(v);
}

uint16_t vdev_set_vector(struct vdev *v, int q, uint16_t vector)
{
	return v->ops->set_vector ? v->ops->set_vector(v, q, vector) : PCI_NO_VECTOR;
}

/* virtio 1.2 3.1.1 */
bool vdev_start(struct vdev *v, uint64_t wanted, struct buf *why)
{
	if (!vdev_reset(v)) {
		buf_addf(why, "status is %#x after a reset", vdev_status(v));
		return false;
	}
	vdev_set_status(v, VS_ACKNOWLEDGE);
	vdev_set_status(v, VS_ACKNOWLEDGE | VS_DRIVER);
	v->offered = vdev_features(v);
	/* 6.3: a legacy device offers UNUSED; who accepts it has not read what it accepts, and QEMU
	 * then gives it no features at all (virtio_ioport_write(), VIRTIO_F_BAD_FEATURE). */
	vdev_set_features(v, v->offered & wanted & ~VF_UNUSED);
	if (v->legacy)
		return true;
	vdev_set_status(v, VS_ACKNOWLEDGE | VS_DRIVER | VS_FEATURES_OK);
	if (vdev_status(v) & VS_FEATURES_OK)
		return true;
	buf_addf(why, "the device does not accept the features %#llx of %#llx",
		 (unsigned long long)v->accepted, (unsigned long long)v->offered);
	return false;
}

void vdev_driver_ok(struct vdev *v)
{
	vdev_set_status(v, VS_ACKNOWLEDGE | VS_DRIVER | VS_DRIVER_OK |
				   (v->legacy ? 0 : VS_FEATURES_OK));
}

bool vdev_irq_setup(struct vdev *v)
{
	if (!target_is_pci(v->t) || !v->pci.msix)
		return false;
	v->messages = target_alloc(v->t, 4 * v->pci.vectors, 4);
	pci_msix_enable(&v->pci, v->messages);
	v->config_at = VPL_CONFIG_MSIX;
	return true;
}

static unsigned irqs_size(const struct vdev *v)
{
	return 4 * (v->pci.vectors < VDEV_IRQS ? v->pci.vectors : VDEV_IRQS);
}

void vdev_irqs_expect(struct vdev *v)
{
	target_expect_mem(v->t, v->messages, irqs_size(v));
}

/* The message of @vector was @data: it is taken. */
static void took(struct vdev *v, unsigned vector, uint32_t data)
{
	target_write(v->t, v->messages + 4ULL * vector, 4, 0);
	if (data != PCI_MSIX_DATA + vector)
		target_ended(v->t, TARGET_WRONG, "the message of vector %u is %#x, not %#x", vector,
			     data, PCI_MSIX_DATA + vector);
}

uint64_t vdev_irqs_take(struct vdev *v)
{
	unsigned char raw[4 * VDEV_IRQS] = {0};
	uint64_t bits = 0;

	target_mem_read(v->t, v->messages, raw, irqs_size(v));
	for (unsigned i = 0; i < irqs_size(v) / 4; i++) {
		const unsigned char *at = raw + 4UL * i;
		uint32_t data = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
				(uint32_t)at[3] << 24;

		if (!data)
			continue;
		bits |= 1ULL << i;
		took(v, i, data);
	}
	return bits;
}

bool vdev_irq_take(struct vdev *v, unsigned vector)
{
	uint32_t data = (uint32_t)target_read(v->t, v->messages + 4ULL * vector, 4);

	if (data)
		took(v, vector, data);
	return data;
}
