// SPDX-License-Identifier: GPL-2.0-or-later
/* cross_properties.c - controllers with other properties, side by side */
#include "harness/run/cross.h"

/* The plain topology, of a controller with these properties. */
#define TOPOLOGY(name, properties)                                                                 \
	static void name(const struct variant *v, struct target_config *config)                    \
	{                                                                                          \
		wire_config(v, config, properties);                                                \
		wire_port(config, 0, true, NULL);                                                  \
		wire_port(config, 1, false, WIRE_NAME);                                            \
	}

/* Every feature word, then a driver that takes what is offered, and bytes both ways. */
#define LOOK_AND_USE                                                                               \
	"feat 0; feat 1; feat 2; cfg 4 4; cfg 8 4; queue tx1; queue tx3; "                         \
	"start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; send 1 5; "                   \
	"send 1 9 split=4+5 indirect; hsend 1 5; irq tx1 1 0; send 1 3; irq tx1 2 1; send 1 3; "   \
	"send 1 3; ctl 1 OPEN 0; plug 2 serial org.two; restart"

#define PROPERTY(name, identifier, properties, what, ...)                                          \
	TOPOLOGY(with_##name, properties)                                                          \
	CROSS_ON(name, with_##name, .id = identifier, .title = what, .level = LEVEL_MUST,          \
		 .script = LOOK_AND_USE, __VA_ARGS__)

PROPERTY(no_event_idx, "cross.event-idx-off", "max_ports=4,event_idx=off",
	 "event_idx=off takes EVENT_IDX away, and nothing else",
	 .clause = "virtio-1.2/console/G-FT-10, G-NS-01, G-NS-02")

PROPERTY(no_indirect, "cross.indirect-off", "max_ports=4,indirect_desc=off",
	 "indirect_desc=off takes INDIRECT_DESC away, and nothing else",
	 .clause = "virtio-1.2/console/G-FT-10, G-IN-03")

PROPERTY(neither, "cross.event-idx-indirect-off", "max_ports=4,event_idx=off,indirect_desc=off",
	 "event_idx=off and indirect_desc=off take both away",
	 .clause = "virtio-1.2/console/G-FT-10, G-NS-01")

PROPERTY(no_reset, "cross.queue-reset-off", "max_ports=4,queue_reset=off",
	 "queue_reset=off takes RING_RESET away, and nothing else",
	 .clause = "virtio-1.2/console/G-FT-10, G-FT-03")

PROPERTY(no_layout, "cross.any-layout-off", "max_ports=4,any_layout=off,notify_on_empty=off",
	 "any_layout=off and notify_on_empty=off show in the legacy interface only",
	 .clause = "virtio-1.2/console/G-FT-10, G-NS-06, C-45")

PROPERTY(in_order, "cross.in-order-on", "max_ports=4,in_order=on",
	 "in_order=on offers IN_ORDER, and buffers are used in order",
	 .clause = "virtio-1.2/console/G-FT-10, G-IO-01, G-IO-02")

PROPERTY(no_emergency, "cross.emergency-off", "max_ports=4,emergency-write=off",
	 "emergency-write=off takes EMERG_WRITE and its field away",
	 .clause = "virtio-1.2/console/C-08, G-FT-10")

PROPERTY(vectors_none, "cross.vectors-0", "max_ports=4,vectors=0",
	 "without vectors interrupts come on the pin",
	 .clause = "virtio-1.2/console/G-PC-05, G-PC-07")

PROPERTY(vectors_one, "cross.vectors-1", "max_ports=4,vectors=1", "with one vector all share it",
	 .clause = "virtio-1.2/console/G-PC-07, G-PC-08")

PROPERTY(vectors_four, "cross.vectors-4", "max_ports=4,vectors=4",
	 "with four vectors there are four", .clause = "virtio-1.2/console/G-PC-07")

PROPERTY(page_per_vq, "cross.page-per-vq", "max_ports=4,page-per-vq=on",
	 "page-per-vq=on: each queue is kicked on a page of its own",
	 .clause = "virtio-1.2/console/G-PC-10, G-FT-10")

PROPERTY(pio_notify, "cross.pio-notify", "max_ports=4,modern-pio-notify=on",
	 "modern-pio-notify=on: queues can be kicked through I/O ports too",
	 .clause = "virtio-1.2/console/G-PC-10, G-FT-10")

PROPERTY(ports_two, "cross.max-ports-2", "max_ports=2",
	 "a controller for two ports has two, and no third",
	 .clause = "virtio-1.2/console/C-01, C-07, C-37")

PROPERTY(ports_33, "cross.max-ports-33", "max_ports=33", "a controller for 33 ports",
	 .clause = "virtio-1.2/console/C-01, C-07")

PROPERTY(ports_511, "cross.max-ports-511", "max_ports=511", "a controller for 511 ports",
	 .clause = "virtio-1.2/console/C-01, C-07")

static void single(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=1");
	wire_port(config, 0, true, NULL);
}

CROSS_ON(
	ports_one, single, .id = "cross.max-ports-1",
	.title = "a controller for one port has no MULTIPORT, and works",
	.clause = "virtio-1.2/console/C-05, C-07, U-25", .level = LEVEL_MUST,
	.script =
		"feat 0; feat 1; cfg 4 4; queue rx0; queue rx1; start; hopen 0; send 0 5; hsend 0 5; hclose 0; send 0 3; hopen 0; hsend 0 3; plug 1 serial org.one; restart; start; hsend 0 4; stop; cont; saveload 0; hsend 0 4; send 0 4; reset; start; send 0 4")
