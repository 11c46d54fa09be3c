// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_control.c - control messages, on QEMU and on the reference side by side */
#include "harness/run/cross.h"

CROSS(ready_value, .id = "cross.ready-value", .title = "DEVICE_READY of any value but 0 is success",
      .clause = "virtio-1.2/console/C-28", .level = LEVEL_MUST,
      .script = "start; ctl -1 READY 0; ctl -1 READY 2; ctl -1 READY 0xffff")

CROSS(ready_id, .id = "cross.ready-id", .title = "DEVICE_READY's id means nothing",
      .clause = "virtio-1.2/console/C-28, U-07", .level = LEVEL_MUST,
      .script = "start; ctl 0 READY 1; ctl 5 READY 1")

CROSS(ready_twice, .id = "cross.ready-twice",
      .title = "a second DEVICE_READY is answered in the known way",
      .clause = "virtio-1.2/console/C-36", .level = LEVEL_MUST,
      .script = "start; ctl -1 READY 1; ctl -1 READY 1; ctl 1 PORT 1; ctl -1 READY 1")

CROSS(before_ready, .id = "cross.before-ready",
      .title = "what the device says before DEVICE_READY is known",
      .clause = "virtio-1.2/console/C-15, C-38", .level = LEVEL_MUST,
      .script = "start; hopen 1; plug 2 serial org.two; unplug 2; hclose 1; ctl -1 READY 1")

CROSS(before_ok, .id = "cross.before-driver-ok",
      .title = "what the device does before DRIVER_OK is known",
      .clause = "virtio-1.2/console/C-15, G-ST-02, G-LG-06", .level = LEVEL_MUST,
      .script =
	      "start no-ok; ctl -1 READY 1; ctl 1 PORT 1; hopen 1; send 1 10; plug 2 serial org.two; hsend 1 10; ctl 1 OPEN 1; status 15; hsend 1 10")

