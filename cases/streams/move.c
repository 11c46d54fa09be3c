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
#define TURN_MS 1 /* between two calls of move_busy()'s @flow */
#define PASSES	2

/* At 64 MiB/s all that the guest has used takes a second, and what a stream changes meanwhile some
 * 10 ms: the source does not stop the guest for more than one. Then it may. */
#define COPY_AGAIN  "{\"max-bandwidth\": 67108864, \"downtime-limit\": 1}"
#define SWITCH_OVER "{\"max-bandwidth\": 1099511627776, \"downtime-limit\": 2000}"

static const char *const ids[] = {"ca", "cb"};

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

/* Each QEMU inherits the same sockets. */
static void add_sockets(struct move *m, struct plan *plan)
{
	for (int port = 0; port < MOVE_PORTS; port++) {
		strv_push(&plan->args, "-chardev");
		strv_pushf(&plan->args, "socket,id=%s,fd=%d", ids[port], m->theirs[port]);
		plan->pass[plan->n_pass++] = m->theirs[port];
	}
}

static void take_end(struct move *m, enum move_port port, int fd)
{
	const char *fault = m->t->session->fault;

	m->ours[port] = rig_adopt_chr(m->rig, ids[port], CHR_UNIX, fd);
	if (fault)
		CHECK(m->t, chr_fault_parse(&m->ours[port]->fault, fault), "no such fault: %s",
		      fault);
}

void move_begin(struct move *m, struct trial *t)
{
	int pairs[MOVE_PORTS][2];

	*m = (struct move){.t = t};
	for (int port = 0; port < MOVE_PORTS; port++) {
		CHECK(t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[port]) == 0,
		      "the host has no sockets left");
		m->theirs[port] = pairs[port][1];
	}
	add_sockets(m, &t->plan);
	m->rig = trial_rig(t);
	for (int port = 0; port < MOVE_PORTS; port++)
		take_end(m, (enum move_port)port, pairs[port][0]);
	move_did_begin(t);
	move_did_plug(t, CIRCUIT_CONTROLLER);
	trial_plug(t, m->rig, CIRCUIT_CONTROLLER);
	for (int port = 0; port < MOVE_PORTS; port++) {
		char *device = circuit_port(&t->spec->variant, (enum circuit_side)port);

		move_did_plug(t, device);
		trial_plug(t, m->rig, device);
		free(device);
	}
}

/* The machine that it moves into: the same devices, each at the same place, the same sockets. */
static void next_plan(struct move *m, struct plan *plan)
{
	plan->machine = m->t->plan.machine;
	strv_pushl(&plan->args, "-incoming", "defer", NULL);
	strv_push(&plan->devices, CIRCUIT_CONTROLLER);
	add_sockets(m, plan);
	for (int port = 0; port < MOVE_PORTS; port++) {
		char *device = circuit_port(&m->t->spec->variant, (enum circuit_side)port);

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

/* The source is done, and ends; the guest runs in the destination. */
static void arrive(struct trial *t, struct rig *from, struct rig *to, bool stopped)
{
	struct buf why = BUF_INIT;

	CHECK(t, vm_quit(&from->vm, &why), "the source: %s", why.data);
	if (stopped)
		wake(t, to);
	else
		CHECK(t, vm_await_restore(&to->vm, deadline_in(QMP_MS), &why), "%s", why.data);
	rig_lap(&t->rig, "move");
}

void move_between(struct trial *t, struct rig *from, struct rig *to, void (*left)(void *arg),
		  void *arg)
{
	bool stopped = trial_is(t, "moves", "stopped");

	if (stopped)
		trial_qmp(t, from, "stop", NULL);
	trial_did(t, "leave %s", to->vm.config.stem);
	trial_move(t, from, to, way_of(&t->spec->variant), left, arg);
	trial_did(t, "arrive");
	arrive(t, from, to, stopped);
}

static struct rig *next(struct move *m)
{
	struct plan plan = {0};
	struct rig *to;

	next_plan(m, &plan);
	to = trial_successor(m->t, &plan);
	trial_did_successor(m->t, to);
	return to;
}

void move_once(struct move *m, void (*left)(void *arg), void *arg)
{
	struct rig *to = next(m);

	move_between(m->t, m->rig, to, left, arg);
	m->rig = to;
}

/* How often memory, or what of it had changed, has been copied. */
static unsigned long passes(struct move *m)
{
	struct qmp *q = &m->rig->vm.qmp;
	unsigned long n;
	char *count;

	trial_want_ok(m->t, m->rig, qmp_cmd(q, deadline_in(QMP_MS), "query-migrate", NULL),
		      "query-migrate");
	count = qmp_get(q, "ram.dirty-sync-count");
	n = count ? strtoul(count, NULL, 10) : 0;
	free(count);
	return n;
}

static void set_pace(struct move *m, const char *pace)
{
	trial_qmp(m->t, m->rig, "migrate-set-parameters", pace);
}

/* Until the machine stands still. */
static void copy_memory(struct move *m, struct migrate *way, void (*flow)(void *arg), void *arg)
{
	struct deadline d = deadline_in(MOVE_MS);
	struct buf why = BUF_INIT;
	bool enough = false;

	while (!way->paused) {
		CHECK(m->t, !deadline_passed(d) && !way->left, "the machine does not stop");
		flow(arg);
		CHECK(m->t, migrate_step(way, TURN_MS, &why), "%s", why.data);
		if (!way->paused && !enough && passes(m) > PASSES) {
			enough = true;
			set_pace(m, SWITCH_OVER);
		}
	}
}

void move_busy(struct move *m, void (*flow)(void *arg), void (*rest)(void *arg), void *arg)
{
	struct rig *to = next(m);
	struct buf why = BUF_INIT;
	struct migrate way;

	trial_qmp(m->t, m->rig, "migrate-set-capabilities",
		  "{\"capabilities\": [{\"capability\": \"pause-before-switchover\", "
		  "\"state\": true}]}");
	CHECK(m->t, migrate_begin(&way, &m->rig->vm, &to->vm, way_of(&m->t->spec->variant), &why),
	      "%s", why.data);
	set_pace(m, COPY_AGAIN);
	trial_did(m->t, "leave %s", to->vm.config.stem);
	copy_memory(m, &way, flow, arg);
	rest(arg);
	CHECK(m->t, migrate_continue(&way, &why), "%s", why.data);
	trial_await_arrival(m->t, &way, NULL, NULL);
	trial_did(m->t, "arrive");
	arrive(m->t, m->rig, to, false);
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
