// SPDX-License-Identifier: GPL-2.0-or-later
/* uart.c - what the cases of serial ports share */
#include "cases/uart/uart.h"

#include <ctype.h>
#include <stdlib.h>

#define GUEST_MS 10000
#define NODE_MS	 5000

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
	traffic_sync_all(all, n);
	for (size_t i = 0; i < n; i++)
		traffic_judge(&x[i]);
	traffic_nothing_more(all, n);
	for (size_t i = 0; i < n; i++)
		traffic_release(&x[i]);
}
