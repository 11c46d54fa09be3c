// SPDX-License-Identifier: GPL-2.0-or-later
/* stdio.c - -chardev stdio: QEMU at a terminal, which it must leave as it found it */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cases/chardev/host.h"

#define UART_BYTES   300
#define VIRTIO_BYTES 20001
#define ESCAPE_X     "\x01x"
#define TERMINATED   "QEMU: Terminated\n\r"

static struct terminal term;

/* Whose terminal it is has to be known before QEMU starts. */
static void sit_down(struct trial *t, bool raw)
{
	terminal_make(&term, t, raw);
	t->plan.has_terminal = true;
	t->plan.terminal[0] = t->plan.terminal[1] = term.slave;
}

static struct stream user(struct bare *b)
{
	return stream_plain(bare_adopt(b, "user", dup(term.master)));
}

/* QEMU sits at it, and its device knows. */
static struct bare *at_terminal(struct trial *t, bool raw, struct stream *s)
{
	struct bare *b;

	sit_down(t, raw);
	b = trial_bare(t);
	*s = user(b);
	bare_host_opened(b, b->front, true);
	return b;
}

static void carries_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "stdio,id=c0,signal=off");
}

CASE(stdio_carries, .id = "stdio.carries",
     .title = "every byte passes between a terminal without a line discipline and the device, both "
	      "ways at once",
     .clause = "qemu/qemu-options.hx -chardev stdio", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .plan = carries_plan)
{
	struct stream s;
	struct bare *b = at_terminal(t, true, &s);
	size_t len = front_kind_is_virtio(b->front->kind) ? VIRTIO_BYTES : UART_BYTES;

	bare_exchange(b, b->front, &s, len, b->front->kind == FRONT_DEBUGCON ? 0 : len);
	bare_exchange(b, b->front, &s, 1, b->front->kind == FRONT_DEBUGCON ? 0 : 1);
}

static void keys_plan(const struct variant *v, struct plan *plan)
{
	bool on = variant_is(v, "signal", "on");

	bare_plan(v, plan);
	plan->controlled = true;
	bare_chardev(plan, "stdio,id=c0%s", on ? "" : ",signal=off");
}

CASE(stdio_keys, .id = "stdio.keys",
     .title =
	     "a key comes to the device at once and without an echo; C-c is a key with signal=off, "
	     "and ends QEMU with signal=on, which is the default",
     .clause = "qemu/qemu-options.hx -chardev stdio signal", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "signal", NULL},
     .plan = keys_plan)
{
	/* What a line discipline would take for itself: interrupt, quit, stop, erase, kill, end of
	 * file, flow control, carriage return, literal next. */
	static const char keys[] = "a\x03\x1c\x1a\x7f\x15\x04\x13\x11\r\x16z";
	static const char harmless[] = "a\x7f\x15\x04\x13\x11\r\x16z";
	struct stream s;
	struct bare *b = at_terminal(t, false, &s);

	if (trial_is(t, "signal", "off")) {
		bare_host_send(b, &s, keys, strlen(keys));
		bare_expect(b, b->front, keys, strlen(keys));
		bare_host_silent(b, &s);
		return;
	}
	bare_host_send(b, &s, harmless, strlen(harmless));
	bare_expect(b, b->front, harmless, strlen(harmless));
	bare_host_silent(b, &s);
	bare_host_send(b, &s, "\x03", 1);
	bare_ended(b, 0);
}

static void restored_plan(const struct variant *v, struct plan *plan)
{
	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	if (variant_is(v, "end", "removed"))
		bare_chardev(plan, "null,id=c0");
	else
		bare_chardev(plan, "stdio,id=c0,signal=off%s",
			     variant_is(v, "end", "escape-x") ? ",mux=on" : "");
}

static void end_it(struct bare *b)
{
	static const struct {
		const char *end;
		int sig;
	} signals[] = {{"sigterm", SIGTERM}, {"sigint", SIGINT}, {"sighup", SIGHUP}};
	struct trial *t = b->t;
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		if (trial_is(t, "end", signals[i].end)) {
			proc_kill(&t->rig.vm.proc, signals[i].sig);
			bare_ended(b, 0);
		}
	if (trial_is(t, "end", "quit"))
		CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	if (trial_is(t, "end", "removed"))
		bare_qmp(b, "chardev-remove", "{\"id\": \"user\"}");
	if (trial_is(t, "end", "escape-x")) {
		struct stream s = user(b);
		struct buf said = BUF_INIT;

		bare_host_send(b, &s, ESCAPE_X, strlen(ESCAPE_X));
		bare_ended(b, 0);
		said.len = chr_read_exact(s.chr, buf_reserve(&said, 64), strlen(TERMINATED),
					  deadline_in(BARE_MS));
		CHECK(t, strncmp(said.data, "QEMU: Terminated", 16) == 0,
		      "C-a x is answered with \"%.*s\"", (int)said.len, said.data);
		buf_release(&said);
	}
}

