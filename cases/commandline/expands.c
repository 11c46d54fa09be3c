// SPDX-License-Identifier: GPL-2.0-or-later
/* expands.c - what -serial, -monitor and the like stand for: chardevs and devices */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/trial.h"

#define QMP_MS 10000

/**
 * struct expands_row - A command line and what it makes
 * @name:	value of the axis "row"
 * @defaults:	without -nodefaults
 * @args:	options, blanks between
 * @chardevs:	LABEL=FILENAME of query-chardev, without our own monitor; # is a number, and behind
 *		one whose frontend is not there stands !
 * @devices:	of info qtree: ISA's serial and parallel ports with their index, and the debugcon
 */
static const struct expands_row {
	const char *name;
	bool defaults;
	const char *args, *chardevs, *devices;
} rows[] = {
	/* system/vl.c qemu_create_default_devices(), qemu_disable_default_devices() */
	{"defaults", true, "", "parallel0=vc serial0=vc", "isa-parallel0 isa-serial0"},
	{"nodefaults", false, "", "", ""},
	{"display-none", true, "-display none", "parallel0=vc serial0=vc",
	 "isa-parallel0 isa-serial0"},
	/* The monitor that -nographic puts beside the port is not made, since there is one. */
	{"nographic", true, "-nographic", "parallel0=null serial0=stdio",
	 "isa-parallel0 isa-serial0"},
	{"nographic-serial", true, "-nographic -serial null", "parallel0=null serial0=null",
	 "isa-parallel0 isa-serial0"},
	{"nographic-parallel", true, "-nographic -parallel none", "serial0=stdio", "isa-serial0"},
	{"nographic-nodefaults", false, "-nographic", "", ""},
	{"device-serial", true, "-device isa-serial", "parallel0=vc", "isa-parallel0 isa-serial0"},
	{"device-parallel", true, "-chardev null,id=c -device isa-parallel,chardev=c",
	 "c=null serial0=vc", "isa-parallel0 isa-serial0"},
	{"serial-none-default", true, "-serial none", "parallel0=vc", "isa-parallel0"},
	{"parallel-none-default", true, "-parallel none", "serial0=vc", "isa-serial0"},
	{"monitor-none", true, "-monitor none", "parallel0=vc serial0=vc",
	 "isa-parallel0 isa-serial0"},
	/* serial_hd(): the nth is the board's nth, none counted; five is one more than a PC has */
	{"serial", false, "-serial null", "serial0=null", "isa-serial0"},
	{"serial-none", false, "-serial none -serial null", "serial1=null", "isa-serial1"},
	{"serial-between", false, "-serial null -serial none -serial null",
	 "serial0=null serial2=null", "isa-serial0 isa-serial2"},
	{"serial-four", false, "-serial null -serial msmouse -serial null -serial null",
	 "serial0=null serial1=msmouse serial2=null serial3=null",
	 "isa-serial0 isa-serial1 isa-serial2 isa-serial3"},
	{"serial-five", false, "-serial null -serial null -serial null -serial null -serial null",
	 "serial0=null serial1=null serial2=null serial3=null serial4=null!",
	 "isa-serial0 isa-serial1 isa-serial2 isa-serial3"},
	{"serial-chardev", false, "-chardev null,id=c -serial chardev:c", "c=null", "isa-serial0"},
	{"serial-mixed", false, "-chardev null,id=c -serial null -serial chardev:c -serial null",
	 "c=null serial0=null serial2=null", "isa-serial0 isa-serial1 isa-serial2"},
	/* chardev/char.c qemu_chr_parse_compat() */
	{"vc", false, "-serial vc", "serial0=vc", "isa-serial0"},
	{"vc-cells", false, "-serial vc:80Cx24C", "serial0=vc", "isa-serial0"},
	{"vc-pixels", false, "-serial vc:640x480", "serial0=vc", "isa-serial0"},
	{"pty", false, "-serial pty", "serial0=pty:/dev/pts/#", "isa-serial0"},
	{"file", false, "-serial file:f", "serial0=file", "isa-serial0"},
	{"host", false, "-serial /dev/ptmx", "serial0=serial", "isa-serial0"},
	{"msmouse", false, "-serial msmouse", "serial0=msmouse", "isa-serial0"},
	{"wctablet", false, "-serial wctablet", "serial0=wctablet", "isa-serial0"},
	{"testdev", false, "-serial testdev", "serial0=testdev", "isa-serial0"},
	{"stdio", false, "-serial stdio", "serial0=stdio", "isa-serial0"},
	{"udp", false, "-serial udp:127.0.0.1:1", "serial0=udp", "isa-serial0"},
	{"udp-port", false, "-serial udp::1", "serial0=udp", "isa-serial0"},
	{"udp-both", false, "-serial udp:127.0.0.1:1@127.0.0.1:0", "serial0=udp", "isa-serial0"},
	{"tcp", false, "-serial tcp:127.0.0.1:0,server=on,wait=off",
	 "serial0=disconnected:tcp:127.0.0.1:#,server=on", "isa-serial0"},
	{"tcp-short", false, "-serial tcp:127.0.0.1:0,server,nowait,nodelay",
	 "serial0=disconnected:tcp:127.0.0.1:#,server=on", "isa-serial0"},
	{"telnet", false, "-serial telnet:127.0.0.1:0,server=on,wait=off",
	 "serial0=disconnected:telnet:127.0.0.1:#,server=on", "isa-serial0"},
	{"tn3270", false, "-serial tn3270:127.0.0.1:0,server=on,wait=off",
	 "serial0=disconnected:tcp:127.0.0.1:#,server=on", "isa-serial0"},
	{"websocket", false, "-serial websocket:127.0.0.1:0,server=on,wait=off",
	 "serial0=disconnected:websocket:127.0.0.1:#,server=on", "isa-serial0"},
	{"unix", false, "-serial unix:s,server=on,wait=off",
	 "serial0=disconnected:unix:s,server=on", "isa-serial0"},
	{"mon", false, "-serial mon:null", "serial0-base=null serial0=mux", "isa-serial0"},
	{"mon-stdio", false, "-serial mon:stdio", "serial0-base=stdio serial0=mux", "isa-serial0"},
	{"mon-second", false, "-serial null -serial mon:null",
	 "serial0=null serial1-base=null serial1=mux", "isa-serial0 isa-serial1"},
	/* system/vl.c: one more option each */
	{"parallel", false, "-parallel null", "parallel0=null", "isa-parallel0"},
	{"parallel-three", false, "-parallel null -parallel msmouse -parallel null",
	 "parallel0=null parallel1=msmouse parallel2=null",
	 "isa-parallel0 isa-parallel1 isa-parallel2"},
	{"parallel-chardev", false, "-chardev null,id=c -parallel chardev:c", "c=null",
	 "isa-parallel0"},
	{"monitor", false, "-monitor null", "compat_monitor1=null", ""},
	{"monitor-two", false, "-monitor null -monitor msmouse",
	 "compat_monitor1=null compat_monitor2=msmouse", ""},
	{"monitor-chardev", false, "-chardev null,id=c -monitor chardev:c", "c=null", ""},
	{"monitor-mux", false, "-monitor mon:null", "compat_monitor1-base=null compat_monitor1=mux",
	 ""},
	{"qmp", false, "-qmp null", "compat_monitor1=null", ""},
	{"qmp-pretty", false, "-qmp-pretty null", "compat_monitor1=null", ""},
	{"monitor-qmp", false, "-monitor null -qmp null -qmp-pretty null",
	 "compat_monitor1=null compat_monitor2=null compat_monitor3=null", ""},
	{"mon-option", false, "-chardev null,id=c -mon c", "c=null", ""},
	{"mon-option-control", false, "-chardev null,id=c -mon chardev=c,mode=control,pretty=on",
	 "c=null", ""},
	{"mon-option-default", true, "-chardev null,id=c -mon c", "c=null parallel0=vc serial0=vc",
	 "isa-parallel0 isa-serial0"},
	{"mon-two-on-one", false, "-chardev null,id=c,mux=on -mon c -mon c", "c-base=null c=mux",
	 ""},
	{"mon-and-serial", false, "-chardev null,id=c,mux=on -mon c -serial chardev:c",
	 "c-base=null c=mux", "isa-serial0"},
	{"debugcon", false, "-debugcon null", "debugcon=null", "isa-debugcon"},
	{"gdb", false, "-gdb tcp:127.0.0.1:0",
	 "@chr#=gdb gdb=disconnected:tcp:127.0.0.1:#,server=on", ""},
	{"gdb-none", false, "-gdb none", "@chr#=gdb", ""},
	{"gdb-chardev", false, "-chardev null,id=c -gdb chardev:c", "@chr#=gdb c=null", ""},
};

