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