/* O_NONBLOCK belongs to the open file, which QEMU shares with the shell that started it. */
CASE(stdio_restored, .id = "stdio.restored",
     .title = "however QEMU ends, and when the backend is removed, the terminal is as it was: its "
	      "settings, and blocking",
     .clause = "qemu/chardev/char-stdio.c term_exit()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"end", NULL}, .plan = restored_plan)
{
	struct bare *b;

	sit_down(t, false);
	b = trial_bare(t);
	if (trial_is(t, "end", "removed")) {
		terminal_is_restored(&term, t, "before chardev-add");
		bare_qmp(b, "chardev-add",
			 "{\"id\": \"user\", \"backend\": {\"type\": \"stdio\", \"data\": {}}}");
	}
	CHECK(t, terminal_is_raw(&term, t), "the terminal still waits for a line, or echoes");
	CHECK(t, fcntl(term.slave, F_GETFL) & O_NONBLOCK, "QEMU reads from it and may block");
	end_it(b);
	terminal_is_restored(&term, t, trial_axis(t, "end"));
}

CASE(stdio_continued, .id = "stdio.continued",
     .title =
	     "when QEMU goes on after it was stopped and somebody else used the terminal, it is set "
	     "again as QEMU needs it",
     .clause = "qemu/chardev/char-stdio.c term_stdio_handler()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = carries_plan)
{
	struct stream s;
	struct bare *b = at_terminal(t, false, &s);

	for (int i = 0; i < 2; i++) {
		proc_stop(&t->rig.vm.proc);
		CHECK(t, tcsetattr(term.slave, TCSANOW, &term.before) == 0, "no settings");
		proc_continue(&t->rig.vm.proc);
		bare_settle(b);
		CHECK(t, terminal_is_raw(&term, t), "the terminal waits for a line, or echoes");
		bare_host_send(b, &s, "\x03k", 2);
		bare_expect(b, b->front, "\x03k", 2);
		bare_host_silent(b, &s);
	}
}

static void eof_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "stdio,id=c0");
}

CASE(stdio_eof, .id = "stdio.end-of-file",
     .title =
	     "what came before the end of stdin reaches the device; then a port's host has left, and "
	     "a UART's output still reaches stdout",
     .clause = "qemu/chardev/char-fd.c fd_chr_read()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .plan = eof_plan)
{
	static const char last[] = "the last words", after[] = "after them";
	int in[2], out[2];
	struct stream s;
	struct bare *b;

	CHECK(t, pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "no pipes");
	t->plan.has_terminal = true;
	t->plan.terminal[0] = in[0];
	t->plan.terminal[1] = out[1];
	b = trial_bare(t);
	s = stream_plain(bare_adopt(b, "out", out[0]));
	close(in[0]);
	close(out[1]);
	bare_host_opened(b, b->front, true);
	bare_send(b, b->front, after, strlen(after));
	bare_host_expect(b, &s, after, strlen(after));
	CHECK(t, write(in[1], last, strlen(last)) == (ssize_t)strlen(last), "a pipe is full");
	close(in[1]);
	bare_expect(b, b->front, last, strlen(last));
	if (front_kind_is_virtio(b->front->kind)) {
		bare_host_opened(b, b->front, false);
		return;
	}
	bare_silent(b, b->front);
	bare_send(b, b->front, after, strlen(after));
	bare_host_expect(b, &s, after, strlen(after));
}

static void hangup_plan(const struct variant *v, struct plan *plan)
{
	carries_plan(v, plan);
	plan->controlled = true;
}

CASE(stdio_hangup, .id = "stdio.hangup",
     .title = "when its terminal hangs up QEMU ends as when it is told to",
     .clause = "qemu/system/runstate.c qemu_system_killed()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = hangup_plan)
{
	struct stream s;
	struct bare *b = at_terminal(t, false, &s);

	bare_send(b, b->front, "x", 1);
	bare_host_expect(b, &s, "x", 1);
	chr_close(s.chr);
	close(term.master); /* the last one */
	term.master = -1;
	bare_ended(b, 0);
}
