// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_registers.c - registers, on QEMU and on the reference side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(emergency, .id = "cross.emergency",
      .title = "emerg_wr sends its lowest byte, whatever the status",
      .clause = "virtio-1.2/console/C-10, C-12, C-18, C-19", .level = LEVEL_MUST,
      .script =
	      "hopen 0; cfgset 8 4 0x41; start; cfgset 8 4 0x42; cfgset 8 4 0x12345643; cfgset 8 4 0x144; status 0x8f; cfgset 8 4 0x45; cfg 8 4")

CROSS(emergency_odd, .id = "cross.emergency-odd", .title = "emerg_wr of 0, and by pieces",
      .clause = "virtio-1.2/console/C-19", .level = LEVEL_SHOULD,
      .script =
	      "hopen 0; cfgset 8 4 0; cfgset 8 2 0x4142; cfgset 8 1 0x43; cfgset 9 1 0x44; cfgset 11 1 0x45; cfgset 10 2 0x4647; cfgset 8 4 0x100")

CROSS(emergency_nobody, .id = "cross.emergency-nobody", .title = "emerg_wr without a host",
      .clause = "virtio-1.2/console/C-19", .level = LEVEL_SHOULD,
      .script = "cfgset 8 4 0x41; hopen 0; cfgset 8 4 0x42; hclose 0; cfgset 8 4 0x43")

CROSS(config, .id = "cross.config", .title = "the configuration at every offset and width",
      .clause = "virtio-1.2/console/C-09, G-CF-01, G-CF-05, G-LG-02", .level = LEVEL_MUST,
      .script =
	      "cfg 0 4; cfg 4 4; cfg 8 4; cfg 0 2; cfg 2 2; cfg 4 2; cfg 6 2; cfg 0 1; cfg 1 1; cfg 4 1; cfg 5 1; cfg 7 1; cfg 11 1; cfg 12 1; cfg 12 4; cfg 10 4; cfg 64 4; start; cfg 4 4")

CROSS(config_write, .id = "cross.config-write",
      .title = "fields that a driver must not write keep their values",
      .clause = "virtio-1.2/console/G-CF-03", .level = LEVEL_MUST,
      .script =
	      "start; cfgset 0 2 80; cfgset 2 2 25; cfgset 4 4 99; cfg 0 4; cfg 4 4; cfgset 5 1 7; cfg 4 4")

CROSS(generation, .id = "cross.generation",
      .title = "the generation counts configuration changes, and only those",
      .clause = "virtio-1.2/console/G-CF-02, G-CF-04", .level = LEVEL_MUST,
      .script =
	      "start; cfg 4 4; plug 2 serial org.two; hopen 1; ctl 1 OPEN 1; send 1 4; unplug 2; cfgset 8 4 0x41")

CROSS(features, .id = "cross.features", .title = "feature words by every selector",
      .clause = "virtio-1.2/console/G-FT-01, G-FT-08", .level = LEVEL_MUST,
      .script = "feat 0; feat 1; feat 2; feat 3; feat 5; feat -1; feat 0")

CROSS(features_unknown, .id = "cross.features-unknown", .title = "bits that were never offered",
      .clause = "virtio-1.2/console/G-FT-02", .level = LEVEL_MUST,
      .script =
	      "status 0; status 1; status 3; featset 0 0x00000008; featset 1 1; status 11; feat 0; status 0; status 3; featset 0 6; featset 1 0x101; status 11; featset 0 0; status 15")

CROSS(features_again, .id = "cross.features-again", .title = "features after a reset",
      .clause = "virtio-1.2/console/G-FT-04, G-FT-06, G-MM-08, G-LG-05", .level = LEVEL_MUST,
      .script =
	      "start; restart; status 3; featset 0 6; status 11; status 15; restart; start; ctl -1 READY 1; ctl 1 PORT 1")

CROSS(no_multiport, .id = "cross.no-multiport",
      .title = "without MULTIPORT port 0 works, and is all there is",
      .clause = "virtio-1.2/console/C-05, C-14, U-25", .level = LEVEL_MUST,
      .script =
	      "start no-multiport; hopen 0; send 0 10; hsend 0 10; restart; hsend 0 5; start no-multiport")

CROSS(status, .id = "cross.status", .title = "the status register",
      .clause = "virtio-1.2/console/G-ST-01, G-ST-06, G-ST-07", .level = LEVEL_MUST,
      .script =
	      "status 0; status 1; status 3; status 0x80; status 0; start; status 0x8f; send 1 4; status 11; hopen 1; send 1 4; status 15; send 1 4; status 0")

CROSS(queues, .id = "cross.queues", .title = "the queues' sizes, those that do not exist too",
      .clause = "virtio-1.2/console/C-01, C-04, G-PC-02, G-MM-06", .level = LEVEL_MUST,
      .script =
	      "queue rx0; queue tx0; queue crx; queue ctx; queue rx1; queue tx1; queue rx3; queue tx3; queue rx4; queue tx4; queue rx100; queue tx511; start; queue tx1; queue tx4")

CROSS(queue_size, .id = "cross.queue-size", .title = "queue sizes that a driver may choose",
      .clause = "virtio-1.2/console/G-SR-07", .level = LEVEL_MUST,
      .script = UP
      "qsize tx1 64; queue tx1; restart; " UP
      "start ring=8; ctl 1 OPEN 1; hopen 1; send 1 4; hsend 1 4; start ring=2; ctl 1 OPEN 1; send 1 4; send 1 4; send 1 4")

CROSS(queue_size_odd, .id = "cross.queue-size-odd",
      .title = "queue sizes that no driver may choose", .clause = "virtio-1.2/console/G-SR-07",
      .level = LEVEL_SHOULD,
      .script = "start; qsize tx1 3; queue tx1; qsize tx1 0; queue tx1; send 1 4")

CROSS(queue_size_above, .id = "cross.queue-size-above", .title = "a queue size above the maximum",
      .clause = "virtio-1.2/console/G-SR-07, H-22", .level = LEVEL_SHOULD,
      .script =
	      "start; qsize ctx 2048; queue ctx; ctl 1 OPEN 1; qsize crx 128; queue crx; ctl 1 PORT 1")

CROSS(queue_missing, .id = "cross.queue-missing", .title = "a queue that is not there",
      .clause = "virtio-1.2/console/G-PC-04", .level = LEVEL_SHOULD,
      .script = "start; qenable 600; qenable 1030; qenable 11; send 1 4")

CROSS(queue_off, .id = "cross.queue-off", .title = "a queue that was taken away",
      .clause = "virtio-1.2/console/G-MM-02, G-PC-03, G-LG-04", .level = LEVEL_MUST,
      .script = UP "qoff tx1; send 1 4; hsend 1 4; qoff rx1; hsend 1 4; ctl 1 OPEN 0")

CROSS(queue_reset, .id = "cross.queue-reset",
      .title = "a queue that was reset takes nothing, and works again once enabled",
      .clause = "virtio-1.2/console/G-RR-01, G-RR-02, G-RR-03, G-RR-04, G-MM-03, G-FT-03",
      .level = LEVEL_MUST,
      .script = UP
      "qreset tx1; send 1 4; qon tx1; send 1 5; qreset rx1; hsend 1 10; qon rx1; post rx1 2 64; kick rx1; qreset ctx; qon ctx; ctl 1 OPEN 0")
