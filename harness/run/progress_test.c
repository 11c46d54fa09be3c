// SPDX-License-Identifier: GPL-2.0-or-later
/* progress_test.c - what a run shows on a terminal, and what elsewhere */
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>

#include "harness/run/progress.h"
#include "harness/selftest/forked.h"

static struct trial_spec specs[] = {{.id = (char *)"area.one@unix,small"},
				    {.id = (char *)"area.two"},
				    {.id = (char *)"area.three"},
				    {.id = (char *)"area.four"}};

/** struct show - How a run goes */
struct show {
	bool verbose, strict, bar;
	size_t total;
};

static void run_trials(void *arg)
{
	static const enum verdict verdicts[] = {VERDICT_PASS, VERDICT_FAIL, VERDICT_NON_STRICT,
						VERDICT_SKIP};
	const struct show *s = arg;
	struct runner_progress hooks;
	struct progress p;

	progress_init(&p, s->total, s->verbose, s->strict);
	hooks = progress_hooks(&p);
	for (size_t i = 0; i < s->total && i < 4; i++) {
		hooks.started(hooks.arg, &specs[i]);
		hooks.ended(hooks.arg, &specs[i], verdicts[i], 1.25 * (double)i);
	}
	progress_end(&p);
	if (p.bar != s->bar || p.done != s->total || p.count[VERDICT_FAIL] != (s->total > 1))
		_exit(9);
}

static const char lines[] = "PASS          0.00 s  area.one@unix,small\n"
			    "FAIL          1.25 s  area.two\n"
			    "NON-STRICT    2.50 s  area.three\n"
			    "SKIP          3.75 s  area.four\n";

START_TEST(elsewhere_it_is_a_line_a_trial)
{
	struct show show = {.total = 4};
	struct forked f;

	forked_call(&f, run_trials, &show);
	ck_assert_int_eq(f.status, 0);
	ck_assert_str_eq(f.out.data, lines);
	ck_assert_str_eq(f.err.data, "");
	forked_release(&f);
}
END_TEST

/* Run it with a terminal of @columns as stdout; what it wrote there. */
static void on_a_terminal(const struct show *show, int columns, struct buf *out)
{
	struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
	int master, status;
	ssize_t n;
	pid_t pid;

	fflush(NULL);
	pid = forkpty(&master, NULL, NULL, &size);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		run_trials((void *)show);
		fflush(NULL);
		_exit(0);
	}
	while ((n = read(master, buf_reserve(out, 4096), 4096)) > 0) /* EIO: hung up */
		out->len += (size_t)n;
	out->data[out->len] = '\0';
	close(master);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void has(const struct buf *b, const char *text)
{
	ck_assert_msg(strstr(b->data, text) != NULL, "not '%s' but: %s", text, b->data);
}

START_TEST(on_a_terminal_it_is_a_bar)
{
	struct show show = {.total = 4, .bar = true};
	struct buf out = BUF_INIT;

	on_a_terminal(&show, 200, &out);
	has(&out, "\r[........................] 0/4  0 bad  0 s  area.one@unix,small\033[K");
	has(&out, "\r[######..................] 1/4  0 bad  0 s  area.two\033[K");
	has(&out, "\r[############............] 2/4  1 bad  0 s  area.two\033[K");
	has(&out, "\r[########################] 4/4  1 bad  0 s  area.four\033[K");
	/* Only what is bad gets a line of its own, in place of the bar. */
	has(&out, "\r\033[KFAIL          1.25 s  area.two\r\n");
	ck_assert_ptr_null(strstr(out.data, "PASS "));
	ck_assert_ptr_null(strstr(out.data, "NON-STRICT"));
	ck_assert_str_eq(out.data + out.len - 4, "\r\033[K"); /* it is taken away */
	buf_release(&out);
	show.strict = true;
	on_a_terminal(&show, 200, &out);
	has(&out, "\r\033[KNON-STRICT    2.50 s  area.three\r\n");
	has(&out, "4/4  2 bad");
	buf_release(&out);
}
END_TEST

START_TEST(a_bar_never_breaks_the_line)
{
	static const int columns[] = {21, 40, 80, 0, 20}; /* 0 and 20: not to be believed */
	struct show show = {.total = 4, .bar = true};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		int width = columns[i] > 20 ? columns[i] : 80;
		struct buf out = BUF_INIT;

		on_a_terminal(&show, columns[i], &out);
		for (const char *at = out.data; (at = strstr(at, "\r[")); at++)
			ck_assert_uint_lt(strcspn(at + 1, "\033"), (size_t)width);
		buf_release(&out);
	}
}
END_TEST

