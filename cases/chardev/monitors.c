// SPDX-License-Identifier: GPL-2.0-or-later
/* monitors.c - forms of the command line that make a monitor, or gdb's stub: what they speak */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define MS     10000
#define PROMPT "(qemu) "

static void shows(struct trial *t, struct chr *c, const char *text)
{
	host_shows(t, c, "the monitor", text);
}

static void says(struct bare *b, struct stream *s, const char *line)
{
	bare_host_send(b, s, line, strlen(line));
}

static struct stream reach(struct bare *b, const char *path)
{
	struct sock_address at = sock_unix(path);
	struct buf why = BUF_INIT;
	int fd = sock_connect(&at, false, deadline_in(MS), &why);

	CHECK(b->t, fd >= 0, "%s: %s", path, why.data);
	buf_release(&why);
	return stream_plain(bare_adopt(b, path, fd));
}

/* ---- one of each kind */

#define SOCKET	"unix:m.sock,server=on,wait=off"
#define CHARDEV "-chardev socket,id=c,path=m.sock,server=on,wait=off "

/* docs/interop/qmp-spec.rst; monitor/hmp.c monitor_event(); gdb's manual, Remote Protocol. */
#define QMP_GREETING "{\"QMP\": {\"version\": {"
#define QMP_ASKS     "{\"execute\": \"qmp_capabilities\"}\n"
#define QMP_ANSWERS  "{\"return\": {}}\r\n"
#define PRETTY	     "{\r\n    \"QMP\": {\r\n        \"version\": {\r\n"
#define PRETTY_TOO   "{\r\n    \"return\": {\r\n    }\r\n}\r\n"
#define HMP_GREETING "monitor - type 'help' for more information\r\n"
#define HMP_ASKS     "info status\n"
#define HMP_ANSWERS  "\r\nVM status: running\r\n"

/**
 * struct speaks_row - A form of the command line, and what is said at m.sock then
 * @name:	value of the axis "row"
 * @args:	options, blanks between
 * @greets:	what comes first; @asks: what is said then, and @answers: what comes of it
 * @object:	it is there from 11.1 on
 */
static const struct speaks_row {
	const char *name, *args, *greets, *asks, *answers;
	bool object;
} rows[] = {
	{"qmp", "-qmp " SOCKET, QMP_GREETING, QMP_ASKS, QMP_ANSWERS, false},
	{"qmp-chardev", CHARDEV "-qmp chardev:c", QMP_GREETING, QMP_ASKS, QMP_ANSWERS, false},
	{"qmp-pretty", "-qmp-pretty " SOCKET, PRETTY, QMP_ASKS, PRETTY_TOO, false},
	{"mon-control", CHARDEV "-mon c,mode=control", QMP_GREETING, QMP_ASKS, QMP_ANSWERS, false},
	{"mon-control-pretty", CHARDEV "-mon c,mode=control,pretty=on", PRETTY, QMP_ASKS,
	 PRETTY_TOO, false},
	{"monitor", "-monitor " SOCKET, HMP_GREETING PROMPT, HMP_ASKS, HMP_ANSWERS PROMPT, false},
	{"mon", CHARDEV "-mon c", HMP_GREETING PROMPT, HMP_ASKS, HMP_ANSWERS PROMPT, false},
	{"mon-readline", CHARDEV "-mon c,mode=readline", HMP_GREETING PROMPT, HMP_ASKS,
	 HMP_ANSWERS PROMPT, false},
	{"object-qmp", CHARDEV "-object monitor-qmp,id=m,chardev=c", QMP_GREETING, QMP_ASKS,
	 QMP_ANSWERS, true},
	{"object-qmp-pretty", CHARDEV "-object monitor-qmp,id=m,chardev=c,pretty=on", PRETTY,
	 QMP_ASKS, PRETTY_TOO, true},
	{"object-hmp", CHARDEV "-object monitor-hmp,id=m,chardev=c", HMP_GREETING PROMPT, HMP_ASKS,
	 HMP_ANSWERS PROMPT, true},
	{"object-hmp-plain", CHARDEV "-object monitor-hmp,id=m,chardev=c,readline=off",
	 HMP_GREETING, HMP_ASKS, "VM status: running\r\n", true},
};

static const char *speaks_lacks(const struct variant *v, const struct caps *caps)
{
	const struct speaks_row *row = variant_row(v);

	return row->object && !caps_version_at_least(caps, 11, 1, 0)
		       ? "monitors are objects from QEMU 11.1 on"
		       : NULL;
}

static void speaks_plan(const struct variant *v, struct plan *plan)
{
	const struct speaks_row *row = variant_row(v);

	bare_plan_machine(plan);
	strv_split(&plan->args, row->args, " ");
}

