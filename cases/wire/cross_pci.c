// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_pci.c - what only PCI functions have, where rings lie, whole controllers, side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "
/* A driver that comes after a broken one. */
#define AGAIN "restart; start; ctl 1 OPEN 1; send 1 4; hsend 1 4"

CROSS(masked, .id = "cross.msix-mask",
      .title = "a masked vector is pending, and comes when it is unmasked",
      .clause = "virtio-1.2/console/G-PC-09, G-PC-07", .level = LEVEL_MUST,
      .script = UP
      "mask 1; hsend 1 4; send 1 4; unmask 1; send 1 4; mask 0; mask 1; plug 2 serial org.two; unmask 0; unmask 1; mask 1; hsend 1 4; restart; unmask 1; start; send 1 4; mask 7")

CROSS(masked_moves, .id = "cross.msix-mask-migrate",
      .title = "a pending vector over a stop and a move", .clause = "virtio-1.2/console/G-PC-09",
      .level = LEVEL_MUST,
      .script = UP "mask 1; hsend 1 4; stop; cont; saveload 1; hsend 1 4; unmask 1; hsend 1 4")

CROSS(window, .id = "cross.pci-window", .title = "the configuration through the PCI_CFG window",
      .clause = "virtio-1.2/console/G-PC-06, C-09", .level = LEVEL_MUST,
      .script =
	      "window 0 4; window 4 4; window 8 4; window 4 2; window 6 2; window 4 1; window 5 1; window 7 1; window 12 4; start; window 4 4; restart; window 4 4; stop; window 4 4; cont")

CROSS(master, .id = "cross.bus-master", .title = "bus mastering that is taken away and given back",
      .clause = "virtio-1.2/console/G-ST-09", .level = LEVEL_SHOULD,
      .script = UP "master 0; send 1 4; hsend 1 4; master 1; kick tx1; status 15; send 1 4; " AGAIN)

CROSS(ungated, .id = "cross.queue-reset-unasked",
      .title = "a queue's reset by a driver that did not accept RING_RESET",
      .clause = "virtio-1.2/console/G-RR-05", .level = LEVEL_SHOULD,
      .script =
	      "start no-ring-reset; ctl 1 OPEN 1; hopen 1; qreset tx1; send 1 4; queue tx1; qon tx1; send 1 4")

CROSS(untouched, .id = "cross.driver-area",
      .title = "the device writes neither descriptors nor the available ring",
      .clause = "virtio-1.2/console/G-SR-02, G-SR-03", .level = LEVEL_MUST,
      .script = UP
      "send 1 40 split=10+30; peek tx1; hsend 1 300; peek rx1; peek ctx; peek crx; hclose 1; send 1 5; peek tx1; peek crx; saveload; peek tx1; restart")

