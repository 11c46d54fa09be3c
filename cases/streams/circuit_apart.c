// SPDX-License-Identifier: GPL-2.0-or-later
/* circuit_apart.c - a stream whose helper runs by itself in the guest: its words are in a file, its
 * commands come by a FIFO */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/streams/circuit.h"

#define WORDS	 "/tmp/copy.tap"
#define COMMANDS "/tmp/copy.ctl"
#define PID	 "/tmp/copy.pid"

/* What copies in the guest; both nodes are open then. A terminal takes bytes for lines until it is
 * opened, and raw. */
static char *copier(const struct circuit *r)
{
	const struct variant *v = &r->t->spec->variant;

	return xasprintf("mkfifo " COMMANDS " && { chardev-helper copy %s %s --control " COMMANDS
			 "%s </dev/null >" WORDS " 2>&1 & } && echo $! >" PID
			 " && until grep -q to-open " WORDS "; do usleep 5000; done",
			 r->from, r->to, circuit_is_uart(v) ? " --baud 115200" : "");
}

void circuit_again_apart(struct circuit *r)
{
	char *line = copier(r);

	free(trial_guest_in(r->t, r->rig, line));
	free(line);
}

void circuit_start_apart(struct circuit *r, struct trial *t, struct chr *a, struct chr *b)
{
	circuit_init(r, t, a, b);
	circuit_await_node(r, CIRCUIT_FROM);
	circuit_await_node(r, CIRCUIT_TO);
	circuit_again_apart(r);
	circuit_flow(r, CIRCUIT_WARM_UP);
	rig_lap(&t->rig, "circuit");
}

/* Half of the buffers that the driver gives the device of QEMU 7.2, 128 of a page each. */
#define HELD (256U << 10)

#define HOLD   "kill -STOP $(cat " PID ")"
#define LET_GO "kill -CONT $(cat " PID ")"
#define END                                                                                        \
	"echo end >" COMMANDS " && until grep -q '^1\\.\\.' " WORDS                                \
	"; do usleep 5000; done; cat " WORDS

void circuit_stop(struct circuit *r)
{
	free(trial_guest_in(r->t, r->rig, HOLD));
}

void circuit_hold(struct circuit *r)
{
	circuit_stop(r);
	circuit_pour(r, HELD);
}

void circuit_let_go(struct circuit *r)
{
	free(trial_guest_in(r->t, r->rig, LET_GO));
}

/* It has written all that it read; and that was all that was sent, if nothing was lost before. */
static bool copied_all(const struct circuit *r, const char *words, bool may_lose)
{
	const char *at = strstr(words, "ok 1 - copied ");
	uint64_t out, in;

	return at && at == strstr(words, "ok ") &&
	       sscanf(at, "ok 1 - copied %" SCNu64 " of %" SCNu64 " bytes read", &out, &in) == 2 &&
	       out == in && (may_lose || in == r->sent);
}

void circuit_end_apart(struct circuit *r, bool may_lose)
{
	char *words = trial_guest_in(r->t, r->rig, END);

	trial_note(r->t, "the helper in the guest: %s", words);
	CHECK(r->t, copied_all(r, words, may_lose),
	      "the helper in the guest, of %" PRIu64 " bytes: %s", r->sent, words);
	free(words);
}

/*
 * The same by hand, in the words of trial_did_hosts(): our end A is "a", B is "b". What has gone in and
 * come out is counted in the files "sent" and "heard".
 */
static const char functions[] =
	"pour() { # N: the next bytes of the stream go in, as far as there is room\n"
	"	payload %u $(($(count sent) + $1)) | tail -c $1 >poured\n"
	"	cat poured >a.say &\n"
	"	add sent $1\n"
	"	echo \"$1 bytes more go in\"\n"
	"}\n"
	"rest() { hear b %u heard $(($(count sent) - $(count heard))); } # all comes out\n"
	"hold() { # the guest does not read what comes\n"
	"	guest '" HOLD "' </dev/null\n"
	"	pour %u\n"
	"	sleep 2 # QEMU has read it by then\n"
	"}\n"
	"let_go() { guest '" LET_GO "' </dev/null; }\n"
	"stall() { # nobody reads what comes out, and all is full\n"
	"	plug b\n"
	"	pour 2000000\n"
	"	throttled 'port 2, guest on, host on, '\n"
	"}\n"
	"finish() { # what copies, and QEMU; and not a byte more comes\n"
	"	guest \"" END "\" </dev/null >words\n"
	"	grep \"^ok 1 - copied $(count sent) of $(count sent) bytes read\" words\n"
	"	qmp '{\"execute\": \"quit\"}'; wait $qemu\n"
	"	take b; [ ! -s came ]\n"
	"	end='every byte came once and in order'\n"
	"}\n"
	"guest '%s' </dev/null\n"
	"pour 65536; rest";

void circuit_did_apart(struct circuit *r)
{
	char *line = copier(r);

	trial_did(r->t, functions, CIRCUIT_SEED, CIRCUIT_SEED, HELD, line);
	free(line);
}
