// SPDX-License-Identifier: GPL-2.0-or-later
/* life.c - resets, stops, saved states, controllers that go and come back */
#include <string.h>

#include "harness/run/wire.h"

#define AXES ((const char *const[]){"transport", "ring", NULL})

/* Port 1 carries a line both ways. */
static void carries(struct trial *t, struct vcon *c, const char *text)
{
	size_t len = strlen(text);
	struct ring_used used;
	char got[64] = "";

	CHECK(t, vcon_send(c, 1, text, len, &used), "%s: no buffer comes back", text);
	CHECK(t, used.len == 0, "%s: used length %u", text, used.len);
	wire_host_gets(t, 1, text, len);
	CHECK(t, target_host_write(c->t, 1, text, len) == (long)len, "%s: no byte is taken", text);
	CHECK(t, vcon_recv(c, 1, got, sizeof(got), VCON_MS) == (long)len && !memcmp(got, text, len),
	      "%s: what the host sends arrives as \"%s\"", text, got);
}

static struct vcon *open_port(struct trial *t)
{
	struct vcon *c = trial_vcon(t, NULL);
	struct target_port_state state;

	CHECK(t, target_port_state(c->t, 1, &state), "QEMU does not tell of port 1");
	if (!state.host)
		wire_host_open(t, 1);
	wire_handshake(t, c);
	return c;
}

static void all_off(struct trial *t, struct vdev *v, unsigned size)
{
	struct target_port_state state;

	CHECK(t, vdev_status(v) == 0, "status %#x after a reset", vdev_status(v));
	for (unsigned q = 0; q < 6; q++) {
		CHECK(t, !vdev_queue_on(v, q), "queue %u is on after a reset", q);
		CHECK(t, q == VQ_CTL_RX || q == VQ_CTL_TX || vdev_queue_size(v, q) == size,
		      "queue %u has size %u after a reset, before that %u", q,
		      vdev_queue_size(v, q), size);
	}
	CHECK(t, target_port_state(v->t, 1, &state) && state.host && !state.guest,
	      "port 1 after a reset: guest %d, host %d", state.guest, state.host);
}

CASE(wire_reset, .id = "wire.reset",
     .title =
	     "a reset puts everything back, closes the ports, and a new driver finds a device that "
	     "works",
     .clause = "virtio-1.2/console/G-ST-01, G-RS-02, G-RS-03 (2.1.2, 2.4, 4.1.4.3.1)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t);
	unsigned size = vdev_queue_size(&c->v, 0);

	for (int round = 0; round < 3; round++) {
		carries(t, c, "before the reset");
		CHECK(t, vdev_reset(&c->v), "status %#x after a reset", vdev_status(&c->v));
		all_off(t, &c->v, size);
		c = open_port(t);
	}
	carries(t, c, "after the last one");
}

CASE(wire_system_reset, .id = "wire.system-reset", .title = "a reset of the machine does the same",
     .clause =
	     "virtio-1.2/console/G-ST-01, G-RS-02, G-RS-03 (2.4); qemu/qapi/machine.json system_reset",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t);
	unsigned size = vdev_queue_size(&c->v, 0);

	for (int round = 0; round < 2; round++) {
		struct buf why = BUF_INIT;
		struct vdev v;

		carries(t, c, "before the reset");
		CHECK(t, target_reset(c->t), "system_reset: %s", c->t->refusal.data);
		CHECK(t, vdev_find_usual(&v, c->t, &why), "%s", why.data);
		all_off(t, &v, size);
		c = open_port(t);
	}
	carries(t, c, "after the last one");
}

static bool has_queue_reset(const struct variant *v)
{
	/* MMIO offers it and does not have it (D-18): a clause of its own. */
	return variant_is(v, "transport", "pci-modern") ||
	       variant_is(v, "transport", "pci-transitional");
}

CASE(wire_queue_reset, .id = "wire.queue-reset",
     .title = "a queue that is reset alone is off, and works again with a new size and address",
     .clause = "virtio-1.2/console/G-RR-01, G-RR-02, G-RR-03, G-RR-04 (2.6.1, 4.1.4.3.1)",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .possible = has_queue_reset,
     .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t);
	unsigned q = vcon_txq(1);
	struct ring *r = vcon_ring(c, q);

	CHECK(t, c->v.accepted & VF_RING_RESET, "RING_RESET is not offered");
	for (unsigned size = 4; size <= 32; size *= 2) {
		struct ring_seg seg = {.addr = c->scratch, .len = 4};

		CHECK(t, vdev_queue_reset(&c->v, q) == 0, "queue_reset stays 1");
		CHECK(t, !vdev_queue_on(&c->v, q), "the queue is on after its reset");
		/* A buffer in a queue that was reset is nobody's. */
		target_mem_write(c->t, c->scratch, "lost", 4);
		if (ring_add(r, &seg, 1) >= 0) {
			ring_publish(r);
			ring_kick(r);
		}
		wire_host_quiet(t, 1);
		CHECK(t, ring_init(r, &c->v, q, size), "the queue is gone");
		if (c->msix)
			vdev_set_vector(&c->v, (int)q, (uint16_t)vcon_vector(c, q));
		carries(t, c, "after its reset");
	}
}

