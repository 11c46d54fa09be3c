// SPDX-License-Identifier: GPL-2.0-or-later
/* boot.c - console=hvc0 on the kernel's command line, and console=vport0p1, which is none */
#include <stdlib.h>
#include <string.h>

#include "cases/console/hvc.h"

#define MARK	  "chardev-check was here"
#define LINES_MIN 20 /* of the kernel's report on its memory */
#define PANIC_MS  20000
#define PANIC	  "Kernel panic - not syncing: sysrq triggered crash"

/* A file takes everything however fast it comes; a console drops what its backend does not take. */
static void boot_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->cold = true;
	plan->append = "console=hvc0 ignore_loglevel";
	plan_add_chr(plan, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=cons0,name=console.a");
}

/* Read until @text has come. */
static void read_until(struct trial *t, struct chr *chr, struct buf *got, const char *text)
{
	CHECK(t, chr_read_until(chr, got, text, deadline_in(HVC_MS)),
	      "\"%s\" does not come on the console; %zu bytes did", text, got->len);
}

/* Read to the end; QEMU is gone. */
static void read_rest(struct trial *t, struct chr *chr, struct buf *got)
{
	char block[4096];
	ssize_t n;

	chr_no_more(chr);
	while ((n = chr_read(chr, block, sizeof(block), deadline_in(HVC_MS))) > 0)
		buf_add(got, block, (size_t)n);
	CHECK(t, n == CHR_EOF, "the host end stays open without QEMU");
}

/* Where the console's first line stands in dmesg. Not behind the line after "enabled": nothing is
 * missing since. A driver that is a module has nothing before it, because it finds its port only
 * after hvc has replayed what was there (virtio_console.c init_port_console()); one that is built
 * in may. */
static size_t first_line(struct trial *t, const struct strv *dmesg, const char *first)
{
	size_t from = 0, enabled = 0;

	while (from < dmesg->n && strcmp(dmesg->v[from], first) != 0)
		from++;
	while (enabled < dmesg->n && !strstr(dmesg->v[enabled], "console [hvc0] enabled"))
		enabled++;
	CHECK(t, enabled < dmesg->n, "the kernel does not say that console hvc0 is enabled");
	CHECK(t, from < dmesg->n, "the first line on the console, \"%s\", is no message", first);
	CHECK(t, from <= enabled + 1,
	      "%zu messages since the console is there are missing on it, the first: %s",
	      from - enabled - 1, dmesg->v[enabled + 1]);
	return from;
}

/* @got is what dmesg has, line by line, to @MARK. */
static void check_messages(struct trial *t, const char *dmesg, const char *got)
{
	struct strv want = {NULL, 0}, have = {NULL, 0};
	size_t from;

	strv_split(&want, dmesg, "\n");
	strv_split(&have, got, "\r\n");
	from = first_line(t, &want, have.v[0]);
	CHECK(t, have.n > LINES_MIN, "only %zu lines came on the console", have.n);
	for (size_t i = 0; i == 0 || !strstr(have.v[i - 1], MARK); i++)
		CHECK(t, from + i < want.n && strcmp(want.v[from + i], have.v[i]) == 0,
		      "line %zu on the console is \"%s\", the kernel's message is \"%s\"", i + 1,
		      have.v[i], from + i < want.n ? want.v[from + i] : "(none)");
	trial_note(t, "the kernel's messages came from the %zuth of %zu on", from + 1, want.n);
	strv_release(&have);
	strv_release(&want);
}

/* The consoles that the kernel has. */
static void check_active(struct trial *t, const char *want)
{
	char *active = hvc_guest(t, "cat /sys/class/tty/console/active");

	CHECK(t, strcmp(active, want) == 0, "the kernel's consoles are \"%s\", want \"%s\"", active,
	      want);
	free(active);
}

