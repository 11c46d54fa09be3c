// SPDX-License-Identifier: GPL-2.0-or-later
/* migration.c - a guest moves with a stream through it */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/streams/circuit.h"
#include "cases/streams/move.h"

#define QMP_MS 5000

/* What is received, on its way and half written is part of the state. */
#define STATE                                                                                      \
	"virtio-1.2/console/device-operation/1; qemu/docs/devel/migration/main.rst; of what is "   \
	"received, queued and half written hw/char/virtio-serial-bus.c "                           \
	"virtio_serial_save_device() and hw/virtio/virtio.c virtio_save()"

/* All buffers are full and an element was not taken; or only what the guest has not read is on
 * its way. Our ends are at rest until the source has ended; what it has sent by then is taken after
 * that. */
static void hold_up(struct circuit *r, bool in_guest)
{
	trial_did(r->t, in_guest ? "hold" : "stall");
	r->what = "before the move";
	circuit_flow(r, r->window);
	circuit_settle(r, false);
	if (in_guest)
		circuit_hold(r);
	else
		circuit_stall(r);
}

static void go_on(struct circuit *r, bool in_guest)
{
	struct buf why = BUF_INIT;

	r->what = "after the move";
	trial_did(r->t, in_guest ? "let_go; rest" : "rest");
	if (!in_guest)
		return;
	CHECK(r->t, vm_ssh(&r->rig->vm, &why), "%s", why.data);
	circuit_let_go(r);
}

/* Move under a stream that stands: as often as there are others, or as the axis "times" says. */
void move_stream(struct trial *t)
{
	bool in_guest = trial_is(t, "stands", "guest");
	size_t times = t->others ? t->session->n_to : strtoul(trial_axis(t, "times"), NULL, 10);
	struct circuit r;
	struct move m;

	move_begin(&m, t);
	circuit_start_apart(&r, t, m.ours[MOVE_A], m.ours[MOVE_B]);
	circuit_did_apart(&r);
	for (size_t i = 0; i < times; i++) {
		hold_up(&r, in_guest);
		move_once(&m, NULL, NULL);
		r.rig = m.rig;
		go_on(&r, in_guest);
	}
	move_done(&m);
	circuit_flow(&r, r.window);
	circuit_settle(&r, false);
	trial_did(t, "pour 65536; rest; finish");
	circuit_finish(&r, false);
	circuit_release(&r);
}

CASE(migration_stream, .id = "migration.stream",
     .title =
	     "a guest moves from QEMU to QEMU with a stream through it: every byte arrives once and "
	     "in order",
     .clause = STATE, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", "times", "stands", NULL}, .lacks = move_lacks)
{
	move_stream(t);
}

/* ---- busy */

static void keep_moving(void *arg)
{
	circuit_touch(arg);
}

/* No port is stalled then. */
static void come_to_rest(void *arg)
{
	circuit_take_all(arg);
}

CASE(migration_busy, .id = "migration.busy",
     .title = "a guest moves while a stream passes through it, until the machine is stopped: every "
	      "byte arrives once and in order",
     .clause = STATE "; what a device writes is copied anew: qemu/include/exec/ram_addr.h "
		     "cpu_physical_memory_set_dirty_range()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"way", "times", NULL},
     .lacks = move_lacks)
{
	unsigned long times = strtoul(trial_axis(t, "times"), NULL, 10);
	const struct session *on = t->session;
	struct circuit r;
	struct move m;

	if (strcmp(on->accel, "tcg") == 0 && !caps_version_at_least(on->caps, 8, 0, 0))
		trial_skip(t,
			   "7.2 forgets what a guest under TCG wrote while its memory was copied: "
			   "whatever is busy in it dies");
	move_begin(&m, t);
	circuit_start_apart(&r, t, m.ours[MOVE_A], m.ours[MOVE_B]);
	circuit_did_apart(&r);
	for (unsigned long i = 0; i < times; i++) {
		uint64_t before = r.got;

		r.what = "while it moves";
		circuit_get_going(&r, 1);
		trial_did(t,
			  "pour 65536 # and on while memory is copied, which by hand nobody does");
		move_busy(&m, keep_moving, come_to_rest, &r);
		trial_note(t, "%" PRIu64 " bytes came back while it moved", r.got - before);
		r.rig = m.rig;
		r.what = "after the move";
		circuit_settle(&r, false);
		trial_did(t, "rest");
	}
	move_done(&m);
	trial_did(t, "pour 65536; rest; finish");
	circuit_flow(&r, r.window);
	circuit_settle(&r, false);
	circuit_finish(&r, false);
	circuit_release(&r);
}

/* ---- stalled, and the host reads on */

/* Our end reads on while the source is still there, as one does that knows of no move. */
static void read_on(void *arg)
{
	struct circuit *r = arg;

	trial_did(r->t, "take b; mv came early # looked at once the guest is there again");
	for (int i = 0; i < 2; i++) {
		circuit_take_ready(r);
		circuit_rest(r);
	}
}

CASE(migration_reads_on, .id = "migration.reads-on",
     .title = "a host that takes what a stalled port held while its guest has moved and the source "
	      "is still there gets nothing twice",
     .clause = STATE, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"way", "moves", NULL}, .lacks = move_lacks)
{
	struct circuit r;
	struct move m;

	move_begin(&m, t);
	circuit_start_apart(&r, t, m.ours[MOVE_A], m.ours[MOVE_B]);
	circuit_did_apart(&r);
	trial_did(t, "stall");
	circuit_stall(&r);
	move_once(&m, read_on, &r);
	r.rig = m.rig;
	r.what = "after the move";
	move_done(&m);
	trial_did(t, "mv early came; are %u heard; rest; finish", CIRCUIT_SEED);
	circuit_settle(&r, false);
	circuit_finish(&r, false);
	circuit_release(&r);
}

CASE(stream_stopped, .id = "stream.stopped",
     .title =
	     "of a machine that is stopped no byte comes, whatever its host takes of what was there "
	     "before",
     .clause = "qapi/run-state.json RunState paused: a machine that is stopped stands; it is that "
	       "state which is saved and moved",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = circuit_plan)
{
	struct circuit r;
	struct vm *vm;
	size_t more;

	circuit_start(&r, t);
	vm = &t->rig.vm;
	circuit_stall(&r);
	CHECK(t, qmp_cmd(&vm->qmp, deadline_in(QMP_MS), "stop", NULL) == QMP_OK, "stop: refused");
	circuit_take_ready(&r);
	circuit_rest(&r);
	more = circuit_take_ready(&r);
	CHECK(t, more == 0,
	      "%zu bytes came from the guest while it was stopped, once there was room for them",
	      more);
	CHECK(t, qmp_cmd(&vm->qmp, deadline_in(QMP_MS), "cont", NULL) == QMP_OK, "cont: refused");
	circuit_settle(&r, false);
	circuit_finish(&r, false);
	circuit_release(&r);
}
