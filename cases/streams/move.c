// SPDX-License-Identifier: GPL-2.0-or-later
/* move.c - a guest with two ports moves from QEMU to QEMU */
#include "cases/streams/move.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cases/streams/circuit.h"

#define QMP_MS	5000
#define MOVE_MS 30000
#define TURN_MS 5
static const char *const ids[] = {"ca", "cb"};

void move_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	(void)plan;
}

const char *move_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "way", "file") && !caps_version_at_least(caps, 8, 2, 0))
		return "there is no migration to a file before QEMU 8.2";
	return NULL;
}

static void want_ok(struct trial *t, struct vm *vm, enum qmp_result r, const char *command)
{
	struct buf why = BUF_INIT;

	if (r == QMP_OK)
		return;
	if (vm_alive(vm, &why))
		qmp_result_text(&vm->qmp, r, command, &why);
	trial_fail(t, __FILE__, __LINE__, "%s", why.data);
}

/* A connection: our end, and the one that QEMUs hand on. */
static void connect_pair(struct move *m, enum move_port port)
{
	const char *fault = m->t->session->fault;
	int pair[2];

	CHECK(m->t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0,
	      "the host has no sockets left");
	m->ours[port] = rig_adopt_chr(&m->t->rig, ids[port], CHR_UNIX, pair[0]);
	if (fault)
		CHECK(m->t, chr_fault_parse(&m->ours[port]->fault, fault), "no such fault: %s",
		      fault);
	m->theirs[port] = pair[1];
}

static void add_chardev(struct move *m, enum move_port port)
{
	struct vm *vm = &m->rig->vm;
	struct qmp *q = &vm->qmp;

	want_ok(m->t, vm,
		qmp_cmd_fd(q, deadline_in(QMP_MS), m->theirs[port], "getfd", "{\"fdname\": \"%s\"}",
			   ids[port]),
		"getfd");
	want_ok(m->t, vm,
		qmp_cmd(q, deadline_in(QMP_MS), "chardev-add",
			"{\"id\": \"%s\", \"backend\": {\"type\": \"socket\", \"data\": {\"server\": "
			"false, \"addr\": {\"type\": \"fd\", \"data\": {\"str\": \"%s\"}}}}}",
			ids[port], ids[port]),
		"chardev-add");
}

static void plug(struct move *m, const char *device)
{
	struct buf why = BUF_INIT;

	CHECK(m->t, rig_plug_device(m->rig, device, &why), "%s", why.data);
}

void move_begin(struct move *m, struct trial *t)
{
	*m = (struct move){.t = t, .rig = trial_rig(t)};
	plug(m, MOVE_CONTROLLER);
	for (int port = 0; port < MOVE_PORTS; port++) {
		char *device = circuit_port(&t->spec->variant, (enum circuit_side)port);

		connect_pair(m, (enum move_port)port);
		add_chardev(m, (enum move_port)port);
		plug(m, device);
		free(device);
	}
}

/* The machine that it moves into: the same devices, each at the same place, the same sockets. */
static void next_plan(struct move *m, struct plan *plan)
{
	move_plan(&m->t->spec->variant, plan);
	plan->machine = m->t->plan.machine;
	strv_pushl(&plan->args, "-incoming", "defer", NULL);
	strv_push(&plan->devices, MOVE_CONTROLLER);
	for (int port = 0; port < MOVE_PORTS; port++) {
		char *device = circuit_port(&m->t->spec->variant, (enum circuit_side)port);

		strv_push(&plan->args, "-chardev");
		strv_pushf(&plan->args, "socket,id=%s,fd=%d", ids[port], m->theirs[port]);
		plan->pass[plan->n_pass++] = m->theirs[port];
		strv_push(&plan->devices, device);
		free(device);
	}
}

static void qmp(struct trial *t, struct rig *rig, const char *command)
{
	want_ok(t, &rig->vm, qmp_cmd(&rig->vm.qmp, deadline_in(QMP_MS), command, NULL), command);
}

/* What was stopped arrives stopped. */
static void wake(struct trial *t, struct rig *to)
{
	char *status;

	qmp(t, to, "query-status");
	status = qmp_get(&to->vm.qmp, "status");
	CHECK(t, status && strcmp(status, "paused") == 0,
	      "a guest that was stopped is %s once it has arrived", status ? status : "nowhere");
	free(status);
	qmp(t, to, "cont");
}

static void travel(struct trial *t, struct rig *from, struct rig *to)
{
	struct deadline d = deadline_in(MOVE_MS);
	struct buf why = BUF_INIT;
	struct migrate way;
	enum migrate_way kind = MIGRATE_UNIX;

	if (trial_axis(t, "way"))
		migrate_way_parse(trial_axis(t, "way"), &kind);
	CHECK(t, migrate_begin(&way, &from->vm, &to->vm, kind, &why), "%s", why.data);
	while (!way.arrived) {
		CHECK(t, migrate_step(&way, TURN_MS, &why), "%s", why.data);
		CHECK(t, !deadline_passed(d), "the guest does not arrive: it has%s left",
		      way.left ? "" : " not");
	}
}

void move_between(struct trial *t, struct rig *from, struct rig *to, void (*left)(void *arg),
		  void *arg)
{
	bool stopped = trial_is(t, "moves", "stopped");
	struct buf why = BUF_INIT;

	if (stopped)
		qmp(t, from, "stop");
	travel(t, from, to);
	if (left)
		left(arg);
	CHECK(t, vm_quit(&from->vm, &why), "the source: %s", why.data);
	if (stopped)
		wake(t, to);
	else
		CHECK(t, vm_await_restore(&to->vm, deadline_in(QMP_MS), &why), "%s", why.data);
	rig_lap(&t->rig, "move");
}

void move_once(struct move *m, const struct caps *caps, void (*left)(void *arg), void *arg)
{
	static const char *const stems[] = {"2.", "3.", "4.", "5.", "6.", "7.", "8."};
	struct plan plan = {0};
	struct rig *to;

	next_plan(m, &plan);
	to = trial_successor(m->t, &plan, caps ? caps : m->t->session->caps, stems[m->n++]);
	move_between(m->t, m->rig, to, left, arg);
	m->rig = to;
}

void move_done(struct move *m)
{
	struct buf why = BUF_INIT;

	CHECK(m->t, vm_ssh(&m->rig->vm, &why), "%s", why.data);
	for (int port = 0; port < MOVE_PORTS; port++) {
		close(m->theirs[port]);
		m->theirs[port] = -1;
	}
}
