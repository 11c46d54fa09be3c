// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_stall.c - hosts that stop reading, leave and come back, side by side
 *
 * How much a backend takes before it is full is its own business: where the rest is dropped the
 * host leaves, so that it shows nowhere.
 */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "
/* It holds a buffer of which a part is out. */
#define HELD UP "stall 1; send 1 400000; send 1 400000; "

CROSS(returns, .id = "cross.stall-again",
      .title = "a host that stalls and returns several times gets every byte once",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_SHOULD,
      .script = UP
      "stall 1; send 1 500000; unstall 1; stall 1; send 1 500000; send 1 3; unstall 1; stall 1; send 1 500000; unstall 1; send 1 5")

CROSS(in_chain, .id = "cross.stall-in-chain", .title = "several stalls inside one chain of buffers",
      .clause = "virtio-1.2/console/U-14, G-SR-01", .level = LEVEL_SHOULD,
      .script = UP
      "stall 1; send 1 1500000 split=1+499999+500000+250000+250000; unstall 1; stall 1; send 1 900000 split=300000+1+299999+300000; send 1 1; unstall 1")

CROSS(whole_ring, .id = "cross.stall-many",
      .title = "many buffers wait behind one that is held, and go out in order",
      .clause = "virtio-1.2/console/U-14, C-20, G-SR-05", .level = LEVEL_SHOULD,
      .script = UP
      "stall 1; send 1 400000; send 1 1; send 1 2; send 1 3; send 1 4095; send 1 4096; send 1 4097; send 1 5 no-kick; send 1 6 no-kick; unstall 1; kick tx1")

CROSS(other_port, .id = "cross.stall-other-port",
      .title = "a host that stalls holds up its own port only",
      .clause = "virtio-1.2/console/U-14, C-03", .level = LEVEL_MUST,
      .script = UP
      "hopen 0; ctl 0 OPEN 1; plug 2 serial org.two; ctl 2 OPEN 1; hopen 2; stall 1; send 1 400000; send 0 10; send 2 10; hsend 0 10; hsend 2 10; hsend 1 10; ctl 2 OPEN 0; unstall 1; send 2 3")

CROSS(back, .id = "cross.stall-leave-again",
      .title = "a host leaves in the middle and another comes: it gets what is sent from then on",
      .clause = "virtio-1.2/console/U-14, U-12, G-PK-06, G-IO-03", .level = LEVEL_SHOULD,
      .script = HELD
      "hclose 1; hopen 1; send 1 11; hclose 1; hopen 1; send 1 12; stall 1; send 1 400000; hclose 1; hopen 1; send 1 13")

CROSS(guest_closes, .id = "cross.stall-guest-closes",
      .title = "a driver closes and opens the port while its bytes are held",
      .clause = "virtio-1.2/console/U-14, C-34", .level = LEVEL_SHOULD,
      .script = HELD
      "ctl 1 OPEN 0; send 1 7; ctl 1 OPEN 1; send 1 8; ctl 1 PORT 1; unstall 1; ctl 1 OPEN 0; send 1 4")

CROSS(input_meanwhile, .id = "cross.stall-input", .title = "a host that does not read can send",
      .clause = "virtio-1.2/console/U-14, C-21", .level = LEVEL_SHOULD,
      .script = HELD "hsend 1 100; hsend 1 256; post rx1 4 64; kick rx1; hsend 1 200; unstall 1")

CROSS(console_stalls, .id = "cross.stall-console",
      .title = "a console gives back its buffers at once, whatever becomes of the bytes",
      .clause = "virtio-1.2/console/U-15", .level = LEVEL_SHOULD,
      .script =
	      "start; hopen 0; ctl 0 OPEN 1; stall 0; send 0 400000; send 0 400000; hclose 0; send 0 3; hopen 0; send 0 5")

CROSS(again_restart, .id = "cross.stall-restart-split",
      .title = "a driver that starts anew while a chain of its is held",
      .clause = "virtio-1.2/console/G-RS-01, G-RS-03, G-RS-05", .level = LEVEL_MUST,
      .script = UP
      "stall 1; send 1 900000 split=300000+300000+300000; restart; kick tx1; hclose 1; hopen 1; start; ctl 1 OPEN 1; send 1 4; hsend 1 4")

CROSS(system_reset, .id = "cross.stall-reset", .title = "the machine's reset while bytes are held",
      .clause = "virtio-1.2/console/G-RS-03, G-RS-05", .level = LEVEL_MUST,
      .script = HELD "reset; hclose 1; hopen 1; " UP "send 1 9; hsend 1 9")

CROSS(returns_stopped, .id = "cross.stall-stop-again", .title = "stalls and stops in turn",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_SHOULD,
      .script = UP
      "stop; stall 1; cont; send 1 400000; stop; cont; stop; unstall 1; cont; stall 1; send 1 400000; stop; unstall 1; stall 1; cont; send 1 7; unstall 1")

CROSS(plugged_meanwhile, .id = "cross.stall-plug",
      .title = "ports come and go while another holds bytes",
      .clause = "virtio-1.2/console/C-23, C-30, U-14", .level = LEVEL_MUST,
      .script = HELD
      "plug 2 serial org.two; ctl 2 PORT 1; hopen 2; send 2 5; unplug 2; unplug 0; plug 0 console; unstall 1; send 1 5")