CROSS(misaligned, .id = "cross.ring-misaligned", .title = "a queue whose parts are not aligned",
      .clause = "virtio-1.2/console/G-SR-08", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; qaddr tx1 desc=0x400004 driver=0x410001 device=0x420002; kick tx1; queue tx1; " AGAIN)

CROSS(ring_nowhere, .id = "cross.ring-beyond-ram", .title = "a queue whose parts reach beyond RAM",
      .clause = "virtio-1.2/console/G-SR-10", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; qaddr tx1 desc=0x3fffff0; send 1 4; " AGAIN
	      "; qaddr tx1 driver=0x3fffffc; kick tx1; " AGAIN
	      "; qaddr tx1 device=0x3fffff8; send 1 4; " AGAIN)

CROSS(ring_none, .id = "cross.ring-nowhere",
      .title = "a queue of which a part, or a table, is where there is nothing at all",
      .clause = "virtio-1.2/console/G-SR-10, G-IN-06", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; qaddr tx1 desc=0x10000000000; send 1 4; " AGAIN
	      "; start no-packed no-in-order; qaddr tx1 driver=0x10000000000; send 1 4; kick tx1; " AGAIN
	      "; qaddr rx1 desc=0x10000000000; hsend 1 4; " AGAIN
	      "; qaddr crx driver=0x8000000; ctl 1 PORT 1; restart; start no-packed no-in-order; chain tx1 r64!4@0x10000000000; " AGAIN)

CROSS(ring_zero, .id = "cross.ring-at-zero", .title = "a queue whose table is at address 0",
      .clause = "virtio-1.2/console/G-SR-09", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; qaddr tx1 desc=0; send 1 4; " AGAIN
	      "; qaddr rx1 desc=0; hsend 1 4; " AGAIN)

CROSS(avail_zero, .id = "cross.available-at-zero",
      .title = "a transmit queue whose available ring is at address 0",
      .clause = "virtio-1.2/console/H-21, G-SR-09", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; qaddr tx1 driver=0; kick tx1; " AGAIN)

CROSS(used_zero, .id = "cross.used-at-zero",
      .title = "queues whose used ring is at address 0, until no buffer is left",
      .clause = "virtio-1.2/console/G-SR-09", .level = LEVEL_SHOULD,
      .script =
	      "start ring=4 no-packed; ctl 1 OPEN 1; hopen 1; qaddr tx1 device=0; send 1 3; send 1 4; peek tx1; qaddr rx1 device=0; hsend 1 9; peek rx1; send 1 5; send 1 6; send 1 7; " AGAIN)

CROSS(table_zero, .id = "cross.table-at-zero",
      .title = "a control queue that loses its descriptors when messages have passed it",
      .clause = "virtio-1.2/console/G-SR-09", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order; ctl -1 READY 1; qaddr crx desc=0; plug 3 serial; hopen 3; " AGAIN)

CROSS(driver_zero, .id = "cross.driver-area-at-zero",
      .title = "packed queues whose driver area is at address 0",
      .clause = "virtio-1.2/console/G-SR-09", .level = LEVEL_SHOULD,
      .script =
	      "start; hopen 1; qaddr ctx driver=0; ctl 1 OPEN 1; peek ctx; qaddr rx1 driver=0; hsend 1 4; qaddr crx driver=0; hclose 1; send 1 4; " AGAIN)

CROSS(registers, .id = "cross.buffer-in-registers",
      .title = "a buffer that lies in the device's own registers",
      .clause = "virtio-1.2/console/H-06", .level = LEVEL_SHOULD,
      .script = UP
      "restart; start no-packed no-in-order; ctl 1 OPEN 1; chain tx1 r4@0xe0000000; send 1 4; " AGAIN)

CROSS(registers_early, .id = "cross.buffer-in-registers-early",
      .title = "a buffer that lies in the device's own registers, before DRIVER_OK",
      .clause = "virtio-1.2/console/H-06", .level = LEVEL_SHOULD,
      .script = "hopen 1; start no-packed no-in-order no-ok; chain tx1 r4@0xe0000000; " AGAIN)

CROSS(controller, .id = "cross.controller-again", .title = "a controller that goes and comes back",
      .clause = "virtio-1.2/console/G-ST-01, C-23", .level = LEVEL_MUST,
      .script = "cunplug; cplug; " UP "send 1 4; hsend 1 4; cunplug; cplug; hopen 1; " UP
		"send 1 4")

CROSS(controller_tells, .id = "cross.controller-tells",
      .title = "a controller that goes tells of its ports, through a queue with an empty buffer",
      .clause = "virtio-1.2/console/G-ST-01, C-30", .level = LEVEL_SHOULD,
      .script = "start no-packed; ctl 0 PORT 1; qon crx; cunplug; cplug; " UP "send 1 4")

CROSS(controller_held, .id = "cross.controller-held",
      .title =
	      "a controller that goes while bytes are held, input waits, or the machine is stopped",
      .clause = "virtio-1.2/console/G-ST-01, U-14", .level = LEVEL_MUST,
      .script = UP "stall 1; send 1 400000; cunplug; cplug; " UP
		   "ctl 1 OPEN 0; hsend 1 10; cunplug; cplug; " UP "send 1 4")
