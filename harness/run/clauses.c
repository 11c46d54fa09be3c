// SPDX-License-Identifier: GPL-2.0-or-later
/* clauses.c - which trials look at which clause of the specification */
#include "harness/run/clauses.h"

#include <ctype.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/run/matrix.h"

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* How long is the id at @at: "C-17", "U-03", "H-24", "G-SR-04"; 0: there is none. */
static size_t id_length(const char *at)
{
	size_t head = 2;

	if (at[0] == '\0' || !strchr("CUHG", at[0]) || at[1] != '-')
		return 0;
	if (at[0] == 'G') {
		if (!is_upper(at[2]) || !is_upper(at[3]) || at[4] != '-')
			return 0;
		head = 5;
	}
	if (!isdigit((unsigned char)at[head]) || !isdigit((unsigned char)at[head + 1]) ||
	    isalnum((unsigned char)at[head + 2]))
		return 0;
	return head + 2;
}

/* The next id in @text, at a word's beginning; NULL: none is left. */
static const char *next_id(const char *text, size_t *len)
{
	for (const char *at = text; *at; at++) {
		if (at > text && isalnum((unsigned char)at[-1]))
			continue;
		*len = id_length(at);
		if (*len)
			return at;
	}
	return NULL;
}

static bool cites(const char *text, const char *id)
{
	size_t len;

	for (const char *at = next_id(text, &len); at; at = next_id(at + len, &len))
		if (strlen(id) == len && strncmp(at, id, len) == 0)
			return true;
	return false;
}

/* How many trials that run, in the nightly run at the latest, cite it; their cases in @cases. */
static size_t count(const struct matrix *m, const char *id, struct buf *cases)
{
	const struct check_case *last = NULL;
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		const struct check_case *c = m->trials[i].variant.c;

		if (m->trials[i].run == RUN_NEVER || !cites(c->clause, id))
			continue;
		if (c != last)
			buf_addf(cases, " %s", c->id);
		last = c;
		n++;
	}
	return n;
}

static bool known(const struct clause *table, const char *id, size_t len)
{
	for (const struct clause *c = table; c->id; c++)
		if (strlen(c->id) == len && strncmp(c->id, id, len) == 0)
			return true;
	return false;
}

static void check_citations(const struct matrix *m, const struct clause *table, struct buf *why)
{
	const struct check_case *last = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct check_case *c = m->trials[i].variant.c;
		size_t len;

		if (c == last)
			continue;
		last = c;
		for (const char *at = next_id(c->clause, &len); at; at = next_id(at + len, &len))
			if (!known(table, at, len))
				buf_addf(why, "%s cites %.*s, which is no clause\n", c->id,
					 (int)len, at);
	}
}

bool clauses_table(const struct matrix *m, const struct clause *table, struct buf *out,
		   struct buf *why)
{
	size_t before = why->len;

	for (const struct clause *c = table; c->id; c++) {
		struct buf cases = BUF_INIT;
		size_t n = count(m, c->id, &cases);

		if (!n && !c->none)
			buf_addf(why, "%s: no trial that runs cites it, and no reason is given\n",
				 c->id);
		if (n && c->none)
			buf_addf(why, "%s: there are trials, and a reason for none\n", c->id);
		buf_addf(out, "%-7s  %-8s  %3zu  %s:%s%s\n", c->id, c->level, n, c->demands,
			 n ? "" : " none: ",
			 n	   ? cases.data
			 : c->none ? c->none
				   : "?");
		buf_release(&cases);
	}
	check_citations(m, table, why);
	return why->len == before;
}
