// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vdagent.c - qemu-vdagent, QEMU's own end of the agent protocol: the mouse, and QEMU's clipboard
 *
 * Two agents in one guest, each with a qemu-vdagent of its own, are two peers of that clipboard. A
 * marker for silence is an announcement that asks for QEMU's (command "ask"): QEMU handles what an
 * agent says in order, and tells the other peers before it goes on (ui/clipboard.c
 * qemu_clipboard_update(), a list of notifiers).
 */
#include <stdlib.h>
#include <string.h>

#include "cases/agent/agent.h"

#define NAME_A "org.chardev-check.agent.a"
#define NAME_B "org.chardev-check.agent.b"
#define QMP_MS 5000

static const char *vdagent_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_has_backend(caps, "qemu-vdagent")
		       ? NULL
		       : "this QEMU has no chardev backend qemu-vdagent (6.1, with spice-protocol)";
}

static void plan_agent(struct plan *plan, int nr, const char *id, const char *mouse,
		       const char *clipboard, const char *name)
{
	strv_push(&plan->args, "-chardev");
	strv_pushf(&plan->args, "qemu-vdagent,id=%s,mouse=%s,clipboard=%s", id, mouse, clipboard);
	agent_plan_port(plan, nr, id, name);
}

/* Whether QEMU announces to @agent what it was told to have, and nothing else of that kind. */
static void check_caps(struct helper *agent, bool mouse, bool clipboard)
{
	unsigned want = (mouse ? CAP_MOUSE : 0) | (clipboard ? CAP_BY_DEMAND | CAP_SELECTION : 0);
	unsigned caps = agent_answer(agent, 1);

	CHECK(agent->trial, (caps & (CAP_MOUSE | CAP_BY_DEMAND | CAP_SELECTION)) == want,
	      "QEMU announces %#x, not %#x (mouse %s, clipboard %s)", caps, want,
	      mouse ? "on" : "off", clipboard ? "on" : "off");
}

/* All that QEMU had to say to @agent has come, and all that it said to QEMU is dealt with. */
static void drain(struct helper *agent, int *answers)
{
	helper_tell(agent, "ask");
	agent_answer(agent, ++*answers);
}

/* The pointer to (x, y) of 0x7fff each. */
static void move_pointer(struct trial *t, int x, int y)
{
	struct qmp *q = &t->rig.vm.qmp;
	enum qmp_result r = qmp_cmd(q, deadline_in(QMP_MS), "input-send-event",
				    "{\"events\": [{\"type\": \"abs\", \"data\": {\"axis\": \"x\", "
				    "\"value\": %d}}, {\"type\": \"abs\", \"data\": {\"axis\": "
				    "\"y\", \"value\": %d}}]}",
				    x, y);

	CHECK(t, r == QMP_OK, "input-send-event: %s", q->error_desc.data);
}

static void press_button(struct trial *t, bool down)
{
	struct qmp *q = &t->rig.vm.qmp;
	enum qmp_result r = qmp_cmd(q, deadline_in(QMP_MS), "input-send-event",
				    "{\"events\": [{\"type\": \"btn\", \"data\": {\"button\": "
				    "\"right\", \"down\": %s}}]}",
				    down ? "true" : "false");

	CHECK(t, r == QMP_OK, "input-send-event: %s", q->error_desc.data);
}

static void expect_mouse(struct helper *agent, int n, const char *want)
{
	char *key = xasprintf("mouse-%d", n), *said;

	said = agent_await(agent, key, "the mouse event does not come");
	CHECK(agent->trial, strcmp(said, want) == 0, "mouse event %d is x, y, buttons %s, not %s",
	      n, said, want);
	free(said);
	free(key);
}

/* A is the one that the case is about; B has the mouse when A has not: without any, QEMU refuses
 * input-send-event. */
static void mouse_plan(const struct variant *v, struct plan *plan)
{
	const char *mouse = variant_get(v, "mouse");

	plan_agent(plan, 1, "a", mouse, "off", NAME_A);
	if (strcmp(mouse, "off") == 0)
		plan_agent(plan, 2, "b", "on", "off", NAME_B);
}

static void mouse_on(struct trial *t, struct helper *a)
{
	/* Without a display the field is 1024 by 768; 8 is VD_AGENT_RBUTTON_MASK. */
	move_pointer(t, 0x4000, 0x2000);
	expect_mouse(a, 1, "512 192 0");
	press_button(t, true);
	expect_mouse(a, 2, "512 192 8");
	press_button(t, false);
	expect_mouse(a, 3, "512 192 0");
	move_pointer(t, 0, 0x7fff);
	expect_mouse(a, 4, "0 768 0");
}

static void mouse_off(struct trial *t, struct helper *a, struct helper *b)
{
	int answers = 1;

	move_pointer(t, 0x4000, 0x2000);
	drain(a, &answers);
	CHECK(t, agent_silent(a, "mouse-1"), "a mouse event came, though mouse=off");
	expect_mouse(b, 1, "512 192 0");
	agent_quit(b);
}