CASE(monitor_speaks, .id = "option.monitor-speaks",
     .title = "each form that makes a monitor makes one that greets and answers in its language, "
	      "pretty if that was asked for, and again when somebody comes after one that left",
     .clause = "qemu/qemu-options.hx -monitor, -qmp, -qmp-pretty, -mon; qapi/qom.json",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL},
     .rows = ROWS(rows), .lacks = speaks_lacks, .plan = speaks_plan)
{
	const struct speaks_row *row = trial_row(t);
	struct bare *b = trial_bare(t);

	for (int visit = 0; visit < 2; visit++) {
		struct stream s = reach(b, "m.sock");

		shows(t, s.chr, row->greets);
		says(b, &s, row->asks);
		shows(t, s.chr, row->answers);
		chr_close(s.chr);
	}
}

/* ---- gdb's stub */

static const struct stub {
	const char *name, *args;
} stubs[] = {{"unix", "-gdb " SOCKET}, {"chardev", CHARDEV "-gdb chardev:c"}};

static void gdb_plan(const struct variant *v, struct plan *plan)
{
	const struct stub *stub = variant_row(v);

	bare_plan_machine(plan);
	strv_split(&plan->args, stub->args, " ");
}

static void check_status(struct bare *b, const char *want)
{
	char *is;

	bare_qmp(b, "query-status", NULL);
	is = qmp_get(&b->rig->vm.qmp, "status");
	CHECK(b->t, is && strcmp(is, want) == 0, "the machine is %s, not %s", is ? is : "nothing",
	      want);
	free(is);
}

CASE(option_gdb, .id = "option.gdb",
     .title = "-gdb makes a stub that halts the machine for who asks why it is halted, and lets it "
	      "run when he detaches; the next one finds the same",
     .clause = "qemu/qemu-options.hx -gdb; gdb's manual, E.2 packets ? and D", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL}, .rows = ROWS(stubs),
     .plan = gdb_plan)
{
	struct bare *b = trial_bare(t);

	check_status(b, "running");
	for (int visit = 0; visit < 2; visit++) {
		struct stream s = reach(b, "m.sock");

		/* A packet is $TEXT#SUM; + says that one has come whole. */
		says(b, &s, "$?#3f");
		shows(t, s.chr, "+$T05");
		check_status(b, "paused");
		says(b, &s, "+$D#44");
		shows(t, s.chr, "+$OK#9a");
		says(b, &s, "+");
		bare_settle(b);
		check_status(b, "running");
		chr_close(s.chr);
	}
}

/* ---- several */

static void monitors_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	strv_pushl(&plan->args, "-monitor", "unix:hmp.sock,server=on,wait=off", "-qmp",
		   "unix:second.sock,server=on,wait=off", NULL);
}

CASE(two_monitors, .id = "option.two-monitors",
     .title =
	     "-monitor and -qmp beside another -qmp: each monitor speaks its own language, answers "
	     "its own questions, and no other's",
     .clause = "qemu/qemu-options.hx -monitor, -qmp", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .plan = monitors_plan)
{
	struct bare *b = trial_bare(t);
	struct stream hmp = reach(b, "hmp.sock"), qmp = reach(b, "second.sock");

	shows(t, hmp.chr, "QEMU ");
	shows(t, hmp.chr, PROMPT);
	shows(t, qmp.chr, "{\"QMP\": {\"version\": ");
	shows(t, qmp.chr, "\n");
	says(b, &hmp, "info status\n");
	shows(t, hmp.chr, "VM status: running");
	shows(t, hmp.chr, PROMPT);
	bare_host_silent(b, &qmp);
	/* This one has not said what it can do; ours has, long ago. */
	says(b, &qmp, "{\"execute\": \"query-status\", \"id\": 1}\n");
	shows(t, qmp.chr, "\"id\": 1, \"error\": {\"class\": \"CommandNotFound\"");
	shows(t, qmp.chr, "\n");
	bare_qmp(b, "query-status", NULL);
	says(b, &qmp, "{\"execute\": \"qmp_capabilities\", \"id\": 2}\n");
	shows(t, qmp.chr, "{\"return\": {}, \"id\": 2}\r\n");
	bare_host_silent(b, &hmp);
	/* What happens all QMP monitors are told, and HMP's none. */
	says(b, &hmp, "stop\n");
	shows(t, qmp.chr, "\"event\": \"STOP\"");
	shows(t, hmp.chr, PROMPT);
	says(b, &qmp, "{\"execute\": \"query-status\", \"id\": 3}\n");
	shows(t, qmp.chr, "\"status\": \"paused\"");
	bare_host_silent(b, &hmp);
}
