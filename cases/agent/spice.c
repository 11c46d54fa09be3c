// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * spice.c - a SPICE client and the agent in the guest, through a spicevmc port: mouse and clipboard
 *
 * The agent protocol passes QEMU in both directions between the port and spice-server, which takes
 * part: the mouse's states are its own, and what disable-copy-paste=on forbids it drops, and takes
 * out of the agent's capabilities. So the client's library, too, offers nothing then; the agent of
 * the guest offers in any case.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/agent/agent.h"

#define NAME	"com.redhat.spice.0"
#define WITNESS "org.chardev-check.agent.witness"
#define CHARDEV "vdagent"

static const char *spice_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	if (!caps_has_backend(caps, "spicevmc"))
		return "this QEMU has no chardev backend spicevmc (Debian 13: "
		       "qemu-system-modules-spice)";
	return spice_available();
}

static void plan_spice(struct plan *plan, const char *more)
{
	strv_pushl(&plan->args, "-chardev", "spicevmc,id=" CHARDEV ",debug=0,name=vdagent",
		   "-spice", NULL);
	strv_pushf(&plan->args, "unix=on,addr=" SPICE_SOCKET ",disable-ticketing=on,%s", more);
	agent_plan_port(plan, 1, CHARDEV, NAME);
}

/* A client that sees the agent, and each knows what the other can do. */
static struct spice *client_join(struct trial *t, struct helper *agent)
{
	struct spice *s = client_start(t);

	client_await(t, s, "agent up");
	free(agent_await(agent, "caps-1", "the client's capabilities do not come"));
	client_await(t, s, "caps-1");
	return s;
}

static void client_offer(struct trial *t, struct spice *s, const char *word, unsigned lines)
{
	struct buf text = BUF_INIT, line = BUF_INIT;

	agent_text(&text, word, lines);
	buf_addstr(&line, "offer ");
	for (size_t i = 0; i < text.len; i++)
		buf_addf(&line, "%02x", (unsigned char)text.data[i]);
	client_tell(t, s, line.data);
	buf_release(&line);
	buf_release(&text);
}

/* The text that the client says it got as its number @n is that of @word and @lines. */
static void client_expect_text(struct trial *t, struct spice *s, int n, const char *word,
			       unsigned lines)
{
	char *key = xasprintf("text-%d", n);
	const char *said = client_await(t, s, key);
	struct buf text = BUF_INIT, want = BUF_INIT;
	size_t same = 0;

	agent_text(&text, word, lines);
	for (size_t i = 0; i < text.len; i++)
		buf_addf(&want, "%02x", (unsigned char)text.data[i]);
	while (said[same] && said[same] == want.data[same])
		same++;
	CHECK(t, strcmp(said, want.data) == 0,
	      "another text came to the client: %zu bytes, not %zu; the first wrong one is number "
	      "%zu",
	      strlen(said) / 2, text.len, same / 2);
	buf_release(&want);
	buf_release(&text);
	free(key);
}

static void spice_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	agent_repro(b, NAME, "echo offer from-guest 1; sleep 600; echo quit", "agent.out");
	buf_addstr(b, "echo 'now a client: remote-viewer spice+unix://'\"$dir\"'/" SPICE_SOCKET
		      ", and see agent.out'\nwait $!\n");
}

static void clipboard_plan(const struct variant *v, struct plan *plan)
{
	plan_spice(plan, variant_is(v, "copy-paste", "on") ? "disable-copy-paste=off"
							   : "disable-copy-paste=on");
}

static void clipboard_passes(struct trial *t, struct spice *s, struct helper *agent, bool h2g)
{
	for (int i = 0; i < AGENT_TEXTS; i++) {
		char *line = xasprintf("offer from-guest %u", agent_text_lines[i]);

		if (h2g) {
			client_offer(t, s, "from-host", agent_text_lines[i]);
			agent_expect_text(agent, i + 1, "from-host", agent_text_lines[i]);
		} else {
			helper_tell(agent, line);
			client_expect_text(t, s, i + 1, "from-guest", agent_text_lines[i]);
		}
		free(line);
	}
}

/* The marker goes the same way, behind it: without a display, spice-server passes what a client
 * says of its monitors on to the agent. */
static void nothing_to_guest(struct trial *t, struct spice *s, struct helper *agent)
{
	char *monitors;

	client_offer(t, s, "from-host", 1);
	client_tell(t, s, "monitors 800 600");
	monitors = agent_await(agent, "monitors-1", "the client's monitors do not come");
	CHECK(t, strcmp(monitors, "1 800x600") == 0, "the client's monitors are %s", monitors);
	free(monitors);
	CHECK(t, agent_silent(agent, "grab-1") && agent_silent(agent, "text-1"),
	      "the guest's agent hears of the client's clipboard, though disable-copy-paste=on");
}

/* The marker is another announcement of the agent, with a capability more. */
static void nothing_to_host(struct trial *t, struct spice *s, struct helper *agent)
{
	char *line = xasprintf("caps %x", CAP_AUDIO);

	helper_tell(agent, "offer from-guest 1");
	helper_tell(agent, line);
	CHECK(t, strtoul(client_await(t, s, "caps-2"), NULL, 16) & CAP_AUDIO,
	      "the client hears of other capabilities than the agent announced last");
	CHECK(t, !spice_said(s, "grab-1") && !spice_said(s, "text-1"),
	      "the client hears of the guest's clipboard, though disable-copy-paste=on");
	CHECK(t, agent_silent(agent, "request-1"),
	      "the agent is asked for its text, though disable-copy-paste=on");
	free(line);
}

