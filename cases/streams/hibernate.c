// SPDX-License-Identifier: GPL-2.0-or-later
/* hibernate.c - the guest under a stream is put on a disk (ACPI S4), and goes on from there */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/streams/interrupt.h"

#define DISK	 "hibernated"
#define DISK_MB	 256
#define EVENT_MS 20000
#define SAVE_MS	 40000
#define BOOT_MS	 60000
/* Both begin as the image's ready line does. */
#define SAYS	"chardev-check guest "
#define WENT_ON SAYS "went on"

/**
 * struct mode - What happens once it is on the disk: a mode of /sys/power/disk
 * @event:	what QEMU tells then
 * @off:	QEMU ends, and another one has the disk next
 * @sleeps:	it sleeps as well (S3) and is woken: what is on the disk is not needed
 *
 * The kernel's own test, "test_resume", is not in here: 6.1 cannot read back from a swap device that
 * is in use ("Image not found (code -16)": swsusp_check() wants it for itself).
 */
static const struct mode {
	const char *name, *event;
	bool off, sleeps;
} modes[] = {
	{"platform", "SUSPEND_DISK", true, false}, /* qemu/hw/acpi/core.c acpi_pm1_cnt_write() */
	{"shutdown", "SHUTDOWN", true, false},
	{"reboot", "RESET", false, false},
	{"suspend", "SUSPEND", false, true},
};

static const char *mode_name(size_t i)
{
	return i < sizeof(modes) / sizeof(*modes) ? modes[i].name : NULL;
}

static const struct mode *mode_of(const struct variant *v)
{
	const struct mode *m = modes;

	while (!variant_is(v, ROW_AXIS, m->name))
		m++;
	return m;
}

static void hibernated_plan(const struct variant *v, struct plan *plan)
{
	circuit_plan(v, plan);
	plan->cold = true;
	plan->append = "chardev.resume=vda";
	strv_pushl(&plan->args, "-drive", "if=none,id=disk,format=raw,cache=unsafe,file=" DISK,
		   NULL);
	strv_push(&plan->devices, "virtio-blk-pci,id=blk0,drive=disk");
}

static void make_disk(struct trial *t)
{
	int fd = open(DISK, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	CHECK(t, fd >= 0 && ftruncate(fd, (off_t)DISK_MB << 20) == 0,
	      "there is no room for a disk");
	close(fd);
}

/* Nobody waits for its end in the guest: it says on the console that it went on, or why not. */
static void go_to_disk(struct circuit *r, const struct mode *mode)
{
	struct guest *g = &r->rig->vm.guest;
	int status = guest_run(g, NULL, deadline_in(EVENT_MS),
			       "[ -e /sys/power/disk ] || exit 77; "
			       "mkswap /dev/vda && swapon /dev/vda && echo %s >/sys/power/disk && "
			       "{ setsid sh -c 'why=$(echo disk 2>&1 >/sys/power/state) && "
			       "echo " WENT_ON " || echo " SAYS
			       "stayed: $why' </dev/null >/dev/ttyS0 2>&1 & }",
			       mode->name);

	if (status == 77)
		trial_skip(r->t, "the guest's kernel has no CONFIG_HIBERNATION");
	CHECK(r->t, status == 0, "hibernate: status %d: %s", status, g->error.data);
}

static void await_event(struct circuit *r, const char *event)
{
	struct vm *vm = &r->rig->vm;
	struct buf why = BUF_INIT;

	if (qmp_event(&vm->qmp, deadline_in(SAVE_MS), event, NULL, NULL) == QMP_OK)
		return;
	CHECK(r->t, vm_alive(vm, &why), "%s: no event %s; %s", r->what, event, why.data);
	trial_fail(r->t, __FILE__, __LINE__, "%s: no event %s", r->what, event);
}

/* Another QEMU has the disk and starts the guest; our ends are at that one from now on. */
static void start_again(struct circuit *r)
{
	const struct variant *v = &r->t->spec->variant;
	struct vm *vm = &r->rig->vm;
	struct plan plan = {0};

	vm->quit = true; /* with status 0 */
	CHECK(r->t, proc_wait(&vm->proc, deadline_in(EVENT_MS)),
	      "QEMU goes on though the guest has powered off");
	chr_close(r->a);
	chr_close(r->b);
	hibernated_plan(v, &plan);
	r->rig = trial_successor(r->t, &plan, r->t->session->caps);
	r->a = rig_chr(r->rig, "ca");
	r->b = rig_chr(r->rig, "cb");
}

/* Not anew, and not without having been away. */
static void await_went_on(struct circuit *r)
{
	struct vm *vm = &r->rig->vm;
	struct buf why = BUF_INIT;

	CHECK(r->t, vm_await_console(vm, SAYS, deadline_in(BOOT_MS)) || vm_alive(vm, &why),
	      "%s: %s", r->what, why.data);
	CHECK(r->t, vm_await_console(vm, WENT_ON, deadline_in(EVENT_MS / 10)),
	      "%s: the guest does not go on where it was (its console says what it does)", r->what);
	CHECK(r->t, vm_ssh(vm, &why), "%s: %s", r->what, why.data);
}

static void hibernate(struct circuit *r, const struct mode *mode)
{
	vm_forget_console(&r->rig->vm);
	if (!mode->off && !mode->sleeps) /* our -no-reboot would end QEMU */
		interrupt_qmp(r, "set-action", "{\"reboot\": \"reset\"}");
	qmp_forget_events(&r->rig->vm.qmp);
	go_to_disk(r, mode);
	await_event(r, mode->event);
	if (mode->off)
		start_again(r);
	else
		circuit_touch(r);
	if (mode->sleeps)
		interrupt_qmp(r, "system_wakeup", NULL);
	await_went_on(r);
	circuit_open_host(r, r->b);
	circuit_open_host(r, r->a);
	circuit_await_accepted(r);
}

CASE(stream_hibernated, .id = "stream.hibernated",
     .title =
	     "a stream through the guest goes on, through nodes that stay open, once the guest was "
	     "put on a disk and goes on from there, in another QEMU where this one ended; what "
	     "was on its way is lost, no more, and nothing is repeated, moved or changed",
     .clause = "linux/Documentation/power/swsusp.rst; linux/drivers/char/virtio_console.c "
	       "virtcons_freeze(), virtcons_restore() (the guest says again which ports are open); "
	       "qapi/run-state.json SUSPEND_DISK",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){ROW_AXIS, NULL},
     .row = mode_name, .plan = hibernated_plan)
{
	const struct mode *mode = mode_of(&t->spec->variant);
	struct buf why = BUF_INIT;
	struct chr *a, *b;
	struct circuit r;

	make_disk(t);
	if (mode->sleeps)
		interrupt_boot_compressed(t);
	a = rig_chr(trial_rig(t), "ca");
	b = rig_chr(trial_rig(t), "cb");
	CHECK(t,
	      chr_open(a, deadline_in(EVENT_MS), &why) && chr_open(b, deadline_in(EVENT_MS), &why),
	      "%s", why.data);
	circuit_start_apart(&r, t, a, b);
	r.what = "before";
	circuit_get_going(&r, 1);
	r.what = mode->name;
	hibernate(&r, mode);
	circuit_settle(&r, circuit_on_the_way(&r));
	circuit_get_going(&r, 1);
	circuit_settle(&r, 0);
	circuit_finish(&r, true);
	circuit_release(&r);
}
