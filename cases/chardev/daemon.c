// SPDX-License-Identifier: GPL-2.0-or-later
/* daemon.c - -daemonize: QEMU goes to the background, and serves its chardevs there */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases/chardev/host.h"
#include "harness/base/io.h"

#define MS	 10000
#define PID_FILE "qemu.pid"
#define COM1	 0x3f8
#define COM2	 0x2f8

/**
 * struct daemon - A QEMU in the background
 * @front:	the process that was started; its stdout is our socket
 * @back:	the one that it leaves behind
 * @said:	all of its stdout
 */
struct daemon {
	struct program front;
	struct proc back;
	struct qmp qmp;
	struct chr serial, pty;
	struct buf said;
};

static void release(void *arg)
{
	struct daemon *d = arg;

	program_release(&d->front);
	proc_release(&d->back);
	qmp_release(&d->qmp);
	chr_release(&d->serial);
	chr_release(&d->pty);
	buf_release(&d->said);
}

/* Up to its end: nobody has it open any more. */
static void read_stdout(struct trial *t, struct daemon *d)
{
	struct deadline until = deadline_in(MS);
	char room[512];
	ssize_t n;

	for (;;) {
		CHECK(t, io_wait(d->front.fd, POLLIN, until),
		      "QEMU does not let go of its stdout, where \"%s\" is", d->said.data);
		n = read(d->front.fd, room, sizeof(room));
		if (n <= 0)
			break;
		buf_add(&d->said, room, (size_t)n);
	}
	CHECK(t, n == 0, "its stdout cannot be read");
}

static pid_t pid_in_file(struct trial *t)
{
	struct buf text = BUF_INIT;
	char *end;
	long pid;

	CHECK(t, buf_read_file(&text, PID_FILE), "there is no " PID_FILE);
	pid = strtol(text.data, &end, 10);
	CHECK(t, pid > 0 && strcmp(end, "\n") == 0, PID_FILE " has \"%s\"", text.data);
	buf_release(&text);
	return (pid_t)pid;
}

/* Started, and in the background. */
static void start(struct daemon *d, struct trial *t)
{
	struct strv words = {NULL, 0};

	*d = (struct daemon){.front = {PROC_INIT, -1}, .back = PROC_INIT, .said = BUF_INIT};
	qmp_init(&d->qmp, "qmp.sock", VM_QMP_LOG);
	chr_init(&d->serial, "serial0", CHR_UNIX, CHR_QEMU_LISTENS);
	chr_init(&d->pty, "serial1", CHR_PTY, CHR_QEMU_LISTENS);
	trial_defer(t, release, d);
	proc_adopt_orphans();
	strv_pushl(&words, t->session->caps->path, "-daemonize", "-pidfile", PID_FILE, "-S",
		   "-nodefaults", "-no-user-config", "-display", "none", "-accel", "tcg", "-qmp",
		   "unix:qmp.sock", "-serial", "unix:serial0.sock,server=on,wait=off", "-serial",
		   "pty", NULL);
	program_start(&d->front, &words, PROGRAM_SOCKET);
	CHECK(t, proc_wait(&d->front.proc, deadline_in(MS)), "QEMU stays in the foreground");
	CHECK(t, proc_adopt(&d->back, pid_in_file(t), deadline_in(MS)),
	      PID_FILE " has the number of no process");
	CHECK(t, d->front.proc.status == 0, "what was started ends with wait status %#x",
	      d->front.proc.status);
	strv_release(&words);
}

static void quit(struct daemon *d, struct trial *t)
{
	CHECK(t, qmp_cmd(&d->qmp, deadline_in(MS), "quit", NULL) == QMP_OK, "QMP quit");
	CHECK(t, proc_wait(&d->back, deadline_in(MS)), "QEMU does not end");
	CHECK(t, d->back.status == 0, "QEMU ends with wait status %#x", d->back.status);
}

