// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_amounts.c - sizes around every boundary, many buffers and long chains, side by side */
#include "harness/run/cross.h"

/* Port 1 is open at both ends; no receive buffers but what the script posts. */
#define UP_BARE "start no-rx; ctl 1 OPEN 1; hopen 1; "
#define UP	"start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(in_edges, .id = "cross.in-edges", .title = "input around the size of one buffer",
      .clause = "virtio-1.2/console/C-21, G-SR-04", .level = LEVEL_MUST,
      .script = UP_BARE
      "post rx1 12 64; kick rx1; hsend 1 63; hsend 1 64; hsend 1 65; hsend 1 1; hsend 1 127; hsend 1 128; hsend 1 129")

CROSS(in_full, .id = "cross.in-exactly-full",
      .title = "input that fills all buffers to the last byte, and one more",
      .clause = "virtio-1.2/console/C-21, U-17", .level = LEVEL_MUST,
      .script = UP_BARE
      "post rx1 4 32; kick rx1; hsend 1 128; hsend 1 1; post rx1 1 1; kick rx1; post rx1 1 32; hsend 1 10; kick rx1")

CROSS(in_mixed, .id = "cross.in-mixed", .title = "buffers of different sizes",
      .clause = "virtio-1.2/console/C-21, G-SR-05", .level = LEVEL_MUST,
      .script = UP_BARE
      "post rx1 1 1; post rx1 1 4096; post rx1 2 7; post rx1 1 1000; kick rx1; hsend 1 1; hsend 1 4097; hsend 1 20; hsend 1 900")

CROSS(in_chunk, .id = "cross.in-4096",
      .title = "input around the 4096 bytes that QEMU reads at once",
      .clause = "virtio-1.2/console/U-17", .level = LEVEL_SHOULD,
      .script = UP_BARE
      "post rx1 8 8192; kick rx1; hsend 1 4095; hsend 1 4096; post rx1 8 4096; kick rx1; hsend 1 4097; hsend 1 8192; hsend 1 8193")

CROSS(in_no_kick, .id = "cross.in-without-kick",
      .title = "buffers that nobody told of are taken when there is something to write",
      .clause = "virtio-1.2/console/C-17, G-NS-05", .level = LEVEL_SHOULD,
      .script = UP_BARE "post rx1 2 16; hsend 1 5; hsend 1 5; hsend 1 5; post rx1 1 16; kick rx1")

CROSS(in_fast, .id = "cross.in-faster", .title = "a host that is faster than the driver",
      .clause = "virtio-1.2/console/U-17", .level = LEVEL_SHOULD,
      .script = UP_BARE
      "hsend 1 30000; post rx1 16 1024; kick rx1; post rx1 8 1024; kick rx1; post rx1 16 1024; kick rx1; hsend 1 10")

CROSS(out_chain, .id = "cross.out-huge-chain",
      .title = "one chain of many descriptors, large and small",
      .clause = "virtio-1.2/console/C-20, G-SR-01", .level = LEVEL_MUST,
      .script = UP
      "send 1 700000 split=1+2+3+4+5+6+7+8+9+10+11+12+13+100000+100000+100000+100000+100000+100000+99909; send 1 24 split=1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1; send 1 1")

CROSS(out_table, .id = "cross.out-long-table",
      .title = "a table with more descriptors than the ring has entries",
      .clause = "virtio-1.2/console/G-IN-07", .level = LEVEL_SHOULD,
      .script =
	      "start ring=8; ctl 1 OPEN 1; hopen 1; send 1 24 split=1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1 indirect; send 1 5")

CROSS(out_small, .id = "cross.out-many-small",
      .title = "more small buffers than the ring has entries",
      .clause = "virtio-1.2/console/C-20, G-SR-06", .level = LEVEL_MUST,
      .script =
	      "start ring=4; ctl 1 OPEN 1; hopen 1; send 1 1 no-kick; send 1 2 no-kick; send 1 3 no-kick; send 1 4; send 1 5 no-kick; send 1 6 no-kick; send 1 7; send 1 8 no-kick; send 1 9; send 1 1; send 1 1; send 1 1; send 1 1; send 1 1; send 1 1; send 1 1; send 1 1")

CROSS(out_full, .id = "cross.out-ring-full", .title = "a ring that is full to the last entry",
      .clause = "virtio-1.2/console/G-SR-07, C-20", .level = LEVEL_MUST,
      .script =
	      "start ring=2; ctl 1 OPEN 1; hopen 1; send 1 3 no-kick; send 1 4 no-kick; send 1 5 no-kick; kick tx1; send 1 6; send 1 7 split=3+4; send 1 8 split=3+3+2")

CROSS(ring_one, .id = "cross.ring-of-one", .title = "rings of one entry",
      .clause = "virtio-1.2/console/G-SR-07", .level = LEVEL_MUST,
      .script =
	      "start ring=1; ctl -1 READY 1; ctl 1 OPEN 1; hopen 1; send 1 3; send 1 4; hsend 1 5; hsend 1 6; post rx1 1 8; kick rx1; hsend 1 3")

CROSS(ring_max, .id = "cross.in-order-lengths",
      .title = "used buffers come back in order, with the exact length, on both queues at once",
      .clause = "virtio-1.2/console/G-SR-05, G-IO-01, G-IO-02, G-PK-01, G-PK-03",
      .level = LEVEL_MUST,
      .script = UP
      "send 1 3 no-kick; hsend 1 300; send 1 5 split=2+3 no-kick; hsend 1 1; send 1 7 indirect no-kick; kick tx1; hsend 1 600; send 1 1")

CROSS(reopen_held, .id = "cross.in-reopen",
      .title = "a driver closes and opens again and again with input waiting",
      .clause = "virtio-1.2/console/U-16, U-18", .level = LEVEL_SHOULD,
      .script = UP_BARE
      "hsend 1 100; ctl 1 OPEN 0; post rx1 2 16; kick rx1; ctl 1 OPEN 1; ctl 1 OPEN 0; ctl 1 OPEN 1; post rx1 1 16; kick rx1; ctl 1 OPEN 0; post rx1 4 16; ctl 1 OPEN 1; hsend 1 1")

CROSS(leave_waiting, .id = "cross.in-leave-waiting",
      .title =
	      "a host leaves with input waiting for buffers; the next one's comes behind it, or alone",
      .clause = "virtio-1.2/console/U-19", .level = LEVEL_SHOULD,
      .script = UP_BARE
      "hsend 1 40; post rx1 1 16; kick rx1; hclose 1; post rx1 4 16; kick rx1; hopen 1; hsend 1 8")
