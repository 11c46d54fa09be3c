// SPDX-License-Identifier: GPL-2.0-or-later
/* matrix.c - cases x axes, as cases.conf says */
#include "harness/run/matrix.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/conf.h"
#include "harness/base/die.h"
#include "harness/vm/caps.h"

#define TIMEOUT_DEFAULT_S 60

static const char *const run_names[] = {"check", "long", "never"};

/* The value of @key in the last stanza that matches @id and has it; NULL: none. */
static const struct conf_key *lookup(const struct conf *conf, const char *id, const char *key)
{
	const struct conf_key *found = NULL;

	for (size_t s = 0; s < conf->n; s++) {
		if (fnmatch(conf->stanzas[s].name, id, 0) != 0)
			continue;
		for (size_t k = 0; k < conf->stanzas[s].n; k++)
			if (strcmp(conf->stanzas[s].keys[k].name, key) == 0)
				found = &conf->stanzas[s].keys[k];
	}
	return found;
}

/* Is @value one of the comma-separated words of @list? */
static bool listed(const char *list, const char *value)
{
	struct strv words = {NULL, 0};
	bool found;

	strv_split(&words, list, ",");
	found = strv_has(&words, value);
	strv_release(&words);
	return found;
}

static char *variant_id(const struct variant *v)
{
	struct buf id = BUF_INIT;
	char separator = '@';

	buf_addstr(&id, v->c->id);
	for (size_t i = 0; v->c->axes && v->c->axes[i]; i++) {
		if (!v->value[i])
			continue;
		buf_addf(&id, "%c%s", separator, v->value[i]);
		separator = ',';
	}
	return buf_steal(&id);
}

/* "FAIL qemu<11.0 the reason": versions may be left out, the reason may not. */
static bool parse_expect(struct trial_spec *t, const char *file, const struct conf_key *key,
			 struct buf *why)
{
	const char *rest = key->value;
	size_t len;

	if (strncmp(rest, "FAIL ", 5) != 0)
		goto bad;
	rest += 5 + strspn(rest + 5, " ");
	len = strncmp(rest, "qemu", 4) == 0 ? strcspn(rest, " ") : 0;
	t->expect_versions = xstrndup(rest, len);
	rest += len + strspn(rest + len, " ");
	if (len) {
		struct caps any = {0};
		bool malformed;

		caps_version_matches(&any, t->expect_versions, &malformed);
		if (malformed)
			goto bad;
	}
	if (!*rest)
		goto bad;
	t->expect_reason = xstrdup(rest);
	return true;
bad:
	buf_addf(why, "%s:%d: expect wants: FAIL [qemu<11.0[,qemu>=..]] the reason", file,
		 key->line);
	return false;
}

static bool apply_keys(struct trial_spec *t, const struct conf *conf, const char *file,
		       struct buf *why)
{
	const struct conf_key *run = lookup(conf, t->id, "run");
	const struct conf_key *expect = lookup(conf, t->id, "expect");
	const struct conf_key *timeout = lookup(conf, t->id, "timeout");
	const struct conf_key *match = lookup(conf, t->id, "match");
	unsigned long long seconds;

	for (size_t i = 0; run && i < sizeof(run_names) / sizeof(*run_names); i++)
		if (strcmp(run->value, run_names[i]) == 0)
			t->run = (enum run_class)i;
	t->timeout_s = t->variant.c->timeout_s ? t->variant.c->timeout_s : TIMEOUT_DEFAULT_S;
	if (timeout && text_parse_u64(timeout->value, &seconds))
		t->timeout_s = (int)seconds;
	if (!expect || !*expect->value)
		return true;
	if (!match || !*match->value) {
		buf_addf(
			why,
			"%s:%d: expect wants a match beside it: text that the failure's reason has",
			file, expect->line);
		return false;
	}
	t->expect_match = xstrdup(match->value);
	return parse_expect(t, file, expect, why);
}