CASE(wire_stop_cont, .id = "wire.stop-cont",
     .title = "a machine that is stopped takes nothing from its host, and loses nothing",
     .clause = "qemu/qapi/misc.json stop, cont; qemu/hw/char/virtio-console.c "
	       "virtconsole_enable_backend()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	struct vcon *c = open_port(t);
	char got[16];

	for (int round = 0; round < 3; round++) {
		CHECK(t, target_stop(c->t), "stop: %s", c->t->refusal.data);
		CHECK(t, target_host_write(c->t, 1, "held", 4) == 4, "the backend is full");
		CHECK(t, target_settle(c->t), "the device does not come to rest");
		CHECK(t, vcon_recv(c, 1, got, sizeof(got), 0) < 0,
		      "bytes arrive in a machine that is stopped");
		CHECK(t, target_cont(c->t), "cont: %s", c->t->refusal.data);
		CHECK(t, vcon_recv(c, 1, got, sizeof(got), VCON_MS) == 4 && !memcmp(got, "held", 4),
		      "what was sent meanwhile does not arrive");
		carries(t, c, "goes on");
	}
}

/* That the host is there may be said again: QEMU's OPENED comes with the first cont, and the state
 * says what the source saw (virtio_serial_load_device()). That it has gone must not. */
static void still_open(struct trial *t, struct vcon *c)
{
	struct vcon_msg m;

	while (vcon_event(c, &m, 0))
		CHECK(t, m.id == 1 && m.event == VC_PORT_OPEN && m.value == 1,
		      "after loading the device sends event %u of port %u, value %u", m.event, m.id,
		      m.value);
}

CASE(wire_migrate, .id = "wire.saved-state",
     .title = "a driver goes on where it was when its machine's state was saved, the host being "
	      "there or not",
     .clause = "qemu/docs/devel/migration/main.rst; qemu/hw/char/virtio-serial-bus.c "
	       "virtio_serial_load_device()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .lacks = wire_lacks,
     .wire = wire_topology_plain)
{
	static const unsigned open[] = {1};
	struct vcon *c = open_port(t);
	struct target *target = c->t;
	struct buf state = BUF_INIT;
	struct target_port_state port;

	carries(t, c, "before");
	CHECK(t, target_save(target, &state), "saving: %s", target->refusal.data);
	CHECK(t, target_load(target, &target->config, &state, open, 1), "loading: %s",
	      target->refusal.data);
	CHECK(t, target_settle(target), "the device does not come to rest");
	CHECK(t, target_port_state(target, 1, &port) && port.guest && port.host,
	      "port 1 after loading: guest %d, host %d", port.guest, port.host);
	still_open(t, c);
	carries(t, c, "after");
	/* Without its host end: the driver is told, and told again when it is back. */
	wire_no_event(t, c);
	buf_clear(&state);
	CHECK(t, target_save(target, &state), "saving: %s", target->refusal.data);
	CHECK(t, target_load(target, &target->config, &state, NULL, 0), "loading: %s",
	      target->refusal.data);
	wire_event(t, c, 1, VC_PORT_OPEN, 0, "");
	wire_host_open(t, 1);
	wire_event(t, c, 1, VC_PORT_OPEN, 1, "");
	carries(t, c, "at last");
	buf_release(&state);
}

static bool is_pci(const struct variant *v)
{
	return !variant_is(v, "transport", "mmio-modern") &&
	       !variant_is(v, "transport", "mmio-legacy");
}

CASE(wire_controller, .id = "wire.controller-plugged",
     .title = "the controller goes, its slot is empty, it comes back, and works",
     .clause = "qemu/qapi/qdev.json device_add, device_del; "
	       "qemu/docs/specs/acpi_pci_hotplug.rst",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = AXES, .possible = is_pci,
     .lacks = wire_lacks, .wire = wire_topology_plain)
{
	for (int round = 0; round < 2; round++) {
		struct vcon *c = open_port(t);
		struct buf why = BUF_INIT;
		struct vdev v;

		carries(t, c, "while it is there");
		CHECK(t, target_controller_unplug(c->t), "device_del: %s", c->t->refusal.data);
		CHECK(t, !vdev_find_usual(&v, c->t, &why), "the slot is not empty");
		CHECK(t, target_controller_plug(c->t), "device_add: %s", c->t->refusal.data);
		buf_release(&why);
	}
}
