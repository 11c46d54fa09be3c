// SPDX-License-Identifier: GPL-2.0-or-later
/* player_move.c - a machine that moves, to a topology that need not be its own */
#include <stdlib.h>
#include <string.h>

#include "harness/wire/player_private.h"

/* "0c", "1s:name": number, then console or serial port, as capitals without a backend. */
static void add_port(struct wire_player *p, struct target_config *c, const char *word)
{
	const char *name = strchr(word, ':');
	char *kind;
	unsigned long nr = strtoul(word, &kind, 10);

	if (c->n_ports == TARGET_PORTS_MAX || !*kind || !strchr("csCS", *kind))
		return;
	c->ports[c->n_ports++] = (struct target_port){.nr = (unsigned)nr,
						      .console = *kind == 'c' || *kind == 'C',
						      .no_chardev = *kind == 'C' || *kind == 'S',
						      .name = name ? wire_keep(p, name + 1) : NULL};
}

static void set_ports(struct wire_player *p, struct target_config *c, const char *list)
{
	struct strv ports = {NULL, 0};

	strv_split(&ports, list, ",");
	c->n_ports = 0;
	for (size_t i = 0; i < ports.n; i++)
		add_port(p, c, ports.v[i]);
	strv_release(&ports);
}

/* A property of the controller, instead of its value now. */
static void set_property(struct wire_player *p, struct target_config *c, const char *word)
{
	size_t len = strcspn(word, "=") + 1;
	struct strv now = {NULL, 0};
	struct buf text = BUF_INIT;

	strv_split(&now, c->properties ? c->properties : "", ",");
	for (size_t i = 0; i < now.n; i++)
		if (strncmp(now.v[i], word, len) != 0)
			buf_addf(&text, "%s,", now.v[i]);
	buf_addstr(&text, word);
	c->properties = wire_keep(p, text.data);
	strv_release(&now);
	buf_release(&text);
}

static bool has_host(const struct target_config *c, unsigned nr)
{
	for (size_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].nr == nr)
			return !c->ports[i].no_chardev;
	return false;
}

static void topology(struct wire_player *p, const struct strv *words, struct target_config *c)
{
	for (size_t i = 0; i < words->n; i++)
		if (strncmp(words->v[i], "ports=", 6) == 0)
			set_ports(p, c, words->v[i] + 6);
		else if (strchr(words->v[i], '='))
			set_property(p, c, words->v[i]);
}

/* It runs on with the same driver, or there is another machine, which knows of nobody. */
static void arrived(struct wire_player *p, bool ok, const unsigned *open, size_t n_open,
		    struct buf *b)
{
	wire_say_refused(p, ok, b);
	for (size_t i = 0; i < TARGET_PORTS_MAX; i++)
		p->hosts[i].open = p->hosts[i].stalled = p->hosts[i].alone = false;
	for (size_t i = 0; i < n_open && ok; i++)
		p->hosts[open[i]].open = true;
	p->stopped = false;
	p->irq_unknown = true;
	p->filler = 0; /* it was in the old backend */
	if (!ok) {
		p->started = false;
		wire_find(p, b);
	}
	target_settle(p->t);
	target_pin(p->t, &p->raised); /* the edges of the machine that was there */
}

void wire_save_load(struct wire_player *p, const struct wire_step *s, struct buf *b)
{
	struct target_config to = p->config;
	unsigned open[TARGET_PORTS_MAX];
	size_t n_open = 0;
	struct strv words = {NULL, 0};
	struct buf state = BUF_INIT;
	bool ok;

	strv_split(&words, s->text, " ");
	topology(p, &words, &to);
	for (size_t i = 0; i < words.n && n_open < TARGET_PORTS_MAX; i++) {
		unsigned long long nr;

		if (text_parse_u64(words.v[i], &nr) && has_host(&to, wire_port_nr(p, (unsigned)nr)))
			open[n_open++] = wire_port_nr(p, (unsigned)nr);
	}
	ok = target_save(p->t, &state);
	if (ok) {
		p->config = to;
		ok = target_load(p->t, &to, &state, open, n_open);
	}
	arrived(p, ok, open, n_open, b);
	strv_release(&words);
	buf_release(&state);
}
