// SPDX-License-Identifier: GPL-2.0-or-later
/* helper.c - in the guest: a helper that runs, its TAP read as it comes; a line of shell */
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"
#include "harness/run/trial.h"

#define START_MS      10000
#define LAST_WORDS_MS 2000
#define LINE_MS	      20000

/* Hand what came to the TAP reader and to the evidence. */
static void helper_take(struct helper *h)
{
	if (!h->cmd.out.len)
		return;
	tap_add(&h->tap, h->cmd.out.data, h->cmd.out.len);
	file_append("helper.tap", h->cmd.out.data, h->cmd.out.len);
	buf_drop(&h->cmd.out, h->cmd.out.len);
}

/* Deferred: end the helper, keep what it said. */
static void helper_drop(void *arg)
{
	struct helper *h = arg;

	helper_poll(h);
	guest_cmd_release(&h->cmd);
	tap_release(&h->tap);
	free(h);
}

struct helper *helper_start(struct trial *t, const char *fmt, ...)
{
	struct guest *g = &trial_rig(t)->vm.guest;
	struct helper *h = xcalloc(1, sizeof(*h));
	va_list ap;
	char *args;

	va_start(ap, fmt);
	args = xvasprintf(fmt, ap);
	va_end(ap);
	h->trial = t;
	tap_init(&h->tap);
	trial_note(t, "guest: chardev-helper %s", args);
	CHECK(t, guest_start(g, &h->cmd, deadline_in(START_MS), "exec chardev-helper %s", args),
	      "ssh to the guest: %s", g->error.data);
	trial_defer(t, helper_drop, h);
	free(args);
	return h;
}

bool helper_poll(struct helper *h)
{
	if (!h->cmd.done && !guest_pump(h->cmd.guest))
		h->cmd.lost = true;
	helper_take(h);
	return h->cmd.done || h->cmd.lost;
}

bool helper_failed(const struct helper *h)
{
	return h->tap.failed || h->tap.bailed || h->tap.error.len || h->cmd.lost ||
	       (h->cmd.done && h->cmd.status != 0);
}

/* The helper's own words on damage, each on a line of its own. */
static void add_damage(const struct helper *h, struct buf *why)
{
	struct strv lines = {NULL, 0};

	strv_split(&lines, h->tap.diag.data, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		const char *at = strstr(lines.v[i], "damage: ");

		if (at)
			buf_addf(why, "\n%s", at + strlen("damage: "));
	}
	strv_release(&lines);
}

void helper_why(struct helper *h, struct buf *why)
{
	/* It says "not ok" first and what it knows of the damage right after. */
	if (!h->cmd.done && !h->cmd.lost && guest_wait(&h->cmd, deadline_in(LAST_WORDS_MS)))
		helper_take(h);
	helper_poll(h);
	buf_addstr(why, "in the guest: ");
	if (h->tap.failed)
		buf_addf(why, "not ok %s", h->tap.first_failure.data);
	else if (h->tap.bailed)
		buf_addstr(why, h->tap.first_failure.data);
	else if (h->tap.error.len)
		buf_addf(why, "the helper's TAP is malformed: %s", h->tap.error.data);
	else if (h->cmd.lost)
		buf_addf(why, "the connection was lost: %s", h->cmd.guest->error.data);
	else
		buf_addf(why, "the helper ended with status %d %s", h->cmd.status, h->cmd.err.data);
	add_damage(h, why);
}

static bool helper_said(const struct helper *h, const char *text)
{
	char *diag = tap_diag(&h->tap, text);

	free(diag);
	return diag != NULL;
}

bool helper_await(struct helper *h, const char *text, const char *or_text, int ms)
{
	struct deadline d = deadline_in(ms);

	for (;;) {
		bool ended = helper_poll(h);

		if (helper_said(h, text) || (or_text && helper_said(h, or_text)))
			return true;
		if (ended || helper_failed(h) || !io_wait(guest_fd(h->cmd.guest), POLLIN, d))
			return false;
	}
}

void helper_tell(struct helper *h, const char *line)
{
	char *text = xasprintf("%s\n", line);
	bool sent = guest_send(&h->cmd, text, strlen(text), deadline_in(START_MS));
	struct buf why = BUF_INIT;

	free(text);
	if (sent)
		return;
	buf_addf(&why, "ssh to the guest: %s", h->cmd.guest->error.data);
	helper_poll(h);
	if (helper_failed(h)) { /* why it takes no more it knows best */
		buf_clear(&why);
		helper_why(h, &why);
	}
	trial_fail(h->trial, __FILE__, __LINE__, "%s", why.data);
}

void helper_finish(struct helper *h, int ms)
{
	struct buf why = BUF_INIT;
	bool ended = guest_wait(&h->cmd, deadline_in(ms));

	helper_take(h);
	if (helper_failed(h))
		helper_why(h, &why);
	else if (!ended)
		buf_addf(&why, "in the guest: the helper did not end within %d ms", ms);
	else if (tap_end(&h->tap, &why))
		return;
	trial_fail(h->trial, __FILE__, __LINE__, "%s", why.data);
}

char *trial_guest_in(struct trial *t, struct rig *rig, const char *line)
{
	struct guest *g = &rig->vm.guest;
	struct buf out = BUF_INIT, why = BUF_INIT;
	int status = guest_run(g, &out, deadline_in(LINE_MS), "%s", line);

	CHECK(t, status == 0 || vm_alive(&rig->vm, &why), "%s", why.data);
	CHECK(t, status >= 0, "in the guest: %s: %s", line, g->error.data);
	CHECK(t, status == 0, "in the guest: %s: status %d: %s%s", line, status,
	      out.len ? out.data : "", g->error.len ? g->error.data : "");
	return out.len ? out.data : xstrdup("");
}

char *trial_guest(struct trial *t, const char *line)
{
	return trial_guest_in(t, trial_rig(t), line);
}
