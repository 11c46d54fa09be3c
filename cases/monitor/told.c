// SPDX-License-Identifier: GPL-2.0-or-later
/* told.c - what QEMU tells of its chardevs by itself, and of those it can have */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cases/monitor/monitor.h"

#define NS_PER_S 1000000000
#define CHANGES	 7 /* the last one closes */

static void port_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "c0");
	bare_plan_front(plan, "isa-serial", "c1");
	bare_chardev(plan, "ringbuf,id=c0");
	bare_chardev(plan, "ringbuf,id=c1");
	bare_chardev(plan, "ringbuf,id=c2");
}

static void check_frontend(struct bare *b, const char *id, const char *want)
{
	char *path, *is;

	bare_qmp(b, "query-chardev", NULL);
	path = xasprintf("%d.frontend-open", qmp_find(&b->rig->vm.qmp, "", "label", id));
	is = qmp_get(&b->rig->vm.qmp, path);
	CHECK(b->t, is && strcmp(is, want) == 0, "frontend-open of %s is %s, not %s", id,
	      is ? is : "(nothing)", want);
	free(is);
	free(path);
}

CASE(monitor_frontend_open, .id = "monitor.frontend-open",
     .title =
	     "frontend-open tells whether a device takes what comes: a port while the guest has it "
	     "open, a UART always, none never",
     .clause = "qapi/char.json ChardevInfo", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .plan = port_plan)
{
	struct bare *b = trial_bare(t);

	check_frontend(b, "c0", "true");
	check_frontend(b, "c1", "true");
	check_frontend(b, "c2", "false");
	CHECK(t, front_open(b->front, false), "the port does not close");
	bare_settle(b);
	check_frontend(b, "c0", "false");
	check_frontend(b, "c1", "true");
	CHECK(t, front_open(b->front, true), "the port does not open");
	bare_settle(b);
	check_frontend(b, "c0", "true");
}

/**
 * struct told - The VSERPORT_CHANGE events of the port so far
 * @open:	what the last one said
 */
struct told {
	int n;
	bool open;
};

/* Take the next one, if it comes before the deadline. */
static bool next_told(struct bare *b, struct deadline d, struct told *told)
{
	struct qmp *q = &b->rig->vm.qmp;
	char *open;

	if (qmp_event(q, d, "VSERPORT_CHANGE", "id", "port1") != QMP_OK)
		return false;
	open = qmp_get(q, "open");
	CHECK(b->t, open, "VSERPORT_CHANGE says nothing of open: %s", q->answer.data);
	told->open = strcmp(open, "true") == 0;
	told->n++;
	free(open);
	return true;
}

/* Wait until the last thing that was told is @open. */
static void await_told(struct bare *b, bool open, struct told *told)
{
	while (next_told(b, deadline_in(0), told))
		;
	while (told->open != open)
		CHECK(b->t, next_told(b, deadline_in(BARE_MS), told),
		      "no VSERPORT_CHANGE tells that the port is %s", open ? "open" : "closed");
}

static void open_port(struct bare *b, bool open)
{
	CHECK(b->t, front_open(b->front, open), "the port does not %s", open ? "open" : "close");
	bare_settle(b);
}

/* One a second for each port (monitor/monitor.c, monitor_qapi_event_conf[]): of several changes in
 * between the last is told once the second is over. So n of them take n - 1 seconds at least, from
 * a time before the first. */
CASE(monitor_vserport, .id = "monitor.vserport-change",
     .title = "VSERPORT_CHANGE tells that a port with an id was opened and closed, at most once a "
	      "second, and the last state always",
     .clause = "qapi/char.json VSERPORT_CHANGE", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .plan = port_plan)
{
	int64_t began = now_ns();
	struct bare *b = trial_bare(t);
	struct told told = {0};
	long long seconds;

	await_told(b, true, &told);
	for (int i = 0; i < CHANGES; i++)
		open_port(b, i % 2);
	await_told(b, false, &told);
	open_port(b, true);
	await_told(b, true, &told);
	seconds = (now_ns() - began) / NS_PER_S;
	CHECK(t, told.n <= seconds + 1, "%d VSERPORT_CHANGE come within %lld s", told.n, seconds);
}

