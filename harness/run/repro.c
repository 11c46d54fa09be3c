// SPDX-License-Identifier: GPL-2.0-or-later
/* repro.c - a trial as a shell script */
#include "harness/run/repro_parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"
#include "harness/run/session.h"
#include "harness/run/wire.h"

/* Ports of the host ends in the script; a trial takes free ones from the kernel instead. */
#define PORT_FIRST 23450

static const char preamble[] =
	"qmp() { # one QMP command; its answer on stdout\n"
	"	printf '{\"execute\": \"qmp_capabilities\"}\\n%s\\n' \"$1\" |\n"
	"		socat -t 60 - UNIX-CONNECT:${stem:-}qmp.sock # QEMU answers and hangs up\n"
	"}\n"
	"guest() { # a command in the guest\n"
	"	ssh -q -i \"$IMAGE/id_ed25519\" -p \"$port\" -o StrictHostKeyChecking=no \\\n"
	"		-o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 root@127.0.0.1 \"$@\"\n"
	"}\n"
	"payload() { # SEED BYTES: the stream of the trial, made by the guest's helper\n"
	"	guest chardev-helper payload --seed \"$1\" --bytes \"$2\" </dev/null\n"
	"}\n"
	"pace() { # stdin to stdout at less than 2 MiB a second, for datagrams\n"
	"	while head -c 65536 >chunk && [ -s chunk ]; do\n"
	"		cat chunk\n"
	"		sleep 0.04\n"
	"	done\n"
	"}\n";

static const char await_guest[] =
	"until grep -q \"$READY\" console.log 2>/dev/null; do\n"
	"	kill -0 $qemu || { cat qemu.err; exit 1; }\n"
	"	sleep 0.2\n"
	"done\n"
	"port=$(qmp '{\"execute\": \"human-monitor-command\", \"arguments\":"
	" {\"command-line\": \"info usernet\"}}' |\n"
	"	sed -n 's/.*HOST_FORWARD][^.]*127.0.0.1 *\\([0-9]*\\).*/\\1/p')\n"
	"echo \"the guest is up: ssh port $port\"\n";

/* Where the script joins the host end of @c, as a socat address. */
static void socat_address(const struct plan_chr *c, int number, struct buf *b)
{
	int port = PORT_FIRST + 2 * number;

	switch (c->kind) {
	case CHR_UNIX:
		buf_addf(b, "%s:%s.sock",
			 c->role == CHR_QEMU_CONNECTS ? "UNIX-LISTEN" : "UNIX-CONNECT", c->id);
		break;
	case CHR_TCP:
		if (c->role == CHR_QEMU_CONNECTS)
			buf_addf(b, "TCP-LISTEN:%d,bind=127.0.0.1,reuseaddr", port);
		else
			buf_addf(b, "TCP:127.0.0.1:%d", port);
		break;
	case CHR_UDP:
		if (c->udp_form == CHR_UDP_IPV6)
			buf_addf(b, "UDP6:[::1]:%d,bind=[::1]:%d", port + 1, port);
		else if (c->udp_form == CHR_UDP_REMOTE || c->udp_form == CHR_UDP_LOCALADDR)
			buf_addf(b, "UDP4-LISTEN:%d,bind=127.0.0.1", port);
		else
			buf_addf(b, "UDP4:127.0.0.1:%d,bind=127.0.0.1:%d", port + 1, port);
		break;
	case CHR_PTY:
		buf_addf(b, "\"$%s_pty\",raw,echo=0", c->id);
		break;
	case CHR_PIPE:
		buf_addf(b, "'OPEN:%s.out,rdonly!!OPEN:%s.in,wronly'", c->id, c->id);
		break;
	case CHR_SERIAL:
		buf_addf(b, "%s.master,raw,echo=0", c->id);
		break;
	case CHR_FILE: /* no socat: see add_connect() */
		break;
	}
}

/* Where QEMU connects, or waits to be connected to, somebody has to be there before the bytes are:
 * a socat that holds the connection and passes it on. */
static bool needs_relay(const struct plan_chr *c)
{
	return c->role != CHR_QEMU_LISTENS;
}

