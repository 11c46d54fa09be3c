// SPDX-License-Identifier: GPL-2.0-or-later
/* devices.c - consoles and UARTs move with their guest, or keep it where it is */
#include <stdlib.h>
#include <string.h>

#include "cases/streams/interrupt.h"
#include "cases/streams/move.h"

#define QMP_MS 5000
#define UNREAD 512 /* less than a terminal of the guest holds */

/* Hosts that connect anew lose what lies in their old sockets: nothing does by now. */
static void leave_bytes(struct circuit *r)
{
	circuit_flow(r, 4 * r->window);
	circuit_settle(r, false);
	circuit_stop(r);
	circuit_pour(r, UNREAD);
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
	struct rig *to;
	struct plan plan = {.machine = t->plan.machine};
	struct circuit r;
	struct buf why = BUF_INIT;

	if (trial_is(t, "device", "pci-serial") &&
	    caps_version_at_least(t->session->caps, 11, 0, 0))
		trial_skip(t, "no QEMU takes the state of a pci-serial that was plugged: see "
			      "uart.plugged");
	interrupt_start(&r, t);
	leave_bytes(&r);
	strv_pushl(&plan.args, "-incoming", "defer", NULL);
	circuit_plan_next(&t->spec->variant, &plan);
	to = trial_successor(t, &plan);
	move_between(t, r.rig, to, NULL, NULL);
	r.rig = to;
	r.what = "after the move";
	chr_close(r.a);
	chr_close(r.b);
	r.a = rig_chr(to, "da");
	r.b = rig_chr(to, "db");
	circuit_open_host(&r, r.a);
	circuit_open_host(&r, r.b);
	CHECK(t, vm_ssh(&to->vm, &why), "%s", why.data);
	circuit_let_go(&r);
	circuit_flow(&r, 4 * r.window);
	circuit_settle(&r, false);
	circuit_finish(&r, false);
	circuit_release(&r);
}

/* What would save or move the guest says which device it cannot. */
static void check_blocked(struct circuit *r, const char *command, const char *says)
{
	bool why = strstr(says, "State blocked by non-migratable device '") &&
		   strstr(says, "/usb-serial'");

	CHECK(r->t, why, "%s says: %s", command, says);
}

CASE(migration_blocked, .id = "migration.blocked",
     .title = "a guest that has a device which cannot move is not moved and not saved: QEMU says "
	      "which one, and a stream through it goes on, whole",
     .clause = "qemu/hw/usb/dev-serial.c vmstate_usb_serial.unmigratable; migration/savevm.c "
	       "qemu_savevm_state_blocked(); qapi/migration.json MigrationInfo blocked-reasons",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .plan = circuit_plan)
{
	struct circuit r;
	struct qmp *q;
	char *reason;

	circuit_start(&r, t);
	q = &r.rig->vm.qmp;
	circuit_get_going(&r, 1);
	interrupt_qmp(&r, "query-migrate", NULL);
	reason = qmp_get(q, "blocked-reasons.0");
	CHECK(t, reason && strstr(reason, "non-migratable device: "), "query-migrate: %s",
	      reason ? reason : "nothing is blocked");
	CHECK(t,
	      qmp_cmd(q, deadline_in(QMP_MS), "migrate", "{\"uri\": \"unix:nowhere.sock\"}") ==
		      QMP_ERROR,
	      "a guest with a device that cannot move is moved");
	check_blocked(&r, "migrate", q->error_desc.data);
	trial_want_ok(t, r.rig, qmp_hmp(q, deadline_in(QMP_MS), "savevm point"), "savevm");
	check_blocked(&r, "savevm", q->answer.data);
	r.what = "afterwards";
	circuit_settle(&r, false);
	circuit_get_going(&r, 1);
	circuit_settle(&r, false);
	circuit_finish(&r, false);
	circuit_release(&r);
	free(reason);
}
