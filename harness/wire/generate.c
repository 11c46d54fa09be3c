// SPDX-License-Identifier: GPL-2.0-or-later
/* generate.c - scripts that nobody wrote */
#include "harness/wire/generate.h"

#include <stdarg.h>
#include <stdio.h>

#include "harness/base/die.h"

#define PORTS	  4 /* as max_ports=4 has */
#define HOST_LEFT 24000

/**
 * struct generator - What a driver, a host and a monitor know of where they are
 * @there, @console: the port is plugged
 * @open, @stalled: its host is there; it does not read
 * @left:	what the host may send yet without filling its backend
 */
struct generator {
	struct wire_script *s;
	uint64_t state;
	bool started, stopped, moves;
	bool there[PORTS], console[PORTS], open[PORTS], stalled[PORTS];
	uint32_t left[PORTS];
};

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next(struct generator *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

static unsigned below(struct generator *g, unsigned n)
{
	return (unsigned)(next(g) % n);
}

static bool one_in(struct generator *g, unsigned n)
{
	return below(g, n) == 0;
}

static void __attribute__((format(printf, 2, 3))) say(struct generator *g, const char *fmt, ...)
{
	struct buf why = BUF_INIT;
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!wire_script_parse(g->s, text, &why))
		die("a step that is none: %s", why.data);
	buf_release(&why);
}

/* A port that is plugged, or now and then one that is not. */
static unsigned any_port(struct generator *g)
{
	unsigned nr = below(g, PORTS);

	for (unsigned i = 0; i < PORTS && !one_in(g, 12); i++, nr = (nr + 1) % PORTS)
		if (g->there[nr])
			return nr;
	return nr;
}

static const char *any_queue(struct generator *g, bool out)
{
	static const char *const names[2][PORTS + 1] = {{"rx0", "rx1", "rx2", "rx3", "crx"},
							{"tx0", "tx1", "tx2", "tx3", "ctx"}};

	return names[out][one_in(g, 4) ? PORTS : any_port(g)];
}

static uint32_t any_size(struct generator *g)
{
	static const uint16_t sizes[] = {1,  2,	  3,   4,   5,	 8,   15,   16,	  17,	31,
					 32, 100, 255, 256, 257, 700, 1023, 1024, 2000, 2500};

	return sizes[below(g, sizeof(sizes) / sizeof(*sizes))];
}

/* ---- the driver, by the rules */

static void start(struct generator *g)
{
	static const char *const words[] = {"",
					    "no-event-idx",
					    "no-indirect",
					    "no-rx",
					    "rx=1 rxsize=16",
					    "rx=3 rxsize=100",
					    "ctl=1",
					    "no-multiport",
					    "pin",
					    "ring=4",
					    "no-event-idx no-indirect",
					    "no-in-order"};
	bool plain = !one_in(g, 3);

	say(g, "start %s", plain ? "" : words[below(g, sizeof(words) / sizeof(*words))]);
	g->started = true;
	if (one_in(g, 10))
		return;
	say(g, "ctl -1 READY 1");
	for (unsigned nr = 0; nr < PORTS; nr++) {
		if (!g->there[nr] || one_in(g, 6))
			continue;
		say(g, "ctl %u PORT 1", nr);
		if (!one_in(g, 4))
			say(g, "ctl %u OPEN 1", nr);
	}
}

static void ctl(struct generator *g)
{
	switch (below(g, 6)) {
	case 0:
		say(g, "ctl -1 READY 1");
		break;
	case 1:
	case 2:
		say(g, "ctl %u PORT 1", any_port(g));
		break;
	default:
		say(g, "ctl %u OPEN %u", any_port(g), below(g, 3) ? 1 : 0);
	}
}

static void ctl_odd(struct generator *g)
{
	static const char *const raw[] = {"ctlraw 0100",
					  "ctlraw 01000000060001",
					  "ctlraw 0100000006000100 1+7",
					  "ctlraw 0100000006000100 4+4",
					  "ctlraw 010000000600010041424344",
					  "ctlraw 01000000030001004142 8+2"};
	uint32_t id = one_in(g, 4) ? 60 + below(g, 1000) : any_port(g);

	if (one_in(g, 2))
		say(g, "%s", raw[below(g, sizeof(raw) / sizeof(*raw))]);
	else
		say(g, "ctl %u %u %u", id, below(g, 10), below(g, 3));
}