/* Is each of the variant's values among those that cases.conf keeps? */
static bool kept(const struct variant *v, const char *id, const struct conf *conf)
{
	for (size_t i = 0; v->c->axes && v->c->axes[i]; i++) {
		const struct conf_key *key = lookup(conf, id, v->c->axes[i]);

		if (key && v->value[i] && !listed(key->value, v->value[i]))
			return false;
	}
	return true;
}

static bool add_variant(struct matrix *m, const struct variant *v, const struct conf *conf,
			const char *file, struct buf *why)
{
	struct trial_spec t = {.id = variant_id(v), .variant = *v};

	if ((v->c->possible && !v->c->possible(v)) || !kept(v, t.id, conf)) {
		free(t.id);
		return true;
	}
	if (!(m->n & (m->n - 1))) /* full: 0, 1, 2, 4, .. */
		m->trials = xrealloc(m->trials, (m->n ? 2 * m->n : 1) * sizeof(*m->trials));
	m->trials[m->n] = t;
	return apply_keys(&m->trials[m->n++], conf, file, why);
}

/* Fill axis number @depth with each of its values in turn, and the axes behind it likewise. */
static bool expand(struct matrix *m, struct variant *v, size_t depth, const struct conf *conf,
		   const char *file, struct buf *why)
{
	const char *name = v->c->axes ? v->c->axes[depth] : NULL;
	const char *value;
	const struct axis *axis;

	if (!name)
		return add_variant(m, v, conf, file, why);
	axis = axis_find(name);
	if (!axis || depth >= AXES_MAX)
		die("case %s: no axis is called %s", v->c->id, name);
	if (axis->applies && !axis->applies(v)) {
		v->value[depth] = NULL;
		return expand(m, v, depth + 1, conf, file, why);
	}
	for (size_t i = 0; (value = axis_nth(axis, v->c, i)); i++) {
		v->value[depth] = value;
		if (!expand(m, v, depth + 1, conf, file, why))
			return false;
		v->value[depth] = NULL;
	}
	return true;
}

static bool check_key(const char *file, const struct conf_key *key, struct buf *why)
{
	const struct axis *axis = axis_find(key->name);
	struct strv words = {NULL, 0};
	unsigned long long seconds;
	bool ok = true;

	if (strcmp(key->name, "expect") == 0 || strcmp(key->name, "match") == 0)
		return true;
	if (strcmp(key->name, "timeout") == 0) {
		ok = text_parse_u64(key->value, &seconds) && seconds && seconds <= INT_MAX;
		if (!ok)
			buf_addf(why, "%s:%d: timeout wants whole seconds", file, key->line);
		return ok;
	}
	if (strcmp(key->name, "run") == 0) {
		for (size_t i = 0; i < sizeof(run_names) / sizeof(*run_names); i++)
			if (strcmp(key->value, run_names[i]) == 0)
				return true;
		buf_addf(why, "%s:%d: run wants check, long or never, not %s", file, key->line,
			 key->value);
		return false;
	}
	if (!axis) {
		buf_addf(why, "%s:%d: unknown key %s", file, key->line, key->name);
		return false;
	}
	strv_split(&words, key->value, ",");
	for (size_t i = 0; ok && i < words.n; i++) {
		ok = axis_value(axis, words.v[i]) != NULL;
		if (!ok)
			buf_addf(why, "%s:%d: axis %s has no value %s", file, key->line, key->name,
				 words.v[i]);
	}
	strv_release(&words);
	return ok;
}

/* Every stanza must match something: a trial, or an id that stanzas took out of the matrix. */
static bool stanza_useful(const struct conf_stanza *s, const struct matrix *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (fnmatch(s->name, all->trials[i].id, 0) == 0)
			return true;
	return false;
}

static bool check_conf(const struct conf *conf, const char *file, const struct matrix *all,
		       struct buf *why)
{
	for (size_t s = 0; s < conf->n; s++) {
		const struct conf_stanza *stanza = &conf->stanzas[s];

		for (size_t k = 0; k < stanza->n; k++)
			if (!check_key(file, &stanza->keys[k], why))
				return false;
		if (!stanza_useful(stanza, all)) {
			buf_addf(why, "%s:%d: stanza [%s] matches no trial", file, stanza->line,
				 stanza->name);
			return false;
		}
	}
	return true;
}