CASE(spice_clipboard, .id = "spice.clipboard",
     .title = "clipboard text passes between SPICE client and guest agent, not with "
	      "disable-copy-paste",
     .clause = "qemu/qemu-options.hx -spice disable-copy-paste; spice-protocol/spice/vd_agent.h",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"copy-paste", "dir", NULL}, .lacks = spice_lacks,
     .plan = clipboard_plan, .repro = spice_repro)
{
	bool on = trial_is(t, "copy-paste", "on"), h2g = trial_is(t, "dir", "h2g");
	const unsigned both = CAP_BY_DEMAND | CAP_SELECTION;
	struct helper *agent = agent_start(t, NAME);
	struct spice *s = client_join(t, agent);
	unsigned caps = (unsigned)strtoul(spice_said(s, "caps-1"), NULL, 16);

	CHECK(t, (caps & both) == (on ? both : 0),
	      "the client is told that the agent has the capabilities %#x", caps);
	if (on)
		clipboard_passes(t, s, agent, h2g);
	else if (h2g)
		nothing_to_guest(t, s, agent);
	else
		nothing_to_host(t, s, agent);
	agent_quit(agent);
	client_await(t, s, "agent down");
}

static void reopen_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_spice(plan, "agent-mouse=on");
}

CASE(spice_reopen, .id = "spice.reopen",
     .title = "a SPICE client is told when an agent leaves, and understands the next one",
     .clause = "qemu/chardev/spice.c spice_vmc_set_fe_open(); spice-protocol/spice/vd_agent.h",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .lacks = spice_lacks, .plan = reopen_plan,
     .repro = spice_repro)
{
	struct helper *first = agent_start(t, NAME), *second;
	struct spice *s = client_join(t, first);

	helper_tell(first, "half");
	agent_quit(first);
	client_await(t, s, "agent down");
	second = agent_start(t, NAME);
	free(agent_await(second, "caps-1", "the client's capabilities do not come"));
	helper_tell(second, "offer second 1");
	client_expect_text(t, s, 1, "second", 1);
	agent_quit(second);
}

/* spice-server lets a client place the pointer when there is one display, with a picture, and
 * somebody to place it: the agent, or a tablet, which a qemu-vdagent is for QEMU. A saved state has
 * no place for the display, so it can be added when the state is restored; the guest never looks at
 * it. */
static void mouse_plan(const struct variant *v, struct plan *plan)
{
	bool on = variant_is(v, "agent-mouse", "on");

	plan_spice(plan, on ? "agent-mouse=on" : "agent-mouse=off");
	strv_pushl(&plan->args, "-device", "secondary-vga", NULL);
	strv_pushl(&plan->args, "-chardev", "qemu-vdagent,id=witness,mouse=on,clipboard=off", NULL);
	agent_plan_port(plan, 2, "witness", WITNESS);
}

static const char *mouse_lacks(const struct variant *v, const struct caps *caps)
{
	if (!caps_has_backend(caps, "qemu-vdagent"))
		return "this QEMU has no chardev backend qemu-vdagent, the witness";
	if (!caps_has_device(caps, "secondary-vga"))
		return "this QEMU has no device secondary-vga";
	return spice_lacks(v, caps);
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

static void mouse_on(struct trial *t, struct spice *s, struct helper *agent)
{
	client_tell(t, s, "position 100 200");
	expect_mouse(agent, 1, "100 200 0");
	client_tell(t, s, "press");
	expect_mouse(agent, 2, "100 200 2");
	client_tell(t, s, "release");
	expect_mouse(agent, 3, "100 200 0");
	client_tell(t, s, "position 101 0");
	expect_mouse(agent, 4, "101 0 0");
}

/* It goes to the tablet; when it has arrived there, it could have been at the agent long since, and
 * a text that the client offers then comes to the agent behind it. */
static void mouse_off(struct trial *t, struct spice *s, struct helper *agent,
		      struct helper *witness)
{
	client_tell(t, s, "position 100 200");
	if (!helper_await(witness, "mouse-1", NULL, AGENT_MS))
		CHECK(t, agent_silent(agent, "mouse-1"),
		      "the pointer comes to the agent instead of the tablet, though agent-mouse=off");
	free(agent_await(witness, "mouse-1", "the pointer does not come to the tablet"));
	client_offer(t, s, "marker", 1);
	agent_expect_text(agent, 1, "marker", 1);
	CHECK(t, agent_silent(agent, "mouse-1"),
	      "the agent hears of the pointer, though agent-mouse=off");
}

CASE(spice_mouse, .id = "spice.mouse",
     .title =
	     "a SPICE client's pointer comes to the guest's agent with agent-mouse=on, not with off",
     .clause = "qemu/qemu-options.hx -spice agent-mouse; spice-protocol/spice/vd_agent.h",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"agent-mouse", NULL},
     .lacks = mouse_lacks, .plan = mouse_plan, .repro = spice_repro)
{
	struct helper *agent = agent_start(t, NAME), *witness = agent_start(t, WITNESS);
	struct spice *s = client_join(t, agent);

	CHECK(t, agent_answer(witness, 1) & CAP_MOUSE, "qemu-vdagent has no mouse");
	client_await(t, s, "inputs-up");
	client_await(t, s, "mouse-mode client");
	if (trial_is(t, "agent-mouse", "on"))
		mouse_on(t, s, agent);
	else
		mouse_off(t, s, agent, witness);
	agent_quit(witness);
	agent_quit(agent);
}
