// SPDX-License-Identifier: GPL-2.0-or-later
/* debugcon.c - isa-debugcon, and the firmware's words on it and on a serial console */
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"

#define BOOT_MS	  10000
#define FINISH_MS 8000
#define OUT	  "debugcon.out"
#define TEXT	  "a line by outb"
#define FIRST	  "SeaBIOS (version "
#define ATTEMPT	  "\nBooting from Hard Disk..."
/* Behind it nothing comes: the firmware has tried all there is to boot from. */
#define LAST "\nNo bootable device."

/* A disk of zeros: one attempt to boot, which fails. */
static void add_disk(struct plan *plan)
{
	plan->cold = true;
	strv_pushl(&plan->args, "-drive", "if=ide,driver=null-co,size=1M,read-zeroes=on", NULL);
}

/* What a host end gets until the firmware gives up, without carriage returns. */
static void read_boot(struct trial *t, struct chr *chr, struct buf *text)
{
	struct deadline d = deadline_in(BOOT_MS);
	struct buf why = BUF_INIT;
	char block[4096];

	CHECK(t, chr_is_open(chr) || chr_open(chr, d, &why), "the host end of %s: %s", chr->id,
	      why.data);
	while (!strstr(text->data, LAST)) {
		ssize_t n = chr_read(chr, block, sizeof(block), d);

		CHECK(t, n > 0, "the log does not get to \"%s\"; it ends with: %s", &LAST[1],
		      text_last_line(text->data));
		for (ssize_t i = 0; i < n; i++)
			if (block[i] != '\r' && block[i] != '\0')
				buf_add(text, &block[i], 1);
	}
}

static void check_boot(struct trial *t, const char *text)
{
	CHECK(t, strncmp(text, FIRST, strlen(FIRST)) == 0, "the log does not begin with \"%s\": %s",
	      FIRST, text);
	CHECK(t, strstr(text, ATTEMPT), "the log lacks \"%s\"", &ATTEMPT[1]);
}

static void seabios_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	add_disk(plan);
	plan_add_chr(plan, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "isa-debugcon,chardev=c0,iobase=0x402");
}

CASE(debugcon_seabios, .id = "debugcon.seabios",
     .title = "SeaBIOS's log is in isa-debugcon's file from its first line to the boot attempt",
     .clause = "qemu/hw/char/debugcon.c", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .plan = seabios_plan)
{
	struct buf text = BUF_INIT;

	read_boot(t, rig_chr(trial_rig(t), "c0"), &text);
	check_boot(t, text.data);
	/* Only the debug port has what is not meant for people. */
	CHECK(t, strstr(text.data, "\nFound QEMU fw_cfg\n"), "the log lacks the fw_cfg line");
	buf_release(&text);
}

static void sugar_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	add_disk(plan);
	plan_add_chr(plan, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	/* It makes a backend of its own, which writes where ours would: one reader serves both. */
	strv_pushl(&plan->args, "-debugcon", "file:c0.out", "-global", "isa-debugcon.iobase=0x402",
		   NULL);
}

CASE(debugcon_sugar, .id = "debugcon.sugar", .title = "-debugcon makes an isa-debugcon",
     .clause = "qemu/qemu-options.hx -debugcon", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .plan = sugar_plan)
{
	struct buf text = BUF_INIT;

	read_boot(t, rig_chr(trial_rig(t), "c0"), &text);
	check_boot(t, text.data);
	CHECK(t, strstr(text.data, "\nFound QEMU fw_cfg\n"), "the log lacks the fw_cfg line");
	buf_release(&text);
}

/* A saved state has no place for an isa-debugcon, so one can be added when it is restored. */
static void write_plan(const struct variant *v, struct plan *plan)
{
	strv_pushl(&plan->args, "-chardev", "file,id=dbg,path=" OUT, NULL);
	if (variant_is(v, "debugcon", "there"))
		strv_pushl(&plan->args, "-device", "isa-debugcon,chardev=dbg", NULL);
}

CASE(debugcon_write, .id = "debugcon.guest-write",
     .title = "what the guest writes to port 0xe9 is in the file; without the device, nowhere",
     .clause = "qemu/hw/char/debugcon.c debugcon_ioport_write(), debugcon_ioport_read()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"debugcon", NULL},
     .plan = write_plan)
{
	bool there = trial_is(t, "debugcon", "there");
	struct buf got = BUF_INIT;
	struct helper *h = helper_start(t, "outb 233 '%s'", TEXT);
	char *reads;

	helper_finish(h, FINISH_MS);
	reads = tap_diag(&h->tap, "reads");
	/* The device answers with its readback value, an empty bus with ones. */
	CHECK(t, reads && strcmp(reads, there ? "0xe9" : "0xff") == 0, "port 0xe9 reads %s",
	      reads ? reads : "(nothing)");
	free(reads);
	CHECK(t, buf_read_file(&got, OUT), "QEMU made no file %s", OUT);
	CHECK(t, strcmp(got.data, there ? TEXT : "") == 0, "the file has \"%s\"", got.data);
	buf_release(&got);
}

/* graphics=off is what -nographic sets: it makes fw_cfg's etc/sercon-port. */
static void console_plan(const struct variant *v, struct plan *plan)
{
	add_disk(plan);
	plan->machine = variant_is(v, "graphics", "off") ? "pc,graphics=off" : "pc,graphics=on";
	plan_add_chr(plan, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_FILE, CHR_QEMU_LISTENS);
	strv_pushl(&plan->args, "-serial", "chardev:c1", NULL);
	strv_push(&plan->devices, "isa-debugcon,chardev=c0,iobase=0x402");
}

CASE(seabios_console, .id = "seabios.console",
     .title = "SeaBIOS's screen is on the serial port when the machine has no graphics, else not",
     .clause = "qemu/hw/nvram/fw_cfg.c etc/sercon-port; seabios docs/Runtime_config.md",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"graphics", NULL},
     .plan = console_plan)
{
	struct buf log = BUF_INIT, screen = BUF_INIT, why = BUF_INIT;
	struct chr *serial = rig_chr(trial_rig(t), "c1");
	char *at;

	read_boot(t, rig_chr(&t->rig, "c0"), &log);
	check_boot(t, log.data);
	if (trial_is(t, "graphics", "on")) {
		CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
		CHECK(t, buf_read_file(&screen, serial->path), "no file %s", serial->path);
		CHECK(t, screen.len == 0, "on the serial port: %s", screen.data);
		return;
	}
	read_boot(t, serial, &screen);
	at = strstr(screen.data, FIRST);
	CHECK(t, at, "no banner on the serial port: %s", screen.data);
	check_boot(t, at);
	buf_release(&log);
	buf_release(&screen);
}