START_TEST(what_trials_say_and_a_bar_do_not_mix)
{
	struct show show = {.total = 4, .verbose = true};
	struct buf out = BUF_INIT;

	on_a_terminal(&show, 80, &out);
	ck_assert_ptr_null(strchr(out.data, '['));
	has(&out, "SKIP          3.75 s  area.four\r\n");
	buf_release(&out);
}
END_TEST

START_TEST(nothing_to_run_is_no_trouble)
{
	struct show show = {.bar = true};
	struct buf out = BUF_INIT;

	on_a_terminal(&show, 80, &out);
	ck_assert_str_eq(out.data, "\r\033[K");
	buf_release(&out);
}
END_TEST

static struct record records[] = {
	{.id = (char *)"a", .title = (char *)"title a", .verdict = VERDICT_PASS, .seconds = 1},
	{.id = (char *)"b",
	 .title = (char *)"title b",
	 .verdict = VERDICT_FAIL,
	 .reason = (char *)"first line\nsecond line",
	 .evidence = (char *)"trials/b",
	 .seconds = 3},
	{.id = (char *)"c",
	 .title = (char *)"title c",
	 .verdict = VERDICT_SKIP,
	 .reason = (char *)"no such device",
	 .seconds = 0.5},
	{.id = (char *)"d",
	 .title = (char *)"title d",
	 .verdict = VERDICT_SKIP,
	 .reason = (char *)"no such device"},
	{.id = (char *)"e",
	 .title = (char *)"title e",
	 .verdict = VERDICT_SKIP,
	 .reason = (char *)"no slirp"},
	{.id = (char *)"f",
	 .title = (char *)"title f",
	 .verdict = VERDICT_XFAIL,
	 .reason = (char *)"it failed",
	 .expectation = (char *)"a known bug",
	 .seconds = 2},
};
#define N_RECORDS (sizeof(records) / sizeof(*records))

static void summarize(void *arg)
{
	struct run *run = arg;

	for (size_t i = 0; i < run->n; i++) {
		struct record *r = &run->records[i];
		char **texts[] = {&r->reason, &r->expectation, &r->evidence};

		for (size_t k = 0; k < 3; k++)
			if (!*texts[k])
				*texts[k] = (char *)"";
		run->count[r->verdict]++;
	}
	progress_summary(run);
}

START_TEST(the_summary_says_what_did_not_pass_and_why)
{
	struct run run = {.dir = (char *)"/runs/1",
			  .records = records,
			  .n = N_RECORDS,
			  .info = {.rerun_prefix = (char *)"make check QEMU=q",
				   .selected = 9,
				   .interrupted = true}};
	struct forked f;
	char *last;

	forked_call(&f, summarize, &run);
	ck_assert_int_eq(f.status, 0);
	has(&f.out, "\nFAIL b\n  title b\n    first line\n    second line\n"
		    "  evidence: /runs/1/trials/b\n  again:    make check QEMU=q CASE=");
	ck_assert(!strstr(f.out.data, "title a") && !strstr(f.out.data, "title c"));
	/* One line for each reason, with how many it stands for. */
	has(&f.out, "\nskipped 2: no such device\nskipped 1: no slirp\n");
	has(&f.out, "\nexpected to fail, and did: 1: a known bug\n");
	has(&f.out, "the slowest:\n    3.00 s  b\n    2.00 s  f\n    1.00 s  a\n");
	has(&f.out, "\ninterrupted: 6 of 9 trials ran\n");
	/* What did not pass stands at the end. */
	ck_assert(strstr(f.out.data, "a known bug") < strstr(f.out.data, "FAIL b"));
	last = text_last_line(f.out.data);
	ck_assert_str_eq(last, "1 passed, 1 failed, 3 skipped");
	free(last);
	forked_release(&f);
}
END_TEST

UNIT_TESTS(progress, elsewhere_it_is_a_line_a_trial, on_a_terminal_it_is_a_bar,
	   a_bar_never_breaks_the_line, what_trials_say_and_a_bar_do_not_mix,
	   nothing_to_run_is_no_trouble, the_summary_says_what_did_not_pass_and_why)
