// SPDX-License-Identifier: GPL-2.0-or-later
/* reports.c - the reports of a run, written into its folder */
#include "reports/reports.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"

void report_rerun(const struct run *run, const struct record *r, struct buf *b)
{
	const char *prefix = run->info.rerun_prefix;

	buf_addf(b, "%s CASE=", prefix && *prefix ? prefix : "make check");
	/* Quoted even when it need not be: someone will put a * there next. */
	if (strchr(r->id, '\''))
		text_quote_sh(b, r->id);
	else
		buf_addf(b, "'%s'", r->id);
	buf_addstr(b, " V=1");
}

/* Readers of the folder see the old report or the new one. */
static void write_one(const struct run *run, const char *name, struct buf *text)
{
	char *path = xasprintf("%s/%s", run->dir, name);

	file_replace(path, text->data, text->len);
	free(path);
	buf_release(text);
}

void report_write_all(const struct run *run)
{
	struct buf text = BUF_INIT;

	report_tap(run, 14, &text);
	write_one(run, "report.tap", &text);
	report_tap(run, 13, &text);
	write_one(run, "prove.tap", &text);
	report_junit(run, &text);
	write_one(run, "junit.xml", &text);
	report_html(run, &text);
	write_one(run, "index.html", &text);
}