/* The same backend as the trial's, on the script's ports. */
static void chardev_text(const struct plan_chr *c, int number, struct buf *b)
{
	const char *server = c->role == CHR_QEMU_CONNECTS ? "server=off"
			     : c->role == CHR_QEMU_WAITS  ? "server=on,wait=on"
							  : "server=on,wait=off";
	int port = PORT_FIRST + 2 * number;

	switch (c->kind) {
	case CHR_UNIX:
		buf_addf(b, "socket,id=%s,path=%s.sock,%s", c->id, c->id, server);
		break;
	case CHR_TCP:
		buf_addf(b, "socket,id=%s,host=127.0.0.1,port=%d,%s", c->id, port, server);
		break;
	case CHR_UDP:
		buf_addf(b, "udp,id=%s", c->id);
		chr_udp_options(c->udp_form, port, port + 1, b);
		break;
	case CHR_PTY:
		buf_addf(b, "pty,id=%s", c->id);
		break;
	case CHR_PIPE:
		buf_addf(b, "pipe,id=%s,path=%s", c->id, c->id);
		break;
	case CHR_SERIAL:
		buf_addf(b, "serial,id=%s,path=%s.tty", c->id, c->id);
		break;
	case CHR_FILE:
		buf_addf(b, "file,id=%s,path=%s.out%s%s", c->id, c->id,
			 c->file_input ? ",input-path=" : "", c->file_input ? c->id : "");
		if (c->file_input)
			buf_addstr(b, ".in");
		break;
	}
	if (c->options)
		buf_addf(b, ",%s", c->options);
}

/* The words of a command line, one option a line; files of the image by "$IMAGE", if there is one,
 * so that the script works with somebody else's. */
static void add_words(struct buf *b, const struct strv *argv, const struct image *image)
{
	size_t len = image ? strlen(image->dir) : 0;

	for (size_t i = 1; i < argv->n; i++) {
		const char *word = argv->v[i];

		buf_addstr(b, word[0] == '-' ? " \\\n\t" : " ");
		if (len && strncmp(word, image->dir, len) == 0 && word[len] == '/') {
			buf_addstr(b, "\"$IMAGE\"");
			word += len;
		}
		text_quote_sh(b, word);
	}
}

/* A trial listens for QEMU; by hand it is the other way round. */
static void listen_on_sockets(struct strv *argv, const char *stem)
{
	char *qmp = xasprintf("unix:%sqmp.sock", stem ? stem : "");

	for (size_t i = 0; i < argv->n; i++)
		if (strcmp(argv->v[i], qmp) == 0 || strcmp(argv->v[i], "unix:qtest.sock") == 0) {
			char *listens = xasprintf("%s,server=on,wait=off", argv->v[i]);

			free(argv->v[i]);
			argv->v[i] = listens;
		}
	free(qmp);
}

/* The command line as the trial has it, but for the ports and for who listens on the monitor;
 * @named: the image whose files are written as "$IMAGE"/.. */
static void add_argv(struct buf *b, const struct vm_config *config, const struct plan *plan,
		     const struct image *named)
{
	struct strv argv = {NULL, 0};

	vm_argv(config, &argv);
	for (size_t i = 0; i < plan->n_chrs; i++) {
		struct buf text = BUF_INIT;

		if (!plan_is_early(plan, i))
			continue;
		chardev_text(&plan->chrs[i], (int)i, &text);
		strv_pushl(&argv, "-chardev", text.data, NULL);
		buf_release(&text);
	}
	strv_append(&argv, &plan->args);
	for (size_t i = 0; plan->cold && i < plan->devices.n; i++)
		strv_pushl(&argv, "-device", plan->devices.v[i], NULL);
	listen_on_sockets(&argv, config->stem);
	add_words(b, &argv, named);
	strv_release(&argv);
}

/* A name may hold what a shell reads otherwise. */
void repro_qmp(struct buf *b, const char *command, const char *args)
{
	char *json = xasprintf("{\"execute\": \"%s\"%s%s}", command,
			       args ? ", \"arguments\": " : "", args ? args : "");

	buf_addstr(b, "qmp ");
	text_quote_sh(b, json);
	free(json);
}

static void add_qmp(struct buf *b, const char *command, const char *args)
{
	repro_qmp(b, command, args);
	buf_addstr(b, "\n");
}

/* HMP's chardev-add takes the command line's words, so the script need not speak JSON twice. But
 * for a file's input, which the command line has from 8.1 on only. */
static void add_chardev_add(struct buf *b, const struct plan_chr *c, int number)
{
	struct buf args = BUF_INIT;

	if (c->file_input) {
		buf_addf(&args,
			 "{\"id\": \"%s\", \"backend\": {\"type\": \"file\", \"data\": "
			 "{\"out\": \"%s.out\", \"in\": \"%s.in\"}}}",
			 c->id, c->id, c->id);
		add_qmp(b, "chardev-add", args.data);
	} else {
		buf_addstr(&args, "{\"command-line\": \"chardev-add ");
		chardev_text(c, number, &args);
		buf_addstr(&args, "\"}");
		add_qmp(b, "human-monitor-command", args.data);
	}
	buf_release(&args);
}

