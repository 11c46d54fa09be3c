// SPDX-License-Identifier: GPL-2.0-or-later
/* seeds.c - which trials cover which step of the documents that the suite comes from */
#include "harness/run/seeds.h"

#include "harness/base/buf.h"
#include "harness/run/matrix.h"

static struct strv globs_of(const struct seed_step *s)
{
	struct strv globs = {NULL, 0};

	strv_split(&globs, s->trials, " ");
	return globs;
}

/* How many trials that run, in the nightly run at the latest, does this glob match? */
static size_t count(const struct matrix *m, const char *glob)
{
	const struct strv one = {(char *[]){(char *)glob, NULL}, 1};
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->trials[i].run != RUN_NEVER && matrix_matches(&m->trials[i], &one);
	return n;
}

bool seeds_table(const struct matrix *m, const struct seed_step *steps, struct buf *out,
		 struct buf *why)
{
	size_t before = why->len;

	for (const struct seed_step *s = steps; s->document; s++) {
		struct strv globs = globs_of(s);
		size_t covered = 0;

		for (size_t i = 0; i < globs.n; i++) {
			size_t n = count(m, globs.v[i]);

			if (!n)
				buf_addf(why, "%s, %s: no trial that runs matches %s\n",
					 s->document, s->step, globs.v[i]);
			covered += n;
		}
		if (!globs.n)
			buf_addf(why, "%s, %s: no trial covers it\n", s->document, s->step);
		buf_addf(out, "%-6s  %-20s  %3zu  %s: %s\n", s->document, s->step, covered, s->says,
			 s->trials);
		strv_release(&globs);
	}
	return why->len == before;
}

void seeds_of(const struct trial_spec *spec, const struct seed_step *steps, struct buf *out)
{
	const char *between = "";

	for (const struct seed_step *s = steps; s->document; s++) {
		struct strv globs = globs_of(s);

		if (globs.n && matrix_matches(spec, &globs)) {
			buf_addf(out, "%s%s %s", between, s->document, s->step);
			between = "; ";
		}
		strv_release(&globs);
	}
	if (!*between)
		buf_addstr(out, "-");
}
