// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * datagrams.c - datagrams to a guest that does not read
 *
 * Nothing holds their sender up. QEMU reads one when the device takes it, the host's kernel keeps
 * as many as its socket's buffer takes, and drops those that come then, whole, and counts them
 * (udp(7); qemu/chardev/char-udp.c udp_chr_read_poll()). So each one comes whole and once, in
 * order, but for as many as were counted.
 */
#include "cases/fops/play.h"

#include <inttypes.h>
#include <stdlib.h>

#define SEND_MS	  20000
#define ARRIVE_MS 20000
#define LAST_MS	  20000
#define LOOK_MS	  20

static void send_piece(struct play *p, struct end *e, uint64_t at)
{
	char piece[CHR_DATAGRAM];

	payload_fill(&e->to_guest, at, piece, sizeof(piece));
	CHECK(p->t,
	      chr_write_all(e->chr, piece, sizeof(piece), deadline_in(SEND_MS)) == sizeof(piece),
	      "the host end of %s does not send its datagram", e->chr->id);
}

void play_overflow(struct play *p, struct end *e, uint64_t n)
{
	unsigned long dropped;

	e->drops = chr_host_drops(e->chr);
	for (e->pieces = 0; e->pieces < n; e->pieces++, e->sent += CHR_DATAGRAM)
		send_piece(p, e, e->sent);
	dropped = chr_host_drops(e->chr) - e->drops;
	trial_note(p->t, "of %" PRIu64 " datagrams %lu are dropped", n, dropped);
	CHECK(p->t, dropped > 0, "of %" PRIu64 " datagrams that nobody reads none is dropped", n);
}

/* Has it come? The helper says how many did with it. False: it was dropped, too. */
static bool arrives(struct play *p, struct end *e, unsigned long drops)
{
	struct deadline d = deadline_in(ARRIVE_MS);

	while (!helper_await(p->helper, "pieces", NULL, LOOK_MS)) {
		CHECK(p->t, !helper_failed(p->helper), "the guest does not read datagrams");
		if (chr_host_drops(e->chr) != drops)
			return false;
		CHECK(p->t, !deadline_passed(d), "a datagram that was not dropped does not come");
	}
	return true;
}

void play_last_piece(struct play *p, struct end *e)
{
	struct deadline d = deadline_in(LAST_MS);
	unsigned long drops;
	uint64_t want;
	char *told;

	do {
		CHECK(p->t, !deadline_passed(d),
		      "every datagram is dropped, though the guest reads");
		drops = chr_host_drops(e->chr);
		send_piece(p, e, e->sent);
		e->pieces++;
	} while (!arrives(p, e, drops));
	e->sent += CHR_DATAGRAM;
	want = e->pieces - (chr_host_drops(e->chr) - e->drops);
	told = tap_diag(&p->helper->tap, "pieces");
	CHECK(p->t, strtoull(told, NULL, 10) == want,
	      "of %" PRIu64 " datagrams %lu were dropped, but %s have come", e->pieces,
	      chr_host_drops(e->chr) - e->drops, told);
	free(told);
}

/* 4 MB: several times what QEMU, its socket and the guest's queue (1024 buffers) hold. */
static const char datagrams_script[] = "open a 0 rdwr = ok\n"
				       "host open\n"
				       "%s"
				       "host send 5\n"
				       "read-all a 5 = 5\n"
				       "host weighs\n"
				       "host overflows 4000\n"
				       "host watches\n"
				       "write a 10 = 10\n"
				       "host hears 10\n"
				       "A: pieces a 1024 4000\n"
				       "host last-piece\n"
				       "A = ok\n"
				       "host send 7\n"
				       "read-all a 7 = 7\n"
				       "write a 20 = 20\n"
				       "host hears 20\n"
				       "close a = ok";

CASE(flow_datagrams, .id = "fops.datagrams",
     .title = "of datagrams for a guest that does not read those come that a socket's buffer took, "
	      "whole, once and in order; QEMU keeps none of the others, and answers",
     .clause = "qemu/chardev/char-udp.c udp_chr_read_poll()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", "backend", NULL},
     .lacks = fops_lacks, .plan = fops_plan)
{
	bool tty = trial_is(t, "device", "virtconsole");
	char *script = xasprintf(datagrams_script, tty ? "" : "until a = OUT\n");

	fops_run(t, script);
	free(script);
}
