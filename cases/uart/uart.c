// SPDX-License-Identifier: GPL-2.0-or-later
/* uart.c - what the cases of serial ports share */
#include "cases/uart/uart.h"

#include <ctype.h>
#include <stdlib.h>

#define GUEST_MS  10000
#define NODE_MS	  5000
#define QMP_MS	  5000
#define DELETE_MS 10000
#define LINE	  64

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
	traffic_sync_all(all, n);
	for (size_t i = 0; i < n; i++)
		traffic_judge(&x[i]);
	traffic_nothing_more(all, n);
	for (size_t i = 0; i < n; i++)
		traffic_release(&x[i]);
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

void uart_qmp(struct trial *t, const char *command, const char *args)
{
	struct rig *rig = trial_rig(t);
	struct buf why = BUF_INIT;
	enum qmp_result r;

	trial_note(t, "QMP: %s %s", command, args);
	r = qmp_cmd(&rig->vm.qmp, deadline_in(QMP_MS), command, "%s", args);
	if (r != QMP_OK && vm_alive(&rig->vm, &why))
		qmp_result_text(&rig->vm.qmp, r, command, &why);
	CHECK(t, r == QMP_OK, "%s", why.data);
}

void uart_plug(struct trial *t, const char *device)
{
	struct buf args = BUF_INIT;

	plan_device_json(&args, device);
	uart_qmp(t, "device_add", args.data);
	buf_release(&args);
}

void uart_unplug(struct trial *t, const char *id)
{
	char *args = xasprintf("{\"id\": \"%s\"}", id);
	struct buf why = BUF_INIT;
	enum qmp_result r;

	uart_qmp(t, "device_del", args);
	r = qmp_event(&t->rig.vm.qmp, deadline_in(DELETE_MS), "DEVICE_DELETED", "device", id);
	CHECK(t, r == QMP_OK || vm_alive(&t->rig.vm, &why), "%s", why.data);
	CHECK(t, r == QMP_OK, "no event DEVICE_DELETED for %s after device_del", id);
	free(args);
}
