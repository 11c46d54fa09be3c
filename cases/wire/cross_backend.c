// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cross_backend.c - backends that go, come and are changed, alone or under their ports, side by
 * side: QMP chardev-remove, chardev-add, chardev-change, device_del of the port alone
 */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(used, .id = "cross.backend-in-use",
      .title = "a backend that a port uses is neither taken away nor made again, at any point",
      .clause = "virtio-1.2/console/C-34; qapi/char.json chardev-remove, chardev-add",
      .level = LEVEL_MUST,
      .script =
	      "bdel 1; badd 1; start; bdel 1; ctl 1 OPEN 1; bdel 0; hopen 1; bdel 1; badd 1; send 1 4; hsend 1 4; stall 1; send 1 400000; bdel 1; hclose 1; bdel 1; stop; bdel 1; cont; hopen 1; send 1 4; hsend 1 4")

CROSS(alone, .id = "cross.backend-alone",
      .title = "a port that goes leaves its backend and the host; the next one finds both",
      .clause = "virtio-1.2/console/C-23, C-30, C-34", .level = LEVEL_MUST,
      .script = UP
      "send 1 4; hsend 1 4; detach 1; hsend 1 5; send 1 4; plug 1 serial org.two; ctl 1 PORT 1; ctl 1 OPEN 1; hsend 1 3; send 1 3; detach 1; hclose 1; hopen 1; hsend 1 2; plug 1 serial org.three; ctl 1 OPEN 1; ctl 1 PORT 1; detach 1; hclose 1; plug 1 serial org.four; ctl 1 OPEN 1; hopen 1; send 1 2")

CROSS(anew, .id = "cross.backend-anew",
      .title = "a backend without its port is taken away, made again, and used",
      .clause = "virtio-1.2/console/C-23, C-30, C-34", .level = LEVEL_MUST,
      .script = UP
      "detach 1; bdel 1; bdel 1; badd 1; badd 1; hopen 1; hsend 1 4; plug 1 serial org.two; ctl 1 OPEN 1; send 1 3; detach 1; bswap 1; hopen 1; plug 1 console; ctl 1 PORT 1; ctl 1 OPEN 1; hsend 1 3; send 1 3; unplug 1; badd 1; bdel 1; plug 1 serial org.three; hopen 1; ctl 1 OPEN 1; hsend 1 2; send 1 2")

CROSS(kinds, .id = "cross.backend-kinds",
      .title = "a backend whose host is there, from a serial port to a console and back",
      .clause = "virtio-1.2/console/C-23, C-34, U-13", .level = LEVEL_MUST,
      .script = UP
      "detach 1; plug 1 console org.two; ctl 1 PORT 1; ctl 1 OPEN 1; send 1 4; hsend 1 4; detach 1; plug 1 serial; ctl 1 PORT 1; ctl 1 OPEN 1; send 1 4; hsend 1 4; hopen 0; detach 0; hsend 0 3; plug 0 console; ctl 0 OPEN 1; send 0 3; hsend 0 3")

CROSS(alone_held, .id = "cross.backend-alone-held",
      .title = "a port goes, and leaves its backend, while bytes are held or input waits",
      .clause = "virtio-1.2/console/C-30, U-14, U-16, U-26", .level = LEVEL_MUST,
      .script = UP
      "stall 1; send 1 400000; send 1 400000; hsend 1 300; detach 1; hclose 1; hopen 1; plug 1 serial org.two; ctl 1 OPEN 1; send 1 3; start no-rx; ctl 1 OPEN 1; hsend 1 20; detach 1; plug 1 serial org.three; post rx1 4 16; kick rx1; ctl 1 OPEN 1; hsend 1 3; ctl 1 OPEN 0; hsend 1 9; detach 1; plug 1 serial org.four; ctl 1 OPEN 1; post rx1 4 16; kick rx1")

CROSS(alone_stopped, .id = "cross.backend-alone-stopped",
      .title = "ports go and come while the machine is stopped, and their backends stay",
      .clause = "virtio-1.2/console/C-23, C-30, C-34", .level = LEVEL_MUST,
      .script = UP
      "stop; detach 1; hsend 1 4; plug 1 serial org.two; ctl 1 OPEN 1; cont; hsend 1 3; send 1 3; detach 1; hclose 1; stop; hopen 1; plug 1 console; ctl 1 OPEN 1; hsend 1 4; cont; send 1 3; detach 1; stop; bdel 1; badd 1; plug 1 serial org.three; cont; hopen 1; ctl 1 OPEN 1; hsend 1 2")

