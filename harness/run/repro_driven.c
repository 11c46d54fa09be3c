// SPDX-License-Identifier: GPL-2.0-or-later
/* repro_driven.c - the script of a trial without a guest: what its log has over qtest, again */
#include <stdlib.h>

#include "harness/base/io.h"
#include "harness/run/repro_parts.h"
#include "harness/run/wire.h"

void repro_rom(struct buf *b)
{
	buf_addstr(b, "printf '\\372\\364\\353\\375' | dd of=halt.bin bs=1 seek=65520 status=none\n"
		      "truncate -s 65536 halt.bin\n");
}

static const char hosts[] =
	"mouth() { # ID: what is written to ID.say is what it says, until it leaves\n"
	"	[ -p \"$1.say\" ] || mkfifo \"$1.say\"\n"
	"	sleep 9999 >\"$1.say\" & # keeps it open\n"
	"}\n"
	"open() { # ID: our end of that chardev; ID.heard is what arrives\n"
	"	mouth \"$1\"; connect \"$1\" <\"$1.say\" >>\"$1.heard\" 2>&1 &\n"
	"	echo $! >\"$1.pid\"; sleep 1 # it is connected by then\n"
	"}\n"
	"client() { # NAME ADDRESS: one more\n"
	"	mouth \"$1\"; socat STDIO \"$2\",shut-none <\"$1.say\" >>\"$1.heard\" 2>&1 &\n"
	"	echo $! >\"$1.pid\"; sleep 1\n"
	"}\n"
	"port() { # where a chardev listens\n"
	"	qmp '{\"execute\": \"query-chardev\"}' |\n"
	"		sed -n 's/.*:127.0.0.1:\\([0-9]*\\),server=on.*/\\1/p'\n"
	"}\n"
	"say() { # ID TEXT\n"
	"	printf \"$2\" >\"$1.say\"; sleep 0.2 # it is there by then\n"
	"}\n"
	"leave() { kill \"$(cat \"$1.pid\")\" || :; sleep 0.2; }\n";

static const char replay[] =
	"from=1\n"
	"replay() { # LINE: what the driver did, up to this line of the log\n"
	"	sed -n \"$from,$1p\" \"$LOG\" | grep -E '^(in|out|read|write|memset|irq_)' |\n"
	"		socat -t 5 - UNIX-CONNECT:qtest.sock,retry=50,interval=0.1 | tail -n 3\n"
	"	from=$(($1 + 1))\n"
	"}\n";

void repro_driven(struct buf *b, const struct trial *t)
{
	char *folder = file_absolute(".");

	buf_addstr(b, "LOG=${LOG:-");
	text_quote_sh(b, folder ? folder : ".");
	buf_addstr(b, "/" TARGET_QTEST_LOG "} # of the trial\n");
	buf_addstr(b, replay);
	buf_addstr(b, hosts);
	buf_addstr(b, "until [ -S qtest.sock ]; do sleep 0.1; done\n");
	free(folder);
	if (t->did.len)
		return;
	for (size_t i = 0; i < t->plan.n_chrs; i++)
		buf_addf(b, "open %s\n", t->plan.chrs[i].id);
	buf_addstr(b, "replay \"$(wc -l <\"$LOG\")\"\n");
}
