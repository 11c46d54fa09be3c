/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * target_uart.h - the reference 16550A as a target: one, two or four of them at the ports where the
 * player puts QEMU's; there is no PCI configuration space, for what is written to it is not needed
 */
#ifndef WIRE_TARGET_UART_H
#define WIRE_TARGET_UART_H

#include "harness/refdev/uart.h"
#include "harness/virtio/target.h"

#define TARGET_UARTS 4

/**
 * struct target_uart_end - A UART and its host
 * @out:	for the host, not read yet; what does not fit is refused
 * @in:		from the host, not taken by the UART yet
 */
struct target_uart_end {
	struct target_uart *machine;
	struct uart uart;
	bool open;
	struct buf out, in;
};

/** struct target_uart - The machine. @raised: how often its interrupt line has risen; @stopped: no
 * time passes, and nothing else: QEMU's UARTs look at their backends all the same; @gone: it was
 * unplugged */
struct target_uart {
	struct target base;
	struct target_uart_end ends[TARGET_UARTS];
	unsigned n, raised;
	bool level, stopped, gone;
};

/** target_uart_start() - Power on with @config (one with a .uart) */
void target_uart_start(struct target_uart *t, const struct target_config *config, unsigned quirks,
		       enum uart_fault fault);
/** target_uart_seen() - The quirks that mattered */
unsigned target_uart_seen(const struct target_uart *t);

#endif
