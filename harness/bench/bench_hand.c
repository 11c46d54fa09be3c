// SPDX-License-Identifier: GPL-2.0-or-later
/* bench_hand.c - bytes through a device by hand */
#include "harness/bench/bench_hand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_told.h"

#define BLOCK 4096
#define TIMES "trips.ns"
#define RAW   "stty raw -echo <&3 2>/dev/null; "
#define PID   "/tmp/hand"
#define ECHO  "echo $$ >" PID " && exec cat <&3 >&3"

void line_start(struct line *l, struct guest_cmd *cmd, const char *command)
{
	if (!guest_start(&l->rig->vm.guest, cmd, deadline_in(BENCH_MS),
			 "exec 3<>%s && %secho open && %s", l->node, l->tty ? RAW : "", command))
		die("ssh to the guest: %s", l->rig->vm.guest.error.data);
	line_await(cmd, "open\n");
}

void line_await(struct guest_cmd *cmd, const char *text)
{
	if (!guest_wait_out(cmd, text, deadline_in(BENCH_MS)))
		die("%s in the guest does not say %s: %s %s", cmd->command, text, cmd->out.data,
		    cmd->err.data);
}

void line_say(struct guest_cmd *cmd, const char *text)
{
	if (!guest_send(cmd, text, strlen(text), deadline_in(BENCH_MS)))
		die("ssh to the guest: %s", cmd->guest->error.data);
}

void line_finish(struct guest_cmd *cmd)
{
	if (!guest_wait(cmd, deadline_in(BENCH_MS)) || cmd->status != 0)
		die("%s in the guest failed: %s %s %s", cmd->command, cmd->guest->error.data,
		    cmd->out.data, cmd->err.data);
	guest_cmd_release(cmd);
}

/* QEMU has noticed that a socket's other end is there, who stays for a while. */
static void await_host(struct line *l)
{
	if (!chr_await_told(&l->rig->vm.qmp, deadline_in(BENCH_MS), l->c->id, "filename",
			    "disconnected:", true))
		die("QEMU does not see that somebody is at %s", l->c->id);
}

/* Our end as socat names it: both ways, or one. */
static void add_address(const struct chr *c, bool reads, bool writes, struct strv *argv)
{
	switch (c->kind) {
	case CHR_UNIX:
		strv_pushf(argv, "UNIX-CONNECT:%s", c->path);
		break;
	case CHR_TCP:
		strv_pushf(argv, "TCP4:127.0.0.1:%d,nodelay", c->port);
		break;
	case CHR_UDP:
		strv_pushf(argv, "UDP4:127.0.0.1:%d,bind=127.0.0.1:%d,reuseaddr", c->qemu_port,
			   c->port);
		break;
	case CHR_PTY:
		strv_pushf(argv, "OPEN:%s,rawer", c->path);
		break;
	default: /* a pair of FIFOs */
		strv_pushf(argv, "%s%s%s%s%s%s%s", reads ? "OPEN:" : "", reads ? c->path : "",
			   reads ? ".out,rdonly" : "", reads && writes ? "!!" : "",
			   writes ? "OPEN:" : "", writes ? c->path : "",
			   writes ? ".in,wronly" : "");
		break;
	}
}