CROSS(changed, .id = "cross.backend-changed",
      .title = "a backend is changed: its host leaves, and who comes to the new one is heard",
      .clause = "virtio-1.2/console/C-34, C-20, C-21; qapi/char.json chardev-change",
      .level = LEVEL_MUST,
      .script = UP
      "send 1 4; hsend 1 4; bswap 1; send 1 5; hopen 1; send 1 3; hsend 1 3; bswap 1; bswap 1; ctl 1 OPEN 0; hopen 1; ctl 1 PORT 1; ctl 1 OPEN 1; send 1 2; hsend 1 2; hclose 1; bswap 1; hopen 1; hsend 1 1; bswap 3")

CROSS(changed_early, .id = "cross.backend-changed-early",
      .title = "a backend is changed at every point of the handshake, and over resets",
      .clause = "virtio-1.2/console/C-15, C-34, G-RS-03", .level = LEVEL_MUST,
      .script =
	      "bswap 1; hopen 1; bswap 1; start no-ok; hopen 1; bswap 1; start; bswap 1; hopen 1; ctl -1 READY 1; bswap 1; hopen 1; ctl 1 PORT 1; bswap 1; hopen 1; ctl 1 OPEN 1; bswap 1; hopen 1; send 1 3; restart; bswap 1; start; ctl 1 OPEN 1; hopen 1; reset; bswap 1; hopen 1; start; ctl 1 OPEN 1; send 1 4; hsend 1 4")

CROSS(changed_held, .id = "cross.backend-changed-held",
      .title =
	      "a backend is changed while bytes are held, input waits, or the driver has it closed",
      .clause = "virtio-1.2/console/U-14, U-16, U-17, G-PK-06, G-IO-03", .level = LEVEL_MUST,
      .script = UP
      "stall 1; send 1 400000; send 1 400000; bswap 1; send 1 3; hopen 1; send 1 2; start no-rx; ctl 1 OPEN 1; hsend 1 20; bswap 1; post rx1 4 16; kick rx1; hopen 1; hsend 1 4; ctl 1 OPEN 0; hsend 1 9; bswap 1; ctl 1 OPEN 1; hopen 1; hsend 1 3")

CROSS(changed_console, .id = "cross.backend-changed-console",
      .title = "a console's backend is changed: the driver hears nothing of it",
      .clause = "virtio-1.2/console/C-34, U-13, U-15", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 0 PORT 1; bswap 0; ctl 0 OPEN 1; hopen 0; send 0 4; hsend 0 4; bswap 0; send 0 3; cfgset 8 4 0x41; hopen 0; cfgset 8 4 0x42; send 0 2; hsend 0 2; stall 0; send 0 400000; bswap 0; send 0 3; hopen 0; send 0 1; ctl 0 OPEN 0; bswap 0; hopen 0; ctl 0 OPEN 1; hsend 0 1")

CROSS(changed_stopped, .id = "cross.backend-changed-stopped",
      .title = "a backend that is to be changed while the machine is stopped",
      .clause = "virtio-1.2/console/C-34; qapi/char.json chardev-change", .level = LEVEL_SHOULD,
      .script = UP
      "stop; bswap 1; bswap 0; cont; send 1 4; hopen 1; send 1 4; hsend 1 4; stop; plug 2 serial org.two; bswap 2; hopen 2; bswap 2; cont; hopen 2; ctl 2 OPEN 1; hsend 2 3; stop; hclose 1; bswap 1; cont; hopen 1; bswap 1; hopen 1; hsend 1 3")

CROSS(changed_moves, .id = "cross.backend-changed-migrate",
      .title = "a machine moves whose port's backend was changed",
      .clause = "virtio-1.2/console/C-34, U-21", .level = LEVEL_MUST,
      .script = UP
      "bswap 1; saveload 1; send 1 4; hsend 1 4; bswap 1; hopen 1; saveload; bswap 1; hopen 1; send 1 3; hsend 1 3")
