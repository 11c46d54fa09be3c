// SPDX-License-Identifier: GPL-2.0-or-later
/* suspend.c - the guest under a stream sleeps, its machine too (ACPI S3) or not, and wakes up */
#include <stdlib.h>

#include "cases/streams/interrupt.h"

#define FREEZE                                                                                     \
	"linux/drivers/char/virtio_console.c virtcons_freeze() (what was received and not read, "  \
	"and what is queued, goes), virtcons_restore()"

#define EVENT_MS    40000
#define KNOCK_MS    25
#define LINE_MS	    5000 /* the rest of a line that has begun */
#define ROUNDS	    3
#define IDLE_ROUNDS 2

/* Both begin as the image's ready line does. */
#define SAYS "chardev-check guest "
#define DONE SAYS "went on"

void interrupt_alone(struct circuit *r, const char *line)
{
	struct vm *vm = &r->rig->vm;
	int status;

	vm_forget_console(vm);
	qmp_forget_events(&vm->qmp);
	status = guest_run(&vm->guest, NULL, deadline_in(EVENT_MS),
			   "{ setsid sh -c 'why=$({ %s; } 2>&1) && echo " DONE " || echo " SAYS
			   "stayed: $why' </dev/null >/dev/ttyS0 2>&1 & }",
			   line);
	CHECK(r->t, status == 0, "%s: status %d: %s", line, status, vm->guest.error.data);
}

bool interrupt_alone_ended(struct circuit *r, int ms)
{
	return vm_await_console(&r->rig->vm, SAYS, deadline_in(ms));
}

void interrupt_alone_went_on(struct circuit *r, int ms)
{
	struct vm *vm = &r->rig->vm;
	struct buf why = BUF_INIT;

	CHECK(r->t, interrupt_alone_ended(r, ms) || vm_alive(vm, &why), "%s: %s", r->what,
	      why.data);
	CHECK(r->t, vm_await_console(vm, DONE, deadline_in(LINE_MS)),
	      "%s: the guest does not go on (its console says what it does)", r->what);
	CHECK(r->t, vm_ssh(vm, &why), "%s: %s", r->what, why.data);
}

void interrupt_await_event(struct circuit *r, const char *event)
{
	struct vm *vm = &r->rig->vm;
	struct buf why = BUF_INIT;
	enum qmp_result result = qmp_event(&vm->qmp, deadline_in(EVENT_MS), event, NULL, NULL);

	CHECK(r->t, result == QMP_OK || vm_alive(vm, &why), "%s: %s", r->what, why.data);
	CHECK(r->t, result == QMP_OK, "%s: no event %s", r->what, event);
}

void interrupt_start(struct circuit *r, struct trial *t)
{
	struct chr *a = rig_chr(trial_rig(t), "ca"), *b = rig_chr(&t->rig, "cb");
	struct buf why = BUF_INIT;

	CHECK(t,
	      chr_open(a, deadline_in(EVENT_MS), &why) && chr_open(b, deadline_in(EVENT_MS), &why),
	      "%s", why.data);
	circuit_start_apart(r, t, a, b);
	r->what = "at the start";
	circuit_get_going(r, 1);
}

static void sleep_and_wake(struct circuit *r)
{
	circuit_brim(r);
	interrupt_alone(r, "echo deep >/sys/power/mem_sleep && echo mem >/sys/power/state");
	interrupt_await_event(r, "SUSPEND");
	if (!circuit_is_uart(&r->t->spec->variant))
		circuit_mark(r);
	interrupt_qmp(r, "system_wakeup", NULL);
	interrupt_await_event(r, "WAKEUP");
	interrupt_alone_went_on(r, EVENT_MS);
}

/* The nodes stay open over it. What was in the guest and in QEMU is lost, the rest comes: a device
 * that was reset, which the driver opens its ports on again, reads nothing before. */
static void awake_again(struct circuit *r)
{
	r->what = "awake again";
	circuit_let_go(r);
	circuit_settle(r, true);
	circuit_get_going(r, 1);
}

static void suspended_plan(const struct variant *v, struct plan *plan)
{
	circuit_plan(v, plan);
	plan->cold = true;
}

/* A kernel that was entered by PVH, as the unpacked kernel is, comes from its waking vector to a
 * triple fault (Linux 6.1.192, QEMU 7.2.22: SeaBIOS does jump there, and what booted from a bzImage
 * goes on). */
void interrupt_boot_compressed(struct trial *t)
{
	char *kernel = xasprintf("%s/vmlinuz", t->session->image->dir);

	strv_pushl(&t->plan.args, "-kernel", kernel, NULL);
}

static void suspended(struct trial *t)
{
	struct circuit r;

	interrupt_boot_compressed(t);
	interrupt_start(&r, t);
	for (int round = 0; round < ROUNDS; round++) {
		r.what = "asleep";
		sleep_and_wake(&r);
		awake_again(&r);
	}
	circuit_settle(&r, false);
	circuit_finish(&r, true);
	circuit_release(&r);
}

CASE(stream_suspended, .id = "stream.suspended",
     .title =
	     "a stream through the guest goes on, through nodes that stay open, once the guest was "
	     "suspended to memory and has been woken; what was in its driver and the queues is "
	     "lost, no more, and nothing is repeated, moved or changed",
     .clause = "qapi/misc.json system_wakeup; " FREEZE, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"backend", NULL}, .plan = suspended_plan)
{
	suspended(t);
}

