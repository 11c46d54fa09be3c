// SPDX-License-Identifier: GPL-2.0-or-later
/* explore.c - generated scripts, and what differs */
#include "harness/wire/explore.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/deaths.h"
#include "harness/wire/generate.h"

#define KIND_REDUCED 4 /* differences of one kind that are made short */

/* A line without what differs between two cases of one cause: "used tx1 len=12 .." is "used tx". */
static void line_class(const char *line, struct buf *b)
{
	size_t words = 0;

	for (const char *at = line; *at && words < 2; at++) {
		if (*at == ' ')
			words++;
		else if (isdigit((unsigned char)*at) || *at == '=')
			continue;
		buf_add(b, at, 1);
	}
}

static bool has_line(const struct strv *lines, const char *line)
{
	for (size_t i = 0; i < lines->n; i++)
		if (strcmp(lines->v[i], line) == 0)
			return true;
	return false;
}

/* Did the first end in a way that nobody expected? */
static bool is_news(const struct cross *c)
{
	return c->end[0].len && !wire_death(c->end[0].data) &&
	       strcmp(c->end[0].data, c->end[1].data) != 0;
}

/* Last words without what differs between builds: where the program lies, lines, addresses. */
static void death_of(const struct cross *c, struct buf *b)
{
	const char *how = c->end[0].data, *words = strstr(how, "last words: "), *at;

	buf_addstr(b, "end ");
	if (words && (at = strstr(words, ".c:")))
		how = at + 1;
	for (; *how; how++)
		if (!isdigit((unsigned char)*how))
			buf_add(b, how, 1);
}

/* The verb of the step that differs, and the kinds of lines that only one side has; or the end. */
static void kind_of(const struct cross *c, const struct wire_script *script, struct buf *b)
{
	struct strv lines[2] = {{NULL, 0}, {NULL, 0}};

	if (is_news(c)) {
		death_of(c, b);
		return;
	}
	for (int i = 0; i < 2; i++)
		strv_split(&lines[i], c->seen[i].data, "\n");
	buf_addstr(b, c->step < script->n ? wire_op(script->steps[c->step].verb)->name : "away");
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < lines[i].n; k++)
			if (!has_line(&lines[!i], lines[i].v[k])) {
				buf_addstr(b, i ? " +" : " -");
				line_class(lines[i].v[k], b);
			}
	for (int i = 0; i < 2; i++)
		strv_release(&lines[i]);
}

static bool is_kind(const struct cross *c, const struct wire_script *script, void *arg)
{
	struct buf kind = BUF_INIT;
	bool same;

	kind_of(c, script, &kind);
	same = strcmp(kind.data, arg) == 0;
	buf_release(&kind);
	return same;
}

/* Of an end the last words say enough. */
static void key_of(const struct cross *c, const struct wire_script *script, struct buf *b)
{
	if (!is_news(c)) {
		for (size_t i = 0; i < script->n; i++)
			buf_addf(b, "%s ", wire_op(script->steps[i].verb)->name);
		buf_addstr(b, "| ");
	}
	kind_of(c, script, b);
}

static struct explore_finding *known(struct explore *e, const char *key)
{
	for (size_t i = 0; i < e->n_found; i++)
		if (strcmp(e->found[i].key, key) == 0)
			return &e->found[i];
	return NULL;
}

/* How often this kind was seen before. */
static unsigned count_kind(struct explore *e, const char *kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < e->seen.n; i++)
		n += strcmp(e->seen.v[i], kind) == 0;
	strv_push(&e->seen, kind);
	return n;
}

static void keep(struct explore *e, struct cross *c, struct wire_script *script, uint64_t seed)
{
	struct buf key = BUF_INIT;
	struct explore_finding *f;

	key_of(c, script, &key);
	f = known(e, key.data);
	if (!f) {
		e->found = xrealloc(e->found, (e->n_found + 1) * sizeof(*e->found));
		f = &e->found[e->n_found++];
		*f = (struct explore_finding){.key = xstrdup(key.data),
					      .seed = seed,
					      .report = BUF_INIT};
		wire_script_copy(&f->script, script);
		cross_report(c, script, e->quick, &f->report);
		cross_run(c, script, e->anew);
		f->again = c->differs || is_news(c);
	}
	f->times++;
	buf_release(&key);
}

