// SPDX-License-Identifier: GPL-2.0-or-later
/* agent.c - agents in the guest, the texts of their clipboards */
#include "cases/agent/agent.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINKS "/dev/virtio-ports/"

const unsigned agent_text_lines[AGENT_TEXTS] = {1, 2000};

void agent_plan_port(struct plan *plan, int nr, const char *chardev, const char *name)
{
	if (!plan->devices.n)
		strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_pushf(&plan->devices, "virtserialport,bus=ser0.0,nr=%d,chardev=%s,id=port%d,name=%s",
		   nr, chardev, nr, name);
}

struct helper *agent_start(struct trial *t, const char *name)
{
	struct helper *agent;
	struct buf why = BUF_INIT;

	helper_finish(helper_start(t, "wait-path " LINKS "%s --timeout-ms %d", name, AGENT_MS),
		      2 * AGENT_MS);
	agent = helper_start(t, "agent " LINKS "%s", name);
	if (helper_await(agent, "connected", NULL, AGENT_MS))
		return agent;
	if (helper_failed(agent))
		helper_why(agent, &why);
	CHECK(t, false, "the agent at %s does not see its host: %s", name, why.data);
}

char *agent_await(struct helper *agent, const char *key, const char *what)
{
	struct buf why = BUF_INIT;
	char *said;

	helper_await(agent, key, NULL, AGENT_MS);
	said = tap_diag(&agent->tap, key);
	if (!said && helper_failed(agent))
		helper_why(agent, &why);
	CHECK(agent->trial, said, "%s (no \"%s\" from the agent)%s%s", what, key,
	      why.len ? ": " : "", why.data);
	return said;
}

unsigned agent_answer(struct helper *agent, int n)
{
	char *key = xasprintf("answer-%d", n), *said;
	unsigned caps;

	said = agent_await(agent, key, "the agent is not told the other end's capabilities");
	caps = (unsigned)strtoul(said, NULL, 16);
	free(said);
	free(key);
	return caps;
}

bool agent_silent(struct helper *agent, const char *key)
{
	char *said;

	helper_poll(agent);
	said = tap_diag(&agent->tap, key);
	free(said);
	return !said;
}

void agent_quit(struct helper *agent)
{
	helper_tell(agent, "quit");
	helper_finish(agent, AGENT_MS);
}

void agent_repro(struct buf *b, const char *name, const char *commands, const char *out)
{
	buf_addf(b,
		 "guest 'chardev-helper wait-path " LINKS "%s --timeout-ms 5000 </dev/null'\n"
		 "guest '(sleep 3; %s) | chardev-helper agent " LINKS "%s' >%s &\n",
		 name, commands, name, out);
}

void agent_text(struct buf *text, const char *word, unsigned lines)
{
	for (unsigned i = 0; i < lines; i++)
		buf_addf(text, "%s %06u: 5 \u20ac f\u00fcr\n", word, i);
}

void agent_expect_text(struct helper *agent, int n, const char *word, unsigned lines)
{
	char *key = xasprintf("text-%d", n), *said, *want;
	struct buf text = BUF_INIT;
	struct cksum sum = {0};

	agent_text(&text, word, lines);
	cksum_add(&sum, text.data, text.len);
	want = xasprintf("%zu %" PRIu32, text.len, cksum_value(&sum));
	said = agent_await(agent, key, "the text does not come");
	CHECK(agent->trial, strcmp(said, want) == 0,
	      "another text came: bytes and cksum are %s, not %s", said, want);
	free(want);
	free(said);
	buf_release(&text);
	free(key);
}
