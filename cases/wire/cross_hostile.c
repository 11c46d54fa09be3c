// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_hostile.c - drivers that break rules, on QEMU and on the reference side by side */
#include "harness/run/cross.h"

/* The same after a reset, where the host is still there. */
#define UP_AGAIN "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; "
/* The same on split rings: what breaks rules is written by hand, and only there. */
#define UP_SPLIT                                                                                   \
	"start no-packed no-in-order; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(zero, .id = "cross.zero-length", .title = "a descriptor of no bytes",
      .clause = "virtio-1.2/console/H-01, G-ST-03, G-ST-04, G-ST-05", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r0; send 1 4; status 15; send 1 4; restart; " UP_AGAIN
			 "send 1 4")

CROSS(zero_in_chain, .id = "cross.zero-in-chain", .title = "a descriptor of no bytes in a chain",
      .clause = "virtio-1.2/console/H-01", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r4 r0 r4; restart; " UP_AGAIN "send 1 4")

CROSS(loop, .id = "cross.loop", .title = "a chain that never ends",
      .clause = "virtio-1.2/console/H-02", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r4:64; restart; " UP_AGAIN
			 "send 1 4; chain tx1 r4 r4:64; restart; " UP_AGAIN)

CROSS(next, .id = "cross.next-outside", .title = "a chain that leaves its table",
      .clause = "virtio-1.2/console/H-03", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r4:1024; restart; " UP_AGAIN "send 1 4")

CROSS(head, .id = "cross.head-outside", .title = "an available entry that is no descriptor",
      .clause = "virtio-1.2/console/H-04", .level = LEVEL_MUST,
      .script = UP_SPLIT "head tx1 1024; send 1 4; restart; " UP_AGAIN "send 1 4")

CROSS(nowhere, .id = "cross.nowhere", .title = "a buffer where there is no RAM",
      .clause = "virtio-1.2/console/H-05", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r16@0x10000000000; send 1 4; restart; " UP_AGAIN "send 1 4")

CROSS(huge, .id = "cross.huge", .title = "a buffer of 4 GiB", .clause = "virtio-1.2/console/H-07",
      .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r0xffffffff; restart; " UP_AGAIN "send 1 4")

CROSS(rw_tx, .id = "cross.writable-out", .title = "writable descriptors in a transmit queue",
      .clause = "virtio-1.2/console/C-25, H-08", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 w16; chain tx1 r4 w4; chain tx1 r4")

CROSS(order, .id = "cross.wrong-order", .title = "writable before readable",
      .clause = "virtio-1.2/console/H-09", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 w4 r4; restart; " UP_AGAIN "send 1 4")

CROSS(r_rx, .id = "cross.readable-in", .title = "readable descriptors in a receive queue",
      .clause = "virtio-1.2/console/C-24, H-17", .level = LEVEL_MUST,
      .script =
	      "start no-rx no-in-order no-packed; ctl 1 OPEN 1; hopen 1; chain rx1 r16; hsend 1 4; chain rx1 w16; hsend 1 4")

CROSS(jump_rx, .id = "cross.jump-in", .title = "an available index that jumps, in a receive queue",
      .clause = "virtio-1.2/console/H-11", .level = LEVEL_MUST,
      .script =
	      "start no-rx no-in-order no-packed; ctl 1 OPEN 1; hopen 1; jump rx1 3000; hsend 1 4; restart; " UP_AGAIN
	      "hsend 1 4")

CROSS(broken_in, .id = "cross.broken-in",
      .title = "what a host sends to a broken device is there after its reset",
      .clause = "virtio-1.2/console/G-ST-05, U-17", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl 1 PORT 1; ctl 1 OPEN 1; qoff tx0; hopen 1; hsend 1 700; status 11; hsend 1 300; " UP_AGAIN
	      "hsend 1 4")

CROSS(loop_rx, .id = "cross.loop-in", .title = "a chain that never ends, in a receive queue",
      .clause = "virtio-1.2/console/H-14", .level = LEVEL_MUST,
      .script =
	      "start no-rx no-in-order no-packed; ctl 1 OPEN 1; hopen 1; chain rx1 w4:64; hsend 1 4; restart; " UP_AGAIN
	      "hsend 1 4")

CROSS(shared_rx, .id = "cross.shared-in",
      .title = "chains of a receive queue that share descriptors, more than it has in all",
      .clause = "virtio-1.2/console/H-14, H-13", .level = LEVEL_MUST,
      .script =
	      "hopen 0; start ring=4 no-in-order no-packed; ctl 0 OPEN 1; chain rx0 w4 r4; hsend 0 9; restart; " UP_AGAIN
	      "hsend 1 4")

CROSS(twice, .id = "cross.head-twice", .title = "the same descriptor twice",
      .clause = "virtio-1.2/console/H-13", .level = LEVEL_SHOULD,
      .script = UP_SPLIT "chain tx1 r4; head tx1 64; head tx1 64")

CROSS(indirect_short, .id = "cross.indirect-length",
      .title = "an indirect table of an impossible length",
      .clause = "virtio-1.2/console/H-15, G-IN-06", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 r8!4; restart; " UP_AGAIN "send 1 4")

CROSS(indirect_nested, .id = "cross.indirect-nested",
      .title = "an indirect table in an indirect table", .clause = "virtio-1.2/console/G-IN-04",
      .level = LEVEL_SHOULD, .script = UP_SPLIT "chain tx1 indirect r16!4; send 1 4")

CROSS(indirect_next, .id = "cross.indirect-next",
      .title = "NEXT beside INDIRECT, and WRITE beside it",
      .clause = "virtio-1.2/console/G-IN-01, G-IN-05", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain tx1 indirect r4 r4; chain tx1 indirect r8")

CROSS(ctl_hostile, .id = "cross.control-hostile", .title = "the same things on the control queue",
      .clause = "virtio-1.2/console/H-01, H-02, H-03, H-04", .level = LEVEL_MUST,
      .script = UP_SPLIT "chain ctx r0; restart; " UP_AGAIN
			 "ctl 1 PORT 1; head ctx 1024; restart; " UP_AGAIN
			 "ctl 1 PORT 1; chain ctx r4:1024; restart; " UP_AGAIN "ctl 1 PORT 1")

CROSS(pin, .id = "cross.broken-pin",
      .title = "the interrupt pin of a device that is broken, while its configuration changes",
      .clause = "virtio-1.2/console/G-ST-03, G-ST-04, G-ST-09", .level = LEVEL_MUST,
      .script =
	      "start pin no-packed no-in-order; ctl 1 OPEN 1; hopen 1; chain tx1 r0; plug 3 serial org.test; master 0; master 1; unplug 3; hsend 1 3; restart; start pin; ctl 1 OPEN 1; hsend 1 4; qoff tx0; plug 2 serial org.two; master 0; reset; start pin; ctl 1 OPEN 1; hsend 1 3; send 1 3")

CROSS(gone, .id = "cross.broken-gone",
      .title = "a controller goes whose control queue leads to where nobody wrote",
      .clause = "virtio-1.2/console/H-01, H-04, C-30", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order; ctl -1 READY 1; qaddr crx desc=0x400004 driver=0x410001 device=0x420002; cunplug; cplug; start; ctl -1 READY 1; ctl 1 OPEN 1; hopen 1; send 1 4; hsend 1 4")
