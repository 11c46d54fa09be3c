// SPDX-License-Identifier: GPL-2.0-or-later
/* reboot.c - the machine under a stream is reset, and the guest starts anew */
#include "cases/streams/interrupt.h"

#define BOOT_MS	 60000
#define EVENT_MS 20000

static void reset(struct circuit *r)
{
	struct vm *vm = &r->rig->vm;
	struct buf why = BUF_INIT;
	/* ssh has it until it is released, though the trial may have failed by then. */
	static struct guest_cmd reboot;

	vm_forget_console(vm);
	/* Our -no-reboot would end QEMU. */
	interrupt_qmp(r, "set-action", "{\"reboot\": \"reset\"}");
	if (trial_is(r->t, "reset", "system"))
		interrupt_qmp(r, "system_reset", NULL);
	else
		/* It must have begun: who reboots does not say so any more. */
		CHECK(r->t,
		      guest_start(&vm->guest, &reboot, deadline_in(EVENT_MS),
				  "read go && reboot -f") &&
			      guest_send(&reboot, "\n", 1, deadline_in(EVENT_MS)) &&
			      (guest_cmd_release(&reboot), true),
		      "reboot: %s", vm->guest.error.data);
	CHECK(r->t, qmp_event(&vm->qmp, deadline_in(EVENT_MS), "RESET", NULL, NULL) == QMP_OK,
	      "%s: no event RESET", r->what);
	circuit_mark(r);
	CHECK(r->t, vm_await_boot(vm, deadline_in(BOOT_MS), &why), "%s: %s", r->what, why.data);
	CHECK(r->t, vm_ssh(vm, &why), "%s: %s", r->what, why.data);
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
