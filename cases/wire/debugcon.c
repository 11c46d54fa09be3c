// SPDX-License-Identifier: GPL-2.0-or-later
/* debugcon.c - isa-debugcon without a guest */
#include "harness/run/wire.h"

#define E9 0xe9 /* both the port and what it reads: hw/char/debugcon.c, debugcon_isa_properties */

static void default_topology(const struct variant *v, struct target_config *config)
{
	config->uart = variant_get(v, "device");
	wire_port(config, 0, false, NULL);
}

static void moved_topology(const struct variant *v, struct target_config *config)
{
	default_topology(v, config);
	config->properties = "iobase=0x402,readback=0x5a";
}

static const char *const axes[] = {"device", NULL};

/* It reads @readback whatever was written, and each byte written arrives. */
static void check(struct trial *t, uint16_t port, uint8_t readback)
{
	static const uint8_t bytes[] = {0x00, 0x41, 0xff, 0xe9, 0x0a};
	struct target *target = trial_wire(t);

	CHECK(t, target_in8(target, port) == readback, "port 0x%x reads 0x%02x, want 0x%02x", port,
	      target_in8(target, port), readback);
	target_out8(target, port, 'x'); /* nobody listens yet: it is gone */
	CHECK(t, target_host_open(target, 0), "the host end: %s", target->refusal.data);
	CHECK(t, target_settle(target), "QEMU does not come to rest");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		target_out8(target, port, bytes[i]);
		CHECK(t, target_in8(target, port) == readback,
		      "after 0x%02x port 0x%x reads 0x%02x, want 0x%02x", bytes[i], port,
		      target_in8(target, port), readback);
	}
	wire_host_gets(t, 0, bytes, sizeof(bytes));
	target_out8(target, port + 1, 'n');
	target_out8(target, port - 1, 'n');
	wire_host_quiet(t, 0);
}

CASE(debugcon_default, .id = "debugcon.readback",
     .title = "port 0xe9 reads 0xe9, and what is written there arrives, byte by byte",
     .clause = "qemu/qemu-options.hx -debugcon; qemu/hw/char/debugcon.c", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = axes, .wire = default_topology)
{
	check(t, E9, E9);
}

CASE(debugcon_moved, .id = "debugcon.moved",
     .title = "iobase= and readback= move the port, and change what it reads",
     .clause = "qemu/hw/char/debugcon.c debugcon_isa_properties", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = axes, .wire = moved_topology)
{
	CHECK(t, target_in8(trial_wire(t), E9) == 0xff, "there is something at port 0xe9");
	check(t, 0x402, 0x5a);
}
