// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cross_window.c - reads and writes through the PCI_CFG window (virtio 1.2 4.1.4.9), side by side
 *
 * Where the structures lie in BAR 4: common configuration 0, ISR 0x1000, device configuration
 * 0x2000, notifications 0x3000 and four bytes for each queue.
 */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

CROSS(kick, .id = "cross.window-notify", .title = "queues are kicked through the window",
      .clause = "virtio-1.2/console/G-PC-06, G-PC-10, C-20", .level = LEVEL_MUST,
      .script =
	      "start no-rx; ctl 1 OPEN 1; hopen 1; send 1 5 no-kick; wwrite 4 0x3014 2 5; send 1 6 no-kick; wwrite 4 0x3014 4 0xffffffff; send 1 7 no-kick; wwrite 4 0x3015 1 0; hsend 1 4; post rx1 1 16; wwrite 4 0x3010 2 4; wwrite 4 0x3ffc 4 0; wwrite 4 0x3018 2 5; wread 4 0x3014 2; send 1 3 no-kick; wwrite 4 0x3016 2 0; stop; send 1 2 no-kick; wwrite 4 0x3014 2 5; cont")

CROSS(common, .id = "cross.window-common",
      .title = "the common configuration is read and written through the window",
      .clause = "virtio-1.2/console/G-PC-06, G-ST-01, G-RS-02, G-FT-01", .level = LEVEL_MUST,
      .script =
	      "wwrite 4 0 4 1; wread 4 4 4; wwrite 4 0 4 0; wread 4 4 4; wread 4 4 2; wread 4 6 2; wread 4 7 1; wread 4 0x12 2; wwrite 4 0x14 1 3; wread 4 0x14 1; " UP
	      "wread 4 0x14 1; wread 4 0x15 1; wwrite 4 0x16 2 5; wread 4 0x18 2; wread 4 0x1a 2; wread 4 0x1c 2; wread 4 0x1e 2; wwrite 4 0x16 2 3; wread 4 0x1c 4; plug 2 serial org.two; wread 4 0x15 1; wread 4 0x14 2; wwrite 4 0x10 2 0; wread 4 0x10 2; wwrite 4 0x10 2 9; wread 4 0x10 2; wwrite 4 0x14 4 0; wread 4 0x14 4; " UP
	      "send 1 4; hsend 1 4")

CROSS(device, .id = "cross.window-config",
      .title = "the device configuration is read, and an emergency write done, through the window",
      .clause = "virtio-1.2/console/G-PC-06, C-10, C-12, C-19, G-CF-03", .level = LEVEL_MUST,
      .script =
	      "hopen 0; wwrite 4 0x2008 4 0x41; wwrite 4 0x2008 1 0x42; wwrite 4 0x2008 2 0x4344; wread 4 0x2008 4; wread 4 0x2004 4; wread 4 0x2000 4; wwrite 4 0x2004 4 9; wread 4 0x2004 4; wread 4 0x2004 1; wread 4 0x2005 1; wread 4 0x200c 4; wread 4 0x2ffc 4; start; wwrite 4 0x2008 4 0x45; stop; wwrite 4 0x2008 4 0x46; cont; restart; wwrite 4 0x2008 4 0x47")

CROSS(odd, .id = "cross.window-odd",
      .title = "lengths that are none of 1, 2 and 4, offsets that are not aligned or lead nowhere",
      .clause = "virtio-1.2/console/G-PC-06", .level = LEVEL_SHOULD,
      .script = UP
      "wread 4 0x2004 4; wread 4 0x2000 0; wread 4 0x2000 3; wread 4 0x2000 5; wread 4 0x2000 8; wread 4 0x2000 -1; wread 4 0x2000 0x40000000; hopen 0; wwrite 4 0x2008 3 0x41; wwrite 4 0x2008 0 0x41; wwrite 4 0x2008 8 0x41; wread 4 0x2005 4; wread 4 0x2007 2; wread 4 0x2007 1; wwrite 4 0x200a 4 0x48; wread 4 0x1000 1; wread 4 0x3ffc 4; wread 4 0x4000 1; wread 4 0x3fff 2; wread 4 0x8000 4; wread 4 -1 1; wread 4 0xfffffffc 4; wwrite 4 -1 1 1; wwrite 4 0x8000 4 7; wwrite 4 0x3fff 4 7; wread 4 0x40 4; wread 4 0xffc 4; wwrite 4 0x40 4 1; send 1 4; hsend 1 4")

CROSS(bars, .id = "cross.window-bars",
      .title = "the window's BAR field: the registers', another one, one that there is not",
      .clause = "virtio-1.2/console/G-PC-06", .level = LEVEL_SHOULD,
      .script = UP
      "wread 4 0x2004 4; wread 0 0x2004 4; wread 1 0x2004 4; wread 2 0x2004 4; wread 5 0x2004 4; wread 6 0x2004 4; wread 255 0x2004 4; hopen 0; wwrite 6 0x2008 4 0x41; wwrite 0 0x2008 4 0x42; wread 4 0x2004 4")

CROSS(selectors, .id = "cross.window-selectors",
      .title = "the feature selectors after a reset of the device, and of the machine",
      .clause = "virtio-1.2/console/G-RS-04, G-FT-01, G-PC-06", .level = LEVEL_MUST,
      .script =
	      "wwrite 4 0 4 1; wwrite 4 8 4 1; restart; wread 4 0 4; wread 4 8 4; wwrite 4 0 4 0; wwrite 4 8 4 2; wread 4 12 4; reset; wread 4 0 4; wread 4 8 4; wread 4 4 4; start; wread 4 8 4; reset; wread 4 8 4; unbind; wread 4 8 4; feat 1; reset; wread 4 0 4; feat 0; " UP
	      "send 1 4; hsend 1 4")
