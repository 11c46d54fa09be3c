// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_pause.c - stop and cont at every point, side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(early, .id = "cross.stop-early", .title = "a stop at every point of the handshake",
      .clause = "virtio-1.2/console/C-15, C-34", .level = LEVEL_MUST,
      .script =
	      "stop; cont; start no-ok; stop; cont; start; stop; cont; ctl -1 READY 1; stop; cont; ctl 1 PORT 1; stop; cont; ctl 1 OPEN 1; stop; cont; hopen 1; stop; cont; hsend 1 4; stop; cont; send 1 4")

CROSS(kicks, .id = "cross.stop-kicks", .title = "what a driver kicks while the machine is stopped",
      .clause = "virtio-1.2/console/C-20, U-20", .level = LEVEL_SHOULD,
      .script = UP
      "send 1 5 no-kick; stop; kick tx1; send 1 6; ctl 1 OPEN 0; ctl -1 READY 1; cont; kick tx1")

CROSS(kicked_early, .id = "cross.stop-kicked-early",
      .title = "what a driver kicked before DRIVER_OK, when the machine goes on",
      .clause = "virtio-1.2/console/U-19", .level = LEVEL_SHOULD,
      .script =
	      "stop; start no-ok; kick ctx; cont; restart; start no-ok; stop; cont; ctl 1 PORT 1; stop; cont; status 15; stop; cont")

CROSS(comes, .id = "cross.stop-host-comes",
      .title = "a host that comes while the machine is stopped is told once",
      .clause = "virtio-1.2/console/C-34", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; stop; hopen 1; hsend 1 9; cont; send 1 4; stop; cont")

CROSS(changes, .id = "cross.stop-host-changes",
      .title = "a host that leaves, and another that comes, while the machine is stopped",
      .clause = "virtio-1.2/console/C-34, U-19", .level = LEVEL_MUST,
      .script = UP "stop; hsend 1 7; hclose 1; hopen 1; hsend 1 5; cont; send 1 4; hsend 1 3")

CROSS(nobody, .id = "cross.stop-nobody",
      .title = "what is sent after a host left a stopped machine",
      .clause = "virtio-1.2/console/C-34, U-19", .level = LEVEL_SHOULD,
      .script = UP
      "stop; hclose 1; send 1 31; send 1 2; cont; send 1 3; hopen 1; send 1 5; hclose 1; hopen 1; send 1 4")

CROSS(console, .id = "cross.stop-console",
      .title = "a console's host, while the machine is stopped",
      .clause = "virtio-1.2/console/C-34, U-13", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl 0 OPEN 1; stop; hopen 0; hsend 0 5; cont; send 0 4; stop; hclose 0; cont; send 0 3; stop; hopen 0; cont; send 0 2; hsend 0 2")

CROSS(closed, .id = "cross.stop-closed", .title = "input for a closed port, over a stop",
      .clause = "virtio-1.2/console/U-16", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl -1 READY 1; hopen 1; hsend 1 9; stop; cont; ctl 1 OPEN 1; ctl 1 OPEN 0; stop; hsend 1 5; cont; ctl 1 OPEN 1")

CROSS(buffers, .id = "cross.stop-buffers", .title = "input without buffers, over a stop",
      .clause = "virtio-1.2/console/U-17", .level = LEVEL_SHOULD,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; hsend 1 40; stop; post rx1 2 16; kick rx1; cont; post rx1 2 16; stop; cont; kick rx1; hsend 1 1")

CROSS(topology, .id = "cross.stop-plug",
      .title = "ports that come and go while the machine is stopped",
      .clause = "virtio-1.2/console/C-23, C-30", .level = LEVEL_MUST,
      .script = UP
      "stop; plug 2 serial org.two; cont; hopen 2; hsend 2 4; ctl 2 PORT 1; ctl 2 OPEN 1; stop; unplug 1; cont; send 1 4; stop; plug 1 console; cont; ctl 1 PORT 1")

CROSS(registers, .id = "cross.stop-registers", .title = "registers while the machine is stopped",
      .clause = "virtio-1.2/console/C-12, G-ST-01, G-CF-01", .level = LEVEL_MUST,
      .script = UP
      "hopen 0; stop; cfg 4 4; cfgset 8 4 0x41; feat 0; queue tx1; status 0x8f; status 0; cont; feat 0; start; ctl 1 OPEN 1; hsend 1 4")

CROSS(fresh, .id = "cross.stop-start", .title = "a driver that starts while the machine is stopped",
      .clause = "virtio-1.2/console/G-ST-08, C-15", .level = LEVEL_SHOULD,
      .script =
	      "hopen 1; stop; start; ctl -1 READY 1; ctl 1 OPEN 1; hsend 1 4; cont; ctl 1 PORT 1; send 1 4")

CROSS(start_order, .id = "cross.stop-start-order",
      .title = "a machine that goes on with a buffer in one queue and rubbish in another",
      .clause = "virtio-1.2/console/U-20, H-01", .level = LEVEL_SHOULD,
      .script =
	      "start no-event-idx; ctl -1 READY 1; hopen 0; send 0 2 indirect no-kick; stop; qon ctx; cont; restart; start; ctl 0 OPEN 1; send 0 4")

CROSS(unkicked, .id = "cross.stop-start-unkicked",
      .title = "a driver that starts while the machine is stopped, and does not kick",
      .clause = "virtio-1.2/console/G-ST-08, U-20", .level = LEVEL_SHOULD,
      .script =
	      "stop; start; ctl 1 OPEN 1; hopen 1; send 1 256 no-kick; cont; stop; send 1 5 no-kick; cont; status 15; send 1 3 no-kick; stop; status 15; cont")

CROSS(plugged, .id = "cross.stop-plug-host",
      .title = "the host of a port that was plugged while the machine is stopped",
      .clause = "virtio-1.2/console/C-34, C-23", .level = LEVEL_SHOULD,
      .script = UP
      "stop; plug 2 serial org.two; hopen 2; hclose 2; hopen 2; ctl 2 OPEN 1; hsend 2 4; send 2 5; plug 3 console; hopen 3; ctl 3 OPEN 1; hsend 3 4; send 3 5; hclose 2; cont; hsend 3 4; stop; hopen 2; cont; send 2 3")

CROSS(plugged_reset, .id = "cross.stop-plug-start",
      .title = "a port plugged while the machine is stopped, and a driver that starts then",
      .clause = "virtio-1.2/console/C-34, G-RS-03", .level = LEVEL_SHOULD,
      .script = UP
      "stop; plug 2 serial org.two; hopen 2; restart; hclose 2; start; ctl 2 OPEN 1; hopen 2; hsend 2 4; cont; send 2 4; hclose 2; stop; plug 3 serial org.three; hopen 3; reset; hclose 3; hopen 1; cont; start")
