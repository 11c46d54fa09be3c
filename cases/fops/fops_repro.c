// SPDX-License-Identifier: GPL-2.0-or-later
/* fops_repro.c - a script as shell lines: the guest's calls by the same helper, the host by hand */
#include "cases/fops/fops.h"

#include <stdlib.h>
#include <string.h>

/* In the words of trial_did_hosts(). */
static const char functions[] =
	"mkfifo calls\n"
	"guest chardev-helper fops%s <calls >said 2>&1 &\n"
	"exec 7>calls\n"
	"last=%zu # port\n"
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
	"chardev() { # PORT WORD: wait until query-chardev says that of it\n"
	"	until qmp '{\"execute\": \"query-chardev\"}' | tr '{' '\\n' |\n"
	"		grep \"\\\"c$1\\\"\" | grep -q \"$2\"; do sleep 0.2; done\n"
	"}\n"
	"reads_on() { # unlike the trial's host\n"
	"	undone=', though the host read more than it was to'\n"
	"	echo 'from here on it takes 64 KiB more than it is to hear'\n"
	"}\n"
	"host() { # PORT WHAT [N]\n"
	"	id=c$1 in=$((100 + $1)) out=$((200 + $1))\n"
	"	sent=$(passed $((3 + 2 * $1))) heard=$(count $id.heard)\n"
	"	case $2 in\n"
	"	open) come $id ;;\n"
	"	close) go $id ;;\n"
	"	send) say $id $in $(count $id.said) $3\n"
	"		add $id.said $3 ;;\n"
	"	floods) # more than is taken while nobody reads\n"
	"		say $id $in $(count $id.said) 500000 &\n"
	"		add $id.said 500000; sleep 3 ;;\n"
	"	hears) hear $id $out $id.heard $3\n"
	"		[ $3 -ge $((sent - heard)) ] || reads_on ;;\n"
	"	hears-all) hear $id $out $id.heard $((sent - heard)) ;;\n"
	"	hears-half) hear $id $out $id.heard $(((sent - heard) / 2)); reads_on ;;\n"
	"	expects) echo $((sent + $3)) >$id.expected ;;\n"
	"	hears-expected) hear $id $out $id.heard $(($(cat $id.expected) - heard)) ;;\n"
	"	misses) add $id.heard $3 ;;\n"
	"	misses-all) add $id.heard $((sent - heard)) ;;\n"
	"	takes) hear_some $id $out $id.heard\n"
	"		echo \"of $((sent - heard)) bytes $some came\" ;;\n"
	"	resumes) hear_last $id $out $id.heard $sent $3 ;;\n"
	"	throttled) throttled '' ;;\n"
	"	frontend) [ \"$3\" = open ] && chardev \"$1\" 'frontend-open\": true' ||\n"
	"		chardev \"$1\" 'frontend-open\": false' ;;\n"
	"	gone) chardev \"$1\" disconnected ;;\n"
	"	open-all | close-all) # for QEMU all at once\n"
	"		kill -STOP $qemu\n"
	"		for i in $(seq 0 $last); do if [ $2 = open-all ]; then come c$i; else go c$i; fi; done\n"
	"		kill -CONT $qemu ;;\n"
	"	weighs | watches) echo 'only the trial does:' ;;\n"
	"	*) undone=', though not all was done by hand'; echo 'not done by hand:' ;;\n"
	"	esac\n"
	"	echo \"the host of port $1: $2 ${3:-}\"\n"
	"}";

void fops_did_begin(struct trial *t, const char *nodes)
{
	size_t n = 0;

	for (const char *at = nodes; *at; at++)
		n += *at == ' ';
	trial_did_hosts(t);
	trial_did(t, functions, nodes, n - 1);
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
		     "end='every call gave what it should, every byte came as it was sent'");
}
