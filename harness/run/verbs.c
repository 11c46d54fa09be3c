// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs.c - what the program can do */
#include "harness/run/verbs.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/clauses.h"
#include "harness/run/features.h"
#include "harness/run/progress.h"
#include "harness/run/repro.h"
#include "harness/run/runner.h"
#include "harness/run/seeds.h"
#include "harness/run/session.h"
#include "harness/run/verbs_private.h"
#include "reports/reports.h"

#define RUNS_KEPT 20

static void choose(struct choice *c, const struct options *o, const struct strv *globs)
{
	struct buf why = BUF_INIT;

	if (!matrix_load(&c->matrix, o->conf, &why))
		die_usage("%s", why.data);
	if (!matrix_select(&c->matrix, globs, o->with_long, &c->trials, &c->n, &why))
		die_usage("%s", why.data);
}

static void choice_release(struct choice *c)
{
	free(c->trials);
	matrix_release(&c->matrix);
}

static int newest_first(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a);
}

/* DATE-TIME-PID: does that suite still write there? */
static bool run_goes_on(const char *name)
{
	const char *pid = strrchr(name, '-');
	unsigned long long n;

	return pid && text_parse_u64(pid + 1, &n) && n && kill((pid_t)n, 0) == 0;
}

/* Old runs go, or a nightly job fills the disk. Names begin with the date, so they sort by age. */
static void prune_runs(const char *results)
{
	struct strv runs = {NULL, 0};
	DIR *dir = opendir(results);
	struct dirent *e;

	if (!dir)
		die_errno("unable to read %s", results);
	while ((e = readdir(dir)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9')
			strv_push(&runs, e->d_name);
	closedir(dir);
	if (runs.n)
		qsort(runs.v, runs.n, sizeof(*runs.v), newest_first);
	for (size_t i = RUNS_KEPT; i < runs.n; i++) {
		char *path = xasprintf("%s/%s", results, runs.v[i]);

		if (!run_goes_on(runs.v[i]) && !file_remove_tree(path))
			warn("unable to remove the old run %s", path);
		free(path);
	}
	strv_release(&runs);
}

/* build/results/DATE-PID, and build/results/latest pointing to it. */
static char *make_run_dir(const char *build)
{
	char *results = xasprintf("%s/results", build), *latest, *temporary, *dir, *absolute;
	time_t now = time(NULL);
	struct tm tm;
	char name[64];

	file_mkdirs(results);
	prune_runs(results);
	localtime_r(&now, &tm);
	strftime(name, sizeof(name) - 16, "%Y%m%d-%H%M%S", &tm);
	snprintf(name + strlen(name), 16, "-%d", (int)getpid());
	dir = xasprintf("%s/%s", results, name);
	file_mkdirs(dir);
	latest = xasprintf("%s/latest", results);
	temporary = xasprintf("%s/latest.%d", results, (int)getpid());
	if (symlink(name, temporary) < 0 || rename(temporary, latest) < 0)
		die_errno("unable to make the link %s", latest);
	absolute = file_absolute(dir);
	if (!absolute)
		die_errno("unable to find %s", dir);
	free(temporary);
	free(latest);
	free(dir);
	free(results);
	return absolute;
}

static void started_text(char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
}

/* What was selected, so that rerun knows of trials that an interrupted run did not get to. */
static void write_selected(const char *dir, const struct choice *c)
{
	char *path = xasprintf("%s/selected", dir);
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < c->n; i++)
		buf_addf(&b, "%s\n", c->trials[i]->id);
	file_write(path, b.data, b.len);
	buf_release(&b);
	free(path);
}

static int report_and_judge(const char *dir)
{
	struct buf why = BUF_INIT;
	struct run run;
	int status;

	if (!run_load(&run, dir, &why))
		die("%s", why.data);
	if (why.len)
		warn("%s", why.data);
	report_write_all(&run);
	progress_summary(&run);
	status = run_exit(&run);
	run_release(&run);
	buf_release(&why);
	return status;
}

int verbs_run_choice(const struct options *o, const char *qemu, struct choice *c)
{
	struct session_parts p;
	struct progress progress;
	struct runner_progress hooks;
	char started[32];
	struct run_info info;
	int64_t began;
	int status;

	if (o->keep_guest && c->n != 1)
		die_usage("--keep (KEEP=1) is for one trial; %zu are selected", c->n);
	session_open(&p, o, qemu, c->trials, c->n, true);
	p.session.dir = make_run_dir(o->build);
	write_selected(p.session.dir, c);
	started_text(started, sizeof(started));
	info = (struct run_info){
		.qemu = p.session.caps ? p.caps.path : (char *)"",
		.qemu_version = p.session.caps ? p.caps.version : (char *)"",
		.accel = (char *)(p.session.accel ? p.session.accel : ""),
		.kernel = p.session.image ? p.image.kernel : (char *)"",
		.started = started,
		.suite = (char *)SUITE_VERSION,
		.rerun_prefix = p.rerun_prefix,
		.interrupted = true, /* until it is known to have ended */
		.strict = o->strict,
		.selected = c->n,
		.jobs = o->jobs,
	};
	run_info_write(p.session.dir, &info);
	progress_init(&progress, c->n, o->verbose || o->seconds, o->strict);
	hooks = progress_hooks(&progress);
	began = now_ns();
	info.interrupted = !runner_run(&p.session, c->trials, c->n, o->jobs, &hooks);
	info.seconds = (double)(now_ns() - began) / 1e9;
	progress_end(&progress);
	run_info_write(p.session.dir, &info);
	status = report_and_judge(p.session.dir);
	session_close(&p);
	return status;
}

int verb_run(const struct options *o)
{
	struct choice c;
	int status;

	choose(&c, o, &o->args);
	status = verbs_run_choice(o, o->qemu ? o->qemu : QEMU_DEFAULT, &c);
	choice_release(&c);
	return status;
}

/* The run that is meant: the one named, or the last one. */
static void load_run(struct run *run, const struct options *o)
{
	char *dir = o->args.n ? xstrdup(o->args.v[0]) : xasprintf("%s/results/latest", o->build);
	struct buf why = BUF_INIT;

	if (o->args.n > 1)
		die_usage("%s wants the folder of one run, or nothing", o->verb);
	if (!run_load(run, dir, &why))
		die_usage("%s", why.data);
	if (why.len)
		warn("%s", why.data);
	buf_release(&why);
	free(dir);
}

/* Ids that were selected and have no record that is good. */
static void not_passed(const struct run *run, struct strv *ids)
{
	char *path = xasprintf("%s/selected", run->dir);
	struct strv selected = {NULL, 0};
	struct buf text = BUF_INIT;

	if (!buf_read_file(&text, path))
		die_errno("unable to read %s", path);
	strv_split(&selected, text.data, "\n");
	for (size_t i = 0; i < selected.n; i++) {
		bool good = false;

		for (size_t k = 0; k < run->n; k++)
			if (strcmp(run->records[k].id, selected.v[i]) == 0)
				good = !verdict_bad(run->records[k].verdict, true);
		if (!good)
			strv_push(ids, selected.v[i]);
	}
	strv_release(&selected);
	buf_release(&text);
	free(path);
}

int verb_rerun(const struct options *o)
{
	struct strv ids = {NULL, 0};
	struct choice c;
	struct run run;
	int status = EXIT_WELL;

	load_run(&run, o);
	not_passed(&run, &ids);
	if (!ids.n) {
		printf("nothing to run again: everything in %s passed\n", run.dir);
	} else {
		choose(&c, o, &ids);
		status = verbs_run_choice(o, o->qemu ? o->qemu : run.info.qemu, &c);
		choice_release(&c);
	}
	strv_release(&ids);
	run_release(&run);
	return status;
}

/* The table of the seed documents' steps, that of the clauses, or that of the backends' options. */
static int list_table(struct matrix *m, const struct options *o)
{
	struct buf table = BUF_INIT, why = BUF_INIT;
	bool well = o->seed	  ? seeds_table(m, seed_steps, &table, &why)
		    : o->features ? features_table(m, &table, &why)
				  : clauses_table(m, clauses, &table, &why);

	fputs(table.data, stdout);
	if (!well)
		fputs(why.data, stderr);
	buf_release(&table);
	buf_release(&why);
	matrix_release(m);
	return well ? EXIT_WELL : EXIT_FAILED;
}

int verb_list(const struct options *o)
{
	static const char *const classes[] = {"check", "long", "never"};
	struct matrix m;
	struct buf why = BUF_INIT;
	size_t listed = 0;

	if (!matrix_load(&m, o->conf, &why))
		die_usage("%s", why.data);
	if (o->seed || o->clauses || o->features)
		return list_table(&m, o);
	for (size_t i = 0; i < m.n; i++) {
		if (!matrix_matches(&m.trials[i], &o->args))
			continue;
		printf("%-5s  %s\n", classes[m.trials[i].run], m.trials[i].id);
		listed++;
	}
	if (!listed)
		die_usage("no trial matches %s", o->args.n ? o->args.v[0] : "");
	matrix_release(&m);
	return EXIT_WELL;
}

static void show_needs(const struct session *s, const struct trial_spec *spec)
{
	unsigned needs = spec->variant.c->needs;
	char *lacks = session_lacks(s, spec);

	printf("needs:    %s%s%s\n",
	       needs & NEEDS_GUEST  ? "guest "
	       : needs & NEEDS_QEMU ? "QEMU "
				    : "nothing",
	       lacks ? "- missing here: " : "", lacks ? lacks : "");
	free(lacks);
}

static void show_one(const struct options *o, const struct trial_spec *spec)
{
	const struct check_case *c = spec->variant.c;
	const char *qemu = o->qemu ? o->qemu : QEMU_DEFAULT;
	struct session_parts p;
	struct buf command = BUF_INIT, seeds = BUF_INIT;

	session_open(&p, o, qemu, &spec, 1, false);
	seeds_of(spec, seed_steps, &seeds);
	printf("trial:    %s\ntitle:    %s\nclause:   %s (%s)\nseed:     %s\n", spec->id, c->title,
	       c->clause, level_name(c->level), seeds.data);
	if (session_expects_failure(&p.session, spec))
		printf("expected: FAIL %s %s\n", spec->expect_versions, spec->expect_reason);
	show_needs(&p.session, spec);
	if (p.session.caps && (p.session.image || !(c->needs & NEEDS_GUEST))) {
		repro_show(&p.session, spec, &command);
		printf("\n%s", command.data);
	}
	buf_release(&command);
	buf_release(&seeds);
	session_close(&p);
}

int verb_show(const struct options *o)
{
	const struct trial_spec *spec;
	struct matrix m;
	struct buf why = BUF_INIT;

	if (o->args.n != 1)
		die_usage("show wants one trial id ('list' shows them)");
	if (!matrix_load(&m, o->conf, &why))
		die_usage("%s", why.data);
	spec = matrix_find(&m, o->args.v[0]);
	if (!spec)
		die_usage("no trial is called %s ('list' shows them)", o->args.v[0]);
	show_one(o, spec);
	matrix_release(&m);
	return EXIT_WELL;
}

int verb_report(const struct options *o)
{
	struct run run;
	int status;

	load_run(&run, o);
	report_write_all(&run);
	progress_summary(&run);
	status = run_exit(&run);
	run_release(&run);
	return status;
}
