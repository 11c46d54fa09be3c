// SPDX-License-Identifier: GPL-2.0-or-later
/* interrupt_plug.c - ports, controller and driver go and come back under a stream */
#include <stdlib.h>
#include <string.h>

#include "cases/streams/interrupt.h"

#define GUEST_MS 30000

static void plug_port(struct circuit *r, enum circuit_side side)
{
	char *port = circuit_port(&r->t->spec->variant, side);

	trial_plug(r->t, r->rig, port);
	circuit_await_node(r, side);
	free(port);
}

void interrupt_unplug_from(struct circuit *r)
{
	trial_unplug(r->t, r->rig, "from");
	if (circuit_is_port(&r->t->spec->variant)) {
		circuit_mark(r);
		circuit_await_gone(r, CIRCUIT_FROM);
	} else {
		/* A terminal that hung up is at its end of file. */
		circuit_drop_node(r, CIRCUIT_FROM);
	}
	plug_port(r, CIRCUIT_FROM);
	circuit_open_node(r, CIRCUIT_FROM);
}

/* The guest has no room from before it is unplugged on. */
void interrupt_unplug_full(struct circuit *r)
{
	circuit_brim(r);
	interrupt_unplug_from(r);
}

void interrupt_unplug_to(struct circuit *r)
{
	trial_unplug(r->t, r->rig, "to");
	circuit_drop_node(r, CIRCUIT_TO);
	circuit_brim(r);
	if (circuit_is_port(&r->t->spec->variant))
		circuit_mark(r);
	plug_port(r, CIRCUIT_TO);
	circuit_open_node(r, CIRCUIT_TO);
}

void interrupt_unplug_all(struct circuit *r)
{
	circuit_brim(r);
	trial_unplug(r->t, r->rig, "ser0");
	circuit_mark(r);
	circuit_drop_node(r, CIRCUIT_TO);
	circuit_drop_node(r, CIRCUIT_FROM);
	trial_plug(r->t, r->rig, CIRCUIT_CONTROLLER);
	plug_port(r, CIRCUIT_FROM);
	plug_port(r, CIRCUIT_TO);
	circuit_open_node(r, CIRCUIT_FROM);
	circuit_open_node(r, CIRCUIT_TO);
}

static int guest(struct circuit *r, struct buf *out, const char *line)
{
	struct guest *g = &r->t->rig.vm.guest;
	int status = guest_run(g, out, deadline_in(GUEST_MS), "%s", line);

	CHECK(r->t, status >= 0, "%s: in the guest: %s: %s", r->what, line, g->error.data);
	return status;
}

/* Debian's is a module up to 6.1, and built in from 6.12 on. */
static bool is_module(struct circuit *r)
{
	return guest(r, NULL, "test -e /sys/module/virtio_console/initstate") == 0;
}

/* It is refused, and disturbs nothing. */
void interrupt_driver_held(struct circuit *r)
{
	struct buf out = BUF_INIT;
	int status;

	if (!is_module(r))
		trial_skip(r->t, "the guest's kernel has its virtio_console built in");
	status = guest(r, &out, "rmmod virtio_console 2>&1");

	CHECK(r->t, status != 0, "%s: the driver was unloaded under open ports", r->what);
	CHECK(r->t, strstr(out.data, "Resource temporarily unavailable"),
	      "%s: rmmod of a driver that is in use says: %s", r->what, out.data);
	buf_release(&out);
}

static void must(struct circuit *r, const char *line)
{
	struct buf out = BUF_INIT;
	int status = guest(r, &out, line);

	CHECK(r->t, status == 0, "%s: in the guest: %s: status %d: %s", r->what, line, status,
	      out.data);
	buf_release(&out);
}

#define DRIVER "cd /sys/bus/virtio/drivers/virtio_console && "
#define UNBIND DRIVER "d=$(echo virtio*) && echo $d >/tmp/unbound && echo $d 2>&1 >unbind"
#define BIND   DRIVER "cat /tmp/unbound 2>&1 >bind"

/* One that is built in cannot go, but can be taken from its device, and given back. */
void interrupt_driver(struct circuit *r)
{
	bool module = is_module(r);

	circuit_brim(r);
	circuit_close_node(r, CIRCUIT_FROM);
	circuit_mark(r);
	circuit_close_node(r, CIRCUIT_TO);
	must(r, module ? "rmmod virtio_console 2>&1" : UNBIND);
	must(r, module ? "insmod /modules/virtio_console.ko 2>&1" : BIND);
	circuit_open_node(r, CIRCUIT_FROM);
	circuit_open_node(r, CIRCUIT_TO);
}

void interrupt_rebind(struct circuit *r)
{
	circuit_brim(r);
	must(r, UNBIND);
	circuit_mark(r);
	circuit_drop_node(r, CIRCUIT_FROM);
	circuit_drop_node(r, CIRCUIT_TO);
	must(r, BIND);
}

void interrupt_driver_unbound(struct circuit *r)
{
	interrupt_rebind(r);
	circuit_open_node(r, CIRCUIT_FROM);
	circuit_open_node(r, CIRCUIT_TO);
}
