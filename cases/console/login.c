// SPDX-License-Identifier: GPL-2.0-or-later
/* login.c - somebody logs in on a console, works, and leaves */
#include <stdlib.h>
#include <string.h>

#include "cases/console/hvc.h"
#include "harness/run/login.h"

static void login_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan_add_chr(plan, "c0", kind, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=cons0,name=console.a");
}

/* Type by hand. */
static void login_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	buf_addstr(b, "guest 'console-login hvc0 </dev/null >/dev/null 2>&1 &'\nconnect c0\n");
}

CASE(console_login_case, .id = "console.login",
     .title = "a wrong password is refused, the right one let in; what is typed is done, long "
	      "output ends in a prompt, exit leads back to login:",
     .clause = "virtio-1.2/console/device-operation/1", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"backend", NULL}, .plan = login_plan, .repro = login_repro)
{
	char *vport = hvc_vport(t, "console.a");
	struct chr *host = hvc_open(t, "c0");

	/* What the host says comes once QEMU has noticed the host; from then on nothing is lost. (A
	 * pty is looked at once a second only; getty throws away what came before it.) */
	hvc_say(t, host, "hello\n");
	hvc_line(t, host, "/dev/hvc0", "hello", "and welcome");
	login_drive(t, host, "hvc0");
	free(vport);
}

#define N_PEOPLE 2
#define N_FILES	 2
#define FILE_MIB 48
#define LINK	 "/dev/virtio-ports/file.%zu"

/* Two consoles and two ports on one controller. The ports' backends need nobody to keep them going
 * while we talk to the consoles. */
static void all_plan(const struct variant *v, struct plan *plan)
{
	plan->smp = variant_get(v, "smp")[0] - '0';
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_TCP, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "f0", CHR_FILE, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "f1", CHR_FILE, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,chardev=f0,id=port0,name=file.0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,chardev=f1,id=port1,name=file.1");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=cons0,name=console.0");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c1,id=cons1,name=console.1");
}

/* Each in turn takes a step, so that all of them are at it at the same time. */
static void people_work(struct trial *t, struct console *c)
{
	for (size_t i = 0; i < N_PEOPLE; i++)
		login_say(t, &c[i], "tty\n");
	for (size_t i = 0; i < N_PEOPLE; i++) {
		char *pattern = xasprintf("*\r\n/dev/hvc%zu\r\n*" LOGIN_PROMPT, i);

		login_await(t, &c[i], pattern, "the terminal's name and the prompt");
		free(pattern);
	}
	for (size_t i = 0; i < N_PEOPLE; i++)
		login_long_output(t, &c[i], false);
	for (size_t i = 0; i < N_PEOPLE; i++)
		login_say(t, &c[i], "exit\n");
	for (size_t i = 0; i < N_PEOPLE; i++)
		login_await(t, &c[i], "*login: $", "the next login:");
}

CASE(all_at_once, .id = "console.all-at-once",
     .title = "people work on two consoles while two ports carry files, all at the same time and "
	      "each their own, whatever the number of CPUs",
     .clause = "virtio-1.2/console/device-operation/multiport", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"smp", NULL}, .plan = all_plan)
{
	struct traffic x[N_FILES], *all[N_FILES];
	struct console c[N_PEOPLE];
	char *node[N_FILES];

	free(hvc_vport(t, "console.1"));
	for (size_t i = 0; i < N_PEOPLE; i++)
		console_init(&c[i], hvc_open(t, i ? "c1" : "c0")->fd);
	for (size_t i = 0; i < N_PEOPLE; i++)
		free(hvc_guest(t, "console-login hvc%zu </dev/null >/dev/null 2>&1 &", i));
	for (size_t i = 0; i < N_PEOPLE; i++)
		CHECK(t, login_try(t, &c[i], t->session->image->password),
		      "the right password is refused on console %zu", i);
	for (size_t i = 0; i < N_FILES; i++) {
		node[i] = xasprintf(LINK, i);
		traffic_init(&x[i], t, rig_chr(&t->rig, i ? "f1" : "f0"), node[i], TRAFFIC_G2H,
			     FILE_MIB << 20, (unsigned)i);
		all[i] = &x[i];
		traffic_open_host(&x[i]);
		traffic_start_helper(&x[i], false);
	}
	people_work(t, c);
	for (size_t i = 0; i < N_FILES; i++)
		if (helper_poll(x[i].helper))
			trial_note(t, "file %zu was done before the people were", i);
	traffic_move_all(all, N_FILES);
	for (size_t i = 0; i < N_FILES; i++)
		traffic_judge(&x[i]);
	traffic_nothing_more(all, N_FILES);
	for (size_t i = 0; i < N_FILES; i++) {
		traffic_release(&x[i]);
		free(node[i]);
	}
	for (size_t i = 0; i < N_PEOPLE; i++)
		console_release(&c[i]);
}
