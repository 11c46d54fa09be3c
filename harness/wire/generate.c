// SPDX-License-Identifier: GPL-2.0-or-later
/* generate.c - scripts that nobody wrote */
#include "harness/wire/generate.h"

#include <string.h>

#include "harness/wire/generate_private.h"

/* ---- the driver */

static void start(struct generator *g)
{
	const char *properties = g->config->properties;
	const struct wire_step *last;

	if (!g->moves && generate_one_in(g, 30))
		generate_text(g, "start ring=4");
	else if (generate_one_in(g, 3))
		generate_text(g, "start {no-event-idx|no-indirect|no-rx|rx=1 rxsize=16|"
				 "rx=3 rxsize=100|ctl=1|no-multiport|pin|no-ok|no-ctl|"
				 "no-version-1|no-packed|no-ring-reset|no-event-idx no-indirect|"
				 "no-in-order}");
	else
		generate_text(g, "start");
	last = &g->s->steps[g->s->n - 1];
	g->packed =
		properties && strstr(properties, "packed=on") && !strstr(last->text, "no-packed");
	if (generate_one_in(g, 10))
		return;
	generate_text(g, "ctl -1 READY 1");
	for (unsigned nr = 0; nr < GENERATE_PORTS; nr++) {
		if (!g->there[nr] || generate_one_in(g, 6))
			continue;
		generate_steps(g, "ctl %u PORT 1", nr);
		if (!generate_one_in(g, 4))
			generate_steps(g, "ctl %u OPEN 1", nr);
	}
}

static void restart(struct generator *g)
{
	if (generate_one_in(g, 2))
		generate_text(g, "restart");
	start(g);
}

static void send_in_pieces(struct generator *g)
{
	unsigned nr = generate_port(g);
	uint32_t n = generate_size(g);

	generate_steps(g, "send %u %u split=1+%u+2", nr, n + 3, n);
}

static void controller(struct generator *g)
{
	if (generate_controller(g))
		restart(g);
}

/* Descriptors that make no sense, or little. */
#define BAD                                                                                        \
	"r4:end|r8!4|r16!4|r0!4|r17!4|r4 r16!4|w24!6|r4 r4:64|r4:64|r4:1024|r4:65 r4:64|"          \
	"indirect r16!4|indirect r4 r4:9|indirect r4:0|r16@0x10000000000|w16@0x10000000000|"       \
	"r16@0|r16@0x3fffff8|r32@0xfffffffffffffff0|r4@0xe0000000|r0|r4 r0 r4|w0|w4 w0"

/* ---- what there is */

/* Of a kind of steps: */
enum {
	RUDE = 1,     /* against the rules, so that often a new driver has to come then */
	STALE = 2,    /* the device may find old entries again, see struct generator */
	ENDS = 4,     /* the driver's work is undone, and one begins anew, most of the time */
	PCI = 8,      /* without it they would show nothing; */
	WINDOW = 16,  /* nor with a legacy interface alone; */
	EXPRESS = 32, /* nor without PCI Express; */
	SPLIT = 64,   /* nor with the rings that the driver has */
};

/**
 * struct rule - A kind of steps
 * @weight:	how often it comes
 * @is:		what kind
 * @pattern:	for generate_text(); or
 * @fn:		for what has to know where it is
 */
struct rule {
	unsigned weight, is;
	const char *pattern;
	void (*fn)(struct generator *g);
};

