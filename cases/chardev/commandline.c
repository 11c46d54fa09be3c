// SPDX-License-Identifier: GPL-2.0-or-later
/* commandline.c - forms of the command line by what can be seen of them: ports, keys */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/chardev/host.h"
#include "harness/base/io.h"

#define MS     10000
#define PROMPT "(qemu) "
#define C_A    "\x01"
/* SeaBIOS under TCG on a busy host. */
#define FIRMWARE_MS 20000

/* ---- which ports there are */

/* A PC's addresses: COM1 to COM4, LPT1 to LPT3; hw/char/serial-isa.c, hw/char/parallel.c. */
static const uint16_t com[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
static const uint16_t lpt[] = {0x378, 0x278, 0x3bc};
#define SCRATCH 7 /* PC16550D data sheet, 8.0: a register for bytes of the program's */

/**
 * struct ports_row - A command line and the ports that it makes
 * @name:	value of the axis "row"
 * @defaults:	without -nodefaults
 * @ports:	their numbers: COM, blank, LPT
 */
static const struct ports_row {
	const char *name;
	bool defaults;
	const char *args, *ports;
} rows[] = {
	{"nodefaults", false, "", " "},
	{"defaults", true, "", "1 1"},
	{"display-none", true, "-display none", "1 1"},
	{"display-none-serial-none", true, "-display none -serial none", " 1"},
	{"none-and-none", true, "-display none -serial none -parallel none", " "},
	{"none-counts", false, "-display none -serial none -serial null", "2 "},
	{"none-between", false, "-serial null -serial none -serial null", "13 "},
	{"none-counts-twice", false, "-serial none -serial none -serial none -serial null", "4 "},
	/* system/vl.c: serial_parse() counts none, parallel_parse() does not. */
	{"none-parallel", false, "-parallel none -parallel null", " 1"},
	{"five", false, "-serial null -serial null -serial null -serial null -serial null",
	 "1234 "},
	{"mixed", true, "-serial none -parallel null -serial msmouse -parallel null", "2 12"},
	{"nographic", true, "-nographic", "1 1"},
	{"nographic-serial-none", true, "-nographic -serial none", " 1"},
	{"nographic-nodefaults", false, "-nographic", " "},
	{"device-beside-serial", false,
	 "-serial null -chardev null,id=c -device isa-serial,chardev=c", "12 "},
	{"device-index", false, "-chardev null,id=c -device isa-serial,chardev=c,index=2", "3 "},
	{"device-beside-default", true, "-chardev null,id=c -device isa-serial,chardev=c", "1 1"},
};

static void ports_plan(const struct variant *v, struct plan *plan)
{
	const struct ports_row *row = variant_row(v);

	bare_plan_machine(plan);
	plan->defaults = row->defaults;
	strv_split(&plan->args, row->args, " ");
}

/* A register that keeps what is written; where nothing is, all bits read as ones. */
static bool keeps(struct target *target, uint16_t reg)
{
	target_out8(target, reg, 0x5a);
	if (target_in8(target, reg) != 0x5a)
		return false;
	target_out8(target, reg, 0xa5);
	return target_in8(target, reg) == 0xa5;
}

CASE(option_ports, .id = "option.ports",
     .title = "the serial and parallel ports that a command line asks for are at their addresses, "
	      "and no others; a serial none counts",
     .clause = "qemu/qemu-options.hx -serial, -parallel, -nographic, -display none",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL},
     .rows = ROWS(rows), .plan = ports_plan)
{
	const struct ports_row *row = trial_row(t);
	struct bare *b = trial_bare(t);
	char is[16];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(com) / sizeof(*com); i++)
		if (keeps(b->target, (uint16_t)(com[i] + SCRATCH)))
			is[n++] = (char)('1' + i);
	is[n++] = ' ';
	for (size_t i = 0; i < sizeof(lpt) / sizeof(*lpt); i++)
		if (keeps(b->target, lpt[i]))
			is[n++] = (char)('1' + i);
	is[n] = '\0';
	CHECK(t, strcmp(is, row->ports) == 0, "%s makes the ports \"%s\" (COM, LPT), want \"%s\"",
	      row->args, is, row->ports);
}

/* ---- -serial mon:stdio at a terminal */

static struct terminal term;

static void stdio_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_made(plan, "isa-serial");
	plan->controlled = true;
	strv_pushl(&plan->args, "-serial", "mon:stdio", NULL);
}

static void shows(struct trial *t, struct chr *c, const char *text)
{
	host_shows(t, c, "the terminal", text);
}

static void types(struct bare *b, struct stream *user, const char *keys)
{
	bare_host_send(b, user, keys, strlen(keys));
}

static struct bare *at_terminal(struct trial *t, struct stream *user)
{
	struct bare *b;

	terminal_make(&term, t, false);
	t->plan.has_terminal = true;
	t->plan.terminal[0] = t->plan.terminal[1] = term.slave;
	b = trial_bare(t);
	*user = stream_plain(bare_adopt(b, "user", dup(term.master)));
	return b;
}

