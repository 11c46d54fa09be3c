// SPDX-License-Identifier: GPL-2.0-or-later
/* hibernate.c - the guest under a stream is put on a disk (ACPI S4), and goes on from there */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cases/streams/interrupt.h"

#define DISK	 "hibernated"
#define DISK_MB	 256
#define EVENT_MS 20000
#define BOOT_MS	 60000

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

static void go_to_disk(struct circuit *r, const struct mode *mode)
{
	struct guest *g = &r->rig->vm.guest;
	int status = guest_run(g, NULL, deadline_in(EVENT_MS),
			       "[ -e /sys/power/disk ] || exit 77; mkswap /dev/vda && "
			       "swapon /dev/vda && echo %s >/sys/power/disk",
			       mode->name);

	if (status == 77)
		trial_skip(r->t, "the guest's kernel has no CONFIG_HIBERNATION");
	CHECK(r->t, status == 0, "%s: status %d: %s", r->what, status, g->error.data);
	interrupt_alone(r, "echo disk >/sys/power/state");
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
	r->rig = trial_successor(r->t, &plan);
	r->a = rig_chr(r->rig, "ca");
	r->b = rig_chr(r->rig, "cb");
}

/* What waits in our socket before the event is not safe: to write the disk the guest's devices go
 * on (linux/kernel/power/hibernate.c hibernate()), and take what the disk does not tell of. */
static void hibernate(struct circuit *r, const struct mode *mode)
{
	if (!mode->off && !mode->sleeps)
		trial_survive_reset(r->t, r->rig);
	go_to_disk(r, mode);
	interrupt_await_event(r, mode->event);
	if (mode->off)
		start_again(r);
	else
		circuit_mark(r);
	if (mode->sleeps)
		interrupt_qmp(r, "system_wakeup", NULL);
	interrupt_alone_went_on(r, BOOT_MS);
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
     .rows = ROWS(modes), .plan = hibernated_plan)
{
	const struct mode *mode = trial_row(t);
	struct circuit r;

	make_disk(t);
	if (mode->sleeps)
		interrupt_boot_compressed(t);
	interrupt_start(&r, t);
	r.what = mode->name;
	hibernate(&r, mode);
	circuit_settle(&r, true);
	circuit_get_going(&r, 1);
	circuit_settle(&r, false);
	circuit_finish(&r, true);
	circuit_release(&r);
}
