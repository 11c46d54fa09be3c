// SPDX-License-Identifier: GPL-2.0-or-later
/* leave.c - hosts that leave when nobody looks, and those that come after them */
#include <string.h>

#include "harness/run/wire.h"

#define SERIAL 1
#define NEXT   "for the next host"
/* More than a unix socket takes before it is full. */
#define MORE (1u << 19)

static const char *const leave_axes[] = {"transport", NULL};

/* The device has told of its port; what it said is dropped. */
static struct vcon *up(struct trial *t)
{
	struct vcon *c = trial_vcon(t, NULL);
	struct vcon_msg m;

	wire_handshake(t, c);
	wire_host_open(t, SERIAL);
	while (vcon_event(c, &m, 0))
		;
	return c;
}

CASE(leave_stopped, .id = "wire.leave-while-stopped",
     .title = "a host that leaves while the machine is stopped is told of when it goes on",
     .clause = "virtio-1.2/console/C-34 (5.3.6.2)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = leave_axes, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = up(t);
	struct target *target = trial_wire(t);
	struct vcon_msg m;

	CHECK(t, target_stop(target), "%s", target->refusal.data);
	target_host_close(target, SERIAL);
	CHECK(t, target_settle(target), "the device does not come to rest");
	CHECK(t, target_cont(target), "%s", target->refusal.data);
	CHECK(t, target_settle(target), "the device does not come to rest");
	CHECK(t, vcon_event(c, &m, 0), "the driver is not told that the host has left");
	CHECK(t, m.id == SERIAL && m.event == VC_PORT_OPEN && m.value == 0,
	      "the device sends event %u for port %u with value %u, want PORT_OPEN 0", m.event,
	      m.id, m.value);
}

CASE(next_host, .id = "wire.host-after-stall",
     .title =
	     "after a host that left while its port's output was full the next one gets what is sent",
     .clause = "virtio-1.2/console/C-20, U-14 (5.3.6)", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = leave_axes, .lacks = wire_lacks, .wire = wire_topology_plain)
{
	struct vcon *c = up(t);
	struct target *target = trial_wire(t);
	uint64_t at = target_alloc(target, MORE, 16);
	struct ring_seg seg = {.addr = at, .len = MORE};
	struct ring *r = vcon_ring(c, vcon_txq(SERIAL));

	/* The driver has the port closed: nobody reads from the host, so its end shows first in the
	 * output that waits. */
	wire_tell(t, c, SERIAL, VC_PORT_OPEN, 0);
	for (int i = 0; i < 2; i++) {
		CHECK(t, ring_add(r, &seg, 1) >= 0, "the ring has no room");
		ring_publish(r);
		ring_kick(r);
		CHECK(t, target_settle(target), "the device does not come to rest");
	}
	target_host_close(target, SERIAL);
	CHECK(t, target_settle(target), "the device does not come to rest");
	wire_host_open(t, SERIAL);
	target_mem_write(target, at, NEXT, strlen(NEXT));
	seg.len = (uint32_t)strlen(NEXT);
	CHECK(t, ring_add(r, &seg, 1) >= 0, "the ring has no room");
	ring_publish(r);
	ring_kick(r);
	wire_host_has(t, SERIAL, NEXT, strlen(NEXT));
}
