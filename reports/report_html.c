// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * report_html.c - a run as one page that needs nothing else and works without its script
 *
 * Some end tags are left out where HTML closes the element by itself: a run has thousands of cells.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "reports/escape.h"
#include "reports/report_html.h"
#include "reports/reports.h"

#define TOP_N 10

static const char *const meaning[VERDICT_N] = {
	[VERDICT_PASS] = "The claim holds.",
	[VERDICT_FAIL] = "The claim is broken, or QEMU died or exited with a status that the case "
			 "does not expect.",
	[VERDICT_SKIP] = "Something that the case needs is missing; never counted as a pass.",
	[VERDICT_BROKEN] = "We could not tell (no space on the host, no record, no guest); counts "
			   "against the run.",
	[VERDICT_XFAIL] = "It failed, and cases.conf says that it does.",
	[VERDICT_XPASS] =
		"It passed although cases.conf says that it fails: fails the run, so that "
		"a fixed bug is noticed.",
	[VERDICT_NON_STRICT] = "A SHOULD is not followed; fails the run only under STRICT=1.",
};

void html_verdict(struct buf *b, enum verdict v)
{
	buf_addf(b, "<b class=\"v %s\">%s</b>", verdict_name(v), verdict_name(v));
}

void html_seconds(struct buf *b, double seconds)
{
	buf_addf(b, "%.*f", seconds < 10 ? 2 : seconds < 100 ? 1 : 0, seconds);
}

void html_target(struct buf *b, const struct run *run, size_t i)
{
	buf_addf(b, "%c%zu", run->records[i].verdict == VERDICT_PASS ? 'l' : 't', i);
}

void html_hint(struct buf *b, const struct record *r)
{
	struct buf hint = BUF_INIT;

	escape_line(&hint, r->id, 1000);
	if (r->reason && *r->reason) {
		buf_addstr(&hint, "\n");
		escape_line(&hint, r->reason, 200);
	}
	buf_addstr(b, " title=\"");
	escape_attr(b, hint.data);
	buf_addstr(b, "\"");
	buf_release(&hint);
}

static size_t case_length(const struct record *r)
{
	return strcspn(r->id, "@");
}

size_t html_case_end(const struct run *run, size_t from)
{
	const struct record *first = &run->records[from];
	size_t len = case_length(first);

	for (from++; from < run->n; from++)
		if (case_length(&run->records[from]) != len ||
		    strncmp(run->records[from].id, first->id, len) != 0)
			break;
	return from;
}

void html_case_name(struct buf *b, const struct record *r)
{
	char *name = xstrndup(r->id, case_length(r));

	escape_text(b, name);
	free(name);
}

static void fact(struct buf *b, const char *name, const char *value)
{
	buf_addf(b, "<dt>%s<dd>", name);
	if (value && *value)
		escape_text(b, value);
	else
		buf_addstr(b, "&ndash;");
	buf_addstr(b, "\n");
}

static void header_facts(struct buf *b, const struct run *run)
{
	struct buf line = BUF_INIT;
	double sum = 0;

	for (size_t i = 0; i < run->n; i++)
		sum += run->records[i].seconds;
	buf_addstr(b, "<dl>");
	fact(b, "QEMU", run->info.qemu_version);
	fact(b, "accelerator", run->info.accel);
	fact(b, "binary", run->info.qemu);
	fact(b, "kernel", run->info.kernel);
	fact(b, "suite", run->info.suite);
	fact(b, "started", run->info.started);
	html_seconds(&line, run->info.seconds);
	buf_addstr(&line, " s; all trials, one after the other: ");
	html_seconds(&line, sum);
	buf_addstr(&line, " s");
	fact(b, "time", line.data);
	buf_clear(&line);
	buf_addf(&line, "%d%s", run->info.jobs, run->info.strict ? ", STRICT=1" : "");
	fact(b, "jobs", line.data);
	buf_addstr(b, "</dl>\n");
	buf_release(&line);
}

static void header(struct buf *b, const struct run *run)
{
	static const char *const words[] = {
		[EXIT_WELL] = "all well", [EXIT_FAILED] = "failed", [EXIT_BROKEN] = "not judged"};
	static const enum verdict looks[] = {[EXIT_WELL] = VERDICT_PASS,
					     [EXIT_FAILED] = VERDICT_FAIL,
					     [EXIT_BROKEN] = VERDICT_BROKEN};
	int outcome = run_exit(run);

	buf_addf(b, "<header><h1>chardev-check <b class=\"v %s\">%s</b></h1>\n<p>",
		 verdict_name(looks[outcome]), words[outcome]);
	run_totals(run, b);
	buf_addstr(b, "</p>\n<div class=chips>");
	for (int v = 0; v < VERDICT_N; v++)
		if (run->count[v])
			buf_addf(b, "<span class=\"v %s\">%zu %s</span>",
				 verdict_name((enum verdict)v), run->count[v],
				 verdict_name((enum verdict)v));
	buf_addstr(b, "</div>\n");
	if (run->info.interrupted || run->n < run->info.selected)
		buf_addf(
			b,
			"<p class=note>The run ended early: %zu of %zu trials have a record.</p>\n",
			run->n, run->info.selected);
	header_facts(b, run);
	buf_addstr(b, "<nav><a href=\"#matrix\">Matrix</a> &middot; ");
	if (run->count[VERDICT_PASS] != run->n)
		buf_addstr(b, "<a href=\"#details\">What did not pass</a> &middot; ");
	buf_addstr(b, "<a href=\"#time\">Time spent</a> &middot; <a href=\"#all\">All trials</a>"
		      "</nav>\n<h2>What the words mean</h2>\n<dl>");
	for (int v = 0; v < VERDICT_N; v++) {
		buf_addstr(b, "<dt>");
		html_verdict(b, (enum verdict)v);
		buf_addf(b, "<dd>%s\n", meaning[v]);
	}
	buf_addstr(b, "</dl></header>\n");
}