static void add_plugging(struct buf *b, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_chrs; i++)
		if (!plan_is_early(plan, i))
			add_chardev_add(b, &plan->chrs[i], (int)i);
	for (size_t i = 0; i < plan->devices.n; i++) {
		struct buf args = BUF_INIT;

		plan_device_json(&args, plan->devices.v[i]);
		add_qmp(b, "device_add", args.data);
		buf_release(&args);
	}
}

static void add_preparation(struct buf *b, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_chrs; i++) {
		const struct plan_chr *c = &plan->chrs[i];

		if (c->kind == CHR_PIPE)
			buf_addf(b, "mkfifo %s.in %s.out\n", c->id, c->id);
		if (c->file_input)
			buf_addf(b, "mkfifo %s.in; exec 9<>%s.in # keeps it open\n", c->id, c->id);
		if (c->kind == CHR_SERIAL)
			buf_addf(
				b,
				"socat pty,raw,echo=0,link=%s.tty pty,raw,echo=0,link=%s.master &\n"
				"sleep 1 # both are there by then\n",
				c->id, c->id);
		if (!needs_relay(c))
			continue;
		buf_addf(b, "# %s has its host end from the start\nsocat ", c->id);
		socat_address(c, (int)i, b);
		buf_addf(b, "%s UNIX-LISTEN:%s.host.sock &\n",
			 c->role == CHR_QEMU_WAITS ? ",retry=300,interval=0.1" : "", c->id);
		if (c->role == CHR_QEMU_CONNECTS)
			buf_addstr(b, "sleep 1 # it listens by then\n");
	}
}

static void add_connect(struct buf *b, const struct plan *plan)
{
	buf_addstr(b,
		   "connect() { # ID: our end of that chardev; bytes in on stdin, out on stdout\n"
		   "\tcase $1 in\n");
	for (size_t i = 0; i < plan->n_chrs; i++) {
		const struct plan_chr *c = &plan->chrs[i];

		buf_addf(b, "\t%s)\n\t\t", c->id);
		if (c->kind == CHR_PTY)
			buf_addf(
				b,
				"%s_pty=$(qmp '{\"execute\": \"query-chardev\"}' | tr '{' '\\n' |\n"
				"\t\t\tsed -n '/\"%s\"/s/.*pty:\\([^\"]*\\).*/\\1/p')\n\t\t",
				c->id, c->id);
		if (c->kind == CHR_FILE) {
			if (c->file_input) /* a shell takes a background job's stdin away */
				buf_addf(b, "{ cat <&3 >%s.in & } 3<&0; ", c->id);
			buf_addf(b, "exec tail -c +1 -f %s.out ;;\n", c->id);
			continue;
		}
		/* To QEMU a half-closed socket is a closed one: stdin's end must not shut it. What
		 * fits into a pipe at once does not hold up the other direction. */
		buf_addf(b, "exec socat ${notes:-} -b %d -t 60 STDIO ",
			 c->kind == CHR_UDP ? CHR_DATAGRAM : PIPE_BUF);
		if (needs_relay(c))
			buf_addf(b, "UNIX-CONNECT:%s.host.sock,retry=50,interval=0.1,shut-none",
				 c->id);
		else
			socat_address(c, (int)i, b);
		if (!needs_relay(c) && (c->kind == CHR_UNIX || c->kind == CHR_TCP))
			buf_addstr(b, ",shut-none");
		buf_addstr(b, " ;;\n");
	}
	buf_addstr(b, "\tesac\n}\n");
}

/* The trial's QEMU, up, with everything in it; but a case may only see QEMU refuse to start. */
static void add_machine(const struct trial *t, struct buf *b)
{
	bool guest = t->spec->variant.c->needs & NEEDS_GUEST;
	struct vm_config config = session_config(t->session, &t->plan, guest);

	add_connect(b, &t->plan);
	add_preparation(b, &t->plan);
	if (t->plan.driven)
		repro_rom(b);
	buf_addstr(b, "\n\"$QEMU\"");
	add_argv(b, &config, &t->plan, config.image);
	buf_addstr(
		b,
		" 2>qemu.err &\nqemu=$!\ntrap 'jobs -p >jobs; kill $qemu $(cat jobs) 2>/dev/null || :' EXIT\ntrap 'exit 1' INT TERM\n");
	if (guest)
		buf_addstr(b, await_guest);
	if (!t->plan.cold)
		add_plugging(b, &t->plan);
	if (t->plan.driven)
		repro_driven(b, t);
}

