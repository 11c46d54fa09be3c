// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal.c - people on a serial port: a login, the kernel's messages */
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"
#include "harness/run/login.h"

#define OPEN_MS 5000
#define BOOT_MS 10000
#define FIRST	"[    0.000000] Linux version "
#define MARK	"chardev-check was here"

static void login_plan(const struct variant *v, struct plan *plan)
{
	uart_add_chr(plan, "c1", variant_get(v, "backend"));
	plan->uart[0] = "c1";
	plan->n_uarts = PLAN_UARTS;
}

/* Type by hand. */
static void login_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	buf_addstr(b, "guest 'console-login ttyS1 </dev/null >/dev/null 2>&1 &'\nconnect c1\n");
}

CASE(isa_login, .id = "isa-serial.login",
     .title = "on ttyS1 a wrong password is refused, the right one let in; what is typed is done, "
	      "long output ends in a prompt, exit leads back to login:",
     .clause = "qemu/qemu-options.hx -serial", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"backend", NULL}, .plan = login_plan, .repro = login_repro)
{
	struct chr *host = rig_chr(trial_rig(t), "c1");
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(host, deadline_in(OPEN_MS), &why), "the host end of c1: %s", why.data);
	login_drive(t, host, "ttyS1");
}

/* A file takes everything, also what comes before anybody could connect. */
static void boot_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->cold = true;
	plan->console = "ttyS1,115200";
	plan->append = "ignore_loglevel";
	plan_add_chr(plan, "c1", CHR_FILE, CHR_QEMU_LISTENS);
	plan->uart[0] = "c1";
	plan->n_uarts = 1;
}

static void read_until(struct trial *t, struct chr *chr, struct buf *got, const char *text)
{
	CHECK(t, chr_read_until(chr, got, text, deadline_in(BOOT_MS)),
	      "\"%s\" does not come on the console; %zu bytes did", text, got->len);
}

/* Every message up to MARK is in @got, in the order of the kernel's log; the words of programs may
 * stand between them. */
static void check_messages(struct trial *t, const char *dmesg, const char *got)
{
	bool marked = false;
	size_t n = 0;

	CHECK(t, strncmp(dmesg, FIRST, strlen(FIRST)) == 0, "dmesg does not begin with \"%s\": %s",
	      FIRST, dmesg);
	while (*dmesg && !marked) {
		size_t len = strcspn(dmesg, "\n");
		char *line = xasprintf("%.*s\r\n", (int)len, dmesg);
		const char *at = strstr(got, line);

		n++;
		CHECK(t, at,
		      "of the kernel's messages number %zu is not on the console, or not in its "
		      "place: %s",
		      n, line);
		got = at + strlen(line);
		dmesg += len + (dmesg[len] == '\n');
		marked = strstr(line, MARK);
		free(line);
	}
	CHECK(t, marked, "dmesg lacks \"%s\"", MARK);
	trial_note(t, "%zu messages came", n);
}

CASE(isa_boot, .id = "isa-serial.boot",
     .title = "with console=ttyS1,115200 on the kernel's command line all its messages come on "
	      "that port, from the first one on, and it is /dev/console",
     .clause = "linux/Documentation/admin-guide/serial-console.rst", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = boot_plan)
{
	struct chr *host = rig_chr(trial_rig(t), "c1");
	struct buf got = BUF_INIT, why = BUF_INIT;
	char *active, *dmesg;

	CHECK(t, chr_open(host, deadline_in(OPEN_MS), &why), "the host end of c1: %s", why.data);
	active = uart_guest(t, "cat /sys/class/tty/console/active");
	CHECK(t, strcmp(active, "ttyS1") == 0, "the kernel's consoles are \"%s\", want ttyS1",
	      active);
	free(uart_guest(t, "echo '" MARK "' >/dev/kmsg"));
	read_until(t, host, &got, MARK "\r\n");
	dmesg = uart_guest(t, "dmesg");
	check_messages(t, dmesg, got.data);
	free(uart_guest(t, "echo to /dev/console >/dev/console"));
	read_until(t, host, &got, "\r\nto /dev/console\r\n");
	buf_release(&got);
	free(dmesg);
	free(active);
}
