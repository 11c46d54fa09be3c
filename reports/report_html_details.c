// SPDX-License-Identifier: GPL-2.0-or-later
/* report_html_details.c - why a trial is not PASS, where its evidence lies, how to run it again */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "reports/escape.h"
#include "reports/report_html.h"
#include "reports/reports.h"

#define FILES_MAX 40

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void add_link(struct buf *b, const char *folder, const char *file)
{
	buf_addstr(b, "<a href=\"");
	escape_href(b, folder);
	buf_addstr(b, "/");
	escape_href(b, file);
	buf_addstr(b, "\">");
	escape_text(b, *file ? file : folder);
	buf_addstr(b, "</a> ");
}

/* Each file has a link of its own: many a CI keeps files and lists no folders. */
static void add_evidence(struct buf *b, const struct run *run, const struct record *r)
{
	char *path = xasprintf("%s/%s", run->dir, r->evidence);
	struct dirent **files = NULL;
	int n = scandir(path, &files, is_shown, alphasort);

	buf_addstr(b, "<p><small>evidence</small> ");
	add_link(b, r->evidence, "");
	for (int i = 0; i < n; i++) {
		if (i < FILES_MAX)
			add_link(b, r->evidence, files[i]->d_name);
		free(files[i]);
	}
	if (n > FILES_MAX)
		buf_addf(b, "<small>and %d more</small>", n - FILES_MAX);
	buf_addstr(b, "</p>\n");
	free(files);
	free(path);
}

/* An expectation names the report of the bug: a web address in it becomes a link. */
static void add_with_links(struct buf *b, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " \t\n"), blanks = strspn(text + len, " \t\n");
		bool link = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
		char *word = xstrndup(text, len + (link ? 0 : blanks));

		if (link) {
			buf_addstr(b, "<a href=\"");
			escape_attr(b, word);
			buf_addstr(b, "\">");
		}
		escape_text(b, word);
		if (link)
			buf_addf(b, "</a>%.*s", (int)blanks, text + len);
		free(word);
		text += len + blanks;
	}
}

static void detail(struct buf *b, const struct run *run, size_t i)
{
	const struct record *r = &run->records[i];
	struct buf rerun = BUF_INIT;

	report_rerun(run, r, &rerun);
	buf_addf(b, "<article class=\"t %s\" id=t%zu><h3>", verdict_name(r->verdict), i);
	html_verdict(b, r->verdict);
	buf_addf(b, " <code>");
	escape_text(b, r->id);
	buf_addstr(b, "</code> <small>");
	html_seconds(b, r->seconds);
	buf_addstr(b, " s");
	if (r->timings && *r->timings) {
		buf_addstr(b, ": ");
		escape_text(b, r->timings);
	}
	buf_addstr(b, "</small></h3>\n<p>");
	escape_text(b, r->title);
	buf_addstr(b, " <small>");
	escape_text(b, r->clause);
	buf_addstr(b, " ");
	escape_text(b, r->level);
	buf_addstr(b, "</small></p>\n");
	if (r->reason && *r->reason) {
		buf_addstr(b, "<pre tabindex=0>");
		escape_text(b, r->reason);
		buf_addstr(b, "</pre>\n");
	}
	if (r->expectation && *r->expectation) {
		buf_addstr(b, "<p><small>expected to fail:</small> ");
		add_with_links(b, r->expectation);
		buf_addstr(b, "</p>\n");
	}
	if (r->evidence && *r->evidence)
		add_evidence(b, run, r);
	buf_addstr(b, "<p><code class=run>");
	escape_text(b, rerun.data);
	buf_addstr(b, "</code></p></article>\n");
	buf_release(&rerun);
}

static int reason_compare(const void *a, const void *b, void *arg)
{
	const struct run *run = arg;
	const size_t *x = a, *y = b;
	int order = strcmp(run->records[*x].reason, run->records[*y].reason);

	return order ? order : *x < *y ? -1 : *x > *y;
}

/* Trials skipped for the same reason share a row: there may be hundreds. */
static void skips(struct buf *b, const struct run *run)
{
	size_t *skipped = xcalloc(run->count[VERDICT_SKIP], sizeof(*skipped)), n = 0;

	for (size_t i = 0; i < run->n; i++)
		if (run->records[i].verdict == VERDICT_SKIP)
			skipped[n++] = i;
	qsort_r(skipped, n, sizeof(*skipped), reason_compare, (void *)run);
	buf_addstr(b, "<table class=\"l skips\"><thead><tr><th>");
	html_verdict(b, VERDICT_SKIP);
	buf_addstr(b, " because<th>trials</tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++) {
		const struct record *r = &run->records[skipped[i]];

		if (!i || strcmp(run->records[skipped[i - 1]].reason, r->reason) != 0) {
			buf_addstr(b, "<tr><td>");
			escape_text(b, r->reason);
			buf_addstr(b, "<td class=id>");
		}
		buf_addf(b, "<span class=\"t SKIP\" id=t%zu>", skipped[i]);
		escape_text(b, r->id);
		buf_addstr(b, "</span>\n");
	}
	buf_addstr(b, "</tbody></table>\n");
	free(skipped);
}

void html_details(struct buf *b, const struct run *run)
{
	static const enum verdict worst_first[] = {VERDICT_FAIL, VERDICT_XPASS, VERDICT_BROKEN,
						   VERDICT_NON_STRICT, VERDICT_XFAIL};

	if (run->count[VERDICT_PASS] == run->n)
		return;
	buf_addstr(b, "<section><h2 id=details>What did not pass</h2>\n");
	for (size_t v = 0; v < sizeof(worst_first) / sizeof(*worst_first); v++)
		for (size_t i = 0; i < run->n; i++)
			if (run->records[i].verdict == worst_first[v])
				detail(b, run, i);
	if (run->count[VERDICT_SKIP])
		skips(b, run);
	buf_addstr(b, "</section>\n");
}