static void send_some(struct generator *g)
{
	static const char *const words[] = {"", "", "", "indirect", "no-kick", "indirect no-kick"};
	unsigned nr = any_port(g);
	uint32_t n = any_size(g);
	const char *more = words[below(g, 6)];

	if (n >= 4 && one_in(g, 4))
		say(g, "send %u %u split=1+%u+2 %s", nr, n, n - 3, more);
	else
		say(g, "send %u %u %s", nr, n, more);
}

static void post(struct generator *g)
{
	say(g, "post %s %u %u", any_queue(g, false), 1 + below(g, 5), any_size(g));
	if (!one_in(g, 5)) {
		const struct wire_step *last = &g->s->steps[g->s->n - 1];
		struct wire_step kick = {.verb = WIRE_KICK, .n = {last->n[0]}};

		wire_script_add(g->s, &kick);
	}
}

static void kick(struct generator *g)
{
	say(g, "kick %s", any_queue(g, one_in(g, 2)));
}

static void irq(struct generator *g)
{
	say(g, "irq %s %u %u", any_queue(g, one_in(g, 2)), below(g, 3), below(g, 3));
}

static void restart(struct generator *g)
{
	if (one_in(g, 2))
		say(g, "restart");
	start(g);
}

/* ---- the host */

static void hopen(struct generator *g)
{
	unsigned nr = any_port(g);

	say(g, "hopen %u", nr);
	g->open[nr] |= g->there[nr];
}

static void hclose(struct generator *g)
{
	unsigned nr = any_port(g);

	say(g, "hclose %u", nr);
	g->open[nr] = g->stalled[nr] = false;
	g->left[nr] = HOST_LEFT;
}

static void hsend(struct generator *g)
{
	unsigned nr = any_port(g);
	uint32_t n = any_size(g);

	if (!g->open[nr] && !one_in(g, 8)) {
		say(g, "hopen %u", nr);
		g->open[nr] = g->there[nr];
	}
	if (n > g->left[nr])
		return;
	g->left[nr] -= n;
	say(g, "hsend %u %u", nr, n);
}

static void stall(struct generator *g)
{
	unsigned nr = any_port(g);

	say(g, g->stalled[nr] ? "unstall %u" : "stall %u", nr);
	g->stalled[nr] = !g->stalled[nr] && g->open[nr];
}

/* So much that no backend holds it. A console drops what does not fit: how much is its business. */
static void flood(struct generator *g)
{
	unsigned nr = any_port(g);

	if (!g->open[nr] || g->console[nr] || g->stopped)
		return;
	say(g, "stall %u; send %u %u", nr, nr, 400000 + below(g, 100000));
	if (one_in(g, 2))
		say(g, "send %u %u", nr, any_size(g));
	say(g, "unstall %u", nr);
	g->stalled[nr] = false;
}

/* ---- the machine */

static void plug(struct generator *g)
{
	unsigned nr = below(g, PORTS);
	bool console = one_in(g, 3);

	/* Port 0 is for consoles. */
	say(g, "plug %u %s%s", nr, console ? "console" : "serial", one_in(g, 2) ? " org.test" : "");
	if (g->there[nr] || (nr == 0 && !console))
		return;
	g->there[nr] = true;
	g->console[nr] = console;
	g->left[nr] = HOST_LEFT;
}

static void unplug(struct generator *g)
{
	unsigned nr = any_port(g);

	say(g, "unplug %u", nr);
	g->there[nr] = g->open[nr] = g->stalled[nr] = false;
}

static void stop(struct generator *g)
{
	say(g, g->stopped ? "cont" : "stop");
	g->stopped = !g->stopped;
}

static void reset(struct generator *g)
{
	say(g, "reset");
	if (!one_in(g, 6))
		start(g);
}

/* It costs a new QEMU, so that few scripts have one. */
static void save_load(struct generator *g)
{
	char text[64] = "";
	size_t len = 0;

	if (!g->moves)
		return;
	g->moves = false;
	for (unsigned nr = 0; nr < PORTS; nr++) {
		g->open[nr] = g->there[nr] && one_in(g, 2);
		g->stalled[nr] = false;
		g->left[nr] = HOST_LEFT;
		if (g->open[nr])
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %u", nr);
	}
	g->stopped = false;
	say(g, "saveload%s", text);
}