static void expands_plan(const struct variant *v, struct plan *plan)
{
	const struct expands_row *row = variant_row(v);

	plan->cold = true;
	plan->defaults = row->defaults;
	strv_split(&plan->args, row->args, " ");
}

/* The sorted words of @list, blanks between; malloc'ed. */
static char *sorted(struct strv *list)
{
	struct buf b = BUF_INIT;

	if (list->n)
		strv_sort(list);
	for (size_t i = 0; i < list->n; i++)
		buf_addf(&b, "%s%s", i ? " " : "", list->v[i]);
	strv_release(list);
	return buf_steal(&b);
}

static char *member(const struct qmp *q, int i, const char *key)
{
	char *path = xasprintf("%d.%s", i, key), *value = qmp_get(q, path);

	free(path);
	return value;
}

/* As in a row; a # in a label, which QEMU gives to what has none, is @. */
static char *chardevs(struct trial *t, struct qmp *q)
{
	struct strv list = {NULL, 0};
	int n;

	CHECK(t, qmp_cmd(q, deadline_in(QMP_MS), "query-chardev", NULL) == QMP_OK, "query-chardev");
	n = qmp_count(q, "");
	for (int i = 0; i < n; i++) {
		char *label = member(q, i, "label"), *open = member(q, i, "frontend-open");
		char *filename = member(q, i, "filename");

		if (*label == '#')
			*label = '@';
		if (strcmp(label, "compat_monitor0") != 0)
			strv_pushf(&list, "%s=%s%s", label, filename,
				   strcmp(open, "true") == 0 ? "" : "!");
		free(label);
		free(filename);
		free(open);
	}
	return sorted(&list);
}