/* Let somebody else have our port of a udp backend beside us: who is connected gets what comes. */
static void share_port(const struct chr *c)
{
	static const int on = 1;

	if (c->kind == CHR_UDP &&
	    setsockopt(c->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		die_errno("unable to share a udp port");
}

static void start_socat(struct proc *socat, const struct strv *argv)
{
	struct proc_spec spec = PROC_SPEC(argv);
	int error;

	spec.err = "socat.err";
	error = proc_start(socat, &spec);
	if (error)
		die("unable to start socat: %s", strerror(error));
}

/* A byte there and back before the clock runs, for whatever is to come up. */
static void write_trips(unsigned int n)
{
	char *text = xasprintf("echo; read x; a=$(date +%%s%%N); i=0\n"
			       "while [ $i -lt %u ]; do echo; read x; i=$((i + 1)); done\n"
			       "echo $(($(date +%%s%%N) - a)) >" TIMES "\n",
			       n);

	file_write("trips.sh", text, strlen(text));
	free(text);
}

static double read_trips(void)
{
	struct buf text = BUF_INIT;
	unsigned long long ns = 0;

	if (!buf_read_file(&text, TIMES) || sscanf(text.data, "%llu", &ns) != 1)
		die("the round trips by hand did not come to an end; see socat.err");
	buf_release(&text);
	return (double)ns / 1e9;
}

double hand_trips(struct line *l, unsigned int n)
{
	struct strv argv = {NULL, 0};
	struct guest_cmd cat;
	struct proc socat;

	write_trips(n);
	file_write(TIMES, "", 0);
	/* A terminal is opened first, or it is cooked; a port last, or it is at its end. */
	if (l->tty)
		line_start(l, &cat, ECHO);
	share_port(l->c);
	strv_pushl(&argv, "socat", "EXEC:sh trips.sh", NULL);
	add_address(l->c, true, true, &argv);
	start_socat(&socat, &argv);
	if (!l->tty) {
		await_host(l);
		line_start(l, &cat, ECHO);
	}
	if (!proc_wait(&socat, deadline_in(BENCH_MS)))
		die("the round trips by hand over %s take too long", l->c->id);
	proc_release(&socat);
	strv_release(&argv);
	if (guest_run(&l->rig->vm.guest, NULL, deadline_in(BENCH_MS), "kill -9 $(cat " PID ")") < 0)
		die("ssh to the guest: %s", l->rig->vm.guest.error.data);
	if (!guest_wait(&cat, deadline_in(BENCH_MS)))
		die("cat in the guest does not end when it is killed: %s",
		    l->rig->vm.guest.error.data);
	guest_cmd_release(&cat);
	return read_trips();
}

double hand_to_guest(struct line *l, uint64_t bytes)
{
	char *command = xasprintf("read go && dd bs=%d count=%llu iflag=fullblock <&3 >/dev/null",
				  BLOCK, (unsigned long long)bytes / BLOCK);
	struct strv argv = {NULL, 0};
	struct guest_cmd dd;
	struct proc socat;
	int64_t began;

	strv_pushl(&argv, "socat", "-u", NULL);
	/* Until it is ended: what QEMU has not read of a unix socket that was closed is lost. */
	strv_pushf(&argv, "OPEN:/dev/zero,readbytes=%llu,ignoreeof", (unsigned long long)bytes);
	add_address(l->c, false, true, &argv);
	if (!l->tty) {
		start_socat(&socat, &argv);
		await_host(l);
	}
	line_start(l, &dd, command);
	began = now_ns();
	line_say(&dd, "go\n");
	if (l->tty)
		start_socat(&socat, &argv);
	line_finish(&dd);
	proc_release(&socat);
	strv_release(&argv);
	free(command);
	return (double)(now_ns() - began) / 1e9;
}

double hand_to_host(struct line *l, uint64_t bytes)
{
	char *command = xasprintf("read go && dd bs=%d count=%llu </dev/zero >&3", BLOCK,
				  (unsigned long long)bytes / BLOCK);
	struct strv argv = {NULL, 0};
	struct guest_cmd dd;
	struct proc socat;
	int64_t began;

	strv_pushl(&argv, "socat", "-u", NULL);
	add_address(l->c, true, false, &argv);
	strv_push(&argv, "OPEN:/dev/null");
	start_socat(&socat, &argv);
	await_host(l);
	line_start(l, &dd, command);
	began = now_ns();
	line_say(&dd, "go\n");
	line_finish(&dd);
	proc_release(&socat);
	strv_release(&argv);
	free(command);
	return (double)(now_ns() - began) / 1e9;
}
