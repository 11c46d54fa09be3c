// SPDX-License-Identifier: GPL-2.0-or-later
/* progress.c - what a run shows */
#include "harness/run/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/deadline.h"
#include "reports/reports.h"

#define BAR_CELLS 24
#define SLOWEST	  10

void progress_init(struct progress *p, size_t total, bool verbose, bool strict)
{
	*p = (struct progress){.total = total, .strict = strict, .began_ns = now_ns()};
	p->bar = isatty(STDOUT_FILENO) && !verbose;
}

static int terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void clear_bar(const struct progress *p)
{
	if (p->bar)
		fputs("\r\033[K", stdout);
}

static size_t bad_count(const struct progress *p)
{
	size_t bad = 0;

	for (int v = 0; v < VERDICT_N; v++)
		if (verdict_bad((enum verdict)v, p->strict))
			bad += p->count[v];
	return bad;
}

static void draw_bar(const struct progress *p, const char *at)
{
	size_t cells = p->total ? p->done * BAR_CELLS / p->total : BAR_CELLS;
	double s = (double)(now_ns() - p->began_ns) / 1e9;
	char line[512];

	if (!p->bar)
		return;
	snprintf(line, sizeof(line), "[%.*s%.*s] %zu/%zu  %zu bad  %.0f s  %s", (int)cells,
		 "########################", (int)(BAR_CELLS - cells), "........................",
		 p->done, p->total, bad_count(p), s, at);
	printf("\r%.*s\033[K", terminal_width() - 1, line);
	fflush(stdout);
}

static void started(void *arg, const struct trial_spec *spec)
{
	draw_bar(arg, spec->id);
}

static void ended(void *arg, const struct trial_spec *spec, enum verdict verdict, double seconds)
{
	struct progress *p = arg;

	p->done++;
	p->count[verdict]++;
	if (!p->bar || verdict_bad(verdict, p->strict)) {
		clear_bar(p);
		printf("%-10s %7.2f s  %s\n", verdict_name(verdict), seconds, spec->id);
		fflush(stdout);
	}
	draw_bar(p, spec->id);
}

struct runner_progress progress_hooks(struct progress *p)
{
	return (struct runner_progress){.started = started, .ended = ended, .arg = p};
}

void progress_end(struct progress *p)
{
	clear_bar(p);
	fflush(stdout);
}

static int by_seconds(const void *a, const void *b)
{
	const struct record *const *x = a, *const *y = b;

	return ((*x)->seconds < (*y)->seconds) - ((*x)->seconds > (*y)->seconds);
}

static void print_slowest(const struct run *run)
{
	const struct record **sorted = xcalloc(run->n + 1, sizeof(*sorted));

	for (size_t i = 0; i < run->n; i++)
		sorted[i] = &run->records[i];
	qsort(sorted, run->n, sizeof(*sorted), by_seconds);
	puts("\nthe slowest:");
	for (size_t i = 0; i < run->n && i < SLOWEST; i++)
		printf("%8.2f s  %s\n", sorted[i]->seconds, sorted[i]->id);
	free(sorted);
}

static void print_indented(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("    %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void print_record(const struct run *run, const struct record *r)
{
	struct buf again = BUF_INIT;

	printf("\n%s %s\n  %s\n", verdict_name(r->verdict), r->id, r->title);
	print_indented(r->reason);
	if (*r->expectation)
		printf("  cases.conf: %s\n", r->expectation);
	if (*r->evidence)
		printf("  evidence: %s/%s\n", run->dir, r->evidence);
	report_rerun(run, r, &again);
	printf("  again:    %s\n", again.data);
	buf_release(&again);
}

/* Why a trial was skipped, or was expected to fail. */
static const char *excuse(const struct record *r)
{
	return r->verdict == VERDICT_SKIP ? r->reason : r->expectation;
}

/* Each excuse of verdict @v once, with how many trials it stands for. */
static void print_excused(const struct run *run, enum verdict v, const char *word)
{
	for (size_t i = 0; i < run->n; i++) {
		size_t same = 0, first = run->n;

		if (run->records[i].verdict != v)
			continue;
		for (size_t k = 0; k < run->n; k++) {
			if (run->records[k].verdict != v ||
			    strcmp(excuse(&run->records[k]), excuse(&run->records[i])) != 0)
				continue;
			same++;
			if (k < first)
				first = k;
		}
		if (first == i)
			printf("%s %zu: %s\n", word, same, excuse(&run->records[i]));
	}
}

static bool wants_telling(enum verdict v)
{
	return v != VERDICT_PASS && v != VERDICT_SKIP && v != VERDICT_XFAIL;
}

void progress_summary(const struct run *run)
{
	struct buf totals = BUF_INIT;

	print_slowest(run);
	putchar('\n');
	print_excused(run, VERDICT_SKIP, "skipped");
	print_excused(run, VERDICT_XFAIL, "expected to fail, and did:");
	/* Last, since a CI often keeps only the end of what a run prints. */
	for (size_t i = 0; i < run->n; i++)
		if (wants_telling(run->records[i].verdict))
			print_record(run, &run->records[i]);
	printf("\nreports: %s/index.html, report.tap, prove.tap, junit.xml\n", run->dir);
	if (run->info.interrupted)
		printf("interrupted: %zu of %zu trials ran\n", run->n, run->info.selected);
	run_totals(run, &totals);
	printf("%s\n", totals.data);
	fflush(stdout);
	buf_release(&totals);
}