static void mouse_repro(const struct variant *v, struct buf *b)
{
	agent_repro(b, NAME_A, "sleep 3; echo quit", "a.out");
	buf_addf(b,
		 "agent=$!; sleep 2\n"
		 "qmp '{\"execute\": \"input-send-event\", \"arguments\": {\"events\": [{\"type\": "
		 "\"abs\", \"data\": {\"axis\": \"x\", \"value\": 16384}}]}}'\n"
		 "wait $agent; cat a.out # %s\n",
		 variant_is(v, "mouse", "on") ? "mouse-1 512 0 0 is right" : "no mouse-1 is right");
}

CASE(vdagent_mouse, .id = "vdagent.mouse",
     .title =
	     "a pointer's moves and buttons come to the agent of a qemu-vdagent, not with mouse=off",
     .clause = "qemu/qapi/char.json ChardevQemuVDAgent; qemu/ui/vdagent.c vdagent_pointer_event()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"mouse", NULL},
     .lacks = vdagent_lacks, .plan = mouse_plan, .repro = mouse_repro)
{
	bool on = trial_is(t, "mouse", "on");
	/* B first: of several mice QEMU takes the one that came into use last. */
	struct helper *b = on ? NULL : agent_start(t, NAME_B), *a;

	if (b)
		check_caps(b, true, false);
	a = agent_start(t, NAME_A);
	check_caps(a, on, false);
	if (b)
		mouse_off(t, a, b);
	else
		mouse_on(t, a);
	agent_quit(a);
}

static void reopen_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_agent(plan, 1, "a", "off", "on", NAME_A);
}

CASE(vdagent_reopen, .id = "vdagent.reopen",
     .title = "an agent that comes after one that left in the middle of a message is understood",
     .clause = "qemu/ui/vdagent.c vdagent_chr_set_fe_open(), vdagent_disconnect()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .lacks = vdagent_lacks, .plan = reopen_plan)
{
	struct helper *first = agent_start(t, NAME_A), *second;

	check_caps(first, false, true);
	helper_tell(first, "half");
	agent_quit(first);
	second = agent_start(t, NAME_A);
	/* It has asked; it asks once more, and for the text, of which there is none: the empty one
	 * that comes is the last thing that QEMU has to say. */
	helper_tell(second, "ask");
	helper_tell(second, "request");
	agent_expect_text(second, 1, "nothing", 0);
	CHECK(t, !agent_silent(second, "answer-2"),
	      "the first thing that the second agent said was lost");
	agent_quit(second);
}

static void clipboard_plan(const struct variant *v, struct plan *plan)
{
	plan_agent(plan, 1, "a", "off", "on", NAME_A);
	plan_agent(plan, 2, "b", "off", variant_get(v, "clipboard"), NAME_B);
}

static void pass_on(struct helper *from, struct helper *to, const char *word)
{
	for (int i = 0; i < AGENT_TEXTS; i++) {
		char *line = xasprintf("offer %s %u", word, agent_text_lines[i]);
		char *key = xasprintf("request-%d", i + 1);

		helper_tell(from, line);
		free(agent_await(from, key, "nobody asks for the text"));
		agent_expect_text(to, i + 1, word, agent_text_lines[i]);
		free(key);
		free(line);
	}
}

/* What one offers, QEMU has dealt with it and the other has had all that there is for it. */
static void pass_nothing(struct helper *from, int *from_n, struct helper *to, int *to_n)
{
	helper_tell(from, "offer secret 1");
	drain(from, from_n);
	drain(to, to_n);
	CHECK(from->trial, agent_silent(to, "grab-1") && agent_silent(to, "text-1"),
	      "the other agent hears of the text, though one of them has clipboard=off");
	CHECK(from->trial, agent_silent(from, "request-1"),
	      "QEMU asks for the text, though one of the agents has clipboard=off");
}

static void clipboard_repro(const struct variant *v, struct buf *b)
{
	agent_repro(b, NAME_A, "echo offer from-a 1; sleep 3; echo quit", "a.out");
	agent_repro(b, NAME_B, "sleep 3; echo quit", "b.out");
	buf_addf(b, "wait $!; cat b.out # %s\n",
		 variant_is(v, "clipboard", "on") ? "text-1 is right"
						  : "neither grab-1 nor text-1 is right");
}

CASE(vdagent_clipboard, .id = "vdagent.clipboard",
     .title = "clipboard text passes between two agents of qemu-vdagents, not with clipboard=off",
     .clause = "qemu/qapi/char.json ChardevQemuVDAgent; qemu/ui/vdagent.c; qemu/ui/clipboard.c",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"clipboard", NULL},
     .lacks = vdagent_lacks, .plan = clipboard_plan, .repro = clipboard_repro)
{
	bool on = trial_is(t, "clipboard", "on");
	struct helper *a = agent_start(t, NAME_A), *b;
	int answers_a = 1, answers_b = 1;

	check_caps(a, false, true);
	b = agent_start(t, NAME_B);
	check_caps(b, false, on);
	if (on) {
		pass_on(a, b, "from-a");
		pass_on(b, a, "from-b");
	} else {
		pass_nothing(a, &answers_a, b, &answers_b);
		pass_nothing(b, &answers_b, a, &answers_a);
	}
	agent_quit(a);
	agent_quit(b);
}
