// SPDX-License-Identifier: GPL-2.0-or-later
/* emergency.c - the emergency write register: a character without a driver (virtio 1.2 5.3.4) */
#include "harness/run/wire.h"

static void emergency_topology(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, NULL);
	wire_port(config, 2, false, NULL);
	wire_port(config, 1, true, NULL);
	wire_port(config, 0, true, NULL);
}

/* The first console that was plugged gets it (qemu/hw/char/virtio-serial-bus.c find_first_
 * connected_console()). */
#define CONSOLE 1

static struct vdev found(struct trial *t)
{
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;
	struct vdev v;

	CHECK(t, vdev_find_usual(&v, target, &why), "%s", why.data);
	for (unsigned nr = 0; nr < 3; nr++)
		wire_host_open(t, nr);
	return v;
}

CASE(wire_emergency, .id = "wire.emergency-write",
     .title =
	     "what is written to emerg_wr comes out of the first console, the low byte of it, with "
	     "no driver there",
     .clause = "virtio-1.2/console/C-10, C-18, C-19 (5.3.4, 5.3.5.1)", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = emergency_topology)
{
	struct vdev v = found(t);

	CHECK(t, vdev_status(&v) == 0, "status %#x", vdev_status(&v));
	CHECK(t, vdev_features(&v) & VF_EMERG_WRITE, "EMERG_WRITE is not offered");
	vdev_set_config(&v, VCC_EMERG_WR, 4, 'A');
	wire_host_gets(t, CONSOLE, "A", 1);
	vdev_set_config(&v, VCC_EMERG_WR, 4, 0x12345642);
	wire_host_gets(t, CONSOLE, "B", 1);
	vdev_set_config(&v, VCC_EMERG_WR, 4, 0xffffff80);
	wire_host_gets(t, CONSOLE, "\x80", 1);
	for (const char *c = "Oops: 0000\n"; *c; c++)
		vdev_set_config(&v, VCC_EMERG_WR, 4, (unsigned char)*c);
	wire_host_gets(t, CONSOLE, "Oops: 0000\n", 11);
	CHECK(t, vdev_config(&v, VCC_EMERG_WR, 4) == 0, "emerg_wr reads %#x",
	      vdev_config(&v, VCC_EMERG_WR, 4));
	CHECK(t, vdev_status(&v) == 0, "status %#x after it", vdev_status(&v));
	wire_host_quiet(t, 0);
	wire_host_quiet(t, 2);
}

CASE(wire_emergency_any_time, .id = "wire.emergency-any-time",
     .title = "it can be written in every state of the device, and disturbs none",
     .clause = "virtio-1.2/console/C-12 (5.3.4)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = emergency_topology)
{
	static const uint8_t states[] = {0, 1, 3, 0x80, 0x83, 0};
	struct vdev v = found(t);
	struct ring_used used;
	struct vcon *c;

	for (size_t i = 0; i < sizeof(states); i++) {
		char text = (char)('a' + i);

		vdev_set_status(&v, states[i]);
		vdev_set_config(&v, VCC_EMERG_WR, 4, (uint32_t)text);
		wire_host_gets(t, CONSOLE, &text, 1);
		CHECK(t, vdev_status(&v) == states[i], "status %#x becomes %#x", states[i],
		      vdev_status(&v));
	}
	c = trial_vcon(t, NULL);
	wire_handshake(t, c);
	CHECK(t, vcon_send(c, CONSOLE, "ordinary ", 9, &used), "no buffer comes back");
	vdev_set_config(&c->v, VCC_EMERG_WR, 4, '!');
	wire_host_gets(t, CONSOLE, "ordinary !", 10);
	CHECK(t, target_stop(c->t), "%s", c->t->refusal.data);
	vdev_set_config(&c->v, VCC_EMERG_WR, 4, 's');
	wire_host_gets(t, CONSOLE, "s", 1);
	CHECK(t, target_cont(c->t), "%s", c->t->refusal.data);
	CHECK(t, vcon_send(c, CONSOLE, "goes on", 7, &used), "no buffer comes back after cont");
	wire_host_gets(t, CONSOLE, "goes on", 7);
}

CASE(wire_emergency_nul, .id = "wire.emergency-nul", .title = "a NUL can be written, too",
     .clause = "virtio-1.2/console/C-19 (5.3.5.1)", .level = LEVEL_SHOULD, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"transport", NULL}, .lacks = wire_lacks,
     .wire = emergency_topology)
{
	struct vdev v = found(t);

	vdev_set_config(&v, VCC_EMERG_WR, 4, 0);
	vdev_set_config(&v, VCC_EMERG_WR, 4, 'z');
	wire_host_has(t, CONSOLE, "\0z", 2);
}
