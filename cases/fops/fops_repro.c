// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fops_repro.c - a script as shell lines: the guest's calls by the same helper, the host by hand
 *
 * The host's bytes go through two FIFOs, so that it reads only when a line says so; socat holds
 * some 64 KiB, a FIFO as much.
 */
#include "cases/fops/fops.h"

#include <stdlib.h>
#include <string.h>

static const char functions[] =
	"mkfifo calls\n"
	"guest chardev-helper fops%s <calls >said 2>&1 &\n"
	"exec 7>calls\n"
	"n=0\n"
	"calls() { # LINES for the helper, which makes the calls and judges what they give\n"
	"	printf '%%s\\nmark\\n' \"$1\" >&7\n"
	"	until grep -q \"^# mark-$n \" said; do\n"
	"		if grep -e '^not ok' -e '^Bail out' said; then exit 1; fi\n"
	"		sleep 0.1\n"
	"	done\n"
	"	echo \"$1\"\n"
	"	n=$((n + 1))\n"
	"}\n"
	"passed() { grep '^# mark-' said | tail -n 1 | cut -d' ' -f\"$1\"; }\n"
	"count() { cat \"$1\" 2>/dev/null || echo 0; }\n"
	"chardev() { # PORT WORD: wait until query-chardev says that of it\n"
	"	until qmp '{\"execute\": \"query-chardev\"}' | tr '{' '\\n' |\n"
	"		grep \"\\\"c$1\\\"\" | grep -q \"$2\"; do sleep 0.2; done\n"
	"}\n"
	"come() { # PORT: the host\n"
	"	if [ ! -p c$1.say ]; then\n"
	"		mkfifo c$1.say c$1.hear\n"
	"		sleep 9999 <>c$1.say & # keeps them open\n"
	"		sleep 9999 <>c$1.hear &\n"
	"	fi\n"
	"	connect c$1 <c$1.say >c$1.hear &\n"
	"	echo $! >c$1.pid\n"
	"	sleep 1 # it is connected by then\n"
	"}\n"
	"say() { # PORT N\n"
	"	payload $((100 + $1)) $(($(count c$1.said) + $2)) | tail -c \"$2\" >c$1.say\n"
	"}\n"
	"said() { echo $(($(count c$1.said) + $2)) >now; mv now c$1.said; }\n"
	"hear() { # PORT N: the next bytes\n"
	"	timeout 20 head -c \"$2\" <c$1.hear >came || :\n"
	"	payload $((200 + $1)) $(($(count c$1.heard) + $2)) | tail -c \"$2\" | cmp - came\n"
	"	forget \"$1\" \"$2\"\n"
	"}\n"
	"forget() { echo $(($(count c$1.heard) + $2)) >now; mv now c$1.heard; }\n"
	"host() { # PORT WHAT [N]\n"
	"	sent=$(passed $((3 + 2 * $1))) heard=$(count c$1.heard)\n"
	"	case $2 in\n"
	"	open) come \"$1\" ;;\n"
	"	close) kill \"$(cat c$1.pid)\"\n"
	"		for f in c$1.say c$1.hear; do timeout 1 cat $f >/dev/null || :; done ;;\n"
	"	send) say \"$1\" \"$3\"; said \"$1\" \"$3\" ;;\n"
	"	floods) say \"$1\" 500000 & # more than is taken while nobody reads\n"
	"		sleep 3; said \"$1\" 500000 ;;\n"
	"	hears) hear \"$1\" \"$3\" ;;\n"
	"	hears-all) hear \"$1\" $((sent - heard)) ;;\n"
	"	hears-half) hear \"$1\" $(((sent - heard) / 2)) ;;\n"
	"	expects) echo $((sent + $3)) >c$1.expected ;;\n"
	"	hears-expected) hear \"$1\" $(($(cat c$1.expected) - heard)) ;;\n"
	"	misses) forget \"$1\" \"$3\" ;;\n"
	"	misses-all) forget \"$1\" $((sent - heard)) ;;\n"
	"	takes) timeout 2 cat c$1.hear >came || :\n"
	"		payload $((200 + $1)) \"$sent\" | tail -c +$((heard + 1)) |\n"
	"			head -c \"$(wc -c <came)\" | cmp - came\n"
	"		echo \"of $((sent - heard)) bytes $(wc -c <came) came\"\n"
	"		forget \"$1\" \"$(wc -c <came)\" ;;\n"
	"	resumes) timeout 3 cat c$1.hear >came || :\n"
	"		payload $((200 + $1)) \"$sent\" | tail -c \"$3\" >last\n"
	"		tail -c \"$3\" came | cmp - last\n"
	"		forget \"$1\" $((sent - heard)) ;;\n"
	"	throttled) until qmp '{\"execute\": \"human-monitor-command\", \"arguments\":"
	" {\"command-line\": \"info qtree\"}}' | grep -q 'throttle on'; do sleep 0.2; done ;;\n"
	"	frontend) [ \"$3\" = open ] && chardev \"$1\" 'frontend-open\": true' ||\n"
	"		chardev \"$1\" 'frontend-open\": false' ;;\n"
	"	gone) chardev \"$1\" disconnected ;;\n"
	"	*) echo 'the next is not done by hand, what follows may differ:' ;;\n"
	"	esac\n"
	"	echo \"the host of port $1: $2 ${3:-}\"\n"
	"}";

void fops_did_begin(struct trial *t, const char *nodes)
{
	trial_did(t, functions, nodes);
}

void fops_did_calls(struct trial *t, const char *calls)
{
	struct buf quoted = BUF_INIT;
	char *lines;

	if (!*calls)
		return;
	lines = xstrndup(calls, strlen(calls) - 1); /* without the last one's end */
	text_quote_sh(&quoted, lines);
	trial_did(t, "calls %s", quoted.data);
	buf_release(&quoted);
	free(lines);
}

void fops_did_rest(struct trial *t, size_t port)
{
	trial_did(
		t,
		"rest=$(($(count c%zu.said) - $(passed %zu)))\ncalls \"read-all %c $rest = $rest\"",
		port, 4 + 2 * port, (int)('a' + port));
}

void fops_did_host(struct trial *t, size_t port, const char *what)
{
	trial_did(t, "host %zu %s", port, what);
}

void fops_did_end(struct trial *t)
{
	trial_did(t, "echo end >&7\nuntil grep '^1\\.\\.' said; do sleep 0.1; done\n"
		     "echo 'every call gave what it should, every byte came as it was sent'");
}
