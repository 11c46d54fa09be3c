// SPDX-License-Identifier: GPL-2.0-or-later
/* devices.c - consoles and UARTs move with their guest; what cannot move says so */
#include <stdlib.h>

#include "cases/streams/circuit.h"
#include "cases/streams/move.h"

#define OPEN_MS 10000
#define UNREAD	512 /* less than a terminal of the guest holds */

/* Hosts that connect anew lose what lies in their old sockets: nothing does by now. */
static void leave_bytes(struct circuit *r)
{
	circuit_flow(r, 4 * r->window);
	circuit_settle(r, 0);
	circuit_stop(r);
	circuit_pour(r, UNREAD);
}

static struct chr *connect(struct circuit *r, const char *id)
{
	struct chr *c = rig_chr(r->rig, id);
	struct buf why = BUF_INIT;

	CHECK(r->t, chr_open(c, deadline_in(OPEN_MS), &why), "%s", why.data);
	return c;
}

CASE(migration_devices, .id = "migration.devices",
     .title = "a console or a UART moves with its guest: who has it open goes on, with hosts that "
	      "connect anew; what the guest had not read arrives, and all that follows, once and "
	      "in order",
     .clause = "qemu/hw/char/serial.c vmstate_serial; hw/char/virtio-serial-bus.c "
	       "virtio_serial_save_device()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "moves", NULL}, .plan = circuit_plan)
{
	struct rig *from = trial_rig(t), *to;
	struct plan plan = {.machine = t->plan.machine};
	struct circuit r = {.t = t, .rig = from};
	struct buf why = BUF_INIT;

	circuit_start_apart(&r, t, connect(&r, "ca"), connect(&r, "cb"));
	leave_bytes(&r);
	strv_pushl(&plan.args, "-incoming", "defer", NULL);
	circuit_plan_next(&t->spec->variant, &plan);
	to = trial_successor(t, &plan, t->session->caps);
	move_between(t, from, to, NULL, NULL);
	r.rig = to;
	r.what = "after the move";
	chr_close(r.a);
	chr_close(r.b);
	r.a = connect(&r, "da");
	r.b = connect(&r, "db");
	CHECK(t, vm_ssh(&to->vm, &why), "%s", why.data);
	circuit_let_go(&r);
	circuit_flow(&r, 4 * r.window);
	circuit_settle(&r, 0);
	circuit_finish(&r, false);
	circuit_release(&r);
}
