// SPDX-License-Identifier: GPL-2.0-or-later
/* commands.c - what a trial's QEMU is told, and has to do */
#include <stdlib.h>

#include "harness/run/trial.h"

#define QMP_MS	     10000
#define DELETE_MS    10000
#define THROTTLED_MS 20000
#define MOVE_MS	     30000
#define BOOT_MS	     60000
#define TURN_MS	     5 /* each end of a move is asked so long in turn */

void trial_want_ok(struct trial *t, struct rig *rig, enum qmp_result r, const char *command)
{
	struct buf why = BUF_INIT;

	if (r == QMP_OK)
		return;
	vm_qmp_trouble(&rig->vm, r, command, &why);
	trial_fail(t, __FILE__, __LINE__, "%s", why.data);
}

void trial_qmp(struct trial *t, struct rig *rig, const char *command, const char *args)
{
	struct qmp *q = &rig->vm.qmp;
	struct deadline d = deadline_in(QMP_MS);

	trial_note(t, "QMP: %s%s%s", command, args ? " " : "", args ? args : "");
	trial_want_ok(t, rig,
		      args ? qmp_cmd(q, d, command, "%s", args) : qmp_cmd(q, d, command, NULL),
		      command);
}

void trial_plug(struct trial *t, struct rig *rig, const char *device)
{
	struct buf args = BUF_INIT;

	plan_device_json(&args, device);
	trial_qmp(t, rig, "device_add", args.data);
	buf_release(&args);
}

void trial_unplug(struct trial *t, struct rig *rig, const char *id)
{
	char *args = xasprintf("{\"id\": \"%s\"}", id);
	enum qmp_result r;

	trial_qmp(t, rig, "device_del", args);
	r = qmp_event(&rig->vm.qmp, deadline_in(DELETE_MS), "DEVICE_DELETED", "device", id);
	CHECK(t, r != QMP_TIMEOUT, "no event DEVICE_DELETED for %s after device_del", id);
	trial_want_ok(t, rig, r, "device_del");
	free(args);
}

void trial_survive_reset(struct trial *t, struct rig *rig)
{
	vm_forget_console(&rig->vm);
	trial_qmp(t, rig, "set-action", "{\"reboot\": \"reset\"}");
}

void trial_reset(struct trial *t, struct rig *rig)
{
	trial_survive_reset(t, rig);
	trial_qmp(t, rig, "system_reset", NULL);
	trial_want_ok(t, rig, qmp_event(&rig->vm.qmp, deadline_in(QMP_MS), "RESET", NULL, NULL),
		      "RESET, the event");
}

void trial_await_boot(struct trial *t, struct rig *rig)
{
	struct buf why = BUF_INIT;

	CHECK(t, vm_await_boot(&rig->vm, deadline_in(BOOT_MS), &why) && vm_ssh(&rig->vm, &why),
	      "after the reset: %s", why.data);
	buf_release(&why);
}

void trial_await_throttled(struct trial *t, struct rig *rig, const char *id)
{
	struct deadline d = deadline_in(THROTTLED_MS);
	struct port_told port;

	do {
		CHECK(t, !deadline_passed(d), "QEMU does not hold %s up", id);
		CHECK(t, port_told(&rig->vm.qmp, d, id, &port), "info qtree does not show %s", id);
	} while (!port.throttled);
}

void trial_await_arrival(struct trial *t, struct migrate *m, void (*left)(void *arg), void *arg)
{
	struct deadline d = deadline_in(MOVE_MS);
	struct buf why = BUF_INIT;

	while (!m->arrived) {
		CHECK(t, migrate_step(m, TURN_MS, &why), "%s", why.data);
		if (left && m->left) {
			left(arg);
			left = NULL;
		}
		CHECK(t, !deadline_passed(d), "the machine does not arrive: it has%s left",
		      m->left ? "" : " not");
	}
	buf_release(&why);
}

void trial_move(struct trial *t, struct rig *from, struct rig *to, enum migrate_way way,
		void (*left)(void *arg), void *arg)
{
	struct buf why = BUF_INIT;
	struct migrate m;

	CHECK(t, migrate_begin(&m, &from->vm, &to->vm, way, &why), "%s", why.data);
	trial_await_arrival(t, &m, left, arg);
	buf_release(&why);
}
