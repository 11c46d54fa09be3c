// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_data.c - bytes, on QEMU and on the reference side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(tx_sizes, .id = "cross.sizes-out", .title = "buffers of every size go out whole",
      .clause = "virtio-1.2/console/C-20", .level = LEVEL_MUST,
      .script = UP
      "send 1 1; send 1 15; send 1 16; send 1 17; send 1 4095; send 1 4096; send 1 4097; send 1 32768; send 1 65536; send 1 65537; hopen 0; send 0 1; send 0 4097")

CROSS(tx_early, .id = "cross.out-before-ready",
      .title = "what a port sends before it was announced", .clause = "virtio-1.2/console/C-20",
      .level = LEVEL_MUST,
      .script = "start; hopen 1; send 1 10; ctl -1 READY 1; send 1 10; ctl 1 PORT 1; send 1 10")

CROSS(tx_nobody, .id = "cross.out-nobody",
      .title = "a serial port's bytes are dropped while no host is there",
      .clause = "virtio-1.2/console/U-12", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; send 1 10; hopen 1; send 1 5; hclose 1; send 1 3; hopen 1; send 1 2")

CROSS(tx_nobody_console, .id = "cross.out-nobody-console",
      .title = "a console's bytes are dropped while no host is there",
      .clause = "virtio-1.2/console/U-13", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl -1 READY 1; ctl 0 PORT 1; ctl 0 OPEN 1; send 0 10; hopen 0; send 0 5; hclose 0; send 0 3; hopen 0; send 0 2")

CROSS(tx_split, .id = "cross.out-split",
      .title = "a buffer in several descriptors goes out in order",
      .clause = "virtio-1.2/console/G-SR-01", .level = LEVEL_MUST,
      .script = UP
      "send 1 10 split=1+2+3+4; send 1 4096 split=1+4094+1; send 1 16 split=1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1")

CROSS(tx_indirect, .id = "cross.out-indirect",
      .title = "a buffer in an indirect table goes out in order",
      .clause = "virtio-1.2/console/G-IN-01", .level = LEVEL_MUST,
      .script = UP
      "send 1 10 indirect; send 1 10 split=1+2+3+4 indirect; send 1 40000 split=10000+20000+10000 indirect")

CROSS(tx_batch, .id = "cross.out-batch", .title = "several buffers and one kick",
      .clause = "virtio-1.2/console/C-20", .level = LEVEL_MUST,
      .script = UP
      "send 1 3 no-kick; send 1 4 no-kick; send 1 5 no-kick; send 0 6 no-kick; kick tx1; kick tx0; kick tx1")

CROSS(rx_sizes, .id = "cross.sizes-in",
      .title = "what the host sends fills the buffers in order, with exact lengths",
      .clause = "virtio-1.2/console/C-21, U-17, G-PK-02", .level = LEVEL_MUST,
      .script = UP
      "hsend 1 1; hsend 1 255; hsend 1 256; hsend 1 257; hsend 1 700; post rx1 4 4096; kick rx1; hsend 1 4096; hsend 1 4097")

CROSS(rx_small, .id = "cross.small-buffers", .title = "20 bytes into buffers of 16",
      .clause = "virtio-1.2/console/C-21", .level = LEVEL_MUST,
      .script =
	      "start no-rx; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; post rx1 4 16; kick rx1; hsend 1 20; hsend 1 12; hsend 1 16")

CROSS(rx_one, .id = "cross.one-byte-buffers", .title = "buffers of one byte",
      .clause = "virtio-1.2/console/C-21", .level = LEVEL_MUST,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; post rx1 5 1; kick rx1; hsend 1 3; hsend 1 4; post rx1 3 1; kick rx1")

CROSS(rx_closed, .id = "cross.in-closed",
      .title = "what comes while the driver has the port closed waits",
      .clause = "virtio-1.2/console/U-16", .level = LEVEL_SHOULD,
      .script = "start; ctl -1 READY 1; ctl 1 PORT 1; hopen 1; hsend 1 30; ctl 1 OPEN 1; hsend 1 5")

CROSS(rx_more, .id = "cross.in-more-than-posted",
      .title = "what does not fit the posted buffers waits for more",
      .clause = "virtio-1.2/console/U-17", .level = LEVEL_SHOULD,
      .script =
	      "start rx=1 rxsize=16; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; hsend 1 100; post rx1 2 16; kick rx1; post rx1 1 100; kick rx1")

CROSS(rx_close, .id = "cross.in-guest-closes",
      .title = "what waits when the driver closes comes when it opens again",
      .clause = "virtio-1.2/console/U-18", .level = LEVEL_SHOULD,
      .script =
	      "start rx=1 rxsize=16; ctl 1 OPEN 1; hopen 1; hsend 1 40; ctl 1 OPEN 0; post rx1 4 16; kick rx1; hsend 1 5; ctl 1 OPEN 1")

CROSS(rx_hclose, .id = "cross.in-host-leaves",
      .title = "what the host sent before it left comes first", .clause = "virtio-1.2/console/U-19",
      .level = LEVEL_SHOULD, .script = UP "hsend 1 100; hclose 1; hopen 1; hsend 1 10")

CROSS(rx_console, .id = "cross.in-console", .title = "a console takes what its host sends",
      .clause = "virtio-1.2/console/C-21", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 0 PORT 1; hopen 0; hsend 0 10; ctl 0 OPEN 1; hsend 0 20; ctl 0 OPEN 0; hsend 0 5; ctl 0 OPEN 1")

CROSS(both_ways, .id = "cross.both-ways", .title = "both ways at once",
      .clause = "virtio-1.2/console/C-03, G-LG-03", .level = LEVEL_MUST,
      .script = UP
      "hopen 0; ctl 0 OPEN 1; hsend 1 20; send 1 20; hsend 0 30; send 0 30; send 1 5 no-kick; hsend 1 5; kick tx1")

CROSS(stall, .id = "cross.stall", .title = "a host that stalls and returns gets every byte once",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_SHOULD,
      .script = UP
      "stall 1; send 1 100000; send 1 100000; send 1 100000; send 1 100000; unstall 1; send 1 7")

CROSS(stall_indirect, .id = "cross.stall-indirect", .title = "the same with descriptors in tables",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_SHOULD,
      .script = UP
      "stall 1; send 1 300000 split=100000+1+199999 indirect; send 1 300000 indirect; unstall 1; stall 1; send 1 300000; unstall 1")

CROSS(stall_leave, .id = "cross.stall-leave",
      .title = "a host that stalls and leaves: what was held is dropped, what comes later is not",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_SHOULD,
      .script = UP "stall 1; send 1 400000; send 1 400000; hclose 1; send 1 9; hopen 1; send 1 11")

CROSS(stall_restart, .id = "cross.stall-restart",
      .title = "a driver that starts anew while its bytes are held",
      .clause = "virtio-1.2/console/G-RS-03, G-RS-05", .level = LEVEL_MUST,
      .script = UP "stall 1; send 1 400000; restart; hclose 1; " UP "send 1 12")

CROSS(stall_unplug, .id = "cross.stall-unplug",
      .title = "a port that goes while its bytes are held", .clause = "virtio-1.2/console/U-26",
      .level = LEVEL_SHOULD,
      .script = UP
      "stall 1; send 1 400000; unplug 1; send 1 5; plug 1 serial org.again; hopen 1; send 1 6")

CROSS(stall_stop, .id = "cross.stall-stop", .title = "a machine that stops while bytes are held",
      .clause = "virtio-1.2/console/U-14", .level = LEVEL_SHOULD,
      .script = UP "stall 1; send 1 400000; stop; unstall 1; cont; send 1 6")

CROSS(removed, .id = "cross.removed-port",
      .title = "a removed port's queues stay, its bytes are dropped",
      .clause = "virtio-1.2/console/U-26", .level = LEVEL_SHOULD,
      .script = UP
      "unplug 1; send 1 10; kick rx1; plug 1 serial org.again; hopen 1; send 1 4; ctl 1 PORT 1; ctl 1 OPEN 1; hsend 1 4")

CROSS(interrupts, .id = "cross.interrupts", .title = "interrupts come when they are wanted",
      .clause = "virtio-1.2/console/G-NS-01, G-NS-02, G-NS-04", .level = LEVEL_MUST,
      .script =
	      "start no-event-idx; ctl 1 OPEN 1; hopen 1; send 1 4; irq tx1 1 0; send 1 4; irq tx1 0 0; send 1 4; irq rx1 1 0; hsend 1 4; irq rx1 0 0; hsend 1 4")

CROSS(event_idx, .id = "cross.event-idx",
      .title = "with EVENT_IDX the interrupt comes when the index passes the event",
      .clause = "virtio-1.2/console/G-NS-03", .level = LEVEL_MUST,
      .script = UP
      "irq tx1 2 2; send 1 1; send 1 1; send 1 1; irq tx1 2 1; send 1 1; irq rx1 2 3; hsend 1 1; hsend 1 1; hsend 1 1; hsend 1 1")

CROSS(pin, .id = "cross.pin", .title = "without MSI-X the pin and the ISR byte tell",
      .clause = "virtio-1.2/console/G-PC-05", .level = LEVEL_MUST,
      .script =
	      "start pin no-event-idx; ctl 1 OPEN 1; hopen 1; send 1 4; hsend 1 4; plug 2 serial org.two; send 1 4")