static void is_background(struct daemon *d, struct trial *t)
{
	pid_t pid = d->back.pid;
	struct buf err = BUF_INIT;

	CHECK(t, qmp_accept(&d->qmp, -1, deadline_in(MS)) == QMP_OK, "no QMP: %s",
	      d->qmp.error_desc.data);
	CHECK(t, qmp_peer(&d->qmp) == pid, PID_FILE " has %d, and %d speaks QMP", (int)pid,
	      (int)qmp_peer(&d->qmp));
	CHECK(t, getsid(pid) != getsid(0), "QEMU is in the session of who started it");
	CHECK(t, buf_read_file(&err, PROGRAM_ERR) && !err.len, "on its stderr is: %s", err.data);
	buf_release(&err);
}

/* See chr_told.h. */
static void await_serial(struct daemon *d, struct trial *t, bool connected)
{
	CHECK(t,
	      chr_await_told(&d->qmp, deadline_in(MS), "serial0", "filename",
			     "disconnected:", connected),
	      "query-chardev does not say that the socket is %s",
	      connected ? "connected" : "disconnected");
}

static void open_host(struct trial *t, struct chr *host)
{
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(host, deadline_in(MS), &why), "%s: %s", host->id, why.data);
	buf_release(&why);
}

/* The terminal of the words that QEMU has said. */
static void learn_pty(struct daemon *d, struct trial *t)
{
	const char *at = strstr(d->said.data, "/dev/pts/");
	char *name = xasprintf("%.*s", at ? (int)strcspn(at, " ") : 0, at ? at : "");
	char *want = xasprintf("char device redirected to %s (label serial1)\n", name);

	CHECK(t, strcmp(d->said.data, want) == 0 && chr_learn(&d->pty, name), "on stdout is \"%s\"",
	      d->said.data);
	free(want);
	free(name);
}

CASE(daemonize, .id = "option.daemonize",
     .title = "-daemonize: what was started ends with 0 once sockets and terminals are there, and "
	      "lets go of stdout; QEMU is the process that -pidfile names, serves its chardevs and "
	      "monitor, ends well when it is told to, and the pid file is gone",
     .clause = "qemu/qemu-options.hx -daemonize, -pidfile: will not detach from standard IO until "
	       "it is ready to receive connections on any of its devices",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU)
{
	static struct daemon d;

	start(&d, t);
	CHECK(t, file_exists("serial0.sock"),
	      "what was started has ended before there is a socket");
	read_stdout(t, &d);
	learn_pty(&d, t);
	is_background(&d, t);
	open_host(t, &d.pty);
	host_byte_each_way(t, &d.qmp, COM2, &d.pty, 'p');
	for (int i = 0; i < 2; i++) {
		open_host(t, &d.serial);
		await_serial(&d, t, true);
		host_byte_each_way(t, &d.qmp, COM1, &d.serial, (char)('a' + i));
		chr_close(&d.serial);
		await_serial(&d, t, false);
	}
	quit(&d, t);
	CHECK(t, !file_exists(PID_FILE), PID_FILE " is still there");
}

CASE(daemonize_leaves, .id = "option.daemonize-leaves",
     .title = "a QEMU in the background removes its sockets at its end as one in the foreground",
     .clause = "qemu/util/qemu-sockets.c socket_listen_cleanup()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU)
{
	static struct daemon d;

	start(&d, t);
	is_background(&d, t);
	quit(&d, t);
	CHECK(t, !file_exists("serial0.sock"), "serial0.sock is still there");
}

static void defaults_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan->defaults = true;
}

CASE(daemonize_nographic, .id = "option.daemonize-nographic",
     .title = "-nographic, which would put a port on a terminal, is refused beside -daemonize",
     .clause = "qemu/system/vl.c qemu_create_default_devices()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = defaults_plan)
{
	struct strv words = {NULL, 0};
	struct refusal r;

	strv_pushl(&words, "-daemonize", "-nographic", NULL);
	trial_refusal(t, &words, &r);
	CHECK(t, !r.started && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 1,
	      "QEMU does not refuse -daemonize -nographic: wait status %#x", r.status);
	r.err.data[strcspn(r.err.data, "\n")] = '\0';
	CHECK(t, refusal_is(r.err.data, "-nographic cannot be used with -daemonize"),
	      "QEMU says: %s", r.err.data);
	refusal_release(&r);
	strv_release(&words);
}
