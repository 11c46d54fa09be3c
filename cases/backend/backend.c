// SPDX-License-Identifier: GPL-2.0-or-later
/* backend.c - a device on a backend whose options are what is tested */
#include "cases/backend/backend.h"

#include <string.h>

#define NODE_MS 8000
#define PORT	"org.chardev-check.port.0"
#define LINK	"/dev/virtio-ports/" PORT

static const struct {
	const char *device, *node;
	uint64_t bytes;
} places[] = {
	{"virtserialport", LINK, 20001},
	{"virtconsole", "/dev/hvc0", 4001},
	{"isa-serial", "/dev/ttyS1 --baud 115200", 200},
	{"isa-debugcon", NULL, 0},
};

static size_t place(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "device", places[i].device))
		i++;
	return i;
}

void backend_add_device(const struct variant *v, struct plan *plan, const char *id)
{
	const char *device = variant_get(v, "device");

	if (strcmp(device, "isa-serial") == 0) {
		plan->uart[0] = id;
		plan->n_uarts = PLAN_UARTS;
	} else if (strcmp(device, "isa-debugcon") == 0) {
		/* A saved state has no place for one, so it can be added when it is restored. */
		strv_push(&plan->args, "-device");
		strv_pushf(&plan->args, "isa-debugcon,chardev=%s", id);
	} else {
		strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
		strv_pushf(&plan->devices, "%s,bus=ser0.0,chardev=%s,id=port0,name=" PORT, device,
			   id);
	}
}

const char *backend_node(const struct variant *v)
{
	return places[place(v)].node;
}

uint64_t backend_bytes(const struct variant *v)
{
	return places[place(v)].bytes;
}

/* A console's link comes after its terminal. */
void backend_await_node(struct trial *t)
{
	const struct variant *v = &t->spec->variant;

	trial_rig(t);
	if (variant_is(v, "device", "virtserialport") || variant_is(v, "device", "virtconsole"))
		helper_finish(helper_start(t, "wait-path " LINK " --timeout-ms %d", NODE_MS),
			      2 * NODE_MS);
}
