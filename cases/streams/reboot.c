// SPDX-License-Identifier: GPL-2.0-or-later
/* reboot.c - the machine under a stream is reset, and the guest starts anew; or it ends */
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "cases/streams/interrupt.h"

#define EVENT_MS 20000
#define BLOCK	 4096

/* It must have begun: who powers off or reboots does not say so any more. */
static void in_guest(struct circuit *r, const char *line)
{
	struct guest *g = &r->rig->vm.guest;
	/* ssh has it until it is released, though the trial may have failed by then. */
	static struct guest_cmd cmd;

	CHECK(r->t,
	      guest_start(g, &cmd, deadline_in(EVENT_MS), "read go && %s", line) &&
		      guest_send(&cmd, "\n", 1, deadline_in(EVENT_MS)) &&
		      (guest_cmd_release(&cmd), true),
	      "%s: %s", line, g->error.data);
}

static void reset(struct circuit *r)
{
	if (trial_is(r->t, "reset", "system")) {
		trial_reset(r->t, r->rig);
	} else {
		vm_forget_console(&r->rig->vm);
		interrupt_qmp(r, "set-action", "{\"reboot\": \"reset\"}");
		in_guest(r, "reboot -f");
		interrupt_await_event(r, "RESET");
	}
	circuit_mark(r);
	trial_await_boot(r->t, r->rig);
}

CASE(stream_rebooted, .id = "stream.rebooted",
     .title = "a stream through the guest goes on once the machine was reset and the guest has "
	      "started anew; what was in the guest and the queues is lost, no more, and nothing is "
	      "repeated, moved or changed",
     .clause = "virtio-1.2/2.1 (a reset device has no queues); hw/char/virtio-serial-bus.c "
	       "vser_reset()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"reset", NULL},
     .plan = circuit_plan)
{
	struct rig *rig = trial_rig(t);
	struct chr *a = rig_chr(rig, "ca"), *b = rig_chr(rig, "cb");
	struct buf why = BUF_INIT;
	struct circuit r;

	CHECK(t,
	      chr_open(a, deadline_in(EVENT_MS), &why) && chr_open(b, deadline_in(EVENT_MS), &why),
	      "%s", why.data);
	circuit_start_apart(&r, t, a, b);
	r.what = "before the reset";
	circuit_get_going(&r, 1);
	r.what = "the reset";
	circuit_brim(&r);
	reset(&r);
	circuit_again_apart(&r);
	circuit_settle(&r, true);
	circuit_flow(&r, r.window);
	circuit_settle(&r, false);
	circuit_finish(&r, true);
	circuit_release(&r);
}

/**
 * struct end - How the machine ends
 * @reason:	QEMU's, of event SHUTDOWN
 */
static const struct end {
	const char *name, *reason;
	bool guest;
} ends[] = {
	{"guest", "guest-shutdown", true},
	{"quit", "host-qmp-quit", false},
	{"signal", "host-signal", false},
};

static void end_machine(struct circuit *r, const struct end *end)
{
	struct vm *vm = &r->rig->vm;

	vm->quit = true; /* with status 0 */
	qmp_forget_events(&vm->qmp);
	if (end->guest)
		in_guest(r, "poweroff -f");
	else if (strcmp(end->name, "quit") == 0)
		interrupt_qmp(r, "quit", NULL);
	else
		CHECK(r->t, kill(vm->pid, SIGTERM) == 0, "QEMU cannot be sent a signal");
	CHECK(r->t,
	      qmp_event(&vm->qmp, deadline_in(EVENT_MS), "SHUTDOWN", "reason", end->reason) ==
		      QMP_OK,
	      "no event SHUTDOWN of reason %s", end->reason);
}

/* What comes until QEMU closes our end: the stream goes on as it was, and ends anywhere. */
static void take_rest(struct circuit *r)
{
	struct deadline d = deadline_in(EVENT_MS);
	char got[BLOCK];
	ssize_t n;

	while ((n = chr_read(r->b, got, sizeof(got), d)) > 0) {
		if (payload_same(&r->payload, r->got, got, (size_t)n) != (size_t)n)
			traffic_wrong(r->t, r->b, &r->payload, r->got, got, (size_t)n);
		r->got += (uint64_t)n;
	}
	CHECK(r->t, n == CHR_EOF, "the host end %s stays open without QEMU", r->b->id);
	CHECK(r->t, chr_read(r->a, got, sizeof(got), d) == CHR_EOF,
	      "the host end %s stays open without QEMU", r->a->id);
}

CASE(stream_ended, .id = "stream.ended",
     .title = "a machine that ends under a stream ends as it should: QEMU says why, with exit "
	      "status 0, closes both host ends, and what came by then is the stream",
     .clause = "qapi/run-state.json SHUTDOWN, ShutdownCause; qapi/misc.json quit",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){ROW_AXIS, "backend", NULL}, .rows = ROWS(ends),
     .plan = circuit_plan)
{
	struct rig *rig = trial_rig(t);
	struct chr *a = rig_chr(rig, "ca"), *b = rig_chr(rig, "cb");
	struct circuit r;

	circuit_init(&r, t, a, b);
	circuit_open_host(&r, a);
	circuit_open_host(&r, b);
	circuit_start_apart(&r, t, a, b);
	r.what = "before the end";
	circuit_get_going(&r, 1);
	end_machine(&r, trial_row(t));
	take_rest(&r);
	CHECK(t, proc_wait(&rig->vm.proc, deadline_in(EVENT_MS)), "QEMU does not end");
	trial_note(t, "%" PRIu64 " bytes sent, %" PRIu64 " came back", r.sent, r.got);
	circuit_release(&r);
}
