// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * scene_repro.c - a scene as shell lines: the same program in the guest, the hosts by socat, QEMU
 * after QEMU
 *
 * What is heard is counted for each port, whatever its backends are called, in files: "0.heard" ..
 */
#include <stdlib.h>

#include "cases/streams/move.h"
#include "cases/streams/scene.h"

static const char functions[] =
	"connect() { # ID\n"
	"	exec socat $notes -b 4096 -t 60 STDIO %s\n"
	"}\n"
	"n=0\n"
	"calls() { # LINES for the program, which makes the calls and judges what they give\n"
	"	echo \"$1\"\n"
	"	guest \"echo '$1\n"
	"mark' >%s\n"
	"	until grep -q -e '^# mark-$n ' -e '^not ok' -e '^Bail out' %s; do usleep 9000; done\n"
	"	grep -e '^# mark-$n ' -e '^not ok' -e '^Bail out' %s\" </dev/null >mark\n"
	"	if grep -e '^not ok' -e '^Bail out' mark; then exit 1; fi\n"
	"	n=$((n + 1))\n"
	"}\n"
	"written() { cut -d' ' -f$((3 + 2 * $1)) mark; } # PORT: by the program, by now\n"
	"is_gone() { if qmp '{\"execute\": \"qom-list\", \"arguments\": {\"path\": \"/machine/peripheral\"}}' |\n"
	"	grep -q \"\\\"$1\\\"\"; then return 1; fi; }\n"
	"remove() { # ID\n"
	"	qmp \"{\\\"execute\\\": \\\"device_del\\\", \\\"arguments\\\": {\\\"id\\\": \\\"$1\\\"}}\"\n"
	"	await \"$1 does not go\" is_gone $1\n"
	"}\n"
	"refused() { # STEM: the QEMU with those files does not take the guest, and says why\n"
	"	from=$stem to=$1\n"
	"	incoming unix:migration.sock\n"
	"	outgoing unix:migration.sock\n"
	"	if wait $next; then echo 'the guest is taken'; exit 1; fi\n"
	"	grep /virtio-console $1qemu.err\n"
	"	stem=$from; qmp '{\"execute\": \"cont\"}'\n"
	"}\n"
	"is_whole() { # the controller where the guest is\n"
	"	if grep 'Virtqueue size exceeded' ${stem}qemu.err; then exit 1; fi\n"
	"}\n"
	"finish() { # the program, and QEMU\n"
	"	guest \"echo end >%s\n"
	"	until grep -q '^1\\.\\.' %s; do usleep 9000; done; ! grep '^not ok' %s\" </dev/null\n"
	"	qmp '{\"execute\": \"quit\"}'; wait $qemu\n"
	"}\n"
	"nothing() { take $1; [ ! -s came ]; } # ID: no byte more";

/* In the words of trial_did_hosts(), and of move_did_begin(). */
static const char snapshots[] =
	"is_concluded() { qmp '{\"execute\": \"query-jobs\"}' >told; grep -q concluded told; }\n"
	"job() { # COMMAND ARGS: it has a job that is called like it, and that has to end well\n"
	"	qmp \"{\\\"execute\\\": \\\"$1\\\", \\\"arguments\\\": {\\\"job-id\\\": \\\"$1\\\", $2}}\"\n"
	"	await \"$1 does not end\" is_concluded\n"
	"	if grep '\"error\"' told; then exit 1; fi\n"
	"	qmp \"{\\\"execute\\\": \\\"job-dismiss\\\", \\\"arguments\\\": {\\\"id\\\": \\\"$1\\\"}}\"\n"
	"}\n"
	"hmp() { # LINE: it says nothing when all is well\n"
	"	qmp \"{\\\"execute\\\": \\\"human-monitor-command\\\", \\\"arguments\\\": {\\\"command-line\\\": \\\"$1\\\"}}\"\n"
	"	grep -q '\"return\": \"\"' ${stem}answer\n"
	"}\n"
	"in_socket() { # ID SEED COUNT: what QEMU has sent by now, and nothing that it sends later\n"
	"	kill -STOP $qemu\n"
	"	take $1\n"
	"	kill -CONT $qemu\n"
	"	are $2 $3\n"
	"}\n"
	"remember() { # how far all streams are\n"
	"	mkdir point\n"
	"	for f in ./*.heard mark; do [ ! -f $f ] || cp $f point; done\n"
	"	echo $n >point/n\n"
	"}\n"
	"go_back() { # to there\n"
	"	rm -f ./*.heard\n"
	"	cp point/* .\n"
	"	n=$(cat n)\n"
	"	reach\n"
	"}";

void scene_did_begin(struct scene *s, const char *words, const char *commands)
{
	move_did_begin(s->t);
	trial_did(s->t, functions,
		  s->kind == CHR_PIPE ? "\"OPEN:$1.out,rdonly!!OPEN:$1.in,wronly\""
				      : "UNIX-CONNECT:$1.sock,shut-none",
		  commands, words, words, commands, words, words);
}

void scene_did_chardev(struct scene *s, const char *id)
{
	bool pipe = s->kind == CHR_PIPE;
	char *args = pipe ? xasprintf("pipe,id=%s,path=%s", id, id)
			  : xasprintf("socket,id=%s,path=%s.sock,server=on,wait=off", id, id);
	char *line = xasprintf("{\"command-line\": \"chardev-add %s\"}", args);

	if (pipe)
		trial_did(s->t, "mkfifo %s.in %s.out", id, id);
	trial_did_qmp(s->t, "human-monitor-command", line);
	free(line);
	free(args);
}

void scene_did_calls(struct scene *s, const char *lines)
{
	struct buf quoted = BUF_INIT;

	text_quote_sh(&quoted, lines);
	trial_did(s->t, "calls %s", quoted.data);
	buf_release(&quoted);
}

void scene_did_snapshots(struct scene *s)
{
	trial_did(s->t, "%s", snapshots);
}
