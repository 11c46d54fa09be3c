// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cross_express.c - a controller behind a PCI Express root port, function level resets of it, and
 * its power states, side by side
 */
#include "harness/run/cross.h"

/* Port 1 is open at both ends. */
#define UP "start; ctl -1 READY 1; ctl 1 PORT 1; ctl 1 OPEN 1; hopen 1; "

static bool express_possible(const struct variant *v)
{
	return cross_possible(v) && (variant_is(v, "transport", "pci-modern") ||
				     variant_is(v, "transport", "pci-transitional") ||
				     variant_is(v, "transport", "pci-legacy"));
}

static void behind_root_port(const struct variant *v, struct target_config *config)
{
	wire_topology_plain(v, config);
	config->express = true;
}

/* It says that it needs no reset after D3hot. */
static void no_soft_reset(const struct variant *v, struct target_config *config)
{
	behind_root_port(v, config);
	config->properties = xasprintf("%s,x-pcie-pm-no-soft-reset=on", config->properties);
}

/* A device with a legacy interface only is no PCI Express device: it has no such reset, and no
 * power states. */
#define EXPRESS(name, ...) EXPRESS_ON(name, behind_root_port, __VA_ARGS__)
#define EXPRESS_ON(name, topology, ...)                                                            \
	CASE(name, .needs = NEEDS_QEMU, .axes = cross_axes, .possible = express_possible,          \
	     .lacks = wire_lacks, .wire = topology, .level = LEVEL_MUST, __VA_ARGS__)              \
	{                                                                                          \
		trial_cross(t);                                                                    \
	}

EXPRESS(flr, .id = "cross.flr",
	.title = "a function level reset is one of the device, and its hosts stay",
	.clause = "virtio-1.2/console/G-PC-12, G-ST-01, G-RS-01, G-RS-02, G-RS-03",
	.script = "flr; " UP
		  "send 1 4; hsend 1 4; flr; queue tx1; feat 0; hsend 1 5; start; ctl 1 OPEN 1; "
		  "hsend 1 3; send 1 3; reset; flr; hclose 1; " UP "send 1 2")

EXPRESS(flr_early, .id = "cross.flr-early",
	.title = "a function level reset at every point of the handshake",
	.clause = "virtio-1.2/console/G-PC-12, G-RS-01",
	.script = "status 3; flr; start no-ok; flr; start; flr; start; ctl -1 READY 1; flr; start; "
		  "ctl 1 PORT 1; flr; start; ctl 1 OPEN 1; flr; flr; " UP "send 1 4; hsend 1 4")

EXPRESS(flr_held, .id = "cross.flr-held",
	.title = "a function level reset while bytes are held, or wait for either end",
	.clause = "virtio-1.2/console/G-PC-12, G-RS-01, G-RS-03, G-RS-05, U-14, U-16",
	.script = UP
	"stall 1; send 1 400000; send 1 400000; flr; hclose 1; hopen 1; start; ctl 1 OPEN 1; "
	"send 1 9; hsend 1 9; start no-rx; ctl 1 OPEN 1; hsend 1 30; send 1 5 no-kick; flr; "
	"start; ctl 1 OPEN 1; kick tx1; send 1 4")

EXPRESS(flr_stopped, .id = "cross.flr-stopped",
	.title = "a function level reset while the machine is stopped, or the device is broken",
	.clause = "virtio-1.2/console/G-PC-12, G-RS-03",
	.script = UP
	"stop; flr; hsend 1 5; cont; start; ctl 1 OPEN 1; hsend 1 4; "
	"start no-packed no-in-order; ctl 1 OPEN 1; chain tx1 r0; flr; start; ctl 1 OPEN 1; "
	"hsend 1 4; mask 1; hsend 1 4; flr; start; ctl 1 OPEN 1; unmask 1; master 0; flr; " UP
	"send 1 4")

EXPRESS(flr_moves, .id = "cross.flr-migrate",
	.title = "a function level reset before and after a move",
	.clause = "virtio-1.2/console/G-PC-12, G-RS-01",
	.script = UP "flr; saveload 1; " UP "send 1 4; saveload 1; flr; start; ctl 1 OPEN 1; "
		     "send 1 4; hsend 1 4")

EXPRESS(goes, .id = "cross.express-controller",
	.title = "the controller behind a root port goes, and comes back",
	.clause = "virtio-1.2/console/G-PC-12, G-ST-01, C-23, C-30",
	.script = "cunplug; flr; cplug; " UP
		  "send 1 4; hsend 1 4; cunplug; cunplug; hsend 1 5; cplug; flr; hclose 1; " UP
		  "send 1 3; stall 1; send 1 400000; cunplug; unstall 1; cplug; reset; " UP
		  "send 1 2; hsend 1 2")

EXPRESS(power, .id = "cross.power",
	.title = "in D3hot a function answers configuration requests only, and goes on after it",
	.clause = "virtio-1.2/console/G-PC-13, C-20, C-21",
	.script =
		"pm 0; pm 3; start; pm 0; " UP
		"send 1 3; hsend 1 3; pm 1; send 1 2; pm 2; pm 0; pm 3; pm 1; pm 2; pm 3; "
		"hsend 1 4; send 1 4; kick tx1; feat 0; cfg 4 4; mask 0; wread 4 0x14 1; "
		"hclose 1; plug 2 serial org.two; stop; cont; pm 0; queue tx1; hopen 1; send 1 3; "
		"hsend 1 3; ctl 2 OPEN 1; start; ctl 1 OPEN 1; send 1 2; hsend 1 2")

EXPRESS(power_reset, .id = "cross.power-reset",
	.title = "resets, moves and the end of a controller in D3hot",
	.clause = "virtio-1.2/console/G-PC-13, G-PC-12, G-RS-01, G-RS-03",
	.script = UP "pm 3; reset; pm 0; " UP
		     "send 1 2; pm 3; flr; hsend 1 2; pm 0; start; ctl 1 OPEN 1; send 1 3; pm 3; "
		     "restart; pm 0; unbind; pm 3; pm 0; " UP "pm 3; saveload 1; pm 0; send 1 3; "
		     "hsend 1 3; pm 3; cunplug; cplug; pm 0; " UP "send 1 2; hsend 1 2")

EXPRESS_ON(power_kept, no_soft_reset, .id = "cross.power-kept",
	   .title = "a function that says No_Soft_Reset goes on after D3hot where it was",
	   .clause = "virtio-1.2/console/G-PC-13, G-RS-01",
	   .script = UP "send 1 3; pm 3; hsend 1 3; pm 0; send 1 2; hsend 1 2; pm 3; reset; "
			"pm 0; hsend 1 3; " UP "send 1 2; pm 3; flr; pm 0; " UP
			"send 1 3; hsend 1 3; pm 3; saveload 1; reset; " UP "send 1 2; hsend 1 2")
