// SPDX-License-Identifier: GPL-2.0-or-later
/* refused.c - a command line that QEMU must refuse: how it ends, what it says, what it leaves */
#include "cases/commandline/refused.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is in a trial's folder in any case: ours, and what QEMU's monitor needs. */
static const char *const ours[] = {VM_OUT, VM_ERR, VM_ARGV, VM_QMP_LOG, "qmp.sock", TRIAL_LOG};

/* Backends that a build may be without, because their libraries are. */
static const char *const optional[] = {"parallel",  "serial", "qemu-vdagent", "spicevmc",
				       "spiceport", "dbus",   "braille"};

const char *refused_lacks(const struct variant *v, const struct caps *caps)
{
	const struct refused_row *row = variant_row(v);

	for (size_t i = 0; i < sizeof(optional) / sizeof(*optional); i++) {
		size_t len = strlen(optional[i]);

		if (strncmp(row->value, optional[i], len) == 0 &&
		    (row->value[len] == ',' || !row->value[len]) &&
		    !caps_has_backend(caps, optional[i]))
			return xasprintf("this QEMU has no chardev backend %s", optional[i]);
	}
	return NULL;
}

/* @text with our number in the place of every PID; malloc'ed. */
static char *with_pid(const char *text)
{
	struct buf b = BUF_INIT;
	const char *at;

	while ((at = strstr(text, "PID"))) {
		buf_add(&b, text, (size_t)(at - text));
		buf_addf(&b, "%d", (int)getpid());
		text = at + strlen("PID");
	}
	buf_addstr(&b, text);
	return buf_steal(&b);
}

/* Is @line what the table's line @want stands for? Blanks at its end do not count. */
static bool line_is(const struct refused_row *row, const char *value, const char *want,
		    const char *line)
{
	char *message = *want == '~' ? xasprintf("%s %s: %s", row->option, value, want + 1)
				     : xstrdup(*want == '^' ? want + 1 : want);
	bool is = *want == '~' || *want == '^' ? refusal_is(line, message)
					       : strcmp(line, message) == 0;

	free(message);
	return is;
}

/* Is @err, all of stderr, what the table's words @says stand for? */
static bool words_are(const struct refused_row *row, const char *value, const char *says,
		      const char *err)
{
	struct strv want = {NULL, 0}, lines = {NULL, 0};
	bool are;

	strv_split(&want, says, "\n");
	strv_split(&lines, err, "\n");
	are = want.n == lines.n;
	for (size_t i = 0; are && i < want.n; i++)
		are = line_is(row, value, want.v[i], lines.v[i]);
	strv_release(&want);
	strv_release(&lines);
	return are;
}

static bool is_ours(const char *name)
{
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (strcmp(name, ours[i]) == 0)
			return true;
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void check_folder(struct trial *t, const char *args)
{
	DIR *dir = opendir(".");
	const struct dirent *e;

	CHECK(t, dir, "the trial's folder cannot be read");
	while ((e = readdir(dir)))
		CHECK(t, is_ours(e->d_name), "%s: QEMU refuses, and leaves %s", args, e->d_name);
	closedir(dir);
}

/* What QEMU was told, and what came of it. */
struct start {
	const struct refused_row *row;
	char *value, *args;
	struct refusal r;
};

static void start(struct start *s, struct trial *t)
{
	struct strv words = {NULL, 0};
	char *before;

	s->row = trial_row(t);
	s->value = with_pid(s->row->value);
	before = with_pid(s->row->before ? s->row->before : "");
	strv_split(&words, before, " ");
	strv_pushl(&words, s->row->option, s->value, NULL);
	s->args = xasprintf("%s%s%s %s", before, *before ? " " : "", s->row->option, s->value);
	trial_note(t, "%s", s->args);
	trial_refusal(t, &words, &s->r);
	strv_release(&words);
	free(before);
}

static void start_release(struct start *s)
{
	refusal_release(&s->r);
	free(s->value);
	free(s->args);
}

static void check_words(struct trial *t, const struct start *s)
{
	const struct refused_row *row = s->row;
	const char *words =
		says_now(row->words, sizeof(row->words) / sizeof(*row->words), t->session->caps);
	char *says = with_pid(words ? words : "");
	bool any = strcmp(says, ANYTHING) == 0;

	CHECK(t, words, "the table does not know what this QEMU says");
	if (strstr(s->r.err.data, "TLS credentials support requires GNUTLS"))
		trial_skip(t, "this QEMU has no TLS");
	CHECK(t, any ? s->r.err.len : words_are(row, s->value, says, s->r.err.data),
	      "%s: QEMU says:\n%swhere it should say:\n%s", s->args, s->r.err.data, says);
	CHECK(t,
	      !s->r.out.len ||
		      (row->out && strncmp(s->r.out.data, row->out, strlen(row->out)) == 0),
	      "%s: on QEMU's stdout is: %s", s->args, s->r.out.data);
	free(says);
}

void refused_judge(struct trial *t)
{
	struct buf how = BUF_INIT;
	struct start s;

	start(&s, t);
	CHECK(t, !s.r.started, "%s: QEMU starts", s.args);
	proc_status_text(&how, s.r.status);
	CHECK(t, WIFEXITED(s.r.status) && WEXITSTATUS(s.r.status) == 1,
	      "%s: QEMU ended: %s; it said: %s", s.args, how.data, s.r.err.data);
	check_words(t, &s);
	check_folder(t, s.args);
	start_release(&s);
	buf_release(&how);
}

void warned_judge(struct trial *t)
{
	struct start s;

	start(&s, t);
	CHECK(t, s.r.started, "%s: QEMU does not start: %s", s.args, s.r.err.data);
	check_words(t, &s);
	start_release(&s);
}
