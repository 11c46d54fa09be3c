// SPDX-License-Identifier: GPL-2.0-or-later
/* reboot.c - the machine under a stream is reset, and the guest starts anew; or it ends */
#include <inttypes.h>
#include <signal.h>

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
		trial_survive_reset(r->t, r->rig);
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
	struct circuit r;

	interrupt_start(&r, t);
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

static void power_off(struct circuit *r)
{
	in_guest(r, "poweroff -f");
}

static void quit(struct circuit *r)
{
	interrupt_qmp(r, "quit", NULL);
}

static void send_signal(struct circuit *r)
{
	CHECK(r->t, kill(r->rig->vm.pid, SIGTERM) == 0, "QEMU cannot be sent a signal");
}

/**
 * struct end - How the machine ends
 * @reason:	QEMU's, of event SHUTDOWN
 */
static const struct end {
	const char *name;
	void (*now)(struct circuit *r);
	const char *reason;
} ends[] = {
	{"guest", power_off, "guest-shutdown"},
	{"quit", quit, "host-qmp-quit"},
	{"signal", send_signal, "host-signal"},
};

static void end_machine(struct circuit *r, const struct end *end)
{
	struct vm *vm = &r->rig->vm;

	vm->quit = true; /* with status 0 */
	qmp_forget_events(&vm->qmp);
	end->now(r);
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
	struct circuit r;

	interrupt_start(&r, t);
	end_machine(&r, trial_row(t));
	take_rest(&r);
	CHECK(t, proc_wait(&r.rig->vm.proc, deadline_in(EVENT_MS)), "QEMU does not end");
	trial_note(t, "%" PRIu64 " bytes sent, %" PRIu64 " came back", r.sent, r.got);
	circuit_release(&r);
}