/* "  name" lines behind "Available chardev backend types:". */
static void help_lists(struct trial *t, struct strv *names)
{
	struct strv words = {NULL, 0};
	struct refusal r;

	strv_pushl(&words, "-chardev", "help", NULL);
	trial_refusal(t, &words, &r);
	CHECK(t, !r.started && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0,
	      "-chardev help does not end QEMU with status 0");
	CHECK(t, !r.err.len, "-chardev help says on stderr: %s", r.err.data);
	strv_split(names, r.out.data, "\n");
	CHECK(t, names->n > 1 && strcmp(names->v[0], "Available chardev backend types:") == 0,
	      "-chardev help begins with: %s", names->n ? names->v[0] : "");
	refusal_release(&r);
	strv_release(&words);
}

CASE(monitor_backends, .id = "monitor.backends",
     .title = "query-chardev-backends names the backends that -chardev help does, each once",
     .clause = "qapi/char.json query-chardev-backends; qemu-options.hx -chardev",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .plan = monitor_plan)
{
	struct strv names = {NULL, 0};
	struct bare *b;
	int n;

	help_lists(t, &names);
	b = trial_bare(t);
	bare_qmp(b, "query-chardev-backends", NULL);
	n = qmp_count(&b->rig->vm.qmp, "");
	CHECK(t, n == (int)names.n - 1, "-chardev help has %zu names, query-chardev-backends %d",
	      names.n - 1, n);
	for (size_t i = 1; i < names.n; i++) {
		CHECK(t, qmp_find(&b->rig->vm.qmp, "", "name", names.v[i]) >= 0,
		      "query-chardev-backends has no %s", names.v[i]);
		for (size_t k = 1; k < i; k++)
			CHECK(t, strcmp(names.v[i], names.v[k]) != 0, "-chardev help has %s twice",
			      names.v[i]);
	}
	strv_release(&names);
}

static void preconfig_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->cold = true;
	bare_chardev(plan, "ringbuf,id=c0,size=16");
	strv_push(&plan->args, "-preconfig");
}

/* How one that needs a machine is refused: qapi/qmp-dispatch.c do_qmp_dispatch(). */
static void check_too_early(struct trial *t, struct qmp *q, const char *command, const char *args)
{
	char *want = xasprintf("The command '%s' is permitted only after machine initialization "
			       "has completed",
			       command);

	CHECK(t, qmp_cmd(q, deadline_in(BARE_MS), command, "%s", args) == QMP_ERROR,
	      "%s is done before there is a machine", command);
	CHECK(t, strcmp(q->error_desc.data, want) == 0, "%s: QEMU says: %s; not: %s", command,
	      q->error_desc.data, want);
	free(want);
}

static bool knows_chardev(struct trial *t, struct qmp *q)
{
	CHECK(t, qmp_cmd(q, deadline_in(BARE_MS), "query-chardev", NULL) == QMP_OK,
	      "query-chardev: %s", q->error_desc.data);
	return qmp_find(q, "", "label", "c0") >= 0;
}

CASE(monitor_preconfig, .id = "monitor.preconfig",
     .title = "before there is a machine (-preconfig) query-chardev answers and the other commands "
	      "of chardevs wait for it; then they do what they do",
     .clause = "qapi/char.json query-chardev: allow-preconfig", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = preconfig_plan)
{
	static const char none[] = "{}", c0[] = "{\"id\": \"c0\"}",
			  ring[] = "{\"device\": \"c0\", \"size\": 1}";
	struct qmp *q = &trial_rig(t)->vm.qmp;

	CHECK(t, knows_chardev(t, q), "query-chardev does not know c0: %s", q->answer.data);
	check_too_early(t, q, "query-chardev-backends", none);
	check_too_early(t, q, "chardev-send-break", c0);
	check_too_early(t, q, "ringbuf-read", ring);
	check_too_early(t, q, "chardev-remove", c0);
	CHECK(t, qmp_cmd(q, deadline_in(BARE_MS), "x-exit-preconfig", NULL) == QMP_OK,
	      "x-exit-preconfig: %s", q->error_desc.data);
	CHECK(t, knows_chardev(t, q), "c0 is lost with x-exit-preconfig: %s", q->answer.data);
	CHECK(t, qmp_cmd(q, deadline_in(BARE_MS), "chardev-remove", "%s", c0) == QMP_OK,
	      "chardev-remove: %s", q->error_desc.data);
	CHECK(t, !knows_chardev(t, q), "chardev-remove leaves c0: %s", q->answer.data);
}
