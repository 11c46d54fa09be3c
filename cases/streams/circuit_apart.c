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

void circuit_again_apart(struct circuit *r)
{
	char *line =
		xasprintf("mkfifo " COMMANDS " && { chardev-helper copy %s %s --control " COMMANDS
			  " </dev/null >" WORDS " 2>&1 & } && echo $! >" PID,
			  r->from, r->to);
	free(trial_guest_in(r->t, r->rig, line));
	free(line);
}

void circuit_start_apart(struct circuit *r, struct trial *t, struct chr *a, struct chr *b)
{
	circuit_init(r, t, a, b);
	circuit_again_apart(r);
	circuit_flow(r, CIRCUIT_WARM_UP);
	rig_lap(&t->rig, "circuit");
}

/* Half of the buffers that the driver gives the device of QEMU 7.2, 128 of a page each. */
#define HELD (256U << 10)

void circuit_stop(struct circuit *r)
{
	free(trial_guest_in(r->t, r->rig, "kill -STOP $(cat " PID ")"));
}

void circuit_hold(struct circuit *r)
{
	circuit_stop(r);
	circuit_pour(r, HELD);
}

void circuit_let_go(struct circuit *r)
{
	free(trial_guest_in(r->t, r->rig, "kill -CONT $(cat " PID ")"));
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
	char *words = trial_guest_in(r->t, r->rig,
				     "echo end >" COMMANDS " && until grep -q '^1\\.\\.' " WORDS
				     "; do usleep 5000; done; cat " WORDS);

	trial_note(r->t, "the helper in the guest: %s", words);
	CHECK(r->t, copied_all(r, words, may_lose),
	      "the helper in the guest, of %" PRIu64 " bytes: %s", r->sent, words);
	free(words);
}
