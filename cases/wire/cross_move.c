// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_move.c - save and load at every point, side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(twice, .id = "cross.migrate-twice", .title = "a machine that moves twice, its host each time",
      .clause = "virtio-1.2/console/U-21, G-SR-05", .level = LEVEL_MUST,
      .script = UP
      "send 1 10; saveload 1; saveload 1; send 1 10; hsend 1 10; saveload; saveload 1; send 1 3")

CROSS(host_comes, .id = "cross.migrate-host-comes",
      .title = "a host that is there only after the move", .clause = "virtio-1.2/console/C-34",
      .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; saveload 1; hsend 1 5; send 1 5; saveload; hsend 1 5; hopen 1")

CROSS(stopped, .id = "cross.migrate-stop",
      .title = "a machine that stops before it moves, and after",
      .clause = "virtio-1.2/console/C-34", .level = LEVEL_MUST,
      .script = UP
      "stop; hsend 1 5; cont; saveload 1; hsend 1 5; stop; cont; send 1 4; saveload; stop; cont; hopen 1; send 1 4")

CROSS(unkicked, .id = "cross.migrate-unkicked",
      .title = "buffers that were not told of, and input without a buffer, over a move",
      .clause = "virtio-1.2/console/C-20, U-17", .level = LEVEL_SHOULD,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; send 1 5 no-kick; post rx1 1 16; saveload 1; kick tx1; hsend 1 20; post rx1 1 16; kick rx1; send 1 4")

CROSS(plugged, .id = "cross.migrate-plugged",
      .title = "ports that were plugged and unplugged are the same after the move",
      .clause = "virtio-1.2/console/C-23, C-30, U-22", .level = LEVEL_MUST,
      .script = UP
      "plug 3 serial org.three; plug 2 console; unplug 1; saveload 3; ctl -1 READY 1; ctl 3 PORT 1; ctl 3 OPEN 1; hsend 3 4; plug 1 serial org.again; saveload 1 3; hsend 3 4; ctl 1 PORT 1; unplug 3; saveload")

CROSS(then_reset, .id = "cross.migrate-reset", .title = "resets after a move",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-03", .level = LEVEL_MUST,
      .script = UP "saveload 1; restart; " UP "send 1 4; saveload 1; reset; hsend 1 5; " UP
		   "hsend 1 4; saveload; reset; saveload; start")

CROSS(before_ok, .id = "cross.migrate-before-driver-ok",
      .title = "a move between FEATURES_OK and DRIVER_OK",
      .clause = "virtio-1.2/console/G-ST-01, G-ST-02", .level = LEVEL_MUST,
      .script =
	      "status 0; status 1; saveload; status 3; saveload; start no-ok; saveload 1; status 15; ctl 1 OPEN 1; send 1 4; hsend 1 4")

CROSS(broken, .id = "cross.migrate-broken", .title = "a broken device is broken after the move",
      .clause = "virtio-1.2/console/G-ST-03, H-04", .level = LEVEL_MUST,
      .script =
	      "start no-packed no-in-order; ctl 1 OPEN 1; hopen 1; head tx1 1024; saveload 1; send 1 4; restart; start; ctl 1 OPEN 1; send 1 4")

CROSS(queues, .id = "cross.migrate-queues", .title = "queue sizes, features and resets over a move",
      .clause = "virtio-1.2/console/G-SR-07, G-RR-04, G-FT-04", .level = LEVEL_MUST,
      .script =
	      "start ring=8 no-event-idx; ctl 1 OPEN 1; hopen 1; send 1 4; saveload 1; send 1 4; hsend 1 4; queue tx1; qreset tx1; saveload 1; qon tx1; send 1 4; irq tx1 1 0; send 1 4; saveload 1; send 1 4; irq tx1 0 0; send 1 4")

CROSS(config, .id = "cross.migrate-config", .title = "the configuration over a move",
      .clause = "virtio-1.2/console/G-CF-01, G-CF-03, C-09", .level = LEVEL_MUST,
      .script =
	      "start; cfgset 0 4 0x190050; saveload; cfg 0 4; cfg 4 4; feat 0; feat 1; cfgset 8 4 0x41; saveload 0; cfgset 8 4 0x42")

CROSS(plain, .id = "cross.migrate-no-multiport", .title = "a driver without MULTIPORT moves",
      .clause = "virtio-1.2/console/U-25", .level = LEVEL_SHOULD,
      .script =
	      "start no-multiport; hopen 0; send 0 4; saveload 0; send 0 4; hsend 0 4; saveload; hopen 0; hsend 0 5")

CROSS(while_stopped, .id = "cross.migrate-stopped",
      .title = "a machine that moves while it is stopped, with hosts that come and go meanwhile",
      .clause = "virtio-1.2/console/C-34, U-14", .level = LEVEL_MUST,
      .script = UP
      "stop; hsend 1 4; saveload 1; hsend 1 4; send 1 5; stop; hclose 1; saveload; send 1 3; hopen 1; stop; send 1 6 no-kick; plug 2 serial org.two; saveload 1 2; hsend 2 4; ctl 2 OPEN 1; kick tx1")

CROSS(fewer, .id = "cross.migrate-fewer-ports",
      .title =
	      "a machine with fewer ports refuses the state, and a driver can start there all the same",
      .clause = "virtio-1.2/console/G-ST-01, C-23", .level = LEVEL_MUST,
      .script = UP "plug 2 serial org.two; ctl 2 OPEN 1; saveload 1 ports=0c,1s:org.test.wire; " UP
		   "send 1 4; hsend 1 4; saveload ports=0c; start; ctl -1 READY 1; ctl 0 PORT 1")

CROSS(more, .id = "cross.migrate-more-ports",
      .title = "a machine with more ports, or with others, refuses the state",
      .clause = "virtio-1.2/console/G-ST-01, C-23", .level = LEVEL_MUST,
      .script = UP
      "saveload 1 ports=0c,1s:org.test.wire,2s; " UP
      "send 1 4; saveload 3 ports=0c,3s:org.test.wire,2s; start; ctl -1 READY 1; hopen 3")

CROSS(likeness, .id = "cross.migrate-other-ports",
      .title =
	      "ports of the same numbers take the state, whatever their names, kinds, backends and order",
      .clause = "virtio-1.2/console/U-21, U-24, C-32, C-35", .level = LEVEL_SHOULD,
      .script = UP
      "saveload 1 ports=1s:org.other,0c:org.console; hsend 1 4; send 1 4; ctl -1 READY 1; ctl 1 PORT 1; ctl 0 PORT 1; saveload 1 ports=0c,1c; hsend 1 4; send 1 4; ctl 1 PORT 1; saveload ports=0c,1S; ctl 1 PORT 1; hopen 1; send 1 4; saveload ports=1s:org.test.wire; ctl 1 PORT 1; hopen 1; send 1 4; hsend 1 4; ctl 0 PORT 1")

CROSS(more_room, .id = "cross.migrate-max-ports", .title = "other numbers of ports that can be",
      .clause = "virtio-1.2/console/C-07, C-37, G-PC-02", .level = LEVEL_SHOULD,
      .script = UP
      "saveload 1 max_ports=8; cfg 4 4; send 1 4; hsend 1 4; plug 7 serial org.seven; ctl 7 PORT 1; restart; start; ctl -1 READY 1; unplug 7; saveload 1 max_ports=2; cfg 4 4; queue tx1; queue tx3; send 1 4; hsend 1 4; saveload 1 max_ports=33; cfg 4 4; feat 0; start; ctl -1 READY 1")

CROSS(sizes, .id = "cross.migrate-queue-sizes",
      .title = "chosen queue sizes, and another number of queues",
      .clause = "virtio-1.2/console/G-SR-07, G-PC-02", .level = LEVEL_SHOULD,
      .script =
	      "start ring=8; ctl 1 OPEN 1; hopen 1; saveload 1 max_ports=8; send 1 4; queue tx1; queue tx7; restart; queue tx1; queue tx3; queue tx4; queue tx7; start; saveload ports=0c max_ports=1; queue tx1; restart; queue tx1")

CROSS(features, .id = "cross.migrate-features",
      .title = "a machine that lacks a feature that the driver accepted refuses the state",
      .clause = "virtio-1.2/console/G-FT-04, G-FT-10", .level = LEVEL_MUST,
      .script = UP "saveload 1 event_idx=off; feat 0; " UP
		   "send 1 4; saveload 1 event_idx=on; feat 0; send 1 4; hsend 1 4; restart; " UP
		   "saveload 1 indirect_desc=off; feat 0; start; ctl 1 OPEN 1; hopen 1; send 1 4")
