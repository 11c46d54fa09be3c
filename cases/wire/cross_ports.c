// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_ports.c - every control message in every state of a port, side by side */
#include "harness/run/cross.h"

/* All that a driver may say of port 1, and all that it may not. */
#define SAY_ALL                                                                                    \
	"ctl 1 PORT 1; ctl 1 PORT 0; ctl 1 OPEN 1; ctl 1 OPEN 0; ctl 1 ADD 1; ctl 1 REMOVE 1; "    \
	"ctl 1 CONSOLE 1; ctl 1 RESIZE 1; ctl 1 NAME 1; ctl 1 9 1; ctl -1 READY 0; "

CROSS(say_first, .id = "cross.say-before-ready", .title = "every message before DEVICE_READY",
      .clause = "virtio-1.2/console/C-15, C-31, C-34, U-06", .level = LEVEL_MUST,
      .script = "start; " SAY_ALL "ctl -1 READY 1; ctl 1 PORT 1")

CROSS(say_before_ok, .id = "cross.say-before-driver-ok",
      .title = "every message before DRIVER_OK: the port is open once it is there",
      .clause = "virtio-1.2/console/G-ST-02, C-15", .level = LEVEL_MUST,
      .script = "start no-ok; " SAY_ALL
		"ctl 1 OPEN 1; hopen 1; hsend 1 5; status 15; hsend 1 5; send 1 5")

CROSS(say_open, .id = "cross.say-open", .title = "every message to a port that is open",
      .clause = "virtio-1.2/console/C-28, C-31, C-34, U-06, U-21", .level = LEVEL_MUST,
      .script = "start; ctl -1 READY 1; ctl 1 PORT 1; hopen 1; ctl 1 OPEN 1; " SAY_ALL
		"ctl -1 READY 1; hsend 1 5; ctl 1 OPEN 1; send 1 5")

CROSS(say_closed, .id = "cross.say-closed",
      .title = "every message to a port that was open and is closed",
      .clause = "virtio-1.2/console/C-31, C-34, U-18", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 1 PORT 1; hopen 1; ctl 1 OPEN 1; ctl 1 OPEN 0; hsend 1 9; " SAY_ALL
	      "ctl 1 OPEN 1; send 1 5")

CROSS(say_gone, .id = "cross.say-unplugged", .title = "every message to a port that is gone",
      .clause = "virtio-1.2/console/U-05, U-26", .level = LEVEL_SHOULD,
      .script = "start; ctl -1 READY 1; ctl 1 PORT 1; hopen 1; ctl 1 OPEN 1; unplug 1; " SAY_ALL
		"send 1 5; plug 1 serial org.again; " SAY_ALL "hopen 1; ctl 1 OPEN 1; hsend 1 5")

CROSS(say_console, .id = "cross.say-console", .title = "every message to a console",
      .clause = "virtio-1.2/console/C-31, C-32, C-34", .level = LEVEL_MUST,
      .script =
	      "start; hopen 0; ctl 0 PORT 1; ctl 0 OPEN 1; ctl 0 OPEN 0; ctl 0 ADD 1; ctl 0 REMOVE 1; ctl 0 CONSOLE 1; ctl 0 RESIZE 1; ctl 0 NAME 1; ctl 0 PORT 0; hsend 0 5; ctl 0 OPEN 2; send 0 5; hclose 0; ctl 0 PORT 1; unplug 0; ctl 0 PORT 1; ctl 0 OPEN 1; send 0 5; plug 0 console; ctl 0 OPEN 1; hopen 0; hsend 0 3")

CROSS(consoles, .id = "cross.three-consoles", .title = "three consoles, each announced as one",
      .clause = "virtio-1.2/console/C-32, U-22", .level = LEVEL_MUST,
      .script =
	      "start; plug 3 console org.c; plug 2 console; ctl -1 READY 1; ctl 0 PORT 1; ctl 3 PORT 1; ctl 2 PORT 1; hopen 2; ctl 2 OPEN 1; hsend 2 4; send 2 4; hopen 3; send 3 4; cfgset 8 4 0x41")

