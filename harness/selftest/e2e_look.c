// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_look.c - what a run has left: processes, files */
#include <ctype.h>
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/selftest/e2e.h"

#define STEP_MS 10
#define GONE_MS 10000
#define COME_MS 20000
/* Longer than what mkdtemp() puts in, and hexadecimal at its end. */
#define DIGIT "[0-9a-f]"
#define HEX   "*" DIGIT DIGIT DIGIT DIGIT DIGIT DIGIT DIGIT

/* Has process @pid the variable of run @e? A zombie has no environment any more. */
static bool is_ours(const struct e2e *e, const char *pid)
{
	char *path = xasprintf("/proc/%s/environ", pid);
	size_t len = strlen(e->mark) + 1;
	struct buf b = BUF_INIT;
	bool ours;

	ours = buf_read_file(&b, path) && b.len >= len && memmem(b.data, b.len, e->mark, len);
	buf_release(&b);
	free(path);
	return ours;
}

/* Call @fn for each process of the run until it says true. */
static bool each_process(const struct e2e *e, bool (*fn)(pid_t pid, void *arg), void *arg)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;
	bool stop = false;

	if (!proc)
		die_errno("unable to read /proc");
	while (!stop && (d = readdir(proc)))
		if (isdigit((unsigned char)d->d_name[0]) && is_ours(e, d->d_name))
			stop = fn((pid_t)strtol(d->d_name, NULL, 10), arg);
	closedir(proc);
	return stop;
}

static bool count_one(pid_t pid, void *arg)
{
	int *n = arg;

	(void)pid;
	++*n;
	return false;
}

int e2e_processes(const struct e2e *e)
{
	int n = 0;

	each_process(e, count_one, &n);
	return n;
}

static bool describe_one(pid_t pid, void *arg)
{
	char *path = xasprintf("/proc/%d/cmdline", (int)pid);
	struct buf text = BUF_INIT;

	if (buf_read_file(&text, path)) {
		for (size_t i = 0; i < text.len; i++)
			if (!text.data[i])
				text.data[i] = ' ';
		buf_addf(arg, "\n%d %s", (int)pid, text.data);
	}
	buf_release(&text);
	free(path);
	return false;
}

void e2e_gone(const struct e2e *e)
{
	struct deadline d = deadline_in(GONE_MS);
	struct buf text = BUF_INIT;

	while (e2e_processes(e) && !deadline_passed(d))
		io_poll(NULL, 0, deadline_in(STEP_MS));
	each_process(e, describe_one, &text);
	E2E_CHECK(e, !text.len, "still there after %d ms:%s", GONE_MS, text.data);
	buf_release(&text);
}

static bool kill_one(pid_t pid, void *arg)
{
	(void)arg;
	kill(pid, SIGKILL);
	return false;
}

void e2e_kill_all(const struct e2e *e)
{
	each_process(e, kill_one, NULL);
}

pid_t e2e_parent(pid_t pid)
{
	pid_t parent;
	char state;

	return proc_stat(pid, &state, &parent) ? parent : 0;
}

static bool is_in(pid_t pid, const char *folder)
{
	char *path = xasprintf("/proc/%d/cwd", (int)pid), cwd[PATH_MAX];
	ssize_t n = readlink(path, cwd, sizeof(cwd) - 1);
	size_t len = strlen(folder);

	free(path);
	return n >= (ssize_t)len && memcmp(cwd + n - len, folder, len) == 0;
}

struct search {
	char *folder;
	pid_t found;
};

static bool find_top(pid_t pid, void *arg)
{
	struct search *s = arg;

	if (!is_in(pid, s->folder) || is_in(e2e_parent(pid), s->folder))
		return false;
	s->found = pid;
	return true;
}

pid_t e2e_trial(const struct e2e *e, const char *id)
{
	struct search s = {.folder = xasprintf("/trials/%s", id)};

	each_process(e, find_top, &s);
	E2E_CHECK(e, s.found, "no process runs %s", id);
	free(s.folder);
	return s.found;
}

void e2e_await(struct e2e *e, const char *id, const char *text)
{
	char *name = xasprintf("trials/%s/trial.log", id), *path = e2e_path(e, name);
	struct deadline d = deadline_in(COME_MS);
	struct buf log = BUF_INIT;

	for (;;) {
		buf_clear(&log);
		if (buf_read_file(&log, path) && strstr(log.data, text))
			break;
		E2E_CHECK(e, !proc_poll(&e->proc), "it ended before %s came to '%s'", id, text);
		E2E_CHECK(e, !deadline_passed(d), "%s did not come to '%s'", id, text);
		io_poll(NULL, 0, deadline_in(STEP_MS));
	}
	buf_release(&log);
	free(name);
	free(path);
}

/* Each name in @folder is like one of @allowed (which ends with NULL). */
static void check_folder(const struct e2e *e, const char *folder, const char *const *allowed)
{
	char *path = xasprintf("%s/%s", e->dir, folder);
	DIR *d = opendir(path);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		size_t i = 0;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		while (allowed[i] && fnmatch(allowed[i], entry->d_name, 0) != 0)
			i++;
		E2E_CHECK(e, allowed[i], "a stray file: %s/%s", path, entry->d_name);
	}
	if (d)
		closedir(d);
	free(path);
}

void e2e_clean(const struct e2e *e)
{
	static const char *const top[] = {"cache", "results", NULL};
	static const char *const cache[] = {"caps-" HEX, "kvm-*-*", "warm-" HEX, "warm.lock", NULL};
	static const char *const results[] = {"latest", "2*-*-*", NULL};
	static const char *const latest[] = {"run.json",   "results.jsonl", "selected",
					     "report.tap", "prove.tap",	    "junit.xml",
					     "index.html", "trials",	    NULL};
	struct buf text = BUF_INIT;

	each_process(e, describe_one, &text);
	E2E_CHECK(e, !text.len, "left running:%s", text.data);
	check_folder(e, ".", top);
	check_folder(e, "cache", cache);
	check_folder(e, "results", results);
	check_folder(e, "results/latest", latest);
	buf_release(&text);
}
