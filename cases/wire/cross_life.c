// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_life.c - resets, stops and migration, on QEMU and on the reference side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "
/* The same after a reset, where the host is still there. */
#define UP_AGAIN "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; "

CROSS(restart, .id = "cross.restart",
      .title = "a driver that starts anew finds the ports as at first",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-02, G-RS-03", .level = LEVEL_MUST,
      .script = UP "hsend 1 10; send 1 10; restart; kick tx1; hsend 1 5; " UP "hsend 1 5; send 1 5")

CROSS(restart_host, .id = "cross.restart-host",
      .title = "hosts that come and go while there is no driver",
      .clause = "virtio-1.2/console/G-RS-03", .level = LEVEL_MUST,
      .script = UP
      "restart; hclose 1; hopen 1; hsend 1 5; start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1")

CROSS(reset, .id = "cross.reset",
      .title = "the machine's reset closes the ports and keeps the hosts",
      .clause = "virtio-1.2/console/G-RS-03", .level = LEVEL_MUST,
      .script = UP "hsend 1 10; reset; hsend 1 5; " UP
		   "send 1 5; reset; feat 0; cfg 4 4; hclose 1; " UP_AGAIN)

CROSS(reset_early, .id = "cross.reset-early", .title = "a reset at every point of the handshake",
      .clause = "virtio-1.2/console/G-RS-01", .level = LEVEL_MUST,
      .script =
	      "reset; start no-ok; reset; start; reset; start; ctl -1 READY 1; reset; start; ctl -1 READY 1; ctl 1 PORT 1; reset; start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; reset; " UP_AGAIN)

CROSS(stop, .id = "cross.stop", .title = "while the machine is stopped the host's bytes wait",
      .clause = "virtio-1.2/console/C-12", .level = LEVEL_MUST,
      .script = UP "stop; hsend 1 10; send 1 5; ctl 1 PORT 1; cfgset 8 4 0x41; cont; hsend 1 3")

CROSS(stop_host, .id = "cross.stop-host",
      .title = "hosts that come and go while the machine is stopped",
      .clause = "virtio-1.2/console/C-34", .level = LEVEL_MUST,
      .script = UP
      "stop; hclose 1; cont; stop; hopen 1; hsend 1 4; cont; stop; plug 2 serial org.two; cont; ctl 2 PORT 1")

CROSS(migrate, .id = "cross.migrate",
      .title = "a machine that moves keeps its ports; a host that is there again is known",
      .clause = "virtio-1.2/console/U-21", .level = LEVEL_MUST,
      .script = UP
      "send 1 10; hsend 1 10; saveload 1; send 1 10; hsend 1 10; ctl 1 PORT 1; ctl -1 READY 1")

CROSS(migrate_nobody, .id = "cross.migrate-nobody",
      .title = "a machine that moves away from its hosts", .clause = "virtio-1.2/console/U-21",
      .level = LEVEL_MUST, .script = UP "saveload; send 1 10; hopen 1; send 1 10; hsend 1 10")

CROSS(migrate_early, .id = "cross.migrate-early",
      .title = "a machine that moves at every point of the handshake",
      .clause = "virtio-1.2/console/U-21", .level = LEVEL_MUST,
      .script =
	      "saveload; start; saveload; ctl -1 READY 1; saveload; ctl 1 PORT 1; saveload; ctl 1 OPEN 1; saveload 1; send 1 4; hsend 1 4")

CROSS(migrate_held, .id = "cross.migrate-held",
      .title =
	      "a machine that moves while bytes are held: what the host did not get is sent again from there on",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_MUST,
      .script = UP
      "stall 1; send 1 10 no-kick; saveload 1; kick tx1; send 1 5; plug 2 serial org.two; saveload 1 2; ctl 2 PORT 1; hsend 2 5; ctl 2 OPEN 1")
