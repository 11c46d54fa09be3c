// SPDX-License-Identifier: GPL-2.0-or-later
/* cross.c - two targets side by side, and the shortest script on which they still differ */
#include "harness/wire/cross.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"

void cross_init(struct cross *c)
{
	*c = (struct cross){.trace = {BUF_INIT, BUF_INIT},
			    .seen = {BUF_INIT, BUF_INIT},
			    .end = {BUF_INIT, BUF_INIT},
			    .why = BUF_INIT};
}

void cross_release(struct cross *c)
{
	for (int i = 0; i < 2; i++) {
		buf_release(&c->trace[i]);
		buf_release(&c->seen[i]);
		buf_release(&c->end[i]);
	}
	buf_release(&c->why);
}

static void clear(struct cross *c)
{
	for (int i = 0; i < 2; i++) {
		buf_clear(&c->trace[i]);
		buf_clear(&c->seen[i]);
		buf_clear(&c->end[i]);
	}
	buf_clear(&c->why);
	c->differs = c->broken = false;
	c->step = 0;
}

/* One step on one side, and what was seen of it behind the trace. */
static void step_one(struct cross *c, int side, struct wire_player *p, const struct wire_step *s,
		     size_t nth)
{
	struct buf *trace = &c->trace[side];

	buf_clear(&c->seen[side]);
	wire_player_step(p, s, &c->seen[side]);
	buf_addf(trace, "step %zu ", nth);
	wire_step_text(s, trace);
	buf_addf(trace, "\n%s", c->seen[side].data);
}

static void play_both(struct cross *c, const struct wire_script *script, struct target *t[2])
{
	struct wire_player *p = xcalloc(2, sizeof(*p));

	for (int i = 0; i < 2; i++)
		wire_player_init(&p[i], t[i]);
	for (; c->step < script->n && !c->differs; c->step++) {
		for (int i = 0; i < 2; i++)
			step_one(c, i, &p[i], &script->steps[c->step], c->step);
		c->differs = strcmp(c->seen[0].data, c->seen[1].data) != 0;
		if (c->differs)
			break;
		if (t[0]->end != TARGET_ALIVE)
			break; /* both have ended the same way */
	}
	for (int i = 0; i < 2; i++) {
		wire_player_release(&p[i]);
		if (t[i]->end != TARGET_ALIVE)
			buf_add(&c->end[i], t[i]->why.data, t[i]->why.len);
	}
	free(p);
}

void cross_run(struct cross *c, const struct wire_script *script, const struct cross_side sides[2])
{
	struct target *t[2] = {NULL, NULL};
	bool ended;

	clear(c);
	for (int i = 0; i < 2 && !c->broken; i++) {
		t[i] = sides[i].fresh(sides[i].arg, &c->why);
		c->broken = !t[i];
	}
	if (!c->broken)
		play_both(c, script, t);
	ended = c->end[0].len || c->end[1].len;
	for (int i = 0; i < 2; i++)
		if (t[i] && sides[i].done)
			sides[i].done(sides[i].arg, t[i], &c->end[i]);
	if (!ended && !c->differs && (c->end[0].len || c->end[1].len)) {
		c->differs = true;
		c->step = script->n;
	}
}

/* @from without @n steps from @at on */
static void without(const struct wire_script *from, size_t at, size_t n, struct wire_script *to)
{
	for (size_t i = 0; i < from->n; i++)
		if (i < at || i >= at + n)
			wire_script_add(to, &from->steps[i]);
}

void cross_reduce(struct cross *c, struct wire_script *script, const struct cross_side sides[2],
		  int runs, const struct cross_likeness *like)
{
	struct cross tried;

	cross_init(&tried);
	if (c->step < script->n)
		script->n = c->step + 1; /* what follows was not even played */
	for (size_t n = script->n / 2; n > 0; n = n > 1 ? n / 2 : 0)
		for (size_t at = 0; at + n <= script->n && runs > 0;) {
			struct wire_script less = {NULL, 0};

			without(script, at, n, &less);
			cross_run(&tried, &less, sides);
			runs--;
			if (tried.differs && (!like || like->alike(&tried, &less, like->arg))) {
				struct cross better = tried;

				wire_script_release(script);
				*script = less;
				if (tried.step < script->n)
					script->n = tried.step + 1;
				tried = *c;
				*c = better;
			} else {
				wire_script_release(&less);
				at += n;
			}
		}
	cross_release(&tried);
}

void cross_report(const struct cross *c, const struct wire_script *script,
		  const struct cross_side sides[2], struct buf *b)
{
	if (c->broken) {
		buf_addf(b, "%s\n", c->why.data);
		return;
	}
	buf_addf(b, "step %zu, ", c->step);
	if (c->step < script->n)
		wire_step_text(&script->steps[c->step], b);
	else
		buf_addstr(b, "when it is put away");
	for (int i = 0; i < 2; i++) {
		struct strv lines = {NULL, 0};

		buf_addf(b, "\n%s:\n", sides[i].name);
		strv_split(&lines, c->seen[i].data, "\n");
		for (size_t k = 0; k < lines.n; k++)
			buf_addf(b, "    %s\n", lines.v[k]);
		if (c->end[i].len)
			buf_addf(b, "    %s\n", c->end[i].data);
		strv_release(&lines);
	}
	buf_addstr(b, "the script:\n");
	wire_script_c(script, b);
	buf_addstr(b, "by hand: chardev-check play '");
	wire_script_text(script, "; ", b);
	buf_addf(b, "'%s%s\n", sides[0].variant ? " " : "",
		 sides[0].variant ? sides[0].variant : "");
}
