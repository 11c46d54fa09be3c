// SPDX-License-Identifier: GPL-2.0-or-later
/* switch.c - C-a c: a serial port and a monitor on one chardev, there and back */
#include <stdlib.h>
#include <string.h>

#include "cases/mux/mux.h"

#define NODE	"/dev/ttyS1"
#define SUGAR	"c1"
#define CYCLES	3
#define COMMAND "info version"

static void switch_plan(const struct variant *v, struct plan *plan)
{
	if (variant_is(v, "form", "mon-string")) {
		/* It makes its own chardev, on a port that no saved state has: cold. */
		plan->cold = true;
		strv_pushl(&plan->args, "-serial", "mon:unix:" SUGAR ".sock,server=on,wait=off",
			   NULL);
		return;
	}
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan->chrs[0].options = "mux=on";
	plan->uart[0] = "c1";
	plan->n_uarts = PLAN_UARTS;
	if (variant_is(v, "form", "object"))
		strv_pushl(&plan->args, "-object", "monitor-hmp,id=mon1,chardev=c1,readline=on",
			   NULL);
	else
		strv_pushl(&plan->args, "-mon", "chardev=c1,mode=readline", NULL);
}

static const char *switch_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "form", "object") && !caps_version_at_least(caps, 11, 1, 0))
		return "-object monitor-hmp is there from QEMU 11.1 on";
	return NULL;
}

/* The monitor has the focus for the first time: what it said so far comes now, a banner for each
 * time that the chardev was opened, and its prompt. */
static void first_look(struct mux *m)
{
	const struct caps *caps = m->t->session->caps;
	char *banner = xasprintf("QEMU %d.%d.%d monitor - type 'help' for more information\r\n",
				 caps->major, caps->minor, caps->micro);
	char *text;
	const char *at;

	mux_send(m, C_A "c");
	text = mux_ascii_until(m, MUX_PROMPT);
	at = text;
	while (strncmp(at, banner, strlen(banner)) == 0)
		at += strlen(banner);
	CHECK(m->t, at > text && strcmp(at, MUX_PROMPT) == 0, "the monitor begins with \"%s\"",
	      text);
	free(banner);
	free(text);
}

/* A command, typed in two parts between which the guest prints. Every key makes readline write the
 * line anew, so only the last version of it is looked at. */
static void ask(struct mux *m, struct mux_tty *tty)
{
	struct qmp *q = &m->t->rig.vm.qmp;
	char *text, *want;
	const char *at;

	CHECK(m->t, qmp_hmp(q, deadline_in(MUX_MS), COMMAND) == QMP_OK, "no answer to " COMMAND);
	mux_send(m, "info ver");
	mux_print(m, tty, "while a command is typed\n");
	mux_send(m, "sion\r");
	text = mux_ascii_until(m, "\r\n" MUX_PROMPT);
	want = xasprintf(COMMAND "\x1b[K\r\n%s" MUX_PROMPT, q->answer.data);
	at = strlen(text) >= strlen(want) ? text + strlen(text) - strlen(want) : text;
	CHECK(m->t, strcmp(at, want) == 0, "want the monitor's answer \"%s\", got \"%s\"", want,
	      at);
	free(want);
	free(text);
}

CASE(mux_switch, .id = "mux.switch",
     .title = "C-a c leads from the guest to the monitor and back: who has the focus gets what is "
	      "typed, and what the guest prints comes whoever has it",
     .clause =
	     "qemu/docs/system/mux-chardev.rst.inc C-a c; qemu/chardev/char-mux.c mux_chr_write(), "
	     "mux_proc_byte()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"form", NULL},
     .lacks = switch_lacks, .plan = switch_plan)
{
	bool own = trial_is(t, "form", "mon-string");
	static struct chr sugar;
	struct mux_tty *tty;
	struct mux m;

	trial_rig(t);
	if (own)
		chr_init(&sugar, SUGAR, CHR_UNIX, CHR_QEMU_LISTENS);
	mux_init(&m, t, own ? &sugar : rig_chr(&t->rig, "c1"));
	tty = mux_tty(&m, NODE);
	mux_type(&m, tty, "first to the guest\n");
	mux_print(&m, tty, "first from the guest\n");
	mux_ascii(&m, "");
	first_look(&m);
	for (int i = 0; i < CYCLES; i++) {
		char *line = xasprintf("back at the guest, round %d\n", i);

		mux_print(&m, tty, "while the monitor has the focus\n");
		ask(&m, tty);
		mux_send(&m, C_A);
		mux_print(&m, tty, "between the two keys\n");
		mux_send(&m, "c");
		mux_ascii(&m, "\r\n");
		mux_type(&m, tty, line);
		mux_print(&m, tty, line);
		mux_send(&m, C_A "c");
		mux_ascii(&m, MUX_PROMPT);
		free(line);
	}
	mux_send(&m, C_A "c");
	mux_ascii(&m, "\r\n");
	mux_type(&m, tty, "last to the guest\n");
	mux_nothing_more(&m, false);
	mux_release(&m);
	if (own)
		chr_release(&sugar);
}

static void rotate_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan->chrs[0].options = "mux=on";
	plan->uart[0] = plan->uart[1] = "c1";
	plan->n_uarts = PLAN_UARTS;
	strv_pushl(&plan->args, "-mon", "chardev=c1,mode=readline", NULL);
}

/* char-mux.c gives frontends numbers as they are attached, monitors before devices, and the focus
 * to the last one. */
CASE(mux_rotate, .id = "mux.rotate",
     .title =
	     "C-a c goes round two serial ports and a monitor; both ports' output comes all the time",
     .clause = "qemu/docs/system/mux-chardev.rst.inc C-a c; qemu/qemu-options.hx -chardev mux=on",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = rotate_plan)
{
	struct mux_tty *one, *two;
	struct mux m;

	mux_init(&m, t, rig_chr(trial_rig(t), "c1"));
	one = mux_tty(&m, "/dev/ttyS1");
	two = mux_tty(&m, "/dev/ttyS2");
	mux_type(&m, two, "to the second\n");
	mux_ascii(&m, "");
	first_look(&m);
	mux_print(&m, one, "from the first\n");
	mux_print(&m, two, "from the second\n");
	ask(&m, one);
	mux_send(&m, C_A "c");
	mux_ascii(&m, "\r\n");
	mux_type(&m, one, "to the first\n");
	mux_send(&m, C_A "c");
	mux_type(&m, two, "to the second, once more\n");
	mux_print(&m, one, "from the first, once more\n");
	mux_print(&m, two, "from the second, once more\n");
	mux_send(&m, C_A "c");
	mux_ascii(&m, MUX_PROMPT);
	mux_send(&m, C_A "c");
	mux_ascii(&m, "\r\n");
	mux_type(&m, one, "to the first, at last\n");
	mux_nothing_more(&m, false);
	mux_release(&m);
}