void repro_script(const struct trial *t, struct buf *b)
{
	const struct session *s = t->session;
	const struct check_case *c = t->spec->variant.c;
	const struct image *image = session_image(s, &t->plan);

	buf_addf(b, "#!/bin/sh\n# %s\n# %s\n# Seen with QEMU %s, accelerator %s.\n", t->spec->id,
		 c->title, s->caps->version, s->accel ? s->accel : "none");
	buf_addstr(
		b,
		"# Needs QEMU, a shell, socat and ssh; works in a fresh folder; Ctrl-C ends it.\n"
		"set -eu\nQEMU=${QEMU:-");
	text_quote_sh(b, s->caps->path);
	buf_addstr(b, "}\n");
	if (image) {
		buf_addstr(b, "IMAGE=${IMAGE:-");
		text_quote_sh(b, image->dir);
		buf_addstr(b, "}\nREADY=");
		text_quote_sh(b, image->ready);
		buf_addstr(b, "\n");
	}
	if (c->needs & NEEDS_GUEST && t->plan.n_pass)
		repro_sockets(b, &t->plan);
	else
		buf_addstr(b, "dir=$(mktemp -d); cd \"$dir\"; echo \"working in $dir\"\n");
	buf_addstr(b, preamble);
	if (t->plan.cold || t->plan.n_chrs || t->plan.devices.n || !t->did.len ||
	    c->needs & NEEDS_GUEST)
		add_machine(t, b);
	if (t->did.len)
		buf_addf(b, "\n# What the trial did:\n%s", t->did.data);
	if (t->plan.driven)
		buf_addstr(b, "tail -c 400 ./*.heard 2>/dev/null || :\n");
	if (c->repro) {
		buf_addstr(b, "\n");
		c->repro(&t->spec->variant, b);
	}
}

void trial_did_qmp(struct trial *t, const char *command, const char *args)
{
	struct buf line = BUF_INIT;

	repro_qmp(&line, command, args);
	trial_did(t, "%s", line.data);
	buf_release(&line);
}

void trial_did_successor(struct trial *t, const struct rig *rig)
{
	const struct vm_config *config = &rig->vm.config;
	bool other = config->caps != t->session->caps;
	int nr = other ? (int)(config->caps - t->session->to) + 1 : 0;
	struct buf b = BUF_INIT;

	add_preparation(&b, rig->plan);
	if (other) {
		buf_addf(&b, "QEMU_%d=${QEMU_%d:-", nr, nr);
		text_quote_sh(&b, config->caps->path);
		buf_addstr(&b, "}\n");
	}
	buf_addstr(&b, ": >state; \"$QEMU");
	if (other)
		buf_addf(&b, "_%d", nr);
	buf_addstr(&b, "\"");
	add_argv(&b, config, rig->plan, config->image);
	buf_addf(&b, " <state 2>%sqemu.err &\nnext=$!\nawait 'the next QEMU' test -S %sqmp.sock",
		 config->stem, config->stem);
	trial_did(t, "%s", b.data);
	buf_release(&b);
}

void repro_refusal(struct trial *t, const struct strv *args, const char *message)
{
	struct vm_config config = session_config(t->session, &t->plan, false);
	struct strv argv = {NULL, 0};
	struct buf line = BUF_INIT;

	vm_argv(&config, &argv);
	strv_append(&argv, args);
	listen_on_sockets(&argv, config.stem);
	buf_addstr(&line, "timeout 5 \"$QEMU\"");
	add_words(&line, &argv, NULL);
	buf_addstr(&line, " </dev/null || echo \"exit status $?\" # is to end at once");
	if (message) {
		buf_addstr(&line, ", saying: ");
		text_printable(&line, message, strlen(message), SIZE_MAX);
	}
	trial_did(t, "%s", line.data);
	buf_release(&line);
	strv_release(&argv);
}

void repro_show(const struct session *s, const struct trial_spec *spec, struct buf *b)
{
	struct vm_config config;
	struct plan plan = {0};

	case_plan(&spec->variant, &plan);
	text_quote_sh(b, s->caps->path);
	config = session_config(s, &plan, spec->variant.c->needs & NEEDS_GUEST);
	add_argv(b, &config, &plan, NULL);
	buf_addstr(b, "\n");
	if (!plan.cold && (plan.n_chrs || plan.devices.n)) {
		buf_addstr(b, "\nplugged into the running guest:\n");
		for (size_t i = 0; i < plan.n_chrs; i++) {
			buf_addstr(b, "  chardev-add ");
			chardev_text(&plan.chrs[i], (int)i, b);
			buf_addstr(b, "\n");
		}
		for (size_t i = 0; i < plan.devices.n; i++)
			buf_addf(b, "  device_add %s\n", plan.devices.v[i]);
	}
	plan_release(&plan);
}
