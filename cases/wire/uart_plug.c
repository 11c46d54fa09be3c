// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * uart_plug.c - 16550A: PCI ones that go and come back, backends that are changed, stops at every
 * point; on QEMU and on the reference side by side
 *
 * An ISA one cannot go, which is told, and nothing happens to it.
 */
#include <string.h>

#include "harness/run/cross.h"

#define SHEET "PC16550D data sheet, "
#define CHAR  "qemu/hw/char/serial.c "
/* A bit takes half a second: no character timeout comes that is not asked for. */
#define SLOW "w 3 0x83; w 0 0xff; w 1 0xff; w 3 3; "
#define ALL  "r 0; r 1; r 2; r 3; r 4; r 5; r 6; r 7; "
/* Back, and as after power-on whatever uart.plugged says. */
#define BACK "cplug; reset; " SLOW

UART(plugged, .id = "uart.plugged",
     .title = "one that is plugged while the machine runs is as one that was there from the start",
     .clause = SHEET "table I",
     .uart = "cunplug; cplug; " ALL "w 3 0x80; r 0; r 1; w 3 0; " SLOW
	     "hopen 0; w 0 0x41; r 5; w 1 2; r 2; hsend 0 1; r 5; r 0")

UART(unplugged, .id = "uart.unplugged",
     .title = "one that goes takes its registers and its interrupt along; its hosts stay",
     .clause = "qemu/docs/specs/pci-serial.rst",
     .uart = SLOW "hopen 0; w 7 0x55; w 1 2; r 2; w 0 0x41; cunplug; r 7; r 5; w 7 0x66; w 0 0x42; "
		  "hsend 0 3; hclose 0; hopen 0; hsend 0 2; " BACK
		  "r 7; r 5; r 0; r 5; w 0 0x43; cunplug; hclose 0; " BACK
		  "hopen 0; hsend 0 1; r 0; w 0 0x44")

UART(unplugged_full, .id = "uart.unplugged-full",
     .title = "one that goes with bytes in its FIFOs, and input that waits behind them",
     .clause = CHAR "serial_unrealize()",
     .uart = SLOW "hopen 0; w 2 0xc7; w 1 5; hsend 0 40; r 5; r 2; cunplug; " BACK
		  "w 2 1; take 4; hsend 0 2; cunplug; hsend 0 3; " BACK
		  "take 3; w 0 0x41; break 0; "
		  "r 5; cunplug; break 0; " BACK "r 5")

static const char *stall_lacks(const struct variant *v, const struct caps *caps)
{
	if (strncmp(variant_get(v, "device"), "pci-", 4) == 0 &&
	    !caps_version_at_least(caps, 10, 0, 13))
		return "its serial_unrealize() leaves the watch for a stalled host behind, and the "
		       "machine ends when that reads on: serial_xmit() of what was freed (7.2.22, "
		       "10.0.2)";
	return uart_lacks(v, caps);
}

CASE(unplugged_stall, .id = "uart.unplugged-stall",
     .title = "one that goes while its host stalls: what it held is gone, what follows is not",
     .clause = CHAR "serial_unrealize()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = uart_axes, .possible = uart_possible, .lacks = stall_lacks, .wire = uart_topology,
     .uart = SLOW "hopen 0; w 2 1; stall 0; fill; w 0 1; w 0 2; r 5; cunplug; unstall 0; " BACK
		  "w 0 3; r 5; stall 0; fill; w 0 4; cunplug; hclose 0; " BACK
		  "w 0 5; hopen 0; w 0 6; stall 0; fill; cunplug; " BACK
		  "w 2 1; unstall 0; w 0 7; r 5")
{
	trial_uart(t);
}

UART(unplugged_stopped, .id = "uart.unplugged-stopped",
     .title = "one that goes, or comes, while the machine is stopped",
     .clause = CHAR "has no look at the machine's state",
     .uart = SLOW "hopen 0; w 2 1; hsend 0 3; stop; cunplug; r 5; hsend 0 2; cont; stop; " BACK
		  "r 5; cont; take 2; w 0 0x41; hsend 0 2; take 2; cunplug; stop; hclose 0; " BACK
		  "hopen 0; hsend 0 1; w 0 0x42; cont; take 1")

UART(swapped, .id = "uart.backend-changed",
     .title = "its backend is changed: who comes to the new one gets what is sent from then on",
     .clause = CHAR "serial_be_change()",
     .uart = SLOW
     "hopen 0; w 2 1; w 1 5; w 0 0x41; hsend 0 3; r 5; bswap 0; r 5; w 0 0x42; take 1; r 5; "
     "hopen 0; w 0 0x43; hsend 0 2; take 2; bswap 0; bswap 0; hopen 0; hsend 0 20; "
     "take 20; stop; bswap 0; hopen 0; w 0 0x44; hsend 0 1; cont; take 1; r 5")

UART(swapped_stall, .id = "uart.backend-changed-stall",
     .title = "its backend is changed while the host stalls: a reset lets it send again",
     .clause = CHAR "serial_be_change()",
     .uart = SLOW "hopen 0; w 2 1; stall 0; fill; w 0 1; bswap 0; r 5; w 0 2; r 5; hopen 0; w 0 3; "
		  "r 5; hsend 0 2; take 2; bswap 0; r 5; hopen 0; w 0 4; reset; r 5; w 0 5; r 5; "
		  "stall 0; fill; bswap 0; hopen 0; saveload 0; r 5; w 0 6; r 5")

UART(stop_walk, .id = "uart.stop-walk",
     .title = "a stop at every point: registers, received bytes, THRE, a break, a stalled host",
     .clause = CHAR "has no look at the machine's state",
     .uart = "stop; r 5; cont; w 3 0x83; stop; cont; w 0 0xff; w 1 0xff; stop; cont; r 0; w 3 3; "
	     "stop; hopen 0; cont; w 2 1; stop; w 1 2; cont; r 2; stop; r 2; cont; w 0 0x41; stop; "
	     "cont; r 2; w 1 5; stop; hsend 0 3; r 2; cont; r 2; take 1; stop; take 2; cont; r 5; "
	     "break 0; stop; r 2; cont; r 5; r 0; stop; break 0; cont; r 5; r 0; stall 0; stop; fill; "
	     "cont; w 0 1; stop; unstall 0; cont; r 5; stall 0; fill; stop; hclose 0; cont; r 5; "
	     "w 0 2; stop; hopen 0; w 0 3; cont; w 0 4; stop; w 4 0x10; w 0 5; cont; r 5; r 0")
