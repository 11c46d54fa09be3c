// SPDX-License-Identifier: GPL-2.0-or-later
/* move_repro.c - a guest moves, as shell lines */
#include <string.h>

#include "cases/streams/move.h"

/* In the words of trial_did_hosts(). "stem" is that of the files of the QEMU that is meant. */
static const char functions[] =
	"qmp() { # one QMP command, which has to work; its answer on stdout\n"
	"	printf '{\"execute\": \"qmp_capabilities\"}\\n%s\\n' \"$1\" |\n"
	"		socat -t 60 - UNIX-CONNECT:${stem}qmp.sock >${stem}answer\n"
	"	sed 1,2d ${stem}answer # but for the greetings\n"
	"	! grep -q '\"error\": {' ${stem}answer\n"
	"}\n"
	"incoming() { # URI\n"
	"	stem=$to\n"
	"	qmp \"{\\\"execute\\\": \\\"migrate-incoming\\\", \\\"arguments\\\": {\\\"uri\\\": \\\"$1\\\"}}\"\n"
	"}\n"
	"outgoing() { # URI\n"
	"	stem=$from\n"
	"	qmp \"{\\\"execute\\\": \\\"migrate\\\", \\\"arguments\\\": {\\\"uri\\\": \\\"$1\\\"}}\"\n"
	"}\n"
	"to_cat() { : >writing; outgoing 'exec:cat >state; rm writing'; }\n"
	"has_left() {\n"
	"	qmp '{\"execute\": \"query-migrate\"}' >told\n"
	"	! grep -q '\"status\": \"failed\"' told || { cat told; exit 1; }\n"
	"	grep -q '\"status\": \"completed\"' told\n"
	"}\n"
	"leave() { # STEM: the guest's state goes to the QEMU with those files, and the guest stands still\n"
	"	from=$stem to=$1\n"
	"	echo \"the guest moves by $way, $moves\"\n"
	"	[ $moves = live ] || qmp '{\"execute\": \"stop\"}'\n"
	"	case $way in\n"
	"	unix)\n"
	"		incoming unix:migration.sock\n"
	"		outgoing unix:migration.sock ;;\n"
	"	tcp)\n"
	"		incoming tcp:127.0.0.1:0\n"
	"		number=$(qmp '{\"execute\": \"query-migrate\"}' | sed -n 's/.*\"port\": \"\\([0-9]*\\)\".*/\\1/p')\n"
	"		outgoing tcp:127.0.0.1:$number ;;\n"
	"	socat)\n"
	"		incoming 'exec:socat -u UNIX-LISTEN:migration.sock,unlink-early STDOUT'\n"
	"		outgoing 'exec:socat -u STDIN UNIX-CONNECT:migration.sock,retry=1000,interval=0.01' ;;\n"
	"	file) outgoing file:state || to_cat ;; # before QEMU 8.2\n"
	"	*) to_cat ;;\n"
	"	esac\n"
	"	await 'the guest does not leave' has_left\n"
	"	await 'the state is not written' test ! -f writing\n"
	"}\n"
	"has_arrived() {\n"
	"	qmp '{\"execute\": \"query-status\"}' >told\n"
	"	grep -q -e '\"status\": \"running\"' -e '\"status\": \"paused\"' told\n"
	"}\n"
	"reach() { # over ssh, the guest where it is by now\n"
	"	port=$(qmp '{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"info usernet\"}}' |\n"
	"		sed -n 's/.*HOST_FORWARD][^.]*127.0.0.1 *\\([0-9]*\\).*/\\1/p')\n"
	"	guest true </dev/null\n"
	"	echo \"the guest can be reached: ssh port $port\"\n"
	"}\n"
	"arrive() { # it goes on where it went to, and the QEMU where it was ends\n"
	"	stem=$to\n"
	"	case $way in\n"
	"	file) incoming file:state || incoming fd:0 ;; # before QEMU 8.2; its stdin\n"
	"	exec) incoming 'exec:cat state' ;;\n"
	"	slow) incoming 'exec:sh slow' ;;\n"
	"	esac\n"
	"	await 'the guest does not arrive' has_arrived\n"
	"	stem=$from; qmp '{\"execute\": \"quit\"}'; wait $qemu\n"
	"	stem=$to qemu=$next\n"
	"	[ $moves = live ] || { grep '\"status\": \"paused\"' told; qmp '{\"execute\": \"cont\"}'; }\n"
	"	reach\n"
	"}\n"
	"cat >slow <<'END'\n"
	"# The state; its last 2 MB, where the devices are, in pieces: who reads it has to wait.\n"
	"all=$(wc -c <state)\n"
	"at=$((all - 2097152))\n"
	"head -c $at state\n"
	"while [ $at -lt $all ]; do\n"
	"	tail -c +$((at + 1)) state | head -c 8192\n"
	"	at=$((at + 8192))\n"
	"	sleep 0.02\n"
	"done\n"
	"END";

void move_did_begin(struct trial *t)
{
	const char *way = trial_axis(t, "way"), *moves = trial_axis(t, "moves");

	trial_did_hosts(t);
	if (way && strcmp(way, "fd") == 0) {
		trial_did(t, "# The trial moves over two descriptors that QMP hands over, which no "
			     "shell can: here it is a unix socket.");
		way = "unix";
	}
	trial_did(t, "stem= way=%s moves=%s", way ? way : "file", moves ? moves : "live");
	trial_did(t, "%s", functions);
}

void move_did_plug(struct trial *t, const char *device)
{
	struct buf args = BUF_INIT;

	plan_device_json(&args, device);
	trial_did_qmp(t, "device_add", args.data);
	buf_release(&args);
}

void move_did_guest(struct trial *t, const char *line)
{
	struct buf quoted = BUF_INIT;

	text_quote_sh(&quoted, line);
	trial_did(t, "guest %s </dev/null", quoted.data);
	buf_release(&quoted);
}
