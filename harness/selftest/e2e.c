// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e.c - start the program as a user does */
#include "harness/selftest/e2e.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_S	  40
#define PRINT_MAX 3000

static char root[PATH_MAX], built[PATH_MAX];

/* Before the first test enters a folder of its own. */
__attribute__((constructor)) static void find_root(void)
{
	ssize_t n = readlink("/proc/self/exe", built, sizeof(built) - 1);

	if (n < 0 || !getcwd(root, sizeof(root)))
		die_errno("unable to find the build");
	*strrchr(built, '/') = '\0';
	if (!file_exists("cases.conf"))
		die_usage("e2e wants to be started in the source tree");
	/* What make may have exported is meant for the program, not for its tests. */
	unsetenv("FAKE_QEMU");
}

const char *e2e_root(void)
{
	return root;
}

char *e2e_built(const char *name)
{
	return xasprintf("%s/%s", built, name);
}

void e2e_init(struct e2e *e, const char *program, const char *name, const char *conf_text)
{
	char cwd[PATH_MAX];

	if (!getcwd(cwd, sizeof(cwd)))
		die_errno("getcwd");
	*e = (struct e2e){.program = program, .proc = PROC_INIT, .out = BUF_INIT, .err = BUF_INIT};
	e->dir = xasprintf("%s/%s", cwd, name);
	e->mark = xasprintf("CHARDEV_CHECK_E2E=%d.%s", (int)getpid(), name);
	file_mkdirs(e->dir);
	if (conf_text) {
		e->conf = xasprintf("%s.conf", e->dir);
		file_write(e->conf, conf_text, strlen(conf_text));
	} else {
		e->conf = xasprintf("%s/cases.conf", root);
	}
}

void e2e_release(struct e2e *e)
{
	proc_release(&e->proc);
	strv_release(&e->env);
	strv_release(&e->before);
	buf_release(&e->out);
	buf_release(&e->err);
	free(e->dir);
	free(e->conf);
	free(e->mark);
}

static void read_output(const struct e2e *e, struct buf *out, const char *suffix)
{
	char *path = xasprintf("%s.%s", e->dir, suffix);

	buf_clear(out);
	if (!buf_read_file(out, path))
		buf_addf(out, "(%s cannot be read)\n", path);
	free(path);
}

void e2e_fail(const struct e2e *e, const char *fmt, ...)
{
	struct buf what = BUF_INIT, out = BUF_INIT, err = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	read_output(e, &out, "out");
	read_output(e, &err, "err");
	e2e_kill_all(e);
	ck_abort_msg("%s\n--- exit code %d, stdout:\n%.*s\n--- stderr:\n%.*s---", what.data,
		     e->status, PRINT_MAX, out.data, PRINT_MAX, err.data);
	abort(); /* ck_abort_msg() does not return, and is not declared so */
}

static void start(struct e2e *e, const char *verb, va_list words)
{
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);
	char *program = e2e_built(e->program), *out = xasprintf("%s.out", e->dir);
	char *err = xasprintf("%s.err", e->dir);
	const char *word;

	/* env(1), so that the variables are in what /proc shows of each of them. */
	strv_pushl(&argv, "env", e->mark, NULL);
	strv_append(&argv, &e->env);
	strv_append(&argv, &e->before);
	strv_pushl(&argv, program, verb, "--build", e->dir, "--conf", e->conf, NULL);
	while ((word = va_arg(words, const char *)))
		strv_push(&argv, word);
	proc_release(&e->proc);
	spec.out = out;
	spec.err = err;
	ck_assert_int_eq(proc_start(&e->proc, &spec), 0);
	strv_release(&argv);
	free(program);
	free(out);
	free(err);
}

void e2e_start(struct e2e *e, const char *verb, ...)
{
	va_list words;

	va_start(words, verb);
	start(e, verb, words);
	va_end(words);
}

