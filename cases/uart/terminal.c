// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal.c - people on a serial port: a login, the kernel's messages */
#include <stdlib.h>
#include <string.h>

#include "cases/uart/uart.h"
#include "harness/run/login.h"

#define OPEN_MS 5000

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
     .clause = "qemu/qemu-options.hx -serial", .seed = "chardev-test-plan isa-serial",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = login_plan, .repro = login_repro)
{
	struct chr *host = rig_chr(trial_rig(t), "c1");
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(host, deadline_in(OPEN_MS), &why), "the host end of c1: %s", why.data);
	login_drive(t, host, "ttyS1");
}
