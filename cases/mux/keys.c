// SPDX-License-Identifier: GPL-2.0-or-later
/* keys.c - the keys behind C-a, but for C-a c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/mux/mux.h"

#define NODE  "/dev/ttyS1"
#define STAMP 15 /* "[00:00:00.000] " */

static void keys_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan->chrs[0].options = "mux=on";
	plan->uart[0] = "c1";
	plan->n_uarts = PLAN_UARTS;
	strv_pushl(&plan->args, "-mon", "chardev=c1,mode=readline", NULL);
}

CASE(mux_literal, .id = "mux.literal",
     .title = "C-a C-a is one C-a for the guest, in the middle of a text and twice in a row",
     .clause = "qemu/docs/system/mux-chardev.rst.inc C-a C-a", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = keys_plan)
{
	struct mux_tty *tty;
	struct mux m;

	mux_init(&m, t, rig_chr(trial_rig(t), "c1"));
	tty = mux_tty(&m, NODE);
	mux_send(&m, "before" C_A C_A C_A C_A "after");
	buf_addstr(&tty->typed, "before" C_A C_A "after");
	mux_type(&m, tty, " the end\n");
	mux_nothing_more(&m, false);
	mux_release(&m);
}

/* Character by character as mux_help[] in chardev/char-mux.c has it, its odd line ends included. */
static const char help[] = "\n\r"
			   "C-a h    print this help\n\r"
			   "C-a x    exit emulator\n\r"
			   "C-a s    save disk data back to file (if -snapshot)\n\r"
			   "C-a t    toggle console timestamps\n\r"
			   "C-a b    send break (magic sysrq)\n\r"
			   "C-a c    switch between console and monitor\n\r"
			   "C-a C-a  sends C-a\n\r";

