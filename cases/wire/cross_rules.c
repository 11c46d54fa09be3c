// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_rules.c - more drivers that break rules, side by side */
#include "harness/run/cross.h"

/* On split rings: what breaks rules is written by hand, and only there. */
#define UP_SPLIT                                                                                   \
	"start no-packed no-in-order; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "
/* A driver that comes after it. */
#define AGAIN "restart; start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; send 1 4; hsend 1 4"

CROSS(jump, .id = "cross.jump-out", .title = "an available index that jumps, in a transmit queue",
      .clause = "virtio-1.2/console/H-10", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r4; jump tx1 300; send 1 4; " AGAIN)

CROSS(back, .id = "cross.jump-back", .title = "an available index that goes back",
      .clause = "virtio-1.2/console/H-12", .level = LEVEL_MUST,
      .script = UP_SPLIT "send 1 4; send 1 4; jump tx1 -1; send 1 4; " AGAIN)

CROSS(jump_ctl, .id = "cross.jump-control", .title = "the same on the control queues",
      .clause = "virtio-1.2/console/H-10, H-11, H-12", .level = LEVEL_MUST,
      .script = UP_SPLIT "jump ctx 300; " AGAIN "; jump crx 300; ctl 1 PORT 1; " AGAIN)

CROSS(jump_far, .id = "cross.jump-far",
      .title = "an available index that jumps by tens of thousands: one interrupt when all is done",
      .clause = "virtio-1.2/console/H-10, G-NS-02", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order rx=1 rxsize=16; ctl -1 READY 1; jump ctx 59518; jump ctx 20000; " AGAIN
	      "; restart; start no-packed no-in-order no-event-idx rx=1; hopen 1; ctl 1 OPEN 1; send 1 4; jump tx1 59518; send 1 4")

CROSS(back_in, .id = "cross.jump-back-in",
      .title = "an available index that goes back, in queues that the device fills",
      .clause = "virtio-1.2/console/H-12", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; post rx1 4 16; kick rx1; jump rx1 -1; hsend 1 4; " AGAIN
	      "; restart; start no-packed no-in-order no-rx; ctl 1 OPEN 1; post rx1 2 4096; kick rx1; jump rx1 -1; hsend 1 9; hsend 1 9; " AGAIN
	      "; restart; start no-packed no-in-order ctl=4; ctl 1 PORT 1; jump crx 0xfffffffe; ctl 1 PORT 1; ctl 1 PORT 1; jump crx 2; ctl 1 PORT 1; " AGAIN)

CROSS(loop_two, .id = "cross.loop-of-two", .title = "two descriptors that point at each other",
      .clause = "virtio-1.2/console/H-02", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r4:65 r4:64; " AGAIN)

CROSS(loop_ctl, .id = "cross.loop-control", .title = "chains that never end, on the control queues",
      .clause = "virtio-1.2/console/H-02, H-14", .level = LEVEL_MUST,
      .script = "start no-packed no-in-order no-ctl; chain crx w8:16; ctl 1 PORT 1; " AGAIN
		"; chain ctx r8:16; " AGAIN)

CROSS(outside_edge, .id = "cross.end-of-ram", .title = "a buffer across the end of RAM",
      .clause = "virtio-1.2/console/H-05", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r16@0x3fffff8; chain tx1 r4096@0x3fff800; " AGAIN)

CROSS(nowhere_in, .id = "cross.nowhere-in", .title = "a receive buffer where there is no RAM",
      .clause = "virtio-1.2/console/H-05", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; chain rx1 w16@0x10000000000; hsend 1 8; " AGAIN)

CROSS(null, .id = "cross.address-zero", .title = "a buffer at address 0",
      .clause = "virtio-1.2/console/G-SR-09", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r16@0; " AGAIN)

CROSS(wide, .id = "cross.address-wraps", .title = "a buffer whose end is before its beginning",
      .clause = "virtio-1.2/console/H-05", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r32@0xfffffffffffffff0; " AGAIN)

CROSS(huge_in, .id = "cross.huge-in", .title = "a receive buffer of nearly 2 GiB",
      .clause = "virtio-1.2/console/H-07", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; chain rx1 w0x70000000; hsend 1 8; " AGAIN)

CROSS(huge_room, .id = "cross.huge-in-4g",
      .title = "receive buffers of 2 GiB and more, alone and behind others",
      .clause = "virtio-1.2/console/H-07", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; chain rx1 w0xffffffff; hsend 1 8; " AGAIN
	      "; restart; start no-packed no-in-order no-rx; ctl 1 OPEN 1; chain rx1 w16; chain rx1 w0x80000000; hsend 1 8; " AGAIN
	      "; restart; start no-packed no-in-order no-rx; ctl 1 OPEN 1; chain rx1 w16 w0xfffffff8; hsend 1 30; " AGAIN)

CROSS(huge_ctl, .id = "cross.control-huge", .title = "a control message of many megabytes",
      .clause = "virtio-1.2/console/H-19, U-02", .level = LEVEL_SHOULD,
      .script = UP_SPLIT
      "chain ctx r0x1000000@0x1000000 r0x1000000@0x1000000; ctl 1 PORT 1; " AGAIN)

CROSS(order_in, .id = "cross.wrong-order-in", .title = "writable and readable in a receive queue",
      .clause = "virtio-1.2/console/C-24, H-09", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; chain rx1 r4 w16; hsend 1 4; chain rx1 w8 r4; hsend 1 4; " AGAIN)

CROSS(zero_in, .id = "cross.zero-length-in", .title = "a receive buffer of no bytes",
      .clause = "virtio-1.2/console/H-01", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; chain rx1 w0; hsend 1 4; " AGAIN
	      "; restart; start no-packed no-in-order no-rx; ctl 1 OPEN 1; chain rx1 w4 w0; hsend 1 8; " AGAIN)

CROSS(indirect_in, .id = "cross.indirect-in", .title = "tables in a receive queue, good and bad",
      .clause = "virtio-1.2/console/G-IN-01, G-IN-06", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order no-rx; ctl 1 OPEN 1; hopen 1; chain rx1 indirect w4 w4; hsend 1 6; chain rx1 w24!6; hsend 1 4; " AGAIN)

CROSS(indirect_last, .id = "cross.indirect-last", .title = "a table behind a normal descriptor",
      .clause = "virtio-1.2/console/G-IN-02", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r4 r16!4; send 1 4; " AGAIN)

CROSS(indirect_off, .id = "cross.indirect-unasked", .title = "a table without INDIRECT_DESC",
      .clause = "virtio-1.2/console/G-IN-03", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order no-indirect; ctl 1 OPEN 1; hopen 1; chain tx1 indirect r4 r4; send 1 4; " AGAIN)

CROSS(indirect_lengths, .id = "cross.indirect-odd", .title = "tables of odd lengths",
      .clause = "virtio-1.2/console/G-IN-06, H-15", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r0!4; " AGAIN "; chain tx1 r17!4; " AGAIN
			 "; chain tx1 r15!4; " AGAIN)

CROSS(next_in_table, .id = "cross.table-next",
      .title = "a table whose chain leaves it or never ends",
      .clause = "virtio-1.2/console/H-02, H-03, G-IN-06", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 indirect r4:9; " AGAIN "; chain tx1 indirect r4:0; " AGAIN)

CROSS(held_twice, .id = "cross.too-many",
      .title = "more buffers made available than the ring holds while one is held",
      .clause = "virtio-1.2/console/H-16", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order ring=4; ctl 1 OPEN 1; hopen 1; stall 1; send 1 800000; head tx1 0; head tx1 0; head tx1 0; head tx1 0; head tx1 0; hclose 1; hopen 1; " AGAIN)

CROSS(flood, .id = "cross.control-flood", .title = "thousands of messages with one kick",
      .clause = "virtio-1.2/console/H-18, U-05", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain ctx r8; jump ctx 30; jump ctx 31; jump ctx 5000; " AGAIN)

CROSS(emergency_flood, .id = "cross.emergency-flood",
      .title =
	      "emergency writes in a row come out in order, to a host that reads later too, and at a stop",
      .clause = "virtio-1.2/console/H-23, C-12", .level = LEVEL_SHOULD,
      .script =
	      "hopen 0; cfgset 8 4 0x41; cfgset 8 4 0x42; cfgset 8 1 0x43; stall 0; cfgset 8 4 0x44; cfgset 8 4 0x45; unstall 0; stop; cfgset 8 4 0x46; cont; start; send 0 4")

CROSS(kicks, .id = "cross.kick-anything",
      .title = "kicks of queues that are not there, and before there is a driver",
      .clause = "virtio-1.2/console/H-24, G-PC-10", .level = LEVEL_MUST,
      .script =
	      "start no-ok; kick tx1; kick ctx; kick rx1; kick crx; status 15; kick rx1; kick crx; kick tx3; kick rx3; hopen 1; send 1 4")

CROSS(broken_host, .id = "cross.broken-host",
      .title = "hosts and ports that come and go while the device is broken",
      .clause = "virtio-1.2/console/G-ST-03, G-ST-04, H-04", .level = LEVEL_MUST,
      .script = UP_SPLIT
      "head tx1 1024; hclose 1; hopen 1; hsend 1 5; plug 2 serial org.two; unplug 2; send 0 4; ctl 1 PORT 1; cfgset 8 4 0x41; stop; cont; " AGAIN)
