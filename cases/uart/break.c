// SPDX-License-Identifier: GPL-2.0-or-later
/* break.c - a break from the host: the guest's terminal sees it, and the kernel's SysRq */
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"

#define OPEN_MS 5000
#define HEAR_MS 8000
#define NODE	"/dev/ttyS1"
#define HELP	"sysrq: HELP : "
#define MARK	"chardev-check was here"

static void send_break(struct trial *t, const char *id)
{
	char *args = xasprintf("{\"id\": \"%s\"}", id);

	trial_qmp(t, trial_rig(t), "chardev-send-break", args);
	free(args);
}

static void break_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan->uart[0] = "c1";
	plan->n_uarts = PLAN_UARTS;
}

/* With PARMRK a break reads as 0xff 0 0: POSIX, general terminal interface, input modes. */
CASE(isa_break, .id = "isa-serial.break",
     .title = "a break that QMP sends to the chardev is a break on the guest's terminal, between "
	      "the bytes before and behind it",
     .clause = "qemu/qapi/char.json chardev-send-break; 16550 data sheet, line status register BI",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = break_plan)
{
	struct chr *chr = rig_chr(trial_rig(t), "c1");
	struct guest_cmd *cmd;
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(chr, deadline_in(OPEN_MS), &why), "the host end of c1: %s", why.data);
	free(uart_guest(t, "stty -F " NODE " 115200 raw -echo -ignbrk -brkint parmrk"));
	/* The bytes before it are asked for, so that they cannot be overtaken. */
	cmd = uart_start(t, "exec 3<>" NODE " && echo >&3 && head -c 2 <&3 | od -An -tx1 && "
			    "echo >&3 && head -c 5 <&3 | od -An -tx1");
	uart_hear(t, chr, "\n");
	uart_say(t, chr, "ab");
	uart_hear(t, chr, "\n");
	send_break(t, "c1");
	uart_say(t, chr, "cd");
	uart_finish(t, cmd, " 61 62\n ff 00 00 63 64\n");
}

/* The console's backend in the saved guest is a file: a socket instead, in the running QEMU. */
static void console_becomes(struct trial *t, struct chr *chr, bool telnet)
{
	struct buf args = BUF_INIT, why = BUF_INIT;

	chr_init(chr, "console", CHR_UNIX, CHR_QEMU_LISTENS);
	chr->members = telnet ? "\"telnet\": true" : NULL;
	chr_qmp(chr, &args);
	trial_qmp(t, trial_rig(t), "chardev-change", args.data);
	CHECK(t, chr_open(chr, deadline_in(OPEN_MS), &why), "the console's host end: %s", why.data);
	buf_release(&args);
}

/* A word in the kernel's log, which the console shows behind all that came before. */
static void await_mark(struct trial *t, struct telnet *tel)
{
	free(uart_guest(t, "echo '<1>" MARK "' >/dev/kmsg"));
	CHECK(t, telnet_await(tel, MARK, deadline_in(HEAR_MS)),
	      "what is written to /dev/kmsg does not come on the console%s%s; it has: %s",
	      tel->error.len ? ": " : "", tel->error.data, tel->text.data);
}

static const char *find(const struct buf *text, const char *word)
{
	return memmem(text->data, text->len, word, strlen(word));
}

/* Up to and with @word, which is there. */
static void drop_to(struct buf *text, const char *word)
{
	buf_drop(text, (size_t)(find(text, word) - text->data) + strlen(word));
}

CASE(isa_sysrq, .id = "isa-serial.sysrq",
     .title =
	     "on the kernel's serial console a break and then h is SysRq-h, whether the break comes "
	     "from a telnet client or from QMP; h alone is not",
     .clause =
	     "linux/Documentation/admin-guide/sysrq.rst; RFC 854 BREAK; qemu/chardev/char-socket.c "
	     "tcp_chr_process_IAC_bytes()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"break", NULL})
{
	bool telnet = trial_is(t, "break", "telnet");
	static struct chr console;
	struct telnet tel;

	free(uart_guest(t, "echo 1 >/proc/sys/kernel/sysrq"));
	console_becomes(t, &console, telnet);
	telnet_begin(&tel, &console);
	CHECK(t, telnet_type(&tel, "h", 1, deadline_in(HEAR_MS)), "%s", tel.error.data);
	await_mark(t, &tel);
	CHECK(t, !find(&tel.text, HELP), "h is SysRq-h without a break: %s", tel.text.data);
	if (telnet)
		CHECK(t, telnet_break(&tel, deadline_in(HEAR_MS)), "%s", tel.error.data);
	else
		send_break(t, "console");
	CHECK(t, telnet_type(&tel, "h", 1, deadline_in(HEAR_MS)), "%s", tel.error.data);
	CHECK(t, telnet_await(&tel, HELP, deadline_in(HEAR_MS)),
	      "a break and h do not bring SysRq's help on the console%s%s; it has: %s",
	      tel.error.len ? ": " : "", tel.error.data, tel.text.data);
	/* All of it, lest the kernel loses what nobody takes: 8250_port.c wait_for_lsr(), 10 ms. */
	drop_to(&tel.text, HELP);
	CHECK(t, telnet_await(&tel, "\n", deadline_in(HEAR_MS)), "SysRq's help has no end: %s",
	      tel.text.data);
	await_mark(t, &tel);
	CHECK(t, !find(&tel.text, HELP), "one break brings SysRq's help again: %s", tel.text.data);
	CHECK(t, !telnet || strcmp(tel.asked.data, "WILL 1 WILL 3 WILL 0 DO 0") == 0,
	      "QEMU greets a telnet client with: %s", tel.asked.data);
	telnet_end(&tel);
	chr_release(&console);
}
