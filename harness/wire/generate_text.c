// SPDX-License-Identifier: GPL-2.0-or-later
/* generate_text.c - numbers, and steps from patterns */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/generate_private.h"

/* splitmix64 (Steele, Lea, Flood 2014) */
uint64_t generate_next(struct generator *g)
{
	uint64_t z = g->state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

unsigned generate_below(struct generator *g, unsigned n)
{
	return (unsigned)(generate_next(g) % n);
}

bool generate_one_in(struct generator *g, unsigned n)
{
	return generate_below(g, n) == 0;
}

unsigned generate_port(struct generator *g)
{
	unsigned nr = generate_below(g, GENERATE_PORTS);

	for (unsigned i = 0; i < GENERATE_PORTS && !generate_one_in(g, 12); i++) {
		if (g->there[nr])
			return nr;
		nr = (nr + 1) % GENERATE_PORTS;
	}
	return nr;
}

/* The first ones are small. */
#define SMALL 11

uint32_t generate_size(struct generator *g)
{
	static const uint16_t sizes[] = {1,  2,	  3,   4,   5,	 8,   15,   16,	  17,	31,
					 32, 100, 255, 256, 257, 700, 1023, 1024, 2000, 2500};

	return sizes[generate_below(g, g->stale ? SMALL : sizeof(sizes) / sizeof(*sizes))];
}

static void parse(struct generator *g, const char *text)
{
	struct buf why = BUF_INIT;

	if (!wire_script_parse(g->s, text, &why))
		die("a step that is none: %s: %s", text, why.data);
	buf_release(&why);
}

void generate_steps(struct generator *g, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	parse(g, text.data);
	buf_release(&text);
}

static void name_queue(struct generator *g, char way)
{
	bool out = way == 'q' || way == 'o' ? generate_one_in(g, 2) : way == 't';
	unsigned nr = generate_port(g);

	if (generate_one_in(g, 4))
		snprintf(g->last, sizeof(g->last), "c%s", out ? "tx" : "rx");
	else if (way == 'o' && g->console[nr])
		snprintf(g->last, sizeof(g->last), "rx%u", nr);
	else
		snprintf(g->last, sizeof(g->last), "%s%u", out ? "tx" : "rx", nr);
}

static void fill_in(struct generator *g, char what, struct buf *b)
{
	if (what == 's') {
		buf_addf(b, "%u", generate_size(g));
		return;
	}
	if (what == 'p')
		snprintf(g->last, sizeof(g->last), "%u", generate_port(g));
	else if (what != '=')
		name_queue(g, what);
	buf_addstr(b, g->last);
}

/* What stands between braces, up to @end. */
static void choose(struct generator *g, const char *from, const char *end, struct buf *b)
{
	const char *dots = strstr(from, "..");
	unsigned n = 1, nth;

	if (dots && dots < end && *from >= '0' && *from <= '9') {
		unsigned low = (unsigned)strtoul(from, NULL, 10);
		unsigned high = (unsigned)strtoul(dots + 2, NULL, 10);

		buf_addf(b, "%u", low + generate_below(g, high - low + 1));
		return;
	}
	for (const char *at = from; at < end; at++)
		n += *at == '|';
	for (nth = generate_below(g, n); nth; nth--)
		from = strchr(from, '|') + 1;
	buf_add(b, from, strcspn(from, "|}"));
}

void generate_text(struct generator *g, const char *pattern)
{
	struct buf text = BUF_INIT;

	for (const char *at = pattern; *at; at++) {
		if (*at == '{') {
			const char *end = strchr(at, '}');

			choose(g, at + 1, end, &text);
			at = end;
		} else if (*at == '$') {
			fill_in(g, *++at, &text);
		} else {
			buf_add(&text, at, 1);
		}
	}
	parse(g, text.data);
	buf_release(&text);
}
