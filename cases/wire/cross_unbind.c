// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cross_unbind.c - a driver that lets go of the device as Linux's does (status 0, vectors and
 * queues taken back, MSI-X and bus mastering off), and one that comes after it, side by side
 */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(again, .id = "cross.unbind", .title = "a driver lets go of the device and takes it again",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-02, G-RS-03, G-LG-04, G-MM-02",
      .level = LEVEL_MUST,
      .script = UP
      "send 1 4; hsend 1 4; unbind; hsend 1 5; queue tx1; " UP
      "send 1 3; hsend 1 3; unbind; unbind; hclose 1; hopen 1; start; ctl 1 OPEN 1; hsend 1 2")

CROSS(early, .id = "cross.unbind-early",
      .title = "a driver lets go of the device at every point of the handshake",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-02", .level = LEVEL_MUST,
      .script =
	      "unbind; status 3; unbind; start no-ok; unbind; start; unbind; start; ctl -1 READY 1; unbind; start; ctl 1 PORT 1; unbind; start; ctl 1 OPEN 1; unbind; hopen 1; " UP
	      "send 1 4; hsend 1 4")

CROSS(held, .id = "cross.unbind-held",
      .title = "a driver lets go of the device while bytes are held, or wait for either end",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-05, U-14, U-16", .level = LEVEL_MUST,
      .script = UP
      "stall 1; send 1 400000; send 1 400000; unbind; hclose 1; hopen 1; start; ctl 1 OPEN 1; send 1 9; start no-rx; ctl 1 OPEN 1; hsend 1 30; send 1 5 no-kick; unbind; start; ctl 1 OPEN 1; kick tx1; send 1 4; stall 1; send 1 400000; unbind; hclose 1; start; hopen 1; ctl 1 OPEN 1; send 1 3")

CROSS(world, .id = "cross.unbind-meanwhile",
      .title = "hosts and ports come and go, and the machine stops, while no driver has the device",
      .clause = "virtio-1.2/console/G-RS-03, C-23, C-30, C-34", .level = LEVEL_MUST,
      .script = UP "unbind; hclose 1; plug 2 serial org.two; hopen 2; cfgset 8 4 0x41; " UP
		   "ctl 2 OPEN 1; hsend 2 3; unbind; unplug 2; hclose 1; stop; cont; hopen 1; " UP
		   "hsend 1 4; stop; unbind; cont; hsend 1 3; start; ctl 1 OPEN 1; send 1 3")

CROSS(broken, .id = "cross.unbind-broken", .title = "a driver lets go of a device that is broken",
      .clause = "virtio-1.2/console/G-ST-03, G-RS-01, H-04", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; head tx1 1024; unbind; hsend 1 5; " UP
	      "send 1 4; hsend 1 4")

CROSS(moves, .id = "cross.unbind-migrate",
      .title = "a machine moves while no driver has the device",
      .clause = "virtio-1.2/console/U-21", .level = LEVEL_MUST,
      .script = UP "send 1 4; unbind; saveload 1; start; ctl 1 OPEN 1; hsend 1 4; send 1 4")