/* ---- against the rules, and looks */

static void hostile(struct generator *g)
{
	static const char *const chains[] = {"r0",
					     "r4 r0 r4",
					     "r4:end",
					     "w16",
					     "r4 w4",
					     "w4 r4",
					     "r4:64",
					     "r4 r4:64",
					     "r4:1024",
					     "r8!4",
					     "r16!4",
					     "r16@0x10000000000",
					     "w16 w16",
					     "r4 r4 r4",
					     "r1",
					     "w1",
					     "r4096",
					     "w4096",
					     "indirect r4 r4",
					     "indirect w8",
					     "indirect r16!4",
					     "indirect r4 r4:9",
					     "w16@0x10000000000"};
	const char *queue = any_queue(g, !one_in(g, 3));

	switch (below(g, 8)) {
	case 0:
		say(g, "head %s %u", queue, one_in(g, 2) ? below(g, 128) : 1000 + below(g, 60000));
		break;
	case 1:
		say(g, "jump %s %u", queue, one_in(g, 2) ? 1 + below(g, 4) : below(g, 65536));
		break;
	default:
		say(g, "chain %s %s", queue, chains[below(g, sizeof(chains) / sizeof(*chains))]);
	}
	if (one_in(g, 2))
		restart(g);
}

static void register_odd(struct generator *g)
{
	static const uint8_t states[] = {0, 1, 3, 7, 11, 15, 15, 128, 143, 64};

	switch (below(g, 8)) {
	case 0:
	case 1:
		say(g, "status %u", states[below(g, sizeof(states))]);
		break;
	case 2:
		say(g, "cfgset %u %u %u", below(g, 12), 1U << below(g, 3), 32 + below(g, 90));
		break;
	case 3:
		say(g, "qreset %s", any_queue(g, one_in(g, 2)));
		break;
	case 4:
		say(g, "qon %s", any_queue(g, one_in(g, 2)));
		break;
	case 5:
		say(g, "qoff %s", any_queue(g, one_in(g, 2)));
		break;
	case 6:
		say(g, "qsize %s %u", any_queue(g, one_in(g, 2)), 1U << below(g, 8));
		break;
	default:
		say(g, "featset %u 0x%x", below(g, 3), (unsigned)next(g));
	}
	if (one_in(g, 2))
		restart(g);
}

static void look(struct generator *g)
{
	switch (below(g, 3)) {
	case 0:
		say(g, "cfg %u %u", below(g, 12), 1U << below(g, 3));
		break;
	case 1:
		say(g, "feat %u", below(g, 3));
		break;
	default:
		say(g, "queue %s", any_queue(g, one_in(g, 2)));
	}
}

static const struct {
	unsigned weight;
	void (*fn)(struct generator *g);
} kinds[] = {
	{14, ctl},  {4, ctl_odd},   {16, send_some}, {9, post},		{3, kick},
	{4, irq},   {3, restart},   {6, hopen},	     {4, hclose},	{14, hsend},
	{3, stall}, {2, flood},	    {3, plug},	     {3, unplug},	{3, stop},
	{2, reset}, {2, save_load}, {4, hostile},    {3, register_odd}, {3, look},
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

static void any_step(struct generator *g)
{
	unsigned sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < KINDS; k++)
		sum += kinds[k].weight;
	for (at = below(g, sum); at >= kinds[i].weight; i++)
		at -= kinds[i].weight;
	kinds[i].fn(g);
}

void wire_generate(struct wire_script *s, const struct target_config *config, uint64_t seed,
		   size_t steps)
{
	struct generator g = {.s = s, .state = seed};
	size_t end = s->n + steps;

	g.state = next(&g); /* or the streams of neighbours would be one, shifted */
	for (size_t i = 0; i < PORTS; i++)
		g.left[i] = HOST_LEFT;
	for (size_t i = 0; i < config->n_ports; i++)
		if (config->ports[i].nr < PORTS) {
			g.there[config->ports[i].nr] = true;
			g.console[config->ports[i].nr] = config->ports[i].console;
		}
	g.moves = one_in(&g, 10);
	if (!one_in(&g, 20))
		start(&g);
	while (s->n < end) {
		/* A machine that stands shows little. */
		if (g.stopped && one_in(&g, 5))
			stop(&g);
		any_step(&g);
	}
}
