// SPDX-License-Identifier: GPL-2.0-or-later
/* circuit_plan.c - what a stream runs through: devices, nodes, buffers */
#include <stdlib.h>
#include <string.h>

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

/**
 * struct through - A device that a stream goes through, twice
 * @nodes:	in the guest; ttyS0 to ttyS3 are a PC's COM ports, there or not
 * @controller:	what it is plugged into; NULL: nothing, and an isa-serial is not plugged at all
 * @flavour, @append: as in struct plan
 * @text:	as behind -device, without its backend and id
 */
static const struct through {
	const char *device, *nodes[2];
	uint64_t window;
	const char *controller, *flavour, *append, *text[2];
} throughs[] = {
	{"virtserialport",
	 {LINKS NAME_FROM, LINKS NAME_TO},
	 WINDOW_PORT,
	 CIRCUIT_CONTROLLER,
	 NULL,
	 NULL,
	 {"bus=ser0.0,nr=1,name=" NAME_FROM, "bus=ser0.0,nr=2,name=" NAME_TO}},
	{"virtconsole",
	 {"/dev/hvc0", "/dev/hvc1"},
	 WINDOW_CONSOLE,
	 CIRCUIT_CONTROLLER,
	 NULL,
	 NULL,
	 {"bus=ser0.0,nr=1,name=" NAME_FROM, "bus=ser0.0,nr=2,name=" NAME_TO}},
	{"isa-serial", {"/dev/ttyS1", "/dev/ttyS2"}, WINDOW_UART, NULL, NULL, NULL, {NULL, NULL}},
	{"pci-serial",
	 {"/dev/ttyS4", "/dev/ttyS5"},
	 WINDOW_UART,
	 NULL,
	 NULL,
	 "8250.nr_uarts=8",
	 {"addr=0x5", "addr=0x6"}},
	{"usb-serial",
	 {"/dev/ttyUSB0", "/dev/ttyUSB1"},
	 WINDOW_UART,
	 "qemu-xhci,id=usb0",
	 "generic",
	 NULL,
	 {"bus=usb0.0,port=1,always-plugged=on", "bus=usb0.0,port=2,always-plugged=on"}},
};

static const char *const ids[] = {"ca", "cb"}, *const next_ids[] = {"da", "db"};

/* NULL: a stream does not go through such a device. */
static const struct through *through(const struct variant *v)
{
	const char *device = variant_get(v, "device");

	for (size_t i = 0; i < sizeof(throughs) / sizeof(*throughs); i++)
		if (!device || strcmp(throughs[i].device, device) == 0)
			return &throughs[i];
	return NULL;
}

bool circuit_is_port(const struct variant *v)
{
	return through(v) && through(v)->window == WINDOW_PORT;
}

bool circuit_is_uart(const struct variant *v)
{
	return through(v) && through(v)->window == WINDOW_UART;
}

static char *port(const struct variant *v, enum circuit_side side, const char *id)
{
	const struct through *d = through(v);

	return xasprintf("%s,%s,chardev=%s,id=%s", d->device, d->text[side], id,
			 side == CIRCUIT_FROM ? "from" : "to");
}

char *circuit_port(const struct variant *v, enum circuit_side side)
{
	return port(v, side, ids[side]);
}

static void plan_on(const struct variant *v, struct plan *plan, const char *const *on)
{
	const struct through *d = through(v);
	const char *backend = variant_get(v, "backend");
	enum chr_kind kind = CHR_UNIX;

	if (backend)
		chr_kind_parse(backend, &kind);
	plan->flavour = d->flavour;
	plan->append = d->append;
	if (d->controller)
		strv_push(&plan->devices, d->controller);
	for (int side = CIRCUIT_FROM; side <= CIRCUIT_TO; side++) {
		char *device = d->text[side] ? port(v, side, on[side]) : NULL;

		plan_add_chr(plan, on[side], kind, CHR_QEMU_LISTENS);
		if (device)
			strv_push(&plan->devices, device);
		else
			plan->uart[side] = on[side];
		free(device);
	}
	if (!d->text[CIRCUIT_FROM])
		plan->n_uarts = PLAN_UARTS;
}

void circuit_plan(const struct variant *v, struct plan *plan)
{
	plan_on(v, plan, ids);
}

void circuit_plan_next(const struct variant *v, struct plan *plan)
{
	plan_on(v, plan, next_ids);
}

const char *circuit_node(const struct variant *v, enum circuit_side side)
{
	return through(v)->nodes[side];
}

void circuit_await_node(struct circuit *r, enum circuit_side side)
{
	const char *node = side == CIRCUIT_FROM ? r->from : r->to;
	char *line = xasprintf("until [ $(cat /sys/class/tty/%s/type) != 0 ]; do usleep 5000; done",
			       strrchr(node, '/') + 1);

	if (trial_is(r->t, "device", "pci-serial"))
		free(trial_guest_in(r->t, r->rig, line));
	free(line);
}

uint64_t circuit_window(const struct variant *v)
{
	return through(v)->window;
}
