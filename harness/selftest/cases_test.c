// SPDX-License-Identifier: GPL-2.0-or-later
/* cases_test.c - what holds for every case of the tree and every trial of its cases.conf */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/base/proc.h"
#include "harness/run/repro.h"
#include "harness/run/session.h"
#include "harness/selftest/unit.h"

static char conf_path[PATH_MAX + 16];

/* Before the first test enters a folder of its own. */
__attribute__((constructor)) static void find_conf(void)
{
	char cwd[PATH_MAX];

	if (getcwd(cwd, sizeof(cwd)))
		snprintf(conf_path, sizeof(conf_path), "%s/cases.conf", cwd);
}

static void load(struct matrix *m)
{
	struct buf why = BUF_INIT;

	ck_assert_msg(matrix_load(m, conf_path, &why), "%s", why.data);
	ck_assert_uint_gt(m->n, 0);
}

/* A word that an id, a folder, a glob and a selector can be made of. */
static bool is_word(const char *s, const char *more)
{
	for (; *s; s++)
		if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && !strchr(more, *s))
			return false;
	return true;
}

START_TEST(a_case_says_what_it_is)
{
	size_t n;
	const struct check_case *const *all = cases_all(&n);

	ck_assert_uint_gt(n, 0);
	for (size_t i = 0; i < n; i++) {
		const struct check_case *c = all[i];

		ck_assert_msg(*c->id && is_word(c->id, "-."), "%s", c->id);
		ck_assert_msg(strlen(c->title) > 10 && !strchr(c->title, '\n'), "%s", c->id);
		ck_assert_msg(*c->clause && !strchr(c->clause, '\n'), "%s: %s", c->id, c->clause);
		ck_assert_msg(c->run != NULL, "%s", c->id);
		ck_assert_msg(i == 0 || strcmp(all[i - 1]->id, c->id) < 0, "%s", c->id);
	}
}
END_TEST

static void check_axis(const struct axis *axis, const struct check_case *c)
{
	const char *value;

	for (size_t v = 0; (value = axis_nth(axis, c, v)); v++) {
		ck_assert_msg(*value && is_word(value, "-."), "%s=%s", axis->name, value);
		for (size_t u = 0; u < v; u++)
			ck_assert_msg(strcmp(axis_nth(axis, c, u), value) != 0, "%s: %s=%s twice",
				      c->id, axis->name, value);
	}
}

START_TEST(an_axis_has_each_value_once)
{
	size_t n;
	const struct check_case *const *all = cases_all(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t a = 0; all[i]->axes && all[i]->axes[a]; a++) {
			const struct axis *axis = axis_find(all[i]->axes[a]);

			ck_assert_msg(axis && a < AXES_MAX, "%s: %s", all[i]->id, all[i]->axes[a]);
			for (size_t b = 0; b < a; b++)
				ck_assert_str_ne(all[i]->axes[b], all[i]->axes[a]);
			check_axis(axis, all[i]);
		}
}
END_TEST

START_TEST(every_case_is_run_by_somebody)
{
	struct matrix m;
	size_t n;
	const struct check_case *const *all = cases_all(&n);

	load(&m);
	for (size_t i = 0; i < n; i++) {
		size_t trials = 0;

		for (size_t k = 0; k < m.n; k++)
			trials += m.trials[k].variant.c == all[i] && m.trials[k].run != RUN_NEVER;
		ck_assert_msg(trials > 0, "no trial of %s ever runs", all[i]->id);
	}
	matrix_release(&m);
}
END_TEST

/* Who asks for a fact that nobody looked up dies; "transfer" asks for all of its own. */
START_TEST(every_device_and_backend_has_its_facts)
{
	struct matrix m;
	size_t asked = 0;

	load(&m);
	for (size_t i = 0; i < m.n; i++) {
		const struct variant *v = &m.trials[i].variant;
		const struct facts *f;

		if (strcmp(v->c->id, "transfer") != 0)
			continue;
		f = facts_find(variant_get(v, "device"), variant_get(v, "backend"));
		ck_assert_msg(strlen(f->source) > 10, "%s", m.trials[i].id);
		asked++;
	}
	ck_assert_uint_gt(asked, 50);
	matrix_release(&m);
}
END_TEST

/* One shell looks at all of them; it names those that it cannot read. */
static void read_by_a_shell(void)
{
	struct strv argv = {0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p = PROC_INIT;
	struct buf said = BUF_INIT;

	strv_pushl(&argv, "sh", "-c",
		   "set -e; for f in *.sh; do sh -n \"$f\" || { cat \"$f\"; exit 1; }; done", NULL);
	spec.out = spec.err = "said";
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(proc_wait(&p, deadline_in(60000)));
	ck_assert(buf_read_file(&said, "said"));
	ck_assert_msg(p.status == 0 && !said.len, "%s", said.data);
	proc_release(&p);
	buf_release(&said);
	strv_release(&argv);
}

/* The first and the last trial of each case: the axes between them are the same lines. */
START_TEST(every_script_is_one_that_a_shell_reads)
{
	const struct caps caps = {.path = (char *)"/q", .version = (char *)"1"};
	const struct image image = {.dir = (char *)"/i",
				    .flavour = (char *)"cloud",
				    .vmlinux = (char *)"k",
				    .initramfs = (char *)"i",
				    .append = (char *)"a",
				    .ready = (char *)"r"};
	struct image generic = image;
	const struct session s = {.caps = &caps, .image = &image, .also = &generic, .accel = "tcg"};
	struct matrix m;

	generic.flavour = (char *)"generic";
	load(&m);
	for (size_t i = 0; i < m.n; i++) {
		const struct check_case *c = m.trials[i].variant.c;
		struct trial t = {.spec = &m.trials[i], .session = &s};
		struct buf script = BUF_INIT;
		char *name;

		if (i && i + 1 < m.n && m.trials[i - 1].variant.c == c &&
		    m.trials[i + 1].variant.c == c)
			continue;
		if (c->plan)
			c->plan(&t.spec->variant, &t.plan);
		repro_script(&t, &script);
		ck_assert_ptr_nonnull(strstr(script.data, c->title));
		name = xasprintf("%zu.sh", i);
		file_write(name, script.data, script.len);
		free(name);
		buf_release(&script);
		plan_release(&t.plan);
	}
	read_by_a_shell();
	matrix_release(&m);
}
END_TEST

UNIT_TESTS(cases, a_case_says_what_it_is, an_axis_has_each_value_once,
	   every_case_is_run_by_somebody, every_device_and_backend_has_its_facts,
	   every_script_is_one_that_a_shell_reads)