static int compare_trials(const void *a, const void *b)
{
	return strcmp(((const struct trial_spec *)a)->id, ((const struct trial_spec *)b)->id);
}

static bool expand_all(struct matrix *m, const struct check_case *const *cases, size_t n_cases,
		       const struct conf *conf, const char *file, struct buf *why)
{
	for (size_t i = 0; i < n_cases; i++) {
		struct variant v = {.c = cases[i]};

		if (!expand(m, &v, 0, conf, file, why))
			return false;
	}
	if (m->n)
		qsort(m->trials, m->n, sizeof(*m->trials), compare_trials);
	return true;
}

static bool build(struct matrix *m, const struct check_case *const *cases, size_t n_cases,
		  const struct conf *conf, const char *file, struct buf *why)
{
	static const struct conf nothing;
	struct matrix all = {NULL, 0};
	bool ok = expand_all(&all, cases, n_cases, &nothing, file, why) &&
		  check_conf(conf, file, &all, why) &&
		  expand_all(m, cases, n_cases, conf, file, why);

	matrix_release(&all);
	if (!ok)
		matrix_release(m);
	return ok;
}

bool matrix_build(struct matrix *m, const struct check_case *const *cases, size_t n_cases,
		  const char *name, const char *conf_text, struct buf *why)
{
	struct conf conf;
	bool ok;

	*m = (struct matrix){NULL, 0};
	if (!conf_parse(&conf, name, conf_text, why))
		return false;
	ok = build(m, cases, n_cases, &conf, name, why);
	conf_release(&conf);
	return ok;
}

bool matrix_load(struct matrix *m, const char *conf_path, struct buf *why)
{
	size_t n_cases;
	const struct check_case *const *cases = cases_all(&n_cases);
	struct conf conf;
	bool ok;

	*m = (struct matrix){NULL, 0};
	if (!conf_read(&conf, conf_path, why))
		return false;
	ok = build(m, cases, n_cases, &conf, conf_path, why);
	conf_release(&conf);
	return ok;
}

void matrix_release(struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->trials[i].id);
		free(m->trials[i].expect_versions);
		free(m->trials[i].expect_reason);
		free(m->trials[i].expect_match);
	}
	free(m->trials);
	*m = (struct matrix){NULL, 0};
}

const struct trial_spec *matrix_find(const struct matrix *m, const char *id)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->trials[i].id, id) == 0)
			return &m->trials[i];
	return NULL;
}

bool matrix_matches(const struct trial_spec *t, const struct strv *globs)
{
	for (size_t i = 0; i < globs->n; i++)
		if (fnmatch(globs->v[i], t->id, 0) == 0)
			return true;
	return globs->n == 0;
}

/* Do @globs want this trial to run? By its full name it runs whatever its class. */
static bool wanted(const struct trial_spec *t, const struct strv *globs, bool with_long)
{
	return strv_has(globs, t->id) ||
	       (matrix_matches(t, globs) &&
		(t->run == RUN_CHECK || (t->run == RUN_LONG && with_long)));
}

bool matrix_select(const struct matrix *m, const struct strv *globs, bool with_long,
		   const struct trial_spec ***out, size_t *n, struct buf *why)
{
	for (size_t g = 0; g < globs->n; g++) {
		struct strv one = {&globs->v[g], 1};
		bool any = false;

		for (size_t i = 0; i < m->n && !any; i++)
			any = wanted(&m->trials[i], &one, with_long);
		if (!any) {
			buf_addf(
				why, "no trial matches %s%s", globs->v[g],
				" that runs here ('list' shows all; LONG=1 adds the long ones, a full name any)");
			return false;
		}
	}
	*out = xcalloc(m->n + 1, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < m->n; i++)
		if (wanted(&m->trials[i], globs, with_long))
			(*out)[(*n)++] = &m->trials[i];
	return true;
}