CASE(console_boot, .id = "console.boot",
     .title = "with console=hvc0 on the kernel's command line all its messages since the console "
	      "is there come on it, whole and in order, and it is /dev/console",
     .clause = "linux/Documentation/admin-guide/kernel-parameters.txt console=hvc<n>",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = boot_plan)
{
	struct chr *host = hvc_open(t, "c0");
	struct buf got = BUF_INIT;
	char *dmesg;

	check_active(t, "ttyS0 hvc0");
	/* The driver is a module, so most of the boot is over: make the kernel talk. */
	free(hvc_guest(t, "echo m >/proc/sysrq-trigger && echo '" MARK "' >/dev/kmsg"));
	read_until(t, host, &got, MARK "\r\n");
	dmesg = hvc_guest(t, "dmesg");
	check_messages(t, dmesg, got.data);
	free(hvc_guest(t, "echo to /dev/console >/dev/console"));
	read_until(t, host, &got, "to /dev/console\r\n");
	free(dmesg);
	buf_release(&got);
}

/* What a console is for: QEMU ends with the guest (panic=-1, -no-reboot). */
CASE(console_panic, .id = "console.panic",
     .title = "the last words of a kernel that panics come on console=hvc0 as on the serial one",
     .clause = "linux/Documentation/admin-guide/kernel-parameters.txt console=hvc<n>",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = boot_plan)
{
	struct rig *rig = trial_rig(t);
	struct chr *host = hvc_open(t, "c0");
	/* ssh has it until it is released, though the trial may have failed by then. */
	static struct guest_cmd crash;
	struct buf got = BUF_INIT, serial = BUF_INIT;
	const char *is, *want;

	free(hvc_guest(t, "echo '" MARK "' >/dev/kmsg"));
	rig->vm.quit = true;
	CHECK(t,
	      guest_start(&rig->vm.guest, &crash, deadline_in(HVC_MS),
			  "echo c >/proc/sysrq-trigger"),
	      "the guest cannot be crashed: %s", rig->vm.guest.error.data);
	CHECK(t, proc_wait(&rig->vm.proc, deadline_in(PANIC_MS)),
	      "QEMU goes on though the guest panicked");
	read_rest(t, host, &got);
	guest_cmd_release(&crash);
	CHECK(t, buf_read_file(&serial, VM_CONSOLE), "the serial console cannot be read");
	is = strstr(got.data, MARK);
	want = strstr(serial.data, MARK);
	CHECK(t, want && strstr(want, PANIC), "the kernel did not panic on the serial console");
	CHECK(t, is && strstr(is, PANIC), "\"" PANIC "\" does not come on hvc0");
	CHECK(t, strcmp(is, want) == 0,
	      "the %zu bytes of the panic on hvc0 are not the %zu bytes on the serial console",
	      strlen(is), strlen(want));
	buf_release(&serial);
	buf_release(&got);
}

static void not_boot_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->cold = true;
	plan->append = "console=vport0p1 ignore_loglevel";
	plan_add_chr(plan, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,chardev=c0,id=port0,name=serial.a");
}

CASE(console_boot_not_on_port, .id = "console.boot-not-on-port",
     .title = "console=vport0p1 makes no console: the guest comes up, and only what is written to "
	      "the port comes out of it",
     .clause = "linux/drivers/char/virtio_console.c init_port_console()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = not_boot_plan)
{
	char *vport = hvc_vport(t, "serial.a");
	char *said = hvc_guest(t, "echo '" MARK "' >/dev/kmsg && dmesg | grep -c '" MARK "' && "
				  "grep -c console=vport0p1 /proc/cmdline");
	char *wrote = hvc_guest(t, "echo marker >/dev/%s", vport);
	struct chr *host = hvc_open(t, "c0");

	CHECK(t, strcmp(vport, "vport0p1") == 0, "the port is %s, want vport0p1", vport);
	check_active(t, "ttyS0");
	CHECK(t, strcmp(said, "1\n1") == 0, "the kernel did not take the message: %s", said);
	hvc_hear(t, host, "marker\n");
	hvc_nothing_more(t);
	free(wrote);
	free(said);
	free(vport);
}