void e2e_end(struct e2e *e, int status, int seconds)
{
	bool ended = proc_wait(&e->proc, deadline_in(seconds * 1000));

	E2E_CHECK(e, ended, "it did not end within %d s", seconds);
	e->status = WIFEXITED(e->proc.status) ? WEXITSTATUS(e->proc.status)
					      : 128 + WTERMSIG(e->proc.status);
	read_output(e, &e->out, "out");
	read_output(e, &e->err, "err");
	E2E_CHECK(e, e->status == status, "exit code %d, not %d", e->status, status);
}

void e2e_do(struct e2e *e, int status, const char *verb, ...)
{
	va_list words;

	va_start(words, verb);
	start(e, verb, words);
	va_end(words);
	e2e_end(e, status, END_S);
}

void e2e_one_line(const struct e2e *e, const char *text)
{
	const char *end = strchr(e->err.data, '\n');

	E2E_CHECK(e, strncmp(e->err.data, "chardev-check: ", 15) == 0 && end && !end[1],
		  "stderr is not one line 'chardev-check: ..'");
	E2E_CHECK(e, strstr(e->err.data, text), "stderr does not say '%s'", text);
}

void e2e_prints(const struct e2e *e, const char *text)
{
	E2E_CHECK(e, strstr(e->out.data, text), "stdout does not say '%s'", text);
}

void e2e_totals(const struct e2e *e, const char *line)
{
	char *last = text_last_line(e->out.data);

	E2E_CHECK(e, strcmp(last, line) == 0, "the last line is not '%s' but '%s'", line, last);
	free(last);
}

char *e2e_path(const struct e2e *e, const char *name)
{
	return xasprintf("%s/results/latest/%s", e->dir, name);
}

void e2e_load(const struct e2e *e, struct run *run)
{
	struct buf why = BUF_INIT;
	char *path = e2e_path(e, ".");

	E2E_CHECK(e, run_load(run, path, &why) && !why.len, "the run cannot be read: %s", why.data);
	free(path);
}

void e2e_count(const struct e2e *e, size_t n)
{
	struct run run;

	e2e_load(e, &run);
	E2E_CHECK(e, run.n == n, "%zu records, not %zu", run.n, n);
	run_release(&run);
}

void e2e_verdict(const struct e2e *e, const char *id, enum verdict verdict, const char *text)
{
	const struct record *r = NULL;
	struct run run;

	e2e_load(e, &run);
	for (size_t i = 0; i < run.n; i++)
		if (strcmp(run.records[i].id, id) == 0)
			r = &run.records[i];
	E2E_CHECK(e, r, "no record of %s", id);
	E2E_CHECK(e, r->verdict == verdict, "%s is %s, not %s: %s", id, verdict_name(r->verdict),
		  verdict_name(verdict), r->reason);
	E2E_CHECK(e, strstr(r->reason, text), "%s does not say '%s' but: %s", id, text, r->reason);
	run_release(&run);
}

bool e2e_evidence(const struct e2e *e, const char *id, const char *file)
{
	char *name = xasprintf("trials/%s/%s", id, file), *path = e2e_path(e, name);
	bool there = file_exists(path);

	free(name);
	free(path);
	return there;
}

char *e2e_fake(struct e2e *e, const char *mode)
{
	char *path = xasprintf("%s.qemu", e->dir), *fake = e2e_built("fake-qemu");
	struct buf script = BUF_INIT;

	buf_addstr(&script, "#!/bin/sh\n"
			    "case \" $* \" in *' -machine none '*) FAKE_QEMU=ok ;; *) FAKE_QEMU=");
	text_quote_sh(&script, mode);
	buf_addstr(&script, " ;; esac\nexport FAKE_QEMU\nexec ");
	text_quote_sh(&script, fake);
	buf_addstr(&script, " \"$@\"\n");
	file_write(path, script.data, script.len);
	if (chmod(path, 0755) < 0)
		die_errno("chmod %s", path);
	buf_release(&script);
	free(fake);
	return path;
}