static void filter(struct buf *b, const struct run *run)
{
	buf_addstr(b, "<form id=filter hidden><input type=search "
		      "placeholder=\"filter: words of an id or a reason ( / )\" "
		      "aria-label=\"filter by words\">");
	for (int v = 0; v < VERDICT_N; v++) {
		if (!run->count[v])
			continue;
		buf_addf(b, "<label><input type=checkbox checked value=%s>",
			 verdict_name((enum verdict)v));
		html_verdict(b, (enum verdict)v);
		buf_addstr(b, "</label>");
	}
	buf_addstr(b, "<button type=button>show all</button><output class=dim></output></form>\n");
}

/**
 * struct span - Time that something took
 * @first:	its first record
 * @n:		how many trials it is
 */
struct span {
	double seconds;
	size_t first, n;
};

static int span_compare(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->seconds != y->seconds)
		return x->seconds > y->seconds ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void span_row(struct buf *b, const struct run *run, const struct span *s, double longest,
		     bool whole_case)
{
	buf_addstr(b, "<tr><td class=id>");
	if (whole_case) {
		html_case_name(b, &run->records[s->first]);
		buf_addf(b, "<td class=s>%zu", s->n);
	} else {
		buf_addstr(b, "<a href=\"#");
		html_target(b, run, s->first);
		buf_addstr(b, "\">");
		escape_text(b, run->records[s->first].id);
		buf_addstr(b, "</a> <small>");
		escape_text(b, run->records[s->first].timings);
		buf_addstr(b, "</small>");
	}
	buf_addstr(b, "<td class=s>");
	html_seconds(b, s->seconds);
	buf_addf(b, " s<td><span class=bar style=\"width:%.1fem\"></span></tr>\n",
		 longest > 0 ? 6 * s->seconds / longest : 0);
}

/* The longest of trials, or of cases with all their trials. */
static void slowest(struct buf *b, const struct run *run, bool by_case)
{
	struct span *spans = xcalloc(run->n, sizeof(*spans));
	size_t n = 0;

	for (size_t i = 0; i < run->n;) {
		size_t end = by_case ? html_case_end(run, i) : i + 1;

		spans[n] = (struct span){.first = i, .n = end - i};
		for (; i < end; i++)
			spans[n].seconds += run->records[i].seconds;
		n++;
	}
	qsort(spans, n, sizeof(*spans), span_compare);
	buf_addf(b,
		 "<table class=l><thead><tr><th>slowest %s<th class=s>%s<th></tr></thead><tbody>\n",
		 by_case ? "cases" : "trials", by_case ? "trials<th class=s>time" : "time");
	for (size_t i = 0; i < n && i < TOP_N; i++)
		span_row(b, run, &spans[i], spans[0].seconds, by_case);
	buf_addstr(b, "</tbody></table>\n");
	free(spans);
}

static void list(struct buf *b, const struct run *run)
{
	struct record any = {.id = "ID"};

	buf_addstr(b, "<section><h2 id=all>All trials</h2>\n<p>To run one again: <code class=run>");
	report_rerun(run, &any, b);
	buf_addstr(b, "</code></p>\n<table class=l><thead><tr><th>verdict<th>trial<th class=s>time"
		      "</tr></thead><tbody>\n");
	for (size_t i = 0; i < run->n; i++) {
		const struct record *r = &run->records[i];

		buf_addf(b, "<tr class=\"t %s\" id=l%zu", verdict_name(r->verdict), i);
		if (r->verdict != VERDICT_PASS)
			html_hint(b, r);
		buf_addstr(b, "><td>");
		html_verdict(b, r->verdict);
		buf_addstr(b, "<td class=id>");
		if (r->verdict != VERDICT_PASS)
			buf_addf(b, "<a href=\"#t%zu\">", i);
		escape_text(b, r->id);
		if (r->verdict != VERDICT_PASS)
			buf_addstr(b, "</a>");
		buf_addstr(b, "<td class=s>");
		html_seconds(b, r->seconds);
		buf_addstr(b, " s</tr>\n");
	}
	buf_addstr(b, "</tbody></table></section>\n");
}

void report_html(const struct run *run, struct buf *b)
{
	buf_addstr(b, "<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
		      "<meta name=viewport content=\"width=device-width,initial-scale=1\">\n"
		      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
		      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>");
	run_totals(run, b);
	buf_addstr(b, " - chardev-check on QEMU ");
	escape_text(b, run->info.qemu_version);
	buf_addstr(b, "</title>\n<style>\n");
	buf_addstr(b, html_style);
	buf_addstr(b, "</style></head>\n<body>\n");
	header(b, run);
	filter(b, run);
	buf_addstr(b, "<main>\n");
	html_matrix(b, run);
	html_details(b, run);
	buf_addstr(b, "<section><h2 id=time>Time spent</h2>\n<div class=two>");
	slowest(b, run, false);
	slowest(b, run, true);
	buf_addstr(b, "</div></section>\n");
	list(b, run);
	buf_addstr(b, "</main>\n<script>\n");
	buf_addstr(b, html_script);
	buf_addstr(b, "</script></body></html>\n");
}