static const struct rule rules[] = {
	/* the driver */
	{2, 0, "ctl -1 READY 1", NULL},
	{5, 0, "ctl $p PORT 1", NULL},
	{7, 0, "ctl $p OPEN {1|1|0}", NULL},
	{12, 0, "send $p $s{||| indirect| no-kick| indirect no-kick}", NULL},
	{4, 0, NULL, send_in_pieces},
	{8, 0, "post $r {1..5} $s; kick $=", NULL},
	{2, 0, "post $r {1..5} $s", NULL},
	{3, 0, "kick $q", NULL},
	{4, 0, "irq $q {0..2} {0..2}", NULL},
	{3, 0, NULL, restart},
	{1, ENDS, "unbind", NULL},
	{3, WINDOW, "wwrite 4 {0x3000|0x3004|0x3008|0x300c|0x3010|0x3014} {1|2|4} {0..9}", NULL},
	{1, WINDOW, "wwrite 4 0x2008 {1|2|4} {32..122}", NULL},
	{2, STALE, "qreset $o; qon $=", NULL},
	{2, PCI, "mask {0..3}", NULL},
	{3, PCI, "unmask {0..3}", NULL},
	/* the host */
	{6, 0, NULL, generate_host_opens},
	{4, 0, NULL, generate_host_leaves},
	{14, 0, NULL, generate_host_sends},
	{3, 0, NULL, generate_stall},
	{2, 0, NULL, generate_flood},
	/* the monitor */
	{3, 0, NULL, generate_plug},
	{3, 0, NULL, generate_unplug},
	{3, 0, NULL, generate_stop},
	{2, ENDS, "reset", NULL},
	{2, 0, NULL, generate_move},
	{1, 0, NULL, controller},
	{2, ENDS | EXPRESS, "flr", NULL},
	{2, EXPRESS, "pm {0|0|3}", NULL},
	{3, 0, NULL, generate_backend},
	/* looks */
	{1, 0, "cfg {0..11} {1|2|4}", NULL},
	{1, 0, "feat {0..2}", NULL},
	{1, 0, "queue $q", NULL},
	{1, SPLIT, "peek $q", NULL},
	{1, WINDOW, "window {0..11} {1|2|4}", NULL},
	{2, WINDOW, "wread 4 {0..60} {1|2|4}", NULL},
	{1, WINDOW, "wread 4 {0x1000|0x2000|0x2001|0x2002|0x2004|0x2005|0x2008} {1|2|4}", NULL},
	/* against the rules */
	{2, RUDE, "ctl $p {0..9} {0..2}", NULL},
	{1, RUDE, "ctl {60..1060} {0..9} {0..2}", NULL},
	{2, RUDE,
	 "ctlraw {0100|01000000060001|0100000006000100 1+7|0100000006000100 4+4|"
	 "010000000600010041424344|01000000030001004142 8+2}",
	 NULL},
	{3, RUDE | SPLIT, "chain $t {r4 r4 r4|r1|r600|r4 w4|w4 r4|w16|indirect r4 r4|indirect w8}",
	 NULL},
	{2, RUDE | SPLIT, "chain $r {w16|w16 w16|w1|w600|w4 r4|r4 w4|r4|indirect w4 w4}", NULL},
	{3, RUDE | SPLIT, "chain $q {" BAD "}", NULL},
	{1, RUDE | SPLIT, "head $q {0..127}", NULL},
	{1, RUDE | SPLIT, "head $q {1000..65535}", NULL},
	{1, RUDE | STALE | SPLIT, "jump $o {1..4}", NULL},
	{1, RUDE | STALE | SPLIT, "jump $o {0..32000}", NULL},
	{2, RUDE, "status {0|1|3|7|11|15|15|128|143|64}", NULL},
	{1, RUDE, "cfgset {0..11} {1|2|4} {32..122}", NULL},
	{1, RUDE, "featset {0..2} {0..4294967294}", NULL},
	{1, RUDE, "qreset $q", NULL},
	{1, RUDE | STALE, "qon $o", NULL},
	{1, RUDE, "qoff $q", NULL},
	{1, RUDE | STALE, "qsize $o {1|2|4|8|16|32|64|128}", NULL},
	{1, RUDE | STALE,
	 "qaddr $o {desc=0|device=0|driver=0|desc=0x400004 driver=0x410001 device=0x420002}", NULL},
	{1, RUDE, "qenable {10..40}", NULL},
	{1, RUDE | EXPRESS, "pm {1|2}", NULL},
	{1, RUDE | WINDOW, "wread {0|1|2|4|5|6|255} {0..16000} {0|1|2|3|4|5|8}", NULL},
	{1, RUDE | WINDOW, "wwrite 4 {0|8|16|22|26} {1|2|4} {0..3}", NULL},
	{1, RUDE | WINDOW, "wwrite 4 {12|20} {1|2|4} {0|1|3|7|11|15|15|128}", NULL},
	/* Beyond RAM, and the next driver begins with a reset: QEMU maps rings anew whenever its
	 * memory map changes (virtio_memory_listener_commit()), as while a driver looks for BARs,
	 * and how often it then meets the error again is nobody's business. */
	{1, RUDE | STALE,
	 "qaddr $o {desc=0x3fffff0|driver=0x3fffffc|device=0x3fffff8}; {kick|queue} $=; restart",
	 NULL},
	{1, RUDE | PCI, "master 0; kick $q; master 1", NULL},
};
#define RULES (sizeof(rules) / sizeof(*rules))

/* How often rules are broken: never, now and then, all the time. */
enum manner { POLITE, USUAL, HOSTILE };

/* What this device and its driver do not have. */
static unsigned lacks(const struct generator *g)
{
	const struct target_config *c = g->config;
	unsigned none = g->packed ? SPLIT : 0;

	if (c->transport > TARGET_PCI_LEGACY)
		none |= PCI;
	if (c->transport >= TARGET_PCI_LEGACY)
		none |= WINDOW;
	if (c->transport >= TARGET_PCI_LEGACY || !c->express)
		none |= EXPRESS;
	return none;
}

static unsigned weight_of(const struct generator *g, const struct rule *r, enum manner m)
{
	if ((r->is & STALE && !g->stale) || r->is & lacks(g))
		return 0;
	return !(r->is & RUDE) || m == USUAL ? r->weight : m == POLITE ? 0 : 4 * r->weight;
}

static void any_rule(struct generator *g, enum manner m)
{
	unsigned sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < RULES; k++)
		sum += weight_of(g, &rules[k], m);
	for (at = generate_below(g, sum); at >= weight_of(g, &rules[i], m); i++)
		at -= weight_of(g, &rules[i], m);
	if (rules[i].fn)
		rules[i].fn(g);
	else
		generate_text(g, rules[i].pattern);
	if (rules[i].is & ENDS && !generate_one_in(g, 6))
		start(g);
	if (rules[i].is & RUDE && generate_one_in(g, 3))
		restart(g);
}

void wire_generate(struct wire_script *s, const struct target_config *config, uint64_t seed,
		   size_t steps)
{
	struct generator g = {.config = config, .s = s, .state = seed};
	size_t end = s->n + steps;
	enum manner m;

	g.state = generate_next(&g); /* or the streams of neighbours would be one, shifted */
	generate_topology(&g);
	g.stale = generate_one_in(&g, 2);
	/* Of a queue whose available index lies behind the device's virtio_load() says so and
	 * forgets where it was; the reference does not know that. */
	g.moves = generate_one_in(&g, 10) && !g.stale;
	m = (enum manner)generate_below(&g, 3);
	if (!generate_one_in(&g, 20))
		start(&g);
	while (s->n < end) {
		/* A machine that stands shows little. */
		if (g.stopped && generate_one_in(&g, 5))
			generate_stop(&g);
		any_rule(&g, m);
	}
}