CASE(mon_stdio, .id = "option.mon-stdio",
     .title = "-serial mon:stdio: C-c and C-a C-a are the guest's, C-a h helps, C-a b is a break, "
	      "C-a c leads to the monitor and back, C-a x ends QEMU and restores the terminal",
     .clause =
	     "qemu/qemu-options.hx -serial mon:, -nographic; qemu/docs/system/mux-chardev.rst.inc",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .plan = stdio_plan)
{
	struct stream user;
	struct bare *b = at_terminal(t, &user);

	bare_send(b, b->front, "login: ", 7);
	shows(t, user.chr, "login: ");
	types(b, &user, "\x03");
	bare_expect(b, b->front, "\x03", 1);
	types(b, &user, C_A C_A);
	bare_expect(b, b->front, "\x01", 1);
	types(b, &user, C_A "h");
	shows(t, user.chr, "C-a h    print this help");
	shows(t, user.chr, "C-a x    exit emulator");
	shows(t, user.chr, "C-a c    switch between console and monitor");
	types(b, &user, C_A "b");
	bare_expect(b, b->front, "\0", 1);
	types(b, &user, C_A "c");
	shows(t, user.chr, PROMPT);
	types(b, &user, "info status\r");
	shows(t, user.chr, "VM status: running");
	shows(t, user.chr, PROMPT);
	bare_silent(b, b->front);
	bare_send(b, b->front, "meanwhile", 9); /* who has the keys does not matter to it */
	shows(t, user.chr, "meanwhile");
	types(b, &user, C_A "cback");
	bare_expect(b, b->front, "back", 4);
	types(b, &user, C_A "x");
	bare_ended(b, 0);
	shows(t, user.chr, "QEMU: Terminated");
	terminal_is_restored(&term, t, "C-a x");
}

/* ---- -nographic, without a monitor of ours: one would take the place of -nographic's own */

static void end_program(void *arg)
{
	program_release(arg);
}

/* All that QEMU's terminal shows up to @text, appended to @got. */
static void qemu_shows(struct trial *t, const struct program *qemu, struct buf *got,
		       const char *text)
{
	struct deadline d = deadline_in(FIRMWARE_MS);
	size_t from = got->len;
	char byte;

	while (got->len == from || !strstr(got->data + from, text)) {
		CHECK(t, io_wait(qemu->fd, POLLIN, d) && read(qemu->fd, &byte, 1) == 1,
		      "the terminal shows \"%s\" and not \"%s\"", got->len ? got->data : "", text);
		if (byte)
			buf_add(got, &byte, 1);
	}
}

static void qemu_told(struct trial *t, const struct program *qemu, const char *keys)
{
	CHECK(t, io_write_all(qemu->fd, keys, strlen(keys), deadline_in(MS)), "no keys");
}

CASE(nographic, .id = "option.nographic",
     .title = "-nographic puts firmware and monitor on one terminal, the serial port's, and gives "
	      "the parallel port nobody; C-a x ends QEMU",
     .clause = "qemu/qemu-options.hx -nographic; qemu/system/vl.c qemu_create_default_devices()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU)
{
	static const char *const chardevs[] = {"parallel0: filename=null", "serial0: filename=mux",
					       "serial0-base: filename=stdio"};
	static struct program qemu;
	struct strv words = {NULL, 0};
	struct buf got = BUF_INIT;

	strv_pushl(&words, t->session->caps->path, "-nographic", "-no-user-config", "-accel", "tcg",
		   "-net", "none", NULL);
	program_start(&qemu, &words, PROGRAM_TERMINAL);
	trial_defer(t, end_program, &qemu);
	qemu_shows(t, &qemu, &got, "SeaBIOS (version ");
	qemu_told(t, &qemu, C_A "c");
	qemu_shows(t, &qemu, &got, PROMPT);
	buf_clear(&got);
	qemu_told(t, &qemu, "info chardev\r");
	qemu_shows(t, &qemu, &got, "\n");
	qemu_shows(t, &qemu, &got, PROMPT);
	for (size_t i = 0; i < sizeof(chardevs) / sizeof(*chardevs); i++)
		CHECK(t, strstr(got.data, chardevs[i]), "info chardev says nothing of \"%s\": %s",
		      chardevs[i], got.data);
	CHECK(t, !strstr(got.data, "compat_monitor"), "there is another monitor: %s", got.data);
	qemu_told(t, &qemu, C_A "x");
	qemu_shows(t, &qemu, &got, "QEMU: Terminated");
	CHECK(t, proc_wait(&qemu.proc, deadline_in(MS)), "QEMU does not end");
	CHECK(t, qemu.proc.status == 0, "QEMU ends with wait status %#x", qemu.proc.status);
	strv_release(&words);
	buf_release(&got);
}