CASE(mux_help, .id = "mux.help",
     .title = "C-a h and C-a ? print the keys for the host; the guest sees nothing of it",
     .clause =
	     "qemu/docs/system/mux-chardev.rst.inc C-a h; qemu/chardev/char-mux.c mux_print_help()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = keys_plan)
{
	struct mux_tty *tty;
	struct mux m;

	mux_init(&m, t, rig_chr(trial_rig(t), "c1"));
	tty = mux_tty(&m, NODE);
	mux_type(&m, tty, "before\n");
	mux_send(&m, C_A "h");
	mux_ascii(&m, help);
	mux_print(&m, tty, "between two helps\n");
	mux_send(&m, C_A "?");
	mux_ascii(&m, help);
	mux_type(&m, tty, "after\n");
	mux_nothing_more(&m, false);
	mux_release(&m);
}

/* The next bytes that a terminal gets, told in hexadecimal as they come. */
static void want_bytes(struct trial *t, struct guest_cmd *dump, const char *want)
{
	struct deadline d = deadline_in(MUX_MS);
	char *lines = xasprintf("%s\n", want);

	guest_wait_out(dump, lines, d);
	CHECK(t, strcmp(dump->out.data, lines) == 0, "the guest got \"%s\", want \"%s\"",
	      dump->out.data, lines);
	buf_drop(&dump->out, strlen(lines));
	free(lines);
}

static void release_cmd(void *arg)
{
	guest_cmd_release(arg);
}

/* To a terminal that marks them (termios(3): PARMRK without IGNBRK and BRKINT) a break is 377 0 0.
 * The UART has one flag for all that wait in its FIFO, so they come one by one. */
CASE(mux_break, .id = "mux.break",
     .title =
	     "C-a b is a break for the guest while it has the focus, and nothing while the monitor "
	     "has it",
     .clause = "qemu/docs/system/mux-chardev.rst.inc C-a b; qemu/hw/char/serial.c serial_event()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = keys_plan)
{
	static struct guest_cmd dump;
	struct guest *g;
	struct mux m;

	mux_init(&m, t, rig_chr(trial_rig(t), "c1"));
	g = &t->rig.vm.guest;
	mux_stty(&m, NODE, "parmrk -ignbrk -brkint");
	CHECK(t,
	      guest_start(
		      g, &dump, deadline_in(MUX_MS),
		      "exec 3<" NODE "; echo open; "
		      "while :; do dd bs=1 count=1 <&3 2>/dev/null | hexdump -ve '1/1 \"%%02x\\n\"'; done"),
	      "in the guest: %s", g->error.data);
	trial_defer(t, release_cmd, &dump);
	want_bytes(t, &dump, "open");
	mux_send(&m, "a");
	want_bytes(t, &dump, "61");
	mux_send(&m, C_A "b");
	want_bytes(t, &dump, "ff\n00\n00");
	mux_send(&m, "b" C_A "c" C_A "b" C_A "cc");
	want_bytes(t, &dump, "62\n63");
	mux_send(&m, C_A "b");
	want_bytes(t, &dump, "ff\n00\n00");
	mux_send(&m, "d");
	want_bytes(t, &dump, "64");
	mux_release(&m);
}

static void say(struct mux *m, const char *escaped)
{
	struct guest *g = &m->t->rig.vm.guest;

	CHECK(m->t, guest_run(g, NULL, deadline_in(MUX_MS), "printf '%s' >" NODE, escaped) == 0,
	      "printf in the guest: %s", g->error.data);
}

/* "[00:00:01.234] " at @at: its time in ms; -1: it is none. */
static long stamp_ms(const char *at)
{
	int hours, minutes, seconds, ms, n = 0;

	if (sscanf(at, "[%2d:%2d:%2d.%3d] %n", &hours, &minutes, &seconds, &ms, &n) != 4 ||
	    n != STAMP)
		return -1;
	return ((hours * 60L + minutes) * 60 + seconds) * 1000 + ms;
}

CASE(mux_timestamps, .id = "mux.timestamps",
     .title = "C-a t puts the time before each line that the guest prints, from the next line on; "
	      "again, and no more",
     .clause =
	     "qemu/docs/system/mux-chardev.rst.inc C-a t; qemu/chardev/char-mux.c mux_chr_write()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = keys_plan)
{
	int64_t began;
	struct mux m;
	char *line;
	long ms;

	mux_init(&m, t, rig_chr(trial_rig(t), "c1"));
	mux_stty(&m, NODE, "");
	mux_send(&m, C_A "t");
	began = now_ns();
	say(&m, "one\\ntwo\\n");
	say(&m, "three\\n");
	line = mux_ascii_until(&m, "two\n");
	CHECK(t, strcmp(line, "one\n[00:00:00.000] two\n") == 0, "the first lines are \"%s\"",
	      line);
	free(line);
	line = mux_ascii_until(&m, "\n");
	ms = stamp_ms(line);
	CHECK(t, ms >= 0 && strcmp(line + STAMP, "three\n") == 0, "the third line is \"%s\"", line);
	CHECK(t, ms <= (now_ns() - began) / 1000000, "%ld ms, but it is not as long as that", ms);
	free(line);
	/* The line that was begun by a newline already has none either. */
	mux_send(&m, C_A "t");
	say(&m, "four\\nfive\\n");
	mux_ascii(&m, "four\nfive\n");
	mux_send(&m, C_A "t");
	say(&m, "six\\nseven\\n");
	mux_ascii(&m, "six\n[00:00:00.000] seven\n");
	mux_nothing_more(&m, false);
	mux_release(&m);
}

CASE(mux_exit, .id = "mux.exit",
     .title = "C-a x ends QEMU in order, with its last words on the chardev",
     .clause = "qemu/docs/system/mux-chardev.rst.inc C-a x", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = keys_plan)
{
	struct rig *r = trial_rig(t);
	struct buf why = BUF_INIT;
	struct mux m;

	mux_init(&m, t, rig_chr(r, "c1"));
	r->vm.quit = true;
	mux_send(&m, C_A "x");
	CHECK(t,
	      qmp_event(&r->vm.qmp, deadline_in(MUX_MS), "SHUTDOWN", "reason", "host-qmp-quit") ==
		      QMP_OK,
	      "no event SHUTDOWN with reason host-qmp-quit");
	CHECK(t, vm_await_end(&r->vm), "QEMU goes on after C-a x");
	proc_status_text(&why, r->vm.proc.status);
	CHECK(t, r->vm.proc.status == 0, "QEMU ended with %s", why.data);
	mux_ascii(&m, "QEMU: Terminated\n\r");
	mux_nothing_more(&m, true);
	mux_release(&m);
}
