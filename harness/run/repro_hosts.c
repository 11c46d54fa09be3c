// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * repro_hosts.c - hosts that read and write when they are told to, for scripts of cases that say
 * what they did line by line
 *
 * A host's bytes go through two FIFOs. That from QEMU is full of zeros until the host is to hear
 * something, so that it reads nothing; from then on it reads as far ahead as a FIFO holds, 64 KiB.
 * How far a stream is stands in a file, for it may go on over another connection.
 */
#include "harness/run/repro_parts.h"

static const char functions[] =
	"count() { cat \"$1\" 2>/dev/null || echo 0; }\n"
	"add() { echo $(($(count \"$1\") + $2)) >now; mv now \"$1\"; } # FILE N\n"
	"await() { # WHAT COMMAND..: until it works\n"
	"	what=$1 left=300; shift\n"
	"	until \"$@\"; do\n"
	"		left=$((left - 1))\n"
	"		[ $left -gt 0 ] || { echo \"in vain: $what\"; exit 1; }\n"
	"		sleep 0.2\n"
	"	done\n"
	"}\n"
	"end='what the trial did after that, or where it failed, is not in here'\n"
	"undone=\n"
	"verdict() { # and nothing is left running\n"
	"	status=$?\n"
	"	trap - EXIT\n"
	"	echo $status >status\n"
	"	if [ $status = 0 ]; then\n"
	"		echo \"ALL AS IT SHOULD BE$undone: $end\"\n"
	"	else\n"
	"		cat ./*qemu.err | tail -n 3\n"
	"		echo \"NOT AS IT SHOULD BE$undone: what stands above is the last that was done\"\n"
	"	fi\n"
	"	jobs -p >jobs\n"
	"	kill -KILL $qemu $(cat jobs) 2>/dev/null || :\n"
	"	exit $status\n"
	"}\n"
	"trap verdict EXIT\n"
	"plug() { # ID: it reads nothing more\n"
	"	until LC_ALL=C dd if=/dev/zero of=$1.hear bs=4096 count=16 oflag=nonblock 2>$1.plug ||\n"
	"		grep -q 'temporarily unavailable' $1.plug; do sleep 0.1; done\n"
	"}\n"
	"unplug() {\n"
	"	[ -f $1.plug ] || return 0\n"
	"	head -c $(($(sed -n 's/+.* records out//p' $1.plug) * 4096)) $1.hear >/dev/null\n"
	"	rm $1.plug\n"
	"}\n"
	"notes='-d -d' # so that it tells when it is connected\n"
	"come() { # ID: our end of that chardev; it reads nothing until it is to hear something\n"
	"	if [ ! -p $1.say ]; then\n"
	"		mkfifo $1.say $1.hear\n"
	"		sleep 9999 <>$1.say & # keeps them open\n"
	"		sleep 9999 <>$1.hear &\n"
	"	fi\n"
	"	plug $1\n"
	"	connect $1 <$1.say >$1.hear 2>$1.log &\n"
	"	echo $! >$1.pid\n"
	"	await 'nobody is there for the host' grep -q 'starting data transfer loop' $1.log\n"
	"	echo \"$1 comes\"\n"
	"}\n"
	"go() { # ID: it leaves, and what it had is gone\n"
	"	kill \"$(cat $1.pid)\"\n"
	"	for f in $1.say $1.hear; do timeout 1 cat $f >/dev/null || :; done\n"
	"	rm -f $1.plug\n"
	"	echo \"$1 leaves\"\n"
	"}\n"
	"say() { # ID SEED FROM N: so many bytes of that stream\n"
	"	payload $2 $(($3 + $4)) | tail -c $4 >$1.saying\n"
	"	cat $1.saying >$1.say\n"
	"	echo \"$1 says $4 bytes\"\n"
	"}\n"
	"are() { # SEED COUNT: the file \"came\" has the next bytes of that stream\n"
	"	some=$(wc -c <came)\n"
	"	payload $1 $(($(count $2) + some)) | tail -c $some | cmp - came\n"
	"	add $2 $some\n"
	"}\n"
	"hear() { # ID SEED COUNT N: the next bytes of that stream come\n"
	"	unplug $1\n"
	"	echo \"$1 is to hear $4 bytes\"\n"
	"	timeout 60 head -c $4 <$1.hear >came || :\n"
	"	[ \"$(wc -c <came)\" = $4 ] || { echo \"but it hears $(wc -c <came)\"; exit 1; }\n"
	"	are $2 $3\n"
	"}\n"
	"take() { # ID: all that comes now is in the file \"came\"\n"
	"	unplug $1\n"
	"	cat $1.hear >came &\n"
	"	reader=$! size=-1\n"
	"	while sleep 2; [ $size != \"$(wc -c <came)\" ]; do size=$(wc -c <came); done\n"
	"	kill $reader\n"
	"	echo \"$1 hears $size bytes\"\n"
	"}\n"
	"hear_some() { take $1; are $2 $3; } # ID SEED COUNT: what comes are the next bytes of that stream\n"
	"hear_last() { # ID SEED COUNT ALL N: a start of what was not heard yet comes, and the last N of ALL\n"
	"	take $1\n"
	"	some=$(($(wc -c <came) - $5))\n"
	"	payload $2 $4 >all\n"
	"	{ tail -c +$(($(count $3) + 1)) all | head -c $some; tail -c $5 all; } | cmp - came\n"
	"	echo $4 >$3\n"
	"}\n"
	"in_qtree() { # TEXT\n"
	"	qmp '{\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"info qtree\"}}' |\n"
	"		grep -q \"$1\"\n"
	"}\n"
	"throttled() { await 'no port is held up' in_qtree \"$1throttle on\"; } # THE LINE UP TO THAT";

void trial_did_hosts(struct trial *t)
{
	trial_did(t, "%s", functions);
}

/* What is said to "a" comes into the first socket, what comes out of it is heard there. */
void repro_sockets(struct buf *b, const struct plan *plan)
{
	buf_addstr(b, "SELF=${SELF:-$(readlink -f \"$0\")} dir=${INSIDE:-$(mktemp -d)}\n"
		      "cd \"$dir\"\n"
		      "# Two socats have the other ends of sockets that go from QEMU to QEMU, and\n"
		      "# start this script again, in which they are open.\n"
		      "if [ -z \"${INSIDE:-}\" ]; then\n"
		      "	echo \"working in $dir\"\n"
		      "	export SELF INSIDE=\"$dir\"\n");
	for (int i = 0; i <= plan->n_pass; i++) {
		int id = 'a' + i;

		buf_addf(b, "	cat >step%d <<'END'\n", i);
		if (i)
			buf_addf(b, "echo $PPID >%c.pid\n", id - 1);
		if (i == plan->n_pass)
			buf_addstr(b, "exec sh \"$SELF\"\nEND\n");
		else
			buf_addf(
				b,
				"mkfifo %c.say %c.hear\n"
				"exec socat -lf socat.log -b 4096 'OPEN:%c.say,rdwr!!OPEN:%c.hear,rdwr' \\\n"
				"	'EXEC:sh step%d,fdin=%d,fdout=%d'\nEND\n",
				id, id, id, id, i + 1, plan->pass[i], plan->pass[i]);
	}
	buf_addstr(b, "	sh step0 || :\n"
		      "	exit \"$(cat status || echo 1)\"\n"
		      "fi\n");
}
