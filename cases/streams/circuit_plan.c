// SPDX-License-Identifier: GPL-2.0-or-later
/* circuit_plan.c - what a stream runs through: devices, nodes, buffers */
#include <stdlib.h>

#include "cases/streams/circuit.h"

#define NAME_FROM "org.chardev-check.from"
#define NAME_TO	  "org.chardev-check.to"
#define LINKS	  "/dev/virtio-ports/"

/* So much of what is on its way that every buffer between the ends has its part of it. */
#define WINDOW_PORT (512U << 10)
/* A console drops what its backend does not take at once. hvc gives it 16 bytes at a time, and of
 * such pieces a unix socket holds no more than some 270 (each counts as 768 bytes). */
#define WINDOW_CONSOLE 2048
/* What the receiver of a UART that nobody reads holds is its FIFO; the rest waits in the socket. */
#define WINDOW_UART 512

bool circuit_is_port(const struct variant *v)
{
	return !variant_get(v, "device") || variant_is(v, "device", "virtserialport");
}

static bool is_uart(const struct variant *v)
{
	return variant_is(v, "device", "isa-serial");
}

char *circuit_port(const struct variant *v, enum circuit_side side)
{
	return xasprintf("%s,bus=ser0.0,nr=%d,chardev=%s,id=%s,name=%s",
			 circuit_is_port(v) ? "virtserialport" : "virtconsole",
			 side == CIRCUIT_FROM ? 1 : 2, side == CIRCUIT_FROM ? "ca" : "cb",
			 side == CIRCUIT_FROM ? "from" : "to",
			 side == CIRCUIT_FROM ? NAME_FROM : NAME_TO);
}

void circuit_plan(const struct variant *v, struct plan *plan)
{
	const char *backend = variant_get(v, "backend");
	enum chr_kind kind = CHR_UNIX;

	if (backend)
		chr_kind_parse(backend, &kind);
	plan_add_chr(plan, "ca", kind, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "cb", kind, CHR_QEMU_LISTENS);
	if (is_uart(v)) {
		plan->uart[0] = "ca";
		plan->uart[1] = "cb";
		plan->n_uarts = PLAN_UARTS;
		return;
	}
	strv_push(&plan->devices, CIRCUIT_CONTROLLER);
	for (int side = CIRCUIT_FROM; side <= CIRCUIT_TO; side++) {
		char *port = circuit_port(v, side);

		strv_push(&plan->devices, port);
		free(port);
	}
}

const char *circuit_node(const struct variant *v, enum circuit_side side)
{
	if (is_uart(v))
		return side == CIRCUIT_FROM ? "/dev/ttyS1" : "/dev/ttyS2";
	if (!circuit_is_port(v))
		return side == CIRCUIT_FROM ? "/dev/hvc0" : "/dev/hvc1";
	return side == CIRCUIT_FROM ? LINKS NAME_FROM : LINKS NAME_TO;
}

uint64_t circuit_window(const struct variant *v)
{
	if (is_uart(v))
		return WINDOW_UART;
	return circuit_is_port(v) ? WINDOW_PORT : WINDOW_CONSOLE;
}