CROSS(options, .id = "cross.options",
      .title = "PORT_READY brings CONSOLE_PORT, PORT_NAME and PORT_OPEN, in this order",
      .clause = "virtio-1.2/console/C-16, C-31, C-35", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 0 PORT 1; ctl 1 PORT 1; hopen 1; ctl 1 PORT 1; hclose 1; ctl 1 PORT 1; plug 2 console org.two; ctl 2 PORT 1")

CROSS(ready_zero, .id = "cross.port-ready-zero", .title = "PORT_READY 0 brings nothing",
      .clause = "virtio-1.2/console/C-31", .level = LEVEL_MUST,
      .script = "start; ctl -1 READY 1; ctl 1 PORT 0; ctl 0 PORT 0; ctl 1 PORT 1")

CROSS(ready_unasked, .id = "cross.port-ready-unasked",
      .title = "PORT_READY without PORT_ADD, and repeated, is answered each time",
      .clause = "virtio-1.2/console/C-31", .level = LEVEL_MUST,
      .script = "start; ctl 1 PORT 1; ctl 1 PORT 1; ctl 0 PORT 1; ctl -1 READY 1; ctl 1 PORT 1")

CROSS(open_values, .id = "cross.open-values",
      .title = "PORT_OPEN of any value but 0 opens, repeated or not",
      .clause = "virtio-1.2/console/C-34, U-08, U-21", .level = LEVEL_MUST,
      .script =
	      "start; ctl 1 OPEN 1; ctl 1 OPEN 2; ctl 1 OPEN 0; ctl 1 OPEN 0; ctl 1 OPEN 0xffff; ctl 0 OPEN 1; ctl 0 OPEN 0")

CROSS(unknown_port, .id = "cross.unknown-port",
      .title = "messages for ports that are not there have no effect but a line in the log",
      .clause = "virtio-1.2/console/U-05", .level = LEVEL_SHOULD,
      .script =
	      "start; ctl 2 PORT 1; ctl 3 OPEN 1; ctl 4 PORT 1; ctl 600 OPEN 1; ctl -1 OPEN 1; ctl 0x80000001 PORT 1; ctl 1 PORT 1")

CROSS(device_only, .id = "cross.device-only",
      .title = "events that only a device sends are ignored", .clause = "virtio-1.2/console/U-06",
      .level = LEVEL_SHOULD,
      .script =
	      "start; ctl 1 ADD 1; ctl 1 REMOVE 1; ctl 1 CONSOLE 1; ctl 1 NAME 1; ctl 1 RESIZE 1; ctl 1 PORT 1")

CROSS(unknown_event, .id = "cross.unknown-event", .title = "unknown events are ignored",
      .clause = "virtio-1.2/console/U-04", .level = LEVEL_SHOULD,
      .script = "start; ctl 1 8 1; ctl 1 255 1; ctl 1 0xffff 0; ctl 1 PORT 1")

CROSS(short_message, .id = "cross.short-message",
      .title = "a message of less than 8 bytes is returned and has no effect",
      .clause = "virtio-1.2/console/U-01", .level = LEVEL_SHOULD,
      .script = "start; ctlraw 01; ctlraw 01000000; ctlraw 01000000030001; ctl 1 PORT 1")

CROSS(long_message, .id = "cross.long-message",
      .title = "of a message longer than 8 bytes the first 8 count",
      .clause = "virtio-1.2/console/U-02", .level = LEVEL_SHOULD,
      .script =
	      "start; ctlraw 0100000003000100ff; ctlraw 01000000030001000000000003000100; ctl 1 PORT 1")

CROSS(split_message, .id = "cross.split-message",
      .title = "a message is understood however it is cut into descriptors",
      .clause = "virtio-1.2/console/C-45, G-SR-01", .level = LEVEL_MUST,
      .script =
	      "start; ctlraw 0100000003000100 4+4; ctlraw 0100000003000100 1+1+1+1+1+1+1+1; ctlraw 0100000003000100 7+1; ctlraw 0100000003000100 3+5; ctlraw 0100000006000100 2+4+2")

CROSS(writable_message, .id = "cross.writable-message",
      .title = "a message in a buffer for the device to write is returned",
      .clause = "virtio-1.2/console/U-03", .level = LEVEL_SHOULD,
      .script = "start no-in-order no-packed; chain ctx w8; chain ctx w8 w8; chain ctx r8 w8")

CROSS(short_buffers, .id = "cross.short-buffers",
      .title = "what becomes of a message that is longer than its buffer is known",
      .clause = "virtio-1.2/console/U-09, G-SR-04", .level = LEVEL_SHOULD,
      .script =
	      "start ctl=1; post crx 1 4; post crx 1 8; post crx 2 64; kick crx; ctl -1 READY 1; ctl 1 PORT 1")

CROSS(no_buffers, .id = "cross.no-buffers",
      .title = "what becomes of messages without a buffer is known",
      .clause = "virtio-1.2/console/U-10, U-11", .level = LEVEL_SHOULD,
      .script = "start ctl=1; ctl -1 READY 1; ctl 1 PORT 1; post crx 8 64; kick crx; ctl 1 PORT 1")

CROSS(few_buffers, .id = "cross.few-buffers", .title = "more messages than buffers",
      .clause = "virtio-1.2/console/U-10", .level = LEVEL_SHOULD,
      .script =
	      "start ctl=2; plug 2 serial org.two; plug 3 serial org.three; ctl -1 READY 1; post crx 16 64; kick crx; ctl -1 READY 1; ctl 3 PORT 1")

CROSS(name_nul, .id = "cross.name",
      .title = "PORT_NAME is the name, with or without a NUL as is known",
      .clause = "virtio-1.2/console/C-35", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; plug 2 serial a; plug 3 serial org.chardev-check.a.longer.name.with.more.than.sixty.four.bytes.of.text; ctl 2 PORT 1; ctl 3 PORT 1")

CROSS(hotplug, .id = "cross.hotplug",
      .title = "a port that comes is added, one that goes is removed",
      .clause = "virtio-1.2/console/C-23, C-30", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; plug 2 serial org.two; ctl 2 PORT 1; ctl 2 OPEN 1; hopen 2; unplug 2; plug 2 console; ctl 2 PORT 1; unplug 0; plug 0 console; ctl 0 PORT 1")

CROSS(plug_refused, .id = "cross.plug-refused",
      .title =
	      "a port whose number or name is taken or impossible is refused, and the driver hears nothing",
      .clause = "virtio-1.2/console/C-37, U-23", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; plug 4 serial org.four; plug 1 serial org.other; plug 0 serial org.zero; plug 2 serial org.test.wire; plug 2 serial org.two")

CROSS(host_end, .id = "cross.host-end",
      .title = "a serial port's host end that opens or closes is told, a console's is not",
      .clause = "virtio-1.2/console/C-34", .level = LEVEL_MUST,
      .script =
	      "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 0 PORT 1; hopen 1; hopen 0; hclose 0; hclose 1; hopen 1")

CROSS(ctl_kick, .id = "cross.empty-kick", .title = "a kick of a queue without buffers",
      .clause = "virtio-1.2/console/G-NS-05, U-20, H-24", .level = LEVEL_MUST,
      .script = "start; kick ctx; kick tx1; kick crx; kick rx1; kick tx0; send 1 4; kick tx1")
