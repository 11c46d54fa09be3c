// SPDX-License-Identifier: GPL-2.0-or-later
/* suspend.c - the guest under a stream sleeps, its machine too (ACPI S3), and both wake up */
#include "cases/streams/interrupt.h"

#define EVENT_MS 20000
#define ROUNDS	 3

static void await_event(struct circuit *r, const char *event)
{
	struct vm *vm = &r->rig->vm;
	struct buf why = BUF_INIT;
	enum qmp_result result = qmp_event(&vm->qmp, deadline_in(EVENT_MS), event, NULL, NULL);

	CHECK(r->t, result == QMP_OK || vm_alive(vm, &why), "%s: %s", r->what, why.data);
	CHECK(r->t, result == QMP_OK, "%s: no event %s", r->what, event);
}

static void sleep_and_wake(struct circuit *r)
{
	struct vm *vm = &r->rig->vm;
	/* ssh has it until it is released, though the trial may have failed by then. */
	static struct guest_cmd cmd;

	CHECK(r->t,
	      guest_start(&vm->guest, &cmd, deadline_in(EVENT_MS),
			  "echo deep >/sys/power/mem_sleep && echo mem >/sys/power/state"),
	      "suspend: %s", vm->guest.error.data);
	await_event(r, "SUSPEND");
	circuit_touch(r);
	interrupt_qmp(r, "system_wakeup", NULL);
	await_event(r, "WAKEUP");
	CHECK(r->t, guest_wait(&cmd, deadline_in(EVENT_MS)) && cmd.status == 0,
	      "%s: the guest does not wake up: status %d: %s", r->what, cmd.status,
	      vm->guest.error.len ? vm->guest.error.data : cmd.err.data);
	guest_cmd_release(&cmd);
}

static void suspended_plan(const struct variant *v, struct plan *plan)
{
	circuit_plan(v, plan);
	plan->cold = true;
}

/* One that was entered by PVH, as the unpacked kernel is, comes from its waking vector to a triple
 * fault (Linux 6.1.192, QEMU 7.2.22: SeaBIOS does jump there, and what booted from a bzImage goes
 * on). */
static void boot_compressed(struct trial *t)
{
	char *kernel = xasprintf("%s/vmlinuz", t->session->image->dir);

	strv_pushl(&t->plan.args, "-kernel", kernel, NULL);
}

CASE(stream_suspended, .id = "stream.suspended",
     .title =
	     "a stream through the guest goes on, through nodes that stay open, once the guest was "
	     "suspended to memory and has been woken; what was in its driver and the queues is "
	     "lost, no more, and nothing is repeated, moved or changed",
     .clause = "qapi/misc.json system_wakeup; linux/drivers/char/virtio_console.c "
	       "virtcons_freeze() (what was received and not read, and what is queued, goes), "
	       "virtcons_restore()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = suspended_plan)
{
	struct circuit r;

	boot_compressed(t);
	circuit_start(&r, t);
	circuit_get_going(&r, 1);
	for (int round = 0; round < ROUNDS; round++) {
		r.what = "asleep";
		sleep_and_wake(&r);
		r.what = "awake again";
		circuit_settle(&r, circuit_on_the_way(&r));
		circuit_get_going(&r, 1);
	}
	circuit_settle(&r, 0);
	circuit_finish(&r, true);
	circuit_release(&r);
}
