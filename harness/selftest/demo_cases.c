// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * demo_cases.c - cases that end in every way there is, for the tests of the runner
 *
 * They take the place of cases/ in chardev-check-demo. What cases.conf says of them is written by
 * the tests.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/trial.h"

#define DEMO .clause = "demo/1"

static void pause_for_ever(void)
{
	for (;;)
		pause();
}

static void plan_port(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,chardev=c0,id=port0");
}

CASE(passes, .id = "demo.passes", .title = "a case that passes", DEMO)
{
	trial_note(t, "nothing to do");
}

CASE(fails, .id = "demo.fails", .title = "a case whose check does not hold", DEMO)
{
	CHECK(t, 1 + 1 == 3, "one and one is %d, not three", 1 + 1);
}

CASE(skips, .id = "demo.skips", .title = "a case that this build lacks something for", DEMO)
{
	trial_skip(t, "this build has no demo device");
}

CASE(breaks, .id = "demo.breaks", .title = "a case that meets a breakage", DEMO)
{
	(void)t;
	die("the disk of this demo is full");
}

CASE(aborts, .id = "demo.aborts", .title = "a case that aborts", DEMO)
{
	(void)t;
	abort();
}

CASE(crashes, .id = "demo.crashes", .title = "a case that crashes", DEMO)
{
	(void)t;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

CASE(exits, .id = "demo.exits", .title = "a case that leaves well, without a record", DEMO)
{
	(void)t;
	_exit(0);
}

CASE(hangs, .id = "demo.hangs", .title = "a case that never ends", DEMO)
{
	trial_note(t, "hanging");
	pause_for_ever();
}

CASE(lasts, .id = "demo.lasts", .title = "a case that lasts as long as it is told", DEMO,
     .lasts = true)
{
	int64_t began = now_ns();

	trial_tell(t, "lasting");
	while (trial_goes_on(t, began, 1))
		io_poll(NULL, 0, deadline_in(10));
	trial_tell(t, "%.0f s", (double)(now_ns() - began) / 1e9);
}

CASE(should, .id = "demo.should", .title = "a SHOULD that is not followed", DEMO,
     .level = LEVEL_SHOULD)
{
	CHECK(t, false, "it should, and does not");
}

CASE(known, .id = "demo.known", .title = "a known bug that shows as it is known", DEMO)
{
	CHECK(t, false, "the known bug: three is missing");
}

CASE(known_other, .id = "demo.known-other", .title = "a known bug, and another one shows", DEMO)
{
	CHECK(t, false, "nobody has seen this before");
}

CASE(known_fixed, .id = "demo.known-fixed", .title = "a known bug that is fixed", DEMO)
{
	trial_note(t, "fixed");
}

CASE(axes, .id = "demo.axes", .title = "a case with axes", DEMO,
     .axes = (const char *const[]){"mode", "size", NULL})
{
	CHECK(t, !trial_is(t, "size", "edges") || trial_is(t, "mode", "sync"), "edges, not sync");
}

static void write_down(void *arg)
{
	file_append("undone", arg, 1);
}

CASE(defers, .id = "demo.defers", .title = "a case that defers things and fails", DEMO)
{
	trial_defer(t, write_down, "1");
	trial_defer(t, write_down, "2");
	trial_defer(t, write_down, "3");
	CHECK(t, false, "failed with three things deferred");
}

/* One of each kind: as the harness starts them, and a plain fork. */
static void start_children(struct proc *p)
{
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);

	strv_pushl(&argv, "tail", "-f", "/dev/null", NULL);
	if (proc_start(p, &spec))
		die("no tail");
	strv_release(&argv);
	if (fork() == 0)
		pause_for_ever();
}

CASE(children, .id = "demo.children", .title = "a case that leaves children behind", DEMO)
{
	struct proc p;

	start_children(&p);
	trial_note(t, "left %d", (int)p.pid);
}

CASE(qemu, .id = "demo.qemu", .title = "QEMU comes up and ends well", DEMO, .needs = NEEDS_QEMU)
{
	trial_rig(t);
}

CASE(port, .id = "demo.port", .title = "a port is plugged into QEMU", DEMO, .needs = NEEDS_QEMU,
     .plan = plan_port)
{
	trial_rig(t);
}

CASE(qemu_hangs, .id = "demo.qemu-hangs", .title = "a case with a QEMU that never ends", DEMO,
     .needs = NEEDS_QEMU)
{
	struct proc p;
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);

	trial_rig(t);
	strv_pushl(&argv, "tail", "-f", "/dev/null", NULL);
	CHECK(t, proc_start(&p, &spec) == 0, "no tail");
	strv_release(&argv);
	trial_note(t, "hanging");
	pause_for_ever();
}

/* A command that ends while the next one starts: dropbear once died of it (vm/guest_link.c). */
CASE(overlap, .id = "demo.overlap", .title = "commands end while others start", DEMO,
     .needs = NEEDS_GUEST)
{
	enum { ROUNDS = 200, AT_ONCE = 4, MS = 10000 };
	struct guest *g = &trial_rig(t)->vm.guest;
	struct guest_cmd *cmds = xcalloc(AT_ONCE, sizeof(*cmds));

	for (int i = 0; i < ROUNDS; i++) {
		struct guest_cmd *c = &cmds[i % AT_ONCE];

		if (i >= AT_ONCE) {
			CHECK(t, guest_wait(c, deadline_in(MS)), "round %d: %s", i, g->error.data);
			CHECK(t, c->status == i - AT_ONCE, "round %d: status %d", i, c->status);
			guest_cmd_release(c);
		}
		CHECK(t, guest_start(g, c, deadline_in(MS), "exit %d", i), "round %d: %s", i,
		      g->error.data);
	}
	for (int i = 0; i < AT_ONCE; i++)
		guest_cmd_release(&cmds[i]);
	free(cmds);
}
