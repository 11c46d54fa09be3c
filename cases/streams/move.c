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

/* Over a file where nothing is said: that is never waited for, so what stalled ports do while their
 * state is loaded (see cases.conf, migration.held) does not depend on the host's load. */
static enum migrate_way way_of(const struct variant *v)
{
	const char *name = variant_get(v, "way");
	enum migrate_way way = MIGRATE_FILE;

	if (name)
		migrate_way_parse(name, &way);
	return way;
}

const char *move_lacks(const struct variant *v, const struct caps *caps)
{
	(void)caps;
	return migrate_lacks(way_of(v));
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
	struct qmp *q = &m->rig->vm.qmp;

	trial_want_ok(m->t, m->rig,
		      qmp_cmd_fd(q, deadline_in(QMP_MS), m->theirs[port], "getfd",
				 "{\"fdname\": \"%s\"}", ids[port]),
		      "getfd");
	trial_want_ok(
		m->t, m->rig,
		qmp_cmd(q, deadline_in(QMP_MS), "chardev-add",
			"{\"id\": \"%s\", \"backend\": {\"type\": \"socket\", \"data\": {\"server\": "
			"false, \"addr\": {\"type\": \"fd\", \"data\": {\"str\": \"%s\"}}}}}",
			ids[port], ids[port]),
		"chardev-add");
}

void move_begin(struct move *m, struct trial *t)
{
	*m = (struct move){.t = t, .rig = trial_rig(t)};
	trial_plug(t, m->rig, MOVE_CONTROLLER);
	for (int port = 0; port < MOVE_PORTS; port++) {
		char *device = circuit_port(&t->spec->variant, (enum circuit_side)port);

		connect_pair(m, (enum move_port)port);
		add_chardev(m, (enum move_port)port);
		trial_plug(t, m->rig, device);
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

/* What was stopped arrives stopped. */
static void wake(struct trial *t, struct rig *to)
{
	char *status;

	trial_qmp(t, to, "query-status", NULL);
	status = qmp_get(&to->vm.qmp, "status");
	CHECK(t, status && strcmp(status, "paused") == 0,
	      "a guest that was stopped is %s once it has arrived", status ? status : "nowhere");
	free(status);
	trial_qmp(t, to, "cont", NULL);
}

void move_between(struct trial *t, struct rig *from, struct rig *to, void (*left)(void *arg),
		  void *arg)
{
	bool stopped = trial_is(t, "moves", "stopped");
	struct buf why = BUF_INIT;

	if (stopped)
		trial_qmp(t, from, "stop", NULL);
	trial_move(t, from, to, way_of(&t->spec->variant), left, arg);
	CHECK(t, vm_quit(&from->vm, &why), "the source: %s", why.data);
	if (stopped)
		wake(t, to);
	else
		CHECK(t, vm_await_restore(&to->vm, deadline_in(QMP_MS), &why), "%s", why.data);
	rig_lap(&t->rig, "move");
}

void move_once(struct move *m, const struct caps *caps, void (*left)(void *arg), void *arg)
{
	struct plan plan = {0};
	struct rig *to;

	next_plan(m, &plan);
	to = trial_successor(m->t, &plan, caps ? caps : m->t->session->caps);
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