CROSS(emergency_where, .id = "cross.emergency-where",
      .title = "which console an emergency write goes to, as consoles come and go",
      .clause = "virtio-1.2/console/C-19", .level = LEVEL_SHOULD,
      .script =
	      "plug 2 console; hopen 2; cfgset 8 4 0x41; hopen 0; cfgset 8 4 0x42; unplug 0; cfgset 8 4 0x43; unplug 2; cfgset 8 4 0x44; plug 0 console; hopen 0; cfgset 8 4 0x45")

CROSS(order_of_ports, .id = "cross.port-order",
      .title = "ports are announced in the order in which they were plugged",
      .clause = "virtio-1.2/console/U-22, C-23", .level = LEVEL_SHOULD,
      .script =
	      "plug 3 serial org.three; plug 2 serial org.two; start; ctl -1 READY 1; unplug 1; plug 1 serial org.last; ctl -1 READY 1; ctl 1 PORT 1")

CROSS(value_ignored, .id = "cross.large-values", .title = "values and ids with high bits",
      .clause = "virtio-1.2/console/C-26, U-05, U-08", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl -1 READY 0x8000; ctl 1 PORT 0x100; ctl 1 OPEN 0x8000; ctl 1 OPEN 0x100; ctl 0x10001 PORT 1; ctl 0x100 OPEN 1; ctl 1 0x103 1; ctl 1 0x306 1")

CROSS(two_messages, .id = "cross.messages-at-once",
      .title = "messages of every length in a row, then a good one",
      .clause = "virtio-1.2/console/U-01, U-02, C-26", .level = LEVEL_SHOULD,
      .script =
	      "start; ctlraw 00; ctlraw 0000; ctlraw 000000; ctlraw 00000000; ctlraw 0000000000; ctlraw 000000000000; ctlraw 00000000000001; ctlraw ffffffff00000100; ctlraw 010000000300010001; ctlraw 0100000006000100 6+2; ctlraw 010000000600000001000000 8+4")

CROSS(crx_sizes, .id = "cross.control-buffer-sizes",
      .title = "names into control buffers of every size around their length",
      .clause = "virtio-1.2/console/U-09, C-35, G-SR-04", .level = LEVEL_SHOULD,
      .script =
	      "start ctl=1; ctl 7 PORT 1; ctl -1 READY 0; post crx 1 8; kick crx; ctl 1 PORT 1; post crx 1 9; kick crx; ctl 1 PORT 1; post crx 1 20; kick crx; ctl 1 PORT 1; post crx 1 21; kick crx; ctl 1 PORT 1; post crx 1 22; kick crx; ctl 1 PORT 1; post crx 1 23; kick crx; ctl 1 PORT 1; post crx 1 1; kick crx; ctl 1 PORT 1")

/* Port 1 and 39 more, of which nobody hears; the ring for control messages holds 32. */
static void forty(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=64");
	for (unsigned nr = 1; nr <= 40; nr++) {
		wire_port(config, nr, false, NULL);
		config->ports[config->n_ports - 1].no_chardev = nr > 1;
	}
}

CROSS_ON(
	more_ports, forty, .id = "cross.more-ports-than-buffers",
	.title = "forty ports are announced into 32, then into one control buffer after the other",
	.clause = "virtio-1.2/console/C-23, U-10, U-11, U-22", .level = LEVEL_MUST,
	.script =
		"start ctl=32; ctl -1 READY 1; post crx 8 64; kick crx; ctl 40 PORT 1; ctl 1 PORT 1; hopen 1; post crx 1 64; kick crx; post crx 1 64; kick crx; start ctl=1; ctl -1 READY 1; hclose 1; post crx 3 64; kick crx; hopen 1; ctl 1 OPEN 1; send 1 4; hsend 1 4")
