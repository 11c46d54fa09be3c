// SPDX-License-Identifier: GPL-2.0-or-later
/* monitor.c - commands of both monitors, and those that must be refused */
#include "cases/monitor/monitor.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND_MS 10000
#define ADD_FAILED "Failed to add chardev 'n': "

void monitor_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_chardev(plan, "null,id=u");
	bare_chardev(plan, "null,id=busy");
	bare_chardev(plan, "null,id=m,mux=on");
	bare_chardev(plan, "ringbuf,id=ring,size=16");
	bare_chardev(plan, "socket,id=s,path=s.sock,server=on,wait=off");
	bare_chardev(plan, "ringbuf,id=v");
	bare_chardev(plan, "ringbuf,id=dc");
	bare_plan_front(plan, "isa-serial", "busy");
	bare_plan_front(plan, "isa-serial", "m");
	bare_plan_front(plan, "virtserialport", "v");
	bare_plan_front(plan, "isa-debugcon", "dc");
}

char *monitor_json(const char *text)
{
	char *json = xstrdup(text);

	for (char *p = json; (p = strchr(p, '\''));)
		*p = '"';
	return json;
}

char *monitor_chardevs(struct bare *b)
{
	bare_qmp(b, "query-chardev", NULL);
	return qmp_get(&b->rig->vm.qmp, "");
}

/* QEMU's end instead of an answer is a failure of this trial, which cases.conf may expect. */
static void check_alive(struct bare *b, enum qmp_result r, const char *command)
{
	struct vm *vm = &b->rig->vm;
	struct buf why = BUF_INIT;

	CHECK(b->t, r != QMP_TIMEOUT, "no answer to %s", command);
	if (r != QMP_CLOSED)
		return;
	CHECK(b->t, vm_await_end(vm), "%s: QEMU closes its monitor", command);
	vm_end_text(vm, &why);
	bare_ended(b, vm->proc.status);
	CHECK(b->t, false, "%s: %s", command, why.data);
}

enum qmp_result monitor_cmd(struct bare *b, const char *command, const char *args)
{
	char *json = monitor_json(args ? args : "{}");
	enum qmp_result r;

	bare_did_qmp(b, command, json);
	r = qmp_cmd(&b->rig->vm.qmp, deadline_in(COMMAND_MS), command, "%s", json);

	trial_note(b->t, "QMP: %s %s: %s", command, json,
		   r == QMP_OK ? b->rig->vm.qmp.answer.data : b->rig->vm.qmp.error_desc.data);
	free(json);
	check_alive(b, r, command);
	return r;
}

char *monitor_hmp(struct bare *b, const char *line)
{
	struct qmp *q = &b->rig->vm.qmp;
	struct buf answer = BUF_INIT;
	enum qmp_result r;

	bare_did_hmp(b, line);
	r = qmp_hmp(q, deadline_in(COMMAND_MS), "%s", line);

	check_alive(b, r, line);
	CHECK(b->t, r == QMP_OK, "human-monitor-command %s: %s", line, q->error_desc.data);
	for (size_t i = 0; i < q->answer.len; i++)
		if (q->answer.data[i] != '\r')
			buf_add(&answer, &q->answer.data[i], 1);
	while (answer.len && answer.data[answer.len - 1] == '\n')
		answer.data[--answer.len] = '\0';
	trial_note(b->t, "(qemu) %s: %s", line, answer.data);
	return buf_steal(&answer);
}

void monitor_hand_over(struct bare *b, int fd, const char *name)
{
	struct qmp *q = &b->rig->vm.qmp;
	enum qmp_result r =
		qmp_cmd_fd(q, deadline_in(BARE_MS), fd, "getfd", "{\"fdname\": \"%s\"}", name);

	CHECK(b->t, r == QMP_OK, "getfd: %s", q->error_desc.data);
	close(fd);
}

bool monitor_possible(const struct variant *v)
{
	const struct monitor_row *row = variant_row(v);

	return row->line || !variant_is(v, "monitor", "hmp");
}

static const char *now(const struct trial *t, const struct says *list)
{
	return says_now(list, 3, t->session->caps);
}

static void refused_by_qmp(struct bare *b, const struct monitor_row *row)
{
	const char *says = now(b->t, row->desc);
	const struct qmp *q = &b->rig->vm.qmp;
	char *error;

	CHECK(b->t, monitor_cmd(b, row->command, row->args) == QMP_ERROR, "QEMU takes %s %s",
	      row->command, row->args);
	error = strcmp(q->error_class.data, "GenericError") == 0
			? xstrdup(q->error_desc.data)
			: xasprintf("%s: %s", q->error_class.data, q->error_desc.data);
	CHECK(b->t, strcmp(says, ANYTHING) == 0 || strcmp(error, says) == 0,
	      "%s %s: QEMU says: %s; not: %s", row->command, row->args, error, says);
	free(error);
}

/* HMP has no errors, only words; a command that is done has none. */
static void refused_by_hmp(struct bare *b, const struct monitor_row *row)
{
	const char *says = now(b->t, row->answer), *desc = now(b->t, row->desc);
	bool added = strncmp(desc, ADD_FAILED, strlen(ADD_FAILED)) == 0;
	char *want = says ? xstrdup(says)
			  : xasprintf("Error: %s", desc + (added ? strlen(ADD_FAILED) : 0));
	char *answer = monitor_hmp(b, row->line);

	CHECK(b->t, *answer, "QEMU takes %s", row->line);
	CHECK(b->t, strcmp(want, ANYTHING) == 0 || strcmp(answer, want) == 0,
	      "%s: QEMU says: %s; not: %s", row->line, answer, want);
	free(answer);
	free(want);
}

void monitor_refused(struct trial *t)
{
	const struct monitor_row *row = trial_row(t);
	struct bare *b = trial_bare(t);
	char *before = monitor_chardevs(b), *after;
	unsigned descriptors = bare_descriptors(b);

	CHECK(t, now(t, row->desc), "the table does not know what this QEMU says");
	if (trial_is(t, "monitor", "hmp"))
		refused_by_hmp(b, row);
	else
		refused_by_qmp(b, row);
	after = monitor_chardevs(b);
	CHECK(t, strcmp(before, after) == 0, "query-chardev said: %s and says now: %s", before,
	      after);
	CHECK(t, bare_descriptors(b) == descriptors, "QEMU had %u descriptors and has now %u",
	      descriptors, bare_descriptors(b));
	free(before);
	free(after);
}