/* A UART takes what comes also while the machine sleeps, and its driver throws it away. */
CASE(stream_suspended_tty, .id = "stream.suspended-tty",
     .title =
	     "a stream through two terminals of the guest goes on, through nodes that stay open, "
	     "once the guest was suspended to memory and has been woken; what was in it and in the "
	     "device is lost, and nothing is repeated, moved or changed",
     .clause = "qapi/misc.json system_wakeup; " FREEZE
	       "; linux/drivers/tty/serial/serial_core.c uart_suspend_port(), uart_resume_port()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .plan = suspended_plan)
{
	suspended(t);
}

/* ---- suspend-to-idle: the machine runs on, its processor halts until an interrupt comes */

/* What may wake it: a byte on a serial line. */
#define WAKE	  "wake"
#define WAKE_NODE "ttyS1"

static void idle_plan(const struct variant *v, struct plan *plan)
{
	circuit_plan(v, plan);
	plan_add_chr(plan, WAKE, CHR_UNIX, CHR_QEMU_LISTENS);
	plan->uart[0] = WAKE;
	plan->n_uarts = PLAN_UARTS;
}

/* A byte that comes while the kernel still turns devices off does not count, or has it turn round
 * and begin anew: so the next one comes later each time. */
static void knock(struct circuit *r)
{
	struct chr *wake = rig_chr(r->rig, WAKE);
	int ms = KNOCK_MS;

	circuit_open_host(r, wake);
	do {
		CHECK(r->t, ms <= EVENT_MS, "%s: the guest does not wake up", r->what);
		CHECK(r->t, chr_write_all(wake, "\n", 1, deadline_in(EVENT_MS)) == 1,
		      "%s: the serial line takes no byte", r->what);
		ms *= 2;
	} while (!interrupt_alone_ended(r, ms));
}

/* When the driver resets its device, that says of its ports that the guest has closed them. */
static void idle_and_wake(struct circuit *r)
{
	struct vm *vm = &r->rig->vm;

	circuit_brim(r);
	interrupt_alone(r, "exec 3</dev/" WAKE_NODE " && "
			   "echo enabled >/sys/class/tty/" WAKE_NODE "/power/wakeup && "
			   "echo s2idle >/sys/power/mem_sleep && "
			   "until echo mem >/sys/power/state; do :; done");
	CHECK(r->t,
	      qmp_event(&vm->qmp, deadline_in(EVENT_MS), "VSERPORT_CHANGE", "open", "false") ==
		      QMP_OK,
	      "%s: the driver does not let its ports go", r->what);
	circuit_mark(r);
	knock(r);
	interrupt_alone_went_on(r, EVENT_MS);
}

CASE(stream_idled, .id = "stream.idled",
     .title = "a stream through the guest goes on, through nodes that stay open, once the guest "
	      "was suspended to idle and a byte on a serial line has woken it; what was in its "
	      "driver and the queues is lost, no more, and nothing is repeated, moved or changed",
     .clause = "linux/Documentation/admin-guide/pm/sleep-states.rst suspend-to-idle; " FREEZE,
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = idle_plan)
{
	struct circuit r;

	interrupt_start(&r, t);
	for (int round = 0; round < IDLE_ROUNDS; round++) {
		r.what = "idle";
		idle_and_wake(&r);
		awake_again(&r);
	}
	circuit_settle(&r, false);
	circuit_finish(&r, true);
	circuit_release(&r);
}

/* ---- the kernel's own test: it goes as far as it is told on the way to sleep, and back */

/** struct stage - How far; @costs: it gets to the driver, which drops what it has */
static const struct stage {
	const char *name;
	bool costs;
} stages[] = {
	{"freezer", false},   {"devices", true}, {"platform", true},
	{"processors", true}, {"core", true},
};

/* Debian's cloud kernels have no CONFIG_PM_DEBUG. */
static void tested_plan(const struct variant *v, struct plan *plan)
{
	circuit_plan(v, plan);
	plan->flavour = "generic";
}

static void needs_pm_test(struct circuit *r)
{
	struct guest *g = &r->rig->vm.guest;
	int status = guest_run(g, NULL, deadline_in(EVENT_MS), "[ -e /sys/power/pm_test ]");

	if (status == 1)
		trial_skip(r->t, "the guest's kernel has no CONFIG_PM_DEBUG");
	CHECK(r->t, status == 0, "status %d: %s", status, g->error.data);
}

static void test_sleep(struct circuit *r, const struct stage *stage)
{
	char *line = xasprintf("echo 0 >/sys/module/suspend/parameters/pm_test_delay && "
			       "echo %s >/sys/power/pm_test && echo mem >/sys/power/state",
			       stage->name);

	if (stage->costs)
		circuit_brim(r);
	interrupt_alone(r, line);
	interrupt_alone_went_on(r, EVENT_MS);
	circuit_let_go(r);
	free(line);
}

CASE(stream_sleep_tested, .id = "stream.sleep-tested",
     .title = "a stream through the guest goes on, through nodes that stay open, once the kernel "
	      "has gone a part of the way to sleep and back; nothing is lost as long as only "
	      "programs stood still, else what was in the driver and the queues",
     .clause = "linux/Documentation/power/basic-pm-debugging.rst; " FREEZE, .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){ROW_AXIS, NULL}, .rows = ROWS(stages),
     .plan = tested_plan)
{
	const struct stage *stage = trial_row(t);
	struct circuit r;

	interrupt_start(&r, t);
	needs_pm_test(&r);
	for (int round = 0; round < ROUNDS; round++) {
		r.what = "almost asleep";
		test_sleep(&r, stage);
		circuit_settle(&r, stage->costs);
		circuit_get_going(&r, 1);
	}
	circuit_settle(&r, false);
	circuit_finish(&r, stage->costs);
	circuit_release(&r);
}
