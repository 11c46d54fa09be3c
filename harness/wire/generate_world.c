// SPDX-License-Identifier: GPL-2.0-or-later
/* generate_world.c - what hosts and the monitor do; they know where they are */
#include <stdio.h>

#include "harness/wire/generate_private.h"

#define HOST_LEFT 24000

void generate_topology(struct generator *g)
{
	const struct target_config *c = g->config;

	for (size_t i = 0; i < GENERATE_PORTS; i++) {
		g->left[i] = HOST_LEFT;
		g->there[i] = g->open[i] = g->stalled[i] = false;
	}
	for (size_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].nr < GENERATE_PORTS) {
			g->there[c->ports[i].nr] = g->backend[c->ports[i].nr] = true;
			g->console[c->ports[i].nr] = c->ports[i].console;
		}
}

/* ---- the host */

void generate_host_opens(struct generator *g)
{
	unsigned nr = generate_port(g);

	generate_steps(g, "hopen %u", nr);
	g->open[nr] |= g->backend[nr];
}

void generate_host_leaves(struct generator *g)
{
	unsigned nr = generate_port(g);

	generate_steps(g, "hclose %u", nr);
	g->open[nr] = g->stalled[nr] = false;
	g->left[nr] = HOST_LEFT;
}

void generate_host_sends(struct generator *g)
{
	unsigned nr = generate_port(g);
	uint32_t n = generate_size(g);

	if (!g->open[nr] && !generate_one_in(g, 8)) {
		generate_steps(g, "hopen %u", nr);
		g->open[nr] = g->backend[nr];
	}
	if (n > g->left[nr])
		return;
	g->left[nr] -= n;
	generate_steps(g, "hsend %u %u", nr, n);
}

void generate_stall(struct generator *g)
{
	unsigned nr = generate_port(g);

	generate_steps(g, g->stalled[nr] ? "unstall %u" : "stall %u", nr);
	g->stalled[nr] = !g->stalled[nr] && g->open[nr];
}

/* So much that no backend holds it. A console drops what does not fit: how much is its business. */
void generate_flood(struct generator *g)
{
	unsigned nr = generate_port(g), n = 400000 + generate_below(g, 100000);

	if (!g->there[nr] || !g->open[nr] || g->console[nr] || g->stopped || g->stale)
		return;
	generate_steps(g, "stall %u; send %u %u", nr, nr, n);
	if (generate_one_in(g, 2))
		generate_steps(g, "send %u %u", nr, generate_size(g));
	generate_steps(g, "unstall %u", nr);
	g->stalled[nr] = false;
}

/* ---- the monitor */

/* Port 0 is for consoles. */
void generate_plug(struct generator *g)
{
	unsigned nr = generate_below(g, GENERATE_PORTS);
	bool console = generate_one_in(g, 3), named = generate_one_in(g, 2);

	generate_steps(g, "plug %u %s%s", nr, console ? "console" : "serial",
		       named ? " org.test" : "");
	if (!g->backend[nr])
		g->left[nr] = HOST_LEFT;
	g->backend[nr] = true;
	if (g->there[nr] || (nr == 0 && !console))
		return;
	g->there[nr] = true;
	g->console[nr] = console;
}

/* There is another one, with nobody connected, or none. */
static void new_backend(struct generator *g, unsigned nr, bool is)
{
	g->backend[nr] = is;
	g->open[nr] = g->stalled[nr] = false;
	g->left[nr] = HOST_LEFT;
}

void generate_unplug(struct generator *g)
{
	unsigned nr = generate_port(g);

	generate_steps(g, "unplug %u", nr);
	if (g->there[nr])
		new_backend(g, nr, false);
	g->there[nr] = false;
}

/* What is refused comes up, too. */
void generate_backend(struct generator *g)
{
	unsigned nr = generate_below(g, GENERATE_PORTS), what = generate_below(g, 8);

	if (what < 3) {
		generate_steps(g, "bswap %u", nr);
		if (g->backend[nr] && !(g->there[nr] && g->stopped))
			new_backend(g, nr, true);
	} else if (g->there[nr] && what < 7) {
		generate_steps(g, "detach %u", nr);
		g->there[nr] = false;
	} else if (g->backend[nr]) {
		generate_steps(g, "bdel %u", nr);
		if (!g->there[nr])
			new_backend(g, nr, false);
	} else {
		generate_steps(g, "badd %u", nr);
		new_backend(g, nr, true);
	}
}

void generate_stop(struct generator *g)
{
	generate_steps(g, g->stopped ? "cont" : "stop");
	g->stopped = !g->stopped;
}

/* It costs a new QEMU, so that few scripts have one. */
void generate_move(struct generator *g)
{
	char text[64] = "";
	size_t len = 0;

	if (!g->moves)
		return;
	g->moves = false;
	for (unsigned nr = 0; nr < GENERATE_PORTS; nr++) {
		g->backend[nr] = g->there[nr];
		g->open[nr] = g->there[nr] && generate_one_in(g, 2);
		g->stalled[nr] = false;
		g->left[nr] = HOST_LEFT;
		if (g->open[nr])
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %u", nr);
	}
	if (g->stopped)
		generate_stop(g);
	generate_steps(g, "saveload%s", text);
}

bool generate_controller(struct generator *g)
{
	if (g->config->transport > TARGET_PCI_LEGACY || g->stopped)
		return false;
	generate_steps(g, "cunplug");
	if (generate_one_in(g, 8))
		generate_steps(g, "ctl -1 READY 1");
	generate_steps(g, "cplug");
	generate_topology(g);
	return true;
}
