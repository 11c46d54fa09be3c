// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_plug.c - ports that come and go at every point, side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(cold, .id = "cross.plug-cold", .title = "ports that come before there is a driver",
      .clause = "virtio-1.2/console/C-23, U-22", .level = LEVEL_MUST,
      .script =
	      "plug 2 serial org.two; unplug 1; plug 3 console; start; ctl -1 READY 1; ctl 2 PORT 1; ctl 3 PORT 1; ctl 1 PORT 1")

CROSS(half, .id = "cross.plug-handshake",
      .title = "ports that come and go in the middle of the handshake",
      .clause = "virtio-1.2/console/C-15, C-23, C-36, C-38", .level = LEVEL_MUST,
      .script =
	      "status 0; plug 2 serial org.two; status 1; unplug 2; status 3; plug 2 serial org.two; start no-ok; unplug 2; plug 3 serial org.three; status 15; plug 2 serial org.two; ctl -1 READY 1; unplug 3; ctl 3 PORT 1; ctl 2 PORT 1; unplug 2")

CROSS(waiting, .id = "cross.unplug-input", .title = "a port that goes with input waiting",
      .clause = "virtio-1.2/console/C-30, U-26", .level = LEVEL_MUST,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; hsend 1 40; unplug 1; post rx1 2 16; kick rx1; plug 1 serial org.again; hopen 1; ctl 1 OPEN 1; hsend 1 5")

CROSS(unkicked, .id = "cross.unplug-unkicked",
      .title = "a port that goes with buffers that were not told of",
      .clause = "virtio-1.2/console/C-30, U-26", .level = LEVEL_MUST,
      .script = UP
      "send 1 5 no-kick; unplug 1; kick tx1; send 1 6 no-kick; plug 1 serial org.again; hopen 1; kick tx1; send 1 7")

CROSS(all, .id = "cross.unplug-all", .title = "all ports go, and come back the other way round",
      .clause = "virtio-1.2/console/C-30, U-22, U-23", .level = LEVEL_MUST,
      .script = UP
      "unplug 0; unplug 1; ctl -1 READY 1; send 0 4; send 1 4; cfgset 8 4 0x41; plug 1 console; plug 0 console; ctl -1 READY 1; hopen 1; ctl 1 OPEN 1; send 1 4; hsend 1 4")

CROSS(every, .id = "cross.plug-full", .title = "as many ports as there can be, and one more",
      .clause = "virtio-1.2/console/C-37, U-23", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; plug 3 serial org.three; plug 2 serial org.two; plug 4 serial org.four; plug 3 serial org.other; unplug 3; plug 3 console; ctl 3 PORT 1")

CROSS(names, .id = "cross.plug-names", .title = "names that are taken, free again, and none",
      .clause = "virtio-1.2/console/U-24, C-35", .level = LEVEL_SHOULD,
      .script =
	      "start; plug 2 serial org.test.wire; plug 2 serial; ctl 2 PORT 1; unplug 1; plug 1 serial org.test.wire; ctl 1 PORT 1; plug 3 console org.test.wire; plug 3 console")

CROSS(no_buffers, .id = "cross.plug-no-buffers",
      .title = "ports that come when no control buffer is posted",
      .clause = "virtio-1.2/console/U-10, C-23", .level = LEVEL_SHOULD,
      .script =
	      "start no-ctl; plug 2 serial org.two; hopen 1; post crx 2 64; kick crx; unplug 2; plug 2 serial org.two; hclose 1; post crx 4 64; kick crx; ctl -1 READY 1")

CROSS(rounds, .id = "cross.plug-rounds", .title = "a port that comes and goes again and again",
      .clause = "virtio-1.2/console/C-23, C-30, G-CF-02", .level = LEVEL_MUST,
      .script = UP
      "plug 2 serial org.two; unplug 2; plug 2 console; unplug 2; plug 2 serial org.two; hopen 2; unplug 2; plug 2 serial org.two; hopen 2; ctl 2 OPEN 1; hsend 2 3; unplug 2; plug 2 serial org.two; hopen 2; hsend 2 3; ctl 2 OPEN 1; cfg 4 4")

CROSS(reset_between, .id = "cross.plug-reset", .title = "ports that come and go between resets",
      .clause = "virtio-1.2/console/C-23, G-RS-03", .level = LEVEL_MUST,
      .script = UP
      "restart; unplug 1; plug 2 serial org.two; hopen 2; start; ctl -1 READY 1; ctl 2 PORT 1; reset; plug 1 serial org.one; start; ctl -1 READY 1; ctl 1 PORT 1")

CROSS(stream, .id = "cross.plug-stream",
      .title = "ports come and go at every point of a stream, another's and their own",
      .clause = "virtio-1.2/console/C-20, C-21, C-23, C-30, U-26", .level = LEVEL_MUST,
      .script = UP
      "send 1 4 no-kick; plug 2 serial org.two; kick tx1; hsend 1 300; unplug 2; hsend 1 3; send 1 5 no-kick; plug 2 serial org.two; hopen 2; ctl 2 OPEN 1; send 2 4 no-kick; send 1 6 no-kick; unplug 2; kick tx2; kick tx1; plug 2 console; hopen 2; ctl 2 OPEN 1; send 2 3; hsend 2 20; unplug 2; hsend 1 9; post rx2 2 16; kick rx2; plug 2 serial org.two; hopen 2; hsend 2 7; ctl 2 OPEN 1; unplug 1; send 1 3; send 2 3; plug 1 serial org.one; hopen 1; ctl 1 OPEN 1; send 1 2; hsend 1 2")

CROSS(controller, .id = "cross.controller-points",
      .title = "a controller goes, and comes, at every point of the handshake and of a stream",
      .clause = "virtio-1.2/console/G-ST-01, C-23, C-30", .level = LEVEL_MUST,
      .script =
	      "cunplug; cunplug; cplug; cplug; status 3; cunplug; cplug; start no-ok; cunplug; cplug; start; cunplug; cplug; start; ctl -1 READY 1; cunplug; cplug; start; ctl 1 PORT 1; cunplug; cplug; start; ctl 1 OPEN 1; hopen 1; cunplug; hsend 1 5; cplug; " UP
	      "send 1 4 no-kick; cunplug; hclose 1; cplug; hopen 1; " UP
	      "send 1 3 no-kick; hsend 1 3; plug 2 serial org.two; hopen 2; cunplug; plug 2 serial; cplug; start; ctl 1 OPEN 1; ctl 2 OPEN 1; send 1 2; hsend 1 2; status 0x8f; cunplug; cplug; " UP
	      "send 1 1")
