// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_reset.c - resets of queue, device and machine at every point, side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(restart_early, .id = "cross.restart-early",
      .title = "a new start at every point of the handshake",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-02", .level = LEVEL_MUST,
      .script =
	      "restart; start no-ok; restart; start; restart; start; ctl -1 READY 1; restart; start; ctl 1 PORT 1; restart; start; ctl 1 OPEN 1; restart; hopen 1; " UP
	      "send 1 4; hsend 1 4")

CROSS(restart_input, .id = "cross.restart-input",
      .title = "a new start with input waiting: it comes to the new driver",
      .clause = "virtio-1.2/console/G-RS-01, U-16", .level = LEVEL_MUST,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; hsend 1 30; restart; hsend 1 5; start; ctl 1 OPEN 1; hsend 1 4")

CROSS(restart_unkicked, .id = "cross.restart-unkicked",
      .title = "buffers that were never told of are forgotten by a reset",
      .clause = "virtio-1.2/console/G-RS-01", .level = LEVEL_MUST,
      .script = UP "send 1 5 no-kick; restart; start; send 1 6; kick tx1; hsend 1 4; ctl 1 OPEN 1")

CROSS(restart_less, .id = "cross.restart-features",
      .title = "a new start with other features each time",
      .clause = "virtio-1.2/console/G-FT-04, G-FT-06, G-RS-02", .level = LEVEL_MUST,
      .script = UP
      "start no-event-idx; ctl 1 OPEN 1; send 1 4; start no-indirect; ctl 1 OPEN 1; send 1 4; start no-multiport; send 0 4; start ring=4; ctl 1 OPEN 1; send 1 4; hsend 1 4; start; ctl 1 OPEN 1; hsend 1 4")

CROSS(reset_input, .id = "cross.reset-input", .title = "the machine's reset with input waiting",
      .clause = "virtio-1.2/console/G-RS-01, U-16", .level = LEVEL_MUST,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; hsend 1 30; send 1 4 no-kick; reset; hsend 1 5; start; ctl 1 OPEN 1; reset; reset; start; ctl 1 OPEN 1; hsend 1 4")

CROSS(reset_stopped, .id = "cross.reset-stopped",
      .title = "the machine's reset while it is stopped", .clause = "virtio-1.2/console/G-RS-03",
      .level = LEVEL_MUST,
      .script = UP "stop; reset; cont; hsend 1 5; start; ctl 1 OPEN 1; send 1 4; hsend 1 4")

CROSS(qreset_input, .id = "cross.queue-reset-input",
      .title = "a receive queue's reset with input waiting",
      .clause = "virtio-1.2/console/G-RR-01, G-RR-02, G-RR-03, G-RR-04", .level = LEVEL_MUST,
      .script = UP
      "qreset rx1; hsend 1 20; kick rx1; hsend 1 20; qon rx1; kick rx1; post rx1 1 16; kick rx1; post rx1 4 16; kick rx1; queue rx1")

CROSS(qreset_twice, .id = "cross.queue-reset-twice",
      .title = "queues that are reset twice, kicked, read, and enabled",
      .clause = "virtio-1.2/console/G-RR-01, G-RR-03, H-24", .level = LEVEL_MUST,
      .script = UP
      "qreset tx1; qreset tx1; kick tx1; queue tx1; send 1 3 no-kick; qon tx1; send 1 4; qreset tx0; send 0 4; qreset rx0; hopen 0; ctl 0 OPEN 1; hsend 0 4")

CROSS(qreset_control, .id = "cross.queue-reset-control",
      .title = "the control queues' reset: messages that come meanwhile",
      .clause = "virtio-1.2/console/G-RR-01, G-RR-02, U-10", .level = LEVEL_MUST,
      .script = UP
      "qreset crx; ctl 1 PORT 1; plug 2 serial org.two; hclose 1; qon crx; post crx 8 64; kick crx; ctl 1 PORT 1; qreset ctx; ctl 1 OPEN 0; qon ctx; ctl 2 PORT 1")

CROSS(qreset_all, .id = "cross.queue-reset-restart",
      .title = "a driver that starts anew with queues in reset",
      .clause = "virtio-1.2/console/G-RR-02, G-RS-02, G-MM-05", .level = LEVEL_MUST,
      .script = UP
      "qreset tx1; qreset rx1; qreset crx; qreset ctx; restart; queue tx1; queue crx; " UP
      "send 1 4; hsend 1 4")

CROSS(qreset_ungated, .id = "cross.queue-reset-stopped",
      .title = "a queue's reset while the machine is stopped",
      .clause = "virtio-1.2/console/G-RR-01, G-RR-03", .level = LEVEL_MUST,
      .script = UP "send 1 5 no-kick; stop; qreset tx1; cont; send 1 4; qon tx1; send 1 6")

CROSS(qsize_live, .id = "cross.queue-live",
      .title = "a queue's registers written while it is in use",
      .clause = "virtio-1.2/console/H-20", .level = LEVEL_SHOULD,
      .script =
	      "start no-packed no-in-order ring=16; ctl 1 OPEN 1; hopen 1; send 1 4; qsize tx1 8; queue tx1; restart; start no-packed no-in-order; ctl 1 OPEN 1; send 1 4; hsend 1 4")

CROSS(status_walk, .id = "cross.status-walk", .title = "every value of the status, up and down",
      .clause = "virtio-1.2/console/G-ST-01, G-ST-06, G-ST-07", .level = LEVEL_SHOULD,
      .script = UP
      "status 7; hsend 1 4; status 15; status 3; status 11; status 15; ctl 1 OPEN 1; status 0x4f; send 1 4; status 0x8f; hsend 1 4; status 0xff; send 1 4; status 0; status 0x0f; send 1 4; status 0")

CROSS(features_late, .id = "cross.features-late",
      .title = "features written after FEATURES_OK change nothing",
      .clause = "virtio-1.2/console/G-FT-05", .level = LEVEL_SHOULD,
      .script = UP
      "featset 0 0; featset 1 0; feat 0; send 1 4; hsend 1 4; featset 0 0x40000000; send 1 4; restart; " UP
      "send 1 4")

CROSS(no_version, .id = "cross.no-version-1", .title = "a driver that does not accept VERSION_1",
      .clause = "virtio-1.2/console/G-FT-07, G-LG-05", .level = LEVEL_SHOULD,
      .script =
	      "start no-version-1; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; send 1 4; hsend 1 4; start; ctl 1 OPEN 1; send 1 4")

CROSS(bit_30, .id = "cross.bad-feature-bit",
      .title = "the bit by which a legacy device tells bad drivers",
      .clause = "virtio-1.2/console/G-FT-09", .level = LEVEL_SHOULD,
      .script =
	      "status 0; status 1; status 3; featset 0 0x40000006; status 11; status 15; feat 0; status 0; " UP
	      "send 1 4")

CROSS(ring_odd, .id = "cross.ring-of-five", .title = "rings of five entries",
      .clause = "virtio-1.2/console/G-PK-05, G-SR-07", .level = LEVEL_SHOULD,
      .script =
	      "start ring=5; ctl 1 OPEN 1; hopen 1; send 1 4; send 1 5; send 1 6; send 1 7; send 1 8; send 1 9; hsend 1 4; hsend 1 5")
