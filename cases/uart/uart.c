// SPDX-License-Identifier: GPL-2.0-or-later
/* uart.c - what the cases of serial ports share */
#include "cases/uart/uart.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define GUEST_MS 10000
#define NODE_MS	 5000
#define LINE	 64
#define LINE_MS	 8000

char *uart_guest(struct trial *t, const char *fmt, ...)
{
	struct guest *g = &trial_rig(t)->vm.guest;
	struct buf out = BUF_INIT;
	va_list ap;
	char *line;
	int status;

	va_start(ap, fmt);
	line = xvasprintf(fmt, ap);
	va_end(ap);
	status = guest_run(g, &out, deadline_in(GUEST_MS), "%s", line);
	CHECK(t, status == 0, "in the guest: %s", g->error.data);
	while (out.len && isspace((unsigned char)out.data[out.len - 1]))
		out.data[--out.len] = '\0';
	trial_note(t, "guest: %s: %s", line, out.data);
	free(line);
	return buf_steal(&out);
}

void uart_await_node(struct trial *t, const char *path)
{
	helper_finish(helper_start(t, "wait-path %s --timeout-ms %d", path, NODE_MS),
		      NODE_MS + GUEST_MS);
}

void uart_await_gone(struct trial *t, const char *path)
{
	helper_finish(helper_start(t, "wait-gone %s --timeout-ms %d", path, NODE_MS),
		      NODE_MS + GUEST_MS);
}

void uart_add_chr(struct plan *plan, const char *id, const char *backend)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(backend, &kind);
	plan_add_chr(plan, id, kind, CHR_QEMU_LISTENS);
}

void uart_all_at_once(struct traffic *x, size_t n)
{
	struct traffic *all[PLAN_CHRS_MAX] = {NULL};

	for (size_t i = 0; i < n; i++)
		all[i] = &x[i];
	traffic_whole_all(all, n);
}

void uart_prove_all_open(struct trial *t, struct chr *chrs, const char *const *nodes, size_t n)
{
	struct traffic x[PLAN_CHRS_MAX], *all[PLAN_CHRS_MAX] = {NULL};

	for (size_t i = 0; i < n; i++) {
		traffic_init(&x[i], t, &chrs[i], nodes[i], TRAFFIC_H2G, LINE, 9 + (unsigned)i);
		all[i] = &x[i];
	}
	traffic_sync_all(all, n);
	for (size_t i = 0; i < n; i++) {
		traffic_judge(&x[i]);
		traffic_release(&x[i]);
	}
}

void uart_prove_open(struct trial *t, struct chr *chr, const char *node)
{
	uart_prove_all_open(t, chr, &node, 1);
}

void uart_move(struct trial *t, struct chr *chr, const char *node, enum traffic_dir dir,
	       uint64_t size, bool last)
{
	struct traffic x, *const all[] = {&x};

	trial_note(t, "%llu bytes", (unsigned long long)size);
	traffic_init(&x, t, chr, node, dir, size, 0);
	traffic_sync(&x);
	traffic_judge(&x);
	if (last)
		traffic_nothing_more(all, 1);
	traffic_release(&x);
}

void uart_hear(struct trial *t, struct chr *chr, const char *want)
{
	size_t len = strlen(want);
	struct buf got = BUF_INIT, shown = BUF_INIT;
	char *at = buf_reserve(&got, len);

	got.len = chr_read_exact(chr, at, len, deadline_in(LINE_MS));
	text_printable(&shown, got.data, got.len, 100);
	CHECK(t, got.len == len && memcmp(got.data, want, len) == 0,
	      "the host end of %s got \"%s\", %zu bytes, want %zu", chr->id, shown.data, got.len,
	      len);
	buf_release(&shown);
	buf_release(&got);
}

void uart_say(struct trial *t, struct chr *chr, const char *text)
{
	CHECK(t, chr_write_all(chr, text, strlen(text), deadline_in(LINE_MS)) == strlen(text),
	      "the host end of %s does not take \"%s\"", chr->id, text);
}

static void drop_cmd(void *arg)
{
	guest_cmd_release(arg);
	free(arg);
}

struct guest_cmd *uart_start(struct trial *t, const char *line)
{
	struct guest_cmd *cmd = xcalloc(1, sizeof(*cmd));
	struct guest *g = &trial_rig(t)->vm.guest;

	trial_note(t, "guest: %s", line);
	CHECK(t, guest_start(g, cmd, deadline_in(GUEST_MS), "%s", line), "ssh to the guest: %s",
	      g->error.data);
	trial_defer(t, drop_cmd, cmd);
	return cmd;
}

void uart_finish(struct trial *t, struct guest_cmd *cmd, const char *want)
{
	struct buf shown = BUF_INIT;

	CHECK(t, guest_wait(cmd, deadline_in(GUEST_MS)), "in the guest: %s: %s", cmd->command,
	      cmd->guest->error.len ? cmd->guest->error.data : "does not end");
	CHECK(t, cmd->status == 0, "in the guest: %s: status %d: %s", cmd->command, cmd->status,
	      cmd->err.data);
	text_printable(&shown, cmd->out.data, cmd->out.len, 100);
	CHECK(t, strcmp(cmd->out.data, want) == 0, "in the guest: %s: \"%s\", want \"%s\"",
	      cmd->command, shown.data, want);
	buf_release(&shown);
}
