// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * explore_part.c - what came of one process's part of a search, as text, and all of them together
 *
 * A line each: "played SCRIPTS STEPS", "death NUMBER TIMES", "seen KIND", "finding SEED TIMES AGAIN
 * LENGTH LENGTH LENGTH" with key, script and report behind it, as long as it says; "end" at last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/explore.h"

void explore_write(const struct explore *e, struct buf *b)
{
	buf_addf(b, "played %lu %lu\n", e->played, e->steps_played);
	for (size_t i = 0; i < EXPLORE_DEATHS; i++)
		if (e->deaths[i])
			buf_addf(b, "death %zu %lu\n", i, e->deaths[i]);
	for (size_t i = 0; i < e->seen.n; i++)
		buf_addf(b, "seen %s\n", e->seen.v[i]);
	for (size_t i = 0; i < e->n_found; i++) {
		const struct explore_finding *f = &e->found[i];
		struct buf script = BUF_INIT;

		wire_script_text(&f->script, "\n", &script);
		buf_addf(b, "finding %llu %u %d %zu %zu %zu\n%s%s%s\n", (unsigned long long)f->seed,
			 f->times, f->again, strlen(f->key), script.len, f->report.len, f->key,
			 script.data, f->report.data);
		buf_release(&script);
	}
	buf_addstr(b, "end\n");
}

/* The next @n bytes of *at, as a text of its own; NULL: there are not so many. */
static char *piece(const char **at, size_t n)
{
	char *text;

	if (strnlen(*at, n) < n)
		return NULL;
	text = xstrndup(*at, n);
	*at += n;
	return text;
}

static void finding_release(struct explore_finding *f)
{
	free(f->key);
	wire_script_release(&f->script);
	buf_release(&f->report);
}

/* Add it, or what it adds to one of the same cause. */
static void add(struct explore *e, struct explore_finding *f, struct strv *gone)
{
	for (size_t i = 0; i < e->n_found; i++) {
		struct explore_finding *known = &e->found[i];

		if (strcmp(known->key, f->key) != 0)
			continue;
		f->times = known->times += f->times;
		if (f->seed < known->seed) {
			struct explore_finding later = *known;

			*known = *f;
			*f = later;
		}
		strv_pushf(gone, "%llu", (unsigned long long)f->seed);
		finding_release(f);
		return;
	}
	e->found = xrealloc(e->found, (e->n_found + 1) * sizeof(*e->found));
	e->found[e->n_found++] = *f;
}

/* The line of a finding, and what is behind it. */
static bool take_finding(struct explore *e, const char *line, const char **at, struct strv *gone)
{
	struct explore_finding f = {.report = BUF_INIT};
	unsigned long long seed;
	size_t len[3];
	char *part[3] = {NULL, NULL, NULL};
	struct buf why = BUF_INIT;
	int again;
	bool ok = sscanf(line, "finding %llu %u %d %zu %zu %zu", &seed, &f.times, &again, &len[0],
			 &len[1], &len[2]) == 6;

	for (size_t i = 0; ok && i < 3; i++)
		ok = (part[i] = piece(at, len[i]));
	ok = ok && **at == '\n' && wire_script_parse(&f.script, part[1], &why);
	if (ok) {
		++*at;
		f.seed = seed;
		f.again = again;
		f.key = xstrdup(part[0]);
		buf_addstr(&f.report, part[2]);
		add(e, &f, gone);
	} else {
		finding_release(&f);
	}
	for (size_t i = 0; i < 3; i++)
		free(part[i]);
	buf_release(&why);
	return ok;
}

static bool take_line(struct explore *e, const char *line, const char **at, struct strv *gone)
{
	unsigned long n, m;

	if (sscanf(line, "played %lu %lu", &n, &m) == 2) {
		e->played += n;
		e->steps_played += m;
	} else if (sscanf(line, "death %lu %lu", &n, &m) == 2 && n < EXPLORE_DEATHS) {
		e->deaths[n] += m;
	} else if (strncmp(line, "seen ", 5) == 0) {
		strv_push(&e->seen, line + 5);
	} else {
		return take_finding(e, line, at, gone);
	}
	return true;
}

static int by_seed(const void *a, const void *b)
{
	const struct explore_finding *x = a, *y = b;

	return x->seed < y->seed ? -1 : x->seed > y->seed;
}

bool explore_merge(struct explore *e, const char *text, struct strv *gone, struct buf *why)
{
	bool ok = true, ended = false;

	while (ok && !ended && *text) {
		size_t len = strcspn(text, "\n");
		char *line = xstrndup(text, len);

		text += len + (text[len] == '\n');
		ended = strcmp(line, "end") == 0;
		ok = ended || take_line(e, line, &text, gone);
		if (!ok)
			buf_addf(why, "no line of a search: %s", line);
		free(line);
	}
	if (ok && !ended)
		buf_addstr(why, "a search's report is cut off");
	if (e->n_found)
		qsort(e->found, e->n_found, sizeof(*e->found), by_seed);
	return ok && ended;
}