static void differs(struct explore *e, struct cross *c, struct wire_script *script, uint64_t seed)
{
	struct buf kind = BUF_INIT;

	kind_of(c, script, &kind);
	if (count_kind(e, kind.data) < KIND_REDUCED) {
		const struct cross_likeness like = {is_kind, kind.data};

		cross_reduce(c, script, e->quick, e->reduce, &like);
		keep(e, c, script, seed);
	}
	buf_release(&kind);
}

/* A known end is counted; false: it is none. */
static bool is_known_end(struct explore *e, const struct cross *c)
{
	const struct wire_death *d = c->end[0].len ? wire_death(c->end[0].data) : NULL;

	for (size_t i = 0; d && i < EXPLORE_DEATHS; i++)
		e->deaths[i] += wire_death_get(i) == d;
	return d;
}

bool explore_one(struct explore *e, uint64_t seed)
{
	struct wire_script script = {NULL, 0};
	struct cross c;
	bool ok;

	cross_init(&c);
	wire_generate(&script, e->config, seed, e->steps);
	cross_run(&c, &script, e->quick);
	ok = !c.broken;
	if (!ok)
		buf_addstr(&e->why, c.why.data);
	e->played++;
	e->steps_played += c.step < script.n ? c.step + 1 : script.n;
	if (!is_known_end(e, &c) && (c.differs || is_news(&c)))
		differs(e, &c, &script, seed);
	wire_script_release(&script);
	cross_release(&c);
	return ok;
}

void explore_release(struct explore *e)
{
	for (size_t i = 0; i < e->n_found; i++) {
		free(e->found[i].key);
		wire_script_release(&e->found[i].script);
		buf_release(&e->found[i].report);
	}
	free(e->found);
	strv_release(&e->seen);
	buf_release(&e->why);
}

void explore_case(const struct explore_finding *f, const char *where, struct buf *b)
{
	unsigned long long seed = (unsigned long long)f->seed;
	struct strv lines = {NULL, 0};

	buf_addf(b, "// SPDX-License-Identifier: GPL-2.0-or-later\n/*\n * Found on %s: %s\n *\n",
		 where, f->key);
	strv_split(&lines, f->report.data, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		/* Whatever QEMU's last words are, they do not end the comment. */
		for (char *end; (end = strstr(lines.v[i], "*/"));)
			*end = '+';
		buf_addf(b, " * %s\n", lines.v[i]);
	}
	strv_release(&lines);
	buf_addf(
		b,
		" */\n#include \"harness/run/cross.h\"\n\nCROSS(found_%llu, .id = "
		"\"cross.found-%llu\",\n      .title = \"the script of seed %llu shows the same\","
		"\n      .clause = \"virtio-1.2/console\", .level = LEVEL_MUST,\n      .script =\n",
		seed, seed, seed);
	wire_script_c(&f->script, b);
	buf_addstr(b, ")\n");
}

void explore_shell(const struct explore_finding *f, const char *where, struct buf *b)
{
	buf_addstr(b, "chardev-check play '");
	wire_script_text(&f->script, "; ", b);
	buf_addf(b, "' %s\n", where);
}

void explore_report(const struct explore *e, struct buf *b)
{
	for (size_t i = 0; i < e->n_found; i++) {
		const struct explore_finding *f = &e->found[i];

		buf_addf(b, "finding %zu, seed %llu, %u times%s: %s\n", i + 1,
			 (unsigned long long)f->seed, f->times,
			 f->again ? "" : ", NOT on targets made anew", f->key);
		buf_addf(b, "%s\n", f->report.data);
	}
}

void explore_sum(const struct explore *e, struct buf *b)
{
	unsigned long ends = 0;

	buf_addf(b, "%lu scripts, %lu steps, %zu differed, %zu causes", e->played, e->steps_played,
		 e->seen.n, e->n_found);
	for (size_t i = 0; i < e->n_found; i++)
		buf_addf(b, "%s%u", i ? "+" : " (", e->found[i].times);
	buf_addstr(b, e->n_found ? ")" : "");
	for (size_t i = 0; i < EXPLORE_DEATHS; i++)
		if (e->deaths[i])
			buf_addf(b, "%s%s %lu",
				 ends++ ? ", " : ", known ends: ", wire_death_get(i)->name,
				 e->deaths[i]);
}