/* From "dev: isa-serial, id .." and the "index = N" below it. */
static char *devices(struct trial *t, struct qmp *q)
{
	static const char *const kinds[] = {"isa-serial", "isa-parallel", "isa-debugcon"};
	struct strv list = {NULL, 0};
	const char *at;

	CHECK(t, qmp_hmp(q, deadline_in(QMP_MS), "info qtree") == QMP_OK, "info qtree");
	for (at = q->answer.data; (at = strstr(at, "dev: ")); at++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			size_t len = strlen(kinds[i]);
			const char *index;

			if (strncmp(at + 5, kinds[i], len) != 0 || at[5 + len] != ',')
				continue;
			index = strstr(at, "index = ");
			if (strcmp(kinds[i], "isa-debugcon") == 0)
				strv_push(&list, kinds[i]);
			else if (index)
				strv_pushf(&list, "%s%.*s", kinds[i],
					   (int)strspn(index + 8, "0123456789"), index + 8);
		}
	return sorted(&list);
}

CASE(expands, .id = "option.expands",
     .title = "-serial, -parallel, -monitor, -qmp, -mon, -debugcon, -gdb, -nographic make the "
	      "chardevs and devices that they stand for",
     .clause = "qemu/qemu-options.hx; system/vl.c; chardev/char.c qemu_chr_parse_compat()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"row", NULL},
     .rows = ROWS(rows), .plan = expands_plan)
{
	const struct expands_row *row = trial_row(t);
	struct qmp *q = &trial_rig(t)->vm.qmp;
	char *is = chardevs(t, q);

	CHECK(t, says_like(is, row->chardevs), "%s makes the chardevs: %s; not: %s", row->args, is,
	      row->chardevs);
	free(is);
	is = devices(t, q);
	CHECK(t, strcmp(is, row->devices) == 0, "%s makes the devices: %s; not: %s", row->args, is,
	      row->devices);
	free(is);
}

CASE(debugcon_chardev, .id = "option.debugcon-chardev",
     .title = "-debugcon takes a chardev that is there, as -serial does",
     .clause = "qemu/qemu-options.hx -debugcon: the same devices as the serial port",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU)
{
	struct strv words = {NULL, 0};
	struct refusal r;

	strv_pushl(&words, "-chardev", "null,id=c", "-debugcon", "chardev:c", NULL);
	trial_refusal(t, &words, &r);
	CHECK(t, r.started, "QEMU does not start: %s", r.err.data);
	refusal_release(&r);
	strv_release(&words);
}
